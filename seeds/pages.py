"""Articles -> the pages of their outlets, with all that stands around an article on a news site."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from seeds.feeds import MEDIA_TYPES
from seeds.records import HERE, Article, Outlet, first_words, load_articles

TEASER_WORDS = 22  # words shown of an article where another page links to it
N_RELATED = 3  # other articles of the outlet that a page links to


class Block(NamedTuple):
    """A paragraph or a subheading of an article."""

    text: str
    is_subhead: bool


class Link(NamedTuple):
    """What a page shows of another article."""

    url: str
    title: str
    teaser: str
    section: str


def render_page(outlet: Outlet, article: Article) -> bytes:
    """Render the page of an article in its outlet's design; UTF-8."""
    own = _own_articles(outlet)
    words = _chrome()[outlet.language]
    canonical = article.canonical_url or article.url
    page = (
        _environment()
        .get_template(f"{outlet.template}.html")
        .render(
            **_frame(outlet, own),
            article=article,
            blocks=[Block(p, p in article.subheads) for p in article.paragraphs],
            teaser=_teaser(article),
            canonical=canonical,
            published=article.published_at,
            published_words=_date_in_words(article.published_at, words),
            updated_words=_date_in_words(article.updated_at, words),
            author=words["author"].format(name=outlet.name, city=outlet.city),
            json_ld=_json_ld(outlet, article, canonical),
            related=_related(own, article),
        )
    )
    return page.encode()


def render_home(outlet: Outlet) -> bytes:
    """Render the front page of an outlet: its articles by section, and ``<link rel=alternate>`` to its feed; UTF-8."""
    own = _own_articles(outlet)
    entries = [_link(article) for article in own]
    return _environment().get_template("home.html").render(**_frame(outlet, own), entries=entries).encode()


def _frame(outlet: Outlet, own: Sequence[Article]) -> dict[str, Any]:
    return {
        "outlet": outlet,
        "words": _chrome()[outlet.language],
        "locale": outlet.locale,
        "home_url": outlet.home_url,
        "feed_type": MEDIA_TYPES[outlet.feed_format],
        "sections": sorted({article.section for article in own}),
    }


def _related(own: Sequence[Article], article: Article) -> list[Link]:
    others = [other for other in own if other.id != article.id]
    start = sum(other.id < article.id for other in others)
    return [_link(other) for other in (others[start:] + others[:start])[:N_RELATED]]


def _link(article: Article) -> Link:
    return Link(article.url, article.title, _teaser(article), article.section)


def _teaser(article: Article) -> str:
    return article.teaser or first_words(article.text, TEASER_WORDS)


def _date_in_words(moment: datetime, words: dict[str, Any]) -> str:
    month = words["months"][moment.month - 1]
    return str(words["date"]).format(
        day=moment.day, month=month, year=moment.year, hour=moment.hour, minute=moment.minute
    )


def _json_ld(outlet: Outlet, article: Article, canonical: str) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": canonical,
        "url": article.url,
        "headline": article.title,
        "datePublished": article.published,
        "dateModified": article.updated or article.published,
        "inLanguage": outlet.locale,
        "articleSection": article.section,
        "author": [{"@type": "Person", "name": article.byline}] if article.byline else [],
        "publisher": {"@type": "NewsMediaOrganization", "name": outlet.name, "url": outlet.home_url},
    }


def _own_articles(outlet: Outlet) -> list[Article]:
    return [article for article in load_articles() if article.source == outlet.domain]


@cache
def _chrome() -> dict[str, dict[str, Any]]:
    return tomllib.loads((HERE / "chrome.toml").read_text(encoding="utf-8"))


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
