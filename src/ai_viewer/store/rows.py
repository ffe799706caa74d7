"""Rows as the Structs of `ai_viewer.store.views`: columns carry the names of the fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import apsw

from ai_viewer.store.views import TimeSplit, Totals

Record: TypeAlias = dict[str, Any]
"""One row by its columns' names."""

TOTALS = {
    "ops": "ops",
    "llm_calls": "llm_calls",
    "tool_calls": "tool_calls",
    "tool_failures": "tool_failures",
    "failures": "failures",
    "tokens_in": "tokens_in",
    "tokens_out": "tokens_out",
    "tokens_reasoning": "tokens_reasoning",
    "tokens_cache_read": "tokens_cache_read",
    "tokens_cache_write": "tokens_cache_write_5m + tokens_cache_write_1h",
    "tokens_cache_write_1h": "tokens_cache_write_1h",
    "cost_usd": "cost_nano",
    "unpriced_calls": "unpriced_calls",
}
"""How each field of `Totals` comes from the columns that table ``session`` and table ``turn`` share."""

TIMES = TimeSplit.__struct_fields__
"""The fields of `TimeSplit`, which are columns of table ``session`` and table ``turn``."""

OWN_TOTALS = ", ".join(f"{sql} AS own_{field}" for field, sql in TOTALS.items())
"""Columns for `take_totals` with the prefix ``own``: of one row."""

TREE_TOTALS = ", ".join(f"sum({sql}) AS tree_{field}" for field, sql in TOTALS.items())
"""Columns for `take_totals` with the prefix ``tree``: over many rows."""

OWN_TIMES = ", ".join(f"{field} AS own_{field}" for field in TIMES)
"""Columns for `take_times` with the prefix ``own``: of one row."""

TREE_TIMES = ", ".join(f"sum({field}) AS tree_{field}" for field in TIMES)
"""Columns for `take_times` with the prefix ``tree``: over many rows."""


def records(connection: apsw.Connection, sql: str, bindings: Any = ()) -> Iterator[Record]:
    """Yield the rows by their columns' names."""
    cursor = connection.execute(sql, bindings)
    names: list[str] | None = None
    for row in cursor:
        if names is None:
            names = [column[0] for column in cursor.get_description()]
        yield dict(zip(names, row, strict=True))


def take_totals(record: Record, prefix: str) -> Totals:
    """Remove the columns of the totals from ``record`` and return them as one."""
    values = {field: record.pop(f"{prefix}_{field}") for field in TOTALS}
    values["cost_usd"] = usd(values["cost_usd"])
    return Totals(**values)


def take_times(record: Record, prefix: str) -> TimeSplit:
    """Remove the columns of the times from ``record`` and return them as one."""
    return TimeSplit(**{field: record.pop(f"{prefix}_{field}") for field in TIMES})


def usd(nano: int) -> float:
    """Dollars of an amount in the store, which is exact in nano-dollars."""
    return nano / 1_000_000_000
