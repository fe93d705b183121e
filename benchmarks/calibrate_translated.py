"""Fit what decides whether two articles in two languages are one text, and ship it as numbers.

    python benchmarks/calibrate_translated.py             # writes dedup/data/calibration/
    python benchmarks/calibrate_translated.py --report    # only says how well it separates, on the calibrating part

Only documents of the calibrating part of the split are read (`benchmarks.translated_corpora`). Three things come of it:
the anchors that are common in the news (counted), and two logistic regressions, one for pairs whose languages the
encoder knows, one for anchors alone. Another encoder is calibrated by handing its class to `calibrate`.

Needs ``../shared/data`` beside the repository. Vectors are kept in ``~/.cache/dedup-bench``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

REPO = Path(__file__).parent.parent
sys.path.insert(0, str(REPO))

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.preprocessing import StandardScaler

from benchmarks.embedding_cache import RememberingEncoder
from benchmarks.translated_corpora import DATA, KINDS, Copier, Text, in_split, load, verdict_of
from dedup.model import Article
from dedup.settings import Settings
from dedup.translated import ANCHORS_ALONE, Calibration, Encoder, MultilingualUse
from dedup.translated.anchors import find_anchors
from dedup.translated.decide import CLOSER, HINTS, Regression, beyond, is_long, to_terms
from dedup.translated.evidence import FEATURES
from dedup.translated.search import Search

OUT = REPO / "dedup" / "data" / "calibration"
HOW: dict[str, dict[str, float]] = {
    "meaning": {"floor": 0.45, "anchor_bonus": 0.15, "skip_cost": 0.04, "min_run": 0.2},
    ANCHORS_ALONE: {"floor": 0.2, "anchor_bonus": 0.0, "skip_cost": 0.02, "min_run": 0.2},
}
STRENGTH = {"meaning": 0.03, ANCHORS_ALONE: 0.1}  # of the regression on evidence
OF_MEANING = ("quoted",)
# share of the true pairs of each kind that must be aligned; what is lost here is never embedded
_LONG, _PARTS = ("full", "shuffled"), ("first 30 %", "every third")
KEPT = {
    "meaning": dict.fromkeys(_LONG, 0.9995) | dict.fromkeys(_PARTS, 0.99) | {"wrapped 1:3": 0.96, "wrapped 1:6": 0.9},
    ANCHORS_ALONE: dict.fromkeys(_LONG, 0.99) | dict.fromkeys(_PARTS, 0.95) | {"wrapped 1:3": 0.9, "wrapped 1:6": 0.85},
}
# the same of those that are left, once one article of each pair is embedded
KEPT_CLOSER = dict.fromkeys(_LONG, 0.999) | dict.fromkeys(_PARTS, 0.99) | {"wrapped 1:3": 0.985, "wrapped 1:6": 0.98}
SEEN = (0.005, 0.995)  # quantiles of true pairs: what lies beyond is taken for them
# what can only speak for a translation, and the quantile of true pairs beyond which more of it says nothing new: where
# true pairs are rare, too, products of two features would make a perfect pair worse than a good one
BETTER = (
    "gain", "best_run", "covered_more", "covered_less", "likeness", "sharpness", "anchors", "n_anchors", "distinct",
    "dense_more", "telling",
)  # fmt: skip
ENOUGH = 0.8
KNOTS = (0.05, 0.3, 0.7)  # quantiles of true pairs beyond which a feature may count otherwise
FALSE_ALLOWED = 1.0  # links in 10,000 articles
MARGIN = 0.1  # log-odds between the threshold and the worst false pair that may not reach it
# blocks that changed places and fourteen languages are left to the test
FITTED = ("full", "first 30 %", "every third", "wrapped 1:3", "wrapped 1:6")
LANGUAGES = frozenset("cs de en es fi fr hu ja pl ru uk zh".split())  # noqa: SIM905
BLINDED = ({"de", "en"}, {"ru", "en"}, {"pl", "en"})  # known, and looked at by anchors alone, too: more to learn from
N_OTHERS = 1_200  # German articles that nobody translated, chosen by hash


class Fitted(NamedTuple):
    """A regression as it ships, and the log-odds of each example."""

    stored: dict[str, Any]
    scores: NDArray[np.float64]


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


def blank(how: dict[str, float]) -> Calibration:
    """Give a calibration that lets every pair pass."""

    def nothing(n: int) -> Regression:
        terms = n + n * (n + 1) // 2
        return Regression(
            lows=np.full(n, -1e9),
            highs=np.full(n, 1e9),
            knots=np.zeros((0, n)),
            means=np.zeros(n),
            scales=np.ones(n),
            weights=np.zeros(terms),
            bias=9.0,
        )

    return Calibration(
        **how,
        hints=nothing(len(HINTS)),
        closer=nothing(len(CLOSER)),
        evidence=nothing(len(FEATURES)),
        hopeful=0.0,
        close=0.0,
        threshold=0.5,
        threshold_short=0.5,
    )


class Proposed(NamedTuple):
    """What blocking proposes of one kind of copy."""

    kinds: NDArray[np.str_]
    pairs: NDArray[np.int64]
    hints: NDArray[np.float64]
    ids: NDArray[np.str_]
    is_translated: NDArray[np.bool_]
    groups: NDArray[np.str_]
    by_meaning: NDArray[np.bool_]
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


BLANK_CLOSER = {
    "features": list(CLOSER),
    **{
        name: [bound] * len(CLOSER) for name, bound in (("lows", -1.0), ("highs", 1.0), ("means", 0.0), ("scales", 1.0))
    },
    "knots": [],
    "weights": [0.0] * (len(CLOSER) * (len(CLOSER) + 3) // 2),
    "bias": 0.0,
}  # of anchors alone, where nothing is embedded
_here: dict[str, Search] = {}  # each kind of copy has a process of its own, and reads its articles once


def propose(encoder: Encoder, kind: str) -> Proposed:
    """Propose pairs of one kind of copy, and say what each is; those of which nobody can know are left out."""
    texts = {text.id: text for text in corpus_of(kind, "calibrate") if text.language in LANGUAGES}
    set_ = Settings()
    search = _here[kind] = Search(
        to_articles(list(texts.values())),
        encoder=encoder,
        calibration=blank(HOW["meaning"]),
        anchors_calibration=blank(HOW[ANCHORS_ALONE]),
        vectors={},
        max_sentences=set_.translated_sentences,
        repeated_articles=set_.boilerplate_articles,
        progress=lambda *_: None,
    )
    found = search.candidates(window_days=set_.window_days, per_article=set_.translated_candidates)
    ids = np.array([(search.articles[a].id, search.articles[b].id) for a, b in search.rows_of(found.pairs).tolist()])
    truths = [truth_of(texts[a], texts[b]) for a, b in ids.tolist()]
    known = {mode: [is_both == (mode == "meaning") for is_both in both_known(texts, ids, encoder)] for mode in KEPT}
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
                found["meaning" if {a.language, b.language} <= encoder.languages else ANCHORS_ALONE] += 1
    return found


def look_closer(kind: str, pairs: NDArray[np.int64], hints: NDArray[np.float64], by_meaning: bool) -> Any:
    """Embed one text of each pair of one kind of copy; float64[n, n_closer]."""
    search = _here[kind]
    search.crop(pairs)
    return search.look_closer(pairs, hints) if by_meaning else np.zeros((len(pairs), len(CLOSER)))


def align_all(kind: str, pairs: NDArray[np.int64], by_meaning: bool) -> NDArray[np.float64]:
    """Align pairs of one kind of copy, which were cropped before; float64[n, n_features]."""
    search = _here[kind]
    align = search.align_meaning if by_meaning else search.align_anchors
    return np.array([align(a, b).features for a, b in pairs.tolist()]).reshape(-1, len(FEATURES))


def truth_of(a: Text, b: Text) -> bool | None:
    """Tell whether two texts are one; None where nobody can know."""
    kinds = [text.id.rpartition("/")[2] for text in (a, b)]
    if all(kind.startswith("wrapped") for kind in kinds):
        return None  # they may be wrapped into translations of one text
    if a.document != b.document or a.corpus == "basil":
        return False
    if all(kind in KINDS for kind in kinds):
        return None  # they may have no sentence in common
    return True


def is_doubtful(ids: Sequence[str], features: NDArray[np.float64]) -> bool:
    """Tell of two texts of semeval whether they may be one: their raters did not ask.

    They are where a person said so, and may be where nobody was asked and they follow each other sentence by sentence.
    Pages that share a notice or a list do say one thing in two languages: how they align must not be learned as false.
    """
    named = dict(zip(FEATURES, features.tolist(), strict=True))
    follows = named["covered_less"] >= 0.5 and named["sharpness"] >= 0.2
    verdict = verdict_of(*ids)
    return verdict in ("copy", "frame") or (not verdict and is_crawled(ids) and bool(follows))


class Model:
    """A regression that is fitted."""

    def __init__(
        self,
        x: NDArray[np.float64],
        y: NDArray[np.bool_],
        *,
        strength: float,
        counts: Any = None,
        better: Sequence[int] = (),
    ) -> None:
        self.n = x.shape[1]
        self.lows, self.highs = np.quantile(x[y], SEEN, axis=0)
        self.highs[list(better)] = np.quantile(x[y][:, list(better)], ENOUGH, axis=0)
        self.knots = np.quantile(x[y], KNOTS, axis=0)
        self.scaler = StandardScaler().fit(beyond(np.clip(x, self.lows, self.highs), self.knots))
        self.regression = LogisticRegression(C=strength, max_iter=5000)
        self.regression.fit(self.terms(x), y, sample_weight=counts)

    def terms(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give what the regression sees."""
        clipped = np.clip(x, self.lows, self.highs)
        return to_terms(self.scaler.transform(beyond(clipped, self.knots)), self.n)

    def score(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give log-odds, some rows at a time."""
        parts = np.array_split(x, len(x) // 50_000 + 1)
        return np.concatenate([self.regression.decision_function(self.terms(part)) for part in parts])

    def to_ship(self) -> dict[str, Any]:
        """Give it as numbers."""
        return {
            "lows": np.round(self.lows, 6).tolist(),
            "highs": np.round(self.highs, 6).tolist(),
            "knots": np.round(self.knots, 6).tolist(),
            "means": np.round(self.scaler.mean_, 6).tolist(),
            "scales": np.round(self.scaler.scale_, 6).tolist(),
            "weights": np.round(self.regression.coef_[0], 6).tolist(),
            "bias": round(float(self.regression.intercept_[0]), 6),
        }


def fit_evidence(x: NDArray[np.float64], y: NDArray[np.bool_], groups: NDArray[np.str_], *, strength: float) -> Fitted:
    """Fit the regression on alignments; the scores are those of each document while it is left out."""
    left_out = np.zeros(len(y))
    better = [FEATURES.index(name) for name in BETTER]
    for train, test in GroupKFold(4).split(x, y, groups):
        left_out[test] = Model(x[train], y[train], strength=strength, better=better).score(x[test])
    return Fitted(Model(x, y, strength=strength, better=better).to_ship(), left_out)


def fit_hints(x: NDArray[np.float64], y: NDArray[np.bool_], *, every: int) -> Fitted:
    """Fit the regression on hints: some 100 numbers from very many pairs, so that nothing need be left out.

    Of the pairs that are no translations so manieth is used, and counts as many times.
    """
    used = y | (np.arange(len(y)) % every == 0)
    model = Model(x[used], y[used], strength=1.0, counts=np.where(y[used], 1.0, float(every)))
    return Fitted(model.to_ship(), model.score(x))


def to_probability(log_odds: float) -> float:
    """Round up to six digits."""
    return float(np.ceil(1e6 / (1 + np.exp(-log_odds))) / 1e6)


def keep_at(
    scores: NDArray[np.float64], y: NDArray[np.bool_], kinds: NDArray[np.str_], kept: dict[str, float]
) -> float:
    """Give the log-odds that keep a share of the true pairs of each kind."""
    return min(float(np.quantile(scores[y & (kinds == kind)], 1 - kept[kind])) for kind in np.unique(kinds))


def threshold_at(false: NDArray[np.float64], n_allowed: int) -> float:
    """Give the least log-odds that more than `n_allowed` false pairs do not reach while their document is left out."""
    return float(np.sort(np.append(false, np.zeros(n_allowed + 1)))[::-1][n_allowed]) + MARGIN


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
        for mode, name in (("meaning", encoder.name), (ANCHORS_ALONE, ANCHORS_ALONE)):
            of_mode = everything.keep(everything.by_meaning) if mode == "meaning" else everything.blind()
            stored = calibrate_mode(of_mode, mode, pools, n_articles)
            if not only_report:
                (out / f"{name}.json").write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def calibrate_mode(
    proposed: Proposed, mode: str, pools: dict[str, ProcessPoolExecutor], n_articles: int
) -> dict[str, Any]:
    """Fit both regressions of one way of aligning, and pick their thresholds."""
    by_meaning = mode == "meaning"
    hints = fit_hints(proposed.hints, proposed.is_translated, every=20)
    hopeful = keep_at(hints.scores, proposed.is_translated, proposed.kinds, KEPT[mode])
    n_true = int(proposed.is_translated.sum())
    print(f"{mode}: {len(proposed.ids)} pairs proposed, {n_true} translated", flush=True)
    kept = proposed.keep(hints.scores >= hopeful).in_order_of(list(pools))
    print(
        f"  hopeful: {int(kept.is_translated.sum())} translated, {int((~kept.is_translated).sum())} others", flush=True
    )
    closer = [
        pool.submit(look_closer, kind, kept.pairs[at], kept.hints[at], by_meaning)
        for kind, pool in pools.items()
        for at in [kept.kinds == kind]
    ]
    stored = {"close": 0.0, "closer": BLANK_CLOSER}
    if by_meaning:
        fitted = fit_hints(np.concatenate([one.result() for one in closer]), kept.is_translated, every=1)
        close = keep_at(fitted.scores, kept.is_translated, kept.kinds, KEPT_CLOSER)
        stored = {"close": to_probability(close), "closer": {"features": list(CLOSER), **fitted.stored}}
        kept = kept.keep(fitted.scores >= close)
        print(f"  close: {int(kept.is_translated.sum())} translated, {int((~kept.is_translated).sum())} others")
    aligned = [pool.submit(align_all, kind, kept.pairs[kept.kinds == kind], by_meaning) for kind, pool in pools.items()]
    x = np.concatenate([one.result() for one in aligned])
    shipped = {
        **HOW[mode],
        "hopeful": to_probability(hopeful),
        "hints": {"features": list(HINTS), **hints.stored},
        **stored,
    }
    if not by_meaning:
        x[:, [FEATURES.index(name) for name in OF_MEANING]] = 0  # bounds of 0 are shipped, so that they count nothing
    return shipped | judge(kept, x, n_articles, strength=STRENGTH[mode])


def judge(kept: Proposed, x: NDArray[np.float64], n_articles: int, *, strength: float) -> dict[str, Any]:
    """Fit the regression on alignments, and pick its thresholds."""
    y = kept.is_translated
    doubtful = ~y & np.array([is_doubtful(pair, of) for pair, of in zip(kept.ids.tolist(), x, strict=True)])
    fitted_on = (x[:, 0] > 0) & ~doubtful
    evidence = fit_evidence(x[fitted_on], y[fitted_on], kept.groups[fitted_on], strength=strength)
    scores = np.full(len(y), -40.0)
    scores[fitted_on] = evidence.scores
    describe(kept.kinds, y, scores)
    list_worst(kept, scores, x)
    print(f"  left out as doubtful: {int(doubtful.sum())}")
    is_long_one = np.array([is_long(round(np.expm1(n))) for n in x[:, 0].tolist()])
    n_allowed = round(FALSE_ALLOWED * n_articles / 10_000 / 2)
    print(f"  {n_allowed} false pairs of documents are allowed on either side of four sentence pairs")
    long, short = (
        threshold_at(worst_of_documents(kept, scores, is_counted & ~y & ~doubtful), n_allowed)
        for is_counted in (is_long_one, ~is_long_one)
    )
    for name, of_side, threshold in (("four or more", is_long_one, long), ("fewer", ~is_long_one, short)):
        found = {
            kind: round(float((scores[y & of_side & (kept.kinds == kind)] >= threshold).mean()), 4) for kind in FITTED
        }
        print(f"  {name}: log-odds {threshold:.2f}, found {found}")
    return {
        "threshold": to_probability(long),
        "threshold_short": to_probability(short),
        "n_examples": int(fitted_on.sum()),
        "n_translated": int(y[fitted_on].sum()),
        "evidence": {"features": list(FEATURES), **evidence.stored},
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


def list_worst(proposed: Proposed, scores: NDArray[np.float64], x: NDArray[np.float64]) -> None:
    """Print the false pairs that score highest."""
    for at in np.argsort(np.where(proposed.is_translated, -99, scores))[::-1][:15].tolist():
        print(f"    {scores[at]:.2f} {proposed.kinds[at]} {proposed.ids[at].tolist()} {np.round(x[at], 2).tolist()}")


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
