"""Table -> pairs of rows worth comparing: the postings of `candidates` and `triples`, spread over workers.

1. Each worker sketches its articles and hands out *keys*, a hash and the row that has it, part by part: a band, or a
   range of hashes of fingerprints or triples, is one part.
2. Whoever has a part sorts its keys into postings. A crowd, by the very rule of `candidates`, goes to the driver; every
   other posting goes to the *slices* of rows that stand in it.
3. Whoever has a slice counts what its rows share with those before them, with the kernels of the local engine.

Postings come in the order of their hashes, so that weights are added in the same order, whoever adds them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dedup import candidates, triples
from dedup.distributed.dealing import DRIVER, deal, values_for_driver, work_on_each
from dedup.distributed.recipes import Recipe
from dedup.distributed.table import Table, Work, map_articles
from dedup.kernels import postings as kernels
from dedup.pairs import Rules
from dedup.parts import Proposed

_ROWS_A_PART = 500_000  # articles: some 10 million keys
_ROWS_A_SLICE = 50_000
_LEAST_PART_BITS = 3
_NUMBERS = np.dtype(
    [("weight", np.uint64), ("n_fingerprints", np.int64), ("n_triples", np.int64), ("n_compared", np.int64)]
)


class _Postings(NamedTuple):
    """Postings of one part of the keys, or what one slice needs of them.

    Parameters
    ----------
    number : int
        Of the part.
    sizes, n_holders : int[n]
        Of each posting: how many of its rows are here, and how many share it.
    rows : int32[m]
        Posting after posting.
    """

    number: int
    sizes: NDArray[Any]
    n_holders: NDArray[Any]
    rows: NDArray[np.int32]


def propose(table: Table, recipe: Recipe) -> Proposed:
    """Propose the pairs that the local engine does."""
    max_articles = recipe.settings.max_articles_per_fingerprint
    n = len(table)
    numbering = _number_keys(n, recipe)
    spark = table.spark.sparkContext
    n_slices = max(2 * spark.defaultParallelism, n // _ROWS_A_SLICE)
    keys = deal(map_articles(table, _key_maker(spark.broadcast(recipe), numbering)), numbering.n_numbers)
    numbers = np.zeros(n, dtype=_NUMBERS)
    for rows, of_rows in values_for_driver(keys):
        numbers[rows] = of_rows

    order = candidates.order_rows(numbers["weight"], numbers["n_fingerprints"])
    place_of = np.empty(n, dtype=np.int64)
    place_of[order] = np.arange(n)
    bounds = np.linspace(0, n, n_slices + 1).astype(np.int64)
    finder = _posting_finder(spark.broadcast(place_of), numbering, bounds, max_articles)
    postings = deal(work_on_each(keys, finder), 1 + 2 * n_slices)
    crowds, n_crowded = _gather_crowds(values_for_driver(postings), order, numbering)
    n_fingerprints = candidates.count_fingerprints(numbers["n_fingerprints"][order], n_crowded)
    counter = _counter(
        spark.broadcast((n_fingerprints, numbers["n_triples"].astype(np.int32))),
        numbering, bounds, recipe.rules, max_articles,
    )  # fmt: skip
    found = work_on_each(postings, counter).collect()
    near, by_triples = (_join_pairs(found, is_triple=is_triple) for is_triple in (False, True))
    return Proposed(
        candidates.Candidates(candidates.sorted_pairs(order[near], n), crowds),
        by_triples[np.lexsort((by_triples[:, 1], by_triples[:, 0]))],
        numbers["n_compared"],
    )


@dataclass(frozen=True, slots=True)
class _Numbering:
    """Which number is which part of the keys: bands from 1, then ranges of hashes of fingerprints, those of triples."""

    n_bands: int
    part_bits: int
    bits: int  # of a key, that tell its row

    @property
    def n_numbers(self) -> int:
        return 1 + self.n_bands + (2 << self.part_bits)

    def is_band(self, number: int) -> bool:
        return number <= self.n_bands

    def is_triple(self, number: int) -> bool:
        return number > self.n_bands + (1 << self.part_bits)


def _number_keys(n: int, recipe: Recipe) -> _Numbering:
    n_bands = recipe.settings.num_perm // recipe.rules["rows_per_band"]
    return _Numbering(n_bands, max(_LEAST_PART_BITS, (n // _ROWS_A_PART).bit_length()), max(1, n.bit_length()))


def _key_maker(broadcast: Any, numbering: _Numbering) -> Work[tuple[int, Any]]:
    def make(rows: NDArray[np.int64], batch: pa.RecordBatch) -> Iterable[tuple[int, Any]]:
        recipe: Recipe = broadcast.value
        part = recipe.part(batch)
        compared = part.compared
        bands, fingerprints = candidates.find_keys(
            compared,
            rows_per_band=recipe.rules["rows_per_band"],
            part_bits=numbering.part_bits,
            bits=numbering.bits,
        )
        in_order, offsets = recipe.triples(part)  # type: ignore[arg-type]
        numbers = np.zeros(len(rows), dtype=_NUMBERS)
        numbers["weight"] = candidates.weigh_rows(compared)
        numbers["n_fingerprints"] = np.diff(compared.fingerprint_offsets)
        numbers["n_triples"] = np.diff(offsets)
        numbers["n_compared"] = np.diff(compared.offsets)
        yield DRIVER, (rows, numbers)
        in_parts = kernels.split_keys(in_order, offsets, numbering.part_bits, numbering.bits)
        for number, keys in enumerate([*bands, *fingerprints, *in_parts], start=1):
            if len(keys):
                yield number, kernels.name_rows(keys, rows, numbering.bits)

    return make


def _posting_finder(
    place_of: Any, numbering: _Numbering, bounds: NDArray[np.int64], max_articles: int
) -> Callable[[int, list[NDArray[np.uint64]]], Iterable[tuple[int, _Postings]]]:
    """Sort the keys of one part into postings, and cut these for the slices; the driver gets crowds, but of triples."""

    def find(number: int, parts: list[NDArray[np.uint64]]) -> Iterable[tuple[int, _Postings]]:
        keys, is_triple = np.concatenate(parts), numbering.is_triple(number)
        if not is_triple:
            keys = kernels.name_rows(keys, place_of.value, numbering.bits)
        offsets, rows = kernels.find_postings(np.sort(keys), numbering.bits)
        if not is_triple:
            sizes = np.diff(offsets)
            is_crowd = sizes > max_articles
            of_crowd = np.repeat(is_crowd, sizes)
            yield DRIVER, _Postings(number, sizes[is_crowd], sizes[is_crowd], rows[of_crowd])
            offsets, rows = _offsets(sizes[~is_crowd]), rows[~of_crowd]
        first = 1 + (len(bounds) - 1 if is_triple else 0)
        ends, row_ends, sizes, n_holders, cut = kernels.cut_postings(
            offsets, rows, bounds, max_articles, triples.N_HEADS
        )
        for place, ((a, b), (c, d)) in enumerate(
            zip(pairwise(ends.tolist()), pairwise(row_ends.tolist()), strict=True)
        ):
            if b > a:
                yield first + place, _Postings(number, sizes[a:b], n_holders[a:b], cut[c:d])

    return find


def _offsets(sizes: NDArray[Any]) -> NDArray[np.int64]:
    offsets: NDArray[np.int64] = np.r_[0, np.cumsum(sizes)].astype(np.int64)
    return offsets


def _gather_crowds(
    parts: list[_Postings], order: NDArray[np.int64], numbering: _Numbering
) -> tuple[candidates.Crowds, NDArray[np.int32]]:
    """Give the crowds, the longest texts first, and of how many fingerprints of each place there is a crowd."""
    n_crowded = np.zeros(len(order), dtype=np.int32)
    sizes, rows = [np.zeros(1, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for part in sorted(parts, key=lambda part: part.number):
        sizes.append(part.sizes.astype(np.int64))
        rows.append(order[part.rows])
        if not numbering.is_band(part.number):
            n_crowded += np.bincount(part.rows, minlength=len(order)).astype(np.int32)
    return candidates.Crowds(np.cumsum(np.concatenate(sizes)), np.concatenate(rows)), n_crowded


def _counter(
    numbers: Any, numbering: _Numbering, bounds: NDArray[np.int64], rules: Rules, most: int
) -> Callable[[int, list[_Postings]], Iterable[tuple[bool, NDArray[np.int64]]]]:
    """Count what the rows of one slice share with those before them; tell whether by triples."""
    least, threshold, min_jaccard = (
        rules["min_shared_fingerprints"], rules["threshold"], rules["min_jaccard"]
    )  # fmt: skip

    def count(number: int, parts: list[_Postings]) -> Iterable[tuple[bool, NDArray[np.int64]]]:
        n_fingerprints, n_triples = numbers.value
        n, n_slices = len(n_triples), len(bounds) - 1
        parts = sorted(parts, key=lambda part: part.number)
        n_bands = sum(len(part.sizes) for part in parts if numbering.is_band(part.number))
        n_holders = np.concatenate([part.n_holders for part in parts]).astype(np.int64)
        shared = kernels.arrange_all(
            [(_offsets(part.sizes), part.rows) for part in parts], n_bands, n, n_holders=n_holders
        )
        is_triple, place = divmod(number - 1, n_slices)
        first, last = int(bounds[place]), int(bounds[place + 1])
        if is_triple:
            weights = triples.weigh(shared.n_holders, n)
            yield True, triples.count_slice(shared, weights, n_triples, first, last, max_articles=most)
        else:
            yield False, candidates.count_slice(
                shared, n_fingerprints, first, last,
                min_shared_fingerprints=least, max_articles=most, threshold=threshold, min_jaccard=min_jaccard,
            )  # fmt: skip

    return count


def _join_pairs(found: list[tuple[bool, NDArray[np.int64]]], *, is_triple: bool) -> NDArray[np.int64]:
    return np.concatenate([np.empty((0, 2), dtype=np.int64), *(pairs for of, pairs in found if of == is_triple)])
