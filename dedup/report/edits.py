"""Passage -> the words that differ inside it: what the left side has alone, what the right side has alone.

A passage runs on over small edits. Words are compared folded, without punctuation, so that other quotation marks or
capitals are no edit; characters of scripts without spaces are words of their own.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import regex
from rapidfuzz.distance import Indel

from dedup.model import Span

MAX_SHARE = 0.5  # of the words of a passage. Where more differ, marking them tells nothing
_MAX_WORDS = 20_000  # of one passage; beyond it nobody reads the marks
_WORD = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]\p{M}*|[\p{L}\p{N}\p{M}_]+(?:['’][\p{L}]+)*"
)


@dataclass(frozen=True, slots=True)
class Edits:
    """Characters of two texts that the other one lacks, each sorted, half open."""

    left: tuple[Span, ...] = ()
    right: tuple[Span, ...] = ()


def find_edits(left: str, right: str) -> Edits:
    """Compare two nearly equal texts word by word.

    Parameters
    ----------
    left, right : str
        The two sides of a passage.

    Returns
    -------
    Edits
        Neighbouring words make one edit. Empty where the words are the same, or where more than `MAX_SHARE` differ.

    Examples
    --------
    >>> find_edits("The old bridge will be rebuilt.", "The bridge will be rebuilt soon.")
    Edits(left=((4, 7),), right=((27, 31),))
    """
    left_spans, left_words = _words(left)
    right_spans, right_words = _words(right)
    if left_words == right_words or max(len(left_words), len(right_words)) > _MAX_WORDS:
        return Edits()
    numbers: dict[str, int] = {}
    lefts, rights = ([numbers.setdefault(w, len(numbers)) for w in words] for words in (left_words, right_words))
    steps = [step for step in Indel.opcodes(lefts, rights) if step.tag != "equal"]
    n_changed = sum((step.src_end - step.src_start) + (step.dest_end - step.dest_start) for step in steps)
    if n_changed > MAX_SHARE * (len(lefts) + len(rights)):
        return Edits()
    return Edits(
        _joined(left_spans, [(step.src_start, step.src_end) for step in steps]),
        _joined(right_spans, [(step.dest_start, step.dest_end) for step in steps]),
    )


def _words(text: str) -> tuple[list[Span], list[str]]:
    found = list(_WORD.finditer(text))
    return [m.span() for m in found], [unicodedata.normalize("NFKC", m.group()).casefold() for m in found]


def _joined(words: Sequence[Span], runs: Sequence[Span]) -> tuple[Span, ...]:
    """Turn runs of words into characters; runs that touch become one."""
    joined: list[Span] = []
    for first, last in runs:
        if first == last:
            continue
        if joined and joined[-1][1] == first:
            first = joined.pop()[0]
        joined.append((first, last))
    return tuple((words[first][0], words[last - 1][1]) for first, last in joined)
