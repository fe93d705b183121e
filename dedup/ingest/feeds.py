"""Bytes of a feed -> Feed: RSS 0.9x to 2.0, RDF, Atom 0.3 and 1.0, CDF, JSON Feed 1.0 and 1.1, sitemaps.

bytes -> characters (feed_text) -> by kind: feed_json, feed_xml, sitemaps -> Feed and Entries (feed_entries)
"""

from __future__ import annotations

import re
from collections.abc import Collection

from dedup.errors import FeedError
from dedup.ingest.feed_entries import Entry, Feed
from dedup.ingest.feed_json import read_json_feed
from dedup.ingest.feed_text import decode_feed, entry_text
from dedup.ingest.feed_xml import read_xml_feed
from dedup.ingest.sitemaps import is_sitemap, read_sitemap
from dedup.ingest.urls import join_url

__all__ = ["Entry", "Feed", "entry_text", "parse_feed"]

_HTML = re.compile(
    r"(?:<\?xml[^>]{0,200}>\s{0,100})?(?:<!--.{0,1000}?-->\s{0,100})?<(?:!doctype\s+)?html\b", re.I | re.S
)
_FEED_LINK = re.compile(r"<link\s[^>]{0,500}?type=[\"']?application/(?:rss|atom|feed)\+(?:xml|json)[^>]{0,500}>", re.I)
_HREF = re.compile(r"href=[\"']?([^\"'\s>]{1,500})", re.I)


def parse_feed(body: bytes, *, url: str, content_type: str = "", max_entries: int, known: Collection[str] = ()) -> Feed:
    """Read a feed.

    Parameters
    ----------
    body : bytes
        As fetched, decompressed.
    url : str
        Its final URL; relative links are resolved against it.
    content_type : str
        The HTTP header, for its ``charset``; what kind of file it claims to be is not believed.
    max_entries : int
        The most entries that are read, 1 or more. Those above are counted in `Feed.skipped`.
    known : collection of str
        Raw digests of items that need not be read again; `Feed.unchanged` says which are still there. Reading an item
        takes a hundred times as long as recognising it.

    Raises
    ------
    FeedError
        No feed. The message says what was found instead; of an HTML page, also which feeds it names.

    Examples
    --------
    >>> rss = b"<rss version='2.0'><channel><item><title>A &amp;amp; B</title><link>/a</link></item></channel></rss>"
    >>> entry = parse_feed(rss, url="https://example.org/feed", max_entries=10).entries[0]
    >>> entry.title, entry.link
    ('A & B', 'https://example.org/a')
    """
    text = decode_feed(body, content_type=content_type)
    if not text:
        raise FeedError(f"{url}: empty; a feed was expected")
    if text.startswith("{"):
        return read_json_feed(text, url=url, max_entries=max_entries)
    if _HTML.match(text):
        raise FeedError(f"{url}: an HTML page, no feed{_named_feeds(text, url)}")
    if is_sitemap(text):
        return read_sitemap(text, url=url, max_entries=max_entries)
    return read_xml_feed(text, url=url, max_entries=max_entries, known=known)


def _named_feeds(text: str, url: str) -> str:
    """Say which feeds a page names: a home page in a list of feeds is a common mistake."""
    hrefs = (_HREF.search(link[0]) for link in _FEED_LINK.finditer(text[:200_000]))
    named = list(dict.fromkeys(filter(None, (join_url(url, href[1]) for href in hrefs if href))))
    return f"; it names {', '.join(named[:3])}" if named else ""
