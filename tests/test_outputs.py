"""What is written is read back equal by pyarrow and pandas, and documented column by column."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

import feedparser
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet as pq
import pytest

from dedup import Duplicates
from dedup.model import Alternative, Attribution, Clue, Link, Passage
from dedup.report import read_jsonl, write_csv, write_jsonl, write_parquet
from dedup.report.atom import write_feeds
from dedup.report.jsonl import _NOUNS
from dedup.report.tables import _COLUMNS
from dedup.serve.api import openapi
from tests.conftest import REPO
from tests.report_sample import SAMPLE

DOCS = (REPO / "docs" / "outputs.md").read_text(encoding="utf-8")
SHARES = ["jaccard", "a_in_b", "b_in_a", "probability", "confidence"]
TIMES = ["a_published", "b_published", "a_first_seen", "b_first_seen"]


def test_the_columns_are_those_of_the_docs() -> None:
    documented = re.findall(r"^\| `(\w+)` \| (\S.*?) \| \S", DOCS, re.MULTILINE)
    types = {"double": pa.float64(), "int64": pa.int64(), "string": pa.string()}
    time = pa.timestamp("us", tz="UTC")
    assert [(name, types.get(kind, time)) for name, kind in documented] == list(_COLUMNS.items())
    assert {kind for _, kind in documented} - types.keys() == {str(time)}


def test_the_fields_of_json_lines_are_those_of_the_docs() -> None:
    of_type = {
        name: re.findall(r"`(\w+)`", told)
        for name, told in re.findall(r"^\| `([\w ]+)` \| (`id`|`\w+`, .*) \|$", DOCS, re.MULTILINE)
    }
    for name, noun in _NOUNS.items():
        assert of_type[name] == [f.name for f in fields(noun)], name
    inside = {"attribution": Attribution, "alternatives": Alternative, "clues": Clue, "links": Link}
    for name, noun in inside.items():
        assert of_type[name] == [f.name for f in fields(noun)], name
    assert "| `passages`, `names` | " + ", ".join(f"`{f.name}`" for f in fields(Passage)) in DOCS


def test_the_endpoints_are_those_of_the_docs() -> None:
    documented = set(re.findall(r"^\| `(GET|POST) (/api\S*)` \|", DOCS, re.MULTILINE))
    served = {
        (method.upper(), path) for path, methods in openapi(with_token=False)["paths"].items() for method in methods
    }
    assert documented == served


@pytest.fixture(scope="module", params=["sample", "seeds"])
def found(request: pytest.FixtureRequest, seed_duplicates: Duplicates) -> Duplicates:
    return SAMPLE if request.param == "sample" else seed_duplicates


def rows_of(found: Duplicates) -> pd.DataFrame:
    """What the tables must hold, straight from the matches."""
    return pd.DataFrame(
        [
            {"a": m.a, "b": m.b, "jaccard": m.jaccard, "probability": m.probability, "n_passages": len(m.passages)}
            | {f"{s}_title": found.articles[k].title for s, k in (("a", m.a), ("b", m.b))}
            | {f"{s}_published": found.articles[k].published for s, k in (("a", m.a), ("b", m.b))}
            for m in found.matches
        ]
    )


def test_pandas_and_pyarrow_read_the_parquet_equal(found: Duplicates, tmp_path: Path) -> None:
    path = write_parquet(found, tmp_path / "matches.parquet")
    table, frame = pq.read_table(path), pd.read_parquet(path)
    assert table.schema.names == list(_COLUMNS)
    told = rows_of(found)
    for name in told.columns:
        if name.endswith("published"):
            assert (
                list(pd.to_datetime(frame[name], utc=True)) == list(pd.to_datetime(told[name], utc=True))
                or (frame[name].isna() == told[name].isna()).all()
            )
            assert table.column(name).to_pylist() == [None if pd.isna(t) else t for t in told[name]]
        else:
            assert frame[name].tolist() == told[name].tolist() == table.column(name).to_pylist()


def test_pandas_and_pyarrow_read_the_csv_equal(found: Duplicates, tmp_path: Path) -> None:
    exact = pq.read_table(write_parquet(found, tmp_path / "m.parquet"))
    path = write_csv(found, tmp_path / "matches.csv")
    frame = pd.read_csv(path, engine="pyarrow", parse_dates=TIMES)
    options = pyarrow.csv.ConvertOptions(column_types={**_COLUMNS}, strings_can_be_null=True)
    read = pyarrow.csv.ReadOptions(encoding="utf8")
    table = pyarrow.csv.read_csv(path, read_options=read, convert_options=options)
    assert table.column_names == list(frame.columns) == list(_COLUMNS)
    for name in _COLUMNS:
        values = exact.column(name).to_pylist()
        if name in SHARES:
            values = [None if v is None else round(v, 4) for v in values]
        values = [v or None for v in values] if _COLUMNS[name] == pa.string() else values
        assert table.column(name).to_pylist() == values, name
        assert [None if pd.isna(v) else v for v in frame[name]] == values, name


def test_pandas_pyarrow_and_we_read_the_json_lines_equal(found: Duplicates, tmp_path: Path) -> None:
    path = write_jsonl(found, tmp_path / "duplicates.jsonl")
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    back = read_jsonl(path)
    assert (back.matches, back.clusters, back.skips) == (found.matches, found.clusters, found.skips)
    assert dict(back.articles) == dict(found.articles)
    matches = tmp_path / "matches.jsonl"
    matches.write_text("".join(json.dumps(one) + "\n" for one in lines if one["type"] == "match"), encoding="utf-8")
    frame, table = pd.read_json(matches, lines=True, engine="pyarrow"), pyarrow.json.read_json(matches)
    assert frame["a_in_b"].tolist() == table.column("a_in_b").to_pylist() == [m.a_in_b for m in found.matches]
    assert [len(p) for p in table.column("passages").to_pylist()] == [len(m.passages) for m in found.matches]


def test_feedparser_reads_the_atom_feeds(found: Duplicates, tmp_path: Path) -> None:
    watched = max((a.source for a in found.articles.values()), key=lambda s: sum(s in c for c in _sources(found)))
    paths = write_feeds(found, tmp_path, watched=[watched])
    assert len(paths) == 2
    for path in paths:
        read = feedparser.parse(path.read_bytes())
        assert not read.bozo
        assert read.version == "atom10"
        assert read.feed.id
        assert read.feed.updated_parsed
        assert read.entries
        assert all(entry.id and entry.title and entry.updated_parsed for entry in read.entries)
        assert len({entry.id for entry in read.entries}) == len(read.entries)


def _sources(found: Duplicates) -> list[set[str]]:
    return [{found.articles[key].source for key in cluster.articles} for cluster in found.clusters]
