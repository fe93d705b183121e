"""Text -> the page furniture at its end: what extractors bring along that is not the article.

Buttons to share and follow, the box that introduces the author, lists of related articles, legal lines. `boilerplate`
finds what a source repeats on many pages; this knows furniture by its wording, so that it works on one page alone.

Theory of operation
-------------------
Furniture stands behind the article. So paragraphs are read from the end upwards: a heading of a list of other articles
takes with it whatever follows it; an author box, a sharing button, a legal line is furniture as long as nothing but
furniture, credit lines and short names stand behind it. The first paragraph of prose ends the search: nothing inside
the article is ever called furniture. An author's name right above the box belongs to it.

Special cases: a credit line ("Source: Blick") among furniture is none. The lists are in ``data/furniture.toml``.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

MAX_LINE_CHARS = 60  # characters of a button or heading
MAX_NAME_WORDS = 3  # words of a line that may be an author's name
MAX_BOX_CHARS = 1_200  # characters of an author box
_LINE = re.compile(r"[^\n]+")
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Furniture:
    """A stretch of page furniture: ``text[start:end]``, half open, and what it is.

    `kind` is ``share`` (buttons), ``author box``, ``related articles`` or ``legal line``.
    """

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Words:
    share: frozenset[str]
    related: frozenset[str]
    author: tuple[str, ...]
    legal: tuple[str, ...]


@cache
def _words() -> _Words:
    data = tomllib.loads((files("dedup") / "data" / "furniture.toml").read_text(encoding="utf-8"))

    def of(kind: str) -> set[str]:
        return {word.lower() for language in data.values() for word in language[kind]}

    return _Words(
        frozenset(of("share")), frozenset(of("related")), tuple(sorted(of("author"))), tuple(sorted(of("legal")))
    )


def find_furniture(text: str) -> tuple[Furniture, ...]:
    r"""Find the page furniture at the end of a text, in reading order.

    Parameters
    ----------
    text : str
        An article as extracted, lines kept.

    Returns
    -------
    tuple of Furniture
        Empty where the text ends as an article does.

    Examples
    --------
    >>> text = "The council met.\n\nSource: Blick\n\nfollow:\nTim\n\nTim works as an author for us.\n\nRelated Posts"
    >>> for piece in find_furniture(text):
    ...     print(piece.kind, repr(text[piece.start : piece.end]))
    share 'follow:'
    author box 'Tim\n\nTim works as an author for us.'
    related articles 'Related Posts'
    """
    lines = [match.span() for match in _LINE.finditer(text) if match.group().strip()]
    kinds = [_kind_of(text[start:end]) for start, end in lines]
    first = _first_of_furniture(text, lines, kinds)
    found: list[Furniture] = []
    is_over = False
    for (start, end), kind in list(zip(lines, kinds, strict=True))[first:]:
        kind = "related articles" if is_over else kind
        is_over = is_over or kind == "related articles"
        if kind == "":
            continue
        if found and found[-1].kind == kind and not text[found[-1].end : start].strip():
            found[-1] = Furniture(kind, found[-1].start, end)
        else:
            found.append(Furniture(kind, start, end))
    return tuple(_with_names(text, found, lines[first:]))


def _kind_of(line: str) -> str:
    """Tell what a line is, or ``""``."""
    words = _words()
    plain = line.strip().lower()
    bare = plain.rstrip(" :：.!»>→…")
    if len(plain) <= MAX_LINE_CHARS:
        if bare in words.related:
            return "related articles"
        if bare in words.share:
            return "share"
    if plain.startswith(words.legal) and len(plain) <= 4 * MAX_LINE_CHARS:
        return "legal line"
    if len(plain) <= MAX_BOX_CHARS and any(phrase in plain for phrase in words.author):
        return "author box"
    return ""


def _first_of_furniture(text: str, lines: list[tuple[int, int]], kinds: list[str]) -> int:
    """Give the number of the first line of the furniture: behind the last line of prose."""
    headings = [place for place, kind in enumerate(kinds) if kind == "related articles"]
    last_heading = next((place for place in headings if place >= len(lines) // 2), len(lines))
    first = last_heading
    for place in range(last_heading - 1, -1, -1):
        start, end = lines[place]
        is_prose = kinds[place] == "" and (
            end - start > MAX_LINE_CHARS or text[start:end].rstrip().endswith((".", "!", "?"))
        )
        if is_prose or (kinds[place] == "author box" and place == 0):
            break
        first = place
    while first < len(lines) and kinds[first] == "":
        first += 1
    return first


def _with_names(text: str, found: list[Furniture], lines: list[tuple[int, int]]) -> list[Furniture]:
    """Take the short lines right before an author box, a name, into it."""
    result = []
    for piece in found:
        start = piece.start
        if piece.kind == "author box":
            for low, high in reversed([line for line in lines if line[1] <= piece.start]):
                line = text[low:high].strip()
                is_name = len(line.split()) <= MAX_NAME_WORDS and line[:1].isupper() and ":" not in line
                if not is_name or any(other.start <= low < other.end for other in found):
                    break
                start = low
        result.append(Furniture(piece.kind, start, piece.end))
    return result
