"""A parsed page -> the same page without what misleads an extractor, and what its markup says about its paragraphs.

Known special cases: a page that goes on with the next article; a body that advertisements cut into several containers;
the readings printed above Chinese characters; lines between paragraphs that lead to other articles of the same site.
A link that leads to another site is never taken for such a line: it may be the credit ("Source: The Daily Example").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement

from dedup.ingest.page_letters import letters
from dedup.ingest.urls import join_url

_PROSE_LETTERS = 60  # letters; a shorter paragraph may be a caption, a teaser, a menu
_ARTICLE_LETTERS = 400  # letters of prose; an <article> with less may be a header or a teaser
_LINK_LETTERS = (20, 300)  # letters of a line that leads to another article: shorter is a name, longer is prose
_LINK_SHARE = 0.75  # of its letters are linked; "Read also:" in front of it makes up the rest
_MISSED_SHARE = 0.4  # letters in missed containers to letters in found ones; less is a box beside the article
_MAX_LINES = 5_000  # blocks looked at for links; an article has some hundred
_TEXT_BLOCKS = frozenset({"p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6"})
CONTAINERS = frozenset(
    {
        "article",
        "aside",
        "blockquote",
        "div",
        "dl",
        "figure",
        "footer",
        "form",
        "header",
        "li",
        "main",
        "nav",
        "ol",
        "p",
    }
    | {"pre", "section", "table", "ul", "h1", "h2", "h3", "h4", "h5", "h6"}
)
_FRAMES = frozenset({"article", "div", "main", "section"})


def element_letters(element: etree._Element) -> str:
    """Give the letters of all text in an element."""
    return letters("".join(map(str, element.itertext())))


def drop_scripts(tree: HtmlElement) -> None:
    """Remove scripts and styles: the text they carry is read elsewhere, with more care than an extractor takes."""
    for element in list(tree.iter("script", "style")):
        element.drop_tree()


def drop_readings(tree: HtmlElement) -> None:
    """Turn ``<ruby>`` into its base text: the reading above it is no word of the article."""
    for element in list(tree.iter("rt", "rp", "rtc")):
        element.drop_tree()
    for element in list(tree.iter("ruby", "rb")):
        element.drop_tag()


def drop_other_articles(tree: HtmlElement, titles: Iterable[str]) -> None:
    """Remove ``<article>`` elements beside the one that holds the page's headline, if that one holds prose."""
    wanted = {letters(title) for title in titles} - {""}
    mains = (
        article
        for heading in tree.iter("h1")
        if element_letters(heading) in wanted
        for article in heading.iterancestors("article")
    )
    main = next((article for article in mains if len(_prose_of(article)) >= _ARTICLE_LETTERS), None)
    if main is None:
        return
    kept = {main, *main.iterancestors(), *main.iterdescendants("article")}
    for article in [article for article in tree.iter("article") if article not in kept]:
        article.drop_tree()


def _prose_of(element: etree._Element) -> str:
    return "".join(element_letters(paragraph) for paragraph in element.iter("p"))


def link_lines(tree: HtmlElement, *, base: str) -> set[str]:
    """Find lines that only lead to other pages of the site, as `letters`; words that also stand unlinked are none."""
    host = _host(base)
    leading: set[str] = set()
    standing: set[str] = set()
    for line in islice(_lines(tree), _MAX_LINES):
        text = element_letters(line)
        links = list(line.iter("a"))
        linked = sum(len(element_letters(link)) for link in links)
        if linked == 0 and next(line.iterancestors("a"), None) is None:
            standing.add(text)
        is_headline = _LINK_LETTERS[0] <= len(text) <= _LINK_LETTERS[1] and linked >= _LINK_SHARE * len(text)
        if is_headline and all(_leads_within(link, base, host) for link in links):
            leading.add(text)
    return leading - standing


def _lines(tree: HtmlElement) -> Iterator[etree._Element]:
    """Give the text blocks that hold no other container."""
    for block in tree.iter(*_TEXT_BLOCKS):
        if next(islice(block.iter(*CONTAINERS), 1, None), None) is None:
            yield block


def _leads_within(link: etree._Element, base: str, host: str) -> bool:
    target = (link.get("href") or "").strip()
    return not target.startswith("#") and _host(join_url(base, target)) == host


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:  # "http://[": no host
        return ""


def join_split_body(tree: HtmlElement, paragraphs: Sequence[str]) -> bool:
    """Mark the common frame of a body that is cut into containers of one kind, of which `paragraphs` covers only some.

    A container is of the same kind if it has the same tag and shares a class; it counts with two paragraphs of prose.

    Returns
    -------
    bool
        Whether the tree was marked, so that extracting again may find more.
    """
    known = {letters(paragraph) for paragraph in paragraphs}
    prose = _prose_by_container(tree)
    found = [container for container, texts in prose.items() if not known.isdisjoint(texts)]
    kinds = {kind for container in found for kind in _kinds(container)}
    missed = [
        container
        for container, texts in prose.items()
        if len(texts) > 1 and known.isdisjoint(texts) and not kinds.isdisjoint(_kinds(container))
    ]
    n_missed, n_found = (sum(len(text) for c in group for text in prose[c]) for group in (missed, found))
    if not missed or n_missed < _MISSED_SHARE * n_found:
        return False
    frame = _common_frame([*found, *missed])
    if frame is None:
        return False
    frame.set("itemprop", "articleBody")  # what extractors look for first
    return True


def _prose_by_container(tree: HtmlElement) -> dict[etree._Element, list[str]]:
    prose: dict[etree._Element, list[str]] = {}
    for paragraph in tree.iter("p"):
        text = element_letters(paragraph)
        linked = sum(len(element_letters(link)) for link in paragraph.iter("a"))
        parent = paragraph.getparent()
        if parent is not None and len(text) >= _PROSE_LETTERS and linked <= len(text) / 2:
            prose.setdefault(parent, []).append(text)
    return prose


def _kinds(element: etree._Element) -> list[tuple[object, str]]:
    return [(element.tag, name) for name in (element.get("class") or "").split()]


def _common_frame(elements: Sequence[etree._Element]) -> etree._Element | None:
    """Find the innermost element that holds them all and may hold an article."""
    shared = set.intersection(*({element, *element.iterancestors()} for element in elements))
    return next((e for e in (elements[0], *elements[0].iterancestors()) if e in shared and e.tag in _FRAMES), None)
