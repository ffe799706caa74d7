"""What is taken for a secret, and what is not."""

from __future__ import annotations

import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_viewer.secrets import find, mask

RANDOM = "Zx81kd92JdkLs0sKdl29dkslQpw7Vb3nM5cR8tY1uH4gF6eW"
"""Looks random, and belongs to nobody."""
DIGITS = "0123456789abcdef" * 4

KEYS = {
    "Anthropic key": f"sk-ant-api03-{RANDOM}",
    "OpenRouter key": f"sk-or-v1-{RANDOM}",
    "OpenAI key": f"sk-proj-{RANDOM}",
    "GitHub token": f"ghp_{RANDOM[:36]}",
    "GitLab token": f"glpat-{RANDOM[:20]}",
    "AWS access key": "AKIA" + "Q3EGRVYNB2KDTWZM",
    "Slack token": f"xoxb-{DIGITS[:12]}-{RANDOM[:24]}",
    "Stripe key": f"sk_live_{RANDOM[:24]}",
    "Google API key": f"AIza{RANDOM[:35]}",
    "Hugging Face token": f"hf_{string.ascii_letters[:34]}",
    "npm token": f"npm_{RANDOM[:36]}",
    "PyPI token": f"pypi-AgE{RANDOM}{RANDOM}",
    "Groq key": f"gsk_{RANDOM}",
    "SendGrid key": f"SG.{RANDOM[:22]}.{RANDOM[:43]}",
    "DigitalOcean token": f"dop_v1_{DIGITS}",
    "Vault token": f"hvs.{RANDOM[:30]}",
    "JSON web token": f"eyJ{RANDOM[:20]}.eyJ{RANDOM[:30]}.{RANDOM[:40]}",
    "bearer token": f"Authorization: Bearer {RANDOM}",
}

PEM = "-----BEGIN RSA PRIVATE KEY-----\n" + f"{RANDOM}{RANDOM[:16]}\n" * 5 + "-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(("kind", "text"), KEYS.items())
def test_keys_of_known_makers_are_told_by_their_kind(kind: str, text: str) -> None:
    for surrounded in (text, f"use {text} here", f'{{"a":"{text}"}}', f"ü→{text}\nmore"):
        masked = mask(surrounded)
        assert masked.counts == {kind: 1}, surrounded
        assert f"…[masked: {kind}]" in masked.text
        assert text[12:] not in masked.text


def test_four_characters_stay_to_tell_one_from_another() -> None:
    assert mask(f"key {KEYS['OpenAI key']}.").text == "key sk-p…[masked: OpenAI key]."


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ('password = "hunter2x"', 'password = "…[masked: password]"'),
        ("DB_PASSWORD=tr0ub4dor&3", "DB_PASSWORD=…[masked: password]"),
        ('{"password":"hunter2xyz"}', '{"password":"…[masked: password]"}'),
        (r"{\"password\":\"hunter2xyz\"}", r"{\"password\":\"…[masked: password]\"}"),
        ("postgres://me:s3cretpw@db/x", "postgres://me:…[masked: password in URL]@db/x"),
        (f"client_secret: {RANDOM}", "client_secret: Zx81…[masked: secret]"),
        (f"'apiKey': '{RANDOM}'", "'apiKey': 'Zx81…[masked: secret]'"),
    ],
)
def test_values_are_told_by_their_names(text: str, masked: str) -> None:
    assert mask(text).text == masked


def test_a_known_key_behind_a_name_is_told_as_what_it_is() -> None:
    assert mask(f"OPENAI_API_KEY={KEYS['OpenAI key']}").counts == {"OpenAI key": 1}
    assert mask(f"token: {KEYS['GitHub token']}").counts == {"GitHub token": 1}


@pytest.mark.parametrize("text", [PEM, PEM.replace("\n", "\\n"), PEM.rpartition("-----END")[0]])
def test_a_private_key_goes_whole_also_if_its_end_is_missing(text: str) -> None:
    masked = mask(f"before {text}\nafter it")
    assert masked.counts == {"private key": 1}
    assert RANDOM not in masked.text
    assert masked.text.startswith("before …[masked: private key]")
    assert masked.text.endswith("after it")


@pytest.mark.parametrize(
    "text",
    [
        "max_tokens: 4096, input_tokens=123456789",
        "tokenizer: meta-llama-3.1-8B-Instruct",
        "token = next_token",
        "const token = await getToken(session)",
        "password: string",
        'type="password" name="password"',
        "password = os.environ['PASSWORD']",
        "API_KEY=your_api_key_here_12345",
        "export OPENAI_API_KEY=sk-xxxxxxxxxxxxxxxxxxxxxxxx",
        "secret = process.env.CLIENT_SECRET_2",
        "risk-assessment-of-the-whole-project-2026",
        "a-task-with-a-very-long-name-1234567890",
        "https://example.com:8080/path@2x.png",
        "git@github.com:dev/project.git",
        "sha256:" + DIGITS,
        "3f8b2c1d-4e5f-4a6b-8c7d-9e0f1a2b3c4d",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert mask(text).text == text


PIECES = st.sampled_from(
    [*KEYS.values(), *KEYS, PEM, "password=", "secret: ", "sk-", "eyJ", "-----BEGIN ", ".eyJ", "://a:", "@",
     RANDOM, "\\n", '"', " ", "…", "ü", "[masked: ", "\ud83d"]
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=5), max_size=20).map("".join))
def test_masking_what_is_masked_changes_nothing(text: str) -> None:
    masked = mask(text)
    again = mask(masked.text)
    for kind in ("OpenAI key", "GitHub token", "npm token"):
        assert kind not in again.counts
    assert (masked.text == text) == (not masked.counts)


@given(st.lists(PIECES | st.text(max_size=5), max_size=20).map("".join))
def test_findings_follow_each_other_without_overlap(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    end = 0
    for finding in find(data):
        assert end <= finding.start < finding.end <= len(data)
        end = finding.end


@pytest.mark.serial
@pytest.mark.parametrize(
    "unit",
    ["secret=.sk-Zx81kd92JdkLs0sKdl29.", "-----BEGIN PRIVATE KEY-----", "password=", "https://",
     "-eyJaaaaaaaaaa-AKIAQ3EGRVYNB2KDTWZM-", "-eyJaaaaaaaaaa.eyJaaaaaaaaaa", "sk-sk-", "token:token:",
     "a@b:c://"],
)  # fmt: skip
def test_the_time_grows_with_the_text_and_no_faster(unit: str) -> None:
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        start = time.process_time()
        mask(text)
        return time.process_time() - start

    seconds(1000)
    small, large = seconds(40_000), seconds(640_000)
    # 16 times the text; a square would take 256 times as long.
    assert large < 80 * max(small, 0.001)


@pytest.mark.serial
def test_clean_text_is_read_at_50_mb_a_second() -> None:
    line = (
        "The parser reads 1,024 records (max_tokens: 4096) from /home/dev/project/src/main.py; all is well.\n"
    )
    text = line * 200_000
    start = time.process_time()
    assert mask(text).counts == {}
    assert len(text) / 1e6 / (time.process_time() - start) > 50
