"""How cost grows with the corpus: time and memory by stage, recall of known copies, and the exponents.

    python -m benchmarks.scale --sizes 10000 30000 100000 [--memory-limit 2GB] [--json scale.json] [--plot scale.svg]

Each size is one run of `find_duplicates` (from a Parquet file, copies across languages off) in a process of its own.
The corpora are those of `benchmarks.scale_corpus`, made once and kept. Memory is given twice: the most that the process
held resident by its own account, and the most that it and its children held together, sampled, shared pages counted
once, and by stage. Recall is the share of copies that are matched with what they were made from.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks import inputs
from benchmarks.machine import describe_machine
from benchmarks.processes import REPO, session_bytes
from benchmarks.scale_corpus import read_known_pairs, recall, recall_by_kind, truth_path
from benchmarks.scores import fit_power

CACHE = Path.home() / ".cache" / "dedup-bench"
SAMPLE_S = 0.5  # from one look at the memory to the next
_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "B": 1}

Figures = dict[str, Any]


class Sample(NamedTuple):
    """Bytes that a process and its children held at some second of the machine's clock."""

    clock_s: float
    n_bytes: int


def main() -> None:
    """Measure what the command line asks for; print a table."""
    options = read_options()
    settings = {"memory_limit": options.memory_limit} if options.memory_limit else {}
    results: Figures = {"machine": describe_machine(), "settings": settings, "sizes": []}
    for size in sorted(options.sizes):
        corpus = inputs.scale_corpus(options.cache, size, options.seed)
        results["sizes"].append({"n_articles": size, **measure(corpus, settings, jsonl=options.jsonl)})
        results["exponents"] = fit_exponents(results["sizes"])
        print(json.dumps(results["sizes"][-1]), file=sys.stderr, flush=True)
        if options.json:  # what was measured is kept, though a larger size may fail
            options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(table(results))
    if options.plot:
        draw = [sys.executable, "-m", "benchmarks.plot_scale", str(options.json), str(options.plot)]
        subprocess.run(draw, cwd=REPO, check=True)


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 30_000, 100_000], help="articles")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--memory-limit", type=read_bytes, help="what the run may hold: 2GB, 500MB; default: no limit")
    parser.add_argument("--jsonl", action="store_true", help="hash the whole result, to compare runs; not measured")
    parser.add_argument("--json", type=Path, help="write every figure here")
    parser.add_argument("--plot", type=Path, help="draw them into this SVG; needs --json and matplotlib")
    parser.add_argument("--cache", type=Path, default=CACHE, help=f"where corpora are kept (default {CACHE})")
    options = parser.parse_args()
    if options.plot and not options.json:
        parser.error("--plot needs --json")
    return options


def read_bytes(size: str) -> int:
    """Read ``2GB``.

    >>> read_bytes("2GB"), read_bytes("1.5 MB"), read_bytes("4096")
    (2000000000, 1500000, 4096)
    """
    unit = next((unit for unit in _UNITS if size.upper().endswith(unit)), "")
    return int(float(size.upper().removesuffix(unit)) * _UNITS.get(unit, 1))


def measure(corpus: Path, settings: Figures, *, jsonl: bool) -> Figures:
    """Run one size in a process of its own, and score what it found."""
    with tempfile.TemporaryDirectory(prefix="dedup-scale-") as folder:
        out = Path(folder) / "run"
        command = [sys.executable, "-m", "benchmarks.scale_run", str(corpus), str(out)]
        command += ["--settings", json.dumps(settings), *(["--jsonl"] if jsonl else [])]
        with out.with_suffix(".log").open("w", encoding="utf-8") as log:
            process = subprocess.Popen(command, cwd=REPO, stdout=log, stderr=log, start_new_session=True)
            samples = sample_memory(process)
        if process.returncode:
            return {"status": out.with_suffix(".log").read_text(encoding="utf-8")[-2000:]}
        figures = json.loads(out.with_suffix(".json").read_text(encoding="utf-8"))
        pairs = np.load(out.with_suffix(".npy"))
    by_kind = recall_by_kind(read_known_pairs(truth_path(corpus)), pairs[:, 0], pairs[:, 1])
    marks = figures.pop("marks")
    return {
        "status": "ok",
        "wall_s": marks[-1][1] - marks[0][1],
        "cpu_s": marks[-1][2] - marks[0][2],
        "peak_bytes_together": max((sample.n_bytes for sample in samples), default=0),
        **figures,
        "recall": recall(by_kind),
        "recall_by_kind": by_kind,
        "stages": by_stage(marks, samples),
    }


def sample_memory(process: subprocess.Popen[bytes]) -> list[Sample]:
    """Wait for a process, and look at what it and its children hold from time to time."""
    samples = []
    while process.poll() is None:
        samples.append(Sample(time.monotonic(), session_bytes(process.pid)))
        time.sleep(SAMPLE_S)
    return samples


def by_stage(marks: Sequence[tuple[str, float, float]], samples: Sequence[Sample]) -> Figures:
    """Sum seconds by stage, and give the most memory seen in each; a stage may come again.

    >>> by_stage([("a", 0.0, 0.0), ("b", 2.0, 3.0), ("a", 3.0, 4.0), ("end", 7.0, 8.0)], [Sample(2.5, 99)])
    {'a': {'wall_s': 6.0, 'cpu_s': 7.0, 'peak_bytes': 0}, 'b': {'wall_s': 1.0, 'cpu_s': 1.0, 'peak_bytes': 99}}
    """
    stages: Figures = {}
    for (name, clock_s, cpu_s), (_, end_s, end_cpu_s) in pairwise(marks):
        stage = stages.setdefault(name, {"wall_s": 0.0, "cpu_s": 0.0, "peak_bytes": 0})
        stage["wall_s"] += end_s - clock_s
        stage["cpu_s"] += end_cpu_s - cpu_s
        held = (sample.n_bytes for sample in samples if clock_s <= sample.clock_s < end_s)
        stage["peak_bytes"] = max(stage["peak_bytes"], *held, 0)
    return stages


def fit_exponents(runs: Sequence[Figures]) -> Figures:
    """Fit cost ~ size ** exponent: of time, of memory, and of the CPU seconds of each stage."""
    done = [run for run in runs if run["status"] == "ok"]
    sizes = [run["n_articles"] for run in done]
    found: Figures = {
        column: fit_power(sizes, [run[column] for run in done])
        for column in ("wall_s", "cpu_s", "peak_bytes", "n_matches")
    }
    names = [name for name in (done[-1]["stages"] if done else ()) if all(name in run["stages"] for run in done)]
    found["stages"] = {name: fit_power(sizes, [run["stages"][name]["cpu_s"] for run in done]) for name in names}
    return found


def table(results: Figures) -> str:
    """Lay out the figures: a row a size, and CPU seconds by stage."""
    done = [run for run in results["sizes"] if run["status"] == "ok"]
    stages = list(results["exponents"]["stages"])
    rows = [
        f"| articles | wall s | CPU s | peak MB | matches | recall | {' | '.join(stages)} |",
        "|---" * (6 + len(stages)) + "|",
    ]
    for run in done:
        cells = [f"{run['n_articles']:,}", f"{run['wall_s']:.1f}", f"{run['cpu_s']:.1f}"]
        cells += [f"{run['peak_bytes_together'] / 1e6:,.0f}", f"{run['n_matches']:,}", f"{run['recall']:.4f}"]
        cells += [f"{run['stages'][name]['cpu_s']:.1f}" for name in stages]
        rows.append(f"| {' | '.join(cells)} |")
    of_all, of_stages = results["exponents"], results["exponents"]["stages"].values()
    fitted = [of_all["wall_s"], of_all["cpu_s"], of_all["peak_bytes"], of_all["n_matches"], None, *of_stages]
    rows.append(f"| exponent | {' | '.join('' if one is None else f'{one:.2f}' for one in fitted)} |")
    failed = [f"{run['n_articles']:,}: {run['status']}" for run in results["sizes"] if run["status"] != "ok"]
    return "\n".join([*rows, *failed])


if __name__ == "__main__":
    main()
