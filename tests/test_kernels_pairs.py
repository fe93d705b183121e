"""The kernels that compare texts do what their slow twins do."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.kernels.components import cut_batches, find_blocks, find_components
from dedup.kernels.overlaps import count_shared, is_member
from dedup.kernels.passages import find_passages
from dedup.kernels.postings import count_crowded, cut_postings, link_stragglers
from tests import naive

pytestmark = pytest.mark.filterwarnings(
    "ignore:overflow encountered:RuntimeWarning"
)  # NUMBA_DISABLE_JIT=1: it is meant

HASHES = st.one_of(st.integers(0, 8), st.integers(0, 2**64 - 1))


@given(st.lists(st.sets(HASHES, max_size=30), min_size=1, max_size=6), st.data())
@settings(max_examples=200, deadline=None)
def test_shared_shingles_are_counted(sets: list[set[int]], data: st.DataObject) -> None:
    row = st.integers(0, len(sets) - 1)
    pairs = data.draw(st.lists(st.tuples(row, row), max_size=12))
    shingles = np.array([value for one in sets for value in sorted(one)], dtype=np.uint64)
    offsets = np.cumsum([0, *(len(one) for one in sets)]).astype(np.int64)
    counts = count_shared(shingles, offsets, np.array(pairs, dtype=np.int64).reshape(-1, 2))
    assert counts.tolist() == [naive.overlap(sets[i], sets[j])[0] for i, j in pairs]


@given(st.lists(HASHES, max_size=40), st.sets(HASHES, max_size=20))
@settings(max_examples=200, deadline=None)
def test_members(values: list[int], members: set[int]) -> None:
    found = is_member(np.array(values, dtype=np.uint64), np.array(sorted(members), dtype=np.uint64))
    assert found.tolist() == [value in members for value in values]


@given(
    st.lists(st.sets(st.integers(0, 11), min_size=2), max_size=5), st.lists(st.integers(0, 3), min_size=12, max_size=12)
)
@settings(max_examples=200, deadline=None)
def test_stragglers(crowds: list[set[int]], names: list[int]) -> None:
    rows = np.array([row for crowd in crowds for row in sorted(crowd)], dtype=np.int64)
    offsets = np.cumsum([0, *(len(crowd) for crowd in crowds)]).astype(np.int64)
    found = link_stragglers(offsets, rows, np.array(names, dtype=np.int64), 3, 0.5)
    expected = naive.stragglers([sorted(crowd) for crowd in crowds], names, 3)
    assert {(int(a), int(b)) for a, b in found} == expected
    counts = count_crowded(offsets, rows.astype(np.int32), min(1, len(crowds)), 12, 3)
    crowded = [crowd for crowd in crowds[1:] if len(crowd) > 3]
    assert counts.tolist() == [sum(row in crowd for crowd in crowded) for row in range(12)]


@given(st.integers(1, 30), st.integers(1, 8), st.data())
@settings(max_examples=200, deadline=None)
def test_blocks(n: int, most: int, data: st.DataObject) -> None:
    row = st.integers(0, n - 1)
    pairs = data.draw(st.lists(st.tuples(row, row), max_size=40))
    found = find_blocks(n, np.array(pairs, dtype=np.int64).reshape(-1, 2), most)
    assert found.tolist() == naive.blocks(n, pairs, most)


@given(st.integers(2, 30), st.integers(2, 8), st.data())
@settings(max_examples=200, deadline=None)
def test_batches(n: int, most: int, data: st.DataObject) -> None:
    pair = st.lists(st.integers(0, n - 1), min_size=2, max_size=2, unique=True)
    pairs = data.draw(st.lists(pair.map(tuple), max_size=40))
    bounds = cut_batches(n, np.array(pairs, dtype=np.int64).reshape(-1, 2), most)
    assert [pairs[a:b] for a, b in pairwise(bounds)] == naive.batches(pairs, most)


@given(st.integers(1, 30), st.data())
@settings(max_examples=200, deadline=None)
def test_components(n: int, data: st.DataObject) -> None:
    row = st.integers(0, n - 1)
    pairs = data.draw(st.lists(st.tuples(row, row), max_size=40))
    names = find_components(n, np.array(pairs, dtype=np.int64).reshape(-1, 2))
    assert names.tolist() == naive.components(n, pairs)


WORDS = st.lists(st.one_of(st.none(), st.integers(0, 3)), max_size=50)  # None: masked


@given(st.lists(WORDS, min_size=1, max_size=4), st.integers(1, 4), st.integers(0, 4), st.integers(0, 9), st.data())
@settings(max_examples=400, deadline=None)
def test_passages(texts: list[list[int | None]], seed: int, max_gap: int, max_drop: int, data: st.DataObject) -> None:
    min_words, max_places = data.draw(st.integers(1, 8)), data.draw(st.sampled_from([1, 2, 16]))
    row = st.integers(0, len(texts) - 1)
    pairs = data.draw(st.lists(st.tuples(row, row), max_size=6))
    words = np.array([(word or 0) + 2**40 for text in texts for word in text], dtype=np.uint64)
    is_masked = np.array([word is None for text in texts for word in text], dtype=np.bool_)
    offsets = np.cumsum([0, *(len(text) for text in texts)]).astype(np.int64)
    found = find_passages(
        words, is_masked, offsets, np.array(pairs, dtype=np.int64).reshape(-1, 2),
        seed, max_gap, max_drop, min_words, max_places,
    )  # fmt: skip
    assert [tuple(one) for one in found.tolist()] == [
        (number, *one)
        for number, (i, j) in enumerate(pairs)
        for one in naive.passages(texts[i], texts[j], seed, max_gap, max_drop, min_words, max_places)
    ]


@given(
    st.lists(st.sets(st.integers(0, 19), min_size=2), max_size=6), st.lists(st.integers(0, 20), max_size=3),
    st.integers(2, 8),
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_postings_are_cut_for_slices(postings: list[set[int]], cuts: list[int], max_rows: int) -> None:
    bounds = [0, *sorted(cuts), 20]
    offsets = np.cumsum([0, *(len(posting) for posting in postings)]).astype(np.int64)
    rows = np.array([row for posting in postings for row in sorted(posting)], dtype=np.int32)
    posting_ends, row_ends, sizes, n_holders, cut = cut_postings(
        offsets, rows, np.array(bounds, dtype=np.int64), max_rows, 2
    )
    expected = naive.cut_postings([sorted(posting) for posting in postings], bounds, max_rows, 2)
    for number, listed in enumerate(expected):
        of_slice = slice(posting_ends[number], posting_ends[number + 1])
        own = cut[row_ends[number] : row_ends[number + 1]].tolist()
        ends = np.cumsum([0, *sizes[of_slice].tolist()]).tolist()
        assert n_holders[of_slice].tolist() == [n for n, _ in listed]
        assert [own[start:end] for start, end in pairwise(ends)] == [kept for _, kept in listed]
