"""What a message holds: its times, its tokens and cost, texts and files."""

from __future__ import annotations

import binascii
import re
import urllib.parse
from typing import Any

import msgspec

from ai_viewer.adapters.base import Record, as_count, as_dict, as_str, number_micros
from ai_viewer.adapters.parts import Part, undecodable
from ai_viewer.model import Micros, Usage

_ID_TIME = re.compile(r"[a-z]+_([0-9a-f]{9})[0-9a-f]{3}")
"""Ids of messages and parts begin with 36 bits of the milliseconds, and a counter of 12."""
_ID_SPAN = 2**36
_VERSION = re.compile(r"(\d+)\.(\d+)")
_REASONING_APART = (1, 4)
"""From this version on reasoning is beside the output, before it was within."""
_FORKED = re.compile(r".* \(fork #\d+\)", re.DOTALL)
_UNTITLED = re.compile(r"(New|Child) session - \d{4}-\d\d-\d\dT[\d:.]+Z")


def millis(value: object) -> Micros | None:
    """Read a time, which opencode writes in milliseconds."""
    return number_micros(value, 1_000)


def id_time(native_id: str, near: Micros) -> Micros | None:
    """The time within an id, of the many that it can mean the first after ``near``.

    Source: ``packages/opencode/src/id/id.ts``.

    >>> id_time("prt_df49a28f2001jK7fLxqqVb2Sx1", 1777925229650000)
    1777925236978000
    """
    found = _ID_TIME.match(native_id)
    if found is None:
        return None
    start = near // 1_000
    return (start + (int(found[1], 16) - start) % _ID_SPAN) * 1_000


def reasoning_apart(version: str | None) -> bool:
    """Whether this version counts reasoning beside the output."""
    found = _VERSION.match(version or "")
    return found is None or (int(found[1]), int(found[2])) >= _REASONING_APART


def read_usage(value: object, apart: bool) -> Usage | None:
    """Read the tokens of one call; ``None`` if none are told.

    Whether reasoning is beside the output shows in ``total``, where there is one; else ``apart``
    says it.
    """
    told = as_dict(value)
    cache = as_dict(told.get("cache"))
    given, thought = as_count(told.get("output")), as_count(told.get("reasoning"))
    usage = Usage(
        input=as_count(told.get("input")),
        cache_read=as_count(cache.get("read")),
        cache_write_5m=as_count(cache.get("write")),
    )
    total = as_count(told.get("total"))
    if total == usage.context + given + thought:
        apart = True
    elif total == usage.context + given:
        apart = False
    output = given + thought if apart else given
    usage = msgspec.structs.replace(usage, output=output, reasoning=min(thought, output))
    return usage if usage.context else None


def read_cost(value: Any) -> int | None:
    """Read a cost in nano-dollars; 0 means that a subscription paid it, and is told as none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e6:
        return None
    return None if value == 0 else round(value * 1e9)


def is_forked(title: str | None) -> bool:
    """Whether a session's title is one that opencode gives to forks."""
    return title is not None and _FORKED.fullmatch(title) is not None


def given_title(title: str | None) -> str | None:
    """A session's title; ``None`` if it is only the time."""
    return None if title is None or _UNTITLED.fullmatch(title) else title


def file(told: Record, pointer: str) -> Part | None:
    """Read a file that is attached: its bytes if they are within, else where it is."""
    url = as_str(told.get("url"))
    media_type = as_str(told.get("mime")) or "application/octet-stream"
    if url is None or not url.startswith("data:"):
        where = url or as_str(told.get("filename"))
        return Part(pointer, where) if where is not None else None
    head, _, body = url.partition(",")
    try:
        encoded = head.endswith(";base64")
        data = binascii.a2b_base64(body) if encoded else urllib.parse.unquote_to_bytes(body)
    except ValueError:
        return undecodable(pointer, media_type)
    if media_type.startswith("text/"):
        return Part(pointer, data.decode("utf-8", "replace"))
    return Part(pointer, data=data, media_type=media_type)


def json_text(value: object) -> str:
    """``value`` as compact JSON."""
    return msgspec.json.encode(value).decode()
