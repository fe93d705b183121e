"""Looking after a store: is it whole, a copy of it, what is old or unwanted goes."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dedup.errors import StoreError
from dedup.store.articles import to_text
from dedup.store.store import Store

_MOST_PROBLEMS = 20  # lines
_UNSEEN = """
    last_seen < :value
    AND NOT EXISTS (SELECT 1 FROM entries WHERE article_id = articles.id AND entries.last_seen >= :value)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCheck:
    """What a check found.

    Parameters
    ----------
    problems : tuple of str
        One line each, at most 20 of a kind; none: the store is whole.
    n_articles, n_revisions, n_entries, n_feeds, n_runs : int
    n_bytes : int
        Of the file, and of what has not been written into it yet.
    """

    problems: tuple[str, ...]
    n_articles: int = 0
    n_revisions: int = 0
    n_entries: int = 0
    n_feeds: int = 0
    n_runs: int = 0
    n_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """How much was removed."""

    n_articles: int
    n_revisions: int
    n_entries: int
    n_feeds: int = 0


def check_store(store: Store) -> StoreCheck:
    """Read all of a store: its pages, its references, every article and sketch; nothing is changed."""
    problems: list[str] = []
    counts: dict[str, int] = {}
    try:
        problems += [str(row[0]) for row in store._query(f"PRAGMA integrity_check({_MOST_PROBLEMS})") if row[0] != "ok"]
        problems += [
            f"{row['table']}: row {row['rowid']} refers to a {row['parent']} that is not there"
            for row in store._query("PRAGMA foreign_key_check")
        ][:_MOST_PROBLEMS]
        for table in ("articles", "revisions", "entries", "feeds", "runs"):
            # the table's name is this module's own
            (counts[f"n_{table}"],) = next(store._query(f"SELECT count(*) FROM {table}"))  # noqa: S608
        unreadable = 0
        for row in store._query("SELECT id, article FROM articles"):
            try:
                store._read_article(row)
            except StoreError as error:
                unreadable += 1
                problems += [str(error)] if unreadable <= _MOST_PROBLEMS else []
    except StoreError as error:
        problems.append(str(error))
    except sqlite3.Error as error:
        problems.append(f"{store.path}: {error}")
    n_bytes = sum(part.stat().st_size for part in (store.path, _wal(store.path)) if part.exists())
    return StoreCheck(problems=tuple(problems), n_bytes=n_bytes, **counts)


def back_up(store: Store, to: Path) -> Path:
    """Copy a store, also while a run is at work on it; the copy appears whole or not at all.

    Raises
    ------
    StoreError
        There is a file already, or the copy cannot be written.
    """
    if to.exists():
        raise StoreError(f"{to}: there is a file of this name; a backup overwrites nothing")
    draft = to.with_name(to.name + ".tmp")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        copy = sqlite3.connect(draft, isolation_level=None)
        try:
            store._db.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE").fetchone()  # one file
        finally:
            copy.close()
        os.replace(draft, to)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{to}: the backup cannot be written: {error}") from error
    finally:
        draft.unlink(missing_ok=True)
    return to


def prune(store: Store, *, before: datetime) -> Removed:
    """Remove articles, their revisions and entries that no feed has carried since `before`.

    Last seen, not published: an article that its feed still carries would come back the next night, as a new one.
    """
    when = to_text(before)
    with store._transaction() as db:
        removed = _remove(db, _UNSEEN, when)
        n_entries = db.execute("DELETE FROM entries WHERE last_seen < ?", (when,)).rowcount
    _give_back(store)
    return Removed(n_articles=removed[0], n_revisions=removed[1], n_entries=n_entries)


def erase_source(store: Store, source: str) -> Removed:
    """Remove all that a source published and all that was worked out on it: articles, revisions, sketches, entries.

    Deleted text is overwritten in the file. What the store told others stays with them: reports are written anew by the
    next run, backups are not touched.

    Parameters
    ----------
    store : Store
    source : str
        The source as reports show it (``example.org``); its subdomains are other sources.

    Raises
    ------
    StoreError
        Nothing in the store is of this source.
    """
    store._db.execute("PRAGMA secure_delete = ON").fetchone()
    of_source = "SELECT id FROM articles WHERE source = ?"
    with store._transaction() as db:
        feeds = [
            row["feed_url"]
            for row in db.execute(
                f"SELECT DISTINCT feed_url FROM entries WHERE article_id IN ({of_source}) AND feed_url NOT IN "  # noqa: S608
                f"(SELECT feed_url FROM entries WHERE article_id != '' AND article_id NOT IN ({of_source}))",
                (source, source),
            )
        ]
        n_entries = db.execute(f"DELETE FROM entries WHERE article_id IN ({of_source})", (source,)).rowcount  # noqa: S608
        removed = _remove(db, "source = :value", source)
        for url in feeds:
            n_entries += db.execute("DELETE FROM entries WHERE feed_url = ?", (url,)).rowcount
            db.execute("DELETE FROM feeds WHERE url = ?", (url,))
            db.execute("DELETE FROM run_feeds WHERE feed_url = ?", (url,))
        db.execute("DELETE FROM vectors")  # they are filed by the hash of sentences, whose they are nobody knows
        if not removed[0]:
            raise StoreError(f"{store.path}: holds nothing of the source {source!r}; name it as reports show it")
    _give_back(store)
    return Removed(n_articles=removed[0], n_revisions=removed[1], n_entries=n_entries, n_feeds=len(feeds))


def _remove(db: sqlite3.Connection, condition: str, value: str) -> tuple[int, int]:
    """Delete some articles; what belongs to them goes with them. Conditions are this module's own, values are bound."""
    bound = {"value": value}
    some = f"SELECT id FROM articles WHERE {condition}"  # noqa: S608
    (n_revisions,) = db.execute(f"SELECT count(*) FROM revisions WHERE article_id IN ({some})", bound).fetchone()  # noqa: S608
    clusters = [
        row[0]
        for row in db.execute(
            f"SELECT DISTINCT cluster_id FROM cluster_articles WHERE article_id IN ({some})",  # noqa: S608
            bound,
        )
    ]
    db.execute(f"DELETE FROM verdicts WHERE a IN ({some}) OR b IN ({some})", bound)  # noqa: S608
    n_articles = db.execute(f"DELETE FROM articles WHERE {condition}", bound).rowcount  # noqa: S608
    for cluster_id in clusters:
        (left,) = db.execute("SELECT count(*) FROM cluster_articles WHERE cluster_id = ?", (cluster_id,)).fetchone()
        if not left:
            db.execute("DELETE FROM clusters WHERE id = ?", (cluster_id,))
            db.execute("DELETE FROM cluster_history WHERE cluster_id = ?", (cluster_id,))
    return n_articles, int(n_revisions)


def _give_back(store: Store) -> None:
    """Shrink the file: what was deleted is gone from it, and from the log beside it."""
    try:
        store._db.execute("VACUUM")
        store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        raise StoreError(
            f"{store.path}: what was to go is gone, but the file could not be made smaller: {error}"
        ) from error


def _wal(path: Path) -> Path:
    return path.with_name(path.name + "-wal")
