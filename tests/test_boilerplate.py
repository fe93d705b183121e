"""Boilerplate is what the slow twin finds."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.boilerplate import find_boilerplate
from dedup.kernels.overlaps import may_repeat


def naive_boilerplate(rows: list[tuple[str, set[int]]], articles: int, share: float) -> list[int]:
    found = []
    for value in sorted(set().union(*(shingles for _, shingles in rows))):
        carriers = [source for source, shingles in rows if value in shingles]
        n_of = {source: sum(s == source for s, _ in rows) for source in carriers}
        repeated = [s for s in carriers if s and carriers.count(s) >= max(articles, share * n_of[s])]
        if repeated and len(repeated) >= 0.95 * len(carriers):
            found.append(value)
    return found


@given(
    st.lists(st.tuples(st.sampled_from(["", "a", "b"]), st.sets(st.integers(0, 12), max_size=6)), max_size=40),
    st.integers(2, 4),
    st.sampled_from([0.02, 0.3, 1.0]),
)
@settings(max_examples=300, deadline=None)
def test_boilerplate(rows: list[tuple[str, set[int]]], articles: int, share: float) -> None:
    shingles = np.array([value for _, values in rows for value in sorted(values)], dtype=np.uint64)
    offsets = np.cumsum([0, *(len(values) for _, values in rows)]).astype(np.int64)
    found = find_boilerplate(
        shingles, offsets, [source for source, _ in rows], boilerplate_articles=articles, boilerplate_share=share
    )
    assert found.tolist() == naive_boilerplate(rows, articles, share)


@given(st.lists(st.integers(0, 2**64 - 1).map(lambda n: n % 9 if n % 3 else n), max_size=60), st.integers(1, 5))
@settings(max_examples=200, deadline=None)
def test_nothing_that_repeats_is_overlooked(values: list[int], at_least: int) -> None:
    found = may_repeat(np.array(values, dtype=np.uint64), at_least)
    assert all(found[place] for place, value in enumerate(values) if values.count(value) >= at_least)


def test_most_that_does_not_repeat_is_left_out() -> None:
    values = np.random.default_rng(1).integers(0, 2**64, 10_000, dtype=np.uint64)
    assert may_repeat(values, 5).sum() < 100
    assert may_repeat(np.zeros(70_000, dtype=np.uint64), 65_535).all()
