"""One night against sixty attacks at once: each ends under its name, and the good feeds beside them are all stored."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from dedup.model import Article
from dedup.store import FeedState, Store, feeds_of_run
from tests.conftest import REPO
from tests.hostile.cases import CASES, host
from tests.hostile.server import Served, serve_cases

PEAK_BYTES = 400_000_000  # of its own: 315 MB; mapped libraries add 160 to 250 MB


@dataclass(frozen=True)
class Done:
    """What the night left behind."""

    told: dict[str, Any]
    feeds: dict[str, FeedState]
    entries: dict[str, Counter[str]]
    articles: list[Article]
    served: Served
    report: Path


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Done]:
    folder = tmp_path_factory.mktemp("hostile")
    with serve_cases(CASES) as served:
        command = [sys.executable, "-m", "tests.hostile.night", served.address, str(folder)]
        run = subprocess.run(command, cwd=REPO, capture_output=True, timeout=300, text=True)
        assert run.returncode == 0, run.stderr[-3000:]
        with Store(folder / "news.db") as store:
            feeds = {state.url: state for state in store.feeds()}
            articles = list(store.articles())
            entries: defaultdict[str, Counter[str]] = defaultdict(Counter)
            for one in feeds_of_run(store, 1):
                entries[urlsplit(one.feed_url).hostname or ""].update(one.entries)
        told = json.loads((folder / "night.json").read_text(encoding="utf-8"))
        yield Done(told, feeds, entries, articles, served, folder / "report")


def test_there_are_enough_cases() -> None:
    assert sum(not name.startswith("good") for name in CASES) >= 40


@pytest.mark.parametrize("name", CASES)
def test_each_case_ends_under_its_name(done: Done, name: str) -> None:
    case = CASES[name]
    assert done.feeds[case.url].last_outcome == case.feed
    assert done.entries[urlsplit(case.url).hostname or ""] == Counter(case.entries)
    assert sum(urlsplit(article.feed_url).hostname == host(name) for article in done.articles) == case.articles


def test_each_entry_is_counted_once_under_its_name(done: Done) -> None:
    expected: Counter[str] = Counter()
    for case in CASES.values():
        expected.update(case.entries)
    assert done.told["entries"] == dict(sorted(expected.items()))


def test_memory_is_bounded(done: Done) -> None:
    assert done.told["peak_bytes"] < PEAK_BYTES


def test_nothing_of_this_machine_was_read(done: Done) -> None:
    for article in done.articles:
        assert "root:" not in article.text + article.title
    assert f"{host('external_dtd')}/dtd" not in done.served.asked
    assert not [path for path in done.served.asked if path.endswith(("/secret", "/private"))]


def test_no_link_of_an_article_is_a_script(done: Done) -> None:
    for article in done.articles:
        for url in (article.url, article.canonical_url, article.og_url, article.final_url):
            assert url == "" or url.startswith(("http://", "https://")), url


def test_dates_are_possible(done: Done) -> None:
    dated = [article for article in done.articles if host("dates_of_other_ages") in article.feed_url]
    assert [article.published for article in dated] == [None] * 3
    raw = " ".join(sorted(article.published_raw for article in dated))
    assert all(date in raw for date in ("2041", "1513", "Octember 99"))


def test_a_redirect_to_a_page_is_not_remembered(done: Done) -> None:
    assert done.feeds[CASES["moved_for_good_to_a_page"].url].current_url == ""


def test_nothing_of_an_article_is_markup_in_the_report(done: Done) -> None:
    page = (done.report / "index.html").read_text(encoding="utf-8")
    assert "<script>document.title" not in page
    assert 'href="javascript:' not in page
