"""Examples -> the logistic regressions of copies across languages, as numbers that ship (`calibrate_translated`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.preprocessing import StandardScaler

from dedup.translated.decide import CLOSER, EVIDENCE, HINTS, evidence_of
from dedup.translated.evidence import SENTENCE, Alignment
from dedup.translated.regression import Regression, beyond, read_regression, to_terms

SEEN = (0.005, 0.995)  # quantiles of true pairs: what lies beyond is taken for them
SEEN_SENTENCES = (0.002, 0.998)  # the same of sentence pairs
# what can only speak for a translation, and the quantile of true pairs beyond which more of it says nothing new: where
# true pairs are rare, too, products of two features would make a perfect pair worse than a good one
BETTER = (
    "gain", "best_run", "covered_more", "covered_less", "likeness", "sharpness", "anchors", "n_anchors", "distinct",
    "dense_more", "telling",
)  # fmt: skip
ENOUGH = 0.8
KNOTS = (0.05, 0.3, 0.7)  # quantiles of true pairs beyond which a feature may count otherwise
STRENGTH_OF_SENTENCES = 0.0003
EVERY = 4  # of the very many false pairs that align by anchors so manieth is used, and counts as many times
_ROWS_AT_ONCE = 50_000


class Fitted(NamedTuple):
    """A regression as it ships, and the log-odds of each example."""

    stored: dict[str, Any]
    scores: NDArray[np.float64]


class Judged(NamedTuple):
    """Both regressions of a judge as they ship, and the log-odds of each example while its document is left out."""

    sentences: dict[str, Any] | None
    evidence: dict[str, Any]
    scores: NDArray[np.float64]


class Model:
    """A regression that is fitted.

    Parameters
    ----------
    x, y : float64[n, n_features], bool[n]
    strength : float
        Inverse of the penalty on weights.
    products : bool
        Whether it sees products of two features.
    counts : float64[n], optional
        How often each example counts.
    better : sequence of int
        Features that can only speak for a true pair: `ENOUGH` of them is as good as more.
    seen : pair of float
        Quantiles of true pairs beyond which a feature says nothing new.
    """

    def __init__(
        self,
        x: NDArray[np.float64],
        y: NDArray[np.bool_],
        *,
        strength: float,
        products: bool,
        counts: NDArray[np.float64] | None = None,
        better: Sequence[int] = (),
        seen: tuple[float, float] = SEEN,
    ) -> None:
        self.n = x.shape[1]
        self.products = products
        self.lows, self.highs = np.quantile(x if seen is SEEN_SENTENCES else x[y], seen, axis=0)
        self.highs[list(better)] = np.quantile(x[y][:, list(better)], ENOUGH, axis=0)
        self.knots = np.quantile(x[y], KNOTS, axis=0)
        self.scaler = StandardScaler().fit(self._seen(x))
        self.regression = LogisticRegression(C=strength, max_iter=5000)
        self.regression.fit(self._terms(x), y, sample_weight=counts)

    def _seen(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        return beyond(np.clip(x, self.lows, self.highs), self.knots)

    def _terms(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        scaled = self.scaler.transform(self._seen(x))
        return to_terms(scaled, self.n) if self.products else scaled

    def score(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give log-odds, some rows at a time."""
        parts = np.array_split(x, len(x) // _ROWS_AT_ONCE + 1)
        return np.concatenate([self.regression.decision_function(self._terms(part)) for part in parts])

    def to_ship(self, features: Sequence[str]) -> dict[str, Any]:
        """Give it as numbers."""
        return {
            "features": list(features),
            "lows": np.round(self.lows, 6).tolist(),
            "highs": np.round(self.highs, 6).tolist(),
            "knots": np.round(self.knots, 6).tolist(),
            "means": np.round(self.scaler.mean_, 6).tolist(),
            "scales": np.round(self.scaler.scale_, 6).tolist(),
            "weights": np.round(self.regression.coef_[0], 6).tolist(),
            "bias": round(float(self.regression.intercept_[0]), 6),
        }


def fit_hints(x: NDArray[np.float64], y: NDArray[np.bool_], *, every: int) -> Fitted:
    """Fit the regression on hints: some 100 numbers from very many pairs, so that nothing need be left out.

    Of the pairs that are no translations so manieth is used, and counts as many times.
    """
    used = y | (np.arange(len(y)) % every == 0)
    model = Model(x[used], y[used], strength=1.0, products=True, counts=np.where(y[used], 1.0, float(every)))
    names = HINTS if x.shape[1] == len(HINTS) else CLOSER
    return Fitted(model.to_ship(names), model.score(x))


def fit_names(
    alignments: Sequence[Alignment],
    y: NDArray[np.bool_],
    groups: NDArray[np.str_],
    *,
    used: Sequence[str],
    strength: float,
) -> Judged:
    """Fit what judges by anchors alone: on products of two features, too, since no sentence says much by itself."""
    x = _evidence(None, alignments, used)
    better = [EVIDENCE.index(name) for name in BETTER]

    def fit(rows: NDArray[np.int64]) -> Model:
        rows = rows[y[rows] | (rows % EVERY == 0)]
        counts = np.where(y[rows], 1.0, EVERY)
        return Model(x[rows], y[rows], strength=strength, products=True, better=better, counts=counts)

    scores = _left_out(y, groups, lambda train, test: fit(train).score(x[test]))
    return Judged(None, fit(np.arange(len(y))).to_ship(EVIDENCE), scores)


def fit_judge(
    alignments: Sequence[Alignment],
    y: NDArray[np.bool_],
    groups: NDArray[np.str_],
    *,
    used: Sequence[str],
    strength: float,
) -> Judged:
    """Fit what judges aligned sentences, then what judges pairs of articles by these.

    True and false pairs of articles count alike, however many there are: the probability is that of a pair of which
    nothing else is known.
    """

    def some(rows: NDArray[np.int64]) -> list[Alignment]:
        return [alignments[row] for row in rows.tolist()]

    def fit(rows: NDArray[np.int64]) -> tuple[dict[str, Any], Model]:
        sentences = _fit_sentences(some(rows), y[rows]).to_ship(SENTENCE)
        x = _evidence(read_regression(sentences), some(rows), used)
        counts = _balanced(np.ones(len(rows)), y[rows])
        return sentences, Model(x, y[rows], strength=strength, products=False, counts=counts)

    def score(train: NDArray[np.int64], test: NDArray[np.int64]) -> NDArray[np.float64]:
        sentences, evidence = fit(train)
        return evidence.score(_evidence(read_regression(sentences), some(test), used))

    sentences, evidence = fit(np.arange(len(y)))
    return Judged(sentences, evidence.to_ship(EVIDENCE), _left_out(y, groups, score))


def _left_out(
    y: NDArray[np.bool_], groups: NDArray[np.str_], score: Callable[..., NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Score each quarter of the documents with what the others teach."""
    scores = np.zeros(len(y))
    for train, test in GroupKFold(4).split(y, y, groups):
        scores[test] = score(train, test)
    return scores


def _fit_sentences(alignments: Sequence[Alignment], y: NDArray[np.bool_]) -> Model:
    """Tell sentence pairs of true pairs of articles from those of false ones; those of one pair count less the more."""
    n_each = np.array([len(of.sentences) for of in alignments])
    of_true = np.repeat(y, n_each)
    return Model(
        np.concatenate([of.sentences for of in alignments]),
        of_true,
        strength=STRENGTH_OF_SENTENCES,
        products=True,
        counts=_balanced(np.repeat(1 / np.sqrt(np.maximum(1, n_each)), n_each), of_true),
        seen=SEEN_SENTENCES,
    )


def _balanced(counts: NDArray[np.float64], y: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Let false examples count as much as true ones, together."""
    return np.where(y, counts, counts * (counts[y].sum() / counts[~y].sum()))


def _evidence(
    sentences: Regression | None, alignments: Sequence[Alignment], used: Sequence[str]
) -> NDArray[np.float64]:
    """Give what speaks for each; 0 for what is not looked at: bounds of 0 are shipped, so that it counts nothing."""
    x = np.array([evidence_of(sentences, of) for of in alignments])
    x[:, [at for at, name in enumerate(EVIDENCE) if name not in used]] = 0
    return x
