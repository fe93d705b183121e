"""How good it is, on real corpora: what is found, what is missed, how well pages and feeds are read.

    python benchmarks/quality.py [--seeds] [--german] [--pages] [--nightly] [--feeds] [--credits] [--translated]

With no option, all of them. The real corpora are copyrighted and not part of this repository; where they are absent,
only the sample world is measured.
"""

from __future__ import annotations

import argparse
import csv
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

REPO = Path(__file__).parent.parent
sys.path.insert(0, str(REPO))

from dedup import Article, Duplicates, find_duplicates
from dedup.evaluate import Score, read_pair_labels, score_pairs, wilson_interval

SHARED = REPO.parent / "shared" / "data"


def measure_seeds(_: Path) -> None:
    """The labels of the sample world."""
    duplicates = find_duplicates(REPO / "seeds" / "articles.jsonl")
    print(duplicates)
    for label, score in score_pairs(duplicates, read_pair_labels(REPO / "seeds" / "labels.jsonl")).items():
        print(f"  {label:<10} {describe(score)}")


def measure_german(shared: Path) -> None:
    """Of the pairs across publishers that an exact count lists, the share that is found, by their containment."""
    folder = shared / "insm_german_news"
    started = time.perf_counter()
    duplicates = find_duplicates(folder / "articles.jsonl.gz")
    seconds = time.perf_counter() - started
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{duplicates}\n  {seconds:.1f} s, peak memory {peak_gb:.2f} GB")
    print(f"  largest clusters: {[len(cluster.articles) for cluster in duplicates.clusters[:10]]}")
    for bound in (0.8, 0.5):
        print(f"  containment >= {bound}: {describe(score_overlap(duplicates, folder / 'overlap_pairs.tsv', bound))}")


def score_overlap(duplicates: Duplicates, pairs: Path, bound: float) -> Score:
    """Score the listed pairs of two publishers that overlap to at least `bound`."""
    found = {(match.a, match.b) for match in duplicates.matches}
    with pairs.open(encoding="utf-8") as file:
        listed = {
            (min(row["a"], row["b"]), max(row["a"], row["b"]))
            for row in csv.DictReader(file, delimiter="\t")
            if float(row["containment5"]) >= bound
            and publisher(duplicates.articles.get(row["a"])) != publisher(duplicates.articles.get(row["b"]))
            and row["a"] in duplicates.articles
            and row["b"] in duplicates.articles
        }
    return Score(len(listed), len(listed & found))


def publisher(article: Article | None) -> object:
    return article.metadata.get("publisher") if article else None


def measure_same_event(shared: Path) -> None:
    """Independent reports of one event are no copies of each other."""
    duplicates = find_duplicates(shared / "basil_same_event" / "docs.jsonl")
    events = {article.id: article.metadata.get("event") for article in duplicates.articles.values()}
    wrong = [match for match in duplicates.matches if events[match.a] == events[match.b]]
    print(
        f"{duplicates}\n  matches between reports of one event: {len(wrong)} of {3 * len(set(events.values()))} pairs"
    )


def measure_wire(shared: Path) -> None:
    """One wire, and web news without labels: how many pairs of each kind."""
    for name in ("reuters21578_part/docs.jsonl", "fnc1_bodies/docs.jsonl.gz"):
        duplicates = find_duplicates(shared / name)
        kinds = Counter(match.kind for match in duplicates.matches)
        print(f"{name}: {duplicates} {dict(sorted(kinds.items()))}")


def in_own_process(script: str) -> Callable[[Path], None]:
    """Run another script of this folder, so that its memory and warnings are its own."""

    def measure(shared: Path) -> None:
        subprocess.run([sys.executable, str(REPO / "benchmarks" / script)], check=True, cwd=REPO)

    measure.__doc__ = script
    return measure


SECTIONS: dict[str, tuple[Callable[[Path], None], ...]] = {
    "seeds": (measure_seeds,),
    "german": (measure_german,),
    "others": (measure_same_event, measure_wire),
    "pages": (in_own_process("pages_quality.py"),),
    "nightly": (in_own_process("nightly_pages.py"),),
    "feeds": (in_own_process("feeds_quality.py"),),
    "credits": (in_own_process("credits_quality.py"),),
    "translated": (in_own_process("translated_quality.py"),),
}


def describe(score: Score) -> str:
    low, high = wilson_interval(score.n_met, score.n)
    return f"{score.n_met} of {score.n} = {score.share:.4f} (95 %: {low:.3f} to {high:.3f})"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    for name in SECTIONS:
        parser.add_argument(f"--{name}", action="store_true")
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder of the real corpora")
    arguments = parser.parse_args()
    chosen = [name for name in SECTIONS if getattr(arguments, name)] or list(SECTIONS)
    if not arguments.shared.is_dir():
        print(f"{arguments.shared} is not here: the real corpora are copyrighted and not part of this repository")
        chosen = ["seeds"]
    for name in chosen:
        print(f"== {name}", flush=True)
        for measure in SECTIONS[name]:
            measure(arguments.shared)
    return 0


if __name__ == "__main__":
    sys.exit(main())
