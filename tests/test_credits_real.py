"""Credits of real articles: a repost, 258 pages read by hand, and a German corpus with silver tags."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from dedup.attribute import credits_of
from dedup.model import Article

# Every page of the set was read by hand: these credit somebody in the expected text or byline, the others nobody.
PAGES = {
    "au/NineNews/V1": ["agency:ap"],
    "au/NineNews/V2": ["agency:ap"],
    "ca/NationalPost/V1_1": ["agency:ap"],
    "ch/TagesAnzeiger/V1": ["agency:sda"],
    "ch/ZwanzigMinuten/V1": ["agency:dpa"],
    "cn/People/V1": ["agency:xinhua"],
    "de/BSZ/V1": ["agency:dpa"],
    "de/BerlinerZeitung/V1": ["agency:afp"],
    "de/BoersenZeitung/V1_2": ["agency:reuters"],
    "de/DieZeit/V1": ["agency:dpa"],
    "de/MitteldeutscheZeitung/V1": ["agency:dpa"],
    "de/StuttgarterZeitung/V1": ["agency:dpa"],
    "es/MallorcaMagazin/V1": ["agency:dpa"],
    "fr/LeFigaro/V1": ["agency:afp"],
    "lu/LuxemburgerWort/V2": ["agency:sid"],
    "lu/Tageblatt/V2": ["agency:dpa"],
    "tr/NTVTR/V1": ["agency:aa"],
    "tw/TaipeiTimes/V1": ["agency:afp"],
    "us/VoiceOfAmerica/V1": ["agency:ap"],
    "us/WashingtonTimes/V1": ["agency:ap"],
}
SILVER = {"dpa": "dpa", "AFP": "afp", "Reuters": "reuters", "epd": "epd", "AP": "ap", "KNA": "kna", "SID": "sid"}


def test_the_repost_credits_blick(shared_data: Path) -> None:
    text = (shared_data / "seed_story" / "article.txt").read_text(encoding="utf-8")
    (clue,) = credits_of(Article(id="seed", text=text, source="24instant.news"))
    assert (clue.points_to, clue.kind, clue.quote) == ("outlet:Blick", "credit line", "Source: Blick")
    assert text[clue.start : clue.end] == clue.quote


def test_pages_credit_whom_a_reader_says(shared_data: Path) -> None:
    read = {page.id: [clue.points_to for clue in credits_of(page)] for page in pages(shared_data)}
    assert len(read) >= 250
    assert {page: targets for page, targets in read.items() if targets} == PAGES


def pages(shared_data: Path) -> Iterator[Article]:
    for path in sorted((shared_data / "html_fundus").rglob("*.json")):
        info = json.loads((path.parent / "meta.info").read_text(encoding="utf-8"))
        hosts = {name.split("_")[0]: page.get("url", "") for name, page in info.items()}
        for version, expected in json.loads(path.read_text(encoding="utf-8")).items():
            if body := expected.get("body"):
                yield Article(
                    id=f"{path.parent.name}/{path.stem}/{version}",
                    text=text_of(body),
                    url=hosts.get(path.stem, ""),
                    byline=", ".join(expected.get("authors") or ()),
                )


def text_of(body: dict[str, Any]) -> str:
    parts = list(body.get("summary", ()))
    for section in body.get("sections", ()):
        parts += [*section.get("headline", ()), *section.get("paragraphs", ())]
    return "\n\n".join(part for part in parts if part)


def test_silver_tags_are_found(shared_data: Path) -> None:
    """Some tags are wrong (a photo's credit, a citation), so not all of them can be."""
    n_tags = n_found = n_first = n_first_right = 0
    with gzip.open(shared_data / "insm_german_news" / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, islice(lines, 0, None, 10)):
            silver = {f"agency:{SILVER[tag]}" for tag in row["wire_silver"]}
            article = Article(id=row["id"], text=row["text"], url=row["url"], byline=row["author"] or "")
            named = [clue.points_to for clue in credits_of(article) if clue.points_to.startswith("agency:")]
            n_tags += len(silver)
            n_found += len(silver & set(named))
            n_first += bool(silver and named)
            n_first_right += bool(silver and named and named[0] in silver)
    assert n_tags > 400
    assert n_found / n_tags >= 0.99
    assert n_first_right / n_first >= 0.96
