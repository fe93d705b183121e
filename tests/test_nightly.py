"""The nightly job against outlets on loopback: what is stored, what is counted, what is asked for again."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path

import pytest

from dedup import Settings
from dedup.ingest.opml import FeedRef
from dedup.nightly import Night, run_night
from dedup.store import Store
from tests.loopback import Answer, World, serve
from tests.test_pipeline import prose

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
RSS = "application/rss+xml"


def page(text: str, title: str = "Rat beschliesst neue Brücke") -> Answer:
    paragraphs = "".join(f"<p>{escape(part)}</p>" for part in text.split("\n\n"))
    return Answer(
        f'<html lang="de"><head><title>{escape(title)}</title><meta charset="utf-8">'
        f'<meta property="article:published_time" content="2026-11-23T18:00:00+01:00"></head>'
        f"<body><nav>Start Politik Sport</nav><article><h1>{escape(title)}</h1>{paragraphs}</article>"
        "</body></html>".encode()
    )


def feed(*items: str) -> Answer:
    return Answer(
        '<?xml version="1.0"?><rss version="2.0"><channel><title>Blatt</title>'
        f"{''.join(items)}</channel></rss>".encode(),
        RSS,
    )


def item(link: str, description: str = "Kurz und knapp ...", title: str = "Rat beschliesst neue Brücke") -> str:
    return f"<item><title>{title}</title><link>{link}</link><description>{escape(description)}</description></item>"


def paragraphs(seed: int) -> str:
    """A body long and regular enough for any extractor."""
    return "\n\n".join(prose(seed * 10 + n, 60).capitalize() + "." for n in range(4))


@pytest.fixture
def world() -> Iterator[World]:
    with serve({}) as served:
        yield served


class Nights:
    """Night after night against one world and one store."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.folder = folder
        self.settings = Settings(connect_to={"*": world.address}, host_delay_s=0.0, timeout_s=5.0)
        self.now = NOW

    def run(self, *feeds: str) -> Night:
        self.world.asked.clear()
        with Store(self.folder / "news.db") as store:
            refs = [FeedRef(url=url) for url in feeds]
            night = run_night(refs, store, now=self.now, settings=self.settings, report_dir=self.folder / "report")
        self.now += timedelta(days=1)
        return night

    def report(self) -> dict[str, bytes]:
        report = self.folder / "report"
        files = sorted(path for path in report.rglob("*") if path.is_file())
        return {path.relative_to(report).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def nights(world: World, tmp_path: Path) -> Nights:
    return Nights(world, tmp_path)


def test_two_outlets_carry_one_text(world: World, nights: Nights) -> None:
    for host in ("a.example", "b.example"):
        world.answers[host, "/feed"] = feed(item(f"http://{host}/bruecke?utm_source=rss"))
        world.answers[host, "/bruecke?utm_source=rss"] = page(paragraphs(1))
    night = nights.run("http://a.example/feed", "http://b.example/feed")
    assert (night.feeds, night.entries, night.problems) == ({"fetched": 2}, {"new": 2}, ())
    (match,) = night.duplicates.matches
    assert match.kind in ("exact", "near")
    a, b = (night.duplicates.articles[article_id] for article_id in (match.a, match.b))
    assert {a.source, b.source} == {"a.example", "b.example"}
    assert a.text_origin == "page"
    assert a.published == datetime(2026, 11, 23, 17, tzinfo=UTC)
    assert a.first_seen == NOW
    assert a.url.endswith("/bruecke?utm_source=rss") or a.url.endswith("/bruecke")
    files = {"index.html", "report.css", "sources.html", "matches.csv", "duplicates.jsonl", "new-clusters.atom"}
    assert files <= nights.report().keys()
    assert sum(name.startswith("clusters/") for name in nights.report()) == 1
    assert b'<a href="new-clusters.atom">' in nights.report()["index.html"]


def test_the_second_run_fetches_nothing_anew_and_writes_the_same_report(world: World, nights: Nights) -> None:
    for host in ("a.example", "b.example"):
        world.answers[host, "/feed"] = feed(item(f"http://{host}/x"))
        world.answers[host, "/x"] = page(paragraphs(1))
    nights.run("http://a.example/feed", "http://b.example/feed")
    before = nights.report()
    night = nights.run("http://a.example/feed", "http://b.example/feed")
    assert sorted(world.asked) == ["a.example/feed", "b.example/feed"]
    assert (night.feeds, night.entries) == ({"not modified": 2}, {"known": 2})
    assert nights.report() == before


def test_one_page_in_several_feeds_is_fetched_once(world: World, nights: Nights) -> None:
    world.answers["a.example", "/politik"] = feed(item("http://a.example/x"))
    world.answers["a.example", "/alles"] = feed(item("http://a.example/x?utm_medium=rss"), item("http://a.example/y"))
    world.answers["a.example", "/x"] = page(paragraphs(1))
    world.answers["a.example", "/y"] = page(paragraphs(2))
    night = nights.run("http://a.example/politik", "http://a.example/alles")
    assert night.entries == {"named twice": 1, "new": 2}
    assert len([path for path in world.asked if path.startswith("a.example/x")]) == 1


def test_full_text_in_the_feed_needs_no_page(world: World, nights: Nights) -> None:
    text = "".join(f"<p>{part}</p>" for part in paragraphs(3).split("\n\n"))
    world.answers["a.example", "/feed"] = feed(item("http://a.example/x", text))
    night = nights.run("http://a.example/feed")
    assert night.entries == {"new": 1}
    assert world.asked == ["a.example/feed"]
    (article,) = night.duplicates.articles.values()
    assert article.text_origin == "feed"


def test_a_page_that_fails_is_kept_as_an_excerpt_and_tried_again(world: World, nights: Nights) -> None:
    world.answers["a.example", "/feed"] = feed(
        item("http://a.example/x", "Der Rat hat am Montag über die Brücke beraten.")
    )
    world.answers["a.example", "/x"] = Answer(status=503)
    night = nights.run("http://a.example/feed")
    assert night.entries == {"new, only an excerpt": 1}
    assert len(night.problems) == 1
    assert "503" in night.problems[0]
    world.answers["a.example", "/x"] = page(paragraphs(4))
    night = nights.run("http://a.example/feed")
    assert night.entries["revised"] == 1
    (article,) = night.duplicates.articles.values()
    assert (article.text_origin, article.first_seen) == ("page", NOW)


def test_a_page_that_keeps_failing_is_given_up_after_five_nights(world: World, nights: Nights) -> None:
    world.answers["a.example", "/feed"] = feed(item("http://a.example/x", ""))
    outcomes = [dict(nights.run("http://a.example/feed").entries) for _ in range(7)]
    assert outcomes[:5] == [{"failed: http 404": 1}] * 5
    assert outcomes[5:] == [{"known": 1}] * 2


def test_an_update_is_a_revision(world: World, nights: Nights) -> None:
    world.answers["a.example", "/feed"] = feed(item("http://a.example/x", title="Erste Meldung"))
    world.answers["a.example", "/x"] = page(paragraphs(5))
    nights.run("http://a.example/feed")
    world.answers["a.example", "/feed"] = feed(item("http://a.example/x", title="Zweite Meldung"))
    world.answers["a.example", "/x"] = page(paragraphs(5) + "\n\n" + paragraphs(6))
    night = nights.run("http://a.example/feed")
    assert night.entries == {"revised": 1}
    with Store(nights.folder / "news.db") as store:
        (article,) = store.articles()
        assert len(store.revisions(article.id)) == 1


def test_an_unchanged_page_behind_a_changed_entry_is_unchanged(world: World, nights: Nights) -> None:
    world.answers["a.example", "/feed"] = feed(item("http://a.example/x", title="Erste Meldung"))
    world.answers["a.example", "/x"] = page(paragraphs(5))
    nights.run("http://a.example/feed")
    world.answers["a.example", "/feed"] = feed(item("http://a.example/x", title="Zweite Meldung"))
    night = nights.run("http://a.example/feed")
    assert night.entries == {"unchanged": 1}
    assert world.statuses[304] == 1


def test_failing_feeds_are_counted_and_the_others_go_on(world: World, nights: Nights) -> None:
    world.answers["a.example", "/feed"] = feed(item("http://a.example/x"))
    world.answers["a.example", "/x"] = page(paragraphs(7))
    world.answers["b.example", "/feed"] = Answer(b"<html><body>Hello</body></html>")
    night = nights.run(
        "http://b.example/feed", "http://c.example/gone", "http://a.example/feed", "http://d.example/feed"
    )
    assert night.feeds == {"failed: http 404": 2, "failed: no feed": 1, "fetched": 1}
    assert night.entries == {"new": 1}
    assert len(night.problems) == 3


def test_pages_that_all_lead_to_one_wall_do_not_overwrite_one_another(world: World, nights: Nights) -> None:
    world.answers["a.example", "/feed"] = feed(item("http://a.example/x"), item("http://a.example/y", "Anders"))
    for path in ("/x", "/y"):
        world.answers["a.example", path] = Answer(status=302, location="http://consent.example/wall")
    world.answers["consent.example", "/wall"] = page(paragraphs(8), "Bitte stimmen Sie zu")
    night = nights.run("http://a.example/feed")
    assert night.entries == {"new": 1, "same page as another entry": 1}


def test_a_date_in_the_future_is_no_date(world: World, nights: Nights) -> None:
    text = "".join(f"<p>{part}</p>" for part in paragraphs(3).split("\n\n"))
    late = item("http://a.example/x", text).replace(
        "</item>", "<pubDate>Mon, 07 Jan 2041 10:00:00 GMT</pubDate></item>"
    )
    world.answers["a.example", "/feed"] = feed(late)
    (article,) = nights.run("http://a.example/feed").duplicates.articles.values()
    assert article.published is None
    assert "2041" in article.published_raw


def test_private_addresses_are_refused(world: World, nights: Nights) -> None:
    nights.settings = replace(nights.settings, connect_to={})
    night = nights.run(f"http://{world.address}/feed")
    assert night.feeds == {"failed: private address": 1}
    assert world.asked == []


def test_a_run_that_was_cut_off_is_finished_by_the_next(
    world: World, nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.answers["a.example", "/feed"] = feed(item("http://a.example/x"), item("http://a.example/y"))
    world.answers["a.example", "/x"] = page(paragraphs(1))
    world.answers["a.example", "/y"] = page(paragraphs(2))
    saved = Store.save_article

    def cut_off(self: Store, *args: object, **kwargs: object) -> object:
        monkeypatch.setattr(Store, "save_article", saved)
        raise KeyboardInterrupt

    monkeypatch.setattr(Store, "save_article", cut_off)
    with pytest.raises(KeyboardInterrupt):
        nights.run("http://a.example/feed")
    night = nights.run("http://a.example/feed")
    assert night.feeds == {"fetched before the run was cut off": 1}
    assert night.entries["new"] == 2
    assert len(night.duplicates.articles) == 2
