"""A recording server: how close requests to one host come, what they carry, and how often one article is fetched."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from dedup import Settings
from dedup.ingest.fetch_robots import Robots, RobotsFile
from dedup.ingest.fetch_turns import retry_after_s
from dedup.ingest.opml import FeedRef
from dedup.nightly import Night, run_night
from dedup.nightly.plan import plan_night
from dedup.nightly.schedule import after_failure, after_success, asks_in_full, is_due, url_to_ask
from dedup.store import FeedState, Store
from tests.hostile.replies import item, page, rss

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
DELAY_S = 0.08
TEASER = "The council met on Monday."


@dataclass
class Recorded:
    """Every request: when it came and when its answer had left, its host, path and headers."""

    address: str = ""
    bodies: dict[tuple[str, str], bytes | tuple[int, dict[str, str]]] = field(default_factory=dict)
    requests: list[tuple[float, float, str, str, dict[str, str]]] = field(default_factory=list)

    def paths(self) -> list[str]:
        return [f"{host}{path}" for _, _, host, path, _ in self.requests if path != "/robots.txt"]


@pytest.fixture
def recorded() -> Iterator[Recorded]:
    record = Recorded()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            came = time.monotonic()
            answer = record.bodies.get((self.headers["Host"], self.path), (404, {}))
            status, headers, body = (200, {}, answer) if isinstance(answer, bytes) else (*answer, b"")
            etag = f'"{blake2b(body, digest_size=8).hexdigest()}"'
            if status == 200 and self.headers["If-None-Match"] == etag:
                status, body = 304, b""
            time.sleep(Random(self.path).uniform(0, 0.05))  # as servers do
            record.requests.append((came, time.monotonic(), self.headers["Host"], self.path, dict(self.headers)))
            self.send_response(status)
            for name, value in {"ETag": etag, "Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, *_: object) -> None: ...

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    record.address = f"127.0.0.1:{server.server_address[1]}"
    yield record
    server.shutdown()
    server.server_close()
    thread.join()


class Nights:
    """Night after night on one store."""

    def __init__(self, recorded: Recorded, folder: Path) -> None:
        self.recorded = recorded
        self.path = folder / "news.db"
        self.now = NOW
        self.settings = Settings(connect_to={"*": recorded.address}, host_delay_s=0.0, timeout_s=5.0, translated=False)

    def run(self, *urls: str, after: timedelta = timedelta(days=1)) -> Night:
        self.recorded.requests.clear()
        with Store(self.path) as store:
            night = run_night([FeedRef(url=url) for url in urls], store, now=self.now, settings=self.settings)
        self.now += after
        return night

    def feed(self, url: str) -> FeedState:
        with Store(self.path) as store:
            return store.feed(url)


@pytest.fixture
def nights(recorded: Recorded, tmp_path: Path) -> Nights:
    return Nights(recorded, tmp_path)


def test_no_two_requests_to_one_host_are_closer_than_the_setting(recorded: Recorded, nights: Nights) -> None:
    nights.settings = replace(nights.settings, host_delay_s=DELAY_S)
    urls = []
    for host in ("a.example", "b.example", "c.example"):
        for path in ("/feed", "/more"):
            items = (item(f"http://{host}{path}/{n}", teaser=TEASER) for n in range(3))
            recorded.bodies[host, path] = rss(*items)
            urls.append(f"http://{host}{path}")
            for n in range(3):
                recorded.bodies[host, f"{path}/{n}"] = page(n).encode()
    recorded.bodies["c.example", "/more/0"] = (302, {"Location": "http://a.example/from/c"})
    recorded.bodies["a.example", "/from/c"] = page(9).encode()
    nights.run(*urls)
    times: dict[str, list[float]] = defaultdict(list)
    ended: dict[str, float] = {}
    for came, left, host, _, _ in sorted(recorded.requests):
        if host in ended:
            times[host].append(came - ended[host])
        ended[host] = left
    assert sum(map(len, times.values())) == len(recorded.requests) - 3
    assert min(map(min, times.values())) >= DELAY_S


def test_every_repeat_is_conditional(recorded: Recorded, nights: Nights) -> None:
    recorded.bodies["a.example", "/robots.txt"] = b"User-agent: *\nDisallow: /private"
    recorded.bodies["a.example", "/feed"] = rss(item("http://a.example/x", teaser=TEASER))
    recorded.bodies["a.example", "/x"] = page(1).encode()
    nights.run("http://a.example/feed", after=timedelta(hours=1))
    assert len(recorded.requests) == 3
    for n in range(3):
        changed = item("http://a.example/x", teaser=TEASER, title=f"Title {n}")  # so that its page is asked for again
        recorded.bodies["a.example", "/feed"] = rss(changed)
        nights.run("http://a.example/feed", after=timedelta(hours=1))
        assert sorted(recorded.paths()) == ["a.example/feed", "a.example/x"]
        assert all("If-None-Match" in headers for *_, headers in recorded.requests)


def test_validators_are_kept_when_nothing_changed(recorded: Recorded, nights: Nights) -> None:
    recorded.bodies["a.example", "/feed"] = rss(item("http://a.example/x", seed=1))
    nights.run("http://a.example/feed")
    recorded.bodies["a.example", "/feed"] = (304, {"ETag": '"another"', "Last-Modified": "yesterday"})
    nights.run("http://a.example/feed")
    state = nights.feed("http://a.example/feed")
    assert (state.etag, state.last_modified) == ('"another"', "yesterday")


def test_now_and_then_a_feed_is_asked_without_conditions(recorded: Recorded, nights: Nights) -> None:
    recorded.bodies["a.example", "/feed"] = rss(item("http://a.example/x", seed=1))
    conditional = []
    for _ in range(24):
        nights.run("http://a.example/feed", after=timedelta(days=1))
        conditional += ["If-None-Match" in headers for *_, path, headers in recorded.requests if path == "/feed"]
    assert conditional[0] is False
    assert 1 <= conditional[1:].count(False) <= 6
    assert conditional[1:].count(True) >= 8


def test_one_article_is_fetched_once_whatever_names_it(recorded: Recorded, nights: Nights) -> None:
    """Three feeds, tracking parameters, a short link and an aggregator lead to one article."""
    link = "http://a.example/the-bridge"
    recorded.bodies["a.example", "/feed"] = rss(item(f"{link}?utm_source=rss", teaser=TEASER))
    recorded.bodies["a.example", "/more"] = rss(
        item(f"{link}/", teaser=TEASER), item("http://a.example/?p=7", teaser=TEASER)
    )
    recorded.bodies["agg.example", "/feed"] = rss(
        *(item(f"http://agg.example/go/{n}", teaser=TEASER, title=f"Title {n}") for n in range(3))
    )
    recorded.bodies["a.example", "/the-bridge?utm_source=rss"] = page(1).encode()
    recorded.bodies["a.example", "/the-bridge"] = page(1).encode()
    recorded.bodies["a.example", "/other"] = page(2).encode()
    moved = {"Location": link}
    recorded.bodies["a.example", "/?p=7"] = (301, moved)
    recorded.bodies["agg.example", "/go/0"] = (302, moved)
    for n in (1, 2):  # these two lead to an article that no feed names
        recorded.bodies["agg.example", f"/go/{n}"] = (302, {"Location": "http://a.example/other"})
    night = nights.run("http://a.example/feed", "http://a.example/more", "http://agg.example/feed")
    assert night.entries == {"named twice": 1, "new": 2, "same page as another entry": 3}
    assert sum("/the-bridge" in path for path in recorded.paths()) == 1
    assert recorded.paths().count("a.example/other") == 1
    with Store(nights.path) as store:
        assert {article.source for article in store.articles()} == {"a.example"}
    nights.run("http://a.example/feed", "http://a.example/more", "http://agg.example/feed")
    assert {path.rpartition("/")[2] for path in recorded.paths()} == {"feed", "more"}


def test_an_aggregators_entry_belongs_to_its_source(recorded: Recorded, nights: Nights) -> None:
    source = '<source url="http://outlet.example/rss">The Outlet</source>'
    recorded.bodies["agg.example", "/feed"] = rss(item("http://agg.example/read/1", teaser=TEASER, more=source))
    recorded.bodies["agg.example", "/read/1"] = b"<html><script>location = atob('aHR0cDo=')</script></html>"
    recorded.bodies["paper.example", "/feed"] = rss(item("http://paper.example/1", teaser=TEASER, more=source))
    recorded.bodies["paper.example", "/1"] = page(1).encode()
    nights.run("http://agg.example/feed", "http://paper.example/feed")
    with Store(nights.path) as store:
        sources = {article.url: article.source for article in store.articles()}
    assert sources["http://agg.example/read/1"] == "outlet.example"
    assert sources["http://paper.example/1"] == "paper.example"  # who shows the article is its publisher


def test_robots_and_crawl_delay(recorded: Recorded, nights: Nights) -> None:
    rules = "User-agent: *\nDisallow: /\n\nUser-agent: dedup\nDisallow: /private\nCrawl-delay: 0.3"
    recorded.bodies["a.example", "/robots.txt"] = rules.encode()
    links = ("http://a.example/x", "http://a.example/private/y")
    recorded.bodies["a.example", "/feed"] = rss(*(item(link, teaser=TEASER) for link in links))
    recorded.bodies["a.example", "/x"] = page(1).encode()
    recorded.bodies["a.example", "/private/y"] = page(2).encode()
    night = nights.run("http://a.example/feed")
    assert night.entries == {"new": 1, "new, only an excerpt": 1}
    assert "robots" in night.problems[0]
    (_, fed, *_), (asked, *_) = recorded.requests[1:]
    assert asked - fed >= 0.3
    nights.settings = replace(nights.settings, ignore_robots=("a.*",))
    nights.run("http://a.example/feed")
    assert "a.example/private/y" in recorded.paths()
    assert len(recorded.paths()) == len(recorded.requests)  # robots.txt was not asked for


def test_retry_after_is_honoured_over_nights(recorded: Recorded, nights: Nights) -> None:
    nights.settings = replace(nights.settings, host_time_s=5.0)
    recorded.bodies["a.example", "/feed"] = (503, {"Retry-After": "7200"})
    recorded.bodies["a.example", "/more"] = rss(item("http://a.example/x", seed=1))
    urls = ("http://a.example/feed", "http://a.example/more")
    night = nights.run(*urls, after=timedelta(hours=1))
    assert night.feeds == {"failed: http 503": 1, "postponed": 1}
    assert recorded.paths() == ["a.example/feed"]
    night = nights.run(*urls, after=timedelta(hours=3))
    assert recorded.requests == []
    assert night.feeds == {"not due": 1, "postponed": 1}
    recorded.bodies["a.example", "/feed"] = rss(item("http://a.example/y", seed=2))
    assert nights.run(*urls).feeds == {"fetched": 2}


def test_a_short_wait_is_waited_for(recorded: Recorded, nights: Nights) -> None:
    recorded.bodies["a.example", "/feed"] = (429, {"Retry-After": "1"})
    recorded.bodies["a.example", "/more"] = rss(item("http://a.example/x", seed=1))
    night = nights.run("http://a.example/feed", "http://a.example/more")
    assert night.feeds == {"failed: http 429": 1, "fetched": 1}
    first, second = (came for came, *_, path, _ in recorded.requests if path != "/robots.txt")
    assert second - first >= 1


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("999999999", 86_400),
        (format_datetime(NOW + timedelta(minutes=2), usegmt=True), 120),
        (format_datetime(NOW - timedelta(minutes=2), usegmt=True), 0),
        ("soon", 0),
        ("-5", 0),
        ("1e999", 0),
        ("", 0),
    ],
)
def test_retry_after_is_read(value: str, seconds: float) -> None:
    assert retry_after_s(value, format_datetime(NOW, usegmt=True)) == seconds


def test_a_permanent_redirect_is_remembered_and_a_dead_one_is_left(recorded: Recorded, nights: Nights) -> None:
    recorded.bodies["a.example", "/feed"] = (301, {"Location": "http://new.example/feed"})
    recorded.bodies["new.example", "/feed"] = rss(item("http://new.example/x", seed=1))
    nights.run("http://a.example/feed")
    nights.run("http://a.example/feed")
    assert recorded.paths() == ["new.example/feed"]
    del recorded.bodies["new.example", "/feed"]
    recorded.bodies["a.example", "/feed"] = rss(item("http://a.example/x", seed=2))
    nights.run("http://a.example/feed")
    night = nights.run("http://a.example/feed")  # what it moved to fails: the listed address is asked again
    assert (recorded.paths(), night.feeds) == (["a.example/feed"], {"fetched": 1})
    assert nights.feed("http://a.example/feed").current_url == ""


def test_a_temporary_redirect_is_not_remembered(recorded: Recorded, nights: Nights) -> None:
    recorded.bodies["a.example", "/feed"] = (302, {"Location": "http://new.example/feed"})
    recorded.bodies["new.example", "/feed"] = rss(item("http://new.example/x", seed=1))
    nights.run("http://a.example/feed")
    nights.run("http://a.example/feed")
    assert recorded.paths() == ["a.example/feed", "new.example/feed"]


def test_a_host_that_is_down_is_left_alone(recorded: Recorded, nights: Nights) -> None:
    nights.settings = replace(
        nights.settings, connect_to={"dead.example": "127.0.0.1:1", "*": recorded.address}, ignore_robots=("dead.*",)
    )
    recorded.bodies["a.example", "/feed"] = rss(
        *(item(f"http://dead.example/{n}", teaser=TEASER) for n in range(9)), item("http://a.example/x", seed=1)
    )
    night = nights.run("http://a.example/feed")
    assert night.entries == {"new": 1, "new, only an excerpt": 3, "postponed": 6}


def test_dry_run_says_what_would_be_asked_for(recorded: Recorded, nights: Nights) -> None:
    urls = [f"http://a.example/{name}" for name in ("feed", "gone", "later")]
    recorded.bodies["a.example", "/feed"] = rss(item("http://a.example/x", seed=1))
    for _ in range(2):
        nights.run(*urls[:2], after=timedelta(hours=1))
    recorded.requests.clear()
    with Store(nights.path) as store:
        plan = plan_night([FeedRef(url=url) for url in urls], store, now=nights.now, settings=nights.settings)
    assert [feed.action for feed in plan.feeds] == ["ask whether it changed", "not due", "first fetch"]
    assert [feed.n_failures for feed in plan.feeds] == [0, 2, 0]
    assert recorded.requests == []


def test_silent_feeds_are_asked_less_often() -> None:
    state = FeedState(url="http://a.example/feed")
    asked, now = [], NOW
    for night in range(200):
        if is_due(state, now=now):
            asked.append(night)
            state = after_success(state, now=now, n_new=int(night < 5), is_full=False)
        now += timedelta(days=1)
    assert asked[:12] == list(range(12))
    gaps = [b - a for a, b in pairwise(asked)]
    assert gaps == sorted(gaps)
    assert gaps[-1] == 7
    state = after_success(state, now=now, n_new=3, is_full=False)
    assert is_due(state, now=now + timedelta(hours=1))


def test_failing_feeds_wait_longer_each_time_but_come_back() -> None:
    state = FeedState(url="http://a.example/feed")
    waits = []
    for _ in range(60):
        state = replace(after_failure(state, now=NOW, retry_after_s=0), last_fetched="")
        until = datetime.fromisoformat(state.not_before) if state.not_before else NOW
        waits.append((until - NOW) / timedelta(hours=6))
    assert waits[0] == 0  # the next run asks again
    assert all(n <= wait <= 1.2 * n for n, wait in enumerate(waits[:29]))
    assert all(28 <= wait <= 28 * 1.2 for wait in waits[28:])
    assert after_success(state, now=NOW, n_new=0, is_full=False).n_failures == 0


def test_the_same_run_twice_counts_a_failure_once() -> None:
    state = FeedState(url="http://a.example/feed", n_failures=1, last_fetched=NOW.isoformat())
    assert after_failure(state, now=NOW, retry_after_s=0) == state


def test_the_schedule_is_the_same_in_every_run() -> None:
    state = FeedState(url="http://a.example/feed", n_failures=3, last_full=NOW.isoformat())
    assert after_failure(state, now=NOW, retry_after_s=0) == after_failure(state, now=NOW, retry_after_s=0)
    later = [NOW + timedelta(days=n) for n in range(15)]
    fulls = [asks_in_full(state, now=now, full_fetch_days=7) for now in later]
    assert fulls == sorted(fulls)
    assert fulls.index(True) in range(3, 12)
    others = {
        [asks_in_full(replace(state, url=f"{n}"), now=now, full_fetch_days=7) for now in later].index(True)
        for n in range(30)
    }
    assert len(others) > 3  # not all in one night


def test_where_a_feed_moved_and_where_it_was_listed_take_turns_while_it_fails() -> None:
    moved = FeedState(url="http://a.example/", current_url="http://b.example/")
    assert [url_to_ask(replace(moved, n_failures=n))[7] for n in range(4)] == ["b", "a", "b", "a"]


def test_a_robots_file_counts_for_a_day(recorded: Recorded, nights: Nights) -> None:
    recorded.bodies["a.example", "/robots.txt"] = b"User-agent: *\nDisallow: /private"
    recorded.bodies["a.example", "/feed"] = rss(item("http://a.example/x", seed=1))
    asked = []
    for _ in range(4):
        nights.run("http://a.example/feed", after=timedelta(hours=13))
        asked.append(["If-None-Match" in headers for *_, path, headers in recorded.requests if path == "/robots.txt"])
    assert asked == [[False], [], [True], []]


def test_an_entry_that_two_feeds_carry_is_counted_once(recorded: Recorded, nights: Nights) -> None:
    urls = ("http://a.example/feed", "http://a.example/more")
    for n, url in enumerate(urls):
        both = item("http://a.example/x", seed=1)
        recorded.bodies["a.example", url[16:]] = rss(both, item(f"http://a.example/{n}", seed=2 + n))
    assert nights.run(*urls).entries == {"named twice": 1, "new": 3}
    assert nights.run(*urls).entries == {"known": 3, "named twice": 1}  # neither is modified
    recorded.bodies["a.example", "/more"] = rss(item("http://a.example/x", seed=1))
    assert nights.run(*urls).entries == {"known": 2, "named twice": 1}


def test_a_robots_file_is_fetched_once_a_run_however_many_hosts_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dedup.ingest.fetch_robots._MAX_PARSED", 3)
    robots, asked = Robots("dedup/0.1", ignore=(), known={}), []

    def fetch(url: str, known: RobotsFile) -> RobotsFile:
        asked.append(url)
        return RobotsFile(origin=known.origin, body=f"User-agent: *\nCrawl-delay: {len(asked)}".encode())

    for _ in range(3):
        delays = [robots.check(f"http://{n}.example/x", fetch) for n in range(20)]
        assert delays == list(range(1, 21))
    assert len(asked) == 20
