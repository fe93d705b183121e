"""Features -> the probability that one article is, in whole or part, the translation of the other.

A logistic regression, trained by ``benchmarks/calibrate_translated.py`` and shipped as numbers: one for each encoder,
and one for anchors alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dedup.errors import SettingsError
from dedup.translated.evidence import FEATURES

ANCHORS_ALONE = "anchors"
_SHORT_PAIRS = 5  # sentence pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How alignments of one encoder are made and judged.

    Parameters
    ----------
    floor, anchor_bonus, skip_cost, min_run : float
        As `align` takes them.
    means, scales : float64[n_features]
        Of `FEATURES`: the regression sees each less its mean, in units of its scale.
    weights : float64[n_features + n_features * (n_features + 1) / 2]
        Of the regression: of each feature, then of each product of two as `products` orders them.
    bias : float
        Of the regression.
    threshold : float
        Probability from which a pair is a match, in (0, 1).
    threshold_short : float
        The same where fewer than five sentence pairs align: a short text is soon alike.
    """

    floor: float
    anchor_bonus: float
    skip_cost: float
    min_run: float
    means: NDArray[np.float64]
    scales: NDArray[np.float64]
    weights: NDArray[np.float64]
    bias: float
    threshold: float
    threshold_short: float

    def is_match(self, probability: float, n_pairs: int) -> bool:
        """Tell whether a pair is one."""
        return probability >= (self.threshold if n_pairs >= _SHORT_PAIRS else self.threshold_short)

    def probability(self, features: NDArray[np.float64]) -> float:
        """Give the probability, in [0, 1]; 0 where nothing aligns."""
        if not features[0]:
            return 0.0
        log_odds = float(products((features - self.means) / self.scales) @ self.weights + self.bias)
        return float(1 / (1 + np.exp(-np.clip(log_odds, -40, 40))))


def products(scaled: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give features, then each times itself and those after it: few sentences must align better than many.

    >>> products(np.array([2.0, 3.0])).tolist()
    [2.0, 3.0, 4.0, 6.0, 9.0]
    """
    first, second = np.triu_indices(len(scaled))
    return np.concatenate([scaled, scaled[first] * scaled[second]])


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
    n = len(FEATURES)
    if tuple(stored["features"]) != FEATURES or len(stored["weights"]) != n + n * (n + 1) // 2:
        raise SettingsError(f"the calibration of {name!r} is of other features; make it again")
    means, scales, weights = (np.array(stored[key], dtype=np.float64) for key in ("means", "scales", "weights"))
    names = ("floor", "anchor_bonus", "skip_cost", "min_run", "bias", "threshold", "threshold_short")
    numbers = {key: float(stored[key]) for key in names}
    return Calibration(means=means, scales=scales, weights=weights, **numbers)
