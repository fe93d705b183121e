"""Pairs of rows -> overlaps and matches, measured and judged by the workers.

Pairs are cut into *batches* of texts that belong together. Which batches want an article is broadcast; each batch gets
its articles once, and is measured and judged as a corpus of its own (`parts.Part`).
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.sql import DataFrame

from dedup.distributed import columns
from dedup.distributed.components import find_components
from dedup.distributed.recipes import Recipe
from dedup.distributed.table import Table, map_articles
from dedup.kernels import components as kernels
from dedup.model import Article, Match
from dedup.pairs import order_by_block
from dedup.verify import Overlaps, join_overlaps

_TEXTS_A_BATCH = 2_000  # some 6 MB to send
_MOST_PAIRS = 100_000_000  # that the driver unites by itself, in some seconds
_WANTED = columns.schema_of(batch=pa.int64(), row=pa.int64(), id=pa.binary(), text=pa.binary(), rest=pa.binary())
_FOUND = columns.schema_of(numbers=pa.binary(), found=pa.binary())


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

    def are_candidates(self, pairs: NDArray[np.int64], caution: float) -> NDArray[np.bool_]:
        """Tell which pairs would be proposed, were it not for crowds: bool[n]."""
        told = np.zeros(len(pairs), dtype=np.bool_)
        for numbers, found in self._run(pairs, lambda part, some: part.are_candidates(some, caution)):
            told[numbers] = found
        return told

    def measure(self, pairs: NDArray[np.int64]) -> Overlaps:
        """Count what pairs share, exactly."""
        parts = list(self._run(pairs, lambda part, some: part.measure(some)))
        if not parts:
            nothing = np.empty(0)
            return Overlaps(nothing.astype(np.int64), nothing, nothing, nothing)
        back = np.argsort(np.concatenate([numbers for numbers, _ in parts]))
        return join_overlaps([overlaps for _, overlaps in parts]).keep(back)

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
        self, pairs: NDArray[np.int64], work: Callable[[Any, NDArray[np.int64]], Any]
    ) -> Iterable[tuple[NDArray[np.int64], Any]]:
        """Do some work on all pairs, batch by batch: the numbers of the pairs, and what is found."""
        if not len(pairs):
            return
        order = order_by_block(pairs, self._table.sizes)
        bounds = kernels.cut_batches(len(self._table), pairs[order], _TEXTS_A_BATCH)
        batches = [(numbers, pairs[numbers]) for numbers in np.split(order, bounds[1:-1])]
        frame = _send(self._table, [of_batch for _, of_batch in batches])
        worker = _worker(self._table.spark.sparkContext.broadcast(batches), self._recipe, work)
        found = frame.groupBy("batch").applyInArrow(worker, columns.ddl(_FOUND)).toArrow()
        for numbers, packed in zip(found.column("numbers").to_pylist(), found.column("found").to_pylist(), strict=True):
            yield columns.to_array(numbers, np.int64), pickle.loads(packed)  # noqa: S301 - a worker of this run wrote it


def _send(table: Table, batches: list[NDArray[np.int64]]) -> DataFrame:
    """Send every article to the batches that want it."""
    rows_of = [np.unique(pairs) for pairs in batches]
    wanted, of = np.concatenate(rows_of), np.repeat(np.arange(len(rows_of)), [len(rows) for rows in rows_of])
    by_row = np.argsort(wanted, kind="stable")
    lists = table.spark.sparkContext.broadcast((wanted[by_row], of[by_row]))

    def send(rows: NDArray[np.int64], articles: list[Article]) -> Iterable[pa.RecordBatch]:
        wanted, batches = lists.value
        first, last = (np.searchsorted(wanted, rows, side=side).tolist() for side in ("left", "right"))
        yield columns.record(
            _WANTED,
            [
                (int(batch), row, *columns.pack(article))
                for row, article, start, end in zip(rows.tolist(), articles, first, last, strict=True)
                for batch in batches[start:end]
            ],
        )

    return map_articles(table, send, _WANTED)


def _worker(batches: Any, recipe: Any, work: Callable[[Any, NDArray[np.int64]], Any]) -> Callable[[pa.Table], pa.Table]:
    def run(sent: pa.Table) -> pa.Table:
        sent = sent.sort_by("row")
        numbers, pairs = batches.value[sent.column("batch")[0].as_py()]
        articles = columns.unpack_all(sent)
        places = np.searchsorted(sent.column("row").to_numpy(), pairs)
        found = pickle.dumps(work(recipe.value.part(articles), places))
        return pa.Table.from_batches([columns.record(_FOUND, [(numbers.tobytes(), found)])])

    return run
