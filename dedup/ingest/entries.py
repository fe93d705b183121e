"""Entry <-> JSON, so that an entry whose page failed tonight can be finished another night."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime
from hashlib import blake2b
from types import MappingProxyType

from dedup.ingest.feeds import Entry

_DATES = ("published", "updated")


def entry_to_json(entry: Entry) -> str:
    """Write an entry as one JSON object, keys sorted."""
    values = {field.name: getattr(entry, field.name) for field in fields(Entry)}
    for name in _DATES:
        values[name] = values[name].isoformat() if values[name] else None
    values["provenance"] = dict(values["provenance"])
    return json.dumps(values, sort_keys=True)


def entry_from_json(text: str) -> Entry:
    """Read an entry written by `entry_to_json`."""
    values = json.loads(text)
    for name in _DATES:
        values[name] = datetime.fromisoformat(values[name]) if values[name] else None
    values["provenance"] = MappingProxyType(values["provenance"])
    return Entry(**values)


def entry_digest(entry: Entry) -> str:
    """Hash what a reader would see of an entry: another digest means that the publisher changed it."""
    seen = json.dumps([entry.title, entry.content_html, entry.summary_html, entry.updated_raw])
    return blake2b(seen.encode(), digest_size=16).hexdigest()
