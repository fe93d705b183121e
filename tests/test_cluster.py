from datetime import UTC, datetime, timedelta

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


def test_without_dates_the_chain_stands() -> None:
    of = articles(a=None, c=None, r=None)
    assert found([holds("r", "a"), holds("r", "c")], of) == [("a", "c", "r")]


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
