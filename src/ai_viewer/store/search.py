"""Full-text search: over the whole store, newest or best first, and within a session tree.

    query → a plan → candidates, from the index → chunks of them, with what they are of
          → those for which all conditions hold, in the text itself where the index cannot tell

Ids of texts follow time (`ai_viewer.store.texts`): the newest hits come from the end of the index,
whatever the number of the others. The work of one answer is bounded; where it ends before the page
is full, the cursor goes on there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Literal, TypeAlias

import apsw
import msgspec

from ai_viewer.model import Micros
from ai_viewer.query import Field, Query, Term, moment
from ai_viewer.store import conditions, cursors, database
from ai_viewer.store.conditions import OF_A_SESSION, TEXT_AT, TEXT_IS_REPLAY, TEXT_STATUS, Where
from ai_viewer.store.cursors import Int64
from ai_viewer.store.payloads import is_text
from ai_viewer.store.rows import Record, records
from ai_viewer.store.sessions import TITLE, key_of
from ai_viewer.store.snippets import snippet
from ai_viewer.store.texts import MESSAGE, NOTICE, first_id
from ai_viewer.store.unpack import unpack
from ai_viewer.store.views_search import (
    FacetCount,
    FoundPlace,
    FoundPlaces,
    SearchFacets,
    SearchGroup,
    SearchHit,
    SearchPage,
    SearchSession,
)
from ai_viewer.store.words import Finder, Text, is_in_index, is_literal, phrase

Sort: TypeAlias = Literal["newest", "best"]

TOTAL_CAP = 10_000
"""Hits that are counted one by one."""
COUNTED = 1_000
"""Hits that facets and counts by session are over."""
RANKED = 5_000
"""The newest hits, of which the best are found."""
FACET_VALUES = 20
PLACES = 5_000
"""Hits within a session tree."""

_CHUNK = 200
_BYTES_A_TEXT = 4_000
"""What fetching a text takes, in bytes that could be looked at in that time."""
_END = 2**62
_DAY = 86_400_000_000
_FEW_SESSIONS = 200
_FEW_OPS = 50_000


class Budget(msgspec.Struct):
    """How much an answer may look at: texts in the index, and bytes of texts themselves."""

    texts: int = 20_000
    bytes: int = 24_000_000

    @property
    def spent(self) -> bool:
        """Whether it is used up."""
        return self.texts <= 0 or self.bytes <= 0


_BUDGET = Budget()
_FIRST_LOOK = Budget(texts=400, bytes=4_000_000)
_TREE_BUDGET = Budget(texts=100_000, bytes=64_000_000)


class _Question(msgspec.Struct, frozen=True, array_like=True):
    query: str
    sort: Sort


class _Position(msgspec.Struct, frozen=True, array_like=True):
    """Behind which text a page begins, and how it was found."""

    id: Int64
    score: float
    widened: bool


class _Plan(msgspec.Struct):
    """How to answer a query: what the index is asked, and what is checked afterwards.

    ``match`` is ``None`` where the index cannot help: then all texts are candidates, from ``low`` to
    ``high``. ``beginnings_in_texts``: beginnings of words are not asked of the index.
    """

    match: str | None
    wanted: list[Finder]
    unwanted: list[Finder]
    shown: list[Finder]
    where: Where
    beginnings_in_texts: bool
    low: int = 0
    high: int = _END

    @property
    def reads_texts(self) -> bool:
        """Whether texts themselves have to be looked at."""
        return bool(self.wanted or self.unwanted)


class _Found(msgspec.Struct):
    """A hit's row; its text, if that was looked at."""

    id: int
    row: Record
    text: Text | None


# The columns of a text, whatever it is of.
_DOCUMENTS = f"""
WITH d (id, session_id, turn, seq, kind, part, log, ts, text, media_type, codec) AS (
    SELECT p.id, session_id, turn, seq, kind, part, NULL, NULL, NULL, media_type, codec
    FROM json_each(:ids) AS wanted CROSS JOIN payload AS p ON p.id = wanted.value
    UNION ALL
    SELECT a.id, a.session_id, coalesce(op.turn, log.turn, t.turn), coalesce(op.seq, log.seq, 0),
        CASE a.kind WHEN 'title' THEN 'title' WHEN 'log' THEN 'log' ELSE 'error' END, NULL, log.n,
        coalesce(log.ts, iif(a.kind = 'session_error', coalesce(s.ended_at, s.last_at), NULL)),
        CASE a.kind WHEN 'title' THEN s.title WHEN 'session_error' THEN {MESSAGE.format("s.")}
            WHEN 'turn_error' THEN {MESSAGE.format("t.")} WHEN 'op_error' THEN {MESSAGE.format("op.")}
            ELSE {NOTICE.format("log.")} END,
        'text/plain', NULL
    FROM json_each(:ids) AS wanted CROSS JOIN passage AS a ON a.id = wanted.value
    JOIN session AS s ON s.id = a.session_id
    LEFT JOIN op ON a.kind = 'op_error' AND op.session_id = a.session_id AND op.seq = a.number
    LEFT JOIN turn AS t ON a.kind = 'turn_error' AND t.session_id = a.session_id AND t.turn = a.number
    LEFT JOIN log ON a.kind = 'log' AND log.session_id = a.session_id AND log.n = a.number
)
SELECT d.id AS id, d.session_id AS session, d.turn AS turn, d.seq AS seq, d.kind AS kind, d.part AS part,
    d.log AS log, d.text AS text, d.media_type AS media_type, d.codec AS codec,
    {TEXT_AT} AS ts, op.kind AS op_kind, op.name AS op_name, {TEXT_STATUS} AS status,
    coalesce(op.model, s.model) AS model, {TEXT_IS_REPLAY} AS replay, s.format AS format, s.cwd AS cwd
FROM d JOIN session AS s ON s.id = d.session_id
LEFT JOIN op ON op.session_id = d.session_id AND op.seq = d.seq
LEFT JOIN turn AS t ON t.session_id = d.session_id AND t.turn = d.turn
WHERE s.owner_file IS NOT NULL AND {{where}}
"""

_ALL_TEXTS = (
    "SELECT id FROM (SELECT id FROM payload WHERE id >= :low AND id < :high"
    " UNION ALL SELECT id FROM passage WHERE id >= :low AND id < :high) ORDER BY id {order}"
)
_MATCHING = (
    "SELECT rowid FROM payload_text WHERE payload_text MATCH :match AND rowid >= :low AND rowid < :high"
    " ORDER BY rowid {order}"
)


def page(
    connection: apsw.Connection,
    query: Query,
    *,
    now: Micros,
    sort: Sort = "newest",
    cursor: str | None = None,
    limit: int = 50,
) -> SearchPage:
    """Return the texts that ``query`` finds.

    Raises:
        cursors.CursorError: if ``cursor`` is not one of this question.
    """
    question = _Question(str(query), sort)
    place = None if cursor is None else cursors.decode(cursor, question, _Position)
    widened = place is not None and place.widened
    answer = _answer(connection, _widened(query) if widened else query, now, sort, place, limit)
    if place is None and not answer.hits and answer.ended and _widened(query) != query:
        widened = True
        answer = _answer(connection, _widened(query), now, "newest", None, limit)
    position = answer.position
    if position is not None:
        position = _Position(position.id, position.score, widened)
    first = place is None
    return SearchPage(
        query=question.query,
        groups=_groups(connection, answer, first=first),
        next=None if position is None else cursors.encode(question, position),
        total=answer.total if first else None,
        at_least=answer.at_least if first else False,
        counted=len(answer.counted) if first else None,
        facets=_facets(answer.counted) if first else None,
        searched_to=answer.searched_to,
        widened=widened,
        ranked=answer.ranked,
    )


def find(connection: apsw.Connection, session_id: str, query: Query, *, now: Micros) -> FoundPlaces:
    """Return where in a session and all that it started ``query`` finds something.

    Raises:
        NotFoundError: if no such session was read.
    """
    tree = [(key, name) for key, name in database.rows(connection, _TREE, (key_of(connection, session_id),))]
    keys = msgspec.json.encode([key for key, _ in tree]).decode()
    plan = _plan(connection, query, now)
    plan.where.sql.append(f"s.id IN (SELECT value FROM json_each({plan.where.bind(keys)}))")
    _narrow(connection, plan, keys)
    walk = _Walk(connection, plan, msgspec.structs.replace(_TREE_BUDGET), order="ASC")
    found: dict[tuple[int, int, int], list[str]] = {}
    order = {key: number for number, (key, _) in enumerate(tree)}
    number = 0
    for number, hit in enumerate(walk, 1):
        row = hit.row
        unit = (order[row["session"]], -1 if row["turn"] is None else row["turn"], row["seq"])
        kinds = found.setdefault(unit, [])
        if row["kind"] not in kinds:
            kinds.append(row["kind"])
        if number == PLACES:
            break
    return FoundPlaces(
        query=str(query),
        places=[
            FoundPlace(
                session=tree[session][1],
                turn=None if turn < 0 else turn,
                seq=seq or None,
                kinds=kinds,
            )
            for (session, turn, seq), kinds in sorted(found.items())
        ],
        more=number == PLACES or not walk.ended,
    )


_TREE = """
WITH RECURSIVE tree (id) AS (
    SELECT ?
    UNION
    SELECT child.id FROM tree JOIN session AS child ON child.parent_id = tree.id
    WHERE child.owner_file IS NOT NULL AND child.kind <> 'fork'
)
SELECT id, format || ':' || native_id FROM tree JOIN session USING (id) ORDER BY started_at, id
"""


class _Answer(msgspec.Struct):
    """A page's hits, and what is known of the others."""

    plan: _Plan
    hits: list[_Found]
    counted: list[Record]
    total: int
    at_least: bool
    ended: bool
    position: _Position | None
    searched_to: Micros | None
    ranked: int | None


def _answer(
    connection: apsw.Connection, query: Query, now: Micros, sort: Sort, place: _Position | None, limit: int
) -> _Answer:
    plan = _plan(connection, query, now)
    if sort == "best" and plan.match is not None:
        return _best(connection, plan, place, limit)
    # A beginning that many words have is soon found in the newest texts; the index would first
    # gather all texts with any of them. One that few have is quick in the index.
    if any(term.prefix and not term.negated for term in query.terms):
        look = _plan(connection, query, now, beginnings_in_texts=True)
        answer = _newest(connection, look, place, limit, msgspec.structs.replace(_FIRST_LOOK))
        if len(answer.hits) == limit and answer.position is not None:
            return answer
    return _newest(connection, plan, place, limit, msgspec.structs.replace(_BUDGET))


def _newest(
    connection: apsw.Connection, plan: _Plan, place: _Position | None, limit: int, budget: Budget
) -> _Answer:
    if place is not None:
        plan.high = min(plan.high, place.id)
    walk = _Walk(connection, plan, budget, order="DESC")
    hits: list[_Found] = []
    counted: list[Record] = []
    more = False
    for found in walk:
        if len(hits) < limit:
            hits.append(found)
        else:
            more = True
        counted.append(found.row)
        if (more and place is not None) or len(counted) == COUNTED:
            break
    position = None
    if more:
        position = _Position(hits[-1].id, 0.0, False)
    elif not walk.ended:
        position = _Position(walk.reached, 0.0, False)
    total, at_least = len(counted), not walk.ended
    if place is None and at_least and plan.match is not None and not plan.where.sql and not plan.reads_texts:
        total = database.one(
            connection,
            f"SELECT count(*) FROM ({_MATCHING.format(order='DESC')} LIMIT {TOTAL_CAP + 1})",
            {"match": plan.match, "low": plan.low, "high": plan.high},
        )
        total, at_least = min(total, TOTAL_CAP), total > TOTAL_CAP
    return _Answer(
        plan=plan,
        hits=hits,
        counted=counted,
        total=total,
        at_least=at_least,
        ended=walk.ended,
        position=position,
        searched_to=None if more or walk.ended else walk.reached_time,
        ranked=None,
    )


def _best(connection: apsw.Connection, plan: _Plan, place: _Position | None, limit: int) -> _Answer:
    ranked: list[tuple[float, int]] = database.rows(
        connection,
        f"SELECT bm25(payload_text), rowid FROM payload_text WHERE payload_text MATCH :match"
        f" AND rowid >= :low AND rowid < :high ORDER BY rowid DESC LIMIT {RANKED + 1}",
        {"match": plan.match, "low": plan.low, "high": plan.high},
    )
    capped = len(ranked) > RANKED
    # Of equally good ones, the newest first.
    order = sorted(ranked[:RANKED], key=lambda one: (one[0], -one[1]))
    scores = {text_id: score for score, text_id in order}
    if place is not None:
        order = [one for one in order if (one[0], -one[1]) > (place.score, -place.id)]
    walk = _Walk(
        connection, plan, msgspec.structs.replace(_BUDGET), ids=iter([text_id for _, text_id in order])
    )
    hits: list[_Found] = []
    counted: list[Record] = []
    more = False
    for found in walk:
        if len(hits) < limit:
            hits.append(found)
        else:
            more = True
        counted.append(found.row)
        if (more and place is not None) or len(counted) == COUNTED:
            break
    last = hits[-1].id if more else walk.reached
    return _Answer(
        plan=plan,
        hits=hits,
        counted=counted,
        total=len(counted),
        at_least=capped or not walk.ended,
        ended=walk.ended and not capped,
        position=_Position(last, scores[last], False) if more or not walk.ended else None,
        searched_to=None,
        ranked=RANKED if capped else None,
    )


class _Walk:
    """Goes through the candidates and yields the hits, as far as the budget reaches."""

    def __init__(
        self,
        connection: apsw.Connection,
        plan: _Plan,
        budget: Budget,
        *,
        order: str = "DESC",
        ids: Iterator[int] | None = None,
    ) -> None:
        self.connection = connection
        self.plan = plan
        self.budget = budget
        self.order = order
        self.ids = ids
        self.ended = False
        self.reached = plan.high
        """The last candidate that was looked at."""
        self.reached_time: Micros | None = None

    def __iter__(self) -> Iterator[_Found]:
        sql = _DOCUMENTS.format(where=self.plan.where)
        candidates = self._candidates()
        while chunk := list(islice(candidates, _CHUNK)):
            values = {"ids": msgspec.json.encode(chunk).decode(), **self.plan.where.bindings}
            rows = {row["id"]: row for row in records(self.connection, sql, values)}
            for text_id in chunk:
                if self.budget.spent:
                    return
                self.budget.texts -= 1
                self.reached = text_id
                row = rows.get(text_id)
                if row is None:
                    continue
                if row["ts"] is not None:
                    self.reached_time = row["ts"]
                text = self._text(row) if self.plan.reads_texts else None
                if self.plan.reads_texts and not self._holds(row, text):
                    continue
                yield _Found(text_id, row, text)
        self.ended = True

    def _candidates(self) -> Iterator[int]:
        if self.ids is not None:
            yield from self.ids
            return
        plan = self.plan
        sql = (_ALL_TEXTS if plan.match is None else _MATCHING).format(order=self.order)
        values: dict[str, Any] = {"low": plan.low, "high": plan.high}
        if plan.match is not None:
            values["match"] = plan.match
        for (text_id,) in self.connection.execute(sql, values):
            yield text_id

    def _text(self, row: Record) -> Text | None:
        text = text_of(self.connection, row, certain=self.plan.match is not None)
        if text is not None:
            self.budget.bytes -= len(text) + _BYTES_A_TEXT
        return None if text is None else Text(text)

    def _holds(self, row: Record, text: Text | None) -> bool:
        if text is None:
            # Only the source has it: what the index says must do.
            if row["codec"] == "none" and self.plan.beginnings_in_texts:
                self.budget.texts = 0
                return False
            return row["codec"] == "none" and self.plan.match is not None
        return all(finder.is_in(text) for finder in self.plan.wanted) and not any(
            finder.is_in(text) for finder in self.plan.unwanted
        )


def text_of(connection: apsw.Connection, row: Record, *, certain: bool) -> str | None:
    """Return a hit's whole text; ``None`` if the store does not have it, or if it is none.

    If it is ``certain`` that there is a text, its media type does not matter.
    """
    if row["text"] is not None:
        text: str = row["text"]
        return text
    if row["codec"] == "none" or not (certain or is_text(row["media_type"])):
        return None
    stored = database.row(connection, "SELECT codec, data, bytes FROM payload WHERE id = ?", (row["id"],))
    return None if stored is None else unpack(connection, *stored).decode("utf-8", "replace")


def _plan(
    connection: apsw.Connection, query: Query, now: Micros, *, beginnings_in_texts: bool = False
) -> _Plan:
    wanted: list[Term] = []
    indexed: list[Term] = []
    excluded: list[Term] = []
    unwanted: list[Term] = []
    for term in query.terms:
        known = is_in_index(term) and _has_words(connection, term)
        literal = is_literal(term) or not known
        if term.negated:
            (unwanted if literal else excluded).append(term)
            continue
        looked_up = term.prefix and beginnings_in_texts
        if known and not looked_up:
            indexed.append(term)
        if literal or looked_up:
            wanted.append(term)
    match = " AND ".join(map(phrase, indexed)) or None
    if match is None:
        unwanted += excluded
    elif excluded:
        match = f"({match}) NOT ({' OR '.join(map(phrase, excluded))})"
    plan = _Plan(
        match=match,
        wanted=[Finder(term) for term in wanted],
        unwanted=[Finder(term) for term in unwanted],
        shown=[Finder(term) for term in query.terms if not term.negated],
        where=conditions.of_texts(query, now),
        beginnings_in_texts=beginnings_in_texts,
    )
    _bound(connection, plan, query, now)
    return plan


def _has_words(connection: apsw.Connection, term: Term) -> bool:
    """Whether the index sees any word in the term: its tables of letters are not Python's."""
    tokenizer = connection.fts5_tokenizer("unicode61", ["remove_diacritics", "2"])
    return bool(tokenizer(term.text.encode("utf-8", "replace"), apsw.FTS5_TOKENIZE_QUERY, None))


def _bound(connection: apsw.Connection, plan: _Plan, query: Query, now: Micros) -> None:
    """Leave out the ids of times, and of all sessions' times, that cannot hold a hit."""
    for condition in query.conditions:
        if condition.negated or len(condition.values) != 1:
            continue
        # An id is of the time that was told first: it may be a little off.
        if condition.field is Field.AFTER:
            plan.low = max(plan.low, first_id(moment(condition.values[0], now) - _DAY))
        elif condition.field is Field.BEFORE:
            plan.high = min(plan.high, first_id(moment(condition.values[0], now) + _DAY))
    fields = tuple(
        condition
        for condition in query.conditions
        if condition.field in OF_A_SESSION - {Field.FORMAT} and not condition.negated
    )
    if fields:
        where = conditions.of_texts(Query(conditions=fields), now)
        found = database.rows(
            connection,
            f"SELECT s.id, s.ops FROM session AS s WHERE s.owner_file IS NOT NULL AND {where}"
            f" LIMIT {_FEW_SESSIONS + 1}",
            where.bindings,
        )
        if len(found) <= _FEW_SESSIONS and sum(ops for _, ops in found) <= _FEW_OPS:
            _narrow(connection, plan, msgspec.json.encode([key for key, _ in found]).decode())


def _narrow(connection: apsw.Connection, plan: _Plan, sessions: str) -> None:
    """Look only at the time between the first and the last text of these sessions."""
    bounds = [
        database.row(
            connection,
            f"SELECT min(id), max(id) FROM {table} WHERE session_id IN (SELECT value FROM json_each(?))",
            (sessions,),
        )
        for table in ("payload", "passage")
    ]
    plan.low = max(plan.low, min((one[0] for one in bounds if one and one[0] is not None), default=_END))
    plan.high = min(plan.high, 1 + max((one[1] for one in bounds if one and one[1] is not None), default=-1))


def _widened(query: Query) -> Query:
    """The query with its words found within others too."""
    return msgspec.structs.replace(
        query,
        terms=tuple(
            msgspec.structs.replace(term, inside=True, prefix=False)
            if not (term.phrase or term.negated)
            else term
            for term in query.terms
        ),
    )


def _groups(connection: apsw.Connection, answer: _Answer, *, first: bool) -> list[SearchGroup]:
    by_session: dict[int, list[_Found]] = {}
    for found in answer.hits:
        by_session.setdefault(found.row["session"], []).append(found)
    counts = Counter(row["session"] for row in answer.counted)
    heads = {
        record.pop("key"): msgspec.convert(record, SearchSession)
        for record in records(
            connection,
            "SELECT s.id AS key, s.format || ':' || s.native_id AS id, s.format,"
            f" {TITLE.format('s')} AS title, s.agent, s.cwd, s.model, s.status, s.last_at"
            " FROM json_each(?) JOIN session AS s ON s.id = value",
            (msgspec.json.encode(list(by_session)).decode(),),
        )
    }
    return [
        SearchGroup(
            session=heads[session],
            count=counts[session] if first else None,
            hits=[_hit(connection, answer.plan, found) for found in hits],
        )
        for session, hits in by_session.items()
    ]


def _hit(connection: apsw.Connection, plan: _Plan, found: _Found) -> SearchHit:
    row, text = found.row, found.text
    if text is None:
        whole = text_of(connection, row, certain=plan.match is not None)
        text = None if whole is None else Text(whole)
    return msgspec.convert(
        {
            "turn": row["turn"],
            "seq": row["seq"] or None,
            "kind": row["kind"],
            "payload": None
            if row["part"] is None
            else f"{row['turn']}.{row['seq']}.{row['kind']}.{row['part']}",
            "log": row["log"],
            "ts": row["ts"],
            "op_kind": row["op_kind"],
            "op_name": row["op_name"],
            "status": row["status"],
            "model": row["model"],
            "replay": bool(row["replay"]),
            "snippet": None if text is None else msgspec.to_builtins(snippet(text, plan.shown)),
        },
        SearchHit,
    )


def _facets(counted: Sequence[Record]) -> SearchFacets:
    def count(values: Iterator[str | None]) -> list[FacetCount]:
        most = Counter(value for value in values if value).most_common(FACET_VALUES)
        return [FacetCount(value=value, count=number) for value, number in most]

    return SearchFacets(
        kind=count(row["kind"] for row in counted),
        tool=count(row["op_name"] for row in counted if row["op_kind"] in {"tool", "session"}),
        model=count(row["model"] for row in counted),
        project=count(row["cwd"] for row in counted),
        format=count(row["format"] for row in counted),
    )
