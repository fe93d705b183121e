"""Text -> its anchors: what survives translation, whatever the languages. No model is needed.

- *Numbers* of at least two digits, in any script's digits, without their separators and the zeros at their end:
  "60,000", "60 000" and "60 тысяч" are one key.
- *Names*, as keys of consonants: "Trump", «Трамп», «Τραμπ» and «ترامب» are one key. Every letter's consonant is read
  from its Unicode name ("CYRILLIC SMALL LETTER SHA", "BENGALI LETTER KA"), so that no script needs a table. In scripts
  with capitals a name is a word with one, which is nothing at the head of a sentence; in others every word may
  be one, with and without the particles that are written onto it.

What is no name gets a key, too; it is common in its own language or in none of the other, and so weighs nothing.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.kernels.anchors import (
    DIGIT,
    ENDS_SENTENCE,
    IS_BLANK,
    IS_BREAK,
    IS_LOWER,
    IS_SEPARATOR,
    IS_UPPER,
    KANA,
    LETTER,
    MARK,
    NUMBER_BIT,
    UNREADABLE,
    read_anchors,
)

_N_CODES = 0x20000  # characters that are looked at: beyond lie rare Han characters and emoji
_UNREADABLE = (
    re.compile(  # Han, of which no sound is written; Thai, Lao, Burmese, Khmer and hiragana: no word is marked
        "[\u2e80-\u30a0\u30fb\u30fd-\u312f\u31a0-\u31bf\u3400-\u9fff\uf900-\ufaff"
        "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]"
    )
)
_KANA = re.compile("[\u30a1-\u30fa\u30fc\uff66-\uff9f]")
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u0652\u0900-\u0dff]")
_SENTENCE_END = frozenset(".!?…。！？؟۔।:\n\r\"„“”«»'‘’()[]–—")
_SEPARATORS = frozenset(".,'’ \u00a0\u2009\u202f")  # of digits

_NAMED_BY_VOWEL = {"EF": "F", "EL": "L", "EM": "M", "EN": "N", "ER": "R", "ES": "S"}  # of Cyrillic
_SILENT = frozenset({"SIGN", "WAW", "YEH", "YOD", "I", "YERU", "AIN", "AYIN", "ALEF", "HE", "HEH", "HAH", "HET"})
_NOT_ITS_SOUND = {"KSI": "KS", "PSI": "PS", "CHI": "K", "XI": "KS", "THETA": "T", "JEEM": "J", "GHAIN": "G"}


class Anchors(NamedTuple):
    """The anchors of one text, in reading order.

    Parameters
    ----------
    keys : int64[n]
        Equal where two anchors are the same; numbers have bit 62 set.
    starts, ends : int64[n]
        The characters each was read from.
    """

    keys: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


def is_number(keys: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which anchors are numbers."""
    found: NDArray[np.bool_] = keys >= NUMBER_BIT
    return found


def find_anchors(text: str) -> Anchors:
    """Find the names and numbers of a text.

    Examples
    --------
    >>> a, b = find_anchors("Then Donald Trump paid 1,250 dollars"), find_anchors("Потом Дональд Трамп 1 250")
    >>> len(set(a.keys.tolist()) & set(b.keys.tolist()))
    2
    """
    tables = _tables()
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    return Anchors(*read_anchors(codes, tables.kinds, tables.digits, tables.sounds, tables.sound_starts))


class _Tables(NamedTuple):
    """As `read_anchors` takes them."""

    kinds: NDArray[np.uint16]
    digits: NDArray[np.uint8]
    sounds: NDArray[np.uint8]
    sound_starts: NDArray[np.int32]


@cache
def _tables() -> _Tables:
    """Ask Unicode about every character, once: 0.3 s."""
    kinds = np.zeros(_N_CODES, dtype=np.uint16)
    digits = np.zeros(_N_CODES, dtype=np.uint8)
    sounds: list[str] = []
    for code in range(_N_CODES):
        letter = chr(code)
        kinds[code] = _kind(letter)
        if letter.isdecimal():
            digits[code] = unicodedata.digit(letter)
        sounds.append(_sounds(letter) if kinds[code] & 7 in (LETTER, MARK, KANA) else "")
    starts = np.zeros(_N_CODES + 1, dtype=np.int32)
    np.cumsum([len(sound) for sound in sounds], out=starts[1:])
    return _Tables(kinds, digits, np.frombuffer("".join(sounds).encode(), dtype=np.uint8), starts)


def _kind(letter: str) -> int:
    if letter.isdecimal():
        kind = DIGIT
    elif _KANA.match(letter):
        kind = KANA
    elif _UNREADABLE.match(letter):
        kind = UNREADABLE
    elif letter.isalnum():
        kind = LETTER
    else:
        kind = MARK if _MARKS.match(letter) and unicodedata.category(letter)[0] == "M" else 0
    flags = (
        (letter.isupper(), IS_UPPER),
        (letter.islower(), IS_LOWER),
        (letter.isspace(), IS_BLANK),
        (letter in "\n\r", IS_BREAK),
        (letter in _SENTENCE_END, ENDS_SENTENCE),
        (letter in _SEPARATORS, IS_SEPARATOR),
    )
    return kind + sum(flag for holds, flag in flags if holds)


def _sounds(letter: str) -> str:
    """Give the sounds of a character; kana are not taken apart: they would lose what tells PU from HU."""
    parts = unicodedata.normalize("NFKC" if _KANA.match(letter) else "NFKD", letter)
    return "".join(map(_sound, parts.upper()))


@lru_cache(maxsize=4096)
def _sound(letter: str) -> str:
    """Give the sound of a letter, as Latin capitals, from its Unicode name."""
    if "A" <= letter <= "Z":
        return letter
    name = unicodedata.name(letter, "")
    if name.endswith(" SIGN ANUSVARA"):
        return "N"
    if not name or unicodedata.category(letter) not in ("Lu", "Ll", "Lt", "Lo"):
        return ""
    last = name.partition(" WITH ")[0].rpartition(" ")[2]
    if name.startswith("LATIN"):
        return last if len(last) <= 2 else {"SHARP": "S", "ETH": "D", "THORN": "T"}.get(last, "")
    if last in _SILENT:
        return ""
    if last in _NAMED_BY_VOWEL and name.startswith("CYRILLIC"):
        return _NAMED_BY_VOWEL[last]
    if last in _NOT_ITS_SOUND:
        return _NOT_ITS_SOUND[last]
    if name.startswith("HANGUL"):
        if last in ("IEUNG", "HIEUH"):
            return "N" if "JONGSEONG" in name and last == "IEUNG" else ""
        last = {"CIEUC": "JI", "CHIEUCH": "JI", "PHIEUPH": "PI"}.get(last, last)
        if "SEONG" in name and "JUNGSEONG" in name:
            return "-A"
    head = re.match(r"[^AEIOUY]+", last)
    if head is None:
        return last[:1]
    return head.group()
