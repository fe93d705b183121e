"""Every form in which people have a corpus, and every way a row can be bad."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dedup import Article, CorpusError
from dedup.ingest.files import read_corpus
from dedup.model import Skip

ROWS = [
    {"id": "a", "text": "Erster Text", "title": "Eins", "url": "https://www.tagblatt.example/eins", "desk": "Politik"},
    {"id": "b", "text": "Zweiter Text,\nmit Umbruch", "title": None, "url": None, "desk": None},
]


def write_json_lines(path: Path) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in ROWS), encoding="utf-8")
    return path


def write_gzipped(path: Path) -> Path:
    path.write_bytes(gzip.compress("\n\n".join(json.dumps(row) for row in ROWS).encode()))
    return path


def write_json(path: Path) -> Path:
    path.write_text(json.dumps(ROWS), encoding="utf-8")
    return path


def write_csv(path: Path) -> Path:
    pd.DataFrame(ROWS).to_csv(path, index=False, encoding="utf-8-sig")
    return path


def write_tsv(path: Path) -> Path:
    pd.DataFrame(ROWS).to_csv(path, index=False, sep="\t")
    return path


def write_parquet(path: Path) -> Path:
    pq.write_table(pa.Table.from_pylist(ROWS), path)
    return path


FORMS: dict[str, Callable[[Path], object]] = {
    "rows": lambda _: ROWS,
    "generator": lambda _: (row for row in ROWS),
    "pandas": lambda _: pd.DataFrame(ROWS),
    "polars": lambda _: pl.DataFrame(ROWS),
    "arrow table": lambda _: pa.Table.from_pylist(ROWS),
    "arrow batch": lambda _: pa.RecordBatch.from_pylist(ROWS),
    "jsonl": lambda folder: write_json_lines(folder / "corpus.jsonl"),
    "path as str": lambda folder: str(write_json_lines(folder / "corpus.jsonl")),
    "jsonl.gz": lambda folder: write_gzipped(folder / "corpus.jsonl.gz"),
    "json": lambda folder: write_json(folder / "corpus.json"),
    "csv": lambda folder: write_csv(folder / "corpus.csv"),
    "tsv": lambda folder: write_tsv(folder / "corpus.tsv"),
    "parquet": lambda folder: write_parquet(folder / "corpus.parquet"),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_articles(form: str, tmp_path: Path) -> None:
    first, second = read_corpus(FORMS[form](tmp_path))
    assert isinstance(first, Article)
    assert isinstance(second, Article)
    assert (first.id, first.text, first.title, first.source) == ("a", "Erster Text", "Eins", "tagblatt.example")
    assert dict(first.metadata) == {"desk": "Politik"}
    assert (second.id, second.text, second.title, second.source) == ("b", "Zweiter Text,\nmit Umbruch", "", "")


def test_strings_are_texts_named_by_their_row() -> None:
    assert [(row.id, row.text) for row in read_corpus(["one", "two"]) if isinstance(row, Article)] == [
        ("0", "one"),
        ("1", "two"),
    ]


def test_articles_come_as_they_are() -> None:
    article = Article(id="a", text="Text")
    assert list(read_corpus([article])) == [article]


def test_a_folder_of_texts_and_pages(tmp_path: Path) -> None:
    paragraphs = "".join(
        f"<p>Der Stadtrat hat in seiner Sitzung am Montag Punkt {n} der langen Liste ausführlich beraten und "
        "schliesslich mit grosser Mehrheit angenommen, wie ein Sprecher am Abend mitteilte.</p>"
        for n in ("eins", "zwei", "drei", "vier")
    )
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "page.html").write_text(
        "<html lang=de><head><title>Rat</title></head>"
        f"<body><article><h1>Rat tagt</h1>{paragraphs}</article></body></html>"
    )
    (tmp_path / "note.txt").write_text("Ein Text", encoding="utf-8")
    (tmp_path / "latin.txt").write_bytes("Größe".encode("latin-1"))
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    rows = {row.id: row for row in read_corpus(tmp_path)}
    assert list(rows) == ["latin.txt", "note.txt", "sub/page.html"]
    assert isinstance(rows["latin.txt"], Skip)
    assert rows["latin.txt"].reason == "unreadable"
    page = rows["sub/page.html"]
    assert isinstance(page, Article)
    assert page.text.count("Der Stadtrat") == 4
    assert page.text_origin == "page"


@pytest.mark.parametrize(
    ("row", "reason", "detail"),
    [
        ({"id": "x"}, "no text", "text is ''"),
        ({"id": "x", "text": None}, "no text", "text is ''"),
        ({"id": "x", "text": float("nan")}, "no text", "text is ''"),
        ({"id": "x", "text": " \n"}, "no text", r"text is ' \n'"),
        ({"id": "x", "text": 5}, "wrong type", "text is a int"),
        ({"id": "x", "text": b"bytes"}, "wrong type", "text is a bytes"),
        ({"id": ["x"], "text": "t"}, "wrong type", "id is ['x']"),
        ({"id": "", "text": "t"}, "wrong type", "id is ''"),
        ({"text": "t", "url": 7}, "wrong type", "url is a int"),
        ({"text": "t", "published": [2021]}, "wrong type", "published is a list"),
        ({"text": "t", "provenance": "dpa"}, "wrong type", "provenance is a str"),
        ({"text": "t", "authors": [1]}, "wrong type", "byline is a list"),
        (5, "wrong type", "a int"),
        (None, "wrong type", "a NoneType"),
    ],
)
def test_a_bad_row_is_a_named_skip(row: object, reason: str, detail: str) -> None:
    (skip,) = read_corpus([row])
    assert isinstance(skip, Skip)
    assert (skip.row, skip.reason) == (0, reason)
    assert detail in skip.detail


def test_other_names_of_fields() -> None:
    (article,) = read_corpus(
        [
            {
                "doc_id": 7,
                "body": "t",
                "headline": "T",
                "link": "http://m.a.example/x",
                "authors": ["A", "B"],
                "lang": "de",
            }
        ]
    )
    assert isinstance(article, Article)
    assert (article.id, article.text, article.title, article.byline) == ("7", "t", "T", "A, B")
    assert (article.source, article.language) == ("a.example", "de")


@pytest.mark.parametrize(
    ("row", "source"),
    [
        ({"source": "given.example", "url": "http://a.example/", "outlet": "O"}, "given.example"),
        ({"url": "http://www.a.example/x", "outlet": "O"}, "a.example"),
        ({"outlet": "O"}, "O"),
        ({}, ""),
    ],
)
def test_where_the_source_comes_from(row: dict[str, str], source: str) -> None:
    (article,) = read_corpus([{"text": "t", **row}])
    assert isinstance(article, Article)
    assert article.source == source


@pytest.mark.parametrize(
    ("given", "published"),
    [
        (datetime(2021, 3, 1, 12, tzinfo=UTC), datetime(2021, 3, 1, 12, tzinfo=UTC)),
        (datetime(2021, 3, 1, 12), datetime(2021, 3, 1, 12, tzinfo=UTC)),
        (date(2021, 3, 1), datetime(2021, 3, 1, tzinfo=UTC)),
        ("2021-03-01T12:00:00+02:00", datetime(2021, 3, 1, 10, tzinfo=UTC)),
        ("2021-03-01T00:00:00", datetime(2021, 3, 1, tzinfo=UTC)),
        ("1848-03-18", datetime(1848, 3, 18, tzinfo=UTC)),
        ("neulich", None),
        (pd.Timestamp("2021-03-01T12:00:00Z"), datetime(2021, 3, 1, 12, tzinfo=UTC)),
        (pd.NaT, None),
    ],
)
def test_dates_become_aware_utc(given: object, published: datetime | None) -> None:
    (article,) = read_corpus([{"text": "t", "published": given}])
    assert isinstance(article, Article)
    assert article.published == published
    if isinstance(given, str):
        assert article.published_raw == given


def test_a_broken_line_is_a_skip_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text('{"text": "one"}\n{"text": \n[1, 2]\n{"text": "two"}\n')
    kinds = [row.reason if isinstance(row, Skip) else row.text for row in read_corpus(path)]
    assert kinds == ["one", "unreadable", "wrong type", "two"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("corpus.xlsx", b"", "unknown kind of file"),
        ("corpus.json", b'{"text": "one"}', "must hold a list"),
        ("corpus.json", b"[", "is no JSON"),
        ("corpus.jsonl.gz", b"no gzip", "cannot be read"),
        ("corpus.parquet", b"no parquet", "cannot be read as Parquet"),
        ("corpus.csv", "text\nGröße".encode("latin-1"), "no UTF-8 CSV"),
    ],
)
def test_a_file_that_is_no_corpus_is_one_clear_error(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(CorpusError, match=message):
        list(read_corpus(path))


@pytest.mark.parametrize("corpus", [5, {"text": "one row"}, None])
def test_no_corpus_is_one_clear_error(corpus: object) -> None:
    with pytest.raises(CorpusError, match="the corpus is a"):
        list(read_corpus(corpus))


def test_a_missing_file_and_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no such file"):
        list(read_corpus(tmp_path / "gone.jsonl"))
    with pytest.raises(CorpusError, match="holds no"):
        list(read_corpus(tmp_path))
