"""The HTML report: what it shows, that it holds together, and that no article can make it do anything."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from pathlib import Path

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.model import Article, Attribution, Clue, Cluster, Duplicates, Match, Passage, Skip
from dedup.report import write_html
from dedup.report.pairs import FOLD_ABOVE_CHARACTERS, MAX_STRETCH_CHARACTERS, Pair, Side
from dedup.report.wording import web_address
from tests.report_sample import BY_ID, SAMPLE, all_pairs, hostile_duplicates

Element = lxml.html.HtmlElement


def page_of(found: Duplicates, folder: Path, **options: object) -> Element:
    text = write_html(found, folder / "report.html", **options).read_text(encoding="utf-8")  # type: ignore[arg-type]
    return lxml.html.document_fromstring(text)


def said(element: Element) -> str:
    return " ".join(" ".join(element.itertext()).split())


def by_class(element: Element, name: str) -> list[Element]:
    found: list[Element] = element.xpath(f'.//*[contains(concat(" ", @class, " "), " {name} ")]')
    return found


def cluster(page: Element, number: int) -> Element:
    return by_class(page, "cluster")[number - 1]


def rows(page: Element, number: int) -> list[str]:
    return [said(row) for row in cluster(page, number).xpath(".//table/tbody/tr")]


def pair_of(a: str, b: str, *passages: Passage) -> Pair:
    left, right = Article(id="a", text=a), Article(id="b", text=b)
    return Pair(Match("a", "b", "near", 0.5, 0.5, 0.5, passages), left, right)


def shown(side: Side) -> str:
    return "".join(s.head + s.middle + s.tail for s in side.stretches)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Element:
    return page_of(SAMPLE, tmp_path_factory.mktemp("report"))


# -- what it shows


def test_the_heading_counts_everything(page: Element) -> None:
    figures = [said(figure) for figure in by_class(page, "figures")[0]]
    assert figures == [
        "Articles compared 15",
        "Clusters 5",
        "Copies 13 2 exact · 4 near · 6 excerpt · 1 translated",
        "Revisions 1 of a publisher’s own articles",
        "Skipped 3 1 no text · 2 too short",
    ]
    assert said(by_class(page, "lede")[0]).startswith("14 articles of 15 share their text")


def test_an_origin_outside_the_corpus_is_named_with_its_clues(page: Element) -> None:
    (box,) = by_class(cluster(page, 1), "origin")
    assert box.get("data-origin") == "agency:dpa"
    assert said(box).startswith("Origin dpa agency — not in the corpus 96% confidence")
    assert "credit line in bergischer-bote.example : Quelle: dpa speaks for dpa · +2.2" in said(box)
    assert "1 more clue" in said(box)


def test_an_origin_in_the_corpus_is_marked_and_comes_first(page: Element) -> None:
    (box,) = by_class(cluster(page, 2), "origin")
    assert said(box).startswith("Origin harbourherald.example 2 Nov 2026, 06:00 91% confidence")
    assert "Against it morningdigest.example states no date" in said(box)
    first = rows(page, 2)[0]
    assert first.startswith("harbourherald.example Origin Six public moorings")


def test_an_unknown_origin_is_not_forced(page: Element) -> None:
    (box,) = by_class(cluster(page, 5), "origin")
    assert said(box).startswith("Origin unknown")
    assert "confidence" not in said(box)


def test_a_row_tells_date_kind_share_and_language(page: Element) -> None:
    _, wire, update, digest = rows(page, 2)
    assert "2 Nov 2026, 08:12 2 h 12 min later seen 5 Nov 2026, 02:10 exact 100% of this text is in the origin" in wire
    assert wire.endswith("side by side en")
    assert "near revision" in update
    assert "no date" in digest
    match = next(m for m in SAMPLE.matches if (m.a, m.b) == ("moorings", "moorings-digest"))
    assert f"excerpt {match.b_in_a:.0%} of this text is in the origin {match.a_in_b:.0%} of the origin is in" in digest


def test_without_an_origin_in_the_corpus_a_row_tells_the_best_match(page: Element) -> None:
    assert "of this text is in stadtkurier.example" in rows(page, 1)[0]
    assert "of this text is in bergischer-bote.example" in rows(page, 1)[1]


def test_every_match_is_laid_out_side_by_side(page: Element) -> None:
    assert len(by_class(page, "pair")) == len(SAMPLE.matches)
    pair = by_class(cluster(page, 4), "pair")[0]
    left, right = by_class(pair, "text")
    assert left.get("dir") == right.get("dir") == "rtl"
    assert left.get("lang") == "ar"
    match = next(m for m in SAMPLE.matches if m.a == "maktaba-1")
    (mark,) = left.xpath(".//mark")
    (passage,) = match.passages
    assert mark.text_content() == "1" + BY_ID["maktaba-1"].text[passage.a_start : passage.a_end]
    assert left.text_content().replace("1", "", 1) == BY_ID["maktaba-1"].text


def test_titles_are_links_to_the_articles(page: Element) -> None:
    (link,) = cluster(page, 5).xpath('.//table//a[contains(@href, "todai-2")]')
    assert link.get("href") == BY_ID["todai-2"].url
    assert link.get("rel") == "noopener noreferrer nofollow"
    assert link.get("lang") == "ja"


def test_skipped_rows_are_listed_with_their_reason(page: Element) -> None:
    (skips,) = by_class(page, "skips")
    assert "11 wetter-2 too short 4 words; at least 5 are needed" in said(skips)


def test_nothing_found_is_said_in_a_friendly_way(tmp_path: Path) -> None:
    found = said(page_of(Duplicates({"alone": BY_ID["alone"]}, (), ()), tmp_path))
    assert "Nothing was republished 1 article compared, and none shares" in found
    assert "Nothing to compare" in said(page_of(Duplicates({}, (), (), (Skip(0, "", "no text"),)), tmp_path))


def test_an_article_without_title_source_or_date_is_still_shown(tmp_path: Path) -> None:
    bare = {key: Article(id=key, text=f"Only the text of this article is known, nothing else. {key}") for key in "ab"}
    found = Duplicates(bare, (Match("a", "b", "near", 0.9, 0.9, 0.9),), (Cluster("a", ("a", "b")),))
    page = page_of(found, tmp_path)
    assert rows(page, 1)[0].startswith("unknown source Only the text of this article is known")
    assert "No passages are marked for this pair." in said(page)


# -- that it holds together


@pytest.mark.parametrize(
    "found", [SAMPLE, all_pairs(25), hostile_duplicates("x")], ids=["sample", "all pairs", "hostile"]
)
def test_ids_are_unique_and_every_link_inside_has_its_target(found: Duplicates, tmp_path: Path) -> None:
    page = page_of(found, tmp_path)
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    inside = [href[1:] for href in page.xpath("//a/@href") if href.startswith("#")]
    assert len(inside) > 4
    assert set(inside) <= set(ids)


def test_a_number_leads_to_its_counterpart_and_back(page: Element) -> None:
    labels = {label.get("id"): label for label in by_class(page, "n")}
    for key, label in labels.items():
        counterpart = labels[label.get("href")[1:]]
        assert counterpart.get("href") == "#" + key
        assert counterpart.text == label.text
        assert counterpart.getparent().get("class") == label.getparent().get("class")


def test_the_policy_names_the_style_and_the_script_by_hash(tmp_path: Path) -> None:
    text = write_html(SAMPLE, tmp_path / "report.html").read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy
    allowed = policy[1].replace("&#39;", "'")
    for tag in ("style", "script"):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, flags=re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in allowed
    assert allowed.startswith("default-src 'none';")
    assert "unsafe" not in allowed
    assert not re.search(r"<[^>]*\sstyle=|<[^>]*\son[a-z]+=|<(link|img|iframe|object|embed|base|form)\b", text)
    assert not re.search(r"@import|url\(|https?://", re.sub(r"<main.*</main>", "", text, flags=re.DOTALL))


# -- what is left out is counted


def test_of_a_large_cluster_each_article_keeps_its_pair_with_the_origin(tmp_path: Path) -> None:
    page = page_of(all_pairs(12), tmp_path)
    assert len(by_class(page, "pair")) == 11
    assert "55 further pairs of this cluster are not laid out here" in said(page)
    assert all(said(pair).startswith("outlet000.example and outlet") for pair in by_class(page, "pair"))


def test_the_rows_and_pairs_of_a_large_cluster_open_at_a_click(tmp_path: Path) -> None:
    page = page_of(all_pairs(25), tmp_path)
    assert len(rows(page, 1)) == 25
    assert len(by_class(page, "pair")) == 24
    rest, more_pairs = by_class(page, "more")
    assert said(rest).startswith("5 more articles")
    assert said(more_pairs).startswith("4 more pairs")
    assert len(rest.xpath(".//tbody/tr")) == 5
    assert len(by_class(more_pairs, "pair")) == 4


def test_without_an_origin_each_article_keeps_its_best_match(tmp_path: Path) -> None:
    found = all_pairs(12)
    best = {("003", "007"): 1.0}
    matches = tuple(replace(m, a_in_b=best.get((m.a, m.b), 0.8), b_in_a=0.8) for m in found.matches)
    page = page_of(replace(found, matches=matches, clusters=(Cluster("000", tuple(found.articles)),)), tmp_path)
    told = next(row for row in rows(page, 1) if row.startswith("outlet003"))
    assert "100% of this text is in outlet007.example" in told
    assert len(by_class(page, "pair")) <= 12


def test_a_page_too_large_leaves_texts_out_and_says_so(tmp_path: Path) -> None:
    n = len(BY_ID["bus-fr"].text) + len(BY_ID["bus-en"].text)
    page = page_of(SAMPLE, tmp_path, max_characters=n)
    assert said(page).count("Its texts are left out of this page") == len(SAMPLE.matches) - len(
        page.xpath("//details[@class='pair']")
    )
    assert len(by_class(page, "pair")) == len(SAMPLE.matches)
    assert 0 < len(page.xpath("//details[@class='pair']")) < 4


def test_matches_outside_any_cluster_and_further_skips_are_counted(tmp_path: Path) -> None:
    skips = tuple(Skip(row, "", "too short") for row in range(250))
    text = said(page_of(replace(SAMPLE, clusters=SAMPLE.clusters[1:], skips=skips), tmp_path))
    assert "5 further matches between articles that are in no cluster together" in text
    assert "50 further rows left out of this page" in text


def test_further_clues_are_folded_then_counted(tmp_path: Path) -> None:
    clues = tuple(Clue("time", "bus-fr", "bus-fr", 1.0, "published") for _ in range(70))
    attribution = Attribution("bus-fr", 0.5, clues, ("It is late.",) * 21)
    found = replace(SAMPLE, clusters=(Cluster("bus-fr", ("bus-en", "bus-fr"), attribution),))
    text = said(page_of(found, tmp_path))
    assert "65 more clues" in text
    assert "10 further clues left out" in text
    assert "1 further contradiction left out" in text


# -- the two columns


@st.composite
def pairs_with_passages(draw: st.DrawFn) -> Pair:
    a, b = draw(st.text("ab \n", max_size=40)), draw(st.text("ab \n", max_size=40))
    place = st.integers(-3, 45)
    return pair_of(a, b, *draw(st.lists(st.builds(Passage, place, place, place, place), max_size=6)))


@given(pair=pairs_with_passages())
def test_cutting_loses_no_character_and_every_passage_begins_once_on_both_sides(pair: Pair) -> None:
    left, right = pair.sides()
    assert (shown(left), shown(right)) == (pair.left.text, pair.right.text)
    begins = [[n for s in side.stretches for n in s.begins] for side in (left, right)]
    assert begins[0] == list(range(1, len(begins[0]) + 1))
    assert sorted(begins[1]) == begins[0]
    assert all(s.passage in begins[0] for s in (*left.stretches, *right.stretches) if s.passage)


def test_passages_that_overlap_on_one_side_are_all_linked() -> None:
    _, right = pair_of("0123456789" * 2, "0123456789", Passage(0, 8, 0, 8), Passage(10, 16, 2, 6)).sides()
    assert [(s.head, s.passage, s.begins) for s in right.stretches] == [
        ("01", 1, (1,)),
        ("2345", 2, (2,)),
        ("67", 1, ()),
        ("89", 0, ()),
    ]


def test_a_long_stretch_that_is_not_shared_is_folded_at_blanks() -> None:
    left, right = pair_of("shared " + "other words " * 100, "shared ", Passage(0, 6, 0, 6)).sides()
    folded = left.stretches[-1]
    assert folded.folded_extent.endswith(" words")
    assert folded.middle.startswith(" ")
    assert folded.tail.startswith(" ")
    assert len(folded.head) + len(folded.middle) + len(folded.tail) > FOLD_ABOVE_CHARACTERS
    assert not any(s.middle for s in right.stretches)


def test_texts_without_passages_are_not_folded() -> None:
    left, _ = pair_of("other words " * 100, "b").sides()
    assert [s.middle for s in left.stretches] == [""]


def test_a_stretch_longer_than_any_article_keeps_its_ends_and_says_how_much_is_gone() -> None:
    n = 4 * MAX_STRETCH_CHARACTERS
    left, _ = pair_of("x " * n, "x " * n, Passage(0, 2 * n, 0, 2 * n)).sides()
    (stretch,) = left.stretches
    assert len(stretch.head) + len(stretch.tail) == MAX_STRETCH_CHARACTERS
    assert stretch.omitted == f"{n - MAX_STRETCH_CHARACTERS // 2:,} words"


def test_left_is_the_origin_whatever_its_id() -> None:
    match = Match("a", "b", "near", 0.5, 0.25, 0.75, (Passage(0, 1, 2, 3),))
    pair = Pair(match, Article(id="b", text="xxS"), Article(id="a", text="S"))
    left, right = pair.sides()
    assert (pair.left_in_right, pair.right_in_left) == (0.75, 0.25)
    assert [s.passage for s in left.stretches] == [0, 1]
    assert [s.passage for s in right.stretches] == [1]


# -- hostile articles


def test_nothing_of_an_article_becomes_markup(tmp_path: Path) -> None:
    mark = '"><script>document.title=1</script><img src=x onerror=alert(1)>{{ 7 * 7 }}'
    page = page_of(hostile_duplicates(mark), tmp_path, title=mark)
    assert len(page.xpath("//script")) == 1
    assert not page.xpath("//img")
    assert not page.xpath("//@*[starts-with(name(), 'on')]")
    assert page.xpath("//title")[0].text == mark
    assert "49" not in said(page.xpath("//h1")[0])


def test_only_web_addresses_become_links(tmp_path: Path) -> None:
    page = page_of(hostile_duplicates("x"), tmp_path)
    assert not [href for href in page.xpath("//a/@href") if not href.startswith("#")]
    assert page.xpath("//tbody//td/span[@dir='auto']")


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "//x.example",
        "/path",
        "http://",
        "https:///x",
        "http:x",
        "ftp://x.example",
        "https://x.example/a b",
        "https://x.example/\n",
        "",
    ],
)
def test_other_addresses_are_dropped(url: str) -> None:
    assert web_address(url) == ""


@pytest.mark.parametrize("url", ["http://x.example", "HTTPS://x.example/?q=1#f", "https://пример.example/статья"])
def test_web_addresses_are_kept(url: str) -> None:
    assert web_address(url) == url


def test_furniture_is_shown_in_grey_and_templates_are_counted(tmp_path: Path) -> None:
    text = "The council voted on Monday to rebuild the old bridge across the river."
    of = {name: Article(id=name, text=f"{text} Subscribe to our letter.", source=f"{name}.example") for name in "ab"}
    spans = ((len(text) + 1, len(text) + 25),)
    match = Match("a", "b", "near", 0.9, 0.9, 0.9, (Passage(0, len(text), 0, len(text)),))
    template = Match("a", "c", "near", 0.9, 0.9, 0.9, relation="template")
    of["c"] = Article(id="c", text=text)
    found = Duplicates(of, (match, template), (Cluster("1", ("a", "b")),), (), {"a": spans, "b": spans})
    page = page_of(found, tmp_path)
    assert [said(element) for element in by_class(page, "furniture")] == ["Subscribe to our letter."] * 2
    assert "1 template" in said(by_class(page, "figures")[0])


def test_long_furniture_is_folded_and_no_fold_stands_inside_a_line(tmp_path: Path) -> None:
    text, footer = "The council voted on Monday to rebuild the old bridge.", "Subscribe to our letter. " * 60
    of = {name: Article(id=name, text=f"{text} {footer}", source=f"{name}.example") for name in "ab"}
    spans = ((len(text) + 1, len(text) + 1 + len(footer)),)
    match = Match("a", "b", "near", 0.9, 0.9, 0.9, (Passage(0, len(text), 0, len(text)),))
    found = Duplicates(of, (match,), (Cluster("1", ("a", "b")),), (), {"a": spans, "b": spans})
    page = page_of(found, tmp_path)
    (left, _) = by_class(page, "text")
    assert said(left.xpath(".//details/summary")[0]).endswith("of page furniture …")
    assert "".join(left.itertext()).count("Subscribe") == 60
    assert not page.xpath("//span//details | //mark//details | //p//details")
