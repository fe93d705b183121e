"""Table -> pairs of rows worth comparing: the postings of `candidates` and `triples`, spilled.

1. Articles are sketched some at a time, and their *keys* spilled, each a hash and a row: every band is a part, and so
   is every range of hashes of fingerprints or triples.
2. The keys of a part are sorted into postings. Crowds, by the very rule of `candidates`, are set apart; every other
   posting is cut and spilled for the *slices* of rows that stand in it.
3. Slice by slice, what its rows share with those before them is counted, with the kernels that count in memory.

Postings come in the order of their hashes, so that weights are added in the same order as in memory.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup import candidates, triples
from dedup.kernels import postings as kernels
from dedup.model import Article
from dedup.pairs import rules_of
from dedup.parts import Common, Part, Proposed
from dedup.pipeline import Progress
from dedup.rarity import Rarity
from dedup.settings import Settings
from dedup.spilled.journal import Journal
from dedup.spilled.shelf import Parts
from dedup.spilled.sizes import Sizes, do_in_order
from dedup.spilled.table import Table

_BAND, _FINGERPRINT, _TRIPLE = "band", "fingerprint", "triple"
_Keys = NDArray[np.uint64]


class Numbers(NamedTuple):
    """What is known of each row: int64[n], of the first uint64[n]."""

    weights: NDArray[np.uint64]
    n_fingerprints: NDArray[np.int64]
    n_triples: NDArray[np.int64]
    n_compared: NDArray[np.int64]


class Recipe(NamedTuple):
    """What makes a part of some articles, compared as all of them are."""

    settings: Settings
    boilerplate: NDArray[np.uint64]
    rarity: Rarity

    def part(self, articles: list[Article]) -> Part:
        """Compare some articles."""
        return Part(articles, self.settings, self.boilerplate, self.rarity)


def propose(
    table: Table, settings: Settings, common: Common, sizes: Sizes, journal: Journal, progress: Progress
) -> Proposed:
    """Propose the pairs that are proposed in memory."""
    recipe = Recipe(settings, common.boilerplate, common.rarity)
    keys = Parts(journal.folder / "keys")
    numbers = _spill_keys(table, recipe, sizes, keys, progress)
    proposed = _propose(numbers, settings, sizes, keys, journal, progress)
    journal.remove("keys")
    journal.remove("slices")
    return proposed


def _spill_keys(table: Table, recipe: Recipe, sizes: Sizes, keys: Parts, progress: Progress) -> Numbers:
    """Spill the keys of all articles."""
    bits = max(1, len(table).bit_length())
    rows_per_band = recipe.settings.rows_per_band

    def make(batch: tuple[NDArray[np.int64], list[Article]]) -> tuple[NDArray[np.int64], Numbers, dict[str, _Keys]]:
        rows, articles = batch
        part = recipe.part(articles)
        compared = part.compared
        bands, fingerprints = candidates.find_keys(
            compared, rows_per_band=rows_per_band, part_bits=sizes.key_bits, bits=bits
        )
        in_order, offsets = part.triples()
        of_kind = {
            _BAND: bands,
            _FINGERPRINT: fingerprints,
            _TRIPLE: kernels.split_keys(in_order, offsets, sizes.key_bits, bits),
        }
        found = {
            _name_of(kind, number): kernels.name_rows(some, rows, bits)
            for kind, parts in of_kind.items()
            for number, some in enumerate(parts)
            if len(some)
        }
        numbers = Numbers(
            candidates.weigh_rows(compared),
            np.diff(compared.fingerprint_offsets),
            np.diff(offsets),
            np.diff(compared.offsets),
        )
        return rows, numbers, found

    n = len(table)
    numbers = Numbers(np.zeros(n, dtype=np.uint64), *(np.zeros(n, dtype=np.int64) for _ in range(3)))
    n_done = 0
    progress("sketching", n_done, n)
    for rows, of_batch, found in do_in_order(make, table.batches(sizes.texts), sizes.n_threads):
        for whole, some in zip(numbers, of_batch, strict=True):
            whole[rows] = some
        for part, of_part in found.items():
            keys.add(part, keys=of_part)
        n_done += len(rows)
        progress("sketching", n_done, n)
    return numbers


def _propose(
    numbers: Numbers, settings: Settings, sizes: Sizes, keys: Parts, journal: Journal, progress: Progress
) -> Proposed:
    n = len(numbers.weights)
    rules, most = rules_of(settings), settings.max_articles_per_fingerprint
    order = candidates.order_rows(numbers.weights, numbers.n_fingerprints)
    place_of = np.empty(n, dtype=np.int64)
    place_of[order] = np.arange(n)
    n_slices = n // sizes.slice_rows + 1
    bounds = np.linspace(0, n, n_slices + 1).astype(np.int64)
    slices = Parts(journal.folder / "slices")
    crowds = _Crowds(n)
    n_bands = np.zeros(n_slices, dtype=np.int64)
    parts = _parts_of(settings, sizes)

    def find(part: tuple[str, int]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        (of_part,) = keys.take(_name_of(*part), keys=np.uint64)
        return _find_postings(of_part, n, None if part[0] == _TRIPLE else place_of)

    progress("sorting", 0, len(parts))
    for done, found in enumerate(do_in_order(find, parts, sizes.n_threads)):
        kind, _ = parts[done]
        which = _TRIPLE if kind == _TRIPLE else _BAND
        if which == _BAND:
            found = crowds.set_apart(*found, most, is_counted=kind == _FINGERPRINT)
        cut = kernels.cut_postings(*found, bounds, most, triples.N_HEADS)
        n_bands += np.diff(cut[0]) if kind == _BAND else 0
        _spill_slices(slices, which, *cut)
        progress("sorting", done + 1, len(parts))
    n_fingerprints = candidates.count_fingerprints(numbers.n_fingerprints[order], crowds.n_crowded)
    n_triples = numbers.n_triples.astype(np.int32)

    def count(number: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        first, last = int(bounds[number]), int(bounds[number + 1])
        shared = _take_slice(slices, _BAND, number, int(n_bands[number]), n)
        near = candidates.count_slice(
            shared, n_fingerprints, first, last,
            min_shared_fingerprints=rules["min_shared_fingerprints"], max_articles=most,
            threshold=rules["threshold"], min_jaccard=rules["min_jaccard"],
        )  # fmt: skip
        shared = _take_slice(slices, _TRIPLE, number, 0, n)
        weights = triples.weigh(shared.n_holders, n)
        return near, triples.count_slice(shared, weights, n_triples, first, last, max_articles=most)

    near, by_triples = [np.empty((0, 2), dtype=np.int64)], [np.empty((0, 2), dtype=np.int64)]
    progress("proposing", 0, n_slices)
    for done, (some, others) in enumerate(do_in_order(count, range(n_slices), sizes.n_threads), start=1):
        near.append(some)
        by_triples.append(others)
        progress("proposing", done, n_slices)
    paired = np.concatenate(by_triples)
    return Proposed(
        candidates.Candidates(candidates.sorted_pairs(order[np.concatenate(near)], n), crowds.gathered(order)),
        paired[np.lexsort((paired[:, 1], paired[:, 0]))],
        numbers.n_compared,
    )


def _parts_of(settings: Settings, sizes: Sizes) -> list[tuple[str, int]]:
    """Name the parts in the order in which they are counted in memory."""
    n_bands, n_ranges = settings.num_perm // settings.rows_per_band, 1 << sizes.key_bits
    n_parts = {_BAND: n_bands, _FINGERPRINT: n_ranges, _TRIPLE: n_ranges}
    return [(kind, number) for kind, n in n_parts.items() for number in range(n)]


def _name_of(kind: str, number: int) -> str:
    return f"{kind}{number:04d}"


def _find_postings(
    keys: _Keys, n: int, place_of: NDArray[np.int64] | None
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    bits = max(1, n.bit_length())
    if place_of is not None:
        keys = kernels.name_rows(keys, place_of, bits)
    keys.sort()
    return kernels.find_postings(keys, bits)


class _Crowds:
    """Postings that more rows share than are compared pair by pair."""

    def __init__(self, n: int) -> None:
        self.n_crowded = np.zeros(n, dtype=np.int32)  # fingerprints of each place
        self._sizes = [np.zeros(1, dtype=np.int64)]
        self._places = [np.empty(0, dtype=np.int32)]

    def set_apart(
        self, offsets: NDArray[np.int64], places: NDArray[np.int32], most: int, *, is_counted: bool
    ) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Keep the crowds of some postings, and give the others."""
        sizes = np.diff(offsets)
        is_crowd = sizes > most
        if not is_crowd.any():
            return offsets, places
        in_crowd = np.repeat(is_crowd, sizes)
        self._sizes.append(sizes[is_crowd])
        self._places.append(places[in_crowd])
        if is_counted:
            self.n_crowded += np.bincount(places[in_crowd], minlength=len(self.n_crowded)).astype(np.int32)
        return np.r_[0, np.cumsum(sizes[~is_crowd])].astype(np.int64), places[~in_crowd]

    def gathered(self, order: NDArray[np.int64]) -> candidates.Crowds:
        """Give all of them, as rows."""
        return candidates.Crowds(np.cumsum(np.concatenate(self._sizes)), order[np.concatenate(self._places)])


def _spill_slices(
    slices: Parts,
    which: str,
    posting_ends: NDArray[np.int64],
    row_ends: NDArray[np.int64],
    sizes: NDArray[np.int32],
    n_holders: NDArray[np.int32],
    rows: NDArray[np.int32],
) -> None:
    for number in range(len(posting_ends) - 1):
        of_slice = slice(posting_ends[number], posting_ends[number + 1])
        if of_slice.stop > of_slice.start:
            own = rows[row_ends[number] : row_ends[number + 1]]
            slices.add(f"{which}{number}", sizes=sizes[of_slice], holders=n_holders[of_slice], rows=own)


def _take_slice(slices: Parts, which: str, number: int, n_bands: int, n: int) -> kernels.Postings:
    sizes, holders, rows = slices.take(f"{which}{number}", sizes=np.int32, holders=np.int32, rows=np.int32)
    offsets = np.r_[0, np.cumsum(sizes, dtype=np.int64)].astype(np.int64)
    return kernels.arrange_all([(offsets, rows)], n_bands, n, n_holders=holders.astype(np.int64))
