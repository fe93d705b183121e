"""Duplicates -> CSV and Parquet: one row a match, the same columns in both.

CSV is for people and their spreadsheets: UTF-8 with a byte order mark (without it Excel reads a table of Arabic or
Japanese titles as Windows-1252), shares rounded to four places, formulas defused. Parquet is for programs: typed and
exact.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from dedup.model import Article, Cluster, Duplicates, Match, Passage
from dedup.report.atomic import replacing
from dedup.report.lookups import article_of, clusters_of_matches
from dedup.report.wording import encodable, iso, utc

_TIME = pa.timestamp("us", tz="UTC")
_COLUMNS: Mapping[str, pa.DataType] = {
    "cluster": pa.string(),  # null: the two articles are in no cluster together
    "a": pa.string(),
    "b": pa.string(),
    "kind": pa.string(),
    "relation": pa.string(),
    "jaccard": pa.float64(),
    "a_in_b": pa.float64(),
    "b_in_a": pa.float64(),
    "probability": pa.float64(),
    "n_passages": pa.int64(),
    "a_shared_characters": pa.int64(),
    "b_shared_characters": pa.int64(),
    "a_source": pa.string(),
    "b_source": pa.string(),
    "a_title": pa.string(),
    "b_title": pa.string(),
    "a_url": pa.string(),
    "b_url": pa.string(),
    "a_published": _TIME,
    "b_published": _TIME,
    "a_first_seen": _TIME,
    "b_first_seen": _TIME,
    "a_language": pa.string(),
    "b_language": pa.string(),
    "origin": pa.string(),  # of the cluster; null: unknown
    "confidence": pa.float64(),
}

_OF_ARTICLE = ("source", "title", "url", "published", "first_seen", "language")

# At the start of a cell a spreadsheet takes these for a formula; also after a character that it may take for the end of
# a cell or row (Excel splits at ";" where the comma is the decimal sign, whatever the quotes say), and behind what it
# drops: LibreOffice reads " =1+1" as a formula.
_ENDS = ";\t\r\n"
_DROPPED = r"\s\0-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060\ufeff"
_FORMULA = re.compile(rf"\A(?=[\t\r\n])|(?:\A|(?<![;{_DROPPED}]))[;{_DROPPED}]*+(?=[=+\-@＝＋－＠])")


def write_csv(duplicates: Duplicates, path: Path, *, title: str = "") -> Path:
    """Write one row a match as CSV.

    Cells that a spreadsheet would take for a formula are prefixed by ``'``. Dates are ISO 8601 in UTC. Shared
    characters are those of the article's text that any passage covers.

    Parameters
    ----------
    duplicates : Duplicates
        What was found.
    path : Path
        Replaced whole; its folders are made.
    title : str
        Accepted so that all writers are called alike; CSV has no place for it.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    CorpusError
        A match or cluster names an article that is not there, or a date has no time zone.
    OSError
        The file cannot be written.
    """
    with replacing(path) as draft, draft.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        for row in _rows(duplicates):
            writer.writerow([_cell(row[name], name) for name in _COLUMNS])
    return path


def write_parquet(duplicates: Duplicates, path: Path, *, title: str = "") -> Path:
    """Write one row a match as Parquet: the columns of `write_csv`, typed; nothing rounded, nothing prefixed.

    Parameters
    ----------
    duplicates : Duplicates
        What was found.
    path : Path
        Replaced whole; its folders are made.
    title : str
        Kept in the file's metadata under ``title``.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    CorpusError
        A match or cluster names an article that is not there, or a date has no time zone.
    OSError
        The file cannot be written.
    """
    columns: dict[str, list[Any]] = {name: [] for name in _COLUMNS}
    for row in _rows(duplicates):
        for name, values in columns.items():
            values.append(row[name])
    schema = pa.schema(_COLUMNS.items(), metadata={"title": encodable(title)} if title else None)
    with replacing(path) as draft:
        pq.write_table(pa.table(columns, schema=schema), draft, compression="zstd")
    return path


def _rows(duplicates: Duplicates) -> Iterator[dict[str, Any]]:
    of_articles: dict[str, list[Any]] = {}  # most stand in several rows
    for match, cluster in zip(duplicates.matches, clusters_of_matches(duplicates), strict=True):
        for key in (match.a, match.b):
            if key not in of_articles:
                of_articles[key] = list(_of_article(article_of(duplicates, key)))
        yield _row(match, cluster, of_articles[match.a], of_articles[match.b])


def _of_article(article: Article) -> Iterator[Any]:
    for name in _OF_ARTICLE:
        value = getattr(article, name)
        if isinstance(value, datetime):
            value = utc(value, f"{name} of article {article.id!r}")
        yield encodable(value) if isinstance(value, str) else value


def _row(match: Match, cluster: Cluster | None, of_a: Sequence[Any], of_b: Sequence[Any]) -> dict[str, Any]:
    origin = cluster.attribution.origin if cluster else None
    row: dict[str, Any] = {
        "cluster": encodable(cluster.id) if cluster else None,
        "a": encodable(match.a),
        "b": encodable(match.b),
        "kind": match.kind,
        "relation": match.relation,
        "jaccard": match.jaccard,
        "a_in_b": match.a_in_b,
        "b_in_a": match.b_in_a,
        "probability": match.probability,
        "n_passages": len(match.passages),
        "origin": origin and encodable(origin),
        "confidence": cluster.attribution.confidence if cluster else None,
    }
    for side, values in (("a", of_a), ("b", of_b)):
        row[f"{side}_shared_characters"] = _covered(match.passages, side)
        row |= {f"{side}_{name}": value for name, value in zip(_OF_ARTICLE, values, strict=True)}
    return row


def _covered(passages: tuple[Passage, ...], side: str) -> int:
    """Count the characters under the passages of one side; where they overlap, once."""
    n_covered, reached = 0, 0
    for start, end in sorted((getattr(p, f"{side}_start"), getattr(p, f"{side}_end")) for p in passages):
        n_covered += max(0, end - max(start, reached))
        reached = max(reached, end)
    return n_covered


@lru_cache(maxsize=10_000)  # rows are sorted, and one article stands in many
def _defused(text: str) -> str:
    return _FORMULA.sub(_defuse, text)


def _defuse(match: re.Match[str]) -> str:
    begins_a_cell = match.start() == 0 or any(end in match[0] for end in _ENDS)
    return f"{match[0]}'" if begins_a_cell else match[0]


def _cell(value: Any, name: str) -> Any:
    if isinstance(value, str):
        return _defused(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, datetime):
        return iso(value, name)
    return value
