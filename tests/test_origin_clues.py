"""What an original leaves in its copies, who copied from whom, and what follows: sources, licences, passages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import Duplicates, Settings, find_duplicates
from dedup.attribute import FAMILIES, Attributed, attribute_all, credits_of, source_of_credit, translated_from
from dedup.attribute.background import find_house_phrases
from dedup.attribute.editing import cut_at
from dedup.attribute.foreign import language_of
from dedup.attribute.licences import Partners
from dedup.attribute.sources import profile_sources
from dedup.furniture import find_furniture
from dedup.ingest.files import read_corpus
from dedup.model import Article, Clue, Cluster, Link, Match, Passage
from dedup.report import read_jsonl
from tests.conftest import REPO

NOON = datetime(2026, 6, 5, 12, 0, 30, tzinfo=UTC)
BODY = "The minister said on Friday that the old bridge would open again next spring after long repairs. " * 8


def article(id_: str, text: str = BODY, *, hours: float | None = None, **more: object) -> Article:
    published = None if hours is None else NOON + timedelta(hours=hours)
    values: dict[str, object] = {"source": f"paper{id_}.example", "published": published}
    return Article(id=id_, text=text, **{**values, **more})  # type: ignore[arg-type]


def judged(
    *articles: Article, matches: list[Match] | None = None, others: tuple[Article, ...] = (), **more: object
) -> Attributed:
    ids = tuple(sorted(a.id for a in articles))
    if matches is None:
        matches = [Match(a, b, "near", 0.9, 0.9, 0.9) for a, b in combinations(ids, 2)]
    corpus = {a.id: a for a in sorted((*articles, *others), key=lambda a: a.id)}
    return attribute_all([Cluster("c", ids)], articles=corpus, matches=matches, **more)  # type: ignore[arg-type]


def clues_for(found: Attributed, kind: str) -> list[Clue]:
    attribution = found.clusters[0].attribution
    everything = [*attribution.clues, *(clue for other in attribution.alternatives for clue in other.clues)]
    return [clue for clue in everything if clue.kind == kind]


# -- residue


@pytest.mark.parametrize(
    ("words", "source"),
    [
        ("She told BLICK that it was over.", "blick.ch"),
        ("She told Blick that it was over.", "blick.ch"),
        ("„Das war's“, sagte sie zu BLICK.", "blick.ch"),
        ("Dies sagte er gegenüber «Blick».", "blick.ch"),
        ("As blick.ch writes, it is over.", "blick.ch"),
        ("Das deutsche «Tagblatt Münster» war dabei.", "tagblatt-muenster.example"),
        ("Der Elbe-Kurier war dabei.", "elbekurier.example"),
        ("Об этом рассказал «Вестник».", "Вестник"),
    ],
)
def test_the_origins_name_in_a_copy_is_a_clue(words: str, source: str) -> None:
    copy = article("copy", f"{BODY}{words} {BODY}")
    (clue,) = clues_for(judged(copy, article("b", source=source)), "mention")
    assert (clue.article, clue.points_to) == ("copy", "b")
    assert copy.text[clue.start : clue.end] == clue.quote


@pytest.mark.parametrize(
    ("words", "source"),
    [
        ("Der Blick auf die Brücke ist frei.", "blick.ch"),
        ("Die ganze Welt sah zu.", "welt.de"),
        ("It was a world record.", "world.example"),
        ("Einblick gibt es nicht.", "blick.ch"),
        ("He told Reuters that it was over.", "reuters.com"),  # agencies are cited everywhere
    ],
)
def test_a_word_that_is_also_a_name_is_none(words: str, source: str) -> None:
    found = judged(article("copy", f"{BODY}{words} {BODY}"), article("b", source=source))
    assert clues_for(found, "mention") == []


def test_house_phrases_are_lines_of_one_source() -> None:
    line = "More of this every morning in your Herald"
    house = [article(f"h{i}", f"{i} {BODY}\n{line}", source="herald.example") for i in range(6)]
    stranger = article("s", f"{BODY}\n{line}")
    assert find_house_phrases([*house, stranger])[line] == "herald.example"
    found = judged(house[0], stranger, others=tuple(house[1:]))
    (clue,) = clues_for(found, "house phrase")
    assert (clue.article, clue.points_to, clue.quote) == ("s", "h0", line)
    assert find_house_phrases(house[:3]) == {}


def test_money_of_one_members_country_is_a_weak_clue() -> None:
    text = f"{BODY} It cost 3 million Swiss francs."
    (clue,) = clues_for(judged(article("a", text, source="a.com"), article("b", text, source="b.ch")), "local currency")
    assert (clue.article, clue.points_to, clue.quote) == ("a", "b", "Swiss francs")
    assert clue.weight < 1


def test_a_link_to_another_member_is_a_clue_and_a_link_elsewhere_is_none() -> None:
    links = {"page:links": "https://blick.ch/1 https://elsewhere.example/2"}
    copy = article("copy", provenance=links)
    (clue,) = clues_for(judged(copy, article("b", source="blick.ch", url="https://www.blick.ch/1")), "link")
    assert (clue.points_to, clue.quote) == ("b", "https://blick.ch/1")
    assert clues_for(judged(copy, article("x")), "link") == []
    assert credits_of(copy) == ()


# -- editing


@pytest.mark.parametrize(
    ("text", "is_cut"),
    [
        ("The council met on Monday and ...", True),
        ("The council met on Monday and […]", True),
        ("The council met. Read more", True),
        ("Der Rat tagte am Montag. Weiterlesen …", True),
        ("Le conseil s'est réuni.\nLire la suite", True),
        ("They hoped to read more", False),
        ("The council met on Monday.", False),
        ("", False),
    ],
)
def test_a_text_that_breaks_off_was_cut(text: str, is_cut: bool) -> None:
    assert (cut_at(text) >= 0) == is_cut


def test_direction_of_editing() -> None:
    whole, cut = article("whole", BODY + "And so on. " * 60), article("cut", BODY[:300] + " ...")
    match = Match("cut", "whole", "excerpt", 0.3, 0.98, 0.3, (Passage(0, 290, 0, 290),))
    (clue,) = clues_for(judged(whole, cut, matches=[match]), "cut short")
    assert (clue.article, clue.points_to, clue.quote) == ("cut", "whole", "...")
    plain = replace(cut, text=BODY[:300])
    (clue,) = clues_for(judged(whole, plain, matches=[match]), "contained")
    assert (clue.article, clue.points_to) == ("cut", "whole")
    deep = replace(match, passages=(Passage(0, 290, 700, 990),))
    (clue,) = clues_for(judged(whole, plain, matches=[deep]), "embedded")
    assert (clue.article, clue.points_to) == ("whole", "cut")


def test_a_copy_of_a_later_version_was_copied_from_there() -> None:
    first, second = article("b1", source="blick.ch", hours=0), article("b2", source="blick.ch", hours=5)
    copy = article("c", hours=6)
    matches = [
        Match("b1", "b2", "near", 0.7, 0.9, 0.9, relation="revision"),
        Match("b1", "c", "near", 0.65, 0.8, 0.8),
        Match("b2", "c", "near", 0.95, 0.97, 0.97),
    ]
    found = judged(first, second, copy, matches=matches)
    (clue,) = clues_for(found, "copied revision")
    assert clue.points_to == "b1"
    cluster = found.clusters[0]
    assert cluster.attribution.origin == "b1"
    assert {(link.copy, link.copied_from) for link in cluster.links} == {("b2", "b1"), ("c", "b2")}
    assert cluster.independent_sources == 1


# -- languages


GERMAN_MARKS = (
    "Chancellor Karl Anders (61) met Premier Eva Moldau (48) in the capital at 14 o'clock. According to the daily "
    "“Wacht”, they spoke for hours. The party boss was not there, nor were 12.500 people who had come. It cost 3,5 "
    "million euros. (kes)"
)
PLAIN = (
    "The bridge across the river will open again in May, the council said on Monday. It has been closed for the last "
    "two years, and the repairs have cost more than the town had planned for them in its budget. Residents were glad."
)  # fmt: skip


def test_marks_of_a_language_add_up() -> None:
    found = translated_from(article("a", GERMAN_MARKS, language="en"))
    assert found is not None
    assert (found.language, found.name) == ("de", "German")
    assert found.confidence > 0.9
    assert len(found.clues) >= 5
    for clue in found.clues:
        assert GERMAN_MARKS[clue.start : clue.end].strip() == clue.quote


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (PLAIN, "en"),
        (PLAIN, ""),
        (GERMAN_MARKS, "de"),  # at home there is nothing strange about them
        ("Olaf Marten (61) was there.", "en"),
        ("", "en"),
        ("", ""),
    ],
)
def test_one_mark_or_none_is_no_translation(text: str, language: str) -> None:
    assert translated_from(article("a", text, language=language)) is None


def test_a_text_tells_its_own_language_by_its_small_words() -> None:
    assert language_of(article("a", PLAIN)) == "en"
    german = (
        "Die Brücke über den Fluss wird im Mai geöffnet, und der Rat hat mit der Stadt nach Mitteln für sie gesucht. "
    )
    assert language_of(article("a", german * 3)) == "de"
    assert language_of(article("a", "12 34")) == ""


def test_the_language_of_a_translation_points_to_the_member_that_writes_it() -> None:
    english, german = article("e", GERMAN_MARKS, language="en"), article("g", "Die Brücke.", language="de-CH")
    found = judged(english, german, matches=[Match("e", "g", "translated", 0.0, 0.0, 0.0)])
    (clue,) = clues_for(found, "translation")
    assert (clue.article, clue.points_to) == ("e", "g")
    assert found.clusters[0].attribution.origin == "g"


@given(st.text(max_size=300), st.sampled_from(["", "en", "de", "x", "zh-Hant"]))
@settings(max_examples=60, deadline=None)
def test_any_text_can_be_looked_at(text: str, language: str) -> None:
    found = translated_from(article("a", text, language=language))
    assert found is None or 0 < found.confidence < 1
    for piece in find_furniture(text):
        assert 0 <= piece.start < piece.end <= len(text)
    assert cut_at(text) < max(len(text), 1)


# -- verdicts


def test_every_family_can_be_switched_off() -> None:
    copy = article("copy", BODY + "\n\nSource: Blick", hours=5, provenance={"rss:source": "Blick"})
    origin = article("b", source="blick.ch", hours=0)
    whole = judged(copy, origin).clusters[0].attribution
    assert {clue.family for clue in whole.clues} == {"credit", "structured", "time"}
    for family in FAMILIES:
        less = judged(copy, origin, clues_off=[family]).clusters[0].attribution
        assert {clue.family for clue in less.clues} == {clue.family for clue in whole.clues} - {family}
    nothing = judged(copy, origin, clues_off=FAMILIES).clusters[0].attribution
    assert nothing.origin is None


def test_what_clues_add_is_their_sum_and_within_their_familys_cap() -> None:
    got = judged(*(article(k, BODY + "\n\n(dpa)") for k in "abcdef"), article("x", hours=1)).clusters[0].attribution
    assert got.origin == "agency:dpa"
    assert all(0 <= clue.counted <= clue.weight for clue in got.clues)
    assert sum(clue.counted for clue in got.clues) == pytest.approx(6.0)


def test_runners_up_are_named_and_share_what_is_left() -> None:
    got = judged(article("a", BODY + "\n\n(dpa)"), article("b", BODY + "\n\n(dpa)"), article("c", BODY + "\n\n(AFP)"))
    attribution = got.clusters[0].attribution
    assert attribution.origin == "agency:dpa"
    (other,) = attribution.alternatives
    assert other.origin == "agency:afp"
    assert other.confidence < attribution.confidence
    assert attribution.confidence + other.confidence <= 1


def test_what_a_source_does_elsewhere_is_no_verdict_by_itself() -> None:
    own = tuple(article(f"o{i}", f"{i} {PLAIN}", source="papera.example") for i in range(9))
    others = tuple(article(f"t{i}", f"{i} {PLAIN}\n\n(dpa)", source="paperb.example") for i in range(9))
    got = judged(article("a"), article("b"), others=(*own, *others))
    assert got.clusters[0].attribution.origin is None
    dated = judged(article("a", hours=0), article("b", hours=3), others=(*own, *others))
    assert {clue.kind for clue in dated.clusters[0].attribution.clues} == {"time", "history"}


# -- who copied from whom


def test_a_repost_of_a_repost_is_laid_to_the_repost() -> None:
    wire = BODY + "The first paragraph. The second one. The third."
    outlet = article("o", "(dpa) - " + wire, source="blick.ch", hours=0)
    repost = article("r", BODY + "\n\nSource: Blick", hours=4)
    matches = [Match("o", "r", "near", 0.8, 0.8, 1.0)]
    cluster = judged(outlet, repost, matches=matches).clusters[0]
    assert cluster.attribution.origin == "agency:dpa"
    assert {(link.copy, link.copied_from) for link in cluster.links} == {("o", "agency:dpa"), ("r", "o")}
    assert all(link.is_credited for link in cluster.links)
    assert cluster.independent_sources == 1


def test_inherited_edits_tell_whom_it_was_copied_from() -> None:
    first, second, third = article("a", hours=0), article("b", hours=3), article("c", hours=6)
    matches = [
        Match("a", "b", "near", 0.7, 0.8, 0.9),
        Match("a", "c", "near", 0.65, 0.75, 0.9),
        Match("b", "c", "near", 0.97, 0.98, 0.98),
    ]
    links = {link.copy: link.copied_from for link in judged(first, second, third, matches=matches).clusters[0].links}
    assert links == {"b": "a", "c": "b"}


LINKED = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.floats(0.5, 1)),
    min_size=1,
    max_size=12,
    unique_by=lambda t: t[:2],
)


@given(
    LINKED,
    st.lists(
        st.sampled_from(["", "Source: papera0.example", "(dpa)", "Source: papera3.example"]), min_size=6, max_size=6
    ),
)
@settings(max_examples=80, deadline=None)
def test_links_never_run_in_circles(pairs: list[tuple[int, int, float]], tails: list[str]) -> None:
    articles = [article(f"a{i}", f"{BODY}\n\n{tails[i]}", hours=i % 3) for i in range(6)]
    shared = {(min(i, j), max(i, j)): likeness for i, j, likeness in pairs if i != j}
    matches = [Match(f"a{i}", f"a{j}", "near", x, x, x) for (i, j), x in sorted(shared.items())]
    cluster = judged(*articles, matches=matches).clusters[0]
    copied_from = {link.copy: link.copied_from for link in cluster.links}
    assert len(copied_from) == len(cluster.links)
    for start in copied_from:
        seen = set()
        current = start
        while current in copied_from:
            assert current not in seen
            seen.add(current)
            current = copied_from[current]
    assert 1 <= cluster.independent_sources <= 6
    assert all(0 <= link.confidence <= 1 for link in cluster.links)


# -- alone, stitched, licences, sources


def test_an_article_alone_that_credits_another_is_a_copy_from_outside() -> None:
    corpus = [
        article("a", PLAIN + "\n\nSource: Blick"),
        article("b", BODY),
        article("m", BODY[::-1] + "With files from AFP"),
    ]
    duplicates = find_duplicates(corpus)
    (alone,) = duplicates.alone
    assert (alone.article, alone.attribution.origin, alone.licence) == ("a", "outlet:Blick", "")
    assert alone.attribution.confidence > 0.7
    assert "1 article from outside, by their own credit" in repr(duplicates)


def test_the_passages_of_a_stitched_article_have_origins_of_their_own(tmp_path: Path) -> None:
    one = (
        "The council of Oakmere decided on Monday to rebuild the old bridge across the river by next spring at last. "
        * 3
    )
    two = (
        "A flock of two hundred storks has settled in the meadows near the mill, more than in any year before this. "
        * 3
    )
    corpus = [
        article("a", one + "Nobody spoke against it in the long debate that followed.", hours=0),
        article("b", two + "They come from the south and will stay until the autumn.", hours=1),
        article("c", f"In brief\n\n{one}\n\n{two}", hours=9),
    ]
    duplicates = find_duplicates(corpus)
    parts = [part for part in duplicates.stitched if part.article == "c"]
    assert [part.origin for part in parts] == ["a", "b"]
    text = duplicates.articles["c"].text
    assert "council of Oakmere" in text[parts[0].start : parts[0].end]
    assert "flock of two hundred storks" in text[parts[1].start : parts[1].end]
    again = read_jsonl(duplicates.to_jsonl(tmp_path / "all.jsonl"))
    assert again == duplicates


@pytest.mark.parametrize(
    ("tail", "listed", "licence"),
    [
        ("Source: Blick", {"blick.ch": ["papercopy.example"]}, "licensed"),
        ("Source: Blick", {"blick.ch": []}, "credited"),
        ("", {"blick.ch": ["papercopy.example"]}, "credit missing"),
        ("", {"Blick": ["*"]}, "credit missing"),
        ("", {"blick.ch": ["other.example"]}, "unlicensed"),
        ("Source: Blick", {"agency:dpa": ["papercopy.example"]}, ""),
        ("Source: Blick", {}, ""),
        ("", {}, ""),
    ],
)
def test_licences(tail: str, listed: dict[str, list[str]], licence: str) -> None:
    copy = article("copy", f"{BODY}\n\n{tail}", hours=5)
    cluster = judged(copy, article("b", source="blick.ch", hours=0), partners=listed).clusters[0]
    assert [link.licence for link in cluster.links] == [licence]


def test_licences_of_agencies_and_of_articles_alone() -> None:
    partners = Partners({"dpa": ["papera.example"]})
    assert partners.licence("agency:dpa", "papera.example", is_credited=True) == "licensed"
    assert partners.licence("agency:dpa", "paperb.example", is_credited=True) == "credited"
    corpus = [article("a", PLAIN + "\n\n(dpa)")]
    (alone,) = find_duplicates(corpus, settings=Settings(partners={"agency:dpa": ("papera.example",)})).alone
    assert alone.licence == "licensed"


def test_what_sources_publish() -> None:
    articles = {a.id: a for a in (article(f"{k}{i}", hours=i, source=f"{k}.example") for k in "abc" for i in range(8))}
    links = (*(Link(f"b{i}", f"a{i}", 1.0) for i in range(7)), Link("c0", "agency:dpa", 1.0))
    articles |= {f"b{i}": replace(articles[f"b{i}"], published=NOON + timedelta(hours=2 * i + 1)) for i in range(7)}
    duplicates = Duplicates(articles, (), (Cluster("x", tuple(articles), links=links),))
    profiles = {profile.source: profile for profile in duplicates.sources()}
    assert duplicates.sources() == profile_sources(duplicates)
    assert profiles["a.example"].copied_by == (("b.example", 7),)
    assert profiles["a.example"].share_original == 1.0
    b = profiles["b.example"]
    assert (b.copies_from, b.n_syndicated, b.share_syndicated) == ((("a.example", 7),), 7, 7 / 8)
    assert b.median_lag_h == pytest.approx(4.0)
    assert b.lag_interval_h is not None
    assert list(b.lag_interval_h) == pytest.approx([1.0, 7.0])
    assert profiles["c.example"].median_lag_h is None


def test_a_credited_outlet_is_found_among_sources() -> None:
    assert source_of_credit("outlet:Blick", ["blick.ch"]) == "blick.ch"
    assert source_of_credit("agency:reuters", ["reuters.com", "blick.ch"]) == "reuters.com"
    assert source_of_credit("outlet:Blick", ["einblick.example"]) is None


# -- page furniture


@pytest.mark.parametrize(
    ("tail", "kinds"),
    [
        ("Related Posts\n\nA storm is coming\n\nThe mill has burnt down", ["related articles"]),
        ("Lesen Sie auch:\n\nEin Sturm zieht auf", ["related articles"]),
        ("À lire aussi\n\nUne tempête arrive", ["related articles"]),
        ("Читайте также\n\nБуря", ["related articles"]),
        ("相关新闻\n\n暴风雨", ["related articles"]),
        ("Share this:", ["share"]),
        ("Jo Doe\n\nJo Doe is a staff writer who likes bridges.", ["author box"]),
        ("© 2026 Daily Example. All rights reserved.", ["legal line"]),
        ("Source: Blick\n\nfollow:", ["share"]),
        ("", []),
        ("Source: Blick", []),
        ("Read more books, the council said.", []),
    ],
)
def test_furniture_behind_an_article(tail: str, kinds: list[str]) -> None:
    text = f"{PLAIN}\n\n{PLAIN}\n\n{tail}"
    found = find_furniture(text)
    assert [piece.kind for piece in found] == kinds
    assert all(piece.start >= 2 * len(PLAIN) for piece in found)


def test_related_articles_take_what_follows_and_prose_is_never_furniture() -> None:
    text = (
        f"{PLAIN}\n\nRelated Posts\n\nA storm is coming, and it will be with us for days on end, forecasters say now."
    )
    (piece,) = find_furniture(text)
    assert text[piece.start : piece.end].endswith("forecasters say now.")
    assert find_furniture("Share\n\n" + PLAIN) == ()


def test_a_name_in_a_credit_is_not_counted_twice() -> None:
    found = judged(
        article("copy", BODY + "\n\nSource: Harbour Gazette"), article("b", source="harbour-gazette.example")
    )
    assert clues_for(found, "mention") == []
    assert len(clues_for(found, "credit line")) == 1


BLITZ = "blitz/velan-will-mit-hallam-reden"
REPOSTS = ("instant24/velan-now-wants-to-talk-to-hallam", "worldwire/velan-ready-for-talks")


def seed_world_cluster(ids: tuple[str, ...]) -> Cluster:
    articles = {a.id: a for a in read_corpus(REPO / "seeds" / "articles.jsonl", first_row=0) if isinstance(a, Article)}
    matches = [Match(BLITZ, repost, "translated", 0.0, 0.9, 0.9) for repost in REPOSTS if BLITZ in ids]
    matches.append(Match(*REPOSTS, "near", 0.6, 0.8, 0.8))
    corpus = {key: found for key, found in articles.items() if key in ids or not key.startswith("blitz/velan")}
    return attribute_all([Cluster("c", ids)], articles=corpus, matches=matches).clusters[0]


def test_the_german_outlet_is_named_for_its_reposts_in_english() -> None:
    found = seed_world_cluster((BLITZ, *REPOSTS))
    assert found.attribution.origin == BLITZ
    assert found.attribution.confidence > 0.95
    assert {"credit line", "translation", "time"} <= {clue.kind for clue in found.attribution.clues}
    assert {(link.copy, link.copied_from) for link in found.links} == {(repost, BLITZ) for repost in REPOSTS}


def test_without_the_german_article_the_outlet_is_named_outside_the_corpus() -> None:
    found = seed_world_cluster(REPOSTS)
    assert found.attribution.origin == "outlet:Blitz"
    assert {(link.copy, link.copied_from) for link in found.links} == {(repost, "outlet:Blitz") for repost in REPOSTS}
    assert found.independent_sources == 1
