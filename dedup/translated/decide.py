"""Features -> the probability that one article is, in whole or part, the translation of the other.

A logistic regression, trained by ``benchmarks/calibrate_translated.py`` and shipped as numbers: one for each encoder,
and one for anchors alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.errors import SettingsError
from dedup.translated.evidence import FEATURES

ANCHORS_ALONE = "anchors"
_SHORT_PAIRS = 4  # sentence pairs
HINTS = (
    "cosine",  # of names and numbers
    "share",  # of the weight of those of the article with less
    "chain",  # weight of those that lie on one line
    "mean",  # cosine of the means of a few sentences; -1 without vectors
    "closest",  # cosine of the closest two of these; -1 without vectors
    "second",  # cosine of the closest two of the others; -1 without vectors
    "shorter",  # sentences of the article with fewer, log(n): long articles share something by chance
    "longer",  # and of the other
    "names",  # names and numbers of both, sum of log(1 + n)
)
CLOSER = (
    *HINTS,
    "met",  # highest cosine of a sampled sentence of one article with any of the other
    "met_twice",  # and of another sampled sentence with another of these
    "beside",  # highest cosine of a neighbour of that sentence with what stands beside the one it met, on the same side
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression:
    """A logistic regression on features, what of them lies beyond a few knots, and products of two.

    Parameters
    ----------
    lows, highs : float64[n]
        Of each of n features: what lies beyond these is taken for them, since no true pair was seen there.
    knots : float64[k, n]
        k may be 0.
    means, scales : float64[n + k * n]
        Of the features, then of what lies beyond each knot: each is seen less its mean, in units of its scale.
    weights : float64[n + k * n + n * (n + 1) / 2]
        As `to_terms` orders the terms.
    bias : float
    """

    lows: NDArray[np.float64]
    highs: NDArray[np.float64]
    knots: NDArray[np.float64]
    means: NDArray[np.float64]
    scales: NDArray[np.float64]
    weights: NDArray[np.float64]
    bias: float

    def probabilities(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the probability of each row of features; float64[m]."""
        clipped = np.clip(features, self.lows, self.highs)
        scaled = (beyond(clipped, self.knots) - self.means) / self.scales
        log_odds = to_terms(scaled, features.shape[1]) @ self.weights + self.bias
        found: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(log_odds, -40, 40)))
        return found


def beyond(features: NDArray[np.float64], knots: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give features, then what of each lies beyond its first knot, and so on.

    >>> beyond(np.array([[2.0, 3.0]]), np.array([[1.0, 5.0]])).tolist()
    [[2.0, 3.0, 1.0, 0.0]]
    """
    return np.hstack([features, *(np.maximum(0.0, features - knot) for knot in knots)])


def to_terms(scaled: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Append to all columns the products of two of the first n: few sentences must align better than many.

    >>> to_terms(np.array([[2.0, 3.0, 7.0]]), 2).tolist()
    [[2.0, 3.0, 7.0, 4.0, 6.0, 9.0]]
    """
    first, second = np.triu_indices(n)
    return np.hstack([scaled, scaled[:, first] * scaled[:, second]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How pairs of articles are chosen for one encoder, how they are aligned, and how that is judged.

    Parameters
    ----------
    floor, anchor_bonus, skip_cost, min_run : float
        As `align` takes them.
    hints, closer, evidence : Regression
        Of `HINTS`; of `CLOSER`; of `FEATURES`.
    hopeful : float
        Probability by hints from which one article of a pair is embedded in full, in [0, 1).
    close : float
        Probability by closer hints from which the other one is, too, and the pair is aligned, in [0, 1).
    threshold : float
        Probability by evidence from which a pair is a match, in (0, 1).
    threshold_short : float
        The same where fewer than four sentence pairs align: a short text is soon alike.
    """

    floor: float
    anchor_bonus: float
    skip_cost: float
    min_run: float
    hints: Regression
    closer: Regression
    evidence: Regression
    hopeful: float
    close: float
    threshold: float
    threshold_short: float

    def is_hopeful(self, hints: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which pairs are worth aligning; `hints` is float64[m, n_hints]."""
        found: NDArray[np.bool_] = self.hints.probabilities(hints) >= self.hopeful
        return found

    def is_close(self, hints: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which pairs are worth it still; `hints` is float64[m, n_closer]."""
        found: NDArray[np.bool_] = self.closer.probabilities(hints) >= self.close
        return found

    def is_match(self, probability: float, n_pairs: int) -> bool:
        """Tell whether a pair is one."""
        return probability >= (self.threshold if is_long(n_pairs) else self.threshold_short)

    def probability(self, features: NDArray[np.float64]) -> float:
        """Give the probability, in [0, 1]; 0 where nothing aligns."""
        return float(self.evidence.probabilities(features[None, :])[0]) if features[0] else 0.0


def is_long(n_pairs: int) -> bool:
    """Tell whether so many sentence pairs are enough for the lower of two thresholds."""
    return n_pairs >= _SHORT_PAIRS


def load_calibration(name: str, path: Path | None = None) -> Calibration:
    """Read what was calibrated for an encoder, from `path` or from what ships.

    Raises
    ------
    SettingsError
        There is none, or it is of other features.
    """
    file = path or files("dedup") / "data" / "calibration" / f"{name}.json"
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"the encoder {name!r} has no calibration; make one with benchmarks/calibrate_translated.py: {error}"
        ) from error
    expected = {"hints": HINTS, "closer": CLOSER, "evidence": FEATURES}
    if any(tuple(stored.get(of, {}).get("features", ())) != features for of, features in expected.items()):
        raise SettingsError(f"the calibration of {name!r} is of other features; make it again")
    names = ("floor", "anchor_bonus", "skip_cost", "min_run", "hopeful", "close", "threshold", "threshold_short")
    numbers = {key: float(stored[key]) for key in names}
    hints, closer, evidence = (_regression(stored[of]) for of in expected)
    return Calibration(hints=hints, closer=closer, evidence=evidence, **numbers)


def _regression(stored: dict[str, Any]) -> Regression:
    names = ("lows", "highs", "means", "scales", "weights")
    n = len(stored["features"])
    return Regression(
        **{name: np.array(stored[name], dtype=np.float64) for name in names},
        knots=np.array(stored["knots"], dtype=np.float64).reshape(-1, n),
        bias=float(stored["bias"]),
    )
