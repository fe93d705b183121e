"""FastSketchLSH: one batch of token lists, one matrix into its LSH, one batch of queries, then the estimate.

With ``--prehashed`` the shingles are hashed to 64 bits in worker processes and handed over as one flat array, which its
documentation calls the layout for maximum throughput.
"""

# mypy: disable-error-code="import-not-found"

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import xxhash
from FastSketchLSH import LSH, FastSimilaritySketch
from numpy.typing import NDArray

from benchmarks.peers.candidates import confirm
from benchmarks.peers.measure import Answer, Options, measure
from benchmarks.peers.shingles import shingle

NUM_PERM = 128
N_BANDS = 32  # of 4 positions
CHUNK_ARTICLES = 1_000


def find(texts: list[str], options: Options) -> Answer:
    """Sketch, insert and query in bulk calls."""
    sketcher = FastSimilaritySketch(size=NUM_PERM)
    if "--prehashed" in sys.argv:
        signatures = sketcher.batch_csr(*hash_in_parallel(texts, options.processes), prehashed=True)
    else:
        signatures = sketcher.batch([shingle(text) for text in texts])
    signatures = np.asarray(signatures, dtype=np.uint64)
    lsh = LSH(NUM_PERM, N_BANDS)
    lsh.insert(signatures)
    neighbours, bounds = lsh.query(signatures, format="csr")
    n_neighbours = np.diff(np.asarray(bounds).astype(np.int64)).tolist()
    row = np.repeat(np.arange(len(texts)), n_neighbours)
    rows = np.stack([row, np.asarray(neighbours, dtype=np.int64)], axis=1)
    rows = np.unique(rows[rows[:, 0] < rows[:, 1]], axis=0)
    return Answer("pairs", confirm(rows, signatures, options.threshold), {"bands": [N_BANDS, NUM_PERM // N_BANDS]})


def hash_in_parallel(texts: list[str], processes: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Shingle hashes of all texts in one array, and where each text's begin."""
    chunks = [texts[i : i + CHUNK_ARTICLES] for i in range(0, len(texts), CHUNK_ARTICLES)]
    with ProcessPoolExecutor(processes, mp_context=get_context("fork")) as pool:
        hashes, sizes = zip(*pool.map(hash_shingles, chunks), strict=True)
    bounds = np.concatenate([[0], np.cumsum(np.concatenate(sizes))]).astype(np.uint64)
    return np.concatenate(hashes), bounds


def hash_shingles(texts: list[str]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Shingle hashes of a few texts in one array, and how many each has."""
    sets = [[xxhash.xxh3_64_intdigest(token.encode()) for token in shingle(text)] for text in texts]
    flat = np.fromiter((value for one in sets for value in one), dtype=np.uint64)
    return flat, np.array([len(one) for one in sets])


if __name__ == "__main__":
    measure(find, "FastSketchLSH", "xxhash")
