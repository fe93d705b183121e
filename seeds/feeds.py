"""Articles of one outlet -> its feed, in the format it has: RSS 2.0, Atom 1.0, JSON Feed 1.1 or RSS 1.0 (RDF)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from email.utils import format_datetime
from html import escape

from lxml import etree
from lxml.etree import Element, SubElement

from seeds.records import Article, Outlet, first_words, load_outlets

EXCERPT_WORDS = 40  # words an excerpt feed gives of each text

MEDIA_TYPES = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
    "rdf": "application/rdf+xml",
}

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RSS1 = "http://purl.org/rss/1.0/"
XML = "http://www.w3.org/XML/1998/namespace"


def render_feed(outlet: Outlet, articles: Iterable[Article]) -> bytes:
    """Render the feed of an outlet, newest entry first.

    Parameters
    ----------
    outlet : Outlet
        Whose feed; its format and whether it carries full text are its own.
    articles : iterable of Article
        Articles of other outlets are left out.

    Returns
    -------
    bytes
        UTF-8; the same for the same input.

    Raises
    ------
    ValueError
        The outlet has no article: a feed states when it last changed.
    """
    own = sorted((a for a in articles if a.source == outlet.domain), key=lambda a: (a.published_at, a.id), reverse=True)
    if not own:
        raise ValueError(f"outlet {outlet.slug!r} has no article; a feed needs at least one")
    return _RENDERERS[outlet.feed_format](outlet, own)


def opml() -> bytes:
    """List the feeds of all outlets as OPML 2.0."""
    root = Element("opml", version="2.0")
    SubElement(SubElement(root, "head"), "title").text = "Feeds of the seed world"
    body = SubElement(root, "body")
    for outlet in load_outlets():
        SubElement(
            body,
            "outline",
            type="rss",
            text=outlet.name,
            xmlUrl=outlet.feed_url,
            htmlUrl=outlet.home_url,
            language=outlet.locale,
        )
    return _serialise(root)


def _rss(outlet: Outlet, articles: list[Article]) -> bytes:
    root = Element("rss", version="2.0", nsmap={"atom": ATOM, "content": CONTENT, "dc": DC})
    channel = SubElement(root, "channel")
    _texts(channel, title=outlet.name, link=outlet.home_url, description=f"{outlet.name}, {outlet.city}")
    _texts(channel, language=outlet.locale.lower(), lastBuildDate=format_datetime(_last_change(articles)))
    SubElement(channel, f"{{{ATOM}}}link", rel="self", type=MEDIA_TYPES["rss"], href=outlet.feed_url)
    for article in articles:
        item = SubElement(channel, "item")
        _texts(item, title=article.title, link=article.url, pubDate=format_datetime(article.published_at))
        SubElement(item, "guid", isPermaLink="true").text = article.url
        _texts(item, category=article.section, description=_excerpt(article))
        if article.byline:
            SubElement(item, f"{{{DC}}}creator").text = article.byline
        if article.rss_source:
            SubElement(item, "source", url=article.rss_source["url"]).text = article.rss_source["name"]
        if outlet.full_text:
            SubElement(item, f"{{{CONTENT}}}encoded").text = _html(article)
    return _serialise(root)


def _atom(outlet: Outlet, articles: list[Article]) -> bytes:
    root = Element(f"{{{ATOM}}}feed", {f"{{{XML}}}lang": outlet.locale}, nsmap=_default(ATOM))
    _texts(root, ATOM, id=outlet.home_url, title=outlet.name, updated=_last_change(articles).isoformat())
    SubElement(root, f"{{{ATOM}}}link", rel="self", type=MEDIA_TYPES["atom"], href=outlet.feed_url)
    SubElement(root, f"{{{ATOM}}}link", rel="alternate", type="text/html", href=outlet.home_url)
    _texts(SubElement(root, f"{{{ATOM}}}author"), ATOM, name=outlet.name)
    for article in articles:
        entry = SubElement(root, f"{{{ATOM}}}entry")
        tag = f"tag:{outlet.domain},{article.published[:10]}:{article.id.split('/')[1]}"
        _texts(entry, ATOM, id=tag, title=article.title, published=article.published)
        _texts(entry, ATOM, updated=article.updated or article.published)
        SubElement(entry, f"{{{ATOM}}}link", rel="alternate", type="text/html", href=article.url)
        SubElement(entry, f"{{{ATOM}}}category", term=article.section)
        if article.byline:
            _texts(SubElement(entry, f"{{{ATOM}}}author"), ATOM, name=article.byline)
        SubElement(entry, f"{{{ATOM}}}summary", type="text").text = _excerpt(article)
        if outlet.full_text:
            SubElement(entry, f"{{{ATOM}}}content", type="html").text = _html(article)
    return _serialise(root)


def _rdf(outlet: Outlet, articles: list[Article]) -> bytes:
    root = Element(f"{{{RDF}}}RDF", nsmap=_default(RSS1) | {"rdf": RDF, "dc": DC, "content": CONTENT})
    channel = SubElement(root, f"{{{RSS1}}}channel", {f"{{{RDF}}}about": outlet.feed_url})
    _texts(channel, RSS1, title=outlet.name, link=outlet.home_url, description=f"{outlet.name}, {outlet.city}")
    _texts(channel, DC, language=outlet.locale, date=_last_change(articles).isoformat())
    sequence = SubElement(SubElement(channel, f"{{{RSS1}}}items"), f"{{{RDF}}}Seq")
    for article in articles:
        SubElement(sequence, f"{{{RDF}}}li", {f"{{{RDF}}}resource": article.url})
        item = SubElement(root, f"{{{RSS1}}}item", {f"{{{RDF}}}about": article.url})
        _texts(item, RSS1, title=article.title, link=article.url, description=_excerpt(article))
        _texts(item, DC, date=article.published, subject=article.section)
        if article.byline:
            _texts(item, DC, creator=article.byline)
        if outlet.full_text:
            SubElement(item, f"{{{CONTENT}}}encoded").text = _html(article)
    return _serialise(root)


def _json(outlet: Outlet, articles: list[Article]) -> bytes:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "home_page_url": outlet.home_url,
        "feed_url": outlet.feed_url,
        "language": outlet.locale,
        "items": [_json_item(article, full_text=outlet.full_text) for article in articles],
    }
    return (json.dumps(feed, ensure_ascii=False, indent=1) + "\n").encode()


def _json_item(article: Article, *, full_text: bool) -> dict[str, object]:
    item: dict[str, object] = {"id": article.url, "url": article.url, "title": article.title}
    item |= {"date_published": article.published, "tags": [article.section]}
    if article.updated:
        item["date_modified"] = article.updated
    if article.byline:
        item["authors"] = [{"name": article.byline}]
    if full_text:
        return item | {"summary": _excerpt(article), "content_html": _html(article)}
    return item | {"content_text": _excerpt(article)}


_RENDERERS: dict[str, Callable[[Outlet, list[Article]], bytes]] = {
    "rss": _rss,
    "atom": _atom,
    "rdf": _rdf,
    "json": _json,
}


def _excerpt(article: Article) -> str:
    return article.teaser or first_words(article.text, EXCERPT_WORDS)


def _html(article: Article) -> str:
    return "\n".join(
        f"<h2>{escape(p)}</h2>" if p in article.subheads else f"<p>{escape(p)}</p>" for p in article.paragraphs
    )


def _last_change(articles: list[Article]) -> datetime:
    return max(article.updated_at for article in articles)


def _texts(parent: etree._Element, namespace: str = "", /, **texts: str) -> None:
    for name, text in texts.items():
        SubElement(parent, f"{{{namespace}}}{name}" if namespace else name).text = text


def _serialise(root: etree._Element) -> bytes:
    etree.indent(root, " ")
    return etree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _default(namespace: str) -> dict[str, str]:
    return {None: namespace}  # type: ignore[dict-item]  # lxml's way to say xmlns="..."; its stubs know str keys only
