"""polars: nothing but its expressions. Words, shingles, an inverted index as a join, shared shingles as a group-by.

Shingles of more than `MAX_ARTICLES` articles are left out on both sides of the ratio: the join would be quadratic.
"""

# mypy: disable-error-code="import-not-found"

from __future__ import annotations

import numpy as np
import polars as pl

from benchmarks.peers.measure import Answer, Options, measure
from benchmarks.peers.shingles import SHINGLE_WORDS

MAX_ARTICLES = 100


def find(texts: list[str], options: Options) -> Answer:
    """Count the shared shingles of every pair."""
    word = pl.col("text").str.to_lowercase().str.extract_all(r"[\p{L}\p{N}]+").alias("word")
    words = pl.LazyFrame({"text": texts}).with_row_index("row").select("row", word).explode("word")
    hashed = words.select("row", pl.col("word").hash())
    following = [pl.col("word").shift(-i).alias(f"word{i}") for i in range(1, SHINGLE_WORDS)]
    is_whole = pl.col("row") == pl.col("row").shift(1 - SHINGLE_WORDS)
    shingles = hashed.with_columns(*following, is_whole.alias("is_whole")).filter("is_whole")
    key = pl.struct("word", *(f"word{i}" for i in range(1, SHINGLE_WORDS))).hash().alias("shingle")
    held = shingles.select("row", key).unique().collect()
    held = held.with_columns(pl.len().over("shingle").cast(pl.UInt32).alias("n")).filter(pl.col("n") <= MAX_ARTICLES)
    sizes = held.group_by("row").agg(pl.len().alias("size"))
    shared_by_several = held.filter(pl.col("n") > 1).select("shingle", "row").lazy()
    pairs = (
        shared_by_several.join(shared_by_several, on="shingle", suffix="_b")
        .filter(pl.col("row") < pl.col("row_b"))
        .group_by("row", "row_b")
        .agg(pl.len().alias("shared"))
        .join(sizes.lazy(), on="row")
        .join(sizes.lazy(), left_on="row_b", right_on="row", suffix="_b")
        .filter(pl.col("shared") >= options.threshold * (pl.col("size") + pl.col("size_b") - pl.col("shared")))
        .select("row", "row_b")
        .collect()
    )
    return Answer("pairs", pairs.to_numpy().astype(np.int64))


if __name__ == "__main__":
    measure(find, "polars")
