"""Parquet or JSON lines -> rows of articles, read by the workers with the very readers of `ingest.files`.

A file is cut into *splits*: row groups of Parquet, stretches of bytes of JSON lines. The number of its first row in the
corpus, and of its first line, are known of each split before it is read. Every worker must be able to open the path
under the same name: a mounted share or bucket.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from itertools import accumulate
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from dedup.errors import CorpusError
from dedup.ingest.files import parse_json_line, read_row
from dedup.model import Article, Skip

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_LINES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
_READABLE = (*_LINES, ".parquet")
_SPLIT_BYTES = 16_000_000  # of JSON lines, at most
_LEAST_BYTES = 64_000
_ROWS_AT_ONCE = 4_096


class Split(NamedTuple):
    """A piece of a file that one worker reads.

    Parameters
    ----------
    path : str
    first, last : int
        Bytes in which its lines begin, half open; of Parquet, the row group and the next. Compressed lines are one
        split.
    first_row, first_line : int
        Number in the corpus of its first row; number in the file of its first line, from 1.
    """

    path: str
    first: int
    last: int
    first_row: int = 0
    first_line: int = 1


def list_splits(path: Path, spark: SparkSession) -> list[Split]:
    """Cut a file, or the files of a folder in the order of their names, into splits.

    Raises
    ------
    CorpusError
        No such file, or none that this engine reads.
    """
    splits = [split for file in _list_files(path) for split in _cut(file, spark.sparkContext.defaultParallelism)]
    sizes = spark.sparkContext.parallelize(splits, max(1, len(splits))).map(measure_split).collect()
    rows = accumulate((n_rows for n_rows, _ in sizes), initial=0)
    placed, line, file = [], 1, ""
    for split, first_row, (_, n_lines) in zip(splits, rows, sizes, strict=False):
        line, file = (line if split.path == file else 1), split.path
        placed.append(split._replace(first_row=first_row, first_line=line))
        line += n_lines
    return placed


def measure_split(split: Split) -> tuple[int, int]:
    """Count the rows and the lines of a split; what cannot be read to its end counts as far as it goes."""
    if split.path.lower().endswith(".parquet"):
        with pq.ParquetFile(split.path) as file:
            return file.metadata.row_group(split.first).num_rows, 0
    n_rows = n_lines = 0
    try:
        for line in _lines_of(split):
            n_lines += 1
            n_rows += bool(line.strip())
    except (OSError, EOFError):
        n_rows += 1  # the row that names the error
    return n_rows, n_lines


def read_split(split: Split) -> Iterator[tuple[int, Article | Skip | CorpusError]]:
    """Read a split: the number of each row, and the article, why it is none, or why the rest cannot be read."""
    reader = _read_rows if split.path.lower().endswith(".parquet") else _read_lines
    number = split.first_row
    try:
        for row in reader(split):
            yield number, read_row(row, number)  # type: ignore[arg-type]
            number += 1
    except CorpusError as error:
        yield number, error


def _list_files(path: Path) -> list[Path]:
    if not path.exists():
        raise CorpusError(f"{path}: no such file or folder")
    files = sorted(file for file in path.iterdir() if _is_readable(file)) if path.is_dir() else [path]
    if not files or not _is_readable(files[0]):
        raise CorpusError(f"{path}: the Spark engine reads {', '.join(_READABLE)}, or a folder of them")
    return files


def _is_readable(file: Path) -> bool:
    return file.name.lower().endswith(_READABLE)


def _cut(file: Path, n_workers: int) -> list[Split]:
    if file.name.lower().endswith(".parquet"):
        try:
            with pq.ParquetFile(file) as opened:
                return [Split(str(file), number, number + 1) for number in range(opened.num_row_groups)]
        except (pa.ArrowException, OSError) as error:
            raise CorpusError(f"{file}: cannot be read as Parquet: {error}") from error
    size = file.stat().st_size
    if file.suffix.lower() == ".gz":
        return [Split(str(file), 0, size)]
    step = max(_LEAST_BYTES, min(_SPLIT_BYTES, size // (2 * n_workers) + 1))
    return [Split(str(file), first, min(first + step, size)) for first in range(0, size, step)]


def _lines_of(split: Split) -> Iterator[bytes]:
    """Give the lines that begin in a split."""
    if split.path.lower().endswith(".gz"):
        with gzip.open(split.path) as packed:
            yield from packed
        return
    with Path(split.path).open("rb") as file:
        yield from _lines_from(file, split)


def _lines_from(file: IO[bytes], split: Split) -> Iterator[bytes]:
    if split.first:
        file.seek(split.first - 1)
        file.readline()  # the end of a line that began before
    while file.tell() < split.last and (line := file.readline()):
        yield line


def _read_lines(split: Split) -> Iterator[object]:
    try:
        for number, line in enumerate(_lines_of(split), start=split.first_line):
            if line.strip():
                yield parse_json_line(line.strip(), number)
    except (OSError, EOFError) as error:
        raise CorpusError(f"{split.path}: cannot be read to its end: {error}") from error


def _read_rows(split: Split) -> Iterable[object]:
    try:
        with pq.ParquetFile(split.path) as file:
            for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE, row_groups=[split.first]):
                yield from batch.to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise CorpusError(f"{split.path}: cannot be read as Parquet: {error}") from error
