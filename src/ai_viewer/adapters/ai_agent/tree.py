"""Walks a snapshot's JSON as it arrives: its sessions, turns and ops are objects as soon as they end.

Only one op is whole in memory at a time; a small file may be walked after it was decoded. What stands
in an object besides its turns, steps, ops and embedded sessions is built as plain values and put into
the object's ``head``.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Protocol

DEPTH = 32
"""How deep sessions may be embedded in each other."""


class Node:
    """Base of what the walk finds. ``position`` is about where in the file it began, in bytes."""

    def __init__(self, pointer: str, position: int) -> None:
        self.pointer = pointer
        self.position = position
        self.head: dict[str, Any] = {}


class Document(Node):
    """The whole file."""

    tree: SessionNode | None = None


class SessionNode(Node):
    """A session: the file's own, or one that ``op`` holds."""

    def __init__(self, pointer: str, position: int, depth: int) -> None:
        super().__init__(pointer, position)
        self.depth = depth


class TurnNode(Node):
    """A turn, or a step of the orchestration around the turns; ``place`` is its index in its array."""

    def __init__(self, pointer: str, position: int, session: SessionNode, place: int, *, step: bool) -> None:
        super().__init__(pointer, position)
        self.session = session
        self.place = place
        self.step = step


class OpNode(Node):
    """An op, with the session that is embedded in it."""

    def __init__(self, pointer: str, position: int, turn: TurnNode) -> None:
        super().__init__(pointer, position)
        self.turn = turn
        self.child: SessionNode | None = None


class Listener(Protocol):
    """Told of what the walk finds. An op ends after the session in it, a turn after its ops."""

    position: int

    def session_begins(self, session: SessionNode) -> None:
        """A session's object opens."""

    def turn_begins(self, turn: TurnNode) -> None:
        """A turn's or step's object opens."""

    def op_ends(self, op: OpNode) -> None:
        """An op is whole."""

    def turn_ends(self, turn: TurnNode) -> None:
        """A turn or step is whole."""

    def session_ends(self, session: SessionNode) -> None:
        """A session is whole."""

    def too_deep(self, op: OpNode) -> None:
        """A session within ``op`` is left out."""


class _List(Node):
    """An array whose items are nodes: turns, steps or ops."""

    def __init__(self, owner: SessionNode | TurnNode, key: str) -> None:
        super().__init__(f"{owner.pointer}/{key}", owner.position)
        self.owner = owner
        self.key = key
        self.count = 0


class Walk:
    """Takes JSON tokens, as ijson names them, and tells a `Listener` what they make."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.document = Document("", 0)
        self.open: list[Node] = []
        """Nodes whose end has not come, outermost first."""
        self._key = ""
        """The key that the innermost open object is at."""
        self._plain: list[Any] = []
        """Objects and arrays of a plain value that are open, outermost first."""
        self._skipped = 0
        """How many objects and arrays are open of what is left out."""

    def send(self, token: tuple[str, Any]) -> None:
        """Take the next token."""
        event, value = token
        if event == "map_key":
            self._key = value
            return
        if event == "number" and isinstance(value, Decimal):
            value = float(value)
        if self._plain:
            self._value(event, value)
        elif self._skipped:
            self._skip(event)
        elif event == "start_map":
            self._begin_map()
        elif event == "start_array":
            self._begin_array()
        elif event in ("end_map", "end_array"):
            self._end()
        elif self.open:
            self._put(value)

    def whole(self, document: Any) -> None:
        """Take a file that was decoded at once, as if its tokens had come one by one."""
        if isinstance(document, dict):
            tree = document.get("opTree")
            self.document.head = _without(document, "opTree", dict)
            if isinstance(tree, dict):
                self._whole_session(self.document, "opTree", tree, 0)

    def _whole_session(self, owner: Document | OpNode, key: str, told: dict[str, Any], depth: int) -> None:
        session = SessionNode(f"{owner.pointer}/{key}", 0, depth)
        session.head = _without(_without(told, "turns", list), "steps", list)
        if isinstance(owner, Document):
            owner.tree = session
        else:
            owner.child = session
        self.listener.session_begins(session)
        for array in ("turns", "steps"):
            for place, item in _objects(told.get(array)):
                pointer = f"{session.pointer}/{array}/{place}"
                turn = TurnNode(pointer, 0, session, place, step=array == "steps")
                turn.head = _without(item, "ops", list)
                self.listener.turn_begins(turn)
                for number, op in _objects(item.get("ops")):
                    self._whole_op(OpNode(f"{pointer}/ops/{number}", 0, turn), op)
                self.listener.turn_ends(turn)
        self.listener.session_ends(session)

    def _whole_op(self, op: OpNode, told: dict[str, Any]) -> None:
        op.head = _without(told, "childSession", dict)
        child, depth = told.get("childSession"), op.turn.session.depth + 1
        if isinstance(child, dict):
            if depth > DEPTH:
                self.listener.too_deep(op)
            else:
                self._whole_session(op, "childSession", child, depth)
        self.listener.op_ends(op)

    def close(self) -> None:
        """End what is still open, as far as it is known."""
        self._plain.clear()
        while self.open:
            self._end()

    def _begin_map(self) -> None:
        owner = self.open[-1] if self.open else None
        position, key = self.listener.position, self._key
        if owner is None:
            self.open.append(self.document)
        elif isinstance(owner, Document) and key == "opTree" and owner.tree is None:
            self._session(owner, position, 0)
        elif isinstance(owner, _List):
            self._item(owner, position)
        elif isinstance(owner, OpNode) and key == "childSession" and owner.child is None:
            depth = owner.turn.session.depth + 1
            if depth > DEPTH:
                self.listener.too_deep(owner)
                self._skipped = 1
            else:
                self._session(owner, position, depth)
        else:
            self._build({})

    def _session(self, owner: Document | OpNode, position: int, depth: int) -> None:
        session = SessionNode(f"{owner.pointer}/{self._key}", position, depth)
        if isinstance(owner, Document):
            owner.tree = session
        else:
            owner.child = session
        self.open.append(session)
        self.listener.session_begins(session)

    def _item(self, array: _List, position: int) -> None:
        pointer = f"{array.pointer}/{array.count}"
        if isinstance(array.owner, TurnNode):
            self.open.append(OpNode(pointer, position, array.owner))
        else:
            turn = TurnNode(pointer, position, array.owner, array.count, step=array.key == "steps")
            self.open.append(turn)
            self.listener.turn_begins(turn)
        array.count += 1

    def _begin_array(self) -> None:
        owner, key = (self.open[-1] if self.open else None), self._key
        if (isinstance(owner, SessionNode) and key in ("turns", "steps")) or (
            isinstance(owner, TurnNode) and key == "ops"
        ):
            self.open.append(_List(owner, key))
        else:
            self._build([])

    def _put(self, value: Any) -> None:
        owner = self.open[-1]
        if isinstance(owner, _List):
            owner.count += 1
        else:
            owner.head[self._key] = value

    def _end(self) -> None:
        node = self.open.pop()
        if isinstance(node, OpNode):
            self.listener.op_ends(node)
        elif isinstance(node, TurnNode):
            self.listener.turn_ends(node)
        elif isinstance(node, SessionNode):
            self.listener.session_ends(node)

    # --- plain values ---

    def _build(self, container: Any) -> None:
        """Begin a plain value; it stands in its place from now on, and is filled."""
        if self.open:
            self._put(container)
        self._plain.append(container)

    def _value(self, event: str, value: Any) -> None:
        plain = self._plain
        if event in ("end_map", "end_array"):
            plain.pop()
            return
        nested = event in ("start_map", "start_array")
        if nested:
            value = {} if event == "start_map" else []
        container = plain[-1]
        if type(container) is dict:
            container[self._key] = value
        else:
            container.append(value)
        if nested:
            plain.append(value)

    def _skip(self, event: str) -> None:
        if event in ("start_map", "start_array"):
            self._skipped += 1
        elif event in ("end_map", "end_array"):
            self._skipped -= 1


def _objects(value: object) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects in an array, with their places."""
    if isinstance(value, list):
        yield from ((place, item) for place, item in enumerate(value) if isinstance(item, dict))


def _without(told: dict[str, Any], key: str, kind: type) -> dict[str, Any]:
    """An object without what stands at ``key``, if that is of the kind that is walked."""
    if not isinstance(told.get(key), kind):
        return told
    return {name: value for name, value in told.items() if name != key}
