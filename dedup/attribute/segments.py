"""Where lines, sentences and brackets begin and end in a text, with or without line breaks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dedup.attribute.lexicon import lexicon

SPACE = " \t\u00a0"
MAX_VALUE = 120  # characters of a list of names
MAX_LINE = 80  # characters of a line that is nothing but a signature
LINE = re.compile(r"[^\n]+")
# Where a phrase may begin: a line, a sentence, a bracket; and any word with a capital, since texts come flattened.
SEGMENT = re.compile(
    r"(?:^|\n|[.!?…:。！？][\"'”“’»›)]{0,2}|[(\[（【|•*–—])[ \t\u00a0]{0,3}"
    r"|(?<=[ \t\u00a0])(?=[A-ZÄÖÜÉÀÈÂÊÎÔÇÁÍÓÚŁŚŹČŠŽ])"
)
_BRACKETS = re.compile(
    r"\(([^()\n]{2,70})\)|\[([^\[\]\n]{2,70})\]|（([^（）\n]{1,70})）|【([^【】\n]{1,70})】|［([^［］\n]{1,70})］"
    r"|(?<=[ \t\u00a0])/([^/\n ]{2,40}|[^/\n]{2,20})/"
)
_ENDS = ".!?…。！？"
_CLOSERS = "\"'”“’»›)]）】"
_OPENERS = "([（【<|•·*–—-►>"
_REACH = 2_000  # characters. No line is followed further than this
_LAST_WORD = re.compile(r"[^\s.,/]*$")


@dataclass(frozen=True, slots=True)
class Bracket:
    """Words between brackets or slashes: ``text[start:end]`` with them, ``text[inner_start:inner_end]`` without."""

    start: int
    end: int
    inner_start: int
    inner_end: int


def brackets(text: str, low: int, high: int) -> Iterator[Bracket]:
    """Give the bracketed words of ``text[low:high]`` that are short enough to be a credit."""
    for match in _BRACKETS.finditer(text, low, high):
        yield Bracket(*match.span(), *match.span(match.lastindex or 0))


def line_start(text: str, pos: int) -> int:
    """Give where the line of `pos` starts, or 400 characters before it."""
    low = max(0, pos - 400)
    return max(text.rfind("\n", low, pos) + 1, low)


def line_end(text: str, pos: int) -> int:
    """Give where the line of `pos` ends."""
    stop = text.find("\n", pos, pos + _REACH)
    return stop if stop >= 0 else min(len(text), pos + _REACH)


def trimmed_end(text: str, low: int, end: int) -> int:
    """Give `end` without the space before it."""
    return low + len(text[low:end].rstrip())


def opens_segment(text: str, pos: int) -> bool:
    """Tell whether a segment begins at `pos`: a line, a sentence, a bracket or a bullet."""
    before = text[max(0, pos - 5) : pos].rstrip(SPACE)
    return not before or before[-1] == "\n" or before[-1] in _ENDS + _CLOSERS + _OPENERS


def ends_sentence(text: str, pos: int) -> bool:
    """Tell whether a sentence (or a line) ends just before `pos`."""
    before = text[max(0, pos - 6) : pos].rstrip(SPACE)
    return not before or before[-1] == "\n" or before[-1] in _ENDS + _CLOSERS


def segment_start(text: str, pos: int) -> int:
    """Give where the sentence of `pos` starts, or its line; a full stop after a short word ends none: "5. Juni"."""
    line = line_start(text, pos)
    for i in range(pos - 1, line, -1):
        if text[i] not in SPACE or text[i - 1] not in '.!?…"”“»':
            continue
        goes_on = text[i - 1] == "." and (abbreviates(text, line, i - 1) or text[i + 1 : i + 2].islower())
        if not goes_on:
            return i + 1
    return line


def abbreviates(text: str, start: int, dot: int) -> bool:
    """Tell whether the full stop at `dot` ends an abbreviation: "mj./dpa", "St. Galler Tagblatt"."""
    word = _LAST_WORD.search(text, max(start, dot - 5), dot)
    return word is not None and len(word.group()) < 4


def is_pictures(text: str, pos: int) -> bool:
    """Tell whether a word such as "Foto" stands before `pos` in the same sentence or line."""
    return lexicon().is_picture(text[max(segment_start(text, pos), pos - 60) : pos])


def value_end(text: str, pos: int) -> int:
    """Give where the value of a label ends: the line's end, a closing bracket or a full stop."""
    stop = min(line_end(text, pos), pos + MAX_VALUE)
    for i in range(pos, stop):
        is_stop = text[i] in ".!?" and i - pos > 4 and text[i + 1 : i + 2] in (" ", "\u00a0")
        if text[i] in ")]）】;。" or (is_stop and not (text[i] == "." and abbreviates(text, pos, i))):
            return i
    return stop


def is_closed(text: str, stop: int) -> bool:
    """Tell whether a value that ends at `stop` is whole, not cut for its length."""
    return stop >= len(text) or text[stop] in "\n)]）】;。.!?"
