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
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

REPO = Path(__file__).parent.parent
sys.path.insert(0, str(REPO))

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from benchmarks.embedding_cache import RememberingEncoder
from benchmarks.translated_corpora import DATA, KINDS, Copier, Text, in_split, load
from dedup.model import Article
from dedup.translated import ANCHORS_ALONE, Calibration, Encoder, MultilingualUse
from dedup.translated.anchors import find_anchors
from dedup.translated.evidence import FEATURES
from dedup.translated.search import Search

OUT = REPO / "dedup" / "data" / "calibration"
HOW: dict[str, dict[str, float]] = {
    "meaning": {"floor": 0.45, "anchor_bonus": 0.15, "skip_cost": 0.04, "min_run": 0.2},
    ANCHORS_ALONE: {"floor": 0.2, "anchor_bonus": 0.0, "skip_cost": 0.02, "min_run": 0.2},
}
THRESHOLDS = {"meaning": (0.9, 0.985), ANCHORS_ALONE: (0.985, 0.995)}  # and where few sentences align
N_OTHERS = 1_200  # German articles that nobody translated, chosen by hash


class Example(NamedTuple):
    """A pair of parts that was proposed, how it aligns, and whether it is one text."""

    features: dict[str, NDArray[np.float64]]
    is_translated: bool
    languages: tuple[str, str]
    group: str
    kind: str
    ids: tuple[str, str]


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
    n = len(FEATURES)
    return Calibration(
        **how,
        means=np.zeros(n),
        scales=np.ones(n),
        weights=np.zeros(n + n * (n + 1) // 2),
        bias=9.0,
        threshold=0.5,
        threshold_short=0.5,
    )


def examples(encoder: Encoder, kind: str, split: str) -> Iterator[Example]:
    """Align every pair that blocking proposes, both ways, and say what it is."""
    texts = {text.id: text for text in corpus_of(kind, split)}
    search = Search(
        to_articles(list(texts.values())),
        encoder=encoder,
        calibration=blank(HOW["meaning"]),
        anchors_calibration=blank(HOW[ANCHORS_ALONE]),
        vectors={},
        max_sentences=64,
        repeated_articles=5,
        progress=lambda *_: None,
    )
    pairs = search.candidates(window_days=14, per_article=3, min_share=0.05)
    search._read_sentences(pairs)
    search._crop(pairs)
    for a, b in pairs.tolist():
        if not search.is_hopeful(a, b):
            continue
        first, second = (texts[search.articles[search.parts[part].row].id] for part in (a, b))
        is_translated = truth_of(first, second)
        if is_translated is None:
            continue
        languages = (search.parts[a].language, search.parts[b].language)
        features = {ANCHORS_ALONE: search.align_anchors(a, b).features}
        if encoder.languages.issuperset(languages):
            features["meaning"] = search.align_meaning(a, b).features
        group = first.story or first.document
        yield Example(features, is_translated, languages, group, kind, (first.id, second.id))


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


def is_doubtful(example: Example) -> bool:
    """Tell of two texts of one semeval story that follow each other sentence by sentence: their raters did not ask.

    They are agency copy in two languages, or block pages ("we recorded a huge amount of connections"). Neither is
    learned as what is no translation.
    """
    features = dict(zip(FEATURES, example.features.get("meaning", example.features[ANCHORS_ALONE]), strict=True))
    is_of_semeval = all(name.startswith("semeval/") for name in example.ids)
    follows = features["covered_less"] >= 0.5 and features["sharpness"] >= 0.2
    return is_of_semeval and not example.is_translated and bool(follows)


def fit(rows: Sequence[Example], mode: str) -> tuple[dict[str, Any], NDArray[np.float64]]:
    """Fit one regression; return what ships, and what each example scores while its document is left out."""
    x = np.stack([row.features[mode] for row in rows])
    y = np.array([row.is_translated for row in rows])
    groups = np.array([row.group for row in rows])
    model = make_pipeline(
        StandardScaler(), PolynomialFeatures(2, include_bias=False), LogisticRegression(C=0.05, max_iter=5000)
    )
    left_out = cross_val_predict(model, x, y, groups=groups, cv=GroupKFold(5), method="decision_function")
    model.fit(x, y)
    scaler, regression = model[0], model[2]
    stored = {
        "features": list(FEATURES),
        **HOW[mode],
        "means": [round(float(v), 6) for v in scaler.mean_],
        "scales": [round(float(v), 6) for v in scaler.scale_],
        "weights": [round(float(v), 6) for v in regression.coef_[0]],
        "bias": round(float(regression.intercept_[0]), 6),
        "threshold": THRESHOLDS[mode][0],
        "threshold_short": THRESHOLDS[mode][1],
        "n_examples": len(y),
        "n_translated": int(y.sum()),
    }
    return stored, left_out


def describe(rows: Sequence[Example], scores: NDArray[np.float64], mode: str) -> None:
    """Print the recall of each kind at several thresholds, with the false links."""
    y = np.array([row.is_translated for row in rows])
    kinds = np.array([row.kind for row in rows])
    print(f"{mode}: {len(y)} pairs, {y.sum()} translated")
    for p in (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995):
        found = scores >= np.log(p / (1 - p))
        shares = "  ".join(
            f"{kind} {np.mean(found[y & (kinds == kind)]):.4f}" for kind in KINDS if (y & (kinds == kind)).any()
        )
        print(f"  p >= {p}: {shares}; false {int((found & ~y).sum())}")
    worst = np.argsort(np.where(y, -99, scores))[::-1][:12]
    for at in worst.tolist():
        print(f"    {scores[at]:.2f} {rows[at].kind} {rows[at].ids} {np.round(rows[at].features[mode], 2).tolist()}")


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
    rows = [row for kind in KINDS for row in examples(encoder, kind, "calibrate")]
    doubtful = [row for row in rows if is_doubtful(row)]
    print(f"{len(rows)} pairs; {len(doubtful)} doubtful ones left out: {sorted(row.ids for row in doubtful)}")
    rows = [row for row in rows if not is_doubtful(row)]
    for mode, name in (("meaning", encoder.name), (ANCHORS_ALONE, ANCHORS_ALONE)):
        of_mode = [row for row in rows if mode in row.features]
        stored, scores = fit(of_mode, mode)
        describe(of_mode, scores, mode)
        if not only_report:
            (out / f"{name}.json").write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


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
