"""language -> prose: words with what stands between them, and the same prose as different outlets print it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.vocabulary import Vocabulary, draw_words

POOL_WORDS = 1 << 18  # words written at a time; what is handed out is cut from this supply
PHRASE_SPACING = 90  # words from one stock phrase to the next, on average
TYPOGRAPHIC, ASCII = 0, 1  # how an outlet prints quotation marks, apostrophes and dashes

# What may stand after a word. The first column is typographic, the second ASCII: the same prose, other bytes.
_GAPS = (
    (" ", " "),
    (", ", ", "),
    (". ", ". "),
    (".\n\n", ".\n\n"),
    ("? ", "? "),
    (": ", ": "),
    (" – ", " - "),
    (" “", ' "'),
    (",” ", '," '),
    ("-", "-"),
)
_SPACE, _COMMA, _STOP, _PARAGRAPH, _QUESTION, _COLON, _DASH, _OPEN, _CLOSE, _HYPHEN = range(len(_GAPS))
_SHARES = {
    _COMMA: 0.045,
    _STOP: 0.038,
    _PARAGRAPH: 0.012,
    _QUESTION: 0.002,
    _COLON: 0.004,
    _DASH: 0.006,
    _HYPHEN: 0.006,
}  # of gaps; the rest are spaces
_QUOTE_SHARE = 0.005  # of words that open a quotation, 6 to 24 words long


class Prose(NamedTuple):
    """A piece of text before it is printed.

    Parameters
    ----------
    words : int32[n]
        Numbers of words; ``n_words`` higher for a word with a capital.
    gaps : uint8[n]
        What stands after each word.
    """

    words: NDArray[np.int32]
    gaps: NDArray[np.uint8]

    def cut(self, start: int, end: int) -> Prose:
        """Give the words from `start` to before `end`."""
        return Prose(self.words[start:end], self.gaps[start:end])


def join(*pieces: Prose) -> Prose:
    """Put pieces of prose one after another."""
    return Prose(np.concatenate([piece.words for piece in pieces]), np.concatenate([piece.gaps for piece in pieces]))


class Writer:
    """Hands out invented prose, and prints it.

    Parameters
    ----------
    vocabulary : Vocabulary
        The language.
    rng : numpy.random.Generator
        Where every choice comes from: same state, same prose.
    """

    def __init__(self, vocabulary: Vocabulary, rng: np.random.Generator) -> None:
        self.rng = rng
        self._vocabulary = vocabulary
        self._supply = Prose(np.zeros(0, np.int32), np.zeros(0, np.uint8))
        self._taken = 0
        typographic = np.concatenate([vocabulary.words, [word[0].upper() + word[1:] for word in vocabulary.words]])
        ascii_only = np.array([word.replace("’", "'") for word in typographic], dtype=object)
        self._words = (typographic, ascii_only)
        self._gaps = tuple(np.array([gap[style] for gap in _GAPS], dtype=object) for style in (TYPOGRAPHIC, ASCII))

    def write(self, n: int) -> Prose:
        """Write `n` words that nobody has written before."""
        while self._taken + n > len(self._supply.words):
            self._supply = join(self._supply.cut(self._taken, len(self._supply.words)), self._write_supply())
            self._taken = 0
        self._taken += n
        return self._supply.cut(self._taken - n, self._taken)

    def print(self, prose: Prose, style: int) -> str:
        """Print prose as an outlet of this style does, ending with a full stop."""
        pieces = np.empty(2 * len(prose.words), dtype=object)
        pieces[0::2] = self._words[style][prose.words]
        pieces[1::2] = self._gaps[style][prose.gaps]
        pieces[-1] = "."
        return "".join(pieces.tolist())

    def _write_supply(self) -> Prose:
        words = draw_words(self._vocabulary, POOL_WORDS, self.rng)
        self._strew_phrases(words)
        gaps = self._draw_gaps()
        starts = np.flatnonzero((gaps == _STOP) | (gaps == _PARAGRAPH) | (gaps == _QUESTION))[:-1] + 1
        starts = starts[words[starts] < len(self._vocabulary.words)]  # what was coined are names
        words[starts] += len(self._vocabulary.words)
        return Prose(words, gaps)

    def _strew_phrases(self, words: NDArray[np.int32]) -> None:
        n = POOL_WORDS // PHRASE_SPACING
        places = self.rng.integers(0, POOL_WORDS - 8, n)
        # The square of a uniform number: a few phrases are on everybody's lips, most are rarer.
        choice = (self.rng.random(n) ** 2 * len(self._vocabulary.phrases)).astype(np.int64)
        for place, k in zip(places.tolist(), choice.tolist(), strict=True):
            phrase = self._vocabulary.phrases[k]
            words[place : place + len(phrase)] = phrase

    def _draw_gaps(self) -> NDArray[np.uint8]:
        bounds = np.cumsum(list(_SHARES.values()))
        table = np.array([*_SHARES, _SPACE], dtype=np.uint8)
        gaps = table[np.searchsorted(bounds, self.rng.random(POOL_WORDS))]
        opens = np.flatnonzero(self.rng.random(POOL_WORDS - 32) < _QUOTE_SHARE)
        gaps[opens] = _OPEN
        gaps[opens + self.rng.integers(6, 25, len(opens))] = _CLOSE
        return gaps
