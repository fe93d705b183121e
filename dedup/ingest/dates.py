"""A date as someone wrote it -> an aware UTC datetime.

Feeds and pages write dates as RFC 822, ISO 8601, asctime, or in the words of their readers ("Mo, 25 Jun 2018",
"25 juin 2018 à 14h30"). All of them are one thing here: take out the time, the zone, the half of the day, the month's
name; what remains must be exactly the numbers of a date.

Known special cases: no zone is UTC. No time is midnight, no day the first of the month. ``03/04/2018`` is the third of
April, unless an AM or PM says that the writer puts the month first. Second 60 is 59; hour 24 is the next day's 0. Years
of two digits follow RFC 5322.

dateutil and dateparser were tried and left: they fill gaps from today's date, so a bare weekday became a date of its
own, and the answer changed with the day it was asked on.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files

_MAX_CHARACTERS = 100  # longer ones are no date
_MAX_WORDS = 12  # weekday, "um", "Uhr", "Uhr MESZ (Update)" ... a sentence is no date
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_TIME = re.compile(
    r"""(?<![\d:.]) (?P<hour>\d{1,2})
    (?: \s?[:h] \s?(?P<minute>\d{1,2}) (?: [:m.] (?P<second>\d{1,2}) (?: [.,]\d+ )? s? )? (?![\d:])
      | \.(?P<dotted>\d{2}) (?= \s*(?:uhr|klo) )
      | \s?[時时点시] \s?(?P<cjk_minute>\d{1,2}) \s?[分분] (?: \s?(?P<cjk_second>\d{1,2}) \s?[秒초] )?
      | (?= \s?[ap]\.?m\b ) )""",
    re.VERBOSE,
)
_OFFSET = re.compile(r"(?P<sign>[+-])\s?(?P<hours>\d{1,2}):?(?P<minutes>\d{1,2})?(?![\d:])")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?![\d])")
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})([-/.])\s?(\d{1,2})[-/.]\s?(\d{4}|\d{2})(?!\d)")
_CJK = re.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일号]?")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:t?(\d\d)(\d\d)(\d\d)?)?(?=z|[+-]|\s|$)")
_TIMESTAMP = re.compile(r"(\d{9,10})(?:\d{3})?")  # seconds or milliseconds since 1970
_WORD = re.compile(r"[^\W\d_]+(?:\.[^\W\d_]+)*")
_ISO_T = re.compile(r"(?<=\d)t(?=\d)")


@dataclass(frozen=True, slots=True)
class _Lexicon:
    months: Mapping[str, int]
    zones: Mapping[str, int]
    half_days: Mapping[str, int]


def parse_date(raw: str, *, earliest_year: int = 1990) -> datetime | None:
    """Read a date.

    Parameters
    ----------
    raw : str
        As it was written, in any of the languages of ``data/dates.toml``.
    earliest_year : int
        A year before it is taken for a broken clock, not for a date: there was no Web before 1990, and an epoch of 0
        must not make an article the first of its cluster. Pass 1 for archives of print.

    Returns
    -------
    datetime or None
        Aware, UTC. None where it is no date, or says no year, or none that can be.

    Examples
    --------
    >>> parse_date("Mo, 25 Jun 2018 14:30:00 +0200").isoformat()
    '2018-06-25T12:30:00+00:00'
    >>> parse_date("25. Dezember 2018").isoformat()
    '2018-12-25T00:00:00+00:00'
    >>> parse_date("Monday") is None
    True
    """
    text = _fold(raw)
    if not text or len(text) > _MAX_CHARACTERS:
        return None
    try:
        date = _read(text)
        return date if date is not None and date.year >= earliest_year else None
    except (ValueError, OverflowError):  # 31 June, hour 25, the year 10000: no date
        return None


def _read(text: str) -> datetime | None:
    if match := _TIMESTAMP.fullmatch(text):
        return _EPOCH + timedelta(seconds=int(match[1]))
    text = _ISO_T.sub(" ", _spread_compact(text))
    text, date = _take_numeric_date(text)
    text, time, offset = _take_time(text)
    text, named_offset = _take_zone(text)
    text, half_day = _take_half_day(text)
    if date is None:
        text, date = _take_month_and_rest(text)
    elif date.is_ambiguous and half_day is not None:
        date = _Date(date.year, date.day, date.month)
    if date is None or re.search(r"\d", text) or len(_WORD.findall(text)) > _MAX_WORDS:
        return None
    minutes = offset if offset is not None else named_offset or 0
    return date.midnight() + _on_24_hours(time, half_day) - timedelta(minutes=minutes)


@dataclass(frozen=True, slots=True)
class _Date:
    year: int
    month: int
    day: int
    is_ambiguous: bool = False  # which number is the month is a guess

    def midnight(self) -> datetime:
        return datetime(self.year, self.month, self.day, tzinfo=UTC)


def _take_numeric_date(text: str) -> tuple[str, _Date | None]:
    for pattern in (_CJK, _YEAR_FIRST):
        if match := pattern.search(text):
            return _without(text, match), _Date(int(match[1]), int(match[2]), int(match[3] or 1))
    if not (match := _YEAR_LAST.search(text)):
        return text, None
    first, second, year = int(match[1]), int(match[3]), _full_year(match[4])
    if second > 12 >= first:
        first, second = second, first
    return _without(text, match), _Date(year, second, first, is_ambiguous=match[2] == "/" and first <= 12)


def _take_month_and_rest(text: str) -> tuple[str, _Date | None]:
    """Take a month's name, a year, and a day; the last name counts, for "mar" is a Tuesday, too."""
    names = [match for match in _WORD.finditer(text) if match[0].replace(".", "") in _lexicon().months]
    if not names:
        return text, None
    month = _lexicon().months[names[-1][0].replace(".", "")]
    text = _without(text, names[-1])
    numbers = list(re.finditer(r"\d+", text))
    if not 1 <= len(numbers) <= 2 or any(len(number[0]) > 4 for number in numbers):
        return text, None
    year, day = numbers[-1][0], numbers[0][0] if len(numbers) == 2 else "1"
    if len(day) > 2:  # "2018 June 25"
        year, day = day, year
    if len(numbers) == 1 and len(year) < 4:
        return text, None  # "25 June": of which year?
    return re.sub(r"\d+", " ", text), _Date(_full_year(year), month, int(day))


def _take_time(text: str) -> tuple[str, timedelta, int | None]:
    """Take the time of day, and the offset in minutes that stands right behind it, or behind a zone's name."""
    match = _TIME.search(text)
    time = timedelta(0)
    if match:
        minute = match["minute"] or match["dotted"] or match["cjk_minute"] or "0"
        second = match["second"] or match["cjk_second"] or "0"
        time = _time(int(match["hour"]), int(minute), int(second))
        head, text = text[: match.start()], text[match.end() :]
    else:
        head = ""
    offset = _OFFSET.search(text) if match else None
    if offset:
        text = _without(text, offset)
    return f"{head} {text}", time, _minutes(offset) if offset else None


def _take_zone(text: str) -> tuple[str, int | None]:
    for match in _WORD.finditer(text):
        if (zone := _lexicon().zones.get(match[0].replace(".", ""))) is not None:
            return _without(text, match), zone
    return text, None


def _take_half_day(text: str) -> tuple[str, int | None]:
    for match in _WORD.finditer(text):
        half_day = _lexicon().half_days.get(match[0].replace(".", ""))
        if half_day is not None:
            return _without(text, match), half_day
    return text, None


def _time(hour: int, minute: int, second: int) -> timedelta:
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and minute + second > 0):
        raise ValueError(f"{hour}:{minute}:{second} is no time of day")
    return timedelta(hours=hour, minutes=minute, seconds=min(second, 59))


def _on_24_hours(time: timedelta, half_day: int | None) -> timedelta:
    noon = timedelta(hours=12)
    if half_day is None or time >= noon + timedelta(hours=1):
        return time
    return time % noon + timedelta(hours=half_day)


def _minutes(offset: re.Match[str]) -> int:
    minutes = int(offset["hours"]) * 60 + int(offset["minutes"] or 0)
    if minutes > 16 * 60:
        raise ValueError(f"{offset[0]} is no offset from UTC")
    return -minutes if offset["sign"] == "-" else minutes


def _full_year(digits: str) -> int:
    """RFC 5322 section 4.3: 00 to 49 are of this century, 50 to 999 count from 1900."""
    year = int(digits)
    if len(digits) >= 4:
        return year
    return year + (2000 if year < 50 and len(digits) <= 2 else 1900)


def _spread_compact(text: str) -> str:
    """Write "20180625T143000Z" as "2018-06-25 14:30:00 z"."""
    match = _COMPACT.match(text)
    if not match:
        return text
    year, month, day, hour, minute, second = match.groups()
    time = f" {hour}:{minute}:{second or '00'} " if hour else " "
    return f"{year}-{month}-{day}{time}{text[match.end() :]}"


def _without(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} {text[match.end() :]}"


def _fold(raw: str) -> str:
    """Case, accents, full-width and other digits, dashes and odd spaces are all the same here."""
    text = unicodedata.normalize("NFKD", raw[: 4 * _MAX_CHARACTERS].replace("\0", "")).casefold()
    text = "".join(character for character in text if not unicodedata.combining(character))
    text = re.sub(r"[\u2010-\u2015\u2212]", "-", unicodedata.normalize("NFC", text))
    text = re.sub(r"\d", lambda digit: str(unicodedata.decimal(digit[0])), text)
    return " ".join(text.split())


@cache
def _lexicon() -> _Lexicon:
    lists = tomllib.loads((files("dedup") / "data" / "dates.toml").read_text(encoding="utf-8"))
    months = {
        _fold(word): number
        for names in lists["months"].values()
        for number, words in enumerate(names.split("|"), start=1)
        for word in words.split()
    }
    half_days = {_fold(word).replace(".", ""): hours for word, hours in lists["half_days"].items()}
    return _Lexicon(months, lists["zones"], half_days)
