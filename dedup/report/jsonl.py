"""Duplicates <-> JSON lines: one object a line, whose ``type`` is cluster, match, article, skip, alone, passage origin.

The lines hold everything but the spans masked as boilerplate: what `read_jsonl` gives back equals what `write_jsonl`
was given. Metadata is passed through; a value that JSON cannot hold is written as a string, a tuple as a list, a set as
a sorted list.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args

import numpy as np

from dedup.errors import CorpusError
from dedup.model import (
    Alone,
    Alternative,
    Article,
    Attribution,
    Clue,
    Cluster,
    Duplicates,
    Licence,
    Link,
    Match,
    MatchKind,
    Passage,
    PassageOrigin,
    Relation,
    Skip,
    TextOrigin,
)
from dedup.report.atomic import replacing
from dedup.report.wording import iso

_NOUNS: Mapping[str, type[Any]] = {
    "cluster": Cluster,
    "match": Match,
    "article": Article,
    "skip": Skip,
    "alone": Alone,
    "passage origin": PassageOrigin,
}
_AS_THEY_ARE = frozenset((str, float, int, bool, type(None)))
_MAX_DEPTH = 20  # levels of metadata; what lies deeper becomes a string, so that no input exhausts the stack


def write_jsonl(duplicates: Duplicates, path: Path, *, title: str = "") -> Path:
    """Write every cluster, match, article, skip and the rest, one JSON object a line, in this order.

    Parameters
    ----------
    duplicates : Duplicates
        What was found.
    path : Path
        Replaced whole; its folders are made.
    title : str
        Accepted so that all writers are called alike; JSON lines have no place for it.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    CorpusError
        A date without a time zone.
    OSError
        The file cannot be written.
    """
    with replacing(path) as draft, draft.open("wb") as lines:
        lines.writelines(_lines(duplicates))
    return path


def read_jsonl(path: Path) -> Duplicates:
    """Read back what `write_jsonl` wrote.

    Raises
    ------
    CorpusError
        The file cannot be read, or a line of it is not as `write_jsonl` writes it; names the line.
    """
    found: dict[str, list[Any]] = {kind: [] for kind in _NOUNS}
    articles: dict[str, Article] = {}
    try:
        with path.open(encoding="utf-8", newline="\n") as lines:
            for number, line in enumerate(lines, start=1):
                if not line.strip():
                    continue
                try:
                    kind, noun = _parse(line)
                    if kind == "article" and noun.id in articles:
                        raise ValueError(f"second article with id {noun.id!r}; ids must be unique")
                except (ValueError, RecursionError) as error:
                    raise CorpusError(f"{path}, line {number}: {error}") from error
                if kind == "article":
                    articles[noun.id] = noun
                else:
                    found[kind].append(noun)
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: cannot be read as JSON lines: {error}") from error
    return Duplicates(
        articles=MappingProxyType(articles),
        matches=tuple(found["match"]),
        clusters=tuple(found["cluster"]),
        skips=tuple(found["skip"]),
        alone=tuple(found["alone"]),
        stitched=tuple(found["passage origin"]),
    )


def _lines(duplicates: Duplicates) -> Iterator[bytes]:
    everything = (
        duplicates.clusters,
        duplicates.matches,
        duplicates.articles.values(),
        duplicates.skips,
        duplicates.alone,
        duplicates.stitched,
    )
    for kind, nouns in zip(_NOUNS, everything, strict=True):
        for noun in nouns:
            record = {"type": kind, **plain(noun)}
            try:
                yield json.dumps(record, ensure_ascii=False).encode() + b"\n"
            except UnicodeEncodeError:  # lone surrogates: UTF-8 cannot hold them, JSON's escapes can
                yield json.dumps(record).encode() + b"\n"


def plain(noun: Any) -> dict[str, Any]:
    """Give a noun as JSON can hold it: an object of its fields, dates as ISO 8601."""
    record: dict[str, Any] = {}
    kind: Any = type(noun)
    for name in _names_of(kind):
        value = getattr(noun, name)
        if type(value) in _AS_THEY_ARE:
            pass
        elif isinstance(value, datetime):
            value = iso(value, f"{name} of article {getattr(noun, 'id', '')!r}")
        elif is_dataclass(value):
            value = plain(value)
        elif isinstance(value, tuple):
            value = [plain(item) if is_dataclass(item) else item for item in value]
        elif isinstance(value, Mapping):
            value = _plain(value)
        record[name] = value
    return record


@cache
def _names_of(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _plain(value: Any, depth: int = 0) -> Any:
    """Turn a value of the metadata into what JSON holds."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if depth > _MAX_DEPTH:
        return str(value)
    if isinstance(value, Mapping):
        return {key: _plain(item, depth + 1) for key, item in sorted((str(k), v) for k, v in value.items())}
    if isinstance(value, (list, tuple)):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((_plain(item, depth + 1) for item in value), key=str)
    if isinstance(value, (np.ndarray, np.number, np.bool_)):
        return _plain(value.tolist(), depth + 1)
    return str(value)


def _parse(line: str) -> tuple[str, Any]:
    record = json.loads(line)
    kind = record.pop("type", None) if isinstance(record, dict) else None
    if not isinstance(kind, str) or kind not in _NOUNS:
        raise ValueError(f"type is {kind!r}; it must be one of {', '.join(_NOUNS)}")
    return kind, _noun(_NOUNS[kind], record)


def _noun(noun: type[Any], record: Any) -> Any:
    """Make a noun of the model from a JSON object; every value is checked against the type its field states."""
    if not isinstance(record, dict):
        raise ValueError(f"{record!r} is no {noun.__name__}; it must be an object")
    known = {f.name: f for f in fields(noun)}
    if unknown := sorted(record.keys() - known.keys()):
        raise ValueError(f"{noun.__name__} has no {unknown[0]!r}; its fields are {', '.join(known)}")
    for f in known.values():
        if f.name not in record and f.default is MISSING and f.default_factory is MISSING:
            raise ValueError(f"{noun.__name__} without {f.name!r}")
    return noun(**{name: _VALUES[str(known[name].type)](name, value) for name, value in record.items()})


_Reader = Callable[[str, Any], Any]


def _one_of(wanted: str, *types: type) -> _Reader:
    def read(name: str, value: Any) -> Any:
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            raise ValueError(f"{name} is {value!r}; it must be {wanted}")
        return value

    return read


def _number(name: str, value: Any) -> float:
    number: float = _one_of("a number", int, float)(name, value)
    if not math.isfinite(number):
        raise ValueError(f"{name} is {value!r}; it must be finite")
    return number


def _choice(values: tuple[str, ...]) -> _Reader:
    def read(name: str, value: Any) -> Any:
        if value not in values:
            raise ValueError(f"{name} is {value!r}; it must be one of {', '.join(values)}")
        return value

    return read


def _many(read_one: _Reader) -> _Reader:
    return lambda name, values: tuple(read_one(name, value) for value in _one_of("a list", list)(name, values))


def _nested(noun: type[Any]) -> _Reader:
    return lambda name, record: _noun(noun, record)


def _moment(name: str, value: Any) -> datetime | None:
    if value is None:
        return None
    moment = datetime.fromisoformat(_one_of("an ISO 8601 date", str)(name, value))
    if moment.tzinfo is None:
        raise ValueError(f"{name} is {value!r}; it must end in Z or an offset")
    return moment


_TEXT = _one_of("a string", str)


def _texts_by_name(name: str, value: Any) -> Mapping[str, str]:
    return {key: _TEXT(name, text) for key, text in _one_of("an object", dict)(name, value).items()}


_VALUES: Mapping[str, _Reader] = {  # by the annotation that model.py writes at the field
    "str": _TEXT,
    "str | None": _one_of("a string or null", str, type(None)),
    "int": _one_of("a whole number", int),
    "float": _number,
    "bool": _one_of("true or false", bool),
    "datetime | None": _moment,
    "MatchKind": _choice(get_args(MatchKind)),
    "Relation": _choice(get_args(Relation)),
    "TextOrigin": _choice(get_args(TextOrigin)),
    "tuple[str, ...]": _many(_TEXT),
    "tuple[Passage, ...]": _many(_nested(Passage)),
    "tuple[Clue, ...]": _many(_nested(Clue)),
    "tuple[Alternative, ...]": _many(_nested(Alternative)),
    "tuple[Link, ...]": _many(_nested(Link)),
    "Licence": _choice(get_args(Licence)),
    "Attribution": _nested(Attribution),
    "Mapping[str, str]": _texts_by_name,
    "Mapping[str, Any]": _one_of("an object", dict),
}
