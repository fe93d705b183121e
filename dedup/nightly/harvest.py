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

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from dedup.errors import FeedError, FetchError, PageError
from dedup.ingest.articles import article_from_entry, is_excerpt
from dedup.ingest.entries import entry_digest, entry_from_json, entry_to_json
from dedup.ingest.feeds import Entry, Feed, entry_text, parse_feed
from dedup.ingest.fetch import Fetcher, Response, by_turns
from dedup.ingest.opml import FeedRef
from dedup.ingest.pages import Page, read_page
from dedup.ingest.urls import article_id, entry_id
from dedup.model import Article
from dedup.nightly.dispatch import Ask, Fetched, fetch_in_order
from dedup.nightly.journal import Journal
from dedup.nightly.schedule import after_failure, after_success, asks_in_full, is_due, url_to_ask
from dedup.pipeline import Progress
from dedup.settings import Settings
from dedup.store import EntryState, FeedState, Saved, Store
from dedup.store.articles import to_text

T = TypeVar("T")

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
        self._seen_again: list[str] = []  # entries of the feed at hand that are known and unchanged
        self._store = store
        self._fetcher = fetcher
        self._settings = settings
        self._now = now
        self._progress = progress
        self._seen: set[str] = set()  # entries named by a feed tonight
        self._parts: list[str] = []  # sitemaps that an index named tonight
        for host, until in store.waits(now=now).items():
            fetcher.turns.hold(host, (until - now).total_seconds())

    # -- feeds

    def fetch_feeds(self, feeds: Sequence[FeedRef]) -> None:
        """Fetch every feed that is due, and the sitemaps that it names, and note their entries."""
        urls = [ref.url for ref in by_turns(feeds, lambda ref: ref.url)]
        self._fetch_feeds(urls)
        parts, self._parts = self._parts, []
        self._fetch_feeds([url for url in dict.fromkeys(parts) if url not in urls])
        self._save_hosts()

    def _fetch_feeds(self, urls: Sequence[str]) -> None:
        states = [self._store.feed(url) for url in urls]
        due = []
        for state in states:
            if self._is_since_cut_off(state.last_fetched):
                self._count_feed(state.url, "fetched before the run was cut off")
            elif is_due(state, now=self._now):
                due.append(state)
            else:
                self._count_feed(state.url, "not due")
        for done, (state, fetched) in enumerate(self._fetch(due, self._ask_for_feed), start=1):
            n_problems = len(self.problems)
            outcome = self._note_feed(state, fetched)
            self._count_feed(state.url, outcome, " ".join(self.problems[n_problems:]))
            self._progress("fetching feeds", done, len(due))

    def _is_since_cut_off(self, moment: str) -> bool:
        """Tell whether the run that was cut off has done something already."""
        return self._cut_off is not None and moment != "" and datetime.fromisoformat(moment) >= self._cut_off

    def _count_feed(self, url: str, outcome: str, problem: str = "") -> None:
        self.feed_counts[outcome] += 1
        self.feed_outcomes[url] = (outcome, problem)
        self._journal.write("feed", feed=url, outcome=outcome, problem=problem, entries=dict(self.entries_of[url]))

    def _count_entries(self, feed_url: str, outcome: str, n: int = 1) -> None:
        self.entry_counts[outcome] += n
        self.entries_of[feed_url][outcome] += n

    def _count_finished(self, state: EntryState, outcome: str, problem: str = "") -> None:
        self._count_entries(state.feed_url, outcome)
        self._journal.write("entry", feed=state.feed_url, link=state.link, outcome=outcome, problem=problem)

    def _ask_for_feed(self, state: FeedState) -> Ask:
        if asks_in_full(state, now=self._now, full_fetch_days=self._settings.full_fetch_days):
            return Ask(url=url_to_ask(state))
        return Ask(url=url_to_ask(state), etag=state.etag, last_modified=state.last_modified)

    def _note_feed(self, state: FeedState, fetched: Fetched | None) -> str:
        """Note what a feed carries, then that it was fetched; return the outcome."""
        self._save_robots()
        try:
            if not isinstance(fetched, Response):
                raise fetched or FetchError(state.url, "not asked for")
            outcome, n_new = "not modified", 0
            if fetched.not_modified:
                self._see_again(state.url, self._store.feed_items(state.url).values())
                self._store.see_entries_again(self._seen_again, now=self._now)
            else:
                outcome = "fetched"
                known = self._store.feed_items(state.url)
                feed = self._parse(fetched, known)
                n_new = self._note_entries(feed, state.url, known)
                state = replace(state, title=feed.title, language=feed.language)
            state = _with_validators(state, fetched)
            state = after_success(state, now=self._now, n_new=n_new, is_full=not fetched.not_modified)
        except (FetchError, FeedError) as problem:
            outcome = self._note_problem(problem)
            if outcome != "postponed":
                retry_after_s = problem.retry_after_s if isinstance(problem, FetchError) else 0.0
                state = after_failure(state, now=self._now, retry_after_s=retry_after_s)
        self._store.save_feed(replace(state, last_fetched=to_text(self._now), last_outcome=outcome))
        return outcome

    def _note_entries(self, feed: Feed, feed_url: str, known: Mapping[str, tuple[str, str, str]]) -> int:
        """Note the entries of a feed; return how many are new tonight."""
        n_new = self._see_again(feed_url, (known[digest] for digest in feed.unchanged))
        carried = {digest: known[digest][0] for digest in feed.unchanged}
        for entry in feed.entries:
            known_as, counted, is_new = self._note_entry(entry, feed_url)
            n_new += is_new
            if counted:
                self._count_entries(feed_url, counted)
            if known_as:
                carried[entry.raw_digest if entry.link and entry.raw_digest else f"id {known_as}"] = known_as
        self._store.see_entries_again(self._seen_again, now=self._now)
        self._store.save_feed_items(feed_url, carried)
        for reason, n in feed.skipped.items():
            self._count_entries(feed_url, f"set aside: {reason}", n)
        self._parts += feed.parts
        return n_new

    def _see_again(self, feed_url: str, items: Iterable[tuple[str, str, str]]) -> int:
        """Count entries that stand in a feed as they did; return how many of them are new tonight all the same."""
        self._seen_again, n_new = [], 0
        for known_as, state, first_seen in items:
            n_new += first_seen == to_text(self._now)
            if known_as in self._seen:
                self._count_entries(feed_url, "named twice")
                continue
            self._seen.add(known_as)
            self._seen_again.append(known_as)
            if state == "done":
                self._count_entries(feed_url, "known")
        return n_new

    def _parse(self, fetched: Response, known: Collection[str]) -> Feed:
        try:
            return parse_feed(
                fetched.body,
                url=fetched.final_url,
                content_type=fetched.content_type,
                max_entries=self._settings.max_entries,
                known=known,
            )
        except FeedError:
            raise
        except Exception as error:  # a feed that breaks a parser must not end the night: it is counted and shown
            raise FeedError(f"{fetched.final_url}: breaks the parser: {error!r}") from error

    def _note_entry(self, entry: Entry, feed_url: str) -> tuple[str, str, bool]:
        """Note an entry as pending if there is something to do for it; put it among those seen again if it is known.

        Return its id, the outcome it is counted under if there is nothing to do, and whether it is new tonight.
        """
        if not entry.link and not entry_text(entry.content_html or entry.summary_html):
            return "", "set aside: neither link nor text", False
        if self._since and entry.published and entry.published < self._since:
            return "", "set aside: older than asked for", False
        digest, now = entry_digest(entry), to_text(self._now)
        known_as = entry_id(entry.link, feed_url=feed_url, guid=entry.guid or digest)
        if known_as in self._seen:
            return known_as, "named twice", False
        self._seen.add(known_as)
        known = self._store.entry(known_as)
        is_new = known is None or known.first_seen == now
        if known and known.digest == digest:
            self._seen_again.append(known_as)
            return known_as, "known" if known.state == "done" else "", is_new
        state = known or EntryState(
            id=known_as, feed_url=feed_url, link=entry.link, digest="", entry="", first_seen=now
        )
        self._store.save_entry(
            replace(state, digest=digest, entry=entry_to_json(entry), state="pending", n_tries=0, last_seen=now)
        )
        return known_as, "", is_new

    # -- entries

    def finish_entries(self, *, of_feeds: Collection[str] | None = None) -> None:
        """Make an article of each pending entry, those of earlier nights included; of some feeds, if they are named.

        Where a page redirects, what it leads to is looked at first: if that is another entry's page, or was stored
        already, it is not fetched. So one article is fetched once, whatever number of feeds and aggregators name it.
        """
        pending = self._untried(of_feeds)
        leads = [_Lead(state, state.link) for state in by_turns(pending, lambda state: state.link)]
        whose = {lead.state.id: lead.state.id for lead in leads}
        done, total = 0, len(leads)
        while leads:
            further = []
            for lead, fetched in self._fetch(leads, self._ask_for_page):
                if isinstance(fetched, Response) and fetched.stopped:
                    answer = self._follow(lead, fetched, whose)
                    if isinstance(answer, _Lead):
                        further.append(answer)
                        continue
                    self._count_finished(lead.state, answer)
                else:
                    n_problems = len(self.problems)
                    outcome = self._finish_entry(lead.state, fetched)
                    self._count_finished(lead.state, outcome, " ".join(self.problems[n_problems:]))
                done += 1
                self._progress("fetching pages", done, total)
            leads = further
        self._save_hosts()

    def _untried(self, of_feeds: Collection[str] | None) -> list[EntryState]:
        """Give the pending entries, without those that the run which was cut off has tried in vain."""
        untried = []
        for state in self._store.pending_entries():
            if of_feeds is not None and state.feed_url not in of_feeds:
                continue
            if self._is_since_cut_off(state.last_tried):
                self._count_finished(state, "failed before the run was cut off")
            else:
                untried.append(state)
        return untried

    def _ask_for_page(self, lead: _Lead) -> Ask | None:
        """Ask for the page of an entry, if its feed carries only an excerpt."""
        state = lead.state
        if not state.link or not is_excerpt(entry_from_json(state.entry), excerpt_words=self._settings.excerpt_words):
            return None
        own = article_id(lead.url)
        return Ask(
            url=lead.url,
            etag=state.etag,
            last_modified=state.last_modified,
            stop_at=lambda target: article_id(target) != own,
        )

    def _follow(self, lead: _Lead, stopped: Response, whose: dict[str, str]) -> _Lead | str:
        """Go on where a page redirects to, or return the outcome, if that is another entry's page."""
        state, target = lead.state, stopped.final_url
        leads_to = article_id(target)
        is_others = whose.setdefault(leads_to, state.id) != state.id
        is_others = is_others or (leads_to != state.id and self._store.entry(leads_to) is not None)
        if is_others or self._store.is_of_other_entry(leads_to, state.id):
            return self._close_entry(replace(state, state="done"), "same page as another entry")
        if lead.n_hops >= self._settings.max_redirects:
            detail = f"{lead.n_hops} were followed, the next leads to {target[:300]}"
            return self._finish_entry(state, FetchError(state.link[:300], "too many redirects", detail))
        return _Lead(state, target, lead.n_hops + 1)

    def _finish_entry(self, state: EntryState, fetched: Fetched | None) -> str:
        """Store what became of an entry, in one transaction with its article; return the outcome."""
        self._save_robots()
        page, failed = None, ""
        if isinstance(fetched, FetchError) and fetched.reason == "postponed":
            return "postponed"  # it stays pending, and this was no try
        try:
            if isinstance(fetched, Exception):
                raise fetched
            if fetched is not None and not fetched.not_modified:
                page = _read(fetched)
                state = replace(state, etag=fetched.etag, last_modified=fetched.last_modified)
        except (FetchError, PageError) as problem:
            failed = self._note_problem(problem)
        n_tries = state.n_tries + 1
        state = replace(state, n_tries=n_tries, last_tried=to_text(self._now))
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
            fetched_url=state.link if response else "",
            final_url=response.final_url if response else "",
            feed=Feed(url=about.url, title=about.title, version="", language=about.language, entries=()),
            first_seen=self._now,
            excerpt_words=self._settings.excerpt_words,
        )
        if article.published and article.published > self._now + _FUTURE:
            article = replace(article, published=None)  # the raw date stays
        return article if article.id else replace(article, id=state.id)

    # -- both

    def _note_problem(self, problem: FetchError | FeedError | PageError) -> str:
        if isinstance(problem, FetchError) and problem.reason == "postponed":
            return "postponed"
        self.problems.append(str(problem))
        if isinstance(problem, FetchError) and problem.retry_after_s:
            self._save_hosts()  # a run that is cut off must not forget who asked for a pause
        if isinstance(problem, FetchError):
            return f"failed: {problem.reason}"
        return "failed: no feed" if isinstance(problem, FeedError) else "failed: no article text"

    def _fetch(self, items: Sequence[T], ask_of: Callable[[T], Ask | None]) -> Iterator[tuple[T, Fetched | None]]:
        return fetch_in_order(items, ask_of, fetcher=self._fetcher, concurrency=self._settings.concurrency)

    def _save_hosts(self) -> None:
        """Remember which hosts asked to be left alone, and what robots.txt files say."""
        held = self._fetcher.turns.held()
        self._store.save_waits({host: self._now + timedelta(seconds=s) for host, s in held.items()}, now=self._now)
        self._save_robots()

    def _save_robots(self) -> None:
        """Remember what robots.txt files say: before what they allowed is done, or a run that is cut off forgets it."""
        if self._fetcher.robots and (changed := self._fetcher.robots.take_changed()):
            said = {one.origin: (one.body, one.etag, one.last_modified) for one in changed}
            self._store.save_robots(said, now=self._now)


@dataclass(frozen=True, slots=True)
class _Lead:
    """An entry, and where its page is looked for."""

    state: EntryState
    url: str
    n_hops: int = 0


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
