"""Pairs of rows -> overlaps and matches, measured and judged by the workers.

Pairs are cut into *batches* of texts that belong together. Which batches want an article is broadcast; each batch gets
its articles once, and is measured and judged as a corpus of its own (`parts.Part`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark import RDD

from dedup.distributed import columns
from dedup.distributed.components import find_components
from dedup.distributed.dealing import deal, work_on_each
from dedup.distributed.recipes import Recipe
from dedup.distributed.table import Table, map_articles
from dedup.kernels import components as kernels
from dedup.model import Match
from dedup.pairs import order_by_block
from dedup.verify import Overlaps, put_in_order

_TEXTS_A_BATCH = 2_000  # some 6 MB to send
_MOST_PAIRS = 100_000_000  # that the driver unites by itself, in some seconds
T = TypeVar("T")


class Sent(NamedTuple):
    """Articles on their way to a batch, and their rows."""

    rows: NDArray[np.int64]
    articles: pa.RecordBatch


class Verifier:
    """Works on pairs of rows of one table.

    Parameters
    ----------
    table : Table
    recipe : Recipe
        What each worker makes of its articles.
    """

    def __init__(self, table: Table, recipe: Recipe) -> None:
        self._table = table
        self._recipe = table.spark.sparkContext.broadcast(recipe)

    def sift(self, pairs: NDArray[np.int64], caution: float) -> tuple[NDArray[np.bool_], Overlaps]:
        """Tell which pairs would be proposed, were it not for crowds: bool[n]; and count what those share."""
        parts = [
            (numbers[is_likely], overlaps)
            for numbers, (is_likely, overlaps) in self._run(pairs, lambda part, some: part.sift(some, caution))
        ]
        told = np.zeros(len(pairs), dtype=np.bool_)
        for numbers, _ in parts:
            told[numbers] = True
        return told, put_in_order(parts)

    def measure(self, pairs: NDArray[np.int64]) -> Overlaps:
        """Count what pairs share, exactly."""
        return put_in_order(self._run(pairs, lambda part, some: part.measure(some)))

    def match(self, pairs: NDArray[np.int64]) -> list[Match]:
        """Judge pairs and tell their relations; sorted by (a, b)."""
        found = [match for _, matches in self._run(pairs, lambda part, some: part.match(some)) for match in matches]
        return sorted(found, key=lambda match: (match.a, match.b))

    def components(self, n: int, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
        """Name each of n rows after the smallest row that it hangs together with: int64[n]."""
        if len(pairs) <= _MOST_PAIRS:
            return kernels.find_components(n, pairs)
        edges = pa.table({"a": pa.array(pairs[:, 0]), "b": pa.array(pairs[:, 1])})
        found = find_components(self._table.spark.createDataFrame(edges)).toArrow()
        names = np.arange(n)
        names[found.column("node").to_numpy()] = found.column("name").to_numpy()
        return names

    def _run(
        self, pairs: NDArray[np.int64], work: Callable[[Any, NDArray[np.int64]], T]
    ) -> list[tuple[NDArray[np.int64], T]]:
        """Do some work on all pairs, batch by batch: the numbers of the pairs, and what is found."""
        if not len(pairs):
            return []
        order = order_by_block(pairs, self._table.sizes)
        bounds = kernels.cut_batches(len(self._table), pairs[order], _TEXTS_A_BATCH)
        batches = [(numbers, pairs[numbers]) for numbers in np.split(order, bounds[1:-1])]
        sent = deal(_send(self._table, [of_batch for _, of_batch in batches]), 1 + len(batches))
        worker = _worker(self._table.spark.sparkContext.broadcast(batches), self._recipe, work)
        return work_on_each(sent, worker).collect()


def _send(table: Table, batches: list[NDArray[np.int64]]) -> RDD[tuple[int, Sent]]:
    """Send every article to the batches that want it; the first has number 1."""
    rows_of = [np.unique(pairs) for pairs in batches]
    wanted, of = np.concatenate(rows_of), np.repeat(np.arange(len(rows_of)), [len(rows) for rows in rows_of])
    by_row = np.argsort(wanted, kind="stable")
    lists = table.spark.sparkContext.broadcast((wanted[by_row], of[by_row]))

    def send(rows: NDArray[np.int64], batch: pa.RecordBatch) -> Iterable[tuple[int, Sent]]:
        wanted, numbers = lists.value
        first, last = (np.searchsorted(wanted, rows, side=side) for side in ("left", "right"))
        places = np.repeat(np.arange(len(rows)), last - first)
        numbers = np.concatenate([numbers[start:end] for start, end in zip(first.tolist(), last.tolist(), strict=True)])
        order = np.argsort(numbers, kind="stable")
        distinct, starts = np.unique(numbers[order], return_index=True)
        for number, some in zip(distinct.tolist(), np.split(places[order], starts[1:]), strict=False):
            yield 1 + number, Sent(rows[some], columns.take(batch, some))

    return map_articles(table, send)


def _worker(
    batches: Any, recipe: Any, work: Callable[[Any, NDArray[np.int64]], T]
) -> Callable[[int, list[Sent]], Iterable[tuple[NDArray[np.int64], T]]]:
    def run(number: int, sent: list[Sent]) -> Iterable[tuple[NDArray[np.int64], T]]:
        numbers, pairs = batches.value[number - 1]
        rows = np.concatenate([some.rows for some in sent])
        order = np.argsort(rows)
        articles = columns.take(pa.concat_batches([some.articles for some in sent]), order)
        yield numbers, work(recipe.value.part(articles), np.searchsorted(rows[order], pairs))

    return run
