"""Matches and clusters + labels -> how good they are.

Two kinds of labels: pairs (``{"a": ..., "b": ..., "label": "near"}``), of which each is met or not; and a gold cluster
for each article, against which clusters are scored by pair, by article (B-cubed, Bagga and Baldwin 1998) and by the
adjusted Rand index.

Labelled pairs also give precision, recall and F1 of the verdict "copy": over all, and by kind of copy, by language, by
length. Shares have Wilson's interval. F1 is no share, so its interval is a bootstrap's; pairs that have an article in
common are drawn together, for they are met or missed together.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Literal, TypeAlias, get_args

import numpy as np
from sklearn.metrics import adjusted_rand_score

from dedup.errors import CorpusError
from dedup.model import Cluster, Duplicates, Match

Label: TypeAlias = Literal[
    "exact", "near", "excerpt", "rewritten", "translated", "revision", "template", "shared quote", "different"
]
Grouping: TypeAlias = Literal["kind", "language", "length"]
COPIES: tuple[Label, ...] = ("exact", "near", "excerpt", "rewritten", "translated")

_LENGTHS = ((50, "below 50 words"), (200, "50 to 199 words"), (500, "200 to 499 words"))  # of the shorter article
_LONGEST = "500 words and more"
_DRAWS = 1_000  # of a bootstrap: its bounds then move by about a hundredth of their distance


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
class CopyScore:
    """How good the verdict "copy" is on labelled pairs.

    Parameters
    ----------
    precision : Score
        Of the labelled pairs that were called copies; missed are those that are none.
    recall : Score
        Of the pairs labelled as copies; missed are those that were not called so.
    f1_interval : tuple of float
        Of 95 bootstrap draws in 100.
    """

    precision: Score
    recall: Score
    f1_interval: tuple[float, float]

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return _f1(self.precision.share, self.recall.share)


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

    ``exact``, ``near``, ``excerpt``, ``rewritten`` and ``translated`` are met by a copy of that kind; ``revision``,
    ``template`` and ``shared quote`` by a match of that relation; ``different`` by no match, or one that is called a
    template or a shared quote.
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
        return match is None or match.relation in ("template", "shared quote")
    if match is None:
        return False
    if label.label in COPIES:
        return match.relation == "copy" and match.kind == label.label
    return match.relation == label.label


def score_copies(duplicates: Duplicates, labels: Iterable[PairLabel]) -> CopyScore:
    """Score the verdict "copy" on labelled pairs; every label but those of copies is one against it.

    Examples
    --------
    >>> labels = [PairLabel("a", "b", "near"), PairLabel("a", "c", "different")]
    >>> score = score_copies(Duplicates({}, (Match("a", "b", "near", 0.9, 1.0, 0.9),), ()), labels)
    >>> score.precision.share, score.recall.share, score.f1
    (1.0, 1.0, 1.0)
    """
    called = {(match.a, match.b) for match in duplicates.copies}
    return _copy_score(list(labels), lambda label: (label.a, label.b) in called)


def score_copies_by(duplicates: Duplicates, labels: Iterable[PairLabel], grouping: Grouping) -> dict[str, CopyScore]:
    """Score the verdict "copy" on labelled pairs, group by group.

    ``kind``: recall by what a pair is labelled as, precision by what it was called. ``language``: as the articles
    state it, ``de-en`` for two, ``unknown`` where one states none. ``length``: words of the shorter article.

    Returns
    -------
    dict of str to CopyScore
        By name of the group; groups without a copy, labelled or called, are left out.
    """
    called = {(match.a, match.b): match.kind for match in duplicates.copies}
    listed = list(labels)
    groups: defaultdict[str, list[PairLabel]] = defaultdict(list)
    if grouping == "kind":
        for label in listed:
            kinds = {called.get((label.a, label.b)), label.label if label.label in COPIES else None} - {None}
            for kind in kinds:
                groups[str(kind)].append(label)
        return {
            kind: _copy_score(
                groups[kind],
                lambda label: (label.a, label.b) in called,
                counts_as_called=lambda label, kind=kind: called.get((label.a, label.b)) == kind,  # type: ignore[misc]
                counts_as_copy=lambda label, kind=kind: label.label == kind,  # type: ignore[misc]
            )
            for kind in sorted(groups)
        }
    name_of = _language_of if grouping == "language" else _length_of
    for label in listed:
        groups[name_of(duplicates, label)].append(label)
    scores = {name: _copy_score(groups[name], lambda label: (label.a, label.b) in called) for name in sorted(groups)}
    return {name: score for name, score in scores.items() if score.precision.n or score.recall.n}


def _copy_score(
    labels: Sequence[PairLabel],
    is_called: Callable[[PairLabel], bool],
    *,
    counts_as_called: Callable[[PairLabel], bool] | None = None,
    counts_as_copy: Callable[[PairLabel], bool] | None = None,
) -> CopyScore:
    called = [label for label in labels if (counts_as_called or is_called)(label)]
    copies = [label for label in labels if label.label in COPIES and (counts_as_copy is None or counts_as_copy(label))]
    wrong = tuple(label for label in called if label.label not in COPIES)
    missed = tuple(label for label in copies if not is_called(label))
    return CopyScore(
        Score(len(called), len(called) - len(wrong), wrong),
        Score(len(copies), len(copies) - len(missed), missed),
        _f1_interval(labels, set(called), set(copies), set(wrong), set(missed)),
    )


def _f1_interval(
    labels: Sequence[PairLabel],
    called: set[PairLabel],
    copies: set[PairLabel],
    wrong: set[PairLabel],
    missed: set[PairLabel],
) -> tuple[float, float]:
    """Draw groups of pairs that hang together, with repetition; give the bounds of 95 in 100 draws."""
    counts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    names = _connected(labels)
    for label in labels:
        count = counts[names[label.a]]
        for place, members in enumerate((called, wrong, copies, missed)):
            count[place] += label in members
    if not counts:
        return 0.0, 1.0
    table = np.array([counts[name] for name in sorted(counts)])
    drawn = np.random.default_rng(1).integers(0, len(table), (_DRAWS, len(table)))
    n_called, n_wrong, n_copies, n_missed = table[drawn].sum(axis=1).T
    precision = 1 - n_wrong / np.maximum(1, n_called)
    recall = 1 - n_missed / np.maximum(1, n_copies)
    f1 = (2 * precision * recall / np.maximum(1e-12, precision + recall))[n_called + n_copies > 0]
    if not len(f1):
        return 0.0, 1.0
    low, high = np.quantile(f1, [0.025, 0.975]).tolist()
    return low, high


def _connected(labels: Sequence[PairLabel]) -> dict[str, str]:
    """Name each article after one that labelled copies connect it with."""
    parents: dict[str, str] = {}

    def root(name: str) -> str:
        while parents.setdefault(name, name) != name:
            name = parents[name]
        return name

    for label in labels:
        one, other = root(label.a), root(label.b)
        if label.label in COPIES:
            parents[max(one, other)] = min(one, other)
    return {name: root(name) for name in list(parents)}


def _language_of(duplicates: Duplicates, label: PairLabel) -> str:
    found = sorted({duplicates.articles[key].language.split("-")[0].lower() or "unknown" for key in (label.a, label.b)})
    return "unknown" if "unknown" in found else "-".join(found)


def _length_of(duplicates: Duplicates, label: PairLabel) -> str:
    n_words = min(len(duplicates.articles[key].text.split()) for key in (label.a, label.b))
    return next((name for limit, name in _LENGTHS if n_words < limit), _LONGEST)


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
