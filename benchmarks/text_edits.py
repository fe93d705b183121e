"""Real text -> what happens to it on its way to another outlet, with known truth. In any script.

`benchmarks.edits` does the same to invented prose, for speed; here the words are real ones, so that what strangers
share by chance is real, too. Every choice comes from a `random.Random`: same state, same text.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Sequence

from dedup.kernels.buffers import encode
from dedup.normalise import mark_words, split_words

_LOOKALIKES = {
    "l": "1I", "1": "l", "I": "l", "o": "0", "0": "O", "e": "c", "c": "e", "a": "o", "n": "u", "u": "n", "m": "rn",
    "h": "b", "b": "h", "t": "f", "f": "t", "i": "j", "s": "5", "5": "S", "B": "8", "8": "B", "g": "q", "v": "y",
    "d": "cl", "r": "n", ".": ",", ",": ".",
}  # fmt: skip
_NEIGHBOURS = 40  # code points around a letter from which a script without lookalikes takes its misreading


def edit_words(text: str, share: float, pool: Sequence[str], rng: random.Random) -> str:
    """Edit `share` of the words: 60 % are replaced by one of `pool`, 20 % dropped, 20 % get a neighbour."""
    spans = word_spans(text)
    chosen = set(rng.sample(range(len(spans)), round(share * len(spans))))
    pieces, last = [], 0
    for number, (start, end) in enumerate(spans):
        pieces.append(text[last:start])
        word, kind = text[start:end], rng.random()
        if number not in chosen:
            pieces.append(word)
        elif kind < 0.6:
            pieces.append(rng.choice(pool))
        elif kind >= 0.8:
            pieces.append(word + (" " if is_spaced(text) else "") + rng.choice(pool))
        last = end
    return "".join([*pieces, text[last:]])


def misread(text: str, share: float, rng: random.Random) -> str:
    """Misread `share` of the characters, as OCR does: 70 % taken for another, 15 % lost, 15 % doubled or split.

    White space is misread, too: words run together, and fall apart.
    """
    chosen = set(rng.sample(range(len(text)), round(share * len(text))))
    pieces = []
    for place, char in enumerate(text):
        if place not in chosen:
            pieces.append(char)
            continue
        kind = rng.random()
        if kind < 0.7:
            pieces.append(_misread_as(char, rng))
        elif kind >= 0.85:
            pieces.append(char + rng.choice([char, " "]))
    return "".join(pieces)


def _misread_as(char: str, rng: random.Random) -> str:
    if char.isspace():
        return rng.choice(["", "."])
    if char in _LOOKALIKES:
        return rng.choice(_LOOKALIKES[char])
    if not char.isalnum():
        return rng.choice(["", "'", ".", ":"])
    for _ in range(10):
        other = chr(max(33, ord(char) + rng.randint(-_NEIGHBOURS, _NEIGHBOURS)))
        if unicodedata.category(other) == unicodedata.category(char) and other != char:
            return other
    return ""


def cut_words(text: str, n_words: int, rng: random.Random) -> str:
    """Cut `n_words` words in a row out of a text, wherever they start; all of it if it has no more."""
    spans = word_spans(text)
    start = rng.randint(0, max(0, len(spans) - n_words))
    return text[spans[start][0] : spans[min(start + n_words, len(spans)) - 1][1]]


def embed(part: str, host: Sequence[str], rng: random.Random) -> str:
    """Put a part between two sentences of a host."""
    place = rng.randint(0, len(host))
    return "\n".join([*host[:place], part, *host[place:]])


def reorder(text: str, rng: random.Random, *, sentences: int = 3) -> str:
    """Shuffle a text's paragraphs of so many sentences, none staying behind the one it stood behind."""
    lines = text.split("\n")
    blocks = [lines[start : start + sentences] for start in range(0, len(lines), sentences)]
    order = list(range(len(blocks)))
    rng.shuffle(order)
    return "\n".join(line for block in order for line in blocks[block])


def word_spans(text: str) -> list[tuple[int, int]]:
    """The characters of each word."""
    words = split_words(text)
    return list(zip(words.starts.tolist(), words.ends.tolist(), strict=True))


def is_spaced(text: str) -> bool:
    """Tell whether a text's script has spaces between words."""
    return float(mark_words(encode([text])).sizes.mean()) > 0.8
