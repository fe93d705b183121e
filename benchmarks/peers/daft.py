"""daft: its `normalize` and `minhash` expressions, then bands exploded and grouped in its engine, then the estimate."""

# mypy: disable-error-code="import-not-found"

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import Any

import daft
import numpy as np
import pyarrow as pa
from daft import col
from daft.functions import chunk, list_agg, minhash, normalize
from numpy.typing import NDArray

from benchmarks.peers.candidates import confirm
from benchmarks.peers.measure import Answer, Options, measure
from benchmarks.peers.shingles import SHINGLE_WORDS

N_BANDS, BAND_SIZE = 25, 5
NUM_PERM = N_BANDS * BAND_SIZE


def find(texts: list[str], options: Options) -> Answer:
    """Sketch in one expression; group the rows by (band, its positions), as its guide to deduplication does."""
    frame = daft.from_pydict({"row": np.arange(len(texts)), "text": pa.array(texts, pa.large_string())})
    clean = normalize(col("text"), remove_punct=True, lowercase=True, nfd_unicode=True, white_space=True)
    sketch = minhash(clean, num_hashes=NUM_PERM, ngram_size=SHINGLE_WORDS, seed=42, hash_function="xxhash")
    signed = frame.select(col("row"), sketch.alias("signature")).collect()
    bands = signed.select(
        col("row"), daft.lit(list(range(N_BANDS))).alias("band"), chunk(col("signature"), BAND_SIZE).alias("positions")
    )
    buckets = bands.explode("band", "positions").with_column("key", col("positions").hash())
    groups = buckets.groupby("band", "key").agg(list_agg(col("row")).alias("rows")).to_arrow()["rows"].to_pylist()
    return Answer(
        "pairs", confirm(pairs_of(groups), signatures_of(signed), options.threshold), {"bands": [N_BANDS, BAND_SIZE]}
    )


def pairs_of(groups: Iterable[list[int]]) -> NDArray[np.int64]:
    """Pairs of rows that share a bucket, lower row first."""
    pairs = [pair for group in groups if len(group) > 1 for pair in combinations(sorted(group), 2)]
    return np.unique(np.array(pairs, dtype=np.int64).reshape(-1, 2), axis=0)


def signatures_of(signed: Any) -> NDArray[np.uint32]:
    """The signatures as a matrix in row order."""
    table = signed.to_arrow()
    flat = np.concatenate([part.flatten().to_numpy() for part in table["signature"].chunks])
    return np.asarray(flat.reshape(-1, NUM_PERM)[np.argsort(table["row"].to_numpy())])


if __name__ == "__main__":
    measure(find, "daft")
