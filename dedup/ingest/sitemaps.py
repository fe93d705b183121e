"""Sitemaps -> Feed (sitemaps.org 0.9, and Google's extension for news).

A news sitemap is a feed of links with titles and dates. A sitemap without news lists all pages of a site: of it, those
changed within `_DAYS` of the newest one are taken. An index names further sitemaps: the newest of them become `parts`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from lxml import etree

from dedup.errors import FeedError
from dedup.ingest.dates import parse_date
from dedup.ingest.feed_entries import Entry, Feed
from dedup.ingest.feed_text import clean
from dedup.ingest.urls import join_url

_START = re.compile(
    r"(?:<\?xml[^>]{0,200}\?>\s{0,100})?(?:<[?!][^>]{0,2000}>\s{0,100}){0,5}"
    r"<(?:\w{1,20}:)?(?:urlset|sitemapindex)[\s>]",
    re.I,
)
_DECLARATION = re.compile(r"\A<\?xml[^>]{0,200}\?>")  # what it says of an encoding is over
_MAX_TAGS = 500_000  # the 50,000 pages that a sitemap may name have 300,000
_MAX_PARTS = 5  # sitemaps of an index; news of a day stand in the newest
_DAYS = timedelta(days=2)  # Google's rule for news sitemaps
_UNDATED = datetime(1, 1, 1, tzinfo=UTC)


def is_sitemap(text: str) -> bool:
    """Tell whether a text begins as a sitemap or an index of sitemaps does."""
    return _START.match(text) is not None


def read_sitemap(text: str, *, url: str, max_entries: int) -> Feed:
    """Read a sitemap, or an index of sitemaps.

    Parameters
    ----------
    text : str
        Decoded.
    url : str
        Its final URL.
    max_entries : int
        The most entries that are read.

    Raises
    ------
    FeedError
        It cannot be parsed at all. What is broken behind its beginning is left out.
    """
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    if (n_tags := text.count("<")) > _MAX_TAGS:
        raise FeedError(f"{url}: {n_tags:,} tags; at most {_MAX_TAGS:,} are read")
    try:
        root = etree.fromstring(_DECLARATION.sub("", text).encode(), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise FeedError(f"{url}: begins like a sitemap, but cannot be read: {error}") from error
    if root is None:
        raise FeedError(f"{url}: begins like a sitemap, but holds no element")
    found = [_fields(element) for element in root if isinstance(element.tag, str)]
    if _local(root.tag) == "sitemapindex":
        return Feed(url=url, title="", version="sitemapindex", parts=_parts(found, url))
    skipped: Counter[str] = Counter()
    entries = list(_entries(found, url, skipped))
    if len(entries) > max_entries:
        skipped["over max_entries"] = len(entries) - max_entries
    names = Counter(fields["name"] for fields in found if fields.get("name"))
    return Feed(
        url=url,
        title=max(names, key=lambda name: (names[name], name), default=""),
        version="sitemap",
        entries=tuple(entries[:max_entries]),
        skipped=MappingProxyType(dict(sorted(skipped.items()))),
    )


def _entries(found: list[dict[str, str]], url: str, skipped: Counter[str]) -> Iterator[Entry]:
    """Give what is news, newest first: entries with a news title, or else pages changed lately."""
    is_news = any("title" in fields for fields in found)
    entries = []
    for fields in found:
        entry = _entry(fields, url)
        if not entry.link:
            skipped["neither link nor text"] += 1
        elif is_news and "title" not in fields:
            skipped["a page, no news"] += 1
        elif not is_news and entry.updated is None:
            skipped["a page without a date"] += 1
        else:
            entries.append(entry)
    entries.sort(key=_moment, reverse=True)
    newest = _moment(entries[0]) if entries else _UNDATED
    for entry in entries:
        if not is_news and newest - _moment(entry) > _DAYS:
            skipped["a page changed long before others"] += 1
        else:
            yield entry


def _entry(fields: dict[str, str], url: str) -> Entry:
    link, raw = join_url(url, fields.get("loc", "")), fields.get("publication_date", "")
    updated_raw = fields.get("lastmod", "")
    return Entry(
        guid=link,
        link=link,
        title=fields.get("title", ""),
        published=parse_date(raw),
        published_raw=raw,
        updated=parse_date(updated_raw),
        updated_raw=updated_raw,
        language=fields.get("language", ""),
    )


def _moment(entry: Entry) -> datetime:
    return entry.published or entry.updated or _UNDATED


def _parts(found: list[dict[str, str]], url: str) -> tuple[str, ...]:
    """Choose the sitemaps that changed last; those that say nothing of it stand behind, in the index's order."""
    dated = [
        (parse_date(fields.get("lastmod", "")) or _UNDATED, join_url(url, fields.get("loc", ""))) for fields in found
    ]
    dated.sort(key=lambda pair: pair[0], reverse=True)
    return tuple(dict.fromkeys(part for _, part in dated if part and part != url))[:_MAX_PARTS]


def _fields(element: etree._Element) -> dict[str, str]:
    """Give the texts of an element's children, and of their children, by local name; the first of each name counts."""
    fields: dict[str, str] = {}
    for child in element.iter(etree.Element):
        if child is not element and child.text and child.text.strip():
            fields.setdefault(_local(child.tag), " ".join(clean(child.text).split()))
    return fields


def _local(name: str) -> str:
    return name.rpartition("}")[2].lower()
