"""Pages that are made to hurt cost bounded time, and end in a page or a `PageError`, nothing else."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dedup.errors import PageError
from dedup.ingest.pages import read_page
from tests.test_pages import PARAGRAPHS, URL, make_page, read

TEXT = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
SLOW_S = 60.0  # seconds; each takes one or two, where a quadratic step takes minutes


def seconds_for(body: bytes) -> float:
    start = time.monotonic()
    with suppress(PageError):  # a clear refusal is a good answer; only the time counts here
        read_page(body, url=URL)
    return time.monotonic() - start


@pytest.mark.parametrize(
    "html",
    [
        pytest.param("<div>" * 100_000 + TEXT + "</div>" * 100_000, id="deep"),
        pytest.param(TEXT + "<b>" * 100_000, id="unclosed"),
        pytest.param(f"<article>{TEXT}" + "<div>x</div>" * 20_000, id="wide"),
        pytest.param("<article><p>" + "<span>some words </span>" * 15_000, id="spans"),
        pytest.param("<article>" + "<p><a href=/x>words that link to another page</a></p>" * 10_000 + TEXT, id="links"),
        pytest.param("<h1>T</h1>" * 15_000 + TEXT + "<time datetime=x>" * 10_000, id="headings and times"),
        pytest.param("<meta name=author content=A>" * 25_000 + TEXT, id="metas"),
        pytest.param(f"<div class='{'a ' * 1_000_000}'>{TEXT}</div>", id="long attribute"),
        pytest.param("<div " + " ".join(f"a{i}" for i in range(300_000)) + f">{TEXT}", id="many attributes"),
        pytest.param('<div x=">" ' + " ".join(f"a{i}" for i in range(300_000)) + f">{TEXT}", id="many, behind a quote"),
        pytest.param('<div "> <p ' + " ".join(f"a{i}" for i in range(300_000)) + f">{TEXT}", id="many, stray quote"),
        pytest.param(
            "<!-->" + "<p " + " ".join(f"a{i}" for i in range(300_000)) + f">{TEXT}", id="many, empty comment"
        ),
        pytest.param("<a " * 1_000_000, id="open tags"),
        pytest.param('<a x="' * 500_000, id="open quotes"),
        pytest.param("<script>" * 300_000 + TEXT, id="open scripts"),
        pytest.param("<!--" * 500_000 + TEXT, id="open comments"),
        pytest.param("<script>x=" + '"<p>\\' * 200_000 + "</script>", id="open strings"),
        pytest.param(f"<title>{' - a' * 300_000}</title>{TEXT}", id="separators in the title"),
        pytest.param("<p>" + "2019-01-01 " * 100_000, id="dates"),
        pytest.param("<p>" + "a" * 3_000_000, id="one word"),
        pytest.param(TEXT + "\0" * 3_000_000, id="NULs"),
    ],
)
def test_time_is_bounded(html: str) -> None:
    assert seconds_for(html.encode()) < SLOW_S


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("<b></b>" * 1_400_000, "9,800,000 characters; at most 5,000,000"),
        ("<b></b>" * 40_000, "elements; at most 30,000"),
        ("<b " + " ".join(f"a{i}" for i in range(251)) + ">", "an element has 251 attributes; at most 250"),
    ],
)
def test_what_is_too_much_is_named(html: str, said: str) -> None:
    with pytest.raises(PageError) as caught:
        read(html)
    assert said in str(caught.value)


def test_max_chars_is_a_limit() -> None:
    html = make_page()
    assert read_page(html.encode(), url=URL, max_chars=len(html)).text
    with pytest.raises(PageError, match="characters"):
        read_page(html.encode(), url=URL, max_chars=len(html) - 1)


def test_an_article_above_a_bottomless_pit_is_read() -> None:
    page = read(f"<html><body><h1>Bridge</h1>{TEXT}{'<div>' * 100_000}</body></html>")
    assert page.text.split("\n\n") == list(PARAGRAPHS)


def test_long_values_are_cut() -> None:
    head = f'<meta name="author" content="{"A" * 50_000}"><meta name="copyright" content="{"C" * 50_000}">'
    page = read(make_page(head=head))
    assert (len(page.byline), len(page.provenance["meta:copyright"])) == (2_000, 2_000)


def test_scripts_never_reach_the_text() -> None:
    html = make_page((*PARAGRAPHS, "Two <script>alert(1)</script>&lt;script&gt;alert(2)&lt;/script&gt; words."))
    page = read(html)
    assert "alert(1)" not in page.text
    assert "<script>alert(2)</script>" in page.text  # plain text, to be escaped by whoever shows it


@pytest.mark.parametrize("url", ["", "not a url", "http://[", "https://daily.example:99999/", "javascript:alert(1)"])
def test_a_bad_url_of_the_page_does_no_harm(url: str) -> None:
    html = make_page(
        head='<link rel="canonical" href="/a"><base href="http://[">', after='<p><a href="http://[">x</a></p>'
    )
    assert read_page(html.encode(), url=url).text.startswith(PARAGRAPHS[0])


TAGS = (
    "<p>|</p>|<div|>|</div>|<article>|<h1>|<title>|<!--|-->|</script>|<time datetime=|<base href=|<a href='|&#0;|&lt;"
)
HEADS = '<meta name="author" content="|<script type="application/ld+json">|{"@type": "NewsArticle", "headline":|[|}|"'
LINKS = '<link rel="canonical" href="|<meta property="og:url" content="//[|<meta charset=utf-16>|\0|\ud800|é|橋'
MARKUP = st.sampled_from([*TAGS.split("|"), *HEADS.split("|"), *LINKS.split("|"), *PARAGRAPHS])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(MARKUP | st.text(max_size=20), max_size=40).map("".join))
@example("<html xmlns='x' xml:lang='&#0;'><p>")
def test_any_markup_gives_a_page_or_a_page_error(html: str) -> None:
    body = html.encode("utf-8", "surrogatepass")
    try:
        page = read_page(body, url=URL)
    except PageError:
        return
    assert page.text
    assert "\0" not in page.text
    page.text.encode()  # no lone surrogates


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.text(max_size=30))
def test_any_bytes_give_a_page_or_a_page_error(body: bytes, content_type: str) -> None:
    for each in (body, b"<p>" + body):
        with suppress(PageError):
            assert read_page(each, url=URL, content_type=content_type).text
