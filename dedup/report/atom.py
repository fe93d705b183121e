"""Duplicates -> Atom feeds that a feed reader watches: new clusters, and for each watched source the copies of it.

Everything a stranger wrote is escaped by the XML writer, as plain text (``type="text"``); what XML cannot hold is taken
out; only http and https become links. Times are of the articles, never of the clock, so that the same duplicates give
the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from dedup.model import Article, Cluster, Duplicates, Match
from dedup.report.atomic import replacing
from dedup.report.wording import web_address

MAX_ENTRIES = 100  # of one feed: readers ask often
_ATOM = "http://www.w3.org/2005/Atom"
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_A_NAME = re.compile(r"[^a-z0-9.-]+")


class _Entry(NamedTuple):
    id: str
    title: str
    summary: str
    link: str
    when: datetime


def write_feeds(duplicates: Duplicates, folder: Path, *, watched: Sequence[str] = ()) -> list[Path]:
    """Write ``new-clusters.atom``, and ``copies-of-SOURCE.atom`` for each watched source; return their paths.

    Parameters
    ----------
    duplicates : Duplicates
    folder : Path
        Made if it is not there.
    watched : sequence of str
        Sources, as articles name them.
    """
    paths = [write_new_clusters(duplicates, folder / "new-clusters.atom")]
    for source in dict.fromkeys(watched):
        name = _NOT_A_NAME.sub("-", source.casefold()).strip("-.") or "source"
        paths.append(write_copies(duplicates, folder / f"copies-of-{name}.atom", source=source))
    return paths


def write_new_clusters(duplicates: Duplicates, path: Path, *, max_entries: int = MAX_ENTRIES) -> Path:
    """Write a feed of the newest clusters, newest first; the time of one is when its second article was seen."""
    entries = [_of_cluster(cluster, duplicates) for cluster in duplicates.clusters if not cluster.is_revision]
    return _write(path, "urn:dedup:new-clusters", "New clusters of copies", entries, max_entries)


def write_copies(duplicates: Duplicates, path: Path, *, source: str, max_entries: int = MAX_ENTRIES) -> Path:
    """Write a feed of the articles that others have from a source, newest first.

    They are those of a cluster whose origin is an article of the source, and those that are linked to one of its
    articles by who copied from whom.
    """
    title = f"Copies of {_plain(source)}"
    return _write(path, f"urn:dedup:copies:{source}", title, _copies(duplicates, source), max_entries)


def _of_cluster(cluster: Cluster, duplicates: Duplicates) -> _Entry:
    articles = [duplicates.articles[article_id] for article_id in cluster.articles]
    when = sorted(map(_seen, articles))[1]
    first = min(articles, key=lambda article: (_seen(article), article.id))
    sources = sorted({article.source or "unknown source" for article in articles})
    origin = _origin(cluster, duplicates)
    summary = f"{len(articles)} articles of {len(sources)} sources: {', '.join(sources)}. Origin: {origin}."
    return _Entry(f"urn:dedup:cluster:{cluster.id}", _headline(first), summary, first.url, when)


def _copies(duplicates: Duplicates, source: str) -> Iterator[_Entry]:
    matches = {(match.a, match.b): match for match in duplicates.matches}
    for cluster in duplicates.clusters:
        links = {link.copy: link.copied_from for link in cluster.links}
        own = [one for one in cluster.articles if duplicates.articles[one].source == source]
        origin = cluster.attribution.origin
        for article_id in cluster.articles:
            article = duplicates.articles[article_id]
            copied_from = links.get(article_id, "")
            from_source = copied_from if copied_from in own else origin if origin in own else ""
            if article.source != source and from_source:
                pair = sorted((article_id, from_source))
                match = matches.get((pair[0], pair[1]))
                original = duplicates.articles[from_source]
                yield _Entry(
                    f"urn:dedup:copy:{cluster.id}:{article_id}",
                    _headline(article),
                    f"{article.source or 'An unknown source'} has this from {source}: “{_headline(original)}”"
                    f"{_share(match, article_id)}.",
                    article.url,
                    _seen(article),
                )


def _share(match: Match | None, article_id: str) -> str:
    """Tell how much of a copy stands in what it was copied from."""
    if match is None:
        return ""
    share = match.a_in_b if match.a == article_id else match.b_in_a
    return f", {share:.0%} of its text"


def _origin(cluster: Cluster, duplicates: Duplicates) -> str:
    origin = cluster.attribution.origin
    if origin is None:
        return "unknown"
    article = duplicates.articles.get(origin)
    return (article.source or "unknown source") if article else origin.partition(":")[2] or origin


def _headline(article: Article) -> str:
    return " ".join(_plain(article.title).split()) or " ".join(_plain(article.text[:200]).split())[:80] or "(untitled)"


def _seen(article: Article) -> datetime:
    return article.first_seen or article.published or _LONG_AGO


def _write(path: Path, feed_id: str, title: str, entries: Iterable[_Entry], max_entries: int) -> Path:
    kept = sorted(entries, key=lambda entry: (-entry.when.timestamp(), entry.id))[:max_entries]
    ElementTree.register_namespace("", _ATOM)
    feed = ElementTree.Element(f"{{{_ATOM}}}feed")
    _add(feed, "id", _plain(feed_id))
    _add(feed, "title", title)
    _add(feed, "updated", _iso(max((entry.when for entry in kept), default=_LONG_AGO)))
    _add(_add(feed, "author"), "name", "dedup")
    for entry in kept:
        element = _add(feed, "entry")
        _add(element, "id", _plain(entry.id))
        _add(element, "title", entry.title)
        _add(element, "updated", _iso(entry.when))
        if address := web_address(entry.link):
            _add(element, "link").set("href", _plain(address))
        _add(element, "content", entry.summary)  # not summary: an entry without a link must have content
    body = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    with replacing(path) as draft:
        draft.write_bytes(body)
    return path


def _add(parent: ElementTree.Element, name: str, text: str = "") -> ElementTree.Element:
    element = ElementTree.SubElement(parent, f"{{{_ATOM}}}{name}")
    if text:
        element.text = _plain(text)
    return element


def _plain(text: str) -> str:
    """Take out what XML cannot hold: control characters, halves of surrogate pairs."""
    return _NOT_XML.sub("", text)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
