"""One SQLite file that remembers: feeds, entries, articles with their revisions, sketches, runs."""

from dedup.store.store import EntryState, FeedState, Saved, Store

__all__ = ["EntryState", "FeedState", "Saved", "Store"]
