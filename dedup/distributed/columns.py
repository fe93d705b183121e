"""Articles <-> record batches, in which Spark's workers hold them and hand them on, many at a time.

Spark carries these, and arrays, as pickled bytes that it never looks into: the JVM moves few large values, and the
kernels get arrays, and texts where they lie. Texts travel as UTF-8 with lone surrogates, whose order is that of the
str. A batch for `find_pairs` has no column ``rest``: it asks for nothing but texts.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import fields
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dedup.model import Article
from dedup.settings import Settings

_REST = tuple(f.name for f in fields(Article) if f.name not in ("id", "text"))
_MAPPINGS = ("metadata", "provenance")


def to_bytes(text: str) -> bytes:
    """Give a text as UTF-8; lone surrogates are kept."""
    return text.encode("utf-8", "surrogatepass")


def to_text(encoded: bytes) -> str:
    """Read what `to_bytes` wrote."""
    return encoded.decode("utf-8", "surrogatepass")


def pack_texts(numbers: Sequence[int], articles: Sequence[Article]) -> pa.RecordBatch:
    """Write articles as columns: ``number`` in the corpus, ``id`` and ``text``."""
    ids, texts = ([to_bytes(getattr(article, name)) for article in articles] for name in ("id", "text"))
    return batch_of(pa.array(numbers, pa.int64()), pa.array(ids, pa.large_binary()), pa.array(texts, pa.large_binary()))


def pack_all(numbers: Sequence[int], articles: Sequence[Article]) -> pa.RecordBatch:
    """Write articles as columns, all other fields as ``rest``."""
    rest = pa.array([_pack_rest(article) for article in articles], pa.large_binary())
    return pack_texts(numbers, articles).append_column("rest", rest)


def batch_of(numbers: pa.Array, ids: pa.Array, texts: pa.Array) -> pa.RecordBatch:
    """Put columns side by side: int64, and large binaries."""
    return pa.RecordBatch.from_arrays([numbers, ids, texts], ["number", "id", "text"])


def unpack_all(batch: pa.RecordBatch) -> list[Article]:
    """Read what `pack_all` wrote; only a worker of the same run has written it."""
    packed = (batch.column(name).to_pylist() for name in ("id", "text", "rest"))
    return [_unpack(*values) for values in zip(*packed, strict=True)]


def texts_of(batch: pa.RecordBatch) -> pa.LargeStringArray:
    """Give the texts as `TextBuffer` takes them, where they lie."""
    return batch.column("text").view(pa.large_string())


def take(batch: pa.RecordBatch, places: NDArray[np.int64]) -> pa.RecordBatch:
    """Give some articles of a batch. A slice would do, but it is pickled with all that it is a slice of."""
    return batch.take(pa.array(places))


def _pack_rest(article: Article) -> bytes:
    values = {name: getattr(article, name) for name in _REST}
    return pickle.dumps(values | {name: dict(values[name]) for name in _MAPPINGS})


def _unpack(article_id: bytes, text: bytes, rest: bytes) -> Article:
    values = pickle.loads(rest)  # noqa: S301
    values |= {name: MappingProxyType(values[name]) for name in _MAPPINGS}
    return Article(id=to_text(article_id), text=to_text(text), **values)


def plain_settings(settings: Settings) -> Mapping[str, Any]:
    """Give settings as what can be sent to a worker: ``Settings(**plain)`` are the same."""
    values = {f.name: getattr(settings, f.name) for f in fields(settings)}
    return {name: dict(value) if isinstance(value, Mapping) else value for name, value in values.items()}
