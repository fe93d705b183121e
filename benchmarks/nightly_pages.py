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
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.pages_quality import RealPage, load_real_pages
from dedup.ingest.opml import FeedRef
from dedup.nightly import run_night
from dedup.settings import Settings
from dedup.store import Store
from tests.loopback import Answer, serve

SHARED = Path(__file__).parent.parent.parent / "shared" / "data"
FEED_PATH = "/dedup-benchmark-feed.xml"


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
    answers: dict[tuple[str, str], Answer] = {}
    for page in pages:
        url = plain_url(page.url)
        host = urlsplit(url).hostname or ""
        by_host[host].append(url)
        answers[host, path_of(url)] = Answer(page.html, "text/html")
    feeds = []
    for host, urls in by_host.items():
        answers[host, FEED_PATH] = Answer(make_feed(urls), "application/rss+xml")
        feeds.append(FeedRef(url=f"http://{host}{FEED_PATH}"))
    report, store_path = folder / "report", folder / "news.db"
    with serve(answers) as world:
        settings = Settings(connect_to={"*": world.address}, host_delay_s=0.0)
        nights = []
        for hour in (1, 3):
            started = time.perf_counter()
            with Store(store_path) as store:
                now = datetime(2026, 11, 24, hour, tzinfo=UTC)
                night = run_night(feeds, store, now=now, settings=settings, report_dir=report)
                articles = list(store.articles())
            written = sorted(path for path in report.rglob("*") if path.is_file())
            files = {str(path.relative_to(report)): path.read_bytes() for path in written}
            nights.append((night, articles, dict(world.statuses), files, time.perf_counter() - started))
            world.statuses.clear()
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
