"""What is taken for a secret: a table of patterns, tried all at once.

Most keys begin with letters that their maker chose so that scanners know them: these are
masked wherever they stand. What has no such beginning is masked where its name says that it is
one: ``password = "…"``, ``"api_key": "…"``, ``https://user:…@host``; there the value must
look random, or be quoted, so that ``max_tokens: 4096`` and ``token = next_token`` stay.

RE2 runs the table: in time linear in the text, whatever that text is made of. The patterns
are its dialect (no lookaround) and see UTF-8 bytes.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator

import msgspec
import re2

KEPT_CHARACTERS = 4
"""How much of a secret stays, to tell one from another."""
_SHORT = 16
"""Of a shorter one nothing stays: four characters of a password are half of it."""


class Finding(msgspec.Struct, frozen=True):
    """A secret of the kind ``rule`` in the bytes from ``start`` to ``end``."""

    rule: str
    start: int
    end: int


class Masked(msgspec.Struct, frozen=True):
    """A text without its secrets, and how many of each kind there were."""

    text: str
    counts: dict[str, int]


class _Rule(msgspec.Struct, frozen=True):
    """``pattern`` finds it; group 1, if there is one, is the secret; ``holds`` has the last word."""

    name: str
    pattern: str
    holds: Callable[[bytes], bool]


def _entropy(value: bytes) -> float:
    """Bits a byte, by how often each one comes."""
    size = len(value)
    return -sum(count / size * math.log2(count / size) for count in Counter(value).values())


def _always(_: bytes) -> bool:
    return True


def _is_random(value: bytes) -> bool:
    """Tell a key from a word made of words: letters and digits, few of them twice."""
    return (
        len(value) >= 12
        and any(48 <= byte < 58 for byte in value)
        and any(chr(byte).isalpha() for byte in value)
        and _entropy(value) >= 3.0
        and not _PLACEHOLDER.search(value)
    )


def _is_password(value: bytes) -> bool:
    """Tell a password from a placeholder and from a name in code."""
    quoted = value[:1] in {b'"', b"'"}
    bare = value.strip(b"\"'")
    return (
        len(bare) >= 6
        and _entropy(bare) >= 2.2
        and not _PLACEHOLDER.search(bare)
        and (quoted or (re.search(rb"\d", bare) and re.search(rb"[A-Za-z]", bare)) is not None)
        and not (quoted and re.fullmatch(rb"[a-z]+(?:[_.-][a-z]+)*|[A-Z]+(?:_[A-Z]+)*", bare) is not None)
    )


_PLACEHOLDER = re.compile(
    rb"(?i)example|placeholder|change_?me|your[_-]|dummy|redacted|masked|x{4}|\*{3}|\.\.\.|^[$%]|"
    rb"process\.env|os\.environ|getenv"
)

_RULES = (
    _Rule(
        "private key",
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
        r"(?:(?:[A-Za-z0-9+/=\s\\:,.→|]|-[A-Za-z])*-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
        r"|(?:(?:[\s0-9→|]|\\[nr])*[A-Za-z0-9+/=]{20,1000})+)",
        _always,
    ),
    _Rule("Anthropic key", r"\bsk-ant-[A-Za-z0-9_-]{20,}", _is_random),
    _Rule("OpenRouter key", r"\bsk-or-[A-Za-z0-9_-]{20,}", _is_random),
    _Rule("OpenAI key", r"\bsk-[A-Za-z0-9_-]{20,}", _is_random),
    _Rule("GitHub token", r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})", _always),
    _Rule("GitLab token", r"\bgl(?:pat|ptt|dt|rt|cbt|soat|ft|oas|agent)-[A-Za-z0-9_.-]{20,}", _is_random),
    _Rule("AWS access key", r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b", _always),
    _Rule("Slack token", r"\bxox[abceprs]-[A-Za-z0-9-]{10,}|\bxapp-[A-Za-z0-9-]{20,}", _is_random),
    _Rule("Slack webhook", r"https://hooks\.slack\.com/(?:services|workflows)/([A-Za-z0-9+/]{20,})", _always),
    _Rule("Stripe key", r"\b(?:[sr]k_(?:live|test|prod)_|whsec_)[A-Za-z0-9]{16,}", _is_random),
    _Rule("Google API key", r"\bAIza[A-Za-z0-9_-]{35}", _always),
    _Rule("Google OAuth token", r"\b(?:ya29\.[A-Za-z0-9_-]{20,}|GOCSPX-[A-Za-z0-9_-]{28})", _always),
    _Rule("Hugging Face token", r"\b(?:hf|api_org)_[A-Za-z]{34}\b", _always),
    _Rule("npm token", r"\bnpm_[A-Za-z0-9]{36}\b", _always),
    _Rule("PyPI token", r"\bpypi-AgE[A-Za-z0-9_-]{50,}", _always),
    _Rule("Groq key", r"\bgsk_[A-Za-z0-9]{40,}", _always),
    _Rule("xAI key", r"\bxai-[A-Za-z0-9]{60,}", _always),
    _Rule("Perplexity key", r"\bpplx-[A-Za-z0-9]{40,}", _always),
    _Rule("SendGrid key", r"\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{30,}", _always),
    _Rule("Twilio key", r"\bSK[0-9a-f]{32}\b", _always),
    _Rule("Telegram bot token", r"\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}\b", _always),
    _Rule("DigitalOcean token", r"\bdo[opr]_v1_[0-9a-f]{64}", _always),
    _Rule("Docker Hub token", r"\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}", _always),
    _Rule("Vault token", r"\bhv[sbr]\.[A-Za-z0-9_-]{24,}", _is_random),
    _Rule("age key", r"\bAGE-SECRET-KEY-1[A-Z0-9]{58}", _always),
    _Rule(
        "JSON web token",
        r"\beyJ[A-Za-z0-9_-]{10,1000}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,1000}",
        _always,
    ),
)

_NAMED = (
    _Rule(
        "password in URL",
        r"\b[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s/:@\"'<>]{0,100}:([^\s/:@\"'<>{}$]{3,200})@[A-Za-z0-9\[]",
        lambda value: not _PLACEHOLDER.search(value) and value.lower() not in {b"password", b"pass", b"pwd"},
    ),
    _Rule(
        "bearer token",
        r"(?i:\bbearer|\bauthorization[\"']?[:=]\s{0,3}[\"']?basic)\s+([A-Za-z0-9._~+/=-]{16,})",
        _is_random,
    ),
    _Rule(
        "password",
        r"(?i:passw(?:or)?d|passphrase|pwd)(?:[_A-Z-][A-Za-z0-9_-]{0,30})?\\{0,4}[\"']?\s{0,3}(?:[:=]|=>|:=)\s{0,3}"
        r"\\{0,4}([\"']?[^\s\"'\\,;<>\x28\x29{}\[\]…]{6,200})(?:[\s\"'\\,;<}]|$)",
        _is_password,
    ),
    _Rule(
        "secret",
        r"(?i:secret|token|credential|(?:api|access|private|secret|encryption|signing|account)[_-]?key)s?"
        r"(?:[_A-Z-][A-Za-z0-9_-]{0,30})?\\{0,4}[\"']?\s{0,3}(?:[:=]|=>|:=)\s{0,3}"
        r"\\{0,4}[\"']?([^\s\"'\\,;<>\x28\x29{}\[\]…]{12,400})(?:[\s\"'\\,;<}]|$)",
        _is_random,
    ),
)


def _compiled(pattern: str) -> re2._Regexp:
    options = re2.Options()
    # Bytes as they are: what lies outside ASCII is never part of a key's own letters.
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = 64 * 1024 * 1024
    options.log_errors = False
    return re2.compile(pattern.encode(), options)


_COMPILED = [(rule, _compiled(rule.pattern)) for rule in (*_RULES, *_NAMED)]
_KEYS = _COMPILED[: len(_RULES)]
_GROUP = re.compile(r"(?<!\\)\((?!\?)")
_ANY = _compiled("|".join(f"(?:{_GROUP.sub('(?:', rule.pattern)})" for rule, _ in _COMPILED))
"""All rules at once, without groups, whose places would cost as much as all the rest."""


def find(data: bytes) -> Iterator[Finding]:
    """Yield the secrets in a text (UTF-8), in order, none overlapping another."""
    end = 0
    for match in _ANY.finditer(data):
        start, stop = max(match.start(), end), match.end()
        for finding in _told(data, start, stop):
            if finding.start >= end:
                yield finding
                end = finding.end


def mask(text: str) -> Masked:
    """Return the text with its secrets masked: ``sk-a…[masked: OpenAI key]``."""
    data = text.encode("utf-8", "surrogatepass")
    parts: list[bytes] = []
    counts: Counter[str] = Counter()
    done = 0
    for finding in find(data):
        kept = data[finding.start : finding.end].decode("utf-8", "surrogatepass")
        kept = kept[:KEPT_CHARACTERS] if len(kept) >= _SHORT and not kept.startswith("-----") else ""
        parts += [data[done : finding.start], f"{kept}…[masked: {finding.rule}]".encode()]
        counts[finding.rule] += 1
        done = finding.end
    if not parts:
        return Masked(text, {})
    parts.append(data[done:])
    return Masked(b"".join(parts).decode("utf-8", "surrogatepass"), dict(counts))


def _told(data: bytes, start: int, stop: int) -> Iterator[Finding]:
    """What a match of any rule is: of the rules that match there, the first whose secret holds.

    A value that a name gives away may hold a key of a known kind: that is told as what it is.
    """
    part = data[start:stop]
    for rule, pattern in _COMPILED:
        match = pattern.match(part)
        if match is None:
            continue
        first, last = match.span(1 if pattern.groups else 0)
        if rule in _NAMED:
            known = list(_keys(part, first, last))
            if known:
                yield from (Finding(one.rule, start + one.start, start + one.end) for one in known)
                return
        if rule.holds(part[first:last]):
            if rule.name == "password" and part[first : first + 1] in {b'"', b"'"}:
                first += 1
            yield Finding(rule.name, start + first, start + last)
            return


def _keys(part: bytes, first: int, last: int) -> Iterator[Finding]:
    value = part[first:last]
    for rule, pattern in _KEYS:
        match = pattern.search(value)
        if match is not None:
            begin, end = match.span(1 if pattern.groups else 0)
            if rule.holds(value[begin:end]):
                yield Finding(rule.name, first + begin, first + end)
                return
