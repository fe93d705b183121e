"""Feeds -> what is new, in the store.

Theory of operation
-------------------
Everything is noted before it is done: an entry is stored as pending before its page is asked for, a feed's ETag only
after its entries, an article together with its entry's state. A run that is cut off anywhere is finished by the next
one, and a page that fails tonight is tried again on the following nights. Each entry a feed carries is counted exactly
once, under a named outcome.

Threads only fetch. Reading what was fetched and writing the store are the main thread's: extraction on several threads
was tried and took 128 s for 439 pages instead of 47: they fight over the interpreter and the allocator.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeAlias, TypeVar

from dedup.errors import FeedError, FetchError, PageError
from dedup.ingest.articles import article_from_entry, is_excerpt
from dedup.ingest.entries import entry_digest, entry_from_json, entry_to_json
from dedup.ingest.feeds import Entry, Feed, entry_text, parse_feed
from dedup.ingest.fetch import Fetcher, Response, by_turns
from dedup.ingest.opml import FeedRef
from dedup.ingest.pages import Page, read_page
from dedup.ingest.urls import entry_id
from dedup.model import Article
from dedup.nightly.journal import Journal
from dedup.pipeline import Progress
from dedup.settings import Settings
from dedup.store import EntryState, FeedState, Saved, Store, to_text

T = TypeVar("T")
R = TypeVar("R")
Fetched: TypeAlias = Response | Exception

_MAX_TRIES = 5  # nights on which a page that fails is asked for again
_FUTURE = timedelta(days=1)  # a date further ahead of our clock than any time zone is no date


class Harvest:
    """One night's harvest: its counters, and the steps that fill them.

    Attributes
    ----------
    feed_counts, entry_counts : Counter
        Feeds and entries by outcome.
    problems : list of str
        One line for each feed or page that failed.
    feed_outcomes : dict of str to (str, str)
        By feed, its outcome and what failed.
    entries_of : dict of str to Counter
        By feed, its entries by outcome.
    """

    def __init__(
        self,
        store: Store,
        fetcher: Fetcher,
        *,
        settings: Settings,
        now: datetime,
        progress: Progress,
        journal: Journal | None = None,
        since: datetime | None = None,
        cut_off: datetime | None = None,
    ) -> None:
        self.feed_counts: Counter[str] = Counter()
        self.entry_counts: Counter[str] = Counter()
        self.problems: list[str] = []
        self.feed_outcomes: dict[str, tuple[str, str]] = {}
        self.entries_of: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._journal = journal or Journal()
        self._since = since  # entries that are dated earlier are set aside
        self._cut_off = cut_off  # when the run began that was cut off and that this one goes on with
        self._store = store
        self._fetcher = fetcher
        self._settings = settings
        self._now = now
        self._at = to_text(now)
        self._progress = progress
        self._seen: set[str] = set()  # entries named by a feed tonight
        self._seen_again: list[str] = []  # entries of the feed at hand that are known and unchanged

    # -- feeds

    def fetch_feeds(self, feeds: Sequence[FeedRef]) -> None:
        """Fetch every feed and note its entries."""
        listed = [self._store.feed(ref.url) for ref in by_turns(feeds, lambda ref: ref.url)]
        states = [state for state in listed if not self._is_fetched(state)]
        for state in listed:
            if self._is_fetched(state):
                self._count_feed(state.url, "fetched before the run was cut off")
        for done, (state, fetched) in enumerate(self._in_parallel(self._ask_for_feed, states), start=1):
            n_problems = len(self.problems)
            outcome = self._note_feed(state, fetched)
            self._count_feed(state.url, outcome, " ".join(self.problems[n_problems:]))
            self._progress("fetching feeds", done, len(states))

    def _is_fetched(self, state: FeedState) -> bool:
        """Tell whether the run that was cut off has done a feed already."""
        return self._is_since_cut_off(state.last_fetched)

    def _is_since_cut_off(self, moment: str) -> bool:
        return self._cut_off is not None and moment != "" and datetime.fromisoformat(moment) >= self._cut_off

    def _count_feed(self, url: str, outcome: str, problem: str = "") -> None:
        self.feed_counts[outcome] += 1
        self.feed_outcomes[url] = (outcome, problem)
        self._journal.write("feed", feed=url, outcome=outcome, problem=problem, entries=dict(self.entries_of[url]))

    def _count_entries(self, feed_url: str, outcome: str, n: int = 1) -> None:
        self.entry_counts[outcome] += n
        self.entries_of[feed_url][outcome] += n

    def _ask_for_feed(self, state: FeedState) -> Fetched:
        return self._ask(state.current_url or state.url, state.etag, state.last_modified)

    def _note_feed(self, state: FeedState, fetched: Fetched) -> str:
        """Note what a feed carries, then that it was fetched; return the outcome."""
        try:
            if isinstance(fetched, Exception):
                raise fetched
            if fetched.not_modified:
                self._count_entries(state.url, "known", self._store.see_feed_again(state.url, now=self._now))
                outcome = "not modified"
            else:
                feed = self._parse(fetched)
                self._seen_again = []
                for entry in feed.entries:
                    if counted := self._note_entry(entry, state.url):
                        self._count_entries(state.url, counted)
                self._store.see_entries_again(self._seen_again, now=self._now)
                for reason, n in feed.skipped.items():
                    self._count_entries(state.url, f"set aside: {reason}", n)
                state = replace(state, title=feed.title, language=feed.language)
                outcome = "fetched"
            state = _with_validators(state, fetched)
        except (FetchError, FeedError) as problem:
            outcome = self._note_problem(problem)
        self._store.save_feed(replace(state, last_fetched=self._at, last_outcome=outcome))
        return outcome

    def _parse(self, fetched: Response) -> Feed:
        try:
            return parse_feed(
                fetched.body,
                url=fetched.final_url,
                content_type=fetched.content_type,
                max_entries=self._settings.max_entries,
            )
        except FeedError:
            raise
        except Exception as error:  # a feed that breaks a parser must not end the night: it is counted and shown
            raise FeedError(f"{fetched.final_url}: breaks the parser: {error!r}") from error

    def _note_entry(self, entry: Entry, feed_url: str) -> str:
        """Note an entry as pending if there is something to do for it, else return the outcome it is counted under."""
        if not entry.link and not entry_text(entry.content_html or entry.summary_html):
            return "set aside: neither link nor text"
        if self._since and entry.published and entry.published < self._since:
            return "set aside: older than asked for"
        digest = entry_digest(entry)
        known_as = entry_id(entry.link, feed_url=feed_url, guid=entry.guid or digest)
        if known_as in self._seen:
            return "named twice"
        self._seen.add(known_as)
        known = self._store.entry(known_as)
        if known and known.digest == digest:
            self._seen_again.append(known_as)
            return "known" if known.state == "done" else ""
        state = known or EntryState(id=known_as, feed_url=feed_url, link=entry.link, digest="", entry="")
        self._store.save_entry(
            replace(
                state,
                digest=digest,
                entry=entry_to_json(entry),
                state="pending",
                n_tries=0,
                last_seen=self._at,
            )
        )
        return ""

    # -- entries

    def finish_entries(self, *, of_feeds: Collection[str] | None = None) -> None:
        """Make an article of each pending entry, those of earlier nights included; of some feeds, if they are named."""
        waiting = self._store.pending_entries()
        wanted = [state for state in waiting if of_feeds is None or state.feed_url in of_feeds]
        untried = []
        for state in wanted:
            if self._is_since_cut_off(state.last_tried):
                self._count_entries(state.feed_url, "failed before the run was cut off")
            else:
                untried.append(state)
        pending = by_turns(untried, lambda state: state.link)
        for done, (state, fetched) in enumerate(self._in_parallel(self._ask_for_page, pending), start=1):
            n_problems = len(self.problems)
            outcome = self._finish_entry(state, fetched)
            self._count_entries(state.feed_url, outcome)
            problem = " ".join(self.problems[n_problems:])
            self._journal.write("entry", feed=state.feed_url, link=state.link, outcome=outcome, problem=problem)
            self._progress("fetching pages", done, len(pending))

    def _ask_for_page(self, state: EntryState) -> Fetched | None:
        """Fetch the page of an entry, if its feed carries only an excerpt."""
        if not state.link or not is_excerpt(entry_from_json(state.entry), excerpt_words=self._settings.excerpt_words):
            return None
        return self._ask(state.link, state.etag, state.last_modified)

    def _finish_entry(self, state: EntryState, fetched: Fetched | None) -> str:
        """Store what became of an entry, in one transaction with its article; return the outcome."""
        page, failed = None, ""
        try:
            if isinstance(fetched, Exception):
                raise fetched
            if fetched is not None and not fetched.not_modified:
                page = _read(fetched)
                state = replace(state, etag=fetched.etag, last_modified=fetched.last_modified)
        except (FetchError, PageError) as problem:
            failed = self._note_problem(problem)
        n_tries = state.n_tries + 1
        state = replace(state, n_tries=n_tries, last_tried=self._at)
        state = replace(state, state="pending" if failed and n_tries < _MAX_TRIES else "done")
        if isinstance(fetched, Response) and fetched.not_modified:
            return self._close_entry(state, "unchanged")
        if failed and state.article_id:
            return self._close_entry(state, failed)  # what is stored already is not replaced by an excerpt
        article = self._article_of(state, page, fetched if isinstance(fetched, Response) else None)
        if not article.text.strip():
            return self._close_entry(state, failed or "failed: no text")
        if self._store.is_of_other_entry(article.id, state.id):
            return self._close_entry(replace(state, state="done"), "same page as another entry")
        saved = self._store.save_article(
            article, now=self._now, entry=replace(state, article_id=article.id, outcome=failed or "stored")
        )
        return "new, only an excerpt" if saved is Saved.NEW and article.text_origin == "excerpt" else saved.value

    def _close_entry(self, state: EntryState, outcome: str) -> str:
        self._store.save_entry(replace(state, outcome=outcome))
        return outcome

    def _article_of(self, state: EntryState, page: Page | None, response: Response | None) -> Article:
        about = self._store.feed(state.feed_url)
        article = article_from_entry(
            entry_from_json(state.entry),
            page=page,
            fetched_url=response.fetched_url if response else "",
            final_url=response.final_url if response else "",
            feed=Feed(url=about.url, title=about.title, version="", language=about.language, entries=()),
            first_seen=self._now,
            excerpt_words=self._settings.excerpt_words,
        )
        if article.published and article.published > self._now + _FUTURE:
            article = replace(article, published=None)  # the raw date stays
        return article if article.id else replace(article, id=state.id)

    # -- both

    def _ask(self, url: str, etag: str, last_modified: str) -> Fetched:
        try:
            return self._fetcher.get(url, etag=etag, last_modified=last_modified)
        except FetchError as problem:
            return problem
        except Exception as error:  # a server that breaks the client must not end the night: it is counted and shown
            return FetchError(url, f"unexpected {type(error).__name__}", str(error))

    def _note_problem(self, problem: FetchError | FeedError | PageError) -> str:
        self.problems.append(str(problem))
        if isinstance(problem, FetchError):
            return f"failed: {problem.reason}"
        return "failed: no feed" if isinstance(problem, FeedError) else "failed: no article text"

    def _in_parallel(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[tuple[T, R]]:
        """Do the work on several threads, in the order of the items; few results wait at once, each may be large."""
        pool = ThreadPoolExecutor(max_workers=self._settings.concurrency)
        waiting: deque[tuple[T, Future[R]]] = deque()
        try:
            for item in items:
                waiting.append((item, pool.submit(work, item)))
                if len(waiting) > 2 * self._settings.concurrency:
                    first, future = waiting.popleft()
                    yield first, future.result()
            while waiting:
                first, future = waiting.popleft()
                yield first, future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _read(fetched: Response) -> Page:
    try:
        return read_page(fetched.body, url=fetched.final_url, content_type=fetched.content_type)
    except PageError:
        raise
    except Exception as error:  # a page that breaks a parser must not end the night: it is counted and shown
        raise PageError(f"{fetched.final_url}: breaks the parser: {error!r}") from error


def _with_validators(state: FeedState, response: Response) -> FeedState:
    """Remember where the feed moved for good and its validators; a 304 need not repeat them."""
    moved = response.permanent_url if response.permanent_url != state.url else ""
    if response.not_modified:
        return replace(
            state,
            current_url=moved,
            etag=response.etag or state.etag,
            last_modified=response.last_modified or state.last_modified,
        )
    return replace(state, current_url=moved, etag=response.etag, last_modified=response.last_modified)
