"""What pages state about themselves: headline, authors, dates, URLs, provenance, paywall."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.test_pages import PARAGRAPHS, URL, make_page, read

ARTICLE = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": "A bridge for Oakmere"}
NOISE = {"@type": "WebSite", "name": "The Daily Example", "url": "https://daily.example/"}


def meta(**fields: str) -> str:
    return "".join(f'<meta property="{name.replace("__", ":")}" content="{value}">' for name, value in fields.items())


# -- the article's node among others


@pytest.mark.parametrize(
    "jsonld",
    [
        ARTICLE,
        [NOISE, ARTICLE],
        {"@context": "https://schema.org", "@graph": [NOISE, ARTICLE]},
        [[{"@graph": [[NOISE], {"@type": "WebPage", "mainEntity": ARTICLE}]}]],
        {**ARTICLE, "@type": ["CreativeWork", "NewsArticle"]},
        {**ARTICLE, "@type": "http://schema.org/ReportageNewsArticle"},
        [
            {**ARTICLE, "headline": "A related article", "url": "/other"},
            {**ARTICLE, "mainEntityOfPage": URL + "?x=1#top"},
        ],
        [{**ARTICLE, "headline": "Of another page", "url": "/other"}, {**ARTICLE, "mainEntityOfPage": {"@id": URL}}],
    ],
)
def test_the_article_is_found_wherever_it_is_nested(jsonld: object) -> None:
    assert read(make_page(jsonld=jsonld, title="", head=meta(og__title="x y z"))).title == ARTICLE["headline"]


def test_a_node_of_this_page_wins_over_one_with_this_headline() -> None:
    nodes = [
        {**ARTICLE, "author": "By the headline"},
        {**ARTICLE, "headline": "Another wording", "url": URL, "author": "By the URL"},
    ]
    assert read(make_page(jsonld=nodes, head=meta(og__title="A bridge for Oakmere"))).byline == "By the URL"


def test_a_claim_review_is_an_article_where_there_is_no_other() -> None:
    node = {"@type": "ClaimReview", "datePublished": "2026-05-13 15:44"}
    assert read(make_page(jsonld=node)).published == datetime(2026, 5, 13, 15, 44, tzinfo=UTC)


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ('{"@type": "NewsArticle", "headline": "A "quoted" word"}', "JSON-LD block 1: Expecting ',' delimiter"),
        ("[" * 50_000 + "]" * 50_000, "JSON-LD block 1: maximum recursion depth"),
        ('{"headline": "' + "x" * 2_100_000 + '"}', "JSON-LD block 1: 2,100,016 characters"),
        ("[" + "{}," * 30_000 + "{}]", "JSON-LD block 1: more nodes than the 20,000"),
    ],
)
def test_json_ld_that_cannot_be_read_is_reported(script: str, problem: str) -> None:
    page = read(make_page(head=f'<script type="application/ld+json">{script}</script>', jsonld=ARTICLE))
    assert page.problems[0].startswith(problem)
    assert page.text.startswith(PARAGRAPHS[0])


@pytest.mark.parametrize("wrapped", ["//<![CDATA[\n{}\n//]]>", "<!-- {} -->", "{};", "\n{}\n"])
def test_json_ld_in_a_wrapper_is_read(wrapped: str) -> None:
    node = '{"@type": "NewsArticle", "headline": "A\nbridge", "author": {"name": "Ines Marlow"}}'
    head = f'<script type="application/ld+json">{wrapped.replace("{}", node, 1)}</script>'
    page = read(make_page(head=head))
    assert (page.byline, page.problems) == ("Ines Marlow", ())


# -- title


@pytest.mark.parametrize(
    ("html", "title"),
    [
        (make_page(title="A bridge"), "A bridge"),
        (
            make_page(title="", head=meta(og__title="A bridge | The Daily Example", og__site_name="The Daily Example")),
            "A bridge",
        ),
        (make_page(title="", head=meta(og__title="A bridge – daily.example")), "A bridge"),
        (make_page(title="A bridge", head=meta(og__title="A bridge ｜例えば新聞")), "A bridge"),
        (make_page(title="A bridge", jsonld={**ARTICLE, "headline": "A bridge - Politics - 4.3.2026"}), "A bridge"),
        (make_page(title="Ferry - or bridge?", head=meta(og__title="Ferry - or bridge?")), "Ferry - or bridge?"),
        (make_page(title="Short", jsonld=ARTICLE, head=meta(og__title="A bridge for Oakmere")), "A bridge for Oakmere"),
        (make_page(title="A", jsonld={**ARTICLE, "headline": "Caf&eacute; &amp;amp; bridge"}), "Café & bridge"),
        (make_page(title="", head=meta(twitter__title="By the card")), "By the card"),
    ],
)
def test_the_headline_is_what_most_fields_agree_on_without_the_site(html: str, title: str) -> None:
    assert read(html).title == title


def test_the_window_title_is_the_last_resort() -> None:
    html = make_page(title="A bridge").replace("<h1>A bridge</h1>", "")
    assert read(html.replace("| The Daily Example", "| daily.example")).title == "A bridge"


# -- byline


@pytest.mark.parametrize(
    ("author", "byline"),
    [
        ("Ines Marlow", "Ines Marlow"),
        ({"@type": "Person", "name": "Ines Marlow"}, "Ines Marlow"),
        ([{"name": "Ines Marlow"}, {"name": "dpa"}, "Ines Marlow"], "Ines Marlow, dpa"),
        ({"name": ["Ines Marlow", "Ole Tarn"]}, "Ines Marlow, Ole Tarn"),
        ([], ""),
        ({"name": None}, ""),
        (42, ""),
    ],
)
def test_authors_in_every_form(author: object, byline: str) -> None:
    assert read(make_page(jsonld={**ARTICLE, "author": author})).byline == byline


def test_an_author_by_reference_is_looked_up() -> None:
    graph = [{**ARTICLE, "author": {"@id": "#ines"}}, {"@id": "#ines", "@type": "Person", "name": "Ines Marlow"}]
    assert read(make_page(jsonld={"@graph": graph})).byline == "Ines Marlow"


def test_a_profile_address_is_no_author() -> None:
    head = meta(article__author="https://social.example/daily") + '<meta name="author" content="Ines Marlow">'
    assert read(make_page(head=head)).byline == "Ines Marlow"
    assert read(make_page(before='<a rel="author" href="/ines">Ines <b>Marlow</b></a>')).byline == "Ines Marlow"


# -- dates


@pytest.mark.parametrize(
    ("html", "published", "raw"),
    [
        (
            make_page(jsonld={**ARTICLE, "datePublished": "2026-03-04T08:30:00Z"}),
            "2026-03-04 08:30",
            "2026-03-04T08:30:00Z",
        ),
        (
            make_page(head=meta(article__published_time="2026-03-04T09:30+01:00")),
            "2026-03-04 08:30",
            "2026-03-04T09:30+01:00",
        ),
        (make_page(head=meta(article__published__time="2026-03-04T08:30Z")), "2026-03-04 08:30", "2026-03-04T08:30Z"),
        (
            make_page(before='<span itemprop="datePublished" content="2026-03-04">x</span>'),
            "2026-03-04 00:00",
            "2026-03-04",
        ),
        (make_page(before='<time datetime="2026-03-04T08:30Z">today</time>'), "2026-03-04 08:30", "2026-03-04T08:30Z"),
        (make_page(before='<p class="date-published">March 4, 2026</p>'), "2026-03-04 00:00", "2026-03-04"),
        (make_page(head=meta(article__published_time="yesterday")), None, "yesterday"),
        (make_page(), None, ""),
    ],
)
def test_dates_of_every_kind(html: str, published: str | None, raw: str) -> None:
    page = read(html)
    expected = datetime.fromisoformat(published).replace(tzinfo=UTC) if published else None
    assert (page.published, page.published_raw) == (expected, raw)


def test_structured_dates_come_before_visible_ones() -> None:
    html = make_page(
        jsonld={**ARTICLE, "datePublished": "2026-03-04T08:30Z"}, before='<time datetime="2026-01-01T00:00Z">'
    )
    assert read(html).published == datetime(2026, 3, 4, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ("2026-03-04T18:11:01+02:00", datetime(2026, 3, 4, 16, 11, 1, tzinfo=UTC)),
        ("2026-03-09T18:11:01+02:00", datetime(2026, 3, 4, 18, 11, 1, tzinfo=UTC)),  # another date: not the same fact
    ],
)
def test_a_date_without_zone_yields_to_the_same_date_with_one(other: str, expected: datetime) -> None:
    html = make_page(
        jsonld={**ARTICLE, "datePublished": "2026-03-04 18:11:01.0"}, head=f'<meta name="date" content="{other}">'
    )
    assert read(html).published == expected


def test_updates_are_no_publications() -> None:
    page = read(make_page(head=meta(article__modified_time="2026-03-05T08:30Z", og__updated_time="2026-03-06T08:30Z")))
    assert page.updated == datetime(2026, 3, 5, 8, 30, tzinfo=UTC)


# -- URLs


@pytest.mark.parametrize(
    ("head", "canonical", "og_url"),
    [
        ("", "", ""),
        ('<link rel="canonical" href="https://other.example/a">', "https://other.example/a", ""),
        ('<link rel="Canonical nofollow" href="/b">', "https://daily.example/b", ""),
        ('<link rel=canonical href=""><link rel=canonical href="c">', "https://daily.example/oakmere/c", ""),
        ('<link rel="canonical" href="javascript:alert(1)">', "", ""),
        ('<meta property="og:url" content="/d?x=1">', "", "https://daily.example/d?x=1"),
        ('<meta property="og:url" content="//m.daily.example/e">', "", "https://m.daily.example/e"),
        ('<base href="https://static.example/x/"><link rel="canonical" href="f">', "https://static.example/x/f", ""),
        ('<meta name="og:url" content="ftp://daily.example/">', "", ""),
    ],
)
def test_canonical_and_og_url_are_kept_apart_and_absolute(head: str, canonical: str, og_url: str) -> None:
    page = read(make_page(head=head))
    assert (page.canonical_url, page.og_url) == (canonical, og_url)


def test_a_cross_domain_canonical_changes_nothing_else() -> None:
    head = '<link rel="canonical" href="https://original.example/bridge">'
    page, plain = read(make_page(head=head)), read(make_page())
    assert page.canonical_url == "https://original.example/bridge"
    assert (page.title, page.text, page.site_name) == (plain.title, plain.text, plain.site_name)


# -- language, site, provenance, paywall


@pytest.mark.parametrize(
    ("lang", "head", "language"),
    [
        ("de", "", "de"),
        ("pt_BR", "", "pt-BR"),
        ("zh-Hant-TW", "", "zh-Hant-TW"),
        ("", '<meta http-equiv="content-language" content="sv">', "sv"),
        ("{{ lang }}", meta(og__locale="de_AT"), "de-AT"),
        ("", "", ""),
    ],
)
def test_language(lang: str, head: str, language: str) -> None:
    assert read(make_page(lang=lang, head=head)).language == language


def test_site_name() -> None:
    assert read(make_page(head=meta(og__site_name="The Daily"))).site_name == "The Daily"
    assert read(make_page(jsonld={**ARTICLE, "publisher": {"name": "Daily Ltd"}})).site_name == "Daily Ltd"
    assert read(make_page()).site_name == ""


def test_provenance_is_kept_by_field() -> None:
    node = {
        **ARTICLE,
        "isBasedOn": "https://wire.example/1",
        "sourceOrganization": {"@type": "Organization", "name": "Wire Example"},
        "provider": [{"name": "First"}, {"name": "Second"}],
        "creditText": "Wire &amp; Daily",
        "copyrightHolder": {"@id": "#daily"},
        "publisher": {"@id": "#daily", "name": "The Daily Example"},
        "author": {"name": "Ines Marlow"},
    }
    head = meta(article__distributor_name="Content Agency", article__distributor_category="wires")
    for name in ("original-source", "syndication-source", "DC.source", "dcterms.source", "copyright"):
        head += f'<meta name="{name}" content="by {name}">'
    assert dict(read(make_page(jsonld=node, head=head)).provenance) == {
        "jsonld:isBasedOn": "https://wire.example/1",
        "jsonld:sourceOrganization": "Wire Example",
        "jsonld:provider": "First; Second",
        "jsonld:creditText": "Wire & Daily",
        "jsonld:copyrightHolder": "The Daily Example",
        "jsonld:publisher": "The Daily Example",
        "meta:original-source": "by original-source",
        "meta:syndication-source": "by syndication-source",
        "meta:article:distributor_category": "wires",
        "meta:article:distributor_name": "Content Agency",
        "dc:source": "by DC.source; by dcterms.source",
        "meta:copyright": "by copyright",
    }


def test_no_statement_no_provenance() -> None:
    assert dict(read(make_page()).provenance) == {}


@pytest.mark.parametrize(
    ("stated", "is_paywalled"),
    [(False, True), ("False", True), ("http://schema.org/False", True), (True, False), ("true", False), (None, False)],
)
def test_paywall(stated: object, is_paywalled: bool) -> None:
    assert read(make_page(jsonld={**ARTICLE, "isAccessibleForFree": stated})).is_paywalled is is_paywalled


def test_locked_content_tier_is_a_paywall() -> None:
    assert read(make_page(head=meta(article__content_tier="locked"))).is_paywalled
    assert not read(make_page(head=meta(article__content_tier="metered"))).is_paywalled
