"""What one turn waited for: its critical path."""

from __future__ import annotations

import apsw

from ai_viewer.analysis.path import Span, critical_path, self_times
from ai_viewer.errors import NotFoundError
from ai_viewer.store import database, times
from ai_viewer.store.sessions import key_of
from ai_viewer.store.views import OpTime, PathSection, TurnPath

_SPANS = """
SELECT seq, parent_seq, kind, op.start_ts, op.end_ts FROM turn JOIN op USING (session_id, turn)
WHERE session_id = ? AND turn = ? AND seq BETWEEN first_seq AND last_seq
    AND NOT replay AND op.duration_us IS NOT NULL
ORDER BY seq
"""


def path(connection: apsw.Connection, session_id: str, turn: int) -> TurnPath:
    """Return the critical path of a session's turn.

    Raises:
        NotFoundError: if there is no such session, or no such turn in it.
    """
    session = key_of(connection, session_id)
    if (
        database.one(connection, "SELECT 1 FROM turn WHERE session_id = ? AND turn = ?", (session, turn))
        is None
    ):
        raise NotFoundError(f"no turn {turn} in session {session_id!r}")
    spans = [Span(*row) for row in database.rows(connection, _SPANS, (session, turn))]
    window = times.window(connection, session, turn)
    sections = [] if window is None else critical_path(window.start, window.end, spans)
    own = self_times(spans)
    return TurnPath(
        turn=turn,
        sections=[PathSection(seq=seq, start_ts=start, end_ts=end) for seq, start, end in sections],
        ops=[
            OpTime(seq=span.seq, duration_us=span.end - span.start, self_us=own[span.seq]) for span in spans
        ],
    )
