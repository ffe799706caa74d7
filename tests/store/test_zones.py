"""Days, hours, weeks and months are those that clocks and calendars of a zone show."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_viewer.store.zones import QUARTER_US, Bucket, UnknownZoneError, Zone

ZONES = (
    "UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "Pacific/Chatham",
    "Pacific/Kiritimati", "Africa/Casablanca", "America/Sao_Paulo", "Asia/Beirut",
)  # fmt: skip
QUARTERS = st.integers(
    min_value=int(dt.datetime(2012, 1, 1, tzinfo=dt.UTC).timestamp()) // 900,
    max_value=int(dt.datetime(2028, 1, 1, tzinfo=dt.UTC).timestamp()) // 900,
)


def quarter(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).timestamp()) // 900


def by_sql(sql: str) -> int:
    found: int = apsw.Connection(":memory:").execute(f"SELECT {sql}").get
    return found


def edges(zone: Zone, bucket: Bucket, first: str, last: str) -> list[tuple[str, float]]:
    """Buckets with their lengths in hours."""
    ends = (zone.bucket(bucket, quarter(text)) for text in (first, last))
    return [
        (
            zone.label(bucket, number),
            (zone.start(bucket, zone.following(bucket, number)) - zone.start(bucket, number)) / 3.6e9,
        )
        for number in zone.between(bucket, *ends)
    ]


@given(quarter=QUARTERS, name=st.sampled_from(ZONES), bucket=st.sampled_from(Bucket))
def test_sql_and_python_agree_with_the_calendar(quarter: int, name: str, bucket: Bucket) -> None:
    zone = Zone(name)
    number = zone.bucket(bucket, quarter)
    assert by_sql(zone.bucket_sql(bucket, str(quarter))) == number
    when = dt.datetime.fromtimestamp(quarter * 900, zoneinfo.ZoneInfo(name))
    label = {
        Bucket.HOUR: when.replace(minute=0).isoformat(timespec="minutes")
        if number * 900 == quarter * 900 - when.minute * 60
        else zone.label(bucket, number),
        Bucket.DAY: when.date().isoformat(),
        Bucket.WEEK: "{}-W{:02}".format(*when.isocalendar()),
        Bucket.MONTH: when.strftime("%Y-%m"),
    }[bucket]
    assert zone.label(bucket, number) == label
    assert by_sql(zone.hour_of_week_sql(str(quarter))) == when.weekday() * 24 + when.hour


@given(quarter=QUARTERS, name=st.sampled_from(ZONES), bucket=st.sampled_from(Bucket))
def test_a_bucket_holds_exactly_what_lies_between_its_start_and_the_next(
    quarter: int, name: str, bucket: Bucket
) -> None:
    zone = Zone(name)
    number = zone.bucket(bucket, quarter)
    start, end = zone.start(bucket, number), zone.start(bucket, zone.following(bucket, number))
    assert start <= quarter * QUARTER_US < end
    assert zone.bucket(bucket, start // QUARTER_US) == number
    assert zone.bucket(bucket, end // QUARTER_US) == zone.following(bucket, number)
    assert zone.bucket(bucket, end // QUARTER_US - 1) == number


def test_a_day_on_which_clocks_change_has_23_or_25_hours() -> None:
    zone = Zone("Europe/Berlin")
    assert edges(zone, Bucket.DAY, "2026-03-28T12:00Z", "2026-03-30T12:00Z") == [
        ("2026-03-28", 24),
        ("2026-03-29", 23),
        ("2026-03-30", 24),
    ]
    assert edges(zone, Bucket.DAY, "2026-10-24T12:00Z", "2026-10-26T12:00Z") == [
        ("2026-10-24", 24),
        ("2026-10-25", 25),
        ("2026-10-26", 24),
    ]
    assert edges(zone, Bucket.WEEK, "2026-10-20T12:00Z", "2026-10-20T12:00Z") == [("2026-W43", 169)]
    assert edges(zone, Bucket.MONTH, "2026-03-20T12:00Z", "2026-03-20T12:00Z") == [("2026-03", 743)]


def test_an_hour_that_comes_twice_is_two_and_one_that_is_skipped_is_none() -> None:
    zone = Zone("Europe/Berlin")
    assert edges(zone, Bucket.HOUR, "2026-10-24T23:30Z", "2026-10-25T02:30Z") == [
        ("2026-10-25T01:00+02:00", 1),
        ("2026-10-25T02:00+02:00", 1),
        ("2026-10-25T02:00+01:00", 1),
        ("2026-10-25T03:00+01:00", 1),
    ]
    assert edges(zone, Bucket.HOUR, "2026-03-29T00:30Z", "2026-03-29T01:30Z") == [
        ("2026-03-29T01:00+01:00", 1),
        ("2026-03-29T03:00+02:00", 1),
    ]


def test_where_clocks_move_by_half_an_hour_an_hour_is_cut() -> None:
    zone = Zone("Australia/Lord_Howe")
    # At 02:00 on 2026-04-05 it is 01:30 again.
    assert edges(zone, Bucket.HOUR, "2026-04-04T14:00Z", "2026-04-04T15:30Z") == [
        ("2026-04-05T01:00+11:00", 1),
        ("2026-04-05T01:30+10:30", 0.5),
        ("2026-04-05T02:00+10:30", 1),
    ]
    assert edges(zone, Bucket.DAY, "2026-04-04T14:00Z", "2026-04-04T14:00Z") == [("2026-04-05", 24.5)]


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("Asia/Kathmandu", "2026-01-01T18:15Z"),
        ("America/St_Johns", "2026-01-02T03:30Z"),
        ("Pacific/Kiritimati", "2026-01-01T10:00Z"),
        ("Etc/GMT+12", "2026-01-02T12:00Z"),
    ],
)
def test_a_day_begins_at_midnight_of_the_zone(name: str, start: str) -> None:
    zone = Zone(name)
    assert zone.start(Bucket.DAY, zone.bucket(Bucket.DAY, quarter(start))) == quarter(start) * QUARTER_US
    assert zone.label(Bucket.DAY, zone.bucket(Bucket.DAY, quarter(start))) == "2026-01-02"
    assert zone.label(Bucket.DAY, zone.bucket(Bucket.DAY, quarter(start) - 1)) == "2026-01-01"


def test_a_day_whose_midnight_is_skipped_begins_when_clocks_jump() -> None:
    zone = Zone("Asia/Beirut")  # from 24:00 on 2026-03-28 to 01:00
    first = quarter("2026-03-28T22:00Z")
    assert zone.label(Bucket.DAY, zone.bucket(Bucket.DAY, first)) == "2026-03-29"
    assert zone.start(Bucket.DAY, zone.bucket(Bucket.DAY, first)) == first * QUARTER_US


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "Europe", "../UTC", "/etc/localtime", "tzdata.zi", "a\0b"]
)
def test_there_is_no_other_zone(name: str) -> None:
    with pytest.raises(UnknownZoneError, match="IANA"):
        Zone(name)
