"""rensa, rho pipeline: the one its own benchmark shows. Says which articles have a copy, not of what."""

# mypy: disable-error-code="import-not-found"

from __future__ import annotations

import numpy as np
from rensa import RMinHash, RMinHashLSH

from benchmarks.peers.measure import Answer, Options, measure
from benchmarks.peers.shingles import shingle

NUM_PERM, N_BANDS = 128, 8  # as in its own benchmark


def find(texts: list[str], options: Options) -> Answer:
    """Sketch and flag in two bulk calls."""
    matrix = RMinHash.digest_matrix_from_token_sets_rho([shingle(text) for text in texts], NUM_PERM, 42)
    lsh = RMinHashLSH(options.threshold, NUM_PERM, N_BANDS)
    return Answer("flags", np.array(lsh.query_duplicate_flags_matrix_one_shot(matrix), dtype=bool))


if __name__ == "__main__":
    measure(find, "rensa")
