"""The store: the only room that knows SQL.

Every saving method commits by itself, in one transaction: what it returned from is on disk, and a kill at any instant
leaves either all of it or nothing. Only one thread may use a store.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from dedup.errors import StoreError
from dedup.model import Article, Sketch
from dedup.store.articles import from_json, to_json, to_text
from dedup.store.memory import StoredVectors
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
    not_before: str = ""
    n_failures: int = 0
    last_new: str = ""
    last_full: str = ""


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
    last_tried: str = ""
    first_seen: str = ""


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
        (journal,) = self._db.execute("PRAGMA journal_mode").fetchone()
        for pragma in ("journal_mode = WAL",) * (journal != "wal") + ("synchronous = NORMAL", "foreign_keys = ON"):
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
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # where the disk is full, SQLite has rolled back already
                    self._db.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise StoreError(f"{self.path}: cannot be written: {error}; what it held is as it was") from error

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

    def see_entries_again(self, entry_ids: Iterable[str], *, now: datetime) -> None:
        """Refresh last-seen of entries: the feed still carries them. An article was last seen when one of its was."""
        rows = [(to_text(now), entry_id) for entry_id in entry_ids]
        if not rows:
            return
        with self._transaction() as db:
            db.executemany("UPDATE entries SET last_seen = ? WHERE id = ?", rows)

    def feed_items(self, feed_url: str) -> dict[str, tuple[str, str, str]]:
        """Tell what a feed carried last, by the digest of each item: the entry's id, its state, and when it was new."""
        sql = (
            "SELECT feed_items.digest AS digest, id, state, first_seen FROM feed_items JOIN entries ON id = entry_id "
            "WHERE feed_items.feed_url = ? ORDER BY digest"
        )
        return {row["digest"]: (row["id"], row["state"], row["first_seen"]) for row in self._query(sql, (feed_url,))}

    def save_feed_items(self, feed_url: str, entry_ids: Mapping[str, str]) -> None:
        """Remember what a feed carries, instead of what it carried: entry ids by the digest of each item."""
        with self._transaction() as db:
            known = {
                row["digest"] for row in db.execute("SELECT digest FROM feed_items WHERE feed_url = ?", (feed_url,))
            }
            db.executemany(
                "DELETE FROM feed_items WHERE feed_url = ? AND digest = ?",
                [(feed_url, digest) for digest in sorted(known - entry_ids.keys())],
            )
            db.executemany(
                "INSERT INTO feed_items VALUES (?, ?, ?)",
                [(feed_url, digest, each) for digest, each in entry_ids.items() if digest not in known],
            )

    def feeds(self) -> list[FeedState]:
        """All feeds that were ever fetched, by URL."""
        return [FeedState(**row) for row in self._query("SELECT * FROM feeds ORDER BY url")]

    # -- hosts

    def waits(self, *, now: datetime) -> dict[str, datetime]:
        """Tell until when which hosts asked to be left alone; those whose time is over are not named."""
        rows = self._query("SELECT * FROM hosts WHERE not_before > ? ORDER BY host", (to_text(now),))
        return {row["host"]: datetime.fromisoformat(row["not_before"]) for row in rows}

    def save_waits(self, waits: Mapping[str, datetime], *, now: datetime) -> None:
        """Remember until when hosts asked to be left alone, and forget what is over."""
        with self._transaction() as db:
            db.execute("DELETE FROM hosts WHERE not_before <= ?", (to_text(now),))
            db.executemany(
                "INSERT OR REPLACE INTO hosts VALUES (?, ?)", [(host, to_text(at)) for host, at in waits.items()]
            )

    def robots(self) -> dict[str, tuple[bytes, str, str, datetime]]:
        """Give what robots.txt files said last: by origin the body, ETag, Last-Modified and when it was fetched."""
        return {
            row["origin"]: (row["body"], row["etag"], row["last_modified"], datetime.fromisoformat(row["fetched"]))
            for row in self._query("SELECT * FROM robots ORDER BY origin")
        }

    def save_robots(self, said: Mapping[str, tuple[bytes, str, str]], *, now: datetime) -> None:
        """Remember what robots.txt files say."""
        with self._transaction() as db:
            db.executemany(
                "INSERT OR REPLACE INTO robots VALUES (?, ?, ?, ?, ?)",
                [(origin, *rest, to_text(now)) for origin, rest in said.items()],
            )

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
        row = next(self._query("SELECT id, article FROM articles WHERE id = ?", (article_id,)), None)
        return self._read_article(row) if row else None

    def window(self, days: int | None) -> str:
        """Give the first moment of the window, so many days before the newest article; ``""`` for all."""
        if days is None:
            return ""
        (newest,) = next(self._query("SELECT max(first_seen) FROM articles"))
        return to_text(datetime.fromisoformat(newest) - timedelta(days=days)) if newest else ""

    def articles(self, *, window_days: int | None = None) -> Iterator[Article]:
        """Articles in id order.

        Parameters
        ----------
        window_days : int, optional
            Only those first seen so many days before the newest one; all by default. Counted from the newest article,
            not from the clock, so that the same store gives the same answer.
        """
        # +id: else SQLite walks all articles in id order to save itself the sorting of those of the window
        sql = "SELECT id, article FROM articles WHERE first_seen >= ? ORDER BY +id"
        for row in self._query(sql, (self.window(window_days),)):
            yield self._read_article(row)

    def _read_article(self, row: sqlite3.Row) -> Article:
        try:
            return from_json(row["article"])
        except (ValueError, TypeError, KeyError) as error:
            raise StoreError(f"{self.path}: article {row['id']!r} cannot be read; the file is damaged") from error

    def revisions(self, article_id: str) -> list[Article]:
        """Earlier revisions of an article, oldest first."""
        sql = "SELECT article FROM revisions WHERE article_id = ? ORDER BY revision"
        return [from_json(row["article"]) for row in self._query(sql, (article_id,))]

    def count_articles(self) -> int:
        """How many articles are stored, revisions not counted."""
        (n_articles,) = next(self._query("SELECT count(*) FROM articles"))
        return int(n_articles)

    # -- notes

    def note(self, key: str) -> str:
        """Give what was noted under a name; ``""`` for nothing."""
        row = next(self._query("SELECT value FROM notes WHERE key = ?", (key,)), None)
        return str(row["value"]) if row else ""

    def save_note(self, key: str, value: str) -> None:
        """Note something under a name."""
        with self._transaction() as db:
            db.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (key, value))

    # -- sketches

    def sketch(self, article_id: str, *, made_with: str) -> Sketch | None:
        """Give the sketch of an article's current revision, if it was made with these settings."""
        sql = "SELECT * FROM sketches WHERE article_id = ? AND made_with = ?"
        row = next(self._query(sql, (article_id, made_with)), None)
        return _read_sketch(row) if row else None

    def sketched_articles(
        self, *, made_with: str, content_of: Callable[[str], str], window_days: int | None = None
    ) -> Iterator[tuple[Article, Sketch | None, bool]]:
        """Articles in any order, each with its sketch: rows of several kilobytes are read faster than sorted.

        Parameters
        ----------
        made_with : str
            The settings that a sketch must have been made with.
        content_of : callable
            Text -> the hash that a sketch of it was filed under.
        window_days : int, optional
            As for `articles`.

        Yields
        ------
        Article, Sketch or None, bool
            None where there is none of this text and these settings; and whether there was one, but a stale one.
        """
        sql = """
            SELECT a.id, a.article, s.made_with, s.content, s.shingles, s.signature, s.fingerprints, s.triples
            FROM articles a LEFT JOIN sketches s ON s.article_id = a.id AND s.made_with = ?
            WHERE a.first_seen >= ?
        """
        for row in self._query(sql, (made_with, self.window(window_days))):
            article = self._read_article(row)
            fits = row["made_with"] is not None and row["content"] == content_of(article.text)
            sketch = _read_sketch(row) if fits else None
            yield article, sketch, row["made_with"] is not None and sketch is None

    def save_sketch(self, article_id: str, sketch: Sketch, *, made_with: str, content: str = "") -> None:
        """File a sketch under the settings it was made with and the hash of its text."""
        self.save_sketches([(article_id, sketch, content)], made_with=made_with)

    def save_sketches(self, sketches: Iterable[tuple[str, Sketch, str]], *, made_with: str) -> None:
        """File some sketches, each with its article's id and the hash of its text, in one transaction."""
        rows = [
            (
                article_id,
                made_with,
                sketch.shingles.astype("<u8").tobytes(),
                sketch.signature.astype("<u4").tobytes(),
                sketch.fingerprints.astype("<u8").tobytes(),
                content,
                None if sketch.triples is None else sketch.triples.astype("<u8").tobytes(),
            )
            for article_id, sketch, content in sketches
        ]
        with self._transaction() as db:
            db.executemany("INSERT OR REPLACE INTO sketches VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    # -- vectors

    def vectors(self, *, now: datetime) -> StoredVectors:
        """Give the sentence vectors that were filed, as a mapping; what is put in is filed at once."""
        return StoredVectors(self, now)

    def forget_vectors(self, *, before: datetime) -> int:
        """Drop vectors that no run has used since `before`; return how many."""
        with self._transaction() as db:
            return db.execute("DELETE FROM vectors WHERE last_used < ?", (to_text(before),)).rowcount


def _read_sketch(row: sqlite3.Row) -> Sketch | None:
    """Read a sketch; None where what is stored is none: it is made again."""
    try:
        return Sketch(
            np.frombuffer(row["shingles"], dtype="<u8").astype(np.uint64),
            np.frombuffer(row["signature"], dtype="<u4").astype(np.uint32),
            np.frombuffer(row["fingerprints"], dtype="<u8").astype(np.uint64),
            None if row["triples"] is None else np.frombuffer(row["triples"], dtype="<u8").astype(np.uint64),
        )
    except ValueError:
        return None


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


def _upsert(db: sqlite3.Connection, table: str, state: FeedState | EntryState) -> None:
    names = [field.name for field in fields(state)]
    # table and column names are this module's own; values are bound
    columns, marks = ", ".join(names), ", ".join("?" * len(names))
    updates = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
    db.execute(
        f"INSERT INTO {table} ({columns}) VALUES ({marks}) ON CONFLICT ({names[0]}) DO UPDATE SET {updates}",  # noqa: S608
        astuple(state),
    )
