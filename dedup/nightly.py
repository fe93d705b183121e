"""One night: feeds -> what is new -> the store -> the index -> the report.

    fetch each feed -> note its entries -> finish each pending entry (fetch its page) -> compare the window -> report

Theory of operation
-------------------
Everything is noted before it is done: an entry is stored as pending before its page is asked for, a feed's ETag only
after its entries. A run that is cut off anywhere is finished by the next one, and a page that fails tonight is tried
again on the following nights. Each entry a feed carries is counted exactly once, under a named outcome.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from dedup.errors import FeedError, FetchError, PageError
from dedup.ingest.articles import article_from_entry, is_excerpt
from dedup.ingest.entries import entry_digest, entry_from_json, entry_to_json
from dedup.ingest.feeds import Entry, Feed, entry_text, parse_feed
from dedup.ingest.fetch import Fetcher, Response, by_turns
from dedup.ingest.opml import FeedRef
from dedup.ingest.pages import Page, read_page
from dedup.ingest.urls import entry_id
from dedup.model import Article, Duplicates
from dedup.pipeline import Index, Progress, no_progress
from dedup.settings import Settings
from dedup.store import EntryState, FeedState, Saved, Store

T = TypeVar("T")
R = TypeVar("R")

_MAX_TRIES = 5  # nights on which a page that fails is asked for again
_FUTURE = timedelta(days=1)  # a date further ahead of our clock than any time zone is no date


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
        Where ``index.html``, ``matches.csv`` and ``duplicates.jsonl`` go.
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
    job = _Job(store, settings, now, progress)
    with fetcher_of(settings) as fetcher:
        job.fetch_feeds(feeds, fetcher)
        job.finish_entries(fetcher)
    duplicates = find_in_store(store, settings=settings, progress=progress)
    report = write_report(duplicates, report_dir) if report_dir else None
    store.finish_run(run, {"feeds": +job.feed_counts, "entries": +job.entry_counts}, now=datetime.now(UTC))
    return Night(
        feeds=dict(sorted((+job.feed_counts).items())),
        entries=dict(sorted((+job.entry_counts).items())),
        problems=tuple(job.problems),
        duplicates=duplicates,
        report=report,
    )


def find_in_store(store: Store, *, settings: Settings, progress: Progress = no_progress) -> Duplicates:
    """Find the copies among the articles of the store's window, through the stored sketches where they fit."""
    return index_of_store(store, settings=settings, progress=progress).duplicates()


def index_of_store(store: Store, *, settings: Settings, progress: Progress = no_progress) -> Index:
    """Put the articles of the store's window into an index; sketches that are missing are made and filed."""
    index = Index(settings, progress=progress)
    made_with = index.made_with
    for article in store.articles(window_days=settings.window_days):
        sketch = store.sketch(article.id, made_with=made_with)
        if sketch is None:
            sketch = index.sketch(article)
            store.save_sketch(article.id, sketch, made_with=made_with)
        index.add_sketched(article, sketch)
    return index


def write_report(duplicates: Duplicates, folder: Path) -> Path:
    """Write ``index.html``, ``matches.csv`` and ``duplicates.jsonl`` into a folder; return the page's path."""
    duplicates.to_csv(folder / "matches.csv")
    duplicates.to_jsonl(folder / "duplicates.jsonl")
    return duplicates.to_html(folder / "index.html")


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


class _Job:
    """The counters of one night, and the steps that fill them. Only the main thread touches the store."""

    def __init__(self, store: Store, settings: Settings, now: datetime, progress: Progress) -> None:
        self.feed_counts: Counter[str] = Counter()
        self.entry_counts: Counter[str] = Counter()
        self.problems: list[str] = []
        self._store = store
        self._settings = settings
        self._now = now
        self._progress = progress
        self._seen: set[str] = set()  # entries named by a feed tonight

    # -- feeds

    def fetch_feeds(self, feeds: Sequence[FeedRef], fetcher: Fetcher) -> None:
        """Fetch every feed and note its entries."""
        states = [self._store.feed(ref.url) for ref in by_turns(feeds, lambda ref: ref.url)]
        results = self._in_parallel(lambda state: _fetch_feed(state, fetcher, self._settings), states)
        for done, (state, result) in enumerate(zip(states, results, strict=True), start=1):
            self.feed_counts[self._note_feed(state, result)] += 1
            self._progress("fetching feeds", done, len(states))

    def _note_feed(self, state: FeedState, result: _FetchedFeed) -> str:
        if result.problem:
            outcome = self._note_problem(result.problem)
        elif result.feed is None:
            self.entry_counts["known"] += self._store.see_feed_again(state.url, now=self._now)
            outcome = "not modified"
        else:
            for entry in result.feed.entries:
                if counted := self._note_entry(entry, state.url):
                    self.entry_counts[counted] += 1
            for reason, n in result.feed.skipped.items():
                self.entry_counts[f"set aside: {reason}"] += n
            state = replace(state, title=result.feed.title, language=result.feed.language)
            outcome = "fetched"
        if response := result.response:
            moved = response.permanent_url if response.permanent_url != state.url else ""
            state = replace(
                state,
                current_url=moved,
                etag=response.etag or state.etag if response.not_modified else response.etag,
                last_modified=response.last_modified or state.last_modified
                if response.not_modified
                else response.last_modified,
            )
        self._store.save_feed(replace(state, last_fetched=self._now.isoformat(), last_outcome=outcome))
        return outcome

    def _note_problem(self, problem: Exception) -> str:
        self.problems.append(str(problem) or repr(problem))
        return f"failed: {_reason(problem)}"

    # -- entries

    def _note_entry(self, entry: Entry, feed_url: str) -> str:
        """Note an entry as pending if there is something to do for it, else return the outcome it is counted under."""
        if not entry.link and not entry_text(entry.content_html or entry.summary_html):
            return "set aside: neither link nor text"
        known_as = entry_id(entry.link, feed_url=feed_url, guid=entry.guid or entry_digest(entry))
        if known_as in self._seen:
            return "named twice"
        self._seen.add(known_as)
        known, digest = self._store.entry(known_as), entry_digest(entry)
        if known and known.digest == digest:
            self._store.see_entry_again(known_as, now=self._now)
            return "known" if known.state == "done" else ""
        state = known or EntryState(id=known_as, feed_url=feed_url, link=entry.link, digest="", entry="")
        self._store.save_entry(
            replace(
                state,
                digest=digest,
                entry=entry_to_json(entry),
                state="pending",
                n_tries=0,
                last_seen=self._now.isoformat(),
            )
        )
        return ""

    def finish_entries(self, fetcher: Fetcher) -> None:
        """Make an article of each pending entry, those of earlier nights included."""
        pending = by_turns(self._store.pending_entries(), lambda state: state.link)
        results = self._in_parallel(lambda state: _fetch_page(state, fetcher, self._settings), pending)
        for done, (state, result) in enumerate(zip(pending, results, strict=True), start=1):
            self.entry_counts[self._finish_entry(state, result)] += 1
            self._progress("fetching pages", done, len(pending))

    def _finish_entry(self, state: EntryState, result: _FetchedPage) -> str:
        """Store what became of an entry, in one transaction with its article; return the outcome."""
        failed = self._note_problem(result.problem) if result.problem else ""
        n_tries = state.n_tries + 1
        state = replace(state, n_tries=n_tries, state="pending" if failed and n_tries < _MAX_TRIES else "done")
        if response := result.response:
            state = replace(state, etag=response.etag, last_modified=response.last_modified)
        article = self._article_of(state, result)
        if article is None or (failed and state.article_id):  # nothing to store, or a full text is stored already
            outcome = failed or ("unchanged" if result.is_not_modified else "failed: no text")
            self._store.save_entry(replace(state, outcome=outcome))
            return outcome
        if self._store.is_of_other_entry(article.id, state.id):
            outcome = "same page as another entry"
            self._store.save_entry(replace(state, state="done", outcome=outcome))
            return outcome
        saved = self._store.save_article(
            article, now=self._now, entry=replace(state, article_id=article.id, outcome=failed or "done")
        )
        return f"{saved}, only an excerpt" if article.text_origin == "excerpt" and saved is Saved.NEW else saved.value

    def _article_of(self, state: EntryState, result: _FetchedPage) -> Article | None:
        if result.is_not_modified or result.entry is None:
            return None
        about = self._store.feed(state.feed_url)
        feed = Feed(url=about.url, title=about.title, version="", language=about.language, entries=())
        response = result.response
        article = article_from_entry(
            result.entry,
            page=result.page,
            fetched_url=response.fetched_url if response else "",
            final_url=response.final_url if response else "",
            feed=feed,
            first_seen=self._now,
            excerpt_words=self._settings.excerpt_words,
        )
        if not article.text.strip():
            return None
        if article.published and article.published > self._now + _FUTURE:
            article = replace(article, published=None)  # the raw date stays
        return article if article.id else replace(article, id=state.id)

    def _in_parallel(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Do the work on several threads, results in the order of the items; few wait at once."""
        pool = ThreadPoolExecutor(max_workers=self._settings.concurrency)
        waiting: deque[Future[R]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) >= 4 * self._settings.concurrency:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _FetchedFeed:
    response: Response | None = None
    feed: Feed | None = None  # None with a response: not modified
    problem: Exception | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _FetchedPage:
    entry: Entry | None = None
    response: Response | None = None
    page: Page | None = None
    is_not_modified: bool = False
    problem: Exception | None = None


def _fetch_feed(state: FeedState, fetcher: Fetcher, settings: Settings) -> _FetchedFeed:
    response = None
    try:
        response = fetcher.get(state.current_url or state.url, etag=state.etag, last_modified=state.last_modified)
        if response.not_modified:
            return _FetchedFeed(response=response)
        feed = parse_feed(
            response.body, url=response.final_url, content_type=response.content_type, max_entries=settings.max_entries
        )
        return _FetchedFeed(response=replace(response, body=b""), feed=feed)
    except Exception as error:  # a feed that breaks a parser must not end the night: it is counted and shown
        return _FetchedFeed(problem=error)


def _fetch_page(state: EntryState, fetcher: Fetcher, settings: Settings) -> _FetchedPage:
    """Fetch the page of an entry, if its feed carries only an excerpt."""
    entry, response = None, None
    try:
        entry = entry_from_json(state.entry)
        if not entry.link or not is_excerpt(entry, excerpt_words=settings.excerpt_words):
            return _FetchedPage(entry=entry)
        response = fetcher.get(entry.link, etag=state.etag, last_modified=state.last_modified)
        if response.not_modified:
            return _FetchedPage(entry=entry, is_not_modified=True)
        page = read_page(response.body, url=response.final_url, content_type=response.content_type)
        return _FetchedPage(entry=entry, response=replace(response, body=b""), page=page)
    except Exception as error:  # as above
        return _FetchedPage(entry=entry, response=None, problem=error)


def _reason(problem: Exception) -> str:
    """Name a failure in a few stable words, to be counted by."""
    if isinstance(problem, FetchError):
        return problem.reason
    if isinstance(problem, (FeedError, PageError)):
        return "no feed" if isinstance(problem, FeedError) else "no article text"
    return f"unexpected {type(problem).__name__}"
