from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dedup.errors import FeedError, FetchError
from dedup.ingest.discover import discover_feeds, feeds_named_on
from dedup.ingest.feeds import Feed, parse_feed
from dedup.ingest.fetch import Response

NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


def news(path: str, date: str = "2026-11-23T18:00:00+01:00", title: str = "Rat &amp; Brücke") -> str:
    return (
        f"<url><loc>https://blatt.example{path}</loc><lastmod>2026-11-24</lastmod><news:news><news:publication>"
        f"<news:name>Das Blatt</news:name><news:language>de</news:language></news:publication>"
        f"<news:publication_date>{date}</news:publication_date><news:title>{title}</news:title></news:news></url>"
    )


def read(
    *parts: str, root: str = "urlset", head: str = '<?xml version="1.0" encoding="UTF-8"?>', limit: int = 100
) -> Feed:
    body = f"{head}<{root} {NS}>{''.join(parts)}</{root}>".encode()
    return parse_feed(body, url="https://blatt.example/news.xml", max_entries=limit)


def test_a_news_sitemap_is_a_feed() -> None:
    feed = read(news("/a"), news("/b", "2026-11-24T07:00:00+01:00", "<![CDATA[Später]]>"))
    assert (feed.version, feed.title) == ("sitemap", "Das Blatt")
    later, entry = feed.entries
    assert (later.link, later.title) == ("https://blatt.example/b", "Später")
    assert (entry.link, entry.title, entry.language) == ("https://blatt.example/a", "Rat & Brücke", "de")
    assert entry.published == datetime(2026, 11, 23, 17, tzinfo=UTC)
    assert entry.published_raw == "2026-11-23T18:00:00+01:00"


def test_what_is_no_news_is_counted() -> None:
    feed = read(
        news("/a"), "<url><loc>https://blatt.example/impressum</loc></url>", "<url><loc>javascript:x</loc></url>"
    )
    assert [entry.link for entry in feed.entries] == ["https://blatt.example/a"]
    assert feed.skipped == {"a page, no news": 1, "neither link nor text": 1}


def test_of_a_plain_sitemap_what_changed_lately_is_taken() -> None:
    pages = [f"<url><loc>/{n}</loc><lastmod>2026-11-{24 - n:02}</lastmod></url>" for n in range(5)]
    feed = read(*pages, "<url><loc>/undated</loc></url>")
    assert [entry.link for entry in feed.entries] == [f"https://blatt.example/{n}" for n in range(3)]
    assert feed.skipped == {"a page changed long before others": 2, "a page without a date": 1}


def test_the_newest_are_read_and_the_rest_is_counted() -> None:
    feed = read(*(news(f"/{n}", f"2026-11-{n:02}") for n in range(1, 21)), limit=3)
    assert [entry.link[-2:] for entry in feed.entries] == ["20", "19", "18"]
    assert feed.skipped == {"over max_entries": 17}


def test_an_index_names_its_newest_sitemaps() -> None:
    sitemaps = [f"<sitemap><loc>/{n}.xml</loc><lastmod>2026-{n:02}-01</lastmod></sitemap>" for n in range(1, 10)]
    feed = read(*sitemaps, "<sitemap><loc>/news.xml</loc></sitemap>", root="sitemapindex")
    assert feed.entries == ()
    assert feed.parts == tuple(f"https://blatt.example/{n}.xml" for n in (9, 8, 7, 6, 5))


@pytest.mark.parametrize(
    "head", ["", "<!-- made by x -->", '<?xml version="1.0" encoding="latin-1"?><?xml-stylesheet a?>']
)
def test_heads_and_wrong_encodings(head: str) -> None:
    assert read(news("/a", title="Füsse"), head=head).entries[0].title == "Füsse"


def test_a_sitemap_that_declares_entities_is_none() -> None:
    head = '<!DOCTYPE urlset [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY y "long">]>'
    with pytest.raises(FeedError, match="neither RSS nor Atom"):
        read(news("/a", title="A &x;&y; B"), head=head)


def test_too_much_markup_is_no_sitemap() -> None:
    with pytest.raises(FeedError, match="tags"):
        read("<url>" * 600_000)


# -- discovery


class Site:
    """A site that answers from a table."""

    def __init__(self, **pages: str) -> None:
        self.pages = {f"https://a.example/{name.replace('__', '.')}": body for name, body in pages.items()}
        self.asked: list[str] = []

    def get(self, url: str) -> Response:
        self.asked.append(url)
        if url not in self.pages:
            raise FetchError(url, "http 404")
        body = self.pages[url].encode()
        return Response(fetched_url=url, final_url=url, permanent_url=url, status=200, body=body)


RSS = "<rss version='2.0'><channel><title>All</title><item><title>x</title><link>/1</link></item></channel></rss>"


def test_finds_what_the_page_names() -> None:
    home = (
        '<link rel="alternate" type="application/rss+xml" title="Top" href="/top.rss">'
        '<link rel="alternate" type="application/rss+xml" href="/gone.rss">'
        '<link rel="alternate" hreflang="de" href="/de">'
        '<a href="/sport/feed">Sport</a><a href="https://other.example/feed">x</a><a href="javascript:feed">x</a>'
    )
    site = Site(
        **{"": home, "top__rss": RSS, "robots__txt": "Sitemap: /sitemap.xml\nsitemap: https://a.example/news.xml"}
    )
    site.pages["https://a.example/sport/feed"] = RSS
    site.pages["https://a.example/news.xml"] = f"<urlset {NS}>{news('/a')}</urlset>"
    found = discover_feeds("https://a.example/", site.get, max_entries=10)
    assert [one.url[18:] for one in found] == ["top.rss", "sport/feed", "news.xml"]
    assert [(one.title, one.version, one.n_entries) for one in found[:2]] == [("All", "rss20", 1)] * 2
    assert "https://a.example/sitemap.xml" not in site.asked
    assert "https://other.example/feed" not in site.asked


def test_looks_at_the_usual_places_only_where_nothing_is_named() -> None:
    site = Site(**{"": "<p>Hello</p>", "feed__xml": RSS})
    (found,) = discover_feeds("https://a.example/", site.get, max_entries=10)
    assert found.url == "https://a.example/feed.xml"
    site = Site(**{"": '<link rel=alternate type="application/atom+xml" href=/a>'})
    assert discover_feeds("https://a.example/", site.get, max_entries=10) == []
    assert site.asked == ["https://a.example/", "https://a.example/robots.txt", "https://a.example/a"]


def test_a_feed_is_its_own() -> None:
    (found,) = discover_feeds("https://a.example/feed", Site(feed=RSS).get, max_entries=10)
    assert (found.url, found.title) == ("https://a.example/feed", "All")


def test_a_site_that_cannot_be_fetched_is_an_error() -> None:
    with pytest.raises(FetchError):
        discover_feeds("https://a.example/", Site().get, max_entries=10)


def test_a_page_of_links_is_not_asked_for_all_of_them() -> None:
    site = Site(**{"": "".join(f'<a href="/feed/{n}">x</a>' for n in range(500))})
    discover_feeds("https://a.example/", site.get, max_entries=10)
    assert len(site.asked) <= 25


def test_no_page_names_no_feeds() -> None:
    assert feeds_named_on(b"\x89PNG", url="https://a.example/") == []
