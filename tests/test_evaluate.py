from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup import Article, Cluster, CorpusError, Duplicates, Match
from dedup.evaluate import (
    PairLabel,
    read_pair_labels,
    score_clusters,
    score_copies,
    score_copies_by,
    score_pairs,
    wilson_interval,
)


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


LABELS = [
    PairLabel("a", "b", "near"),
    PairLabel("a", "c", "excerpt"),
    PairLabel("b", "d", "different"),
    PairLabel("c", "d", "template"),
]


def test_templates_and_quotes_are_no_copies() -> None:
    found = duplicates(
        Match("a", "b", "near", 0.9, 1.0, 0.9),
        Match("b", "d", "near", 0.9, 1.0, 0.9, relation="template"),
        Match("c", "d", "near", 0.9, 1.0, 0.9, relation="template"),
    )
    scores = score_pairs(found, LABELS)
    assert {label: score.n_met for label, score in scores.items()} == {
        "near": 1, "excerpt": 0, "different": 1, "template": 1,
    }  # fmt: skip
    whole = score_copies(found, LABELS)
    assert (whole.precision.n_met, whole.precision.n) == (1, 1)
    assert (whole.recall.n_met, whole.recall.n) == (1, 2)
    assert whole.recall.missed == (LABELS[1],)
    assert whole.f1 == pytest.approx(2 / 3)
    low, high = whole.f1_interval
    assert 0 <= low <= whole.f1 <= high <= 1


def test_a_wrong_copy_costs_precision() -> None:
    found = duplicates(Match("a", "b", "near", 0.9, 1.0, 0.9), Match("c", "d", "excerpt", 0.3, 1.0, 0.3))
    whole = score_copies(found, LABELS)
    assert whole.precision.share == whole.recall.share == 0.5
    assert whole.precision.missed == (LABELS[3],)
    by_kind = score_copies_by(found, LABELS, "kind")
    assert (by_kind["near"].precision.share, by_kind["near"].recall.share) == (1.0, 1.0)
    assert (by_kind["excerpt"].precision.share, by_kind["excerpt"].recall.share) == (0.0, 0.0)


def test_copies_are_scored_by_language_and_length() -> None:
    texts = {"a": ("de", 40), "b": ("de-AT", 300), "c": ("en", 60), "d": ("", 60)}
    articles = {name: Article(id=name, text="w " * n, language=tag) for name, (tag, n) in texts.items()}
    found = Duplicates(articles, (Match("a", "b", "near", 0.9, 1.0, 0.9),), ())
    assert set(score_copies_by(found, LABELS, "language")) == {"de", "de-en"}
    assert set(score_copies_by(found, LABELS, "length")) == {"below 50 words"}


def test_scores_do_not_depend_on_the_order_of_labels() -> None:
    found = duplicates(Match("a", "b", "near", 0.9, 1.0, 0.9))
    assert score_copies(found, LABELS).f1_interval == score_copies(found, LABELS[::-1]).f1_interval


def test_no_label_is_no_claim() -> None:
    assert score_copies(duplicates(), []).f1_interval == (0.0, 1.0)
