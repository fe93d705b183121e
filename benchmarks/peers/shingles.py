"""Texts -> word 5-shingles in plain Python, as each of these libraries' users writes it: they take tokens, not text."""

from __future__ import annotations

import re

SHINGLE_WORDS = 5

_WORDS = re.compile(r"\w+").findall


def split(text: str) -> list[str]:
    """Give the lower-cased words of a text."""
    return _WORDS(text.lower())


def shingle(text: str) -> list[str]:
    """Give the distinct 5-shingles of a text, in reading order."""
    words = split(text)
    return list(dict.fromkeys(map(" ".join, zip(words, words[1:], words[2:], words[3:], words[4:]))))  # noqa: B905
