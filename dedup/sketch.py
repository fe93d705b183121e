"""Words -> what is kept of a text for comparing: shingles, a MinHash signature, winnowed fingerprints.

Theory of operation
-------------------
- A *shingle* is ``shingle_words`` words in a row, hashed to 64 bits. The set of a text's shingles decides every match.
- A *signature* is the MinHash of that set, bit-identical to ``datasketch.MinHash(scheme="affine32")`` fed with the low
  32 bits of each shingle hash. Two signatures agree in a position with a probability of about the jaccard of the sets.
  It proposes near copies.
- *Fingerprints* are the smallest shingle hash of each window of ``fingerprint_window`` shingles in a row (winnowing,
  Schleimer, Wilkerson and Aiken 2003, section 3). Two texts that share a run of
  ``fingerprint_window + shingle_words - 1`` words share a fingerprint. They propose excerpts, however long the text
  around them.

A text shorter than one shingle has none, a text shorter than one window gives its single smallest hash.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from datasketch import MinHash
from numpy.typing import NDArray

from dedup.model import Sketch, Sketches

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # odd, 2^64 over the golden ratio: spreads the places of the words
_MIX = np.uint64(0xBF58476D1CE4E5B9)  # from splitmix64 (Steele, Lea and Flood 2014)


def sketch_words(
    hashes: NDArray[np.uint64], *, shingle_words: int, num_perm: int, seed: int, fingerprint_window: int
) -> Sketch:
    """Sketch one text.

    Parameters
    ----------
    hashes : uint64[n]
        Word hashes in reading order.
    shingle_words : int
        Words a shingle, at least 1.
    num_perm : int
        Positions of the signature, at least 1.
    seed : int
        Of the permutations.
    fingerprint_window : int
        Shingles a window, at least 1.

    Returns
    -------
    Sketch
        Shingles and fingerprints sorted and distinct; the signature of an empty set is all ``2**32 - 1``.
    """
    in_order = shingle_hashes(hashes, shingle_words=shingle_words)
    shingles = np.unique(in_order)
    return Sketch(
        shingles,
        sign(shingles, num_perm=num_perm, seed=seed),
        winnow(in_order, window=fingerprint_window),
    )


def shingle_hashes(hashes: NDArray[np.uint64], *, shingle_words: int) -> NDArray[np.uint64]:
    """Hash every run of `shingle_words` words, in reading order.

    Returns
    -------
    uint64[max(0, n - shingle_words + 1)]
    """
    n_shingles = max(0, len(hashes) - shingle_words + 1)
    mixed = np.zeros(n_shingles, dtype=np.uint64)
    for place in range(shingle_words):
        mixed = mixed * _MULTIPLIER + hashes[place : place + n_shingles]
    mixed ^= mixed >> np.uint64(30)
    mixed *= _MIX
    mixed ^= mixed >> np.uint64(31)
    return mixed


def sign(shingles: NDArray[np.uint64], *, num_perm: int, seed: int) -> NDArray[np.uint32]:
    """MinHash signature of a set of shingle hashes.

    Returns
    -------
    uint32[num_perm]
    """
    minhash: MinHash = _empty_minhash(num_perm, seed).copy()
    if len(shingles):
        minhash.update_batch((shingles & np.uint64(0xFFFFFFFF)).tolist())
    signature: NDArray[np.uint32] = np.asarray(minhash.hashvalues, dtype=np.uint32)
    return signature


def estimate_jaccard(a: NDArray[np.uint32], b: NDArray[np.uint32]) -> float:
    """Share of positions in which two signatures agree: an estimate of jaccard, in [0, 1]."""
    return float(np.mean(a == b))


def winnow(shingles: NDArray[np.uint64], *, window: int) -> NDArray[np.uint64]:
    """Keep the smallest hash of each window of `window` shingles in reading order.

    Returns
    -------
    uint64[m]
        Sorted and distinct; one value for a text shorter than a window, none for one without shingles.
    """
    if len(shingles) <= window:
        return shingles.min(keepdims=True) if len(shingles) else shingles[:0]
    return np.unique(np.lib.stride_tricks.sliding_window_view(shingles, window).min(axis=1))


def stack(rows: Sequence[Sketch], *, num_perm: int) -> Sketches:
    """Put the sketches of many texts into one set of arrays, row by row."""
    shingles, offsets = _ragged([row.shingles for row in rows])
    fingerprints, fingerprint_offsets = _ragged([row.fingerprints for row in rows])
    signatures = np.array([row.signature for row in rows], dtype=np.uint32).reshape(len(rows), num_perm)
    return Sketches(shingles, offsets, signatures, fingerprints, fingerprint_offsets)


def without(sketches: Sketches, boilerplate: NDArray[np.uint64], *, num_perm: int, seed: int) -> Sketches:
    """Take shingles out of sketches; the texts that lose some are signed anew.

    Parameters
    ----------
    sketches : Sketches
        Of n texts.
    boilerplate : uint64[m]
        The shingles to take out.
    num_perm, seed : int
        As the sketches were made with.
    """
    if not len(boilerplate):
        return sketches
    shingles, offsets = _keep(sketches.shingles, sketches.offsets, ~np.isin(sketches.shingles, boilerplate))
    fingerprints, fingerprint_offsets = _keep(
        sketches.fingerprints, sketches.fingerprint_offsets, ~np.isin(sketches.fingerprints, boilerplate)
    )
    signatures = sketches.signatures.copy()
    for row in np.flatnonzero(np.diff(offsets) != np.diff(sketches.offsets)):
        signatures[row] = sign(shingles[offsets[row] : offsets[row + 1]], num_perm=num_perm, seed=seed)
    return Sketches(shingles, offsets, signatures, fingerprints, fingerprint_offsets)


def _keep(
    values: NDArray[np.uint64], offsets: NDArray[np.int64], is_kept: NDArray[np.bool_]
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    return values[is_kept], np.concatenate([[0], np.cumsum(is_kept)])[offsets]


def _ragged(parts: Sequence[NDArray[np.uint64]]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    offsets = np.zeros(len(parts) + 1, dtype=np.int64)
    np.cumsum([len(part) for part in parts], out=offsets[1:])
    values = np.concatenate(parts) if parts else np.empty(0, dtype=np.uint64)
    return values, offsets


@lru_cache(maxsize=8)
def _empty_minhash(num_perm: int, seed: int) -> MinHash:
    return MinHash(num_perm=num_perm, seed=seed, scheme="affine32", hashfunc=int)
