"""Rows of articles -> the corpus as Spark holds it, and the little that the driver knows of each article.

An article is known to the workers by its number in the corpus, to the stages by its row: its place among all ids. Which
row a number is, is broadcast, 8 bytes an article. Rows that are no articles, and second articles of one id, have none.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dedup.corpus import day_of
from dedup.distributed import columns
from dedup.distributed.columns import Batches
from dedup.distributed.reading import Split, list_splits, read_split
from dedup.errors import ArticleError, CorpusError
from dedup.model import Article, Skip
from dedup.owners import publishers_of
from dedup.pipeline import OnError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_ROWS_AT_ONCE = 1_000
_READ = columns.schema_of(
    number=pa.int64(),
    id=pa.binary(),
    text=pa.binary(),
    rest=pa.binary(),
    publisher=pa.binary(),
    day=pa.int64(),
    size=pa.int64(),
    refused=pa.binary(),
)
_WITH_ROW = columns.schema_of(row=pa.int64(), id=pa.binary(), text=pa.binary(), rest=pa.binary())


@dataclass(frozen=True, slots=True)
class Table:
    """A corpus that has been read.

    Parameters
    ----------
    spark : SparkSession
    frame : DataFrame
        Columns as `columns.ARTICLES`; kept, in memory or on disk.
    row_of : int64[n_numbers]
        The row of each number in the corpus; -1 for none.
    ids, publishers : list of str
        Of each row.
    days : int64[n]
        Day of publication of each row; -1 where unknown.
    sizes : int64[n]
        Of each text, in characters.
    skips : tuple of Skip
        Rows that are no articles.
    """

    spark: SparkSession
    frame: DataFrame
    row_of: NDArray[np.int64]
    ids: list[str]
    publishers: list[str]
    days: NDArray[np.int64]
    sizes: NDArray[np.int64]
    skips: tuple[Skip, ...]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def n_partitions(self) -> int:
        """How many pieces the workers hold."""
        return int(self.frame.rdd.getNumPartitions())

    def fetch(self, rows: NDArray[np.int64]) -> dict[int, Article]:
        """Give some articles by row."""
        numbers = np.flatnonzero(np.isin(self.row_of, rows)) if len(rows) else rows
        wanted = self.spark.createDataFrame(pa.table({"number": pa.array(numbers, pa.int64())}))
        found = self.frame.join(wanted.hint("broadcast"), "number", "left_semi").toArrow()
        rows_found = self.row_of[found.column("number").to_numpy()].tolist()
        return dict(zip(rows_found, columns.unpack_all(found), strict=True))


def read_table(spark: SparkSession, path: Path, *, owners: Mapping[str, str], on_error: OnError) -> Table:
    """Read a corpus.

    Raises
    ------
    CorpusError
        It cannot be read.
    ArticleError
        A bad row, under ``on_error="raise"``: the first one.
    """
    from pyspark import StorageLevel

    splits = list_splits(path, spark)
    n_splits = max(1, len(splits))
    frame = spark.range(0, n_splits, 1, n_splits).mapInArrow(_reader(splits, dict(owners)), columns.ddl(_READ))
    if n_splits < 2 * spark.sparkContext.defaultParallelism:
        frame = frame.repartition(2 * spark.sparkContext.defaultParallelism, "number")
    frame = frame.persist(StorageLevel.MEMORY_AND_DISK)
    known = frame.select("number", "id", "publisher", "day", "size", "refused").toArrow().sort_by("number")
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
        frame.select("number", "id", "text", "rest"),
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


def _reader(splits: list[Split], owners: dict[str, str]) -> Callable[[Batches], Batches]:
    def read(batches: Batches) -> Batches:
        for batch in batches:
            for place in batch.column(0).to_pylist():
                if place >= len(splits):
                    continue
                rows: list[tuple[Any, ...]] = []
                for number, row in read_split(splits[place]):
                    rows.append(_to_columns(number, row, owners))
                    if len(rows) == _ROWS_AT_ONCE:
                        yield columns.record(_READ, rows)
                        rows = []
                yield columns.record(_READ, rows)

    return read


def _to_columns(number: int, row: Article | Skip | CorpusError, owners: Mapping[str, str]) -> tuple[Any, ...]:
    if not isinstance(row, Article):
        return number, b"", b"", b"", b"", -1, 0, pickle.dumps(row)
    (publisher,) = publishers_of([row], owners=owners)
    return (number, *columns.pack(row), columns.to_bytes(publisher), day_of(row), len(row.text), None)


def map_articles(
    table: Table, work: Callable[[NDArray[np.int64], list[Article]], Iterable[pa.RecordBatch]], schema: pa.Schema
) -> DataFrame:
    """Do some work on all articles, on many at a time.

    Parameters
    ----------
    table : Table
    work : callable
        Rows, ascending, and their articles -> batches.
    schema : Schema
        Of these.
    """
    row_of = table.spark.sparkContext.broadcast(table.row_of)

    def run(batches: Batches) -> Batches:
        for batch in batches:
            rows = row_of.value[batch.column(0).to_numpy()]
            order = np.argsort(rows, kind="stable")
            order = order[rows[order] >= 0]
            kept = batch.take(pa.array(order))
            if kept.num_rows:
                yield from work(rows[order], columns.unpack_all(kept))

    return table.frame.mapInArrow(run, columns.ddl(schema))
