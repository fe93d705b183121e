"""How many pairs do bands and fingerprints propose by chance, and how does that grow with the corpus?

    python -m benchmarks.scale_keys --sizes 10000 30000 100000

Two articles that have nothing to do with each other share a band of r rows with a probability p(r): the mean of s**r
over all pairs, s being their jaccard. An article meets n * b * p(r) others in its b bands, so that n cannot grow for
ever while r stays. p(r) is measured on generated articles that were not copied and have no footers.
"""

from __future__ import annotations

import argparse

import numpy as np
from numpy.typing import NDArray

from benchmarks.corpus import MEDIAN_WORDS
from benchmarks.rare_words import KERNEL_WORDS, OpenWriter
from benchmarks.vocabulary import make_vocabulary
from benchmarks.writing import TYPOGRAPHIC
from dedup import Settings
from dedup.kernels.buffers import TextBuffer
from dedup.model import Sketches
from dedup.sketch import sketch_texts

ROWS = (2, 3, 4, 5, 6)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


def main() -> None:
    """Print what an article meets by chance, by size and rows a band."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 30_000, 100_000], help="articles")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print("| articles | " + " | ".join(f"p({rows})" for rows in ROWS) + " | others that share 3 fingerprints |")
    print("|---" * (len(ROWS) + 2) + "|")
    for size in options.sizes:
        sketches = sketch_strangers(size, options.seed)
        shares = [band_share(sketches, rows) for rows in ROWS]
        met = fingerprints_met(sketches, at_least=3)
        print(
            f"| {len(sketches):,} | " + " | ".join(f"{share:.1e}" for share in shares) + f" | {met:.3f} |", flush=True
        )


def sketch_strangers(n: int, seed: int) -> Sketches:
    """Sketch so many articles of the length of news, with the settings that ship."""
    writer = OpenWriter(make_vocabulary(seed, n_words=KERNEL_WORDS), np.random.default_rng([seed, 7]))
    texts = (writer.print(writer.write(MEDIAN_WORDS), TYPOGRAPHIC) for _ in range(n))
    settings = Settings()
    return sketch_texts(
        TextBuffer(list(texts)),
        shingle_words=settings.shingle_words,
        num_perm=settings.num_perm,
        seed=settings.seed,
        fingerprint_window=settings.fingerprint_window,
        n_threads=1,
    )


def band_share(sketches: Sketches, rows: int) -> float:
    """Give the share of pairs that agree in a band of so many rows, over all bands."""
    signatures = sketches.signatures
    n, n_bands = len(signatures), signatures.shape[1] // rows
    n_pairs = 0
    for band in range(n_bands):
        key = np.zeros(n, dtype=np.uint64)
        for position in range(band * rows, (band + 1) * rows):
            key = (key ^ signatures[:, position]) * _SPREAD
        n_pairs += _pairs_of(np.unique(key, return_counts=True)[1])
    return n_pairs / (n_bands * n * (n - 1) / 2)


def fingerprints_met(sketches: Sketches, *, at_least: int, most: int = 200) -> float:
    """Give how many others an article meets in so many fingerprints, of those that `most` articles share at most."""
    values, offsets = sketches.fingerprints, sketches.fingerprint_offsets
    rows = np.repeat(np.arange(len(sketches)), np.diff(offsets))
    order = np.argsort(values, kind="stable")
    values, rows = values[order], rows[order]
    starts = np.flatnonzero(np.r_[True, values[1:] != values[:-1]])
    sizes = np.diff(np.r_[starts, len(values)])
    keys = [
        _all_pairs(rows[start : start + size], len(sketches))
        for start, size in zip(starts.tolist(), sizes.tolist(), strict=True)
        if 1 < size <= most
    ]
    counts = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *keys]), return_counts=True)[1]
    return 2 * int((counts >= at_least).sum()) / len(sketches)


def _all_pairs(rows: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    first, second = np.triu_indices(len(rows), 1)
    pairs: NDArray[np.int64] = rows[first] * n + rows[second]
    return pairs


def _pairs_of(sizes: NDArray[np.int64]) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


if __name__ == "__main__":
    main()
