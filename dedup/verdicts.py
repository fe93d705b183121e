"""Texts -> keys under which the verdicts on their pairs may be kept from night to night.

A verdict depends on the two texts, on which of their shingles are masked as boilerplate, on the settings and on the
program. All of that but the other text goes into the key of each article; a verdict holds while both keys stay the
same. An article that is revised gets a new key, and is alone compared again; so are those for which another boilerplate
was learned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.kernels.overlaps import is_member
from dedup.model import Sketches, Verdict

Pair = tuple[str, str]


class Recalled(NamedTuple):
    """Verdicts that hold, by the number of the pair, and the numbers of the pairs on which there is none."""

    verdicts: dict[int, Verdict]
    unknown: NDArray[np.int64]


def content_of(text: str) -> str:
    """Hash a text: 32 hexadecimal digits."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def verdict_keys(texts: Sequence[str], sketches: Sketches, compared: Sketches, *, made_with: str) -> list[int]:
    """Give the key of each text, in [-2**63, 2**63).

    Parameters
    ----------
    texts : sequence of str
    sketches, compared : Sketches
        Of the texts: all their shingles, and those that are not boilerplate.
    made_with : str
        The settings a verdict depends on, and the program.
    """
    prefix = made_with.encode()
    is_masked = np.diff(sketches.offsets) != np.diff(compared.offsets)
    keys = []
    for row, text in enumerate(texts):
        digest = blake2b(prefix, digest_size=8)
        digest.update(text.encode("utf-8", "surrogatepass"))
        if is_masked[row]:
            full = sketches.row(row).shingles
            digest.update(full[~is_member(full, compared.row(row).shingles)].astype("<u8").tobytes())
        keys.append(int.from_bytes(digest.digest(), "little", signed=True))
    return keys


def recall(
    pairs: NDArray[np.int64], ids: Sequence[str], keys: Sequence[int], kept: Callable[[Pair], Verdict | None]
) -> Recalled:
    """Find the verdicts that hold on some pairs of rows.

    Parameters
    ----------
    pairs : int64[n_pairs, 2]
        Rows.
    ids, keys
        Of each row.
    kept : callable
        The ids of both articles, the smaller first -> the verdict that is kept, if there is one.
    """
    found: dict[int, Verdict] = {}
    unknown = []
    for number, (i, j) in enumerate(pairs.tolist()):
        verdict = kept((ids[i], ids[j]))
        if verdict is not None and verdict.key_a == keys[i] and verdict.key_b == keys[j]:
            found[number] = verdict
        else:
            unknown.append(number)
    return Recalled(found, np.array(unknown, dtype=np.int64))
