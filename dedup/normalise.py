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
- Folding is NFKD, casefold, NFKD. Accents are kept: ``schon`` is not ``schön``. The order of marks on one letter, and
  the Unicode form they come in, do not matter.

All of it is one table and one pass: `kernels.texts`.
"""

from __future__ import annotations

import numpy as np

from dedup.kernels import evidence
from dedup.kernels import texts as kernels
from dedup.kernels.buffers import Chunk, encode
from dedup.kernels.unicode_table import unicode_table
from dedup.model import MarkedWords, Words

UNSPACED_SIZE = 0.625  # words a character of a script without spaces stands for: 1.6 characters to a word of English
NORMALISER_VERSION = 2  # part of what a stored sketch depends on: raise it whenever a word or its hash changes


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
    values, offsets = encode([text])
    hashes, starts, ends, _ = kernels.split_words(values, offsets, *unicode_table())
    if text.isascii():
        return Words(hashes, starts, ends)
    return Words(hashes, kernels.to_characters(values, 0, starts), kernels.to_characters(values, 0, ends))


def mark_words(texts: Chunk) -> MarkedWords:
    """Cut texts into folded words, and say of each what evidence is weighed by; none is masked.

    Parameters
    ----------
    texts : Chunk
        Some texts as bytes.

    Examples
    --------
    >>> marked = mark_words(encode(["He said: “Never.”", "市议会"]))
    >>> marked.is_quoted.tolist(), marked.sizes.tolist(), marked.offsets.tolist()
    ([False, False, True, False, False, False], [1.0, 1.0, 1.0, 0.625, 0.625, 0.625], [0, 3, 6])
    """
    values, offsets = texts
    table = unicode_table()
    pages, entries = table[:2]
    hashes, starts, ends, word_offsets = kernels.split_words(values, offsets, *table)
    units, weights, is_quoted, is_unspaced, is_number = evidence.mark_words(
        values, offsets, hashes, starts, ends, word_offsets, pages, entries
    )
    first = int(offsets[0])
    before = np.repeat(kernels.to_characters(values, first, offsets[:-1]), np.diff(word_offsets))
    return MarkedWords(
        hashes=hashes,
        units=units,
        weights=weights,
        sizes=np.where(is_unspaced, UNSPACED_SIZE, 1.0),
        is_quoted=is_quoted,
        is_number=is_number,
        is_masked=np.zeros(len(hashes), dtype=np.bool_),
        starts=kernels.to_characters(values, first, starts) - before,
        ends=kernels.to_characters(values, first, ends) - before,
        offsets=word_offsets,
    )
