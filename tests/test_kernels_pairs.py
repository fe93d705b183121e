"""The kernels that compare texts do what their slow twins do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.kernels.components import find_blocks, find_components
from dedup.kernels.overlaps import count_shared, is_member
from dedup.kernels.passages import shared_runs
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


@given(st.integers(1, 30), st.integers(1, 8), st.data())
@settings(max_examples=200, deadline=None)
def test_blocks(n: int, most: int, data: st.DataObject) -> None:
    row = st.integers(0, n - 1)
    pairs = data.draw(st.lists(st.tuples(row, row), max_size=40))
    found = find_blocks(n, np.array(pairs, dtype=np.int64).reshape(-1, 2), most)
    assert found.tolist() == naive.blocks(n, pairs, most)


@given(st.integers(1, 30), st.data())
@settings(max_examples=200, deadline=None)
def test_components(n: int, data: st.DataObject) -> None:
    row = st.integers(0, n - 1)
    pairs = data.draw(st.lists(st.tuples(row, row), max_size=40))
    names = find_components(n, np.array(pairs, dtype=np.int64).reshape(-1, 2))
    assert names.tolist() == naive.components(n, pairs)


@given(
    st.lists(st.integers(0, 3), max_size=60),
    st.lists(st.integers(0, 3), max_size=60),
    st.integers(1, 5),
    st.sampled_from([1, 2, 16]),
)
@settings(max_examples=500, deadline=None)
def test_shared_runs(a: list[int], b: list[int], k: int, max_places: int) -> None:
    runs = shared_runs(np.array(a, dtype=np.uint64), np.array(b, dtype=np.uint64), k, max_places)
    assert [tuple(run) for run in runs.tolist()] == naive.shared_runs(a, b, k, max_places)
