"""Brackets and signatures at the tail -> credits: "(dpa)", "(Tsp mit dpa)", "RND/cle/dpa", "sda/afp"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dedup.attribute.credit import WEIGHT_BRACKETS, WEIGHT_SIGNATURE, Credit, credit_all, is_signature
from dedup.attribute.lexicon import lexicon
from dedup.attribute.name_lists import Name, split_names
from dedup.attribute.names import Names
from dedup.attribute.segments import (
    LINE,
    MAX_LINE,
    SPACE,
    brackets,
    ends_sentence,
    is_pictures,
    line_start,
    trimmed_end,
)

_LABEL_CHARS = 12  # characters before a signature in which a picture's label would stand
_MIN_PROSE = 100  # characters. A line this long that ends "(AFP)" is prose, a shorter one may be a caption


def read_brackets(text: str, low: int, *, own: Names) -> Iterator[Credit]:
    """Read the brackets after `low` that hold nothing but agencies and initials."""
    for bracket in brackets(text, low, len(text)):
        if not _closes(text, bracket.start, bracket.end) or is_pictures(text, bracket.start):
            continue
        names = split_names(text, bracket.inner_start, bracket.inner_end, own=own)
        if is_signature(names):
            yield from credit_all(names, "credit line", WEIGHT_BRACKETS, bracket.start, bracket.end)
        elif _is_author_and_agency(names) and not text[bracket.end :].strip(SPACE + ".\n"):
            yield from credit_all(names[-1:], "credit line", WEIGHT_SIGNATURE, bracket.start, bracket.end)


def _is_author_and_agency(names: Sequence[Name]) -> bool:
    """Tell whether a list is a person of two or three names and an agency: "(Jo Doe, dpa)" at the very end."""
    if len(names) != 2 or names[1].kind != "agency" or names[0].kind not in ("outlet", "other"):
        return False
    words = names[0].written.split()
    return 2 <= len(words) <= 3 and all(word[0].isupper() and word.replace("-", "").isalpha() for word in words)


def _closes(text: str, start: int, end: int) -> bool:
    """Tell whether a bracket closes a line or follows a sentence, rather than standing inside one."""
    after = text[end : end + 3].lstrip(SPACE + ".")
    at_line_end = not after or after[0] == "\n"
    line = line_start(text, start)
    if ends_sentence(text, start) or not text[line:start].strip():
        return at_line_end or not after[0].islower()
    return at_line_end and start - line >= _MIN_PROSE


def read_signatures(text: str, low: int, *, own: Names) -> Iterator[Credit]:
    """Read the lines after `low` that are nothing but a signature, and the last words of a text without lines."""
    for line in LINE.finditer(text, low):
        is_whole = line.start() > low or low == 0 or text[low - 1] == "\n"
        end = trimmed_end(text, line.start(), line.end())
        if is_whole and end - line.start() <= MAX_LINE:
            yield from _signature(text, line.start(), end, own)
    end = trimmed_end(text, low, len(text))
    for start in _last_segments(text, low, end):
        yield from _signature(text, start, end, own)


def _last_segments(text: str, low: int, end: int) -> Iterator[int]:
    """Give where the last words of a flattened text may begin: after the last sentence, and the last word itself."""
    cut = max(low, end - MAX_LINE)
    for i in range(end - 2, cut, -1):
        if text[i] in SPACE and ends_sentence(text, i + 1):
            yield i + 1
            break
    last = max(text.rfind(space, cut, end) for space in SPACE) + 1
    if "/" in text[last:end] and last > cut:
        yield last


def _signature(text: str, start: int, end: int, own: Names) -> Iterator[Credit]:
    opens = ends_sentence(text, start)
    label = text[max(line_start(text, start), start - _LABEL_CHARS) : start]
    if (not opens and is_pictures(text, start)) or lexicon().is_picture(label):  # "Fot. PAP": no sentence ends there
        return
    by = lexicon().by.match(text, start, end)
    names = split_names(text, by.end() if by else start, end, own=own)
    if by and all(name.kind != "photo" for name in names):  # "Von Jo Doe, dpa": the person is no obstacle
        names = [name for name in names if name.kind == "agency"]
    if is_signature(names) and (opens or any(name.kind == "own" for name in names)):
        begin = start if by else names[0].start
        yield from credit_all(names, "credit line", WEIGHT_SIGNATURE, begin, names[-1].end)
