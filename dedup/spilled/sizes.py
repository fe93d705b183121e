"""A limit on memory -> how much is done at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

_Item = TypeVar("_Item")
_Made = TypeVar("_Made")
_TEXTS = 2_000  # sketched at once by a thread: 100 MB of news
_LIMIT = 2_000_000_000  # bytes, for which these numbers were measured; other limits are in proportion
_SHINGLES = 6_000_000  # of a range of hashes, whose holders are sorted: 300 MB
_HOLDERS = 3_000_000  # of repeated shingles that are judged at once: 300 MB
_KEYS = 5_000_000  # sorted at once by a thread: 120 MB
_SLICE = 12_500  # rows that are counted at once by a thread: 150 MB, of news
_CHARACTERS_A_WORD = 5  # at least, and a shingle a word
_FINGERPRINTS = 0.25  # of the shingles, at most
_TRIPLES = 0.6  # of the shingles, at most
_REPEATED = 0.3  # of the shingles stand in several articles, in news


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is done at once.

    Parameters
    ----------
    texts : int
        Articles that are read and sketched at once.
    shingle_parts, block_parts : int
        Into how many parts shingles, and those that are repeated, are cut.
    key_bits : int
        Fingerprints and triples are cut into ``2**key_bits`` parts.
    slice_rows : int
        Articles whose pairs are counted at once.
    n_threads : int
    """

    texts: int
    shingle_parts: int
    block_parts: int
    key_bits: int
    slice_rows: int
    n_threads: int


def choose_sizes(memory_limit: int, *, n_characters: int, n_threads: int) -> Sizes:
    """Choose how much is done at once.

    Parameters
    ----------
    memory_limit : int
        Bytes.
    n_characters : int
        Of all texts.
    n_threads : int
        At least 1.

    Examples
    --------
    >>> choose_sizes(2_000_000_000, n_characters=3_000_000_000, n_threads=2)
    Sizes(texts=2000, shingle_parts=101, block_parts=61, key_bits=7, slice_rows=12500, n_threads=2)
    """
    share = memory_limit / _LIMIT
    n_shingles = n_characters / _CHARACTERS_A_WORD

    def parts(n: float, at_once: int) -> int:
        return int(n / (at_once * share)) + 1

    return Sizes(
        texts=_TEXTS,
        shingle_parts=parts(n_shingles, _SHINGLES),
        block_parts=parts(n_shingles * _REPEATED, _HOLDERS),
        key_bits=max(1, (parts(n_shingles * max(_FINGERPRINTS, _TRIPLES), _KEYS) - 1).bit_length()),
        slice_rows=max(1_000, int(_SLICE * share)),
        n_threads=n_threads,
    )


def do_in_order(work: Callable[[_Item], _Made], items: Iterable[_Item], n_threads: int) -> Iterator[_Made]:
    """Do some work on each item by several threads; give the results in order, a few being under way at a time."""
    waiting = deque()  # type: ignore[var-annotated]
    with ThreadPoolExecutor(n_threads) as pool:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > n_threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
