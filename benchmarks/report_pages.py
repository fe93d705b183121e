"""The report as pages: how long it takes to write, how large it is, how quickly its start page opens in chromium.

    python benchmarks/report_pages.py                # the German corpus of ../shared/data, and a made night
    python benchmarks/report_pages.py CORPUS

Times are CPU seconds of this process for writing, and milliseconds until the page's load event for opening (the median
of seven), on an otherwise idle machine.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from dedup import Duplicates, find_duplicates
from dedup.report import write_site
from tests.browser import CHROMEDRIVER, CHROMIUM, opened
from tests.test_site_browser import BUSY, busy_night

GERMAN = Path(__file__).parent.parent.parent / "shared" / "data" / "insm_german_news" / "articles.jsonl.gz"
N_OPENINGS = 7


def measure(name: str, duplicates: Duplicates, folder: Path) -> str:
    """Write a report and open it; give one row of a table."""
    cpu, wall = time.process_time(), time.perf_counter()
    start = write_site(duplicates, folder)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    files = [path for path in folder.rglob("*") if path.is_file()]
    opening = open_ms(start, folder / "profile") if CHROMIUM and CHROMEDRIVER else float("nan")
    return (
        f"| {name} | {len(duplicates.articles):,} | {len(duplicates.clusters):,} | {cpu:.1f} | {wall:.1f} | "
        f"{len(files):,} | {sum(path.stat().st_size for path in files) / 1e6:.0f} | "
        f"{start.stat().st_size / 1e6:.2f} | {opening:.0f} |"
    )


def open_ms(page: Path, profile: Path) -> float:
    """Open a page several times; give the median time until its load event, in milliseconds."""
    times = []
    with opened(profile) as browser:
        browser.look("desktop", "light")
        for _ in range(N_OPENINGS):
            browser.open("about:blank")
            browser.open(page.as_uri())
            times.append(browser.run("return performance.getEntriesByType('navigation')[0].loadEventEnd"))
    return statistics.median(times)


def main() -> None:
    """Measure one corpus, or the German one and a made night."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="?", type=Path)
    corpus = parser.parse_args().corpus or GERMAN
    print("| corpus | articles | clusters | CPU s | wall s | files | MB | start page MB | opens in ms |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as folder:
        if corpus.exists():
            print(measure(corpus.parent.name, find_duplicates(corpus, on_error="skip"), Path(folder) / "corpus"))
        print(measure("made night", busy_night(BUSY), Path(folder) / "made"))


if __name__ == "__main__":
    main()
