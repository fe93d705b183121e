"""The table of cases: a host, what it serves, how its feed ends and how its entries end.

A case's first line, its docstring, says what is expected of it. Hosts are named by their case: ``gzip_bomb.example``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape

from tests.hostile.replies import (
    Reply,
    bomb,
    drip,
    endless,
    gzipped,
    html,
    item,
    page,
    raw,
    redirect,
    rss,
    send,
    text_html,
)

MAX_ENTRIES = 40  # of a feed, in this night
TEASER = "The council met on Monday."


@dataclass(frozen=True)
class Case:
    """One host.

    `feed` is the outcome of its feed, `entries` the outcomes of its entries as they are counted, and `articles` how
    many are stored.
    """

    name: str
    replies: Mapping[str, Reply]
    feed: str = "fetched"
    entries: Mapping[str, int] = field(default_factory=dict)
    articles: int = 0
    url: str = ""


CASES: dict[str, Case] = {}


def case(
    feed: str = "fetched", entries: Mapping[str, int] | None = None, articles: int | None = None, url: str = ""
) -> Callable[[Callable[[], Mapping[str, Reply] | Reply]], None]:
    """Enter a function's replies, by path, into the table; a lone reply is the feed's."""
    entries = dict(entries or {})
    stored = sum(n for outcome, n in entries.items() if outcome.startswith("new")) if articles is None else articles

    def enter(make: Callable[[], Mapping[str, Reply] | Reply]) -> None:
        made, name = make(), make.__name__
        replies = made if isinstance(made, Mapping) else {"/feed": made}
        CASES[name] = Case(name, replies, feed, entries, stored, url or f"http://{host(name)}/feed")

    return enter


def host(name: str) -> str:
    return f"{name.replace('_', '-')}.example"


def here(name: str, path: str = "/a") -> str:
    return f"http://{host(name)}{path}"


# -- the connection


@case("failed: too large")
def gzip_bomb() -> Reply:
    """200 MB in 200 KB of gzip: too large, not unpacked."""
    return bomb("gzip")


@case("failed: too large")
def brotli_bomb() -> Reply:
    """200 MB in a few hundred bytes of Brotli: too large, not unpacked."""
    return bomb("br")


@case("failed: too large")
def zstd_bomb() -> Reply:
    """200 MB in a few KB of Zstandard: too large, not unpacked."""
    return bomb("zstd")


@case("failed: bad encoding")
def zstd_window_of_a_gigabyte() -> Reply:
    """A Zstandard frame that asks for a window of 1 GB: refused before it is made."""
    return send(b"\x28\xb5\x2f\xfd\x00\xa0" + b"\x01\x00\x00" * 50, content_encoding="zstd")


@case("failed: bad encoding")
def gzip_in_gzip() -> Reply:
    """A bomb inside a bomb, declared as two encodings: nothing that was asked for."""
    return send(gzipped(gzipped(b" " * 10_000_000)), content_encoding="gzip, gzip")


@case("failed: bad encoding")
def no_gzip_after_all() -> Reply:
    """Plain text that calls itself gzip."""
    return send(rss(item("/a", seed=1)), content_encoding="gzip")


@case("failed: bad encoding")
def gzip_cut_off() -> Reply:
    """A gzip stream without its end: what came might be half an article."""
    return send(gzipped(rss(item("/a", seed=1)))[:-200], content_encoding="gzip")


@case("failed: too large")
def endless_body() -> Reply:
    """A body without length and end."""
    return endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 0x10000 + b"\r\n")


@case("failed: too large")
def declared_terabyte() -> Reply:
    """A body of a terabyte, as its header says: not even begun."""
    return send(b"<rss>", content_length=str(10**12))


@case("failed: timeout")
def slow_body() -> Reply:
    """A byte now and again: the time of a response counts as a whole."""
    return drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"<")


@case("failed: timeout")
def slow_headers() -> Reply:
    """A header now and again, without end."""
    return drip(b"HTTP/1.1 200 OK\r\n", b"X-A: 1\r\n")


@case("failed: timeout")
def silence() -> Reply:
    """Takes the request and says nothing."""
    return drip(b"", b"")


@case("failed: connection failed")
def endless_headers() -> Reply:
    """Headers without end, as fast as can be."""
    return endless(b"HTTP/1.1 200 OK\r\n", b"X-Long: " + b"x" * 5000 + b"\r\n")


@case("failed: connection failed")
def hangs_up() -> Reply:
    """Hangs up without a word."""
    return raw()


@case("failed: connection failed")
def no_http() -> Reply:
    """Answers with noise."""
    return raw(b"\x00\xff\x00\xff nonsense\r\n\r\n")


@case("failed: connection failed")
def hangs_up_in_the_middle() -> Reply:
    """Promises 100,000 bytes and sends ten."""
    return raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n<rss><chan")


@case("failed: connection failed")
def header_injection() -> Reply:
    """A header with NUL bytes."""
    return raw(b"HTTP/1.1 200 OK\r\nX-A: \x00\x00\r\nContent-Length: 0\r\n\r\n")


@case("failed: http 429")
def wait_for_ages() -> Reply:
    """Asks to wait for thirty thousand years: a failure of tonight, and asked again within a day or so."""
    return send(status=429, retry_after="1000000000000")


@case("failed: http 503")
def wait_since_yesterday() -> Reply:
    """Asks to wait until a date in 1999."""
    return send(status=503, retry_after="Fri, 31 Dec 1999 23:59:59 GMT")


@case("failed: http 304")
def not_modified_since_never() -> Reply:
    """Says "not modified" to one who has nothing."""
    return send(status=304)


@case("fetched", {"new": 1})
def etag_of_five_kilobytes() -> Reply:
    """An ETag that cannot be sent back: the feed is read, the ETag is not sent."""
    return send(rss(item(here("etag_of_five_kilobytes"), seed=2)), etag='"' + "x" * 5000 + '"')


# -- redirects and addresses


@case("failed: too many redirects")
def redirect_loop() -> Reply:
    """Leads to itself."""
    return redirect("/feed")


@case("failed: too many redirects")
def redirect_chain() -> Mapping[str, Reply]:
    """Leads through twenty addresses."""
    steps = {f"/{n}": redirect(f"/{n + 1}", 301) for n in range(20)}
    return {"/feed": redirect("/0", 301), **steps, "/20": send(rss())}


@case("failed: bad url")
def redirect_to_a_file() -> Reply:
    """Leads to a file of this machine."""
    return redirect("file:///etc/passwd")


@case("failed: bad url")
def redirect_to_a_script() -> Reply:
    """Leads to a script."""
    return redirect("javascript:alert(1)")


@case("failed: bad url")
def redirect_to_half_an_address() -> Reply:
    """Leads to an IPv6 address without its end."""
    return redirect("http://[::1/")


@case("failed: private address")
def redirect_to_loopback() -> Reply:
    """Leads to this machine."""
    return redirect("http://127.0.0.1:1/")


@case("failed: private address")
def redirect_to_mapped_loopback() -> Reply:
    """Leads to this machine, by an IPv4 address inside an IPv6 one."""
    return redirect("http://[::ffff:127.0.0.1]:1/")


@case("failed: private address")
def redirect_to_cloud_metadata() -> Reply:
    """Leads to the address under which clouds keep their keys."""
    return redirect("http://169.254.169.254/latest/meta-data/")


@case("failed: private address")
def redirect_to_a_number() -> Reply:
    """Leads to this machine, written as one number."""
    return redirect("http://2130706433:1/")


@case("failed: private address", url="http://localhost:1/feed")
def name_of_this_machine() -> Reply:
    """A feed whose name means this machine."""
    return send(rss())


@case("failed: private address", url="http://rebinding.invalid/feed")
def name_that_changes_its_address() -> Reply:
    """A name that leads to this machine by the time it is connected to (see `night.py`)."""
    return send(rss())


@case("failed: no feed")
def moved_for_good_to_a_page() -> Mapping[str, Reply]:
    """A permanent redirect to the home page: no feed, and not remembered."""
    return {"/feed": redirect("/", 301), "/": html(page(3))}


# -- robots.txt


@case("failed: robots")
def robots_forbids_all() -> Mapping[str, Reply]:
    """robots.txt allows nothing: the feed is not asked for."""
    return {"/robots.txt": send(b"User-agent: *\nDisallow: /"), "/feed": send(rss())}


@case("failed: robots")
def robots_fails() -> Mapping[str, Reply]:
    """robots.txt answers 503 and never said anything: nothing is allowed."""
    return {"/robots.txt": send(status=503), "/feed": send(rss())}


@case("failed: timeout")
def robots_drips() -> Mapping[str, Reply]:
    """robots.txt is never complete."""
    return {"/robots.txt": drip(b"HTTP/1.1 200 OK\r\n\r\n", b"#"), "/feed": send(rss())}


@case("fetched", {"new": 1})
def robots_is_endless() -> Mapping[str, Reply]:
    """robots.txt is endless: what it begins with counts."""
    return {
        "/robots.txt": endless(b"HTTP/1.1 200 OK\r\n\r\n", b"User-agent: *\nDisallow: /x\n" * 1000),
        "/feed": send(rss(item(here("robots_is_endless"), seed=4))),
    }


@case("fetched", {"new": 1})
def robots_of_many_names() -> Mapping[str, Reply]:
    """robots.txt has thousands of names over thousands of rules: a product that must not be stored."""
    names = "".join(f"User-agent: n{n}\n" for n in range(12_000))
    rules = "".join(f"Allow: /{n}\n" for n in range(20_000))
    return {
        "/robots.txt": send((names + rules).encode()),
        "/feed": send(rss(item(here("robots_of_many_names"), seed=5))),
    }


@case("fetched", {"new": 1})
def robots_of_wildcards() -> Mapping[str, Reply]:
    """robots.txt has rules of hundreds of wildcards: they are matched in linear time."""
    rule = "Disallow: /" + "*a" * 200 + "$\n"
    feed = send(rss(item(here("robots_of_wildcards"), seed=6)))
    path = "/" + "a" * 2000 + "b"
    return {"/robots.txt": send(("User-agent: *\n" + rule * 200).encode()), "/feed": redirect(path), path: feed}


@case("fetched", {"postponed": 2})
def robots_wants_centuries() -> Mapping[str, Reply]:
    """A Crawl-delay of thirty years: the feed is asked for, its pages are left for another night."""
    links = [here("robots_wants_centuries", path) for path in ("/a", "/b")]
    return {
        "/robots.txt": send(b"User-agent: *\nCrawl-delay: 1e9"),
        "/feed": send(rss(*(item(link, teaser=TEASER) for link in links))),
    }


# -- feeds


@case("failed: no feed")
def page_instead_of_feed() -> Reply:
    """A page, with status 200."""
    return html(page(7, head='<link rel="alternate" type="application/rss+xml" href="/rss">'))


@case("failed: no feed")
def nothing_at_all() -> Reply:
    """An empty body, with status 200."""
    return send(b"")


@case("failed: no feed")
def json_of_brackets() -> Reply:
    """A hundred thousand brackets."""
    return send(b'{"items":' + b"[" * 100_000, content_type="application/json")


@case("fetched", {"set aside: not an object": 3, "new": 1})
def json_of_odd_items() -> Reply:
    """A JSON feed with numbers and null among its items."""
    link = here("json_of_odd_items")
    items = [1, None, [], {"id": 7, "url": link, "content_html": text_html(8), "title": {"a": 1}}]
    feed = {"version": "https://jsonfeed.org/version/1.1", "items": items}
    return send(json.dumps(feed).encode(), content_type="application/feed+json")


@case("fetched", {"new": 1})
def entity_of_a_file() -> Reply:
    """An external entity that names a file of this machine: it stays out of the text (see test_hostile.py)."""
    head = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    return send(rss(item(here("entity_of_a_file"), seed=9, title="Before &x; after"), head=head))


@case("fetched", {"new": 1})
def external_dtd() -> Mapping[str, Reply]:
    """A DTD elsewhere: it is not asked for (see test_hostile.py)."""
    head = f'<!DOCTYPE rss SYSTEM "{here("external_dtd", "/dtd")}">'
    return {"/feed": send(rss(item(here("external_dtd"), seed=10), head=head)), "/dtd": send(b"<!ENTITY x 'y'>")}


@case("fetched", {"new": 1})
def billion_laughs() -> Reply:
    """Ten entities, each ten times the one before: the entry is read without them."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY l0 "lol">{entities}]>'
    return send(rss(item(here("billion_laughs"), seed=11, title="&l9;"), head=head))


@case("fetched", {"new": 1})
def quadratic_laughs() -> Reply:
    """One entity of 100 KB, named a thousand times."""
    head = f'<!DOCTYPE rss [<!ENTITY a "{"a" * 100_000}">]>'
    return send(rss(item(here("quadratic_laughs"), seed=12, title="&a;" * 1000), head=head))


@case("fetched", {"new": MAX_ENTRIES, "set aside: over max_entries": 100_000 - MAX_ENTRIES})
def hundred_thousand_entries() -> Reply:
    """A hundred thousand entries: the first are taken, the rest is counted."""
    link = here("hundred_thousand_entries", "/")
    full = [item(f"{link}{n}", seed=1000 + n) for n in range(MAX_ENTRIES)]
    short = [f"<item><link>{link}{n}</link></item>" for n in range(MAX_ENTRIES, 100_000)]
    return send(rss(*full, *short))


@case("fetched", {"new": 3})
def one_guid_for_all() -> Reply:
    """All entries have one GUID: their links tell them apart."""
    guid = "<guid>urn:same</guid>"
    return send(rss(*(item(here("one_guid_for_all", f"/{n}"), seed=20 + n, more=guid) for n in range(3))))


@case("fetched", {"new": 1, "named twice": 9})
def one_link_for_all() -> Reply:
    """Ten entries with one link and ten titles: one article."""
    return send(rss(*(item(here("one_link_for_all"), seed=25, title=f"Title {n}") for n in range(10))))


@case("fetched", {"new": 1, "set aside: neither link nor text": 2})
def links_that_lead_nowhere() -> Reply:
    """Links to scripts, files and data are dropped; a text without a link is still a text."""
    bare = [f"<item><title>x</title><link>{link}</link></item>" for link in ("javascript:alert(1)", "data:text/html,x")]
    return send(rss(item("file:///etc/passwd", seed=26), *bare))


@case("fetched", {"new": 1})
def link_of_ten_thousand_characters() -> Reply:
    """A link longer than any server takes: dropped, the text is kept."""
    return send(rss(item(here("link_of_ten_thousand_characters", "/" + "x" * 10_000), seed=27)))


@case("fetched", {"new": 1})
def nul_bytes() -> Reply:
    """NUL bytes in title, link and text."""
    feed = rss(item(here("nul_bytes"), seed=28, title="A\0B"))
    return send(feed.replace(b"council", b"cou\0ncil"))


@case("fetched", {"new": 1})
def forbidden_references() -> Reply:
    """References to characters that XML forbids, and to half of a surrogate pair."""
    return send(rss(item(here("forbidden_references"), seed=29, title="A&#0;B&#xD800;C&#x110000;D&#xFFFF;")))


@case("fetched", {"new": 1})
def wrong_charset() -> Reply:
    """Latin-1 that calls itself UTF-8, in header and declaration."""
    head = '<?xml version="1.0" encoding="utf-8"?>'
    feed = rss(item(here("wrong_charset"), seed=30, title="Füsse in Zürich"), head=head).decode()
    return send(feed.encode("latin-1"), content_type="text/xml; charset=utf-8")


@case("fetched", {"new": 1})
def charset_of_wide_characters() -> Reply:
    """UTF-16 without a mark that calls itself UTF-8."""
    head = '<?xml version="1.0" encoding="utf-8"?>'
    feed = rss(item(here("charset_of_wide_characters"), seed=31), head=head).decode()
    return send(feed.encode("utf-16-le"), content_type="text/xml; charset=utf-8")


@case("fetched", {"new": 1})
def charset_that_never_ends() -> Reply:
    """A declaration of Python's own "punycode", which takes hours for megabytes."""
    head = '<?xml version="1.0" encoding="punycode"?>'
    return send(
        rss(item(here("charset_that_never_ends"), seed=32), head=head), content_type="text/xml; charset=punycode"
    )


@case("fetched", {"new": 3})
def dates_of_other_ages() -> Reply:
    """Dates in 1513 and 2041, and one that is none: 2041 is not taken for a date (see test_hostile.py)."""
    dates = ("Mon, 07 Jan 2041 10:00:00 GMT", "Tue, 01 Mar 1513 10:00:00 GMT", "Octember 99")
    items = (
        item(here("dates_of_other_ages", f"/{n}"), seed=33 + n, more=f"<pubDate>{date}</pubDate>")
        for n, date in enumerate(dates)
    )
    return send(rss(*items))


@case("failed: no feed")
def nested_elements() -> Reply:
    """Three hundred thousand elements inside each other."""
    return send(b'<rss version="2.0"><channel>' + b"<a>" * 600_000)


@case("fetched", {"failed: http 404": 1})
def nested_text() -> Reply:
    """A text inside fifty thousand elements: so deep nothing is read; the page is asked for, and is not there."""
    link = here("nested_text")
    text = escape("<div>" * 50_000 + text_html(37))
    return send(rss(f"<item><title>x</title><link>{link}</link><description>{text}</description></item>"))


@case("fetched", {"new": 1, "set aside: neither link nor text": 1})
def cut_in_the_middle() -> Reply:
    """A feed that ends inside its second entry: what is whole is kept, the rest is counted."""
    whole = rss(item(here("cut_in_the_middle"), seed=38), item(here("cut_in_the_middle", "/b"), seed=39))
    return send(whole[: whole.index(b"/b</link>")])


@case("fetched", {"new": 1})
def scripts_in_every_field() -> Reply:
    """Scripts and formulas in title, author and text: stored as they are, escaped in every output."""
    attack = escape("=HYPERLINK(\"http://x\")<script>document.title='broken in'</script>")
    more = f"<author>{attack}</author><category>{attack}</category>"
    return send(rss(item(here("scripts_in_every_field"), seed=40, title=attack, more=more)))


@case("fetched", {"new": 1})
def title_of_a_megabyte() -> Reply:
    """A title of a million characters."""
    return send(rss(item(here("title_of_a_megabyte"), seed=41, title="A title " * 125_000)))


@case("fetched", {"new": 1})
def index_of_itself() -> Mapping[str, Reply]:
    """An index of sitemaps that names itself and one sitemap: each is fetched once."""
    index = here("index_of_itself", "/feed")
    sitemap = here("index_of_itself", "/news.xml")
    names = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in (index, sitemap, index))
    ns = "http://www.sitemaps.org/schemas/sitemap/0.9"
    news = (
        f'<urlset xmlns="{ns}" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url>'
        f"<loc>{here('index_of_itself')}</loc><n:news><n:publication_date>2026-11-23</n:publication_date>"
        "<n:title>A council votes</n:title></n:news></url></urlset>"
    )
    return {
        "/feed": send(f'<sitemapindex xmlns="{ns}">{names}</sitemapindex>'.encode()),
        "/news.xml": send(news.encode()),
        "/a": html(page(42)),
    }


# -- pages


def teased(name: str, reply: Reply, path: str = "/a") -> Mapping[str, Reply]:
    return {"/feed": send(rss(item(here(name, path), teaser=TEASER))), path: reply}


@case("fetched", {"new, only an excerpt": 1})
def page_bomb() -> Mapping[str, Reply]:
    """A page of 200 MB in 200 KB: the feed's teaser is kept."""
    return teased("page_bomb", bomb("gzip", around=b"<html>"))


@case("fetched", {"new, only an excerpt": 1})
def page_drips() -> Mapping[str, Reply]:
    """A page that is never complete: the feed's teaser is kept."""
    return teased("page_drips", drip(b"HTTP/1.1 200 OK\r\n\r\n", b"<p>"))


@case("fetched", {"new, only an excerpt": 1})
def page_of_six_million_characters() -> Mapping[str, Reply]:
    """A page larger than is read."""
    return teased("page_of_six_million_characters", html(page(43) + "<!-- " + "x" * 6_000_000))


@case("fetched", {"new, only an excerpt": 1})
def page_of_nested_elements() -> Mapping[str, Reply]:
    """A page with ten thousand elements inside each other around its text: so deep nothing is read."""
    return teased("page_of_nested_elements", html(page(44, body="<span>" * 10_000)))


@case("fetched", {"new, only an excerpt": 1})
def page_of_many_elements() -> Mapping[str, Reply]:
    """A page of a hundred thousand elements."""
    return teased("page_of_many_elements", html(page(45, body="<i>x</i>" * 100_000)))


@case("fetched", {"new, only an excerpt": 1})
def page_of_attributes() -> Mapping[str, Reply]:
    """An element with fifty thousand attributes, for which parsers take quadratic time."""
    body = "<p " + " ".join(f"a{n}" for n in range(50_000)) + ">"
    return teased("page_of_attributes", html(page(46, body=body)))


@case("fetched", {"new, only an excerpt": 1})
def page_that_is_a_picture() -> Mapping[str, Reply]:
    """Bytes of a picture that call themselves a page."""
    return teased("page_that_is_a_picture", html(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 200))


@case("fetched", {"new": 1})
def page_in_a_wrong_charset() -> Mapping[str, Reply]:
    """Latin-1 that calls itself UTF-8 twice."""
    body = page(47, title="Füsse in Zürich").encode("latin-1")
    return teased("page_in_a_wrong_charset", send(body, content_type="text/html; charset=utf-8"))


@case("fetched", {"new": 1})
def page_of_nul_bytes() -> Mapping[str, Reply]:
    """NUL bytes throughout."""
    return teased("page_of_nul_bytes", html(page(48).encode().replace(b" ", b" \0")))


@case("fetched", {"new": 1})
def page_of_broken_statements() -> Mapping[str, Reply]:
    """JSON-LD of a hundred thousand brackets, and meta tags with scripts for values."""
    head = f'<script type="application/ld+json">{"[" * 100_000}</script>'
    head += '<link rel="canonical" href="javascript:alert(1)"><meta property="og:url" content="data:text/html,x">'
    return teased("page_of_broken_statements", html(page(49, head=head)))


@case("fetched", {"new, only an excerpt": 1})
def page_on_this_machine() -> Mapping[str, Reply]:
    """A page whose redirect leads to this machine."""
    return teased("page_on_this_machine", redirect("http://127.0.0.1:1/private"))


@case("fetched", {"new, only an excerpt": 1})
def page_that_goes_round() -> Mapping[str, Reply]:
    """A page that leads to another and back."""
    name = "page_that_goes_round"
    return {**teased(name, redirect("/b")), "/b": redirect("/a")}


@case("fetched", {"new": 1, "same page as another entry": 2})
def pages_behind_one_wall() -> Mapping[str, Reply]:
    """Three pages that lead to one: it is stored once, under one entry."""
    name = "pages_behind_one_wall"
    paths = ("/a", "/b", "/c")
    return {
        "/feed": send(rss(*(item(here(name, path), teaser=TEASER) for path in paths))),
        **{path: redirect("/wall") for path in paths},
        "/wall": html(page(50)),
    }


@case("fetched", {"new": 1})
def link_to_this_machine() -> Reply:
    """An entry whose own link leads to this machine, with its text in the feed: nothing is asked for there."""
    return send(rss(item("http://127.0.0.1:1/secret", seed=51)))


# -- good feeds beside them


def _good(name: str, seed: int) -> Mapping[str, Reply]:
    links = [here(name, f"/{n}") for n in range(3)]
    pages = {f"/{n}": html(page(seed + n)) for n in range(3)}
    return {"/feed": send(rss(*(item(link, teaser=TEASER) for link in links))), **pages}


for number in range(6):
    name = f"good_{number}"
    CASES[name] = Case(name, _good(name, 60 + 3 * number), "fetched", {"new": 3}, 3, f"http://{host(name)}/feed")
