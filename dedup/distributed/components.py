"""Edges -> connected components, where neither a worker nor the driver holds all edges.

Alternating large-star and small-star (Kiveris, Lattanzi, Mirrokni, Rastogi and Vassilvitskii 2014, "Connected
Components in MapReduce and Beyond", section 3): large-star hangs the larger neighbours of each node to its smallest,
small-star the smaller ones and the node itself. Neither takes two nodes apart or together, and after some turns, about
the logarithm squared of the longest path, every node hangs to the smallest of its component, and nothing changes.
"""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - as all of Spark's users write it


def find_components(edges: DataFrame) -> DataFrame:
    """Name each node after the smallest that it hangs together with.

    Parameters
    ----------
    edges : DataFrame
        Columns ``a`` and ``b``, nodes as numbers; either way round, more than once, or to themselves.

    Returns
    -------
    DataFrame
        Columns ``node`` and ``name``; every node of an edge once. Kept where the workers are: nothing is worked out
        again when it is read.
    """
    both = edges.select(F.col("a").cast("long"), F.col("b").cast("long"))
    nodes = both.select(F.col("a").alias("node")).union(both.select(F.col("b").alias("node"))).distinct()
    stars = both.filter("a <> b").distinct().localCheckpoint()
    before = None
    while (now := _state(stars)) != before:
        before = now
        stars = _small_star(_large_star(stars)).localCheckpoint()
    named = nodes.join(stars.withColumnRenamed("a", "node"), "node", "left")
    return named.select("node", F.coalesce("b", "node").alias("name")).localCheckpoint()


def _large_star(edges: DataFrame) -> DataFrame:
    """Hang the larger neighbours of each node to the smallest of its neighbours and itself."""
    there_and_back = edges.union(edges.select(F.col("b").alias("a"), F.col("a").alias("b"))).distinct()
    smallest = there_and_back.groupBy("a").agg(F.least(F.min("b"), F.col("a")).alias("least"))
    larger = there_and_back.filter("b > a").join(smallest, "a")
    return larger.select(F.col("b").alias("a"), F.col("least").alias("b")).distinct()


def _small_star(edges: DataFrame) -> DataFrame:
    """Hang the smaller neighbours of each node, and the node, to the smallest of them."""
    down = edges.select(F.greatest("a", "b").alias("a"), F.least("a", "b").alias("b")).distinct()
    smallest = down.groupBy("a").agg(F.min("b").alias("least"))
    neighbours = down.join(smallest, "a").select(F.col("b").alias("a"), F.col("least").alias("b"))
    return neighbours.union(smallest.select("a", F.col("least").alias("b"))).filter("a <> b").distinct()


def _state(edges: DataFrame) -> tuple[int, int]:
    """Tell one set of edges from another: how many there are, and the sum of their hashes."""
    found = edges.agg(F.count("*"), F.sum(F.xxhash64("a", "b").cast("decimal(38,0)"))).first()
    return (int(found[0]), int(found[1] or 0)) if found else (0, 0)
