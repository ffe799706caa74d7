"""What is exported: session by session, turn by turn, op by op, each with its whole texts.

    Head(session a, depth 0)  Opening(turn 1)  Step(op 1)  Step(op 2)  Opening(turn 2) …
    Head(session b, depth 1)  …

A session comes before those it started. Nothing is kept: a piece is read when its turn comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, TypeAlias

import msgspec

from ai_viewer import moments
from ai_viewer.errors import GoneError
from ai_viewer.secrets import Redactor
from ai_viewer.store import payloads, sessions, trace, turns
from ai_viewer.store.payloads import WholePayload
from ai_viewer.store.views import Op, Payload, SessionDetail, Turn

Connection: TypeAlias = Any
"""A connection to the store, which only the store looks into."""

ReadOriginal: TypeAlias = Callable[[WholePayload], bytes]
"""Reads a payload that was too large to keep; raises `GoneError` if its source has it no longer."""

OPS_A_PAGE = 200


class Body(msgspec.Struct, frozen=True):
    """A payload with the whole of it: as ``text``, or as ``data`` if it is none; else why not."""

    payload: Payload
    text: str | None
    data: bytes | None
    missing: str | None


class Head(msgspec.Struct, frozen=True):
    """A session begins; ``depth`` is how far it stands below the first of its tree."""

    detail: SessionDetail
    depth: int


class Opening(msgspec.Struct, frozen=True):
    """A turn begins, with its prompt; its ops follow."""

    turn: Turn
    bodies: list[Body]


class Step(msgspec.Struct, frozen=True):
    """An op with its texts."""

    op: Op
    bodies: list[Body]


Piece: TypeAlias = Head | Opening | Step


class Content:
    """Reads what is exported through one connection, and masks it."""

    def __init__(
        self,
        connection: Connection,
        redactor: Redactor,
        read_original: ReadOriginal,
        scope: Literal["tree", "self"] = "tree",
    ) -> None:
        self.connection = connection
        self.redactor = redactor
        self.scope = scope
        self.untimed = 0
        """Ops that were left out of a format that needs times, because none is known."""
        self._read_original = read_original

    def session_ids(self, wanted: Iterable[str]) -> list[str]:
        """Return the ids of all sessions to export, each once.

        Raises:
            NotFoundError: if one of them was not read.
        """
        found: dict[str, None] = {}
        for session_id in wanted:
            found.update(dict.fromkeys(trace.tree_ids(self.connection, session_id, self.scope)))
        return list(found)

    def pieces(self, wanted: Iterable[str], *, texts: bool = True, lean: bool = True) -> Iterator[Piece]:
        """Yield the sessions piece by piece.

        Without ``texts`` no body is read. ``lean`` leaves out what is told elsewhere as well: the
        starts of prompts, and the names of other sessions.
        """
        depths: dict[str, int] = {}
        for session_id in self.session_ids(wanted):
            detail = sessions.detail(self.connection, session_id, now=moments.now())
            if lean:
                detail = msgspec.structs.replace(detail, children=[], ancestors=[])
            detail = self.redactor.view(detail)
            depths[session_id] = depths.get(detail.session.parent or "", -1) + 1
            yield Head(detail, depths[session_id])
            yield from self._turns(session_id, texts=texts, lean=lean)

    def turn(self, session_id: str, turn: int) -> Iterator[Piece]:
        """Yield one turn of a session, if it has that one."""
        for piece in self._turns(session_id, first=turn):
            if isinstance(piece, Opening) and piece.turn.turn != turn:
                return
            yield piece

    def _turns(
        self, session_id: str, *, texts: bool = True, lean: bool = True, first: int | None = None
    ) -> Iterator[Piece]:
        cursor: str | None = None
        last: int | None = None
        while True:
            page = turns.page(self.connection, session_id, cursor=cursor, limit=OPS_A_PAGE, from_turn=first)
            for part in page.turns:
                if part.turn != last:
                    last = part.turn
                    head = msgspec.structs.replace(part, ops=[], payloads=[])
                    if lean:
                        head = msgspec.structs.replace(head, label=None, logs=[])
                    head = self.redactor.view(head)
                    yield Opening(head, self._bodies(session_id, part.payloads) if texts else [])
                for op in part.ops:
                    bare = self.redactor.view(msgspec.structs.replace(op, payloads=[]))
                    yield Step(bare, self._bodies(session_id, op.payloads) if texts else [])
            cursor = page.next
            if cursor is None:
                return

    def _bodies(self, session_id: str, found: list[Payload]) -> list[Body]:
        return [self.body(session_id, payload) for payload in found]

    def body(self, session_id: str, payload: Payload) -> Body:
        """Return a payload with the whole of it, masked."""
        bare = msgspec.structs.replace(payload, text=None)
        is_text = payloads.is_text(payload.media_type)
        if payload.text is not None and not payload.truncated:
            return Body(bare, self.redactor.text(payload.text), None, None)
        try:
            data = self._whole(session_id, payload.id)
        except GoneError as error:
            return Body(bare, None, None, str(error))
        if not is_text:
            return Body(bare, None, data, None)
        return Body(bare, self.redactor.text(data.decode("utf-8", "replace")), None, None)

    def _whole(self, session_id: str, payload_id: str) -> bytes:
        whole = payloads.whole(self.connection, session_id, payload_id)
        return self._read_original(whole) if whole.data is None else whole.data
