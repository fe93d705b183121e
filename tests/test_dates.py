from __future__ import annotations

import tomllib
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.ingest import dates
from dedup.ingest.dates import parse_date

READ = [
    # the forms that feeds should use
    ("Mon, 25 Jun 2018 14:30:00 GMT", "2018-06-25T14:30:00"),
    ("Mon, 25 Jun 2018 14:30:00 +0200", "2018-06-25T12:30:00"),
    ("Mon, 25 Jun 18 14:30 EDT", "2018-06-25T18:30:00"),
    ("25 Jun 1999 14:30:00 PST", "1999-06-25T22:30:00"),
    ("2018-06-25T14:30:00Z", "2018-06-25T14:30:00"),
    ("2018-06-25T14:30:00.123456789-05:30", "2018-06-25T20:00:00"),
    ("2018-06-25T14:30+02", "2018-06-25T12:30:00"),
    ("20180625T143000Z", "2018-06-25T14:30:00"),
    ("2018-06-25", "2018-06-25T00:00:00"),
    ("Mon Jun 25 14:00:00 CEST 2018", "2018-06-25T12:00:00"),
    # missing zones are UTC, odd ones are read
    ("2018-06-25 14:30:00", "2018-06-25T14:30:00"),
    ("Mon, 25 Jun 2018 14:30:00", "2018-06-25T14:30:00"),
    ("Mon, 25 Jun 2018 14:30:00 UTC+2", "2018-06-25T12:30:00"),
    ("Mon, 25 Jun 2018 14:30:00 GMT-0500 (CDT)", "2018-06-25T19:30:00"),
    ("2018-06-25 14:30 MESZ", "2018-06-25T12:30:00"),
    ("Mon, 25 Jun 2018 14:30:00 \u22120700", "2018-06-25T21:30:00"),
    # the forms that they use
    ("Mo, 25 Jun 2018", "2018-06-25T00:00:00"),
    ("Mo, 25 Dez 2018 14:30:00 +0100", "2018-12-25T13:30:00"),
    ("25. März 2018, 14.30 Uhr", "2018-03-25T14:30:00"),
    ("1er août 2018 à 14h30", "2018-08-01T14:30:00"),
    ("mar, 25 jun 2018 10:00", "2018-06-25T10:00:00"),
    ("12 de março de 2019 às 08h15", "2019-03-12T08:15:00"),
    ("mer, 12 nov 2014 10:00:00 +0100", "2014-11-12T09:00:00"),
    ("12 mrt. 2019", "2019-03-12T00:00:00"),
    ("wt., 3 października 2017 07:05", "2017-10-03T07:05:00"),
    ("пн, 25 июня 2018 14:30", "2018-06-25T14:30:00"),
    ("25 Μαΐου 2018", "2018-05-25T00:00:00"),
    ("2018年6月25日 14时30分", "2018-06-25T14:30:00"),
    ("2018년 6월 25일 오후 2:30", "2018-06-25T14:30:00"),
    ("June 25, 2018 12:05 a.m. EST", "2018-06-25T05:05:00"),
    ("June 25, 2018 at 2 pm", "2018-06-25T14:00:00"),
    # which number is the month
    ("25.06.2018", "2018-06-25T00:00:00"),
    ("06/25/2018", "2018-06-25T00:00:00"),
    ("03/04/2018", "2018-04-03T00:00:00"),
    ("03/04/2018 3:00 PM", "2018-03-04T15:00:00"),
    # edges
    ("1529935200", "2018-06-25T14:00:00"),
    ("1529935200000", "2018-06-25T14:00:00"),
    ("2018-06-25T24:00:00Z", "2018-06-26T00:00:00"),
    ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59"),
    ("Tue, 1 Jan 2041 00:00:00 GMT", "2041-01-01T00:00:00"),
    ("\0 2018-06-25\n", "2018-06-25T00:00:00"),
]

NO_DATES = [
    *[
        "",
        " ",
        "Monday",
        "25 June",
        "14:30",
        "yesterday",
        "31 June 2018",
        "2018-13-01",
        "0000-00-00",
        "2018-06-25T25:00Z",
    ],
    *["9999-12-31T23:59:59-10:00", "3 May 2018, 12 comments", "99 Oct 99 2002 GMT", "1970-01-01T00:00:00Z", "0"],
    "2018-06-25T25:00Z",
    "2018-06-25" + " " * 10 + "x" * 200,
]


@pytest.mark.parametrize(("raw", "expected"), READ)
def test_reads(raw: str, expected: str) -> None:
    assert parse_date(raw) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize("raw", NO_DATES)
def test_is_no_date(raw: str) -> None:
    assert parse_date(raw) is None


def test_old_dates_are_kept_where_they_are_asked_for() -> None:
    assert parse_date("12 Mar 1513 00:00 GMT") is None
    assert parse_date("12 Mar 1513 00:00 GMT", earliest_year=1) == datetime(1513, 3, 12, tzinfo=UTC)
    assert parse_date("26-FEB-1987 15:01:01.79", earliest_year=1) == datetime(1987, 2, 26, 15, 1, 1, tzinfo=UTC)


@given(st.text() | st.text("0123456789:-+/. TZtzjunamp年月日時分"))
def test_never_raises(raw: str) -> None:
    date = parse_date(raw)
    assert date is None or date.tzinfo is UTC


@given(
    st.datetimes(datetime(1990, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC)),
    st.integers(-12 * 60, 14 * 60),
)
def test_reads_what_computers_write(date: datetime, minutes: int) -> None:
    there = date.replace(microsecond=0).astimezone(timezone(timedelta(minutes=minutes)))
    assert parse_date(there.isoformat()) == there
    assert parse_date(there.strftime("%a, %d %b %Y %H:%M:%S %z")) == there


def test_each_word_means_one_month() -> None:
    lists = tomllib.loads((files("dedup") / "data" / "dates.toml").read_text(encoding="utf-8"))
    meanings: dict[str, set[int]] = {}
    for language, names in lists["months"].items():
        months = names.split("|")
        assert len(months) == 12, language
        for number, words in enumerate(months, start=1):
            for word in words.split():
                assert unicodedata.is_normalized("NFC", word)
                meanings.setdefault(dates._fold(word), set()).add(number)
    assert {word: months for word, months in meanings.items() if len(months) > 1} == {}
    assert not set(meanings) & {dates._fold(zone) for zone in lists["zones"]}
