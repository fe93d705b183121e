"""Splits -> texts as columns, for `find_pairs`, which asks for nothing else.

Of Parquet whose columns have such types that no row is refused for them, ids and texts are read as they lie, and no
article is made. All else is read row by row, as for `find_duplicates`. Either way the same rows are articles.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.distributed import columns
from dedup.distributed.reading import Split, open_parquet
from dedup.ingest.files import names_of
from dedup.kernels.buffers import chunk_bounds
from dedup.model import Article

_DATES = ("published", "first_seen")
_MAPPINGS = ("metadata", "provenance")


class Names(NamedTuple):
    """The columns that hold texts and ids; without ids, articles are named by their numbers."""

    text: str
    id: str | None


def find_names(schema: pa.Schema) -> Names | None:
    """Find the columns to be read; None: rows have to be read one by one, since some may be refused or name two."""
    if len(set(schema.names)) < len(schema.names):
        return None
    present = {f.name: [name for name in names_of(f.name) if name in schema.names] for f in fields(Article)}
    is_plain = all(_is_plain(field, schema.field(name).type) for field, names in present.items() for name in names)
    if not is_plain or len(present["text"]) != 1 or len(present["id"]) > 1:
        return None
    return Names(present["text"][0], present["id"][0] if present["id"] else None)


def _is_plain(field: str, kind: pa.DataType) -> bool:
    """Tell whether any value of this type will do for a field."""
    if field in _MAPPINGS:
        return False
    return (
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or (field in _DATES and pa.types.is_timestamp(kind))
        or (field == "id" and pa.types.is_integer(kind))
    )


def read_columns(split: Split, names: Names) -> Iterator[pa.RecordBatch]:
    """Read the articles of a row group as `columns.pack_texts` writes them."""
    number = split.first_row
    with open_parquet(split.path) as file:
        wanted = [name for name in names if name is not None]
        for read in file.iter_batches(row_groups=[split.first], columns=wanted):
            numbers = pa.array(np.arange(number, number + len(read)))
            number += len(read)
            yield from _cut(_articles_of(numbers, read, names))


def _articles_of(numbers: pa.Array, read: pa.RecordBatch, names: Names) -> pa.RecordBatch:
    """Give the rows that are articles: they have a text, and no empty id."""
    texts, ids = pc.fill_null(read.column(names.text), ""), pc.cast(numbers, pa.large_string())
    if names.id is not None:
        ids = pc.coalesce(pc.cast(read.column(names.id), pa.large_string()), ids)
    is_blank = pc.or_(pc.equal(pc.binary_length(texts), 0), pc.utf8_is_space(texts))
    is_article = pc.and_not(pc.greater(pc.binary_length(ids), 0), is_blank)
    as_bytes = (pc.cast(pc.cast(column, pa.large_string()), pa.large_binary()) for column in (ids, texts))
    return columns.batch_of(numbers, *as_bytes).filter(is_article)


def _cut(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Cut a batch into pieces of a chunk's size."""
    for first, last in chunk_bounds(pc.binary_length(batch.column("text")).to_numpy()):
        yield columns.take(batch, np.arange(first, last))
