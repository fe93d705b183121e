"""Kernels: words -> units, weights and marks; pairs of texts -> what survives rewriting. Oracles: ``tests/naive.py``.

Definitions
-----------
*Unit.* A word; in a script without spaces, two characters in a row (the last one before a space or another script stays
alone). A shingle of three units is three words, or four characters.

*Weight of a unit.* How much it says, told without a corpus: rare words are long (Zipf's law of abbreviation), so its
characters less 2, from 0.25 to 10; a number weighs 4 at least. A unit of a script without spaces weighs 2.

*Quoted.* Words between quotation marks, in one paragraph: independent reports of one event quote the same words.
``"`` and guillemets open and close by turns, ``„`` and corner brackets open or close, ``“`` closes after ``„`` and
opens otherwise, ``”`` closes an open one and opens otherwise. A paragraph's end closes.

*Triple.* The hash of three units in a row, kept where its lowest bits are zero: the same ones are kept in every text.

Arrays
------
units, weights, is_masked, is_quoted: one place a word. Text i owns places ``offsets[i]`` to ``offsets[i + 1]``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.kernels.compiled import kernel

N_EVIDENCE = 13  # columns of `describe_pairs`

_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # odd, 2**64 over the golden ratio
_MIX = np.uint64(0xBF58476D1CE4E5B9)  # of splitmix64
_0 = np.uint64(0)
_32 = np.uint64(32)
_29 = np.uint64(29)

_UNSPACED, _UNSPACED_MARK = 2, 5  # as in make_unicode_table; a mark that stands alone is a character, too
_WINDOW = 20  # units
_LEAST, _MOST, _UNSPACED_WEIGHT, _NUMBER = 0.25, 10.0, 2.0, 4.0


@kernel
def _code(values: Any, place: Any) -> Any:
    """Code point of the character at a byte that starts one; 0 if it is no UTF-8."""
    byte: Any = np.int64(values[place])
    if byte < 0x80:
        return byte
    if 0xC2 <= byte <= 0xDF:
        return (byte & 0x1F) << 6 | (np.int64(values[place + 1]) & 0x3F)
    if 0xE0 <= byte <= 0xEF:
        return (byte & 0x0F) << 12 | (np.int64(values[place + 1]) & 0x3F) << 6 | (np.int64(values[place + 2]) & 0x3F)
    if 0xF0 <= byte <= 0xF4:
        return (
            (byte & 0x07) << 18
            | (np.int64(values[place + 1]) & 0x3F) << 12
            | (np.int64(values[place + 2]) & 0x3F) << 6
            | (np.int64(values[place + 3]) & 0x3F)
        )
    return np.int64(0)


@kernel
def _is_open_after(values: Any, start: Any, end: Any, opened: Any) -> Any:
    """Follow the quotation marks between two words; `opened` is the code of the open one, 0 for none."""
    place = start
    while place < end:
        byte = values[place]
        if byte == 0x0A:
            opened = np.int64(0)
        elif byte == 0x22:
            opened = np.int64(0 if opened != 0 else 0x22)
        elif byte == 0xC2 and place + 1 < end and (values[place + 1] == 0xAB or values[place + 1] == 0xBB):
            opened = np.int64(0 if opened != 0 else 0xAB)
        elif byte == 0xE2 and place + 2 < end and values[place + 1] == 0x80:
            last = values[place + 2]
            if last == 0x9E:
                opened = np.int64(0x201E)
            elif last == 0x9C:
                opened = np.int64(0 if opened == 0x201E else 0x201C)
            elif last == 0x9D:
                opened = np.int64(0 if opened != 0 else 0x201D)
        elif byte == 0xE3 and place + 2 < end and values[place + 1] == 0x80:
            last = values[place + 2]
            if last == 0x8C or last == 0x8E:
                opened = np.int64(0x300C)
            elif last == 0x8D or last == 0x8F:
                opened = np.int64(0)
        place += 1
    return opened


@kernel
def _is_digit(values: Any, place: Any) -> Any:
    """Tell whether a digit starts at a byte: ASCII, Arabic, Persian, Devanagari, Bengali, or full width."""
    byte = values[place]
    if byte < 0x80:
        return 0x30 <= byte <= 0x39
    after = values[place + 1]
    if byte == 0xD9:
        return 0xA0 <= after <= 0xA9
    if byte == 0xDB:
        return 0xB0 <= after <= 0xB9
    last = values[place + 2]
    if byte == 0xE0:
        return (after == 0xA5 or after == 0xA7) and 0xA6 <= last <= 0xAF
    return byte == 0xEF and after == 0xBC and 0x90 <= last <= 0x99


@kernel
def mark_words(
    values: NDArray[np.uint8], offsets: NDArray[np.int64], words: NDArray[np.uint64], starts: NDArray[np.int64],
    ends: NDArray[np.int64], word_offsets: NDArray[np.int64], pages: NDArray[np.uint16], entries: NDArray[np.uint32],
) -> tuple[
    NDArray[np.uint64], NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]
]:  # fmt: skip
    """Give the unit that starts at each word, its weight, whether it is quoted, of an unspaced script, a number.

    Parameters
    ----------
    values, offsets
        The texts, as in `kernels.texts`.
    words, starts, ends, word_offsets
        Their words, as `kernels.texts.split_words` gives them.
    pages, entries
        The character table.

    Returns
    -------
    units uint64[n_words], weights float32[n_words], is_quoted bool[n_words], is_unspaced bool[n_words],
    is_number bool[n_words]
        A number is a word of digits for more than half: a misread letter makes none of "counci1".
    """
    n = len(words)
    units = words.copy()
    weights = np.empty(n, dtype=np.float32)
    is_quoted = np.zeros(n, dtype=np.bool_)
    is_unspaced = np.zeros(n, dtype=np.bool_)
    is_number = np.zeros(n, dtype=np.bool_)
    for text in range(len(offsets) - 1):
        opened: Any = np.int64(0)
        before: Any = offsets[text]
        for place in range(word_offsets[text], word_offsets[text + 1]):
            opened = _is_open_after(values, before, starts[place], opened)
            before = ends[place]
            is_quoted[place] = opened != 0
            code = _code(values, starts[place])
            entry = np.int64(entries[np.int64(pages[code >> 7]) * 128 + (code & 127)])
            is_unspaced[place] = (entry & 7) == _UNSPACED or (entry & 7) == _UNSPACED_MARK
            n_characters, n_digits = 0, 0
            for byte in range(starts[place], ends[place]):
                n_characters += (values[byte] & 0xC0) != 0x80
                n_digits += _is_digit(values, byte)
            weight = min(_MOST, max(_LEAST, n_characters - 2.0))
            is_number[place] = 2 * n_digits > n_characters
            if is_number[place]:
                weight = max(_NUMBER, weight)
            weights[place] = np.float32(_UNSPACED_WEIGHT if is_unspaced[place] else weight)
        for place in range(word_offsets[text], word_offsets[text + 1] - 1):
            if is_unspaced[place] and is_unspaced[place + 1] and starts[place + 1] - ends[place] == 0:
                units[place] = _mixed(words[place] * _SPREAD + words[place + 1])
    return units, weights, is_quoted, is_unspaced, is_number


@kernel
def _mixed(h: Any) -> Any:
    h = (h ^ (h >> _29)) * _MIX
    return h ^ (h >> _32)


@kernel
def find_masked(
    shingles: NDArray[np.uint64], word_offsets: NDArray[np.int64], kept: NDArray[np.uint64],
    kept_offsets: NDArray[np.int64], shingle_words: int,
) -> NDArray[np.bool_]:  # fmt: skip
    """Tell which words lie in a shingle that is masked: one that the text holds, and that is not kept of it.

    Parameters
    ----------
    shingles : uint64[n_words]
        Hash of the shingle that starts at each word; what stands at the last words of a text is not read.
    word_offsets : int64[n_texts + 1]
        The words of each text.
    kept, kept_offsets
        The shingles that are compared, those of each text distinct.
    shingle_words : int
        Words a shingle.
    """
    is_masked = np.zeros(len(shingles), dtype=np.bool_)
    most = 0
    for text in range(len(kept_offsets) - 1):
        most = max(most, kept_offsets[text + 1] - kept_offsets[text])
    bits = 3
    while (1 << bits) < 2 * most:
        bits += 1
    table = np.empty(1 << bits, dtype=np.uint64)
    filled_by = np.full(1 << bits, -1, dtype=np.int64)  # the text whose shingle stands there
    mask, shift = (1 << bits) - 1, np.uint64(64 - bits)
    for text in range(len(word_offsets) - 1):
        for place in range(kept_offsets[text], kept_offsets[text + 1]):
            slot = np.int64((kept[place] * _SPREAD) >> shift)
            while filled_by[slot] == text:
                slot = (slot + 1) & mask
            table[slot] = kept[place]
            filled_by[slot] = text
        for place in range(word_offsets[text], word_offsets[text + 1] - shingle_words + 1):
            slot = np.int64((shingles[place] * _SPREAD) >> shift)
            while filled_by[slot] == text and table[slot] != shingles[place]:
                slot = (slot + 1) & mask
            if filled_by[slot] != text:
                is_masked[place : place + shingle_words] = True
    return is_masked


@kernel
def hash_units(units: NDArray[np.uint64], n_units: int) -> NDArray[np.uint64]:
    """Hash each run of `n_units` units; the last places hold what they have."""
    hashes = np.zeros(len(units), dtype=np.uint64)
    for place in range(len(units)):
        h = _0
        for unit in range(place, min(place + n_units, len(units))):
            h = h * _SPREAD + units[unit]
        hashes[place] = _mixed(h)
    return hashes


@kernel
def find_triples(
    units: NDArray[np.uint64], is_masked: NDArray[np.bool_], offsets: NDArray[np.int64], n_units: int, keep_one_in: int
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Give the triples of each text, sorted and distinct: values uint64[m], offsets int64[n_texts + 1]."""
    hashes = hash_units(units, n_units)
    triples = np.empty(len(units), dtype=np.uint64)
    triple_offsets = np.zeros(len(offsets), dtype=np.int64)
    n = 0
    for text in range(len(offsets) - 1):
        first = n
        for place in range(offsets[text], offsets[text + 1] - n_units + 1):
            if (hashes[place] >> _32) % np.uint64(keep_one_in) != _0:
                continue
            is_kept = True
            for unit in range(place, place + n_units):
                is_kept &= not is_masked[unit]
            triples[n] = hashes[place]
            n += is_kept
        found = np.sort(triples[first:n])
        last = first
        for number in range(len(found)):
            if number == 0 or found[number] != found[number - 1]:
                triples[last] = found[number]
                last += 1
        n = last
        triple_offsets[text + 1] = n
    return triples[:n].copy(), triple_offsets


@kernel
def _insert(table: Any, counts: Any, mask: Any, value: Any) -> Any:
    """Count a value; give its slot."""
    slot = np.int64((value * _SPREAD >> _32) & mask)
    while counts[slot] != 0 and table[slot] != value:
        slot = (slot + 1) & np.int64(mask)
    table[slot] = value
    counts[slot] += 1
    return slot


@kernel
def _find(table: Any, counts: Any, mask: Any, value: Any) -> Any:
    """Slot of a value; -1 if it is not there."""
    slot = np.int64((value * _SPREAD >> _32) & mask)
    while counts[slot] != 0:
        if table[slot] == value:
            return slot
        slot = (slot + 1) & np.int64(mask)
    return np.int64(-1)


@kernel
def _heaviest_order(
    units: Any, weights: Any, start: Any, end: Any, left_out: Any, table: Any, counts: Any, places: Any, mask: Any,
    own_table: Any, own_counts: Any, own_mask: Any, tree: Any, n_tree: Any,
) -> Any:  # fmt: skip
    """Share of the weight of units that stand once in a text, which stand once in the other, too, in one order."""
    tree[: n_tree + 2] = 0.0
    once = 0.0
    for place in range(start, end):
        if left_out[place - start] or own_counts[_find(own_table, own_counts, own_mask, units[place])] != 1:
            continue
        once += weights[place]
        slot = _find(table, counts, mask, units[place])
        if slot < 0 or counts[slot] != 1:
            continue
        # heaviest chain that ends before this place of the other text: a tree of prefix maxima (Fenwick 1994)
        heaviest, node = 0.0, places[slot]
        while node > 0:
            heaviest = max(heaviest, tree[node])
            node -= node & -node
        heaviest += weights[place]
        node = places[slot] + 1
        while node <= n_tree:
            tree[node] = max(tree[node], heaviest)
            node += node & -node
    heaviest, node = 0.0, n_tree
    while node > 0:
        heaviest = max(heaviest, tree[node])
        node -= node & -node
    return heaviest / once if once > 0 else 0.0


@kernel
def describe_pairs(
    units: NDArray[np.uint64], weights: NDArray[np.float32], is_masked: NDArray[np.bool_],
    is_quoted: NDArray[np.bool_], is_number: NDArray[np.bool_], offsets: NDArray[np.int64], pairs: NDArray[np.int64],
    runs: NDArray[np.int64], min_density: float, min_outside: float,
) -> NDArray[np.float64]:  # fmt: skip
    """Measure what of the shorter text of each pair survives in the longer one, order included.

    Parameters
    ----------
    units, weights, is_masked, is_quoted, is_number, offsets
        The texts; see the top of the file.
    pairs : int64[n_pairs, 2]
        Rows.
    runs : int64[n_passages, 6]
        Their passages, as `kernels.passages` gives them.
    min_density : float
        Share of equal words of a *tight* passage, counted on the side that has more words.
    min_outside : float
        What column 9 must reach: where it does not, there is nothing more to measure.

    Returns
    -------
    float64[n_pairs, 13]
        0 number of units of the shorter text that are not masked (the text that has fewer; the first of two equals);
        1 to 3 share, by weight, of its unquoted runs of one, two and three units that stand in the longer;
        4 the same of runs of three, quoted or not;
        5 share, by weight, of its unquoted units that stand in it once, which also stand once in the longer, in one
        order (heaviest increasing subsequence);
        6 share of its windows of 20 places (from its start, one after another) in which an unquoted run of three starts
        that stands in the longer;
        7 share of its units, by weight, that are unquoted;
        8 to 10 as 2, 3 and 5, with the words of tight passages left out as quoted ones are.
        11 its numbers, and 12 those of them that the longer text does not hold. Masked ones do not count.
        Where column 9 is below `min_outside`, columns 1 to 12 are 0.
        A share of nothing is 0. A run's weight is that of its units; it is quoted if one of its units is. Runs across a
        masked unit do not count.
    """
    found = np.zeros((len(pairs), N_EVIDENCE), dtype=np.float64)
    longest: Any = 0
    n_units_of = np.zeros(len(offsets) - 1, dtype=np.int64)
    for text in range(len(offsets) - 1):
        longest = max(longest, offsets[text + 1] - offsets[text])
        for place in range(offsets[text], offsets[text + 1]):
            n_units_of[text] += not is_masked[place]
    bits = 3
    while (1 << bits) < 2 * longest:
        bits += 1
    # of the longer text, for runs of one, two and three units
    tables = np.zeros((3, 1 << bits), dtype=np.uint64)
    all_counts = np.zeros((3, 1 << bits), dtype=np.int32)
    places = np.zeros(1 << bits, dtype=np.int64)
    own_table = np.zeros(1 << bits, dtype=np.uint64)
    own_counts = np.zeros(1 << bits, dtype=np.int32)
    tree = np.zeros(longest + 2, dtype=np.float64)
    left_out = np.zeros((2, longest), dtype=np.bool_)  # quoted or masked; the same or in a tight passage
    first_run: Any = 0
    last_other: Any = -1
    mask, n_made = np.uint64(7), 0  # how many of the tables are made
    for number in range(len(pairs)):
        row, other, side = pairs[number, 0], pairs[number, 1], 1
        if n_units_of[other] < n_units_of[row]:
            row, other, side = other, row, 3
        start, end, other_start, other_end = offsets[row], offsets[row + 1], offsets[other], offsets[other + 1]
        found[number, 0] = n_units_of[row]
        for place in range(start, end):
            left_out[0, place - start] = is_masked[place] or is_quoted[place]
            left_out[1, place - start] = left_out[0, place - start]
        while first_run < len(runs) and runs[first_run, 0] == number:
            n_words = max(runs[first_run, 2] - runs[first_run, 1], runs[first_run, 4] - runs[first_run, 3])
            if runs[first_run, 5] >= min_density * n_words:
                left_out[1, runs[first_run, side] : runs[first_run, side + 1]] = True
            first_run += 1
        if other != last_other:
            last_other, n_made = other, 0
            bits = 3
            while (1 << bits) < 2 * (other_end - other_start):
                bits += 1
            mask = np.uint64((1 << bits) - 1)
        n_windows, n_hit, last_hit = (end - start + _WINDOW - 1) // _WINDOW, 0, -1
        for n_units in range(3, 0, -1):
            if n_units < 3 and found[number, 9] < min_outside:
                found[number, 1:] = 0.0
                break
            table, counts = tables[n_units - 1], all_counts[n_units - 1]
            if n_made < 4 - n_units:
                n_made += 1
                counts[: np.int64(mask) + 1] = 0
                run = 0
                for place in range(other_start, other_end):
                    run = 0 if is_masked[place] else run + 1
                    if run >= n_units:
                        h = units[place]
                        for unit in range(place - n_units + 1, place):
                            h = h * _SPREAD + units[unit]
                        slot = _insert(table, counts, mask, h)
                        if n_units == 1:
                            places[slot] = place - other_start
            run, unquoted, outside = 0, 0, 0
            whole, shared, all_whole, all_shared, out_whole, out_shared = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
            for place in range(start, end):
                run = 0 if is_masked[place] else run + 1
                unquoted = 0 if left_out[0, place - start] else unquoted + 1
                outside = 0 if left_out[1, place - start] else outside + 1
                if run < n_units:
                    continue
                h = units[place]
                weight = np.float64(weights[place])
                for unit in range(place - n_units + 1, place):
                    h = h * _SPREAD + units[unit]
                    weight += weights[unit]
                is_there = _find(table, counts, mask, h) >= 0
                if n_units == 1 and is_number[place]:
                    found[number, 11] += 1
                    found[number, 12] += not is_there
                all_whole += weight
                all_shared += weight if is_there else 0.0
                if unquoted >= n_units:
                    whole += weight
                    shared += weight if is_there else 0.0
                    if is_there and n_units == 3:
                        window = (place - 2 - start) // _WINDOW
                        n_hit += window != last_hit
                        last_hit = window
                if outside >= n_units:
                    out_whole += weight
                    out_shared += weight if is_there else 0.0
            found[number, n_units] = shared / whole if whole > 0 else 0.0
            if n_units > 1:
                found[number, 6 + n_units] = out_shared / out_whole if out_whole > 0 else 0.0
            if n_units == 3:
                found[number, 4] = all_shared / all_whole if all_whole > 0 else 0.0
            if n_units == 1:
                found[number, 7] = whole / all_whole if all_whole > 0 else 0.0
                own_bits = 3
                while (1 << own_bits) < 2 * (end - start):
                    own_bits += 1
                own_mask = np.uint64((1 << own_bits) - 1)
                own_counts[: 1 << own_bits] = 0
                for place in range(start, end):
                    if not is_masked[place]:
                        _insert(own_table, own_counts, own_mask, units[place])
                for variant in range(2):
                    found[number, 5 + 5 * variant] = _heaviest_order(
                        units, weights, start, end, left_out[variant], table, counts, places, mask, own_table,
                        own_counts, own_mask, tree, other_end - other_start,
                    )  # fmt: skip
            if n_units == 3:
                found[number, 6] = n_hit / n_windows if n_windows > 0 else 0.0
    return found


@kernel
def _count_missing(units: Any, is_number: Any, first: Any, last: Any, other_first: Any, other_last: Any) -> Any:
    """Count the numbers among some places, and those of them that other places do not hold."""
    n, n_missing = 0, 0
    for place in range(first, last):
        if not is_number[place]:
            continue
        is_there = False
        for other in range(other_first, other_last):
            if is_number[other] and units[other] == units[place]:
                is_there = True
                break
        n += 1
        n_missing += not is_there
    return n, n_missing


@kernel
def count_numbers(
    units: NDArray[np.uint64], is_number: NDArray[np.bool_], offsets: NDArray[np.int64], pairs: NDArray[np.int64],
    runs: NDArray[np.int64],
) -> NDArray[np.int64]:  # fmt: skip
    """Count the numbers in each passage.

    Returns
    -------
    int64[n_passages, 4]
        Numbers on the side of a, those of them that b's side does not hold; the same the other way round.
    """
    counts = np.zeros((len(runs), 4), dtype=np.int64)
    for number in range(len(runs)):
        pair = runs[number, 0]
        first_a, first_b = offsets[pairs[pair, 0]], offsets[pairs[pair, 1]]
        start_a, end_a = first_a + runs[number, 1], first_a + runs[number, 2]
        start_b, end_b = first_b + runs[number, 3], first_b + runs[number, 4]
        counts[number, 0], counts[number, 1] = _count_missing(units, is_number, start_a, end_a, start_b, end_b)
        counts[number, 2], counts[number, 3] = _count_missing(units, is_number, start_b, end_b, start_a, end_a)
    return counts
