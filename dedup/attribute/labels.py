"""Labels -> credits: "Source: Blick", "(Quelle: dpa)", "Nachrichtenagentur dpa"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dedup.attribute.credit import WEIGHT_LABEL, Credit, credit_agencies, credit_all
from dedup.attribute.lexicon import lexicon
from dedup.attribute.name_lists import MAX_NAME_WORDS, Name, split_names
from dedup.attribute.names import Names
from dedup.attribute.segments import (
    MAX_LINE,
    MAX_VALUE,
    SEGMENT,
    SPACE,
    is_closed,
    is_pictures,
    line_end,
    opens_segment,
    value_end,
)

_COLONS = ":："
_AFTER_COLON = re.compile(r"[ \t\u00a0]{0,3}\n?")
_SHORT_NAME = re.compile(r"[^\s,/;:]{1,14}(?=[\s,/])")
_OPEN_SEPARATOR = re.compile(r"\.?[ ]?[/,&+][ ]?|[ ](?:und|and|et|y|e|mit)[ ]")
_GOES_ON = re.compile(r"\w|-\w|[ \t\u00a0][a-zß-öø-ÿ]")
_HEADING_CHARS = 100  # characters; a longer line behind a credit is prose, a shorter one a button or a heading
_BOX_CHARS = 400  # characters behind a label that are looked at
_MAX_NAMES = 8  # names of a list; a longer one is a bibliography


def read_labels(
    text: str, low: int, high: int, *, own: Names, tail_chars: int, lines_only: bool = False
) -> Iterator[Credit]:
    """Read the labels of ``text[low:high]`` and the names after them; `lines_only`, those that begin a line."""
    for start, pos in _places(text, low, high):
        if lines_only and not (start == 0 or text[start - 1] == "\n"):
            continue
        if not is_pictures(text, start) and not _is_caption(text, start, tail_chars):
            yield from _read_value(text, start, pos, own)


def _places(text: str, low: int, high: int) -> Iterator[tuple[int, int]]:
    """Give where each label starts and where its value does: words before a colon that are known as a label."""
    words = lexicon()
    for colon in _colons(text, low, high):
        end = colon
        while end > max(low, colon - 2) and text[end - 1] in SPACE:
            end -= 1
        if text[max(low, end - 2) : end].lower() not in words.label_ends:
            continue
        for length in words.label_lengths:
            start = end - length
            if start < low or text[start:end].lower() not in words.labels:
                continue
            if start == 0 or not text[start - 1].isalpha():
                yield start, _AFTER_COLON.match(text, colon + 1, high).end()  # type: ignore[union-attr]
                break


def _colons(text: str, low: int, high: int) -> Iterator[int]:
    """Give where each colon stands, those of one kind after those of the other."""
    for colon in _COLONS:
        place = text.find(colon, low, high)
        while place >= 0:
            yield place
            place = text.find(colon, place + 1, high)


def _is_caption(text: str, start: int, tail_chars: int) -> bool:
    """Tell whether a label stands in brackets far from the end: "(Quelle: imago)" closes a caption."""
    return len(text) - start > tail_chars and text[max(0, start - 2) : start].strip(SPACE)[-1:] in ("(", "[", "（")


def _read_value(text: str, start: int, pos: int, own: Names) -> Iterator[Credit]:
    stop = value_end(text, pos)
    names = split_names(text, pos, stop, own=own)
    if not opens_segment(text, start) or _goes_on_after(text, stop):  # flattened, or a box in the text: agencies only
        names = [name for name in names if name.kind != "outlet"]
    if is_closed(text, stop) and _is_list(names):
        is_plural = text[start:pos].rstrip(SPACE + "\n:：").lower() in lexicon().plural_labels
        yield from credit_all(names, "credit line", WEIGHT_LABEL, start, members_only=is_plural)
    elif names and names[0].kind != "photo" and not text[start].islower():
        yield from _read_open_list(text, start, pos, own)


def _goes_on_after(text: str, stop: int) -> bool:
    """Tell whether the article goes on in the next line: then the label is a fact box's, "Source: Health Portal"."""
    end = line_end(text, stop)
    following = text[end : end + _BOX_CHARS].lstrip("\n ")
    line = following.partition("\n")[0]
    return len(line) > _HEADING_CHARS and text[:stop].count("\n") > 0


def _is_list(names: list[Name]) -> bool:
    """Tell whether names are a list of origins: someone is named, nobody's picture, no prose, no bibliography."""
    has_origin = any(name.kind in ("agency", "outlet") for name in names)
    is_prose = any(name.kind == "other" and len(name.written.split()) > MAX_NAME_WORDS for name in names)
    return has_origin and len(names) <= _MAX_NAMES and not is_prose and all(name.kind != "photo" for name in names)


def _read_open_list(text: str, start: int, pos: int, own: Names) -> Iterator[Credit]:
    """Read "Quelle: F.A.Z./dpa Hier können Sie ...": the list ends where the agencies do and a new sentence begins."""
    words = lexicon()
    stop = min(line_end(text, pos), pos + MAX_VALUE)
    agencies: list[str] = []
    end = pos
    for _ in range(_MAX_NAMES):
        if lead_in := words.lead_in.match(text, pos, stop):
            pos = lead_in.end()
        alias = words.alias.match(text, pos, stop)
        agency = words.agency(alias.group()) if alias else None
        short = _SHORT_NAME.match(text, pos, stop)
        if alias and agency:
            end = pos = alias.end()
            agencies += [] if agency in own.agencies else [agency]
        elif short:
            pos = short.end()
        separator = _OPEN_SEPARATOR.match(text, pos, stop)
        if not separator:
            break
        pos = separator.end()
    if not _GOES_ON.match(text, end):
        yield from credit_agencies(agencies, "credit line", WEIGHT_LABEL, start, end)


def read_bare_labels(text: str, low: int, *, own: Names) -> Iterator[Credit]:
    """Read "Nachrichtenagentur dpa": no colon, so it must be a line of its own or the last words of the text."""
    words = lexicon()
    for match in SEGMENT.finditer(text, low):
        start = match.end()
        label = words.bare_label.match(text, start)
        stop = line_end(text, start) if label else start
        if not label or stop - start > MAX_LINE or not (opens_segment(text, start) or _follows_capital(text, start)):
            continue
        names = split_names(text, label.end(), stop, own=own)
        if names and names[0].kind == "agency" and all(name.kind in ("agency", "staff", "own") for name in names):
            yield from credit_all(names, "credit line", WEIGHT_LABEL, start)


def _follows_capital(text: str, pos: int) -> bool:
    """Tell whether the word before `pos` has a capital: a flattened line, not "sagte der Nachrichtenagentur"."""
    before = text[max(0, pos - 40) : pos].rstrip(SPACE).replace("\n", " ").rpartition(" ")[2]
    is_article = lexicon().any_article.fullmatch(before + " ") is not None
    return not is_article and (before[:1].isupper() or before[:1].isdigit())
