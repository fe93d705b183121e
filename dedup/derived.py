"""Pairs that share few shingles + their passages -> does one text derive from the other, and how surely.

Theory of operation
-------------------
Three tests, for three things that happen to a text on its way:

- *It is quarried*: a passage of it stands in a text that is mostly another. The pair is an ``excerpt`` if the equal
  words of one passage reach ``excerpt_passage_words``, or those of several passages, each of `SPREAD_WORDS` at least,
  one and a half times that. Reporters who never read each other quote the same statement: words between quotation
  marks, in either text, do not count. But an excerpt has quotations in it, too: all the words of a passage count
  `WITH_QUOTES`, at most `MAX_WITH_QUOTES` times those outside, where that is more.
- *It is rewritten*: words are exchanged everywhere, or misread by a machine. What survives is counted on the shorter
  text, quotations again left out: how much of its pairs and triples of words stand in the other, by weight; how much of
  its rare words in the same order; over how many of its windows the common triples are spread; how much of it lies in
  passages; and how much is left of all that outside passages that are the same word for word, which may be a frame that
  an outlet puts around everything; and how many of its numbers are missing: whoever copies, copies the numbers. A
  logistic regression makes a probability of them. Reports of one event share words and names, but not their order.

- *It is noisy*: its passages alone, small edits inside, hold ``threshold`` of its words, which its shingles did not.

A passage (or all those of a pair together) in which far more numbers differ than other words do is a form that is
filled in anew every day (infections, shares, weather), and counts for nothing: two numbers at least, and `DEVIATIONS`
standard deviations more than the share of its words that differ lets expect.

Both models are shipped as numbers (``data/derived.toml``), trained by ``benchmarks/derived.py``, which says on what.
The verdict on a pair depends on its two texts alone, not on the rest of the corpus, but for boilerplate.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.kernels.evidence import count_numbers, describe_pairs
from dedup.model import MarkedWords

FEATURES = (
    "units", "pairs_of_units", "triples_of_units", "units_in_order", "windows", "passages",
    "pairs_outside", "triples_outside", "order_outside", "numbers_missing",
)  # fmt: skip
MIN_OUTSIDE = (
    0.01  # share of triples that must be left outside tight passages: what is all there or not is no rewriting
)
MIN_WORDS = 40  # words of a rewritten text: in fewer, one phrase is a tenth of all
FEW_NUMBERS = 4.0  # numbers that are missing say the less, the fewer there are
CHANGED, DEVIATIONS = 0.1, 3.0  # share of words expected to differ at least; standard deviations beyond that
TIGHT = 0.9  # share of equal words of a passage that counts as taken over word for word
WITH_QUOTES = 0.6  # of the words of a passage, quoted or not: a hundred are as good as sixty unquoted
MAX_WITH_QUOTES = (
    3.0  # times the unquoted ones: the words around a quotation ("he told the committee on Monday") are few
)
SPREAD_WORDS = 20.0  # words of each of several passages that count together: a sentence, not a phrase
SPREAD_FACTOR = 1.5  # several passages must make up for being short
COVERED = 0.45  # of the shorter text that passages must hold, however likely rewriting is: what cannot be shown side by
# side is no match. Without it, forms (analysts' flashes, cricket line-ups) and a shared frame passed in other languages
ENOUGH = 0.5  # of an excerpt's words that rewriting needs in all its passages together: the phrases of a form are fewer

_ROOTS = ("pairs_of_units", "triples_of_units", "units_in_order", "passages", "pairs_outside", "triples_outside")
_EXCERPT_FEATURES = ("longest_passage", "long_passages")


class Evidence(NamedTuple):
    """What survives of the shorter text of each pair.

    Parameters
    ----------
    n_words : float64[n_pairs]
        Of the shorter text, boilerplate left out; a character of a script without spaces counts by its size.
    total : float64[n_pairs]
        Unquoted equal words of all passages.
    features : float64[n_pairs, 10]
        `FEATURES`, each in [0, 1].
    longest : float64[n_pairs]
        Equal words of the longest passage that count: those outside quotation marks, or part of all of them.
    spread : float64[n_pairs]
        The same of all passages that have `SPREAD_WORDS` of them.
    """

    n_words: NDArray[np.float64]
    total: NDArray[np.float64]
    features: NDArray[np.float64]
    longest: NDArray[np.float64]
    spread: NDArray[np.float64]


class Verdicts(NamedTuple):
    """Whether each pair is an excerpt, or rewritten, and the probability that one text derives from the other."""

    is_excerpt: NDArray[np.bool_]
    is_rewritten: NDArray[np.bool_]
    probability: NDArray[np.float64]


def gather(marked: MarkedWords, pairs: NDArray[np.int64], runs: NDArray[np.int64]) -> Evidence:
    """Gather the evidence on pairs of texts.

    Parameters
    ----------
    marked : MarkedWords
        Of all texts.
    pairs : int64[n_pairs, 2]
        Texts.
    runs : int64[n_passages, 6]
        Their passages, as `verify.find_runs` gives them.
    """
    told = describe_pairs(
        marked.units, marked.weights, marked.is_masked, marked.is_quoted, marked.is_number, marked.offsets, pairs, runs,
        TIGHT, MIN_OUTSIDE,
    )  # fmt: skip
    is_form = _are_filled_in(marked, pairs, runs)
    n_unquoted, n_all = (np.where(is_form, 0.0, counted) for counted in _count_equal(marked, pairs, runs))
    n_equal = np.maximum(n_unquoted, np.minimum(WITH_QUOTES * n_all, MAX_WITH_QUOTES * n_unquoted))
    of_pair = runs[:, 0]
    n = len(pairs)
    longest = np.zeros(n)
    np.maximum.at(longest, of_pair, n_equal)
    spread, total = np.zeros(n), np.zeros(n)
    np.add.at(spread, of_pair, np.where(n_equal >= SPREAD_WORDS, n_equal, 0.0))
    np.add.at(total, of_pair, n_unquoted)
    sizes = np.concatenate([[0.0], np.cumsum(np.where(marked.is_masked, 0.0, marked.sizes))])
    n_words = np.diff(sizes[marked.offsets])[pairs].min(axis=1)
    in_passages = np.minimum(1.0, total / np.maximum(1.0, n_words))
    missing = told[:, 12] / (told[:, 11] + FEW_NUMBERS)
    features = np.column_stack([told[:, [1, 2, 3, 5, 6]], in_passages, told[:, [8, 9, 10]], missing])
    return Evidence(n_words, total, features, longest, spread)


def judge(
    evidence: Evidence, *, threshold: float, excerpt_passage_words: int, rewritten_probability: float
) -> Verdicts:
    """Judge pairs whose containment stays below the threshold.

    Parameters
    ----------
    evidence : Evidence
        Of n pairs.
    threshold : float
        Share of the shorter text that its passages must hold, in (0, 1].
    excerpt_passage_words : int
        Words a passage must have; half of it what the passages of a rewritten text must have together.
    rewritten_probability : float
        That must be reached, in (0, 1].
    """
    by_rewriting = rewriting_probability(evidence)
    by_passage = np.maximum(
        evidence.longest >= excerpt_passage_words, evidence.spread >= SPREAD_FACTOR * excerpt_passage_words
    )
    is_aligned = (evidence.total >= threshold * evidence.n_words) & (evidence.total >= SPREAD_WORDS)
    is_rewritten = (by_rewriting >= rewritten_probability) & (evidence.total >= ENOUGH * excerpt_passage_words)
    is_rewritten &= evidence.total >= COVERED * evidence.n_words
    is_rewritten |= is_aligned
    is_excerpt = by_passage & ~is_rewritten
    probability = np.maximum(by_rewriting, np.where(by_passage, excerpt_probability(evidence), 0.0))
    probability = np.maximum(probability, np.where(is_aligned, aligned_probability(evidence), 0.0))
    return Verdicts(is_excerpt, is_rewritten, probability)


def rewriting_probability(evidence: Evidence) -> NDArray[np.float64]:
    """Probability that the shorter text derives from the other as a whole, or both from a third: float64[n_pairs].

    0 where there is nothing to tell it by: too few words, or no trace outside what is the same word for word.
    """
    return np.where(is_told(evidence), _logistic(to_columns(evidence), "rewritten", FEATURES), 0.0)


def is_told(evidence: Evidence) -> NDArray[np.bool_]:
    """Tell of each pair whether there is anything to tell rewriting by: words enough, and traces outside passages."""
    outside = evidence.features[:, FEATURES.index("triples_outside")]
    return (evidence.n_words >= MIN_WORDS) & (outside >= MIN_OUTSIDE)


def excerpt_probability(evidence: Evidence) -> NDArray[np.float64]:
    """Probability that the passages of a pair were taken over: float64[n_pairs]."""
    return _logistic(to_excerpt_columns(evidence), "excerpt", _EXCERPT_FEATURES)


def aligned_probability(evidence: Evidence) -> NDArray[np.float64]:
    """Probability that a text derives from the other whose passages hold so much of it: float64[n_pairs]."""
    return _logistic(to_aligned_columns(evidence), "aligned", ("passages",))


def to_aligned_columns(evidence: Evidence) -> NDArray[np.float64]:
    """Give what the model of noisy copies reads."""
    return np.sqrt(evidence.features[:, [FEATURES.index("passages")]])


def to_columns(evidence: Evidence) -> NDArray[np.float64]:
    """Give what the model of rewriting reads: roots, so that the first common words count most."""
    roots = [FEATURES.index(name) for name in _ROOTS]
    columns = evidence.features.copy()
    columns[:, roots] = np.sqrt(columns[:, roots])
    return columns


def to_excerpt_columns(evidence: Evidence) -> NDArray[np.float64]:
    """Give what the model of excerpts reads: logarithms, so that twice the words count alike at any length."""
    return np.log1p(np.stack([evidence.longest, evidence.spread], axis=1))


def _are_filled_in(marked: MarkedWords, pairs: NDArray[np.int64], runs: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell of each passage whether it, or all passages of its pair together, are a form with other numbers in it."""
    of_pair = runs[:, 0]
    n_words = np.maximum(runs[:, 2] - runs[:, 1], runs[:, 4] - runs[:, 3])
    own = np.column_stack(
        [n_words, runs[:, 5], count_numbers(marked.units, marked.is_number, marked.offsets, pairs, runs)]
    )
    pooled = np.zeros((len(pairs), own.shape[1]), dtype=np.int64)
    np.add.at(pooled, of_pair, own)
    return _is_form(own) | _is_form(pooled)[of_pair]


def _is_form(counts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell whether numbers differ far more often than words.

    Columns: words, equal words; then numbers, and those of them that are changed, on the side of a and of b.
    """
    expected = np.clip(1.0 - counts[:, 1] / np.maximum(1, counts[:, 0]), CHANGED, 1.0)[:, None]
    n_numbers, n_changed = counts[:, [2, 4]], counts[:, [3, 5]]
    bound = n_numbers * expected + DEVIATIONS * np.sqrt(n_numbers * expected * (1.0 - expected))
    is_changed = (n_changed >= 2) & (n_changed >= bound)
    return is_changed[:, 0] & is_changed[:, 1]


def _count_equal(
    marked: MarkedWords, pairs: NDArray[np.int64], runs: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Count the equal words of each passage that neither text quotes, and all, by their sizes."""
    first = marked.offsets[pairs[runs[:, 0]]]
    found = []
    for sizes in (np.where(marked.is_quoted, 0.0, marked.sizes), marked.sizes):
        counted = np.concatenate([[0.0], np.cumsum(sizes)])
        shares = [
            (counted[first[:, side] + runs[:, end]] - counted[first[:, side] + runs[:, end - 1]])
            / (runs[:, end] - runs[:, end - 1])
            for side, end in ((0, 2), (1, 4))
        ]
        found.append(runs[:, 5] * np.minimum(*shares))
    return found[0], found[1]


def _logistic(columns: NDArray[np.float64], name: str, expected: tuple[str, ...]) -> NDArray[np.float64]:
    model = _models()[name]
    if tuple(model["features"]) != expected:
        raise ValueError(f"data/derived.toml: features are {model['features']}; {expected} are known")
    scores = columns @ np.array(model["weights"]) + model["intercept"]
    found: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-scores))
    return found


@cache
def _models() -> dict[str, Any]:
    return tomllib.loads(files("dedup.data").joinpath("derived.toml").read_text(encoding="utf-8"))
