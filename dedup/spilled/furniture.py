"""Table -> what is common in the whole corpus: how rare each word is, and which shingles are page furniture.

Shingles are spilled by range of hashes; of each range those that several articles hold are kept, and spilled again by
block. Blocks are judged part by part as ever (`boilerplate.judge_blocks`). Some articles of each are read for that, and
of these all repeated shingles must be known: they are shelved by row.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.boilerplate import (
    Furniture,
    Repeated,
    WeighedUnits,
    block_keys,
    complete,
    find_repeated,
    find_suffixes,
    join_headlines,
    judge_blocks,
    sample_headlines,
)
from dedup.corpus import read_headlines, read_weighed
from dedup.kernels.buffers import TextBuffer
from dedup.model import Article
from dedup.parts import Common, learn_from
from dedup.pipeline import Progress
from dedup.rarity import Rarity, sample_rows
from dedup.settings import Settings
from dedup.sketch import shingle_sets
from dedup.spilled.journal import Journal
from dedup.spilled.shelf import Parts, Shelf, in_pieces, write_segment
from dedup.spilled.sizes import Sizes, do_in_order
from dedup.spilled.table import Table

_Values = NDArray[np.uint64]


def learn_common(table: Table, settings: Settings, sizes: Sizes, journal: Journal, progress: Progress) -> Common:
    """Learn what the corpus has in common."""
    sample = table.fetch(sample_rows(len(table)))
    rarity = learn_from([article.text for article in sample], shingle_words=settings.shingle_words)
    shingles = Parts(journal.folder / "shingles")
    n_shingles = _spill_shingles(table, settings, sizes, shingles, progress)
    blocks = Parts(journal.folder / "blocks")
    held = _spill_repeated(len(table), settings, sizes, shingles, blocks, journal)
    boilerplate = _judge(table, rarity, n_shingles, settings, sizes, blocks, held, progress)
    for name in ("shingles", "blocks", "held", "repeated"):
        journal.remove(name)
    return Common(rarity, boilerplate, n_shingles)


def _spill_shingles(
    table: Table, settings: Settings, sizes: Sizes, parts: Parts, progress: Progress
) -> NDArray[np.int64]:
    """Spill the shingles of all articles by range of hashes; give the number of each article's."""
    bounds = _ranges(sizes.shingle_parts)

    def read(
        batch: tuple[NDArray[np.int64], list[Article]],
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], list[_Values], list[NDArray[np.uint32]]]:
        rows, articles = batch
        texts = TextBuffer([article.text for article in articles])
        shingles, offsets = shingle_sets(texts, np.arange(len(rows)), shingle_words=settings.shingle_words)
        n_of = np.diff(offsets)
        order = np.argsort(shingles)
        cuts = np.searchsorted(shingles[order], bounds[1:])
        holders = np.repeat(rows.astype(np.uint32), n_of)
        return rows, n_of, np.split(shingles[order], cuts), np.split(holders[order], cuts)

    n_shingles = np.zeros(len(table), dtype=np.int64)
    n_done = 0
    progress("reading shingles", n_done, len(table))
    for rows, n_of, values, holders in do_in_order(read, table.batches(sizes.texts), sizes.n_threads):
        n_shingles[rows] = n_of
        for part, (some, of_some) in enumerate(zip(values, holders, strict=True)):
            parts.add(str(part), values=some, rows=of_some)
        n_done += len(rows)
        progress("reading shingles", n_done, len(table))
    return n_shingles


def _ranges(n: int) -> _Values:
    """Cut the range of 64-bit hashes into n: where each begins."""
    return np.array([(number << 64) // n for number in range(n)], dtype=np.uint64)


def _spill_repeated(
    n: int, settings: Settings, sizes: Sizes, shingles: Parts, blocks: Parts, journal: Journal
) -> Shelf:
    """Keep the shingles that several articles hold: spilled by block, and shelved by row."""
    bounds = _ranges(sizes.block_parts)
    held = Parts(journal.folder / "held")
    for part in range(sizes.shingle_parts):
        values, rows = shingles.take(str(part), values=np.uint64, rows=np.uint32)
        repeated = find_repeated(values, rows.astype(np.int64), settings.boilerplate_articles)
        of_part = np.searchsorted(bounds, block_keys(repeated), side="right") - 1
        n_holders = np.diff(repeated.offsets)
        order, by_holder = (np.argsort(of, kind="stable") for of in (of_part, np.repeat(of_part, n_holders)))
        cuts = np.cumsum(np.bincount(of_part, minlength=sizes.block_parts))
        row_cuts = np.cumsum(np.bincount(of_part, n_holders, minlength=sizes.block_parts)).astype(np.int64)
        arrays: list[NDArray[Any]] = [
            repeated.shingles[order],
            n_holders[order],
            repeated.rows[by_holder].astype(np.uint32),
        ]
        split = (np.split(array, at[:-1]) for array, at in zip(arrays, (cuts, cuts, row_cuts), strict=True))
        for number, (values, counts, rows) in enumerate(zip(*split, strict=True)):
            if len(values):
                blocks.add(str(number), shingles=values, counts=counts, rows=rows)
        order = np.argsort(repeated.rows, kind="stable")
        rows, values = repeated.rows[order], np.repeat(repeated.shingles, n_holders)[order]
        for number, (first, last) in enumerate(in_pieces(n, sizes.slice_rows)):
            start, end = np.searchsorted(rows, [first, last])
            held.add(str(number), rows=rows[start:end].astype(np.uint32), shingles=values[start:end])
    for number, (first, last) in enumerate(in_pieces(n, sizes.slice_rows)):
        rows, values = held.take(str(number), rows=np.uint32, shingles=np.uint64)
        order = np.argsort(rows, kind="stable")
        bounds_of_row = np.searchsorted(rows[order], np.arange(first, last + 1)).tolist()
        values = values[order]
        records = (values[start:end].tobytes() for start, end in pairwise(bounds_of_row))
        write_segment(journal.folder / "repeated", number, records)
    return Shelf(journal.folder / "repeated")


def _judge(
    table: Table,
    rarity: Rarity,
    n_shingles: NDArray[np.int64],
    settings: Settings,
    sizes: Sizes,
    blocks: Parts,
    held: Shelf,
    progress: Progress,
) -> _Values:
    """Find the shingles that are furniture."""
    known = table.known
    is_known = np.array([name != "" for name in known.publisher_names], dtype=np.bool_)

    def read(rows: NDArray[np.int64]) -> tuple[WeighedUnits, Sequence[str]]:
        return read_weighed(table.fetch(rows), rarity)

    sample = sample_headlines(known.publishers, is_known)
    headlines = [read_headlines(table.fetch(rows)) for rows in np.array_split(sample, len(sample) // sizes.texts + 1)]
    suffixes = find_suffixes(join_headlines(headlines), known.publishers[sample])

    def repeated_of(rows: NDArray[np.int64]) -> _Values:
        return np.unique(np.frombuffer(b"".join(held.read_all(rows)), dtype=np.uint64))

    masked, carriers = [np.empty(0, dtype=np.uint64)], [np.empty(0, dtype=np.int64)]
    n_masked = np.zeros(len(table), dtype=np.int64)
    progress("judging furniture", 0, sizes.block_parts)
    for part in range(sizes.block_parts):
        values, counts, rows = blocks.take(str(part), shingles=np.uint64, counts=np.int64, rows=np.uint32)
        repeated = Repeated(values, np.r_[0, np.cumsum(counts)].astype(np.int64), rows.astype(np.int64))
        furniture = judge_blocks(
            repeated, known.publishers, is_known, known.days, suffixes, read,
            boilerplate_articles=settings.boilerplate_articles, shingle_words=settings.shingle_words,
            repeated_of=repeated_of,
        )  # fmt: skip
        masked.append(furniture.masked)
        carriers.append(furniture.carriers)
        n_masked += furniture.n_masked
        progress("judging furniture", part + 1, sizes.block_parts)
    everything = Furniture(np.sort(np.concatenate(masked)), np.unique(np.concatenate(carriers)), n_masked)
    return complete(everything, n_shingles, read, shingle_words=settings.shingle_words)
