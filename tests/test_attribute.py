"""Who had it first: clues, their weight against each other, and when to say nothing."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.attribute import attribute, credits_of
from dedup.attribute.lexicon import lexicon
from dedup.attribute.names import Names, host_of, main_label, same_host
from dedup.model import Article, Attribution, Cluster, Match

NOON = datetime(2026, 6, 5, 12, 0, 30, tzinfo=UTC)
BODY = "The minister said on Friday that the old bridge would open again next spring after long repairs. " * 8


def article(
    id_: str, tail: str = "", *, source: str | None = None, hours: float | None = None, **more: object
) -> Article:
    published = None if hours is None else NOON + timedelta(hours=hours)
    values: dict[str, object] = {
        "text": BODY + (f"\n\n{tail}" if tail else ""),
        "source": f"paper{id_}.example" if source is None else source,
        "published": published,
    }
    return Article(id=id_, **{**values, **more})  # type: ignore[arg-type]


def attributed(*articles: Article, **numbers: float) -> Attribution:
    by_id = {a.id: a for a in articles}
    ids = tuple(sorted(by_id))
    matches = [Match(a, b, "near", 0.9, 0.9, 0.9) for a, b in combinations(ids, 2)]
    found = attribute(Cluster(ids[0], ids), articles=by_id, matches=matches, **numbers)  # type: ignore[arg-type]
    assert (found.id, found.articles) == (ids[0], ids)
    return found.attribution


# -- credits


def test_a_credit_to_a_member_names_that_article() -> None:
    got = attributed(article("copy", "Source: Blick"), article("b", source="blick.ch"))
    assert got.origin == "b"
    assert got.confidence > 0.9
    assert [(clue.kind, clue.article, clue.quote) for clue in got.clues] == [("credit line", "copy", "Source: Blick")]


def test_a_credit_to_nobody_at_hand_names_an_outlet() -> None:
    got = attributed(article("copy", "Source: Blick"), article("x"))
    assert got.origin == "outlet:Blick"


def test_papers_that_credit_one_agency_have_it_as_origin() -> None:
    got = attributed(
        article("a", "(dpa)", hours=0), article("b", "Quelle: dpa", hours=9), article("c", hours=-5), article("d")
    )
    assert got.origin == "agency:dpa"
    assert got.confidence > 0.9
    assert {clue.article for clue in got.clues} == {"a", "b"}


def test_the_agency_itself_is_its_article() -> None:
    got = attributed(article("a", "(dpa)"), article("wire", source="dpa.com"))
    assert got.origin == "wire"
    got = attributed(article("a", "(dpa)"), article("wire", source="dpa"))
    assert got.origin == "wire"


def test_a_credit_beats_an_earlier_date_and_the_contradiction_is_told() -> None:
    got = attributed(article("copy", "Source: Blick", hours=-3), article("b", source="blick.ch", hours=0))
    assert got.origin == "b"
    assert any(
        "papercopy.example credits blick.ch but was published at least 2.8 h before it" in text
        for text in got.contradictions
    )


def test_credits_lead_to_their_root() -> None:
    got = attributed(
        article("repost", "Source: Blick"),
        article("b", "(dpa)", source="blick.ch"),
        article("c", "Source: paperrepost.example"),
    )
    assert got.origin == "agency:dpa"
    assert {clue.article for clue in got.clues} == {"repost", "b", "c"}


def test_a_circle_of_credits_is_told_and_decides_nothing() -> None:
    got = attributed(article("a", "Source: paperb.example"), article("b", "Source: papera.example"))
    assert got.origin is None
    assert (
        got.contradictions[0]
        == "credits go round in a circle: papera.example credits paperb.example credits papera.example"
    )
    got = attributed(article("a", "Source: paperb.example", hours=0), article("b", "Source: papera.example", hours=8))
    assert got.contradictions[0].startswith("credits go round in a circle")


def test_credits_to_different_agencies_contradict() -> None:
    got = attributed(article("a", "(dpa)"), article("b", "(dpa)"), article("c", "(AFP)"))
    assert got.origin == "agency:dpa"
    assert got.contradictions == ("paperc.example credits agency:afp, not agency:dpa",)
    assert attributed(article("a", "(dpa)"), article("c", "(AFP)")).origin is None
    assert attributed(article("a", "(dpa)"), article("c", "(AFP)"), min_confidence=0.1).origin is None


def test_agencies_credited_together_do_not_contradict() -> None:
    got = attributed(article("a", "(dpa/AFP)"), article("b", "(AFP/dpa)"))
    assert got.origin == "agency:afp"
    assert got.contradictions == ("papera.example, paperb.example also credit agency:dpa",)


def test_an_outlets_own_name_is_no_clue() -> None:
    got = attributed(article("a", "Quelle: Tagblatt Münster", source="tagblatt-muenster.example"), article("b"))
    assert got == Attribution(None)


def test_one_source_counts_once() -> None:
    one = attributed(article("a", "(dpa)"), article("b"))
    many = attributed(*(article(f"a{i}", "(dpa)", source="a.example") for i in range(9)), article("b"))
    assert many.confidence == one.confidence


@pytest.mark.parametrize(
    ("credit", "source"),
    [
        ("Blick", "blick.ch"),
        ("BLICK.CH", "blick.ch"),
        ("https://www.blick.ch/news/1", "blick.ch"),
        ("Tagblatt Münster", "tagblatt-muenster.example"),
        ("Münstersches Tagblatt", "muenstersches-tagblatt.example"),
        ("Muenstersches Tagblatt", "münstersches-tagblatt.example"),
        ("The New York Times", "nytimes.com"),
        ("New York Times", "nytimes.com"),
        ("Frankfurter Allgemeine Zeitung", "faz.net"),
        ("F.A.Z.", "faz.net"),
        ("Süddeutsche Zeitung", "sueddeutsche.de"),
        ("El País", "elpais.com"),
        ("The Guardian", "theguardian.com"),
        ("BBC News", "bbc.co.uk"),
        ("Le Monde", "lemonde.fr"),
        ("Beispiel-Zeitung", "Beispiel-Zeitung"),
    ],
)
def test_a_name_is_matched_to_a_members_domain(credit: str, source: str) -> None:
    assert attributed(article("copy", f"Source: {credit}"), article("orig", source=source)).origin == "orig"


@pytest.mark.parametrize(
    ("credit", "source"),
    [("Blick", "einblick.example"), ("Tagblatt Münster", "tagblatt-bern.example"), ("The Times", "nytimes.com")],
)
def test_another_outlets_name_is_not(credit: str, source: str) -> None:
    assert attributed(article("copy", f"Source: {credit}"), article("orig", source=source)).origin == f"outlet:{credit}"


def test_a_byline_of_a_members_outlet_counts_only_in_its_cluster() -> None:
    copy = article("copy", byline="Jo Doe (Blick)")
    assert credits_of(copy) == ()
    assert attributed(copy, article("b", source="blick.ch")).origin == "b"
    assert attributed(copy, article("x")).origin is None


# -- structured fields and canonical URLs


FIELDS = [
    ("rss:source", "Blick https://www.blick.ch/rss", "orig"),
    ("rss:source", "Blick", "orig"),
    ("rss:source", "Blick https://news.google.com/rss", "orig"),
    ("rss:source", "The Globe and Mail", "outlet:The Globe and Mail"),
    ("meta:source", "来源：新华网", "agency:xinhua"),
    ("meta:copyright", "© 2026 dpa", "agency:dpa"),
    ("meta:agency", "dpa/AFP", "agency:dpa"),
    ("jsonld:isBasedOn", "https://www.blick.ch/politik/1.html", "orig"),
    ("jsonld:publisher", "Blick", "orig"),
    ("jsonld:sourceOrganization", "Deutsche Presse-Agentur", "agency:dpa"),
    ("jsonld:provider", "AFP", "agency:afp"),
    ("jsonld:copyrightHolder", "The Associated Press", "agency:ap"),
    ("meta:original-source", "https://elsewhere.example/1", "outlet:elsewhere.example"),
    ("meta:syndication-source", "https://apnews.com/article/1", "agency:ap"),
    ("meta:article:distributor_name", "States Newsroom", "agency:states-newsroom"),
    ("dc:source", "dpa", "agency:dpa"),
]


@pytest.mark.parametrize(("field", "value", "origin"), FIELDS)
def test_structured_fields(field: str, value: str, origin: str) -> None:
    copy = article("copy", provenance={field: value})
    got = attributed(copy, article("orig", source="blick.ch"))
    if field == "jsonld:publisher":  # the outlet's own publisher is no statement
        assert got.origin is None
        return
    assert got.origin == origin
    clue = got.clues[0]
    assert clue.where == f"provenance:{field}"
    assert clue.quote == value[clue.start : clue.end]


@pytest.mark.parametrize(
    "provenance",
    [
        {"jsonld:provider": "Example Media Group"},
        {"jsonld:copyrightHolder": "Example Publishing Ltd."},
        {"jsonld:publisher": "Example Publishing"},
        {"rss:source": "papercopy.example"},
        {"rss:source": "https://news.google.com/rss"},
        {"jsonld:isBasedOn": "https://papercopy.example/1"},
        {"jsonld:isBasedOn": "https://www.youtube.com/watch?v=1"},
        {"something:else": "dpa"},
        {"rss:source": ""},
        {"rss:source": "http://["},
    ],
)
def test_fields_that_state_nothing(provenance: dict[str, str]) -> None:
    assert credits_of(article("copy", provenance=provenance)) == ()


@pytest.mark.parametrize("where", ["canonical_url", "og_url"])
def test_a_canonical_url_elsewhere(where: str) -> None:
    url = "https://www.blick.ch/politik/1.html"
    stated: dict[str, object] = {"url": "https://papercopy.example/9", where: url}
    copy = article("copy", **stated)  # type: ignore[arg-type]
    got = attributed(copy, article("b", source="blick.ch", url="https://www.blick.ch/politik/1.html?utm=1"))
    assert got.origin == "b"
    assert [(clue.kind, clue.where, clue.quote) for clue in got.clues] == [("canonical", where, url)]
    assert attributed(copy, article("x")).origin == "outlet:blick.ch"
    assert [clue.points_to for clue in credits_of(copy)] == ["outlet:blick.ch"]


@pytest.mark.parametrize(
    "url",
    [
        "https://www.papercopy.example/9",
        "https://amp.papercopy.example/9",
        "/9",
        "",
        "https://news.google.com/1",
        "http://[",
        "//",
    ],
)
def test_a_canonical_url_at_home_or_nowhere(url: str) -> None:
    assert credits_of(article("copy", url="https://papercopy.example/1", canonical_url=url)) == ()


def test_a_url_names_the_very_article_whatever_its_source_is_called() -> None:
    copy = article("copy", provenance={"jsonld:isBasedOn": "http://papers.example/one/1"})
    one = article("one", source="One", url="http://papers.example/one/1/")
    two = article("two", source="Two", url="http://papers.example/two/1/")
    assert attributed(copy, one, two).origin == "one"


def test_a_url_of_ones_own_first_version_is_no_clue() -> None:
    update = article("two", source="One", provenance={"jsonld:isBasedOn": "http://papers.example/one/1"})
    first = article("one", source="One", url="http://papers.example/one/1")
    assert attributed(update, first, article("x")).origin is None


# -- time


def test_the_earliest_date_is_a_weak_clue() -> None:
    got = attributed(article("a", hours=5), article("b", hours=0), article("c", hours=6))
    assert got.origin == "b"
    assert 0.6 < got.confidence < 0.8
    assert [(clue.kind, clue.where) for clue in got.clues] == [("time", "published")]


def test_a_lag_within_the_clocks_error_tells_nothing() -> None:
    assert attributed(article("a", hours=0), article("b", hours=0.1)).origin is None


def test_dates_without_a_time_are_good_to_the_day_only() -> None:
    day = NOON.replace(hour=0, minute=0, second=0)
    same = [article("a", published=day), article("b", published=NOON)]
    assert attributed(*same).origin is None
    later = [article("a", published=day), article("b", published=day + timedelta(days=3))]
    got = attributed(*later)
    assert got.origin == "a"
    exact = attributed(article("a", hours=0), article("b", hours=72))
    assert got.confidence < exact.confidence
    raw = [article("a", hours=0, published_raw="5 June 2026"), article("b", hours=6, published_raw="5 June 2026")]
    assert attributed(*raw).origin is None
    midnight = [article("a", published=day, published_raw="Fri, 05 Jun 2026 00:00:00 +0200"), article("b", hours=0)]
    assert attributed(*midnight).origin is None
    noon = [article(id_, hours=h, published_raw=f"2026-06-05T{12 + h}:00:30+00:00") for id_, h in (("a", 0), ("b", 5))]
    assert attributed(*noon).origin == "a"


def test_without_any_clue_nothing_is_said() -> None:
    assert attributed(article("a"), article("b")) == Attribution(None)
    assert attributed(article("a", hours=1), article("b")) == Attribution(None)


def test_first_seen_breaks_a_tie() -> None:
    early, late = NOON, NOON + timedelta(days=1)
    got = attributed(article("a", first_seen=late), article("b", first_seen=early))
    assert got.origin == "b"
    assert got.confidence < 0.65
    assert (
        attributed(article("a", first_seen=early + timedelta(minutes=9)), article("b", first_seen=early)).origin is None
    )


def test_impossible_dates_are_left_out_and_told() -> None:
    seen = NOON + timedelta(hours=3)
    got = attributed(
        article("a", published=datetime(1970, 1, 1, 5, 5, tzinfo=UTC), first_seen=seen),
        article("b", hours=0, first_seen=seen),
        article("c", published=NOON + timedelta(days=400), first_seen=seen),
    )
    assert got.origin is None
    assert got.contradictions == (
        "papera.example is dated 1970-01-01, which cannot be; the date was left out",
        "paperc.example is dated 2027-07-10, which cannot be; the date was left out",
    )


def test_the_end_of_a_chain_is_not_its_origin_by_date() -> None:
    articles = {
        a.id: a for a in (article("a", hours=0), article("b", hours=5), article("c", hours=6), article("d", hours=7))
    }
    chain = [Match("a", "b", "near", 0.5, 0.5, 0.5), Match("b", "c", "near", 0.5, 0.5, 0.5)]
    star = [Match("a", other, "near", 0.5, 0.5, 0.5) for other in "bcd"]
    cluster = Cluster("a", tuple("abcd"))
    weak = attribute(cluster, articles=articles, matches=chain).attribution
    strong = attribute(cluster, articles=articles, matches=star).attribution
    assert strong.confidence > weak.confidence


def test_a_date_of_a_paper_that_credits_others_is_no_clue_for_it() -> None:
    got = attributed(article("a", "With files from Reuters", hours=0), article("b", hours=5), article("c", hours=6))
    assert got.origin == "agency:reuters"
    assert all(clue.kind != "time" for clue in got.clues)


# -- revisions


def test_the_first_revision_stands_for_its_source() -> None:
    got = attributed(
        article("copy", "Source: Blick"),
        article("b2", source="blick.ch", hours=0),
        article("b1", source="blick.ch", hours=4),
    )
    assert got.origin == "b2"


def test_revisions_alone_begin_with_the_first() -> None:
    got = attributed(article("b", source="a.example", hours=0), article("a", source="a.example", hours=4))
    assert got.origin == "b"
    assert attributed(article("b", source="a.example"), article("a", source="a.example")).origin is None


# -- alone but not original


def test_an_article_alone_can_state_its_source() -> None:
    (clue,) = credits_of(article("copy", "Source: Blick"))
    assert (clue.points_to, clue.where, clue.quote) == ("outlet:Blick", "text", "Source: Blick")
    (clue,) = credits_of(article("copy", byline="hek/dpa"))
    assert (clue.points_to, clue.kind, clue.where, clue.quote) == ("agency:dpa", "byline", "byline", "dpa")


@pytest.mark.parametrize(
    ("byline", "expected"),
    [
        ("AFP", ["agency:afp"]),
        ("Von AFP", ["agency:afp"]),
        ("By The Associated Press", ["agency:ap"]),
        ("Jo Doe, Associated Press Writer", ["agency:ap"]),
        ("Jo Doe of The Associated Press", ["agency:ap"]),
        ("Jo Doe (Reuters)", ["agency:reuters"]),
        ("Cl Mit Dpa", ["agency:dpa"]),
        ("Tib/Dpa/Afp", ["agency:dpa", "agency:afp"]),
        ("Le Quotidien avec AFP", ["agency:afp"]),
        ("Redaktion, dpa", ["agency:dpa"]),
        ("Agencia EFE", ["agency:efe"]),
        ("共同通信", ["agency:kyodo"]),
        ("beispiel.example", ["outlet:beispiel.example"]),
        ("Jo Doe", []),
        ("Petra Sid", []),
        ("Jo Reuter-Doe", []),
        ("Ap Doe", []),
        ("Foto: dpa", []),
        ("Jo Doe / Getty Images / AFP", []),
        ("Staff", []),
        ("", []),
    ],
)
def test_bylines(byline: str, expected: list[str]) -> None:
    assert [clue.points_to for clue in credits_of(article("a", byline=byline))] == expected


def test_an_agencys_own_byline_is_no_credit() -> None:
    assert credits_of(article("a", source="apnews.com", byline="Associated Press")) == ()


# -- laws


TAILS = [
    "",
    "",
    "(dpa)",
    "(dpa/AFP)",
    "Source: papera.example",
    "Source: paperb.example",
    "Quelle: Blick",
    "By AFP",
    "© 2026 AFP",
]


@st.composite
def clusters(draw: st.DrawFn) -> list[Article]:
    n = draw(st.integers(2, 6))
    return [
        article(
            f"id{i}",
            draw(st.sampled_from(TAILS)),
            source=draw(st.sampled_from(["papera.example", "paperb.example", "blick.ch", "", "dpa.com"])),
            hours=draw(st.sampled_from([None, 0, 1, 30])),
            byline=draw(st.sampled_from(["", "dpa", "Jo (Blick)"])),
            provenance=draw(
                st.sampled_from([{}, {"rss:source": "Blick"}, {"jsonld:isBasedOn": "http://paperb.example/1"}])
            ),
            canonical_url=draw(st.sampled_from(["", "https://papera.example/1"])),
            first_seen=draw(st.sampled_from([None, NOON, NOON + timedelta(days=2)])),
        )
        for i in range(n)
    ]


@given(clusters(), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_the_order_of_articles_does_not_matter_and_clues_hold(articles: list[Article], rng: random.Random) -> None:
    got = attributed(*articles)
    shuffled = articles[:]
    rng.shuffle(shuffled)
    assert attributed(*shuffled) == got
    assert 0 <= got.confidence <= 1
    assert (got.origin is None) == (got.confidence == 0) == (not got.clues)
    by_id = {a.id: a for a in articles}
    assert got.origin is None or got.origin in by_id or got.origin.startswith(("agency:", "outlet:"))
    assert [clue.weight for clue in got.clues] == sorted((clue.weight for clue in got.clues), reverse=True)
    for clue in got.clues:
        assert clue.weight > 0
        if clue.where in ("text", "byline", "canonical_url"):
            assert getattr(by_id[clue.article], clue.where)[clue.start : clue.end] == clue.quote


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=80), st.text(max_size=120))
@settings(max_examples=150, deadline=None)
def test_no_metadata_can_hurt(source: str, byline: str, url: str, value: str) -> None:
    fields = dict.fromkeys(lexicon().fields, value)
    strange = Article(
        id="s", text=value, source=source, byline=byline, url=url, canonical_url=url, og_url=value, provenance=fields
    )
    for clue in credits_of(strange):
        assert clue.points_to.startswith(("agency:", "outlet:"))
    attributed(strange, article("x", f"Source: {value}"))


@pytest.mark.parametrize(
    "junk", ["dpa/" * 250_000, "(" * 1_000_000, "http://" * 140_000, " " * 1_000_000, "a." * 500_000]
)
def test_a_megabyte_of_metadata_is_read_quickly(junk: str) -> None:
    start = time.process_time()
    credits_of(
        article("a", byline=junk, url=junk, canonical_url=junk, provenance=dict.fromkeys(lexicon().fields, junk))
    )
    assert time.process_time() - start < 30  # a quadratic step takes minutes


def test_a_large_cluster_is_attributed_quickly() -> None:
    articles = [article(f"{i:04}", "(dpa)" if i % 3 else "", source=f"paper{i}.example", hours=i) for i in range(300)]
    ids = tuple(a.id for a in articles)
    matches = [Match(a, b, "near", 0.9, 0.9, 0.9) for a, b in combinations(ids, 2)]
    got = attribute(Cluster(ids[0], ids), articles={a.id: a for a in articles}, matches=matches).attribution
    assert got.origin == "agency:dpa"


# -- the lists


def test_at_least_forty_agencies_each_with_its_source() -> None:
    words = lexicon()
    assert len(words.agencies) >= 40
    assert len(set(words.by_alias.values()) | set(words.by_exact.values())) == len(words.agencies)


def test_no_alias_means_two_agencies() -> None:
    import tomllib
    from importlib.resources import files

    rows = tomllib.loads((files("dedup") / "data" / "agencies.toml").read_text(encoding="utf-8"))["agency"]
    assert all(row["source"] for row in rows)
    ids = [row["id"] for row in rows]
    assert len(ids) == len(set(ids))
    folded = [alias.casefold() for row in rows for alias in {a.casefold() for a in row.get("aliases", ())}]
    exact = [alias for row in rows for alias in row.get("exact", ())]
    assert len(folded) == len(set(folded))
    assert len(exact) == len(set(exact))


def test_every_language_of_credit_lines_states_its_source() -> None:
    import tomllib
    from importlib.resources import files

    words = tomllib.loads((files("dedup") / "data" / "credit_lines.toml").read_text(encoding="utf-8"))
    fields = words.pop("field")
    assert all(entry["source"] for entry in [*words.values(), *fields])
    assert sum("labels" in entry for entry in words.values()) >= 20


# -- hosts and names


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.Blick.ch/1", "blick.ch"),
        ("blick.ch", "blick.ch"),
        ("//cdn.blick.ch", "cdn.blick.ch"),
        ("https://blick.ch:8443/1", "blick.ch"),
        ("http://[::1", ""),
        ("nothing", ""),
        ("", ""),
        ("javascript:alert(1)", ""),
        ("http://a..b/", ""),
    ],
)
def test_hosts(url: str, host: str) -> None:
    assert host_of(url) == host


def test_hosts_of_one_outlet() -> None:
    assert same_host("sport.bild.de", "bild.de")
    assert same_host("bbc.com", "news.bbc.co.uk")
    assert not same_host("one.blogspot.com", "two.blogspot.com")
    assert not same_host("welt.de", "weltwoche.ch")
    assert main_label("tagblatt-muenster.example") == "tagblatt-muenster"


@given(st.text(max_size=60))
def test_every_name_that_can_be_spelt_is_its_own(name: str) -> None:
    if any(c.isalnum() for c in name.casefold()):
        assert isinstance(name in Names([name]), bool)
    assert "" not in Names([name])
