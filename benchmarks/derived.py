"""Train and cross-validate the models of `dedup.derived`, and write their numbers to ``dedup/data/derived.toml``.

    python -m benchmarks.derived [--write]

Trained on pairs whose share of common five-word shingles does not decide (containment below the default threshold):

====================  ====  ====================================================================================
short answers         1/0   Clough and Stevenson: answers cut, lightly or heavily revised from a source, or written
                            without it. The one hand-made set: each pair counts `ANSWER_WEIGHT` times
same event            0     BASIL: three outlets' independent reports of one event; each counts `EVENT_WEIGHT` times
translations          1     WMT21: two translations of one article into one language, human or machine
parts of them         1     WMT21: 40 to 80 % of such a translation inside another article
other articles        0     WMT21, NTREX: two articles of one language
edited                1     NTREX, 26 languages: 10 to 60 % of the words edited, or 2 to 20 % of the characters misread
one frame             0     NTREX: two articles, cut to 50 to 300 words, with the same 4 to 45 words around
other stories         0     SemEval 2022 task 8: same language, rated above 2.5 (4: unrelated), not translated
weeks apart           0     German news: articles of two publishers that share triples, two weeks or more apart. Copies
                            come within days; this is what daily forms and frames look like
one topic, one wire   0     Reuters-21578: two stories with a topic in common, whose headlines begin differently
====================  ====  ====================================================================================

Of the sample world nothing is used. Cross-validation leaves out whole groups: a source (Clough), an event (BASIL), an
article in all its languages and versions (WMT21, NTREX), a story (SemEval, Reuters).
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, brier_score_loss, f1_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.text_edits import cut_words, edit_words, embed, misread, word_spans
from dedup import Settings
from dedup.derived import FEATURES, Evidence, gather, is_told, to_aligned_columns, to_columns, to_excerpt_columns
from dedup.kernels.buffers import TextBuffer, encode
from dedup.normalise import mark_words
from dedup.sketch import shingle_sets
from dedup.triples import find_triples, pair_by_triples
from dedup.verify import find_runs, measure_pairs

REPO = Path(__file__).parent.parent
SHARED = REPO.parent / "shared" / "data"
TARGET = REPO / "dedup" / "data" / "derived.toml"
SEED = 20_261
ANSWER_WEIGHT = 5.0  # 95 pairs by hand against 10,000 that were made
EVENT_WEIGHT = 5.0  # 300 real pairs of the kind that must never be taken for copies
N_FOLDS = 10


class Pair(NamedTuple):
    """Two texts, whether one derives from the other, what must not be split, and where they come from."""

    a: str
    b: str
    is_derived: bool
    group: str
    origin: str


def read(path: Path) -> list[dict[str, Any]]:
    """Read JSON lines, gzipped or not."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def answers(shared: Path) -> Iterator[Pair]:
    for row in read(shared / "clough_short_answers" / "pairs.jsonl"):
        yield Pair(
            row["answer"],
            row["source"],
            row["label"] != "non",
            f"answer {row['source'][:60]}",
            f"answer {row['label']}",
        )


def same_event(shared: Path) -> Iterator[Pair]:
    events = defaultdict(list)
    for row in read(shared / "basil_same_event" / "docs.jsonl"):
        events[row["event"]].append(row["text"])
    for event, texts in events.items():
        for i, j in ((0, 1), (0, 2), (1, 2)):
            yield Pair(texts[i], texts[j], False, event, "same event")


def translations(shared: Path, rng: random.Random) -> Iterator[Pair]:
    versions = defaultdict(list)
    for row in read(shared / "wmt21_news_mt" / "docs.jsonl.gz"):
        if row["role"] != "src":
            versions[row["cluster"], row["lang"]].append(row["text"])
    keys = sorted(key for key, texts in versions.items() if len(texts) > 1)
    for key in keys:
        a, b = rng.sample(versions[key], 2)
        yield Pair(a, b, True, key[0], "translations")
        others = [other for other in keys if other[1] == key[1] and other[0] != key[0]]
        sentences = b.split("\n")
        if len(sentences) >= 6:
            n = round(len(sentences) * rng.uniform(0.4, 0.8))
            start = rng.randint(0, len(sentences) - n)
            host = versions[rng.choice(others)][0].split("\n")
            part = "\n".join(sentences[start : start + n])
            yield Pair(a, embed(part, host, rng), True, key[0], "parts of translations")
        yield Pair(a, rng.choice(versions[rng.choice(others)]), False, key[0], "other articles")


def edited(shared: Path, rng: random.Random) -> Iterator[Pair]:
    for texts in ntrex(shared).values():
        pool = [text[start:end] for text in texts.values() for start, end in word_spans(text)]
        for name in rng.choices(sorted(texts), k=60):
            yield Pair(texts[name], edit_words(texts[name], rng.uniform(0.1, 0.6), pool, rng), True, name, "edited")
            yield Pair(texts[name], misread(texts[name], rng.uniform(0.02, 0.2), rng), True, name, "misread")
        for _ in range(100):
            a, b = rng.sample(sorted(texts), 2)
            yield Pair(texts[a], texts[b], False, a, "other articles")


def framed(shared: Path, rng: random.Random) -> Iterator[Pair]:
    """Give other articles, often short ones, with the same words of an outlet before or after them."""
    for texts in ntrex(shared).values():
        for _ in range(40):
            a, b, frame = rng.sample(sorted(texts), 3)
            header, footer = (cut_words(texts[frame], rng.randint(4, 45), rng) for _ in range(2))
            cut_a, cut_b = (cut_words(texts[name], rng.randint(50, 300), rng) for name in (a, b))
            whole = [
                f"{cut}\n{footer}" if rng.random() < 0.7 else f"{header}\n{cut}\n{footer}" for cut in (cut_a, cut_b)
            ]
            yield Pair(*whole, False, a, "one frame")


def ntrex(shared: Path) -> dict[str, dict[str, str]]:
    """NTREX by language and article."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in read(shared / "ntrex128" / "docs.jsonl.gz"):
        if row["role"] != "english-variant":
            found[row["lang"]][row["docid"]] = row["text"]
    return dict(sorted(found.items()))


def other_stories(shared: Path) -> Iterator[Pair]:
    folder = shared / "semeval22_task8_subset"
    articles = {row["id"]: row for row in read(folder / "docs.jsonl.gz")}
    for row in read(folder / "pairs.jsonl"):
        a, b = articles[row["a"]], articles[row["b"]]
        is_real = not (a["machine_translated"] or b["machine_translated"])
        if a["lang"] == b["lang"] and float(row["overall"]) > 2.5 and is_real:
            yield Pair(a["text"], b["text"], False, row["a"], "other stories")


def weeks_apart(shared: Path, rng: random.Random) -> Iterator[Pair]:
    """Give pairs of real articles that share much and that nobody copied: the date tells."""
    rows = sorted(read(shared / "insm_german_news" / "articles.jsonl.gz"), key=lambda row: str(row["id"]))
    marked = mark_words(encode([row["text"] for row in rows]))
    pairs = pair_by_triples(*find_triples(marked), max_articles=Settings().max_articles_per_fingerprint)
    days = np.array([np.datetime64(row["published"][:10] if row["published"] else "NaT") for row in rows])
    publishers = np.array([row["publisher"] for row in rows])
    is_apart = np.abs(days[pairs[:, 0]] - days[pairs[:, 1]]) >= np.timedelta64(14, "D")
    is_apart &= publishers[pairs[:, 0]] != publishers[pairs[:, 1]]
    for i, j in sorted(rng.sample(pairs[is_apart].tolist(), 2_000)):
        yield Pair(rows[i]["text"], rows[j]["text"], False, rows[i]["id"], "weeks apart")


def one_topic(shared: Path, rng: random.Random) -> Iterator[Pair]:
    rows = [row for row in read(shared / "reuters21578_part" / "docs.jsonl") if len(row["text"].split()) > 30]
    n = 0
    while n < 1_500:
        a, b = rng.sample(rows, 2)
        if set(a["topics"] or ()) & set(b["topics"] or ()) and a["title"].split()[:1] != b["title"].split()[:1]:
            yield Pair(a["text"], b["text"], False, a["id"], "one topic, one wire")
            n += 1


def excerpts(shared: Path, rng: random.Random) -> Iterator[Pair]:
    """Give passages of 20 to 200 words in articles of 300 to 1,500, all of NTREX."""
    for texts in ntrex(shared).values():
        names = sorted(texts)
        for _ in range(40):
            name = rng.choice(names)
            host = [line for other in rng.sample(names, 4) if other != name for line in texts[other].split("\n")]
            part = cut_words(texts[name], rng.randint(20, 200), rng)
            yield Pair(texts[name], embed(part, host, rng), True, name, "excerpts")


def evidence_of(pairs: list[Pair]) -> tuple[Evidence, NDArray[np.float64]]:
    """Give the evidence on pairs, and the larger containment of each."""
    set_ = Settings()
    texts = [text for pair in pairs for text in (pair.a, pair.b)]
    rows = np.arange(len(texts), dtype=np.int64).reshape(-1, 2)
    marked = mark_words(encode(texts))
    runs = find_runs(marked, rows, passage_words=set_.passage_words, passage_gap_words=set_.passage_gap_words)
    shingles, offsets = shingle_sets(TextBuffer(texts), rows.ravel(), shingle_words=set_.shingle_words)
    overlaps = measure_pairs(rows, shingles, offsets)
    return gather(marked, rows, runs), np.maximum(overlaps.a_in_b, overlaps.b_in_a)


def new_model() -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=5_000))


def fit(columns: NDArray[np.float64], truth: NDArray[np.bool_], weights: NDArray[np.float64]) -> Any:
    return new_model().fit(columns, truth, logisticregression__sample_weight=weights)


def cross_validate(
    columns: NDArray[np.float64], truth: NDArray[np.bool_], weights: NDArray[np.float64], groups: NDArray[np.str_]
) -> NDArray[np.float64]:
    """Give each pair the probability that a model gives it which saw nothing of its group."""
    found = np.zeros(len(truth))
    is_answer = np.char.startswith(groups, "answer")
    for train, test in GroupKFold(N_FOLDS).split(columns, truth, groups):
        found[test] = fit(columns[train], truth[train], weights[train]).predict_proba(columns[test])[:, 1]
    for source in sorted(set(groups[is_answer])):  # every source of the answers by itself
        test = groups == source
        found[test] = fit(columns[~test], truth[~test], weights[~test]).predict_proba(columns[test])[:, 1]
    return found


def describe(title: str, truth: NDArray[np.bool_], found: NDArray[np.float64], origins: NDArray[np.str_]) -> None:
    print(f"{title}: {len(truth)} pairs, Brier {brier_score_loss(truth, found):.4f}")
    for bound in np.arange(0, 1, 0.1):
        of_bin = (found >= bound) & (found < bound + 0.1 + 1e-9 * (bound > 0.85))
        if of_bin.any():
            print(f"  said {found[of_bin].mean():.2f}: {truth[of_bin].mean():.2f} of {of_bin.sum()}")
    for origin in sorted(set(origins)):
        of_origin = origins == origin
        shares = [f"{(found[of_origin] >= level).mean():.3f} at {level}" for level in (0.5, 0.9)]
        print(f"  {origin:<22} {of_origin.sum():>5}  {', '.join(shares)}; highest {found[of_origin].max():.3f}")


def describe_answers(pairs: list[Pair], found: NDArray[np.float64], columns: NDArray[np.float64]) -> None:
    """Derived or not, and the four classes, by cross-validation over the five sources."""
    chosen = np.array([pair.origin.startswith("answer") for pair in pairs])
    truth = np.array([pair.is_derived for pair in pairs])[chosen]
    sources = np.array([pair.group for pair in pairs])[chosen]
    levels = np.array([pair.origin.removeprefix("answer ") for pair in pairs])[chosen]
    print(f"answers, shipped model: macro-F1 {f1_score(truth, found[chosen] >= 0.5, average='macro'):.3f}")
    own, four = np.zeros(len(truth), dtype=bool), levels.copy()
    for source in sorted(set(sources)):
        test = sources == source
        own[test] = new_model().fit(columns[chosen][~test], truth[~test]).predict(columns[chosen][test])
        four[test] = new_model().fit(columns[chosen][~test], levels[~test]).predict(columns[chosen][test])
    print(f"answers, trained on answers alone: macro-F1 {f1_score(truth, own, average='macro'):.3f}")
    print(f"answers, four classes: accuracy {accuracy_score(levels, four):.3f}")


def to_toml(name: str, features: Iterable[str], model: Any, n_pairs: int) -> str:
    """Give a model as numbers, the scaling folded into its weights."""
    scaler, regression = model[0], model[-1]
    weights = regression.coef_[0] / scaler.scale_
    intercept = float(regression.intercept_[0] - (weights * scaler.mean_).sum())
    listed = ", ".join(f'"{feature}"' for feature in features)
    numbers = ", ".join(f"{weight:.6f}" for weight in weights)
    return f"[{name}]  # {n_pairs} pairs\nfeatures = [{listed}]\nweights = [{numbers}]\nintercept = {intercept:.6f}\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--write", action="store_true", help=f"write {TARGET.relative_to(REPO)}")
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder of the real corpora")
    arguments = parser.parse_args()
    shared, rng = arguments.shared, random.Random(SEED)
    rewritten = [
        *answers(shared), *same_event(shared), *translations(shared, rng), *edited(shared, rng),
        *framed(shared, rng), *weeks_apart(shared, rng), *other_stories(shared), *one_topic(shared, rng),
    ]  # fmt: skip
    evidence, containment = evidence_of(rewritten)
    is_open = containment < Settings().threshold
    is_open &= is_told(evidence)
    print(
        "decided without the model:",
        dict(Counter(pair.origin for pair, o in zip(rewritten, is_open, strict=True) if not o)),
    )
    columns = to_columns(evidence)
    truth, groups, origins = (np.array([pair[field] for pair in rewritten]) for field in (2, 3, 4))
    weights = np.where(np.char.startswith(origins, "answer"), ANSWER_WEIGHT, 1.0)
    weights[origins == "same event"] = EVENT_WEIGHT
    found = np.where(containment >= Settings().threshold, 1.0, 0.0)
    found[is_open] = cross_validate(columns[is_open], truth[is_open], weights[is_open], groups[is_open])
    describe("rewritten", truth[is_open], found[is_open], origins[is_open])
    describe_answers(rewritten, found, columns)
    model = fit(columns[is_open], truth[is_open], weights[is_open])

    is_below = containment < Settings().threshold
    aligned_columns, ones = to_aligned_columns(evidence)[is_below], np.ones(is_below.sum())
    aligned = cross_validate(aligned_columns, truth[is_below], ones, groups[is_below])
    describe("aligned", truth[is_below], aligned, origins[is_below])
    aligned_model = fit(aligned_columns, truth[is_below], ones)

    others = (pair for pair, o in zip(rewritten, is_open, strict=True) if o and not pair.is_derived)
    quarried = [*excerpts(shared, rng), *others]
    evidence, containment = evidence_of(quarried)
    is_left = containment < Settings().threshold
    excerpt_columns = to_excerpt_columns(evidence)[is_left]
    truth, groups, origins = (np.array([pair[field] for pair in quarried])[is_left] for field in (2, 3, 4))
    ones = np.ones(len(truth))
    describe("excerpt", truth, cross_validate(excerpt_columns, truth, ones, groups), origins)
    for name in ("longest", "spread"):
        values = getattr(evidence, name)[is_left]
        print(f"  {name}: most of pairs that derive not {np.sort(values[~truth])[-8:].round(0).tolist()}")
    excerpt_model = fit(excerpt_columns, truth, ones)
    text = (
        "# Logistic regressions of dedup/derived.py. Made by benchmarks/derived.py, which says from what.\n\n"
        + to_toml("rewritten", FEATURES, model, int(is_open.sum()))
        + "\n"
        + to_toml("aligned", ("passages",), aligned_model, int(is_below.sum()))
        + "\n"
        + to_toml("excerpt", ("longest_passage", "long_passages"), excerpt_model, int(is_left.sum()))
    )
    print(text)
    if arguments.write:
        TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
