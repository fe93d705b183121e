"""Arrays and articles <-> the columns in which Spark carries them.

Arrays travel as bytes: a row of a frame holds the numbers of many articles, so that Spark moves few large rows and the
kernels get arrays. Texts travel as UTF-8 with lone surrogates, whose order is that of the str.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dedup.model import Article
from dedup.settings import Settings

Batches: TypeAlias = Iterator[pa.RecordBatch]

ARTICLES = "number long, id binary, text binary, rest binary"  # the rest: all other fields

_REST = tuple(f.name for f in fields(Article) if f.name not in ("id", "text"))
_MAPPINGS = ("metadata", "provenance")


def to_bytes(text: str) -> bytes:
    """Give a text as UTF-8; lone surrogates are kept."""
    return text.encode("utf-8", "surrogatepass")


def to_text(encoded: bytes) -> str:
    """Read what `to_bytes` wrote."""
    return encoded.decode("utf-8", "surrogatepass")


def to_array(packed: bytes, dtype: Any) -> NDArray[Any]:
    """Read the bytes of an array of one dimension; the kernels are compiled for arrays that can be written."""
    return np.frombuffer(packed, dtype=dtype).copy()


def pack(article: Article) -> tuple[bytes, bytes, bytes]:
    """Write an article: id, text and the rest."""
    values = {name: getattr(article, name) for name in _REST}
    values |= {name: dict(values[name]) for name in _MAPPINGS}
    return to_bytes(article.id), to_bytes(article.text), pickle.dumps(values)


def unpack(article_id: bytes, text: bytes, rest: bytes) -> Article:
    """Read an article; only a worker of the same run has written it."""
    values = pickle.loads(rest)  # noqa: S301
    values |= {name: MappingProxyType(values[name]) for name in _MAPPINGS}
    return Article(id=to_text(article_id), text=to_text(text), **values)


def unpack_all(packed: pa.RecordBatch | pa.Table) -> list[Article]:
    """Read the articles of columns ``id``, ``text`` and ``rest``."""
    columns = (packed.column(name).to_pylist() for name in ("id", "text", "rest"))
    return [unpack(*values) for values in zip(*columns, strict=True)]


def plain_settings(settings: Settings) -> Mapping[str, Any]:
    """Give settings as what can be sent to a worker: ``Settings(**plain)`` are the same."""
    values = {f.name: getattr(settings, f.name) for f in fields(settings)}
    return {name: dict(value) if isinstance(value, Mapping) else value for name, value in values.items()}


def record(schema: pa.Schema, rows: Sequence[Sequence[Any]]) -> pa.RecordBatch:
    """Make a batch of rows."""
    columns = zip(*rows, strict=True) if rows else [()] * len(schema)
    return pa.RecordBatch.from_arrays(
        [pa.array(list(column), field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )


def schema_of(**columns: pa.DataType) -> pa.Schema:
    """Name the columns of a batch."""
    return pa.schema(list(columns.items()))


def ddl(schema: pa.Schema) -> str:
    """Write a schema as Spark reads it."""
    names = {pa.int64(): "long", pa.int32(): "int", pa.binary(): "binary"}
    return ", ".join(f"{field.name} {names[field.type]}" for field in schema)
