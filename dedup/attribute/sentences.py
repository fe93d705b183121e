"""Sentences -> credits: "This article first appeared on X", "Mit Material von dpa", "© 2026 AFP"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from dedup.attribute.credit import (
    WEIGHT_CONTRIBUTED,
    WEIGHT_COPYRIGHT,
    WEIGHT_DATELINE,
    WEIGHT_MATERIAL,
    WEIGHT_REPUBLISHED,
    Credit,
    credit_agencies,
    credit_all,
)
from dedup.attribute.lexicon import any_case, lexicon
from dedup.attribute.name_lists import split_names
from dedup.attribute.names import Names
from dedup.attribute.segments import MAX_VALUE, SEGMENT, abbreviates, is_pictures, line_start, opens_segment, value_end

_COPYRIGHT = re.compile(
    r"(?:©|ⓒ|\([cC]\)|(?<!\w)(?i:copyright)|저작권자)(?:[ \t\u00a0,©ⓒ\d–-]|\([cC]\)|(?i:by|the)){0,20}"
)
_VALUE = re.compile(r"[^\n©]{3,60}?(?=[ \t]*(?:\d{4}|\n|$|[.,] ))")
_COMPANY = re.compile(r"(?i:[,.]? (?:ltd|llc|inc|gmbh|ag|limited|s\.?a|s\.?p\.?a|plc|company|co)\b\.?)|\d{4}")
_SHORT_NAME = 4  # letters; shorter names are companies' initials, too
_SIGNS = ("©", "ⓒ", "(c)", "copyright", "저작권자")  # without one of them there is no copyright line
_ALL_RIGHTS = re.compile(r"[ \t\u00a0.,]{0,3}(?:$|\n|(?i:all rights|alle rechte|tous droits|todos los|무단)|[|–—-])")


def read_sentences(text: str, low: int, high: int, *, own: Names) -> Iterator[Credit]:
    """Read the phrases of ``text[low:high]`` that say whose article this is, or who helped with it."""
    words = lexicon()
    if not words.has_phrase(text[low:high]):
        return
    for match in SEGMENT.finditer(text, low, high):
        start = match.end()
        if text[start : start + 3].lower() not in words.phrase_heads:
            continue
        head = any_case(text[start : start + 3])[:3]
        if phrase := _match(words.republished.get(head), text, start, high):
            yield from _named_after(text, start, phrase.end(), own, is_whole=True)
        elif phrase := _match(words.material.get(head), text, start, high):
            yield from _named_after(text, start, phrase.end(), own, is_whole=False)
    plain = any_case(text[low:high])
    if not any(start in plain for start in words.contributed_starts):
        return
    for match in words.contributed.finditer(text, low, high):
        yield from _named_before(text, match.start(), match.end(), own)


def _match(pattern: str | None, text: str, start: int, high: int) -> re.Match[str] | None:
    return re.compile(pattern).match(text, start, high) if pattern else None


def _named_after(text: str, start: int, pos: int, own: Names, *, is_whole: bool) -> Iterator[Credit]:
    """Read the names after a phrase; `is_whole`, the phrase speaks of the whole article."""
    stop = value_end(text, pos)
    if cut := lexicon().cut.search(text, pos + 1, stop):
        stop = cut.start()
    names = split_names(text, pos, stop, own=own)
    if not names or any(name.kind == "photo" for name in names) or is_pictures(text, start):
        return
    if is_whole:
        names = [name for name in names if name.kind in ("agency", "own", "outlet")]
    weight = WEIGHT_REPUBLISHED if is_whole else WEIGHT_MATERIAL
    yield from credit_all(names, "credit line", weight, start, members_only=not is_whole)


def _named_before(text: str, start: int, end: int, own: Names) -> Iterator[Credit]:
    begin = max(line_start(text, start), start - MAX_VALUE)
    for i in range(start - 2, begin, -1):
        if text[i] in ".!?。" and not abbreviates(text, begin, i):
            begin = i + 1
            break
    names = [name for name in split_names(text, begin, start, own=own) if name.kind == "agency"]
    if names:
        yield from credit_all(names, "credit line", WEIGHT_CONTRIBUTED, names[0].start, end)


def read_copyrights(text: str, low: int, *, own: Names, tail_chars: int) -> Iterator[Credit]:
    """Read copyright lines that name an agency; without a year, only near the end: "© AFP" may be a picture's."""
    words = lexicon()
    tail = text[low:].lower()
    if not any(sign in tail for sign in _SIGNS):
        return
    for match in _COPYRIGHT.finditer(text, low):
        yield from _copyright_of_outlet(text, match, own)
        alias = words.alias.match(text, match.end())
        if not alias or not _ALL_RIGHTS.match(text, alias.end()) or is_pictures(text, match.start()):
            continue
        in_tail = len(text) - match.start() <= tail_chars or any(c.isdigit() for c in match.group())
        agency = words.agency(alias.group())
        if agency and agency not in own.agencies and in_tail and opens_segment(text, match.start()):
            yield from credit_agencies([agency], "credit line", WEIGHT_COPYRIGHT, match.start(), alias.end())


def _copyright_of_outlet(text: str, sign: re.Match[str], own: Names) -> Iterator[Credit]:
    """Read "© The Financial Times Ltd. 2026" on another's page: only of well-known outlets, since companies abound."""
    value = _VALUE.match(text, sign.end())
    name = _COMPANY.sub("", value.group()).strip(" .,") if value else ""
    if not value or not name or not opens_segment(text, sign.start()) or name in own or not _is_known(name):
        return
    if is_pictures(text, sign.start()) or "\n" not in text[max(0, sign.start() - 3) : sign.start()]:
        return  # a line of its own: inside a line it may be a picture's
    target = f"outlet:{name.removeprefix('The ')}"
    yield Credit("credit line", target, WEIGHT_COPYRIGHT, sign.start(), value.end())


@cache
def _is_known(name: str) -> bool:
    return name in _known_outlets()


@cache
def _known_outlets() -> Names:
    return Names(name for name in lexicon().known_outlets if len(name) > _SHORT_NAME)


def read_marks(text: str, low: int, high: int, *, own: Names) -> Iterator[Credit]:
    """Read what only one agency's articles carry in ``text[low:high]``."""
    for mark, agency in lexicon().marks.items():
        start = text.find(mark, low, high)
        if start >= 0 and agency not in own.agencies:
            yield from credit_agencies([agency], "credit line", WEIGHT_DATELINE, start, start + len(mark))
