"""Matches -> what each of them is: a copy, a revision, a template filled in anew, a quote that two articles share.

Theory of operation
-------------------
That two articles share text is not yet that one republishes the other. What tells is what is *not* shared: the *rests*,
the words around the shared text, with the headlines.

- Two articles of one publisher are versions of its article: ``revision``. Where less than `_MIN_REVISED` of either is
  shared, they are two articles in which it uses its own background or furniture again: ``template``.
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

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.kernels import rests
from dedup.kernels.buffers import Chunk
from dedup.model import Evidence, MatchKind, Relation

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
_MIN_NAMED = 0.05  # weight of a word that names something; articles and prepositions weigh less
_MIN_REVISED = 0.4  # of the words of the shorter one. Of 124 German pairs below one half, most tell two things
_MIN_COPIED = 15  # words shared with a text that holds more: a sentence. An excerpt has two
_MIN_QUOTED = 0.85  # of the shared words, on either side
_MIN_TOLD = 30  # words around the quote
_MAX_QUOTE_CHARACTERS = 3_000  # longer ones are a mark that was not closed
_QUOTES = {  # what opens a quotation -> what may close it
    "“": "”“", "„": "“”\"", "”": "”", "«": "»", "»": "«", "‹": "›", "›": "‹", "‚": "‘’", "\"": "\"", "＂": "＂",
    "「": "」", "『": "』", "《": "》", "〈": "〉", "〝": "〞〟",
}  # fmt: skip


class Told(NamedTuple):
    """Articles as relations are told from them: the words of their texts and headlines.

    Parameters
    ----------
    words : uint64[n]
        Hashes.
    units : int64[n]
        The number of what each is compared by.
    weights : float64[n_units]
        Of each unit, in [0, 1].
    flags : uint8[n]
        Bits of `kernels.rests`: `NUMBER`, `QUOTED`, `MASKED`.
    offsets : int64[2 * n_articles + 1]
        Text and headline of article i begin at ``offsets[2 * i]`` and ``offsets[2 * i + 1]``.
    publishers : sequence of str
        ``""`` if unknown.
    published : sequence of datetime or None
    """

    words: NDArray[np.uint64]
    units: NDArray[np.int64]
    weights: NDArray[np.float64]
    flags: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    publishers: Sequence[str]
    published: Sequence[datetime | None]

    def body(self, article: int) -> slice:
        """Give the place of an article's text."""
        return slice(self.offsets[2 * article], self.offsets[2 * article + 1])

    def headline(self, article: int) -> slice:
        """Give the place of an article's headline."""
        return slice(self.offsets[2 * article + 1], self.offsets[2 * article + 2])


def mark_words(texts: Chunk, starts: NDArray[np.int64], word_offsets: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Tell which words begin with a decimal digit, and which stand in quotation marks, both of any script.

    Single quotation marks, which may be apostrophes, are none.

    Parameters
    ----------
    texts : Chunk
    starts, word_offsets : int64[n], int64[n_texts + 1]
        Where each word begins, in bytes; whose it is.
    """
    return rests.mark_words(texts.values, texts.offsets, starts, word_offsets, *_marks(), _MAX_QUOTE_CHARACTERS)


def tell_relations(
    told: Told, pairs: NDArray[np.int64], kinds: Sequence[MatchKind], *, shingle_words: int
) -> list[tuple[Relation, Evidence]]:
    """Tell what the text that two articles share says of them.

    Parameters
    ----------
    told : Told
    pairs : int64[n, 2]
        Articles of it.
    kinds : sequence of {"exact", "near", "excerpt", "rewritten", "translated"}
        Of each match. A translation shares no words: only its publishers are looked at.
    shingle_words : int
        Words in a row that count as shared.
    """
    columns = rests.measure_rests(
        told.words, told.units, told.weights, told.flags, told.offsets, pairs,
        shingle_words, _MAX_PLACES, _MAX_SLOT_WORDS,
    )  # fmt: skip
    found: list[tuple[Relation, Evidence]] = []
    for (a, b), kind, column in zip(pairs.tolist(), kinds, columns.tolist(), strict=True):
        between, to_a, to_b, rest_a, rest_b, agree, contradict, quoted_a, quoted_b, told_a, told_b, *last = column
        evidence = Evidence(
            between_rests=between,
            a_to_shared=to_a,
            b_to_shared=to_b,
            rest_a=rest_a,
            rest_b=rest_b,
            n_numbers_agreeing=int(agree),
            n_numbers_contradicting=int(contradict),
            quoted_a=quoted_a,
            quoted_b=quoted_b,
            n_told_a=int(told_a),
            n_told_b=int(told_b),
            reason="",
        )
        relation, reason = _decide(evidence, told, a, b, kind, n_shared=int(last[0]), has_heads=bool(last[1]))
        found.append((relation, replace(evidence, reason=reason)))
    return found


def are_strangers(told: Told, a: int, b: int) -> bool:
    """Tell whether two whole texts have nothing to do with each other."""
    kinds = np.full(len(told.units), rests.REST, dtype=np.uint8)
    kinds[(told.flags & rests.MASKED) != 0] = 0
    texts = [slice(told.offsets[2 * article], told.offsets[2 * article + 2]) for article in (a, b)]
    units, kinds = (np.concatenate([values[text] for text in texts]) for values in (told.units, kinds))
    n_a = texts[0].stop - texts[0].start
    between, _, weights = rests.kinships(told.weights, units, kinds, np.array([0, n_a, len(units)]), np.array([0, 2]))
    return bool(weights.min() >= _MIN_REST and between[1, 0] <= _MAX_STRANGE)


def is_one_publisher(a: str, b: str) -> bool:
    """Tell whether two publishers are the same known one."""
    return a == b != ""


def _decide(
    found: Evidence, told: Told, a: int, b: int, kind: MatchKind, *, has_heads: bool, n_shared: int
) -> tuple[Relation, str]:
    is_home = is_one_publisher(told.publishers[a], told.publishers[b])
    lengths = [int(told.offsets[2 * article + 1] - told.offsets[2 * article]) for article in (a, b)]
    is_short = max(lengths) <= _SHORT_WORDS
    if kind != "translated":
        dates = told.published[a], told.published[b]
        apart = abs(dates[0] - dates[1]) if dates[0] and dates[1] else None
        if _contradict(found, apart, is_home=is_home, is_short=is_short):
            n = found.n_numbers_contradicting
            return "template", f"{n} of {n + found.n_numbers_agreeing} numbers in the shared text contradict"
        is_quote = min(found.quoted_a, found.quoted_b) >= _MIN_QUOTED
        if is_quote and min(found.n_told_a, found.n_told_b) >= _MIN_TOLD and not is_home:
            return "shared quote", "the shared words stand in quotation marks, and both tell the rest on their own"
        if kind == "excerpt" and n_shared < _MIN_COPIED and not is_home:
            return "shared quote", f"only {n_shared} words are shared"
        if has_heads and _are_strangers(found, is_home=is_home, is_short=is_short):
            return "template", "the words around the shared text have nothing to do with each other nor with it"
        if is_home and is_short and _names_unknown(told, a, b) and _names_unknown(told, b, a):
            return "template", "each names, in headline and text, what the other does not know"
        if is_home and kind in ("excerpt", "rewritten") and n_shared < _MIN_REVISED * min(lengths):
            return "template", "of one publisher, and little of either is shared: it uses its own background again"
    if is_home:
        return "revision", f"both are of {told.publishers[a]}"
    return "copy", "of different publishers, and nothing speaks against it"


def _contradict(found: Evidence, apart: timedelta | None, *, is_home: bool, is_short: bool) -> bool:
    n = found.n_numbers_contradicting
    of_all = n + found.n_numbers_agreeing
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


def _names_unknown(told: Told, a: int, b: int) -> bool:
    """Tell whether headline and text of `a` hold a telling word that `b` does not."""
    named = told.units[told.headline(a)]
    named = named[told.weights[named] >= _MIN_NAMED]
    named = named[np.isin(named, told.units[told.body(a)])]
    known = told.units[told.offsets[2 * b] : told.offsets[2 * b + 2]]
    return bool((~np.isin(named, known)).any())


@cache
def _marks() -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Every decimal digit zero of the Basic Multilingual Plane; quotation marks, and what closes each."""
    zeros = [code for code in range(0x10000) if unicodedata.decimal(chr(code), -1) == 0]
    marks = sorted({*_QUOTES, *"".join(_QUOTES.values())})
    closers = np.zeros((len(marks), max(map(len, _QUOTES.values()))), dtype=np.int64)
    for number, mark in enumerate(marks):
        for place, closer in enumerate(_QUOTES.get(mark, "")):
            closers[number, place] = ord(closer)
    return np.array(zeros, dtype=np.int64), np.array([ord(mark) for mark in marks], dtype=np.int64), closers
