"""How fast, how much memory, how much is found: dedup and its peers, in one run, against an exact count.

    python benchmarks/speed.py --articles 20000|100000|1000000 [--peers all|none|gaoya,daft] [--repeat 3]
    python benchmarks/speed.py --corpus real.jsonl            # a corpus of your own, any that `dedup find` reads
    python benchmarks/speed.py --peers none --stress          # up to 10,000 copies of one article; one footer
    python benchmarks/speed.py --peers none --scaling 20000,100000,500000,1000000
    python benchmarks/speed.py --json speed.json --docs       # keep the figures; put them into docs/benchmarks.md

Each system runs in a process of its own, the peers in an environment of their own (installed the first time), one after
another, round after round, so that a slow minute of the machine hits all of them. The clock runs from a list of Python
str in memory to pairs; loading the corpus and importing do not count. `benchmarks/peers/` shows how each is run.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import docs, inputs, scores, tables
from benchmarks.environment import prepare_environment
from benchmarks.exact import Truth
from benchmarks.machine import describe_machine, measure_yardstick
from benchmarks.processes import Run, run_system
from benchmarks.systems import EXCERPTS, NEAR_COPIES, NOT_COMPARED, OURS, PARTIAL, System, choose_peers
from dedup.errors import DedupError

CACHE = Path.home() / ".cache" / "dedup-bench"
MOST_COUNTED = 200_000  # articles: the exact count takes 33 KB each. Of a larger corpus, only that many are scored
N_COPIES, N_BESIDE_COPIES, N_FOOTED = (2_500, 5_000, 10_000), 15_000, 50_000

Figures = dict[str, Any]


def main(arguments: list[str] | None = None) -> None:
    """Measure what the command line asks for; print tables."""
    options = read_options(arguments)
    python, missing = prepare_environment(options.cache / "peers")
    results: Figures = {"machine": describe_machine(), "options": describe_options(options)}
    if not options.no_comparison:
        corpus = (
            inputs.real_corpus(options.cache, options.corpus)
            if options.corpus
            else inputs.generated_corpus(options.cache, options.articles, options.seed)
        )
        results["yardstick"] = measure_yardstick(python, corpus)
        results |= compare(corpus, (*OURS, *options.peers), python, options)
        results["not_compared"] = NOT_COMPARED | missing
        print(tables.comparison(results), tables.excerpts(results), sep="\n\n", end="\n\n")
    if options.stress:
        results["stress"] = stress(options)
        print(tables.stress(results), end="\n\n")
    if options.scaling:
        results["scaling"] = scale(options)
        print(tables.scaling(results), end="\n\n")
    print(tables.bars(results))
    if options.json:
        options.json.write_text(json.dumps(results, indent=1), encoding="utf-8")
    if options.docs:
        docs.fill(results, python)


def read_options(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=20_000, help="size of the generated corpus (default 20000)")
    parser.add_argument("--seed", type=int, default=1, help="of the generated corpus (default 1)")
    parser.add_argument("--corpus", type=Path, help="a real corpus instead")
    parser.add_argument("--peers", default="all", help="all, none, or names with commas")
    parser.add_argument("--repeat", type=int, default=1, help="rounds; the median counts (default 1)")
    parser.add_argument("--timeout", type=float, default=900, help="seconds that one run may take (default 900)")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="cores each system may use")
    parser.add_argument("--stress", action="store_true", help="also run the two stress corpora (ours only)")
    parser.add_argument("--scaling", type=read_sizes, default=[], help="also run these sizes, from Arrow (ours only)")
    parser.add_argument("--no-comparison", action="store_true", help="only --stress and --scaling")
    parser.add_argument("--json", type=Path, help="write every figure here")
    parser.add_argument("--docs", action="store_true", help="put tables and plot into docs/benchmarks.md")
    parser.add_argument("--cache", type=Path, default=CACHE, help=f"corpora, truths, environment (default {CACHE})")
    options = parser.parse_args(arguments)
    try:
        options.peers = choose_peers(options.peers)
    except ValueError as error:
        parser.error(f"--peers: {error}")
    return options


def read_sizes(sizes: str) -> list[int]:
    """Read ``20000,100000``."""
    return [int(size) for size in sizes.split(",")]


def describe_options(options: argparse.Namespace) -> Figures:
    """Give what the figures depend on."""
    return {name: getattr(options, name) for name in ("articles", "seed", "repeat", "timeout", "processes")}


def compare(corpus: Path, systems: tuple[System, ...], python: Path, options: argparse.Namespace) -> Figures:
    """Run all systems on a corpus, round after round, and score their answers."""
    n_articles = inputs.n_articles_of(corpus)
    truth = inputs.truth_of(options.cache, corpus, most_articles=MOST_COUNTED)
    measured: dict[str, list[Figures]] = {system.name: [] for system in systems}
    for number in range(options.repeat):
        first = number % len(systems)  # nobody always runs after the same neighbour
        for system in (*systems[first:], *systems[:first]):
            measured[system.name].append(run_and_score(system, corpus, truth, python, options))
    counted = {
        "name": corpus.name,
        "n_articles": n_articles,
        "n_counted": len(truth.shingled.n_shingles),
        "n_near": len(truth.near),
        "n_excerpts": len(truth.excerpts),
        "n_partial_excerpts": len(truth.partial_excerpts),
    }
    summaries = {system.name: summarise(system, measured[system.name]) for system in systems}
    return {"corpus": counted, "systems": summaries}


def run_and_score(
    system: System, corpus: Path, truth: Truth | None, python: Path, options: argparse.Namespace, *more: str
) -> Figures:
    """Run one system once."""
    with tempfile.TemporaryDirectory(prefix="dedup-bench-") as folder:
        run = run_system(
            system,
            Path(sys.executable) if system.is_ours else python,
            corpus,
            Path(folder) / "result",
            processes=options.processes,
            timeout_s=options.timeout,
            arguments=more,
        )
        figures = {"status": run.status, **run.figures}
        if run.status == "ok" and truth:
            figures |= score(system, run, truth)
    wall = f"{figures['wall_s']:.2f} s" if run.status == "ok" else run.status
    print(f"{corpus.stem}: {system.name}: {wall}", file=sys.stderr)
    return figures


def score(system: System, run: Run, truth: Truth) -> Figures:
    """Score an answer: near copies for all; for ours also what was stated about them, and excerpts."""
    kind, answer = run.figures["kind"], np.load(run.out.with_suffix(".npy"))
    n_articles = len(truth.shingled.n_shingles)
    values = scores.keep_first(kind, answer, n_articles)
    near = scores.score_answer(kind, values, truth.near, n_articles)
    figures: Figures = {"recall": near.recall, "precision": near.precision, "n_found": near.n_found}
    if not system.is_ours:
        return figures
    jaccard = np.load(run.out.with_suffix(".jaccard.npy"))[(answer < n_articles).all(axis=1)]
    figures["largest_jaccard_error"] = scores.largest_error(values, jaccard, truth)
    if system is NEAR_COPIES:
        figures["precision"] = scores.score_jaccard(values, truth, system.threshold)
    else:
        figures["precision"] = scores.score_containment(values, truth, system.threshold)
        figures["excerpt_recall"] = scores.score_recall(values, truth.excerpts, n_articles)
    if system is PARTIAL:
        figures["partial_recall"] = scores.score_recall(values, truth.partial_excerpts, n_articles)
    return figures


def summarise(system: System, runs: list[Figures]) -> Figures:
    """Give the median of each figure over the rounds that went well, and the spread of the wall time."""
    good = [run for run in runs if run["status"] == "ok"]
    if not good:
        return {"status": runs[-1]["status"], "about": system.about}
    last = good[-1]
    numbers = [name for name, value in last.items() if isinstance(value, (int, float))]
    middle = {name: median(run[name] for run in good) for name in numbers}
    walls = [run["wall_s"] for run in good]
    return {**last, **middle, "n_runs": len(good), "wall_s_range": [min(walls), max(walls)], "about": system.about}


def stress(options: argparse.Namespace) -> Figures:
    """Run ours on many copies of one article, and on pages with and without one footer."""
    plain = inputs.generated_corpus(options.cache, N_FOOTED, options.seed)
    footed = inputs.footer_corpus(options.cache, N_FOOTED, options.seed)
    truths = {"plain": inputs.truth_of(options.cache, plain, most_articles=MOST_COUNTED)}
    # A footer makes pairs of its own: two short articles that share nothing else. They are not asked for.
    asked_for = truths["plain"].rows[truths["plain"].containment >= EXCERPTS.threshold]
    truths["footed"] = inputs.truth_of(options.cache, footed, most_articles=MOST_COUNTED).among(asked_for)
    found: Figures = {"copies": {}, "footer": {}}
    for system in (NEAR_COPIES, EXCERPTS):
        corpora = {n: inputs.copies_corpus(options.cache, n, N_BESIDE_COPIES, options.seed) for n in N_COPIES}
        sizes = {str(n): cluster_size(system, corpus, options) for n, corpus in corpora.items()}
        found["copies"][system.name] = sizes
        runs: dict[str, list[Figures]] = {"plain": [], "footed": []}
        for _ in range(options.repeat):
            for name, corpus in (("plain", plain), ("footed", footed)):
                runs[name].append(run_and_score(system, corpus, truths[name], Path(sys.executable), options))
        found["footer"][system.name] = {name: summarise(system, several) for name, several in runs.items()}
    return found


def cluster_size(system: System, corpus: Path, options: argparse.Namespace) -> Figures:
    """Run ours on the copies of one article: how many of them end up in one cluster?"""
    families = inputs.read_families(corpus)
    with tempfile.TemporaryDirectory(prefix="dedup-bench-") as folder:
        run = run_system(
            system,
            Path(sys.executable),
            corpus,
            Path(folder) / "result",
            processes=options.processes,
            timeout_s=options.timeout,
        )
        if run.status != "ok":
            return {"status": run.status}
        rows = np.load(run.out.with_suffix(".npy"))
    members = np.flatnonzero(families == 0)
    size = scores.largest_cluster(rows, len(families), members)
    return {"status": "ok", "n_copies": len(members), "largest_cluster": size, "n_pairs": len(rows), **run.figures}


def scale(options: argparse.Namespace) -> Figures:
    """Run ours on corpora of several sizes, from Arrow, and fit time ~ size ** exponent."""
    found: Figures = {}
    for system in (NEAR_COPIES, EXCERPTS):
        runs: dict[int, list[Figures]] = {size: [] for size in options.scaling}
        for _ in range(options.repeat):
            for size in options.scaling:
                corpus = inputs.generated_corpus(options.cache, size, options.seed)
                runs[size].append(run_and_score(system, corpus, None, Path(sys.executable), options, "--arrow"))
        sizes = {size: summarise(system, several) for size, several in runs.items()}
        found[system.name] = {"sizes": {str(size): one for size, one in sizes.items()}, "exponent": fit_exponent(sizes)}
    return found


def fit_exponent(sizes: dict[int, Figures]) -> float | None:
    """Fit a line through (log size, log time): its slope. None with fewer than two sizes that went well."""
    done = {size: one["wall_s"] for size, one in sizes.items() if one["status"] == "ok"}
    return scores.fit_power(list(done), list(done.values()))


if __name__ == "__main__":
    try:
        main()
    except DedupError as error:
        sys.exit(f"speed.py: error: {error}")
