"""Texts -> every pair that shares enough, counted exactly: the truth that recall and precision are measured against.

Independent of what it judges: its own tokenisation (a plain regular expression), its own shingle hash, no sketch, no
sampling and no cap. Two texts are compared by their sets of word 5-shingles.

An inverted index over all shingles would compare each article with every other one that carries the same footer. The
prefix filter (Chaudhuri, Ganti and Kaushik 2006; Bayardo, Ma and Srikant 2007, section 3) avoids that without losing a
pair: if at least m of an article's n shingles lie in another article, so does one of any n - m + 1 of them. The rarest
n - m + 1 are looked up, and what they lead to is counted in full.

What is not exact: shingles are compared by 64-bit hashes. Among 10**8 of them, two different ones collide with a chance
of 3e-4, and such a collision changes one count by one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

import numpy as np
from numba import njit
from numpy.typing import NDArray

SHINGLE_WORDS = 5
NEAR = 0.7  # jaccard of a near copy
EXCERPT = 0.5  # containment of an excerpt, at a jaccard below 0.5
PARTIAL = 0.2  # containment of a partial excerpt ...
PARTIAL_SHINGLES = 96  # ... that shares at least 100 words in one piece, or as much in several
VERSION = 1  # of the truth: part of the name of a cached file

_WORD = re.compile(r"[^\W_]+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")


class Shingled(NamedTuple):
    """The distinct shingles of each text that occur in another text as well, rarest first.

    Parameters
    ----------
    ids : int32[m]
        Shingles by number; a lower number is in fewer texts.
    offsets : int64[n + 1]
        Text i owns ``ids[offsets[i]:offsets[i + 1]]``, ascending.
    n_shingles : int64[n]
        All distinct shingles of each text, those of no other text included.
    """

    ids: NDArray[np.int32]
    offsets: NDArray[np.int64]
    n_shingles: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Truth:
    """Every pair that shares enough to be asked for.

    Parameters
    ----------
    rows : int64[n_pairs, 2]
        Places of the two texts, the lower first; sorted.
    shared : int64[n_pairs]
        Shingles that both hold.
    shingled : Shingled
        What was counted; answers for any other pair, too.
    """

    rows: NDArray[np.int64]
    shared: NDArray[np.int64]
    shingled: Shingled

    @property
    def jaccard(self) -> NDArray[np.float64]:
        """Shared over all shingles of both."""
        return jaccard_of(self.shingled, self.rows, self.shared)

    @property
    def containment(self) -> NDArray[np.float64]:
        """Shared over the shingles of the smaller text."""
        return containment_of(self.shingled, self.rows, self.shared)

    @property
    def near(self) -> NDArray[np.int64]:
        """Pairs with a jaccard of at least 0.7."""
        return self.rows[self.jaccard >= NEAR]

    @property
    def excerpts(self) -> NDArray[np.int64]:
        """Pairs with a containment of at least 0.5 at a jaccard below 0.5."""
        return self.rows[(self.containment >= EXCERPT) & (self.jaccard < EXCERPT)]

    @property
    def partial_excerpts(self) -> NDArray[np.int64]:
        """Pairs with a containment of 0.2 to 0.5 that share at least 96 shingles: 100 words in one piece."""
        return self.rows[(self.containment < EXCERPT) & (self.shared >= PARTIAL_SHINGLES)]

    def among(self, rows: NDArray[np.int64]) -> Truth:
        """Give the part of the truth that is about these pairs."""
        n_articles = len(self.shingled.n_shingles)
        keep = np.isin(self.rows @ [n_articles, 1], rows @ [n_articles, 1])
        return Truth(self.rows[keep], self.shared[keep], self.shingled)


def find_truth(texts: Sequence[str]) -> Truth:
    """Count every pair of texts that is near, an excerpt or a partial excerpt.

    Parameters
    ----------
    texts : sequence of str
        100,000 articles of 435 words take about a minute and 3 GB.

    Examples
    --------
    >>> truth = find_truth(["one two three four five six", "One, two; three “four” five – six!", "something else"])
    >>> truth.rows.tolist(), truth.shared.tolist(), truth.jaccard.tolist()
    ([[0, 1]], [2], [1.0])
    """
    shingled = shingle_texts(texts)
    order = np.argsort(shingled.ids, kind="stable").astype(np.int64)
    holders = (np.searchsorted(shingled.offsets, order, side="right") - 1).astype(np.int32)
    n_holders = np.bincount(shingled.ids)
    first_holder = np.concatenate([[0], np.cumsum(n_holders)])
    rows, shared = _join(*shingled, least_shared(shingled.n_shingles), holders, first_holder)
    order = np.lexsort((rows[:, 1], rows[:, 0]))
    rows, shared = rows[order], shared[order]
    truth = Truth(rows, shared, shingled)
    wanted = (truth.containment >= EXCERPT) | ((truth.containment >= PARTIAL) & (shared >= PARTIAL_SHINGLES))
    return Truth(rows[wanted], shared[wanted], shingled)


def cached_truth(texts: Sequence[str], path: Path) -> Truth:
    """Give the truth from `path` where it lies there, else count it and leave it there."""
    if not path.exists():
        truth = find_truth(texts)
        unfinished = path.with_suffix(".unfinished.npz")
        np.savez(unfinished, rows=truth.rows, shared=truth.shared, **truth.shingled._asdict())
        unfinished.rename(path)
    with np.load(path) as file:
        return Truth(file["rows"], file["shared"], Shingled(*(file[name] for name in Shingled._fields)))


def count_shared(shingled: Shingled, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count the shingles that the two texts of each pair share."""
    return np.asarray(_count_shared(shingled.ids, shingled.offsets, np.ascontiguousarray(rows, dtype=np.int64)))


def jaccard_of(shingled: Shingled, rows: NDArray[np.int64], shared: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give shared over all shingles of both; 0 where neither has any."""
    n_both = shingled.n_shingles[rows].sum(axis=1) - shared
    return np.asarray(shared / np.maximum(n_both, 1))


def containment_of(shingled: Shingled, rows: NDArray[np.int64], shared: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give shared over the shingles of the smaller text; 0 where it has none."""
    return np.asarray(shared / np.maximum(shingled.n_shingles[rows].min(axis=1, initial=np.iinfo(np.int64).max), 1))


def least_shared(n_shingles: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the fewest shingles of a text that a larger one must hold for the pair to be asked for.

    A near copy holds more than an excerpt (jaccard never exceeds containment), so two cases are left.
    """
    excerpt = np.ceil(EXCERPT * n_shingles)
    partial = np.maximum(np.ceil(PARTIAL * n_shingles), PARTIAL_SHINGLES)
    return np.asarray(np.maximum(np.minimum(excerpt, partial), 1), dtype=np.int64)


def split_words(text: str) -> list[str]:
    """Give the folded words of a text: runs of letters and digits, NFKC, casefolded, invisible characters dropped."""
    if not text.isascii():
        text = normalize("NFKC", _INVISIBLE.sub("", text))
    return _WORD.findall(text.casefold())


def shingle_texts(texts: Sequence[str]) -> Shingled:
    """Give the shingles of each text, numbered from the rarest to the commonest."""
    hashes, n_shingles = _hash_shingles(texts)
    order = np.argsort(hashes, kind="stable")
    starts_run = np.concatenate([[True], np.diff(hashes[order]) != 0]) if len(hashes) else np.zeros(0, bool)
    run = np.cumsum(starts_run) - 1
    n_holders = np.bincount(run) if len(run) else np.zeros(0, np.int64)
    rank = np.empty(len(n_holders), dtype=np.int32)
    rank[np.argsort(n_holders, kind="stable")] = np.arange(len(n_holders), dtype=np.int32)
    ids = np.empty(len(hashes), dtype=np.int32)
    ids[order] = rank[run] - np.int32((n_holders == 1).sum())
    text_of = np.repeat(np.arange(len(texts)), n_shingles)[ids >= 0]
    ids = ids[ids >= 0]
    offsets = np.concatenate([[0], np.cumsum(np.bincount(text_of, minlength=len(texts)))])
    _sort_within(ids, offsets)
    return Shingled(ids, offsets, n_shingles)


def _hash_shingles(texts: Sequence[str]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Distinct shingle hashes of each text, and how many each has."""
    numbers: defaultdict[str, int] = defaultdict(count(1).__next__)
    parts = [_shingle_words(np.fromiter(map(numbers.__getitem__, split_words(text)), np.uint64)) for text in texts]
    hashes = np.concatenate(parts) if parts else np.zeros(0, np.uint64)
    return hashes, np.array([len(part) for part in parts], dtype=np.int64)


def _shingle_words(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Hash each run of five word numbers: each number is mixed into the state by a multiplication and a shift."""
    n = len(words) - SHINGLE_WORDS + 1
    if n <= 0:
        return np.zeros(0, np.uint64)
    state = np.full(n, 0x9E3779B97F4A7C15, dtype=np.uint64)
    for i in range(SHINGLE_WORDS):
        state = (state ^ words[i : i + n]) * np.uint64(0xD6E8FEB86659FD93)
        state ^= state >> np.uint64(32)
    state.sort()
    return np.asarray(state[np.concatenate([[True], state[1:] != state[:-1]])])


@njit(cache=True)
def _sort_within(ids, offsets):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    for i in range(len(offsets) - 1):
        ids[offsets[i] : offsets[i + 1]].sort()


@njit(cache=True)
def _n_common(ids, a, a_end, b, b_end):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    n = 0
    while a < a_end and b < b_end:
        x, y = ids[a], ids[b]
        n += x == y
        a += x <= y
        b += y <= x
    return n


@njit(cache=True)
def _count_shared(ids, offsets, rows):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    shared = np.zeros(len(rows), dtype=np.int64)
    for k in range(len(rows)):
        a, b = rows[k]
        shared[k] = _n_common(ids, offsets[a], offsets[a + 1], offsets[b], offsets[b + 1])
    return shared


@njit(cache=True)
def _join(ids, offsets, n_shingles, least, holders, first_holder):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Pairs of a text and a larger one that holds at least `least` of its shingles, and how many it holds."""
    n = len(n_shingles)
    seen_by = np.full(n, -1, dtype=np.int64)
    size = 0
    rows = np.empty((1024, 2), dtype=np.int64)
    shared = np.empty(1024, dtype=np.int64)
    for a in range(n):
        n_lone = n_shingles[a] - (offsets[a + 1] - offsets[a])  # the rarest of all: nobody else holds them
        for k in range(offsets[a], offsets[a] + n_shingles[a] - least[a] + 1 - n_lone):
            for b in holders[first_holder[ids[k]] : first_holder[ids[k] + 1]]:
                is_larger = n_shingles[b] > n_shingles[a] or (n_shingles[b] == n_shingles[a] and b > a)
                if not is_larger or seen_by[b] == a:
                    continue
                seen_by[b] = a
                n_shared = _n_common(ids, offsets[a], offsets[a + 1], offsets[b], offsets[b + 1])
                if n_shared < least[a]:
                    continue
                if size == len(shared):
                    rows = np.concatenate((rows, np.empty_like(rows)))
                    shared = np.concatenate((shared, np.empty_like(shared)))
                rows[size, 0], rows[size, 1] = min(a, b), max(a, b)
                shared[size] = n_shared
                size += 1
    return rows[:size].copy(), shared[:size].copy()
