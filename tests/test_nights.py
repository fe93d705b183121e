"""Night after night on one store: what is kept changes nothing, clusters keep their names, others are told."""

import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import feedparser
import numpy as np
import pytest

from benchmarks.corpus import make_corpus
from benchmarks.faults import run_kills
from dedup import Article, Index, Settings
from dedup.errors import FetchError
from dedup.model import Attribution, Cluster, Duplicates, Link, Match
from dedup.nightly import Journal, find_in_store, run_night, write_report
from dedup.nightly.alerts import sign, tell_webhook
from dedup.nightly.names import named_as_before, what_happened
from dedup.report.atom import write_feeds
from dedup.store import ClusterEvent, Store, cluster_history, record_clusters, recorded_clusters

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
SETTINGS = Settings(translated=False)


def articles(n: int, seed: int, night: int = 0) -> list[Article]:
    now = NOW + timedelta(days=night)
    return [
        Article(
            id=f"{seed}-{row:03d}",
            text=text,
            title=" ".join(text.split()[:6]),
            source=f"s{row % 7}.example",
            published=now - timedelta(hours=row % 20),
            first_seen=now,
        )
        for row, text in enumerate(make_corpus(n, seed).texts)
    ]


def keep(store: Store, some: Sequence[Article], night: int) -> None:
    for article in some:
        store.save_article(article, now=NOW + timedelta(days=night))


def report_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def night(store: Store, number: int, folder: Path, settings: Settings = SETTINGS) -> dict[str, int]:
    found = run_night([], store, now=NOW + timedelta(days=number), settings=settings, report_dir=folder)
    return dict(found.sketches)


def test_what_earlier_nights_worked_out_changes_no_byte_of_the_report(tmp_path: Path) -> None:
    first, second = articles(80, seed=1), articles(60, seed=2, night=1)
    mixed = [*first[:50], *second[:30]], [*first[50:], *second[30:]]  # families of copies lie across the nights
    revised = replace(mixed[0][3], text=mixed[0][3].text + "\n\n" + mixed[0][9].text, first_seen=None)
    with Store(tmp_path / "batches.db") as store:
        keep(store, mixed[0], 0)
        assert night(store, 0, tmp_path / "batches") == {"new": 80}
        keep(store, [*mixed[1], revised], 1)
        assert night(store, 1, tmp_path / "batches") == {"kept": 79, "new": 61}
        stored = list(store.articles())
    with Store(tmp_path / "once.db") as store:
        keep(store, stored, 1)
        assert night(store, 1, tmp_path / "once") == {"new": 140}
        names = {cluster.id for cluster in find_in_store(store, settings=SETTINGS).clusters}
        assert len(names) > 10
    index = Index(SETTINGS)
    index.add(stored)
    alone = index.duplicates()
    with Store(tmp_path / "batches.db") as store:
        again = find_in_store(store, settings=SETTINGS)
        assert again.matches == alone.matches
        for table in ("sketches", "verdicts", "readings"):
            store._db.execute(f"DELETE FROM {table}")
        write_report(find_in_store(store, settings=SETTINGS), tmp_path / "anew")
    assert report_of(tmp_path / "anew") == report_of(tmp_path / "batches")
    origins = [{one.articles: one.attribution for one in each.clusters} for each in (again, alone)]
    assert origins[0] == origins[1]
    assert (again.alone, again.skips, dict(again.boilerplate)) == (
        alone.alone,
        alone.skips,
        dict(alone.boilerplate),
    )


def test_only_what_is_new_is_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[int] = []
    judge = Index._judge_texts

    def counting(self: Index, *args: object) -> object:
        judged.append(len(args[1]))  # type: ignore[arg-type]
        return judge(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(Index, "_judge_texts", counting)
    with Store(tmp_path / "news.db") as store:
        keep(store, articles(100, seed=3), 0)
        night(store, 0, tmp_path / "report")
        first = sum(judged)
        assert first > 50
        judged.clear()
        night(store, 1, tmp_path / "report")
        assert sum(judged) == 0
        keep(store, [replace(articles(100, seed=3)[5], text="Etwas anderes. " * 20)], 2)
        night(store, 2, tmp_path / "report")
        assert sum(judged) < first / 5
        judged.clear()
        night(store, 3, tmp_path / "report", replace(SETTINGS, threshold=0.6))
        assert sum(judged) > 50


def test_sketches_of_other_settings_are_stale_only_where_they_are_asked_for(tmp_path: Path) -> None:
    with Store(tmp_path / "news.db") as store:
        keep(store, articles(20, seed=4), 0)
        assert night(store, 0, tmp_path / "report") == {"new": 20}
        assert night(store, 1, tmp_path / "report") == {"kept": 20}
        store._db.execute("UPDATE sketches SET content = 'of another text' WHERE article_id LIKE '%7'")
        assert night(store, 2, tmp_path / "report") == {"kept": 18, "stale": 2}
        assert night(store, 3, tmp_path / "report") == {"kept": 20}


# -- names and history


def found(**clusters: str) -> Duplicates:
    """Clusters by name, their articles as single letters."""
    all_articles = {letter: Article(id=letter, text=letter) for letter in sorted(set("".join(clusters.values())))}
    return Duplicates(all_articles, (), tuple(Cluster(name, tuple(letters)) for name, letters in clusters.items()))


def named(before: dict[str, list[str]], **clusters: str) -> dict[str, str]:
    return {"".join(c.articles): c.id for c in named_as_before(found(**clusters), before).clusters}


def test_a_cluster_keeps_its_name_when_its_first_article_leaves_the_window() -> None:
    assert named({"b": ["A"], "c": ["A"]}, B="bcd") == {"bcd": "A"}


def test_of_two_that_merge_the_one_named_after_the_first_article_keeps_its_name() -> None:
    before = {"a": ["A"], "b": ["A"], "c": ["B"], "d": ["B"]}
    assert named(before, A="abcd") == {"abcd": "A"}
    assert named(before, B="abcd") == {"abcd": "B"}
    assert named(before, C="abcd") == {"abcd": "A"}


def test_of_two_parts_the_larger_keeps_the_name_and_no_two_are_called_the_same() -> None:
    before = {letter: ["A"] for letter in "bcdef"}
    assert named(before, B="bc", C="def") == {"bc": "B", "def": "A"}
    names = named({"b": ["B"], "c": ["B"], "d": ["B"]}, C="cd", B="bx")
    assert names == {"cd": "C", "bx": "B"}


def test_what_happened_is_told_once(tmp_path: Path) -> None:
    with Store(tmp_path / "news.db") as store:
        keep(store, [Article(id=letter, text=letter, first_seen=NOW) for letter in "abcdef"], 0)

        def record(**clusters: str) -> list[tuple[str, str, int, str]]:
            n_before = len(cluster_history(store))
            before = recorded_clusters(store, window_days=14)
            now = named_as_before(found(**clusters), before)
            events, gone = what_happened(now.clusters, before, dict.fromkeys("abcdef"))
            members = {cluster.id: cluster.articles for cluster in now.clusters}
            record_clusters(store, members, events, gone, now=NOW)
            new = cluster_history(store)[n_before:]
            return [(event.cluster_id, event.event, event.n_articles, event.other) for event in new]

        assert record(A="ab", C="cd") == [("A", "founded", 2, ""), ("C", "founded", 2, "")]
        assert record(A="ab", C="cd") == []
        assert record(A="abe", C="cd") == [("A", "grew", 3, "")]
        assert record(A="abcde") == [("A", "grew", 5, ""), ("C", "merged", 0, "A")]
        assert record(A="abcd") == [("A", "shrank", 4, "")]


# -- Atom

HOSTILE = '<script>alert(1)</script> & ]]> \x00\x0b\ud800 "\u202e'


def duplicates() -> Duplicates:
    original = Article(
        id="o", text="x", title=HOSTILE, url="https://o.example/1?a=1&b=2", source="o.example", first_seen=NOW
    )
    copy = replace(
        original, id="c", url="javascript:alert(1)", source=f"copy{HOSTILE}.example", first_seen=NOW + timedelta(1)
    )
    cluster = Cluster("n1", ("c", "o"), Attribution("o", 0.9), links=(Link("c", "o", 0.9),))
    return Duplicates({"c": copy, "o": original}, (Match("c", "o", "near", 0.9, 1.0, 0.9),), (cluster,))


def test_atom_feeds_are_valid_and_harmless(tmp_path: Path) -> None:
    paths = write_feeds(duplicates(), tmp_path, watched=("o.example", "../else <where>"))
    assert [path.name for path in paths] == [
        "new-clusters.atom",
        "copies-of-o.example.atom",
        "copies-of-else-where.atom",
    ]
    for path in paths:
        read = feedparser.parse(path.read_bytes())
        assert not read.bozo
        assert read.version == "atom10"
        assert b"<script" not in path.read_bytes()
        assert b"javascript:" not in path.read_bytes()
    (cluster,) = feedparser.parse(paths[0].read_bytes()).entries
    assert (cluster.id, cluster.link) == ("urn:dedup:cluster:n1", "https://o.example/1?a=1&b=2")
    (copied,) = feedparser.parse(paths[1].read_bytes()).entries
    assert copied.id == "urn:dedup:copy:n1:c"
    assert "100% of its text" in copied.content[0].value
    assert copied.get("links", []) == []
    assert feedparser.parse(paths[2].read_bytes()).entries == []


# -- the webhook


@contextmanager
def receiver(*statuses: int) -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """Answer with these statuses in turn, then 200; give the address and what was posted."""
    posted: list[tuple[dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posted.append((dict(self.headers), body))
            self.send_response(statuses[len(posted) - 1] if len(posted) <= len(statuses) else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/hook", posted
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_the_webhook_is_told_of_new_clusters_once_signed(tmp_path: Path) -> None:
    with receiver() as (url, posted), Store(tmp_path / "news.db") as store:
        settings = replace(SETTINGS, webhook_url=url, webhook_secret="s", allow_private=True, host_delay_s=0.0)
        keep(store, articles(40, seed=5), 0)
        first = run_night([], store, now=NOW, settings=settings)
        assert first.problems == ()
        run_night([], store, now=NOW, settings=settings)
        ((headers, body),) = posted
        told = json.loads(body)
        assert {event["event"] for event in told["events"]} == {"founded"}
        assert {one["id"] for one in told["clusters"]} == {cluster.id for cluster in first.duplicates.clusters}
        assert headers["X-Dedup-Signature"] == sign(body, secret="s", at=int(NOW.timestamp()))
        assert headers["Content-Type"] == "application/json"


def test_a_webhook_that_fails_is_tried_again_and_told_the_next_night(tmp_path: Path) -> None:
    waits: list[float] = []
    with Store(tmp_path / "news.db") as store:
        record_clusters(store, {"c": []}, [ClusterEvent(cluster_id="c", event="founded")], now=NOW)
        tries: list[str] = []

        def post(url: str, body: bytes, headers: object) -> int:
            tries.append(url)
            if len(tries) < 6:
                raise FetchError(url, "http 503")
            return 200

        def tell() -> int:
            return tell_webhook(
                store, found(), url="http://x.example/", secret="", now=NOW, post=post, sleep=waits.append
            )

        with pytest.raises(FetchError):
            tell()
        assert (len(tries), waits) == (4, [2.0, 4.0, 6.0])
        assert tell() == 1
        assert tell() == 0


def test_a_webhook_that_cannot_be_reached_is_a_problem_of_the_night(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dedup.nightly.alerts._BACK_OFF_S", 0.0)
    with receiver(500, 302, 404, 500) as (url, posted), Store(tmp_path / "news.db") as store:
        settings = replace(SETTINGS, webhook_url=url, allow_private=True, host_delay_s=0.0)
        keep(store, articles(40, seed=5), 0)
        done = run_night([], store, now=NOW, settings=settings)
        assert len(posted) == 4
        assert (done.severity, len(done.problems)) == ("in part", 1)
        assert done.problems[0].startswith("webhook: ")


def test_a_webhook_on_this_machine_is_refused_unless_it_is_allowed(tmp_path: Path) -> None:
    with receiver() as (url, posted), Store(tmp_path / "news.db") as store:
        keep(store, articles(40, seed=5), 0)
        done = run_night([], store, now=NOW, settings=replace(SETTINGS, webhook_url=url))
        assert posted == []
        assert "private address" in done.problems[0]


# -- the log


def test_the_log_is_one_json_object_a_line(tmp_path: Path) -> None:
    stream = io.StringIO()
    with Store(tmp_path / "news.db") as store:
        keep(store, articles(40, seed=5), 0)
        run_night([], store, now=NOW, settings=SETTINGS, journal=Journal(stream))
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [lines[0]["event"], lines[-1]["event"]] == ["run begins", "run ends"]
    assert "cluster founded" in {line["event"] for line in lines}
    assert stream.getvalue().isascii()


# -- kills


def test_runs_that_are_killed_leave_what_an_undisturbed_one_does(tmp_path: Path) -> None:
    done = run_kills(tmp_path, n_kills=6, seed=2)
    assert done["differences"] == []
    assert done["equal"] == 6


def test_triples_that_are_kept_find_what_new_ones_do() -> None:
    furniture = " Subscribe to our newsletter and never miss a story from our newsroom again, every morning."
    some = [replace(one, text=one.text + furniture, source="one.example") for one in articles(40, seed=5)]
    some += articles(40, seed=6)
    found = Index(SETTINGS)
    found.add(some)
    kept = Index(SETTINGS)
    for article, sketch in zip(some, kept.sketches(some), strict=True):
        assert sketch.triples is not None
        assert len(sketch.triples) or len(article.text.split()) < 10
        kept.add_sketched(article, sketch)
    for masked in (False, True):
        corpora = [index._corpus() for index in (found, kept)]
        if not masked:
            corpora = [
                corpus._replace(compared=corpus.sketches, boilerplate=corpus.boilerplate[:0]) for corpus in corpora
            ]
        else:
            assert (np.diff(corpora[0].compared.offsets) != np.diff(corpora[0].sketches.offsets)).any()
        (new, new_offsets), (old, old_offsets) = (
            index._triples(corpus) for index, corpus in zip((found, kept), corpora, strict=True)
        )
        assert np.array_equal(new, old)
        assert np.array_equal(new_offsets, old_offsets)
    assert kept.duplicates().matches == found.duplicates().matches
