"""Feeds, pages, lists of feeds, sitemaps and robots.txt made of noise: none may end in an error that has no name.

    python -W error benchmarks/fuzz.py --minutes 10

Inputs are of two kinds: markup put together at random, and real kinds of files with pieces cut out, doubled, exchanged
and overwritten. An input that breaks something is shrunk by hypothesis and printed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent.parent))

from dedup.errors import FeedError, PageError
from dedup.ingest.articles import article_from_entry, is_excerpt
from dedup.ingest.discover import feeds_named_on
from dedup.ingest.entries import entry_digest, entry_from_json, entry_to_json
from dedup.ingest.feeds import parse_feed
from dedup.ingest.fetch_failed import Failed
from dedup.ingest.fetch_robots import Robots, RobotsFile
from dedup.ingest.fetch_turns import retry_after_s
from dedup.ingest.opml import read_feed_list, write_opml
from dedup.ingest.pages import read_page
from dedup.store.articles import from_json, to_json

Target: TypeAlias = Callable[[bytes, str], None]

URL = "https://a.example/b/c"
NOW = datetime(2026, 11, 24, tzinfo=UTC)

RSS = """<?xml version="1.0" encoding="utf-8"?><!DOCTYPE rss [<!ENTITY x "y">]><rss version="2.0"
xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
xmlns:media="http://search.yahoo.com/mrss/"><channel><title>Das Blatt &amp; mehr</title><link>https://a.example/</link>
<language>de-CH</language><item><title><![CDATA[Füsse & <b>Köpfe</b>]]></title><link>/a?utm_source=rss</link>
<guid isPermaLink="false">urn:1</guid><pubDate>Mo, 25 Jun 2018 14:30:00 +0200</pubDate><dc:creator>Jo</dc:creator>
<source url="https://b.example/rss">B</source><media:credit>dpa</media:credit>
<content:encoded><![CDATA[<p>Der Rat hat am Montag</p><script>x</script>]]></content:encoded></item><item/>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://a.example/" xml:lang="de">
<title type="html">A</title>
<entry><id>1</id><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">B</div></title><link rel="alternate"
href="x"/><updated>2018-06-25T14:30:00Z</updated><content type="html">&lt;p&gt;C&lt;/p&gt;</content></entry></feed>"""
JSON_FEED = """{"version": "https://jsonfeed.org/version/1.1", "title": "A", "items": [{"id": 1, "url": "/a",
"content_html": "<p>x</p>", "authors": [{"name": "Jo"}], "date_published": "2018-06-25T14:30:00Z"}, null]}"""
SITEMAP = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://a.example/a</loc><lastmod>2026-11-24</lastmod>
<n:news><n:publication_date>2026-11-23</n:publication_date><n:title>T</n:title></n:news></url></urlset>"""
OPML = """<?xml version="1.0"?><opml version="2.0"><head><title>x</title></head><body><outline text="Zeitungen">
<outline text="A & B" type="rss" xmlUrl="https://a.example/rss" htmlUrl="https://a.example" category="/a/b,c"/>
</outline></body></opml>"""
PAGE = """<!doctype html><html lang="de"><head><meta charset="utf-8"><title>Brücke - Blatt</title>
<link rel="canonical" href="/a"><link rel="alternate" type="application/rss+xml" href="/rss">
<meta property="article:published_time" content="2026-11-23T18:00:00+01:00"><meta name="author" content="Jo">
<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Brücke", "author": {"name": "Jo"},
"datePublished": "2026-11-23", "isBasedOn": ["https://b.example"], "articleBody": "Der Rat"}</script></head><body>
<nav><a href="/feed">Feed</a></nav><article><h1>Brücke</h1><p class="byline">Von Jo (dpa)</p><p>Der Rat hat am Montag
beschlossen, dass die Brücke im nächsten Jahr gebaut wird, sagte der Präsident am Abend vor den Medien.</p>
<table><tr><td>1</td></tr></table><p>Quelle: dpa</p></article></body></html>"""
ROBOTS = """User-agent: *
Disallow: /a*b$
Crawl-delay: 1.5
Request-rate: 1/5
User-agent: dedup
Allow: /
Sitemap: https://a.example/news.xml"""

SEEDS = [text.encode() for text in (RSS, ATOM, JSON_FEED, SITEMAP, OPML, PAGE, ROBOTS)]
MARKUP = """<rss> <channel> <item> </item> <entry> </entry> <feed <link <title> </title> <urlset> <sitemapindex> <loc>
<opml> <outline xmlUrl= <html> <p> </p> <table> <meta content= property= <script> </script> <![CDATA[ ]]> <!-- --> ]>
<!DOCTYPE <!ENTITY SYSTEM file:///etc/passwd &x; &#0; &#xD800; &#x110000; &amp; < > ' " = / http:// https://[::1 // ?
javascript: http://a:99999999/ # % %zz { } [ ] "items" : , 1e999 null User-agent: Disallow: * <?xml encoding=' utf-16
punycode utf-7 ?> <base href= xml:base=' 2026-11-24 <svg> <math> <a +9999 99:99:99 application/ld+json \\"""
BYTES = [b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\n", b" ", b"\xc2\xa0", b"\xf0\x9f\x98\x80", b"\x1b$B"]
PIECES = [*(piece.encode() for piece in MARKUP.split()), *BYTES]
CONTENT_TYPES = ["", "text/html; charset=utf-8", "text/xml; charset=utf-16", "a; charset=hz", "charset=" * 99]


def inputs() -> st.SearchStrategy[bytes]:
    """Noise that looks like markup, and files that have been through a lot."""
    soup = st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=12)), max_size=60).map(b"".join)
    return st.one_of(
        soup, st.builds(_mangle, st.sampled_from(SEEDS), st.lists(_edits(), max_size=8)), st.binary(max_size=200)
    )


def _edits() -> st.SearchStrategy[tuple[float, float, bytes, int]]:
    places = st.floats(0, 1)
    return st.tuples(
        places, places, st.one_of(st.sampled_from(PIECES), st.binary(max_size=8)), st.sampled_from([0, 1, 1, 2, 50])
    )


def _mangle(body: bytes, edits: list[tuple[float, float, bytes, int]]) -> bytes:
    """Overwrite a stretch with a piece, leave it out, or double it, at places between 0 (begin) and 1 (end)."""
    for begin, length, piece, times in edits:
        start = int(begin * len(body))
        end = start + int(length**3 * (len(body) - start))
        body = body[:start] + (piece or body[start:end]) * times + body[end:]
    return body[:20_000]


def read_feed(body: bytes, content_type: str) -> None:
    try:
        feed = parse_feed(body, url=URL, content_type=content_type, max_entries=20)
    except FeedError:
        return
    for entry in feed.entries:
        assert entry_from_json(entry_to_json(entry)) == entry
        assert entry.link == "" or entry.link.startswith(("http://", "https://"))
        entry_digest(entry).encode()
        is_excerpt(entry, excerpt_words=50)
        article = article_from_entry(
            entry, page=None, fetched_url="", final_url="", feed=feed, first_seen=NOW, excerpt_words=50
        )
        assert from_json(to_json(article)) == article
    known = {entry.raw_digest for entry in feed.entries if entry.raw_digest}
    again = parse_feed(body, url=URL, content_type=content_type, max_entries=20, known=known)
    assert len(again.entries) + len(again.unchanged) >= len(feed.entries)


def read_article(body: bytes, content_type: str) -> None:
    try:
        page = read_page(body, url=URL, content_type=content_type)
    except PageError:
        return
    assert page.text.strip()
    assert page.canonical_url == "" or page.canonical_url.startswith(("http://", "https://"))


def read_list(body: bytes, content_type: str) -> None:
    try:
        listed = read_feed_list(body, base=URL)
    except FeedError:
        return
    again = read_feed_list(write_opml(listed.refs))
    assert [ref.url for ref in again.refs] == [ref.url for ref in listed.refs]


def read_rest(body: bytes, content_type: str) -> None:
    """The feeds that a page names, robots.txt, Retry-After."""
    feeds_named_on(body, url=URL, content_type=content_type)
    text = body.decode("latin-1")
    assert 0 <= retry_after_s(text, text[::-1]) <= 86_400
    robots = Robots("dedup/0.1", ignore=(), known={})
    try:
        assert robots.check(URL, lambda url, known: RobotsFile(origin="https://a.example", body=body)) >= 0
    except Failed as failed:
        if failed.reason != "robots":
            raise


TARGETS: Mapping[str, Target] = {
    "feed": read_feed, "page": read_article, "opml": read_list, "rest": read_rest,
}  # fmt: skip


def fuzz(name: str, *, n_examples: int, round_number: int) -> None:
    """Try so many inputs on one target; raises what broke, with the input."""

    @seed(round_number)
    @settings(max_examples=n_examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(inputs(), st.sampled_from(CONTENT_TYPES))
    def run(body: bytes, content_type: str) -> None:
        TARGETS[name](body, content_type)

    run()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--round", type=int, default=0, help="the first round's number; each has its own inputs")
    args = parser.parse_args()
    end, rounds, n_examples = time.monotonic() + 60 * args.minutes, args.round, 300
    while time.monotonic() < end:
        for name in TARGETS:
            fuzz(name, n_examples=n_examples, round_number=rounds)
        rounds += 1
    n = (rounds - args.round) * n_examples
    print(f"{n:,} inputs to each of {', '.join(TARGETS)} in {args.minutes:g} minutes: no error without a name")


if __name__ == "__main__":
    main()
