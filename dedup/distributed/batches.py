"""A split -> batches of its articles, and what the driver is to know of each row."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from dedup.corpus import day_of
from dedup.distributed import columns
from dedup.distributed.reading import Split, open_parquet, read_split
from dedup.distributed.texts import Names, find_names, read_columns
from dedup.errors import CorpusError
from dedup.model import Article, Skip
from dedup.owners import publishers_of

_CHARACTERS_AT_ONCE = 16_000_000  # of texts, unless one alone is longer
ROWS_AT_ONCE = 1_000  # 3 MB of news
KNOWN = pa.schema(
    [
        ("number", pa.int64()),
        ("id", pa.large_binary()),
        ("publisher", pa.large_binary()),
        ("day", pa.int64()),
        ("size", pa.int64()),
        ("refused", pa.large_binary()),
    ]
)


class Read(NamedTuple):
    """What is read at once.

    Parameters
    ----------
    known : RecordBatch
        `KNOWN` of each row: number in the corpus, id, publisher, day (-1: unknown), size of the text; or why it is no
        article.
    articles : RecordBatch
        Those that are, as `columns` writes them.
    """

    known: pa.RecordBatch
    articles: pa.RecordBatch


def read_articles(owners: Mapping[str, str]) -> Callable[[Split], Iterator[Read]]:
    """Make a reader of articles; `owners` as in `Settings`."""

    def read(split: Split) -> Iterator[Read]:
        return (_of_rows(rows, owners, columns.pack_all) for rows in _cut(read_split(split)))

    return read


def read_texts(split: Split) -> Iterator[Read]:
    """Read texts alone: publishers and days are unknown, and not every row that is no article is named."""
    try:
        names = _find_names(split)
        if names is not None:
            yield from map(_of_texts, read_columns(split, names))
            return
    except CorpusError as error:
        yield _of_rows([(split.first_row, error)], {}, columns.pack_texts)
        return
    yield from (_of_rows(rows, {}, columns.pack_texts) for rows in _cut(read_split(split)))


def are_columns(splits: Iterable[Split]) -> bool:
    """Tell whether the texts of all splits are read as columns."""
    try:
        return all(_find_names(split) for split in {split.path: split for split in splits}.values())
    except CorpusError:
        return False


def _find_names(split: Split) -> Names | None:
    if not split.is_parquet:
        return None
    with open_parquet(split.path) as file:
        return find_names(file.schema_arrow)


def _cut(
    rows: Iterable[tuple[int, Article | Skip | CorpusError]],
) -> Iterator[list[tuple[int, Article | Skip | CorpusError]]]:
    """Cut rows into lists that one batch can hold."""
    some, size = [], 0
    for number, row in rows:
        some.append((number, row))
        size += len(row.text) if isinstance(row, Article) else 0
        if len(some) == ROWS_AT_ONCE or size >= _CHARACTERS_AT_ONCE:
            yield some
            some, size = [], 0
    if some:
        yield some


def _of_rows(
    rows: Sequence[tuple[int, Article | Skip | CorpusError]],
    owners: Mapping[str, str],
    pack: Callable[[Sequence[int], Sequence[Article]], pa.RecordBatch],
) -> Read:
    known = [
        {"number": number, "refused": pickle.dumps(row)}
        if not isinstance(row, Article)
        else {
            "number": number,
            "id": columns.to_bytes(row.id),
            "publisher": columns.to_bytes(publishers_of([row], owners=owners)[0]),
            "day": day_of(row),
            "size": len(row.text),
        }
        for number, row in rows
    ]
    articles = [(number, row) for number, row in rows if isinstance(row, Article)]
    return Read(
        pa.RecordBatch.from_pylist(known, KNOWN), pack([number for number, _ in articles], [row for _, row in articles])
    )


def _of_texts(batch: pa.RecordBatch) -> Read:
    n = len(batch)
    sizes = pc.binary_length(batch.column("text"))
    known = [
        batch.column("number"), batch.column("id"), pa.repeat(pa.scalar(b"", pa.large_binary()), n),
        pa.repeat(-1, n), sizes, pa.nulls(n, pa.large_binary()),
    ]  # fmt: skip
    return Read(pa.RecordBatch.from_arrays(known, schema=KNOWN), batch)
