"""Table -> what is common in the whole corpus: how rare each word is, and which shingles are page furniture.

The workers hand each range of hashes to one of them, which keeps the shingles that many articles hold. Of these, and of
the few articles that are read for each block, the driver judges as ever (`boilerplate.judge_repeated`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dedup.boilerplate import Headlines, Repeated, WeighedUnits, find_repeated, judge_repeated
from dedup.distributed import columns
from dedup.distributed.table import Table, map_articles
from dedup.kernels.buffers import TextBuffer
from dedup.model import Article
from dedup.pipeline import read_headlines, read_weighed
from dedup.rarity import Rarity, drop_copies, learn_rarity, sample_rows
from dedup.settings import Settings
from dedup.sketch import shingle_sets

_SIZES = -1  # the part in which the numbers of shingles travel
_ROWS_A_PART = 50_000  # articles: about 25 million shingles, 300 MB of a worker
_PACKED = columns.schema_of(part=pa.int32(), rows=pa.binary(), values=pa.binary(), sizes=pa.binary())


class Common(NamedTuple):
    """What is learned of the whole corpus, and the number of shingles of each article."""

    rarity: Rarity
    boilerplate: NDArray[np.uint64]
    n_shingles: NDArray[np.int64]


def learn_common(table: Table, settings: Settings) -> Common:
    """Learn what the corpus has in common."""
    rarity = _learn_rarity(table, settings)
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


def _learn_rarity(table: Table, settings: Settings) -> Rarity:
    """Count words on the sample that the local engine takes, too."""
    sample = table.fetch(sample_rows(len(table)))
    texts = [article.text for _, article in sorted(sample.items())]
    rows = np.arange(len(texts))
    shingles, offsets = shingle_sets(TextBuffer(texts), rows, shingle_words=settings.shingle_words)
    return learn_rarity([texts[row] for row in drop_copies(rows, shingles, offsets)])


def find_all_repeated(table: Table, settings: Settings) -> tuple[Repeated, NDArray[np.int64]]:
    """Find the shingles that `boilerplate_articles` articles hold, and how many shingles each article has."""
    least = 2 * table.spark.sparkContext.defaultParallelism
    part_bits = max(least, len(table) // _ROWS_A_PART).bit_length()
    packed = map_articles(table, _packer(part_bits, settings.shingle_words), _PACKED)
    found = packed.groupBy("part").applyInArrow(_repeater(settings.boilerplate_articles), columns.ddl(_PACKED))
    by_part = {part: rest for part, *rest in zip(*(c.to_pylist() for c in found.toArrow().columns), strict=True)}
    n_shingles = np.zeros(len(table), dtype=np.int64)
    rows, _, sizes = by_part.pop(_SIZES, (b"", b"", b""))
    n_shingles[columns.to_array(rows, np.int64)] = columns.to_array(sizes, np.int64)
    parts = [by_part[part] for part in sorted(by_part)]  # ranges of hashes, one after another
    values, holders, counts = (
        np.concatenate([np.empty(0, dtype=dtype), *(columns.to_array(part[place], dtype) for part in parts)])
        for place, dtype in ((1, np.uint64), (0, np.int64), (2, np.int64))
    )
    return Repeated(values, np.r_[0, np.cumsum(counts)].astype(np.int64), holders), n_shingles


def _packer(
    part_bits: int, shingle_words: int
) -> Callable[[NDArray[np.int64], list[Article]], Iterable[pa.RecordBatch]]:
    """Give each range of hashes the shingles of some articles that lie in it."""

    def pack(rows: NDArray[np.int64], articles: list[Article]) -> Iterable[pa.RecordBatch]:
        texts = TextBuffer([article.text for article in articles])
        shingles, offsets = shingle_sets(texts, np.arange(len(rows)), shingle_words=shingle_words)
        sizes = np.diff(offsets)
        part_of = (shingles >> np.uint64(64 - part_bits)).astype(np.uint16)
        order = np.argsort(part_of, kind="stable")
        ends = np.cumsum(np.bincount(part_of, minlength=1 << part_bits))
        values, holders = shingles[order], np.repeat(rows, sizes)[order]
        packed = [
            (part, holders[start:end].tobytes(), values[start:end].tobytes(), b"")
            for part, (start, end) in enumerate(zip(np.r_[0, ends[:-1]].tolist(), ends.tolist(), strict=True))
            if end > start
        ]
        yield columns.record(_PACKED, [(_SIZES, rows.tobytes(), b"", sizes.tobytes()), *packed])

    return pack


def _repeater(min_articles: int) -> Callable[[pa.Table], pa.Table]:
    """Keep of one range of hashes those that many articles hold."""

    def keep(packed: pa.Table) -> pa.Table:
        part = packed.column("part")[0].as_py()
        rows, values, sizes = (b"".join(packed.column(name).to_pylist()) for name in ("rows", "values", "sizes"))
        if part != _SIZES:
            found = find_repeated(columns.to_array(values, np.uint64), columns.to_array(rows, np.int64), min_articles)
            rows, values, sizes = found.rows.tobytes(), found.shingles.tobytes(), np.diff(found.offsets).tobytes()
        return pa.Table.from_batches([columns.record(_PACKED, [(part, rows, values, sizes)])])

    return keep
