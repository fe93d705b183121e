"""Texts that are read as columns are those of the articles that are read row by row."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.distributed import columns
from dedup.distributed.reading import Split, read_split
from dedup.distributed.texts import Names, find_names, read_columns
from dedup.model import Article

_texts = st.one_of(st.none(), st.sampled_from(["", " ", "\x1c\u2003", "Brücke", "市议会", "The bridge.", " late "]))
_ids = st.one_of(st.none(), st.sampled_from(["", "a", "ä", "7"]))


def read_rows(split: Split) -> list[tuple[int, str, str]]:
    return [(number, row.id, row.text) for number, row in read_split(split) if isinstance(row, Article)]


def read_as_columns(split: Split, names: Names) -> list[tuple[int, str, str]]:
    found = [row for batch in read_columns(split, names) for row in batch.to_pylist()]
    return [(row["number"], columns.to_text(row["id"]), columns.to_text(row["text"])) for row in found]


@given(st.lists(st.tuples(_ids, _texts), min_size=1, max_size=12), st.sampled_from(["id", "doc_id", "guid"]))
@settings(deadline=None)
def test_the_same_rows_are_articles(tmp_path_factory: Any, rows: list[tuple[Any, Any]], id_name: str) -> None:
    path = tmp_path_factory.mktemp("corpus") / "some.parquet"
    schema = pa.schema([(id_name, pa.string()), ("body", pa.large_string()), ("page", pa.int8())])
    table = pa.table([*zip(*rows, strict=True), [1] * len(rows)], schema=schema)
    pq.write_table(table, path)
    split = Split(str(path), 0, 1, first_row=5)
    names = find_names(schema)
    assert names == Names("body", id_name)
    assert read_as_columns(split, names) == read_rows(split)


def test_ids_may_be_numbers_or_missing(tmp_path: Path) -> None:
    texts = {"text": [f"{n} words" for n in range(2_500)], "published": [datetime(2026, 11, 20, tzinfo=UTC)] * 2_500}
    ids = pa.array([n + 7 if n % 3 else None for n in range(2_500)], pa.int32())
    for number, table in enumerate([pa.table(texts), pa.table({**texts, "article_id": ids})]):
        path = tmp_path / f"{number}.parquet"
        pq.write_table(table, path)
        names = find_names(table.schema)
        assert names is not None
        assert read_as_columns(Split(str(path), 0, 1), names) == read_rows(Split(str(path), 0, 1))


@pytest.mark.parametrize(
    "others",
    [
        {"url": pa.int64()},  # rows are refused for it
        {"metadata": pa.string()},
        {"id": pa.float64()},
        {"id": pa.string(), "guid": pa.string()},  # whichever a row has
        {"body": pa.string()},
        {"published": pa.int64()},
    ],
)
def test_what_may_be_refused_or_named_twice_is_read_row_by_row(others: dict[str, pa.DataType]) -> None:
    assert find_names(pa.schema({"text": pa.string(), **others})) is None


def test_without_texts_there_is_nothing_to_read() -> None:
    assert find_names(pa.schema({"title": pa.string()})) is None
