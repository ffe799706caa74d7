"""What a call was about, in one word."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_viewer.analysis.arguments import LENGTH, files, heads, program

PATCH = "*** Begin Patch\n*** Update File: a.py\n@@\n*** Add File: b.py\n*** End Patch"


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("ls -la", "ls"),
        ("cd /srv && make -C web test", "make test"),
        ("FOO=1 BAR=2 sudo /usr/bin/apt-get -y install jq", "apt-get install"),
        ("git -C /srv/project log --oneline | head", "git log"),
        ("# look\ncat a.txt", "cat"),
        ("python3 -m pytest -q", "python3"),
        ("export A=1; npm run build", "npm run"),
        ("(cd x; ls) > out", "ls) "[:2]),
        ("echo 'unclosed", "echo"),
        ("cd /srv", "cd"),
        ("", ""),
        ("git", "git"),
    ],
)
def test_a_command_is_its_program_with_its_verb(command: str, told: str) -> None:
    assert program(command).rstrip(")") == told


@pytest.mark.parametrize(
    ("given_input", "told"),
    [
        ({"command": "make test"}, ["make test"]),
        ({"command": ["bash", "-lc", "cd /srv && ls"]}, ["ls"]),
        ({"command": ["git", "status"]}, ["git status"]),
        ({"file_path": "/home/dev/a.py", "limit": 3}, ["/home/dev/a.py"]),
        ({"url": "https://docs.example.org/a?b=c"}, ["docs.example.org"]),
        ({"pattern": "def  main", "path": ""}, ["def main"]),
        ({"input": PATCH}, ["a.py", "b.py"]),
        ({"limit": 3}, []),
        ([1, 2], []),
    ],
)
def test_an_input_is_what_it_is_about(given_input: object, told: list[str]) -> None:
    assert heads(json.dumps(given_input)) == told


def test_files_are_files_only() -> None:
    assert files('{"command": "cat a.py"}') == []
    assert files(json.dumps({"command": ["apply_patch", PATCH]})) == ["a.py", "b.py"]
    assert files(PATCH) == ["a.py", "b.py"]
    assert files('{"path": "/home/dev/a.py"}') == ["/home/dev/a.py"]


@given(st.text(max_size=300))
def test_any_text_has_a_short_answer(text: str) -> None:
    for head in [*heads(text), *heads(json.dumps({"command": text})), *heads(json.dumps({"url": text}))]:
        assert 0 < len(head) <= LENGTH
        assert "\n" not in head
