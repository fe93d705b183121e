"""Kernels: UTF-8 text -> the pieces of words that a sentence encoder reads. Oracle: the encoder's own tokeniser.

The algorithm is that of SentencePiece's unigram model (Kudo 2018, section 3.2): characters are replaced by a table, and
of all ways to cut what comes of it into known pieces, the likeliest is taken.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.kernels.compiled import kernel

_MIXER = np.uint64(0x9E3779B97F4A7C15)
_BLANK = 0x20
_MARK = np.array([0xE2, 0x96, 0x81], dtype=np.uint8)  # what stands for a blank: U+2581
_NEVER = -1e38


@kernel
def build_trie(
    characters: NDArray[np.uint32], offsets: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    """Put pieces into a trie, whose steps are kept in one open hash table.

    Parameters
    ----------
    characters : uint32[n]
    offsets : int64[n_pieces + 1]
        Piece i is ``characters[offsets[i]:offsets[i + 1]]``; none is empty. Of equal ones the last counts.

    Returns
    -------
    steps : int64[m]
        ``node << 21 | character`` of each step, -1 where there is none; m is a power of two.
    nodes : int32[m]
        Where the step leads. The root is 0.
    piece_of : int32[n_nodes]
        The piece that ends at each node; -1 for none.

    Notes
    -----
    Cost: linear. Deterministic.
    """
    size = 16
    while size < 2 * len(characters):
        size *= 2
    steps = np.full(size, -1, dtype=np.int64)
    nodes = np.zeros(size, dtype=np.int32)
    piece_of = np.full(len(characters) + 1, -1, dtype=np.int32)
    n_nodes = 1
    for piece in range(len(offsets) - 1):
        node = 0
        for at in range(offsets[piece], offsets[piece + 1]):
            step = np.int64(node) << 21 | np.int64(characters[at])
            slot = np.int64((np.uint64(step) * _MIXER) >> np.uint64(32)) & (size - 1)
            while steps[slot] not in (-1, step):
                slot = (slot + 1) & (size - 1)
            if steps[slot] == -1:
                steps[slot] = step
                nodes[slot] = n_nodes
                n_nodes += 1
            node = nodes[slot]
        piece_of[node] = piece
    return steps, nodes, piece_of[:n_nodes].copy()


@kernel
def _replace(
    raw: NDArray[np.uint8], at: int, units: NDArray[np.uint32], replaced: NDArray[np.uint8]
) -> tuple[int, int, int]:
    """Find the longest entry of the table at a place: where its replacement begins (-1: none), ends; bytes it took."""
    n = len(raw)
    unit = np.int64(units[0])
    node: Any = (unit >> 10) << ((unit & 0x200) >> 6)
    length: Any = 0
    value: Any = 0
    i = at
    while i < n:
        node ^= np.int64(raw[i])
        unit = np.int64(units[node])
        if unit & 0x800000FF != np.int64(raw[i]):
            break
        node ^= (unit >> 10) << ((unit & 0x200) >> 6)
        i += 1
        if unit & 0x100:
            length = i - at
            value = np.int64(units[node]) & 0x7FFFFFFF
    if length and value < len(replaced):
        end = value
        while replaced[end] != 0:
            end += 1
        return value, end, length
    first = raw[at]
    length = 1
    if first >> 5 == 0x6:
        length = 2
    elif first >> 4 == 0xE:
        length = 3
    elif first >> 3 == 0x1E:
        length = 4
    return -1, -1, min(length, n - at)


@kernel
def normalise_pieces(
    raw: NDArray[np.uint8], units: NDArray[np.uint32], replaced: NDArray[np.uint8]
) -> NDArray[np.uint32]:
    """Replace characters by a table, put a mark before the text and for each run of blanks; trim.

    Parameters
    ----------
    raw : uint8[n]
        Valid UTF-8. Not checked.
    units : uint32[m]
        The table's keys as a double array trie (as of darts-clone): the value of a key is where its replacement begins.
    replaced : uint8[k]
        Replacements in UTF-8, each ended by a zero.

    Returns
    -------
    uint32[n_characters]
        Empty where nothing but blanks is left.
    """
    n = len(raw)
    out = np.empty(2 * n + 64, dtype=np.uint8)
    size = 0
    for place in range(3):
        out[size] = _MARK[place]
        size += 1
    is_head, after_blank = True, True
    at = 0
    while at < n:
        value, end, taken = _replace(raw, at, units, replaced)
        source, first = (replaced, value) if value >= 0 else (raw, at)
        last = end if value >= 0 else at + taken
        at += taken
        if is_head and last - first == 1 and source[first] == _BLANK:
            continue
        is_head = False
        while after_blank and first < last and source[first] == _BLANK:
            first += 1
        if first == last:
            continue
        if size + 3 * (last - first) > len(out):
            grown = np.empty(2 * len(out) + 3 * (last - first), dtype=np.uint8)
            grown[:size] = out[:size]
            out = grown
        for place in range(first, last):
            if source[place] == _BLANK:
                for part in range(3):
                    out[size] = _MARK[part]
                    size += 1
            else:
                out[size] = source[place]
                size += 1
        after_blank = source[last - 1] == _BLANK
    while size >= 3 and out[size - 3] == _MARK[0] and out[size - 2] == _MARK[1] and out[size - 1] == _MARK[2]:
        size -= 3
    characters = np.empty(size, dtype=np.uint32)
    found, at = 0, 0
    while at < size:
        byte = np.uint32(out[at])
        n_more = 0 if byte < 0x80 else 1 if byte < 0xE0 else 2 if byte < 0xF0 else 3
        code = byte if n_more == 0 else byte & (0x3F >> n_more)
        for more in range(1, n_more + 1):
            code = code << 6 | np.uint32(out[at + more]) & 0x3F
        characters[found] = code
        found += 1
        at += n_more + 1
    return characters[:found].copy()


@kernel
def cut_into_pieces(
    characters: NDArray[np.uint32],
    steps: NDArray[np.int64],
    nodes: NDArray[np.int32],
    piece_of: NDArray[np.int32],
    scores: NDArray[np.float32],
    unknown: int,
    unknown_score: float,
) -> NDArray[np.int64]:
    """Cut characters into the likeliest sequence of pieces (Viterbi).

    Parameters
    ----------
    characters : uint32[n]
    steps, nodes, piece_of
        As `build_trie` gives them.
    scores : float32[n_pieces]
        Log-probabilities.
    unknown : int
        What stands for a character that is no piece.
    unknown_score : float

    Returns
    -------
    int64[n_found]
        In reading order; `unknown` alone for an empty text.

    Notes
    -----
    Of two equally likely ways the one whose last piece begins first is taken.
    """
    n = len(characters)
    best = np.full(n + 1, _NEVER)
    best[0] = 0.0
    start_of = np.zeros(n + 1, dtype=np.int64)
    chosen = np.zeros(n + 1, dtype=np.int64)
    mask = len(steps) - 1
    for i in range(n):
        base = best[i]
        node = 0
        has_single = False
        for j in range(i, n):
            step = np.int64(node) << 21 | np.int64(characters[j])
            slot = np.int64((np.uint64(step) * _MIXER) >> np.uint64(32)) & mask
            while steps[slot] not in (-1, step):
                slot = (slot + 1) & mask
            if steps[slot] == -1:
                break
            node = nodes[slot]
            piece = piece_of[node]
            if piece >= 0:
                score = base + np.float64(scores[piece])
                if score > best[j + 1]:
                    best[j + 1] = score
                    start_of[j + 1] = i
                    chosen[j + 1] = piece
                has_single |= j == i
        if not has_single and base + unknown_score > best[i + 1]:
            best[i + 1] = base + unknown_score
            start_of[i + 1] = i
            chosen[i + 1] = unknown
    found = np.empty(max(1, n), dtype=np.int64)
    size, at = 0, n
    while at > 0:
        found[size] = chosen[at]
        size += 1
        at = start_of[at]
    if size == 0:
        found[0] = unknown
        size = 1
    return found[:size][::-1].copy()
