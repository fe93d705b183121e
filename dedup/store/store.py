"""The store: the only room that knows SQL.

Every saving method commits by itself, in one transaction: what it returned from is on disk, and a kill at any instant
leaves either all of it or nothing. Only one thread may use a store.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from dedup.errors import StoreError
from dedup.model import Article, Sketch
from dedup.store.articles import from_json, to_json, to_text
from dedup.store.schema import MIGRATIONS

_BUSY_TIMEOUT_S = 10.0  # another process may be reading; it will not take longer


class Saved(StrEnum):
    """What saving an article did."""

    NEW = "new"
    REVISED = "revised"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What is remembered of a feed between nights."""

    url: str
    current_url: str = ""
    title: str = ""
    language: str = ""
    etag: str = ""
    last_modified: str = ""
    last_fetched: str = ""
    last_outcome: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryState:
    """What is remembered of a feed's entry: whether its article is stored, and how to fetch it if not."""

    id: str
    feed_url: str
    link: str
    digest: str
    entry: str
    state: str = "pending"
    outcome: str = ""
    n_tries: int = 0
    etag: str = ""
    last_modified: str = ""
    article_id: str = ""
    last_seen: str = ""


class Store:
    """One SQLite file in WAL mode, opened for one run.

    Parameters
    ----------
    path : path
        The file; it is made if it is not there.
    read_only : bool
        Open what is there and never write to it; vectors that are put in are kept in memory.

    Raises
    ------
    StoreError
        It cannot be opened, is no store, or was written by a newer version.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> now = datetime(2026, 11, 24, tzinfo=UTC)
    >>> with Store(":memory:") as store:
    ...     store.save_article(Article(id="a", text="Hello", first_seen=now), now=now)
    ...     store.save_article(Article(id="a", text="Hello again", first_seen=now), now=now)
    ...     store.count_articles()
    <Saved.NEW: 'new'>
    <Saved.REVISED: 'revised'>
    1
    """

    def __init__(self, path: str | PathLike[str], *, read_only: bool = False) -> None:
        self.path = Path(path)
        self.read_only = read_only
        try:
            if read_only:
                address = f"{self.path.absolute().as_uri()}?mode=ro"
                self._db = sqlite3.connect(address, timeout=_BUSY_TIMEOUT_S, isolation_level=None, uri=True)
            else:
                if str(path) != ":memory:":
                    self.path.parent.mkdir(parents=True, exist_ok=True)
                self._db = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
            try:
                self._set_up()
            except BaseException:
                self._db.close()
                raise
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"{path}: cannot be opened as a store: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _set_up(self) -> None:
        self._db.row_factory = sqlite3.Row
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version > len(MIGRATIONS):
            raise StoreError(
                f"{self.path}: has schema version {version}; this program knows versions up to {len(MIGRATIONS)}"
            )
        if self.read_only:
            if version < len(MIGRATIONS):
                raise StoreError(
                    f"{self.path}: has schema version {version}; it must be {len(MIGRATIONS)} to be read. `dedup "
                    "report` brings it there"
                )
            return
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
            self._db.execute(f"PRAGMA {pragma}").fetchone()
        for number in range(version, len(MIGRATIONS)):
            self._db.executescript(
                f"BEGIN IMMEDIATE; {MIGRATIONS[number]}; PRAGMA user_version = {number + 1}; COMMIT;"
            )

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise StoreError(f"{self.path}: cannot be written: {error}") from error

    def _query(self, sql: str, values: tuple[Any, ...] = ()) -> Iterator[sqlite3.Row]:
        try:
            with closing(self._db.execute(sql, values)) as cursor:
                yield from cursor
        except sqlite3.Error as error:
            raise StoreError(f"{self.path}: cannot be read: {error}") from error

    # -- feeds and entries

    def feed(self, url: str) -> FeedState:
        """Tell what is remembered of a feed; an empty state for an unknown one."""
        row = next(self._query("SELECT * FROM feeds WHERE url = ?", (url,)), None)
        return FeedState(**row) if row else FeedState(url=url)

    def save_feed(self, feed: FeedState) -> None:
        """Remember a feed."""
        with self._transaction() as db:
            _upsert(db, "feeds", feed)

    def entry(self, entry_id: str) -> EntryState | None:
        """Tell what is remembered of an entry."""
        row = next(self._query("SELECT * FROM entries WHERE id = ?", (entry_id,)), None)
        return EntryState(**row) if row else None

    def save_entry(self, entry: EntryState) -> None:
        """Remember an entry."""
        with self._transaction() as db:
            _upsert(db, "entries", entry)

    def pending_entries(self) -> list[EntryState]:
        """Entries whose article is not stored yet, in the order they came."""
        return [
            EntryState(**row) for row in self._query("SELECT * FROM entries WHERE state = 'pending' ORDER BY rowid")
        ]

    def is_of_other_entry(self, article_id: str, entry_id: str) -> bool:
        """Tell whether an article came from another entry than this one."""
        sql = "SELECT 1 FROM entries WHERE article_id = ? AND id != ? LIMIT 1"
        return next(self._query(sql, (article_id, entry_id)), None) is not None

    def see_entry_again(self, entry_id: str, *, now: datetime) -> None:
        """Refresh last-seen of an entry and its article: the feed still carries it."""
        with self._transaction() as db:
            _see_again(db, "id", entry_id, now)

    def see_feed_again(self, feed_url: str, *, now: datetime) -> int:
        """Refresh last-seen of a feed's entries and their articles: a 304 says that they are all still there.

        Returns
        -------
        int
            How many of them are done.
        """
        with self._transaction() as db:
            _see_again(db, "feed_url", feed_url, now)
            (n_done,) = db.execute(
                "SELECT count(*) FROM entries WHERE feed_url = ? AND state = 'done'", (feed_url,)
            ).fetchone()
        return int(n_done)

    # -- articles

    def save_article(self, article: Article, *, now: datetime, entry: EntryState | None = None) -> Saved:
        """Store an article as fetched, and with it the state of its entry.

        An article of a known id whose text or title changed is a revision: it replaces the current one, which is kept.
        The first night an article was seen stays its ``first_seen``.
        """
        with self._transaction() as db:
            saved = _save_article(db, article, now)
            if entry:
                _upsert(db, "entries", entry)
        return saved

    def article(self, article_id: str) -> Article | None:
        """Give the current revision of an article."""
        row = next(self._query("SELECT article FROM articles WHERE id = ?", (article_id,)), None)
        return from_json(row["article"]) if row else None

    def articles(self, *, window_days: int | None = None) -> Iterator[Article]:
        """Articles in id order.

        Parameters
        ----------
        window_days : int, optional
            Only those first seen so many days before the newest one; all by default. Counted from the newest article,
            not from the clock, so that the same store gives the same answer.
        """
        since = ""
        if window_days is not None:
            (newest,) = next(self._query("SELECT max(first_seen) FROM articles"))
            since = to_text(datetime.fromisoformat(newest) - timedelta(days=window_days)) if newest else ""
        for row in self._query("SELECT article FROM articles WHERE first_seen >= ? ORDER BY id", (since,)):
            yield from_json(row["article"])

    def revisions(self, article_id: str) -> list[Article]:
        """Earlier revisions of an article, oldest first."""
        sql = "SELECT article FROM revisions WHERE article_id = ? ORDER BY revision"
        return [from_json(row["article"]) for row in self._query(sql, (article_id,))]

    def count_articles(self) -> int:
        """How many articles are stored, revisions not counted."""
        (n_articles,) = next(self._query("SELECT count(*) FROM articles"))
        return int(n_articles)

    # -- sketches

    def sketch(self, article_id: str, *, made_with: str) -> Sketch | None:
        """Give the sketch of an article's current revision, if it was made with these settings."""
        sql = "SELECT * FROM sketches WHERE article_id = ? AND made_with = ?"
        row = next(self._query(sql, (article_id, made_with)), None)
        if row is None:
            return None
        return Sketch(
            np.frombuffer(row["shingles"], dtype="<u8").astype(np.uint64),
            np.frombuffer(row["signature"], dtype="<u4").astype(np.uint32),
            np.frombuffer(row["fingerprints"], dtype="<u8").astype(np.uint64),
        )

    def save_sketch(self, article_id: str, sketch: Sketch, *, made_with: str) -> None:
        """File a sketch under the settings it was made with."""
        blobs = (
            sketch.shingles.astype("<u8").tobytes(),
            sketch.signature.astype("<u4").tobytes(),
            sketch.fingerprints.astype("<u8").tobytes(),
        )
        with self._transaction() as db:
            db.execute("INSERT OR REPLACE INTO sketches VALUES (?, ?, ?, ?, ?)", (article_id, made_with, *blobs))

    # -- vectors

    def vectors(self, *, now: datetime) -> StoredVectors:
        """Give the sentence vectors that were filed, as a mapping; what is put in is filed at once."""
        return StoredVectors(self, now)

    def forget_vectors(self, *, before: datetime) -> int:
        """Drop vectors that no run has used since `before`; return how many."""
        with self._transaction() as db:
            return db.execute("DELETE FROM vectors WHERE last_used < ?", (to_text(before),)).rowcount

    # -- runs

    def begin_run(self, *, now: datetime) -> int:
        """Note that a run begins; return its number."""
        with self._transaction() as db:
            return int(db.execute("INSERT INTO runs (started) VALUES (?)", (to_text(now),)).lastrowid or 0)

    def finish_run(self, run: int, counts: Mapping[str, Mapping[str, int]], *, now: datetime) -> None:
        """Note that a run ended, and what it counted."""
        with self._transaction() as db:
            db.execute(
                "UPDATE runs SET finished = ?, counts = ? WHERE id = ?",
                (to_text(now), json.dumps({name: dict(c) for name, c in counts.items()}, sort_keys=True), run),
            )


class StoredVectors(MutableMapping[str, NDArray[np.float16]]):
    """The sentence vectors of a store, by the hash of what was embedded."""

    def __init__(self, store: Store, now: datetime) -> None:
        self._store = store
        self._now = to_text(now)
        self._unfiled: dict[str, NDArray[np.float16]] = {}  # of a store that is read only

    def __getitem__(self, key: str) -> NDArray[np.float16]:
        if key in self._unfiled:
            return self._unfiled[key]
        row = next(self._store._query("SELECT * FROM vectors WHERE key = ?", (key,)), None)
        if row is None:
            raise KeyError(key)
        if row["last_used"] != self._now and not self._store.read_only:
            with self._store._transaction() as db:
                db.execute("UPDATE vectors SET last_used = ? WHERE key = ?", (self._now, key))
        stored = np.frombuffer(row["vectors"], dtype="<f2").reshape(row["n_sentences"], -1)
        return stored.astype(np.float16)

    def __setitem__(self, key: str, vectors: NDArray[np.float16]) -> None:
        if self._store.read_only:
            self._unfiled[key] = vectors
            return
        with self._store._transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?)",
                (key, len(vectors), vectors.astype("<f2").tobytes(), self._now),
            )

    def __delitem__(self, key: str) -> None:
        with self._store._transaction() as db:
            db.execute("DELETE FROM vectors WHERE key = ?", (key,))

    def __iter__(self) -> Iterator[str]:
        return (row["key"] for row in self._store._query("SELECT key FROM vectors ORDER BY key"))

    def __len__(self) -> int:
        (n,) = next(self._store._query("SELECT count(*) FROM vectors"))
        return int(n)


def _save_article(db: sqlite3.Connection, article: Article, now: datetime) -> Saved:
    row = db.execute("SELECT * FROM articles WHERE id = ?", (article.id,)).fetchone()
    if row is None:
        first_seen = to_text(article.first_seen or now)
        article = replace(article, first_seen=datetime.fromisoformat(first_seen))
        db.execute(
            "INSERT INTO articles VALUES (?, 1, ?, ?, ?, ?)",
            (article.id, article.source, first_seen, to_text(now), to_json(article)),
        )
        return Saved.NEW
    stored = from_json(row["article"])
    if (stored.text, stored.title) == (article.text, article.title):
        db.execute("UPDATE articles SET last_seen = ? WHERE id = ?", (to_text(now), article.id))
        return Saved.UNCHANGED
    article = replace(article, first_seen=stored.first_seen)
    db.execute("INSERT INTO revisions VALUES (?, ?, ?, ?)", (article.id, row["revision"], to_text(now), row["article"]))
    db.execute(
        "UPDATE articles SET revision = ?, source = ?, last_seen = ?, article = ? WHERE id = ?",
        (row["revision"] + 1, article.source, to_text(now), to_json(article), article.id),
    )
    db.execute("DELETE FROM sketches WHERE article_id = ?", (article.id,))  # they are of the text that was replaced
    return Saved.REVISED


def _see_again(db: sqlite3.Connection, column: str, value: str, now: datetime) -> None:
    # the column's name is this module's own; values are bound
    db.execute(f"UPDATE entries SET last_seen = ? WHERE {column} = ?", (to_text(now), value))  # noqa: S608
    db.execute(
        f"UPDATE articles SET last_seen = ? WHERE id IN (SELECT article_id FROM entries WHERE {column} = ?)",  # noqa: S608
        (to_text(now), value),
    )


def _upsert(db: sqlite3.Connection, table: str, state: FeedState | EntryState) -> None:
    names = [field.name for field in fields(state)]
    # table and column names are this module's own; values are bound
    columns, marks = ", ".join(names), ", ".join("?" * len(names))
    updates = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
    db.execute(
        f"INSERT INTO {table} ({columns}) VALUES ({marks}) ON CONFLICT ({names[0]}) DO UPDATE SET {updates}",  # noqa: S608
        astuple(state),
    )
