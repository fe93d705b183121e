"""A site's home page -> the feeds it has: those it names, else those that stand at the usual places.

home page -> ``<link rel="alternate">`` and links that look like feeds -> robots.txt's sitemaps that look like news
-> each is fetched and read: what is no feed is left out
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lxml.html import HtmlElement

from dedup.errors import FeedError, FetchError, PageError
from dedup.ingest.feeds import Feed, parse_feed
from dedup.ingest.fetch import Response
from dedup.ingest.page_tree import decode_page, parse_page
from dedup.ingest.urls import join_url, normalise_url, source_of

_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
_LOOKS_LIKE_A_FEED = re.compile(r"[/.=](?:rss|atom|feeds?|rdf)(?:[/.?&]|$)|\.(?:rss|atom|rdf)(?:\?|$)", re.I)
_NEWS_SITEMAP = re.compile(r"news|nachrichten|noticias|actualite|notizie|nieuws", re.I)
_SITEMAP_LINE = re.compile(r"^\s*site-?map\s*:\s*(\S+)", re.I | re.M)
_USUAL = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/news-sitemap.xml", "/sitemap-news.xml")
_MAX_TRIED = 20  # addresses that are asked for on one site
_MAX_ELEMENTS = 30_000
_MAX_CHARS = 5_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A feed of a site.

    Parameters
    ----------
    url : str
        Where it answered, behind permanent redirects.
    title : str
        What it calls itself, or else the page that names it.
    version : str
        `Feed.version`.
    n_entries : int
        How many entries it carries, those of an index not counted.
    """

    url: str
    title: str
    version: str
    n_entries: int


def discover_feeds(home_url: str, get: Callable[[str], Response], *, max_entries: int) -> list[Found]:
    """Find the feeds of a site.

    Parameters
    ----------
    home_url : str
        Its home page, or any page; or a feed, which is then found itself.
    get : callable
        Fetches a URL; a FetchError of it ends the search only for the home page.
    max_entries : int
        As for `parse_feed`.

    Returns
    -------
    list of Found
        Those the page names, in its order, then news sitemaps, each once. The usual places are only asked for where
        the page names nothing.

    Raises
    ------
    FetchError
        The home page cannot be fetched.
    """
    home = get(home_url)
    found: dict[str, Found] = {}
    _note(found, home, "", max_entries)
    if found:
        return list(found.values())
    base = home.final_url
    named = dict(_named_on(home))
    if not named:
        named = {join_url(base, path): "" for path in _USUAL}
    for url in _news_sitemaps(base, get):
        named.setdefault(url, "")
    for url in list(named)[:_MAX_TRIED]:
        try:
            response = get(url)
        except FetchError:
            continue
        _note(found, response, named[url], max_entries)
    return list(found.values())


def feeds_named_on(body: bytes, *, url: str, content_type: str = "") -> list[tuple[str, str]]:
    """Give the feeds that a page names: URL and title, those in its head first.

    Examples
    --------
    >>> page = b'<link rel=alternate type="application/rss+xml" title="News" href="/rss"><a href="/feed/sport">x</a>'
    >>> feeds_named_on(page, url="https://a.example/")
    [('https://a.example/rss', 'News'), ('https://a.example/feed/sport', 'x')]
    """
    try:
        tree = parse_page(
            decode_page(body, content_type=content_type), max_chars=_MAX_CHARS, max_elements=_MAX_ELEMENTS
        )
    except PageError:
        return []
    named: dict[str, str] = {}
    for link, title in (*_head_links(tree), *_anchors(tree, url)):
        if absolute := join_url(url, link):
            named.setdefault(absolute, title)
    return list(named.items())


def _named_on(home: Response) -> list[tuple[str, str]]:
    return feeds_named_on(home.body, url=home.final_url, content_type=home.content_type)


def _head_links(tree: HtmlElement) -> Iterator[tuple[str, str]]:
    for element in tree.iter("link"):
        kind = (element.get("type") or "").partition(";")[0].strip().lower()
        is_alternate = "alternate" in (element.get("rel") or "").lower().split()
        if is_alternate and kind in _FEED_TYPES:
            yield element.get("href") or "", " ".join((element.get("title") or "").split())


def _anchors(tree: HtmlElement, url: str) -> Iterator[tuple[str, str]]:
    for element in tree.iter("a"):
        link = join_url(url, element.get("href") or "")
        if link and _LOOKS_LIKE_A_FEED.search(link) and source_of(link) == source_of(url):
            yield link, " ".join((element.text_content() or "").split())[:100]


def _news_sitemaps(base: str, get: Callable[[str], Response]) -> list[str]:
    try:
        text = get(join_url(base, "/robots.txt")).body[:512_000].decode("utf-8", errors="replace")
    except FetchError:
        return []
    links = (join_url(base, match[1]) for match in _SITEMAP_LINE.finditer(text))
    return [link for link in links if link and _NEWS_SITEMAP.search(link)]


def _note(found: dict[str, Found], response: Response, title: str, max_entries: int) -> None:
    try:
        feed = parse_feed(
            response.body, url=response.final_url, content_type=response.content_type, max_entries=max_entries
        )
    except FeedError:
        return
    name = normalise_url(response.final_url)
    found.setdefault(name, _found(feed, response.permanent_url, title))


def _found(feed: Feed, url: str, title: str) -> Found:
    return Found(url=url, title=feed.title or title, version=feed.version, n_entries=len(feed.entries))
