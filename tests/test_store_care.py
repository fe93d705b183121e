"""Looking after a store: locks, full disks, files that cannot be written or are damaged, what goes and what stays."""

import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from dedup import Article, Settings
from dedup.errors import StoreError, StoreLockedError
from dedup.model import Passage, Sketch, Verdict
from dedup.nightly import find_in_store, write_report
from dedup.store import (
    ClusterEvent,
    EntryState,
    FeedState,
    Store,
    StoredReadings,
    StoredVerdicts,
    back_up,
    check_store,
    cluster_history,
    erase_source,
    forget_outside,
    locked,
    prune,
    record_clusters,
    recorded_clusters,
    to_text,
)
from tests.test_pipeline import prose

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
SECRET = "Geheimniskraemerei"


def filled(path: Path, n: int = 6) -> Path:
    """A store of some articles of two sources, all with entries, the odd ones last seen long ago."""
    with Store(path) as store:
        for number in range(n):
            source = "erased.example" if number % 3 == 0 else "kept.example"
            seen = NOW - timedelta(days=100 * (number % 2))
            article = Article(
                id=f"a{number}", text=f"{SECRET if number % 3 == 0 else ''} {prose(number)}", source=source
            )
            entry = EntryState(
                id=f"e{number}", feed_url=f"http://{source}/feed", link=f"http://{source}/{number}", digest="",
                entry=article.text, state="done", article_id=article.id, last_seen=to_text(seen),
            )  # fmt: skip
            store.save_article(replace(article, first_seen=NOW), now=seen, entry=entry)
        store.save_feed(FeedState(url="http://erased.example/feed", last_fetched="", last_outcome=""))
    return path


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    db = sqlite3.connect(path)
    names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    rows = {name: list(db.execute(f"SELECT * FROM {name}")) for name in names}
    db.close()
    return rows


# -- one at a time


def test_two_runs_exclude_each_other_and_the_lock_goes_with_its_holder(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    code = (
        "import sys, time; from pathlib import Path; from dedup.store import locked\n"
        "with locked(Path(sys.argv[1])):\n    print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(StoreLockedError, match=rf"another run is at work \(process {other.pid}\)"), locked(path):
            pass
        other.kill()
        other.wait()
    with locked(path):
        pass


# -- what goes wrong below


def run_in_child(work: Callable[[], None], before: Callable[[], None]) -> str:
    """Run in a child process that is limited first; return what it failed with."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        said = "nothing"
        try:
            before()
            work()
        except StoreError as error:
            said = str(error)
        except BaseException as error:
            said = f"unexpected {error!r}"
        finally:
            os.write(write, said.encode())
            os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    with os.fdopen(read) as stream:
        return stream.read()


def test_a_full_disk_is_one_line_and_the_data_is_as_it_was(tmp_path: Path) -> None:
    path = filled(tmp_path / "news.db")
    before = contents(path)
    size = path.stat().st_size

    def limit() -> None:
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 40_000, size + 40_000))

    def work() -> None:
        with Store(path) as store:
            store.save_article(Article(id="big", text="x" * 2_000_000, first_seen=NOW), now=NOW)

    said = run_in_child(work, limit)
    assert said.startswith(f"{path}: cannot be written: ")
    assert "\n" not in said
    assert contents(path) == before
    with Store(path) as store:
        assert check_store(store).problems == ()


def test_a_store_that_cannot_be_written_is_one_line_and_stays_as_it_was(tmp_path: Path) -> None:
    os.chmod(tmp_path, 0o755)
    for folder in tmp_path.parents:
        if folder.name.startswith("pytest-"):
            os.chmod(folder, 0o755)
    path = filled(tmp_path / "news.db")
    before = path.read_bytes()
    os.chmod(path, 0o444)

    def become_nobody() -> None:
        if os.geteuid() == 0:
            os.setuid(65534)

    def work() -> None:
        with Store(path) as store:
            store.save_article(Article(id="new", text="x", first_seen=NOW), now=NOW)

    said = run_in_child(work, become_nobody)
    assert said.startswith(f"{path}: cannot be ")
    assert "\n" not in said
    assert path.read_bytes() == before


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_damaged_store_is_told_and_not_made_worse(tmp_path: Path, share: float) -> None:
    path = filled(tmp_path / "news.db", n=60)
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(int(size * share))
        file.write(b"\xff" * 20_000)
    before = path.read_bytes()
    with pytest.raises(StoreError) as failed, Store(path) as store:  # noqa: PT012
        list(store.articles())
        store.save_article(Article(id="a1", text="new text", first_seen=NOW), now=NOW)
        if problems := check_store(store).problems:
            raise StoreError(problems[0])
    assert "\n" not in str(failed.value).partition("; ")[0]
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version").fetchone()
    db.close()
    if share == 0.2:
        assert path.read_bytes()[:100] == before[:100]


def test_a_damaged_sketch_is_made_again(tmp_path: Path) -> None:
    path = filled(tmp_path / "news.db")
    with Store(path) as store:
        store.save_sketch("a1", Sketch(*(np.zeros(1, dtype=np.uint64),) * 3), made_with="m")
        store._db.execute("UPDATE sketches SET shingles = x'0102'")
        rows = store.sketched_articles(made_with="m", content_of=lambda text: "")
        assert {article.id: is_stale for article, _, is_stale in rows}["a1"]


# -- check, backup, prune, erase


def test_a_whole_store_has_no_problems(tmp_path: Path) -> None:
    with Store(filled(tmp_path / "news.db")) as store:
        found = check_store(store)
    assert (found.problems, found.n_articles, found.n_entries) == ((), 6, 6)
    assert found.n_bytes > 0


def test_a_backup_is_the_store_and_overwrites_nothing(tmp_path: Path) -> None:
    path = filled(tmp_path / "news.db")
    with Store(path) as store:
        copy = back_up(store, tmp_path / "copies" / "news.db")
        with pytest.raises(StoreError, match="overwrites nothing"):
            back_up(store, copy)
    assert contents(copy) == contents(path)
    assert sorted(other.name for other in copy.parent.iterdir()) == ["news.db"]


def test_pruning_goes_by_last_seen(tmp_path: Path) -> None:
    path = filled(tmp_path / "news.db")
    with Store(path) as store:
        removed = prune(store, before=NOW - timedelta(days=90))
        assert (removed.n_articles, removed.n_entries) == (3, 3)
        assert [article.id for article in store.articles()] == ["a0", "a2", "a4"]


def test_what_a_feed_still_carries_is_not_pruned(tmp_path: Path) -> None:
    path = filled(tmp_path / "news.db")
    with Store(path) as store:
        store.see_entries_again(["e3"], now=NOW)
        removed = prune(store, before=NOW - timedelta(days=90))
        assert (removed.n_articles, removed.n_entries) == (2, 2)
        assert [article.id for article in store.articles()] == ["a0", "a2", "a3", "a4"]


def test_erasing_reaches_everything_that_is_kept(tmp_path: Path) -> None:
    path = filled(tmp_path / "news.db")
    with Store(path) as store:
        store.save_article(Article(id="a3", text=f"{SECRET} neu", source="erased.example", first_seen=NOW), now=NOW)
        find_in_store(store, settings=Settings(translated=False), now=NOW)
        write_report(find_in_store(store, settings=Settings(translated=False), now=NOW), tmp_path / "report")
        assert SECRET.encode() in path.read_bytes() + Path(f"{path}-wal").read_bytes()
        removed = erase_source(store, "erased.example")
        assert (removed.n_articles, removed.n_revisions, removed.n_entries, removed.n_feeds) == (2, 1, 2, 1)
        found = find_in_store(store, settings=Settings(translated=False), now=NOW)
        write_report(found, tmp_path / "report")
        write_report(found, tmp_path / "anew")
        with pytest.raises(StoreError, match="holds nothing of the source"):
            erase_source(store, "erased.example")
    reports = [
        {p.relative_to(tmp_path / name): p.read_bytes() for p in (tmp_path / name).rglob("*") if p.is_file()}
        for name in ("report", "anew")
    ]
    assert reports[0] == reports[1]
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert SECRET.encode() not in file.read_bytes(), file
            assert b"erased.example" not in file.read_bytes(), file
    ids = {row[0] for row in contents(path)["sketches"]}
    assert ids == {"a1", "a2", "a4", "a5"}


# -- what is remembered


def test_verdicts_and_readings_come_back_and_go_with_the_window(tmp_path: Path) -> None:
    verdicts = {
        ("a1", "a2"): Verdict(-(2**63), 2**63 - 1, "near", 1.0, (Passage(0, 5, 7, 12),)),
        ("a1", "a4"): Verdict(1, 2, None, 0.0),
    }
    with Store(filled(tmp_path / "news.db")) as store:
        StoredVerdicts(store, window_days=14).keep(verdicts)
        StoredReadings(store, window_days=14).keep({"a1": ("k", "[]")})
        again = StoredVerdicts(store, window_days=14)
        assert {pair: again[pair] for pair in again} == verdicts
        assert dict(StoredReadings(store, window_days=14)) == {"a1": ("k", "[]")}
        forget_outside(store, window_days=14, now=NOW)
        assert len(StoredVerdicts(store, window_days=14)) == 2
        store.save_article(Article(id="z", text="x", first_seen=NOW + timedelta(days=30)), now=NOW)
        forget_outside(store, window_days=14, now=NOW)
        assert contents(store.path)["verdicts"] == contents(store.path)["readings"] == []


def test_the_history_of_clusters_is_kept(tmp_path: Path) -> None:
    with Store(filled(tmp_path / "news.db")) as store:
        record_clusters(store, {"c": ["a0", "a1"]}, [ClusterEvent(cluster_id="c", event="founded")], now=NOW)
        record_clusters(store, {"c": ["a0", "a1", "a2"]}, [ClusterEvent(cluster_id="c", event="grew")], now=NOW)
        record_clusters(store, {}, [ClusterEvent(cluster_id="c", event="merged", other="d")], [("c", "a2")], now=NOW)
        told = [(event.event, event.n_articles, event.other) for event in cluster_history(store, "c")]
        assert told == [("founded", 2, ""), ("grew", 3, ""), ("merged", 2, "d")]
        assert recorded_clusters(store, window_days=14) == {}


def test_a_store_of_an_older_version_is_brought_up(tmp_path: Path) -> None:
    from dedup.store.schema import MIGRATIONS

    path = tmp_path / "news.db"
    db = sqlite3.connect(path)
    for number, migration in enumerate(MIGRATIONS[:2], start=1):
        db.executescript(f"{migration}; PRAGMA user_version = {number};")
    db.close()
    shutil.copy(path, tmp_path / "old.db")
    with Store(path) as store:
        store.save_article(Article(id="a", text="x", first_seen=NOW), now=NOW)
        assert check_store(store).problems == ()
