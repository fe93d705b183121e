"""Bytes of a page -> Page: the article's text and what the page states about it.

bytes -> decode, parse (`page_tree`) -> what it states (`page_statements`) -> title, dates, metadata
      -> paragraphs (`page_text`) -> Page
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from dedup.errors import PageError
from dedup.ingest.page_credits import Printed, read_printed
from dedup.ingest.page_dates import read_published, read_updated
from dedup.ingest.page_letters import letters
from dedup.ingest.page_links import FIELD as LINKS_FIELD
from dedup.ingest.page_links import find_links, links_of_text
from dedup.ingest.page_metadata import read_byline, read_language, read_paywall, read_provenance, read_stated_text
from dedup.ingest.page_statements import read_statements
from dedup.ingest.page_text import read_paragraphs
from dedup.ingest.page_title import read_site_name, read_title
from dedup.ingest.page_tree import check_is_text, decode_page, parse_page

_MIN_LETTERS = 80  # letters; a headline is no article. The shortest report among 439 real pages has 110
_NOTICE_LETTERS = 2_000  # letters; a longer text about cookies is an article about cookies
_NOTICE_SHARE = 0.5  # of the letters, in paragraphs that speak of consent
_MAX_ELEMENTS = 30_000  # seven times the most among 439 real pages; extraction takes seconds there


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    r"""One article page, as its bytes state it.

    Parameters
    ----------
    title : str
        Headline, without the site's name; ``""`` if there is none.
    text : str
        The article's paragraphs and the credit lines behind them, joined by ``"\n\n"``; never empty.
    byline : str
        Authors as stated, else as printed, and the agencies that are printed beside them, joined by ``", "``.
    published, updated : datetime, optional
        Aware, UTC; as stated.
    published_raw : str
        The date of publication as it was written.
    language : str
        BCP 47 tag as stated, ``""`` if unknown.
    canonical_url, og_url : str
        ``<link rel=canonical>`` and ``og:url``, absolute, whatever host they name; ``""`` where absent.
    site_name : str
        What the site calls itself.
    provenance : Mapping[str, str]
        Structured statements on where the text comes from, by field: ``jsonld:isBasedOn``, ``meta:original-source`` ...
    is_paywalled : bool
        The page says that the article is not free to read; the text may be a teaser.
    problems : tuple of str
        What could not be read, a line each: broken JSON-LD.
    """

    title: str
    text: str
    byline: str = ""
    published: datetime | None = None
    published_raw: str = ""
    updated: datetime | None = None
    language: str = ""
    canonical_url: str = ""
    og_url: str = ""
    site_name: str = ""
    provenance: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    is_paywalled: bool = False
    problems: tuple[str, ...] = ()


def read_page(body: bytes, *, url: str, content_type: str = "", max_chars: int = 5_000_000) -> Page:
    """Read an article page.

    Parameters
    ----------
    body : bytes
        The page as fetched, decompressed.
    url : str
        Its final URL; relative links are resolved against it.
    content_type : str
        The HTTP header, for its ``charset``.
    max_chars : int
        The most characters that are parsed, 1 or more. Twice the largest of 439 real pages, nearly all of it scripts.

    Raises
    ------
    PageError
        No markup, no article text, only a consent notice, or larger than is read. The message says what was found.

    Examples
    --------
    >>> text = "The council of Oakmere has voted for the bridge, and against the toll that was to pay for it. " * 3
    >>> page = read_page(f"<h1>A bridge</h1><p>{text}</p>".encode(), url="https://daily.example/bridge")
    >>> page.title, page.text.count("bridge")
    ('A bridge', 3)
    """
    check_is_text(body, content_type=content_type)
    tree = parse_page(decode_page(body, content_type=content_type), max_chars=max_chars, max_elements=_MAX_ELEMENTS)
    stated = read_statements(tree, url=url)
    published, published_raw = read_published(stated)
    page = Page(
        title=read_title(stated, url=url),
        text="",
        byline=read_byline(stated),
        published=published,
        published_raw=published_raw,
        updated=read_updated(stated),
        language=read_language(stated),
        canonical_url=stated.canonical_url,
        og_url=stated.og_url,
        site_name=read_site_name(stated),
        provenance=MappingProxyType(read_provenance(stated)),
        is_paywalled=read_paywall(stated),
        problems=stated.problems,
    )
    headlines = [page.title, *stated.headings[:1]]
    links = find_links(tree, base=stated.base)
    paragraphs = read_paragraphs(tree, base=stated.base, titles=headlines, stated=read_stated_text(stated))
    _check_text(paragraphs, title=page.title, is_stated=bool(stated.article))
    printed = read_printed(tree, paragraphs, title=stated.headings[0] if stated.headings else page.title)
    text = (*paragraphs, *printed.credits)
    linked = links_of_text(links, text, url=url)
    provenance = MappingProxyType({**page.provenance, **({LINKS_FIELD: linked} if linked else {})})
    byline = _complete_byline(page.byline, printed)
    return replace(page, text="\n\n".join(text), byline=byline, provenance=provenance)


def _complete_byline(stated: str, printed: Printed) -> str:
    """Add what is printed to what is stated: all of it, where nothing is stated, else agencies that are not in it."""
    byline = stated or printed.authors
    missing = (name for name in printed.agencies if letters(name) not in letters(byline))
    return ", ".join(filter(None, (byline, *missing)))


def _check_text(paragraphs: Sequence[str], *, title: str, is_stated: bool) -> None:
    sizes = [len(letters(text)) for text in paragraphs]
    found = f"title {title!r}, {sum(sizes)} letters in {len(paragraphs)} paragraphs"
    if sum(sizes) < _MIN_LETTERS:
        raise PageError(f"no article text: {found}; an article has at least {_MIN_LETTERS} letters")
    notice = sum(size for text, size in zip(paragraphs, sizes, strict=True) if _consent_words().search(text))
    if not is_stated and sum(sizes) <= _NOTICE_LETTERS and notice >= _NOTICE_SHARE * sum(sizes):
        raise PageError(f"only a consent notice: {found}, beginning {paragraphs[0][:60]!r}")


@cache
def _consent_words() -> re.Pattern[str]:
    lists = tomllib.loads(files("dedup").joinpath("data", "page_consent.toml").read_text(encoding="utf-8"))
    words = sorted({word for language in lists.values() for word in language["words"]})
    return re.compile("(?<![^\\W\\d_])(?:" + "|".join(map(re.escape, words)) + ")", re.I)
