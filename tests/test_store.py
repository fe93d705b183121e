import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup import Article
from dedup.errors import StoreError
from dedup.model import Sketch
from dedup.store import (
    EntryState,
    FeedRun,
    FeedState,
    Saved,
    Store,
    begin_run,
    feeds_of_run,
    finish_run,
    runs,
)
from dedup.store.articles import from_json, to_json
from dedup.store.schema import MIGRATIONS

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
LATER = NOW + timedelta(days=1)

ARTICLE = Article(id="a", text="Erster Stand", title="Titel", source="tagblatt.example", first_seen=NOW)
ENTRY = EntryState(id="e", feed_url="http://f.example/", link="http://a.example/", digest="d", entry="{}")


def sketch(*shingles: int) -> Sketch:
    hashes = np.array(shingles, dtype=np.uint64)
    return Sketch(hashes, np.arange(4, dtype=np.uint32), hashes[:1])


def test_an_article_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    article = replace(
        ARTICLE,
        published=datetime(2026, 11, 23, 22, 30, 1, 5, tzinfo=UTC),
        provenance={"rss:source": "dpa"},
        metadata={"desk": "Politik", "n": 3},
    )
    with Store(tmp_path / "news.db") as store:
        assert store.save_article(article, now=NOW) is Saved.NEW
    with Store(tmp_path / "news.db") as store:
        assert store.article("a") == article
        assert list(store.articles()) == [article]
        assert store.article("b") is None


@given(text=st.text(alphabet=st.characters(exclude_categories=()), min_size=1))
def test_any_text_is_kept(text: str) -> None:
    article = Article(id="a", text=text, title=text)
    assert from_json(to_json(article)) == article
    with Store(":memory:") as store:
        store.save_article(replace(article, first_seen=NOW), now=NOW)
        assert store.article("a").text == text  # type: ignore[union-attr]


def test_a_changed_text_is_a_revision_and_the_old_one_is_kept(tmp_path: Path) -> None:
    with Store(tmp_path / "news.db") as store:
        store.save_article(ARTICLE, now=NOW)
        second = replace(ARTICLE, text="Zweiter Stand", first_seen=LATER)
        assert store.save_article(second, now=LATER) is Saved.REVISED
        assert store.save_article(second, now=LATER) is Saved.UNCHANGED
        current = store.article("a")
        assert current is not None
        assert (current.text, current.first_seen) == ("Zweiter Stand", NOW)
        assert [article.text for article in store.revisions("a")] == ["Erster Stand"]
        assert store.count_articles() == 1


def test_the_window_counts_from_the_newest_article(tmp_path: Path) -> None:
    with Store(tmp_path / "news.db") as store:
        for days in (0, 10, 20, 30):
            store.save_article(replace(ARTICLE, id=f"day{days}", first_seen=NOW + timedelta(days=days)), now=NOW)
        assert [article.id for article in store.articles(window_days=14)] == ["day20", "day30"]
    with Store(":memory:") as store:
        assert list(store.articles(window_days=14)) == []


def test_sketches_of_other_settings_are_never_mixed(tmp_path: Path) -> None:
    with Store(tmp_path / "news.db") as store:
        store.save_article(ARTICLE, now=NOW)
        store.save_sketch("a", sketch(1, 2**63), made_with="five words")
        assert store.sketch("a", made_with="six words") is None
        stored = store.sketch("a", made_with="five words")
        assert stored is not None
        assert stored.shingles.tolist() == [1, 2**63]
        assert stored.shingles.dtype == np.uint64
        assert stored.signature.dtype == np.uint32


def test_a_revision_forgets_the_sketch_of_the_old_text(tmp_path: Path) -> None:
    with Store(tmp_path / "news.db") as store:
        store.save_article(ARTICLE, now=NOW)
        store.save_sketch("a", sketch(1), made_with="x")
        store.save_article(replace(ARTICLE, text="Neu"), now=LATER)
        assert store.sketch("a", made_with="x") is None


def test_feeds_and_entries_are_remembered(tmp_path: Path) -> None:
    feed = FeedState(url="http://f.example/", etag='"1"', last_fetched="then", last_outcome="fetched")
    with Store(tmp_path / "news.db") as store:
        assert store.feed(feed.url) == FeedState(url=feed.url)
        store.save_feed(feed)
        store.save_feed(replace(feed, etag='"2"'))
        assert store.feed(feed.url).etag == '"2"'
        store.save_entry(ENTRY)
        assert store.pending_entries() == [ENTRY]
        store.save_article(ARTICLE, now=NOW, entry=replace(ENTRY, state="done", article_id="a"))
        assert store.pending_entries() == []
        assert not store.is_of_other_entry("a", "e")
        assert store.is_of_other_entry("a", "another")
        store.see_entries_again(["e"], now=LATER)
        entry = store.entry("e")
        assert entry is not None
        assert entry.last_seen == LATER.isoformat(timespec="microseconds")


def test_what_a_feed_carries_is_remembered_and_replaced(tmp_path: Path) -> None:
    with Store(tmp_path / "news.db") as store:
        store.save_entry(ENTRY)
        store.save_entry(replace(ENTRY, id="f"))
        store.save_feed_items(ENTRY.feed_url, {"1": "e", "2": "f", "3": "no such entry"})
        assert {digest: item[0] for digest, item in store.feed_items(ENTRY.feed_url).items()} == {"1": "e", "2": "f"}
        store.save_feed_items(ENTRY.feed_url, {"2": "f"})
        assert list(store.feed_items(ENTRY.feed_url)) == ["2"]


def test_what_hosts_ask_for_is_remembered(tmp_path: Path) -> None:
    with Store(tmp_path / "news.db") as store:
        store.save_robots({"https://a.example": (b"Disallow: /", '"1"', "")}, now=NOW)
        assert store.robots() == {"https://a.example": (b"Disallow: /", '"1"', "", NOW)}
        store.save_waits({"a.example": LATER, "b.example": NOW}, now=NOW)
        assert store.waits(now=NOW) == {"a.example": LATER}
        store.save_waits({}, now=LATER)
        assert store.waits(now=NOW) == {}


def test_an_article_and_its_entry_are_saved_together_or_not_at_all(tmp_path: Path) -> None:
    with Store(tmp_path / "news.db") as store:
        with pytest.raises(StoreError, match="cannot be written"):
            store.save_article(ARTICLE, now=NOW, entry=replace(ENTRY, state="no such state"))
        assert store.count_articles() == 0


def test_a_file_that_is_no_store_is_one_clear_error_and_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(StoreError, match="cannot be opened as a store"):
        Store(path)
    assert path.read_bytes() == b"not a database" * 100


def test_a_store_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    db.close()
    with pytest.raises(StoreError, match="schema version"):
        Store(path)


def test_the_store_is_in_wal_mode_and_migrated(tmp_path: Path) -> None:
    with Store(tmp_path / "deep" / "news.db"):
        pass
    db = sqlite3.connect(tmp_path / "deep" / "news.db")
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    db.close()


def test_runs_are_noted(tmp_path: Path) -> None:
    with Store(tmp_path / "news.db") as store:
        first, second = begin_run(store, now=NOW), begin_run(store, now=LATER)
        feed = FeedRun(feed_url="http://f.example/", outcome="fetched", entries={"new": 2})
        finish_run(store, first, {"feeds": {"fetched": 2}}, now=LATER, feeds=(feed,))
        assert [(run.id, bool(run.finished)) for run in runs(store)] == [(second, False), (first, True)]
        assert feeds_of_run(store, first) == [feed]
