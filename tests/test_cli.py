"""The verbs as a user types them: what they print, what they write, and with which code they end."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dedup.cli import main
from dedup.ingest.opml import read_feed_list
from dedup.store import locked
from tests.conftest import REPO
from tests.loopback import Answer, World, serve
from tests.test_nightly import feed, item, page, paragraphs
from tests.test_pipeline import edited, prose

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def run_verb(*arguments: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(main, list(arguments), input=stdin, catch_exceptions=False)

    return run_verb


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    rows = [
        {"id": "a", "text": prose(1), "url": "http://one.example/a", "title": "Der Anfang"},
        {"id": "b", "text": edited(prose(1), 40), "url": "http://two.example/b", "title": "Die Kopie"},
        {"id": "c", "text": prose(2), "url": "http://one.example/c"},
    ]
    path = tmp_path / "corpus.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return path


def test_find_prints_a_table_and_writes_every_kind_of_file(run: Run, corpus: Path, tmp_path: Path) -> None:
    names = ["found.html", "found.jsonl", "found.csv", "found.parquet"]
    outputs = [part for name in names for part in ("-o", name)]
    result = run("find", str(corpus), *outputs)
    assert result.exit_code == 0
    assert "3 articles; 1 cluster; 1 copy (1 near)" in result.stdout
    assert "one.example, two.example" in result.stdout
    assert all((tmp_path / name).stat().st_size > 0 for name in names)


def test_find_prints_json(run: Run, corpus: Path) -> None:
    result = run("find", str(corpus), "--json")
    found = json.loads(result.stdout)
    assert found["articles"] == 3
    assert [(match["a"], match["b"], match["kind"]) for match in found["matches"]] == [("a", "b", "near")]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("find", "gone.jsonl"), "gone.jsonl: no such file"),
        (("find", "corpus.jsonl", "-t", "2"), "threshold is 2.0; it must lie in (0, 1]"),
        (("find", "corpus.jsonl", "-o", "found.docx"), "found.docx: unknown kind of output"),
        (("find", "corpus.jsonl", "--settings", "gone.toml"), "gone.toml: cannot be read"),
        (("nightly", "gone.opml"), "gone.opml: cannot be read"),
        (("nightly", "http://a.example/", "--connect-to", "x"), "--connect-to is 'x'"),
        (("explain", "a", "nobody", "--corpus", "corpus.jsonl"), "nobody: no article of this id"),
        (("check", "text", "--store", "gone.db"), "gone.db: no such store"),
        (("evaluate", "corpus.jsonl"), "no labels"),
    ],
)
def test_an_error_is_one_line_and_code_2(run: Run, corpus: Path, arguments: tuple[str, ...], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_wrong_usage_is_code_2(run: Run) -> None:
    assert run("find").exit_code == 2
    assert run("no-such-verb").exit_code == 2


def test_a_bad_row_ends_the_run_or_is_counted(run: Run, corpus: Path) -> None:
    corpus.write_text(corpus.read_text() + '\n{"id": "d", "text": ""}')
    result = run("find", str(corpus))
    assert (result.exit_code, "row 3: no text" in result.stderr) == (2, True)
    result = run("find", str(corpus), "--skip-bad-rows")
    assert (result.exit_code, "skipped: 1 no text" in result.stdout) == (0, True)


def test_explain_shows_every_number_also_without_a_match(run: Run, corpus: Path) -> None:
    result = run("explain", "b", "a", "--corpus", str(corpus))
    assert result.exit_code == 0
    for number in ("jaccard", "a_in_b", "n_shared", "estimated_jaccard", "n_shared_bands", "is_candidate", "threshold"):
        assert number in result.stdout
    assert "near match" in result.stdout
    assert "passage 1" in result.stdout
    assert "no match" in run("explain", "a", "c", "--corpus", str(corpus)).stdout
    assert json.loads(run("explain", "a", "c", "--corpus", str(corpus), "--json").stdout)["kind"] is None


def test_explain_takes_files(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(prose(1))
    (tmp_path / "b.txt").write_text(prose(1))
    assert "exact match" in run("explain", "a.txt", "b.txt").stdout


def test_check_finds_where_a_text_was_published(run: Run, corpus: Path, tmp_path: Path) -> None:
    text = edited(prose(1), 50) + "\n\nQuelle: dpa"
    (tmp_path / "new.txt").write_text(text)
    for subject, stdin in ((text, None), ("new.txt", None), ("-", text)):
        result = run("check", subject, "--corpus", str(corpus), stdin=stdin)
        assert result.exit_code == 0
        assert "Der Anfang (http://one.example/a" in result.stdout
        assert "credits agency:dpa" in result.stdout
    assert "not found among 3 articles" in run("check", prose(5), "--corpus", str(corpus)).stdout
    assert "no corpus to compare with" in run("check", prose(5)).stdout


def test_check_of_the_article_this_project_began_with(run: Run, shared_data: Path) -> None:
    result = run("check", str(shared_data / "seed_story" / "article.txt"))
    assert "credits outlet:Blick" in result.stdout


def test_evaluate_scores_labels_and_clusters(run: Run, corpus: Path, tmp_path: Path) -> None:
    folder = tmp_path / "labelled"
    folder.mkdir()
    (folder / "articles.jsonl").write_text(corpus.read_text())
    (folder / "labels.jsonl").write_text('{"a": "a", "b": "b", "label": "near"}\n{"a": "a", "b": "c", "label": "near"}')
    result = run("evaluate", str(folder))
    assert result.exit_code == 1
    assert "missed: near: a / c" in result.stdout
    (folder / "labels.jsonl").write_text('{"a": "a", "b": "b", "label": "near"}')
    assert run("evaluate", str(folder)).exit_code == 0
    rows = [json.loads(line) | {"cluster": n // 2} for n, line in enumerate(corpus.read_text().splitlines())]
    corpus.write_text("\n".join(json.dumps(row) for row in rows))
    assert json.loads(run("evaluate", str(corpus), "--json").stdout)["clusters"]["adjusted_rand"] == 1.0


@pytest.fixture
def world() -> Iterator[World]:
    with serve({}) as served:
        yield served


def test_nightly_then_report_explain_and_check_from_the_store(run: Run, world: World, tmp_path: Path) -> None:
    for host in ("a.example", "b.example"):
        world.answers[host, "/feed"] = feed(item(f"http://{host}/x"))
        world.answers[host, "/x"] = page(paragraphs(1))
    (tmp_path / "feeds.txt").write_text("# mine\nhttp://a.example/feed\n\nhttp://b.example/feed\n")
    network = ["--connect-to", f"*.example={world.address}", "--host-delay", "0"]
    result = run("nightly", "feeds.txt", *network)
    assert result.exit_code == 0
    assert result.stdout.rstrip().endswith("report: report/index.html")
    before = (tmp_path / "report" / "index.html").read_bytes()

    result = run("report", "--store", "news.db", "--report", "again", "--json")
    assert (tmp_path / "again" / "index.html").read_bytes() == before
    (match,) = json.loads(result.stdout)["matches"]
    assert "match" in run("explain", match["a"], match["b"], "--store", "news.db").stdout
    result = run("check", "http://a.example/x", "--store", "news.db", "--connect-to", f"*.example={world.address}")
    assert "http://b.example/x" in result.stdout


def test_nightly_ends_with_1_where_a_feed_failed(run: Run, world: World) -> None:
    result = run("nightly", "http://a.example/gone", "--connect-to", f"*={world.address}", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["feeds"] == {"failed: http 404": 1}


def test_no_verb_prints_control_characters_of_a_hostile_text(run: Run, tmp_path: Path) -> None:
    rows = [{"id": str(n), "text": prose(1), "title": "\x1b[2J[bold]x\x07", "source": f"s{n}\x1b"} for n in range(2)]
    (tmp_path / "corpus.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    result = run("find", "corpus.jsonl")
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
    assert "\x07" not in result.stdout
    assert "[bold]x" in result.stdout


def test_the_sample_world_meets_its_labels_by_the_verb(run: Run) -> None:
    result = run("evaluate", str(REPO / "seeds"), "--json")
    scores = json.loads(result.stdout)["pairs"]
    assert {label for label, score in scores.items() if score["share"] < 1} == set()


def test_nightly_names_the_lines_that_are_no_feed(run: Run, world: World, tmp_path: Path) -> None:
    world.answers["a.example", "/feed"] = feed()
    (tmp_path / "feeds.txt").write_text("http://a.example/feed\nftp://b.example/feed\n")
    result = run("nightly", "feeds.txt", "--connect-to", f"*={world.address}")
    assert result.exit_code == 0
    assert "set aside" in result.stderr
    assert "ftp://b.example/feed" in result.stderr


def test_a_dry_run_fetches_and_writes_nothing(run: Run, world: World, tmp_path: Path) -> None:
    world.answers["a.example", "/feed"] = feed(item("http://a.example/x"))
    network = ("--connect-to", f"*={world.address}")
    result = run("nightly", "http://a.example/feed", *network, "--dry-run")
    assert result.exit_code == 0
    assert "first fetch" in result.stdout
    assert world.asked == []
    assert list(tmp_path.iterdir()) == []
    run("nightly", "http://a.example/feed", *network)
    world.asked.clear()
    plan = json.loads(run("nightly", "http://a.example/feed", *network, "--dry-run", "--json").stdout)
    assert [one["action"] for one in plan["feeds"]] == ["ask whether it changed"]
    assert world.asked == []


def test_feeds_of_a_site_are_found_and_written(run: Run, world: World, tmp_path: Path) -> None:
    world.answers["a.example", "/"] = Answer(b'<link rel="alternate" type="application/rss+xml" href="/feed">')
    world.answers["a.example", "/feed"] = feed(item("http://a.example/x"))
    network = ("--connect-to", f"*={world.address}", "--settings", "quick.toml")
    (tmp_path / "quick.toml").write_text("host_delay_s = 0.0")
    result = run("feeds", "find", "http://a.example/", *network)
    assert result.exit_code == 0
    assert "http://a.example/feed" in result.stdout
    assert "Blatt" in result.stdout
    run("feeds", "find", "http://a.example/", *network, "-o", "found.opml")
    (tmp_path / "more.txt").write_text("http://b.example/feed\nhttp://a.example/feed\n")
    merged = run("feeds", "import", "found.opml", "more.txt")
    assert [ref.url for ref in read_feed_list(merged.stdout_bytes).refs] == [
        "http://a.example/feed",
        "http://b.example/feed",
    ]
    assert run("feeds", "find", "http://b.example/", *network).exit_code == 2
    assert run("feeds", "find", "b.example").exit_code == 2


def test_feeds_of_a_store_are_exported_where_they_moved_to(run: Run, world: World) -> None:
    world.answers["a.example", "/feed"] = Answer(status=301, location="http://b.example/feed")
    world.answers["b.example", "/feed"] = feed(item("http://b.example/x"))
    run("nightly", "http://a.example/feed", "--connect-to", f"*={world.address}", "--host-delay", "0")
    (ref,) = read_feed_list(run("feeds", "export").stdout_bytes).refs
    assert (ref.url, ref.title) == ("http://b.example/feed", "Blatt")


# -- nights, their history, and the store they leave


@pytest.fixture
def stored(run: Run, world: World, tmp_path: Path) -> Path:
    for host in ("a.example", "b.example"):
        world.answers[host, "/feed"] = feed(item(f"http://{host}/x"))
        world.answers[host, "/x"] = page(paragraphs(1))
    (tmp_path / "feeds.txt").write_text("http://a.example/feed\nhttp://b.example/feed\n")
    log = ("--log", str(tmp_path / "log.jsonl"))
    result = run("nightly", "feeds.txt", "--connect-to", f"*={world.address}", "--host-delay", "0", *log)
    assert result.exit_code == 0
    assert "sketches: 2 new" in result.stdout
    return tmp_path / "news.db"


def test_runs_tells_what_each_feed_did(run: Run, stored: Path) -> None:
    listed = json.loads(run("runs", "--json").stdout)["runs"]
    assert [(one["id"], one["counts"]["feeds"]) for one in listed] == [(1, {"fetched": 2})]
    assert "2 fetched" in run("runs").stdout
    (first, second) = json.loads(run("runs", "--run", "1", "--json").stdout)["feeds"]
    assert (first["feed_url"], first["outcome"], first["entries"]) == ("http://a.example/feed", "fetched", {"new": 1})
    assert "http://b.example/feed" in run("runs", "--run", "1").stdout
    assert second["problem"] == ""
    assert run("runs", "--run", "7").exit_code == 2
    assert run("runs", "--store", "no.db").exit_code == 2


def test_the_log_has_an_event_for_each_feed_and_entry(stored: Path, tmp_path: Path) -> None:
    events = [json.loads(line)["event"] for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert (events.count("feed"), events.count("entry"), events[-1]) == (2, 2, "run ends")


def test_nightly_fetches_only_what_is_asked_for(run: Run, stored: Path, world: World) -> None:
    world.asked.clear()
    result = run(
        "nightly", "feeds.txt", "--connect-to", f"*={world.address}", "--host-delay", "0", "--only", "A.EXAMPLE"
    )
    assert result.exit_code == 0
    assert {url.partition("/")[0] for url in world.asked} == {"a.example"}


def test_nightly_sets_aside_what_is_older_than_asked_for(run: Run, world: World) -> None:
    old = item("http://a.example/x").replace("</item>", "<pubDate>Mon, 02 Nov 2026 10:00:00 GMT</pubDate></item>")
    world.answers["a.example", "/feed"] = feed(old, item("http://a.example/y"))
    world.answers["a.example", "/y"] = page(paragraphs(1))
    arguments = (
        "nightly",
        "http://a.example/feed",
        "--connect-to",
        f"*={world.address}",
        "--host-delay",
        "0",
        "--json",
    )
    assert json.loads(run(*arguments, "--since", "2026-11-20").stdout)["entries"] == {
        "new": 1,
        "set aside: older than asked for": 1,
    }
    result = run(*arguments, "--since", "yesterday")
    assert result.exit_code == 2
    assert "--since is 'yesterday'; it must be a date" in result.stderr


def test_a_second_run_on_the_same_store_is_refused_with_code_3(run: Run, stored: Path, world: World) -> None:
    before = stored.read_bytes()
    with locked(stored):
        for arguments in (("nightly", "feeds.txt"), ("store", "prune", "--keep", "90d")):
            result = run(*arguments)
            assert result.exit_code == 3
            assert "another run is at work" in result.stderr
    assert stored.read_bytes() == before


def test_the_store_is_checked_backed_up_pruned_and_erased(run: Run, stored: Path, tmp_path: Path) -> None:
    assert "the store is whole" in run("store", "check").stdout
    assert run("store", "backup", "copy.db").exit_code == 0
    assert run("store", "backup", "copy.db").exit_code == 2
    assert "removed: 0 articles" in run("store", "prune", "--keep", "90d").stdout
    assert run("store", "prune", "--keep", "soon").exit_code == 2
    assert b"a.example" in (tmp_path / "report" / "index.html").read_bytes()
    assert json.loads(run("store", "erase", "--source", "a.example", "--json").stdout)["n_articles"] == 1
    for path in (tmp_path / "report").rglob("*"):
        assert path.is_dir() or b"a.example" not in path.read_bytes(), path
    assert run("store", "erase", "--source", "a.example").exit_code == 2
    (tmp_path / "copy.db").write_bytes(b"\0" * 5000)
    result = run("store", "check", "--store", "copy.db")
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1


def test_a_report_that_cannot_be_written_is_one_line(run: Run, stored: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    result = run("report", "--report", "taken/report")
    assert result.exit_code == 2
    assert "taken" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
