"""Real pages: title, text and date are read as people marked them; the floors only ever rise."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.pages_quality import load_real_pages, score, shingle_f1, summarise

EVERY = 3  # each third page, to be quick; `python benchmarks/pages_quality.py` reads them all
FLOORS = {"with_title_and_text": 1.0, "f1": 0.955, "f1_words": 0.96, "titles": 0.81, "dates": 0.94, "authors": 0.84}


def test_real_pages_are_read_as_expected(shared_data: Path) -> None:
    for name in ("html_fundus", "html_article_extraction_benchmark"):
        if not (shared_data / name).is_dir():
            pytest.skip(f"../shared/data/{name} is not here: others' pages are not part of this repository")
    pages = load_real_pages(shared_data)
    assert len(pages) == 439
    assert len({page.name for page in pages}) == 439
    figures = summarise([score(page) for page in pages[::EVERY]])
    assert {name: figures[name] for name, floor in FLOORS.items() if figures[name] < floor} == {}


@pytest.mark.parametrize(
    ("expected", "found", "f1"),
    [
        ("a b c d e", "a b c d e", 1.0),
        ("a b c d e", "A b c d e", 0.5),  # case counts: one shingle of two
        ("a b c d", "e f g h", 0.0),
        ("a b c d e", "", 0.0),
        ("", "", 1.0),
        ("a b", "a b", 1.0),  # a short text is one shingle
        ("a b c d a b c d", "a b c d", 2 / 6),  # five shingles and one: repeats count
    ],
)
def test_f1_is_that_of_shingle_multisets(expected: str, found: str, f1: float) -> None:
    assert shingle_f1(expected, found, n=4)[2] == pytest.approx(f1)
