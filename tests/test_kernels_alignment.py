"""The kernels of alignment against their oracles."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.kernels.alignment import align_sentences, anchor_cosines
from dedup.kernels.chains import chain_anchors
from tests import naive

# gains are multiples of 1/64 with a jitter that makes ties unlikely: the oracle then has only one answer
JITTER = np.random.default_rng(7).uniform(-0.004, 0.004, (8, 8))


@st.composite
def matrices(draw: st.DrawFn) -> np.ndarray:
    m, n = draw(st.integers(0, 7)), draw(st.integers(0, 7))
    values = draw(st.lists(st.integers(-40, 40), min_size=m * n, max_size=m * n))
    return (np.array(values, dtype=np.float64).reshape(m, n) / 64 + JITTER[:m, :n]).astype(np.float32)


@settings(deadline=None)  # the first call compiles
@given(matrices(), st.sampled_from([0.0, 0.03, 0.11]), st.integers(0, 4))
def test_alignment_finds_the_best_runs(gains: np.ndarray, skip_cost: float, max_runs: int) -> None:
    pairs, scores = align_sentences(gains, skip_cost, 0.1, max_runs)
    _, expected_scores = naive.align_sentences(gains.tolist(), skip_cost, 0.1, max_runs)
    if skip_cost:  # without a cost several chains of the same worth may end in different places
        assert scores == pytest.approx(expected_scores, abs=1e-6)
    elif len(expected_scores):
        assert scores[0] == pytest.approx(expected_scores[0], abs=1e-6)
    for run, score in enumerate(scores.tolist()):
        _, i, j = pairs[pairs[:, 0] == run].T
        assert (np.diff(i) > 0).all()
        assert (np.diff(j) > 0).all()
        skipped = (np.diff(i) - 1).sum() + (np.diff(j) - 1).sum()
        assert gains[i, j].sum() - skip_cost * skipped == pytest.approx(score, abs=1e-5)
    assert len(set(pairs[:, 1].tolist())) == len(pairs) == len(set(pairs[:, 2].tolist()))


def test_a_translated_run_inside_another_text_is_found() -> None:
    gains = np.full((5, 12), -0.3, dtype=np.float32)
    for k in range(5):
        gains[k, 4 + k] = 0.3
    pairs, scores = align_sentences(gains, 0.04, 0.2, 12)
    assert pairs.tolist() == [[0, k, 4 + k] for k in range(5)]
    assert scores == pytest.approx([1.5])


def test_blocks_that_changed_places_are_runs_of_their_own() -> None:
    gains = np.full((6, 6), -0.3, dtype=np.float32)
    for k in range(3):
        gains[k, 3 + k] = gains[3 + k, k] = 0.3
    pairs, scores = align_sentences(gains, 0.04, 0.2, 12)
    assert sorted(map(tuple, pairs[:, 1:].tolist())) == [(0, 3), (1, 4), (2, 5), (3, 0), (4, 1), (5, 2)]
    assert scores == pytest.approx([0.9, 0.9])


SENTENCES = st.lists(st.sets(st.integers(1, 9), max_size=4), max_size=6)


@settings(deadline=None)  # the first call compiles
@given(SENTENCES, SENTENCES)
def test_anchor_cosines_are_those_of_weighted_sets(a: list[set[int]], b: list[set[int]]) -> None:
    weights = {key: 0.2 + key / 10 for key in range(1, 10)}

    def columns(sentences: list[set[int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
        pairs = sorted((key, at) for at, keys in enumerate(sentences) for key in keys)
        keys = np.array([key for key, _ in pairs], dtype=np.int64)
        places = np.array([at for _, at in pairs], dtype=np.int64)
        return keys, places, np.array([weights[key] for key, _ in pairs], dtype=np.float64), len(sentences)

    expected = np.array(naive.anchor_cosines(a, b, weights), dtype=np.float64).reshape(len(a), len(b))
    np.testing.assert_allclose(anchor_cosines(*columns(a), *columns(b)), expected, atol=1e-6)


ANCHORED = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 60).map(lambda n: 40 * n)), max_size=14, unique=True)


@settings(deadline=None)  # the first call compiles
@given(ANCHORED, ANCHORED)
def test_the_best_chain_of_anchors_is_weighed(a: list[tuple[int, int]], b: list[tuple[int, int]]) -> None:
    weights = [0.0, 0.5, 1.0, 1.7, 2.3, 3.1]
    keys, places = np.array([*sorted(a), *sorted(b)], dtype=np.int64).reshape(-1, 2).T
    offsets = np.array([0, len(a), len(a) + len(b)])
    (found,) = chain_anchors(
        np.array([[0, 1]]), np.ascontiguousarray(keys), np.ascontiguousarray(places), offsets, np.array(weights)
    )
    assert found == pytest.approx(naive.chain_anchors(a, b, weights))


def test_anchors_on_one_line_outweigh_more_of_them_anywhere() -> None:
    def chain(places: list[int]) -> float:
        keys = np.tile(np.arange(6), 2)
        at = np.array([*range(0, 600, 100), *places])
        (found,) = chain_anchors(np.array([[0, 1]]), keys, at, np.array([0, 6, 12]), np.ones(6))
        return float(found)

    assert chain([2000, 2100, 2200, 2300, 2400, 2500]) == 6
    assert chain([5000, 100, 3000, 9000, 7000, 1500]) == 1
