"""Candidates are those of the slow twin; crowds stay linear and lose nobody."""

import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import Settings
from dedup.candidates import (
    Candidates,
    are_candidates,
    find_candidates,
    link_crowds,
    lsh_probability,
    n_shared_bands,
    open_crowds,
    probe_crowds,
    sorted_pairs,
)
from dedup.kernels import postings as kernels
from dedup.kernels.buffers import TextBuffer
from dedup.kernels.compiled import IS_COMPILED
from dedup.kernels.components import find_components
from dedup.kernels.postings import sort_keys
from dedup.model import Sketches
from dedup.pairs import find_pairs
from dedup.sketch import shingle_sets, sketch_texts
from dedup.verify import measure_pairs
from tests import naive

ROWS_PER_BAND = 3


def sketch(texts: list[str]) -> Sketches:
    return sketch_texts(TextBuffer(texts), shingle_words=3, num_perm=12, seed=1, fingerprint_window=4)


def propose(texts: list[str], *, max_articles: int = 100, n_threads: int = 1) -> Candidates:
    return find_candidates(
        sketch(texts),
        rows_per_band=ROWS_PER_BAND,
        min_shared_fingerprints=2,
        max_articles=max_articles,
        threshold=0.5,
        n_threads=n_threads,
    )


def corpora() -> st.SearchStrategy[list[str]]:
    text = st.lists(st.sampled_from("abcdefgh"), max_size=25).map(" ".join)
    return st.lists(text, max_size=12)


@given(corpora())
@settings(max_examples=200, deadline=None)
def test_candidates(texts: list[str]) -> None:
    assert propose(texts).pairs.tolist() == [list(pair) for pair in expected_pairs(sketch(texts))]


@given(corpora(), st.sampled_from([0.0, 0.4, 0.9]))
@settings(max_examples=200, deadline=None)
def test_single_pairs_are_told_as_all_are(texts: list[str], min_jaccard: float) -> None:
    sketches = sketch(texts)
    every_pair = np.stack(np.triu_indices(len(texts), 1), axis=1).astype(np.int64)
    rules = {"rows_per_band": ROWS_PER_BAND, "min_shared_fingerprints": 2, "threshold": 0.5, "min_jaccard": min_jaccard}
    expected = find_candidates(sketches, **rules, max_articles=100).pairs
    assert every_pair[are_candidates(every_pair, sketches, **rules)].tolist() == expected.tolist()


def expected_pairs(sketches: Sketches) -> list[tuple[int, int]]:
    """A shared band; or enough fingerprints: a fifth of the shorter one's, and two or three tenths of them."""
    rows = [sketches.row(i) for i in range(len(sketches))]
    found = []
    for j, b in enumerate(rows):
        for i, a in enumerate(rows[:j]):
            if not len(a.fingerprints) or not len(b.fingerprints):
                continue
            shared = len(set(a.fingerprints.tolist()) & set(b.fingerprints.tolist()))
            shorter = min(len(a.fingerprints), len(b.fingerprints))
            is_enough = shared > 0 and shared >= 0.4 * 0.5 * shorter and (shared >= 2 or shared >= 0.3 * shorter)
            if is_enough or naive.shared_bands(a.signature.tolist(), b.signature.tolist(), ROWS_PER_BAND):
                found.append((i, j))
    return sorted(found)


@given(corpora(), st.randoms(use_true_random=False), st.sampled_from([2, 3, 100]))
@settings(max_examples=100, deadline=None)
def test_neither_order_nor_threads_matter(texts: list[str], order: random.Random, max_articles: int) -> None:
    """Texts that are equal may change places: they are the same text."""
    shuffled = order.sample(texts, len(texts))
    of_texts = propose(texts, max_articles=max_articles)
    of_shuffled = propose(shuffled, max_articles=max_articles, n_threads=2)
    assert named(of_texts, texts) == named(of_shuffled, shuffled)


def named(candidates: Candidates, texts: list[str]) -> list[list[str]]:
    return sorted(sorted([texts[i], texts[j]]) for i, j in candidates.pairs.tolist())


@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(1, 30)), max_size=60), st.integers(0, 8))
@settings(max_examples=200, deadline=None)
def test_keys_are_sorted(groups: list[tuple[int, int]], skip_bits: int) -> None:
    """Rows ascend within a hash, hashes come in any order."""
    hashes = np.array([h for h, n in groups for _ in range(n)], dtype=np.uint64)
    keys = (hashes << np.uint64(32) | np.arange(len(hashes), dtype=np.uint64)) >> np.uint64(skip_bits)
    assert sort_keys(keys, skip_bits).tolist() == sorted(keys.tolist())


def test_many_keys_are_sorted() -> None:
    keys = np.random.default_rng(1).integers(0, 2**64, 5000, dtype=np.uint64)
    assert np.array_equal(sort_keys(keys, 0), np.sort(keys))


def test_no_texts_no_candidates() -> None:
    assert propose([]).pairs.shape == (0, 2)
    assert propose(["", "a", "one two three"]).pairs.shape == (0, 2)


def test_crowds_are_counted() -> None:
    text = "a b c d e f g h a c e g b d f h a d g"
    candidates = propose([text] * 50, max_articles=10)
    assert candidates.crowded["articles"] == 50
    assert candidates.crowded["buckets"] > 0
    assert not len(candidates.pairs)
    with_heads = 4 * 50 - 4 - 3 - 2 - 1  # each with the four heads
    probes = probe_crowds(candidates.crowds, 50)
    assert len(probes) == with_heads
    assert not len(open_crowds(candidates.crowds, probes, np.zeros(50, dtype=np.int64))[0])
    assert not len(open_crowds(candidates.crowds, probes[:0], np.arange(50))[1].rows)
    assert propose([text] * 50).crowded == {"buckets": 0, "articles": 0}


def test_a_crowd_of_two_families_is_gathered_in_steps() -> None:
    """The heads are of the one family; the next heads are of the other."""
    candidates = propose(["x"])
    crowds = type(candidates.crowds)(np.array([0, 40]), np.arange(40))
    families = np.array([0] * 20 + [1] * 20)
    found = np.array([(i, j) for i in range(4) for j in range(i + 1, 20)])
    components = find_components(40, found)
    pairs, crowds = link_crowds(crowds, components)
    assert set(families[pairs[:, 0]]) == {1}
    assert {row for pair in pairs.tolist() for row in pair} == set(range(20, 40))
    components = find_components(40, np.concatenate([found, pairs]))
    assert [len(set(components[families == family].tolist())) for family in (0, 1)] == [1, 1]
    assert not len(link_crowds(crowds, components)[0])


def test_a_crowd_that_gathers_nobody_is_left_alone() -> None:
    candidates = propose(["x"])
    crowds = type(candidates.crowds)(np.array([0, 1000]), np.arange(1000))
    pairs, left = link_crowds(crowds, np.arange(1000))
    assert (len(pairs), len(left.rows)) == (0, 0)


@given(st.lists(st.sets(st.integers(0, 40), min_size=5), max_size=4), st.data())
@settings(max_examples=200, deadline=None)
def test_crowds_are_probed_and_opened(members: list[set[int]], data: st.DataObject) -> None:
    """As the slow twin does it: few probes of many, all of those who gathered some."""
    crowds = [data.draw(st.permutations(sorted(crowd))) for crowd in members]
    names = np.array(data.draw(st.lists(st.integers(0, 5), min_size=41, max_size=41)))
    rows = np.array([row for crowd in crowds for row in crowd], dtype=np.int64)
    offsets = np.cumsum([0, *(len(crowd) for crowd in crowds)]).astype(np.int64)
    found = {(min(pair), max(pair)) for pair in data.draw(st.sets(st.tuples(*[st.integers(0, 40)] * 2), max_size=300))}
    keys = np.array(sorted(i * 41 + j for i, j in found), dtype=np.int64)
    n_heads, n_probes, min_gathered = 2, 3, 0.5
    probed = kernels.probe_crowds(offsets, rows, n_heads, n_probes)
    assert {(i, j) for i, j in probed.tolist()} == naive.probes(crowds, n_heads, n_probes)
    pairs, left_offsets, left = kernels.open_crowds(offsets, rows, keys, names, n_heads, n_probes, min_gathered)
    opened = naive.opened(crowds, found, n_heads, n_probes, min_gathered)
    assert [left[a:b].tolist() for a, b in pairwise(left_offsets.tolist())] == opened
    expected = {(i, j) for i, j in naive.probes(opened, n_heads, 41) if names[i] != names[j]}
    assert {(i, j) for i, j in pairs.tolist()} == expected


VOCABULARY = [f"w{number}" for number in range(3000)]


def prose(rng: random.Random, n_words: int) -> list[str]:
    return rng.choices(VOCABULARY, k=n_words)


def lightly_edited(rng: random.Random, words: list[str]) -> list[str]:
    return [rng.choice(VOCABULARY) if rng.random() < 0.03 else word for word in words]


@pytest.mark.skipif(not IS_COMPILED, reason="720,000 pairs are counted: minutes without the compiler")
@pytest.mark.parametrize("excerpts", [True, False])
@pytest.mark.parametrize("max_articles", [20, 200])
def test_every_copy_stays_in_its_cluster(excerpts: bool, max_articles: int) -> None:
    """The clusters are those of all pairs, though most are never compared."""
    rng = random.Random(1)
    wire = prose(rng, 150)
    texts = [" ".join(lightly_edited(rng, wire)) for _ in range(1200)] + [" ".join(prose(rng, 150)) for _ in range(200)]
    pairs = find_pairs(texts, settings=Settings(max_articles_per_fingerprint=max_articles), excerpts=excerpts)
    shingles, offsets = shingle_sets(TextBuffer(texts), np.arange(len(texts)), shingle_words=5)
    every_pair = np.stack(np.triu_indices(len(texts), 1), axis=1)
    overlaps = measure_pairs(every_pair, shingles, offsets)
    share = np.maximum(overlaps.a_in_b, overlaps.b_in_a) if excerpts else overlaps.jaccard
    truth = find_components(len(texts), every_pair[share >= 0.5])
    assert find_components(len(texts), pairs.rows).tolist() == truth.tolist()
    assert np.bincount(truth).max() > 1190
    assert pairs.crowded["articles"] >= 1000


def test_a_footer_on_every_page_is_cheap_and_no_match() -> None:
    rng = random.Random(2)
    footer = " ".join(prose(rng, 60))
    n = 2000 if IS_COMPILED else 250
    texts = [" ".join(prose(rng, 200)) + " " + footer for _ in range(n)]
    pairs = find_pairs(texts)
    assert not len(pairs.rows)
    assert pairs.crowded["articles"] == n


def test_sorted_pairs() -> None:
    pairs = np.array([[3, 1], [0, 2], [1, 3]])
    assert sorted_pairs(pairs, 4).tolist() == [[0, 2], [1, 3]]
    assert sorted_pairs(pairs[:0], 0).shape == (0, 2)


def test_probability_of_being_seen() -> None:
    """As often as the formula says, for pairs of one jaccard."""
    rng = np.random.default_rng(1)
    agrees = rng.random((4000, 128)) < 0.4
    a = np.zeros(128, dtype=np.uint32)
    seen = [n_shared_bands(a, (~row).astype(np.uint32), rows_per_band=4) > 0 for row in agrees]
    assert np.mean(seen) == pytest.approx(lsh_probability(0.4, num_perm=128, rows_per_band=4), abs=0.03)
