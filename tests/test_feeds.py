from __future__ import annotations

import json
import time
import warnings
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.errors import FeedError
from dedup.ingest.entries import entry_from_json, entry_to_json
from dedup.ingest.feed_text import decode_feed, to_html
from dedup.ingest.feeds import Entry, Feed, entry_text, parse_feed

URL = "https://bote.example/news/feed.xml"


def read(body: str | bytes, *, content_type: str = "", max_entries: int = 2000, url: str = URL) -> Feed:
    body = body.encode() if isinstance(body, str) else body
    return parse_feed(body, url=url, content_type=content_type, max_entries=max_entries)


def rss(*items: str, channel: str = "", root: str = "") -> str:
    return f'<?xml version="1.0"?><rss version="2.0" {root}><channel>{channel}{"".join(items)}</channel></rss>'


def item(inner: str, root: str = "") -> Entry:
    (entry,) = read(rss(f"<item>{inner}</item>", root=root)).entries
    return entry


def atom(inner: str, root: str = "") -> Entry:
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom" {root}><entry>{inner}</entry></feed>'
    (entry,) = read(feed).entries
    return entry


DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
CONTENT = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/"'


# -- the formats


def test_rss() -> None:
    feed = read(
        rss(
            """<item><title>Brücke &amp;amp; Maut</title><link>https://bote.example/a?x=1&amp;y=2</link>
            <guid isPermaLink="false">Bote-7</guid><pubDate>Mo, 25 Jun 2018 14:30:00 +0200</pubDate>
            <dc:creator>Ana Kern</dc:creator><dc:creator>Ben Roth</dc:creator>
            <description>&lt;p&gt;Kurz.&lt;/p&gt;</description>
            <content:encoded><![CDATA[<p>Der ganze Text der Meldung.</p><p>Zweiter Absatz.</p>]]></content:encoded>
            <source url="https://dpa.example/feed">dpa</source></item>""",
            channel="<title>Der Bote</title><link>https://bote.example/</link><language>de-CH</language>",
            root=f"{DC} {CONTENT}",
        )
    )
    assert (feed.url, feed.title, feed.version) == (URL, "Der Bote", "rss20")
    assert (feed.home_url, feed.language, feed.skipped) == ("https://bote.example/", "de-CH", {})
    (entry,) = feed.entries
    assert entry.title == "Brücke & Maut"
    assert entry.link == "https://bote.example/a?x=1&y=2"
    assert entry.guid == "Bote-7"
    assert entry.byline == "Ana Kern, Ben Roth"
    assert entry.published == datetime(2018, 6, 25, 12, 30, tzinfo=UTC)
    assert entry.published_raw == "Mo, 25 Jun 2018 14:30:00 +0200"
    assert (entry.updated, entry.updated_raw) == (None, "")
    assert entry.language == "de-CH"
    assert entry_text(entry.content_html) == "Der ganze Text der Meldung.\n\nZweiter Absatz."
    assert entry_text(entry.summary_html) == "Kurz."
    assert (entry.source_url, entry.source_name) == ("https://dpa.example/feed", "dpa")
    assert entry.provenance == {"rss:source": "dpa https://dpa.example/feed"}
    assert entry_from_json(entry_to_json(entry)) == entry


def test_atom() -> None:
    entry = atom(
        """<title type="html">A &amp;lt;b&amp;gt; &lt;i&gt;c&lt;/i&gt;</title><id>tag:bote.example,2018:7</id>
        <link rel="self" href="https://bote.example/7.atom"/><link rel="alternate" href="../7"/>
        <author><name>Ana Kern</name></author><published>2018-06-25T14:30:00+02:00</published>
        <updated>2018-06-26T00:00:00Z</updated><summary>Kurz.</summary>
        <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Ein Satz, der länger ist.</p></div></content>
        <rights>© 2018 dpa</rights>
        <source><title>Wire</title><id>urn:x</id><link href="https://wire.example/feed"/></source>""",
        root='xml:lang="de" xml:base="https://bote.example/x/y"',
    )
    assert entry.title == "A <b> c"
    assert entry.guid == "tag:bote.example,2018:7"
    assert entry.link == "https://bote.example/7"
    assert entry.byline == "Ana Kern"
    assert entry.published == datetime(2018, 6, 25, 12, 30, tzinfo=UTC)
    assert entry.updated == datetime(2018, 6, 26, tzinfo=UTC)
    assert entry.language == "de"
    assert entry_text(entry.content_html) == "Ein Satz, der länger ist."
    assert entry_text(entry.summary_html) == "Kurz."
    assert (entry.source_url, entry.source_name) == ("https://wire.example/feed", "Wire")
    assert entry.provenance == {"atom:source": "Wire https://wire.example/feed", "dc:rights": "© 2018 dpa"}


def test_rdf() -> None:
    feed = read(
        f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" {DC}>
        <channel rdf:about="https://bote.example/"><title>Bote</title><link>https://bote.example/</link>
        <items><rdf:Seq><rdf:li rdf:resource="https://bote.example/a"/></rdf:Seq></items></channel>
        <item rdf:about="https://bote.example/a"><title>A</title><link>https://bote.example/a</link>
        <dc:date>2018-06-25T14:30:00Z</dc:date><dc:source>Reuters</dc:source><dc:publisher>Bote AG</dc:publisher>
        </item></rdf:RDF>"""
    )
    assert feed.version == "rss10"
    (entry,) = feed.entries
    assert (entry.title, entry.link) == ("A", "https://bote.example/a")
    assert entry.published == entry.updated == datetime(2018, 6, 25, 14, 30, tzinfo=UTC)
    assert entry.provenance == {"dc:publisher": "Bote AG", "dc:source": "Reuters"}


def test_cdf() -> None:
    feed = read(
        '<?xml version="1.0"?><CHANNEL HREF="https://bote.example/"><TITLE>Bote</TITLE>'
        '<ITEM HREF="https://bote.example/a" LASTMOD="2018-06-25T14:30Z"><TITLE>A</TITLE></ITEM></CHANNEL>'
    )
    assert feed.version == "cdf"
    assert (feed.entries[0].title, feed.entries[0].link) == ("A", "https://bote.example/a")


def json_feed(*items: Any, version: str = "https://jsonfeed.org/version/1.1", **about: Any) -> Feed:
    return read(json.dumps({"version": version, "items": list(items), **about}))


def test_json_feed() -> None:
    feed = json_feed(
        {
            "id": 7,
            "url": "/a",
            "external_url": "https://wire.example/7",
            "title": "A  &amp; B",
            "content_html": "<p>Text</p>",
            "summary": "Kurz < lang",
            "date_published": "2018-06-25T14:30:00+02:00",
            "date_modified": "2018-06-26T14:30:00+02:00",
            "authors": [{"name": "Ana Kern"}, {"url": "https://x.example"}, "Ben"],
        },
        {"id": "https://bote.example/b", "content_text": "Eins.\n\nZwei <3\ndrei.", "language": "fr"},
        "no object",
        title="Bote\0",
        home_page_url="https://bote.example/",
        language="de",
        author={"name": "Redaktion"},
    )
    assert (feed.title, feed.version, feed.home_url, feed.language) == ("Bote", "json11", "https://bote.example/", "de")
    assert feed.skipped == {"not an object": 1}
    a, b = feed.entries
    assert (a.guid, a.link, a.title) == ("7", "https://bote.example/a", "A & B")
    assert a.byline == "Ana Kern"
    assert a.published == datetime(2018, 6, 25, 12, 30, tzinfo=UTC)
    assert a.updated == datetime(2018, 6, 26, 12, 30, tzinfo=UTC)
    assert (a.content_html, entry_text(a.summary_html), a.language) == ("<p>Text</p>", "Kurz < lang", "de")
    assert a.provenance == {"jsonfeed:external_url": "https://wire.example/7"}
    assert (b.link, b.byline, b.language) == ("https://bote.example/b", "Redaktion", "fr")
    assert entry_text(b.content_html) == "Eins.\n\nZwei <3\ndrei."


def test_json_feed_of_the_first_version() -> None:
    feed = json_feed({"id": "0", "author": {"name": "Ana"}}, version="https://jsonfeed.org/version/1")
    assert (feed.version, feed.entries[0].guid, feed.entries[0].byline) == ("json1", "0", "Ana")


@pytest.mark.parametrize(
    "values",
    [
        {"id": {"a": 1}, "url": 5, "title": ["x"], "authors": "me", "content_html": None, "date_published": True},
        {"authors": [None, 3, {"name": {}}], "author": [], "language": 3, "external_url": "javascript:x"},
        {"title": "\ud800", "url": "https://[", "date_published": 10**30, "summary": False},
        {},
    ],
)
def test_json_values_of_the_wrong_type_count_as_absent(values: Any) -> None:
    (entry,) = json_feed(values).entries
    assert (entry.link.startswith("http"), entry.published) == (False, None)


# -- what stands for no feed


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "empty; a feed was expected"),
        (" \n\ufeff ", "empty"),
        ("Not found", "neither RSS nor Atom nor JSON Feed; it begins 'Not found'"),
        ("<!DOCTYPE html><html><body>x</body></html>", "an HTML page, no feed"),
        ('<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml"/>', "an HTML page, no feed"),
        ("<catalog><book><loc>https://bote.example/</loc></book></catalog>", "neither RSS nor Atom"),
        ("{", "is no JSON"),
        ('{"version": "https://jsonfeed.org/version/1"}', "no list of items"),
        ('{"items": [], "version": "2.0"}', "its version is '2.0', not https://jsonfeed.org/version/1.1"),
        ('{"a":' * 100_000, "is no JSON"),
    ],
)
def test_no_feed(body: str, message: str) -> None:
    with pytest.raises(FeedError) as caught:
        read(body)
    assert str(caught.value).startswith(f"{URL}: ")
    assert message in str(caught.value)


def test_a_page_that_names_feeds_says_which() -> None:
    page = (
        '<!doctype html><html><link rel="alternate" type="application/rss+xml" href="/rss"><link href="/x.css"></html>'
    )
    with pytest.raises(FeedError, match=r"it names https://bote\.example/rss$"):
        read(page)


def test_feedparser_failing_is_a_feed_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RecursionError("maximum recursion depth exceeded")

    monkeypatch.setattr(feedparser, "parse", fail)
    with pytest.raises(FeedError, match="feedparser cannot read it: RecursionError"):
        read(rss())


def test_feedparser_gets_no_string_that_it_could_open(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr("builtins.open", lambda *a, **_: asked.append(a))
    for body in ("/etc/passwd", "https://bote.example/feed", "file:///etc/passwd"):
        with pytest.raises(FeedError):
            read(body)
    assert asked == []


# -- titles


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("A &amp; B", "A & B"),
        ("A &amp;amp; B", "A & B"),
        ("&lt;b&gt;A&lt;/b&gt; &amp;quot;B&amp;quot;", 'A "B"'),
        ("<![CDATA[A &#8211; B]]>", "A – B"),
        ("<![CDATA[<p>A</p>\n B]]>", "A B"),
        ("5 &lt; 6 and 7 &gt; 6", "5 < 6 and 7 > 6"),
        (" A\n\tB ", "A B"),
        ("A&#0;B&#xFFFF;C", "ABC"),
        ("A\0B\x0bC", "ABC"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;A", "A"),
        ("", ""),
    ],
)
def test_titles_of_rss(title: str, expected: str) -> None:
    assert item(f"<title>{title}</title>").title == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("<title>A &amp;amp; B</title>", "A &amp; B"),
        ('<title type="text">&lt;b&gt; is a tag</title>', "<b> is a tag"),
        ('<title type="html">&lt;b&gt;A&lt;/b&gt; &amp;amp; B</title>', "A & B"),
        ('<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A <b>B</b></div></title>', "A B"),
    ],
)
def test_titles_of_atom(title: str, expected: str) -> None:
    assert atom(title).title == expected


def test_a_picture_has_its_own_title() -> None:
    media = '<media:content url="https://bote.example/a.jpg"><media:title>Bild</media:title></media:content>'
    assert item(f"{media}<title>Meldung</title>", MEDIA).title == "Meldung"
    assert item(f"<title>Meldung</title>{media}", MEDIA).title == "Meldung"


# -- links and guids


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("<link>/a</link>", "https://bote.example/a"),
        ("<link>a?x=1&amp;y=2#top</link>", "https://bote.example/news/a?x=1&y=2#top"),
        ("<link> \n https://bote.example/a </link>", "https://bote.example/a"),
        ("<link>//cdn.bote.example/a</link>", "https://cdn.bote.example/a"),
        ("<link>www.bote.example/a</link>", "https://www.bote.example/a"),
        ("<link>http://http://bote.example/a</link>", "http://bote.example/a"),
        ("<link>javascript:alert(1)</link>", ""),
        ("<link>data:text/html,x</link>", ""),
        ("<link>mailto:ana@bote.example</link>", ""),
        ("<link/>", ""),
        ("", ""),
        ("<guid>https://bote.example/g</guid>", "https://bote.example/g"),
        ('<guid isPermaLink="false">https://bote.example/g</guid>', ""),
        ("<guid>https://bote.example/g</guid><link>https://bote.example/a</link>", "https://bote.example/a"),
        ("<link>javascript:x</link><link>https://bote.example/b</link>", "https://bote.example/b"),
        (
            "<link>https://feeds.feedburner.com/~r/b/~3/x</link><feedburner:origLink>https://bote.example/a"
            "</feedburner:origLink>",
            "https://bote.example/a",
        ),
        (
            "<link>https://bote.example/a</link><feedburner:origLink>javascript:x</feedburner:origLink>",
            "https://bote.example/a",
        ),
    ],
)
def test_links(inner: str, expected: str) -> None:
    assert item(inner, 'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"').link == expected


def test_links_of_atom() -> None:
    assert atom('<link rel="enclosure" href="/a.mp3"/><link rel="self" href="/a.atom"/>').link == ""
    assert atom('<link href="/a.json" type="application/json"/><link href="/a"/>').link == "https://bote.example/a"
    based = atom('<link href="a"/>', root='xml:base="https://other.example/x/"')
    assert based.link == "https://other.example/x/a"


@pytest.mark.parametrize("guid", ["0", "a", "A", " a ", ""])
def test_guids_are_kept(guid: str) -> None:
    assert item(f'<guid isPermaLink="false">{guid}</guid>').guid == guid.strip()


def test_a_guid_that_entries_share_names_none_of_them() -> None:
    items = [f'<item><guid isPermaLink="false">x</guid><link>/{n}</link></item>' for n in range(3)]
    own = '<item><guid isPermaLink="false">X</guid><link>/3</link></item>'
    assert [entry.guid for entry in read(rss(*items, own)).entries] == ["", "", "", "X"]
    assert [entry.guid for entry in read(rss(items[0], items[0])).entries] == ["x", "x"]  # one entry, listed twice


# -- dates


@pytest.mark.parametrize(
    ("inner", "published", "raw"),
    [
        ("<pubDate>Mon, 25 Jun 2018 14:30:00</pubDate>", "2018-06-25T14:30:00", "Mon, 25 Jun 2018 14:30:00"),
        ("<pubDate>25. Juni 2018</pubDate>", "2018-06-25T00:00:00", "25. Juni 2018"),
        ("<pubDate>Tue, 1 Jan 2041 00:00:00 GMT</pubDate>", "2041-01-01T00:00:00", "Tue, 1 Jan 2041 00:00:00 GMT"),
        ("<pubDate>12 Mar 1513 00:00:00 GMT</pubDate>", None, "12 Mar 1513 00:00:00 GMT"),
        ("<pubDate>yesterday</pubDate>", None, "yesterday"),
        ("<pubDate>yesterday</pubDate><dc:date>2018-06-25</dc:date>", "2018-06-25T00:00:00", "2018-06-25"),
        ("<dc:date>2018-06-25T14:30:00Z</dc:date>", "2018-06-25T14:30:00", "2018-06-25T14:30:00Z"),
        ("<pubDate/>", None, ""),
        ("", None, ""),
    ],
)
def test_dates(inner: str, published: str | None, raw: str) -> None:
    entry = item(inner, DC)
    assert entry.published == (datetime.fromisoformat(published).replace(tzinfo=UTC) if published else None)
    assert entry.published_raw == raw


def test_an_update_is_no_publication_where_both_are_stated() -> None:
    entry = atom("<updated>2018-06-26T00:00:00Z</updated><published>2018-06-25T00:00:00Z</published>")
    assert (entry.published, entry.updated) == (datetime(2018, 6, 25, tzinfo=UTC), datetime(2018, 6, 26, tzinfo=UTC))


# -- texts


def test_a_picture_caption_is_not_the_article() -> None:
    description = "<description>Der Rat hat der Brücke zugestimmt, sagte die Präsidentin.</description>"
    entry = item(f"{description}<media:description>Die Brücke.</media:description>", MEDIA)
    assert (entry.content_html, "Rat" in entry.summary_html) == ("", True)


def test_one_text_is_not_given_twice() -> None:
    entry = atom('<content type="html">&lt;p&gt;Text&lt;/p&gt;</content>')
    assert (entry.content_html, entry.summary_html) == ("<p>Text</p>", "")


def test_content_that_is_no_text_is_left_out() -> None:
    assert atom('<content type="image/png">aGVsbG8=</content>').content_html == ""


def test_plain_text_keeps_its_characters() -> None:
    entry = atom('<summary type="text">5 &lt; 6 &amp;amp; &lt;b&gt;</summary>')
    assert entry_text(entry.summary_html) == "5 < 6 &amp; <b>"


def test_credits_of_media_are_provenance() -> None:
    credit = '<media:credit role="photographer">Ana</media:credit><media:credit>dpa</media:credit>'
    assert item(credit, MEDIA).provenance == {"media:credit": "Ana, dpa"}


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("", ""),
        ("Nur Text &amp; mehr", "Nur Text & mehr"),
        ("<p>Eins.</p>\n<p>Zwei\n  drei.</p>", "Eins.\n\nZwei drei."),
        ("Eins.<br/><br>Zwei.<br>Drei.", "Eins.\n\nZwei.\nDrei."),
        ("<div><div><p>Eins.</p></div></div>Zwei.", "Eins.\n\nZwei."),
        ("<h2>Titel</h2>Text<ul><li>a</li><li>b</li></ul>Ende", "Titel\n\nText\n\na\nb\n\nEnde"),
        ("<b>Fett</b>gedruckt <a href='x'>hier</a>", "Fettgedruckt hier"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("a&nbsp;b\u200bc", "a b\u200bc"),
        ("<script>x</script>a<style>y</style>b<!-- c --><iframe>d</iframe><noscript><img></noscript>", "ab"),
        ("<p>offen <b>und <p>kaputt", "offen und\n\nkaputt"),
        ("1 < 2", "1 < 2"),
        ("a\0b<br>\x08c", "ab\nc"),
    ],
)
def test_entry_text(html: str, expected: str) -> None:
    assert entry_text(html) == expected


@given(
    st.text()
    | st.lists(st.sampled_from(["<", ">", "<p>", "</p>", "<b", "&", "&lt;", "<!--", "]]>", "a", " "])).map("".join)
)
def test_any_html_has_a_text(html: str) -> None:
    text = entry_text(html)
    assert text == text.strip()
    assert "\n\n\n" not in text


@given(st.lists(st.text(st.characters(codec="utf-8", min_codepoint=33, max_codepoint=0xD7FF), min_size=1), min_size=1))
def test_plain_text_survives_as_html(words: list[str]) -> None:
    text = " ".join(" ".join(words).split())
    assert entry_text(to_html(text)) == text


# -- encodings


@pytest.mark.parametrize(
    ("encoding", "declared", "content_type"),
    [
        ("utf-8", "", ""),
        ("utf-8", "utf-8", "text/xml"),
        ("utf-8-sig", "", ""),
        ("utf-8", "iso-8859-1", "text/xml; charset=iso-8859-1"),  # both are wrong
        ("iso-8859-1", "iso-8859-1", ""),
        ("iso-8859-1", "", 'text/xml; charset="ISO-8859-1"'),
        ("iso-8859-1", "utf-8", ""),  # wrong
        ("cp1252", "iso-8859-1", ""),
        ("iso-8859-1", "nonsense", "text/xml; charset=hex"),
        ("utf-16", "utf-16", ""),
        ("utf-16-le", "utf-16", ""),
        ("utf-32", "utf-32", ""),
        ("utf-8", "utf-16", ""),  # wrong
        ("utf-7", "", "text/xml; charset=utf-7"),
    ],
)
def test_encodings(encoding: str, declared: str, content_type: str) -> None:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else '<?xml version="1.0"?>'
    quotes = "„“" if encoding == "cp1252" else ""
    feed = f"{declaration}<rss version='2.0'><channel><item><title>Füße{quotes} im Süden</title></item></channel></rss>"
    assert read(feed.encode(encoding), content_type=content_type).entries[0].title == f"Füße{quotes} im Süden"


def test_a_few_broken_bytes_do_not_spoil_the_rest() -> None:
    title = "Süße Grüße für böse Füchse über Österreich äöü".encode()
    body = rss("<item><title>TITLE</title></item>").encode().replace(b"TITLE", title + b"\xc3 \xff")
    assert read(body).entries[0].title.startswith("Süße Grüße für böse Füchse über Österreich äöü")


def test_other_scripts_are_told_apart() -> None:
    title = "Новости дня: совет города одобрил строительство моста через реку, против которого были соседи"
    body = f'<rss version="2.0"><channel><item><title>{title}</title></item></channel></rss>'.encode("koi8-r")
    assert read(body).entries[0].title == title


def test_encodings_that_take_quadratic_time_are_not_used() -> None:
    body = b'<?xml version="1.0" encoding="punycode"?><rss>' + b"a" * 100_000 + b"-" + b"b" * 300_000 + b"\xff"
    started = time.perf_counter()
    decode_feed(body, content_type="text/xml; charset=punycode")
    assert time.perf_counter() - started < 60


# -- hostile feeds


def with_doctype(declared: str, title: str) -> str:
    return f"<!DOCTYPE rss [{declared}]>" + rss(f"<item><title>{title}</title></item>").partition("?>")[2]


def test_a_billion_laughs() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    started = time.perf_counter()
    (entry,) = read(with_doctype(f'<!ENTITY l0 "ha">{laughs}', "&l9;")).entries
    assert len(entry.title) < 1000
    assert time.perf_counter() - started < 60


def test_external_entities_are_not_read() -> None:
    (entry,) = read(with_doctype('<!ENTITY x SYSTEM "file:///etc/passwd">', "a&x;b")).entries
    assert "root" not in entry.title


@pytest.mark.parametrize(
    "body",
    [
        rss("<item>" + "<a>" * 20_000 + "</a>" * 20_000 + "</item>"),
        rss("<a>" * 20_000),
        rss("<item><description>" + "&lt;div&gt;" * 20_000 + "</description></item>"),
        rss("<item><title>" + "&lt;a href=x " * 20_000 + "</title></item>"),
        rss("<item><title>" + "&amp;lt;" * 20_000 + "</title></item>"),
        rss("<item><author>" + "a@" * 20_000 + "</author></item>"),
        rss("<item><link>" + "../" * 20_000 + "</link><pubDate>" + "1 " * 20_000 + "</pubDate></item>"),
        rss("<" * 50_000),
        rss("<!" * 50_000),
        rss("<a " * 20_000),
        rss("<item><title>" + "&#99999999999999999999;&#xD800;&#x0;" * 1_000 + "<b></title></item>"),
        '<?xml version="1.0"?>' + "<!-- " * 50_000,
        "<!DOCTYPE rss [" + "<!ENTITY a 'b'>" * 20_000 + "]>" + rss(),
    ],
    ids=range(13),
)
def test_hostile_markup_ends_in_time(body: str) -> None:
    started = time.perf_counter()
    try:
        feed = read(body)
        for entry in feed.entries:
            entry_text(entry.summary_html)
    except FeedError:
        pass
    assert time.perf_counter() - started < 60


def test_huge_numbers_of_entries_are_cut_and_counted() -> None:
    many = rss("<item><title>x</title></item>" * 60_000, channel="<title>Bote</title>")
    started = time.perf_counter()
    feed = read(many, max_entries=100)
    assert time.perf_counter() - started < 60
    assert len(feed.entries) == 100
    assert feed.skipped == {"over max_entries": 59_900}
    assert feed.title == "Bote"


def test_more_markup_than_any_feed_has_is_refused() -> None:
    with pytest.raises(FeedError, match=r"1,000,005 tags; at most 500,000 are read"):
        read(rss("<a>" * 1_000_000))


@pytest.mark.parametrize("n", [1, 2, 3])
def test_what_follows_the_last_entry_stays(n: int) -> None:
    items = "".join(f"<item><title>{each}</title></item>" for each in "abc")
    feed = read(f'<rss version="2.0"><channel>{items}<title>Bote</title></channel></rss>', max_entries=n)
    assert (feed.title, "".join(entry.title for entry in feed.entries)) == ("Bote", "abc"[:n])
    assert feed.skipped == ({"over max_entries": 3 - n} if n < 3 else {})


def test_json_entries_are_cut_and_counted() -> None:
    body = json.dumps({"version": "https://jsonfeed.org/version/1", "items": [{"id": str(n)} for n in range(5)]})
    feed = read(body, max_entries=2)
    assert ([entry.guid for entry in feed.entries], feed.skipped) == (["0", "1"], {"over max_entries": 3})


@pytest.mark.parametrize(
    "inner",
    [
        "<links>x</links><link>/a</link>",
        "<authors a='b'>x</authors><author>Ana</author>",
        "<content a='b'/><summary_detail>x</summary_detail><summary>y</summary>",
        "<title_detail type='html'/><title>t</title>",
        "<media_credit>x</media_credit><published_parsed>x</published_parsed><tags>x</tags>",
        "<source><title>a<b>c</title></source><source a='b'/>",
        "<language a='b'/><id a='b'/><feedburner_origlink a='b'/>",
    ],
)
def test_elements_named_like_the_parsers_own_are_no_danger(inner: str) -> None:
    with suppress(FeedError):
        for entry in read(rss(f"<item>{inner}</item>", channel=inner)).entries:
            assert entry_from_json(entry_to_json(entry)) == entry


PIECES = [
    *["<rss version='2.0'>", "<channel>", "<item>", "</item>", "<entry>", "<title>", "</title>", "<link>", "</link>"],
    *["<link href='x'/>", "<guid>", "</guid>", "<feed xmlns='http://www.w3.org/2005/Atom'>", "<content type='xhtml'>"],
    *[
        "<content type='base64'>",
        "<source url='x'>",
        "<pubDate>",
        "2018",
        "&lt;",
        "&#x1F600;",
        "&#xD800;",
        "&x;",
        "<![CDATA[",
    ],
    *[
        "]]>",
        "<!--",
        "<?xml version='1.0' encoding='utf-16'?>",
        "<!DOCTYPE html>",
        "\0",
        "ä",
        " ",
        "{",
        "<svg>",
        "<author>",
    ],
]


@settings(max_examples=300)
@given(
    st.binary(max_size=300)
    | st.lists(st.sampled_from(PIECES), max_size=25).map(lambda pieces: "".join(pieces).encode())
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda each: st.lists(each) | st.dictionaries(st.text(), each),
    ).map(lambda value: json.dumps({"version": "https://jsonfeed.org/version/1", "items": [value]}).encode())
)
def test_any_bytes_are_a_feed_or_none(body: bytes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            feed = read(body)
        except FeedError:
            return
    for entry in feed.entries:
        assert entry.link == "" or entry.link.startswith(("http://", "https://"))
        assert "\0" not in entry.title
        assert entry_from_json(entry_to_json(entry)) == entry
