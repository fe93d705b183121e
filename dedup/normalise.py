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

from dedup.kernels import texts as kernels
from dedup.kernels.buffers import encode
from dedup.kernels.unicode_table import unicode_table
from dedup.model import Words

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
