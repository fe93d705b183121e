"""Entry + Page -> Article: which text is taken, and by what name the article goes.

- The page's text is taken where there is one and it is not shorter than the feed's; else the feed's.
- A canonical URL of the same host names the article only where it says the same address in other words (another slash,
  no AMP; a query less, where the path alone tells which article it is). A canonical that leads to the home page, to
  another article or to another host must never merge two articles; it is kept as a fact.
"""

from __future__ import annotations

import re
import tomllib
from datetime import datetime
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from urllib.parse import urlsplit

from dedup.ingest.feeds import Entry, Feed, entry_text
from dedup.ingest.page_links import FIELD, links_of_feed
from dedup.ingest.pages import Page
from dedup.ingest.urls import article_id, normalise_url, source_of
from dedup.model import Article, TextOrigin

_TELLING_NAME = re.compile(r"[0-9]{5,}|[^/_-]+([_-])[^/_-]+\1[^/_-]+[^/]*$")  # "1234567" or "council-votes-on-bridge"
_TAIL_CHARS = 60  # characters of a text's end in which "read more" is looked for


def is_excerpt(entry: Entry, *, excerpt_words: int) -> bool:
    """Tell whether an entry carries less than the article: then its page must be fetched.

    Parameters
    ----------
    entry : Entry
    excerpt_words : int
        A text of fewer words is taken for an excerpt. Scripts without spaces have few "words" and are asked for more
        often than need be: a page too many costs less than half an article.

    Examples
    --------
    >>> is_excerpt(Entry(summary_html="The council met on Monday and ..."), excerpt_words=5)
    True
    >>> is_excerpt(Entry(content_html="<p>The council met on Monday.</p>"), excerpt_words=5)
    False
    """
    text = entry_text(entry.content_html or entry.summary_html)
    return len(text.split()) < excerpt_words or text.rstrip()[-_TAIL_CHARS:].casefold().endswith(_endings())


def article_from_entry(
    entry: Entry,
    *,
    page: Page | None,
    fetched_url: str,
    final_url: str,
    feed: Feed,
    first_seen: datetime,
    excerpt_words: int,
) -> Article:
    """Make an article of a feed's entry and its page.

    Parameters
    ----------
    entry : Entry
    page : Page or None
        None where it was not asked for or could not be read.
    fetched_url, final_url : str
        The URL that was asked for and the one that answered; ``""`` where none was.
    feed : Feed
        The feed that carries the entry.
    first_seen : datetime
        By our own clock; aware.
    excerpt_words : int
        As for `is_excerpt`.

    Returns
    -------
    Article
        Its id is ``""`` where neither the entry nor the page has a URL. Its text is ``""`` where there is none.
    """
    url = final_url or entry.link
    canonical_url = page.canonical_url if page else ""
    identity = identity_url(url, canonical_url)
    text, text_origin = _text_of(entry, page, excerpt_words=excerpt_words)
    published, published_raw = _date_of(entry, page)
    in_feed = links_of_feed(entry.content_html or entry.summary_html, url=url)
    linked = {FIELD: in_feed} if in_feed else {}
    return Article(
        id=article_id(identity) if identity else "",
        text=text,
        title=entry.title or (page.title if page else ""),
        url=url,
        source=_source_of(entry, url, feed=feed, text_origin=text_origin),
        byline=(page.byline if page else "") or entry.byline,
        published=published,
        published_raw=published_raw,
        first_seen=first_seen,
        language=(page.language if page else "") or entry.language or feed.language,
        text_origin=text_origin,
        fetched_url=fetched_url,
        final_url=final_url,
        canonical_url=canonical_url,
        og_url=page.og_url if page else "",
        feed_url=feed.url,
        guid=entry.guid,
        provenance=MappingProxyType({**linked, **entry.provenance, **(page.provenance if page else {})}),
    )


def identity_url(url: str, canonical_url: str) -> str:
    """Choose the URL that names an article.

    Examples
    --------
    >>> identity_url("https://a.example/council-votes-on-bridge?from=home", "https://a.example/council-votes-on-bridge")
    'https://a.example/council-votes-on-bridge'
    >>> identity_url("https://a.example/article?id=7", "https://a.example/article")
    'https://a.example/article?id=7'
    >>> identity_url("https://a.example/council-votes-on-bridge", "https://b.example/council-votes-on-bridge")
    'https://a.example/council-votes-on-bridge'
    """
    if not canonical_url or source_of(canonical_url) != source_of(url):
        return url
    here, there = urlsplit(normalise_url(url)), urlsplit(normalise_url(canonical_url))
    path = _bare_path(here.path)
    if path == "" or path != _bare_path(there.path):
        return url
    return canonical_url if here.query == there.query or _TELLING_NAME.search(path) else url


def _bare_path(path: str) -> str:
    """Give a path without what makes no other article: slashes at its end, AMP."""
    path = path.rstrip("/").removesuffix(".amp.html").removesuffix(".amp").removesuffix("/amp")
    return path.removeprefix("/amp")


def _text_of(entry: Entry, page: Page | None, *, excerpt_words: int) -> tuple[str, TextOrigin]:
    text = entry_text(entry.content_html or entry.summary_html)
    if page and len(page.text) >= len(text):
        return page.text, "page"
    return text, "excerpt" if is_excerpt(entry, excerpt_words=excerpt_words) else "feed"


def _date_of(entry: Entry, page: Page | None) -> tuple[datetime | None, str]:
    """Take the feed's date of publication, or else the page's, or else the feed's date of the last update."""
    states_publication = entry.published is not None and entry.published_raw != entry.updated_raw
    if page and page.published and not states_publication:
        return page.published, page.published_raw
    if entry.published:
        return entry.published, entry.published_raw
    return None, entry.published_raw or (page.published_raw if page else "")


def _source_of(entry: Entry, url: str, *, feed: Feed, text_origin: TextOrigin) -> str:
    """Name the outlet: where an aggregator only points to an article, RSS ``<source url>`` says whose it is.

    Whoever shows the article itself is its publisher, whomever it credits.
    """
    source, aggregator = source_of(url), source_of(feed.url)
    credited = source_of(entry.source_url)
    if text_origin == "excerpt" and source == aggregator and credited:
        return credited
    return source or aggregator


@cache
def _endings() -> tuple[str, ...]:
    text = files("dedup.data").joinpath("excerpts.toml").read_text(encoding="utf-8")
    return tuple(ending.casefold() for ending in tomllib.loads(text)["endings"])
