"""How good it is, on real corpora: what is found, what is missed, how well pages and feeds are read.

    python benchmarks/quality.py [--seeds] [--german] [--others] [--edits] [--pages] [--nightly] [--feeds] [--credits]
                                 [--translated] [--update] [--cases FILE]

With no section, all of them. The real corpora are copyrighted and not part of this repository; where they are absent,
only the sample world is measured. What falls below its floor (``quality_floors.json``) fails the run; ``--update``
raises floors and refuses to lower any. ``--cases`` writes every failing case with both texts, for a person to read.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

REPO = Path(__file__).parent.parent
sys.path.insert(0, str(REPO))

from benchmarks.floors import judge, read_floors, write_floors
from dedup import Article, Duplicates, Index, Passage, Settings, find_duplicates
from dedup.evaluate import Score, read_pair_labels, score_copies, score_copies_by, score_pairs, wilson_interval
from dedup.ingest.files import read_corpus
from dedup.kernels.buffers import TextBuffer, encode
from dedup.normalise import mark_words
from dedup.sketch import sketch_texts
from dedup.verify import find_runs, measure_pairs, to_passages

SHARED = REPO.parent / "shared" / "data"
JUDGED = REPO / "tests" / "judged"  # verdicts of a person: ids only, of texts that are not here
_TEXT_CHARACTERS = 1_500  # of each article of a failing case


class Case(NamedTuple):
    """A pair, or an article alone, on which the program is wrong, and what it should have said."""

    section: str
    expected: str
    articles: tuple[Article, ...]


class Measured(NamedTuple):
    """Shares by name, the more the better, and the cases that keep them from 1."""

    shares: dict[str, float]
    cases: list[Case]


def measure_seeds(_: Path) -> Measured:
    """The labels of the sample world."""
    duplicates = find_duplicates(REPO / "seeds" / "articles.jsonl")
    labels = read_pair_labels(REPO / "seeds" / "labels.jsonl")
    print(duplicates)
    shares, cases = {}, []
    for label, score in score_pairs(duplicates, labels).items():
        print(f"  {label:<10} {describe(score)}")
        shares[f"seeds: {label}"] = score.share
        cases += [Case("seeds", label, _articles(duplicates, (one.a, one.b))) for one in score.missed]
    for grouping in ("kind", "language", "length"):
        for name, copy_score in score_copies_by(duplicates, labels, grouping).items():
            low, high = copy_score.f1_interval
            print(f"  {grouping} {name}: F1 {copy_score.f1:.3f} ({low:.3f} to {high:.3f})")
    whole = score_copies(duplicates, labels)
    shares |= {"seeds: precision of copies": whole.precision.share, "seeds: recall of copies": whole.recall.share}
    return Measured(shares, cases)


def measure_german(shared: Path) -> Measured:
    """Of the pairs across publishers that an exact count lists, the share that is found, by their containment."""
    folder = shared / "insm_german_news"
    started = time.perf_counter()
    duplicates = find_duplicates(folder / "articles.jsonl.gz")
    seconds = time.perf_counter() - started
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{duplicates}\n  {seconds:.1f} s, peak memory {peak_gb:.2f} GB")
    print(f"  largest clusters: {[len(cluster.articles) for cluster in duplicates.clusters[:10]]}")
    shares, cases = {}, []
    for bound in (0.8, 0.5):
        score = score_overlap(duplicates, folder / "overlap_pairs.tsv", bound)
        print(f"  containment >= {bound}: {describe(score)}")
        shares[f"german: found of containment {bound}"] = score.share
    stubs = spiegel_stubs(duplicates)
    n_pairs = len(stubs) * (len(stubs) - 1) // 2
    n_matched = sum(match.a in stubs and match.b in stubs for match in duplicates.matches)
    print(f"  pairs of the {len(stubs)} paywall stubs that match: {n_matched} of {n_pairs}")
    shares["german: stubs apart"] = 1 - n_matched / n_pairs
    for measured in (lonely(duplicates, "german"), judged(duplicates, "german")):
        shares |= measured.shares
        cases += measured.cases
    return Measured(shares, cases)


def spiegel_stubs(duplicates: Duplicates) -> set[str]:
    """Give the articles of SPIEGEL that end with its paywall's text."""
    return {
        article.id
        for article in duplicates.articles.values()
        if article.source == "spiegel.de" and "Mit dem passenden SPIEGEL-Abo" in article.text
    }


def measure_passages(shared: Path) -> Measured:
    """Passages of all matches of the German corpus against sketching it: CPU seconds, and seconds by the clock."""
    index = Index()
    articles = list(read_corpus(shared / "insm_german_news" / "articles.jsonl.gz"))
    index.add(articles[:200])  # compiled kernels load
    index.matches()
    index = Index()
    started = time.perf_counter(), time.process_time()
    index.add(articles)
    sketched = time.perf_counter(), time.process_time()
    matches = index.matches()
    row_of = {article.id: row for row, article in enumerate(index.articles())}
    pairs = np.array([(row_of[match.a], row_of[match.b]) for match in matches], dtype=np.int64)
    texts = [article.text for article in index.articles()]
    begun = time.perf_counter(), time.process_time()
    found = passages_of(texts, pairs, Settings())
    done = time.perf_counter(), time.process_time()
    print(
        f"  sketching {len(articles)} articles: {sketched[0] - started[0]:.2f} s, CPU {sketched[1] - started[1]:.2f} s;"
        f" {sum(map(len, found))} passages of {len(pairs)} matches: {done[0] - begun[0]:.2f} s,"
        f" CPU {done[1] - begun[1]:.2f} s"
    )
    return Measured({}, [])


def passages_of(texts: list[str], pairs: NDArray[np.int64], settings: Settings) -> list[tuple[Passage, ...]]:
    """Read the texts of some pairs and find their passages, as a run does, in one thread."""
    sizes = np.array([len(text) for text in texts])
    longer = np.where(sizes[pairs[:, 0]] > sizes[pairs[:, 1]], pairs[:, 0], pairs[:, 1])
    pairs = pairs[np.argsort(longer, kind="stable")]
    rows, places = np.unique(pairs, return_inverse=True)
    marked = mark_words(encode([texts[row] for row in rows]))
    places = places.reshape(-1, 2)
    words, gap = settings.passage_words, settings.passage_gap_words
    return to_passages(find_runs(marked, places, passage_words=words, passage_gap_words=gap), marked, places)


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


def lonely(duplicates: Duplicates, section: str) -> Measured:
    """Count the members of clusters that share no passage with another member."""
    linked = _linked(duplicates)
    members = [(cluster.id, article_id) for cluster in duplicates.clusters for article_id in cluster.articles]
    alone = [member for member in members if member not in linked]
    print(f"  members of clusters that share no passage with another: {len(alone)} of {len(members)}")
    return Measured(
        {f"{section}: members that share a passage": 1 - len(alone) / max(1, len(members))},
        [Case(section, "not in this cluster", _articles(duplicates, (key,))) for _, key in alone],
    )


def _linked(duplicates: Duplicates) -> set[tuple[str, str]]:
    clusters_of: dict[str, set[str]] = {}
    for cluster in duplicates.clusters:
        for article_id in cluster.articles:
            clusters_of.setdefault(article_id, set()).add(cluster.id)
    return {
        (name, article_id)
        for match in duplicates.matches
        if match.passages
        for name in clusters_of.get(match.a, set()) & clusters_of.get(match.b, set())
        for article_id in (match.a, match.b)
    }


def judged(duplicates: Duplicates, section: str) -> Measured:
    """Hold the program against what a person said of pairs and clusters; see ``tests/judged/README.md``."""
    agreed: Counter[str] = Counter()
    total: Counter[str] = Counter()
    cases = []
    called = {(match.a, match.b): match.relation for match in duplicates.matches}
    united = [set(cluster.articles) for cluster in duplicates.clusters]
    for line in (JUDGED / f"{section}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        name = f"{section}: agrees with {row['sample']}"
        keys = row.get("cluster") or (row["a"], row["b"])
        if "cluster" in row:
            agrees = any(set(keys) <= members for members in united) == (row["verdict"] == "same")
        else:
            agrees = agrees_with(row["verdict"], called.get(keys))
        total[name] += 1
        agreed[name] += agrees
        if not agrees:
            cases.append(Case(section, row["verdict"], _articles(duplicates, keys)))
    for name in sorted(total):
        print(f"  {name}: {describe(Score(total[name], agreed[name]))}")
    return Measured({name: agreed[name] / total[name] for name in total}, cases)


def agrees_with(verdict: str, relation: str | None) -> bool:
    """Tell whether a relation, None for no match, is what a person said.

    ``same`` is said of one article of one publisher or several: a copy or a revision. ``background`` is agency text in
    two articles that tell other news: as text it is copied. ``template``, ``shared quote`` and ``different`` are all
    met by whatever is no copy and no revision.
    """
    return (relation in ("copy", "revision")) == (verdict in ("same", "background"))


def measure_same_event(shared: Path) -> Measured:
    """Independent reports of one event are no copies of each other."""
    duplicates = find_duplicates(shared / "basil_same_event" / "docs.jsonl")
    events = {article.id: article.metadata.get("event") for article in duplicates.articles.values()}
    wrong = [match for match in duplicates.copies if events[match.a] == events[match.b]]
    n_pairs = 3 * len(set(events.values()))
    print(f"{duplicates}\n  copies among reports of one event: {len(wrong)} of {n_pairs} pairs")
    cases = [Case("basil", "no copy", _articles(duplicates, (match.a, match.b))) for match in wrong]
    return Measured({"basil: same event told apart": 1 - len(wrong) / n_pairs}, cases)


def read_as_copies() -> set[tuple[str, str]]:
    """Pairs of SemEval that a person read and found to be copies, whatever the rating of their stories."""
    lines = (JUDGED / "semeval_copies.tsv").read_text(encoding="utf-8").splitlines()
    return {(a, b) for a, b in (line.split("\t") for line in lines if not line.startswith("#"))}


def measure_same_story(shared: Path) -> Measured:
    """Pairs that people rated as one story, 1 or 2 of 4, in one language, are hardly ever copies (SemEval 2022)."""
    folder = shared / "semeval22_task8_subset"
    duplicates = find_duplicates(folder / "docs.jsonl.gz", translated=False)  # pairs in one language
    called = {(match.a, match.b) for match in duplicates.copies}
    rows = [json.loads(line) for line in (folder / "pairs.jsonl").read_text(encoding="utf-8").splitlines()]
    translations = {
        tuple(sorted((row["original"], row["translation"])))
        for row in map(json.loads, (folder / "mt_pairs.jsonl").read_text(encoding="utf-8").splitlines())
    }
    rated = {
        (min(row["a"], row["b"]), max(row["a"], row["b"])): row["overall"]
        for row in rows
        if row["a"] in duplicates.articles and row["b"] in duplicates.articles
    }
    same = {pair for pair, rating in rated.items() if rating <= 2 and pair not in translations}
    n_raw = len(same & called)
    same -= read_as_copies()
    unlike = {pair for pair, rating in rated.items() if rating >= 3}
    n_left = len(same & called)
    print(f"  rated 1 to 2 and called copies: {n_raw}, of which not read as copies by hand: {n_left}; of {len(same)}")
    print(f"  rated 3 to 4 and called copies: {len(unlike & called)} of {len(unlike)}")
    shares = {
        "semeval: same story told apart": 1 - len(same & called) / len(same),
        "semeval: other story told apart": 1 - len(unlike & called) / len(unlike),
    }
    wrong = sorted((same | unlike) & called)
    measured = lonely(duplicates, "semeval")
    cases = [Case("semeval", "no copy", _articles(duplicates, pair)) for pair in wrong]
    return Measured(shares | measured.shares, cases + measured.cases)


def measure_web(shared: Path) -> Measured:
    """Web news without labels: of the pairs that an exact count of all pairs finds, the share that is found."""
    duplicates = find_duplicates(shared / "fnc1_bodies" / "docs.jsonl.gz")
    print(f"{duplicates}")
    ids = list(duplicates.articles)
    sketches = sketch_texts(
        TextBuffer([article.text for article in duplicates.articles.values()]),
        shingle_words=5, num_perm=2, seed=1, fingerprint_window=0,
    )  # fmt: skip
    pairs = np.stack(np.triu_indices(len(ids), 1), axis=1)
    overlaps = measure_pairs(pairs, sketches.shingles, sketches.offsets)
    reached = pairs[np.maximum(overlaps.a_in_b, overlaps.b_in_a) >= 0.5]
    found = {(match.a, match.b) for match in duplicates.matches}
    missed = [(ids[i], ids[j]) for i, j in reached.tolist() if (ids[i], ids[j]) not in found]
    print(f"  containment >= 0.5, boilerplate included: {describe(Score(len(reached), len(reached) - len(missed)))}")
    shares = {"fnc: found of containment 0.5": 1 - len(missed) / len(reached)}
    cases = [Case("fnc", "a match", _articles(duplicates, pair)) for pair in missed]
    for measured in (lonely(duplicates, "fnc"), judged(duplicates, "fnc")):
        shares |= measured.shares
        cases += measured.cases
    return Measured(shares, cases)


def measure_wire(shared: Path) -> Measured:
    """One wire: corrections and re-sends are revisions, forms that are filled in anew are templates."""
    duplicates = find_duplicates(shared / "reuters21578_part" / "docs.jsonl")
    print(f"{duplicates}")
    found = [lonely(duplicates, "reuters"), judged(duplicates, "reuters")]
    return Measured(
        {name: share for measured in found for name, share in measured.shares.items()},
        [case for measured in found for case in measured.cases],
    )


def _articles(duplicates: Duplicates, keys: Iterable[str]) -> tuple[Article, ...]:
    return tuple(duplicates.articles[key] for key in keys if key in duplicates.articles)


def write_cases(cases: Iterable[Case], path: Path) -> None:
    """Write failing cases as plain text."""
    parts = []
    for number, case in enumerate(cases, start=1):
        parts.append(f"=== {number}. {case.section}: should be {case.expected}")
        for article in case.articles:
            parts.append(f"--- {article.id} {article.source} {article.published or ''}\n{article.title}")
            parts.append(article.text[:_TEXT_CHARACTERS])
    path.write_text("\n".join(parts) + "\n", encoding="utf-8")


def in_own_process(script: str) -> Callable[[Path], Measured]:
    """Run another script of this folder, so that its memory and warnings are its own."""

    def measure(shared: Path) -> Measured:
        subprocess.run([sys.executable, str(REPO / "benchmarks" / script)], check=True, cwd=REPO)
        return Measured({}, [])

    measure.__doc__ = script
    return measure


SECTIONS: Mapping[str, tuple[Callable[[Path], Measured], ...]] = {
    "seeds": (measure_seeds,),
    "german": (measure_german, measure_passages),
    "others": (measure_same_event, measure_same_story, measure_web, measure_wire),
    "pages": (in_own_process("pages_quality.py"),),
    "nightly": (in_own_process("nightly_pages.py"),),
    "feeds": (in_own_process("feeds_quality.py"),),
    "edits": (in_own_process("edits_quality.py"),),
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
    parser.add_argument("--update", action="store_true", help="raise the floors to what was measured")
    parser.add_argument("--cases", type=Path, help="file for the failing cases, with their texts")
    arguments = parser.parse_args()
    chosen = [name for name in SECTIONS if getattr(arguments, name)] or list(SECTIONS)
    if not arguments.shared.is_dir():
        print(f"{arguments.shared} is not here: the real corpora are copyrighted and not part of this repository")
        chosen = ["seeds"]
    shares: dict[str, float] = {}
    cases: list[Case] = []
    for name in chosen:
        print(f"== {name}", flush=True)
        for measure in SECTIONS[name]:
            measured = measure(arguments.shared)
            shares |= measured.shares
            cases += measured.cases
    if arguments.cases:
        write_cases(cases, arguments.cases)
    verdict = judge(shares, read_floors(), update=arguments.update)
    print("== floors", *verdict.lines, "all hold" if verdict.holds else "NOT all hold", sep="\n")
    if arguments.update:
        write_floors(verdict.floors)
    return 0 if verdict.holds else 1


if __name__ == "__main__":
    sys.exit(main())
