"""polars: nothing but its expressions. Words, shingles, an inverted index as a join, shared shingles as a group-by.

Candidates share shingles that at most `MAX_ARTICLES` articles hold (over all shingles the join would be quadratic); for
them alone, the shingles that more articles hold are counted as well, so that the jaccard is exact.
"""

# mypy: disable-error-code="import-not-found"

from __future__ import annotations

import numpy as np
import polars as pl

from benchmarks.peers.measure import Answer, Options, measure
from benchmarks.peers.shingles import SHINGLE_WORDS

MAX_ARTICLES = 200
CANDIDATE_SHARE = 0.8  # of the threshold that the rarer shingles must reach by themselves


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
    held = held.with_columns(pl.len().over("shingle").alias("n"))
    size = pl.col("row").len().alias("size"), (pl.col("n") <= MAX_ARTICLES).sum().alias("rare_size")
    sizes = held.group_by("row").agg(*size).lazy()
    rare = held.filter(pl.col("n").is_between(2, MAX_ARTICLES)).select("shingle", "row").lazy()
    common = held.filter(pl.col("n") > MAX_ARTICLES).select("shingle", "row").lazy()
    candidates = (
        rare.join(rare, on="shingle", suffix="_b")
        .filter(pl.col("row") < pl.col("row_b"))
        .group_by("row", "row_b")
        .agg(pl.len().alias("shared"))
        .join(sizes, on="row")
        .join(sizes, left_on="row_b", right_on="row", suffix="_b")
        .filter(pl.col("shared") >= CANDIDATE_SHARE * options.threshold * pl.min_horizontal("rare_size", "rare_size_b"))
        .collect()
        .lazy()
    )
    shared_common = (
        candidates.join(common, on="row")
        .join(common, left_on=["row_b", "shingle"], right_on=["row", "shingle"], how="semi")
        .group_by("row", "row_b")
        .agg(pl.len().alias("shared_common"))
    )
    shared = pl.col("shared") + pl.col("shared_common").fill_null(0)
    pairs = (
        candidates.join(shared_common, on=["row", "row_b"], how="left")
        .filter(shared >= options.threshold * (pl.col("size") + pl.col("size_b") - shared))
        .select("row", "row_b")
        .collect()
    )
    return Answer("pairs", pairs.to_numpy().astype(np.int64))


if __name__ == "__main__":
    measure(find, "polars")
