"""Kernels: two texts as word hashes -> the passages they share, small edits inside. Oracle: ``tests/naive.py``.

Definition
----------
*Seed.* ``seed_words`` equal words in a row at place i of a and place j of b.

*Extension.* From a seed, both texts are followed to the right, then to the left. Where their next words are equal, the
score rises by 2. Where they are not, the texts are edited: the nearest place is looked for at which they agree again,
at most ``max_gap`` words away in either. Nearest is first the place that skips fewest words of the text that skips more
(``size``), then the one that skips as many of both, then the one that skips more of the other. Skipping as many of both
is believed if one word is equal there, any other skip if two are (one common word proves nothing). The score falls by
`size`. The extension ends where nothing is found or the score lies more than ``max_drop`` below the highest so far;
what follows the highest is given up (X-drop: Altschul and others 1990; Zhang and others 2000).

*Passages.* The text of a pair that has fewer words (the first of two equals) is walked from left to right. Where a seed
stands in several places of the other, they are tried from left to right, those behind the last passage first, at most
``max_places``; the one with the most equal words wins, then the one tried first. It is a passage if it holds at least
``min_words`` equal words; the walk goes on behind it. Passages do not overlap in the shorter text; in the longer they
may, and they may stand there in any order.

Arrays
------
words uint64[n_words]: word hashes of all texts; text i is ``words[offsets[i]:offsets[i + 1]]``.
is_masked bool[n_words]: words that are equal to none.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.kernels.compiled import kernel

_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # odd, 2**64 over the golden ratio
_32 = np.uint64(32)


@kernel
def _hash(words: Any, place: Any, n_words: Any) -> Any:
    h = np.uint64(0)
    for offset in range(n_words):
        h = h * _SPREAD + words[place + offset]
    h = h * _SPREAD
    return h ^ (h >> _32)


@kernel
def _is_equal(a: Any, i: Any, b: Any, j: Any, n_words: Any) -> Any:
    for offset in range(n_words):  # noqa: SIM110  numba knows no all()
        if a[i + offset] != b[j + offset]:
            return False
    return True


@kernel
def _extend(
    a: Any, i: Any, n_a: Any, b: Any, j: Any, n_b: Any, step: Any, max_gap: Any, max_drop: Any
) -> tuple[Any, Any, Any]:
    """Follow two texts from places (i, j) on, `step` 1 to the right, -1 to the left; n_a and n_b words are left.

    Gives how many words of a and of b belong to the extension, and how many of them are equal.
    """
    x, y, score, n_equal = 0, 0, 0, 0  # words followed in a and b
    best_x, best_y, best_score, best_equal = 0, 0, 0, 0
    while x < n_a and y < n_b:
        if a[i + step * x] == b[j + step * y]:
            x += 1
            y += 1
            n_equal += 1
            score += 2
            if score > best_score:
                best_x, best_y, best_score, best_equal = x, y, score, n_equal
            continue
        found = False
        for size in range(1, max_gap + 1):
            if x + size < n_a and y + size < n_b and a[i + step * (x + size)] == b[j + step * (y + size)]:
                x, y, found = x + size, y + size, True
            else:
                for back in range(1, size + 1):
                    less = size - back
                    if (
                        x + size + 1 < n_a
                        and y + less + 1 < n_b
                        and a[i + step * (x + size)] == b[j + step * (y + less)]
                        and a[i + step * (x + size + 1)] == b[j + step * (y + less + 1)]
                    ):
                        x, y, found = x + size, y + less, True
                        break
                    if (
                        x + less + 1 < n_a
                        and y + size + 1 < n_b
                        and a[i + step * (x + less)] == b[j + step * (y + size)]
                        and a[i + step * (x + less + 1)] == b[j + step * (y + size + 1)]
                    ):
                        x, y, found = x + less, y + size, True
                        break
            if found:
                score -= size
                break
        if not found or best_score - score > max_drop:
            break
    return best_x, best_y, best_equal


@kernel
def _unmasked(words: Any, is_masked: Any, first: Any, last: Any, side: Any) -> Any:
    """Copy the words of a text; a masked one is replaced by a number that stands nowhere else."""
    copied = words[first:last].copy()
    for place in range(len(copied)):
        if is_masked[first + place]:
            copied[place] = np.uint64(2 * place + side)
    return copied


@kernel
def _sort_by_start(passages: Any, first: Any, last: Any) -> None:
    """Sort a few passages by their start in a; of two that start at one place the first stays first."""
    for number in range(first + 1, last):
        back = number
        while back > first and passages[back - 1, 1] > passages[back, 1]:
            for column in range(passages.shape[1]):
                passages[back - 1, column], passages[back, column] = passages[back, column], passages[back - 1, column]
            back -= 1


@kernel
def find_passages(
    words: NDArray[np.uint64], is_masked: NDArray[np.bool_], offsets: NDArray[np.int64], pairs: NDArray[np.int64],
    seed_words: int, max_gap: int, max_drop: int, min_words: int, max_places: int,
) -> NDArray[np.int64]:  # fmt: skip
    """Find the passages of pairs of texts.

    Parameters
    ----------
    words, is_masked, offsets
        The texts; see the top of the file.
    pairs : int64[n_pairs, 2]
        Rows.
    seed_words : int
        Words, at least 1.
    max_gap : int
        Words, at least 0: the longest edit.
    max_drop : int
        Of the score, at least 0.
    min_words : int
        Equal words of a passage, at least 1.
    max_places : int
        Places tried, at least 1.

    Returns
    -------
    int64[n_passages, 6]
        Number of the pair, start and end in a, start and end in b (words, counted in the text, half open), equal words.
        Sorted by pair, then by place in a, then by place in the shorter text.

    Notes
    -----
    Cost: linear in the words of the shorter text and its seeds; the longer one is read once for all pairs in a row that
    have it as the longer one, so sort them by it. About 10 us a pair of news articles.
    Not checked: a masked word is told by its number; a word whose hash is below 2**33 would fall together with one.
    """
    passages = np.empty((256, 6), dtype=np.int64)
    n_passages: Any = np.int64(0)
    longest: Any = 0
    for text in range(len(offsets) - 1):
        longest = max(longest, offsets[text + 1] - offsets[text])
    bits = 3
    while (1 << bits) < 2 * longest:
        bits += 1
    # per slot the first place of b whose seed falls there; next_place leads on to later places of the same words
    first_place = np.empty(1 << bits, dtype=np.int32)
    next_place = np.empty(longest, dtype=np.int32)
    last_row: Any = -1
    n_before: Any = 0
    right, left = np.int64(1), np.int64(-1)  # variables, or `_extend` is compiled once for each constant
    b, mask, n_seeds = words[:0].copy(), 0, 0
    for number in range(len(pairs)):
        row_a, row_b, side_a, side_b = pairs[number, 0], pairs[number, 1], 1, 3
        if offsets[row_b + 1] - offsets[row_b] < offsets[row_a + 1] - offsets[row_a]:
            row_a, row_b, side_a, side_b = row_b, row_a, 3, 1
        a = _unmasked(words, is_masked, offsets[row_a], offsets[row_a + 1], 0)
        if row_b != last_row:
            last_row = row_b
            b = _unmasked(words, is_masked, offsets[row_b], offsets[row_b + 1], 1)
            n_seeds = max(0, len(b) - seed_words + 1)
            bits = 3
            while (1 << bits) < 2 * n_seeds:
                bits += 1
            mask = (1 << bits) - 1
            first_place[: 1 << bits] = -1
            for back in range(n_seeds):
                j = n_seeds - 1 - back  # from the right: chains then run from left to right
                slot = np.int64(_hash(b, j, seed_words) & np.uint64(mask))
                while first_place[slot] >= 0 and not _is_equal(b, first_place[slot], b, j, seed_words):
                    slot = (slot + 1) & mask
                next_place[j] = first_place[slot]
                first_place[slot] = j
        n_before = n_passages
        i: Any = np.int64(0)
        end_a, end_b = i, i
        while i <= len(a) - seed_words and n_seeds > 0:
            slot = np.int64(_hash(a, i, seed_words) & np.uint64(mask))
            while first_place[slot] >= 0 and not _is_equal(b, first_place[slot], a, i, seed_words):
                slot = (slot + 1) & mask
            first = np.int64(first_place[slot])
            if first < 0:
                i += 1
                continue
            ahead = first
            while ahead >= 0 and ahead < end_b:
                ahead = np.int64(next_place[ahead])
            place = ahead if ahead >= 0 else first
            n_best, start_a, start_b, best_end_a, best_end_b, n_tried = 0, 0, 0, 0, 0, 0
            while place >= 0 and n_tried < max_places:
                x, y, n_right = _extend(a, i, len(a) - i, b, place, len(b) - place, right, max_gap, max_drop)
                u, v, n_left = _extend(a, i - 1, i - end_a, b, place - 1, place, left, max_gap, max_drop)
                if n_left + n_right > n_best:
                    n_best = n_left + n_right
                    start_a, start_b, best_end_a, best_end_b = i - u, place - v, i + x, place + y
                place = np.int64(next_place[place])
                n_tried += 1
            if n_best < min_words:
                i += 1
                continue
            if n_passages == len(passages):
                longer = np.empty((2 * n_passages, 6), dtype=np.int64)
                for row in range(n_passages):
                    for column in range(6):
                        longer[row, column] = passages[row, column]
                passages = longer
            passages[n_passages, 0] = number
            passages[n_passages, side_a] = start_a
            passages[n_passages, side_a + 1] = best_end_a
            passages[n_passages, side_b] = start_b
            passages[n_passages, side_b + 1] = best_end_b
            passages[n_passages, 5] = n_best
            n_passages += 1
            i, end_a, end_b = best_end_a, best_end_a, best_end_b
        if side_a == 3:
            _sort_by_start(passages, n_before, n_passages)
    return passages[:n_passages].copy()
