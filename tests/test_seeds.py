"""The labels of the sample world, met by the library on its articles and by the nightly job on its feeds and pages."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dedup import Duplicates, Match, Settings
from dedup.evaluate import PairLabel, read_pair_labels
from dedup.ingest.opml import read_feed_list
from dedup.ingest.urls import article_id
from dedup.nightly import Night, run_night
from dedup.store import Store
from seeds.serve import serve
from seeds.world import load_articles, load_origins, opml
from tests.conftest import REPO

LABELS = read_pair_labels(REPO / "seeds" / "labels.jsonl")
URLS = {article.id: article.url for article in load_articles()}
PARAMETERS = [pytest.param(label, id=f"{label.label}: {label.a} {label.b}") for label in LABELS]


def check(label: PairLabel, match: Match | None) -> None:
    if label.label == "different":
        assert match is None, label.why
        return
    assert match is not None, label.why
    assert match.is_revision == (label.label == "revision")
    if label.label != "revision":
        assert match.kind == label.label
    assert match.passages


@pytest.fixture(scope="module")
def duplicates(seed_duplicates: Duplicates) -> Duplicates:
    return seed_duplicates


@pytest.mark.parametrize("label", PARAMETERS)
def test_labels_are_met_by_the_library(label: PairLabel, duplicates: Duplicates) -> None:
    check(label, {(match.a, match.b): match for match in duplicates.matches}.get((label.a, label.b)))


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    folder = tmp_path_factory.mktemp("night")
    feeds = read_feed_list(opml()).refs
    with serve(port=0) as world, Store(folder / "news.db") as store:
        settings = Settings(connect_to={"*.example": world.address}, host_delay_s=0.0)
        now = datetime(2026, 3, 8, 3, tzinfo=UTC)
        yield run_night(feeds, store, now=now, settings=settings, report_dir=folder / "report")


def test_every_article_of_the_world_is_stored(night: Night) -> None:
    assert night.problems == ()
    assert night.entries == {"new": len(URLS)}
    assert night.duplicates.articles.keys() == {article_id(url) for url in URLS.values()}
    assert all(article.title and article.published for article in night.duplicates.articles.values())


@pytest.mark.parametrize("label", PARAMETERS)
def test_labels_are_met_by_the_nightly_job(label: PairLabel, night: Night) -> None:
    a, b = sorted((article_id(URLS[label.a]), article_id(URLS[label.b])))
    check(label, {(match.a, match.b): match for match in night.duplicates.matches}.get((a, b)))


ORIGINS = [pytest.param(group["articles"], group["origin"], id=" ".join(group["articles"])) for group in load_origins()]


@pytest.mark.parametrize(("articles", "origin"), ORIGINS)
def test_clusters_and_their_origins(articles: list[str], origin: str, duplicates: Duplicates) -> None:
    (cluster,) = (found for found in duplicates.clusters if set(found.articles) == set(articles))
    assert cluster.attribution.origin == origin
    assert cluster.attribution.clues


def test_no_unlabelled_pair_is_a_match(duplicates: Duplicates) -> None:
    labelled = {(label.a, label.b) for label in LABELS}
    assert {(match.a, match.b) for match in duplicates.matches} <= labelled


def test_the_report_of_the_night_is_there(night: Night) -> None:
    assert night.report is not None
    page = night.report.read_text(encoding="utf-8")
    assert Path(night.report).name == "index.html"
    assert "dpa" in page
