from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from time import perf_counter

from hypothesis import given
from hypothesis import strategies as st

from dedup import Article, Match
from dedup.cluster import cluster

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def articles(**hours: float | None) -> dict[str, Article]:
    return {
        name: Article(
            id=name,
            text=name,
            source=f"{name}.example",
            published=None if hour is None else NOON + timedelta(hours=hour),
        )
        for name, hour in hours.items()
    }


def near(a: str, b: str) -> Match:
    return Match(a, b, "near", 0.9, 0.95, 0.95)


def holds(holder: str, part: str) -> Match:
    if holder < part:
        return Match(holder, part, "excerpt", 0.2, 0.2, 1.0)
    return Match(part, holder, "excerpt", 0.2, 1.0, 0.2)


def found(matches: list[Match], of: dict[str, Article]) -> list[tuple[str, ...]]:
    return [one.articles for one in cluster(sorted(matches, key=lambda match: (match.a, match.b)), of)]


def test_a_chain_of_matches_is_one_cluster() -> None:
    of = articles(a=0, b=1, c=2, d=3, e=4)
    assert found([near("a", "b"), near("b", "c"), near("d", "e")], of) == [("a", "b", "c"), ("d", "e")]
    assert found([], of) == []


def test_a_round_up_links_nobody_and_stands_in_each_cluster() -> None:
    of = articles(a=0, b=1, c=0, d=1, r=5)
    matches = [near("a", "b"), near("c", "d"), *(holds("r", part) for part in "abcd")]
    assert sorted(found(matches, of)) == [("a", "b", "r"), ("c", "d", "r")]
    assert len({one.id for one in cluster(matches, of)}) == 2


def test_copies_of_one_round_up_stand_in_the_same_clusters() -> None:
    of = articles(a=0, c=0, r=5, s=6)
    matches = [near("r", "s"), *(holds(holder, part) for holder in "rs" for part in "ac")]
    assert sorted(found(matches, of)) == [("a", "r", "s"), ("c", "r", "s")]


def test_an_original_with_two_excerpts_is_no_round_up() -> None:
    of = articles(original=0, x=2, y=3)
    assert found([holds("original", "x"), holds("original", "y")], of) == [("original", "x", "y")]


def test_a_long_copy_of_one_text_is_no_round_up() -> None:
    of = articles(a=0, b=1, long=5)
    assert found([near("a", "b"), holds("long", "a"), holds("long", "b")], of) == [("a", "b", "long")]


def test_without_dates_two_parts_of_one_text_stay_together() -> None:
    of = articles(a=None, c=None, r=None)
    assert found([holds("r", "a"), holds("r", "c")], of) == [("a", "c", "r")]


def test_without_dates_strangers_make_a_round_up() -> None:
    of = articles(a=None, b=None, c=None, d=None, r=None)
    matches = [near("a", "b"), near("c", "d"), *(holds("r", part) for part in "abcd")]
    strangers = {frozenset("ac"), frozenset("ad"), frozenset("bc"), frozenset("bd")}
    clusters = cluster(matches, of, are_strangers=lambda one, other: frozenset((one, other)) in strangers)
    assert sorted(one.articles for one in clusters) == [("a", "b", "r"), ("c", "d", "r")]


def test_without_dates_many_parts_make_a_round_up() -> None:
    of = articles(a=None, b=None, c=None, d=None, r=None)
    clusters = found([holds("r", part) for part in "abcd"], of)
    assert sorted(clusters) == [("a", "r"), ("b", "r"), ("c", "r"), ("d", "r")]


def test_two_tickers_glue_nothing() -> None:
    of = articles(a=0, b=0, c=0, d=0, r=5, s=6)
    matches = [near("a", "b"), near("c", "d"), *(holds(ticker, part) for ticker in "rs" for part in "abcd")]
    assert sorted(found(matches, of)) == [("a", "b", "r", "s"), ("c", "d", "r", "s")]


def test_templates_and_shared_quotes_join_nothing() -> None:
    of = articles(a=0, b=0, c=0, d=0)
    matches = [near("a", "b"), replace(near("b", "c"), relation="template")]
    matches.append(replace(near("c", "d"), relation="shared quote"))
    assert found(matches, of) == [("a", "b")]


def test_one_weak_bridge_is_cut() -> None:
    of = articles(a=0, b=1, c=2, d=3, e=4, f=5)
    dense = [near("a", "b"), near("a", "c"), near("b", "c"), near("d", "e"), near("d", "f"), near("e", "f")]
    weak = Match("c", "d", "excerpt", 0.35, 0.52, 0.51)
    assert found([*dense, weak], of) == [("a", "b", "c"), ("d", "e", "f")]
    others = [Match(a, d, "excerpt", 0.35, 0.52, 0.51) for a, d in (("a", "d"), ("b", "e"))]
    assert found([*dense, weak, *others], of) == [("a", "b", "c", "d", "e", "f")]


def test_a_single_article_is_never_cut_off() -> None:
    of = articles(a=0, b=1, c=2, d=3)
    dense = [near("a", "b"), near("a", "c"), near("b", "c")]
    assert found([*dense, Match("c", "d", "excerpt", 0.35, 0.52, 0.51)], of) == [("a", "b", "c", "d")]


def test_a_text_of_five_thousand_copies_is_one_cluster_in_linear_time() -> None:
    of = {f"{n:04}": Article(id=f"{n:04}", text="x") for n in range(5_002)}
    star = [near(f"{head:04}", f"{n:04}") for n in range(4, 5_000) for head in range(4)]
    chain = [near(f"{n:04}", f"{n + 1:04}") for n in range(4)]
    teasers = [holds("5001", f"{head:04}") for head in range(4)]  # a long text, compared with the heads only
    started = perf_counter()
    clusters = found([*star, *chain, *teasers, near("5000", "5001")], of)
    assert perf_counter() - started < 60
    assert [len(one) for one in clusters] == [5_000, 2]


def test_the_order_of_matches_does_not_matter() -> None:
    rng = Random(3)
    of = articles(**{f"x{n}": n % 3 for n in range(12)})
    for _ in range(50):
        pairs = {(min(i, j), max(i, j)) for i, j in (rng.sample(range(12), 2) for _ in range(14))}
        matches = [
            Match(f"x{i}", f"x{j}", *((("near", 0.8, 0.9, 0.9)) if rng.random() < 0.4 else ("excerpt", 0.3, 0.5, 0.6)))
            for i, j in sorted(pairs)
        ]
        expected = cluster(matches, of)
        rng.shuffle(matches)
        assert cluster(matches, of) == expected


def test_a_cluster_keeps_its_name_when_later_nights_bring_more() -> None:
    early, late = NOON, NOON + timedelta(days=1)
    of = {
        name: Article(id=name, text=name, first_seen=seen) for name, seen in (("m", early), ("n", early), ("a", late))
    }
    (before,) = cluster([near("m", "n")], of)
    (after,) = cluster([near("a", "m"), near("m", "n")], of)
    assert before.id == after.id


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from("nh")), max_size=25),
    st.lists(st.one_of(st.none(), st.integers(0, 5)), min_size=10, max_size=10),
)
def test_whoever_has_a_match_is_in_a_cluster_with_it(
    links: list[tuple[int, int, str]], hours: list[int | None]
) -> None:
    of = articles(**{f"x{number}": hour for number, hour in enumerate(hours)})
    pairs = {(min(i, j), max(i, j)): (i, kind) for i, j, kind in links if i != j}
    matches = [
        near(f"x{i}", f"x{j}") if kind == "n" else holds(f"x{first}", f"x{i + j - first}")
        for (i, j), (first, kind) in sorted(pairs.items())
    ]
    clusters = cluster(matches, of)
    together = {frozenset((a, b)) for one in clusters for a in one.articles for b in one.articles}
    matched = {article_id for match in matches for article_id in (match.a, match.b)}
    assert {article_id for one in clusters for article_id in one.articles} == matched
    assert len({one.id for one in clusters}) == len(clusters)
    for article_id in matched:
        assert any(frozenset((match.a, match.b)) in together for match in matches if article_id in (match.a, match.b))
