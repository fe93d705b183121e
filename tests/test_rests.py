"""The kernels of rests and lookups do what their slow twins do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.kernels import rests
from dedup.kernels.lookups import keep_long_runs, look_up, number_values, sort_by_key
from dedup.rarity import drop_copies, learn_rarity, split_units, weigh
from tests import naive

KINDS = st.sampled_from([0, rests.REST, rests.SHARED, rests.REST | rests.SHARED])
TEXT = st.lists(st.tuples(st.integers(0, 11), KINDS), max_size=12)


@given(
    st.lists(st.lists(TEXT, min_size=1, max_size=4), min_size=1, max_size=4),
    st.lists(st.sampled_from([0.0, 0.1, 0.5, 1.0]), min_size=12, max_size=12),
)
@settings(max_examples=300, deadline=None)
def test_kinships(groups: list[list[list[tuple[int, int]]]], weights: list[float]) -> None:
    texts = [text for group in groups for text in group]
    words = [word for text in texts for word in text]
    between, to_shared, rest_weights = rests.kinships(
        np.array(weights),
        np.array([unit for unit, _ in words], dtype=np.int64),
        np.array([kind for _, kind in words], dtype=np.uint8),
        np.cumsum([0, *(len(text) for text in texts)]),
        np.cumsum([0, *(len(group) for group in groups)]),
    )
    row = 0
    for group in groups:
        found = [{unit for unit, kind in text if kind & rests.REST} for text in group]
        shared = {unit for text in group for unit, kind in text if kind & rests.SHARED}
        for place, rest in enumerate(found):
            assert rest_weights[row + place] == pytest.approx(sum(weights[unit] for unit in rest))
            assert to_shared[row + place] == pytest.approx(naive.kinship(weights, rest, shared))
            for other, rest_of_other in enumerate(found):
                if other != place:
                    expected = naive.kinship(weights, rest, rest_of_other)
                    assert between[row + place, other] == pytest.approx(expected)
        row += len(group)


WORDS = st.lists(st.integers(0, 5), max_size=25)


@given(WORDS, WORDS, st.integers(1, 4), st.integers(1, 3))
@settings(max_examples=300, deadline=None)
def test_shared_runs(a: list[int], b: list[int], k: int, max_places: int) -> None:
    found = rests.shared_runs(np.array(a, dtype=np.uint64), np.array(b, dtype=np.uint64), k, max_places)
    assert [tuple(run) for run in found.tolist()] == naive.shared_runs(a, b, k, max_places)


@given(WORDS, WORDS, st.sets(st.integers(0, 24)), st.sets(st.integers(0, 24)), st.integers(1, 6))
@settings(max_examples=300, deadline=None)
def test_compare_numbers(a: list[int], b: list[int], in_a: set[int], in_b: set[int], max_slot: int) -> None:
    runs = rests.shared_runs(np.array(a, dtype=np.uint64), np.array(b, dtype=np.uint64), 2, 4)
    in_order = [run for number, run in enumerate(runs.tolist()) if all(run[2] >= r[3] for r in runs[:number].tolist())]
    numbers_a, numbers_b = {p for p in in_a if p < len(a)}, {p for p in in_b if p < len(b)}
    found = rests.compare_numbers(
        np.array(in_order, dtype=np.int64).reshape(-1, 4),
        np.array(a, dtype=np.uint64),
        np.array(b, dtype=np.uint64),
        np.isin(np.arange(len(a)), list(numbers_a)),
        np.isin(np.arange(len(b)), list(numbers_b)),
        max_slot,
    )
    assert found == naive.compare_numbers([tuple(r) for r in in_order], a, b, numbers_a, numbers_b, max_slot)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=6), st.integers(0, 20))
@settings(deadline=None)
def test_mark_covered(runs: list[tuple[int, int]], n: int) -> None:
    inside = [(min(start, n), min(end, n)) for start, end in runs]
    found = rests.mark_covered(np.array(inside, dtype=np.int64).reshape(-1, 2), n)
    assert found.tolist() == [any(start <= place < end for start, end in inside) for place in range(n)]


@given(st.lists(st.text("abcЖé 市議 会한국\n", max_size=24), max_size=4))
@settings(deadline=None)
def test_units(texts: list[str]) -> None:
    found = split_units(texts)
    expected = []
    for text in texts:
        spans = naive.find_words(text)
        stems = [naive.hash_word(naive.stem(text[start:end], 6)) for start, end in spans]
        expected += naive.join_neighbours(stems, spans)
    assert found.units.tolist() == expected
    assert found.words.tolist() == [word for text in texts for word in naive.hash_words(text)]


def test_endings_do_not_tell_words_apart() -> None:
    def units(text: str) -> list[int]:
        found: list[int] = split_units([text]).units.tolist()
        return found

    assert units("Versicherungen") == units("Versicherten")
    assert units("한국의") == units("한국이")
    assert units("Haus") != units("Maus")


HASHES = st.lists(st.integers(0, 2**64 - 1).map(lambda n: n if n % 3 else n % 9), max_size=40)


@given(HASHES, HASHES.map(lambda values: list(dict.fromkeys(values))))
@settings(deadline=None)
def test_look_up(values: list[int], members: list[int]) -> None:
    found = look_up(np.array(values, dtype=np.uint64), np.array(members, dtype=np.uint64))
    assert found.tolist() == [members.index(value) if value in members else -1 for value in values]


@given(HASHES)
@settings(deadline=None)
def test_number_values(values: list[int]) -> None:
    numbers, distinct = number_values(np.array(values, dtype=np.uint64))
    assert distinct.tolist() == list(dict.fromkeys(values))
    assert [distinct.tolist()[number] for number in numbers] == values


@given(st.lists(st.integers(0, 9), max_size=30))
@settings(deadline=None)
def test_sort_by_key(keys: list[int]) -> None:
    found = sort_by_key(np.array(keys, dtype=np.int64), 10)
    assert found.tolist() == sorted(range(len(keys)), key=lambda place: keys[place])


@given(st.lists(st.lists(st.booleans(), max_size=10), max_size=4), st.integers(1, 4))
@settings(deadline=None)
def test_keep_long_runs(texts: list[list[bool]], min_run: int) -> None:
    expected = []
    for text in texts:
        line = "".join("x" if kept else "." for kept in text)
        runs = [part if len(part) >= min_run else "." * len(part) for part in line.replace(".", " . ").split()]
        expected += [character == "x" for character in "".join(runs)]
    found = keep_long_runs(
        np.array([kept for text in texts for kept in text], dtype=np.bool_),
        np.cumsum([0, *(len(text) for text in texts)]),
        min_run,
    )
    assert found.tolist() == expected


def test_common_words_weigh_little_and_rare_ones_much() -> None:
    rarity = learn_rarity(["The mayor of Dunholm said the ferry was late.", "The weather will be fine."])
    the, ferry, unseen, von, der = weigh(split_units(["the ferry telescope von der"]).units, rarity)
    assert the < 0.01 < 0.3 < ferry < unseen <= 1
    assert max(von, der) < 0.3, "the common words of every language are known"
    assert learn_rarity([]).n_articles > 0


def test_rarity_does_not_depend_on_the_order_of_texts() -> None:
    texts = ["a b c", "b c d", "市議会が", "a a a"]
    one, other = learn_rarity(texts), learn_rarity(texts[::-1])
    assert one.units.tolist() == other.units.tolist()
    assert one.n_holders.tolist() == other.n_holders.tolist()


def test_a_text_of_many_copies_counts_about_once() -> None:
    rng = np.random.default_rng(1)
    story = np.sort(rng.integers(0, 2**64, 100, dtype=np.uint64))
    copies = [
        np.sort(np.r_[story[rng.random(100) < 0.9], rng.integers(0, 2**64, 9, dtype=np.uint64)]) for _ in range(60)
    ]
    others = [np.sort(rng.integers(0, 2**64, 100, dtype=np.uint64)) for _ in range(20)]
    texts = [*copies, *others, np.empty(0, dtype=np.uint64)]
    offsets = np.cumsum([0, *(len(text) for text in texts)])
    kept = drop_copies(np.arange(len(texts)), np.concatenate(texts), offsets)
    assert kept[-21:] == list(range(60, 81))
    assert len(kept) - 21 <= 5
