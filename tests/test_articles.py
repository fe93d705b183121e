from datetime import UTC, datetime

import pytest

from dedup.ingest.articles import article_from_entry, identity_url, is_excerpt
from dedup.ingest.feeds import Entry, Feed
from dedup.ingest.pages import Page
from dedup.ingest.urls import article_id
from dedup.model import Article

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
LONG = "Der Rat hat am Montag lange beraten und am Ende zugestimmt. " * 20


def make(entry: Entry, page: Page | None = None, final_url: str = "", feed: str = "https://f.example/feed") -> Article:
    return article_from_entry(
        entry,
        page=page,
        fetched_url=entry.link if final_url else "",
        final_url=final_url,
        feed=Feed(url=feed, title="F", version="rss20", language="de", entries=()),
        first_seen=NOW,
        excerpt_words=100,
    )


@pytest.mark.parametrize(
    ("entry", "excerpt"),
    [
        (Entry(), True),
        (Entry(summary_html="Kurz."), True),
        (Entry(content_html="Kurz."), True),
        (Entry(content_html=f"<p>{LONG}</p>"), False),
        (Entry(summary_html=f"<p>{LONG}</p>"), False),
        (Entry(content_html=f"<p>{LONG}</p>", summary_html="Kurz ..."), False),
        (Entry(summary_html=f"{LONG} [&hellip;]"), True),
        (Entry(summary_html=f"{LONG} <a href='/x'>Weiterlesen</a>"), True),
        (Entry(summary_html=f"{LONG} <a href='/x'>Читать далее</a>"), True),
    ],
)
def test_what_is_only_an_excerpt(entry: Entry, excerpt: bool) -> None:
    assert is_excerpt(entry, excerpt_words=100) is excerpt


@pytest.mark.parametrize(
    ("url", "canonical", "expected"),
    [
        ("https://a.example/rat-baut-bruecke?ref=1&page=2", "https://a.example/rat-baut-bruecke", "canonical"),
        ("https://a.example/meldung/1234567?view=app", "https://a.example/meldung/1234567", "canonical"),
        ("https://a.example/article.php?id=2", "https://a.example/article.php", "url"),
        ("https://www.a.example/x/", "https://a.example/x", "canonical"),
        ("https://a.example/x/amp", "https://a.example/x", "canonical"),
        ("https://amp.a.example/x", "https://www.a.example/x", "canonical"),
        ("https://a.example/x", "", "url"),
        ("https://a.example/x", "https://a.example/", "url"),
        ("https://a.example/?p=7", "https://a.example/", "url"),
        ("https://a.example/x", "https://a.example/y", "url"),
        ("https://a.example/x", "https://b.example/x", "url"),
        ("https://a.example/x", "not a url", "url"),
    ],
)
def test_which_url_names_the_article(url: str, canonical: str, expected: str) -> None:
    assert identity_url(url, canonical) == (canonical if expected == "canonical" else url)


def test_the_page_is_taken_where_it_is_not_shorter() -> None:
    entry = Entry(link="https://a.example/x", summary_html="Der Rat tagt.")
    article = make(entry, Page(title="T", text=LONG), "https://a.example/x")
    assert (article.text, article.text_origin, article.title) == (LONG, "page", "T")
    article = make(Entry(link="https://a.example/x", content_html=LONG), Page(title="T", text="Nur ein Rest"))
    assert article.text_origin == "feed"
    assert article.text.startswith("Der Rat hat am Montag")
    assert make(entry).text_origin == "excerpt"


def test_four_urls_are_four_facts() -> None:
    page = Page(title="T", text=LONG, canonical_url="https://origin.example/x", og_url="https://copy.example/og")
    entry = Entry(link="https://short.example/1")
    article = make(entry, page, "https://www.copy.example/x")
    assert (article.fetched_url, article.final_url) == ("https://short.example/1", "https://www.copy.example/x")
    assert (article.canonical_url, article.og_url) == ("https://origin.example/x", "https://copy.example/og")
    assert (article.source, article.url) == ("copy.example", "https://www.copy.example/x")
    assert article.id == article_id("https://copy.example/x")


def test_an_entry_without_any_url_has_no_id_of_its_own_but_a_source() -> None:
    article = make(Entry(guid="g", content_html=LONG))
    assert (article.id, article.url, article.source, article.guid) == ("", "", "f.example", "g")


def test_which_date_is_taken() -> None:
    feed_date, page_date = datetime(2026, 11, 23, 9, tzinfo=UTC), datetime(2026, 11, 22, 9, tzinfo=UTC)
    page = Page(title="T", text=LONG, published=page_date, published_raw="page")
    published = Entry(link="https://a.example/x", published=feed_date, published_raw="feed")
    updated = Entry(
        link="https://a.example/x",
        published=feed_date,
        published_raw="feed",
        updated=feed_date,
        updated_raw="feed",
    )
    assert (make(published, page).published, make(published, page).published_raw) == (feed_date, "feed")
    assert (make(updated, page).published, make(updated, page).published_raw) == (page_date, "page")
    assert make(updated).published == feed_date
    nothing = make(Entry(link="https://a.example/x", published_raw="neulich"))
    assert (nothing.published, nothing.published_raw) == (None, "neulich")


def test_statements_of_feed_and_page_are_both_kept() -> None:
    entry = Entry(link="https://a.example/x", provenance={"rss:source": "dpa"})
    page = Page(title="T", text=LONG, provenance={"jsonld:publisher": "A"}, language="de-CH", byline="Eva Muster")
    article = make(entry, page)
    assert dict(article.provenance) == {"rss:source": "dpa", "jsonld:publisher": "A"}
    assert (article.language, article.byline) == ("de-CH", "Eva Muster")
