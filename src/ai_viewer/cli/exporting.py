"""Write sessions to a file or stdout, or send them to a receiver of traces."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from ai_viewer import moments
from ai_viewer.cli import reading
from ai_viewer.cli.output import say
from ai_viewer.config import Config
from ai_viewer.errors import NotFoundError, UsageError
from ai_viewer.export import Exporter
from ai_viewer.export.exporter import FormatName
from ai_viewer.export.otlp import batches
from ai_viewer.export.push import push
from ai_viewer.secrets import Redactor
from ai_viewer.store import sessions
from ai_viewer.store.sessions import SessionFilter


def chosen(
    connection: reading.Connection, names: Sequence[str], wanted: SessionFilter | None, limit: int | None
) -> list[str]:
    """Return the ids of the sessions that were named, else of those that the filter lets through.

    Raises:
        UsageError: if there are neither names nor a filter, or both.
        NotFoundError: if there is no such session.
    """
    if names and wanted is not None:
        raise UsageError("name sessions, or describe them by options, not both")
    if names:
        return [reading.resolve(connection, name) for name in names]
    if wanted is None:
        raise UsageError("which session? `ai-viewer sessions` lists them; `--limit 20` takes the latest 20")
    found: list[str] = []
    cursor: str | None = None
    while limit is None or len(found) < limit:
        size = 500 if limit is None else min(500, limit - len(found))
        page = sessions.page(connection, wanted, now=moments.now(), cursor=cursor, limit=size)
        found += [row.id for row in page.sessions]
        cursor = page.next
        if cursor is None:
            break
    if not found:
        raise NotFoundError("no session is like that; `ai-viewer sessions` takes the same options")
    return found


def write(exporter: Exporter, ids: Sequence[str], form: FormatName, output: Path | None) -> None:
    """Write the file; one that could not be finished is not left behind."""
    with _target(output) as file:
        for part in exporter.write(ids, form):
            file.write(part)
    tell(exporter)


def send(exporter: Exporter, ids: Sequence[str], url: str, headers: Sequence[str]) -> None:
    """Send the sessions' spans to an OTLP receiver.

    Raises:
        UsageError: if the address or a header is none.
        PushError: if the receiver cannot be reached or refuses.
    """
    pairs = [header.partition("=") for header in headers]
    for name, equals, _ in pairs:
        if not equals or not name.strip():
            raise UsageError(f"{name!r} is no header; give NAME=VALUE")
    told = push(
        batches(exporter.content, ids, texts=exporter.texts),
        url,
        {name.strip(): value for name, _, value in pairs},
    )
    say(f"Sent {told.spans:,} spans in {told.requests:,} requests to {url}.")
    if told.rejected or told.message:
        say(f"The receiver rejected {told.rejected:,} of them: {told.message or 'it does not say why'}")
    tell(exporter)


def tell(exporter: Exporter) -> None:
    """Say what was left out, and how many secrets were masked, and of which kinds."""
    if exporter.content.untimed:
        say(f"Left out {exporter.content.untimed:,} ops, of which no time is known.")
    redactor = exporter.content.redactor
    if not redactor.on:
        say("Secrets were not masked.")
    elif redactor.total:
        kinds = ", ".join(f"{number:,} {kind}" for kind, number in redactor.counts.most_common())
        say(f"Masked what looks like a secret in {redactor.total:,} places: {kinds}.")
    else:
        say("Nothing looked like a secret; have a look yourself before you share it.")


@contextlib.contextmanager
def opened(
    settings: Config, redactor: Redactor, *, tree: bool, texts: bool
) -> Iterator[tuple[reading.Connection, Exporter]]:
    """Open the store and see one moment of it, to export from."""
    with reading.reading(settings) as connection:
        yield connection, Exporter(connection, redactor, scope="tree" if tree else "self", texts=texts)


@contextlib.contextmanager
def _target(output: Path | None) -> Iterator[BinaryIO]:
    if output is None or str(output) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        handle, name = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.")
    except OSError as error:
        raise UsageError(f"{output}: cannot be written ({error.strerror})") from error
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask)
        Path(name).replace(output)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
