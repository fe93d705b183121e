"""The character table, loaded when first used."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

# pages, entries, folds: what the tokeniser knows of every character; the layout is told in `make_unicode_table`
UnicodeTable: TypeAlias = tuple[NDArray[np.uint16], NDArray[np.uint32], NDArray[np.uint64]]


@cache
def unicode_table() -> UnicodeTable:
    """Load the table: 0.5 MB, about 10 ms."""
    with files("dedup.kernels").joinpath("unicode_table.npz").open("rb") as file, np.load(file) as arrays:
        return arrays["pages"], arrays["entries"], arrays["folds"]


@cache
def unicode_version() -> str:
    """Version of Unicode the table was built from."""
    with files("dedup.kernels").joinpath("unicode_table.npz").open("rb") as file, np.load(file) as arrays:
        return str(arrays["unicode_version"])
