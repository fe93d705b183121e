"""Section -> one line of the start page, for readers as a row and for the page's script as data.

The rows are sorted by the day of the newest article, then by size: what is new stands on top each morning.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import log1p
from typing import Any

from markupsafe import Markup

from dedup.model import Article
from dedup.report.pages import headline, source_name
from dedup.report.sections import Section
from dedup.report.wording import direction, is_day_only, lag, language_tag, readable, utc

STRIP_WIDTH = 240  # units of the drawing that shows when each article came
STRIP_MINUTES = 14 * 24 * 60  # at its right end; copies come within days
STRIP_TICKS = tuple((minutes, label) for minutes, label in ((60, "1 h"), (1440, "1 d"), (10_080, "1 wk")))
NAMES_SHOWN = 4  # sources of one row in sight; the rest is counted
MARKS_SHOWN = 24  # dots of one strip
HEADLINE_CHARACTERS = 160  # of a row
_KINDS = ("exact", "near", "excerpt", "rewritten", "translated")
_LICENCES = ("licensed", "credited", "credit missing", "unlicensed")


@dataclass(frozen=True, slots=True)
class Dot:
    """One article on the strip: where, on a scale of `STRIP_WIDTH`, and whether it is the origin."""

    x: int
    is_origin: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One cluster as the start page tells it.

    Parameters
    ----------
    key : str
        Names its page.
    headline, language, direction : str
        Of the origin, or of what came first.
    origin, origin_kind : str
        Name; ``article``, ``agency``, ``outlet``, or ``""`` where it is unknown.
    confidence : float
        In [0, 1].
    sources : tuple of str
        Who carries it, the origin left out, in order of publication.
    kinds, licences, languages : tuple of str
        What there is among its articles.
    is_revision : bool
        Versions of one source's own article.
    is_new : bool
        It holds an article of the last night; False where there was only one night.
    n_articles : int
        Articles.
    share : float
        The largest share of an article that lies in another one, in [0, 1].
    first, last : datetime or None
        Publication of its first and last dated article.
    dots : tuple of Dot
        The strip.
    spread : str
        How long after the first the last one came.
    """

    key: str
    headline: str
    language: str
    direction: str
    origin: str
    origin_kind: str
    confidence: float
    sources: tuple[str, ...]
    kinds: tuple[str, ...]
    licences: tuple[str, ...]
    languages: tuple[str, ...]
    is_revision: bool
    is_new: bool
    n_articles: int
    share: float
    first: datetime | None
    last: datetime | None
    dots: tuple[Dot, ...]
    spread: str


def entry_of(section: Section, last_night: datetime | None) -> Entry:
    """Tell a cluster in one line."""
    articles = [member.article for member in section.members]
    dated = sorted((utc(a.published, "published"), a.id, a) for a in articles if a.published)
    first, last = (dated[0][0], dated[-1][0]) if dated else (None, None)
    origin = section.origin
    name = source_name(origin.article) if origin.article else readable(origin.name)[:80]
    others = dict.fromkeys(source_name(a) for a in articles if not origin.article or a.id != origin.article.id)
    told = [member.match for member in section.members if member.match]
    return Entry(
        key=section.key,
        headline=headline(section.headline),
        language=language_tag(section.headline.language),
        direction=direction(headline(section.headline)),
        origin=name,
        origin_kind="article" if origin.article else origin.kind,
        confidence=section.cluster.attribution.confidence,
        sources=tuple(others),
        kinds=tuple(kind for kind in _KINDS if any(match.kind == kind for match in told)),
        licences=tuple(one for one in _LICENCES if any(link.licence == one for link in section.cluster.links)),
        languages=tuple(dict.fromkeys(tag for a in articles if (tag := language_tag(a.language).lower()[:8]))),
        is_revision=section.cluster.is_revision,
        is_new=last_night is not None and any(_night_of(a) == last_night for a in articles),
        n_articles=len(articles),
        share=max((max(m.share, m.share_of_other) for m in section.members), default=0.0),
        first=first,
        last=last,
        dots=_dots(dated, origin.article),
        spread=_spread(first, last) if first and last and len(dated) > 1 else "",
    )


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Sort: the newest day first, on it the largest cluster, then by key."""
    return sorted(entries, key=lambda e: (-(e.last.toordinal() if e.last else 0), -e.n_articles, e.key))


def last_night_of(articles: Iterable[Article]) -> datetime | None:
    """Give the moment of the newest night, or None where all articles are of one night."""
    nights = {night for article in articles if (night := _night_of(article))}
    return max(nights) if len(nights) > 1 else None


def strip_x(minutes: float) -> int:
    """Give the place of a lag on the strip: logarithmic, so that minutes and days are both seen."""
    return round(min(1.0, log1p(max(0.0, minutes)) / log1p(STRIP_MINUTES)) * STRIP_WIDTH)


def data_of(entries: Sequence[Entry], *, max_bytes: int) -> tuple[Markup, int]:
    """Write entries as JSON for the page's script, as many as fit.

    Headlines are shortened before any entry is left out.

    Returns
    -------
    Markup
        Safe inside a script element: it holds no ``<``.
    int
        How many entries it holds.
    """
    n = len(entries)
    for n_characters in (HEADLINE_CHARACTERS, 100, 70, 50):
        text = _packed(entries, n_characters)
        if len(text.encode()) <= max_bytes:
            return Markup(text), n  # noqa: S704
    while n and len(text.encode()) > max_bytes:
        n = min(n - 1, n * max_bytes // len(text.encode()))
        text = _packed(entries[:n], n_characters)
    return Markup(text), n  # noqa: S704


def _packed(entries: Sequence[Entry], n_characters: int) -> str:
    names: dict[str, int] = {}

    def numbered(texts: Iterable[str]) -> list[int]:
        return [names.setdefault(text, len(names)) for text in texts]

    rows = [_row(replace(e, headline=shortened(e.headline, n_characters)), numbered) for e in entries]
    packed = json.dumps({"names": list(names), "rows": rows}, ensure_ascii=False, separators=(",", ":"))
    return packed.encode("utf-8", errors="replace").decode().replace("<", "\\u003c")


def _row(e: Entry, numbered: Any) -> list[Any]:
    """List what the script reads, in the order it reads it; see `unpacked` in start.js."""
    return [
        e.key,
        e.headline,
        e.language,
        int(e.direction == "rtl"),
        *numbered([e.origin, e.origin_kind]),
        round(e.confidence * 100),
        numbered(e.sources),
        numbered(e.kinds),
        numbered(e.licences),
        numbered(e.languages),
        int(e.is_revision) + 2 * int(e.is_new),
        e.n_articles,
        round(e.share, 3),
        int(e.first.timestamp()) // 60 if e.first else None,
        int(e.first is not None and is_day_only(e.first)),
        int(e.last.timestamp()) // 60 if e.last else None,
        [x for dot in e.dots for x in (dot.x if not dot.is_origin else -dot.x - 1,)],
        e.spread,
    ]


def shortened(text: str, n_characters: int) -> str:
    """Cut a text at a blank near its end."""
    if len(text) <= n_characters:
        return text
    cut = text[: n_characters - 1]
    blank = cut.rfind(" ", n_characters * 3 // 4)
    return (cut[:blank] if blank > 0 else cut) + "…"


def _dots(dated: Sequence[tuple[datetime, str, Article]], origin: Article | None) -> tuple[Dot, ...]:
    """Place the articles on the strip, the first one at its left end; of those at one place, one dot."""
    places: dict[int, bool] = {}
    for moment, _, article in dated:
        x = strip_x((moment - dated[0][0]).total_seconds() / 60)
        is_origin = origin is not None and article.id == origin.id
        places[x] = places.get(x, False) or is_origin
    return tuple(Dot(x, is_origin) for x, is_origin in sorted(places.items())[:MARKS_SHOWN])


def _spread(first: datetime, last: datetime) -> str:
    after = lag(last, first)
    if after.startswith("same"):
        return f"all {'on' if after.endswith('day') else 'in'} the {after}"
    return f"the last {after}"


def _night_of(article: Article) -> datetime | None:
    return utc(article.first_seen, f"first_seen of article {article.id!r}") if article.first_seen else None
