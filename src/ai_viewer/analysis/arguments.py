"""What a tool was asked to do, in one word: the program that a command runs, a file, a host.

{"command": "cd /srv && FOO=1 git commit -m x"}    git commit
{"file_path": "/home/dev/project/a.py", …}         /home/dev/project/a.py
{"url": "https://docs.example.org/a?b=c"}          docs.example.org
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import msgspec

LENGTH = 120
"""Characters of a head, at most."""

_COMMANDS = ("command", "cmd")
_FILES = ("file_path", "filePath", "notebook_path", "path", "absolute_path")
_ADDRESSES = ("url", "uri")
_WORDS = ("pattern", "query", "subagent_type", "skill", "name")
_PATCHED = re.compile(r"^\*\*\* (?:Add|Update|Delete) File: (.+)$", re.MULTILINE)
_SHELL = re.compile(r"(?:^|/)(?:ba|z|da)?sh$")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=.*")
_BEFORE_THE_PROGRAM = frozenset(("sudo", "env", "time", "nohup", "exec", "command", "then", "do", "!"))
_SETS_THE_SCENE = frozenset(("cd", "export", "set", "source", ".", "pushd", "ulimit", "umask"))
_HAS_VERBS = frozenset((
    "apt", "apt-get", "brew", "bun", "cargo", "docker", "gh", "git", "go", "kubectl", "make", "npm", "npx",
    "pip", "pnpm", "poetry", "systemctl", "terraform", "uv", "yarn",
))  # fmt: skip
_STEPS = re.compile(r"\s*(?:&&|\|\||;|\n)\s*")
_LATER = re.compile(r"[|<>&]")


def heads(text: str) -> list[str]:
    """Return what the call with this input is about: mostly one, of a patch all its files, or nothing.

    >>> heads('{"command": ["bash", "-lc", "cd /srv && FOO=1 /usr/bin/git -C x commit -m y"]}')
    ['git commit']
    >>> heads('{"file_path": "/home/dev/a.py"}'), heads('{"limit": 3}')
    (['/home/dev/a.py'], [])
    """
    told = _fields(text)
    head = _head(told)
    return _patched(text, told) or ([head] if head else [])


def files(text: str) -> list[str]:
    """Return the files that the call with this input is about.

    >>> files('{"command": "cat a.py"}'), files('{"path": "a.py"}')
    ([], ['a.py'])
    """
    told = _fields(text)
    file = _first(told, _FILES)
    return _patched(text, told) or ([_short(file)] if file else [])


def _patched(text: str, told: dict[str, Any]) -> list[str]:
    """Return the files of a patch, that is the input itself or, the input being JSON, one of its values."""
    texts = [text] if not told else [value for value in told.values() if isinstance(value, str)]
    if isinstance(command := told.get("command"), list):
        texts += [word for word in command if isinstance(word, str)]
    found = (_short(file) for part in texts for file in _PATCHED.findall(part))
    return list(dict.fromkeys(found))


def _fields(text: str) -> dict[str, Any]:
    try:
        told = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _head(told: dict[str, Any]) -> str:
    for name in _COMMANDS:
        command = told.get(name)
        if isinstance(command, list) and all(isinstance(word, str) for word in command):
            return program(_script(command))
        if isinstance(command, str) and command:
            return program(command)
    if file := _first(told, _FILES):
        return _short(file)
    if address := _first(told, _ADDRESSES):
        try:
            return _short(urlsplit(address).netloc or address)
        except ValueError:
            return _short(address)
    return _short(_first(told, _WORDS) or "")


def program(command: str) -> str:
    """Return the first program of a command that does something, with its verb if it has verbs.

    >>> program("sudo apt-get -y install jq | tail"), program("cd /srv"), program("# nothing")
    ('apt-get install', 'cd', '')
    """
    scene = ""
    for step in _STEPS.split(command):
        found = _program(step)
        if not found:
            continue
        if found not in _SETS_THE_SCENE:
            return found
        scene = scene or found
    return scene


def _program(step: str) -> str:
    if step.lstrip().startswith("#"):
        return ""
    simple = _LATER.split(step.lstrip("({ "), maxsplit=1)[0]
    try:
        words = shlex.split(simple)
    except ValueError:
        words = simple.split()
    while words and (_ASSIGNMENT.fullmatch(words[0]) or words[0] in _BEFORE_THE_PROGRAM):
        words.pop(0)
    if not words:
        return ""
    name = words[0].rstrip("/").rsplit("/", 1)[-1]
    if name in _HAS_VERBS:
        verb = next((word for word in _arguments(name, words[1:]) if not word.startswith("-")), "")
        return _short(f"{name} {verb}".strip())
    return _short(name)


def _arguments(name: str, words: list[str]) -> Iterable[str]:
    """The words that are no option's value: of ``git -C folder status`` the last."""
    takes_value = {"git": ("-C", "-c"), "make": ("-C", "-f"), "docker": ("-H",)}.get(name, ())
    skip = False
    for word in words:
        if not skip:
            yield word
        skip = word in takes_value


def _script(words: list[str]) -> str:
    """``["bash", "-lc", "make"]`` is the command ``make``."""
    if len(words) > 2 and _SHELL.search(words[0]) and re.fullmatch(r"-\w*c", words[1]):
        return words[2]
    return shlex.join(words)


def _first(told: dict[str, Any], names: Iterable[str]) -> str | None:
    return next((told[name] for name in names if isinstance(told.get(name), str) and told[name]), None)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LENGTH else f"{line[: LENGTH - 1]}…"
