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
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark import StorageLevel
from pyspark.sql import functions as F  # noqa: N812 - as all of Spark's users write it

from dedup import candidates, triples
from dedup.distributed import columns
from dedup.distributed.recipes import Recipe
from dedup.distributed.table import Table, map_articles
from dedup.kernels import postings as kernels
from dedup.model import Article
from dedup.pairs import Rules
from dedup.parts import Proposed

_BAND, _FINGERPRINT, _TRIPLE, _LIGHT = range(4)  # kinds of keys; of the light ones, what the driver is told
_CROWD = -1  # a slice that is none: the driver
_ROWS_A_PART = 500_000  # articles: some 10 million keys
_ROWS_A_SLICE = 50_000
_LEAST_PART_BITS = 3
_KEYS = columns.schema_of(kind=pa.int32(), part=pa.int32(), rows=pa.binary(), keys=pa.binary())
_POSTINGS = columns.schema_of(
    kind=pa.int32(), part=pa.int32(), slice=pa.int32(), which=pa.int32(), sizes=pa.binary(), rows=pa.binary()
)
_PAIRS = columns.schema_of(which=pa.int32(), pairs=pa.binary())
_NUMBERS = np.dtype(
    [("weight", np.uint64), ("n_fingerprints", np.int64), ("n_triples", np.int64), ("n_compared", np.int64)]
)


def propose(table: Table, recipe: Recipe) -> Proposed:
    """Propose the pairs that the local engine does."""
    max_articles = recipe.settings.max_articles_per_fingerprint
    n = len(table)
    bits = max(1, n.bit_length())
    part_bits = max(_LEAST_PART_BITS, (n // _ROWS_A_PART).bit_length())
    spark = table.spark.sparkContext
    n_slices = max(2 * spark.defaultParallelism, n // _ROWS_A_SLICE)
    keys = map_articles(table, _key_maker(spark.broadcast(recipe), part_bits, bits), _KEYS).persist(
        StorageLevel.DISK_ONLY
    )
    numbers = _gather_numbers(keys.filter(F.col("kind") == _LIGHT).toArrow(), n)

    order = candidates.order_rows(numbers["weight"], numbers["n_fingerprints"])
    place_of = np.empty(n, dtype=np.int64)
    place_of[order] = np.arange(n)
    bounds = np.linspace(0, n, n_slices + 1).astype(np.int64)
    finder = _posting_finder(spark.broadcast(place_of), bounds, bits, max_articles)
    postings = (
        keys.filter(F.col("kind") != _LIGHT)
        .groupBy("kind", "part")
        .applyInArrow(finder, columns.ddl(_POSTINGS))
        .persist(StorageLevel.DISK_ONLY)
    )
    crowded = postings.filter(F.col("slice") == _CROWD).toArrow()
    crowds, n_crowded = _gather_crowds(crowded, order)
    n_fingerprints = candidates.count_fingerprints(numbers["n_fingerprints"][order], n_crowded)
    counter = _counter(
        spark.broadcast((n_fingerprints, numbers["n_triples"].astype(np.int32))), bounds, recipe.rules, max_articles
    )
    found = (
        postings.filter(F.col("slice") != _CROWD)
        .groupBy("which", "slice")
        .applyInArrow(counter, columns.ddl(_PAIRS))
        .toArrow()
    )
    keys.unpersist()
    postings.unpersist()
    near, by_triples = (_gather_pairs(found, which) for which in (_BAND, _TRIPLE))
    return Proposed(
        candidates.Candidates(candidates.sorted_pairs(order[near], n), crowds),
        by_triples[np.lexsort((by_triples[:, 1], by_triples[:, 0]))],
        numbers["n_compared"],
    )


def _key_maker(
    broadcast: Any, part_bits: int, bits: int
) -> Callable[[NDArray[np.int64], list[Article]], Iterable[pa.RecordBatch]]:
    def make(rows: NDArray[np.int64], articles: list[Article]) -> Iterable[pa.RecordBatch]:
        recipe: Recipe = broadcast.value
        part = recipe.part(articles)
        compared = part.compared
        bands, fingerprints = candidates.find_keys(
            compared, rows_per_band=recipe.rules["rows_per_band"], part_bits=part_bits, bits=bits
        )
        in_order, offsets = recipe.triples(part)  # type: ignore[arg-type]
        numbers = np.zeros(len(rows), dtype=_NUMBERS)
        numbers["weight"] = candidates.weigh_rows(compared)
        numbers["n_fingerprints"] = np.diff(compared.fingerprint_offsets)
        numbers["n_triples"] = np.diff(offsets)
        numbers["n_compared"] = np.diff(compared.offsets)
        in_parts = kernels.split_keys(in_order, offsets, part_bits, bits)
        of_kind: list[list[NDArray[Any]]] = [bands, fingerprints, in_parts, [numbers]]
        yield columns.record(
            _KEYS,
            [
                (kind, number, rows.tobytes(), keys.tobytes())
                for kind, parts in enumerate(of_kind)
                for number, keys in enumerate(parts)
                if len(keys)
            ],
        )

    return make


def _gather_numbers(light: pa.Table, n: int) -> NDArray[np.void]:
    numbers = np.zeros(n, dtype=_NUMBERS)
    for rows, packed in zip(light.column("rows").to_pylist(), light.column("keys").to_pylist(), strict=True):
        numbers[columns.to_array(rows, np.int64)] = columns.to_array(packed, _NUMBERS)
    return numbers


def _posting_finder(
    place_of: Any, bounds: NDArray[np.int64], bits: int, max_articles: int
) -> Callable[[pa.Table], pa.Table]:
    """Sort the keys of one part into postings, and cut these for the slices."""
    low = np.uint64((1 << bits) - 1)

    def find(packed: pa.Table) -> pa.Table:
        kind, part = (packed.column(name)[0].as_py() for name in ("kind", "part"))
        parts = []
        for rows, keys in zip(packed.column("rows").to_pylist(), packed.column("keys").to_pylist(), strict=True):
            named, of_part = columns.to_array(rows, np.int64), columns.to_array(keys, np.uint64)
            places = named if kind == _TRIPLE else place_of.value[named]
            parts.append((of_part & ~low) | places[of_part & low].astype(np.uint64))
        postings = kernels.find_postings(np.sort(np.concatenate(parts)), bits)
        which = _TRIPLE if kind == _TRIPLE else _BAND
        found = [
            (kind, part, number, which, sizes.astype(np.int32).tobytes(), rows.tobytes())
            for number, sizes, rows in _cut(*postings, bounds, max_articles if which == _BAND else None)
        ]
        return pa.Table.from_batches([columns.record(_POSTINGS, found)], schema=_POSTINGS)

    return find


def _cut(
    offsets: NDArray[np.int64], rows: NDArray[np.int32], bounds: NDArray[np.int64], max_articles: int | None
) -> Iterable[tuple[int, NDArray[np.int64], NDArray[np.int32]]]:
    """Give each slice the postings, whole, that a row of it stands in; crowds, if there are any, go to none."""
    sizes = np.diff(offsets)
    is_crowd = sizes > (np.inf if max_articles is None else max_articles)
    posting_of = np.repeat(np.arange(len(sizes)), sizes)
    if is_crowd.any():
        yield _CROWD, sizes[is_crowd], rows[is_crowd[posting_of]]
    slice_of = np.searchsorted(bounds, rows, side="right") - 1
    for number in range(len(bounds) - 1):
        is_here = np.zeros(len(sizes), dtype=np.bool_)
        is_here[posting_of[slice_of == number]] = True
        is_here &= ~is_crowd
        if is_here.any():
            yield number, sizes[is_here], rows[is_here[posting_of]]


def _gather_crowds(crowded: pa.Table, order: NDArray[np.int64]) -> tuple[candidates.Crowds, NDArray[np.int32]]:
    """Give the crowds, the longest texts first, and of how many fingerprints of each place there is a crowd."""
    n_crowded = np.zeros(len(order), dtype=np.int32)
    sizes, rows = [np.zeros(1, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    in_order = crowded.sort_by([("kind", "ascending"), ("part", "ascending")])
    for kind, packed_sizes, packed_rows in zip(
        *(in_order.column(name).to_pylist() for name in ("kind", "sizes", "rows")), strict=True
    ):
        places = columns.to_array(packed_rows, np.int32)
        sizes.append(columns.to_array(packed_sizes, np.int32).astype(np.int64))
        rows.append(order[places])
        if kind == _FINGERPRINT:
            n_crowded += np.bincount(places, minlength=len(order)).astype(np.int32)
    return candidates.Crowds(np.cumsum(np.concatenate(sizes)), np.concatenate(rows)), n_crowded


def _counter(numbers: Any, bounds: NDArray[np.int64], rules: Rules, most: int) -> Callable[[pa.Table], pa.Table]:
    """Count what the rows of one slice share with those before them."""
    least, threshold, min_jaccard = (
        rules["min_shared_fingerprints"], rules["threshold"], rules["min_jaccard"]
    )  # fmt: skip

    def count(packed: pa.Table) -> pa.Table:
        n_fingerprints, n_triples = numbers.value
        packed = packed.sort_by([("kind", "ascending"), ("part", "ascending")])
        which, number = (packed.column(name)[0].as_py() for name in ("which", "slice"))
        parts = []
        n_bands = 0
        for kind, sizes, rows in zip(*(packed.column(n).to_pylist() for n in ("kind", "sizes", "rows")), strict=True):
            offsets = np.r_[0, np.cumsum(columns.to_array(sizes, np.int32))].astype(np.int64)
            parts.append((offsets, columns.to_array(rows, np.int32)))
            n_bands += (len(offsets) - 1) * (kind == _BAND)
        n = len(n_triples)
        shared = kernels.arrange_all(parts, n_bands, n)
        first, last = int(bounds[number]), int(bounds[number + 1])
        if which == _TRIPLE:
            weights = triples.weigh(np.diff(shared.offsets), n)
            pairs = triples.count_slice(shared, weights, n_triples, first, last, max_articles=most)
        else:
            pairs = candidates.count_slice(
                shared, n_fingerprints, first, last,
                min_shared_fingerprints=least, max_articles=most, threshold=threshold, min_jaccard=min_jaccard,
            )  # fmt: skip
        return pa.Table.from_batches([columns.record(_PAIRS, [(which, pairs.tobytes())])])

    return count


def _gather_pairs(found: pa.Table, which: int) -> NDArray[np.int64]:
    packed = zip(found.column("which").to_pylist(), found.column("pairs").to_pylist(), strict=True)
    parts = [columns.to_array(pairs, np.int64).reshape(-1, 2) for of, pairs in packed if of == which]
    return np.concatenate([np.empty((0, 2), dtype=np.int64), *parts])
