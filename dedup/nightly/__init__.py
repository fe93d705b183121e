"""One night: feeds -> what is new -> the store -> the index -> the report.

harvest (fetch each feed, note its entries, make an article of each) -> compare the window -> report
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dedup.ingest.fetch import Fetcher
from dedup.ingest.opml import FeedRef
from dedup.model import Duplicates
from dedup.nightly.harvest import Harvest
from dedup.pipeline import Index, Progress, no_progress
from dedup.report import write_site
from dedup.settings import Settings
from dedup.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """What one night did.

    Parameters
    ----------
    feeds : Mapping[str, int]
        Feeds by outcome: ``fetched``, ``not modified``, ``failed: timeout`` ...
    entries : Mapping[str, int]
        Entries by outcome, each counted once: ``new``, ``revised``, ``unchanged``, ``known``, ``pending: http 503`` ...
    problems : tuple of str
        One line for each feed or page that failed.
    duplicates : Duplicates
        What was found in the window.
    report : Path or None
        The page that shows it.
    """

    feeds: Mapping[str, int]
    entries: Mapping[str, int]
    problems: tuple[str, ...]
    duplicates: Duplicates
    report: Path | None


def run_night(
    feeds: Sequence[FeedRef],
    store: Store,
    *,
    now: datetime,
    settings: Settings,
    report_dir: Path | None = None,
    progress: Progress = no_progress,
) -> Night:
    """Run the nightly job once.

    Parameters
    ----------
    feeds : sequence of FeedRef
        What to fetch.
    store : Store
        What is remembered between nights.
    now : datetime
        The night's clock, aware; every article that is new gets it as ``first_seen``.
    settings : Settings
        All numbers.
    report_dir : Path, optional
        Where the pages, ``matches.csv`` and ``duplicates.jsonl`` go.
    progress : callable
        Called with (step, done, total).

    Returns
    -------
    Night
        Failures of single feeds and pages are outcomes, not errors.

    Raises
    ------
    StoreError
        The store cannot be written; what it holds stays as it is.
    """
    run = store.begin_run(now=now)
    with fetcher_of(settings) as fetcher:
        harvest = Harvest(store, fetcher, settings=settings, now=now, progress=progress)
        harvest.fetch_feeds(feeds)
        harvest.finish_entries()
    duplicates = find_in_store(store, settings=settings, now=now, progress=progress)
    store.forget_vectors(before=now - timedelta(days=settings.window_days))
    report = write_report(duplicates, report_dir) if report_dir else None
    store.finish_run(run, {"feeds": +harvest.feed_counts, "entries": +harvest.entry_counts}, now=datetime.now(UTC))
    return Night(
        feeds=dict(sorted((+harvest.feed_counts).items())),
        entries=dict(sorted((+harvest.entry_counts).items())),
        problems=tuple(harvest.problems),
        duplicates=duplicates,
        report=report,
    )


def find_in_store(
    store: Store, *, settings: Settings, now: datetime | None = None, progress: Progress = no_progress
) -> Duplicates:
    """Find the copies among the articles of the store's window, through stored sketches and vectors where they fit."""
    return index_of_store(store, settings=settings, now=now, progress=progress).duplicates()


def index_of_store(
    store: Store, *, settings: Settings, now: datetime | None = None, progress: Progress = no_progress
) -> Index:
    """Put the articles of the store's window into an index; sketches and vectors that are missing are made.

    They are filed, too, where the store is not read only.
    """
    index = Index(settings, vectors=store.vectors(now=now or datetime.now(UTC)), progress=progress)
    made_with = index.made_with
    for article in store.articles(window_days=settings.window_days):
        sketch = store.sketch(article.id, made_with=made_with)
        if sketch is None:
            sketch = index.sketch(article)
            if not store.read_only:
                store.save_sketch(article.id, sketch, made_with=made_with)
        index.add_sketched(article, sketch)
    return index


def write_report(duplicates: Duplicates, folder: Path) -> Path:
    """Write the pages, ``matches.csv`` and ``duplicates.jsonl`` into a folder; return the start page's path."""
    duplicates.to_csv(folder / "matches.csv")
    duplicates.to_jsonl(folder / "duplicates.jsonl")
    return write_site(duplicates, folder, data_files=("matches.csv", "duplicates.jsonl"))


def fetcher_of(settings: Settings) -> Fetcher:
    """Make a fetcher with the numbers of the settings."""
    return Fetcher(
        timeout_s=settings.timeout_s,
        max_body_bytes=settings.max_body_bytes,
        max_redirects=settings.max_redirects,
        allow_private=settings.allow_private,
        user_agent=settings.user_agent,
        connect_to=settings.connect_to,
        host_delay_s=settings.host_delay_s,
        concurrency=settings.concurrency,
    )
