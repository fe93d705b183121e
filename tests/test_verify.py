"""Passages and numbers of a pair."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.kernels.buffers import encode
from dedup.model import Passage
from dedup.normalise import mark_words, split_words
from dedup.verify import (
    are_matches,
    are_same,
    find_runs,
    join_overlaps,
    kind_of,
    measure,
    measure_pairs,
    to_passages,
)

PAIR = np.array([[0, 1]], dtype=np.int64)


def hashes(*words: int) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return np.array(words, dtype=np.uint64)


def passages_of(a: str, b: str, *, passage_words: int = 8, passage_gap_words: int = 4) -> tuple[Passage, ...]:
    marked = mark_words(encode([a, b]))
    runs = find_runs(marked, PAIR, passage_words=passage_words, passage_gap_words=passage_gap_words)
    return to_passages(runs, marked, PAIR)[0]


def sides(a: str, b: str, **numbers: int) -> list[tuple[str, str]]:
    return [(a[p.a_start : p.a_end], b[p.b_start : p.b_end]) for p in passages_of(a, b, **numbers)]


def prose(first: int, n: int) -> str:
    return " ".join(f"w{number}" for number in range(first, first + n))


def test_texts_that_repeat_one_word_are_linear() -> None:
    many = "ha " * 20_000
    assert len(passages_of(many, many)) == 1


def test_a_passage_goes_on_over_small_edits() -> None:
    words = prose(0, 40).split()
    edited = [*words[:10], "changed", *words[11:18], *words[20:30], "two", "more", *words[30:]]
    found = sides("Before that. " + " ".join(words) + " After.", "Elsewhere: " + " ".join(edited) + "?")
    assert found == [(" ".join(words), " ".join(edited))]


def test_a_long_edit_breaks_a_passage() -> None:
    words = prose(0, 40).split()
    edited = [*words[:20], "one", "two", "three", "four", "five", *words[20:]]
    assert len(sides(" ".join(words), " ".join(edited))) == 2
    assert len(sides(" ".join(words), " ".join(edited), passage_gap_words=5)) == 1


def test_misread_words_do_not_break_a_passage() -> None:
    a = "The council voted on Monday evening to rebuild the old bridge across the river by next spring, it said."
    b = "The counci1 voted on Monday evenlng to rebui1d the old bridge across the rivcr by next spring, it said."
    assert sides(a, b) == [(a[:-1], b[:-1])]


def test_paragraphs_in_another_order_are_found_each() -> None:
    parts = [prose(start, 12) for start in (0, 100, 200)]
    found = sides("\n".join(parts), "\n".join(reversed(parts)))
    assert found == [(part, part) for part in parts]


def test_a_passage_is_extended_to_both_sides_of_its_seed() -> None:
    # three equal words in a row stand in the middle only
    a = "p1 p2 x p3 p4 y p5 p6 p7 z p8 p9 q p10 p11"
    b = a.replace("x", "1").replace("y", "2").replace("z", "3").replace("q", "4")
    assert sides(a, b) == [(a, b)]


def test_strangers_share_no_passage() -> None:
    a = "The mayor of the town said on Monday that the bridge over the river is to be closed for most of the year."
    b = "In most of the country the price of the milk was on Monday as low as it had been at the end of the war."
    assert sides(a, b) == []


@given(st.text("ab ü漢„“-'\u0301", max_size=80), st.text("ab ü漢„“-'\u0301", max_size=80))
@settings(max_examples=200, deadline=None)
def test_without_gaps_the_two_sides_of_a_passage_hold_the_same_words(a: str, b: str) -> None:
    for side_a, side_b in sides(a, b, passage_words=3, passage_gap_words=0):
        assert split_words(side_a).hashes.tolist() == split_words(side_b).hashes.tolist()


def test_short_passages_are_dropped() -> None:
    a, b = "one two three four five. six seven", "ONE two three four five! eight nine"
    assert len(passages_of(a, b, passage_words=5)) == 1
    assert passages_of(a, b, passage_words=6) == ()
    assert passages_of(a, "", passage_words=1) == ()


def test_texts_of_the_same_words_are_told() -> None:
    marked = mark_words(encode(["one two", "One, two!", "one three", ""]))
    pairs = np.array([[0, 1], [0, 2], [0, 3]], dtype=np.int64)
    assert are_same(marked, pairs).tolist() == [True, False, False]


def test_kinds() -> None:
    near = measure(hashes(1, 2, 3, 4), hashes(2, 3, 4, 5))
    excerpt = measure(hashes(1, 2, 3, 4, 5, 6, 7, 8), hashes(1, 2))
    assert kind_of(near.jaccard, is_same=True, threshold=0.5) == "exact"
    assert kind_of(near.jaccard, is_same=False, threshold=0.5) == "near"
    assert kind_of(excerpt.jaccard, is_same=False, threshold=0.5) == "excerpt"


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
