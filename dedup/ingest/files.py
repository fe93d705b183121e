"""What people have (strings, rows, data frames, files) -> Articles.

A row that cannot become an article is yielded as a `Skip` that names the row and the reason; whether that ends the run
is the caller's choice.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from io import TextIOWrapper
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, TypeAlias

from dedup.errors import CorpusError, PageError
from dedup.ingest.dates import parse_date
from dedup.ingest.pages import read_page
from dedup.ingest.urls import source_of
from dedup.model import Article, Skip

Row: TypeAlias = "Article | str | Mapping[str, Any] | Skip"

# Other names under which people keep a field; the first one present is taken, the rest stay metadata.
_ALIASES: Mapping[str, tuple[str, ...]] = {
    "id": ("doc_id", "article_id", "guid"),
    "text": ("body", "content", "article_body", "articleBody", "full_text"),
    "title": ("headline",),
    "url": ("link",),
    "source": ("domain",),
    "byline": ("author", "authors"),
    "published": ("date", "published_at", "publishing_date", "pub_date", "datePublished"),
    "language": ("lang",),
}
_SOURCE_NAMES = ("outlet", "publisher", "site")  # where neither a source nor a URL tells who published it
_TEXTS = tuple(f.name for f in fields(Article) if f.type == "str")
_DATES = ("published", "first_seen")
_SUFFIXES = ".jsonl, .ndjson, .json, .csv, .tsv (each also .gz), .parquet, or a folder of .txt and .html files"


def read_corpus(corpus: object, *, first_row: int = 0) -> Iterator[Article | Skip]:
    """Read a corpus of any form row by row.

    Parameters
    ----------
    corpus : iterable of Article, str or mapping; data frame; Arrow table; path
        A single ``str`` is a path. Rows without an id are named by their number.
    first_row : int
        Number of the first row.

    Yields
    ------
    Article or Skip
        Skips are named ``no text``, ``wrong type`` or ``unreadable``.

    Raises
    ------
    CorpusError
        The corpus as a whole cannot be read: no such file, an unknown form.
    """
    for number, row in enumerate(_rows_of(corpus), start=first_row):
        yield read_row(row, number)


def _rows_of(corpus: object) -> Iterator[Row]:
    if isinstance(corpus, (str, PathLike)):
        return _rows_of_path(Path(corpus))
    if hasattr(corpus, "to_batches"):  # Arrow table or dataset
        return (row for batch in corpus.to_batches() for row in batch.to_pylist())
    if hasattr(corpus, "to_pylist"):  # Arrow record batch
        return iter(corpus.to_pylist())
    if hasattr(corpus, "iter_rows"):  # polars
        return iter(corpus.iter_rows(named=True))
    if hasattr(corpus, "to_dict") and hasattr(corpus, "columns"):  # pandas
        return iter(corpus.to_dict("records"))
    if isinstance(corpus, Mapping) or not isinstance(corpus, Iterable):
        raise CorpusError(
            f"the corpus is a {type(corpus).__name__}; it must be an iterable of Article, str or dict, a data frame, "
            f"an Arrow table or a path to {_SUFFIXES}"
        )
    return iter(corpus)


def read_row(row: Row, number: int) -> Article | Skip:
    """Make an article of one row of a corpus, whose number it is."""
    if isinstance(row, Skip):
        return Skip(number, row.id, row.reason, row.detail)
    if isinstance(row, str):
        row = {"text": row}
    if isinstance(row, Article):
        return _check_text(row, number)
    if not isinstance(row, Mapping):
        return Skip(number, "", "wrong type", f"a {type(row).__name__}; it must be an Article, a str or a dict")
    try:
        return _check_text(_article_from_mapping(row, number), number)
    except TypeError as error:
        return Skip(number, str(row.get("id", "")), "wrong type", str(error))


def _check_text(article: Article, number: int) -> Article | Skip:
    for name in ("id", "text"):
        value = getattr(article, name)
        if not isinstance(value, str):
            return Skip(number, str(article.id), "wrong type", f"{name} is a {type(value).__name__}; it must be a str")
    if not article.text.strip():
        return Skip(number, article.id, "no text", f"text is {article.text!r}; it must hold words")
    return article


def _article_from_mapping(row: Mapping[str, Any], number: int) -> Article:
    left = {str(name): value for name, value in row.items() if not _is_missing(value)}
    known: dict[str, Any] = {}
    for name in (f.name for f in fields(Article) if f.name not in ("metadata", "provenance")):
        for column in (name, *_ALIASES.get(name, ())):
            if column in left:
                known[name] = left.pop(column)
                break
    known["id"] = _as_id(known.get("id", number))
    known.setdefault("text", "")
    for name in _DATES:
        if name in known:
            known[name], raw = _as_date(known[name], name)
            if name == "published":
                known.setdefault("published_raw", raw)
    known["byline"] = _as_byline(known.get("byline", ""))
    for name in _TEXTS:
        if not isinstance(known.get(name, ""), str):
            raise TypeError(f"{name} is a {type(known[name]).__name__}; it must be a str")
    if not known.get("source"):
        known["source"] = source_of(known.get("url", "")) or _named_source(left)
    for name in ("metadata", "provenance"):
        given = left.pop(name, {})
        if not isinstance(given, Mapping):
            raise TypeError(f"{name} is a {type(given).__name__}; it must be a mapping")
        known[name] = MappingProxyType({**given, **left} if name == "metadata" else dict(given))
        left = left if name == "provenance" else {k: v for k, v in left.items() if k == "provenance"}
    return Article(**known)


def _is_missing(value: Any) -> bool:
    """Tell None, NaN, NaT and pandas.NA, without importing pandas."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and value != value


def _as_id(value: Any) -> str:
    if isinstance(value, (str, int)) and not isinstance(value, bool) and value != "":
        return str(value)
    if hasattr(value, "item"):  # a numpy scalar
        return str(value.item())
    raise TypeError(f"id is {value!r}; it must be a non-empty str or an int")


def _as_date(value: Any, name: str) -> tuple[datetime | None, str]:
    """Give a date as aware UTC, and as it was written. A text that is no date gives None: its raw form is kept."""
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return datetime.fromtimestamp(aware.timestamp(), UTC), value.isoformat()
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC), value.isoformat()
    if isinstance(value, str):
        return parse_date(value, earliest_year=1), value  # a corpus may be historical; only feeds make years up
    raise TypeError(f"{name} is a {type(value).__name__}; it must be a datetime or a str")


def _as_byline(value: Any) -> str:
    if isinstance(value, (list, tuple)) and all(isinstance(name, str) for name in value):
        return ", ".join(value)
    if not isinstance(value, str):
        raise TypeError(f"byline is a {type(value).__name__}; it must be a str or a list of str")
    return value


def _named_source(row: Mapping[str, Any]) -> str:
    return next((row[name] for name in _SOURCE_NAMES if isinstance(row.get(name), str)), "")


def _rows_of_path(path: Path) -> Iterator[Row]:
    if path.is_dir():
        return _read_folder(path)
    if not path.is_file():
        raise CorpusError(f"{path}: no such file or folder")
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    reader = _READERS.get(suffixes[-1] if suffixes else "")
    if reader is None:
        raise CorpusError(f"{path}: unknown kind of file; it must be {_SUFFIXES}")
    return reader(path)


def _open(path: Path) -> IO[bytes]:
    return gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb")  # type: ignore[return-value]


def _read_json_lines(path: Path) -> Iterator[Row]:
    with _open(path) as file:
        try:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield parse_json_line(line.strip(), number)
        except (OSError, EOFError) as error:
            raise CorpusError(f"{path}: cannot be read to its end: {error}") from error


def parse_json_line(line: bytes, number: int) -> Row:
    """Read one line of a file, without the white space around it; lines are counted from 1."""
    try:
        row: Row = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Skip(0, "", "unreadable", f"line {number} is no JSON: {error}")
    return row


def _read_json(path: Path) -> Iterator[Row]:
    with _open(path) as file:
        try:
            rows = json.load(file)
        except (ValueError, OSError, EOFError, RecursionError) as error:
            raise CorpusError(f"{path}: is no JSON: {error}") from error
    if not isinstance(rows, list):
        raise CorpusError(f"{path}: holds a JSON {type(rows).__name__}; it must hold a list of articles")
    yield from rows


def _read_csv(path: Path) -> Iterator[Row]:
    csv.field_size_limit(1 << 30)
    delimiter = "\t" if ".tsv" in (suffix.lower() for suffix in path.suffixes) else ","
    with TextIOWrapper(_open(path), encoding="utf-8-sig", newline="") as file:
        try:
            for row in csv.DictReader(file, delimiter=delimiter):
                row.pop(None, None)  # cells beyond the header
                yield row
        except (UnicodeDecodeError, csv.Error, OSError, EOFError) as error:
            raise CorpusError(f"{path}: is no UTF-8 CSV: {error}") from error


def _read_parquet(path: Path) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            for group in range(file.num_row_groups):  # over all of them at once, pyarrow keeps what it has read
                for batch in file.iter_batches(batch_size=4096, row_groups=[group]):
                    yield from batch.to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise CorpusError(f"{path}: cannot be read as Parquet: {error}") from error


def _read_folder(folder: Path) -> Iterator[Row]:
    readers: Mapping[str, Callable[[Path, str], Row]] = {
        ".txt": _read_text_file,
        ".md": _read_text_file,
        ".html": _read_html_file,
        ".htm": _read_html_file,
    }
    names = sorted(
        file.relative_to(folder).as_posix()
        for file in folder.rglob("*")
        if file.suffix.lower() in readers and file.is_file()
    )
    if not names:
        raise CorpusError(f"{folder}: holds no .txt or .html file")
    for name in names:
        file = folder / name
        try:
            yield readers[file.suffix.lower()](file, name)
        except (OSError, UnicodeDecodeError, PageError) as error:
            yield Skip(0, name, "unreadable", str(error))


def _read_text_file(file: Path, name: str) -> Row:
    return {"id": name, "text": file.read_text(encoding="utf-8-sig"), "title": file.stem}


def _read_html_file(file: Path, name: str) -> Row:
    page = read_page(file.read_bytes(), url="")
    return Article(
        id=name,
        text=page.text,
        title=page.title,
        url=page.canonical_url,
        source=source_of(page.canonical_url),
        byline=page.byline,
        published=page.published,
        published_raw=page.published_raw,
        language=page.language,
        text_origin="page",
        canonical_url=page.canonical_url,
        og_url=page.og_url,
        provenance=page.provenance,
    )


_READERS: Mapping[str, Callable[[Path], Iterator[Row]]] = {
    ".jsonl": _read_json_lines,
    ".ndjson": _read_json_lines,
    ".json": _read_json,
    ".csv": _read_csv,
    ".tsv": _read_csv,
    ".parquet": _read_parquet,
}
