"""What the two generators see: recall against jaccard, and against containment, for the defaults.

    python -m benchmarks.engine_curves [--docs]

Pairs of generated texts with a known overlap are proposed, or not, by bands and by fingerprints; the share proposed is
printed, and with ``--docs`` drawn into docs/engine-recall.svg (matplotlib comes from the peers' environment).
"""

# mypy: disable-error-code="import-not-found"

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

REPO = Path(__file__).parent.parent
sys.path.insert(0, str(REPO))

from dedup.candidates import find_candidates, lsh_probability
from dedup.kernels.buffers import TextBuffer
from dedup.settings import Settings
from dedup.sketch import sketch_texts
from dedup.verify import measure_pairs

N_PAIRS = 3_000  # per curve
BINS = np.linspace(0, 1, 21)
LENGTHS = (60, 150, 450)  # words
AROUND = 1_000  # words of the text that takes over a passage

Curve = dict[str, list[float]]


def main() -> None:
    """Measure, print, and draw if asked."""
    rng = np.random.default_rng(1)
    found: dict[str, dict[str, Curve]] = {"jaccard": {}, "containment": {}}
    for n_words in LENGTHS:
        for generator in ("bands", "fingerprints"):
            found["jaccard"][f"{generator}, {n_words} words"] = curve(edited_pairs(rng, n_words), generator, "jaccard")
        found["containment"][f"{n_words} words, a part of them in {AROUND:,} others"] = curve(
            taken_pairs(rng, n_words), "fingerprints", "containment"
        )
    found["jaccard"]["bands, by the formula"] = formula()
    print(json.dumps(found, indent=1))
    if "--docs" in sys.argv:
        draw(found)


def write(rng: np.random.Generator, n: int) -> list[str]:
    """Words that no other text has."""
    return [f"w{number}" for number in rng.integers(0, 10**12, n).tolist()]


def edited_pairs(rng: np.random.Generator, n_words: int) -> list[tuple[list[str], list[str]]]:
    """Texts and their copies, with single words replaced here and there."""
    pairs = []
    for _ in range(N_PAIRS):
        text = write(rng, n_words)
        is_edited = rng.random(n_words) < 1 - rng.random() ** 0.2  # even in the share of five-word runs that survive
        fresh = write(rng, n_words)
        pairs.append((text, [new if edited else old for old, new, edited in zip(text, fresh, is_edited, strict=True)]))
    return pairs


def taken_pairs(rng: np.random.Generator, n_words: int) -> list[tuple[list[str], list[str]]]:
    """Texts of which a passage, from nothing to all, stands inside another text."""
    pairs = []
    for _ in range(N_PAIRS):
        text = write(rng, n_words)
        size = int(rng.integers(0, n_words + 1))
        start = int(rng.integers(0, n_words - size + 1))
        at = int(rng.integers(0, AROUND))
        other = write(rng, AROUND)
        pairs.append((text, [*other[:at], *text[start : start + size], *other[at:]]))
    return pairs


def curve(pairs: list[tuple[list[str], list[str]]], generator: str, measure: str) -> Curve:
    """Give the share of pairs that a generator proposes, by the exact jaccard or containment of the pair."""
    set_ = Settings()
    texts = [" ".join(text) for pair in pairs for text in pair]
    sketches = sketch_texts(
        TextBuffer(texts),
        shingle_words=set_.shingle_words,
        num_perm=set_.num_perm if generator == "bands" else 0,
        seed=set_.seed,
        fingerprint_window=set_.fingerprint_window if generator == "fingerprints" else 0,
    )
    proposed = find_candidates(
        sketches,
        rows_per_band=set_.rows_per_band,
        min_shared_fingerprints=set_.min_shared_fingerprints,
        max_articles=set_.max_articles_per_fingerprint,
        threshold=set_.threshold,
    ).pairs
    asked_for = np.arange(2 * len(pairs)).reshape(-1, 2)
    overlaps = measure_pairs(asked_for, sketches.shingles, sketches.offsets)
    value = overlaps.jaccard if measure == "jaccard" else np.maximum(overlaps.a_in_b, overlaps.b_in_a)
    return binned(value, np.isin(asked_for[:, 0], proposed[:, 0]))


def binned(value: NDArray[np.float64], is_proposed: NDArray[np.bool_]) -> Curve:
    """Give the share proposed in each bin that holds 20 pairs or more."""
    which = np.clip(np.digitize(value, BINS) - 1, 0, len(BINS) - 2)
    n = np.bincount(which, minlength=len(BINS) - 1)
    n_proposed = np.bincount(which, weights=is_proposed, minlength=len(BINS) - 1)
    full = np.flatnonzero(n >= 20)
    middle = (BINS[:-1] + BINS[1:]) / 2
    return {"x": middle[full].round(3).tolist(), "y": (n_proposed[full] / n[full]).round(4).tolist()}


def formula() -> Curve:
    """What `lsh_probability` says of the bands."""
    set_ = Settings()
    x = np.linspace(0.01, 1, 50).round(3).tolist()
    y = [lsh_probability(s, num_perm=set_.num_perm, rows_per_band=set_.rows_per_band) for s in x]
    return {"x": x, "y": y}


def draw(found: dict[str, dict[str, Curve]]) -> None:
    """Draw with the peers' interpreter."""
    from benchmarks.environment import prepare_environment

    python, _ = prepare_environment(Path.home() / ".cache" / "dedup-bench" / "peers")
    with tempfile.TemporaryDirectory() as folder:
        figures = Path(folder) / "curves.json"
        figures.write_text(json.dumps(found), encoding="utf-8")
        command = [str(python), "-m", "benchmarks.plot_curves", str(figures), str(REPO / "docs" / "engine-recall.svg")]
        subprocess.run(command, check=True, cwd=REPO)


if __name__ == "__main__":
    main()
