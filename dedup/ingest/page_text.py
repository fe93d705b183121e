"""A parsed page -> the article's text, paragraph by paragraph.

trafilatura finds the text, tuned by measurement: its balanced mode, without comments, with tables (its precision and
recall modes lost more on some pages than they gained on others). What is done before it, in `page_tidy`, and after it,
here and in `page_stated_text`, treats causes that were seen on many sites; no site is named anywhere.

Dropped again: leaving out lines before the headline (they are captions as often as chrome); cutting short lines off the
end (credit lines are short lines at the end).
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from configparser import ConfigParser
from itertools import islice

from lxml.etree import _Element
from lxml.html import HtmlElement
from trafilatura import bare_extraction
from trafilatura.settings import DEFAULT_CONFIG, Document

from dedup.ingest.page_letters import letters
from dedup.ingest.page_state import embedded_html
from dedup.ingest.page_stated_text import settle, stated_paragraphs
from dedup.ingest.page_tidy import drop_other_articles, drop_readings, drop_scripts, join_split_body, link_lines
from dedup.ingest.page_tree import drop_long_attributes

_BLOCKS = frozenset({"p", "head", "item", "quote", "code", "row", "list", "table", "body", "div", "lb"})
_FAST_ELEMENTS = 6_000  # above them, no second opinion: jusText takes quadratic time. Real pages have up to 4,300
_REPEAT_LETTERS = 100  # letters; a paragraph this long does not occur twice in an article, a refrain does
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-][\d:]+)?")  # a bare URL is kept: it may be the credit
_SOFT_HYPHEN = "\u00ad"
_BREAK = "\0"  # no page text holds it

_CONFIG = ConfigParser()
_CONFIG.read_dict(DEFAULT_CONFIG)
_CONFIG["DEFAULT"]["MIN_EXTRACTED_SIZE"] = "120"  # characters; its 250 are a whole report in Chinese or Japanese

for _name in ("trafilatura", "htmldate"):
    logging.getLogger(_name).addHandler(logging.NullHandler())  # what they warn of is reported by us, if it matters


def read_paragraphs(tree: HtmlElement, *, base: str, titles: Sequence[str], stated: str) -> list[str]:
    """Find the article's paragraphs. The tree is changed: read everything else from it before.

    Parameters
    ----------
    tree : HtmlElement
        The whole page.
    base : str
        What its links are relative to.
    titles : sequence of str
        Its headline in all its forms; a paragraph that is one of them is left out.
    stated : str
        JSON-LD's ``articleBody``, as written; ``""`` if there is none.

    Returns
    -------
    list of str
        In reading order, NFC, white space folded, soft hyphens removed; empty if there is no text.
    """
    embedded = "" if stated else embedded_html(tree)
    lines_elsewhere = link_lines(tree, base=base)
    drop_scripts(tree)
    drop_long_attributes(tree)
    drop_readings(tree)
    drop_other_articles(tree, titles)
    found = _extract_all(tree)
    found = _without_noise(found, titles=titles, lines_elsewhere=lines_elsewhere)
    found = settle(found, stated_paragraphs(stated)) if stated else found
    return [text for text in map(_fold, found or stated_paragraphs(embedded)) if text]


def _extract_all(tree: HtmlElement) -> list[str]:
    """Extract once; where the body is cut into several containers and some were missed, once more."""
    found = _extract(tree)
    if join_split_body(tree, found):
        found = max(found, _extract(tree), key=lambda paragraphs: sum(map(len, paragraphs)))
    return found


def _extract(tree: HtmlElement) -> list[str]:
    is_large = next(islice(tree.iter(), _FAST_ELEMENTS, None), None) is not None
    page = bare_extraction(tree, fast=is_large, include_comments=False, with_metadata=False, config=_CONFIG)
    if not isinstance(page, Document) or page.body is None:
        return []
    return [text for text in map(_fold, "".join(_runs(page.body)).split(_BREAK)) if text]


def _runs(element: _Element) -> Iterator[str]:
    """Walk the extracted body in reading order: its text, with a break around each block."""
    edge = _BREAK if element.tag in _BLOCKS else ""
    yield edge
    yield element.text or ""
    for child in element:
        yield from _runs(child)
        yield child.tail or ""
    yield " " if element.tag == "cell" else edge


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).replace(_SOFT_HYPHEN, "").split())


def _without_noise(found: Iterable[str], *, titles: Iterable[str], lines_elsewhere: set[str]) -> list[str]:
    """Leave out the headline, lines that lead elsewhere, bare timestamps, and what is there already."""
    unwanted = {letters(title) for title in titles} | lines_elsewhere
    kept: list[str] = []
    for text in found:
        bare = letters(text)
        if bare in unwanted or _TIMESTAMP.fullmatch(text):
            continue
        if len(bare) >= _REPEAT_LETTERS:
            unwanted.add(bare)
        kept.append(text)
    return kept
