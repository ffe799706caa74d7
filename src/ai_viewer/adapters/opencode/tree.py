"""Sessions in a tree of JSON files, as opencode kept them before it had a database.

::

    storage/session/<project>/<session>.json
    storage/message/<session>/<message>.json
    storage/part/<message>/<part>.json
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import PurePosixPath

from ai_viewer.adapters.base import Entry, Folder, Member, as_dict, as_str, as_whole
from ai_viewer.adapters.opencode.records import (
    Row,
    broken_record,
    message_records,
    read,
    read_messages,
    session_record,
    sort_messages,
)


def members(folder: Folder, storage: str, since: int | None, changed: str | None) -> Iterator[Member]:
    """Yield the sessions of the tree ``storage`` that may have changed.

    With ``since``, the parts of all but a session's latest message are not looked at: opencode
    writes a message's file when its last part is written.
    """
    only = _session_of(folder, storage, changed) if changed is not None else None
    for name, path, entry in _sessions(folder, storage):
        if only is not None and name != only:
            continue
        messages = _messages(folder, storage, name, partial(folder.read, path))
        if since is not None and only is None and not _is_new(folder, storage, entry, messages, since):
            continue
        files = [entry, *(message for _, message in messages)]
        for _, message in messages:
            files += _files(folder, f"{storage}/part/{_stem(message)}")
        # Each file weighs a byte more than it has: an old and empty one that comes is a change as well.
        yield Member(name, sum(file.size + 1 for file in files), max(file.mtime_ns for file in files))


def _session_of(folder: Folder, storage: str, changed: str) -> str | None:
    """The name of the session that the file ``changed`` is of; ``None`` if that cannot be told."""
    kind, *parents = PurePosixPath(changed).relative_to(storage).parent.parts or ("",)
    if kind == "session":
        return PurePosixPath(changed).stem
    if kind == "message" and parents:
        return parents[0]
    try:
        return as_str(read(folder.read(changed))[0].get("sessionID")) if kind == "part" else None
    except OSError:
        return None


def _is_new(
    folder: Folder, storage: str, entry: Entry, messages: list[tuple[str, Entry]], since: int
) -> bool:
    if entry.mtime_ns >= since or any(message.mtime_ns >= since for _, message in messages):
        return True
    latest = max((message for _, message in messages), key=lambda message: message.name, default=None)
    if latest is None:
        return False
    return any(part.mtime_ns >= since for part in _files(folder, f"{storage}/part/{_stem(latest)}"))


def _sessions(folder: Folder, storage: str) -> Iterator[tuple[str, str, Entry]]:
    """Yield each session's name, path and file: of two by one name, as after a move, the newer."""
    found: dict[str, tuple[str, Entry]] = {}
    for project in folder.entries(f"{storage}/session"):
        if not project.is_folder:
            continue
        within = f"{storage}/session/{project.name}"
        for entry in _files(folder, within):
            known = found.get(_stem(entry))
            if known is None or known[1].mtime_ns < entry.mtime_ns:
                found[_stem(entry)] = (f"{within}/{entry.name}", entry)
    for name, (path, entry) in sorted(found.items()):
        yield name, path, entry


def _messages(
    folder: Folder, storage: str, name: str, read_session: Callable[[], bytes]
) -> list[tuple[str, Entry]]:
    """Paths and files of a session's messages: below its name, or below the id in its file."""
    found = _messages_below(folder, f"{storage}/message/{name}")
    if found:
        return found
    try:
        told = as_str(read(read_session())[0].get("id"))
    except OSError:
        return []
    if told is None or told == name or "/" in told:
        return []
    return _messages_below(folder, f"{storage}/message/{told}")


def _messages_below(folder: Folder, path: str) -> list[tuple[str, Entry]]:
    return [(f"{path}/{entry.name}", entry) for entry in _files(folder, path)]


def records(folder: Folder, storage: str, name: str) -> Iterator[bytes]:
    """Yield the session ``name`` and its messages."""
    path, data = _session_file(folder, storage, name)
    _, reason = read(data)
    yield session_record(name, data) if reason is None else broken_record(path, reason, data)
    rows = [
        Row(_stem(entry), folder.read(message))
        for message, entry in _messages(folder, storage, name, lambda: data)
    ]
    messages, broken = read_messages(rows)
    for row, reason in broken:
        yield broken_record(f"message {row.id}", reason, row.data)
    for message in sort_messages(messages):
        yield from message_records(message, _parts(folder, f"{storage}/part/{message.row.id}"))


def _session_file(folder: Folder, storage: str, name: str) -> tuple[str, bytes]:
    """Path and bytes of a session's file: of two, as after a move to another project, the newer."""
    found: list[tuple[int, str, bytes]] = []
    for project in folder.entries(f"{storage}/session"):
        path = f"{storage}/session/{project.name}/{name}.json"
        try:
            data = folder.read(path)
        except OSError:
            continue
        found.append((as_whole(as_dict(read(data)[0].get("time")).get("updated")), path, data))
    if not found:
        raise FileNotFoundError(
            errno.ENOENT, "the session's file is gone", f"{storage}/session/*/{name}.json"
        )
    _, path, data = max(found)
    return path, data


def _parts(folder: Folder, path: str) -> Iterator[Row]:
    for entry in _files(folder, path):
        yield Row(_stem(entry), folder.read(f"{path}/{entry.name}"))


def _files(folder: Folder, path: str) -> list[Entry]:
    return [entry for entry in folder.entries(path) if not entry.is_folder and entry.name.endswith(".json")]


def _stem(entry: Entry) -> str:
    return entry.name.removesuffix(".json")
