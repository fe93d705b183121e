"""JSON lines give back what they were given; CSV is safe to open; Parquet is typed; files appear whole or not."""

from __future__ import annotations

import csv
import json
import math
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import get_args

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dedup.errors import CorpusError
from dedup.model import (
    Article,
    Attribution,
    Clue,
    Cluster,
    Duplicates,
    Match,
    MatchKind,
    Passage,
    Relation,
    Skip,
    TextOrigin,
)
from dedup.report import read_jsonl, write_csv, write_html, write_jsonl, write_parquet
from dedup.report.tables import _cell
from tests.report_sample import SAMPLE, all_pairs, at

WRITERS = (write_html, write_jsonl, write_csv, write_parquet)
NOTHING = Duplicates({}, (), ())

texts = st.text(max_size=30)
moments = st.none() | st.datetimes(timezones=st.sampled_from((UTC, timezone(timedelta(hours=5, minutes=30)))))
shares = st.floats(0, 1)
places = st.integers(0, 10**6)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
clues = st.builds(Clue, texts, texts, texts, st.floats(0, 10), texts, places, places, texts)
attributions = st.builds(
    Attribution,
    st.none() | texts,
    shares,
    st.lists(clues, max_size=2).map(tuple),
    st.lists(texts, max_size=2).map(tuple),
)
text_fields = ("text", "title", "url", "source", "byline", "published_raw", "language", "fetched_url", "final_url",
               "canonical_url", "og_url", "feed_url", "guid")  # fmt: skip
articles_by_id = st.lists(
    st.fixed_dictionaries(
        dict.fromkeys(("id", *text_fields), texts)
        | {"published": moments, "first_seen": moments, "text_origin": st.sampled_from(get_args(TextOrigin))}
        | {"provenance": st.dictionaries(texts, texts, max_size=2)}
        | {"metadata": st.dictionaries(texts, json_values, max_size=3)}
    ),
    max_size=3,
    unique_by=lambda fields: fields["id"],
).map(lambda rows: {row["id"]: Article(**row) for row in rows})
matches = st.builds(
    Match,
    texts,
    texts,
    st.sampled_from(get_args(MatchKind)),
    shares,
    shares,
    shares,
    st.lists(st.builds(Passage, places, places, places, places), max_size=3).map(tuple),
    st.sampled_from(get_args(Relation)),
    shares,
)
duplicates = st.builds(
    Duplicates,
    articles_by_id,
    st.lists(matches, max_size=3).map(tuple),
    st.lists(st.builds(Cluster, texts, st.lists(texts, max_size=3).map(tuple), attributions), max_size=2).map(tuple),
    st.lists(st.builds(Skip, places, texts, texts, texts), max_size=2).map(tuple),
)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def with_article(**changes: object) -> Duplicates:
    """The sample's harbour pair, with one article changed."""
    pair = next(m for m in SAMPLE.matches if (m.a, m.b) == ("moorings", "moorings-wire"))
    changed = {key: SAMPLE.articles[key] for key in (pair.a, pair.b)}
    changed[pair.a] = replace(changed[pair.a], **changes)  # type: ignore[arg-type]
    return Duplicates(changed, (pair,), (Cluster("moorings", (pair.a, pair.b)),))


# -- JSON lines


@given(found=duplicates)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_jsonl_gives_back_an_equal_value(found: Duplicates, tmp_path: Path) -> None:
    assert read_jsonl(write_jsonl(found, tmp_path / "found.jsonl")) == found


def test_jsonl_gives_back_the_sample_in_its_order(tmp_path: Path) -> None:
    back = read_jsonl(write_jsonl(SAMPLE, tmp_path / "found.jsonl"))
    assert back == SAMPLE
    assert list(back.articles) == list(SAMPLE.articles)
    again = write_jsonl(back, tmp_path / "again.jsonl")
    assert again.read_bytes() == (tmp_path / "found.jsonl").read_bytes()


def test_jsonl_lines_say_their_type_and_dates_end_in_z(tmp_path: Path) -> None:
    lines = write_jsonl(SAMPLE, tmp_path / "found.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    kinds = [record["type"] for record in records]
    assert kinds == ["cluster"] * 5 + ["match"] * 14 + ["article"] * 15 + ["skip"] * 3
    bote = next(r for r in records if r["type"] == "article" and r["id"] == "lenne-bote")
    assert bote["published"] == "2026-11-03T09:05:00Z"
    assert "höchsten" in lines[kinds.index("article") + list(SAMPLE.articles).index("lenne-bote")]


def test_jsonl_keeps_lone_surrogates_and_line_separators(tmp_path: Path) -> None:
    found = with_article(title="half \ud83d a pair, and \u2028 and \x85 and \x00")
    assert read_jsonl(write_jsonl(found, tmp_path / "found.jsonl")) == found


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("1.50"), "1.50"),
        (date(2026, 11, 2), "2026-11-02"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (np.True_, True),
        (np.array([1, 2]), [1, 2]),
        ((1, 2), [1, 2]),
        ({"b", "a", "c"}, ["a", "b", "c"]),
        ({7: {"x": math.inf}}, {"7": {"x": "inf"}}),
        (b"x", "b'x'"),
    ],
)
def test_metadata_that_json_cannot_hold_is_written_as_what_it_can(
    value: object, written: object, tmp_path: Path
) -> None:
    back = read_jsonl(write_jsonl(with_article(metadata={"value": value}), tmp_path / "found.jsonl"))
    assert back.articles["moorings"].metadata == {"value": written}


def test_deep_metadata_becomes_a_string_below_its_limit(tmp_path: Path) -> None:
    deep: list[object] = []
    for _ in range(300):
        deep = [deep]
    level = read_jsonl(write_jsonl(with_article(metadata={"deep": deep}), tmp_path / "f.jsonl"))
    value, depth = level.articles["moorings"].metadata["deep"], 0
    while isinstance(value, list):
        value, depth = value[0], depth + 1
    assert depth == 20
    assert value.startswith("[[[")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("not json", "line 1: Expecting value"),
        ("[]", "type is None; it must be one of cluster, match, article, skip"),
        ('{"type": ["match"]}', "type is .'match'.; it must be"),
        ('{"type": "story", "id": "1"}', "type is 'story'"),
        ('{"type": "article", "id": "1"}', "Article without 'text'"),
        ('{"type": "article", "id": "1", "text": 5}', "text is 5; it must be a string"),
        ('{"type": "article", "id": "1", "text": "", "colour": "red"}', "Article has no 'colour'"),
        ('{"type": "article", "id": "1", "text": "", "published": "yesterday"}', "yesterday"),
        ('{"type": "article", "id": "1", "text": "", "published": "2026-11-02T07:00:00"}', "end in Z or an offset"),
        ('{"type": "article", "id": "1", "text": "", "text_origin": "dream"}', "text_origin is 'dream'"),
        ('{"type": "article", "id": "1", "text": "", "provenance": {"a": 1}}', "provenance is 1"),
        ('{"type": "match", "a": "1", "b": "2", "kind": "near", "jaccard": NaN, "a_in_b": 1, "b_in_a": 1}', "finite"),
        ('{"type": "match", "a": "1", "b": "2", "kind": "near", "jaccard": true, "a_in_b": 1, "b_in_a": 1}', "True"),
        ('{"type": "cluster", "id": "1", "articles": "12"}', "articles is '12'; it must be a list"),
        ('{"type": "cluster", "id": "1", "articles": [], "attribution": "dpa"}', "'dpa' is no Attribution"),
        ('{"type": "skip", "row": true, "id": "", "reason": ""}', "row is True; it must be a whole number"),
        ('{"type": "skip", "id": ' + "[" * 100_000 + "}", "line 1"),
    ],
)
def test_a_bad_line_is_named(line: str, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=complaint):
        read_jsonl(path)


def test_a_second_article_with_one_id_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"type": "article", "id": "x", "text": ""}\n' * 2, encoding="utf-8")
    with pytest.raises(CorpusError, match="line 2: second article with id 'x'"):
        read_jsonl(path)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_an_unreadable_file_is_named(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    if content:
        path.write_bytes(content)
    with pytest.raises(CorpusError, match=r"bad\.jsonl: cannot be read"):
        read_jsonl(path)


# -- CSV


def test_csv_has_a_row_a_match_with_its_cluster_and_origin(tmp_path: Path) -> None:
    path = write_csv(SAMPLE, tmp_path / "matches.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbfcluster,a,b,kind,")
    rows = rows_of(path)
    assert [(row["a"], row["b"]) for row in rows] == [(m.a, m.b) for m in SAMPLE.matches]
    row = next(row for row in rows if (row["a"], row["b"]) == ("maktaba-1", "maktaba-2"))
    match = next(m for m in SAMPLE.matches if m.a == "maktaba-1")
    (passage,) = match.passages
    assert row["cluster"] == "maktaba-1"
    assert row["kind"] == "near"
    assert row["relation"] == "copy"
    assert float(row["b_in_a"]) == round(match.b_in_a, 4)
    assert row["a_shared_characters"] == str(passage.a_end - passage.a_start)
    assert row["a_published"] == "2026-11-04T07:30:00Z"
    assert row["b_title"] == SAMPLE.articles["maktaba-2"].title
    assert (row["origin"], row["confidence"]) == ("maktaba-1", "0.58")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋"])
def test_csv_defuses_formulas(start: str, tmp_path: Path) -> None:
    title = f"{start}HYPERLINK(1)"
    (row,) = rows_of(write_csv(with_article(title=title), tmp_path / "matches.csv"))
    assert row["a_title"] == "'" + title


def test_csv_defuses_formulas_behind_what_a_spreadsheet_may_take_for_the_end_of_a_cell(tmp_path: Path) -> None:
    (row,) = rows_of(write_csv(with_article(title="a;=cmd|' /C calc'!A0;b\n=1", url="x=1+2-3"), tmp_path / "m.csv"))
    assert row["a_title"] == "a;'=cmd|' /C calc'!A0;b\n'=1"
    assert row["a_url"] == "x=1+2-3"


def test_csv_keeps_line_breaks_commas_and_quotes_inside_a_cell(tmp_path: Path) -> None:
    title = 'One\nTwo, "three" \x00 \u2028'
    (row,) = rows_of(write_csv(with_article(title=title), tmp_path / "matches.csv"))
    assert row["a_title"] == title


def test_shared_characters_count_overlapping_passages_once(tmp_path: Path) -> None:
    found = with_article()
    match = replace(found.matches[0], passages=(Passage(0, 10, 5, 15), Passage(20, 30, 10, 20)))
    (row,) = rows_of(write_csv(replace(found, matches=(match,)), tmp_path / "matches.csv"))
    assert (row["a_shared_characters"], row["b_shared_characters"]) == ("20", "15")


# -- Parquet


def test_parquet_has_the_columns_of_the_csv_typed_and_exact(tmp_path: Path) -> None:
    table = pq.read_table(write_parquet(SAMPLE, tmp_path / "matches.parquet", title="Tonight"))
    header = write_csv(SAMPLE, tmp_path / "m.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert table.column_names == header.split(",")
    assert table.schema.metadata[b"title"] == b"Tonight"
    assert table.schema.field("a_published").type == pa.timestamp("us", tz="UTC")
    assert table.schema.field("relation").type == pa.string()
    assert table.column("jaccard").to_pylist() == [m.jaccard for m in SAMPLE.matches]
    published = table.column("b_published").to_pylist()
    assert published == [SAMPLE.articles[m.b].published for m in SAMPLE.matches]


def test_parquet_of_nothing_keeps_its_types(tmp_path: Path) -> None:
    table = pq.read_table(write_parquet(NOTHING, tmp_path / "matches.parquet"))
    assert table.num_rows == 0
    assert table.schema.field("a_in_b").type == pa.float64()


def test_a_match_in_no_cluster_has_null_for_cluster_and_origin(tmp_path: Path) -> None:
    found = replace(with_article(), clusters=())
    row = pq.read_table(write_parquet(found, tmp_path / "m.parquet")).to_pylist()[0]
    assert (row["cluster"], row["origin"], row["confidence"]) == (None, None, None)
    (text_row,) = rows_of(write_csv(found, tmp_path / "m.csv"))
    assert text_row["cluster"] == ""


# -- all writers


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("found", [SAMPLE, NOTHING, all_pairs(12)], ids=["sample", "nothing", "all pairs"])
def test_the_same_duplicates_give_the_same_bytes(write, found: Duplicates, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    first, second = tmp_path / "first" / "x", tmp_path / "deep" / "er" / "y"
    assert write(found, first, title="Tonight") == first
    assert write(found, second, title="Tonight") == second
    assert first.read_bytes() == second.read_bytes()
    assert [p.name for p in first.parent.iterdir()] == ["x"]


@pytest.mark.parametrize("write", WRITERS)
def test_after_an_error_the_old_file_stands_and_no_draft_is_left(write, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "out"
    path.write_text("old")
    with pytest.raises(CorpusError, match=r"published of article 'moorings' is 2026-11-02T06:00:00; .* aware"):
        write(with_article(published=datetime(2026, 11, 2, 6)), path)
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
    assert path.read_text() == "old"


@pytest.mark.parametrize("write", [write_html, write_csv, write_parquet])
def test_a_match_of_an_article_that_is_not_there_is_named(write, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    found = with_article()
    lost = Duplicates({"moorings": found.articles["moorings"]}, found.matches, found.clusters)
    with pytest.raises(CorpusError, match="article 'moorings-wire' is named by a match or cluster"):
        write(lost, tmp_path / "out")


@pytest.mark.parametrize("write", WRITERS)
def test_lone_surrogates_do_not_stop_a_writer(write, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    found = with_article(title="\ud800", text="\udfff" * 20, source="\ud800", language="\ud800", url="https://\ud800/")
    assert write(found, tmp_path / "out", title="\ud800").stat().st_size > 0


def test_the_doors_of_the_model_lead_here(tmp_path: Path) -> None:
    found = replace(SAMPLE, skips=())
    assert found.to_jsonl(tmp_path / "a").read_bytes() == write_jsonl(found, tmp_path / "b").read_bytes()
    assert found.to_csv(str(tmp_path / "c")).read_bytes() == write_csv(found, tmp_path / "d").read_bytes()
    assert found.to_parquet(tmp_path / "e").read_bytes() == write_parquet(found, tmp_path / "f").read_bytes()
    assert found.to_html(tmp_path / "g").read_bytes() == write_html(found, tmp_path / "h").read_bytes()
    assert at(5, 2, 10) == SAMPLE.articles["alone"].first_seen


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        (" =1", " '=1"),
        ("\0=1", "\0'=1"),
        ("\ufeff\u00a0@x", "\ufeff\u00a0'@x"),
        ("a ; \u200b-1", "a ; \u200b'-1"),
        ("a - b = c", "a - b = c"),
        ("a\n\n-b", "a\n\n'-b"),
    ],
)
def test_formulas_behind_what_a_spreadsheet_drops_are_defused(text: str, cell: str) -> None:
    assert _cell(text, "title") == cell


def test_defusing_takes_linear_time() -> None:
    started = time.process_time()
    for text in ("\n" * 300_000 + "x", " ;" * 150_000 + "x", "\t=" * 150_000):
        _cell(text, "title")
    assert time.process_time() - started < 60
