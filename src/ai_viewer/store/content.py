"""Write one session's turns, ops, payloads and logs, within one of the writer's transactions.

What the store does not have yet, nearly all of a backfill, is inserted as it is told, with its
price. What it has is merged by the rules of `ai_viewer.model`. One question a kind of row tells
which is which; of a session that has nothing yet it is not even asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import apsw
import msgspec

from ai_viewer.model import Micros
from ai_viewer.store import database
from ai_viewer.store.batch import LogRow, OpRow, PayloadRow, SessionRows, TurnRow
from ai_viewer.store.derive import Touched
from ai_viewer.store.price import RECORDED, Pricer, may_cost, note_prices, price_op, priced
from ai_viewer.store.texts import Texts, time_of

_TURN_START = "min(coalesce(?3, start_ts), coalesce(start_ts, ?3))"
_UPSERT_TURN = f"""
INSERT INTO turn (session_id, turn, start_ts, end_ts, status, error_class, error_message, label)
VALUES (?1, ?2, ?3, CASE WHEN ?4 >= coalesce(?3, 0) THEN ?4 END, coalesce(?5, 'running'), ?6, ?7, ?8)
ON CONFLICT (session_id, turn) DO UPDATE SET
    start_ts = {_TURN_START},
    end_ts = CASE WHEN ?4 >= coalesce({_TURN_START}, 0) THEN ?4
                  WHEN end_ts >= coalesce({_TURN_START}, 0) THEN end_ts END,
    status = coalesce(?5, status),
    error_class = coalesce(?6, error_class),
    error_message = coalesce(?7, error_message),
    label = coalesce(?8, label)
"""

_OP_COLUMNS = (
    "session_id", "seq", "turn", "kind", "status", "timing", "parent_seq", "native_id", "name", "namespace",
    "model", "provider", "start_ts", "end_ts", "error_class", "error_message", "tokens_in", "tokens_out",
    "tokens_reasoning", "tokens_cache_read", "tokens_cache_write_5m", "tokens_cache_write_1h", "context_used",
    "context_max", "cost_nano", "cost_source", "bytes_in", "bytes_out", "child_id", "call", "copied",
    "replay", "tier", "web_searches", "context_recorded",
)  # fmt: skip
_OP_NUMBER = {column: number for number, column in enumerate(_OP_COLUMNS, 1)}
_START = _OP_NUMBER["start_ts"]
_END = _OP_NUMBER["end_ts"]
_OP_MERGED_START = f"min(coalesce(?{_START}, start_ts), coalesce(start_ts, ?{_START}))"


def _op_merge(column: str) -> str:
    if column == "start_ts":
        return f"start_ts = {_OP_MERGED_START}"
    if column == "end_ts":
        return (
            f"end_ts = CASE WHEN ?{_END} >= coalesce({_OP_MERGED_START}, 0) THEN ?{_END}"
            f" WHEN end_ts >= coalesce({_OP_MERGED_START}, 0) THEN end_ts END"
        )
    return f"{column} = coalesce(?{_OP_NUMBER[column]}, {column})"


_INSERT_OP = f"INSERT INTO op ({', '.join(_OP_COLUMNS)}) VALUES ({', '.join('?' * len(_OP_COLUMNS))})"
_MERGE_OP = f"""
UPDATE op SET {", ".join(_op_merge(column) for column in _OP_COLUMNS[2:])} WHERE session_id = ?1 AND seq = ?2
"""

_INSERT_PAYLOAD = """
INSERT INTO payload (id, session_id, turn, seq, kind, part, media_type, bytes, codec, data, path,
                     offset, length, pointer)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_REPLACE_PAYLOAD = """
UPDATE payload SET media_type = ?, bytes = ?, codec = ?, data = ?, path = ?, offset = ?, length = ?,
                   pointer = ?
WHERE id = ?
"""
_KNOWN_PAYLOADS = """
SELECT payload.id, turn, seq, kind, part FROM json_each(?) AS wanted CROSS JOIN payload
WHERE session_id = ? AND turn = wanted.value ->> 0 AND seq = wanted.value ->> 1
"""

_UPSERT_LOG = """
INSERT OR REPLACE INTO log (session_id, n, turn, seq, ts, severity, name, message)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""


class Content:
    """Writes sessions' content, and notes in ``touched`` what must be derived for it."""

    def __init__(self, connection: apsw.Connection, prices: Pricer, touched: Touched, texts: Texts) -> None:
        self.connection = connection
        self.prices = prices
        self.touched = touched
        self.texts = texts
        self._prices_noted = False

    def take(self, session: int, rows: SessionRows, key_of: Callable[[str], int], *, is_new: bool) -> None:
        """Write the rows; ``is_new`` says that the store has nothing of the session's content.

        ``key_of`` gives the inside numbers of the sessions that ops have started.
        """
        self.take_turns(session, rows.turns, is_new=is_new)
        began = self.take_ops(session, rows.ops, key_of, is_new=is_new)
        self.take_payloads(session, rows.payloads, began, is_new=is_new)
        self.take_logs(session, rows.logs)

    def take_turns(self, session: int, turns: Sequence[TurnRow], *, is_new: bool) -> None:
        """Write turns."""
        known = {} if is_new else self._stored("turn", "start_ts", session, (turn.turn for turn in turns))
        for turn in turns:
            before = known.get(turn.turn)
            if before is not None and turn.start_ts is not None and before > turn.start_ts:
                # Where it stood among the others, for it is about to move.
                self.touched.starts.add((session, before))
            self.touched.turn(session, turn.turn)
        self.connection.executemany(_UPSERT_TURN, _turn_values(session, turns))

    def take_ops(
        self, session: int, ops: Sequence[OpRow], key_of: Callable[[str], int], *, is_new: bool
    ) -> dict[int, Micros | None]:
        """Write ops; return when those that are new began, as far as that is known, by seq."""
        known = {} if is_new else self._stored("op", "call", session, (op.seq for op in ops))
        inserted: list[tuple[object, ...]] = []
        merged: list[OpRow] = []
        began: dict[int, Micros | None] = {}
        for op in ops:
            if op.call is not None:
                self.touched.calls.add(op.call)
            child = None if op.child is None else key_of(op.child)
            if op.seq in known or op.seq in began:
                merged.append(op)
                before = known.get(op.seq)
                if before is not None and op.call is not None and before != op.call:
                    # Another op may stand for that call now.
                    self.touched.calls.add(before)
            else:
                end = _end(op)
                began[op.seq] = end if op.start_ts is None else op.start_ts
                inserted.append(self._new_op(session, op, end, child))
        self.touched.ops(session, ops)
        self.connection.executemany(_INSERT_OP, inserted)
        for op in merged:
            self._merge(session, op, None if op.child is None else key_of(op.child))
        for op in ops:
            if op.kind == "session" and op.child is None and op.native_id is not None:
                self._link_child(session, op)
        return began

    def take_payloads(
        self,
        session: int,
        payloads: Sequence[PayloadRow],
        began: dict[int, Micros | None],
        *,
        is_new: bool,
    ) -> None:
        """Write payloads; ``began`` is when ops began, as `take_ops` returned it."""
        known: dict[tuple[int, int, str, int], int] = {}
        if not is_new:
            places = sorted({(payload.turn, payload.seq) for payload in payloads})
            found = database.rows(
                self.connection, _KNOWN_PAYLOADS, (msgspec.json.encode(places).decode(), session)
            )
            known = {(turn, seq, kind, part): text_id for text_id, turn, seq, kind, part in found}
        texts = self.texts
        new: list[tuple[PayloadRow, Micros | None]] = []
        for row in payloads:
            text_id = known.get((row.turn, row.seq, row.kind, row.part))
            if text_id is None:
                at = began.get(row.seq)
                if at is None:
                    at = time_of(self.connection, session, row.turn, row.seq)
                new.append((row, at))
                continue
            self.connection.execute(
                _REPLACE_PAYLOAD,
                (
                    row.media_type, row.size, row.codec, row.data, row.path, row.offset, row.length,
                    row.pointer, text_id,
                ),
            )  # fmt: skip
            texts.put(text_id, row.search, known=True)
        inserted: list[tuple[object, ...]] = []
        for text_id, (row, _) in zip(texts.new_ids([at for _, at in new]), new, strict=True):
            inserted.append(
                (
                    text_id, session, row.turn, row.seq, row.kind, row.part, row.media_type, row.size,
                    row.codec, row.data, row.path, row.offset, row.length, row.pointer,
                )
            )  # fmt: skip
            texts.put(text_id, row.search, known=False)
        self.connection.executemany(_INSERT_PAYLOAD, inserted)

    def take_logs(self, session: int, logs: Sequence[LogRow]) -> None:
        """Write log entries."""
        self.connection.executemany(_UPSERT_LOG, [(session, *log) for log in logs])
        for n, *_ in logs:
            self.touched.log(session, n)

    def _stored(self, table: str, column: str, session: int, numbers: Iterable[int]) -> dict[int, int | None]:
        """Which of the rows the store has, with one column's values."""
        number = "turn" if table == "turn" else "seq"
        found = database.rows(
            self.connection,
            f"SELECT {number}, {column} FROM json_each(?) AS wanted"
            f" CROSS JOIN {table} ON session_id = ? AND {number} = wanted.value",
            (msgspec.json.encode(list(numbers)).decode(), session),
        )
        return dict(found)

    def _new_op(self, session: int, op: OpRow, end: Micros | None, child: int | None) -> tuple[object, ...]:
        cost, source = op.cost, None if op.cost is None else RECORDED
        window, window_recorded = op.context_max, int(op.context_max is not None)
        if may_cost(op):
            self._note_prices()
            if op.tokens_in is not None:
                row = (
                    op.provider, op.model, op.start_ts, op.tier, op.web_searches, cost, source, window,
                    window_recorded, op.tokens_in, op.tokens_out, op.tokens_reasoning, op.tokens_cache_read,
                    op.tokens_cache_write_5m, op.tokens_cache_write_1h,
                )  # fmt: skip
                cost, source, window = priced(self.prices, row)
        copied = op.copied or False
        return (
            session, op.seq, op.turn, op.kind or "internal", op.status or "running", op.timing or "point",
            op.parent_seq, op.native_id, op.name, op.namespace, op.model, op.provider, op.start_ts, end,
            op.error_class, op.error_message, op.tokens_in, op.tokens_out, op.tokens_reasoning,
            op.tokens_cache_read, op.tokens_cache_write_5m, op.tokens_cache_write_1h, op.context_used, window,
            cost, source, op.bytes_in, op.bytes_out, child, op.call, copied, copied, op.tier, op.web_searches,
            window_recorded,
        )  # fmt: skip

    def _merge(self, session: int, op: OpRow, child: int | None) -> None:
        source = None if op.cost is None else RECORDED
        window_recorded = None if op.context_max is None else 1
        for end in op.ends or (None,):
            values = (
                session, op.seq, op.turn, op.kind, op.status, op.timing, op.parent_seq, op.native_id, op.name,
                op.namespace, op.model, op.provider, op.start_ts, end, op.error_class, op.error_message,
                op.tokens_in, op.tokens_out, op.tokens_reasoning, op.tokens_cache_read,
                op.tokens_cache_write_5m, op.tokens_cache_write_1h, op.context_used, op.context_max, op.cost,
                source, op.bytes_in, op.bytes_out, child, op.call, op.copied, op.copied, op.tier,
                op.web_searches, window_recorded,
            )  # fmt: skip
            self.connection.execute(_MERGE_OP, values)
        if may_cost(op):
            self._note_prices()
            # By all that the store knows of it, whichever batch told it.
            price_op(self.connection, self.prices, session, op.seq)

    def _note_prices(self) -> None:
        if not self._prices_noted:
            note_prices(self.connection, self.prices.fingerprint)
            self._prices_noted = True

    def _link_child(self, session: int, op: OpRow) -> None:
        """Link an op to the session that named it as its parent op before it came."""
        self.connection.execute(
            "UPDATE op SET child_id = (SELECT id FROM session WHERE parent_id = ?1 AND parent_op = ?3)"
            " WHERE session_id = ?1 AND seq = ?2 AND child_id IS NULL",
            (session, op.seq, op.native_id),
        )


def _turn_values(session: int, turns: Iterable[TurnRow]) -> Iterator[tuple[object, ...]]:
    for turn in turns:
        for end in turn.ends or (None,):
            yield (
                session, turn.turn, turn.start_ts, end, turn.status, turn.error_class,
                turn.error_message, turn.label,
            )  # fmt: skip


def _end(op: OpRow) -> Micros | None:
    """The end that holds of an op that is told for the first time: the last that is not before its start."""
    start = op.start_ts or 0
    return next((end for end in reversed(op.ends) if end >= start), None)
