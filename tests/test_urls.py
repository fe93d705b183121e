from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dedup.ingest.urls import article_id, entry_id, is_web_url, join_url, normalise_url, source_of

NORMALISED = [
    ("HTTP://Example.ORG", "https://example.org/"),
    ("http://example.org:80/a", "https://example.org/a"),
    ("https://example.org:443/a", "https://example.org/a"),
    ("https://example.org:8443/a", "https://example.org:8443/a"),
    ("https://www.example.org./a/", "https://example.org/a"),
    ("https://user:secret@example.org/a", "https://example.org/a"),
    ("//example.org/a", "https://example.org/a"),
    (" https://exam\nple.org/a\t", "https://example.org/a"),
    # what people and programs do to URLs
    ("http://http://example.org/a", "https://example.org/a"),
    ("http://https://example.org/a", "https://example.org/a"),
    ("http:/example.org/a", "https://example.org/a"),
    (r"http:\\example.org\a\b", "https://example.org/a/b"),
    ("https://example.org//a///b/", "https://example.org/a/b"),
    ("https://example.org/x/../a/./b", "https://example.org/a/b"),
    ("https://example.org/a?x=1&amp;y=2", "https://example.org/a?x=1&y=2"),
    ("https://example.org/a;jsessionid=0A1B2C?x=1", "https://example.org/a?x=1"),
    # one escaped form
    ("https://example.org/%7Ejo%c3%a4rg", "https://example.org/~jo%C3%A4rg"),
    ("https://example.org/joärg x", "https://example.org/jo%C3%A4rg%20x"),
    ("https://example.org/100%", "https://example.org/100%25"),
    ("https://bücher.example/a", "https://xn--bcher-kva.example/a"),
    # fragments
    ("https://example.org/a#comments", "https://example.org/a"),
    ("https://example.org/#!/a/7", "https://example.org/#!/a/7"),
    # parameters: the article's stay, in their order; the visit's go
    ("https://example.org/a?z=1&id=7&a=2", "https://example.org/a?z=1&id=7&a=2"),
    ("https://example.org/a?utm_source=x&id=7&UTM_Medium=y&fbclid=z", "https://example.org/a?id=7"),
    ("https://example.org/a?", "https://example.org/a"),
    ("https://example.org/a?ref=rss&x=1", "https://example.org/a?x=1"),
    ("https://example.org/a?ref=47110815", "https://example.org/a?ref=47110815"),
    ("https://example.org/a?cid=12&source=3&sort=up", "https://example.org/a?cid=12&source=3&sort=up"),
    ("https://www.nytimes.com/a.html?partner=rssnyt&emc=rss", "https://nytimes.com/a.html"),
    ("https://example.org/a.html?partner=rssnyt", "https://example.org/a.html?partner=rssnyt"),
    # the same page for AMP
    ("https://www-example-org.cdn.ampproject.org/c/s/www.example.org/a?id=7", "https://example.org/a?id=7"),
    ("https://www.google.com/amp/s/www.example.org/a", "https://example.org/a"),
    ("https://www.google.com/amp/s/google.com/amp/s/example.org/a", "https://example.org/a"),
    ("https://www.google.com/search?q=a", "https://google.com/search?q=a"),
    # no web URL: its own name
    ("urn:uuid:1225c695", "urn:uuid:1225c695"),
    ("tag:example.org,2018:7", "tag:example.org,2018:7"),
    ("http://[::1", "http://[::1"),
    ("http://example.org:port/", "http://example.org:port/"),
    ("", ""),
]


@pytest.mark.parametrize(("url", "expected"), NORMALISED)
def test_normalise_url(url: str, expected: str) -> None:
    assert normalise_url(url) == expected


PIECES = [
    *[
        "http",
        "https",
        ":",
        "/",
        "//",
        "\\",
        "?",
        "#",
        "#!",
        "&",
        "&amp;",
        "=",
        ".",
        "..",
        "@",
        "[",
        "]",
        ";",
        "%",
        "%2e",
    ],
    *[
        "%41",
        "%e4",
        "www.",
        "m.",
        "example.org",
        "google.com/amp/s/",
        "x.cdn.ampproject.org/c/s/",
        ":80",
        "utm_a",
        "\n",
    ],
    *[" ", "\u00a0", "ä", "ß", "ﬁ", "\ud800", "\x00", "。", "xn--", "4", "a", "A", "http:/", "jsessionid=1"],
]
URLS = st.text() | st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@settings(max_examples=500)
@given(URLS)
@example("https://google.com/amp/s/" * 500)
@example("https://example.org/" + "ä" * 5000)
@example("///")
@example("//GOOGLE.COM//amp/0.")
def test_any_text_has_one_name(url: str) -> None:
    name = normalise_url(url)
    assert normalise_url(name) == name
    assert article_id(url) == article_id(name)
    assert len(article_id(url)) == 32
    assert source_of(url) == source_of(name)


@given(URLS, URLS)
def test_links_are_web_urls_or_nothing(base: str, link: str) -> None:
    joined = join_url(base, link)
    assert joined == "" or is_web_url(joined)


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("a.html", "https://example.org/news/a.html"),
        ("/a", "https://example.org/a"),
        ("../a?x=1#top", "https://example.org/a?x=1#top"),
        ("?id=7", "https://example.org/news/feed.xml?id=7"),
        ("//cdn.example.org/a", "https://cdn.example.org/a"),
        ("www.example.com/a", "https://www.example.com/a"),
        (r"\\example.com\a", "https://example.com/a"),
        ("HTTP://example.com/a", "http://example.com/a"),
        ("http://http://example.com/a", "http://example.com/a"),
        (" https://example.com/a\n", "https://example.com/a"),
        ("", ""),
        ("  ", ""),
        ("javascript:alert(1)", ""),
        ("JaVa\nscript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("mailto:a@example.org", ""),
        ("file:///etc/passwd", ""),
        ("ftp://example.org/a", ""),
        ("http://[::1", ""),
        ("http://", ""),
        ("https://example.org/" + "a" * 9000, ""),
    ],
)
def test_join_url(link: str, expected: str) -> None:
    assert join_url("https://example.org/news/feed.xml", link) == expected


def test_a_relative_link_without_a_base_leads_nowhere() -> None:
    assert join_url("", "/a") == ""
    assert join_url("", "https://example.org/a") == "https://example.org/a"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.Example.org:8080/a", "example.org"),
        ("https://m.example.org/a", "example.org"),
        ("https://www.m.example.org/a", "example.org"),
        ("https://amp.example.org/a", "example.org"),
        ("https://lokal.example.org/a", "lokal.example.org"),
        ("https://m.de/a", "m.de"),
        ("https://example-org.cdn.ampproject.org/c/s/example.org/a", "example.org"),
        ("https://10.0.0.1/a", "10.0.0.1"),
        ("urn:x", ""),
        ("", ""),
        ("http://127.0.0.1:8001/a", "127.0.0.1:8001"),
        ("http://localhost:8001/a", "localhost:8001"),
        ("http://[::1]:8001/a", "[::1]:8001"),
        ("http://127.0.0.1/a", "127.0.0.1"),
    ],
)
def test_source_of(url: str, expected: str) -> None:
    assert source_of(url) == expected


def test_is_web_url() -> None:
    assert is_web_url("https://example.org")
    assert is_web_url("http://[::1]:8080/a")
    for url in [
        "",
        "/a",
        "//example.org",
        "https://",
        "https:///a",
        "https://a b/",
        "ftp://example.org",
        "http://a:b/",
    ]:
        assert not is_web_url(url), url


def test_entry_id() -> None:
    feed = "https://example.org/feed"
    assert entry_id("http://example.org/a", feed_url=feed, guid="x") == article_id("https://example.org/a")
    assert entry_id("", feed_url=feed, guid="x") == entry_id("", feed_url="http://www.example.org/feed/", guid="x")
    assert len({entry_id("", feed_url=feed, guid=guid) for guid in ("x", "X", "y")}) == 3
