"""One SQLite file that remembers: feeds, entries, articles with their revisions, what was worked out on them, runs."""

from dedup.store.articles import to_text
from dedup.store.clusters import ClusterEvent, cluster_history, record_clusters, recorded_clusters
from dedup.store.lock import locked
from dedup.store.maintenance import Removed, StoreCheck, back_up, check_store, erase_source, prune
from dedup.store.memory import StoredReadings, StoredVerdicts, forget_outside
from dedup.store.runs import FeedRun, RunState, begin_run, feeds_of_run, finish_run, runs
from dedup.store.store import EntryState, FeedState, Saved, Store

__all__ = [
    "ClusterEvent",
    "EntryState",
    "FeedRun",
    "FeedState",
    "Removed",
    "RunState",
    "Saved",
    "Store",
    "StoreCheck",
    "StoredReadings",
    "StoredVerdicts",
    "back_up",
    "begin_run",
    "check_store",
    "cluster_history",
    "erase_source",
    "feeds_of_run",
    "finish_run",
    "forget_outside",
    "locked",
    "prune",
    "record_clusters",
    "recorded_clusters",
    "runs",
    "to_text",
]
