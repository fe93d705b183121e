"""Pairs of rows -> overlaps and matches: measured and judged some texts at a time.

Pairs are cut into *batches* of texts that belong together. Each batch gets its articles from the shelf, and is measured
and judged as a corpus of its own (`parts.Part`). Matches are put on a shelf, some batches to a segment: a run that
was cut off goes on behind the last one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from dedup.kernels.buffers import TextBuffer
from dedup.kernels.components import cut_batches, find_components
from dedup.kernels.overlaps import is_member
from dedup.model import Article, Match
from dedup.pairs import order_by_block
from dedup.pipeline import Progress
from dedup.sketch import shingle_sets
from dedup.spilled.journal import Journal
from dedup.spilled.packing import pack
from dedup.spilled.proposing import Recipe
from dedup.spilled.shelf import has_segment, in_pieces, write_segment
from dedup.spilled.sizes import Sizes, do_in_order
from dedup.spilled.table import Table
from dedup.verify import Overlaps, measure_pairs, put_in_order

_Found = TypeVar("_Found")
_PAIRS = 20_000  # at most, that are judged at once: a match takes a kilobyte
_A_SEGMENT = 32  # batches
MATCHES = "matches"


class Batch(NamedTuple):
    """Some pairs: their numbers among all, and the rows of each."""

    numbers: NDArray[np.int64]
    pairs: NDArray[np.int64]


class Verifier:
    """Works on pairs of rows of one table, as `pairs.find_verified` asks.

    Parameters
    ----------
    table : Table
    recipe : Recipe
    sizes : Sizes
    progress : callable
    """

    def __init__(self, table: Table, recipe: Recipe, sizes: Sizes, progress: Progress) -> None:
        self._table = table
        self._recipe = recipe
        self._sizes = sizes
        self._progress = progress

    def sift(self, pairs: NDArray[np.int64], caution: float) -> tuple[NDArray[np.bool_], Overlaps]:
        """Tell which pairs would be proposed, were it not for crowds: bool[n]; and count what those share."""
        told = np.zeros(len(pairs), dtype=np.bool_)

        def look(articles: list[Article], some: NDArray[np.int64]) -> tuple[NDArray[np.bool_], Overlaps]:
            return self._recipe.part(articles).sift(some, caution)

        parts = []
        for batch, (is_likely, overlaps) in self._run(self.batches(pairs), look):
            told[batch.numbers[is_likely]] = True
            parts.append((batch.numbers[is_likely], overlaps))
        return told, put_in_order(parts)

    def measure(self, pairs: NDArray[np.int64]) -> Overlaps:
        """Count what pairs share, exactly."""
        found = self._run(self.batches(pairs), self._measure)
        return put_in_order([(batch.numbers, overlaps) for batch, overlaps in found])

    def match(self, pairs: NDArray[np.int64], journal: Journal) -> NDArray[np.int64]:
        """Judge pairs and tell their relations: the matches go on the shelf.

        Returns
        -------
        int64[n, 2]
            The rows of each match, in the order of the shelf.
        """
        folder = journal.folder / MATCHES
        batches = list(self.batches(pairs))
        found = [np.empty((0, 2), dtype=np.int64)]
        self._progress("verifying", 0, len(batches))
        for number, (first, last) in enumerate(in_pieces(len(batches), _A_SEGMENT)):
            if has_segment(folder, number):
                found.append(np.load(folder / f"{number:06d}.rows"))
                continue
            records, rows = [], []
            for _, matched in self._run(batches[first:last], self._match):
                rows += [(self._table.row_of(match.a), self._table.row_of(match.b)) for match in matched]
                records += [pack(match) for match in matched]
            found.append(np.array(rows, dtype=np.int64).reshape(-1, 2))
            folder.mkdir(exist_ok=True)
            with (folder / f"{number:06d}.rows").open("wb") as file:
                np.save(file, found[-1])
            write_segment(folder, number, records)
            self._progress("verifying", last, len(batches))
        return np.concatenate(found)

    def components(self, n: int, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
        """Name each of n rows after the smallest row that it hangs together with: int64[n]."""
        return find_components(n, pairs)

    def batches(self, pairs: NDArray[np.int64]) -> Iterator[Batch]:
        """Cut pairs into batches."""
        if not len(pairs):
            return
        order = order_by_block(pairs, self._table.known.sizes)
        bounds = cut_batches(len(self._table), pairs[order], self._sizes.texts)
        for of_texts in np.split(order, bounds[1:-1]):
            for first, last in in_pieces(len(of_texts), _PAIRS):
                yield Batch(of_texts[first:last], pairs[of_texts[first:last]])

    def _run(
        self,
        batches: Iterator[Batch] | list[Batch],
        work: Callable[[list[Article], NDArray[np.int64]], _Found],
    ) -> Iterator[tuple[Batch, _Found]]:
        """Do some work on the articles of each batch, and its pairs as places among them."""

        def do(batch: Batch) -> tuple[Batch, _Found]:
            rows, places = np.unique(batch.pairs, return_inverse=True)
            return batch, work(self._table.fetch(rows), places.reshape(-1, 2).astype(np.int64))

        return do_in_order(do, batches, self._sizes.n_threads)

    def _measure(self, articles: list[Article], pairs: NDArray[np.int64]) -> Overlaps:
        texts = TextBuffer([article.text for article in articles])
        shingles, offsets = shingle_sets(
            texts, np.arange(len(articles)), shingle_words=self._recipe.settings.shingle_words
        )
        is_kept = ~is_member(shingles, self._recipe.boilerplate)
        n_before = np.r_[0, np.cumsum(is_kept)]
        return measure_pairs(pairs, shingles[is_kept], n_before[offsets].astype(np.int64))

    def _match(self, articles: list[Article], pairs: NDArray[np.int64]) -> list[Match]:
        return self._recipe.part(articles).match(pairs)
