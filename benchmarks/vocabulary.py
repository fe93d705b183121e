"""seed -> a language of its own: words, how often each is used, and which follow which.

Every text of the benchmark corpus is invented, so that it may be generated, kept and passed on by anybody. What matters
for a duplicate finder is kept from real news: a few hundred words make half of the text (Zipf-Mandelbrot), words come
in habitual sequences, stock phrases recur in thousands of unrelated articles, names have capitals, some words have
accents, and sentences have commas, quotations and dashes.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# The commonest words of English: in any text in any order, hence nobody's. They take the first ranks.
COMMON_WORDS = (
    "the of to and in a for that on is was with said by as it at be from he has have his are an will not who they but"
    " had this their or its were been which about one after would more there when up also people two out new last all"
    " first year over other into than she her we can could no year time what some if i years so before them three most"
    " between under while against being made since during because now government police year’s don’t it’s didn’t"
    " where many then may week month part four through between such down officials according state country city day"
    " home back only just any like around million per cent told still another group should him next our how well"
    " world say own do even these those set work five take off never public use much court law case company business"
)

N_WORDS = 30_000  # types. A 100,000-article collection of one language has more, but those are almost all hapaxes
N_FOLLOWERS = 64  # words that habitually follow a word
FOLLOW_SHARE = 0.55  # share of words that come from habit: two unrelated articles then share a 5-word shingle at times
N_PHRASES = 600  # stock phrases ("told reporters at a press conference on"), 5 to 8 words each
TABLE_SIZE = 1 << 20  # entries of the sampling table: a word of rank 30,000 still has about three

_ONSETS = [*"bcdfghklmnprstvwbdlmnrst", "br", "ch", "cl", "dr", "fr", "gr", "pl", "sh", "sp", "st", "tr", "th"]
_VOWELS = [*"aeiou" * 6, "ea", "ai", "ou"]
_CODAS = ["l", "n", "r", "s", "t", "m", "d", "ck", "nd", "st", "rt", *[""] * 13]
SYLLABLES = [onset + vowel + coda for onset in _ONSETS for vowel in _VOWELS for coda in _CODAS]
_ACCENTED = str.maketrans("aeou", "áéöü")
_ACCENT_SHARE = 1 / 300  # of the rarer words: two thirds of the articles in ASCII typography are ASCII throughout


class Vocabulary(NamedTuple):
    """The words of the invented language.

    Parameters
    ----------
    words : object[n]
        The words by rank, names capitalised, apostrophes typographic.
    table : int32[TABLE_SIZE]
        Word numbers, each as often as it is used: a uniform draw from it is a draw from the language.
    followers : int32[n, N_FOLLOWERS]
        Words that habitually follow each word, commonest first.
    phrases : list of int32[5..8]
        Stock phrases.
    """

    words: NDArray[np.object_]
    table: NDArray[np.int32]
    followers: NDArray[np.int32]
    phrases: list[NDArray[np.int32]]


@cache
def make_vocabulary(seed: int, *, n_words: int = N_WORDS) -> Vocabulary:
    """Invent a language.

    Parameters
    ----------
    seed : int
        Same seed, same language.
    n_words : int
        Word types, at least 1,000.

    Examples
    --------
    >>> vocabulary = make_vocabulary(1, n_words=1000)
    >>> len(vocabulary.words), len(set(vocabulary.words)), vocabulary.words[0]
    (1000, 1000, 'the')
    """
    rng = np.random.default_rng([seed, 0])
    common = list(dict.fromkeys(COMMON_WORDS.split()))
    words = common + _invent_words(rng, n_words - len(common), taken=set(common))
    table = _sampling_table(n_words)
    followers = table[rng.integers(0, TABLE_SIZE, (n_words, N_FOLLOWERS))]
    phrases = [table[rng.integers(0, TABLE_SIZE, length)] for length in rng.integers(5, 9, N_PHRASES)]
    for array in (table, followers, *phrases):
        array.flags.writeable = False
    return Vocabulary(np.array(words, dtype=object), table, followers, phrases)


def draw_words(
    vocabulary: Vocabulary, n: int, rng: np.random.Generator, *, chain_words: int = 256
) -> NDArray[np.int32]:
    """Write `n` words: int32[n] word numbers, each by habit after the one before it, or drawn from the language.

    The text is written as chains of `chain_words` words side by side, so that numpy does the work; the few joints
    between chains are as good as any other place where the habit is broken.
    """
    n_chains = -(-n // chain_words)
    shape = (chain_words, n_chains)
    text = vocabulary.table[rng.integers(0, TABLE_SIZE, shape)]
    # The k-th follower is taken in proportion to 1 / (k + 1): the exponential of a uniform number is close to that.
    habit = (N_FOLLOWERS ** rng.random(shape)).astype(np.int32) - 1
    habitual = rng.random(shape) < FOLLOW_SHARE
    for i in range(1, chain_words):
        text[i] = np.where(habitual[i], vocabulary.followers[text[i - 1], habit[i]], text[i])
    return text.T.reshape(-1)[:n]


def _sampling_table(n_words: int) -> NDArray[np.int32]:
    frequencies = 1 / (np.arange(n_words) + 2.7)
    bounds = np.rint(np.cumsum(frequencies / frequencies.sum()) * TABLE_SIZE).astype(np.int64)
    return np.repeat(np.arange(n_words, dtype=np.int32), np.diff(bounds, prepend=0))


def _invent_words(rng: np.random.Generator, n: int, taken: set[str]) -> list[str]:
    """Words of one to four syllables; rarer words are longer, every seventh is a name."""
    words: list[str] = []
    while len(words) < n:
        is_rare = len(words) > 2_500
        is_longer, is_name, is_accented = (rng.random(3) < (0.45, 1 / 7, _ACCENT_SHARE * is_rare)).tolist()
        n_syllables = 1 + is_longer + is_rare + (len(words) > 20_000)
        word = "".join([SYLLABLES[k] for k in rng.integers(0, len(SYLLABLES), n_syllables).tolist()])
        word = word.capitalize() if is_name else word
        word = word.translate(_ACCENTED) if is_accented else word
        if word not in taken:
            taken.add(word)
            words.append(word)
    return words
