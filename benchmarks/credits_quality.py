"""How well the credits that `credits_of` reads agree with silver tags of German articles, and what it reads on pages.

    python benchmarks/credits_quality.py                     # precision and recall by agency
    python benchmarks/credits_quality.py --disagreements 40  # some articles on which the two differ, with their ends
    python benchmarks/credits_quality.py --pages             # every credit read on the pages with expected text

The silver tags come from a regular expression over credit line and byline, so they err, too: a disagreement is a
question, not a verdict. Needs ``../shared/data`` beside the repository.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dedup.attribute import credits_of
from dedup.model import Article, Clue

DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"
SILVER = {"dpa": "dpa", "AFP": "afp", "Reuters": "reuters", "epd": "epd", "AP": "ap", "KNA": "kna", "SID": "sid"}


def silver_articles() -> Iterator[tuple[Article, frozenset[str]]]:
    """Give the articles of the German corpus with their silver tags as agency ids."""
    with gzip.open(DATA / "insm_german_news" / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            article = Article(
                id=row["id"],
                text=row["text"],
                title=row["title"] or "",
                url=row["url"],
                source=(urlsplit(row["url"]).hostname or "").removeprefix("www."),
                byline=row["author"] or "",
                language="de",
            )
            yield article, frozenset(SILVER[tag] for tag in row["wire_silver"])


def pages() -> Iterator[Article]:
    """Give the pages with expected text: the one body that is stated for each publisher."""
    for path in sorted((DATA / "html_fundus").rglob("*.json")):
        info = json.loads((path.parent / "meta.info").read_text(encoding="utf-8"))
        urls = {Path(name).name.split("_")[0]: entry.get("url", "") for name, entry in info.items()}
        for version, expected in json.loads(path.read_text(encoding="utf-8")).items():
            body = expected.get("body")
            if body:
                yield Article(
                    id=f"{path.parent.name}/{path.stem}/{version}",
                    text=_text_of(body),
                    title=expected.get("title") or "",
                    url=urls.get(path.stem, ""),
                    source=(urlsplit(urls.get(path.stem, "")).hostname or path.stem).removeprefix("www."),
                    byline=", ".join(expected.get("authors") or ()),
                )


def _text_of(body: dict[str, Any]) -> str:
    parts = list(body.get("summary", ()))
    for section in body.get("sections", ()):
        parts += [*section.get("headline", ()), *section.get("paragraphs", ())]
    return "\n\n".join(part for part in parts if part)


def agencies_in(clues: tuple[Clue, ...]) -> frozenset[str]:
    """Give the agencies that clues point to, of those that the silver tags know."""
    found = {clue.points_to.removeprefix("agency:") for clue in clues if clue.points_to.startswith("agency:")}
    return frozenset(found & set(SILVER.values()))


def compare(n_disagreements: int, seed: int) -> None:
    """Print precision and recall by agency; and some disagreements."""
    right: Counter[str] = Counter()
    extra: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    n_first_right = n_first = 0
    differing = []
    took = 0.0
    for article, silver in silver_articles():
        start = time.perf_counter()
        clues = credits_of(article)
        took += time.perf_counter() - start
        found = agencies_in(clues)
        right.update(found & silver)
        extra.update(found - silver)
        missed.update(silver - found)
        if silver and found:
            n_first += 1
            named = [c.points_to.removeprefix("agency:") for c in clues if c.points_to.startswith("agency:")]
            n_first_right += named[0] in silver
        if found != silver:
            differing.append((article, silver, clues))
    print(f"{'agency':10}{'agree':>8}{'extra':>8}{'missed':>8}{'precision':>11}{'recall':>9}")
    for agency in [*SILVER.values(), "all"]:
        n, e, m = (sum(c.values()) if agency == "all" else c[agency] for c in (right, extra, missed))
        print(f"{agency:10}{n:8}{e:8}{m:8}{n / max(n + e, 1):11.4f}{n / max(n + m, 1):9.4f}")
    print(f"strongest agency among the silver tags: {n_first_right} of {n_first}; {took:.1f} s in all")
    random.Random(seed).shuffle(differing)
    for article, silver, clues in differing[:n_disagreements]:
        print(f"\n{article.id} {article.source} by {article.byline!r}\n  silver {sorted(silver)}")
        for clue in clues:
            print(f"  {clue.points_to} {clue.kind} {clue.where} {clue.start - len(article.text)} {clue.quote!r}")
        print(f"  head {article.text[:120]!r}\n  tail {article.text[-220:]!r}")


def list_pages() -> None:
    """Print every credit read on the pages."""
    n_pages = n_credits = 0
    for article in pages():
        n_pages += 1
        for clue in credits_of(article):
            n_credits += 1
            place = article.text[max(0, clue.start - 50) : clue.end + 40] if clue.where == "text" else article.byline
            print(f"{article.id}\t{clue.points_to}\t{clue.kind}\t{clue.quote!r}\t{place!r}")
    print(f"{n_credits} credits on {n_pages} pages")


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--disagreements", type=int, default=0, metavar="N")
    parser.add_argument("--seed", type=int, default=1, help="of the choice of disagreements")
    parser.add_argument("--pages", action="store_true")
    options = parser.parse_args()
    if not DATA.is_dir():
        sys.exit(f"{DATA} is not there: this benchmark needs the shared data")
    if options.pages:
        list_pages()
    else:
        compare(options.disagreements, options.seed)


if __name__ == "__main__":
    main()
