"""Build ``unicode_table.npz``: what the tokeniser knows of every character.

Run ``python -m dedup.kernels.make_unicode_table``. The table ships with the package, so that a stored sketch means the
same under every version of Python. Rebuilding it under another version of Unicode may change words: raise
``NORMALISER_VERSION`` then.

Layout
------
``pages`` uint16[0x110000 / 128]: page of each 128 characters; ``entries`` uint32[n_pages * 128]: one entry a character.
An entry is ``class | n << 3 | payload << 8``. The class is one of those below. ``n`` says how it folds: 0 into itself,
31 into the one character whose UTF-8 bytes are the payload (little endian), else into the ``n`` elements of ``folds``
that start at ``payload``. An element of ``folds`` (uint64) is ``bytes | n_bytes << 32 | is_mark << 40``.

The fold of a character is NFKD, casefold, NFKD. U+0345 (iota subscript) stays a mark: casefold would make it a letter.
"""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np

SEPARATOR, LETTER, UNSPACED, MARK, FORMAT, UNSPACED_MARK = range(6)
SINGLE = 31  # the fold is one character, in the payload
PAGE = 128

_UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
_FORMAT = {0x00AD, *range(0x200B, 0x2010), *range(0x2060, 0x2065), 0xFEFF}
_HALFWIDTH_SOUND_MARKS = {0xFF9E, 0xFF9F}  # letters by category, but they fold into combining marks


def class_of(char: str, *, is_unspaced: bool) -> int:
    """Tell what a character does to a word."""
    category = unicodedata.category(char)
    if ord(char) in _FORMAT:
        return FORMAT
    if ord(char) in _HALFWIDTH_SOUND_MARKS:
        return MARK
    if category[0] == "M":
        return UNSPACED_MARK if is_unspaced else MARK
    if is_unspaced and category[0] != "P":
        return UNSPACED
    return LETTER if category[0] in "LN" and not is_unspaced else SEPARATOR


def fold(char: str) -> str:
    r"""Fold one character.

    Examples
    --------
    >>> fold("ß"), fold("Ü"), fold("ﬁ")
    ('ss', 'u\u0308', 'fi')
    """
    folded = "".join(c if c == "\u0345" else c.casefold() for c in unicodedata.normalize("NFKD", char))
    return unicodedata.normalize("NFKD", folded)


def element(char: str) -> int:
    """Pack one character of a fold."""
    data = char.encode("utf-8")
    return int.from_bytes(data, "little") | len(data) << 32 | (unicodedata.category(char)[0] == "M") << 40


def build() -> dict[str, Any]:
    """Build the arrays of the table."""
    import regex

    unspaced = regex.compile(_UNSPACED)
    folds: list[int] = []
    known: dict[str, int] = {}
    entries = np.zeros(sys.maxunicode + 1, dtype=np.uint32)
    for code in range(sys.maxunicode + 1):
        char = chr(code)
        kind = class_of(char, is_unspaced=bool(unspaced.match(char)))
        entries[code] = kind
        folded = fold(char)
        if kind in (SEPARATOR, FORMAT) or folded == char:
            continue
        packed = element(folded[0])
        if len(folded) == 1 and packed >> 40 == (kind in (MARK, UNSPACED_MARK)) and packed & 0xFFFFFFFF < 1 << 24:
            entries[code] |= SINGLE << 3 | (packed & 0xFFFFFF) << 8
            continue
        if folded not in known:
            known[folded] = len(folds)
            folds += [element(c) for c in folded]
        entries[code] |= len(folded) << 3 | known[folded] << 8
    pages, numbers = np.unique(entries.reshape(-1, PAGE), axis=0, return_inverse=True)
    return {
        "pages": numbers.reshape(-1).astype(np.uint16),
        "entries": pages.reshape(-1),
        "folds": np.array(folds, dtype=np.uint64),
        "unicode_version": np.array(unicodedata.unidata_version),
    }


if __name__ == "__main__":
    np.savez_compressed(Path(__file__).with_name("unicode_table.npz"), **build())
