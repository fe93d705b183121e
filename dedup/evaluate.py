"""Matches and clusters + labels -> how good they are.

Two kinds of labels: pairs (``{"a": ..., "b": ..., "label": "near"}``), of which each is met or not; and a gold cluster
for each article, against which clusters are scored by pair, by article (B-cubed, Bagga and Baldwin 1998) and by the
adjusted Rand index.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from sklearn.metrics import adjusted_rand_score

from dedup.errors import CorpusError
from dedup.model import Cluster, Duplicates, Match

Label: TypeAlias = Literal["exact", "near", "excerpt", "translated", "revision", "different"]


@dataclass(frozen=True, slots=True)
class PairLabel:
    """What somebody says of two articles; ``a < b``."""

    a: str
    b: str
    label: Label
    why: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """How many of a kind are met, and which are not.

    ``interval`` is Wilson's for 95 %: for small samples the honest way to say how sure the share is.
    """

    n: int
    n_met: int
    missed: tuple[PairLabel, ...] = ()

    @property
    def share(self) -> float:
        """Share that is met, in [0, 1]; 1 where there is nothing to meet."""
        return self.n_met / self.n if self.n else 1.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share."""
        return wilson_interval(self.n_met, self.n)


@dataclass(frozen=True, slots=True)
class ClusterScore:
    """How well clusters agree with the gold ones, each number in [0, 1] (the Rand index may fall below 0)."""

    pair_precision: float
    pair_recall: float
    bcubed_precision: float
    bcubed_recall: float
    adjusted_rand: float

    @property
    def pair_f1(self) -> float:
        """Harmonic mean of the pairs' precision and recall."""
        return _f1(self.pair_precision, self.pair_recall)

    @property
    def bcubed_f1(self) -> float:
        """Harmonic mean of B-cubed precision and recall."""
        return _f1(self.bcubed_precision, self.bcubed_recall)


def read_pair_labels(path: Path) -> tuple[PairLabel, ...]:
    """Read labels of pairs, one JSON object a line.

    Raises
    ------
    CorpusError
        A line is no label; the message names the line and what is wrong.
    """
    labels = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            a, b = sorted((row["a"], row["b"]))
            label, why = row["label"], row.get("why", "")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CorpusError(
                f'{path}: line {number}: it must hold {{"a": id, "b": id, "label": ...}}: {error!r}'
            ) from error
        if label not in get_args(Label):
            known = ", ".join(get_args(Label))
            raise CorpusError(f"{path}: line {number}: label is {label!r}; it must be one of {known}")
        labels.append(PairLabel(a, b, label, why))
    return tuple(labels)


def score_pairs(duplicates: Duplicates, labels: Iterable[PairLabel]) -> dict[str, Score]:
    """Score labelled pairs, by label.

    ``exact``, ``near``, ``excerpt`` and ``translated`` are met by a match of that kind across sources, ``revision`` by
    a match within one source, ``different`` by no match.
    """
    matches = {(match.a, match.b): match for match in duplicates.matches}
    by_label: defaultdict[str, list[PairLabel]] = defaultdict(list)
    for label in labels:
        by_label[label.label].append(label)
    scores = {}
    for name in sorted(by_label):
        missed = tuple(label for label in by_label[name] if not _is_met(label, matches.get((label.a, label.b))))
        scores[name] = Score(len(by_label[name]), len(by_label[name]) - len(missed), missed)
    return scores


def _is_met(label: PairLabel, match: Match | None) -> bool:
    if label.label == "different":
        return match is None
    if label.label == "revision":
        return match is not None and match.is_revision
    return match is not None and match.kind == label.label and not match.is_revision


def score_clusters(clusters: Sequence[Cluster], gold: Mapping[str, str]) -> ClusterScore:
    """Score clusters against gold ones.

    Parameters
    ----------
    clusters : sequence of Cluster
        What was found; an article in none is alone.
    gold : Mapping[str, str]
        Gold cluster of each article that is labelled; only these count.

    Examples
    --------
    >>> found = [Cluster("1", ("a", "b", "c"))]
    >>> score = score_clusters(found, {"a": "x", "b": "x", "c": "y", "d": "y"})
    >>> round(score.pair_precision, 2), score.pair_recall, round(score.bcubed_f1, 2)
    (0.33, 0.5, 0.71)
    """
    found = {article_id: article_id for article_id in gold}
    for cluster in clusters:
        found.update({article_id: f"cluster {cluster.id}" for article_id in cluster.articles if article_id in gold})
    n_both = Counter((found[article_id], gold[article_id]) for article_id in gold)
    n_found, n_gold = Counter(found.values()), Counter(gold.values())
    pairs_both, pairs_found, pairs_gold = (_n_pairs(counts.values()) for counts in (n_both, n_found, n_gold))
    ids = sorted(gold)
    return ClusterScore(
        pair_precision=pairs_both / pairs_found if pairs_found else 1.0,
        pair_recall=pairs_both / pairs_gold if pairs_gold else 1.0,
        bcubed_precision=_mean(n_both[found[i], gold[i]] / n_found[found[i]] for i in ids),
        bcubed_recall=_mean(n_both[found[i], gold[i]] / n_gold[gold[i]] for i in ids),
        adjusted_rand=float(adjusted_rand_score([gold[i] for i in ids], [found[i] for i in ids])) if ids else 1.0,
    )


def wilson_interval(n_met: int, n: int, *, z: float = 1.96) -> tuple[float, float]:
    """Wilson's interval of a share (Wilson 1927); the whole of [0, 1] for no trial.

    Examples
    --------
    >>> [round(bound, 3) for bound in wilson_interval(97, 100)]
    [0.915, 0.99]
    """
    if n == 0:
        return 0.0, 1.0
    share = n_met / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def _n_pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed) if listed else 1.0


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
