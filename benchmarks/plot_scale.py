"""Figures of `benchmarks.scale` (JSON) -> an SVG: python -m benchmarks.plot_scale scale.json docs/scale.svg

Left: CPU and wall seconds by size, in all and by stage. Right: the most memory held. Needs matplotlib.
"""

# mypy: disable-error-code="import-not-found"

from __future__ import annotations

import json
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
from matplotlib import pyplot as plt


def main(source: Path, target: Path) -> None:
    """Draw; the same figures give the same bytes."""
    results = json.loads(source.read_text(encoding="utf-8"))
    runs = [run for run in results["sizes"] if run["status"] == "ok"]
    fitted, sizes = results["exponents"], [run["n_articles"] for run in runs]
    mpl.rcParams.update({"svg.hashsalt": "dedup", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9})
    figure, (times, memory) = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained", width_ratios=(3, 2))
    for column, name, style in (("cpu_s", "CPU", "-"), ("wall_s", "wall", "--")):
        label = name if fitted[column] is None else f"{name}: size^{fitted[column]:.2f}"
        times.plot(sizes, [run[column] for run in runs], style, color="#b2182b", marker="o", markersize=3, label=label)
    for stage, exponent in fitted["stages"].items():
        label = stage if exponent is None else f"{stage}: {exponent:.2f}"
        times.plot(sizes, [run["stages"][stage]["cpu_s"] for run in runs], linewidth=0.9, label=label)
    memory.plot(sizes, [run["peak_bytes_together"] / 1e9 for run in runs], color="#2166ac", marker="o", markersize=3)
    times.set_ylabel("seconds")
    times.legend(fontsize=7, frameon=False)
    memory.set_ylabel("GB resident, all processes")
    for axes in (times, memory):
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlabel("articles")
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    machine = results["machine"]
    figure.suptitle(f"{machine['processor']}, {machine['cores']} cores; thin: CPU seconds of one stage", fontsize=9)
    figure.savefig(target, metadata={"Date": None, "Creator": None})


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
