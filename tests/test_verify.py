"""Passages and numbers of a pair."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.model import Words
from dedup.normalise import split_words
from dedup.verify import (
    Run,
    are_matches,
    find_passages,
    is_match,
    join_overlaps,
    join_runs,
    kind_of,
    measure,
    measure_pairs,
    shared_runs,
)


def hashes(*words: int) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return np.array(words, dtype=np.uint64)


def test_the_longest_run_wins_then_the_leftmost() -> None:
    a, b = hashes(1, 2, 3, 4), hashes(1, 2, 9, 1, 2, 3, 4, 9, 1, 2, 3, 4)
    assert shared_runs(a, b, shingle_words=2) == [Run(0, 4, 3, 7)]


def test_texts_that_repeat_one_word_are_linear() -> None:
    many = hashes(*[7] * 20_000)
    assert shared_runs(many, many, shingle_words=5) == [Run(0, 20_000, 0, 20_000)]


def test_runs_are_joined_over_a_short_edit() -> None:
    runs = [Run(0, 5, 0, 5), Run(7, 12, 6, 11), Run(30, 35, 12, 17)]
    assert join_runs(runs, max_gap=2) == [Run(0, 12, 0, 11), Run(30, 35, 12, 17)]
    assert join_runs(runs, max_gap=1) == runs


@given(st.text("ab ü漢„“-'\u0301", max_size=80), st.text("ab ü漢„“-'\u0301", max_size=80))
@settings(max_examples=200, deadline=None)
def test_the_two_sides_of_a_passage_hold_the_same_words(a: str, b: str) -> None:
    words_a, words_b = split_words(a), split_words(b)
    for passage in find_passages(words_a, words_b, shingle_words=2, passage_words=2, passage_gap_words=0):
        side_a, side_b = a[passage.a_start : passage.a_end], b[passage.b_start : passage.b_end]
        assert split_words(side_a).hashes.tolist() == split_words(side_b).hashes.tolist()


def test_short_passages_are_dropped() -> None:
    a = split_words("one two three four five. six seven")
    b = split_words("ONE two three four five! eight nine")
    assert len(find_passages(a, b, shingle_words=3, passage_words=5, passage_gap_words=0)) == 1
    assert find_passages(a, b, shingle_words=3, passage_words=6, passage_gap_words=0) == ()
    nothing = Words(a.hashes[:0], a.starts[:0], a.ends[:0])
    assert find_passages(a, nothing, shingle_words=3, passage_words=1, passage_gap_words=0) == ()


def test_kinds() -> None:
    near = measure(hashes(1, 2, 3, 4), hashes(2, 3, 4, 5))
    excerpt = measure(hashes(1, 2, 3, 4, 5, 6, 7, 8), hashes(1, 2))
    assert kind_of(near, is_same=True, threshold=0.5) == "exact"
    assert kind_of(near, is_same=False, threshold=0.5) == "near"
    assert kind_of(excerpt, is_same=False, threshold=0.5) == "excerpt"
    assert is_match(excerpt, threshold=1.0)
    assert not is_match(measure(hashes(1, 2), hashes(3)), threshold=0.01)


def test_many_pairs_are_measured_as_one_by_one() -> None:
    rng = np.random.default_rng(1)
    rows = [np.unique(rng.integers(0, 50, n).astype(np.uint64)) for n in (0, 1, 5, 20, 40)]
    shingles = np.concatenate(rows)
    offsets = np.cumsum([0, *(len(row) for row in rows)])
    pairs = np.array([(i, j) for i in range(5) for j in range(5)] * 200)
    overlaps = measure_pairs(pairs, shingles, offsets, n_threads=2)
    for number in range(25):
        i, j = pairs[number]
        assert tuple(column[number] for column in overlaps) == tuple(measure(rows[i], rows[j]))
    is_found = are_matches(overlaps, threshold=0.5)
    assert 0 < is_found.sum() < len(pairs)
    assert len(join_overlaps([overlaps, overlaps.keep(is_found)]).jaccard) == len(pairs) + is_found.sum()


def test_no_pairs_no_numbers() -> None:
    overlaps = measure_pairs(np.empty((0, 2), dtype=np.int64), hashes(), np.zeros(1, dtype=np.int64))
    assert [len(column) for column in overlaps] == [0, 0, 0, 0]
