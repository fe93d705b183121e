"""A page's paragraphs -> the links in them that lead to other hosts: a copy often links to what it was copied from.

Only links inside paragraphs that are part of the article's text count, and those of a short line that stands alone
("Read the original on X"): menus, related articles and buttons link everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape
from itertools import islice

from lxml.html import HtmlElement

from dedup.ingest.page_letters import letters
from dedup.ingest.urls import join_url, source_of

FIELD = "page:links"  # in Article.provenance; the URLs, a space between
_MAX_LINKS = 40  # of one page
_MAX_PARAGRAPHS = 2_000
_HREF = re.compile(r"<a\s[^<>]{0,300}?href=[\"'](https?://[^\"'\s<>]{1,2000})[\"']", re.IGNORECASE)


def find_links(tree: HtmlElement, *, base: str) -> list[tuple[str, str]]:
    """Give the links of the page's paragraphs, each with its paragraph's letters; call before the tree is changed."""
    found = []
    for paragraph in islice(tree.iter("p", "li", "blockquote", "em", "i", "div"), _MAX_PARAGRAPHS):
        links = paragraph.findall("./a[@href]") + paragraph.findall("./*/a[@href]")
        if paragraph.tag == "div" and (len(links) != 1 or paragraph.find(".//p") is not None):
            continue
        for link in links:
            if url := join_url(base, link.get("href") or ""):
                found.append((letters("".join(paragraph.itertext())), url))
    return found


def links_of_text(links: Sequence[tuple[str, str]], paragraphs: Sequence[str], *, url: str) -> str:
    """Keep the links to other hosts that stand in the article's own paragraphs, in order, each once.

    Examples
    --------
    >>> links = [("themayorsaidso", "https://other.example/1"), ("menu", "https://third.example/")]
    >>> links_of_text(links, ["The mayor said so."], url="https://daily.example/a")
    'https://other.example/1'
    """
    inside = {letters(text) for text in paragraphs}
    own = source_of(url)
    kept = dict.fromkeys(
        target for text, target in links if text in inside and source_of(target) not in ("", own) and " " not in target
    )
    return " ".join(islice(kept, _MAX_LINKS))


def links_of_feed(html: str, *, url: str) -> str:
    """Give the links to other hosts in a feed entry's own HTML, which holds nothing but the article.

    Examples
    --------
    >>> links_of_feed('<p>From <a href="https://other.example/1">there</a>.</p>', url="https://daily.example/a")
    'https://other.example/1'
    """
    own = source_of(url)
    found = (unescape(match.group(1)) for match in _HREF.finditer(html))
    kept = dict.fromkeys(target for target in found if source_of(target) not in ("", own))
    return " ".join(islice(kept, _MAX_LINKS))
