"""Articles -> how telling each of their words is.

Theory of operation
-------------------
Two texts on one subject share names, places, rare words; two texts in one language share "the" and "said". So a word
weighs ``(log(n / d) / log(n))**2``, where d of n articles hold it: 1 for a word of hardly any article, 0 for one of
all. d is counted on a sample of the corpus. A corpus may be as small as three articles, in which every word is in one,
two or three of them: so `_PRIOR_ARTICLES` further articles are counted in, of which `data/common_words.toml` knows what
share holds the common words of 26 languages.

What is weighed is a *unit*: a word, or in scripts without spaces two characters in a row; see `kernels.rests`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.kernels import rests
from dedup.kernels import texts as kernels
from dedup.kernels.buffers import Chunk, encode
from dedup.kernels.lookups import look_up, number_values
from dedup.kernels.unicode_table import unicode_table

_PRIOR_ARTICLES = 30.0  # as many as make a word of three articles in a small corpus weigh a third less than one of one
_STEM_LETTERS = 6  # of a word: its endings follow grammar, and a headline's grammar is not its text's
_MAX_SAMPLE = 2_000  # articles: words of one in a hundred are then known to a quarter
_MIN_THINNED = 50  # articles: of fewer, the prior says more than they do, and each is needed
_SMALLEST = 8  # shingles by which articles are told to be one text: min-wise hashing, good enough to thin out a sample
_SAME = 5  # of them that were seen before
_FEW = 20  # times fewer
_HALF = 0.5  # of an article: what a word is counted as that no article of the sample holds


class Units(NamedTuple):
    """The words of some texts, text i owning ``offsets[i]`` to ``offsets[i + 1]`` of each array.

    Parameters
    ----------
    words : uint64[n]
        As in `Words`.
    units : uint64[n]
        What each word is compared by; see `kernels.rests`.
    starts : int64[n]
        The byte of the encoded texts that each begins at.
    offsets : int64[n_texts + 1]
    """

    words: NDArray[np.uint64]
    units: NDArray[np.uint64]
    starts: NDArray[np.int64]
    offsets: NDArray[np.int64]


class Rarity(NamedTuple):
    """In how many articles each unit stands: ``units`` uint64[n], sorted; ``n_holders``; of ``n_articles``."""

    units: NDArray[np.uint64]
    n_holders: NDArray[np.float64]
    n_articles: float


def split_units(texts: Sequence[str]) -> Units:
    """Cut texts into words and give the unit of each."""
    return units_of(encode(texts))


def units_of(texts: Chunk) -> Units:
    """Cut encoded texts into words and give the unit of each."""
    values, offsets = texts
    words, starts, ends, word_offsets = kernels.split_words(values, offsets, *unicode_table())
    stems, of_word = rests.cut_stems(values, starts, ends, _STEM_LETTERS, kernels.PADDING)
    stems.flags.writeable = False  # as texts are: the kernel is compiled once
    cut, _, _, n_before = kernels.split_words(stems, of_word, *unicode_table())
    stem_of_word = cut[n_before[:-1]]
    return Units(words, rests.join_neighbours(stem_of_word, starts, ends, word_offsets), starts, word_offsets)


def sample_rows(n: int) -> NDArray[np.int64]:
    """Choose the rows that rarity is learned from, evenly spread: all of them, or 2,000.

    Examples
    --------
    >>> sample_rows(3).tolist(), len(sample_rows(100_000))
    ([0, 1, 2], 2000)
    """
    return np.unique(np.linspace(0, max(0, n - 1), min(n, _MAX_SAMPLE)).round().astype(np.int64))


def drop_copies(rows: NDArray[np.int64], shingles: NDArray[np.uint64], offsets: NDArray[np.int64]) -> list[int]:
    """Keep of the rows that carry one text about one: a story of many outlets must not make its own words common.

    Parameters
    ----------
    rows : int64[n]
    shingles, offsets : uint64[m], int64[n_rows + 1]
        Of all rows, sorted within each, as in `Sketches`.
    """
    kept: list[int] = []
    if len(rows) < _MIN_THINNED:
        kept += rows.tolist()
        return kept
    seen: set[int] = set()
    for row in rows.tolist():
        smallest = shingles[offsets[row] : min(offsets[row] + _SMALLEST, offsets[row + 1])].tolist()
        if sum(value in seen for value in smallest) < max(1, min(_SAME, len(smallest))):
            kept.append(row)
            seen.update(smallest)
    return kept


def learn_rarity(texts: Sequence[str]) -> Rarity:
    """Count in how many texts each unit stands.

    Parameters
    ----------
    texts : sequence of str
        A sample of the corpus; `sample_rows` says which.
    """
    found = split_units(texts)
    text_of_word = np.repeat(np.arange(len(texts)), np.diff(found.offsets))
    numbers, units = number_values(found.units)
    pairs, _ = number_values(numbers.astype(np.uint64) * np.uint64(len(texts)) + text_of_word.astype(np.uint64))
    _, first = np.unique(pairs, return_index=True)
    common, shares = _common_units()
    place = look_up(common, units)
    n_holders = np.bincount(numbers[first], minlength=len(units)).astype(np.float64)
    n_holders[place[place >= 0]] += shares[place >= 0] * _PRIOR_ARTICLES
    is_new = place < 0
    units = np.concatenate([units, common[is_new]])
    n_holders = np.concatenate([n_holders, shares[is_new] * _PRIOR_ARTICLES])
    order = np.argsort(units)
    return Rarity(units[order], n_holders[order], len(texts) + _PRIOR_ARTICLES)


def weigh(units: NDArray[np.uint64], rarity: Rarity) -> NDArray[np.float64]:
    """Weigh units: float64[n], each in [0, 1]."""
    if len(units) * _FEW < len(rarity.units):  # for one text, a table of all units does not pay
        place = np.minimum(np.searchsorted(rarity.units, units), len(rarity.units) - 1)
        place = np.where(rarity.units[place] == units, place, -1)
    else:
        place = look_up(units, rarity.units)
    n_holders = np.where(place >= 0, rarity.n_holders[place], 0.0)
    rare = np.log((rarity.n_articles + 1) / (n_holders + _HALF)) / np.log((rarity.n_articles + 1) / _HALF)
    weights: NDArray[np.float64] = np.maximum(rare, 0.0) ** 2
    return weights


@cache
def _common_units() -> tuple[NDArray[np.uint64], NDArray[np.float64]]:
    """Units that are common in some language, and the largest share of its articles that hold them."""
    lists = tomllib.loads((files("dedup") / "data" / "common_words.toml").read_text(encoding="utf-8"))
    listed = [
        (word, int(name.removeprefix("at_")) / 100)
        for language in lists["language"]
        for name, words in language.items()
        if name.startswith("at_")
        for word in words.split()
    ]
    found = split_units([word for word, _ in listed])
    shares = np.array([share for _, share in listed])
    has_words = np.diff(found.offsets) > 0
    units = found.units[found.offsets[:-1][has_words]]
    order = np.lexsort((-shares[has_words], units))
    units, shares = units[order], shares[has_words][order]
    is_first = np.r_[True, units[1:] != units[:-1]]
    return units[is_first], shares[is_first]
