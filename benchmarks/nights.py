"""Night after night on one store: does a night's cost stay flat, does the store grow in a line?

    python -m benchmarks.nights --nights 30 --articles 5000 -o nights.json

Each night stores so many new articles, without a network, and runs the night: sketches, candidates, verdicts,
relations, clusters, origins, record, report. From the night on that the window is full (15 nights of articles with the
default of 14 days), a night must cost what the one before did. One article in five has copies on the same night; words
are made up, which the search across languages takes for a dozen languages: it is left out by default.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from benchmarks.corpus import Corpus, make_corpus
from dedup import Article, Settings
from dedup.nightly import run_night
from dedup.store import Store

FIRST = datetime(2026, 10, 1, 3, tzinfo=UTC)
COPIED = 0.2  # of a night's articles are of a family
N_OUTLETS = 400


def main() -> int:
    """Run the nights and print what each cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nights", type=int, default=30)
    parser.add_argument("--articles", type=int, default=5000)
    parser.add_argument("--window-days", type=int, default=14)
    parser.add_argument("--translated", action="store_true", help="look for copies across languages, too")
    parser.add_argument("-o", "--output", type=Path)
    arguments = parser.parse_args()
    settings = Settings(window_days=arguments.window_days, translated=arguments.translated)
    with tempfile.TemporaryDirectory() as folder:
        rows = list(run_nights(Path(folder), arguments.nights, arguments.articles, settings))
    summary = summarise(rows)
    print(json.dumps(summary, indent=2))
    if arguments.output:
        arguments.output.write_text(json.dumps({"nights": rows, **summary}, indent=1) + "\n")
    return 0


def run_nights(folder: Path, n_nights: int, n_articles: int, settings: Settings) -> Iterator[dict[str, float]]:
    """Run so many nights; give the figures of each."""
    for night in range(n_nights):
        now = FIRST + timedelta(days=night)
        articles = make_night(n_articles, night, now)
        begun = cpu_seconds()
        with Store(folder / "news.db") as store:
            for article in articles:
                store.save_article(article, now=now)
            stored = cpu_seconds()
            began: dict[str, float] = {}

            def note(step: str, done: int, total: int, began: dict[str, float] = began) -> None:
                began.setdefault(f"{step} {done == total}", cpu_seconds())

            found = run_night([], store, now=now, settings=settings, report_dir=folder / "report", progress=note)
        row = {
            "night": night + 1,
            "cpu_s": round(cpu_seconds() - begun, 2),
            "storing_cpu_s": round(stored - begun, 2),
            "comparing_cpu_s": round(began["recording False"] - stored, 2),
            "report_cpu_s": round(began["writing the report True"] - began["writing the report False"], 2),
            "window": len(found.duplicates.articles),
            "matches": len(found.duplicates.matches),
            "clusters": len(found.duplicates.clusters),
            "store_mb": round(sum(path.stat().st_size for path in folder.glob("news.db*")) / 1e6, 1),
        }
        print(json.dumps(row), file=sys.stderr, flush=True)
        yield row


def summarise(rows: list[dict[str, float]]) -> dict[str, object]:
    """Compare the last five nights with nights 15 to 20, and the store's growth from night to night."""
    costs = [row["cpu_s"] for row in rows]
    sizes = [row["store_mb"] for row in rows]
    if len(rows) < 25:
        return {"cpu_s": costs, "store_mb": sizes}
    grown = np.diff(sizes[15:])
    return {
        "cpu_s of nights 15 to 20, mean": round(float(np.mean(costs[14:20])), 2),
        "cpu_s of the last five, mean": round(float(np.mean(costs[-5:])), 2),
        "ratio": round(float(np.mean(costs[-5:]) / np.mean(costs[14:20])), 3),
        "store_mb a night, from night 16: least, mean, most": [
            round(float(of(grown)), 1) for of in (np.min, np.mean, np.max)
        ],
    }


def make_night(n_articles: int, night: int, now: datetime) -> list[Article]:
    """Generate a night's articles."""
    corpus = make_corpus(max(200, 3 * n_articles), seed=night + 1)
    rows, rng = choose_rows(corpus, n_articles), np.random.default_rng(night)
    outlets = rng.integers(N_OUTLETS, size=len(rows)).tolist()
    ages = rng.integers(24 * 60, size=len(rows)).tolist()
    articles = []
    for row, outlet, minutes in zip(rows, outlets, ages, strict=True):
        text = corpus.texts[row]
        source = f"outlet{outlet}.example"
        articles.append(
            Article(
                id=f"{night:03d}{row:08x}",
                text=text,
                title=" ".join(text.split()[:7]),
                url=f"https://{source}/{night}/{row}",
                source=source,
                published=now - timedelta(minutes=minutes),
                first_seen=now,
            )
        )
    return articles


def choose_rows(corpus: Corpus, n_articles: int) -> list[int]:
    """Choose whole families until a fifth of the articles are theirs, and single ones for the rest."""
    n_copied = int(COPIED * n_articles)
    families = corpus.families.tolist()
    sizes = Counter(family for family in families if family >= 0)
    kept: set[int] = set()
    n = 0
    for family, size in sorted(sizes.items()):
        if n + size <= n_copied:
            kept.add(family)
            n += size
    of_families = [row for row, family in enumerate(families) if family in kept]
    single = [row for row, family in enumerate(families) if family < 0]
    return of_families + single[: n_articles - len(of_families)]


def cpu_seconds() -> float:
    """Give the processor time of this process, all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
