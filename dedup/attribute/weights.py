"""How much each kind of clue counts, and how sure a sum of them makes: learned numbers, read from ``data``.

`benchmarks/provenance.py` learns them from generated provenance with known truth and writes
``data/origin_weights.toml``. A clue comes with a strength in log-odds from whoever read it; here it is multiplied by
what its kind proved to be worth, summed up to its family's cap, and the sum is turned into a calibrated confidence.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp, log

FAMILY_OF: Mapping[str, str] = {
    "credit line": "credit",
    "dateline": "credit",
    "byline": "credit",
    "structured field": "structured",
    "canonical": "address",
    "link": "address",
    "mention": "residue",
    "house phrase": "residue",
    "local currency": "residue",
    "cut short": "editing",
    "contained": "editing",
    "embedded": "editing",
    "copied revision": "editing",
    "translation": "translation",
    "time": "time",
    "first seen": "time",
    "history": "history",
}
FAMILIES = tuple(dict.fromkeys(FAMILY_OF.values()))
STATED = frozenset({"credit", "structured", "address"})  # what articles say themselves; the rest is inferred
_LEAST = 1e-9  # a confidence of 0 or 1 has no log-odds


@dataclass(frozen=True, slots=True)
class Weights:
    """The numbers of a verdict.

    Parameters
    ----------
    factors : Mapping[str, float]
        By kind of clue: what its strength is multiplied by.
    caps : Mapping[str, float]
        By family, log-odds: no more of it counts for one origin.
    nothing : float
        Log-odds of "nothing we know of", against which all origins stand.
    slope, intercept : float
        Calibration: log-odds of being right = slope * log-odds of the sums + intercept.
    """

    factors: Mapping[str, float]
    caps: Mapping[str, float]
    nothing: float = 0.0
    slope: float = 1.0
    intercept: float = 0.0

    def calibrated(self, share: float) -> float:
        """Turn the share of the odds that an origin has into how often such verdicts are right, in [0, 1]."""
        share = min(max(share, _LEAST), 1 - _LEAST)
        return 1 / (1 + exp(-(self.slope * log(share / (1 - share)) + self.intercept)))


@cache
def learned_weights() -> Weights:
    """Read the numbers that ship with the package."""
    text = (files("dedup") / "data" / "origin_weights.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    return Weights(
        factors={kind: float(data["factors"].get(kind, 1.0)) for kind in FAMILY_OF},
        caps={family: float(data["caps"][family]) for family in FAMILIES},
        nothing=float(data["nothing"]),
        slope=float(data["calibration"]["slope"]),
        intercept=float(data["calibration"]["intercept"]),
    )
