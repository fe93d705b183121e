"""Numbers that were fitted -> log-odds and probabilities: the logistic regressions of `decide`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MOST_LOG_ODDS = 40.0  # beyond that a probability is 0 or 1 in float64 anyway


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression:
    """A logistic regression on features, what of them lies beyond a few knots, and, if it has them, products of two.

    Parameters
    ----------
    lows, highs : float64[n]
        Of each of n features: what lies beyond these is taken for them, since no true pair was seen there.
    knots : float64[k, n]
        k may be 0.
    means, scales : float64[n + k * n]
        Of the features, then of what lies beyond each knot: each is seen less its mean, in units of its scale.
    weights : float64[n + k * n] or float64[n + k * n + n * (n + 1) / 2]
        As `to_terms` orders the terms; without products, or with them.
    bias : float
    """

    lows: NDArray[np.float64]
    highs: NDArray[np.float64]
    knots: NDArray[np.float64]
    means: NDArray[np.float64]
    scales: NDArray[np.float64]
    weights: NDArray[np.float64]
    bias: float

    def log_odds(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the log-odds of each row of features; float64[m]."""
        clipped = np.clip(features, self.lows, self.highs)
        scaled = (beyond(clipped, self.knots) - self.means) / self.scales
        has_products = len(self.weights) > scaled.shape[1]
        terms = to_terms(scaled, features.shape[1]) if has_products else scaled
        found: NDArray[np.float64] = np.clip(terms @ self.weights + self.bias, -_MOST_LOG_ODDS, _MOST_LOG_ODDS)
        return found

    def probabilities(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the probability of each row of features; float64[m]."""
        found: NDArray[np.float64] = 1 / (1 + np.exp(-self.log_odds(features)))
        return found


def read_regression(stored: dict[str, Any]) -> Regression:
    """Make a regression of numbers as ``benchmarks/calibrate_translated.py`` stores them."""
    names = ("lows", "highs", "means", "scales", "weights")
    n = len(stored["features"])
    return Regression(
        **{name: np.array(stored[name], dtype=np.float64) for name in names},
        knots=np.array(stored["knots"], dtype=np.float64).reshape(-1, n),
        bias=float(stored["bias"]),
    )


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
