"""The floors of quality: what was reached once and must not be lost.

A floor is a share in ``quality_floors.json``. A run that falls below one fails. Floors are raised by ``--update`` and
never lowered by it: whoever means to lose quality must write the smaller number by hand, and say why in the commit.
(After the quality gate of trafilatura.)
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import floor
from pathlib import Path
from typing import NamedTuple

FLOORS = Path(__file__).parent / "quality_floors.json"
_DIGITS = 4


class Verdict(NamedTuple):
    """What a run says of the floors: lines for a person, and whether all hold."""

    lines: tuple[str, ...]
    holds: bool
    floors: dict[str, float]


def judge(measured: Mapping[str, float], floors: Mapping[str, float], *, update: bool) -> Verdict:
    """Hold what was measured against the floors.

    Parameters
    ----------
    measured : Mapping[str, float]
        Shares in [0, 1], the more the better. Floors of what was not measured are left alone.
    floors : Mapping[str, float]
        What must be reached.
    update : bool
        Raise floors to what was measured, and add new ones.

    Examples
    --------
    >>> judge({"a": 0.9, "b": 0.5}, {"a": 0.8, "b": 0.6}, update=True)
    Verdict(lines=('b is 0.5000, below its floor 0.6000: refused', 'a: floor raised from 0.8000 to 0.9000'), \
holds=False, floors={'a': 0.9, 'b': 0.6})
    """
    below, raised, kept = [], [], dict(floors)
    for name, value in sorted(measured.items()):
        rounded = floor(value * 10**_DIGITS) / 10**_DIGITS
        known = floors.get(name)
        if known is not None and rounded < known:
            below.append(f"{name} is {rounded:.4f}, below its floor {known:.4f}: refused")
        elif update and known is None:
            kept[name] = rounded
            raised.append(f"{name}: new floor {rounded:.4f}")
        elif update and known is not None and rounded > known:
            kept[name] = rounded
            raised.append(f"{name}: floor raised from {known:.4f} to {rounded:.4f}")
    return Verdict((*below, *raised), not below, dict(sorted(kept.items())))


def read_floors() -> dict[str, float]:
    """Give the floors by name."""
    floors: dict[str, float] = json.loads(FLOORS.read_text(encoding="utf-8")) if FLOORS.exists() else {}
    return floors


def write_floors(floors: Mapping[str, float]) -> None:
    """Replace the file of floors."""
    FLOORS.write_text(json.dumps(dict(sorted(floors.items())), indent=2) + "\n", encoding="utf-8")
