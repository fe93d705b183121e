"""The kernels that weigh evidence do what their slow twins do."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.kernels.buffers import encode
from dedup.kernels.evidence import count_numbers, describe_pairs, hash_units
from dedup.normalise import mark_words
from dedup.sketch import mask
from dedup.triples import KEEP_ONE_IN, MIN_SHARE, MIN_WEIGHT, UNITS, find_triples, pair_by_triples, weigh
from tests import naive

pytestmark = pytest.mark.filterwarnings(
    "ignore:overflow encountered:RuntimeWarning"
)  # NUMBA_DISABLE_JIT=1: it is meant

TEXT = st.text("ab 1٣ü市会カﾞกิ, .\n\"„“”«»「」'\u0301", max_size=60)


@given(st.lists(TEXT, min_size=1, max_size=3))
@settings(max_examples=300, deadline=None)
def test_words_are_marked(texts: list[str]) -> None:
    marked = mark_words(encode(texts))
    for number, text in enumerate(texts):
        own = slice(*marked.offsets[number : number + 2].tolist())
        spans = naive.find_words(text)
        assert list(zip(marked.starts[own].tolist(), marked.ends[own].tolist(), strict=True)) == spans
        assert marked.hashes[own].tolist() == naive.hash_words(text)
        assert marked.is_quoted[own].tolist() == naive.quoted(text)
        assert marked.weights[own].tolist() == pytest.approx(naive.weights(text))
        assert (marked.units[own] != marked.hashes[own]).tolist() == naive.is_pair(text)


def test_a_unit_of_two_characters_is_the_same_wherever_it_stands() -> None:
    marked = mark_words(encode(["市议会。", "x 市议 y", "会市"]))
    assert marked.units[0] == marked.units[4]
    assert len(set(marked.units.tolist())) == len(marked.units) - 1


UNITS_OF = st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.booleans()), max_size=14)


@given(UNITS_OF, UNITS_OF, st.data())
@settings(max_examples=300, deadline=None)
def test_pairs_are_described(
    a: list[tuple[int, bool, bool]], b: list[tuple[int, bool, bool]], data: st.DataObject
) -> None:
    units = np.array([unit for unit, _, _ in a + b], dtype=np.uint64)
    weights = (units + np.uint64(1)).astype(np.float32)
    masked, quoted = (np.array([row[k] for row in a + b], dtype=np.bool_) for k in (1, 2))
    is_number = units == 2
    offsets = np.array([0, len(a), len(a) + len(b)], dtype=np.int64)
    cut = sorted(data.draw(st.tuples(st.integers(0, len(a)), st.integers(0, len(a)))))
    cut_b = min(cut[1] - cut[0], len(b))
    runs = np.array([[0, *cut, 0, cut_b, data.draw(st.integers(0, 14))]], dtype=np.int64)
    found = describe_pairs(
        units, weights, masked, quoted, is_number, offsets, np.array([[0, 1]]), runs, 0.9, 0.0
    )[0].tolist()  # fmt: skip

    sides = [(a, cut[0], cut[1]), (b, 0, cut_b)]
    if sum(not m for _, m, _ in b) < sum(not m for _, m, _ in a):
        sides.reverse()
    (short, start, end), (long, _, _) = sides
    values = [unit for unit, _, _ in short]
    is_tight = runs[0, 5] >= 0.9 * max(cut[1] - cut[0], cut_b)
    left_out = [q for _, _, q in short]
    outside = [q or (is_tight and start <= place < end) for place, q in enumerate(left_out)]
    rest = ([v for v, _, _ in long], [float(v + 1) for v in values])
    masks = ([m for _, m, _ in short], [m for _, m, _ in long])
    plain = naive.describe(values, *rest, left_out, *masks)
    all_of_it = naive.describe(values, *rest, [False] * len(short), *masks)
    out = naive.describe(values, *rest, outside, *masks)
    assert found[0] == masks[0].count(False)
    assert found[1:6] == pytest.approx([plain[1], plain[2], plain[3], all_of_it[3], plain["order"]])
    assert found[8:11] == pytest.approx([out[2], out[3], out["order"]])
    numbers = [v for v, m, _ in short if v == 2 and not m]
    in_long = {v for v, m, _ in long if not m}
    assert found[11:] == [len(numbers), sum(v not in in_long for v in numbers)]


def test_nothing_more_is_measured_where_nothing_is_outside() -> None:
    units = np.array([1, 2, 3, 4, 9, 1, 2, 3, 4, 8], dtype=np.uint64)
    no = np.zeros(10, dtype=np.bool_)
    runs = np.array([[0, 0, 4, 0, 4, 4]], dtype=np.int64)
    args = (units, np.ones(10, dtype=np.float32), no, no, no, np.array([0, 5, 10]), np.array([[0, 1]]), runs, 0.9)
    assert describe_pairs(*args, 0.01)[0].tolist() == [5.0] + [0.0] * 12
    assert describe_pairs(*args, 0.0)[0, 1] == pytest.approx(0.8)


def test_numbers_of_a_passage() -> None:
    marked = mark_words(encode(["7 of 9 rose by 3", "7 of 8 rose by 3 9"]))
    runs = np.array([[0, 0, 6, 0, 6, 4]], dtype=np.int64)
    counts = count_numbers(marked.units, marked.is_number, marked.offsets, np.array([[0, 1]]), runs)
    assert counts.tolist() == [[3, 1, 3, 1]]


@given(st.lists(st.text("abc ", max_size=60), min_size=2, max_size=8))
@settings(max_examples=200, deadline=None)
def test_texts_are_paired_by_triples(texts: list[str]) -> None:
    marked = mark_words(encode(texts))
    triples, offsets = find_triples(marked)
    sets = []
    for number, text in enumerate(texts):
        own = triples[offsets[number] : offsets[number + 1]].tolist()
        words = marked.units[marked.offsets[number] : marked.offsets[number + 1]]
        hashes = hash_units(words, UNITS)[: max(0, len(words) - UNITS + 1)].tolist()
        assert own == sorted({h for h in hashes if (h >> 32) % KEEP_ONE_IN == 0}), text
        sets.append(set(own))
    worth = {df: float(weigh(np.array([df]), len(texts))[0]) for df in range(1, len(texts) + 1)}
    found = pair_by_triples(triples, offsets, max_articles=200, n_threads=2)
    assert [tuple(pair) for pair in found.tolist()] == naive.paired_by_triples(
        sets, worth, MIN_WEIGHT - 1e-4, MIN_SHARE
    )


def test_a_crowded_triple_links_to_its_first_texts_only() -> None:
    text = " ".join(f"w{number}" for number in range(40))
    triples, offsets = find_triples(mark_words(encode([text] * 30)))
    assert len(pair_by_triples(triples, offsets, max_articles=29)) == len(
        {(i, j) for i, j in itertools.combinations(range(30), 2) if i < 4}
    )
    assert len(pair_by_triples(triples, offsets, max_articles=30)) == 30 * 29 // 2


def test_no_texts_no_triples() -> None:
    triples, offsets = find_triples(mark_words(encode([])))
    assert pair_by_triples(triples, offsets, max_articles=9).tolist() == []


def test_words_of_shingles_that_are_not_compared_are_masked() -> None:
    marked = mark_words(encode(["a b c d e f", "a b c"]))
    from dedup.kernels.texts import hash_shingles

    kept = np.sort(hash_shingles(marked.hashes[:6], 3)[[0, 3]])  # a b c, d e f
    found = mask(marked, kept, np.array([0, 2, 2]), shingle_words=3)
    assert found.is_masked.tolist() == [False, True, True, True, True, False, True, True, True]
