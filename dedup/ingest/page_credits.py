"""A page's article -> the credit lines printed around its text, which extractors leave out.

Outlets set "Source: dpa", "(afp/ans)" or "By A. Author, Reuters" into a box of its own above or below the paragraphs.
For knowing where a text comes from, no line of the page says more; so the few lines between headline and text, and
those right behind the text, are looked at, and the ones that have the form of a credit are kept. What a line means is
not decided here.

Known special cases: the credits of pictures have the same forms; a line inside or beside a picture is none of the
article's, nor is one that says "Photo". Behind a heading, or inside another article, the article is over.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice, takewhile
from typing import Any, TypeAlias

from lxml import etree
from lxml.html import HtmlElement

from dedup.ingest.page_fields import page_fields
from dedup.ingest.page_letters import letters
from dedup.ingest.page_tidy import CONTAINERS

_MAX_CHARS = 120  # of a line; a credit is short
_MAX_ABOVE, _MAX_BELOW = 25, 8  # lines looked at; buttons for sharing stand above, other articles below
_MAX_KEPT = 2  # of them, on either side
_INITIALS_LETTERS = 5  # of a word that may stand for an author or a desk beside an agency: "hek/dpa", "dpa Sport"
_ANCHOR_LETTERS = 40  # of a paragraph that is looked for on the page
_WORD = re.compile(r"[^\W\d_]+")
_END_OF_NAMES = re.compile(r"\s*(?:[|•·]|\d).*$", re.S)  # "Von dpa | 4. März 2026"
_MAX_INITIALS = 3  # of such words in a line; "Reuters says that the vote is over" has only short words, too
_LEAST_LETTERS = 3  # of a line that is nothing but names; "AA" changes the size of the type
_COLON = re.compile("[:：]")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = CONTAINERS | {"body", "br", "dd", "dt", "hr", "td", "th", "tr"}
_ELSEWHERE = ("aside", "figure", "figcaption", "nav", "button", "form")


@dataclass(frozen=True, slots=True)
class Printed:
    """What is printed around an article's text.

    Parameters
    ----------
    authors : str
        The names of a line between headline and text that begins with "By"; ``""`` if there is none.
    agencies : tuple of str
        The agencies that lines between headline and text name, as written.
    credits : tuple of str
        Lines right behind the text, or labelled ones above it, that have the form of a credit.
    """

    authors: str = ""
    agencies: tuple[str, ...] = ()
    credits: tuple[str, ...] = ()


def read_printed(tree: HtmlElement, paragraphs: Sequence[str], *, title: str) -> Printed:
    """Find the credit lines around a text.

    Parameters
    ----------
    tree : HtmlElement
        The page, scripts and styles removed.
    paragraphs : sequence of str
        The text that was found on it; lines that are in it are not given again.
    title : str
        The headline; without it on the page, nothing above the text is looked at.
    """
    lines = list(_lines(tree))
    anchors = {bare for text in paragraphs if len(bare := letters(text)) >= _ANCHOR_LETTERS}
    places = [place for place, (_, text) in enumerate(lines) if letters(text) in anchors]
    if not places:
        return Printed()
    second = places[min(1, len(places) - 1)]  # a byline may stand between the lead and the rest
    above = list(_above(lines[:second], letters(title)))
    bylines = [text for text in above if _patterns().by.match(text)]
    signed = [text for text in above if text in bylines or _has_only_names(text)]
    found = filter(None, (*map(_labelled_names, above), *map(_credit_in, _below(lines[places[-1] + 1 :]))))
    ends = letters("".join((*paragraphs[:_MAX_KEPT], *paragraphs[-_MAX_KEPT:])))
    return Printed(
        authors=next((_END_OF_NAMES.sub("", _patterns().by.sub("", text)) for text in bylines), ""),
        agencies=tuple(dict.fromkeys(name for text in signed[:_MAX_KEPT] for name in _patterns().agency.findall(text))),
        credits=tuple(islice((text for text in dict.fromkeys(found) if letters(text) not in ends), _MAX_KEPT)),
    )


_Line: TypeAlias = tuple[etree._Element, str]


def _lines(tree: HtmlElement) -> Iterator[_Line]:
    """Give the runs of text between the edges of blocks, each with the element it begins in."""
    pieces: list[str] = []
    owner: etree._Element | None = None
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if element.tag in _BLOCKS and owner is not None:
            yield owner, " ".join("".join(pieces).split())
            pieces, owner = [], None
        piece = element.text if event == "start" else element.tail
        if piece and not piece.isspace():
            pieces += [piece, " "]  # between two inline elements, lest "Von dpa" and "4. März" become one word
            owner = owner if owner is not None else element if event == "start" else element.getparent()


def _above(lines: Sequence[_Line], title: str) -> Iterator[str]:
    """Give the lines between the headline and the text."""
    titled = (place for place, (_, text) in enumerate(lines) if letters(text) == title)
    first_h1 = next((place for place, (line, _) in enumerate(lines) if _is_in(line, "h1")), None)
    headline = max(titled, default=first_h1)
    if headline is not None:
        yield from _of_the_article(lines[headline + 1 :][:_MAX_ABOVE])


def _below(lines: Sequence[_Line]) -> Iterator[str]:
    """Give the lines behind the text, as far as the next heading."""
    lines = list(takewhile(lambda line: line[0].tag not in _HEADINGS, lines[:_MAX_BELOW]))
    yield from _of_the_article(line for line in lines if not _is_in(line[0], "a"))


def _of_the_article(lines: Iterable[_Line]) -> Iterator[str]:
    """Leave out long lines, pictures and their credits, menus and forms."""
    for line, text in lines:
        if len(text) <= _MAX_CHARS and not _patterns().photo.search(text) and not _is_elsewhere(line):
            yield text


def _is_elsewhere(line: etree._Element) -> bool:
    frames = (line, *islice(line.iterancestors(), 2))
    return _is_in(line, *_ELSEWHERE) or any(_patterns().picture.search(f.get("class") or "") for f in frames)


def _is_in(line: etree._Element, *tags: str) -> bool:
    return line.tag in tags or next(line.iterancestors(*tags), None) is not None


def _credit_in(text: str) -> str:
    return _labelled(text) or (text if _has_only_names(text) else "")


def _labelled(text: str) -> str:
    """Give a line from its label on, ``Source: ...``; ``""`` if it has none."""
    label = _patterns().label.search(text)
    return text[label.start(1) :] if label else ""


def _labelled_names(text: str) -> str:
    """Give a labelled line that names agencies only: above the text, a label may credit the picture's author."""
    labelled = _labelled(text)
    value = _COLON.split(labelled, maxsplit=1)[-1]
    return labelled if labelled and _has_only_names(value) else ""


def _has_only_names(text: str) -> bool:
    """Tell whether a line names an agency and holds nothing else but initials and small words."""
    rest, n_agencies = _patterns().agency.subn(" ", text)
    others = [word for word in _WORD.findall(rest) if word.casefold() not in _patterns().small_words]
    is_signature = len(others) <= _MAX_INITIALS and all(len(word) <= _INITIALS_LETTERS for word in others)
    return is_signature and n_agencies > 0 and len(letters(text)) >= _LEAST_LETTERS


@dataclass(frozen=True, slots=True)
class _Patterns:
    agency: re.Pattern[str]
    label: re.Pattern[str]
    by: re.Pattern[str]
    photo: re.Pattern[str]
    picture: re.Pattern[str]
    small_words: frozenset[str]


@cache
def _patterns() -> _Patterns:
    languages = [
        words for words in _read("credit_lines.toml").values() if isinstance(words, dict) and "labels" in words
    ]

    def of_all(*kinds: str) -> list[str]:
        return [word for words in languages for kind in kinds for word in words.get(kind, ())]

    labels = of_all("labels", "plural_labels")
    return _Patterns(
        agency=re.compile(rf"(?<!\w)(?:{_any(_agency_names())})(?!\w)"),
        label=re.compile(rf"(?:^|[\s|·•(（])((?:{_any(labels)})\s?[:：]\s?\S)", re.I),
        by=re.compile(rf"(?:{_any(of_all('by'))})(?:\s|[:：])\s?", re.I),
        photo=re.compile(rf"(?<!\w)(?:{_any(of_all('photo'))})", re.I),
        picture=re.compile(_any(page_fields()["pictures"]["class_words"]), re.I),
        small_words=frozenset(
            word.casefold() for word in of_all("joiners", "conjunctions", "articles", "agency_words")
        ),
    )


def _agency_names() -> Iterator[str]:
    """Give the agencies' names, as written and in capitals; in lower case many are words."""
    for agency in _read("agencies.toml")["agency"]:
        for name in (*agency.get("aliases", ()), *agency.get("exact", ())):
            yield name
            yield name.upper()


def _any(words: Iterable[str]) -> str:
    """Match any of the words, the longest first."""
    return "|".join(map(re.escape, sorted(set(words), key=lambda word: (-len(word), word))))


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files("dedup").joinpath("data", name).read_text(encoding="utf-8"))
