"""datasketch: `MinHash.generator` over xxhash shingles in worker processes, `MinHashLSH`, then its estimate.

As its documentation advises: a fast hash function, bulk generation with `update_batch`, an insertion session, and the
candidates filtered again. Bands: 25 of 5, which lose nothing above 0.7; with ``--defaults`` those that `MinHashLSH`
itself chooses for the threshold (14 of 9), which are quicker to query and lose more.
"""

# mypy: disable-error-code="import-not-found"

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import xxhash
from datasketch import MinHash, MinHashLSH
from numpy.typing import NDArray

from benchmarks.peers.candidates import confirm, rows_from_lists
from benchmarks.peers.measure import Answer, Options, measure
from benchmarks.peers.shingles import shingle

NUM_PERM = 128
CHUNK_ARTICLES = 1_000


def sign(texts: list[str]) -> NDArray[np.uint32]:
    """Signatures of texts."""
    sets = ([token.encode() for token in shingle(text)] for text in texts)
    hashed = MinHash.generator(sets, num_perm=NUM_PERM, hashfunc=xxhash.xxh32_intdigest)
    return np.stack([minhash.hashvalues for minhash in hashed])


def find(texts: list[str], options: Options) -> Answer:
    """Sign in parallel; insert and query in one process, as its index demands."""
    chunks = [texts[i : i + CHUNK_ARTICLES] for i in range(0, len(texts), CHUNK_ARTICLES)]
    with ProcessPoolExecutor(options.processes, mp_context=get_context("fork")) as pool:
        signatures = np.concatenate(list(pool.map(sign, chunks)))
    params = None if "--defaults" in sys.argv else (25, 5)
    lsh = MinHashLSH(threshold=options.threshold, num_perm=NUM_PERM, params=params)
    minhashes = list(rebuild(signatures))
    with lsh.insertion_session() as session:
        for row, minhash in enumerate(minhashes):
            session.insert(row, minhash, check_duplication=False)
    rows = rows_from_lists(lsh.query(minhash) for minhash in minhashes)
    return Answer("pairs", confirm(rows, signatures, options.threshold), {"bands": [lsh.b, lsh.r]})


def rebuild(signatures: NDArray[np.uint32]) -> Iterator[MinHash]:
    """MinHash objects around signatures that were made in another process."""
    permutations = MinHash(num_perm=NUM_PERM).permutations
    for signature in signatures:
        yield MinHash(hashvalues=signature, permutations=permutations, scheme="affine32")


if __name__ == "__main__":
    measure(find, "datasketch", "xxhash")
