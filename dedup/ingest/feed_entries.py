"""What a feed says, whatever its format: Feed and its Entries. Data only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

_NOTHING: Mapping[str, str] = MappingProxyType({})
_NONE_SKIPPED: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a feed.

    Parameters
    ----------
    guid : str
        The feed's own name for it, with its letter case; ``""`` where it has none of its own.
    link : str
        Absolute web URL of the article; ``""`` if there is none.
    title : str
        Plain text, one line.
    byline : str
        Authors as printed, joined by ``", "``.
    published, updated : datetime, optional
        Aware, UTC; as stated, in the future, too. Where only an update is stated, it stands for both.
    published_raw, updated_raw : str
        The dates as they were written.
    content_html : str
        What the feed gives as the whole text: HTML as it was sent, scripts and all, for `entry_text` only.
    summary_html : str
        What it gives as a summary, or does not say what it is; likewise. Never the same as `content_html`.
    language : str
        BCP 47 tag as stated for the entry, or else for the feed; ``""`` if unknown.
    source_url, source_name : str
        RSS ``<source>``, Atom ``<source>``: the feed or outlet the entry was taken from.
    provenance : Mapping[str, str]
        Statements on where the text comes from, by field: ``rss:source``, ``atom:source``, ``dc:source``,
        ``dc:publisher``, ``dc:rights``, ``media:credit``, ``jsonfeed:external_url``.
    raw_digest : str
        Of the item as it stands in the feed; ``""`` where it cannot be told apart there.
    """

    guid: str = ""
    link: str = ""
    title: str = ""
    byline: str = ""
    published: datetime | None = None
    published_raw: str = ""
    updated: datetime | None = None
    updated_raw: str = ""
    content_html: str = ""
    summary_html: str = ""
    language: str = ""
    source_url: str = ""
    source_name: str = ""
    provenance: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    raw_digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One feed.

    Parameters
    ----------
    url : str
        Where it was found.
    title : str
        Plain text, one line.
    version : str
        ``rss20``, ``atom10``, ``rss10`` and so on (feedparser's names), or ``json1``, ``json11``.
    home_url : str
        The page it belongs to; ``""`` if it names none.
    language : str
        BCP 47 tag as stated, ``""`` if unknown.
    entries : tuple of Entry
        In the feed's order.
    skipped : Mapping[str, int]
        Entries that were left out, by named reason: ``over max_entries``, ``not an object``.
    parts : tuple of str
        Further files of the same kind that it names: an index of sitemaps its newest sitemaps.
    unchanged : tuple of str
        Raw digests of items that the caller knows and that were not read again, in the feed's order.
    """

    url: str
    title: str
    version: str
    home_url: str = ""
    language: str = ""
    entries: tuple[Entry, ...] = ()
    skipped: Mapping[str, int] = field(default_factory=lambda: _NONE_SKIPPED)
    parts: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()


def with_own_guids(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Take a guid that several entries share away from them: it names none of them; their links do."""
    listed = list(entries)
    n_links: Counter[str] = Counter()
    for guid, _ in {(entry.guid, entry.link or entry.title) for entry in listed}:
        n_links[guid] += 1
    return tuple(replace(entry, guid="") if n_links[entry.guid] > 1 else entry for entry in listed)
