"""Matches -> what each of them is: a copy, a revision, a template filled in anew, a quote that two articles share.

Theory of operation
-------------------
That two articles share text is not yet that one republishes the other. What tells is what is *not* shared: the *rests*,
the words around the shared text, with the headlines.

- Two articles of one publisher are versions of its article: ``revision``.
- Where one says "17.419 new cases" and the other "1.911", in the same sentence, they report different things in the
  same form: ``template``. Numbers of copies agree, but for a rounding or a later count: at least `_MIN_CONTRADICTING`
  must contradict, and be `_MIN_SHARE` of all numbers of the shared text; less where the two appeared on different days
  (`_MIN_SHARE_APART`), half of them within a day of one publisher, which may correct itself. Two are enough in a brief
  (`_SHORT_WORDS`) where they are half of all.
- Where both rests are strangers to each other and to the shared text, that text is a form or a notice which two pages
  have in common: ``template``, too (horoscopes, dividends, "about this project"). Kinship is measured as in
  `kernels.rests`. Of copies, at least one rest knows the text: a headline does. Without a headline, only text above
  what is shared, or much text, is judged by: a credit and a list of links below it know nobody.
- Where two briefs of one publisher each name, in headline and text, what the other does not know at all, they are about
  two things: ``template``.
- Where the shared words stand in quotation marks on both sides, and both sides tell something else around them, they
  quote the same words: ``shared quote``. So is a sentence or headline (below `_MIN_COPIED`) that a longer text holds:
  nothing is republished with it.
- Everything else is a ``copy``.

All of this is language independent: numbers are digits of any script, quotation marks those of any script, kinship is
counted on rare words or, in scripts without spaces, pairs of characters. Nothing is read from a list of subjects.

Known special cases: numbers written as words contradict nobody. Two texts of the same words are told apart by their
headlines alone: two companies that pay the same dividend.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.kernels import rests
from dedup.kernels.lookups import number_values
from dedup.kernels.runs import shared_runs
from dedup.model import Evidence, MatchKind, Relation, Words

_MAX_PLACES = 16  # places of one shingle that are tried; as for passages
_MAX_SLOT_WORDS = 12  # of a slot in which numbers are compared: a clause. In longer ones nothing is aligned
_MIN_CONTRADICTING = 3  # numbers: one is a correction, two may be a rounding
_MIN_SHARE = 0.25  # of the numbers that contradict. Daily infection reports: 0.25 to 0.6; copies: mostly 0, at most 0.2
_MIN_SHARE_APART = 0.15
_MIN_SHARE_MOST = 0.5
_A_DAY = timedelta(hours=20)
_MAX_STRANGE = 0.12  # kinship of rests, and of a rest and the shared text, together. Of 696 German copies: above 0.2
_MAX_STRANGE_AT_HOME = 0.25  # of one publisher, whose furniture it may be
_MAX_STRANGE_SHORT = 0.42  # of one publisher's short texts, in which the headline is all the rest
_SHORT_WORDS = 100  # words: a brief
_MIN_REST = 1.4  # weight: a headline of a few rare words
_MIN_REST_SHORT = 1.2
_MIN_HEAD_WORDS = 5  # above the shared text: a headline
_MAX_JUDGED = 0.6  # of a text may be shared for its rest to be judged without any headline
_MIN_NAMED = 0.05  # weight of a word that names something; articles and prepositions weigh less
_MIN_COPIED = 15  # words shared with a text that holds more: a sentence. An excerpt has two
_MIN_QUOTED = 0.85  # of the shared words, on either side
_MIN_TOLD = 30  # words around the quote
_MAX_QUOTE_CHARACTERS = 3_000  # longer ones are a mark that was not closed
_QUOTES = {  # what opens a quotation -> what may close it
    "“": "”“", "„": "“”\"", "”": "”", "«": "»", "»": "«", "‹": "›", "›": "‹", "‚": "‘’", "\"": "\"", "＂": "＂",
    "「": "」", "『": "』", "《": "》", "〈": "〉", "〝": "〞〟",
}  # fmt: skip
_QUOTE_MARK = re.compile("[" + re.escape("".join({*_QUOTES, *"".join(_QUOTES.values())})) + "]")


class Told(NamedTuple):
    """An article as relations are told from it.

    Parameters
    ----------
    words, units : uint64[n]
        Its words, and what each is compared by.
    weights : float64[n]
        Of each unit, in [0, 1].
    is_number, is_quoted, is_masked : bool[n]
        Which words are numbers, stand in quotation marks, are boilerplate.
    headline_units, headline_weights : uint64[m], float64[m]
        Of its headline.
    publisher : str
        ``""`` if unknown.
    published : datetime or None
    """

    words: NDArray[np.uint64]
    units: NDArray[np.uint64]
    weights: NDArray[np.float64]
    is_number: NDArray[np.bool_]
    is_quoted: NDArray[np.bool_]
    is_masked: NDArray[np.bool_]
    headline_units: NDArray[np.uint64]
    headline_weights: NDArray[np.float64]
    publisher: str
    published: datetime | None


def tell_relation(a: Told, b: Told, kind: MatchKind, *, shingle_words: int) -> tuple[Relation, Evidence]:
    """Tell what the text that two articles share says of them.

    Parameters
    ----------
    a, b : Told
    kind : {"exact", "near", "excerpt", "rewritten", "translated"}
        Of the match. A translation shares no words: only its publisher is looked at.
    shingle_words : int
        Words in a row that count as shared.

    Returns
    -------
    Relation, Evidence
    """
    runs = shared_runs(a.words, b.words, shingle_words, _MAX_PLACES)
    is_shared_a = rests.mark_covered(runs[:, :2], len(a.words)) & ~a.is_masked
    is_shared_b = rests.mark_covered(runs[:, 2:], len(b.words)) & ~b.is_masked
    between, to_shared, weights = _measure(a, b, is_shared_a, is_shared_b)
    n_agreeing, n_contradicting = rests.compare_numbers(
        runs, a.words, b.words, a.is_number, b.is_number, _MAX_SLOT_WORDS
    )
    found = Evidence(
        between_rests=between,
        a_to_shared=to_shared[0],
        b_to_shared=to_shared[1],
        rest_a=weights[0],
        rest_b=weights[1],
        n_numbers_agreeing=n_agreeing,
        n_numbers_contradicting=n_contradicting,
        quoted_a=_share(is_shared_a & a.is_quoted, is_shared_a),
        quoted_b=_share(is_shared_b & b.is_quoted, is_shared_b),
        n_told_a=int((~(is_shared_a | a.is_quoted | a.is_masked)).sum()),
        n_told_b=int((~(is_shared_b | b.is_quoted | b.is_masked)).sum()),
        reason="",
    )
    has_heads = _has_head(a, runs[:, 0], is_shared_a) and _has_head(b, runs[:, 2], is_shared_b)
    n_shared = int(min(is_shared_a.sum(), is_shared_b.sum()))
    relation, reason = _decide(found, a, b, kind, has_heads=has_heads, n_shared=n_shared)
    return relation, replace(found, reason=reason)


def are_strangers(a: Told, b: Told) -> bool:
    """Tell whether two whole texts have nothing to do with each other."""
    nothing_a, nothing_b = np.zeros(len(a.words), dtype=np.bool_), np.zeros(len(b.words), dtype=np.bool_)
    between, _, weights = _measure(a, b, nothing_a, nothing_b)
    return min(weights) >= _MIN_REST and between <= _MAX_STRANGE


def is_one_publisher(a: str, b: str) -> bool:
    """Tell whether two publishers are the same known one."""
    return a == b != ""


def is_number(text: str, words: Words) -> NDArray[np.bool_]:
    """Tell which words begin with a decimal digit, of any script."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)[words.starts]
    zeros = _zeros()
    nearest = zeros[np.maximum(0, np.searchsorted(zeros, codes, side="right") - 1)]
    found: NDArray[np.bool_] = (codes >= nearest) & (codes < nearest + 10)
    return found


def is_quoted(text: str, words: Words) -> NDArray[np.bool_]:
    """Tell which words stand in quotation marks, of any script; single ones, which may be apostrophes, are none."""
    quoted = np.zeros(len(words.starts) + 1, dtype=np.int64)  # +1 where a quotation begins, -1 behind it
    opened, closing = -1, ""
    for mark in _QUOTE_MARK.finditer(text):
        if opened >= 0 and mark.start() - opened > _MAX_QUOTE_CHARACTERS:
            opened = -1
        if opened < 0:
            if mark[0] in _QUOTES:
                opened, closing = mark.start(), _QUOTES[mark[0]]
        elif mark[0] in closing:
            first, last = np.searchsorted(words.starts, [opened, mark.start()])
            quoted[first] += 1
            quoted[last] -= 1
            opened = -1
    found: NDArray[np.bool_] = np.cumsum(quoted)[:-1] > 0
    return found


def _decide(
    found: Evidence, a: Told, b: Told, kind: MatchKind, *, has_heads: bool, n_shared: int
) -> tuple[Relation, str]:
    is_home = is_one_publisher(a.publisher, b.publisher)
    is_short = max(len(a.words), len(b.words)) <= _SHORT_WORDS
    if kind != "translated":
        if _contradict(found, a, b, is_home=is_home, is_short=is_short):
            n = found.n_numbers_contradicting
            return "template", f"{n} of {n + found.n_numbers_agreeing} numbers in the shared text contradict"
        is_quote = min(found.quoted_a, found.quoted_b) >= _MIN_QUOTED
        if is_quote and min(found.n_told_a, found.n_told_b) >= _MIN_TOLD and not is_home:
            return "shared quote", "the shared words stand in quotation marks, and both tell the rest on their own"
        if kind == "excerpt" and n_shared < _MIN_COPIED and not is_home:
            return "shared quote", f"only {n_shared} words are shared"
        if has_heads and _are_strangers(found, is_home=is_home, is_short=is_short):
            return "template", "the words around the shared text have nothing to do with each other nor with it"
        if is_home and is_short and _names_unknown(a, b) and _names_unknown(b, a):
            return "template", "each names, in headline and text, what the other does not know"
    if is_home:
        return "revision", f"both are of {a.publisher}"
    return "copy", "of different publishers, and nothing speaks against it"


def _contradict(found: Evidence, a: Told, b: Told, *, is_home: bool, is_short: bool) -> bool:
    n = found.n_numbers_contradicting
    of_all = n + found.n_numbers_agreeing
    apart = abs(a.published - b.published) if a.published and b.published else None
    if n < _MIN_CONTRADICTING or (is_home and apart is not None and apart < _A_DAY):
        return n >= (2 if is_short else _MIN_CONTRADICTING) and n >= _MIN_SHARE_MOST * of_all
    return n >= (_MIN_SHARE_APART if apart is not None and apart >= _A_DAY else _MIN_SHARE) * of_all


def _are_strangers(found: Evidence, *, is_home: bool, is_short: bool) -> bool:
    least = min(found.rest_a, found.rest_b)
    kinship = found.between_rests + (found.a_to_shared + found.b_to_shared) / 2
    if is_home and is_short:
        return least >= _MIN_REST_SHORT and kinship <= _MAX_STRANGE_SHORT
    if is_home:
        return least >= _MIN_REST and kinship <= _MAX_STRANGE_AT_HOME
    # one headline that knows the text is enough: the other text may hold it among strangers
    return least >= _MIN_REST and found.between_rests + max(found.a_to_shared, found.b_to_shared) <= _MAX_STRANGE


def _has_head(told: Told, starts: NDArray[np.int64], is_shared: NDArray[np.bool_]) -> bool:
    """Tell whether a text has a headline, or enough words of its own, to be judged by what is not shared."""
    if len(told.headline_units) or _share(is_shared, ~told.is_masked) < _MAX_JUDGED:
        return True
    return bool(len(starts)) and int(starts.min()) >= _MIN_HEAD_WORDS


def _names_unknown(a: Told, b: Told) -> bool:
    """Tell whether headline and text of `a` hold a telling word that `b` does not."""
    named = a.headline_units[a.headline_weights >= _MIN_NAMED]
    named = named[np.isin(named, a.units)]
    return bool((~np.isin(named, b.units) & ~np.isin(named, b.headline_units)).any())


def _measure(
    a: Told, b: Told, is_shared_a: NDArray[np.bool_], is_shared_b: NDArray[np.bool_]
) -> tuple[float, tuple[float, float], tuple[float, float]]:
    parts = (a.units, a.headline_units, b.units, b.headline_units)
    units, distinct = number_values(np.concatenate(parts))
    weights = np.empty(len(distinct))
    weights[units] = np.concatenate([a.weights, a.headline_weights, b.weights, b.headline_weights])
    kinds = np.full(len(units), rests.REST, dtype=np.uint8)
    ends = np.cumsum([len(part) for part in parts])
    kinds[: ends[0]] = _kinds(is_shared_a, a.is_masked)
    kinds[ends[1] : ends[2]] = _kinds(is_shared_b, b.is_masked)
    between, to_shared, rest_weights = rests.kinships(
        weights, units, kinds, np.array([0, ends[1], ends[3]]), np.array([0, 2])
    )
    return (
        float(between[1, 0]),
        (float(to_shared[0]), float(to_shared[1])),
        (float(rest_weights[0]), float(rest_weights[1])),
    )


def _kinds(is_shared: NDArray[np.bool_], is_masked: NDArray[np.bool_]) -> NDArray[np.uint8]:
    kinds = np.where(is_shared, rests.SHARED, rests.REST)
    return np.where(is_masked, 0, kinds).astype(np.uint8)


def _share(part: NDArray[np.bool_], whole: NDArray[np.bool_]) -> float:
    return float(part.sum() / max(1, whole.sum()))


@cache
def _zeros() -> NDArray[np.uint32]:
    """Every decimal digit zero of the Basic Multilingual Plane."""
    return np.array([code for code in range(0x10000) if unicodedata.decimal(chr(code), -1) == 0], dtype=np.uint32)
