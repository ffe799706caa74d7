"""What the store answers about single ops; as in `ai_viewer.store.views`, no field has a default."""

from __future__ import annotations

from ai_viewer.model import OpKind, OpStatus
from ai_viewer.store.views import Op, SessionLink, SourcePlace, View


class OpRange(View, frozen=True, kw_only=True):
    """Ops of a session in order of their seq, with the starts of their texts.

    ``next`` is the seq to go on from if there was no room for all that was asked for.
    """

    ops: list[Op]
    next: int | None
    revision: int


class OpLink(View, frozen=True, kw_only=True):
    """Just enough of another op of the same session to name it and link to it."""

    seq: int
    turn: int
    kind: OpKind
    status: OpStatus
    name: str | None


class PriceTerm(View, frozen=True, kw_only=True):
    """A part of a price: ``units`` at ``price_usd`` per ``per`` of them.

    ``name`` is a kind of token (``input``, ``output`` without ``reasoning``, ``reasoning``,
    ``cache_read``, ``cache_write_5m``, ``cache_write_1h``), ``web_search`` or ``request``.
    """

    name: str
    units: int
    price_usd: float
    per: int
    cost_usd: float


class PriceFormula(View, frozen=True, kw_only=True):
    """How a call's cost comes about: the sum of ``terms``, of which ``share`` is paid.

    ``cost_usd`` is what comes of it by the prices in use now. It differs from the op's own if that was
    told by the source, or if prices have changed since it was priced.
    """

    terms: list[PriceTerm]
    share: float
    cost_usd: float


class PayloadPlace(View, frozen=True, kw_only=True):
    """Where the source has the payload ``id`` of an op.

    The text stands at the JSON ``pointer`` within the record of ``length`` bytes at ``offset`` of
    the file ``path``; with no pointer and a length of 0 it is that whole file.
    """

    id: str
    path: str
    offset: int
    length: int
    pointer: str


class OpDetail(View, frozen=True, kw_only=True):
    """One op with all that is known of it.

    ``parts`` are the first 200 ops that belong to it, ``part_count`` counts them all. ``file`` is
    where the session is read from, ``offset`` the place of the op's first record with a text in it.
    """

    session: SessionLink
    op: Op
    parent: OpLink | None
    parts: list[OpLink]
    part_count: int
    price: PriceFormula | None
    places: list[PayloadPlace]
    """Of each of ``op.payloads``."""
    file: SourcePlace | None
    offset: int | None
    revision: int
