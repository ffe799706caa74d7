"""Which session a person means by what they typed."""

from __future__ import annotations

import apsw

from ai_viewer.errors import NotFoundError
from ai_viewer.model import Micros
from ai_viewer.store import sessions
from ai_viewer.store.sessions import SessionFilter


def resolve(connection: apsw.Connection, name: str, *, now: Micros) -> str:
    """Return the id of the session that ``name`` stands for: an id, a native id, or a beginning.

    A sub-agent's native id is its parent's and its own, ``parent:own``: the beginning of the
    first means the parent, that of the second the sub-agent.

    Raises:
        NotFoundError: if it stands for none, or for several.
    """
    found = sessions.ids_like(connection, name)
    if not found:
        page = sessions.page(connection, SessionFilter(text=name), now=now, limit=1000)
        found = [row.id for row in page.sessions if row.native_id.rpartition(":")[2].startswith(name)]
    parents = [one for one in found if all(other == one or other.startswith(f"{one}:") for other in found)]
    if len(parents) == 1:
        return parents[0]
    if found:
        listed = "\n".join(f"  {one}" for one in found)
        raise NotFoundError(f"several sessions begin with {name!r}; give more of it:\n{listed}")
    raise NotFoundError(f"no session {name!r}; `ai-viewer sessions --all` lists them")
