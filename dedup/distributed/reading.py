"""Parquet or JSON lines -> rows of articles, read by the workers with the very readers of `ingest.files`.

A file is cut into *splits*: row groups of Parquet, stretches of bytes of JSON lines. The number of its first row in the
corpus, and of its first line, are known of each split before it is read. Every worker must be able to open the path
under the same name: a mounted share or bucket.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
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

    @property
    def is_parquet(self) -> bool:
        """Whether it is a row group."""
        return self.path.lower().endswith(".parquet")


class Size(NamedTuple):
    """How many rows and lines a split has."""

    n_rows: int
    n_lines: int


def list_splits(path: Path, spark: SparkSession) -> list[Split]:
    """Cut a file, or the files of a folder in the order of their names, into splits.

    Raises
    ------
    CorpusError
        No such file, or none that this engine reads.
    """
    sizes: dict[Split, Size | None] = {}
    for file in _list_files(path):
        sizes |= _cut(file, spark.sparkContext.defaultParallelism)
    unknown = [split for split, size in sizes.items() if size is None]
    if unknown:
        measured = spark.sparkContext.parallelize(unknown, len(unknown)).map(measure_split).collect()
        sizes |= dict(zip(unknown, measured, strict=True))
    placed, row, line, file_read = [], 0, 1, ""
    for split, size in sizes.items():
        line, file_read = (line if split.path == file_read else 1), split.path
        placed.append(split._replace(first_row=row, first_line=line))
        n_rows, n_lines = size or Size(0, 0)
        row, line = row + n_rows, line + n_lines
    return placed


def measure_split(split: Split) -> Size:
    """Count the rows and the lines of a stretch; what cannot be read to its end counts as far as it goes."""
    n_rows = n_lines = 0
    try:
        for line in _lines_of(split):
            n_lines += 1
            n_rows += bool(line.strip())
    except (OSError, EOFError):
        n_rows += 1  # the row that names the error
    return Size(n_rows, n_lines)


def read_split(split: Split) -> Iterator[tuple[int, Article | Skip | CorpusError]]:
    """Read a split: the number of each row, and the article, why it is none, or why the rest cannot be read."""
    reader = _read_rows if split.is_parquet else _read_lines
    number = split.first_row
    try:
        for row in reader(split):
            yield number, read_row(row, number)  # type: ignore[arg-type]
            number += 1
    except CorpusError as error:
        yield number, error


@contextmanager
def open_parquet(path: str | Path) -> Iterator[pq.ParquetFile]:
    """Open a Parquet file; errors while it is read are those of the corpus."""
    try:
        with pq.ParquetFile(path) as file:
            yield file
    except (pa.ArrowException, OSError) as error:
        raise CorpusError(f"{path}: cannot be read as Parquet: {error}") from error


def _list_files(path: Path) -> list[Path]:
    if not path.exists():
        raise CorpusError(f"{path}: no such file or folder")
    files = sorted(file for file in path.iterdir() if _is_readable(file)) if path.is_dir() else [path]
    if not files or not _is_readable(files[0]):
        raise CorpusError(f"{path}: the Spark engine reads {', '.join(_READABLE)}, or a folder of them")
    return files


def _is_readable(file: Path) -> bool:
    return file.name.lower().endswith(_READABLE)


def _cut(file: Path, n_workers: int) -> dict[Split, Size | None]:
    """Cut a file; the sizes of row groups are written in it, those of stretches have to be counted."""
    if file.name.lower().endswith(".parquet"):
        with open_parquet(file) as opened:
            groups = (opened.metadata.row_group(number) for number in range(opened.num_row_groups))
            return {Split(str(file), n, n + 1): Size(group.num_rows, 0) for n, group in enumerate(groups)}
    size = file.stat().st_size
    if file.suffix.lower() == ".gz":
        return {Split(str(file), 0, size): None}
    step = max(_LEAST_BYTES, min(_SPLIT_BYTES, size // (2 * n_workers) + 1))
    return {Split(str(file), first, min(first + step, size)): None for first in range(0, size, step)}


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
    with open_parquet(split.path) as file:
        for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE, row_groups=[split.first]):
            yield from batch.to_pylist()
