"""Text -> its sentences, as characters of the text, in any script.

A sentence ends at a line break, at a full stop of any script that ends one, and where a script without full stops
(Thai, Lao, Khmer, Burmese) sets a blank after enough letters. A point after an initial, an ordinal or a known
abbreviation ends nothing, nor does one before a small letter. Fragments are joined to what stands before them in their
line, and what is longer than any sentence is cut at a comma or blank: an encoder reads either badly.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

_END = re.compile(
    r"(?P<wide>[。！？｡．]+[」』”’）)\]]*)"
    r"|(?P<sure>[!?…‽؟۔।॥።፧።။៖]+[\"'»”’“)\]›]*(?=\s|$))"
    r"|(?P<point>\.+[\"'»”’“)\]›]*(?=\s|$))"
)
_LINE = re.compile(r"[^\n\r\u2028\u2029]+")
_NO_STOPS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")  # Thai, Lao, Burmese, Khmer
_DENSE = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_CUT = re.compile(r"[;,:、，；：،；]\s*|\s+")
_LAST_WORD = re.compile(r"[^\W_]+$")
_MIN_LETTERS = 12  # of a sentence; a letter of a dense script counts as three
_MAX_LETTERS = 420  # about 70 words
_DENSE_WEIGHT = 3  # letters of an alphabet that one Han, kana, hangul or Thai character stands for, roughly


@cache
def _abbreviations() -> frozenset[str]:
    text = (files("dedup") / "data" / "abbreviations.toml").read_text(encoding="utf-8")
    return frozenset(word for group in tomllib.loads(text)["group"] for word in group["words"])


def split_sentences(text: str) -> NDArray[np.int64]:
    r"""Cut a text into sentences.

    Returns
    -------
    int64[n, 2]
        Start and end of each, half open, in reading order; blanks at either end are left out.

    Examples
    --------
    >>> text = "Am 3. März kam Dr. Weber an. „Endlich!“ sagte sie.\n今日は雨です。明日は晴れるでしょうか？"
    >>> [text[start:end] for start, end in split_sentences(text)]
    ['Am 3. März kam Dr. Weber an.', '„Endlich!“ sagte sie.', '今日は雨です。', '明日は晴れるでしょうか？']
    """
    found: list[tuple[int, int]] = []
    for line in _LINE.finditer(text):
        found += _joined(text, _pieces(text, line.start(), line.end()))
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def extent(text: str) -> int:
    """Give the length of a text in letters of an alphabet: lengths become comparable across scripts."""
    return len(text) + (_DENSE_WEIGHT - 1) * len(_DENSE.findall(text)) if not text.isascii() else len(text)


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a line at its full stops."""
    begin = start
    for stop in _END.finditer(text, start, end):
        if stop.lastgroup == "wide" or _ends_here(text, begin, stop, end):
            yield from _cut(text, begin, stop.end())
            begin = stop.end()
    yield from _cut(text, begin, end)


def _ends_here(text: str, begin: int, stop: re.Match[str], end: int) -> bool:
    after = stop.end()
    while after < end and (text[after].isspace() or not text[after].isalnum()):
        after += 1
    if after < end and text[after].islower():
        return False
    if stop.lastgroup == "sure" or stop.group()[:1] != "." or len(stop.group()) > 1:
        return True
    word = _LAST_WORD.search(text, max(begin, stop.start() - 16), stop.start())
    if word is None or word.end() != stop.start():
        return True
    last = word.group()
    is_ordinal = last.isdecimal() and len(last) <= 2 and after < end
    return not (is_ordinal or (len(last) == 1 and last.isalpha()) or last.lower() in _abbreviations())


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Trim a piece, and cut it where it is longer than a sentence."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start == end:
        return
    longest = _MAX_LETTERS
    if _NO_STOPS.search(text, start, end):
        longest = _MAX_LETTERS // 3  # its blanks are its full stops
    elif end - start <= longest // _DENSE_WEIGHT:
        yield start, end
        return
    n = extent(text[start:end])
    if n <= longest:
        yield start, end
        return
    n_parts = -(-n // longest)
    begin = start
    for part in range(1, n_parts):
        aim = start + (end - start) * part // n_parts
        cut = _CUT.search(text, aim, min(end, aim + 80))
        at = cut.end() if cut else aim
        if begin < at < end:
            yield begin, at
            begin = at
    yield begin, end


def _joined(text: str, pieces: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join fragments to what stands before them; drop what holds no letter."""
    found: list[tuple[int, int]] = []
    for start, end in pieces:
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        is_fragment = end - start < _MIN_LETTERS and extent(text[start:end]) < _MIN_LETTERS
        if is_fragment and found:
            found[-1] = (found[-1][0], end)
        elif any(character.isalpha() for character in text[start:end]):
            found.append((start, end))
    return found
