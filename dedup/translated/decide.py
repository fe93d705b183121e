"""Alignments -> the probability that one article is, in whole or part, the translation of the other.

Logistic regressions, trained by ``benchmarks/calibrate_translated.py`` and shipped as numbers: some for each encoder,
some for anchors alone. First each aligned sentence pair is judged by itself, as there are very many to learn from;
then the pair of articles, by the sum of what its sentences say, and by how they lie in both texts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.errors import SettingsError
from dedup.translated.evidence import FEATURES, SENTENCE, Alignment
from dedup.translated.regression import Regression, read_regression

ANCHORS_ALONE = "anchors"
HINTS = (
    "cosine",  # of names and numbers
    "share",  # of the weight of those of the article with less
    "chain",  # weight of those that lie on one line
    "mean",  # cosine of the means of a few sentences; -1 without vectors
    "closest",  # cosine of the closest two of these; -1 without vectors
    "second",  # cosine of the closest two of the others; -1 without vectors
    "shorter",  # sentences of the article with fewer, log(n): long articles share something by chance
    "longer",  # and of the other
    "names",  # names and numbers of both, sum of log(1 + n)
)
CLOSER = (
    *HINTS,
    "met",  # highest cosine of a sampled sentence of one article with any of the other
    "met_twice",  # and of another sampled sentence with another of these
    "beside",  # highest cosine of a neighbour of that sentence with what stands beside the one it met, on the same side
)
PROOF = (
    "proof",  # log-odds of the aligned sentence pairs, summed, each as far as it counts
    "mean_proof",  # their mean
    "proof_for",  # the sum of those above 0, log(1 + x)
)
EVIDENCE = (*PROOF, *FEATURES)
_FEW_PAIRS, _AGAINST = 6, -0.5  # sentence pairs, as far as they count; mean log-odds at which so few speak against all
_MOST_PROOF = 4.0  # log-odds of one sentence pair, for or against
_LEAST_SUM, _MOST_SUM, _MOST_FOR = -10.0, 15.0, 20.0  # beyond these a sum says nothing new


class Verdict(NamedTuple):
    """The probability that a pair of articles is one text, in [0, 1], and whether that is enough."""

    probability: float
    is_match: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """How pairs of articles are aligned, and how an alignment is judged.

    Parameters
    ----------
    floor, anchor_bonus, skip_cost, min_run : float
        As `align` takes them.
    sentences : Regression or None
        Of `SENTENCE`; None where sentences are judged by their anchors alone.
    evidence : Regression
        Of `EVIDENCE`.
    threshold : float
        Probability from which a pair is a match, in (0, 1).
    """

    floor: float
    anchor_bonus: float
    skip_cost: float
    min_run: float
    sentences: Regression | None
    evidence: Regression
    threshold: float

    def judge(self, alignment: Alignment) -> Verdict:
        """Judge how two articles align.

        Where few sentences align, and on the whole say that they are no translations, the pair is no match: two short
        reports of one event tell the same in the same order, and look like one as articles.
        """
        if not len(alignment.pairs):
            return Verdict(0.0, is_match=False)
        evidence = evidence_of(self.sentences, alignment)
        probability = float(self.evidence.probabilities(evidence[None, :])[0])
        mean_proof = evidence[EVIDENCE.index("mean_proof")]
        is_spoken_against = alignment.counts.sum() < _FEW_PAIRS and mean_proof < _AGAINST
        return Verdict(probability, bool(probability >= self.threshold and not is_spoken_against))


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration(Judge):
    """How pairs of articles are chosen for one encoder, and how they are judged.

    Parameters
    ----------
    hints, closer : Regression, Regression or None
        Of `HINTS`; of `CLOSER`, None where nothing is embedded.
    hopeful : float
        Probability by hints from which one article of a pair is embedded in full, in [0, 1).
    close : float
        Probability by closer hints from which the other one is, too, and the pair is aligned, in [0, 1).
    lacking : Judge or None
        For pairs in languages of which the encoder lacks one or both, but whose scripts it has seen. None: these are
        judged by anchors alone, as are all others.
    worth : float
        Probability by anchors alone from which such a pair is embedded, in [0, 1).
    """

    hints: Regression
    closer: Regression | None
    hopeful: float
    close: float
    lacking: Judge | None = None
    worth: float = 0.0

    def is_hopeful(self, hints: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which pairs are worth aligning; `hints` is float64[m, n_hints]."""
        found: NDArray[np.bool_] = self.hints.probabilities(hints) >= self.hopeful
        return found

    def is_close(self, hints: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which pairs are worth it still; `hints` is float64[m, n_closer]."""
        if self.closer is None:
            return np.ones(len(hints), dtype=np.bool_)
        found: NDArray[np.bool_] = self.closer.probabilities(hints) >= self.close
        return found


def evidence_of(sentences: Regression | None, alignment: Alignment) -> NDArray[np.float64]:
    """Give what speaks for an alignment, as `EVIDENCE` names it; without a judge of sentences these say nothing."""
    return np.concatenate([_weigh_proof(sentences, alignment), alignment.features])


def _weigh_proof(sentences: Regression | None, alignment: Alignment) -> NDArray[np.float64]:
    """Give what the sentence pairs of an alignment say by themselves, as `PROOF` names it."""
    if sentences is None or not len(alignment.pairs):
        return np.zeros(len(PROOF))
    log_odds = np.clip(sentences.log_odds(alignment.sentences), -_MOST_PROOF, _MOST_PROOF)
    total = float(log_odds @ alignment.counts)
    speaks_for = float(np.maximum(0.0, log_odds) @ alignment.counts)
    return np.array(
        [np.clip(total, _LEAST_SUM, _MOST_SUM), total / alignment.counts.sum(), np.log1p(min(speaks_for, _MOST_FOR))]
    )


def load_calibration(name: str, path: Path | None = None) -> Calibration:
    """Read what was calibrated for an encoder, from `path` or from what ships.

    Raises
    ------
    SettingsError
        There is none, or it is of other features.
    """
    file = path or files("dedup") / "data" / "calibration" / f"{name}.json"
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"the encoder {name!r} has no calibration; make one with benchmarks/calibrate_translated.py: {error}"
        ) from error
    if not _is_of_these_features(stored):
        raise SettingsError(f"the calibration of {name!r} is of other features; make it again")
    judge = read_judge(stored)
    return Calibration(
        **{field.name: getattr(judge, field.name) for field in fields(Judge)},
        hints=read_regression(stored["hints"]),
        closer=read_regression(stored["closer"]) if stored["closer"] else None,
        hopeful=float(stored["hopeful"]),
        close=float(stored["close"]),
        lacking=read_judge(stored["lacking"]) if stored.get("lacking") else None,
        worth=float(stored.get("worth", 0)),
    )


def read_judge(stored: dict[str, Any]) -> Judge:
    """Make a judge of numbers as ``benchmarks/calibrate_translated.py`` stores them."""
    names = ("floor", "anchor_bonus", "skip_cost", "min_run", "threshold")
    return Judge(
        **{name: float(stored[name]) for name in names},
        sentences=read_regression(stored["sentences"]) if stored["sentences"] else None,
        evidence=read_regression(stored["evidence"]),
    )


def _is_of_these_features(stored: dict[str, Any]) -> bool:
    """Tell whether all that is stored is of the features that are made today."""
    expected = {"hints": HINTS, "closer": CLOSER, "sentences": SENTENCE, "evidence": EVIDENCE}
    told = [(of, part.get(of, {})) for part in (stored, stored.get("lacking") or {}) for of in expected if of in part]
    is_whole = all(of in stored for of in expected)
    return is_whole and all(part is None or tuple(part.get("features", ())) == expected[of] for of, part in told)
