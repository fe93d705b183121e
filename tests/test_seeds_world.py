"""The seed world keeps its word: labels hold by measurement, feeds are valid, pages can be read, the server behaves."""

import gzip
import http.client
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from io import BytesIO
from itertools import combinations
from typing import cast
from urllib.parse import urlsplit

import feedparser
import pytest
import trafilatura
from lxml import etree

from seeds.serve import World, serve
from seeds.world import (
    load_articles,
    load_labels,
    load_origins,
    load_outlets,
    opml,
    render_feed,
    render_home,
    render_page,
)
from tests.conftest import REPO

ARTICLES = {article.id: article for article in load_articles()}
OUTLETS = {outlet.domain: outlet for outlet in load_outlets()}
LABELS = load_labels()
ORIGINS = load_origins()
COPY_LABELS = {"exact", "near", "excerpt", "translated"}

# Articles dated before the text they copy, on purpose: their credit line tells the truth, their feed does not.
LIARS = {
    "instant24/sheep-replace-mowers",
    "isar/biber-bremsen-flut",
    "worldwire/four-thousand-logbooks",
    "worldwire/town-gives-away-oranges",
}


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


@cache
def shingles(article_id: str) -> frozenset[tuple[str, ...]]:
    run = words(ARTICLES[article_id].text)
    return frozenset(zip(*(run[i:] for i in range(5)), strict=False))


def overlap(a: str, b: str) -> tuple[float, float]:
    """Jaccard, and the share of the shorter article that lies in the longer."""
    x, y = shingles(a), shingles(b)
    shared = len(x & y)
    return shared / len(x | y), shared / min(len(x), len(y))


def with_label(label: str) -> list[tuple[str, str]]:
    return [(row["a"], row["b"]) for row in LABELS if row["label"] == label]


# -- what was written down


def test_the_world_is_as_large_and_varied_as_promised() -> None:
    assert len(OUTLETS) >= 12
    assert len({outlet.language for outlet in OUTLETS.values()}) >= 5
    assert {outlet.feed_format for outlet in OUTLETS.values()} == {"rss", "atom", "json", "rdf"}
    assert {outlet.full_text for outlet in OUTLETS.values()} == {True, False}
    assert len({outlet.template for outlet in OUTLETS.values()}) >= 4
    assert len(ARTICLES) >= 120


def test_every_domain_is_one_that_cannot_exist() -> None:
    assert all(domain.endswith(".example") for domain in OUTLETS)


def test_article_ids_are_sorted_and_unique() -> None:
    ids = [article.id for article in load_articles()]
    assert ids == sorted(set(ids))


def test_urls_are_unique_and_lie_on_the_outlets_domain() -> None:
    assert len({article.url for article in ARTICLES.values()}) == len(ARTICLES)
    for article in ARTICLES.values():
        assert urlsplit(article.url).hostname == article.source
        assert OUTLETS[article.source].slug == article.id.split("/")[0]
        assert OUTLETS[article.source].language == article.language


def test_dates_carry_a_zone_and_updates_come_later() -> None:
    for article in ARTICLES.values():
        assert article.published_at.tzinfo is not None, article.id
        assert article.updated_at >= article.published_at, article.id


def test_texts_are_clean_paragraphs() -> None:
    for article in ARTICLES.values():
        assert article.paragraphs == [p.strip() for p in article.paragraphs if p.strip()], article.id
        assert "\n" not in "".join(article.paragraphs), article.id
        assert set(article.subheads) <= set(article.paragraphs), article.id
        assert len(words(article.text)) >= 60, article.id


# -- labels


def test_labels_are_pairs_of_articles_each_labelled_once() -> None:
    pairs = [(row["a"], row["b"]) for row in LABELS]
    assert pairs == sorted(set(pairs))
    for row in LABELS:
        assert row["a"] < row["b"]
        assert {row["a"], row["b"]} <= set(ARTICLES)
        assert row["label"] in COPY_LABELS | {"revision", "different"}
        assert row["why"]


@pytest.mark.parametrize(
    ("label", "at_least"),
    [("exact", 8), ("near", 15), ("excerpt", 12), ("translated", 8), ("revision", 5), ("different", 60)],
)
def test_each_label_has_enough_pairs(label: str, at_least: int) -> None:
    assert len(with_label(label)) >= at_least


@pytest.mark.parametrize(("a", "b"), with_label("exact"))
def test_exact_copies_have_the_same_words(a: str, b: str) -> None:
    assert words(ARTICLES[a].text) == words(ARTICLES[b].text)
    assert ARTICLES[a].title != ARTICLES[b].title


@pytest.mark.parametrize(("a", "b"), with_label("near"))
def test_near_copies_share_half_their_shingles(a: str, b: str) -> None:
    assert overlap(a, b)[0] >= 0.52
    assert words(ARTICLES[a].text) != words(ARTICLES[b].text)


@pytest.mark.parametrize(("a", "b"), with_label("excerpt"))
def test_excerpts_lie_in_the_longer_article(a: str, b: str) -> None:
    jaccard, shorter_in_longer = overlap(a, b)
    assert jaccard < 0.48
    assert shorter_in_longer >= 0.59


@pytest.mark.parametrize(("a", "b"), with_label("revision"))
def test_revisions_are_of_one_outlet_and_share_half_their_shingles(a: str, b: str) -> None:
    assert ARTICLES[a].source == ARTICLES[b].source
    assert overlap(a, b)[0] >= 0.52


@pytest.mark.parametrize(("a", "b"), with_label("translated"))
def test_translated_copies_are_in_two_languages_and_share_the_numbers(a: str, b: str) -> None:
    assert ARTICLES[a].language != ARTICLES[b].language
    assert overlap(a, b)[1] < 0.05
    numbers = [{word for word in words(ARTICLES[article].text) if word.isdigit()} for article in (a, b)]
    assert len(numbers[0] & numbers[1]) >= 0.3 * min(map(len, numbers))


@pytest.mark.parametrize(("a", "b"), with_label("different"))
def test_different_articles_share_little(a: str, b: str) -> None:
    jaccard, containment = overlap(a, b)
    assert jaccard < 0.3
    assert containment < 0.4


def test_no_two_articles_share_text_without_a_label() -> None:
    labelled = {(row["a"], row["b"]) for row in LABELS}
    for pair in combinations(ARTICLES, 2):
        assert pair in labelled or overlap(*pair)[1] < 0.1, pair


def test_the_two_shared_press_statements_are_long() -> None:
    quoting = [row for row in LABELS if "press statement" in row["why"]]
    assert len(quoting) == 2
    for row in quoting:
        assert 36 <= len(shingles(row["a"]) & shingles(row["b"])) <= 66  # 40 to 70 words


def test_one_event_is_told_independently_at_least_six_times() -> None:
    whys = Counter(row["why"] for row in LABELS if "independently" in row["why"])
    assert len(whys) >= 6


# -- origins


def test_origins_name_articles_agencies_or_outlets() -> None:
    for row in ORIGINS:
        assert row["articles"] == sorted(set(row["articles"]))
        assert len(row["articles"]) >= 2
        assert set(row["articles"]) <= set(ARTICLES)
        assert row["origin"] in row["articles"] or re.fullmatch(r"(agency|outlet):\S+", row["origin"])
        assert row["why"]


def test_every_labelled_copy_has_an_origin_and_every_origin_a_label() -> None:
    labelled = {(row["a"], row["b"]) for row in LABELS if row["label"] in COPY_LABELS}
    with_origin = {pair for row in ORIGINS for pair in combinations(row["articles"], 2)}
    assert with_origin == labelled


def test_copies_come_later_than_their_origin_but_for_the_liars() -> None:
    earlier = {
        article
        for row in ORIGINS
        if row["origin"] in ARTICLES
        for article in row["articles"]
        if ARTICLES[article].published_at < ARTICLES[row["origin"]].published_at
    }
    assert earlier == LIARS


def test_every_liar_names_its_origin() -> None:
    for row in ORIGINS:
        for liar in LIARS & set(row["articles"]):
            origin = OUTLETS[ARTICLES[row["origin"]].source]
            assert origin.name in ARTICLES[liar].paragraphs[-1]


# -- feeds


@pytest.mark.parametrize("domain", OUTLETS)
def test_feeds_are_valid_and_complete(domain: str) -> None:
    outlet = OUTLETS[domain]
    own = [article for article in ARTICLES.values() if article.source == domain]
    feed = render_feed(outlet, ARTICLES.values())
    assert feed == render_feed(outlet, own)
    if outlet.feed_format == "json":
        items = json.loads(feed)["items"]
        assert {item["url"]: item["date_published"] for item in items} == {a.url: a.published for a in own}
        assert all(("content_html" in item) is outlet.full_text for item in items)
        return
    parsed = feedparser.parse(BytesIO(feed))
    assert not parsed.bozo
    assert {entry.link: entry.title for entry in parsed.entries} == {a.url: a.title for a in own}
    dates = [entry.get("published_parsed") or entry.get("updated_parsed") for entry in parsed.entries]
    newest_first = sorted((article.published_at for article in own), reverse=True)
    assert [date[:6] for date in dates] == [moment.utctimetuple()[:6] for moment in newest_first]
    assert all(("content" in entry) is outlet.full_text for entry in parsed.entries)


def test_excerpt_feeds_give_some_forty_words_and_an_ellipsis() -> None:
    outlet = next(o for o in OUTLETS.values() if o.feed_format == "rss" and not o.full_text)
    parsed = feedparser.parse(BytesIO(render_feed(outlet, ARTICLES.values())))
    for entry in parsed.entries:
        assert entry.summary.endswith(" …")
        assert 35 <= len(entry.summary.split()) <= 41


def test_a_feed_without_articles_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'blitz' has no article"):
        render_feed(OUTLETS["blitz.example"], [])


def test_opml_lists_every_feed() -> None:
    urls = etree.fromstring(opml()).xpath("//outline/@xmlUrl")
    assert urls == [outlet.feed_url for outlet in load_outlets()]


# -- pages


def word_f1(a: str, b: str) -> float:
    x, y = Counter(words(a)), Counter(words(b))
    return 2 * (x & y).total() / (x.total() + y.total())


@pytest.mark.parametrize("domain", OUTLETS)
def test_the_text_can_be_read_from_the_page(domain: str) -> None:
    for article in (a for a in ARTICLES.values() if a.source == domain):
        extracted = trafilatura.extract(render_page(OUTLETS[domain], article).decode(), include_comments=False)
        assert word_f1(extracted or "", article.text) >= 0.95, article.id


def find(page: bytes, path: str) -> list[str]:
    """Texts and attributes of a page, by XPath."""
    return [str(found) for found in cast(list[object], etree.HTML(page.decode()).xpath(path))]


def test_pages_state_canonical_and_own_url() -> None:
    for article in ARTICLES.values():
        page = render_page(OUTLETS[article.source], article)
        assert find(page, "//link[@rel='canonical']/@href") == [article.canonical_url or article.url]
        assert find(page, "//meta[@property='og:url']/@content") == [article.url]


def test_pages_state_their_date_in_different_places() -> None:
    places: dict[str, set[str]] = {}
    for article in ARTICLES.values():
        page = render_page(OUTLETS[article.source], article)
        json_ld = [json.loads(text) for text in find(page, "//script[@type='application/ld+json']/text()")]
        stated = {
            "json-ld": [data["datePublished"] for data in json_ld],
            "meta": find(page, "//meta[@property='article:published_time']/@content"),
            "time": find(page, "//time/@datetime"),
        }
        assert {date for dates in stated.values() for date in dates} == {article.published}
        places[OUTLETS[article.source].template] = {place for place, dates in stated.items() if dates}
    assert places["wire"] == {"time"}
    assert places["tabloid"] == {"meta"}
    assert places["regional"] == {"json-ld"}


def test_pages_escape_what_they_are_given() -> None:
    outlet = OUTLETS["harbour-gazette.example"]
    article = replace(
        ARTICLES["harbour/ferry-aground"], title="</script><b>x", text="1 < 2 & <script>alert(1)</script>"
    )
    page = render_page(outlet, article)
    assert b"<script>alert" not in page
    assert b"</script><b>" not in page


def test_front_pages_lead_to_the_feed_and_to_every_article() -> None:
    for domain, outlet in OUTLETS.items():
        page = render_home(outlet)
        assert find(page, "//link[@rel='alternate']/@href") == [outlet.feed_path]
        assert set(find(page, "//li/a/@href")) == {a.url for a in ARTICLES.values() if a.source == domain}


# -- the server


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with serve() as running:
        yield running


def ask(
    world: World, host: str, path: str, method: str = "GET", **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(world.address, timeout=10)
    try:
        connection.request(method, path, headers={"Host": host, **{k.replace("_", "-"): v for k, v in headers.items()}})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def test_every_feed_page_and_front_page_is_served(world: World) -> None:
    for domain, outlet in OUTLETS.items():
        assert ask(world, domain, outlet.feed_path)[1] == render_feed(outlet, ARTICLES.values())
        assert ask(world, domain, "/")[0].status == 200
        assert ask(world, domain, "/robots.txt")[1].startswith(b"User-agent: *")
    for article in ARTICLES.values():
        url = urlsplit(article.url)
        response, body = ask(world, url.netloc, url.path)
        assert response.status == 200
        assert body == render_page(OUTLETS[article.source], article)


def test_the_port_in_the_host_header_does_not_matter(world: World) -> None:
    assert ask(world, "blitz.example:80", "/feed.xml")[0].status == 200


@pytest.mark.parametrize(("host", "path"), [("blitz.example", "/nothing"), ("nobody.example", "/"), ("", "/")])
def test_what_is_not_there_is_a_404(world: World, host: str, path: str) -> None:
    assert ask(world, host, path)[0].status == 404


def test_a_known_version_is_not_sent_again(world: World) -> None:
    first, body = ask(world, "blitz.example", "/feed.xml")
    assert body
    for headers in (
        {"If_None_Match": first.headers["ETag"]},
        {"If_None_Match": f'"other", {first.headers["ETag"].removeprefix("W/")}'},
        {"If_Modified_Since": first.headers["Last-Modified"]},
    ):
        again, nothing = ask(world, "blitz.example", "/feed.xml", **headers)
        assert again.status == 304
        assert nothing == b""
        assert again.headers["ETag"] == first.headers["ETag"]


@pytest.mark.parametrize(
    "headers",
    [
        {"If_None_Match": '"another"'},
        {"If_None_Match": '"another"', "If_Modified_Since": "Thu, 01 Jan 2099 00:00:00 GMT"},
        {"If_Modified_Since": "Thu, 01 Jan 2015 00:00:00 GMT"},
        {"If_Modified_Since": "yesterday"},
    ],
)
def test_an_unknown_version_is_sent_whole(world: World, headers: dict[str, str]) -> None:
    assert ask(world, "blitz.example", "/feed.xml", **headers)[0].status == 200


def test_gzip_is_sent_to_those_who_take_it(world: World) -> None:
    plain = ask(world, "ndk.example", "/feed.xml")[1]
    response, packed = ask(world, "ndk.example", "/feed.xml", Accept_Encoding="br, gzip;q=0.8")
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed) == plain
    refused, body = ask(world, "ndk.example", "/feed.xml", Accept_Encoding="gzip;q=0")
    assert refused.headers["Content-Encoding"] is None
    assert body == plain


def test_head_sends_the_headers_alone(world: World) -> None:
    response, body = ask(world, "ndk.example", "/feed.xml", method="HEAD")
    assert response.status == 200
    assert int(response.headers["Content-Length"]) > 1000
    assert body == b""


def test_requests_are_recorded() -> None:
    with serve() as world:
        ask(world, "blitz.example", "/feed.xml")
        ask(world, "blitz.example", "/no?q=1")
        assert world.requests == [("blitz.example", "/feed.xml", 200), ("blitz.example", "/no?q=1", 404)]


def test_it_runs_as_a_file_and_says_where() -> None:
    command = [sys.executable, str(REPO / "seeds" / "serve.py"), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd="/") as process:
        try:
            assert process.stdout is not None
            assert re.search(r"127\.0\.0\.1:\d+", process.stdout.readline())
        finally:
            process.terminate()
