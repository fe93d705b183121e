"""Kernels: what two or more texts share -> what their *rests*, the words around it, have to do with each other.

A *unit* is what a word is compared by: the word itself; where words stand without anything between them (the characters
of Chinese, Japanese, Thai), the word and the one after it. A *weight* says how telling a unit is, in [0, 1]: 0 for a
word of every text, 1 for one of none. Units are numbered, 0 to ``len(weights) - 1``.

The *kinship* of two sets of units is the weight of the units in both over the weight of the lighter set, in [0, 1]; 0
where one of them weighs nothing. Oracles, of the same names: ``tests/naive.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.kernels.compiled import kernel

_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # odd, 2**64 over the golden ratio

_32 = np.uint64(32)

REST = 1  # bits of what a word of a text is; 0: neither
SHARED = 2


@kernel
def join_neighbours(
    words: NDArray[np.uint64], starts: NDArray[np.int64], ends: NDArray[np.int64], word_offsets: NDArray[np.int64]
) -> NDArray[np.uint64]:
    """Give the unit of each word: uint64[n]; a word that touches the next one of its text is hashed with it.

    Parameters
    ----------
    words, starts, ends, word_offsets
        As `texts.split_words` gives them.
    """
    units = words.copy()
    for text in range(len(word_offsets) - 1):
        for place in range(word_offsets[text], word_offsets[text + 1] - 1):
            if ends[place] == starts[place + 1]:
                units[place] = words[place] * _SPREAD + words[place + 1]
    return units


@kernel
def cut_stems(
    values: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64], n_letters: int, padding: int
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Cut words to their first `n_letters` characters: UTF-8 with a blank behind each, and where each begins.

    Parameters
    ----------
    values : uint8[n_bytes]
        UTF-8.
    starts, ends : int64[n]
        The bytes of each word.
    n_letters : int
        At least 3. Marks on letters count; a syllable of Korean is three letters.
    padding : int
        Bytes after the last.

    Returns
    -------
    uint8[m + padding], int64[n + 1]
    """
    offsets = np.zeros(len(starts) + 1, dtype=np.int64)
    cut = np.empty(len(values) + len(starts) + padding, dtype=np.uint8)
    n = 0
    for word in range(len(starts)):
        n_seen = 0
        for place in range(starts[word], ends[word]):
            if (values[place] & 0xC0) != 0x80:
                n_seen += 3 if 0xEA <= values[place] <= 0xED else 1
            if n_seen > n_letters:
                break
            cut[n] = values[place]
            n += 1
        cut[n] = 0x20
        n += 1
        offsets[word + 1] = n
    cut[n : n + padding] = 0
    return cut[: n + padding].copy(), offsets


@kernel
def kinships(
    weights: NDArray[np.float64], units: NDArray[np.int64], kinds: NDArray[np.uint8], text_offsets: NDArray[np.int64],
    group_offsets: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:  # fmt: skip
    """Measure the rests of the texts of each group against one another, and against what the group shares.

    Parameters
    ----------
    weights : float64[n_units]
        Of each unit.
    units, kinds : int64[n_words], uint8[n_words]
        Words of the texts: their units, and `REST`, `SHARED`, both or neither.
    text_offsets : int64[n_texts + 1]
        Text t owns the words ``text_offsets[t]`` to ``text_offsets[t + 1]``.
    group_offsets : int64[n_groups + 1]
        Group g holds the texts ``group_offsets[g]`` to ``group_offsets[g + 1]``, at most 30. Not checked.

    Returns
    -------
    between : float64[n_texts, 30]
        ``between[t, o]``: kinship of the rests of text t and of the o-th text of its group.
    to_shared : float64[n_texts]
        Kinship of the text's rest and of all that is shared in its group.
    rest_weights : float64[n_texts]
        Weight of the text's rest.

    Notes
    -----
    Linear in the words, times the texts of a group.
    """
    n_texts = len(text_offsets) - 1
    between = np.zeros((n_texts, 30))
    to_shared = np.zeros(n_texts)
    rest_weights = np.zeros(n_texts)
    seen = np.zeros(len(weights), dtype=np.uint32)  # bit o: in the rest of the o-th text; bit 31: shared
    touched = np.empty(len(weights), dtype=np.int64)
    for group in range(len(group_offsets) - 1):
        first, last = group_offsets[group], group_offsets[group + 1]
        n_touched = 0
        for text in range(first, last):
            for word in range(text_offsets[text], text_offsets[text + 1]):
                bits = np.uint32(0)
                if kinds[word] & REST:
                    bits |= np.uint32(1 << (text - first))
                if kinds[word] & SHARED:
                    bits |= np.uint32(1 << 31)
                if bits == 0:
                    continue
                unit = units[word]
                if seen[unit] == 0:
                    touched[n_touched] = unit
                    n_touched += 1
                seen[unit] |= bits
        shared_weight = 0.0
        for number in range(n_touched):
            bits, weight = seen[touched[number]], weights[touched[number]]
            seen[touched[number]] = np.uint32(0)
            is_shared = (bits >> np.uint32(31)) != 0
            if is_shared:
                shared_weight += weight
            for one in range(last - first):
                if (bits >> np.uint32(one)) & np.uint32(1) == 0:
                    continue
                rest_weights[first + one] += weight
                if is_shared:
                    to_shared[first + one] += weight
                for other in range(one):
                    if (bits >> np.uint32(other)) & np.uint32(1) != 0:
                        between[first + one, other] += weight
        for one in range(last - first):
            own = rest_weights[first + one]
            to_shared[first + one] = _over(to_shared[first + one], min(own, shared_weight))
            for other in range(one):
                kinship = _over(between[first + one, other], min(own, rest_weights[first + other]))
                between[first + one, other] = kinship
                between[first + other, one] = kinship
    return between, to_shared, rest_weights


@kernel
def _over(part: Any, whole: Any) -> Any:
    return min(1.0, part / whole) if whole > 0.0 else 0.0


@kernel
def _hash(words: Any, place: Any, n_words: Any) -> Any:
    h = np.uint64(0)
    for offset in range(n_words):
        h = h * _SPREAD + words[place + offset]
    return h ^ (h >> _32)


@kernel
def _is_equal(a: Any, i: Any, b: Any, j: Any, n_words: Any) -> Any:
    for offset in range(n_words):  # noqa: SIM110  numba knows no all()
        if a[i + offset] != b[j + offset]:
            return False
    return True


@kernel
def shared_runs(a: NDArray[np.uint64], b: NDArray[np.uint64], k: int, max_places: int) -> NDArray[np.int64]:
    """Find the runs of at least k equal words, walking through a from left to right.

    Where k words of a stand in several places of b, the longest run wins, then the leftmost; places behind the last
    run come first, and of them the first `max_places` are tried.

    Parameters
    ----------
    a, b : uint64[n], uint64[m]
        Word hashes in reading order.
    k : int
        Words, at least 1.
    max_places : int
        Places tried, at least 1.

    Returns
    -------
    int64[n_runs, 4]
        Start and end in a, start and end in b; sorted by place in a, not overlapping there.

    Notes
    -----
    Cost: n + m, and for each run `max_places` times its length; skipping places before the last run costs as many
    steps as k words stand there.
    """
    n_grams = max(0, len(b) - k + 1)
    bits = 3
    while (1 << bits) < 2 * n_grams:
        bits += 1
    mask = (1 << bits) - 1
    # per slot the first place of b whose k words fall there; next_place leads on to later places of the same words
    first_place = np.full(mask + 1, -1, dtype=np.int64)
    next_place = np.full(n_grams, -1, dtype=np.int64)
    for back in range(n_grams):
        j = n_grams - 1 - back  # from the right: chains then run from left to right
        slot = np.int64(_hash(b, j, k) & np.uint64(mask))
        while first_place[slot] >= 0 and not _is_equal(b, first_place[slot], b, j, k):
            slot = (slot + 1) & mask
        next_place[j] = first_place[slot]
        first_place[slot] = j
    runs = np.empty((len(a) // k + 1, 4), dtype=np.int64)
    n_runs, i, last_end = 0, 0, 0
    while i <= len(a) - k and n_grams > 0:
        slot = np.int64(_hash(a, i, k) & np.uint64(mask))
        while first_place[slot] >= 0 and not _is_equal(b, first_place[slot], a, i, k):
            slot = (slot + 1) & mask
        first = first_place[slot]
        if first < 0:
            i += 1
            continue
        ahead = first
        while ahead >= 0 and ahead < last_end:
            ahead = next_place[ahead]
        place = ahead if ahead >= 0 else first
        best_length, best_place, n_tried = 0, place, 0
        while place >= 0 and n_tried < max_places:
            length = 0
            while i + length < len(a) and place + length < len(b) and a[i + length] == b[place + length]:
                length += 1
            if length > best_length:
                best_length, best_place = length, place
            place = next_place[place]
            n_tried += 1
        runs[n_runs, 0] = i
        runs[n_runs, 1] = i + best_length
        runs[n_runs, 2] = best_place
        runs[n_runs, 3] = best_place + best_length
        n_runs += 1
        i += best_length
        last_end = best_place + best_length
    return runs[:n_runs].copy()


@kernel
def mark_covered(runs: NDArray[np.int64], n: int) -> NDArray[np.bool_]:
    """Tell which of n words lie under one of the runs (int64[n_runs, 2], half open): bool[n]."""
    covered = np.zeros(n, dtype=np.bool_)
    for number in range(len(runs)):
        for place in range(runs[number, 0], runs[number, 1]):
            covered[place] = True
    return covered


@kernel
def compare_numbers(
    runs: NDArray[np.int64], a: NDArray[np.uint64], b: NDArray[np.uint64],
    is_number_a: NDArray[np.bool_], is_number_b: NDArray[np.bool_], max_slot: int,
) -> tuple[int, int]:  # fmt: skip
    """Count the numbers that two texts agree in, and those in which one says another than the other.

    A *slot* is what lies between two runs that follow each other in both texts, before the first and after the last,
    if it is at most `max_slot` words on either side. Numbers agree in runs, and in slots where both sides hold them.
    They contradict each other in slots where a number of each side stands nowhere in the other text: the smaller count
    of the two sides.

    Parameters
    ----------
    runs : int64[n_runs, 4]
        As `runs.shared_runs` gives them.
    a, b : uint64[n], uint64[m]
        Word hashes.
    is_number_a, is_number_b : bool[n], bool[m]
        Which words are numbers.
    max_slot : int
        Words.

    Returns
    -------
    int, int
        How many agree, how many contradict.
    """
    n_agreeing, n_contradicting = 0, 0
    numbers_a, numbers_b = np.sort(a[is_number_a]), np.sort(b[is_number_b])
    for number in range(len(runs)):
        for place in range(runs[number, 0], runs[number, 1]):
            n_agreeing += is_number_a[place]
    for number in range(len(runs) + 1):
        a_start = runs[number - 1, 1] if number > 0 else 0
        b_start = runs[number - 1, 3] if number > 0 else 0
        a_end = runs[number, 0] if number < len(runs) else len(a)
        b_end = runs[number, 2] if number < len(runs) else len(b)
        if not (0 < a_end - a_start <= max_slot and 0 < b_end - b_start <= max_slot):
            continue
        only_a, only_b = 0, 0
        for place in range(a_start, a_end):
            if is_number_a[place]:
                n_agreeing += _holds(b, is_number_b, b_start, b_end, a[place])
                only_a += not _is_among(numbers_b, a[place])
        for place in range(b_start, b_end):
            if is_number_b[place]:
                only_b += not _is_among(numbers_a, b[place])
        n_contradicting += min(only_a, only_b)
    return n_agreeing, n_contradicting


@kernel
def _holds(words: Any, is_number: Any, start: Any, end: Any, value: Any) -> Any:
    for place in range(start, end):  # noqa: SIM110  numba knows no any()
        if is_number[place] and words[place] == value:
            return True
    return False


@kernel
def _is_among(values: Any, value: Any) -> Any:
    place = np.searchsorted(values, value)
    return place < len(values) and values[place] == value


NUMBER = 1  # bits of what is known of a word
QUOTED = 2
MASKED = 4


@kernel
def mark_words(
    values: NDArray[np.uint8], offsets: NDArray[np.int64], starts: NDArray[np.int64], word_offsets: NDArray[np.int64],
    zeros: NDArray[np.int64], marks: NDArray[np.int64], closers: NDArray[np.int64], max_quote: int,
) -> NDArray[np.uint8]:  # fmt: skip
    """Tell which words begin with a decimal digit, and which stand in quotation marks: bits `NUMBER` and `QUOTED`.

    A quotation opens at a mark that may open one and ends at the first mark that may close it, if that is at most
    `max_quote` characters away; else nothing was opened.

    Parameters
    ----------
    values, offsets
        Texts as UTF-8; text i is ``values[offsets[i]:offsets[i + 1]]``.
    starts, word_offsets
        Bytes each word begins at; the words of text i are ``word_offsets[i]`` to ``word_offsets[i + 1]``.
    zeros : int64[n]
        Every decimal digit zero, ascending.
    marks : int64[m]
        Every quotation mark, ascending.
    closers : int64[m, k]
        The marks that may close what each opens; 0 for none.
    """
    flags = np.zeros(len(starts), dtype=np.uint8)
    for text in range(len(offsets) - 1):
        word: Any = word_offsets[text]
        place: Any = offsets[text]
        end_word, end = word_offsets[text + 1], offsets[text + 1]
        n_characters, opened_at, first_word = 0, 0, word
        opened: Any = -1
        while place < end:
            byte = np.int64(values[place])
            width, code = 1, byte
            if byte >= 0xF0:
                width, code = 4, byte & 0x07
            elif byte >= 0xE0:
                width, code = 3, byte & 0x0F
            elif byte >= 0xC0:
                width, code = 2, byte & 0x1F
            for more in range(1, min(width, end - place)):
                code = code << 6 | np.int64(values[place + more] & 0x3F)
            if word < end_word and starts[word] == place:
                zero = np.searchsorted(zeros, code + 1) - 1
                if zero >= 0 and code - zeros[zero] < 10:
                    flags[word] |= NUMBER
                word += 1
            elif code == 0x22 or code >= 0xAB:
                mark = np.searchsorted(marks, code)
                if mark < len(marks) and marks[mark] == code:
                    if opened >= 0 and n_characters - opened_at > max_quote:
                        opened = -1
                    if opened < 0:
                        if closers[mark, 0] != 0:
                            opened, opened_at, first_word = mark, n_characters, word
                    else:
                        for number in range(closers.shape[1]):
                            if closers[opened, number] == code:
                                for inside in range(first_word, word):
                                    flags[inside] |= QUOTED
                                opened = -1
                                break
            n_characters += 1
            place += width
    return flags


@kernel
def measure_rests(
    words: NDArray[np.uint64], units: NDArray[np.int64], weights: NDArray[np.float64], flags: NDArray[np.uint8],
    offsets: NDArray[np.int64], pairs: NDArray[np.int64], k: int, max_places: int, max_slot: int,
) -> NDArray[np.float64]:  # fmt: skip
    """Measure what tells the relation of pairs of texts.

    Parameters
    ----------
    words, units, flags : uint64[n], int64[n], uint8[n]
        Words of bodies and headlines: hash, number of the unit, bits `NUMBER`, `QUOTED`, `MASKED`.
    weights : float64[n_units]
        Of each unit.
    offsets : int64[2 * n_texts + 1]
        Body and headline of text i begin at ``offsets[2 * i]`` and ``offsets[2 * i + 1]``.
    pairs : int64[m, 2]
        Texts.
    k, max_places, max_slot : int
        As for `shared_runs` and `compare_numbers`.

    Returns
    -------
    float64[m, 13]
        Kinship of the rests; of a's and b's rest and the shared words; weight of a's and b's rest; numbers that agree
        and that contradict; share of the shared words of a and b that is quoted; words of a and b that are neither
        shared, quoted nor masked; the fewer shared words of the two; 1 if each has a head to be judged by: a headline,
        k words before what is shared, or two fifths of its words for itself.
    """
    found = np.zeros((len(pairs), 13))
    seen = np.zeros(len(weights), dtype=np.uint8)
    touched = np.empty(len(weights), dtype=np.int64)
    for number in range(len(pairs)):
        a_start, a_end = offsets[2 * pairs[number, 0]], offsets[2 * pairs[number, 0] + 1]
        b_start, b_end = offsets[2 * pairs[number, 1]], offsets[2 * pairs[number, 1] + 1]
        a, b = words[a_start:a_end], words[b_start:b_end]
        runs = shared_runs(a, b, k, max_places)
        n_touched, n_shared_least, has_heads = 0, 1 << 40, True
        for side in range(2):
            start, end = (a_start, a_end) if side == 0 else (b_start, b_end)
            covered = mark_covered(runs[:, 2 * side : 2 * side + 2], end - start)
            n_shared, n_quoted, n_told, n_compared, n_before = 0, 0, 0, 0, -1
            for place in range(start, offsets[2 * pairs[number, side] + 2]):
                is_body = place < end
                if is_body and flags[place] & MASKED:
                    continue
                bits = np.uint8(1 << side)
                if is_body:
                    n_compared += 1
                    if covered[place - start]:
                        if n_before < 0:
                            n_before = place - start
                        bits = np.uint8(4)
                        n_shared += 1
                        n_quoted += (flags[place] & QUOTED) != 0
                    else:
                        n_told += (flags[place] & QUOTED) == 0
                unit = units[place]
                if seen[unit] == 0:
                    touched[n_touched] = unit
                    n_touched += 1
                seen[unit] |= bits
            found[number, 7 + side] = n_quoted / max(1, n_shared)
            found[number, 9 + side] = n_told
            n_shared_least = min(n_shared_least, n_shared)
            has_headline = offsets[2 * pairs[number, side] + 2] > end
            has_heads &= has_headline or 5 * n_shared < 3 * n_compared or n_before >= k
        rest_a, rest_b, shared, both, a_in, b_in = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for one in range(n_touched):
            bits, weight = seen[touched[one]], weights[touched[one]]
            seen[touched[one]] = 0
            rest_a += weight * ((bits & 1) != 0)
            rest_b += weight * ((bits & 2) != 0)
            shared += weight * ((bits & 4) != 0)
            both += weight * ((bits & 3) == 3)
            a_in += weight * ((bits & 5) == 5)
            b_in += weight * ((bits & 6) == 6)
        found[number, 0] = _over(both, min(rest_a, rest_b))
        found[number, 1] = _over(a_in, min(rest_a, shared))
        found[number, 2] = _over(b_in, min(rest_b, shared))
        found[number, 3], found[number, 4] = rest_a, rest_b
        n_agreeing, n_contradicting = compare_numbers(
            runs, a, b, (flags[a_start:a_end] & NUMBER) != 0, (flags[b_start:b_end] & NUMBER) != 0, max_slot
        )
        found[number, 5], found[number, 6] = n_agreeing, n_contradicting
        found[number, 11], found[number, 12] = n_shared_least, has_heads
    return found
