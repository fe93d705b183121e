"""Rows of articles -> the corpus as Spark holds it, and the little that the driver knows of each article.

An article is known to the workers by its number in the corpus, to the stages by its row: its place among all ids. Which
row a number is, is broadcast, 8 bytes an article. Rows that are no articles, and second articles of one id, have none.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dedup.distributed import columns
from dedup.distributed.batches import KNOWN, ROWS_AT_ONCE, Read, are_columns, read_articles, read_texts
from dedup.distributed.reading import list_splits
from dedup.errors import ArticleError, CorpusError
from dedup.model import Article, Skip
from dedup.pipeline import OnError

if TYPE_CHECKING:
    from pyspark import RDD
    from pyspark.sql import SparkSession

T = TypeVar("T")
Work: TypeAlias = Callable[[NDArray[np.int64], pa.RecordBatch], Iterable[T]]


@dataclass(frozen=True, slots=True)
class Table:
    """A corpus that has been read.

    Parameters
    ----------
    spark : SparkSession
    held : RDD of Read
        By the workers, in memory or on disk.
    row_of : int64[n_numbers]
        The row of each number in the corpus; -1 for none.
    ids, publishers : list of str
        Of each row.
    days : int64[n]
        Day of publication of each row; -1 where unknown.
    sizes : int64[n]
        Of each text, in characters; in bytes where texts alone are read.
    skips : tuple of Skip
        Rows that are no articles.
    """

    spark: SparkSession
    held: RDD[Read]
    row_of: NDArray[np.int64]
    ids: list[str]
    publishers: list[str]
    days: NDArray[np.int64]
    sizes: NDArray[np.int64]
    skips: tuple[Skip, ...]

    def __len__(self) -> int:
        return len(self.ids)

    def fetch(self, rows: NDArray[np.int64]) -> dict[int, Article]:
        """Give some articles by row."""
        wanted = self.spark.sparkContext.broadcast(np.unique(rows))

        def find(rows: NDArray[np.int64], batch: pa.RecordBatch) -> Iterator[tuple[NDArray[np.int64], pa.RecordBatch]]:
            places = np.flatnonzero(np.isin(rows, wanted.value))
            if len(places):
                yield rows[places], columns.take(batch, places)

        found = map_articles(self, find).collect()
        return {
            row: article
            for rows, batch in found
            for row, article in zip(rows.tolist(), columns.unpack_all(batch), strict=True)
        }


def read_table(
    spark: SparkSession, path: Path, *, owners: Mapping[str, str], on_error: OnError, only_texts: bool = False
) -> Table:
    """Read a corpus.

    Parameters
    ----------
    spark : SparkSession
    path : Path
    owners : Mapping[str, str]
        As in `Settings`.
    on_error : {"raise", "skip"}
    only_texts : bool
        Read no other fields: publishers and days are unknown, and not all rows that are no articles are named.

    Raises
    ------
    CorpusError
        It cannot be read.
    ArticleError
        A bad row, under ``on_error="raise"``: the first one.
    """
    from pyspark import StorageLevel

    splits = list_splits(path, spark)
    reader = read_texts if only_texts else read_articles(dict(owners))
    held = spark.sparkContext.parallelize(splits, max(1, len(splits))).flatMap(reader)
    if len(splits) < 2 * spark.sparkContext.defaultParallelism:
        held = held.keyBy(_place_of).partitionBy(2 * spark.sparkContext.defaultParallelism, int).values()
    # texts that lie on this machine as columns are read again in less time than the JVM takes to hand them back
    if not (only_texts and str(spark.sparkContext.master).startswith("local") and are_columns(splits)):
        held = held.persist(StorageLevel.MEMORY_AND_DISK)
    known = pa.Table.from_batches(held.map(attrgetter("known")).collect(), KNOWN).sort_by("number")
    numbers, ids, publishers, refused = (
        known.column(name).to_pylist() for name in ("number", "id", "publisher", "refused")
    )
    skips: list[Skip] = []
    first: dict[bytes, int] = {}
    for place, number in enumerate(numbers):
        if refused[place] is not None:
            reason = pickle.loads(refused[place])  # noqa: S301 - a worker of this run has written it
            if isinstance(reason, CorpusError):
                raise reason
            skips.append(reason)
        elif ids[place] in first:
            name = columns.to_text(ids[place])
            skips.append(Skip(number, name, "duplicate id", f"{name!r} was there before; ids must be unique"))
        else:
            first[ids[place]] = place
            continue
        if on_error == "raise":
            raise ArticleError(skips[-1].row, skips[-1].reason, skips[-1].detail)
    order = [place for _, place in sorted(first.items())]
    row_of = np.full(numbers[-1] + 1 if numbers else 0, -1, dtype=np.int64)
    row_of[[numbers[place] for place in order]] = np.arange(len(order))
    return Table(
        spark,
        held,
        row_of,
        [columns.to_text(ids[place]) for place in order],
        [columns.to_text(publishers[place]) for place in order],
        known.column("day").to_numpy()[order].astype(np.int64),
        known.column("size").to_numpy()[order].astype(np.int64),
        tuple(skips),
    )


def by_number(table: Table) -> Table:
    """Give the same table, whose rows are the numbers in the corpus: those of skipped rows are left empty."""
    n = len(table.row_of)
    numbers = np.flatnonzero(table.row_of >= 0)
    rows = table.row_of[numbers]
    ids, publishers = [""] * n, [""] * n
    for number, row in zip(numbers.tolist(), rows.tolist(), strict=True):
        ids[number], publishers[number] = table.ids[row], table.publishers[row]
    days, sizes = np.full(n, -1, dtype=np.int64), np.zeros(n, dtype=np.int64)
    days[numbers], sizes[numbers] = table.days[rows], table.sizes[rows]
    row_of = np.where(table.row_of >= 0, np.arange(n), -1)
    return replace(table, row_of=row_of, ids=ids, publishers=publishers, days=days, sizes=sizes)


def map_articles(table: Table, work: Work[T]) -> RDD[T]:
    """Do some work on all articles, on many at a time.

    Parameters
    ----------
    table : Table
    work : callable
        Rows, ascending, and their articles -> what comes of them.
    """
    row_of = table.spark.sparkContext.broadcast(table.row_of)

    def run(read: Read) -> Iterable[T]:
        batch = read.articles
        rows = row_of.value[batch.column("number").to_numpy()]
        order = np.argsort(rows, kind="stable")
        order = order[rows[order] >= 0]
        return work(rows[order], columns.take(batch, order)) if len(order) else ()

    return table.held.flatMap(run)


def _place_of(read: Read) -> int:
    """Tell batches apart, so that they can be dealt out."""
    number: int = read.known.column("number")[0].as_py()
    return number // ROWS_AT_ONCE
