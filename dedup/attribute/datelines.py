"""The head -> credits: "BERLIN (dpa) -", "МОСКВА, 5 июн - РИА Новости.", "By The Associated Press"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dedup.attribute.credit import (
    WEIGHT_DATELINE,
    WEIGHT_SIGNATURE,
    Credit,
    credit_agencies,
    credit_all,
    is_signature,
)
from dedup.attribute.lexicon import lexicon
from dedup.attribute.name_lists import Name, split_names
from dedup.attribute.names import Names
from dedup.attribute.segments import LINE, MAX_LINE, SPACE, Bracket, brackets, is_pictures, line_start, segment_start

_AFTER = re.compile(r"[ \t\u00a0]{0,3}[-–—―:=|.]")
_DASH = re.compile(r"(?:^|[ \t\u00a0,.])[–—―-][ \t\u00a0]")
_AFTER_DASH = re.compile(r"[ \t\u00a0]{0,2}(?:[.]?[ \t\u00a0]?[–—―-]|[.][ \t\u00a0\n]|\n)")
_PLACE_DASH = re.compile(r"(?:[ \t\u00a0][^\s.,:–—-]{2,20}){0,2}[ \t\u00a0]{0,2}[–—―-]{1,2}[ \t\u00a0]")
_WIRE = re.compile(r"[^\s，。,.]{0,24}?[电電讯訊](?![子话話视視])")  # 新华社北京6月5日电, not 电话
_UNSPACED = 0x2E80  # code points from here on belong to scripts without spaces


def read_datelines(text: str, high: int, *, own: Names) -> Iterator[Credit]:
    """Read the datelines of ``text[:high]``."""
    for bracket in brackets(text, 0, high):
        yield from _bracket_dateline(text, bracket, own)
    for line in LINE.finditer(text, 0, high):
        start = line.end() - len(line.group().lstrip(SPACE))
        yield from _leading_agency(text, start, line.end(), high, own)
        yield from _dash_dateline(text, start, min(line.end(), start + MAX_LINE), own)


def _bracket_dateline(text: str, bracket: Bracket, own: Names) -> Iterator[Credit]:
    line = line_start(text, bracket.start)
    start = line if _is_place(text[line : bracket.start]) else segment_start(text, bracket.start)
    after = _AFTER.match(text, bracket.end)
    inner = text[bracket.inner_start : bracket.inner_end]
    is_asian = "=" in inner or text[bracket.start] == "【"
    if not (after or is_asian or start == bracket.start == 0) or not _is_place(text[start : bracket.start]):
        return
    names = _names(text, bracket.inner_start, bracket.inner_end, own)
    if is_signature(names) and not is_pictures(text, bracket.start):
        yield from credit_all(names, "dateline", WEIGHT_DATELINE, start, after.end() if after else bracket.end)


def _names(text: str, start: int, end: int, own: Names) -> list[Name]:
    """Read ``dpa``, ``서울=연합뉴스`` or ``ロンドン共同``: where a place comes first, the agency is what remains."""
    names = split_names(text, start, end, own=own)
    if any(name.kind == "agency" for name in names):
        return names
    for i in range(start + 1, end):
        if text[i - 1] in "= " or ord(text[i]) >= _UNSPACED:
            rest = split_names(text, i, end, own=own)
            if len(rest) == 1 and rest[0].kind == "agency":
                return rest
    return []


def _is_place(before: str) -> bool:
    """Tell whether the words before a dateline's bracket can be a place and a date."""
    words = before.split()
    if not words:
        return True
    first = words[0].lstrip('"“„(*')[:1]
    return len(before) <= 60 and len(words) <= 8 and (first.isdigit() or not first.islower())


def _leading_agency(text: str, start: int, end: int, high: int, own: Names) -> Iterator[Credit]:
    """Read "dpa Berlin -", "AFP - ", "新华社北京6月5日电"."""
    words = lexicon()
    alias = words.alias.match(text, start, high)
    agency = words.agency(alias.group()) if alias else None
    if not alias or not agency or agency in own.agencies:
        return
    wire = _WIRE.match(text, alias.end(), high)
    dash = _PLACE_DASH.match(text, alias.end(), high)
    if wire and ord(text[start]) >= _UNSPACED:
        yield from credit_agencies([agency], "dateline", WEIGHT_DATELINE, start, wire.end())
    elif dash and end - start > MAX_LINE:
        yield from credit_agencies([agency], "dateline", WEIGHT_DATELINE, start, dash.end())


def _dash_dateline(text: str, start: int, end: int, own: Names) -> Iterator[Credit]:
    """Read "МОСКВА, 5 июн - РИА Новости."."""
    words = lexicon()
    for dash in _DASH.finditer(text, start, end):
        alias = words.alias.match(text, dash.end(), end)
        agency = words.agency(alias.group()) if alias else None
        if not alias or not agency or agency in own.agencies or not _is_place(text[start : dash.start()]):
            continue
        if _AFTER_DASH.match(text, alias.end()):
            yield from credit_agencies([agency], "dateline", WEIGHT_DATELINE, start, alias.end())


def read_head_bylines(text: str, high: int, *, own: Names) -> Iterator[Credit]:
    """Read lines of the head such as "By The Associated Press"."""
    for line in LINE.finditer(text, 0, high):
        by = lexicon().by.match(text, line.start(), line.end())
        is_cut = line.end() == high < len(text)
        if not by or is_cut or line.end() - line.start() > MAX_LINE:
            continue
        names = split_names(text, by.end(), line.end(), own=own)
        if names and names[-1].kind == "agency" and all(name.kind != "photo" for name in names):
            agencies = [name for name in names if name.kind == "agency"]
            yield from credit_all(agencies, "byline", WEIGHT_SIGNATURE, line.start())
