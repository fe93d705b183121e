"""Kernels: what two or more texts share -> what their *rests*, the words around it, have to do with each other.

A *unit* is what a word is compared by: the word itself; where words stand without anything between them (the characters
of Chinese, Japanese, Thai), the word and the one after it. A *weight* says how telling a unit is, in [0, 1]: 0 for a
word of every text, 1 for one of none. Units are numbered, 0 to ``len(weights) - 1``.

The *kinship* of two sets of units is the weight of the units in both over the weight of the lighter set, in [0, 1]; 0
where one of them weighs nothing. Oracles, of the same names: ``tests/naive.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.kernels.compiled import kernel

_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # odd, 2**64 over the golden ratio

REST = 1  # bits of what a word of a text is; 0: neither
SHARED = 2


@kernel
def join_neighbours(
    words: NDArray[np.uint64], starts: NDArray[np.int64], ends: NDArray[np.int64], word_offsets: NDArray[np.int64]
) -> NDArray[np.uint64]:
    """Give the unit of each word: uint64[n]; a word that touches the next one of its text is hashed with it.

    Parameters
    ----------
    words, starts, ends, word_offsets
        As `texts.split_words` gives them.
    """
    units = words.copy()
    for text in range(len(word_offsets) - 1):
        for place in range(word_offsets[text], word_offsets[text + 1] - 1):
            if ends[place] == starts[place + 1]:
                units[place] = words[place] * _SPREAD + words[place + 1]
    return units


@kernel
def cut_stems(
    values: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64], n_letters: int, padding: int
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Cut words to their first `n_letters` characters: UTF-8 with a blank behind each, and where each begins.

    Parameters
    ----------
    values : uint8[n_bytes]
        UTF-8.
    starts, ends : int64[n]
        The bytes of each word.
    n_letters : int
        At least 3. Marks on letters count; a syllable of Korean is three letters.
    padding : int
        Bytes after the last.

    Returns
    -------
    uint8[m + padding], int64[n + 1]
    """
    offsets = np.zeros(len(starts) + 1, dtype=np.int64)
    cut = np.empty(len(values) + len(starts) + padding, dtype=np.uint8)
    n = 0
    for word in range(len(starts)):
        n_seen = 0
        for place in range(starts[word], ends[word]):
            if (values[place] & 0xC0) != 0x80:
                n_seen += 3 if 0xEA <= values[place] <= 0xED else 1
            if n_seen > n_letters:
                break
            cut[n] = values[place]
            n += 1
        cut[n] = 0x20
        n += 1
        offsets[word + 1] = n
    cut[n : n + padding] = 0
    return cut[: n + padding].copy(), offsets


@kernel
def kinships(
    weights: NDArray[np.float64], units: NDArray[np.int64], kinds: NDArray[np.uint8], text_offsets: NDArray[np.int64],
    group_offsets: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:  # fmt: skip
    """Measure the rests of the texts of each group against one another, and against what the group shares.

    Parameters
    ----------
    weights : float64[n_units]
        Of each unit.
    units, kinds : int64[n_words], uint8[n_words]
        Words of the texts: their units, and `REST`, `SHARED`, both or neither.
    text_offsets : int64[n_texts + 1]
        Text t owns the words ``text_offsets[t]`` to ``text_offsets[t + 1]``.
    group_offsets : int64[n_groups + 1]
        Group g holds the texts ``group_offsets[g]`` to ``group_offsets[g + 1]``, at most 30. Not checked.

    Returns
    -------
    between : float64[n_texts, 30]
        ``between[t, o]``: kinship of the rests of text t and of the o-th text of its group.
    to_shared : float64[n_texts]
        Kinship of the text's rest and of all that is shared in its group.
    rest_weights : float64[n_texts]
        Weight of the text's rest.

    Notes
    -----
    Linear in the words, times the texts of a group.
    """
    n_texts = len(text_offsets) - 1
    between = np.zeros((n_texts, 30))
    to_shared = np.zeros(n_texts)
    rest_weights = np.zeros(n_texts)
    seen = np.zeros(len(weights), dtype=np.uint32)  # bit o: in the rest of the o-th text; bit 31: shared
    touched = np.empty(len(weights), dtype=np.int64)
    for group in range(len(group_offsets) - 1):
        first, last = group_offsets[group], group_offsets[group + 1]
        n_touched = 0
        for text in range(first, last):
            for word in range(text_offsets[text], text_offsets[text + 1]):
                bits = np.uint32(0)
                if kinds[word] & REST:
                    bits |= np.uint32(1 << (text - first))
                if kinds[word] & SHARED:
                    bits |= np.uint32(1 << 31)
                if bits == 0:
                    continue
                unit = units[word]
                if seen[unit] == 0:
                    touched[n_touched] = unit
                    n_touched += 1
                seen[unit] |= bits
        shared_weight = 0.0
        for number in range(n_touched):
            bits, weight = seen[touched[number]], weights[touched[number]]
            seen[touched[number]] = np.uint32(0)
            is_shared = (bits >> np.uint32(31)) != 0
            if is_shared:
                shared_weight += weight
            for one in range(last - first):
                if (bits >> np.uint32(one)) & np.uint32(1) == 0:
                    continue
                rest_weights[first + one] += weight
                if is_shared:
                    to_shared[first + one] += weight
                for other in range(one):
                    if (bits >> np.uint32(other)) & np.uint32(1) != 0:
                        between[first + one, other] += weight
        for one in range(last - first):
            own = rest_weights[first + one]
            to_shared[first + one] = _over(to_shared[first + one], min(own, shared_weight))
            for other in range(one):
                kinship = _over(between[first + one, other], min(own, rest_weights[first + other]))
                between[first + one, other] = kinship
                between[first + other, one] = kinship
    return between, to_shared, rest_weights


@kernel
def _over(part: Any, whole: Any) -> Any:
    return min(1.0, part / whole) if whole > 0.0 else 0.0


@kernel
def mark_covered(runs: NDArray[np.int64], n: int) -> NDArray[np.bool_]:
    """Tell which of n words lie under one of the runs (int64[n_runs, 2], half open): bool[n]."""
    covered = np.zeros(n, dtype=np.bool_)
    for number in range(len(runs)):
        for place in range(runs[number, 0], runs[number, 1]):
            covered[place] = True
    return covered


@kernel
def compare_numbers(
    runs: NDArray[np.int64], a: NDArray[np.uint64], b: NDArray[np.uint64],
    is_number_a: NDArray[np.bool_], is_number_b: NDArray[np.bool_], max_slot: int,
) -> tuple[int, int]:  # fmt: skip
    """Count the numbers that two texts agree in, and those in which one says another than the other.

    A *slot* is what lies between two runs that follow each other in both texts, before the first and after the last,
    if it is at most `max_slot` words on either side. Numbers agree in runs, and in slots where both sides hold them.
    They contradict each other in slots where a number of each side stands nowhere in the other text: the smaller count
    of the two sides.

    Parameters
    ----------
    runs : int64[n_runs, 4]
        As `runs.shared_runs` gives them.
    a, b : uint64[n], uint64[m]
        Word hashes.
    is_number_a, is_number_b : bool[n], bool[m]
        Which words are numbers.
    max_slot : int
        Words.

    Returns
    -------
    int, int
        How many agree, how many contradict.
    """
    n_agreeing, n_contradicting = 0, 0
    numbers_a, numbers_b = np.sort(a[is_number_a]), np.sort(b[is_number_b])
    for number in range(len(runs)):
        for place in range(runs[number, 0], runs[number, 1]):
            n_agreeing += is_number_a[place]
    for number in range(len(runs) + 1):
        a_start = runs[number - 1, 1] if number > 0 else 0
        b_start = runs[number - 1, 3] if number > 0 else 0
        a_end = runs[number, 0] if number < len(runs) else len(a)
        b_end = runs[number, 2] if number < len(runs) else len(b)
        if not (0 < a_end - a_start <= max_slot and 0 < b_end - b_start <= max_slot):
            continue
        only_a, only_b = 0, 0
        for place in range(a_start, a_end):
            if is_number_a[place]:
                n_agreeing += _holds(b, is_number_b, b_start, b_end, a[place])
                only_a += not _is_among(numbers_b, a[place])
        for place in range(b_start, b_end):
            if is_number_b[place]:
                only_b += not _is_among(numbers_a, b[place])
        n_contradicting += min(only_a, only_b)
    return n_agreeing, n_contradicting


@kernel
def _holds(words: Any, is_number: Any, start: Any, end: Any, value: Any) -> Any:
    for place in range(start, end):  # noqa: SIM110  numba knows no any()
        if is_number[place] and words[place] == value:
            return True
    return False


@kernel
def _is_among(values: Any, value: Any) -> Any:
    place = np.searchsorted(values, value)
    return place < len(values) and values[place] == value
