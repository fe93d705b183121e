"""Kernels: bands and fingerprints -> postings (who shares what) -> pairs that share enough.

A *key* is ``hash << bits | row``: sorted, the rows that share a hash stand together, ascending. A hash that only one
row holds is dropped at once. Keys hold 64 - bits of a hash: two hashes fall together with a chance of 2**-(64 - bits),
2**-47 for 100,000 rows; that may propose a pair too many, never lose one.

*Counting* (ScanCount: Li, Lu and Lu 2008, section 3): for each row, the postings of its hashes are walked and the rows
before it counted. A posting longer than ``max_rows`` is *crowded*: every row of it meets the first ``n_heads`` only, so
that the cost stays linear. Oracle: ``tests/naive.py``, `candidates`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.kernels.compiled import kernel

_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # odd, 2**64 over the golden ratio
_MIX = np.uint64(0xBF58476D1CE4E5B9)  # of splitmix64
_0 = np.uint64(0)
_1 = np.uint64(1)
_29 = np.uint64(29)
_32 = np.uint64(32)

IN_A_BAND = 1 << 30  # what a shared band counts, a bit above any number of fingerprints


@kernel
def weigh_rows(
    signatures: NDArray[np.uint32], signature_of: NDArray[np.int64],
    fingerprints: NDArray[np.uint64], offsets: NDArray[np.int64],
) -> NDArray[np.uint64]:  # fmt: skip
    """Hash each sketch: an order of rows that depends on what they say, not on where they stand.

    Of texts that have fingerprints these alone count, as their signatures may be missing.
    """
    n, num_perm = len(signature_of), signatures.shape[1]
    weights = np.empty(n, dtype=np.uint64)
    for row in range(n):
        h = _1
        for number in range(offsets[row], offsets[row + 1]):
            h = (h ^ fingerprints[number]) * _SPREAD
            h ^= h >> _29
        place = signature_of[row]
        if h == _1 and place >= 0:
            for position in range(num_perm):
                h = (h ^ np.uint64(signatures[place, position])) * _SPREAD
                h ^= h >> _29
        weights[row] = h
    return weights


@kernel
def band_keys(
    signatures: NDArray[np.uint32],
    signature_of: NDArray[np.int64],
    order: NDArray[np.int64],
    rows_per_band: int,
    first_band: int,
    last_band: int,
    bits: int,
) -> NDArray[np.uint64]:
    """Keys of some bands; ``order[place]`` is the row that keys call `place`. Rows that are not signed give none.

    Returns
    -------
    uint64[last_band - first_band, n_signed]
        Band by band. Neighbouring bands share cache lines: making some at once is quicker than one by one.
    """
    keys = np.empty((last_band - first_band, len(signatures)), dtype=np.uint64)
    shift = np.uint64(bits)
    n = 0
    for place in range(len(order)):
        signed = signature_of[order[place]]
        if signed < 0:
            continue
        for band in range(first_band, last_band):
            h = np.uint64(band + 1) * _MIX
            for position in range(band * rows_per_band, (band + 1) * rows_per_band):
                h = (h ^ np.uint64(signatures[signed, position])) * _SPREAD
                h ^= h >> _32
            keys[band - first_band, n] = ((h * _MIX) >> shift) << shift | np.uint64(place)
        n += 1
    return keys[:, :n]


@kernel
def count_parts(
    fingerprints: NDArray[np.uint64], offsets: NDArray[np.int64], order: NDArray[np.int64], first: int, last: int,
    part_bits: int,
) -> NDArray[np.int64]:  # fmt: skip
    """Count the fingerprints of places `first` to `last`, by the first `part_bits` (1 or more) bits of their hashes."""
    shift = np.uint64(64 - part_bits)
    counts = np.zeros(1 << part_bits, dtype=np.int64)
    for place in range(first, last):
        for number in range(offsets[order[place]], offsets[order[place] + 1]):
            counts[(fingerprints[number] * _SPREAD) >> shift] += 1
    return counts


@kernel
def fill_parts(
    fingerprints: NDArray[np.uint64], offsets: NDArray[np.int64], order: NDArray[np.int64], first: int, last: int,
    part_bits: int, bits: int, starts: NDArray[np.int64], keys: NDArray[np.uint64],
) -> None:  # fmt: skip
    """Write the keys of places `first` to `last`; those of part p to ``keys[starts[p]:]``, places ascending.

    ``order[place]`` is the row that keys call `place`.
    """
    shift, part_shift = np.uint64(bits), np.uint64(64 - part_bits)
    ends = starts.copy()
    for place in range(first, last):
        row = order[place]
        for number in range(offsets[row], offsets[row + 1]):
            h = fingerprints[number] * _SPREAD  # minima are small numbers: spread them
            part = h >> part_shift
            keys[np.uint64(ends[part])] = h >> shift << shift | np.uint64(place)
            ends[part] += 1


def split_keys(
    values: NDArray[np.uint64], offsets: NDArray[np.int64], part_bits: int, bits: int
) -> list[NDArray[np.uint64]]:
    """Give the keys of hashes, rows in the order they are in, split by the first `part_bits` bits of their hashes."""
    n = len(offsets) - 1
    order = np.arange(n)
    ends = np.cumsum(count_parts(values, offsets, order, 0, n, part_bits))
    starts = np.concatenate([np.zeros(1, dtype=np.int64), ends[:-1]])
    keys = np.empty(len(values), dtype=np.uint64)
    fill_parts(values, offsets, order, 0, n, part_bits, bits, starts, keys)
    return np.split(keys, ends[:-1])


def name_rows(keys: NDArray[np.uint64], names: NDArray[np.int64], bits: int) -> NDArray[np.uint64]:
    """Put other names for the rows in keys, whose lowest `bits` bits they are."""
    low = np.uint64((1 << bits) - 1)
    named: NDArray[np.uint64] = (keys & ~low) | names[keys & low].astype(np.uint64)
    return named


@kernel
def sort_keys(keys: NDArray[np.uint64], skip_bits: int) -> NDArray[np.uint64]:
    """Sort keys whose hashes are evenly spread and whose rows ascend, in place; give them back.

    Two passes into ever smaller buckets by the highest bits after the first `skip_bits`, which all keys share, then
    insertion. Linear: equal hashes stand in the right order already, however many they are.
    """
    n = len(keys)
    skip = np.uint64(skip_bits)
    coarse_bits = 0
    while coarse_bits < 12 and (n >> coarse_bits) > 512:
        coarse_bits += 1
    n_buckets = 1 << coarse_bits
    bounds = np.zeros(n_buckets + 1, dtype=np.int64)
    coarse = np.empty(n, dtype=np.uint64)
    shift = np.uint64(64 - coarse_bits)
    if coarse_bits == 0:
        for place in range(n):
            coarse[place] = keys[place]
        bounds[1] = n
    else:
        for key in keys:
            bounds[np.uint64((key << skip) >> shift) + _1] += 1
        for bucket in range(n_buckets):
            bounds[bucket + 1] += bounds[bucket]
        for key in keys:
            slot = np.uint64((key << skip) >> shift)
            coarse[np.uint64(bounds[slot])] = key
            bounds[slot] += 1
        for bucket in range(n_buckets, 0, -1):
            bounds[bucket] = bounds[bucket - 1]
        bounds[0] = 0
    largest = 0
    for bucket in range(n_buckets):
        largest = max(largest, bounds[bucket + 1] - bounds[bucket])
    counts = np.empty(2 * largest + 3, dtype=np.int64)
    found = keys
    skip = np.uint64(skip_bits + coarse_bits)
    for bucket in range(n_buckets):
        start, end = bounds[bucket], bounds[bucket + 1]
        fine_bits = 1
        while (1 << fine_bits) < end - start:
            fine_bits += 1
        shift = np.uint64(64 - fine_bits)
        for fine in range((1 << fine_bits) + 1):
            counts[fine] = 0
        for place in range(start, end):
            counts[np.uint64((coarse[place] << skip) >> shift) + _1] += 1
        for fine in range(1 << fine_bits):
            counts[fine + 1] += counts[fine]
        for place in range(start, end):
            key = coarse[place]
            slot = np.uint64((key << skip) >> shift)
            found[np.uint64(start + counts[slot])] = key
            counts[slot] += 1
        for place in range(start + 1, end):
            key = found[place]
            back = place - 1
            while back >= start and found[back] > key:
                found[back + 1] = found[back]
                back -= 1
            found[back + 1] = key
    return found


@kernel
def find_postings(keys: NDArray[np.uint64], bits: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Cut sorted keys into postings of two or more rows: offsets int64[n + 1], rows int32[m], ascending in each."""
    shift = np.uint64(bits)
    low = (_1 << shift) - _1
    n_postings, n_rows, start = 0, 0, 0
    for place in range(1, len(keys) + 1):
        if place == len(keys) or (keys[place] ^ keys[start]) >> shift != _0:
            if place - start > 1:
                n_postings += 1
                n_rows += place - start
            start = place
    offsets = np.zeros(n_postings + 1, dtype=np.int64)
    rows = np.empty(n_rows, dtype=np.int32)
    n_postings, n_rows, start = 0, 0, 0
    for place in range(1, len(keys) + 1):
        if place == len(keys) or (keys[place] ^ keys[start]) >> shift != _0:
            if place - start > 1:
                for member in range(start, place):
                    rows[n_rows] = np.int32(keys[member] & low)
                    n_rows += 1
                n_postings += 1
                offsets[n_postings] = n_rows
            start = place
    return offsets, rows


@kernel
def arrange(
    offsets: NDArray[np.int64], rows: NDArray[np.int32], n_band_postings: int, n: int
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
    """Put postings in the order of their first rows, those of bands first; the third array says which was which.

    Texts that share one bucket mostly share many: their postings then lie side by side when they are counted.
    """
    n_postings = len(offsets) - 1
    ends = np.zeros(2 * n + 2, dtype=np.int64)
    for posting in range(n_postings):
        ends[rows[offsets[posting]] + 2 + (n if posting >= n_band_postings else 0)] += 1
    for key in range(2 * n):
        ends[key + 2] += ends[key + 1]
    old = np.empty(n_postings, dtype=np.int64)
    for posting in range(n_postings):
        key = rows[offsets[posting]] + 1 + (n if posting >= n_band_postings else 0)
        old[ends[key]] = posting
        ends[key] += 1
    arranged_offsets = np.zeros(n_postings + 1, dtype=np.int64)
    arranged = np.empty(len(rows), dtype=np.int32)
    n_rows = 0
    for posting in range(n_postings):
        for place in range(offsets[old[posting]], offsets[old[posting] + 1]):
            arranged[n_rows] = rows[place]
            n_rows += 1
        arranged_offsets[posting + 1] = n_rows
    return arranged_offsets, arranged, old


@kernel
def invert(offsets: NDArray[np.int64], rows: NDArray[np.int32], n: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Give the postings by row: offsets int64[n + 1], numbers of postings int32[m], ascending in each row."""
    of_row = np.zeros(n + 2, dtype=np.int64)
    for row in rows:
        of_row[row + 2] += 1
    for row in range(n):
        of_row[row + 2] += of_row[row + 1]
    postings = np.empty(len(rows), dtype=np.int32)
    for posting in range(len(offsets) - 1):
        for place in range(offsets[posting], offsets[posting + 1]):
            row = rows[place]
            postings[of_row[row + 1]] = posting
            of_row[row + 1] += 1
    return of_row[: n + 1], postings


class Postings(NamedTuple):
    """Who shares what, both ways round.

    Parameters
    ----------
    offsets, rows : int64[n + 1], int32[m]
        The rows of each posting, ascending; those of bands first, by their first row.
    row_offsets, of_row : int64[n_rows + 1], int32[m]
        The postings of each row.
    n_bands : int
        How many postings are of bands.
    n_holders : int64[n]
        How many rows share each: where postings were cut, more than stand here.
    """

    offsets: NDArray[np.int64]
    rows: NDArray[np.int32]
    row_offsets: NDArray[np.int64]
    of_row: NDArray[np.int32]
    n_bands: int
    n_holders: NDArray[np.int64]


def arrange_all(
    parts: Sequence[tuple[NDArray[np.int64], NDArray[np.int32]]],
    n_bands: int,
    n: int,
    *,
    n_holders: NDArray[np.int64] | None = None,
) -> Postings:
    """Put the postings of some parts, of which the first `n_bands` are of bands, into one, for counting.

    Parameters
    ----------
    parts : sequence of (int64[n + 1], int32[m])
        Offsets and rows.
    n_bands : int
    n : int
        How many rows there are.
    n_holders : int64[n], optional
        How many rows share each posting, where it was cut.
    """
    offsets, rows, order = arrange(*join(parts), n_bands, n)
    n_holders = np.diff(offsets) if n_holders is None else n_holders[order]
    return Postings(offsets, rows, *invert(offsets, rows, n), n_bands, n_holders)


@kernel
def cut_postings(
    offsets: NDArray[np.int64], rows: NDArray[np.int32], bounds: NDArray[np.int64], max_rows: int, n_heads: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Cut postings for slices of the rows: to each slice what counting its rows against those before them reads.

    Of a posting of at most `max_rows` rows that is every row up to the last one in the slice; of a longer one, which is
    crowded, its first `n_heads` rows and those in the slice.

    Parameters
    ----------
    offsets, rows
        Postings, rows ascending in each.
    bounds : int64[n_slices + 1]
        Slice k is of the rows ``bounds[k]`` to ``bounds[k + 1]``.
    max_rows, n_heads : int

    Returns
    -------
    posting_ends, row_ends : int64[n_slices + 1] each
        Slice k owns the postings, and the rows, from ``ends[k]`` to ``ends[k + 1]`` of what follows.
    sizes, n_holders : int32[n] each
        Of each posting: how many of its rows are here, and how many there are.
    rows : int32[m]
        Posting after posting, in the order they came in.
    """
    n_slices = len(bounds) - 1
    slice_of = np.empty(bounds[n_slices], dtype=np.int32)
    for number in range(n_slices):
        slice_of[bounds[number] : bounds[number + 1]] = number
    posting_ends, row_ends = np.zeros(n_slices + 1, dtype=np.int64), np.zeros(n_slices + 1, dtype=np.int64)
    sizes, n_holders, cut = np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.int32)
    for is_writing in (False, True):
        if is_writing:
            for number in range(n_slices):
                posting_ends[number + 1] += posting_ends[number]
                row_ends[number + 1] += row_ends[number]
            sizes = np.empty(posting_ends[n_slices], dtype=np.int32)
            n_holders = np.empty(posting_ends[n_slices], dtype=np.int32)
            cut = np.empty(row_ends[n_slices], dtype=np.int32)
        for posting in range(len(offsets) - 1):
            start, end = offsets[posting], offsets[posting + 1]
            is_crowd = end - start > max_rows
            first = start
            while first < end:
                number = slice_of[rows[first]]
                last = first + 1
                while last < end and rows[last] < bounds[number + 1]:
                    last += 1
                n_before = min(first - start, n_heads) if is_crowd else first - start
                n_kept = n_before + last - first
                if n_kept > 1 and not is_writing:
                    posting_ends[number + 1] += 1
                    row_ends[number + 1] += n_kept
                elif n_kept > 1:
                    place = row_ends[number]
                    for before in range(n_before):
                        cut[place + before] = rows[start + before]
                    for own in range(last - first):
                        cut[place + n_before + own] = rows[first + own]
                    sizes[posting_ends[number]], n_holders[posting_ends[number]] = n_kept, end - start
                    posting_ends[number] += 1
                    row_ends[number] += n_kept
                first = last
    for number in range(n_slices, 0, -1):
        posting_ends[number], row_ends[number] = posting_ends[number - 1], row_ends[number - 1]
    posting_ends[0] = row_ends[0] = 0
    return posting_ends, row_ends, sizes, n_holders, cut


def cut_rows(row_offsets: NDArray[np.int64], n_slices: int) -> list[tuple[int, int]]:
    """Cut the rows of `Postings` into at most so many slices of about equal work: first row, last row (exclusive)."""
    aims = np.linspace(0, row_offsets[-1], n_slices + 1)
    bounds = np.searchsorted(row_offsets, aims)
    bounds[0], bounds[-1] = 0, len(row_offsets) - 1
    return [(int(a), int(b)) for a, b in pairwise(bounds) if a < b]


def join(
    parts: Sequence[tuple[NDArray[np.int64], NDArray[np.int32]]],
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Put postings one after another."""
    rows = np.concatenate([np.empty(0, dtype=np.int32), *(rows for _, rows in parts)])
    sizes = np.concatenate([np.empty(0, dtype=np.int64), *(np.diff(offsets) for offsets, _ in parts)])
    offsets = np.zeros(len(sizes) + 1, dtype=np.int64)
    np.cumsum(sizes, out=offsets[1:])
    return offsets, rows


@kernel
def count_crowded(
    offsets: NDArray[np.int64], rows: NDArray[np.int32], n_band_postings: int, n: int, max_rows: int
) -> NDArray[np.int32]:
    """Count the crowded fingerprints of each row: int32[n]."""
    counts = np.zeros(n, dtype=np.int32)
    for posting in range(n_band_postings, len(offsets) - 1):
        if offsets[posting + 1] - offsets[posting] > max_rows:
            for place in range(offsets[posting], offsets[posting + 1]):
                counts[rows[place]] += 1
    return counts


@kernel
def _doubled(pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Copy pairs into an array of twice the length."""
    longer = np.empty((2 * len(pairs), 2), dtype=np.int64)
    for number in range(len(pairs)):
        longer[number, 0], longer[number, 1] = pairs[number, 0], pairs[number, 1]
    return longer


@kernel
def count_pairs(
    offsets: NDArray[np.int64], rows: NDArray[np.int32], row_offsets: NDArray[np.int64], postings: NDArray[np.int32],
    n_band_postings: int, n_fingerprints: NDArray[np.int32], first_row: int, last_row: int,
    max_rows: int, min_shared: int, min_share: float, min_share_alone: float, min_share_of_both: float,
) -> NDArray[np.int64]:  # fmt: skip
    """Pairs of rows that share a band, or enough fingerprints.

    Parameters
    ----------
    offsets, rows
        Postings; the first `n_band_postings` are of bands, the others of fingerprints.
    row_offsets, postings
        The same by row.
    n_fingerprints : int32[n]
        Of each row, crowded ones left out: they are not counted.
    first_row, last_row : int
        The second rows of the pairs: a slice of the work.
    max_rows : int
        A posting of more rows is crowded, and left out.
    min_shared, min_share, min_share_alone
        Enough: at least `min_share` of the fingerprints of the row that has fewer, and at least `min_shared` of them or
        at least `min_share_alone` of that row's; and at least `min_share_of_both` of those that either row has.

    Returns
    -------
    int64[m, 2]
        The smaller row first; sorted by the second.
    """
    n = len(row_offsets) - 1
    counts = np.zeros(n, dtype=np.int32)
    touched = np.empty(n, dtype=np.int32)
    found = np.empty((1024, 2), dtype=np.int64)
    n_found = 0
    for row in range(first_row, last_row):
        n_touched = 0
        for number in range(row_offsets[row], row_offsets[row + 1]):
            posting = postings[number]
            is_band = posting < n_band_postings
            one, flag = np.int32(0 if is_band else 1), np.int32(IN_A_BAND if is_band else 0)
            start, end = offsets[posting], offsets[posting + 1]
            if end - start > max_rows:
                continue
            for place in range(start, end):
                other = rows[place]
                if other >= row:
                    break
                touched[n_touched] = other
                n_touched += counts[other] == 0
                counts[other] = (counts[other] + one) | flag
        for number in range(n_touched):
            other = touched[number]
            count = counts[other]
            counts[other] = 0
            if count < IN_A_BAND:
                fewer = min(n_fingerprints[row], n_fingerprints[other])
                if count < min_share * fewer or (count < min_shared and count < min_share_alone * fewer):
                    continue
                if count < min_share_of_both * (n_fingerprints[row] + n_fingerprints[other] - count):
                    continue
            if n_found == len(found):
                found = _doubled(found)
            found[n_found, 0] = other
            found[n_found, 1] = row
            n_found += 1
    return found[:n_found].copy()


@kernel
def link_stragglers(
    offsets: NDArray[np.int64], rows: NDArray[np.int64], names: NDArray[np.int64], n_each: int, min_share: float
) -> NDArray[np.int64]:
    """Propose the rows of each crowd that do not hang together with most of it, each with some of those that do.

    Parameters
    ----------
    offsets int64[n + 1], rows int64[m]
        The crowds, whole.
    names : int64[n_rows]
        The component of each row, by the matches found so far.
    n_each : int
        Rows of the largest component that a straggler is compared with, spread evenly over the crowd.
    min_share : float
        Of a crowd that its largest component must hold; with less, the crowd shares a phrase and no text.

    Returns
    -------
    int64[k, 2]
        Pairs, the smaller row first.
    """
    counts = np.zeros(len(names), dtype=np.int64)
    n_pairs = 0
    found = np.empty((1024, 2), dtype=np.int64)
    for crowd in range(len(offsets) - 1):
        start, end = offsets[crowd], offsets[crowd + 1]
        largest = names[rows[start]]
        for place in range(start, end):
            name = names[rows[place]]
            counts[name] += 1
            if counts[name] > counts[largest] or (counts[name] == counts[largest] and name < largest):
                largest = name
        n_gathered = counts[largest]
        for place in range(start, end):
            counts[names[rows[place]]] = 0
        if n_gathered < min_share * (end - start) or n_gathered == end - start:
            continue
        gathered = np.empty(n_gathered, dtype=np.int64)
        n = 0
        for place in range(start, end):
            if names[rows[place]] == largest:
                gathered[n] = rows[place]
                n += 1
        n_tried = min(n_each, n_gathered)
        for place in range(start, end):
            row = rows[place]
            if names[row] == largest:
                continue
            for number in range(n_tried):
                other = gathered[number * n_gathered // n_tried]
                if n_pairs == len(found):
                    found = _doubled(found)
                found[n_pairs, 0] = min(row, other)
                found[n_pairs, 1] = max(row, other)
                n_pairs += 1
    return found[:n_pairs].copy()


@kernel
def probe_crowds(offsets: NDArray[np.int64], rows: NDArray[np.int64], n_heads: int, n_probes: int) -> NDArray[np.int64]:
    """Propose the first `n_heads` rows of each crowd, each with the other heads and with `n_probes` other rows.

    Returns
    -------
    int64[k, 2]
        Pairs, the smaller row first. The probes are evenly spread.
    """
    pairs = np.empty(((len(offsets) - 1) * n_heads * (n_heads + n_probes), 2), dtype=np.int64)
    n_pairs = 0
    for crowd in range(len(offsets) - 1):
        start, end = offsets[crowd], offsets[crowd + 1]
        n_others = max(0, end - start - n_heads)
        n_tried = min(n_probes, n_others)
        for head in range(start, min(start + n_heads, end)):
            for place in range(head + 1, min(start + n_heads, end)):
                pairs[n_pairs, 0], pairs[n_pairs, 1] = min(rows[head], rows[place]), max(rows[head], rows[place])
                n_pairs += 1
            for number in range(n_tried):
                place = start + n_heads + number * n_others // n_tried
                pairs[n_pairs, 0], pairs[n_pairs, 1] = min(rows[head], rows[place]), max(rows[head], rows[place])
                n_pairs += 1
    return pairs[:n_pairs].copy()


@kernel
def _is_found(keys: NDArray[np.int64], key: int) -> bool:
    """Tell whether a key is among sorted ones."""
    low, high = 0, len(keys)
    while low < high:
        middle = (low + high) >> 1
        if keys[middle] < key:
            low = middle + 1
        else:
            high = middle
    return bool(low < len(keys) and keys[low] == key)


@kernel
def _pair_heads(
    rows: NDArray[np.int64], start: Any, end: Any, n_heads: int, names: NDArray[np.int64], pairs: NDArray[np.int64],
    n_pairs: Any,
) -> Any:  # fmt: skip
    """Append the pairs of the first `n_heads` rows of a crowd with all rows behind them, but for those of one name."""
    for head in range(start, min(start + n_heads, end)):
        for place in range(head + 1, end):
            if names[rows[head]] != names[rows[place]]:
                pairs[n_pairs, 0] = min(rows[head], rows[place])
                pairs[n_pairs, 1] = max(rows[head], rows[place])
                n_pairs += 1
    return n_pairs


@kernel
def open_crowds(
    offsets: NDArray[np.int64], rows: NDArray[np.int64], keys: NDArray[np.int64], names: NDArray[np.int64],
    n_heads: int, n_probes: int, min_gathered: float,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:  # fmt: skip
    """Propose the first `n_heads` rows of those crowds whose probes they match, each with all other rows.

    Parameters
    ----------
    offsets int64[n + 1], rows int64[m], n_heads, n_probes
        As for `probe_crowds`, whose pairs have been verified.
    keys : int64[n_found]
        ``i * n_rows + j`` of the pairs that hold, sorted.
    names : int64[n_rows]
        The component of each row, by these; rows of one component are not proposed.
    min_gathered : float
        Share of the probes that must match a head; with less, the crowd shares a phrase and no text. Matches alone
        count: what hangs together through others may be short texts that share that phrase.

    Returns
    -------
    pairs int64[k, 2]
        To be verified.
    offsets int64[n2 + 1], rows int64[m2]
        The crowds that are left.
    """
    n_rows = len(names)
    left_offsets = np.zeros(len(offsets), dtype=np.int64)
    left = np.empty(len(rows), dtype=np.int64)
    n_crowds, n_left = 0, 0
    for crowd in range(len(offsets) - 1):
        start, end = offsets[crowd], offsets[crowd + 1]
        n_others = end - start - n_heads
        n_tried = min(n_probes, n_others)
        n_gathered = 0
        for number in range(n_tried):
            row = rows[start + n_heads + number * n_others // n_tried]
            is_gathered = False
            for place in range(start, start + n_heads):
                head = rows[place]
                is_gathered |= _is_found(keys, min(head, row) * n_rows + max(head, row))
            n_gathered += is_gathered
        if n_tried < 1 or n_gathered < min_gathered * n_tried:
            continue
        for place in range(start, end):
            left[n_left] = rows[place]
            n_left += 1
        n_crowds += 1
        left_offsets[n_crowds] = n_left
    pairs = np.empty((n_left * n_heads, 2), dtype=np.int64)
    n_pairs: Any = np.int64(0)
    for crowd in range(n_crowds):
        n_pairs = _pair_heads(left, left_offsets[crowd], left_offsets[crowd + 1], n_heads, names, pairs, n_pairs)
    return pairs[:n_pairs].copy(), left_offsets[: n_crowds + 1].copy(), left[:n_left].copy()


@kernel
def link_crowds(
    offsets: NDArray[np.int64], rows: NDArray[np.int64], names: NDArray[np.int64], n_heads: int, min_gathered: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:  # fmt: skip
    """Take one more step in the crowds whose heads gathered some, but not all, of their rows.

    Parameters
    ----------
    offsets int64[n + 1], rows int64[m]
        The crowds; the first `n_heads` rows of each have been compared with all of it.
    names : int64
        The component of each row, by the matches found so far.
    n_heads : int
        Heads of the next step.
    min_gathered : float
        Share of a crowd that must hang together with its heads; with less, the crowd shares a phrase and no text.

    Returns
    -------
    pairs int64[k, 2]
        To be verified: the next heads with all that is left of their crowd.
    offsets int64[n2 + 1], rows int64[m2]
        What is left of the crowds, the next heads first.
    """
    left_offsets = np.zeros(len(offsets), dtype=np.int64)
    left = np.empty(len(rows), dtype=np.int64)
    pairs = np.empty((len(rows) * n_heads, 2), dtype=np.int64)
    n_crowds = 0
    n_left: Any = np.int64(0)
    n_pairs: Any = n_left
    for crowd in range(len(offsets) - 1):
        start, end = offsets[crowd], offsets[crowd + 1]
        first = n_left
        for place in range(start + n_heads, end):
            is_gathered = False
            for head in range(start, start + n_heads):
                is_gathered |= names[rows[place]] == names[rows[head]]
            left[n_left] = rows[place]
            n_left += not is_gathered
        size, n_gathered = end - start - n_heads, end - start - n_heads - (n_left - first)
        if n_left - first < 1 or n_gathered < min_gathered * size:
            n_left = first
            continue
        n_pairs = _pair_heads(left, first, n_left, n_heads, names, pairs, n_pairs)
        if n_left - first <= n_heads:
            n_left = first
            continue
        n_crowds += 1
        left_offsets[n_crowds] = n_left
    return pairs[:n_pairs].copy(), left_offsets[: n_crowds + 1].copy(), left[:n_left].copy()
