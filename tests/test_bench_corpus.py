"""The benchmark's own ground: its corpus is reproducible and as described, its truth is what brute force counts."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from benchmarks import corpus as corpus_module
from benchmarks.corpus import (
    COPY,
    EXCERPT,
    PARTIAL,
    Corpus,
    add_footer,
    iterate_corpus,
    make_copies_corpus,
    make_corpus,
    write_corpus,
)
from benchmarks.docs import PAGE, replace_part
from benchmarks.exact import Truth, cached_truth, count_shared, find_truth, split_words
from benchmarks.scores import keep_first, largest_cluster, largest_error, score_answer, score_containment
from benchmarks.speed import fit_exponent
from benchmarks.systems import PEERS, choose_peers


@pytest.fixture(scope="module")
def small() -> Corpus:
    return make_corpus(200, seed=7)


def shingle_set(text: str) -> set[tuple[str, ...]]:
    words = split_words(text)
    return set(zip(*(words[i:] for i in range(5)), strict=False))


def brute_force(texts: list[str]) -> dict[tuple[int, int], int]:
    """Shared shingles of every pair that is near, an excerpt or a partial excerpt."""
    shingles = [shingle_set(text) for text in texts]
    pairs = {}
    for a, b in combinations(range(len(texts)), 2):
        shared = len(shingles[a] & shingles[b])
        containment = shared / max(1, min(len(shingles[a]), len(shingles[b])))
        if containment >= 0.5 or (containment >= 0.2 and shared >= 96):
            pairs[a, b] = shared
    return pairs


def found(truth: Truth) -> dict[tuple[int, int], int]:
    return {(a, b): n for (a, b), n in zip(truth.rows.tolist(), truth.shared.tolist(), strict=True)}


def test_the_same_seed_gives_the_same_corpus_and_another_seed_another(small: Corpus) -> None:
    again = make_corpus(200, seed=7)
    assert again.texts == small.texts
    assert np.array_equal(again.families, small.families)
    assert np.array_equal(again.edited, small.edited)
    assert not set(make_corpus(200, seed=8).texts) & set(small.texts)


def test_the_corpus_is_as_described(small: Corpus) -> None:
    assert (small.families >= 0).mean() == pytest.approx(0.64, abs=0.01)
    assert 350 < np.mean([len(split_words(text)) for text in small.texts]) < 520
    assert {"“", "’", "–", '"'} <= set("".join(small.texts))
    assert {COPY, EXCERPT, PARTIAL} <= set(small.kinds.tolist())
    assert 0 < small.edited.max() <= 0.3
    assert min(np.unique(small.families[small.families >= 0], return_counts=True)[1]) >= 2


def test_families_of_different_batches_are_different(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus_module, "BATCH_ARTICLES", 30)
    one, two = iterate_corpus(60, seed=1)
    assert not set(one.families.tolist()) & set(two.families.tolist()) - {-1}
    assert make_corpus(30, seed=1).texts == one.texts


def test_a_written_corpus_is_the_one_in_memory(small: Corpus, tmp_path: Path) -> None:
    write_corpus(tmp_path / "corpus.parquet", 200, seed=7)
    table = pq.read_table(tmp_path / "corpus.parquet")
    assert table["text"].to_pylist() == small.texts
    assert table["family"].to_pylist() == small.families.tolist()


def test_the_truth_is_what_brute_force_counts(small: Corpus) -> None:
    truth = find_truth(small.texts)
    assert found(truth) == brute_force(small.texts)
    assert min(len(truth.near), len(truth.excerpts), len(truth.partial_excerpts)) > 5
    every_pair = np.array(list(combinations(range(200), 2)))
    shingles = [shingle_set(text) for text in small.texts]
    expected = [len(shingles[a] & shingles[b]) for a, b in every_pair.tolist()]
    assert count_shared(truth.shingled, every_pair).tolist() == expected


def test_the_truth_counts_pairs_that_only_a_footer_and_stock_phrases_make() -> None:
    footer = " ".join(f"footer{i}" for i in range(60))
    texts = [f"{' '.join(f'own{i}x{j}' for j in range(3 * i))} {footer}" for i in range(60)]
    assert found(find_truth(texts)) == brute_force(texts)


def test_texts_without_a_shingle_have_no_pairs() -> None:
    assert len(find_truth(["", "one two three four", "one two three four", "!?"]).rows) == 0
    assert len(find_truth([]).rows) == 0


def test_a_part_of_the_truth_is_about_the_pairs_that_are_named(small: Corpus) -> None:
    truth = find_truth(small.texts)
    part = truth.among(np.concatenate([truth.rows[3:9], [[0, 0]]]))
    assert part.rows.tolist() == truth.rows[3:9].tolist()
    assert part.shared.tolist() == truth.shared[3:9].tolist()


def test_the_truth_is_kept_and_read_again(small: Corpus, tmp_path: Path) -> None:
    first = cached_truth(small.texts[:50], tmp_path / "truth.npz")
    again = cached_truth([], tmp_path / "truth.npz")
    assert np.array_equal(first.rows, again.rows)
    assert np.array_equal(first.jaccard, again.jaccard)


def test_copies_of_one_article_are_all_close_to_it() -> None:
    copies = make_copies_corpus(40, 10, seed=3)
    texts = [copies.texts[i] for i in np.flatnonzero(copies.families == 0)]
    assert len(texts) == 40
    shingles = [shingle_set(text) for text in texts]
    original = max(shingles, key=lambda one: sum(len(one & other) for other in shingles))
    assert sum(len(original & other) / len(original | other) >= 0.7 for other in shingles) == 40


def test_one_footer_under_every_article_makes_no_pair(small: Corpus) -> None:
    with_footer = add_footer(small, seed=5)
    assert len({text.rsplit("\n\n", 1)[1] for text in with_footer.texts}) == 1
    families = small.families
    for a, b in find_truth(with_footer.texts).near.tolist():
        assert families[a] == families[b] >= 0


def test_pairs_clusters_and_flags_are_scored_as_what_they_are() -> None:
    true = np.array([[0, 1], [0, 2], [1, 2], [3, 4]])
    pairs = score_answer("pairs", np.array([[0, 1], [1, 0], [2, 1], [5, 3], [3, 4]]), true, 6)
    assert (pairs.recall, pairs.precision, pairs.n_found) == (0.75, 0.75, 4)
    clusters = score_answer("clusters", np.array([7, 7, 7, 9, 9, 9]), true, 6)
    assert (clusters.recall, clusters.precision, clusters.n_found) == (1.0, 4 / 6, 6)
    flags = score_answer("flags", np.array([1, 1, 0, 0, 0, 1], dtype=bool), true, 6)
    assert (flags.recall, flags.precision) == (2 / 5, 2 / 3)
    nothing = score_answer("pairs", np.zeros((0, 2), dtype=np.int64), true, 6)
    assert (nothing.recall, nothing.precision) == (0.0, 1.0)


def test_a_part_of_the_corpus_is_scored_by_the_pairs_inside_it() -> None:
    pairs = np.array([[0, 1], [1, 5], [4, 3], [7, 8]])
    assert keep_first("pairs", pairs, 5).tolist() == [[0, 1], [4, 3]]
    assert keep_first("clusters", np.arange(9), 5).tolist() == [0, 1, 2, 3, 4]


def test_what_we_state_of_a_pair_is_checked_against_the_count(small: Corpus) -> None:
    truth = find_truth(small.texts)
    assert largest_error(truth.rows, truth.jaccard, truth) == 0
    assert largest_error(truth.rows, truth.jaccard - 0.25, truth) == pytest.approx(0.25)
    assert score_containment(truth.excerpts, truth, 0.5) == 1
    strangers = np.array([[i, i + 1] for i in range(199) if small.families[i] != small.families[i + 1]])
    assert score_containment(strangers, truth, 0.5) == 0


def test_the_largest_cluster_counts_members_only() -> None:
    rows = np.array([[0, 5], [5, 1], [2, 3], [3, 4], [6, 7]])
    assert largest_cluster(rows, 8, np.array([0, 1, 2, 3, 4])) == 3
    assert largest_cluster(np.zeros((0, 2), dtype=np.int64), 8, np.array([2, 3])) == 1


def test_the_exponent_of_a_linear_and_of_a_quadratic_time() -> None:
    linear = {n: {"status": "ok", "wall_s": 2e-6 * n} for n in (100, 1000, 10_000)}
    assert fit_exponent(linear) == pytest.approx(1)
    assert fit_exponent({n: {"status": "ok", "wall_s": 1e-9 * n * n} for n in (10, 20, 40)}) == pytest.approx(2)
    assert fit_exponent({10: {"status": "ok", "wall_s": 1.0}, 20: {"status": "timed out after 9 s"}}) is None


def test_every_part_that_a_run_fills_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for part in ("machine", "plot", "comparison", "excerpts", "stress", "scaling"):
        assert f"<!-- {part} -->\n\n! new\n\n<!-- /{part} -->" in replace_part(text, part, "! new")
    with pytest.raises(ValueError, match="the page has no part <!-- nowhere -->"):
        replace_part(text, "nowhere", "")


def test_peers_are_chosen_by_name() -> None:
    assert choose_peers("all") == PEERS
    assert choose_peers("none") == ()
    assert [peer.name for peer in choose_peers("daft,rensa-rho")] == ["daft", "rensa-rho"]
    with pytest.raises(ValueError, match="no such peer: 'nobody'; known are all, none, gaoya"):
        choose_peers("daft,nobody")
