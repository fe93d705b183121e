"""Numbers, dates and names as a reader sees them; the same for every locale and time zone of the machine."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from datetime import UTC, datetime

from dedup.errors import CorpusError

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202d\u202e]")  # the last two write other letters backwards
_WEB_ADDRESS = re.compile(r"https?://[^\s/?#\\\x00-\x1f\x7f]+[^\s\\\x00-\x1f\x7f]*", re.IGNORECASE)
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,8}")
_DIRECTION_CHARACTERS = 600  # read to tell a text's direction
_SPACED_SCRIPT_MAX_CHARACTERS = 12  # per word. Above it the script has no spaces (Japanese, Chinese, Thai)


def counted(n: int, noun: str, plural: str = "") -> str:
    """Say how many.

    >>> counted(1, "article"), counted(1204, "article"), counted(2, "copy", "copies")
    ('1 article', '1,204 articles', '2 copies')
    """
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def percent(share: float) -> str:
    """Say a share in [0, 1]; only all is 100%, only nothing is 0%.

    >>> [percent(share) for share in (0, 0.001, 0.5, 0.9999, 1)]
    ['0%', '<1%', '50%', '>99%', '100%']
    """
    if 0 < share < 0.01:
        return "<1%"
    if 0.99 < share < 1:
        return ">99%"
    return f"{round(share * 100)}%"


def utc(moment: datetime, name: str) -> datetime:
    """Bring an aware moment to UTC.

    Raises
    ------
    CorpusError
        The moment is naive: nobody can know which instant it is. `name` says whose it is.
    """
    if moment.tzinfo is None:
        raise CorpusError(f"{name} is {moment.isoformat()}; it must be an aware datetime")
    return moment.astimezone(UTC)


def iso(moment: datetime, name: str) -> str:
    """Write an aware moment as ISO 8601 in UTC, with Z.

    >>> iso(datetime(2026, 11, 2, 7, 30, tzinfo=UTC), "published")
    '2026-11-02T07:30:00Z'
    """
    return utc(moment, name).replace(tzinfo=None).isoformat() + "Z"


def day_and_time(moment: datetime) -> str:
    """Say an aware moment in UTC; midnight to the second is a system's way to write a mere day.

    >>> day_and_time(datetime(2026, 11, 2, 7, 30, tzinfo=UTC)), day_and_time(datetime(2026, 11, 2, tzinfo=UTC))
    ('2 Nov 2026, 07:30', '2 Nov 2026')
    """
    moment = utc(moment, "date")
    day = f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"
    return day if is_day_only(moment) else f"{day}, {moment.hour:02}:{moment.minute:02}"


def is_day_only(moment: datetime) -> bool:
    """Tell whether an aware moment is midnight to the second, UTC."""
    moment = moment.astimezone(UTC)
    return (moment.hour, moment.minute, moment.second, moment.microsecond) == (0, 0, 0, 0)


def lag(moment: datetime, since: datetime) -> str:
    """Say how much later a moment is, in its two largest units; in days where one of the two is a mere day.

    >>> start = datetime(2026, 11, 2, 7, 30, tzinfo=UTC)
    >>> lag(datetime(2026, 11, 4, 8, 45, tzinfo=UTC), start), lag(start, start), lag(start.replace(minute=25), start)
    ('2 d 1 h later', 'same minute', '5 min earlier')
    >>> lag(datetime(2026, 11, 2, tzinfo=UTC), start), lag(datetime(2026, 11, 5, tzinfo=UTC), start)
    ('same day', '3 d later')
    """
    if is_day_only(moment) or is_day_only(since):
        days = (moment.astimezone(UTC).date() - since.astimezone(UTC).date()).days
        return f"{abs(days)} d {'later' if days > 0 else 'earlier'}" if days else "same day"
    minutes = round((moment - since).total_seconds()) // 60
    days, rest = divmod(abs(minutes), 24 * 60)
    units = [(days, "d"), (rest // 60, "h"), (rest % 60, "min")]
    said = " ".join(f"{n} {unit}" for n, unit in (units[:2] if days else units[1:]) if n)
    if not said:
        return "same minute"
    return f"{said} {'later' if minutes > 0 else 'earlier'}"


def extent(text: str) -> str:
    """Say how long a text is: in words, or in characters where the script sets no spaces.

    >>> extent("two words"), extent("記者会見で明らかにした。")
    ('2 words', '12 characters')
    """
    n_words = len(text.split())
    if len(text) >= n_words * _SPACED_SCRIPT_MAX_CHARACTERS:
        return counted(len(text), "character")
    return counted(n_words, "word")


def hours(n: float) -> str:
    """Say a span of hours in one unit.

    >>> [hours(n) for n in (0, 0.2, 1.5, 30, 100)]
    ['0 min', '12 min', '1.5 h', '30 h', '4.2 d']
    """
    if abs(n) < 1:
        return f"{round(n * 60)} min"
    n, unit = (n, "h") if abs(n) < 48 else (n / 24, "d")
    return f"{round(n, 1 if abs(n) < 9.95 else 0):g} {unit}"


def direction(text: str) -> str:
    """Tell which way a text runs: whichever most of its letters run, not the first one (a dateline may be Latin).

    >>> direction("(AFP) \u0645\u0643\u062a\u0628\u0629"), direction("Die Lenne"), direction("")
    ('rtl', 'ltr', 'ltr')
    """
    classes = Counter(map(unicodedata.bidirectional, text[:_DIRECTION_CHARACTERS]))
    return "rtl" if classes["R"] + classes["AL"] > classes["L"] else "ltr"


def key_of(*names: str) -> str:
    """Give twelve characters that stand for names in ids and file names: hostile names must not reach a path.

    >>> key_of("a", "b") != key_of("ab"), len(key_of("../../etc"))
    (True, 12)
    """
    whole = "\n".join(f"{len(name)} {name}" for name in names)
    return hashlib.sha256(whole.encode("utf-8", errors="surrogatepass")).hexdigest()[:12]


def readable(text: str) -> str:
    r"""Replace what no file can hold or show, one by one: control characters, lone surrogates.

    >>> readable("a\x00b" + chr(0xD800))
    'a\ufffdb\ufffd'
    """
    return encodable(_CONTROL.sub("\ufffd", text))


def encodable(text: str) -> str:
    r"""Replace lone surrogates, which UTF-8 cannot hold.

    >>> encodable("caf\u00e9" + chr(0xDFFF))
    'café\ufffd'
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text)
    return text


def web_address(url: str) -> str:
    r"""Give back a URL that is safe to link to, or nothing: only http and https, no blanks or control characters.

    >>> web_address("https://example.org/a?b=1"), web_address("javascript:alert(1)"), web_address("java\nscript:x")
    ('https://example.org/a?b=1', '', '')
    """
    return url if _WEB_ADDRESS.fullmatch(url) else ""


def language_tag(language: str) -> str:
    """Give back a well-formed BCP 47 tag, or nothing.

    >>> language_tag("en-GB"), language_tag('"><script>')
    ('en-GB', '')
    """
    return language if _LANGUAGE_TAG.fullmatch(language) else ""
