"""Blocks of repeated shingles are what a slow twin finds; what becomes of them is in test_furniture."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.boilerplate import find_masked, find_repeated, masked_spans, sort_into_blocks
from dedup.kernels.overlaps import may_repeat
from dedup.normalise import split_words
from tests import naive


@given(st.lists(st.sets(st.integers(0, 12), max_size=9), max_size=12), st.integers(2, 4))
@settings(max_examples=300, deadline=None)
def test_blocks(rows: list[set[int]], min_articles: int) -> None:
    shingles = np.array([value for values in rows for value in sorted(values)], dtype=np.uint64)
    row_of_shingle = np.repeat(np.arange(len(rows)), [len(values) for values in rows])
    found = sort_into_blocks(find_repeated(shingles, row_of_shingle, min_articles), len(rows), min_articles)
    holders = {value: frozenset(row for row, values in enumerate(rows) if value in values) for value in range(13)}
    repeated = [value for value in range(13) if len(holders[value]) >= min_articles]
    assert found.shingles.tolist() == repeated
    block_of = dict(zip(repeated, found.blocks.tolist(), strict=True))
    for number in range(len(found.offsets) - 1):
        members = [value for value in repeated if block_of[value] == number]
        carriers = found.carriers[found.offsets[number] : found.offsets[number + 1]].tolist()
        assert len(members) >= 4
        assert len(carriers) >= min_articles
        assert carriers == [r for r, values in enumerate(rows) if 2 * len(values & set(members)) >= len(members)]
    for value in repeated:  # what stands in the same articles is one block
        same = {block_of[other] for other in repeated if holders[other] == holders[value]}
        assert len(same) == 1
        if sum(holders[other] == holders[value] for other in repeated) >= 4:
            assert block_of[value] >= 0


@given(st.lists(st.sampled_from("abcd"), max_size=20), st.sets(st.integers(0, 19)))
@settings(deadline=None)
def test_masked_words_are_those_under_a_masked_shingle(letters: list[str], dropped: set[int]) -> None:
    text = " ".join(letters)
    words = split_words(text)
    in_order = naive.hash_shingles(naive.hash_words(text), 2)
    kept = sorted({value for place, value in enumerate(in_order) if place not in dropped})
    masked = find_masked(words.hashes, np.array(kept, dtype=np.uint64), shingle_words=2)
    starts = [place for place, value in enumerate(in_order) if value not in kept]
    assert masked.tolist() == [place in starts or place - 1 in starts for place in range(len(letters))]
    covered = {place for start, end in masked_spans(masked, words) for place in range(start, end)}
    assert all((words.starts[place] in covered) == masked[place] for place in range(len(letters)))


@given(st.lists(st.integers(0, 2**64 - 1).map(lambda n: n % 9 if n % 3 else n), max_size=60), st.integers(1, 5))
@settings(max_examples=200, deadline=None)
def test_nothing_that_repeats_is_overlooked(values: list[int], at_least: int) -> None:
    found = may_repeat(np.array(values, dtype=np.uint64), at_least)
    assert all(found[place] for place, value in enumerate(values) if values.count(value) >= at_least)


def test_most_that_does_not_repeat_is_left_out() -> None:
    values = np.random.default_rng(1).integers(0, 2**64, 10_000, dtype=np.uint64)
    assert may_repeat(values, 5).sum() < 100
    assert may_repeat(np.zeros(70_000, dtype=np.uint64), 65_535).all()
