"""Article <-> JSON, as it lies in the store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from dedup.model import Article

_NAMES = tuple(field.name for field in fields(Article))


def to_json(article: Article) -> str:
    """Write an article as one JSON object, keys sorted."""
    values: dict[str, Any] = {name: getattr(article, name) for name in _NAMES}
    for name, value in values.items():
        if isinstance(value, datetime):
            values[name] = to_text(value)
        elif isinstance(value, Mapping):
            values[name] = dict(value)
    # ASCII: a lone surrogate in a hostile text is kept as an escape; SQLite takes no such thing as UTF-8
    return json.dumps(values, sort_keys=True, default=str)


def from_json(text: str) -> Article:
    """Read an article written by `to_json`."""
    values = json.loads(text)
    for name in ("published", "first_seen"):
        values[name] = datetime.fromisoformat(values[name]) if values[name] else None
    for name in ("provenance", "metadata"):
        values[name] = MappingProxyType(values[name])
    return Article(**values)


def to_text(moment: datetime) -> str:
    """Write a moment as ISO 8601 in UTC, to the microsecond, so that text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
