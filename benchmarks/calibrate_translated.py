"""Fit what decides whether two articles in two languages are one text, and ship it as numbers.

    python benchmarks/calibrate_translated.py             # writes dedup/data/calibration/
    python benchmarks/calibrate_translated.py --report    # only says how well it separates, on the calibrating part

Only documents of the calibrating part of the split are read (`benchmarks.translated_corpora`). Of it come the anchors
that are common in the news (counted), and what judges three kinds of pairs: by anchors alone; by an encoder that knows
both languages; and by one that lacks one of them or both, but has seen words of its relatives. With an encoder first
each aligned sentence pair is judged, then the pair of articles. Another encoder is calibrated by handing its class to
`calibrate`.

Needs ``../shared/data`` beside the repository. Vectors are kept in ``~/.cache/dedup-bench``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import fields
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

REPO = Path(__file__).parent.parent
sys.path.insert(0, str(REPO))

import numpy as np
from numpy.typing import NDArray

from benchmarks.embedding_cache import RememberingEncoder
from benchmarks.fit_translated import fit_hints, fit_judge, fit_names
from benchmarks.translated_corpora import DATA, KINDS, Copier, Text, are_kin, in_split, load, verdict_of
from dedup.model import Article
from dedup.settings import Settings
from dedup.translated import ANCHORS_ALONE, Calibration, Encoder, MultilingualUse
from dedup.translated.anchors import find_anchors
from dedup.translated.decide import CLOSER, EVIDENCE, HINTS, Judge, read_judge
from dedup.translated.evidence import FEATURES, SENTENCE, Alignment
from dedup.translated.regression import Regression
from dedup.translated.search import FRAMED, MIN_SENTENCES, Search

OUT = REPO / "dedup" / "data" / "calibration"
MEANING, LACKING = "meaning", "lacking"  # two of the ways of judging; the third is by anchors alone
HOW: dict[str, dict[str, float]] = {
    MEANING: {"floor": 0.35, "anchor_bonus": 0.15, "skip_cost": 0.03, "min_run": 0.2},
    LACKING: {"floor": 0.3, "anchor_bonus": 0.3, "skip_cost": 0.03, "min_run": 0.2},
    ANCHORS_ALONE: {"floor": 0.2, "anchor_bonus": 0.0, "skip_cost": 0.02, "min_run": 0.2},
}
STRENGTH = {MEANING: 0.003, LACKING: 0.03, ANCHORS_ALONE: 0.1}  # of the regression on evidence
# what each way of judging looks at; where there are few false pairs to learn from, fewer features say more
USED = {
    MEANING: (
        "proof", "mean_proof", "proof_for", "covered_more", "n_pairs", "dense_more", "adjacency", "missing_less",
        "lacking_more", "numbers", "unevenness", "best_run",
    ),
    LACKING: EVIDENCE,
    ANCHORS_ALONE: tuple(name for name in FEATURES if name != "quoted"),
}  # fmt: skip
# share of the true pairs of each kind that must be aligned; what is lost here is never embedded
_LONG, _PARTS = ("full", "shuffled"), ("first 30 %", "every third")
KEPT = {
    MEANING: dict.fromkeys(_LONG, 0.9995) | dict.fromkeys(_PARTS, 0.99) | {"wrapped 1:3": 0.98, "wrapped 1:6": 0.94},
    ANCHORS_ALONE: dict.fromkeys(_LONG, 0.99) | dict.fromkeys(_PARTS, 0.95) | {"wrapped 1:3": 0.9, "wrapped 1:6": 0.85},
}
# the same of those that are left, once one article of each pair is embedded
KEPT_CLOSER = dict.fromkeys(_LONG, 0.999) | dict.fromkeys(_PARTS, 0.99) | {"wrapped 1:3": 0.99, "wrapped 1:6": 0.985}
WORTH = 0.02  # probability by anchors alone from which texts in languages that an encoder lacks are embedded
# false pairs of documents in 10,000 articles that are expected at a threshold; fewer where a confusion of two documents
# is shared by their translations into a dozen languages
FALSE_ALLOWED = {MEANING: 0.5, LACKING: 0.2, ANCHORS_ALONE: 0.5}
LEAST = 0.6  # probability of a match, at least
TAIL = 10  # false pairs of documents, the worst ones, from which that number is told
# blocks that changed places and fourteen languages are left to the test
FITTED = ("full", "first 30 %", "every third", "wrapped 1:3", "wrapped 1:6")
LANGUAGES = frozenset("cs de en es fi fr hu ja pl ru uk zh".split())  # noqa: SIM905
BLINDED = ({"de", "en"}, {"ru", "en"}, {"pl", "en"})  # known, and looked at by anchors alone, too: more to learn from
N_OTHERS = 1_200  # German articles that nobody translated, chosen by hash


def corpus_of(kind: str, split: str) -> list[Text]:
    """Give originals whole, translations copied in the way `kind` says, and what has no translation."""
    texts = [text for name in ("ntrex", "wmt", "semeval", "basil") for text in in_split(load(name), split)]
    texts += sorted(in_split(load("insm"), split), key=lambda text: text.document[::-1])[:N_OTHERS]
    if kind == "full":
        return texts
    copier = Copier([text for name in ("ntrex", "wmt", "semeval") for text in in_split(load(name), "fill")])
    made = []
    for text in texts:
        is_copy = text.role in ("human", "machine") and text.corpus != "semeval"
        copy = copier.copy(text, kind) if is_copy else text if text.corpus != "semeval" else None
        if copy is not None:
            made.append(copy)
    return made


def to_articles(texts: Sequence[Text]) -> list[Article]:
    """Make articles of texts, in id order."""
    return sorted((Article(id=text.id, text=text.text) for text in texts), key=lambda article: article.id)


def count_common(texts: Sequence[Text]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Count the anchors that stand in many articles of some language."""
    carriers: dict[str, Counter[int]] = defaultdict(Counter)
    n_texts: Counter[str] = Counter()
    for text in texts:
        n_texts[text.language] += 1
        carriers[text.language].update(set(find_anchors(text.text).keys.tolist()))
    share: Counter[int] = Counter()
    for language, counts in carriers.items():
        if n_texts[language] >= 40:
            for key, n in counts.items():
                if n > 1:
                    share[key] = max(share[key], n / (n_texts[language] + 2))
    keys = np.array(sorted(share), dtype=np.int64)
    shares = np.array([share[key] for key in keys.tolist()])
    rarity = np.clip(-np.log(shares + 0.003) / np.log(60), 0.02, 1.0)
    return keys[rarity < 0.95], rarity[rarity < 0.95].astype(np.float32)


def nothing(n: int) -> Regression:
    """Give a regression that lets everything pass."""
    return Regression(
        lows=np.full(n, -1e9),
        highs=np.full(n, 1e9),
        knots=np.zeros((0, n)),
        means=np.zeros(n),
        scales=np.ones(n),
        weights=np.zeros(n),
        bias=9.0,
    )


def blank(mode: str) -> Judge:
    """Give a judge that aligns in one way, and lets every pair pass."""
    sentences = None if mode == ANCHORS_ALONE else nothing(len(SENTENCE))
    return Judge(**HOW[mode], sentences=sentences, evidence=nothing(len(EVIDENCE)), threshold=0.5)


def blank_calibration(mode: str) -> Calibration:
    """Give a calibration that lets every pair pass."""
    everything = {"hints": nothing(len(HINTS)), "closer": nothing(len(CLOSER)), "hopeful": 0.0, "close": 0.0}
    return Calibration(**{field.name: getattr(blank(mode), field.name) for field in fields(Judge)}, **everything)


class Proposed(NamedTuple):
    """What blocking proposes of one kind of copy."""

    kinds: NDArray[np.str_]
    pairs: NDArray[np.int64]
    hints: NDArray[np.float64]
    ids: NDArray[np.str_]
    is_translated: NDArray[np.bool_]
    groups: NDArray[np.str_]
    by_meaning: NDArray[np.bool_]
    both_known: NDArray[np.bool_]
    to_blind: NDArray[np.bool_]

    def blind(self) -> Proposed:
        """Give pairs as they are to who knows neither language: all that the encoder lacks, and of the others some."""
        hints = self.hints.copy()
        hints[:, [HINTS.index(name) for name in ("mean", "closest", "second")]] = -1
        kept = ~self.by_meaning | self.to_blind
        return self._replace(hints=hints, by_meaning=np.zeros_like(self.by_meaning)).keep(kept)

    def keep(self, is_kept: NDArray[np.bool_]) -> Proposed:
        """Keep some pairs."""
        return Proposed(*(values[is_kept] for values in self))

    def in_order_of(self, kinds: Sequence[str]) -> Proposed:
        """Put them in the order of their kinds."""
        order = np.argsort([kinds.index(kind) for kind in self.kinds.tolist()], kind="stable")
        return Proposed(*(values[order] for values in self))


_here: dict[str, Search] = {}  # each kind of copy has a process of its own, and reads its articles once


def propose(encoder: Encoder, kind: str) -> Proposed:
    """Propose pairs of one kind of copy, and say what each is; those of which nobody can know are left out."""
    texts = {text.id: text for text in corpus_of(kind, "calibrate") if text.language in LANGUAGES}
    set_ = Settings()
    search = _here[kind] = Search(
        to_articles(list(texts.values())),
        encoder=encoder,
        calibration=blank_calibration(MEANING),
        anchors_calibration=blank_calibration(ANCHORS_ALONE),
        vectors={},
        max_sentences=set_.translated_sentences,
        repeated_articles=set_.boilerplate_articles,
        progress=lambda *_: None,
    )
    found = search.candidates(window_days=set_.window_days, per_article=set_.translated_candidates)
    ids = np.array([(search.articles[a].id, search.articles[b].id) for a, b in search.rows_of(found.pairs).tolist()])
    truths = [truth_of(texts[a], texts[b]) for a, b in ids.tolist()]
    known = {mode: [is_both == (mode == MEANING) for is_both in both_known(texts, ids, encoder)] for mode in KEPT}
    for mode, n in count_possible(list(texts.values()), encoder).items():
        n_found = sum(bool(truth) and of for truth, of in zip(truths, known[mode], strict=True))
        print(f"{kind}, {mode}: {n_found} of {n} translated pairs are proposed", flush=True)
    return Proposed(
        np.array([kind] * len(ids)),
        found.pairs,
        found.hints,
        ids,
        np.array([bool(truth) for truth in truths]),
        np.array([texts[a].story or texts[a].document for a, _ in ids.tolist()]),
        found.hints[:, HINTS.index("mean")] > -1,
        np.array(known[MEANING]),
        np.array([{texts[a].language, texts[b].language} in BLINDED for a, b in ids.tolist()]),
    ).keep(np.array([truth is not None for truth in truths]))


def both_known(texts: dict[str, Text], ids: NDArray[np.str_], encoder: Encoder) -> list[bool]:
    """Tell which pairs are in two languages that the encoder knows."""
    return [{texts[a].language, texts[b].language} <= encoder.languages for a, b in ids.tolist()]


def count_possible(texts: Sequence[Text], encoder: Encoder) -> dict[str, int]:
    """Count the pairs of texts in two languages that are one, by how they are compared."""
    documents: dict[str, list[Text]] = defaultdict(list)
    for text in texts:
        documents[text.document].append(text)
    found = dict.fromkeys(KEPT, 0)
    for of_document in documents.values():
        for a, b in combinations(of_document, 2):
            if a.language != b.language and truth_of(a, b):
                found[MEANING if {a.language, b.language} <= encoder.languages else ANCHORS_ALONE] += 1
    return found


def look_closer(kind: str, pairs: NDArray[np.int64], hints: NDArray[np.float64]) -> NDArray[np.float64]:
    """Embed one text of each pair of one kind of copy, which were cropped before; float64[n, n_closer]."""
    return _here[kind].look_closer(pairs, hints)


def crop(kind: str, pairs: NDArray[np.int64]) -> None:
    """Read the texts of some pairs of one kind of copy."""
    _here[kind].crop(pairs)


def align_all(kind: str, pairs: NDArray[np.int64], mode: str) -> list[Alignment]:
    """Align pairs of one kind of copy, which were cropped before."""
    judge = blank(mode)
    return [_here[kind].align(a, b, judge) for a, b in pairs.tolist()]


def truth_of(a: Text, b: Text) -> bool | None:
    """Tell whether two texts are one; None where nobody can know."""
    kinds = [text.id.rpartition("/")[2] for text in (a, b)]
    if all(kind.startswith("wrapped") for kind in kinds):
        return None  # they may be wrapped into translations of one text
    if a.document != b.document and are_kin(a, b):
        return None  # each prints a part of one report
    if a.document != b.document or a.corpus == "basil":
        return False
    if all(kind in KINDS for kind in kinds):
        return None  # they may have no sentence in common
    return True


def is_doubtful(ids: Sequence[str], alignment: Alignment) -> bool:
    """Tell of two texts of semeval whether they may be one: their raters did not ask.

    They are where a person said so, and may be where nobody was asked and they follow each other sentence by sentence.
    Pages that share a notice or a list do say one thing in two languages: how they align must not be learned as false.
    """
    named = dict(zip(FEATURES, alignment.features.tolist(), strict=True))
    follows = named["covered_less"] >= 0.5 and named["sharpness"] >= 0.2
    verdict = verdict_of(*ids)
    return verdict in ("copy", "frame") or (not verdict and is_crawled(ids) and bool(follows))


def to_probability(log_odds: float) -> float:
    """Round up to six digits."""
    return float(np.ceil(np.round(1e6 / (1 + np.exp(-log_odds)), 3)) / 1e6)


def keep_at(
    scores: NDArray[np.float64], y: NDArray[np.bool_], kinds: NDArray[np.str_], kept: dict[str, float]
) -> float:
    """Give the log-odds that keep a share of the true pairs of each kind."""
    return min(float(np.quantile(scores[y & (kinds == kind)], 1 - kept[kind])) for kind in np.unique(kinds))


def threshold_at(false: NDArray[np.float64], n_expected: float) -> float:
    """Give the log-odds above which `n_expected` false pairs, each left out, are expected; those of `LEAST` at least.

    The worst few decide too much by themselves. So the excess of the `TAIL` worst ones over the least of them is taken
    to be exponential, as in the method of peaks over threshold (Pickands 1975).
    """
    worst = np.sort(np.append(false, np.full(TAIL, -40.0)))[::-1][:TAIL]
    mean_excess = float((worst[:-1] - worst[-1]).mean())
    return max(float(np.log(LEAST / (1 - LEAST))), float(worst[-1]) + mean_excess * float(np.log(TAIL / n_expected)))


def describe(kinds: NDArray[np.str_], y: NDArray[np.bool_], scores: NDArray[np.float64]) -> None:
    """Print the recall of each kind at several thresholds, with the false links."""
    for log_odds in (0, 1, 2, 3, 4, 5, 6):
        found = scores >= log_odds
        shares = "  ".join(
            f"{kind} {np.mean(found[y & (kinds == kind)]):.4f}" for kind in KINDS if (y & (kinds == kind)).any()
        )
        print(f"  log-odds >= {log_odds}: {shares}; false {int((found & ~y).sum())}")


def calibrate(encoder: Encoder, out: Path, *, only_report: bool = False) -> None:
    """Fit and write."""
    out.mkdir(parents=True, exist_ok=True)
    if not only_report:
        known = [
            text for name in ("ntrex", "wmt", "semeval", "insm", "basil") for text in in_split(load(name), "calibrate")
        ]
        keys, rarity = count_common([text for text in known if text.role != "machine"])
        np.savez_compressed(out / "common_anchors.npz", keys=keys, rarity=rarity)
        print(f"{len(keys)} common anchors")
    with ExitStack() as stack:
        pools = {kind: stack.enter_context(ProcessPoolExecutor(1)) for kind in FITTED}
        proposed = {kind: pool.submit(propose, encoder, kind) for kind, pool in pools.items()}
        n_articles = sum(text.language in LANGUAGES for kind in FITTED for text in corpus_of(kind, "calibrate"))
        everything = Proposed(*map(np.concatenate, zip(*(one.result() for one in proposed.values()), strict=True)))
        at_work = Pools(pools)
        names, lacking = calibrate_names(everything.blind(), at_work, n_articles)
        tell(lacking, "in languages that the encoder lacks: worth embedding")
        of_lacking = judge(lacking, at_work.align(lacking, LACKING), n_articles, LACKING)
        of_encoder = calibrate_meaning(everything.keep(everything.by_meaning), at_work, n_articles)
    of_encoder |= {"lacking": of_lacking, "worth": WORTH}
    for name, stored in ((ANCHORS_ALONE, names), (encoder.name, of_encoder)) if not only_report else ():
        (out / f"{name}.json").write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


class Pools:
    """A process for each kind of copy."""

    def __init__(self, pools: dict[str, ProcessPoolExecutor]) -> None:
        self._pools = pools

    def map(self, job: Callable[..., Any], kept: Proposed, *more: Any) -> list[Any]:
        """Do a job of each kind with its pairs, which are in the order of kinds."""
        jobs = [
            pool.submit(
                job, kind, kept.pairs[at], *(value[at] if isinstance(value, np.ndarray) else value for value in more)
            )
            for kind, pool in self._pools.items()
            for at in [kept.kinds == kind]
        ]
        return [job.result() for job in jobs]

    def align(self, kept: Proposed, mode: str) -> list[Alignment]:
        """Align all pairs."""
        return [alignment for of_kind in self.map(align_all, kept, mode) for alignment in of_kind]


def calibrate_names(proposed: Proposed, pools: Pools, n_articles: int) -> tuple[dict[str, Any], Proposed]:
    """Fit what proposes and judges by anchors alone; give the pairs that are worth embedding in spite of that, too."""
    stored, kept = calibrate_hints(proposed, pools, ANCHORS_ALONE)
    alignments = pools.align(kept, ANCHORS_ALONE)
    judged = judge(kept, alignments, n_articles, ANCHORS_ALONE)
    names = read_judge(judged)
    is_worth_it = np.array([names.judge(of).probability >= WORTH for of in alignments])
    stored |= {"close": 0.0, "closer": None, **judged}
    return stored, kept.keep(~kept.both_known & is_worth_it)


def calibrate_meaning(proposed: Proposed, pools: Pools, n_articles: int) -> dict[str, Any]:
    """Fit what proposes and judges pairs in two languages that the encoder knows."""
    stored, kept = calibrate_hints(proposed, pools, MEANING)
    closer = fit_hints(np.concatenate(pools.map(look_closer, kept, kept.hints)), kept.is_translated, every=1)
    close = keep_at(closer.scores, kept.is_translated, kept.kinds, KEPT_CLOSER)
    kept = kept.keep(closer.scores >= close)
    tell(kept, "close")
    stored |= {"close": to_probability(close), "closer": closer.stored}
    return stored | judge(kept, pools.align(kept, MEANING), n_articles, MEANING)


def calibrate_hints(proposed: Proposed, pools: Pools, mode: str) -> tuple[dict[str, Any], Proposed]:
    """Fit what tells from hints which pairs are worth aligning; read these."""
    hints = fit_hints(proposed.hints, proposed.is_translated, every=20)
    hopeful = keep_at(hints.scores, proposed.is_translated, proposed.kinds, KEPT[mode])
    tell(proposed, f"{mode}: proposed")
    kept = proposed.keep(hints.scores >= hopeful).in_order_of(list(FITTED))
    tell(kept, "hopeful")
    pools.map(crop, kept)
    return {"hopeful": to_probability(hopeful), "hints": hints.stored}, kept


def tell(kept: Proposed, what: str) -> None:
    """Print how many pairs are left."""
    n_true = int(kept.is_translated.sum())
    print(f"  {what}: {n_true} translated, {len(kept.ids) - n_true} others", flush=True)


def judge(kept: Proposed, alignments: list[Alignment], n_articles: int, mode: str) -> dict[str, Any]:
    """Fit what judges alignments, and pick its threshold."""
    y = kept.is_translated
    doubtful = ~y & np.array([is_doubtful(*of) for of in zip(kept.ids.tolist(), alignments, strict=True)])
    aligned = np.array([len(of.pairs) > 0 for of in alignments])
    fitted_on = np.flatnonzero(aligned & ~doubtful)
    fit = fit_names if mode == ANCHORS_ALONE else fit_judge
    judged = fit(
        [alignments[row] for row in fitted_on.tolist()],
        y[fitted_on],
        kept.groups[fitted_on],
        used=USED[mode],
        strength=STRENGTH[mode],
    )
    scores = np.full(len(y), -40.0)
    scores[fitted_on] = judged.scores
    scores[[len(of.pairs) < MIN_SENTENCES or of.framed >= FRAMED for of in alignments]] = -40
    describe(kept.kinds, y, scores)
    list_worst(kept, scores, alignments)
    n_expected = FALSE_ALLOWED[mode] * n_articles / 10_000
    threshold = threshold_at(worst_of_documents(kept, scores, ~y & ~doubtful), n_expected)
    found = {kind: round(float((scores[y & (kept.kinds == kind)] >= threshold).mean()), 4) for kind in FITTED}
    print(f"  left out as doubtful: {int(doubtful.sum())}; {n_expected:.2f} false pairs of documents expected")
    print(f"  log-odds {threshold:.2f}, found {found}", flush=True)
    return {
        **HOW[mode],
        "threshold": to_probability(threshold),
        "n_examples": len(fitted_on),
        "n_translated": int(y[fitted_on].sum()),
        "sentences": judged.sentences,
        "evidence": judged.evidence,
    }


def worst_of_documents(
    kept: Proposed, scores: NDArray[np.float64], is_counted: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Give the highest score of each two documents: one confusion counts once, however many translations share it.

    Of a wrapped text nobody knows which document it is confused by: it counts once for the other one.
    """
    worst: dict[tuple[str, ...], float] = {}
    for at in np.flatnonzero(is_counted).tolist():
        names = [name for name in kept.ids[at].tolist() if "/wrapped" not in name] or kept.ids[at].tolist()
        documents = tuple(sorted(name.rpartition("|")[0] or name for name in names))
        worst[documents] = max(worst.get(documents, -40.0), float(scores[at]))
    return np.array(list(worst.values()))


def is_crawled(ids: Sequence[str]) -> bool:
    """Tell whether both texts are pages of semeval, whose labels do not say which carry the same agency text."""
    return all(name.startswith("semeval/") for name in ids)


def list_worst(proposed: Proposed, scores: NDArray[np.float64], alignments: Sequence[Alignment]) -> None:
    """Print the false pairs that score highest."""
    for at in np.argsort(np.where(proposed.is_translated, -99, scores))[::-1][:15].tolist():
        n_pairs = len(alignments[at].pairs)
        print(f"    {scores[at]:.2f} {proposed.kinds[at]} {proposed.ids[at].tolist()} {n_pairs} sentence pairs")


def main() -> int:
    """Run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--report", action="store_true", help="write nothing")
    arguments = parser.parse_args()
    if not DATA.is_dir():
        print(f"{DATA} is not there: this needs the real corpora, which are copyrighted")
        return 1
    calibrate(RememberingEncoder(MultilingualUse()), OUT, only_report=arguments.report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
