"""Kernels: text -> which of some words can be in it, before it is searched in earnest.

A word is known by its longest run of Latin or Cyrillic letters and digits; one without such a run, by the first byte of
its first character. So a glance may see a word that is not there, and never misses one that is. Oracle:
``tests/naive.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.kernels.compiled import kernel

_BASIS = np.uint64(0xCBF29CE484222325)  # of FNV-1a
_PRIME = np.uint64(0x100000001B3)
_RUN = re.compile("[0-9A-Za-z_À-ÖØ-öø-ɿЀ-ѿ]+")  # blocks that are letters throughout, but for × and ÷
_FIRST_LEAD = 0xC3
_LEADS = [*range(_FIRST_LEAD, 0xCA), 0xD0, 0xD1]  # first bytes of the letters of two bytes among them
_TIMES, _DIVIDED = 0x97, 0xB7  # second bytes of the two that are none
_LETTER, _TWO, _FOUND = 1, 2, 3
_NO_RUN = -1


class Sought(NamedTuple):
    """Words to glance for.

    Parameters
    ----------
    table : uint64[2**k]
        Hashes of their runs, each at the first free place from its lowest bits on; 0: free.
    classes : uint8[256]
        Of each byte: 1, a letter; 2, the first of a letter of two bytes; 3, a word begins with it that has no run;
        else 0.
    words : Mapping[int, tuple of str]
        By place in the table, the words that are known by the run there; by -1, those without a run.
    """

    table: NDArray[np.uint64]
    classes: NDArray[np.uint8]
    words: Mapping[int, tuple[str, ...]]


def seek(words: Iterable[str]) -> Sought:
    """Make ready to glance for words, in the case in which they are written."""
    classes = np.zeros(256, dtype=np.uint8)
    classes[[ord(char) for char in map(chr, range(128)) if _RUN.match(char)]] = _LETTER
    classes[_LEADS] = _TWO
    by_run: dict[str, list[str]] = {}
    for word in sorted(set(words)):
        by_run.setdefault(max(_RUN.findall(word), key=len, default=""), []).append(word)
    places = {_NO_RUN: tuple(by_run.pop("", ()))}
    classes[[word.encode("utf-8")[0] for word in places[_NO_RUN]]] = _FOUND
    table = np.zeros(max(8, 1 << (4 * len(by_run)).bit_length()), dtype=np.uint64)
    for run, of_run in by_run.items():
        hashed = hash_run(run.encode("utf-8"))
        place = hashed & (len(table) - 1)
        while table[place] != 0:
            place = (place + 1) & (len(table) - 1)
        table[place] = hashed
        places[place] = tuple(of_run)
    return Sought(table, classes, MappingProxyType(places))


def hash_run(run: bytes) -> int:
    """Hash a run: FNV-1a of 64 bits."""
    hashed = int(_BASIS)
    for byte in run:
        hashed = ((hashed ^ byte) * int(_PRIME)) & (2**64 - 1)
    return hashed


def glance(text: str, sought: Sought) -> set[str]:
    """Give the words that can be in a text, each between characters that are no letter or digit.

    >>> sought = seek(["source", "quelle", "新华社"])
    >>> glance("the source: none", sought), glance("resources", sought), glance("新华社北京", sought)
    ({'source'}, set(), {'新华社'})
    """
    data = np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8)
    return {word for place in find_runs(data, sought.table, sought.classes).tolist() for word in sought.words[place]}


@kernel
def find_runs(data: NDArray[np.uint8], table: NDArray[np.uint64], classes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Give the places in the table of the runs of UTF-8 that are there, each once: int64[m]; -1 for words without one.

    Parameters
    ----------
    data : uint8[n]
    table, classes
        As in `Sought`.
    """
    found, n_found = np.empty(len(table) + 1, dtype=np.int64), 0
    is_found = np.zeros(len(table) + 1, dtype=np.bool_)  # the last place is that of words without a run
    mask = np.uint64(len(table) - 1)
    hashed, is_inside = _BASIS, False
    place, end = 0, len(data)
    while place <= end:
        byte = data[place] if place < end else 0
        kind = classes[byte]
        place += 1
        if kind == _FOUND and not is_found[_NO_RUN]:
            is_found[_NO_RUN] = True
            found[n_found] = _NO_RUN
            n_found += 1
        if kind == _TWO and place < end:
            second = data[place]
            if byte != _FIRST_LEAD or (second != _TIMES and second != _DIVIDED):
                hashed = ((hashed ^ np.uint64(byte)) * _PRIME ^ np.uint64(second)) * _PRIME
                is_inside = True
                place += 1
                continue
        if kind == _LETTER:
            hashed = (hashed ^ np.uint64(byte)) * _PRIME
            is_inside = True
        elif is_inside:
            slot = hashed & mask
            while table[slot] != 0:
                if table[slot] == hashed:
                    if not is_found[slot]:
                        is_found[slot] = True
                        found[n_found] = slot
                        n_found += 1
                    break
                slot = (slot + np.uint64(1)) & mask
            hashed, is_inside = _BASIS, False
    return found[:n_found]
