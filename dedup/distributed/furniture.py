"""Table -> what is common in the whole corpus: how rare each word is, and which shingles are page furniture.

The workers hand each range of hashes to one of them, which keeps the shingles that many articles hold. Of these, and of
the few articles that are read for each block, the driver judges as ever (`boilerplate.judge_repeated`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dedup.boilerplate import Headlines, Repeated, WeighedUnits, find_repeated, judge_repeated
from dedup.corpus import read_headlines, read_weighed
from dedup.distributed import columns
from dedup.distributed.dealing import DRIVER, deal, values_for_driver, work_on_each
from dedup.distributed.table import Table, Work, map_articles
from dedup.kernels.buffers import TextBuffer
from dedup.model import Article
from dedup.parts import Common, learn_from
from dedup.rarity import sample_rows
from dedup.settings import Settings
from dedup.sketch import shingle_sets

_ROWS_A_PART = 50_000  # articles: about 25 million shingles, 300 MB of a worker


def learn_common(table: Table, settings: Settings) -> Common:
    """Learn what the corpus has in common."""
    sample = table.fetch(sample_rows(len(table)))
    rarity = learn_from([article.text for _, article in sorted(sample.items())], shingle_words=settings.shingle_words)
    repeated, n_shingles = find_all_repeated(table, settings)
    fetched: dict[int, Article] = {}

    def expect(rows: NDArray[np.int64]) -> None:
        fetched.clear()
        fetched.update(table.fetch(rows) if len(rows) else {})

    def read(rows: NDArray[np.int64]) -> tuple[WeighedUnits, Sequence[str]]:
        return read_weighed([fetched[row] for row in rows.tolist()], rarity)

    def headlines(rows: NDArray[np.int64]) -> Headlines:
        return read_headlines([article for _, article in sorted(table.fetch(rows).items())])

    boilerplate = judge_repeated(
        repeated,
        n_shingles,
        table.publishers,
        table.days,
        read,
        headlines,
        boilerplate_articles=settings.boilerplate_articles,
        shingle_words=settings.shingle_words,
        expect=expect,
    )
    return Common(rarity, boilerplate, n_shingles)


def find_all_repeated(table: Table, settings: Settings) -> tuple[Repeated, NDArray[np.int64]]:
    """Find the shingles that `boilerplate_articles` articles hold, and how many shingles each article has."""
    least = 2 * table.spark.sparkContext.defaultParallelism
    part_bits = max(least, len(table) // _ROWS_A_PART).bit_length()
    dealt = deal(map_articles(table, _hasher(part_bits, settings.shingle_words)), 1 + (1 << part_bits))
    n_shingles = np.zeros(len(table), dtype=np.int64)
    for rows, sizes in values_for_driver(dealt):
        n_shingles[rows] = sizes
    parts = work_on_each(dealt, _repeater(settings.boilerplate_articles)).collect()  # ranges of hashes, in order
    shingles, counts, rows = (
        np.concatenate([np.empty(0, dtype=dtype), *(part[place] for part in parts)])
        for place, dtype in enumerate((np.uint64, np.int64, np.int64))
    )
    return Repeated(shingles, np.r_[0, np.cumsum(counts)].astype(np.int64), rows), n_shingles


def _hasher(part_bits: int, shingle_words: int) -> Work[tuple[int, tuple[NDArray[np.int64], NDArray[Any]]]]:
    """Give each range of hashes the shingles of some articles that lie in it; the driver, how many each has."""

    def hash_texts(
        rows: NDArray[np.int64], batch: pa.RecordBatch
    ) -> Iterable[tuple[int, tuple[NDArray[np.int64], NDArray[Any]]]]:
        texts = TextBuffer(columns.texts_of(batch))
        shingles, offsets = shingle_sets(texts, np.arange(len(rows)), shingle_words=shingle_words)
        sizes = np.diff(offsets)
        part_of = (shingles >> np.uint64(64 - part_bits)).astype(np.uint16)
        order = np.argsort(part_of, kind="stable")
        ends = np.cumsum(np.bincount(part_of, minlength=1 << part_bits))
        shingles, holders = shingles[order], np.repeat(rows, sizes)[order]
        yield DRIVER, (rows, sizes)
        for part, (start, end) in enumerate(zip(np.r_[0, ends[:-1]].tolist(), ends.tolist(), strict=True)):
            if end > start:
                yield 1 + part, (holders[start:end], shingles[start:end])

    return hash_texts


def _repeater(
    min_articles: int,
) -> Callable[[int, list[tuple[NDArray[np.int64], NDArray[np.uint64]]]], Iterable[tuple[NDArray[Any], ...]]]:
    """Keep of one range of hashes those that many articles hold."""

    def keep(_: int, parts: list[tuple[NDArray[np.int64], NDArray[np.uint64]]]) -> Iterable[tuple[NDArray[Any], ...]]:
        rows, shingles = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        found = find_repeated(shingles, rows, min_articles)
        yield found.shingles, np.diff(found.offsets), found.rows

    return keep
