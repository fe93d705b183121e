"""What several tests need: where the real corpora lie, and articles in one line."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dedup import Article, Duplicates, find_duplicates

REPO = Path(__file__).parent.parent
SHARED_DATA = REPO.parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real corpora, which are not part of this repository."""
    if not SHARED_DATA.is_dir():
        pytest.skip("../shared/data is not here: the real corpora are copyrighted and not part of this repository")
    return SHARED_DATA


@pytest.fixture(scope="session")
def seed_duplicates() -> Duplicates:
    """What is found in the sample world; found once for all tests."""
    return find_duplicates(REPO / "seeds" / "articles.jsonl")


@pytest.fixture(scope="session")
def now() -> datetime:
    return datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def make_article(article_id: str, text: str, **fields: object) -> Article:
    return Article(id=article_id, text=text, **fields)  # type: ignore[arg-type]
