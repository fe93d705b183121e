"""One night: feeds -> what is new -> the store -> the window's index -> the report, the record, the alerts.

harvest (fetch each feed, note its entries, make an article of each) -> compare the window -> record what became of each
cluster -> report -> alert
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, TypeAlias

from dedup.errors import FetchError
from dedup.ingest.fetch import Fetcher
from dedup.ingest.fetch_robots import Robots, RobotsFile
from dedup.ingest.opml import FeedRef
from dedup.model import Duplicates
from dedup.nightly.alerts import tell_webhook
from dedup.nightly.allocator import freed_memory_returned, garbage_seldom_sought
from dedup.nightly.harvest import Harvest
from dedup.nightly.journal import Journal
from dedup.nightly.names import named_as_before, what_happened
from dedup.nightly.window import find_in_store, index_of_store, open_window
from dedup.pipeline import Progress, no_progress
from dedup.report import write_site
from dedup.report.atom import write_feeds
from dedup.settings import Settings
from dedup.store import (
    FeedRun,
    RunState,
    Store,
    begin_run,
    finish_run,
    forget_outside,
    record_clusters,
    recorded_clusters,
    runs,
)

__all__ = [
    "Journal",
    "Night",
    "Severity",
    "fetcher_of",
    "find_in_store",
    "index_of_store",
    "run_night",
    "write_report",
]

Severity: TypeAlias = Literal["done", "in part"]
_RESUMED_WITHIN = timedelta(hours=12)  # a run that was cut off is gone on with so long: feeds change by the day
_MOST_CUT_OFF = 20  # runs in a row that are looked back at
_ROBOTS_FRESH = timedelta(hours=24)  # RFC 9309 section 2.4
_HAPPENINGS = ("founded", "grew", "shrank", "merged")


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
    sketches : Mapping[str, int]
        Sketches of the window's articles: ``kept`` from earlier nights, ``new``, ``stale`` (made again).
    clusters : Mapping[str, int]
        What happened to clusters: ``founded``, ``grew``, ``shrank``, ``merged``.
    """

    feeds: Mapping[str, int]
    entries: Mapping[str, int]
    problems: tuple[str, ...]
    duplicates: Duplicates
    report: Path | None
    sketches: Mapping[str, int]
    clusters: Mapping[str, int]

    @property
    def severity(self) -> Severity:
        """Tell whether all was done, or a feed, a page or an alert failed."""
        return "in part" if self.problems else "done"


def run_night(
    feeds: Sequence[FeedRef],
    store: Store,
    *,
    now: datetime,
    settings: Settings,
    report_dir: Path | None = None,
    progress: Progress = no_progress,
    journal: Journal | None = None,
    only: Sequence[str] = (),
    since: datetime | None = None,
) -> Night:
    """Run the nightly job once.

    Parameters
    ----------
    feeds : sequence of FeedRef
        What to fetch.
    store : Store
        What is remembered between nights. Nobody else must write to it; `dedup.store.locked` sees to that.
    now : datetime
        The night's clock, aware; every article that is new gets it as ``first_seen``.
    settings : Settings
        All numbers.
    report_dir : Path, optional
        Where the pages, ``matches.csv``, ``duplicates.jsonl`` and the Atom feeds go.
    progress : callable
        Called with (step, done, total).
    journal : Journal, optional
        Where each event is written.
    only : sequence of str
        Fetch only feeds whose URL or title holds one of these, letter case aside; the report is on all of the store.
    since : datetime, optional
        Entries that are dated earlier are set aside.

    Returns
    -------
    Night
        Failures of single feeds and pages are outcomes, not errors.

    Raises
    ------
    StoreError
        The store cannot be written; what it holds stays as it is.
    """
    journal = journal or Journal()
    refs = [ref for ref in feeds if _is_wanted(ref, only)]
    cut_off = _cut_off(runs(store, last=_MOST_CUT_OFF), now)
    run = begin_run(store, now=now)
    journal.write("run begins", run=run, feeds=len(refs), goes_on_with_run_of=cut_off)
    with fetcher_of(settings, robots=robots_of(store, settings, now=now)) as fetcher:
        harvest = Harvest(
            store, fetcher, settings=settings, now=now, progress=progress, journal=journal, since=since, cut_off=cut_off
        )
        with freed_memory_returned():
            harvest.fetch_feeds(refs)
            harvest.finish_entries(of_feeds=set(harvest.feed_outcomes) if only else None)
        with garbage_seldom_sought():
            window = open_window(store, settings=settings, now=now, progress=progress)
            journal.write("sketched", **window.sketches)
            recorded = recorded_clusters(store, window_days=settings.window_days)
            duplicates = named_as_before(window.index.duplicates(), recorded)
            events, gone = what_happened(duplicates.clusters, recorded, duplicates.articles)
            progress("recording", 0, 1)
            if events or gone:
                members = {cluster.id: cluster.articles for cluster in duplicates.clusters}
                record_clusters(store, members, events, gone, now=now)
            for event in events:
                journal.write(f"cluster {event.event}", cluster=event.cluster_id, into=event.other)
            forget_outside(store, window_days=settings.window_days, now=now)
            progress("writing the report", 0, 1)
            report = write_report(duplicates, report_dir, settings=settings) if report_dir else None
            progress("writing the report", 1, 1)
        if settings.webhook_url:
            _tell(store, duplicates, fetcher, harvest.problems, settings=settings, now=now, journal=journal)
    counted = {"feeds": +harvest.feed_counts, "entries": +harvest.entry_counts, "sketches": +window.sketches}
    finish_run(store, run, counted, now=datetime.now(UTC), feeds=_feed_runs(harvest))
    night = Night(
        feeds=dict(sorted((+harvest.feed_counts).items())),
        entries=dict(sorted((+harvest.entry_counts).items())),
        problems=tuple(harvest.problems),
        duplicates=duplicates,
        report=report,
        sketches=dict(sorted((+window.sketches).items())),
        clusters={name: n for name in _HAPPENINGS if (n := sum(event.event == name for event in events))},
    )
    journal.write("run ends", run=run, severity=night.severity, **counted, clusters=len(duplicates.clusters))
    return night


def write_report(duplicates: Duplicates, folder: Path, *, settings: Settings | None = None) -> Path:
    """Write pages, ``matches.csv``, ``duplicates.jsonl`` and Atom feeds into a folder; return the start page's path."""
    duplicates.to_csv(folder / "matches.csv")
    duplicates.to_jsonl(folder / "duplicates.jsonl")
    feeds = write_feeds(duplicates, folder, watched=settings.watched if settings else ())
    data_files = ("matches.csv", "duplicates.jsonl", *(path.name for path in feeds))
    return write_site(duplicates, folder, data_files=data_files)


def robots_of(store: Store, settings: Settings, *, now: datetime) -> Robots:
    """Read what robots.txt files said last; the rules of a run."""
    known = {
        origin: RobotsFile(
            origin=origin, body=body, etag=etag, last_modified=last_modified, is_fresh=now - fetched <= _ROBOTS_FRESH
        )
        for origin, (body, etag, last_modified, fetched) in store.robots().items()
    }
    return Robots(settings.user_agent, ignore=settings.ignore_robots, known=known)


def fetcher_of(settings: Settings, *, robots: Robots | None = None) -> Fetcher:
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
        host_time_s=settings.host_time_s,
        robots=robots,
    )


def _is_wanted(ref: FeedRef, only: Sequence[str]) -> bool:
    names = (ref.url.casefold(), ref.title.casefold())
    return not only or any(part.casefold() in name for part in only for name in names)


def _cut_off(last: Sequence[RunState], now: datetime) -> datetime | None:
    """Tell when the first of the last runs began that were all cut off, if that was not long ago; newest first."""
    begun = None
    for run in last:
        started = datetime.fromisoformat(run.started)
        if run.finished or not timedelta(0) <= now - started <= _RESUMED_WITHIN:
            break
        begun = started
    return begun


def _tell(
    store: Store,
    duplicates: Duplicates,
    fetcher: Fetcher,
    problems: list[str],
    *,
    settings: Settings,
    now: datetime,
    journal: Journal,
) -> None:
    """Tell the webhook; that it cannot be told is a problem of the night, no error."""
    try:
        n = tell_webhook(
            store,
            duplicates,
            url=settings.webhook_url,
            secret=settings.webhook_secret,
            now=now,
            post=fetcher.post_json,
        )
        journal.write("webhook told", events=n)
    except FetchError as error:
        problems.append(f"webhook: {error}")
        journal.write("webhook failed", problem=str(error))


def _feed_runs(harvest: Harvest) -> tuple[FeedRun, ...]:
    urls = sorted(harvest.feed_outcomes.keys() | harvest.entries_of.keys())
    return tuple(
        FeedRun(
            feed_url=url,
            outcome=harvest.feed_outcomes.get(url, ("not asked", ""))[0],
            entries=dict(sorted((+harvest.entries_of[url]).items())),
            problem=harvest.feed_outcomes.get(url, ("", ""))[1],
        )
        for url in urls
    )
