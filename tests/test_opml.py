from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.errors import FeedError
from dedup.ingest.opml import FeedRef, read_feed_list, write_opml

OPML = b"""<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0">
 <head><title>Reading</title></head>
 <body>
  <outline text="Zeitungen">
   <outline text="Schweiz">
    <outline type="rss" text="Tagblatt" xmlUrl="https://tagblatt.example/rss" htmlUrl="https://tagblatt.example/"/>
    <!-- moved -->
    <outline TYPE="rss" title="Bote" text="x" XMLURL="https://bote.example/atom.xml?a=1&amp;b=2"
      category="/Lokal/Bern,Sport"/>
   </outline>
   <outline type="rss" text="Kurier" xmlUrl="feed://kurier.example/rss"/>
  </outline>
  <outline type="link" text="No feed" url="https://example.org/"/>
  <outline type="rss" text="Old style" url="https://old.example/rss"/>
  <outline type="rss" text="Local" xmlUrl="/etc/passwd"/>
  <outline type="rss" text="Script" xmlUrl="javascript:alert(1)"/>
  <outline type="rss" text="Again" xmlUrl="http://www.tagblatt.example/rss/"/>
 </body>
</opml>
"""


def test_reads_nested_outlines() -> None:
    listed = read_feed_list(OPML)
    assert listed.refs == (
        FeedRef(
            url="https://tagblatt.example/rss",
            title="Tagblatt",
            home_url="https://tagblatt.example/",
            tags=("Zeitungen", "Schweiz"),
        ),
        FeedRef(
            url="https://bote.example/atom.xml?a=1&b=2",
            title="Bote",
            tags=("Zeitungen", "Schweiz", "Lokal", "Bern", "Sport"),
        ),
        FeedRef(url="http://kurier.example/rss", title="Kurier", tags=("Zeitungen",)),
        FeedRef(url="https://old.example/rss", title="Old style"),
    )
    assert listed.skipped == {"listed twice": 1, "no web URL": 2}
    assert len(listed.problems) == 2
    assert "/etc/passwd" in listed.problems[0]


def test_relative_urls_need_a_base() -> None:
    listed = read_feed_list(OPML, base="https://lists.example/feeds.opml")
    assert "https://lists.example/etc/passwd" in [ref.url for ref in listed.refs]
    assert listed.skipped == {"listed twice": 1, "no web URL": 1}


def test_reads_lines() -> None:
    listed = read_feed_list(
        "\ufeff# feeds\n\nhttps://a.example/feed?x=1#top\r\n  https://b.example/ Der Böte  # good\nhttps://a.example/feed?x=1\n"
        "feed:https://c.example/rss\nwhat is this\n".encode()
    )
    assert [(ref.url, ref.title) for ref in listed.refs] == [
        ("https://a.example/feed?x=1#top", ""),
        ("https://b.example/", "Der Böte"),
        ("https://c.example/rss", ""),
    ]
    assert listed.skipped == {"listed twice": 1, "no web URL": 1}
    assert listed.problems == ("'what' is no http or https URL with a host",)


def test_what_a_feed_lacks_is_taken_from_where_it_is_listed_again() -> None:
    again = b"https://a.example/\nhttps://a.example/ Daily A\n"
    assert read_feed_list(again).refs == (FeedRef(url="https://a.example/", title="Daily A"),)


@pytest.mark.parametrize(
    "outline",
    [
        '<outline text="A & B &nbsp; C" xmlUrl="https://a.example/rss?x=1&y=2"/>',
        '<outline text="B" description="he said "yes"" xmlUrl="https://a.example/rss?x=1&amp;y=2"/>',
        '<outline text="C" description="see <a href="https://b.example/">B</a>." xmlUrl="https://a.example/rss?x=1&y=2"/>',
        "<outline text='D' xmlUrl='https://a.example/rss?x=1&amp;y=2'>",
    ],
)
def test_broken_outlines_keep_their_feeds(outline: str) -> None:
    around = f'<opml><body>{outline}<outline text="Z" xmlUrl="https://z.example/"/></body></opml>'
    assert [ref.url for ref in read_feed_list(around.encode()).refs] == [
        "https://a.example/rss?x=1&y=2",
        "https://z.example/",
    ]


def test_a_list_that_ends_early_is_read_to_its_end() -> None:
    assert len(read_feed_list(OPML[: OPML.index(b"</outline>")]).refs) == 2


@pytest.mark.parametrize("body", [b"<html><body><p>x</p></body></html>", b"<rss version='2.0'/>", b"<", b"<?xml"])
def test_other_markup_is_no_list(body: bytes) -> None:
    with pytest.raises(FeedError, match="neither OPML nor one URL a line; it begins"):
        read_feed_list(body)


@pytest.mark.parametrize("body", [b"", b"\n\n# nothing\n", b"<opml><body/></opml>"])
def test_an_empty_list_is_a_list(body: bytes) -> None:
    assert read_feed_list(body).refs == ()


def test_entities_are_not_resolved() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    for declared in ('<!ENTITY x SYSTEM "file:///etc/passwd">', f'<!ENTITY l0 "ha">{laughs}<!ENTITY x "&l9;">'):
        hostile = (
            f'<!DOCTYPE o [{declared}]><opml><body><outline text="&x;" xmlUrl="https://a.example/"/></body></opml>'
        )
        (ref,) = read_feed_list(hostile.encode()).refs
        assert ref.url == "https://a.example/"
        assert len(ref.title) < 100
        assert "root" not in ref.title


def test_deep_nesting_is_no_danger() -> None:
    read_feed_list(b"<opml><body>" + b"<outline text='a'>" * 50_000)


TEXTS = st.text(st.characters(codec="utf-8", min_codepoint=32, max_codepoint=0xFFFD), max_size=20).map(
    lambda text: " ".join(text.split())
)


@given(
    st.lists(
        st.tuples(TEXTS, st.lists(TEXTS.map(lambda tag: tag.replace(",", "").strip("/ ")), max_size=3)), max_size=5
    )
)
def test_what_is_written_is_read_back(rows: list[tuple[str, list[str]]]) -> None:
    refs = tuple(
        FeedRef(
            url=f"https://a.example/{n}",
            title=title,
            home_url="https://a.example/",
            tags=tuple(dict.fromkeys(filter(None, tags))),
        )
        for n, (title, tags) in enumerate(rows)
    )
    assert read_feed_list(write_opml(refs, title="x")).refs == refs


@settings(max_examples=300)
@given(st.binary(max_size=200) | st.binary(max_size=100).map(lambda some: b"<opml><outline xmlUrl=" + some))
def test_any_bytes_are_a_list_or_none(body: bytes) -> None:
    try:
        listed = read_feed_list(body)
    except FeedError:
        return
    assert all(ref.url.startswith(("http://", "https://")) for ref in listed.refs)
