"""rensa, full-set R-MinHash: all tokens in one call, `RMinHashLSH`, then its estimate."""

# mypy: disable-error-code="import-not-found"

from __future__ import annotations

import numpy as np
from rensa import RMinHash, RMinHashLSH

from benchmarks.peers.candidates import confirm, rows_from_lists
from benchmarks.peers.measure import Answer, Options, measure
from benchmarks.peers.shingles import shingle

NUM_PERM = 128
N_BANDS = 32  # of 4 positions


def find(texts: list[str], options: Options) -> Answer:
    """Sketch, insert and query in bulk calls."""
    minhashes = RMinHash.from_token_sets([shingle(text) for text in texts], NUM_PERM, 42)
    lsh = RMinHashLSH(options.threshold, NUM_PERM, N_BANDS)
    lsh.insert_many(minhashes)
    rows = rows_from_lists(lsh.query_all(minhashes))
    signatures = np.array([minhash.digest() for minhash in minhashes], dtype=np.uint32)
    return Answer("pairs", confirm(rows, signatures, options.threshold), {"bands": [N_BANDS, NUM_PERM // N_BANDS]})


if __name__ == "__main__":
    measure(find, "rensa")
