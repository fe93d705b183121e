"""The nightly job over real pages: 439 of them, each in a feed of its host, served on loopback over real HTTP.

    python benchmarks/nightly_pages.py

The feeds give only links (no title, no text, no date), so that all that is stored comes from the pages. Prints how many
are stored with a title and a body, and whether a second run fetches nothing anew and writes the same report, byte for
byte.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.pages_quality import RealPage, load_real_pages
from dedup.ingest.opml import FeedRef
from dedup.nightly import run_night
from dedup.settings import Settings
from dedup.store import Store

SHARED = Path(__file__).parent.parent.parent / "shared" / "data"
FEED_PATH = "/dedup-benchmark-feed.xml"


@contextmanager
def serve(answers: Mapping[tuple[str, str], tuple[str, bytes]]) -> Iterator[tuple[str, Counter[int]]]:
    """Serve bodies by (host, path) on loopback, with ETags; yields the address and the counts of answers by status."""
    statuses: Counter[int] = Counter()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content_type, body = answers.get((self.headers["Host"], self.path), ("", b""))
            etag = f'"{blake2b(body, digest_size=8).hexdigest()}"'
            status = 404 if not body else 304 if self.headers["If-None-Match"] == etag else 200
            statuses[status] += 1
            self.send_response(status)
            self.send_header("ETag", etag)
            self.send_header("Content-Type", content_type)
            body = body if status == 200 else b""
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}", statuses
    finally:
        server.shutdown()
        server.server_close()


def plain_url(url: str) -> str:
    """Give a page's address without TLS, which the loopback server does not speak."""
    parts = urlsplit(url)
    return f"http://{parts.hostname}{parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")


def path_of(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def make_feed(urls: Sequence[str]) -> bytes:
    items = "".join(f"<item><link>{escape(url)}</link><guid>{escape(url)}</guid></item>" for url in urls)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>f</title>{items}</channel></rss>'.encode()


def run(pages: Sequence[RealPage], folder: Path) -> dict[str, object]:
    """Run two nights over the pages; return what is to be stated."""
    by_host: defaultdict[str, list[str]] = defaultdict(list)
    answers: dict[tuple[str, str], tuple[str, bytes]] = {}
    for page in pages:
        url = plain_url(page.url)
        host = urlsplit(url).hostname or ""
        by_host[host].append(url)
        answers[host, path_of(url)] = ("text/html", page.html)
    feeds = []
    for host, urls in by_host.items():
        answers[host, FEED_PATH] = ("application/rss+xml", make_feed(urls))
        feeds.append(FeedRef(url=f"http://{host}{FEED_PATH}"))
    report, store_path = folder / "report", folder / "news.db"
    with serve(answers) as (address, statuses):
        settings = Settings(connect_to={"*": address}, host_delay_s=0.0)
        nights = []
        for hour in (1, 3):
            started = time.perf_counter()
            with Store(store_path) as store:
                now = datetime(2026, 11, 24, hour, tzinfo=UTC)
                night = run_night(feeds, store, now=now, settings=settings, report_dir=report)
                articles = list(store.articles())
            files = {path.name: path.read_bytes() for path in sorted(report.iterdir())}
            nights.append((night, articles, dict(statuses), files, time.perf_counter() - started))
            statuses.clear()
    (first, articles, first_statuses, first_files, first_s), (second, _, second_statuses, second_files, _) = nights
    whole = [article for article in articles if article.title.strip() and len(article.text.split()) >= 5]
    return {
        "pages": len(pages),
        "pages with an address of their own": len({plain_url(page.url) for page in pages}),
        "stored with title and body": len(whole),
        "share": round(len(whole) / len(pages), 4),
        "first night": dict(first.entries),
        "first night, answers by status": first_statuses,
        "first night, seconds": round(first_s, 1),
        "second night": dict(second.entries),
        "second night, answers by status": second_statuses,
        "second night fetches nothing anew": set(second_statuses) <= {304},
        "reports are byte-identical": first_files == second_files,
        "problems": first.problems,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder of the real corpora")
    arguments = parser.parse_args()
    if not arguments.shared.is_dir():
        print(f"{arguments.shared} is not here: the real pages are copyrighted and not part of this repository")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        for name, value in run(load_real_pages(arguments.shared), Path(folder)).items():
            print(f"{name}: {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
