"""The character table, loaded when first used."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from dedup.kernels.make_unicode_table import LETTER, SINGLE

# pages, entries, folds: what the tokeniser knows of every character; the layout is told in `make_unicode_table`
# letters: of the letters of two bytes, what `find_letters` says
UnicodeTable: TypeAlias = tuple[NDArray[np.uint16], NDArray[np.uint32], NDArray[np.uint64], NDArray[np.uint16]]


@cache
def unicode_table() -> UnicodeTable:
    """Load the table: 0.5 MB, about 10 ms."""
    with files("dedup.kernels").joinpath("unicode_table.npz").open("rb") as file, np.load(file) as arrays:
        pages, entries, folds = arrays["pages"], arrays["entries"], arrays["folds"]
        return pages, entries, folds, find_letters(pages, entries)


def find_letters(pages: NDArray[np.uint16], entries: NDArray[np.uint32]) -> NDArray[np.uint16]:
    """Give the folds of the letters of two bytes that fold into one letter of two bytes, 0 for all other characters.

    Returns
    -------
    uint16[2048]
        The two bytes, little endian; the place is ``lead & 31 | (trail & 63) << 5``, from the bytes of the letter.
    """
    codes = np.arange(0x80, 0x800)
    entry = entries[pages[codes >> 7].astype(np.int64) * 128 + (codes & 127)]
    kind, n, payload = entry & 7, entry >> 3 & 31, entry >> 8
    leads, trails = 0xC0 | codes >> 6, 0x80 | codes & 63
    folded = np.where(n == 0, leads | trails << 8, payload)
    is_kept = (kind == LETTER) & ((n == 0) | ((n == SINGLE) & (payload > 0xFF) & (payload <= 0xFFFF)))
    letters = np.zeros(2048, dtype=np.uint16)
    letters[(leads & 31 | (trails & 63) << 5)[is_kept]] = folded[is_kept]
    return letters


@cache
def unicode_version() -> str:
    """Version of Unicode the table was built from."""
    with files("dedup.kernels").joinpath("unicode_table.npz").open("rb") as file, np.load(file) as arrays:
        return str(arrays["unicode_version"])
