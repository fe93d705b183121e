"""Article -> the words that are compared, with a map back to the original's characters.

Theory of operation
-------------------
Two copies of a text differ in what no reader calls text: capitals, quotation marks, dashes, white space, ligatures, the
Unicode form of an accent. So a text is cut into words, each word is folded, and everything between words is dropped.
Every word remembers the characters it came from, so that what is found can be shown in the *original* text.

- A word is a run of letters, marks and digits. ``_`` is no letter; ``don’t`` is two words, whichever apostrophe it has.
- Scripts written without spaces (Chinese, Japanese kana, Thai, Lao, Khmer, Myanmar) give one word a character, with the
  marks that belong to it. Korean has spaces and is cut at them.
- Invisible format characters (soft hyphen, zero-width joiner) inside a word are skipped.
- Folding is NFKC, casefold, NFC. Accents are kept: ``schon`` is not ``schön``.
"""

from __future__ import annotations

from functools import cache, lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING
from unicodedata import normalize

import numpy as np

from dedup.model import Words

if TYPE_CHECKING:
    import regex

NORMALISER_VERSION = 1  # part of what a stored sketch depends on: raise it whenever a word or its hash changes


def split_words(text: str) -> Words:
    """Cut a text into folded words.

    Parameters
    ----------
    text : str
        Any text, in its original form.

    Returns
    -------
    Words
        Empty arrays for a text without a word.

    Examples
    --------
    >>> words = split_words("„Schön“ – SCHÖN!")
    >>> len(words.hashes), bool(words.hashes[0] == words.hashes[1]), words.starts.tolist()
    (2, True, [1, 10])
    """
    spans = [match.span() for match in _word_pattern().finditer(text)]
    n = len(spans)
    hashes = np.fromiter((_word_hash(text[start:end]) for start, end in spans), dtype=np.uint64, count=n)
    bounds = np.array(spans, dtype=np.int64).reshape(n, 2)
    return Words(hashes, bounds[:, 0].copy(), bounds[:, 1].copy())


def fold(word: str) -> str:
    r"""Fold a word to the form in which it is compared.

    Examples
    --------
    >>> fold("Straße"), fold("ﬁnal"), fold("Regie\u00adrung")
    ('strasse', 'final', 'regierung')
    """
    visible = "".join(char for char in word if not _is_format(char)) if not word.isascii() else word
    return normalize("NFC", normalize("NFKC", visible).casefold())


def _is_format(char: str) -> bool:
    return char == "\u00ad" or "\u200b" <= char <= "\u200f" or "\u2060" <= char <= "\u2064" or char == "\ufeff"


@lru_cache(maxsize=1 << 20)
def _word_hash(word: str) -> int:
    return int.from_bytes(blake2b(fold(word).encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


@cache
def _word_pattern() -> regex.Pattern[str]:
    import regex

    unspaced = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
    joined = r"\p{M}\u00ad\u200b-\u200f\u2060-\u2064\ufeff"
    return regex.compile(
        rf"[{unspaced}--\p{{P}}][{joined}]*+|[[\p{{L}}\p{{N}}]--[{unspaced}]][[\p{{L}}\p{{N}}{joined}]--[{unspaced}]]*+",
        flags=regex.VERSION1,
    )
