"""Articles and what is found of them <-> records of a shelf."""

from __future__ import annotations

import pickle
from dataclasses import fields
from types import MappingProxyType
from typing import Any

from dedup.model import Article

_FIELDS = tuple(f.name for f in fields(Article))
_MAPPINGS = tuple(_FIELDS.index(name) for name in ("provenance", "metadata"))


def pack_article(article: Article) -> bytes:
    """Write an article."""
    values: list[Any] = [getattr(article, name) for name in _FIELDS]
    for place in _MAPPINGS:
        values[place] = dict(values[place])
    return pickle.dumps(values)


def unpack_article(record: bytes) -> Article:
    """Read what `pack_article` wrote."""
    values = unpack(record)
    for place in _MAPPINGS:
        values[place] = MappingProxyType(values[place])
    return Article(**dict(zip(_FIELDS, values, strict=True)))


def pack(noun: object) -> bytes:
    """Write anything else that is found."""
    return pickle.dumps(noun)


def unpack(record: bytes) -> Any:
    """Read what `pack` wrote: records are this run's own."""
    return pickle.loads(record)  # noqa: S301
