"""The store's window -> an index of it, through what earlier nights worked out.

A night costs what its new articles cost. What is kept: the sketch of each article, what it states of its origin, the
verdict on each pair that was looked at (no match included), sentence vectors. Each is filed under all that it depends
on, so the result is that of a run that works everything out anew, byte for byte. What depends on the whole window is
worked out every night, as it is cheap: which words are rare, what is furniture, which pairs are candidates, what a
match is (copy, template, quote), the clusters and their origins.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

from dedup.attribute import Kept
from dedup.model import Article, Duplicates
from dedup.nightly.names import named_as_before
from dedup.pipeline import Index, Memory, Progress, no_progress
from dedup.program import program_digest
from dedup.settings import Settings
from dedup.store import Store, StoredReadings, StoredVerdicts, recorded_clusters
from dedup.verdicts import content_of

_ARTICLES_AT_ONCE = 500  # sketched and filed in one go: a kill costs half a second of work


@dataclass(frozen=True, slots=True)
class Window:
    """The index of the window, and how its sketches came about: ``kept``, ``new``, ``stale``."""

    index: Index
    sketches: Counter[str] = field(default_factory=Counter)


def find_in_store(
    store: Store, *, settings: Settings, now: datetime | None = None, progress: Progress = no_progress
) -> Duplicates:
    """Find the copies among the articles of the store's window; clusters keep the ids they had."""
    found = index_of_store(store, settings=settings, now=now, progress=progress).duplicates()
    return named_as_before(found, recorded_clusters(store, window_days=settings.window_days))


def index_of_store(
    store: Store, *, settings: Settings, now: datetime | None = None, progress: Progress = no_progress
) -> Index:
    """Put the articles of the store's window into an index; what is missing is made, and filed if it may be."""
    return open_window(store, settings=settings, now=now, progress=progress).index


def open_window(
    store: Store, *, settings: Settings, now: datetime | None = None, progress: Progress = no_progress
) -> Window:
    """Put the articles of the store's window into an index, and tell how many sketches were kept, new or stale."""
    index = Index(
        settings,
        vectors=store.vectors(now=now or datetime.now(UTC)),
        memory=_memory(store, window_days=settings.window_days),
        progress=progress,
    )
    made_with, counts = index.made_with, Counter[str]()
    missing: list[Article] = []
    for article, sketch, is_stale in store.sketched_articles(
        made_with=made_with, content_of=content_of, window_days=settings.window_days
    ):
        counts["kept" if sketch else "stale" if is_stale else "new"] += 1
        if sketch:
            index.add_sketched(article, sketch)
        else:
            missing.append(article)
    missing.sort(key=lambda article: article.id)
    for first in range(0, len(missing), _ARTICLES_AT_ONCE):
        some = missing[first : first + _ARTICLES_AT_ONCE]
        sketches = index.sketches(some)
        contents = [content_of(article.text) for article in some]
        ids = [article.id for article in some]
        if not store.read_only:
            store.save_sketches(zip(ids, sketches, contents, strict=True), made_with=made_with)
        for article, sketch in zip(some, sketches, strict=True):
            index.add_sketched(article, sketch)
        progress("sketching", first + len(some), len(missing))
    return Window(index, counts)


def _memory(store: Store, *, window_days: int) -> Memory:
    verdicts = StoredVerdicts(store, window_days=window_days)
    readings = StoredReadings(store, window_days=window_days)
    return Memory(program_digest(), verdicts, Kept(readings, program_digest(), readings.keep))
