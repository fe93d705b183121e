"""Figures (JSON) -> an SVG: every system by articles a second and recall.

    python -m benchmarks.plot speed.json docs/speed.svg

Runs in the peers' environment, which has matplotlib.
"""

# mypy: disable-error-code="import-not-found"

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
from matplotlib import pyplot as plt

OURS, GIVES_PAIRS, GIVES_LESS = "#b2182b", "#2166ac", "#999999"


def main(source: Path, target: Path) -> None:
    """Draw; the same figures give the same bytes."""
    results = json.loads(source.read_text(encoding="utf-8"))
    mpl.rcParams.update({"svg.hashsalt": "dedup", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9})
    systems = {name: one for name, one in results["systems"].items() if one["status"] == "ok" and is_shown(name)}
    systems = dict(sorted(systems.items(), key=lambda item: -float(item[1]["wall_s"])))
    figure, axes = plt.subplots(figsize=(8, 0.34 * len(systems) + 1.1), layout="constrained")
    rates = [one["n_articles"] / one["wall_s"] for one in systems.values()]
    bars = axes.barh(list(systems), rates, color=[colour(name, one) for name, one in systems.items()])
    axes.bar_label(bars, [label(one) for one in systems.values()], padding=4)
    axes.set_xlim(right=max(rates) * 1.45)  # room for the label of the longest bar
    axes.set_xlabel("articles a second, from a list of Python str to pairs")
    axes.set_title(title(results), loc="left", fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(target, metadata={"Date": None, "Creator": None})


def is_shown(name: str) -> bool:
    """Ours is shown once for near copies and once for excerpts."""
    return name != "dedup-partial"


def colour(name: str, one: dict[str, Any]) -> str:
    """Ours, those that give pairs, and those that give clusters or flags."""
    if name.startswith("dedup"):
        return OURS
    return GIVES_PAIRS if one["kind"] == "pairs" else GIVES_LESS


def label(one: dict[str, Any]) -> str:
    """Rate, and what was found."""
    rate = f"{one['n_articles'] / one['wall_s']:,.0f}"
    if "recall" not in one:
        return rate
    return f"{rate}   recall {one['recall']:.3f}, precision {one['precision']:.3f}"


def title(results: dict[str, Any]) -> str:
    """What was measured, on what."""
    machine = results["machine"]
    cores = results["options"]["processes"]
    corpus = f"{results['corpus']['n_articles']:,} articles, {machine['processor']}, {cores} cores."
    return f"{corpus} Red: ours; blue: other pairs; grey: clusters or flags"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
