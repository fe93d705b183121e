"""What an article's text is, and what around and between its paragraphs is not."""

from __future__ import annotations

import json

from tests.test_pages import PARAGRAPHS, make_page, read

OTHER = (
    "A storm has torn the roof off the market hall of Fernley, and its stalls have moved into the school yard.",
    "Nobody was hurt, said the fire brigade, which had closed the square an hour before the first slates came down.",
    "The hall dates from 1871; the town had put off repairing its timbers three times for want of money.",
    "Insurers will look at the damage on Monday, and the butchers have been promised a cold tent until May.",
)


def paragraphs_of(html: str) -> list[str]:
    return read(html).text.split("\n\n")


def article_of(text: tuple[str, ...], **fields: object) -> dict[str, object]:
    return {"@type": "NewsArticle", "headline": "Bridge", "articleBody": "\n".join(text), **fields}


def test_the_headline_is_no_paragraph() -> None:
    html = make_page(("Oakmere votes for a second bridge", "The vote was close.", *PARAGRAPHS))
    assert paragraphs_of(html) == ["The vote was close.", *PARAGRAPHS]


def test_credit_lines_stay() -> None:
    lines = ('Source: <a href="https://wire.example/bridge">Wire Example</a>', "(dpa/oak)")
    assert paragraphs_of(make_page((*PARAGRAPHS, *lines)))[-2:] == ["Source: Wire Example", "(dpa/oak)"]


def test_a_line_that_only_links_to_another_site_stays_and_one_to_this_site_goes() -> None:
    linked = "Read the original report of the vote at Wire Example"
    away = (*PARAGRAPHS[:2], f'<a href="https://wire.example/1">{linked}</a>', *PARAGRAPHS[2:])
    within = (*PARAGRAPHS[:2], f'Also: <a href="/more">{linked}</a>', *PARAGRAPHS[2:])
    assert linked in paragraphs_of(make_page(away))
    assert paragraphs_of(make_page(within)) == list(PARAGRAPHS)


def test_a_subheading_that_a_table_of_contents_links_to_stays() -> None:
    heading = "What the mayor of Oakmere had to say"
    contents = f'<ul><li><a href="/oakmere/bridge-vote#mayor">{heading}</a></li></ul>'
    html = make_page(before=contents).replace(PARAGRAPHS[2], f"</p><h2>{heading}</h2><p>{PARAGRAPHS[2]}")
    assert heading in paragraphs_of(html)


def test_a_repeated_paragraph_stands_once() -> None:
    long = f"{PARAGRAPHS[1]} {PARAGRAPHS[2]}"
    assert paragraphs_of(make_page((long, *PARAGRAPHS[3:], long))) == [long, *PARAGRAPHS[3:]]


def test_readings_above_characters_are_left_out() -> None:
    ruby = (
        "議会は<ruby>橋梁<rp>（</rp><rt>きょうりょう</rt><rp>）</rp></ruby>の建設を決めた。市長は反対していたが、賛成多数で可決された。"
        * 3
    )
    text = read(make_page((ruby,), lang="ja")).text
    assert "議会は橋梁の建設を決めた。" in text
    assert "きょうりょう" not in text


def test_tables_and_lists_are_read_without_marks() -> None:
    table = "<table><tr><th>Ward</th><th>Votes</th></tr><tr><td>North bank</td><td>412</td></tr></table>"
    lists = f"</p>{table}<ul><li>The ferry stays.</li><li>The toll does not.</li></ul><p>"
    text = read(make_page((*PARAGRAPHS[:3], lists, PARAGRAPHS[3]))).text
    assert "North bank 412" in text
    assert "The ferry stays.\n\nThe toll does not." in text


def test_comments_are_no_text() -> None:
    comment = '<section id="comments" class="comments"><p>First! Bridges are a waste of money.</p></section>'
    assert "First!" not in read(make_page(after=comment)).text


def test_the_next_article_on_the_page_is_left_out() -> None:
    following = "".join(f"<p>{paragraph}</p>" for paragraph in OTHER)
    html = make_page(jsonld=None).replace("</main>", f"<article><h1>A roof is gone</h1>{following}</article></main>")
    assert paragraphs_of(html) == list(PARAGRAPHS)


def test_a_body_in_several_containers_is_read_whole() -> None:
    chunks = [PARAGRAPHS[:2], PARAGRAPHS[2:], OTHER[:2], OTHER[2:]]
    cut = "<div class='ad'>Advertisement</div>".join(
        f"<div class='grid'><div class='article-body chunk'>{''.join(f'<p>{p}</p>' for p in chunk)}</div></div>"
        for chunk in chunks
    )
    html = f"<html><body><article><h1>Bridge and roof</h1><div class='chunks'>{cut}</div></article></body></html>"
    assert paragraphs_of(html) == [*PARAGRAPHS, *OTHER]


# -- held against JSON-LD's articleBody


def test_a_page_that_shows_less_than_it_states_is_read_from_the_statement() -> None:
    html = make_page(PARAGRAPHS[:2], jsonld=article_of(PARAGRAPHS + OTHER))
    assert paragraphs_of(html) == [*PARAGRAPHS, *OTHER]


def test_a_page_that_shows_another_text_is_read_from_the_statement() -> None:
    assert paragraphs_of(make_page(OTHER[:3], jsonld=article_of(PARAGRAPHS + PARAGRAPHS[:1]))) != list(OTHER[:3])


def test_a_teaser_in_the_statement_does_not_replace_the_text() -> None:
    assert paragraphs_of(make_page(jsonld=article_of((PARAGRAPHS[0][:60] + " ...",)))) == list(PARAGRAPHS)


def test_what_follows_the_end_of_the_statement_is_cut_but_for_a_credit_line() -> None:
    offers = tuple(
        f"Subscribe to the {name} newsletter of the Daily Example and never miss a vote again." for name in "ABC"
    )
    shown = (*PARAGRAPHS, "© Wire Example, wex:260304-99-1/2", *offers)
    assert paragraphs_of(make_page(shown, jsonld=article_of(PARAGRAPHS))) == [*PARAGRAPHS, shown[4]]


def test_a_statement_that_is_cut_says_nothing_about_the_end() -> None:
    stated = (*PARAGRAPHS[:3], PARAGRAPHS[3][:80] + " [...]")
    assert paragraphs_of(make_page((*PARAGRAPHS, OTHER[0]), jsonld=article_of(stated))) == [*PARAGRAPHS, OTHER[0]]


def test_markup_in_the_statement_is_read_as_such() -> None:
    for markup in ("<p>{}</p>", "&lt;p&gt;{}&lt;/p&gt;"):
        body = "".join(markup.format(paragraph) for paragraph in PARAGRAPHS + OTHER)
        assert paragraphs_of(make_page(PARAGRAPHS[:2], jsonld=article_of((body,)))) == [*PARAGRAPHS, *OTHER]


# -- pages drawn by scripts


def test_text_is_found_in_the_state_of_a_page_drawn_by_scripts() -> None:
    state = json.dumps({"article": {"html": "".join(f"<p>{p}</p>" for p in PARAGRAPHS + OTHER), "menu": ["<p>Home"]}})
    html = f"<html><title>Bridge</title><body><div id='app'></div><script>window.S={state}</script></html>"
    assert paragraphs_of(html) == [*PARAGRAPHS, *OTHER]


def test_text_is_found_in_state_within_state() -> None:
    inner = json.dumps({"html": "".join(f"<p>{p}</p>" for p in PARAGRAPHS + OTHER)}).replace("<", "\\u003c")
    html = f"<html><title>Bridge</title><body><script>self.push([1,{json.dumps('2:' + inner)}])</script></body></html>"
    assert paragraphs_of(html) == [*PARAGRAPHS, *OTHER]
