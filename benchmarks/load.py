"""What a night costs when little is new: 2,000 feeds of 20 entries on loopback, and a second night with 5 % new.

    python benchmarks/load.py --feeds 2000

The server is a process of its own; CPU seconds are those of the night's process, by step. Each entry of a feed carries
a teaser only, so that its page is fetched (``--full-text``: the feed carries the text, and no page is fetched). In the
second night every feed has one new entry of 20, the hardest way to have 5 % new: no feed answers "not modified". One
article in ten is a copy of another outlet's.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from dedup import Settings
from dedup.ingest.opml import FeedRef
from dedup.nightly import run_night
from dedup.store import Store

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
N_ENTRIES = 20
N_WORDS = 250
SHARE_OF_COPIES = 0.1
SYLLABLES = [c + v for c in "bdfgklmnprstvz" for v in ("a", "e", "i", "o", "u", "an", "er")]
TARGET = 0.1  # of the first night's CPU seconds


def word(rng: Random) -> str:
    return "".join(rng.choices(SYLLABLES, k=rng.choice((1, 2, 2, 3, 3, 4))))


VOCABULARY = [word(Random(n)) for n in range(20_000)]
WEIGHTS = [1 / (n + 10) for n in range(len(VOCABULARY))]


def text_of(feed: int, entry: int, n_feeds: int) -> str:
    """One article; some are copies of the article of the same number in another feed."""
    if feed and Random(f"copy {feed} {entry}").random() < SHARE_OF_COPIES:
        return text_of(Random(f"of {feed} {entry}").randrange(feed), entry, n_feeds)
    rng = Random(f"{feed} {entry}")
    words = rng.choices(VOCABULARY, WEIGHTS, k=N_WORDS)
    sentences = [" ".join(words[at : at + 14]).capitalize() + "." for at in range(0, N_WORDS, 14)]
    return "\n".join(" ".join(sentences[at : at + 4]) for at in range(0, len(sentences), 4))


def title_of(feed: int, entry: int) -> str:
    return " ".join(Random(f"title {feed} {entry}").choices(VOCABULARY, k=6)).capitalize()


def feed_body(feed: int, night: int, *, n_feeds: int, full_text: bool) -> bytes:
    items = []
    for entry in range(night + N_ENTRIES - 1, night - 1, -1):
        text = text_of(feed, entry, n_feeds)
        shown = "".join(f"&lt;p&gt;{p}&lt;/p&gt;" for p in text.split("\n")) if full_text else text[:150] + " ..."
        moment = NOW - timedelta(hours=N_ENTRIES - entry)
        items.append(
            f"<item><title>{title_of(feed, entry)}</title><link>http://outlet{feed}.example/{entry}</link>"
            f"<guid>outlet{feed}-{entry}</guid><pubDate>{moment:%a, %d %b %Y %H:%M:%S} GMT</pubDate>"
            f"<description>{shown}</description></item>"
        )
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        f"<title>Outlet {feed}</title>{''.join(items)}</channel></rss>"
    ).encode()


def page_body(feed: int, entry: int, n_feeds: int) -> bytes:
    title = title_of(feed, entry)
    paragraphs = "".join(f"<p>{p}</p>" for p in text_of(feed, entry, n_feeds).split("\n"))
    links = "".join(f'<li><a href="/{n}">{title_of(feed, n)}</a></li>' for n in range(N_ENTRIES))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} - Outlet {feed}</title>'
        f'<meta property="og:title" content="{title}"></head><body><nav><ul>{links}</ul></nav>'
        f"<article><h1>{title}</h1>{paragraphs}</article><footer>Outlet {feed}</footer></body></html>"
    ).encode()


def serve(connection: Any, n_feeds: int, full_text: bool) -> None:
    """Serve until the other side says stop; a number says which night it is."""
    state = {"night": 0, "asked": 0, "conditional": 0}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            state["asked"] += 1
            outlet = int(self.headers["Host"].removeprefix("outlet").removesuffix(".example"))
            status, body = 200, b""
            if self.path == "/robots.txt":
                status = 404
            elif self.path == "/feed":
                body = feed_body(outlet, state["night"], n_feeds=n_feeds, full_text=full_text)
            else:
                body = page_body(outlet, int(self.path[1:]), n_feeds)
            etag = f'"{blake2b(body, digest_size=8).hexdigest()}"'
            state["conditional"] += "If-None-Match" in self.headers
            if self.headers["If-None-Match"] == etag:
                status, body = 304, b""
            self.send_response(status)
            self.send_header("ETag", etag)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 256

        def handle_error(self, *_: object) -> None: ...

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    connection.send(f"127.0.0.1:{server.server_address[1]}")
    while (told := connection.recv()) is not None:
        connection.send((state["asked"], state["conditional"]))
        state.update(night=told, asked=0, conditional=0)
    server.shutdown()


@contextmanager
def served(n_feeds: int, full_text: bool) -> Iterator[tuple[str, Any]]:
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=serve, args=(theirs, n_feeds, full_text), daemon=True)
    process.start()
    try:
        yield ours.recv(), ours
    finally:
        ours.send(None)
        process.join(10)


def measure(n_feeds: int, *, full_text: bool, folder: Path) -> list[dict[str, Any]]:
    """Run the nights, and tell of each its CPU seconds by step."""
    refs = [FeedRef(url=f"http://outlet{feed}.example/feed") for feed in range(n_feeds)]
    nights = []
    with served(n_feeds, full_text) as (address, server):
        settings = Settings(connect_to={"*.example": address}, host_delay_s=0.0, translated=False)
        for night in range(3):
            steps: dict[str, float] = {}
            last = [cpu_s()]

            def progress(step: str, done: int, total: int, steps: Any = steps, last: Any = last) -> None:
                now_s = cpu_s()
                steps[step] = steps.get(step, 0.0) + now_s - last[0]
                last[0] = now_s

            begun, wall = cpu_s(), time.perf_counter()
            with Store(folder / "news.db") as store:
                done = run_night(
                    refs, store, now=NOW + timedelta(days=night), settings=settings, progress=progress,
                    report_dir=folder / "report",
                )  # fmt: skip
                n_articles = store.count_articles()
            spent = cpu_s() - begun
            server.send(night + 1)
            asked, conditional = server.recv()
            nights.append(
                {
                    "night": night + 1, "cpu_s": round(spent, 1), "wall_s": round(time.perf_counter() - wall, 1),
                    "requests": asked, "conditional": conditional, "articles": n_articles,
                    "feeds": dict(done.feeds), "entries": dict(done.entries), "clusters": len(done.duplicates.clusters),
                    "steps_cpu_s": {name: round(s, 1) for name, s in steps.items()},
                    "store_mb": round((folder / "news.db").stat().st_size / 1e6, 1),
                    "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000),
                }
            )  # fmt: skip
            print(json.dumps(nights[-1]), flush=True)
    return nights


def cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--feeds", type=int, default=2_000)
    parser.add_argument("--full-text", action="store_true", help="the feed carries the whole text")
    parser.add_argument("--json", type=Path, help="write the figures there")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        nights = measure(args.feeds, full_text=args.full_text, folder=Path(folder))
    share = nights[1]["cpu_s"] / nights[0]["cpu_s"]
    print(f"second night: {share:.1%} of the first night's CPU seconds; the aim is at most {TARGET:.0%}")
    if args.json:
        args.json.write_text(json.dumps(nights, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
