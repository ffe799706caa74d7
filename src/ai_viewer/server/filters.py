"""Which sessions and which work a query is about: the same parameters on every route that has them."""

from __future__ import annotations

from typing import Annotated

from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter

from ai_viewer.model import OpKind, SessionKind, SessionStatus
from ai_viewer.query import Query, parse
from ai_viewer.server.errors import ParameterError
from ai_viewer.server.query import moment
from ai_viewer.store.conditions import of_ops
from ai_viewer.store.sessions import SessionFilter
from ai_viewer.store.sums import Work
from ai_viewer.store.worked import HOURS_OF_WEEK, Worked
from ai_viewer.store.zones import LOCAL, UnknownZoneError, Zone


def session_filter(
    format_name: Annotated[
        str | None, QueryParameter(name="format", description="Of this format: `claude_code`, `codex`")
    ] = None,
    status: Annotated[
        SessionStatus | None, QueryParameter(name="status", description="With this status")
    ] = None,
    kind: Annotated[SessionKind | None, QueryParameter(name="kind", description="Of this kind")] = None,
    project: Annotated[
        str | None,
        QueryParameter(name="project", description="In exactly this folder; `unknown`: in none"),
    ] = None,
    model: Annotated[
        str | None,
        QueryParameter(name="model", description="With this model, as the session's own; `unknown`: none"),
    ] = None,
    agent: Annotated[
        str | None,
        QueryParameter(
            name="agent",
            description="Sub-agents of exactly this type; `main`: sessions that are no sub-agent's",
        ),
    ] = None,
    parent: Annotated[
        str | None, QueryParameter(name="parent", description="Started by the session with this id")
    ] = None,
    q: Annotated[
        str | None,
        QueryParameter(
            name="q",
            description='With these words, `"phrases"`, `-not`, whatever the case and within words too, in'
            " the title, the start of the first prompt, the folder or the native id; `field:value` as in the"
            " search (docs/search.md), of the session",
        ),
    ] = None,
    failed: Annotated[
        bool | None,
        QueryParameter(
            name="failed", description="With (`false`: without) a failure of its own or of one of its ops"
        ),
    ] = None,
    roots: Annotated[
        bool | None,
        QueryParameter(
            name="roots",
            description="Only sessions that no other one, as far as it was read, has started."
            " Without it: in the list of sessions true, but false together with `parent`; elsewhere false",
        ),
    ] = None,
) -> SessionFilter:
    """Return which sessions are meant; without bounds in time."""
    return SessionFilter(
        format=format_name,
        status=status,
        kind=kind,
        project=project,
        model=model,
        agent=agent,
        parent=parent,
        query=parse(q) if q else None,
        failed=failed,
        roots=roots,
    )


def zone(
    tz: Annotated[
        str,
        QueryParameter(
            name="tz",
            description="Time zone (`Europe/Berlin`) of hours, days, weeks, months, and of times that"
            " name none; `local`: the server's own",
        ),
    ] = LOCAL,
) -> Zone:
    """Return the time zone that is meant.

    Raises:
        ParameterError: if there is no such zone.
    """
    try:
        return Zone(tz)
    except UnknownZoneError as error:
        raise ParameterError("tz", str(error)) from error


def work(
    sessions: NamedDependency[SessionFilter],
    zone: NamedDependency[Zone],
    ops: NamedDependency[Query | None],
    tree: Annotated[
        bool | None,
        QueryParameter(
            name="tree",
            description="Count also the work of all sessions that these started, however deep; each"
            " session's once. Without it: true together with `roots`, else false",
        ),
    ] = None,
    since: Annotated[
        str | None,
        QueryParameter(
            name="since",
            description="Ops that started at this time or later, to the quarter of an hour: ISO 8601 or"
            " microseconds since 1970. It is the op's own time, whenever its session began",
        ),
    ] = None,
    until: Annotated[
        str | None,
        QueryParameter(
            name="until",
            description="Ops that started at this time or earlier, to the quarter of an hour; a date"
            " means all of that day",
        ),
    ] = None,
    op_kind: Annotated[
        OpKind | None, QueryParameter(name="op_kind", description="Only ops of this kind")
    ] = None,
    tool: Annotated[str | None, QueryParameter(name="tool", description="Only calls of this tool")] = None,
    namespace: Annotated[
        str | None, QueryParameter(name="namespace", description="Only calls of this namespace's tools")
    ] = None,
    op_model: Annotated[
        str | None,
        QueryParameter(
            name="op_model", description="Only calls of this model, whatever their session's own model is"
        ),
    ] = None,
    op_provider: Annotated[
        str | None, QueryParameter(name="op_provider", description="Only calls of this provider's models")
    ] = None,
) -> Work:
    """Return which work is meant."""
    return Work(
        sessions=sessions,
        tree=bool(sessions.roots) if tree is None else tree,
        since=moment("since", since, zone=zone.tzinfo),
        until=moment("until", until, end=True, zone=zone.tzinfo),
        kind=op_kind,
        tool=tool,
        namespace=namespace,
        model=op_model,
        provider=op_provider,
        ops=ops,
    )


def worked(
    wanted: NamedDependency[SessionFilter],
    zone: NamedDependency[Zone],
    ops: NamedDependency[Query | None],
    tree: Annotated[
        bool | None,
        QueryParameter(
            name="tree", description="Also all sessions that these started, however deep, with such work"
        ),
    ] = None,
    worked_since: Annotated[
        str | None,
        QueryParameter(
            name="worked_since",
            description="With ops that started at this time or later, to the quarter of an hour; this and"
            " what follows, to `unpriced`, is asked of the same ops, as the work filter of the statistics"
            " does: the sessions that they count",
        ),
    ] = None,
    worked_until: Annotated[
        str | None,
        QueryParameter(name="worked_until", description="With ops that started at this time or earlier"),
    ] = None,
    hour_of_week: Annotated[
        int | None,
        QueryParameter(
            name="hour_of_week",
            ge=0,
            lt=HOURS_OF_WEEK,
            description="With ops that started in this hour of the week; 0 is Monday's first",
        ),
    ] = None,
    op_kind: Annotated[
        OpKind | None, QueryParameter(name="op_kind", description="With ops of this kind")
    ] = None,
    tool: Annotated[str | None, QueryParameter(name="tool", description="With calls of this tool")] = None,
    namespace: Annotated[
        str | None, QueryParameter(name="namespace", description="With calls of this namespace's tools")
    ] = None,
    op_model: Annotated[
        str | None, QueryParameter(name="op_model", description="With calls of this model")
    ] = None,
    op_provider: Annotated[
        str | None, QueryParameter(name="op_provider", description="With calls of this provider's models")
    ] = None,
    op_failed: Annotated[
        bool, QueryParameter(name="op_failed", description="With failed ones of them")
    ] = False,
    unpriced: Annotated[
        bool, QueryParameter(name="unpriced", description="With some of them that have no known price")
    ] = False,
) -> Worked:
    """Return the work that sessions are asked for."""
    return Worked(
        work=Work(
            sessions=wanted,
            tree=bool(tree),
            since=moment("worked_since", worked_since, zone=zone.tzinfo),
            until=moment("worked_until", worked_until, end=True, zone=zone.tzinfo),
            kind=op_kind,
            tool=tool,
            namespace=namespace,
            model=op_model,
            provider=op_provider,
            ops=ops,
        ),
        hour=hour_of_week,
        tz=zone.name,
        failures=op_failed,
        unpriced=unpriced,
    )


def ops(
    text: Annotated[
        str | None,
        QueryParameter(
            name="ops",
            description="Only ops that meet these conditions, as in the search (docs/search.md): `tool:`,"
            " `name:`, `model:`, `provider:`; `model:opus* -model:*mini`",
        ),
    ] = None,
) -> Query | None:
    """Return the conditions on ops.

    Raises:
        ParameterError: if something else is asked.
    """
    if not text:
        return None
    query = parse(text)
    of_ops(query)
    return query


SESSIONS = {"wanted": Provide(session_filter, sync_to_thread=False)}
"""Dependencies of a route that is about sessions."""
LISTED = {
    **SESSIONS,
    "zone": Provide(zone, sync_to_thread=False),
    "ops": Provide(ops, sync_to_thread=False),
    "worked": Provide(worked, sync_to_thread=False),
}
"""Dependencies of a route that lists sessions by what they did."""
WORK = {
    "sessions": Provide(session_filter, sync_to_thread=False),
    "zone": Provide(zone, sync_to_thread=False),
    "ops": Provide(ops, sync_to_thread=False),
    "work": Provide(work, sync_to_thread=False),
}
"""Dependencies of a route that sums work up."""
