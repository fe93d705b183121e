"""Credits of real pages against what a person read on them: pages in, credits out, through the whole of ingest."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.pages_quality import load_real_pages
from dedup.attribute import credits_of
from dedup.ingest.pages import read_page
from dedup.ingest.urls import source_of
from dedup.model import Article
from tests.conftest import REPO


def judged() -> dict[str, set[str]]:
    lines = (REPO / "tests" / "judged_pages.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return {name: set(filter(None, named.split("|"))) for name, named in rows}


def test_credits_of_eighty_pages_are_those_a_person_reads(shared_data: Path) -> None:
    for name in ("html_fundus", "html_article_extraction_benchmark"):
        if not (shared_data / name).is_dir():
            pytest.skip(f"../shared/data/{name} is not here: others' pages are not part of this repository")
    expected = judged()
    assert len(expected) == 80
    n_read = n_right = 0
    for real in load_real_pages(shared_data):
        if real.name not in expected:
            continue
        page = read_page(real.html, url=real.url)
        article = Article(
            id=real.name,
            text=page.text,
            url=real.url,
            source=source_of(real.url),
            byline=page.byline,
            canonical_url=page.canonical_url,
            og_url=page.og_url,
            provenance=page.provenance,
        )
        found = {clue.points_to for clue in credits_of(article)}
        n_read += len(found)
        n_right += len(found & expected[real.name])
    n_expected = sum(map(len, expected.values()))
    assert n_expected >= 35
    assert n_right / n_read >= 0.98
    assert n_right / n_expected >= 0.95
