"""Two articles in two languages -> what speaks for a translation: features, and aligned sentences."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.kernels.alignment import align_sentences, anchor_cosines
from dedup.translated.anchors import Anchors, is_number
from dedup.translated.sentences import extent

_QUOTATION = re.compile(  # at most so long: a mark that is never closed would quote all that follows
    '[„“”][^„“”]{1,1200}[“”]|«[^«»]{1,1200}»|»[^«»]{1,1200}«|"[^"]{1,1200}"|「[^「」]{1,600}」|『[^『』]{1,600}』'
)


class Reading(NamedTuple):
    """An article as it is compared across languages.

    Parameters
    ----------
    bounds : int64[n, 2]
        Characters of each sentence.
    extents : float64[n]
        Their lengths in letters of an alphabet.
    quoted : float64[n]
        The share of each that stands in quotation marks, in [0, 1].
    keys, sentences, worths, weights : int64[k], int64[k], float64[k], float64[k]
        Anchors in order of key, then sentence; the sentence each stands in; what it is worth (`weigh`); and what it
        weighs: the less the more sentences of the article it stands in, since a name that stands everywhere tells no
        place.
    """

    bounds: NDArray[np.int64]
    extents: NDArray[np.float64]
    quoted: NDArray[np.float64]
    keys: NDArray[np.int64]
    sentences: NDArray[np.int64]
    worths: NDArray[np.float64]
    weights: NDArray[np.float64]


def read(text: str, bounds: NDArray[np.int64], anchors: Anchors) -> Reading:
    """Lay out a text for comparison."""
    extents = np.array([extent(text[start:end]) for start, end in bounds.tolist()], dtype=np.float64)
    if len(bounds):
        sentences = np.searchsorted(bounds[:, 0], anchors.starts, side="right") - 1
        is_in = (sentences >= 0) & (anchors.starts < bounds[np.maximum(sentences, 0), 1])
    else:
        sentences = np.zeros(len(anchors.keys), dtype=np.int64)
        is_in = np.zeros(len(anchors.keys), dtype=np.bool_)
    pairs = np.unique(np.stack([anchors.keys[is_in], sentences[is_in]], axis=1), axis=0)
    keys, sentences = np.ascontiguousarray(pairs[:, 0]), np.ascontiguousarray(pairs[:, 1])
    _, of_key, n_sentences = np.unique(keys, return_inverse=True, return_counts=True)
    worths = weigh(keys)
    weights = worths / np.sqrt(n_sentences[of_key])
    return Reading(bounds, extents, _quoted(text, bounds), keys, sentences, worths, weights)


def _quoted(text: str, bounds: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the share of each sentence that stands in quotation marks of any kind."""
    within = np.zeros(len(text) + 1, dtype=np.int64)
    for quotation in _QUOTATION.finditer(text):
        within[quotation.start() + 1 : quotation.end() + 1] = 1
    so_far = np.cumsum(within)
    lengths = np.maximum(1, bounds[:, 1] - bounds[:, 0])
    shares: NDArray[np.float64] = (so_far[bounds[:, 1]] - so_far[bounds[:, 0]]) / lengths
    return shares


def weigh(keys: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give what an anchor weighs, whatever the corpus: the longer and rarer, the more.

    Numbers weigh .5 for two digits to 1 for four; names .4 for two sounds and a vowel to 1 for five. Those that stand
    in many news articles of some language weigh down to a fiftieth of that.
    """
    digits = np.minimum(keys & 31, 4)
    n_classes = np.zeros(len(keys), dtype=np.int64)
    for place in range(6):
        n_classes += (keys >> (4 * place)) > 0
    weights: NDArray[np.float64] = np.where(is_number(keys), 0.25 * digits, 0.4 + 0.3 * (np.clip(n_classes, 3, 5) - 3))
    common, rarity = _common_anchors()
    if len(common):
        at = np.minimum(np.searchsorted(common, keys), len(common) - 1)
        weights *= np.where(common[at] == keys, rarity[at], 1.0)
    return weights


@cache
def _common_anchors() -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Anchors that are common in the news of some language, sorted, and what share of its weight each keeps.

    Counted by ``benchmarks/calibrate_translated.py``.
    """
    with (files("dedup") / "data" / "calibration" / "common_anchors.npz").open("rb") as file, np.load(file) as stored:
        return stored["keys"], stored["rarity"].astype(np.float64)


FEATURES = (
    "n_pairs",  # sentence pairs that are aligned, each as far as it counts, log(1 + n)
    "gain",  # what the runs are worth together, log(1 + x)
    "best_run",  # what the best run is worth, log(1 + x)
    "covered_more",  # share of letters that are aligned, of the article of which it is more
    "covered_less",  # and of the other
    "likeness",  # mean likeness of the aligned pairs: cosine of the encoder, or of anchors without one
    "sharpness",  # mean likeness above the best rivals in row and column
    "irregularity",  # deviation of log length ratios: a translation is as long as its original, sentence by sentence
    "adjacency",  # share of aligned pairs that follow directly on the one before in both texts
    "anchors",  # share of anchors of aligned sentences that stand on the other side, too
    "numbers",  # the same of numbers alone; 0.5 where there are none
    "n_numbers",  # numbers on aligned sentences, of the side with fewer, log(1 + n)
    "n_anchors",  # shared anchors on aligned sentences, log(1 + n)
    "parallel",  # share of steps from one aligned pair to the next in which as many sentences lie between in both texts
    "unevenness",  # deviation of log length ratios of what lies between aligned pairs, of both texts
    "disparity",  # |log ratio| of the lengths of both articles
    "distinct",  # sum of the sharpness of the aligned pairs, log(1 + x): many that stand out prove more than few
    "dense_more",  # share of letters that are aligned, from the first to the last pair of each run; of the denser text
    "dense_less",  # and of the other: of a copy one text is used up, of two reports of one event neither
    "telling",  # what the shared anchors of aligned sentences weigh, each counted once, log(1 + x)
    "quoted",  # share of the aligned letters that stand in quotation marks; of the text where it is less
    "missing_less",  # of what the anchors between the ends of each run weigh, the share that the other text never has;
    "missing_more",  # of the text where it is less, and of the other: two reports of one event have names of their own
    "lacking_less",  # the same of numbers alone
    "lacking_more",
)

SENTENCE = (
    "cosine",  # of the encoder's vectors
    "margin_less",  # how much it is above the best rival in the row or in the column, whichever is less
    "margin_more",  # and in the other
    "anchor_cosine",
    "stretch",  # |log ratio| of the lengths
    "letters",  # log of letters of the shorter one
    "shared",  # what the anchors that stand in both are worth, log(1 + x)
    "unshared_less",  # the same of those that stand in one alone, of the sentence where it is less
    "unshared_more",  # and of the other
    "shared_numbers",
    "other_numbers",  # numbers that stand in one alone, of the sentence with fewer
    "quoted",  # share that stands in quotation marks, of the sentence where it is less
)

_MAX_RUNS = 12  # of a pair of articles: blocks that were moved about
_IRREGULARITY_PRIOR = 0.35  # deviation assumed of two more pairs: few pairs prove little
_FAINT = 0.25  # of what the best run is worth: what is worth less stands beside it by chance
_FEW_ANCHORS = 0.5  # weight of anchors that is assumed to be half missing: few prove little
_MOST = 12  # sentence pairs beyond which more of them say nothing new
_QUOTED_LESS = (
    0.8  # share of its worth that a sentence pair loses where both are quotations: two reporters heard one speech
)
_TELLING = 30.0  # letters: a sentence of fewer tells less


class Alignment(NamedTuple):
    """How two articles align.

    Parameters
    ----------
    pairs : int64[n, 3]
        Run, sentence of the first, sentence of the second; as `align_sentences` gives them.
    features : float64[n_features]
        As `FEATURES` names them.
    sentences : float64[n, n_sentence]
        Of each aligned pair, as `SENTENCE` names them; none without an encoder.
    counts : float64[n]
        What each counts, in (0, 1].
    n_spanned : int
        Numbers that the runs span, of the text where these are fewer.
    framed : float
        Mean likeness of the aligned sentences to what pages say around articles; 0 without an encoder.
    """

    pairs: NDArray[np.int64]
    features: NDArray[np.float64]
    sentences: NDArray[np.float64]
    counts: NDArray[np.float64]
    n_spanned: int = 0
    framed: float = 0.0


def align(
    a: Reading,
    b: Reading,
    cosines: NDArray[np.float32] | None,
    *,
    floor: float,
    anchor_bonus: float,
    skip_cost: float,
    min_run: float,
    framed: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None,
) -> Alignment:
    """Align two articles and describe what comes of it.

    Parameters
    ----------
    a, b : Reading
    cosines : float32[n_a, n_b] or None
        Of the encoder's vectors; None: by anchors alone.
    floor : float
        Likeness above which two sentences gain.
    anchor_bonus : float
        What the cosine of anchors adds to that of the encoder.
    skip_cost, min_run : float
        As `align_sentences` takes them.
    framed : pair of float32[n_a] and float32[n_b], optional
        How much each sentence is like those that pages say around articles.
    """
    by_anchors = anchor_cosines(
        a.keys, a.sentences, a.weights, len(a.bounds), b.keys, b.sentences, b.weights, len(b.bounds)
    )
    if cosines is None:
        likeness, gains = by_anchors, by_anchors - np.float32(floor)
    else:
        likeness, gains = cosines, cosines + np.float32(anchor_bonus) * by_anchors - np.float32(floor)
    counts = _counts(a, b)
    pairs, scores = align_sentences(np.where(gains > 0, gains * counts, gains), skip_cost, min_run, _MAX_RUNS)
    if not len(pairs):
        return Alignment(pairs, np.zeros(len(FEATURES)), np.zeros((0, len(SENTENCE))), np.zeros(0))
    scores = scores[scores >= _FAINT * scores[0]]  # best first
    pairs = pairs[pairs[:, 0] < len(scores)]
    _, i, j = pairs.T
    missing = _missing(a, b, pairs)
    lengths_a, lengths_b = a.extents[i], b.extents[j]
    covered = (lengths_a.sum() / a.extents.sum(), lengths_b.sum() / b.extents.sum())
    ratios = np.log(lengths_a / lengths_b)
    ratios -= np.average(ratios, weights=lengths_a)
    irregularity = np.sqrt((np.square(ratios).sum() + 2 * _IRREGULARITY_PRIOR**2) / (len(pairs) + 2))
    follows = (np.diff(pairs[:, 0]) == 0) & (np.diff(i) == 1) & (np.diff(j) == 1)
    anchors = _agreement(a, b, i, j, numbers_only=False)
    numbers = _agreement(a, b, i, j, numbers_only=True)
    rivals = find_rivals(likeness, i, j)
    sharpness = likeness[i, j] - rivals.mean(axis=1)
    described = np.zeros((0, len(SENTENCE)))
    if cosines is not None:
        described = describe_sentences(a, b, i, j, cosines, rivals, by_anchors)
    counted = counts[i, j].astype(np.float64)
    weights = np.sqrt(lengths_a * lengths_b) * counted
    return Alignment(
        pairs,
        np.array(
            [
                np.log1p(min(counted.sum(), _MOST)),
                np.log1p(min(scores.sum(), _MOST * 0.5)),
                np.log1p(min(scores[0], _MOST * 0.5)),
                max(covered),
                min(covered),
                np.average(likeness[i, j], weights=weights),
                np.average(sharpness, weights=weights),
                irregularity,
                (follows.sum() + 1) / (len(pairs) + 1),
                anchors.share,
                numbers.share if numbers.n_fewer else 0.5,
                np.log1p(numbers.n_fewer),
                np.log1p(anchors.n_shared),
                *_steps(a, b, pairs),
                abs(np.log(a.extents.sum() / b.extents.sum())),
                np.log1p(min((np.maximum(0.0, sharpness) * counted).sum(), _MOST * 0.5)),
                *_densities(a, b, pairs),
                np.log1p(min(anchors.weight, _MOST)),
                min(np.average(a.quoted[i], weights=lengths_a), np.average(b.quoted[j], weights=lengths_b)),
                *missing.of_all,
                *missing.of_numbers,
            ]
        ),
        described,
        counted,
        missing.n_numbers,
        float(framed[0][i].mean() + framed[1][j].mean()) / 2 if framed else 0.0,
    )


def find_rivals(likeness: NDArray[np.float32], i: NDArray[np.int64], j: NDArray[np.int64]) -> NDArray[np.float32]:
    """Give the likeness of the best rivals of each aligned pair, in its row and in its column, at least 0; [n, 2].

    A sentence and its translation stand out from their neighbours; two reports of one event are alike all over.
    """
    rows, columns = likeness[i], likeness[:, j].T
    order = np.arange(len(i))
    rows[order, j], columns[order, i] = 0, 0
    return np.stack([rows.max(axis=1, initial=0), columns.max(axis=1, initial=0)], axis=1)


def describe_sentences(
    a: Reading,
    b: Reading,
    i: NDArray[np.int64],
    j: NDArray[np.int64],
    cosines: NDArray[np.float32],
    rivals: NDArray[np.float32],
    by_anchors: NDArray[np.float32],
) -> NDArray[np.float64]:
    """Tell of each aligned pair of sentences what speaks for it by itself: `SENTENCE`, float64[n, n_sentence]."""
    margins = np.sort(cosines[i, j][:, None] - rivals, axis=1)
    of_a, of_b = _of_pairs(a, i), _of_pairs(b, j)
    shared_a, shared_b = _are_shared(of_a, of_b)
    n = len(i)
    shared = np.bincount(of_a.pairs[shared_a], of_a.worths[shared_a], minlength=n)
    unshared = np.sort(
        [
            np.bincount(of.pairs[~both], of.worths[~both], minlength=n)
            for of, both in ((of_a, shared_a), (of_b, shared_b))
        ],
        axis=0,
    )
    told_a, told_b = is_number(of_a.keys), is_number(of_b.keys)
    numbers = [
        np.bincount(of.pairs[is_told], minlength=n)
        for of, is_told in ((of_a, told_a & ~shared_a), (of_b, told_b & ~shared_b))
    ]
    return np.stack(
        [
            cosines[i, j],
            *margins.T,
            by_anchors[i, j],
            np.abs(np.log(a.extents[i] / b.extents[j])),
            np.log(np.minimum(a.extents[i], b.extents[j])),
            np.log1p(shared),
            *np.log1p(unshared),
            np.bincount(of_a.pairs[told_a & shared_a], minlength=n),
            np.minimum(*numbers),
            np.minimum(a.quoted[i], b.quoted[j]),
        ],
        axis=1,
    ).astype(np.float64)


class _OfPairs(NamedTuple):
    """The anchors of the aligned sentences of one text, and the pair each is of."""

    pairs: NDArray[np.int64]
    keys: NDArray[np.int64]
    worths: NDArray[np.float64]


def _of_pairs(side: Reading, sentences: NDArray[np.int64]) -> _OfPairs:
    pair_of = np.full(len(side.bounds), -1, dtype=np.int64)
    pair_of[sentences] = np.arange(len(sentences))
    pairs = pair_of[side.sentences]
    is_in = pairs >= 0
    return _OfPairs(pairs[is_in], side.keys[is_in], side.worths[is_in])


def _are_shared(a: _OfPairs, b: _OfPairs) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell which anchors stand in both sentences of their pair."""
    _, codes = np.unique(np.concatenate([a.keys, b.keys]), return_inverse=True)
    places = codes * (max(a.pairs.max(initial=0), b.pairs.max(initial=0)) + 1) + np.concatenate([a.pairs, b.pairs])
    mine, theirs = places[: len(a.keys)], places[len(a.keys) :]
    return np.isin(mine, theirs), np.isin(theirs, mine)


def _counts(a: Reading, b: Reading) -> NDArray[np.float32]:
    """Tell what each two sentences count, in (0, 1]: less where both are quotations, or one is of few letters."""
    is_told = 1 - _QUOTED_LESS * np.minimum.outer(a.quoted, b.quoted)
    counts: NDArray[np.float32] = (is_told * np.minimum(1.0, np.minimum.outer(a.extents, b.extents) / _TELLING)).astype(
        np.float32
    )
    return counts


class _Missing(NamedTuple):
    of_all: tuple[float, float]
    of_numbers: tuple[float, float]
    n_numbers: int


def _missing(a: Reading, b: Reading, pairs: NDArray[np.int64]) -> _Missing:
    """Give the share of the weight of the anchors that the runs span, that the other text does not have; less first."""
    of_all, of_numbers, sizes = [], [], []
    for side, other, (starts, ends) in ((a, b, _spans(pairs, 1)), (b, a, _spans(pairs, 2))):
        begin = np.bincount(starts, minlength=len(side.bounds) + 1)
        is_spanned = np.cumsum(begin - np.bincount(ends + 1, minlength=len(begin)))[side.sentences] > 0
        keys = side.keys[is_spanned]
        keys = keys[np.diff(keys, prepend=-1) != 0]  # they are in order
        weights = weigh(keys)
        at = np.searchsorted(other.keys, keys)
        is_missing = np.ones(len(keys), dtype=np.bool_)
        is_missing[at < len(other.keys)] = other.keys[at[at < len(other.keys)]] != keys[at < len(other.keys)]
        is_told = is_number(keys)
        of_all.append(_share(weights, is_missing))
        of_numbers.append(_share(weights[is_told], is_missing[is_told]))
        sizes.append(int(is_told.sum()))
    return _Missing((min(of_all), max(of_all)), (min(of_numbers), max(of_numbers)), min(sizes))


def _share(weights: NDArray[np.float64], is_missing: NDArray[np.bool_]) -> float:
    return float((weights[is_missing].sum() + _FEW_ANCHORS / 2) / (weights.sum() + _FEW_ANCHORS))


def _spans(pairs: NDArray[np.int64], column: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the first and the last sentence of each run, in one of the texts."""
    starts = np.flatnonzero(np.diff(pairs[:, 0], prepend=-1))
    return pairs[starts, column], pairs[np.append(starts[1:], len(pairs)) - 1, column]


def _densities(a: Reading, b: Reading, pairs: NDArray[np.int64]) -> tuple[float, float]:
    """Give the share of letters that are aligned, of what the runs span in either text; the larger first."""
    shares = []
    for side, column in ((a, 1), (b, 2)):
        starts, ends = _spans(pairs, column)
        so_far = np.concatenate([[0.0], np.cumsum(side.extents)])
        spanned = (so_far[ends + 1] - so_far[starts]).sum()
        shares.append(float(side.extents[pairs[:, column]].sum() / spanned))
    return max(shares), min(shares)


def _steps(a: Reading, b: Reading, pairs: NDArray[np.int64]) -> tuple[float, float]:
    """Tell how much alike the steps from each aligned pair to the next are in both texts: a share, and a deviation."""
    run, i, j = pairs.T
    is_step = np.diff(run) == 0
    n = int(is_step.sum())
    parallel = ((np.diff(i) == np.diff(j))[is_step].sum() + 1) / (n + 2)
    ends_a, ends_b = np.cumsum(a.extents), np.cumsum(b.extents)
    ratios = np.log(np.diff(ends_a[i])[is_step] / np.diff(ends_b[j])[is_step]) if n else np.zeros(0)
    ratios = ratios - np.log(ends_a[-1] / ends_b[-1]) if n < 2 else ratios - np.median(ratios)
    return float(parallel), float(np.sqrt((np.square(ratios).sum() + 2 * _IRREGULARITY_PRIOR**2) / (n + 2)))


class _Agreement(NamedTuple):
    share: float
    n_shared: int
    n_fewer: int
    weight: float


def _agreement(a: Reading, b: Reading, i: NDArray[np.int64], j: NDArray[np.int64], *, numbers_only: bool) -> _Agreement:
    """Tell how many anchors of aligned sentences stand in their counterpart or next to it."""
    partner_a = np.full(len(a.bounds) + 2, -9, dtype=np.int64)
    partner_b = np.full(len(b.bounds) + 2, -9, dtype=np.int64)
    partner_a[i], partner_b[j] = j, i
    on_a, on_b = partner_a[a.sentences] >= 0, partner_b[b.sentences] >= 0
    if numbers_only:
        on_a &= is_number(a.keys)
        on_b &= is_number(b.keys)
    met_a = _met(a.keys[on_a], partner_a[a.sentences[on_a]], b, near=1)
    met_b = _met(b.keys[on_b], partner_b[b.sentences[on_b]], a, near=1)
    total = a.weights[on_a].sum() + b.weights[on_b].sum()
    shared = a.weights[on_a][met_a].sum() + b.weights[on_b][met_b].sum()
    return _Agreement(
        float(shared / total) if total > 0 else 0.0,
        int(min(met_a.sum(), met_b.sum())),
        int(min(on_a.sum(), on_b.sum())),
        float(weigh(np.intersect1d(a.keys[on_a][met_a], b.keys[on_b][met_b])).sum()),
    )


def _met(keys: NDArray[np.int64], sentences: NDArray[np.int64], other: Reading, *, near: int) -> NDArray[np.bool_]:
    """Tell which keys stand in the other text at a sentence or at most `near` beside it."""
    span = len(other.bounds) + 2 * near + 2
    _names, codes = np.unique(np.concatenate([keys, other.keys]), return_inverse=True)
    there = codes[len(keys) :] * span + other.sentences + near
    found = np.zeros(len(keys), dtype=np.bool_)
    for beside in range(-near, near + 1):
        found |= np.isin(codes[: len(keys)] * span + sentences + near + beside, there)
    return found
