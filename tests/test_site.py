"""The report as a folder of pages: that it holds together, is well formed, stays small, and leaves nothing stale."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import html5lib
import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup import Duplicates
from dedup.model import Alone, Article, Attribution, Cluster, Link, Match, Passage
from dedup.report import write_html, write_site
from dedup.report.diagrams import draw_network, map_lags
from dedup.report.edits import find_edits
from dedup.report.entries import HEADLINE_CHARACTERS, data_of, strip_x
from dedup.report.flows import Flow, flows_of, shares_of
from dedup.report.pairs import Pair, align
from dedup.report.served import ServedSite
from dedup.report.site import ROWS_PER_PAGE, Site
from tests.report_sample import SAMPLE, all_pairs, article, at, hostile_duplicates

ATTACK = "\"'></script><script>document.title=1</script><img src=x onerror=alert(1)>{{ 7 * 7 }}"
NOTHING = Duplicates({}, (), ())


def many_clusters(n: int) -> Duplicates:
    """Make clusters of two articles with long headlines."""
    title = "記者会見で明らかにした新しい橋の計画について町の人々が話し合った" * 3
    articles = [
        article(f"{k:05}{side}", f"outlet{k % 90}{side}.example", "ja", at(2, 6), title, "one two three four five")
        for k in range(n)
        for side in "ab"
    ]
    whole = (Passage(0, 23, 0, 23),)
    return Duplicates(
        {one.id: one for one in articles},
        tuple(Match(f"{k:05}a", f"{k:05}b", "exact", 1.0, 1.0, 1.0, whole) for k in range(n)),
        tuple(Cluster(f"{k:05}a", (f"{k:05}a", f"{k:05}b"), Attribution(f"{k:05}a", 0.9)) for k in range(n)),
    )


SITES = {
    "sample": SAMPLE,
    "nothing": NOTHING,
    "all pairs": all_pairs(12),
    "hostile": hostile_duplicates(ATTACK),
    "many": many_clusters(ROWS_PER_PAGE + 5),
}


@pytest.fixture(scope="module", params=SITES)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    write_site(SITES[request.param], folder)
    return folder


def pages_of(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.html")}


def links_of(text: str) -> list[str]:
    return [
        str(href)
        for href in lxml.html.document_fromstring(text).xpath("//a[not(ancestor::template)]/@href | //link/@href")
    ]


# -- that it holds together


def test_every_page_is_well_formed(site: Path) -> None:
    pages = pages_of(site)
    for name in sorted(pages, key=len)[:40]:
        html5lib.HTMLParser(strict=True).parse(pages[name])


def test_the_single_page_is_well_formed(tmp_path: Path) -> None:
    for found in SITES.values():
        page = write_html(found, tmp_path / "report.html")
        html5lib.HTMLParser(strict=True).parse(page.read_text(encoding="utf-8"))


def test_every_link_leads_to_a_page_and_a_place(site: Path) -> None:
    pages = pages_of(site)
    ids = {name: set(lxml.html.document_fromstring(text).xpath("//@id")) for name, text in pages.items()}
    for name, text in pages.items():
        for href in links_of(text):
            if href.startswith("https://"):
                continue
            path, _, fragment = href.partition("#")
            target = (site / name).parent.joinpath(path).resolve() if path else (site / name).resolve()
            assert target.is_file(), f"{name} links to {href}"
            where = target.relative_to(site.resolve()).as_posix()
            if fragment and where in ids:
                assert fragment in ids[where], f"{name} links to {href}"


def test_ids_are_unique(site: Path) -> None:
    for name, text in pages_of(site).items():
        repeated = [key for key, n in Counter(lxml.html.document_fromstring(text).xpath("//@id")).items() if n > 1]
        assert repeated == [], name


def test_no_page_names_what_lies_outside(site: Path) -> None:
    for name, text in pages_of(site).items():
        tree = lxml.html.document_fromstring(text)
        loaded = tree.xpath(
            "//link/@href | //script/@src | //img/@src | //iframe/@src | //*[@style] | //object | //form/@action"
        )
        assert [str(one) for one in loaded if not str(one).endswith("report.css")] == [], name
        assert "default-src 'none'" in tree.xpath("//meta[@http-equiv]/@content")[0]
        assert "unsafe" not in tree.xpath("//meta[@http-equiv]/@content")[0]


@pytest.mark.parametrize("name", ["sample", "hostile"])
def test_the_same_duplicates_give_the_same_bytes(name: str, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        write_site(SITES[name], tmp_path / folder)
    files = {p.relative_to(tmp_path / "one"): p.read_bytes() for p in (tmp_path / "one").rglob("*") if p.is_file()}
    assert files
    assert files == {
        p.relative_to(tmp_path / "two"): p.read_bytes() for p in (tmp_path / "two").rglob("*") if p.is_file()
    }


def test_pages_of_an_earlier_report_go_and_other_files_stay(tmp_path: Path) -> None:
    write_site(SITES["many"], tmp_path)
    (tmp_path / "clusters" / "notes.html").write_text("mine")
    (tmp_path / "clusters-mine.html").write_text("mine")
    write_site(SAMPLE, tmp_path)
    assert len(list((tmp_path / "clusters").iterdir())) == len(SAMPLE.clusters) + 1
    assert not (tmp_path / "clusters-2.html").exists()
    assert (tmp_path / "clusters-mine.html").read_text() == "mine"


def test_a_page_asked_for_is_the_page_written(tmp_path: Path) -> None:
    write_site(SAMPLE, tmp_path)
    site = Site(SAMPLE)
    for name, text in pages_of(tmp_path).items():
        assert site.page(name) == text.partition("\n<!-- made of ")[0]
    for name in (
        "",
        "index",
        "../index.html",
        "clusters/x.html",
        "clusters-1.html",
        "sources/../index.html",
        "a/b.html",
    ):
        assert site.page(name) is None


# -- what it shows


def test_of_many_clusters_the_start_page_lists_the_first_and_holds_all_as_data(tmp_path: Path) -> None:
    start = write_site(SITES["many"], tmp_path).read_text(encoding="utf-8")
    tree = lxml.html.document_fromstring(start)
    assert len(tree.xpath("//tbody[@id='rows']/tr")) == ROWS_PER_PAGE
    second = lxml.html.parse(str(tmp_path / "clusters-2.html"))
    assert len(second.xpath("//tbody[@id='rows']/tr")) == 5
    data = json.loads(tree.xpath("//script[@id='data']/text()")[0])
    assert len(data["rows"]) == ROWS_PER_PAGE + 5


def test_the_data_stays_within_its_bytes() -> None:
    entries = Site(SITES["many"]).entries
    text, n = data_of(entries, max_bytes=10**6)
    assert n == len(entries)
    packed = json.loads(text.replace("\\u003c", "<"))
    assert max(len(row[1]) for row in packed["rows"]) <= HEADLINE_CHARACTERS
    text, n = data_of(entries, max_bytes=45_000)
    assert n == len(entries)
    assert len(text.encode()) <= 45_000
    text, n = data_of(entries, max_bytes=3_000)
    assert 0 < n < len(entries)
    assert len(text.encode()) <= 3_000


def test_data_cannot_end_the_script_it_stands_in() -> None:
    text, _ = data_of(Site(SITES["hostile"]).entries, max_bytes=10**6)
    assert "<" not in text
    assert ATTACK in json.loads(text)["rows"][0][1]


def test_the_newest_day_comes_first_then_the_largest() -> None:
    entries = Site(SAMPLE).entries
    days = [entry.last.date() for entry in entries if entry.last]
    assert days == sorted(days, reverse=True)


def test_new_means_of_the_last_night() -> None:
    found = dict(SAMPLE.articles)
    assert not any(entry.is_new for entry in Site(SAMPLE).entries)
    key = "bus-en"
    found[key] = replace(found[key], first_seen=datetime(2026, 11, 6, 2, tzinfo=UTC))
    entries = Site(replace(SAMPLE, articles=found)).entries
    assert [entry.headline for entry in entries if entry.is_new] == [SAMPLE.articles["bus-fr"].title]


def test_a_large_cluster_has_a_page_for_each_pair_with_the_origin(tmp_path: Path) -> None:
    write_site(all_pairs(120), tmp_path)
    assert len(list((tmp_path / "pairs").iterdir())) == 118  # one more stands on the cluster's page
    text = next((tmp_path / "clusters").iterdir()).read_text(encoding="utf-8")
    assert "further pairs of this cluster are not laid out" in text


# -- edits


words = st.lists(
    st.sampled_from(["the", "old", "bridge", "will", "be", "rebuilt", "by", "Brücke", "42", "記", "者"]), max_size=12
)


@given(left=words, right=words)
def test_without_its_edits_both_sides_read_the_same(left: list[str], right: list[str]) -> None:
    a, b = " ".join(left), " ".join(right)
    edits = find_edits(a, b)
    if not (edits.left or edits.right):
        return
    rests = []
    for text, spans in ((a, edits.left), (b, edits.right)):
        assert list(spans) == sorted(spans)
        kept = text
        for start, end in reversed(spans):
            assert 0 <= start < end <= len(text)
            kept = kept[:start] + kept[end:]
        rests.append(kept.split())
    assert rests[0] == rests[1]


def test_typography_and_capitals_are_no_edits() -> None:
    assert find_edits("„Die Lage“, sagte SIE", '"Die Lage" sagte sie').left == ()


def test_where_most_differs_nothing_is_marked() -> None:
    assert find_edits("one two three four", "five six seven four").left == ()


# -- translated pairs


def test_aligned_rows_hold_every_stretch_once() -> None:
    a, b = SAMPLE.articles["bus-fr"], SAMPLE.articles["bus-en"]
    match = next(m for m in SAMPLE.matches if m.kind == "translated")
    left, right = Pair(match, a, b).sides()
    rows = align(left, right)
    assert [row.passage for row in rows if row.passage] == [1]
    told = "".join(s.head + s.middle + s.tail for row in rows for s in row.right)
    assert "".join(told.split()) == "".join(b.text.split())
    assert "".join(rows[-1].right[0].head.split()).startswith("Source:")


# -- sources


def test_shares_agree_with_the_profiles_and_name_whence(seed_duplicates: Duplicates) -> None:
    for found in (SAMPLE, seed_duplicates):
        shares = shares_of(found)
        for profile in found.sources():
            of = shares[profile.source]
            assert (of.n_articles, of.n_original) == (profile.n_articles, profile.n_original)
            given = Counter({flow.giver: flow.n for flow in flows_of(found) if flow.taker == profile.source})
            assert given == Counter(dict(profile.copies_from))


def test_flows_count_lags_between_dated_articles_only() -> None:
    start = at(2, 6)
    of = {
        "a": Article(id="a", text="", source="a.example", published=start),
        "b": Article(id="b", text="", source="b.example", published=start + timedelta(hours=2)),
        "c": Article(id="c", text="", source="b.example", published=datetime(2026, 11, 3, tzinfo=UTC)),
        "d": Article(id="d", text="", source="d.example"),
    }
    links = (Link("b", "a", 0.9), Link("c", "a", 0.9), Link("d", "agency:dpa", 0.9))
    alone = (Alone("d", Attribution("outlet:Blick", 0.9)),)
    found = Duplicates(of, (), (Cluster("a", ("a", "b", "c"), links=links),), alone=alone)
    assert flows_of(found) == (
        Flow("a.example", "b.example", 2, 2.0, 1),
        Flow("agency:dpa", "d.example", 1),
        Flow("outlet:Blick", "d.example", 1),
    )
    of_d = shares_of(found)["d.example"]
    assert (of_d.n_syndicated, of_d.n_copied, of_d.n_original) == (1, 0, 0)


@given(
    st.lists(
        st.builds(Flow, st.sampled_from("abcdefgh"), st.sampled_from("uvwxyz"), st.integers(1, 400)),
        max_size=30,
        unique_by=lambda flow: (flow.giver, flow.taker),
    )
)
def test_bars_of_the_network_do_not_overlap(flows: list[Flow]) -> None:
    network = draw_network(flows)
    for nodes in (network.givers, network.takers):
        for above, below in pairwise(nodes):
            assert above.y + above.height <= below.y
        assert all(node.y + node.height <= network.height for node in nodes)
    assert len(network.ribbons) + network.n_left_out == len(flows)


def test_the_heat_map_has_a_cell_for_each_dated_flow() -> None:
    flows = [Flow("a", "x", 3, 1.0, 3), Flow("a", "y", 1, None), Flow("b", "x", 1, 30.0, 1)]
    heat = map_lags(flows)
    assert (heat.givers, heat.takers) == (("a", "b"), ("x",))
    assert heat.cells == ((flows[0],), (flows[2],))


def test_the_strip_is_logarithmic_and_ends_at_two_weeks() -> None:
    assert [strip_x(minutes) for minutes in (-5, 0, 60, 1440, 20_160, 10**9)] == [0, 0, 100, 176, 240, 240]


# -- hostile articles


def test_nothing_of_an_article_becomes_markup(tmp_path: Path) -> None:
    found = hostile_duplicates(ATTACK)
    write_site(found, tmp_path, title=ATTACK)
    served = ServedSite(found)
    more = {"search": served.search_page(ATTACK, (), 0), "form": served.check_form(text=ATTACK, problem=ATTACK)}
    for name, text in (pages_of(tmp_path) | more).items():
        tree = lxml.html.document_fromstring(text)
        assert len(tree.xpath("//script[not(@type)]")) == 1, name
        assert not tree.xpath("//img | //@onerror"), name
        assert not [href for href in tree.xpath("//a/@href") if re.match(r"\s*(javascript|data):", href)], name
        assert "49" not in " ".join(tree.xpath("//title/text() | //h1//text()")), name


def test_hostile_names_do_not_reach_a_path(tmp_path: Path) -> None:
    write_site(hostile_duplicates("../../../escape"), tmp_path / "deep" / "site")
    assert [path.name for path in tmp_path.iterdir()] == ["deep"]
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["site"]


# -- colours


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2, of two colours as #rrggbb."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_text_stands_out_from_what_it_may_stand_on(theme: int) -> None:
    of_theme = [
        {name: value if len(value) == 7 else "#" + "".join(2 * c for c in value[1:]) for name, value in found}
        for found in (
            re.findall(r"--([\w-]+): (#\w{3}(?:\w{3})?);", block)
            for block in re.findall(r":root \{(.*?)\}", Site(NOTHING).style, re.DOTALL)[:2]
        )
    ]
    colours = of_theme[0] | of_theme[theme]
    grounds = ["paper", "card"]
    pairs = [(text, ground) for text in ("ink", "soft", "link", "accent", "grey", "outside") for ground in grounds]
    pairs += [(f"n{k}", ground) for k in range(6) for ground in grounds]  # badges
    pairs += [("ink", f"m{k}") for k in range(6)]  # passages
    pairs += [("on-n", f"n{k}") for k in range(6)] + [("on-accent", "accent"), ("soft", "faint")]
    pairs += [("on-dark-heat" if k < 3 else "on-light-heat", f"h{k}") for k in range(7)]
    weak = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}
    for mark in ("field", "later", "accent", "c-source", "c-agency", "c-outlet", "c-own", "c-copied"):
        assert contrast(colours[mark], colours["paper"]) >= 3, mark
