"""Texts -> what is kept of each for comparing: shingles, a MinHash signature, winnowed fingerprints.

Theory of operation
-------------------
- A *shingle* is ``shingle_words`` words in a row, hashed to 64 bits. The set of a text's shingles decides every match.
- A *signature* is the MinHash of that set, bit-identical to ``datasketch.MinHash(scheme="affine32")`` fed with the low
  32 bits of each shingle hash (`hash_shingle`). Two signatures agree in a position with a probability of about the
  jaccard of the sets. It proposes near copies.
- *Fingerprints* are the smallest shingle hash of each window of ``fingerprint_window`` shingles in a row (winnowing,
  Schleimer, Wilkerson and Aiken 2003, section 3). Two texts that share a run of
  ``fingerprint_window + shingle_words - 1`` words share a fingerprint. They propose excerpts, however long the text
  around them.

A text shorter than one shingle has none, a text shorter than one window gives its single smallest hash.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from datasketch import MinHash
from numpy.typing import NDArray

from dedup.kernels import evidence
from dedup.kernels import texts as kernels
from dedup.kernels.buffers import Chunk, TextBuffer, encode
from dedup.kernels.overlaps import is_member
from dedup.kernels.unicode_table import unicode_table
from dedup.model import UNSIGNED, MarkedWords, Sketch, Sketches

Progress = Callable[[int, int], None]  # texts done, of how many

NO_LIMIT = 2**62  # shingles: no text has more
_ROOM_VALUES = 2**22  # 32 MB


def no_progress(done: int, total: int) -> None:
    """Show nothing."""


class Room:
    """Room for values whose number is known only when they are there: arrays, filled one after the other.

    To be emptied and filled again: fresh memory costs more than what is written to it.
    """

    def __init__(self) -> None:
        self._array = self._free = np.empty(0, dtype=np.uint64)

    def ask(self, most: int) -> NDArray[np.uint64]:
        """Give room for at most so many values."""
        if len(self._free) < most:
            self._array = self._free = np.empty(max(most, _ROOM_VALUES), dtype=np.uint64)
        return self._free[:most]

    def take(self, n: int) -> None:
        """Keep the first values of the room that was given last."""
        self._free = self._free[n:]

    def empty(self, most: int) -> None:
        """Forget all values; what is asked for next, up to `most` values in all, lies in one piece."""
        self._free = self._array
        self.ask(most)


def sketch_texts(
    texts: TextBuffer,
    *,
    shingle_words: int,
    num_perm: int,
    seed: int,
    fingerprint_window: int,
    longest_kept: int = NO_LIMIT,
    longest_signed: int = NO_LIMIT,
    n_threads: int = 1,
    progress: Progress = no_progress,
) -> Sketches:
    """Sketch texts, chunk by chunk.

    Parameters
    ----------
    texts : TextBuffer
        The texts.
    shingle_words : int
        Words a shingle, at least 1.
    num_perm : int
        Positions of the signature.
    seed : int
        Of the permutations.
    fingerprint_window : int
        Shingles a window; 0: no fingerprints.
    longest_kept : int
        Shingles; those of a text of more are not kept, 8 bytes each.
    longest_signed : int
        Shingles; a text of more is not signed. Signatures cost as much as all the rest.
    n_threads : int
        At least 1. The result does not depend on it.
    progress : callable
        Called with (done, total) after each chunk.

    Returns
    -------
    Sketches
        Row i is the i-th text. One without shingles is not signed.
    """
    a, b = permutations(num_perm, seed)
    bounds = texts.bounds()
    most_texts = max((last - first for first, last in bounds), default=0)
    rooms = threading.local()  # each thread fills arrays of its own, chunk after chunk

    def of_chunk(bounds: tuple[int, int]) -> _Part:
        chunk = texts.chunk(*bounds)
        most = kernels.most_words(chunk.offsets)
        if not hasattr(rooms, "shingles"):
            rooms.shingles, rooms.fingerprints = Room(), Room()
            rooms.signatures = np.empty((most_texts, num_perm), dtype=np.uint32)
        part = _sketch_chunk(
            chunk, a, b, shingle_words, fingerprint_window, longest_kept, longest_signed, rooms.signatures,
            rooms.shingles.ask(most if longest_kept else 0),
            rooms.fingerprints.ask(most if fingerprint_window else 0),
        )  # fmt: skip
        rooms.shingles.take(len(part.shingles))
        rooms.fingerprints.take(len(part.fingerprints))
        return part._replace(signatures=part.signatures.copy())

    parts, done = [], 0
    with ThreadPoolExecutor(n_threads) as pool:
        for part in pool.map(of_chunk, bounds):
            parts.append(part)
            done += len(part.n_shingles_of)
            progress(done, len(texts))
    offsets = _offsets([part.n_shingles_of for part in parts])
    fingerprint_offsets = _offsets([part.n_fingerprints_of for part in parts])
    shingles, fingerprints = [part.shingles for part in parts], [part.fingerprints for part in parts]
    signatures = np.concatenate([np.empty((0, num_perm), dtype=np.uint32), *(part.signatures for part in parts)])
    is_signed = np.concatenate([np.empty(0, dtype=np.bool_), *(part.is_signed for part in parts)])
    del parts
    return Sketches(
        _joined(shingles), offsets, signatures, _places(is_signed), _joined(fingerprints), fingerprint_offsets
    )


def shingle_sets(
    texts: TextBuffer, rows: NDArray[np.int64], *, shingle_words: int, room: Room | None = None
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Give the shingle sets of some texts: values and offsets, as in `Sketches`, in the order of `rows`.

    They lie in `room`, if there is one, whose former values are lost.
    """
    room = room or Room()
    none = permutations(0, 0)
    room.empty(texts.most_bytes(rows) // 2 + 2 * len(rows) + 2)
    parts = []
    for some in texts.split(rows):
        chunk = texts.rows(some)
        shingles, signatures = room.ask(kernels.most_words(chunk.offsets)), np.empty((len(some), 0), dtype=np.uint32)
        part = _sketch_chunk(chunk, *none, shingle_words, 0, NO_LIMIT, NO_LIMIT, signatures, shingles, shingles[:0])
        room.take(len(part.shingles))
        parts.append(part)
    offsets = _offsets([part.n_shingles_of for part in parts])
    room.empty(int(offsets[-1]))
    return room.ask(int(offsets[-1])), offsets


def hash_shingle(words: Sequence[str]) -> int:
    """Hash one shingle as signatures do, in [0, 2**32): the ``hashfunc`` to give to datasketch.

    A ``datasketch.MinHash(num_perm, seed, hashfunc=hash_shingle)`` updated with each run of ``shingle_words`` words of
    a text has the signature of that text.

    Parameters
    ----------
    words : sequence of str
        The words of the shingle, in any case and Unicode form.

    Examples
    --------
    >>> hash_shingle(["The", "old", "bridge"]) == hash_shingle(["the", "OLD", "bridge"])
    True
    """
    values, offsets = encode([" ".join(words)])
    hashes, _, _, _ = kernels.split_words(values, offsets, *unicode_table())
    if not len(hashes):
        raise ValueError(f"words is {words!r}; a shingle has at least one word")
    a, b = permutations(0, 0)
    in_order, _, _, _ = kernels.sketch_words(hashes, a, b, len(hashes), 1)
    return int(in_order[0]) & 0xFFFFFFFF


def to_minhash(signature: NDArray[np.uint32], *, seed: int) -> MinHash:
    """Give a signature as a datasketch object, ready for its ``MinHashLSH``, ``MinHashLSHForest`` and so on."""
    return MinHash(
        hashvalues=signature,
        permutations=np.array(permutations(len(signature), seed)),
        seed=seed,
        hashfunc=hash_shingle,
        scheme="affine32",
    )


def from_minhash(minhash: MinHash, *, num_perm: int, seed: int) -> NDArray[np.uint32]:
    """Take a signature from a datasketch object: uint32[num_perm].

    Raises
    ------
    ValueError
        It was made with another number of positions, seed or scheme: the two would not be comparable.
    """
    wanted = {"num_perm": num_perm, "seed": seed, "scheme": "affine32"}
    for name, value in wanted.items():
        if (theirs := getattr(minhash, name, None)) != value:
            raise ValueError(f"{name} of the MinHash is {theirs!r}; it must be {value!r}, as in this index")
    return np.asarray(minhash.hashvalues, dtype=np.uint32)


def sign(shingles: NDArray[np.uint64], *, num_perm: int, seed: int) -> NDArray[np.uint32]:
    """MinHash signature of a set of shingle hashes: uint32[num_perm]."""
    offsets = np.array([0, len(shingles)], dtype=np.int64)
    signatures = kernels.sign_rows(shingles, offsets, np.zeros(1, dtype=np.int64), *permutations(num_perm, seed))
    return np.ascontiguousarray(signatures[0])


def estimate_jaccard(a: NDArray[np.uint32], b: NDArray[np.uint32]) -> float:
    """Share of positions in which two signatures agree: an estimate of jaccard, in [0, 1]."""
    return float(np.mean(a == b))


def stack(rows: Sequence[Sketch], *, num_perm: int) -> Sketches:
    """Put the sketches of many texts into one set of arrays, row by row."""
    shingles, offsets = _ragged([row.shingles for row in rows])
    fingerprints, fingerprint_offsets = _ragged([row.fingerprints for row in rows])
    signatures = np.array([row.signature for row in rows], dtype=np.uint32).reshape(len(rows), num_perm)
    is_signed = (signatures != UNSIGNED).any(axis=1)
    return Sketches(shingles, offsets, signatures[is_signed], _places(is_signed), fingerprints, fingerprint_offsets)


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
    shingles, offsets = _keep(sketches.shingles, sketches.offsets, ~is_member(sketches.shingles, boilerplate))
    fingerprints, fingerprint_offsets = _keep(
        sketches.fingerprints, sketches.fingerprint_offsets, ~is_member(sketches.fingerprints, boilerplate)
    )
    signatures, signature_of = sketches.signatures.copy(), sketches.signature_of.copy()
    sizes = np.diff(offsets)
    signature_of[sizes == 0] = -1
    rows = np.flatnonzero((sizes != np.diff(sketches.offsets)) & (signature_of >= 0))
    signatures[signature_of[rows]] = kernels.sign_rows(shingles, offsets, rows, *permutations(num_perm, seed))
    return Sketches(shingles, offsets, signatures, signature_of, fingerprints, fingerprint_offsets)


def mask(
    marked: MarkedWords, shingles: NDArray[np.uint64], offsets: NDArray[np.int64], *, shingle_words: int
) -> MarkedWords:
    """Mask the words of every shingle that is not compared.

    Parameters
    ----------
    marked : MarkedWords
        Of n texts.
    shingles, offsets
        The shingles of each that are compared, as in `Sketches`.
    shingle_words : int
        Words a shingle.
    """
    in_order = kernels.hash_shingles(marked.hashes, shingle_words)
    return marked._replace(is_masked=evidence.find_masked(in_order, marked.offsets, shingles, offsets, shingle_words))


@lru_cache(maxsize=8)
def permutations(num_perm: int, seed: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Take the permutations ``a * h + b`` from datasketch; none for `num_perm` 0."""
    if num_perm == 0:
        return np.empty(0, dtype=np.uint32), np.empty(0, dtype=np.uint32)
    a, b = MinHash(num_perm=num_perm, seed=seed, scheme="affine32").permutations
    return np.ascontiguousarray(a, dtype=np.uint32), np.ascontiguousarray(b, dtype=np.uint32)


class _Part(NamedTuple):
    """What one chunk gives: shingles and fingerprints one text after another, and how many each text has.

    Signatures likewise, of the texts that are signed.
    """

    shingles: NDArray[np.uint64]
    fingerprints: NDArray[np.uint64]
    n_shingles_of: NDArray[np.int64]
    n_fingerprints_of: NDArray[np.int64]
    signatures: NDArray[np.uint32]
    is_signed: NDArray[np.bool_]


def _sketch_chunk(
    chunk: Chunk,
    a: NDArray[np.uint32],
    b: NDArray[np.uint32],
    shingle_words: int,
    fingerprint_window: int,
    longest_kept: int,
    longest_signed: int,
    signatures: NDArray[np.uint32],
    shingles: NDArray[np.uint64],
    fingerprints: NDArray[np.uint64],
) -> _Part:
    n_shingles_of, n_fingerprints_of = np.empty((2, len(chunk.offsets) - 1), dtype=np.int64)
    is_signed = np.empty(len(chunk.offsets) - 1, dtype=np.bool_)
    kernels.sketch_texts(
        chunk.values, chunk.offsets, *unicode_table(), a, b,
        shingle_words, fingerprint_window, longest_kept, longest_signed,
        signatures, shingles, fingerprints, n_shingles_of, n_fingerprints_of, is_signed,
    )  # fmt: skip
    return _Part(
        shingles[: n_shingles_of.sum()], fingerprints[: n_fingerprints_of.sum()], n_shingles_of, n_fingerprints_of,
        signatures[: is_signed.sum()], is_signed,
    )  # fmt: skip


def _keep(
    values: NDArray[np.uint64], offsets: NDArray[np.int64], is_kept: NDArray[np.bool_]
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    return values[is_kept], np.concatenate([[0], np.cumsum(is_kept)])[offsets]


def _ragged(parts: Sequence[NDArray[np.uint64]]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    offsets = np.zeros(len(parts) + 1, dtype=np.int64)
    np.cumsum([len(part) for part in parts], out=offsets[1:])
    values = np.concatenate(parts) if parts else np.empty(0, dtype=np.uint64)
    return values, offsets


def _joined(parts: list[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    """Put parts one after another; each is given up once it is copied, so that its memory can take the next ones."""
    joined, n = np.empty(sum(len(part) for part in parts), dtype=np.uint64), 0
    parts.reverse()
    while parts:
        part = parts.pop()
        joined[n : n + len(part)] = part
        n += len(part)
    return joined


def _places(is_signed: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Give those that are signed a number each, in order; the others -1."""
    return np.where(is_signed, np.cumsum(is_signed) - 1, -1)


def _offsets(sizes: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.cumsum(np.concatenate([np.zeros(1, dtype=np.int64), *sizes]))
