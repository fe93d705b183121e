"""Who had it first, on real German articles: the agency that is named against silver tags, and against a reader.

    python benchmarks/origins_quality.py          # silver tags, untagged members, clusters read by hand
    python benchmarks/origins_quality.py --wrong   # also list where the two differ

The silver tags come from a regular expression over credit line and byline, so they err, too. Needs ``../shared/data``.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dedup import Duplicates, find_duplicates
from dedup.attribute import attribute_all
from dedup.evaluate import wilson_interval
from dedup.model import Article, Cluster

REPO = Path(__file__).resolve().parents[1]
CORPUS = REPO.parent / "shared" / "data" / "insm_german_news" / "articles.jsonl.gz"
JUDGED = REPO / "tests" / "judged_origins.tsv"
SILVER = {"dpa": "dpa", "AFP": "afp", "Reuters": "reuters", "epd": "epd", "AP": "ap", "KNA": "kna", "SID": "sid"}


def read_rows() -> dict[str, dict[str, Any]]:
    """Read the corpus, by id."""
    with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
        return {row["id"]: row for row in map(json.loads, lines)}


def article_of(row: Mapping[str, Any]) -> Article:
    """Make an article of a row; the publisher is its source, since one publisher has several feeds."""
    raw = (row["published"] or "")[:10]
    return Article(
        id=row["id"],
        text=row["text"],
        title=row["title"] or "",
        url=row["url"],
        source=row["publisher"],
        byline=row["author"] or "",
        language="de",
        published=datetime.fromisoformat(raw).replace(tzinfo=UTC) if raw else None,
        published_raw=raw,
    )


def read_judged() -> list[tuple[str, str, frozenset[str | None]]]:
    """Read the clusters that were read by hand: two articles, and whom a reader names."""
    found = []
    for line in JUDGED.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            a, b, named = line.split("\t")
            found.append((a, b, frozenset(None if name == "unknown" else name for name in named.split("|"))))
    return found


def score_judged(duplicates: Duplicates) -> tuple[int, int, list[str]]:
    """Count the judged clusters whose origin is as a reader says; and tell the others."""
    right, wrong = 0, []
    judged = read_judged()
    for a, b, named in judged:
        of = [cluster for cluster in duplicates.clusters if {a, b} <= set(cluster.articles)]
        said = of[0].attribution.origin if of else "no cluster"
        if said in named:
            right += 1
        else:
            wrong.append(f"{a} {b}: {said}, a reader says {sorted(map(str, named))}")
    return right, len(judged), wrong


def score_silver(
    duplicates: Duplicates, rows: Mapping[str, Mapping[str, Any]]
) -> tuple[list[int], list[int], list[str]]:
    """Count [right, all] of the clusters with a silver tag, and of their untagged members."""
    of_clusters, of_untagged, wrong = [0, 0], [0, 0], []
    for cluster in duplicates.clusters:
        tags = {key: {f"agency:{SILVER[tag]}" for tag in rows[key]["wire_silver"]} for key in cluster.articles}
        silver = set().union(*tags.values())
        if len({rows[key]["publisher"] for key in cluster.articles}) < 2 or not silver:
            continue
        origin = cluster.attribution.origin
        of_clusters[0] += origin in silver
        of_clusters[1] += 1
        if origin not in silver:
            wrong.append(f"{cluster.id}: {origin}, tags {sorted(silver)}")
            continue
        for key in cluster.articles:
            if not tags[key]:
                of_untagged[0] += root_of(key, cluster) == origin
                of_untagged[1] += 1
    return of_clusters, of_untagged, wrong


def root_of(article_id: str, cluster: Cluster) -> str:
    """Follow an article's links to whom its text comes from in the end."""
    copied_from = {link.copy: link.copied_from for link in cluster.links}
    while article_id in copied_from:
        article_id = copied_from[article_id]
    return article_id


def told(name: str, right: int, n: int) -> str:
    """Say a share with its interval."""
    low, high = wilson_interval(right, n)
    return f"{name}: {right} of {n} = {right / n:.4f} (95 %: {low:.3f} to {high:.3f})"


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wrong", action="store_true", help="list where the two differ")
    options = parser.parse_args()
    if not CORPUS.exists():
        sys.exit(f"{CORPUS} is not there: this benchmark needs the shared data")
    rows = read_rows()
    duplicates = find_duplicates([article_of(row) for row in rows.values()])
    start = time.process_time()
    attribute_all(duplicates.clusters, articles=duplicates.articles, matches=duplicates.matches)
    print(f"{duplicates}; attribution alone {time.process_time() - start:.1f} s of one core")
    clusters, untagged, wrong = score_silver(duplicates, rows)
    print(told("clusters across publishers with a silver tag whose agency is named", *clusters))
    print(told("untagged members of these, given the same agency", *untagged))
    right, n, differing = score_judged(duplicates)
    print(told("clusters read by hand", right, n))
    if options.wrong:
        print("\n".join([*wrong, *differing]))


if __name__ == "__main__":
    main()
