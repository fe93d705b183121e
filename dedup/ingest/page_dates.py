"""A page's statements -> when its article was published and last changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import dropwhile, islice

from htmldate import find_date

from dedup.ingest.dates import parse_date
from dedup.ingest.page_fields import page_fields
from dedup.ingest.page_jsonld import text_of
from dedup.ingest.page_statements import Stated, fold

_ZONED_TIME = re.compile(r"\d:\d\d.{0,20}(?:[zZ]|[+-]\d\d:?\d\d|UTC|GMT)$")
_SAME_DATE = timedelta(hours=36)  # two statements of one date, of which one lacks time or zone, differ by no more
_LATEST = "2100-01-01"  # without it, htmldate asks the clock


def read_published(stated: Stated) -> tuple[datetime | None, str]:
    """Read when the article was published: aware UTC, and as it was written.

    Stated in structured data, else in a ``<time>``, else as htmldate finds it (original date, no guess from numbers in
    the text). A first statement without time or zone yields to a later one of the same date that has both. Where no
    date can be read, the raw string is still that of the first statement.
    """
    return _choose(_published(stated))


def read_updated(stated: Stated) -> datetime | None:
    """Read when the article was last changed: aware UTC, as stated in structured data."""
    return _choose(_structured(stated, "updated"))[0]


def _choose(texts: Iterator[str]) -> tuple[datetime | None, str]:
    first: datetime | None = None
    raw = ""
    for text in texts:
        date = parse_date(text)
        if date is None:
            raw = raw or text
            continue
        if first is None:
            first, raw = date, text
        if _ZONED_TIME.search(text) and abs(date - first) <= _SAME_DATE:
            return date, text
    return first, raw


def _published(stated: Stated) -> Iterator[str]:
    texts = [*_structured(stated, "published"), *_visible(stated)]
    yield from texts
    if not any(map(parse_date, texts)):
        yield from _guessed(stated)


def _visible(stated: Stated) -> Iterator[str]:
    """Find the article's own ``<time>``: one marked as such, the first in an article, the first behind the headline."""
    marked = stated.tree.xpath("(//time[@pubdate])[1]|(//article//time[@datetime])[1]")
    behind = (e for e in dropwhile(lambda e: e.tag != "h1", stated.tree.iter("h1", "time")) if e.get("datetime"))
    for element in (*marked, *islice(behind, 1)):
        yield from filter(None, [fold(element.get("datetime") or "")])


def _structured(stated: Stated, kind: str) -> Iterator[str]:
    fields = page_fields()[kind]
    yield from (text for name in fields["jsonld"] if (text := text_of(stated.article.get(name))))
    yield from stated.first_values(fields["meta"])
    for name in fields["itemprop"]:
        for element in stated.tree.xpath("//*[@itemprop=$name]", name=name)[:1]:
            text = fold(element.get("datetime") or element.get("content") or element.text or "")
            yield from filter(None, [text])


def _guessed(stated: Stated) -> Iterator[str]:
    guess = find_date(stated.tree, extensive_search=False, original_date=True, max_date=_LATEST)
    if guess:
        yield guess
