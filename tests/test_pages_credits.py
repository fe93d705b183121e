"""Credit lines that stand around the text, in boxes of their own, are kept: they say where it comes from."""

from __future__ import annotations

import pytest

from tests.test_pages import PARAGRAPHS, make_page, read

AUTHOR = {"@type": "NewsArticle", "author": {"name": "Ines Marlow"}}
PICTURE = '<div class="{}"><span>{}</span></div>'


def last_lines(after: str) -> list[str]:
    return read(make_page(after=after)).text.split("\n\n")[len(PARAGRAPHS) :]


@pytest.mark.parametrize(
    ("after", "credit"),
    [
        ('<div class="source">Quelle: sid/dpa</div>', "Quelle: sid/dpa"),
        ("<footer><p>Updated at noon <span>Source: The Wire Example</span></p></footer>", "Source: The Wire Example"),
        ("<div><div>sak/Reuters</div></div>", "sak/Reuters"),
        ("<p><em>(AFP, dpa)</em></p>", "(AFP, dpa)"),
        ("<small>mit dpa</small>", "mit dpa"),
        ("<div>来源：新华网</div>", "来源：新华网"),
        ("<div>Источник: ТАСС</div>", "Источник: ТАСС"),
        ("<ul><li>Share</li><li>Print</li></ul><div>Fuente: EFE</div>", "Fuente: EFE"),
    ],
)
def test_a_credit_behind_the_text_becomes_its_end(after: str, credit: str) -> None:
    assert last_lines(after) == [credit]


@pytest.mark.parametrize(
    "after",
    [
        "<div>Share this article</div>",
        "<div>Photo: AP</div>",
        '<figure><figcaption>Reuters</figcaption></figure><div class="gallery-caption">dpa</div>',
        "<h3>More news</h3><div>Source: Reuters</div>",  # behind a heading the article is over
        "<aside><p>Source: Reuters</p></aside>",
        '<div><a href="/topics/dpa">dpa</a></div>',
        "<div>" + "</div><div>".join("abcdefgh") + "</div><div>Source: Reuters</div>",  # too far away
        "<p>The mayor told Reuters on Monday that she would resign.</p>",
        "<div>AA</div>",
    ],
)
def test_what_is_no_credit_of_the_text_is_left_out(after: str) -> None:
    assert last_lines(after) == []


def test_a_credit_in_the_text_is_not_repeated() -> None:
    page = read(make_page((*PARAGRAPHS, "Quelle: dpa"), after="<div>Quelle: dpa</div>"))
    assert page.text.count("Quelle: dpa") == 1


@pytest.mark.parametrize(
    ("before", "stated", "byline"),
    [
        ("<div>By Ole Tarn | 4 March 2026</div>", None, "Ole Tarn"),
        ("<div>Von Ole Tarn, dpa</div>", None, "Ole Tarn, dpa"),
        ("<div>Von <a href='/dpa'>dpa</a> <span>4.3.2026</span></div>", None, "dpa"),
        ("<div>By Ines Marlow with AP</div>", AUTHOR, "Ines Marlow, AP"),
        ("<div>By Ines Marlow</div>", AUTHOR, "Ines Marlow"),
        ('<div class="author">AFP</div>', AUTHOR, "Ines Marlow, AFP"),
        ('<div class="author">AFP</div>', None, "AFP"),
        ('<figure><figcaption>AFP</figcaption></figure><div class="image-source">dpa</div>', AUTHOR, "Ines Marlow"),
        ("<div>Reuters says the vote was close, and so does the mayor.</div>", AUTHOR, "Ines Marlow"),
    ],
)
def test_agencies_printed_above_the_text_are_in_the_byline(before: str, stated: object, byline: str) -> None:
    assert read(make_page(before=before, jsonld=stated)).byline == byline


def test_nothing_above_the_headline_is_a_byline() -> None:
    html = make_page().replace("<main>", "<div>AFP</div><main>")
    assert read(html).byline == ""
