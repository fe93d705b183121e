"""What became of each cluster from night to night: its articles, and when it was founded, grew, shrank, merged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from dedup.store.articles import to_text
from dedup.store.store import Store

Happening: TypeAlias = Literal["founded", "grew", "shrank", "merged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterEvent:
    """What happened to a cluster: ``other`` is what it merged into; ``n_articles`` what it had afterwards, as noted."""

    cluster_id: str
    event: Happening
    n_articles: int = 0
    other: str = ""
    at: str = ""
    id: int = 0


def recorded_clusters(store: Store, *, window_days: int) -> dict[str, list[str]]:
    """Give, by article of the window, the clusters it was last seen in, oldest first."""
    sql = """
        SELECT m.article_id, c.id FROM articles a
        JOIN cluster_articles m ON m.article_id = a.id JOIN clusters c ON c.id = m.cluster_id
        WHERE a.first_seen >= ? AND c.merged_into = '' ORDER BY c.founded, c.id, m.article_id
    """
    found: dict[str, list[str]] = {}
    for row in store._query(sql, (store.window(window_days),)):
        found.setdefault(row["article_id"], []).append(row["id"])
    return found


def record_clusters(
    store: Store,
    clusters: Mapping[str, Iterable[str]],
    events: Iterable[ClusterEvent],
    gone: Iterable[tuple[str, str]] = (),
    *,
    now: datetime,
) -> None:
    """Note the articles of each cluster, and what happened to some, in one transaction.

    Parameters
    ----------
    clusters : Mapping[str, iterable of str]
        Article ids by cluster id: those of the window. Articles that have left the window stay with their cluster.
    events : iterable of ClusterEvent
        In the order they are told.
    gone : iterable of (str, str)
        Cluster and article: those that are no longer in it.
    now : datetime
        When.
    """
    at = to_text(now)
    with store._transaction() as db:
        db.executemany("DELETE FROM cluster_articles WHERE cluster_id = ? AND article_id = ?", list(gone))
        for event in events:
            if event.event == "founded":
                db.execute(
                    "INSERT INTO clusters (id, founded) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET merged_into = ''",
                    (event.cluster_id, at),
                )
            if event.event in ("founded", "grew"):
                db.executemany(
                    "INSERT OR IGNORE INTO cluster_articles VALUES (?, ?, ?)",
                    [(event.cluster_id, article_id, at) for article_id in sorted(clusters[event.cluster_id])],
                )
            if event.event == "merged":
                db.execute("UPDATE clusters SET merged_into = ? WHERE id = ?", (event.other, event.cluster_id))
            db.execute(
                "INSERT INTO cluster_history (at, cluster_id, event, n_articles, other) "
                "SELECT ?, ?, ?, count(*), ? FROM cluster_articles WHERE cluster_id = ?",
                (at, event.cluster_id, event.event, event.other, event.cluster_id),
            )


def cluster_history(store: Store, cluster_id: str = "", *, after: int = 0) -> list[ClusterEvent]:
    """Tell what happened to a cluster, or to all, oldest first; only what was noted after event number `after`."""
    sql = "SELECT * FROM cluster_history WHERE id > ? AND (? = '' OR cluster_id = ?) ORDER BY id"
    return [
        ClusterEvent(
            id=row["id"],
            at=row["at"],
            cluster_id=row["cluster_id"],
            event=row["event"],
            n_articles=row["n_articles"],
            other=row["other"],
        )
        for row in store._query(sql, (after, cluster_id, cluster_id))
    ]
