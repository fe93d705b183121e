"""Article -> its publisher: what counts as one source.

A publisher prints one text in many places: on ``www`` and ``news`` hosts, on the pages of its regional titles, in
several feeds. Those are versions of its own article, no copies. So articles are of one publisher where

- the corpus says so itself, in a column ``publisher`` beside a source that was only read off the URL; or
- their hosts are of one registrable domain (``news.example.co.uk`` and ``example.co.uk``), by the Public Suffix List:
  blogs on one platform (``a.blogspot.com``, ``b.blogspot.com``) are not; or
- their domains are of one family: `data/owners.toml`, and the setting ``owners``, which wins.

A source that is no host ("Tagblatt") is its own publisher. One that is unknown is nobody's.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from tld import get_fld

from dedup.model import Article


def publishers_of(articles: Sequence[Article], *, owners: Mapping[str, str]) -> list[str]:
    """Name the publisher of each article.

    Parameters
    ----------
    articles : sequence of Article
    owners : Mapping[str, str]
        Source or domain -> name of its family; wins over the list that is shipped. A domain mapped to itself is taken
        out of its family.

    Returns
    -------
    list of str
        ``""`` where the source is unknown.

    Examples
    --------
    >>> a = Article(id="a", text="x", source="sport.example.co.uk")
    >>> publishers_of([a], owners={}), publishers_of([a], owners={"example.co.uk": "Example Group"})
    (['example.co.uk'], ['Example Group'])
    """
    own = {name.casefold(): family for name, family in owners.items()}
    return [_publisher(_stated(article), own) for article in articles]


def _stated(article: Article) -> str:
    """Give the source as the corpus states it: its own column ``publisher`` counts more than the host of a URL."""
    publisher = article.metadata.get("publisher")
    is_off_the_url = article.source != "" and article.source in article.url
    return publisher if is_off_the_url and isinstance(publisher, str) and publisher.strip() else article.source


def _publisher(source: str, owners: Mapping[str, str]) -> str:
    source = source.strip()
    domain = registrable_domain(source)
    for name in (source.casefold(), domain):
        if name in owners:
            return owners[name]
    for name in (source.casefold(), domain):
        if name in _families():
            return _families()[name]
    return domain or source


@lru_cache(maxsize=100_000)
def registrable_domain(host: str) -> str:
    """Give the part of a host that somebody registered; ``""`` for what is no host.

    Examples
    --------
    >>> registrable_domain("news.bbc.co.uk"), registrable_domain("a.blogspot.com"), registrable_domain("Tagblatt")
    ('bbc.co.uk', 'a.blogspot.com', '')
    >>> registrable_domain("news.outlet.example"), registrable_domain("127.0.0.1:8001")
    ('outlet.example', '127.0.0.1:8001')
    """
    host = host.casefold().removeprefix("www.")
    labels = host.split(".")
    if " " in host or len(labels) < 2 or not all(labels):
        return ""
    if not labels[-1].replace("-", "").isalnum() or labels[-1].isdecimal():
        return host  # an address, or one with a port
    found = get_fld(host, fix_protocol=True, search_private=True, fail_silently=True)
    found = found or ".".join(labels[-2:])  # the list's own rule for a suffix it does not know
    return host if found in _lists()["platforms"] else found


@cache
def _families() -> Mapping[str, str]:
    return {domain: family["name"] for family in _lists()["family"] for domain in family["domains"]}


@cache
def _lists() -> Mapping[str, Any]:
    return tomllib.loads((files("dedup") / "data" / "owners.toml").read_text(encoding="utf-8"))
