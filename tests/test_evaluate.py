from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup import Article, Cluster, CorpusError, Duplicates, Match
from dedup.evaluate import PairLabel, read_pair_labels, score_clusters, score_pairs, wilson_interval


def duplicates(*matches: Match) -> Duplicates:
    return Duplicates({name: Article(id=name, text=name) for name in "abcd"}, matches, ())


def test_labels_are_met_by_the_right_kind_only() -> None:
    found = duplicates(
        Match("a", "b", "near", 0.9, 1.0, 0.9),
        Match("a", "c", "near", 0.9, 1.0, 0.9, relation="revision"),
        Match("c", "d", "excerpt", 0.3, 1.0, 0.3),
    )
    labels = [
        PairLabel("a", "b", "near"),
        PairLabel("a", "b", "exact"),
        PairLabel("a", "c", "revision"),
        PairLabel("a", "c", "near"),
        PairLabel("b", "d", "different"),
        PairLabel("c", "d", "different"),
    ]
    scores = score_pairs(found, labels)
    assert {label: (score.n_met, score.n) for label, score in scores.items()} == {
        "near": (1, 2),
        "exact": (0, 1),
        "revision": (1, 1),
        "different": (1, 2),
    }
    assert scores["different"].missed == (labels[5],)


def test_clusters_that_agree_score_one() -> None:
    score = score_clusters([Cluster("1", ("a", "b"))], {"a": "x", "b": "x", "c": "y"})
    assert (score.pair_f1, score.bcubed_f1, score.adjusted_rand) == (1.0, 1.0, 1.0)


def test_a_cluster_that_swallows_all_loses_precision_only() -> None:
    score = score_clusters([Cluster("1", ("a", "b", "c", "d"))], {"a": "x", "b": "x", "c": "y", "d": "y"})
    assert score.pair_recall == score.bcubed_recall == 1.0
    assert (score.pair_precision, score.bcubed_precision) == (pytest.approx(1 / 3), 0.5)


def test_labels_are_read_with_the_smaller_id_first(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text('{"a": "z", "b": "y", "label": "near", "why": "w"}\n\n')
    assert read_pair_labels(path) == (PairLabel("y", "z", "near", "w"),)


@pytest.mark.parametrize("line", ["{", "[]", "5", '{"a": "x"}', '{"a": "x", "b": "y", "label": "similar"}'])
def test_a_bad_label_names_its_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text('{"a": "x", "b": "y", "label": "near"}\n' + line)
    with pytest.raises(CorpusError, match="line 2"):
        read_pair_labels(path)


@given(n=st.integers(0, 500), met=st.floats(0, 1))
def test_wilson_holds_the_share(n: int, met: float) -> None:
    n_met = round(n * met)
    low, high = wilson_interval(n_met, n)
    share = n_met / n if n else 0.5
    assert 0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1
