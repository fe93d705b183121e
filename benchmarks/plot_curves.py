"""Curves (JSON) -> an SVG with one panel a measure: python -m benchmarks.plot_curves curves.json docs/engine-recall.svg

Runs in the peers' environment, which has matplotlib.
"""

# mypy: disable-error-code="import-not-found"

from __future__ import annotations

import json
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
from matplotlib import pyplot as plt

COLOURS = ("#fdae61", "#d7301f", "#7f0000")


def main(source: Path, target: Path) -> None:
    """Draw; the same figures give the same bytes."""
    panels = json.loads(source.read_text(encoding="utf-8"))
    mpl.rcParams.update({"svg.hashsalt": "dedup", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9})
    figure, all_axes = plt.subplots(1, len(panels), figsize=(5 * len(panels), 3.6), layout="constrained", squeeze=False)
    for axes, (measure, curves) in zip(all_axes[0], panels.items(), strict=True):
        counts = {"bands": 0, "fingerprints": 0}
        for name, curve in curves.items():
            kind = "bands" if name.startswith("bands") else "fingerprints"
            is_formula = "formula" in name
            colour = "#999999" if is_formula else COLOURS[counts[kind] % len(COLOURS)]
            counts[kind] += not is_formula
            style = "-" if is_formula or kind == "fingerprints" else "--"
            axes.plot(curve["x"], curve["y"], style, color=colour, linewidth=3 if is_formula else 1.4, label=name)
        axes.set_xlabel(f"exact {measure} of the pair")
        axes.set_ylabel("share of pairs proposed")
        axes.set_ylim(0, 1.02)
        axes.set_xlim(0, 1)
        axes.grid(alpha=0.3)
        axes.legend(fontsize=7, loc="lower right")
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(target, metadata={"Date": None, "Creator": None})


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
