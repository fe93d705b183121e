"""The history of runs: when, what was counted, what each feed did."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dedup.store.articles import to_text
from dedup.store.store import Store

_KEPT_RUNS = 400  # a year of nights, and some that were cut off


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRun:
    """What one feed did in one run.

    Parameters
    ----------
    feed_url : str
    outcome : str
        ``fetched``, ``not modified``, ``failed: timeout`` ...
    entries : Mapping[str, int]
        Its entries by outcome.
    problem : str
        What failed, in one line; ``""`` for nothing.
    """

    feed_url: str
    outcome: str
    entries: Mapping[str, int]
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunState:
    """One run: times in UTC as ISO 8601, ``finished`` empty for one that was cut off or is under way."""

    id: int
    started: str
    finished: str
    counts: Mapping[str, Mapping[str, int]]


def begin_run(store: Store, *, now: datetime) -> int:
    """Note that a run begins; return its number."""
    with store._transaction() as db:
        return int(db.execute("INSERT INTO runs (started) VALUES (?)", (to_text(now),)).lastrowid or 0)


def finish_run(
    store: Store,
    run: int,
    counts: Mapping[str, Mapping[str, int]],
    *,
    now: datetime,
    feeds: tuple[FeedRun, ...] = (),
) -> None:
    """Note that a run ended, what it counted and what each feed did; runs beyond the last 400 are dropped."""
    rows = [
        (run, one.feed_url, one.outcome, json.dumps(dict(one.entries), sort_keys=True), one.problem) for one in feeds
    ]
    with store._transaction() as db:
        db.execute(
            "UPDATE runs SET finished = ?, counts = ? WHERE id = ?",
            (to_text(now), json.dumps({name: dict(c) for name, c in counts.items()}, sort_keys=True), run),
        )
        db.executemany("INSERT OR REPLACE INTO run_feeds VALUES (?, ?, ?, ?, ?)", rows)
        db.execute("DELETE FROM runs WHERE id <= ?", (run - _KEPT_RUNS,))


def runs(store: Store, *, last: int = 30) -> list[RunState]:
    """Give the last runs, newest first."""
    sql = "SELECT * FROM runs ORDER BY id DESC LIMIT ?"
    return [
        RunState(id=row["id"], started=row["started"], finished=row["finished"] or "", counts=json.loads(row["counts"]))
        for row in store._query(sql, (last,))
    ]


def feeds_of_run(store: Store, run: int) -> list[FeedRun]:
    """Tell what each feed did in one run, by URL."""
    sql = "SELECT * FROM run_feeds WHERE run = ? ORDER BY feed_url"
    return [
        FeedRun(
            feed_url=row["feed_url"],
            outcome=row["outcome"],
            entries=json.loads(row["entries"]),
            problem=row["problem"],
        )
        for row in store._query(sql, (run,))
    ]
