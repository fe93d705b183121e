"""Rank -> a word: the names beyond every list, as many as a corpus of any size needs.

A list of words of one length is what does not scale. Of 30,000 words, 10,000 articles have used 99 %;
from there on every pair of strangers shares more and more of its rarest words, which no real corpus does. In real news
new words never end: new names, compounds, misspellings. The number of different words grows as a power of the number
of words (Heaps' law): measured with 0.5 to 0.57 on the second million of German words and with 0.41 to 0.50 on English
ones (``../shared/data``: insm_german_news, fnc1_bodies, reuters21578_part), and with 0.49 on the whole of RCV1.

Such a vocabulary is one of two regimes (Ferrer i Cancho and Solé 2001): a few thousand words that every writer uses,
whose frequency falls as 1 / rank (here `benchmarks.vocabulary`), and beyond them words of a trade, a place, a person,
whose frequency falls as 1 / rank**2 and whose ranks do not end. An exponent of 2 makes Heaps' law with 0.5. No list of
them is kept: a word is spelled from its rank, the same in every batch.

Rare words come in company: who is named once is named again in the same article. So each stretch of text has some of
its own. A million words then hold 35,000 different ones, 0.35 of them once (fnc1_bodies: 29,000, 0.35 once;
insm_german_news: 70,000, 0.46 once), ten million 110,000.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.vocabulary import SYLLABLES, Vocabulary
from benchmarks.writing import POOL_WORDS, Writer

KERNEL_WORDS = 6_000  # ranks up to which frequency falls as 1 / rank
MAX_RANK = 1 << 40  # met once in 10**8 draws
STRETCH_WORDS = 256  # words with rare words of their own: an article has one to two stretches, neighbours share one
N_COMPANY = 64  # rare words of a stretch; the k-th is used in proportion to 1 / k: of the rare words of an article, 0.7
# are different ones (0.84 to 0.9 in the corpora named above)
_MORE_SYLLABLES = (
    200_000  # rank from which a word has three syllables: two make 7 million words, most of which would be taken
)
_SCRAMBLER = np.uint64(0x9E3779B97F4A7C15)  # neighbouring ranks look nothing alike
_LOWER = np.array(sorted(set(SYLLABLES)), dtype=object)
_UPPER = np.array([syllable.capitalize() for syllable in _LOWER], dtype=object)


class RareWords(NamedTuple):
    """Where a text of `POOL_WORDS` words has rare words, and which.

    Parameters
    ----------
    places : int64[n]
        Of the words.
    chosen : int64[n]
        Which of the ranks each is.
    ranks : int64[m]
        Of the words that are used, stretch by stretch.
    """

    places: NDArray[np.int64]
    chosen: NDArray[np.int64]
    ranks: NDArray[np.int64]


def rare_share(n_kernel: int) -> float:
    """Give the share of a text's words that lie beyond the kernel.

    The kernel's words weigh 1 / (rank + 2.7) each; those beyond weigh n_kernel / rank**2, one in all, so that the
    curve has no step.

    >>> round(rare_share(6000), 3)
    0.112
    """
    return float(1 / (1 + (1 / (np.arange(n_kernel) + 2.7)).sum()))


def draw_rare_words(n_kernel: int, rng: np.random.Generator) -> RareWords:
    """Draw the rare words of the next `POOL_WORDS` words."""
    places = np.flatnonzero(rng.random(POOL_WORDS) < rare_share(n_kernel))
    n_drawn = POOL_WORDS // STRETCH_WORDS * N_COMPANY
    ranks = np.minimum(n_kernel / (1 - rng.random(n_drawn)), MAX_RANK).astype(np.int64)
    # The k-th in proportion to 1 / k: the exponential of a uniform number is close to that.
    of_stretch = (N_COMPANY ** rng.random(len(places))).astype(np.int64) - 1
    used, chosen = np.unique(places // STRETCH_WORDS * N_COMPANY + of_stretch, return_inverse=True)
    return RareWords(places, chosen, ranks[used])


def spell(ranks: NDArray[np.int64]) -> NDArray[np.object_]:
    """Spell the words of some ranks, each with a capital: nearly all are names.

    >>> spell(np.array([7_000, 7_001, 5_000_000])).tolist()
    ['Pourtnurt', 'Brellit', 'Grackclatnouck']
    """
    left = (ranks.astype(np.uint64) * _SCRAMBLER) >> np.uint64(16)
    n = np.uint64(len(_LOWER))
    first, second, third = left % n, left // n % n, left // n // n % n
    words: NDArray[np.object_] = _UPPER[first] + _LOWER[second]
    is_longer = ranks >= _MORE_SYLLABLES
    words[is_longer] += _LOWER[third[is_longer]]
    return words


class OpenWriter(Writer):
    """A writer whose words never end.

    What it coins is kept until it is dropped: 8 bytes a word written. A batch of 10,000 articles takes 40 MB.

    Parameters
    ----------
    vocabulary : Vocabulary
        The kernel.
    rng : numpy.random.Generator
    """

    def __init__(self, vocabulary: Vocabulary, rng: np.random.Generator) -> None:
        super().__init__(vocabulary, rng)
        self._n_kernel = len(vocabulary.words)

    def _strew_phrases(self, words: NDArray[np.int32]) -> None:
        rare = draw_rare_words(self._n_kernel, self.rng)
        words[rare.places] = len(self._words[0]) + rare.chosen
        coined = spell(rare.ranks)
        self._words = (np.concatenate([self._words[0], coined]), np.concatenate([self._words[1], coined]))
        super()._strew_phrases(words)
