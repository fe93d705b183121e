"""Kernels: UTF-8 text -> word hashes, shingle hashes, MinHash signatures, winnowed fingerprints.

Definitions (their oracles, of the same names, are in ``tests/naive.py``)
-------------------------------------------------------------------------
*Words.* The classes of `make_unicode_table` cut a text into words: a run of letters and digits, with the marks on them;
or one character of a script without spaces, with its marks. Format characters inside a word are skipped.

*Word hash.* The folded characters of a word that are no marks, as UTF-8, are cut into blocks of 8 bytes (little endian,
zero padded); ``h = START; h = absorb(h, block)`` for each. Each mark adds ``mix(bytes + (n << 32))`` to it, where n
counts the characters before it that are no marks: the order of the marks between two letters does not matter.
``finish`` spreads the sum. Words of at most 8 bytes without marks never collide, others do with a chance of 2**-64.

*Shingle hash.* ``s = s * MULTIPLIER + h`` over the hashes of ``shingle_words`` words in a row, then two rounds of
splitmix64 (Steele, Lea and Flood 2014).

*Signature.* ``min(a[p] * fmix32(s) + b[p]) mod 2**32`` over the low 32 bits of all shingle hashes, which is
``datasketch.MinHash(scheme="affine32")``. 2**32 - 1 everywhere for a text without a shingle.

*Fingerprints.* The distinct minima of all windows of ``window`` shingle hashes in a row (winnowing: Schleimer,
Wilkerson and Aiken 2003, section 3); the one minimum of a text shorter than a window. Guarantee: two texts that share a
run of ``window + shingle_words - 1`` words share a fingerprint.

Arrays
------
values uint8[n_bytes + PADDING]: the texts, UTF-8, one after another; what follows the last text is read, never used.
offsets int64[n_texts + 1]: text i is ``values[offsets[i]:offsets[i + 1]]``. Not checked: offsets ascend and lie within.
Bytes that are no UTF-8 separate words. Every loop is linear in the bytes; nothing depends on the number of threads.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba.extending import intrinsic
from numpy.typing import NDArray

from dedup.kernels.compiled import IS_COMPILED, kernel

PADDING = 128  # bytes that must follow the last text: a block of 64 is looked at at once, and the two bytes after it

START = np.uint64(0x243F6A8885A308D3)  # fraction of pi
ABSORB = np.uint64(0x9FB21C651E98DF25)  # odd, random
FINISH = np.uint64(0xD6E8FEB86659FD93)  # odd, random
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # odd, 2**64 over the golden ratio: spreads the places of the words
SPLITMIX_1 = np.uint64(0xBF58476D1CE4E5B9)
SPLITMIX_2 = np.uint64(0x94D049BB133111EB)

_0 = np.uint64(0)
_1 = np.uint64(1)
_2 = np.uint64(2)
_3 = np.uint64(3)
_7 = np.uint64(7)
_8 = np.uint64(8)
_16 = np.uint64(16)
_27 = np.uint64(27)
_30 = np.uint64(30)
_31 = np.uint64(31)
_32 = np.uint64(32)
_40 = np.uint64(40)
_48 = np.uint64(48)
_62 = np.uint64(62)
_63 = np.uint64(63)
_64 = np.uint64(64)
_ONES = np.uint64(0xFFFFFFFFFFFFFFFF)
_LOW_16 = np.uint64(0xFFFF)
_LOW_32 = np.uint64(0xFFFFFFFF)
_TWO_BYTES = np.uint64(0x80C080C080C080C0)  # four characters of two bytes, 110xxxxx 10xxxxxx, under the mask
_TWO_BYTES_MASK = np.uint64(0xC0E0C0E0C0E0C0E0)
_LEAD_BITS = np.uint64(0x001F001F001F001F)
_TRAIL_BITS = np.uint64(0x07E007E007E007E0)  # after a shift by 3
_HIGH_BITS = np.uint64(0x8080808080808080)
_TO_LOWER = np.uint64(0x2020202020202020)  # sets the bit that ASCII capitals lack; lower case and digits have it
_FMIX_1 = np.uint32(0x85EBCA6B)
_FMIX_2 = np.uint32(0xC2B2AE35)
_SHIFT_16 = np.uint32(16)
_SHIFT_13 = np.uint32(13)
_LARGEST_32 = np.uint32(0xFFFFFFFF)
_0x20 = np.uint64(0x20)

_SEPARATOR, _LETTER, _UNSPACED, _MARK, _FORMAT, _UNSPACED_MARK = range(6)  # as in make_unicode_table
_SINGLE = 31

# -- three machine instructions that numba has no name for, and their plain twins for NUMBA_DISABLE_JIT=1


def _word_bytes_machine(context: Any, values: Any, start: Any) -> Any:
    """Tell which of 64 bytes may belong to a word (ASCII letters, digits, all of a non-ASCII character)."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        block = ir.VectorType(ir.IntType(8), 64)
        array = context.make_array(signature.args[0])(context, builder, args[0])
        data = builder.load(builder.bitcast(builder.gep(array.data, [args[1]]), block.as_pointer()), align=1)

        def constant(value: int) -> Any:
            return ir.Constant(block, [value] * 64)

        letters = builder.sub(builder.or_(data, constant(0x20)), constant(ord("a")))
        is_letter = builder.icmp_unsigned("<", letters, constant(26))
        is_digit = builder.icmp_unsigned("<", builder.sub(data, constant(ord("0"))), constant(10))
        is_high = builder.icmp_signed("<", data, constant(0))
        return builder.bitcast(builder.or_(builder.or_(is_letter, is_digit), is_high), ir.IntType(64))

    return numba.types.uint64(values, numba.types.int64), codegen


def _word_bytes_plain(values: Any, start: Any) -> Any:
    data = values[start : start + 64]
    lower = data | 0x20
    is_word = ((lower >= 0x61) & (lower <= 0x7A)) | ((data >= 0x30) & (data <= 0x39)) | (data >= 0x80)
    return np.packbits(is_word, bitorder="little").view(np.uint64)[0]


def _punctuation_machine(context: Any, values: Any, start: Any) -> Any:
    """Tell at which of 64 bytes a character from U+2010 to U+203F starts: dashes, quotation marks, bullets, dots."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        block = ir.VectorType(ir.IntType(8), 64)
        array = context.make_array(signature.args[0])(context, builder, args[0])

        def data(ahead: int) -> Any:
            place = builder.add(args[1], ir.Constant(ir.IntType(64), ahead))
            return builder.load(builder.bitcast(builder.gep(array.data, [place]), block.as_pointer()), align=1)

        def constant(value: int) -> Any:
            return ir.Constant(block, [value] * 64)

        first = builder.icmp_unsigned("==", data(0), constant(0xE2))
        second = builder.icmp_unsigned("==", data(1), constant(0x80))
        third = builder.icmp_unsigned("<", builder.sub(data(2), constant(0x90)), constant(0x30))
        return builder.bitcast(builder.and_(builder.and_(first, second), third), ir.IntType(64))

    return numba.types.uint64(values, numba.types.int64), codegen


def _punctuation_plain(values: Any, start: Any) -> Any:
    first, second, third = (values[start + ahead : start + ahead + 64] for ahead in range(3))
    is_first = (first == 0xE2) & (second == 0x80) & (third >= 0x90) & (third < 0xC0)
    return np.packbits(is_first, bitorder="little").view(np.uint64)[0]


def _load_machine(context: Any, values: Any, start: Any) -> Any:
    """Read 8 bytes as a little-endian number."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, args[0])
        pointer = builder.bitcast(builder.gep(array.data, [args[1]]), ir.IntType(64).as_pointer())
        return builder.load(pointer, align=1)

    return numba.types.uint64(values, numba.types.int64), codegen


def _load_plain(values: Any, start: Any) -> Any:
    return values[start : start + 8].view(np.uint64)[0]


def _lowest_bit_machine(context: Any, number: Any) -> Any:
    """Place of the lowest bit set; undefined for 0."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return numba.types.int64(numba.types.uint64), codegen


def _lowest_bit_plain(number: Any) -> Any:
    return (int(number) & -int(number)).bit_length() - 1


_word_bytes: Any = intrinsic(_word_bytes_machine) if IS_COMPILED else _word_bytes_plain
_punctuation: Any = intrinsic(_punctuation_machine) if IS_COMPILED else _punctuation_plain
_load: Any = intrinsic(_load_machine) if IS_COMPILED else _load_plain
_lowest_bit: Any = intrinsic(_lowest_bit_machine) if IS_COMPILED else _lowest_bit_plain


# -- words


@kernel
def _absorb(h: Any, block: Any) -> Any:
    h = (h ^ block) * ABSORB
    return h ^ (h >> _32)


@kernel
def _finish(h: Any) -> Any:
    h = h * FINISH
    return h ^ (h >> _32)


@kernel
def _mark(data: Any, n_letters: Any) -> Any:
    h = (data + (np.uint64(n_letters) << _32)) * SPLITMIX_1
    h = (h ^ (h >> _31)) * SPLITMIX_2
    return h ^ (h >> _32)


@kernel
def _find_runs(values: Any, start: Any, end: Any, edges: Any) -> Any:
    """Find the runs of bytes that may belong to words: run r of the text is edges[2 * r] to edges[2 * r + 1]."""
    n, carry, dashes = 0, _0, _0
    for place in range(start, end, 64):
        bits = _word_bytes(values, place)
        starts = _punctuation(
            values, place
        )  # the commonest characters beyond ASCII, all separators: no need to look up
        bits &= ~(starts | starts << _1 | starts << _2 | dashes)
        dashes = starts >> _63 | starts >> _62
        if end - place < 64:
            bits &= _ONES >> np.uint64(64 - (end - place))
        flips = bits ^ ((bits << _1) | carry)
        carry = bits >> _63
        while flips != _0:
            edges[np.uint64(n)] = place + _lowest_bit(flips)  # unsigned: no wrap-around to look out for
            n += 1
            flips &= flips - _1
    if n & 1:
        edges[n] = end
        n += 1
    return n >> 1


@kernel
def _fold_four(block: Any, mask: Any, letters: Any) -> tuple[Any, Any]:
    """Fold the letters of two bytes in a block, those under the mask; say whether it holds nothing else."""
    block &= mask
    leads, trails = block & _LEAD_BITS, (block >> _3) & _TRAIL_BITS
    places = leads | trails
    one = np.uint64(letters[places & _LOW_16])
    two = np.uint64(letters[places >> _16 & _LOW_16])
    three = np.uint64(letters[places >> _32 & _LOW_16])
    four = np.uint64(letters[places >> _48])
    is_plain = (block & _TWO_BYTES_MASK == _TWO_BYTES & mask) & (mask & _LOW_16 == _0 or one != _0)
    is_plain &= (mask >> _16 & _LOW_16 == _0) | (two != _0)
    is_plain &= (mask >> _32 & _LOW_16 == _0) | (three != _0)
    is_plain &= (mask >> _48 == _0) | (four != _0)
    return is_plain, one | two << _16 | three << _32 | four << _48


@kernel
def _split(
    values: Any, start: Any, end: Any, pages: Any, entries: Any, folds: Any, letters: Any,
    edges: Any, words: Any, starts: Any, ends: Any, n_words: Any,
) -> Any:  # fmt: skip
    """Hash the words of values[start:end]; append them at place n_words, give the new number of words.

    Runs of ASCII and runs of letters of two bytes are hashed by the block, all others by the character. It is one long
    function because a call costs as much as a word: 8 arrays are 56 arguments.
    """
    n_runs = _find_runs(values, start, end, edges)
    for run in range(n_runs):
        first, last = edges[np.uint64(2 * run)], edges[np.uint64(2 * run + 1)]
        length = last - first
        if length <= 16:  # without a branch for the second block
            n_first = min(length, 8)
            n_second = length - n_first
            mask = _ONES >> np.uint64(64 - 8 * n_first)
            block = _load(values, first) & mask
            h = _absorb(START, block | (_TO_LOWER & mask))
            mask = _ONES >> np.uint64(64 - 8 * max(n_second, 1))
            second = _load(values, first + 8) & mask
            both = _absorb(h, second | (_TO_LOWER & mask))
            h = both if n_second > 0 else h
            high = block | second if n_second > 0 else block
        else:
            h, high, place = START, _0, first
            while last - place > 8:
                block = _load(values, place)
                high |= block
                h = _absorb(h, block | _TO_LOWER)
                place += 8
            mask = _ONES >> np.uint64(64 - 8 * (last - place))
            block = _load(values, place) & mask
            high |= block
            h = _absorb(h, block | (_TO_LOWER & mask))
        if high & _HIGH_BITS == _0:
            words[np.uint64(n_words)] = _finish(h)
            starts[np.uint64(n_words)] = first
            ends[np.uint64(n_words)] = last
            n_words += 1
            continue
        # a run that holds other characters
        state = 0  # of the word being read: 0 none, 1 of letters, 2 of a script without spaces
        h, block, fill, marks, n_letters = START, _0, _0, _0, 0
        word_start = word_end = first
        place = first
        # four letters of two bytes at once (Cyrillic, Greek, Arabic, Hebrew), while each folds into one of two bytes
        while last - place >= 8:
            is_plain, four = _fold_four(_load(values, place), _ONES, letters)
            if not is_plain:
                break
            h = _absorb(h, four)
            place += 8
            n_letters += 4
        if last - place < 8:
            mask = _ONES >> np.uint64(64 - 8 * (last - place)) if place < last else _0
            is_plain, four = _fold_four(_load(values, place), mask, letters)
            if is_plain:
                words[n_words] = _finish(_absorb(h, four) if place < last else h)
                starts[n_words] = first
                ends[n_words] = last
                n_words += 1
                continue
        if place > first:
            state, word_end = 1, place
        else:  # ASCII before the first other character
            ahead_block = _load(values, place)
            while ahead_block & _HIGH_BITS == _0:
                h = _absorb(h, ahead_block | _TO_LOWER)
                place += 8
                ahead_block = _load(values, place)
            n_ascii = _lowest_bit(ahead_block & _HIGH_BITS) >> 3
            if n_ascii > 0:
                block = (ahead_block | _TO_LOWER) & (_ONES >> np.uint64(64 - 8 * n_ascii))
                fill = np.uint64(n_ascii)
                place += n_ascii
            n_letters = place - first
            if n_letters > 0:
                state, word_end = 1, place
        while place < last:
            # one character: its bytes (data), their number (width), its code
            byte: Any = np.int64(values[place])
            width = 1
            data = np.uint64(byte)
            code: Any = byte
            kind: Any = _LETTER
            payload: Any = 0
            n_folds: Any = 0
            if byte < 0x80:
                data |= _0x20
            else:
                left = last - place
                ahead = np.int64(_load(values, place) & _LOW_32)
                if 0xC2 <= byte <= 0xDF and left >= 2 and ahead & 0xC000 == 0x8000:
                    width = 2
                    code = (byte & 0x1F) << 6 | (ahead >> 8 & 0x3F)
                    data = np.uint64(ahead & 0xFFFF)
                elif 0xE0 <= byte <= 0xEF and left >= 3 and ahead & 0xC0C000 == 0x808000:
                    width = 3
                    code = (byte & 0x0F) << 12 | (ahead >> 8 & 0x3F) << 6 | (ahead >> 16 & 0x3F)
                    data = np.uint64(ahead & 0xFFFFFF)
                elif 0xF0 <= byte <= 0xF4 and left >= 4 and ahead & 0xC0C0C000 == 0x80808000:
                    width = 4
                    code = (
                        (byte & 0x07) << 18
                        | (ahead >> 8 & 0x3F) << 12
                        | (ahead >> 16 & 0x3F) << 6
                        | (ahead >> 24 & 0x3F)
                    )
                    data = np.uint64(ahead)
                else:
                    code = 0  # no UTF-8: a separator
                if code > 0x10FFFF:
                    code = 0
                entry = np.int64(entries[np.int64(pages[code >> 7]) * 128 + (code & 127)])
                kind = entry & 7
                n_folds = entry >> 3 & 31
                payload = entry >> 8
            # the common cases: one more letter of a word, which folds into one, or into one and a mark
            is_marked = n_folds == 2 and folds[payload] >> _40 == _0 and folds[payload + 1] >> _40 != _0
            if (kind == _LETTER) & (state == 1) & ((n_folds == 0) | (n_folds == _SINGLE) | is_marked):
                n_bytes = np.uint64(width)
                if n_folds == _SINGLE:
                    data = np.uint64(payload)
                    n_bytes = np.uint64(1 + (payload > 0xFF) + (payload > 0xFFFF))
                elif n_folds == 2:
                    data = folds[payload] & _LOW_32
                    n_bytes = (folds[payload] >> _32) & _7
                    marks += _mark(folds[payload + 1] & _LOW_32, n_letters + 1)
                place += width
                word_end = place
                n_letters += 1
                block |= data << (_8 * fill)
                fill += n_bytes
                if fill >= _8:
                    h = _absorb(h, block)
                    fill -= _8
                    block = data >> (_8 * (n_bytes - fill)) if fill > _0 else _0
                continue
            # one more character of a script without spaces
            if (kind == _UNSPACED) & (state == 2) & (n_folds == 0):
                words[n_words] = _finish((_absorb(h, block) if fill > _0 else h) + marks)
                starts[n_words] = word_start
                ends[n_words] = word_end
                n_words += 1
                h, block, fill, marks, n_letters = START, data, np.uint64(width), _0, 1
                word_start = place
                place += width
                word_end = place
                continue
            # does a word end here, or start?
            if state != 0 and (
                kind in (_SEPARATOR, _UNSPACED)
                or (kind == _LETTER and state == 2)
                or (kind == _UNSPACED_MARK and state == 1)
            ):
                if fill > _0:
                    h = _absorb(h, block)
                words[n_words] = _finish(h + marks)
                starts[n_words] = word_start
                ends[n_words] = word_end
                n_words += 1
                state = 0
            if state == 0:
                if kind in (_SEPARATOR, _MARK, _FORMAT):
                    place += width
                    continue
                state = 1 if kind == _LETTER else 2
                h, block, fill, marks, n_letters = START, _0, _0, _0, 0
                word_start = place
            place += width
            word_end = place
            if kind == _FORMAT:
                continue
            # fold it into the word
            n_elements = n_folds if 0 < n_folds < _SINGLE else 1
            for number in range(n_elements):
                is_mark = kind in (_MARK, _UNSPACED_MARK)
                n_bytes = np.uint64(width)
                if n_folds == _SINGLE:
                    data = np.uint64(payload)
                    n_bytes = np.uint64(1 + (payload > 0xFF) + (payload > 0xFFFF))
                elif n_folds > 0:
                    packed = folds[payload + number]
                    data = packed & _LOW_32
                    n_bytes = (packed >> _32) & _7
                    is_mark = packed >> np.uint64(40) != _0
                if is_mark:
                    marks += _mark(data, n_letters)
                    continue
                n_letters += 1
                block |= data << (_8 * fill)
                fill += n_bytes
                if fill >= _8:
                    h = _absorb(h, block)
                    fill -= _8
                    block = data >> (_8 * (n_bytes - fill)) if fill > _0 else _0
        if state != 0:
            if fill > _0:
                h = _absorb(h, block)
            words[n_words] = _finish(h + marks)
            starts[n_words] = word_start
            ends[n_words] = word_end
            n_words += 1
    return n_words


@kernel
def split_words(
    values: NDArray[np.uint8], offsets: NDArray[np.int64],
    pages: NDArray[np.uint16], entries: NDArray[np.uint32], folds: NDArray[np.uint64], letters: NDArray[np.uint16],
) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:  # fmt: skip
    """Cut texts into words.

    Returns
    -------
    hashes uint64[n], starts int64[n], ends int64[n], word_offsets int64[n_texts + 1]
        Words of text i are ``word_offsets[i]`` to ``word_offsets[i + 1]``; starts and ends are bytes of `values`.
    """
    n_texts = len(offsets) - 1
    most: Any = (offsets[n_texts] - offsets[0]) // 2 + n_texts + 1
    longest: Any = 0
    for text in range(n_texts):
        longest = max(longest, offsets[text + 1] - offsets[text])
    edges = np.empty(longest + 2, dtype=np.int64)
    words = np.empty(most, dtype=np.uint64)
    starts = np.empty(most, dtype=np.int64)
    ends = np.empty(most, dtype=np.int64)
    word_offsets = np.zeros(n_texts + 1, dtype=np.int64)
    n_words = np.int64(0)  # of the type it has later, or `_split` is compiled once more for a constant
    for text in range(n_texts):
        n_words = _split(
            values,
            offsets[text],
            offsets[text + 1],
            pages,
            entries,
            folds,
            letters,
            edges,
            words,
            starts,
            ends,
            n_words,
        )
        word_offsets[text + 1] = n_words
    return words[:n_words].copy(), starts[:n_words].copy(), ends[:n_words].copy(), word_offsets


@kernel
def to_characters(values: NDArray[np.uint8], start: int, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Turn ascending places in bytes into places in characters, counted from `start`."""
    found = np.empty(len(places), dtype=np.int64)
    n_characters, place = 0, start
    for number in range(len(places)):
        while place < places[number]:
            n_characters += (values[place] & 0xC0) != 0x80
            place += 1
        found[number] = n_characters
    return found


# -- shingles


@kernel
def _shingle(words: Any, n_words: Any, shingle_words: Any, shingles: Any) -> Any:
    """Hash every run of shingle_words words; give their number."""
    n = max(0, n_words - shingle_words + 1)
    for place in range(n):
        shingles[place] = words[place]
    for offset in range(1, shingle_words):
        for place in range(n):
            shingles[place] = shingles[place] * MULTIPLIER + words[place + offset]
    for place in range(n):
        s = shingles[place]
        s = (s ^ (s >> _30)) * SPLITMIX_1
        s = (s ^ (s >> _27)) * SPLITMIX_2
        shingles[place] = s ^ (s >> _31)
    return n


@kernel
def hash_shingles(words: NDArray[np.uint64], shingle_words: int) -> NDArray[np.uint64]:
    """Hash the shingle that starts at each word; the last places, where none does, hold 0."""
    shingles = np.zeros(len(words), dtype=np.uint64)
    _shingle(words, len(words), shingle_words, shingles)
    return shingles


@kernel
def _sort_distinct(hashes: Any, n: Any, out: Any, counts: Any) -> Any:
    """Sort n evenly spread hashes into `out`, each once; give their number.

    One pass into buckets by the highest bits, one or two buckets a hash, then insertion: linear for hashes. counts
    int32 has 4 * n + 4 places or more.
    """
    if n == 0:
        return 0
    bits = 2
    while (1 << bits) < 2 * n:
        bits += 1
    shift = np.uint64(64 - bits)
    n_buckets = 1 << bits
    for bucket in range(n_buckets + 1):
        counts[bucket] = 0
    for place in range(n):
        counts[(hashes[place] >> shift) + _1] += 1
    total = np.int32(0)
    for bucket in range(1, n_buckets + 1):
        total += counts[bucket]
        counts[bucket] = total
    for place in range(n):
        bucket_of_hash = hashes[place] >> shift
        out[np.uint64(counts[bucket_of_hash])] = hashes[place]
        counts[bucket_of_hash] += 1
    for place in range(1, n):
        value = out[place]
        back = place - 1
        while back >= 0 and out[back] > value:
            out[back + 1] = out[back]
            back -= 1
        out[back + 1] = value
    n_distinct = 1
    for place in range(1, n):
        value = out[place]
        out[np.uint64(n_distinct)] = value
        n_distinct += value != out[np.uint64(n_distinct - 1)]
    return n_distinct


@kernel
def _sign(shingles: Any, n: Any, a: Any, b: Any, mixed: Any, signature: Any) -> None:
    """MinHash of n shingle hashes."""
    for place in range(n):
        h = np.uint32(shingles[place] & _LOW_32)
        h = np.uint32((h ^ (h >> _SHIFT_16)) * _FMIX_1)
        h = np.uint32((h ^ (h >> _SHIFT_13)) * _FMIX_2)
        mixed[place] = np.uint32(h ^ (h >> _SHIFT_16))
    for position in range(len(a)):
        factor, summand, least = a[position], b[position], _LARGEST_32
        for place in range(n):
            least = min(least, np.uint32(np.uint32(mixed[place] * factor) + summand))
        signature[position] = least


@kernel
def _least_of_two(values: Any, out: Any, n: Any, step: Any) -> None:
    """Write the smaller of ``values[i]`` and ``values[i + step]``, n times, to another array: 8 at a time."""
    ahead = values[step : step + n]
    for place in range(n):
        out[place] = min(values[place], ahead[place])


@kernel
def _winnow(shingles: Any, n: Any, window: Any, minima: Any, spare: Any, sampled: Any) -> Any:
    """Write the minimum of each window, repeats in a row once, to `sampled`; give their number."""
    if n == 0:
        return 0
    width, n_minima = 1, n
    target = min(window, n)
    values, out, other = shingles, minima, spare
    while width < target:
        step = min(width, target - width)  # windows of `width` at two places make one of `width + step`
        n_minima -= step
        _least_of_two(values, out, n_minima, step)
        values, out, other = out, other, out
        width += step
    n_sampled = 0
    for place in range(n_minima - 1):
        sampled[np.uint64(n_sampled)] = values[place]
        n_sampled += values[place] != values[place + 1]
    sampled[n_sampled] = values[n_minima - 1]
    return n_sampled + 1


def most_words(offsets: NDArray[np.int64]) -> int:
    """Give a bound of the words, and so of the shingles, of texts with these offsets."""
    return int(offsets[-1] - offsets[0]) // 2 + len(offsets)


@kernel
def sketch_texts(
    values: NDArray[np.uint8], offsets: NDArray[np.int64],
    pages: NDArray[np.uint16], entries: NDArray[np.uint32], folds: NDArray[np.uint64], letters: NDArray[np.uint16],
    a: NDArray[np.uint32], b: NDArray[np.uint32],
    shingle_words: int, window: int, longest_kept: int, longest_signed: int,
    signatures: NDArray[np.uint32], shingles: NDArray[np.uint64], fingerprints: NDArray[np.uint64],
    n_shingles_of: NDArray[np.int64], n_fingerprints_of: NDArray[np.int64], is_signed: NDArray[np.bool_],
) -> None:  # fmt: skip
    """Sketch texts.

    Parameters
    ----------
    values, offsets
        The texts; see the top of the file.
    pages, entries, folds, letters
        The character table.
    a, b : uint32[num_perm]
        Permutations; none: no signatures.
    shingle_words : int
        Words a shingle, at least 1.
    window : int
        Shingles a window; 0: no fingerprints.
    longest_kept : int
        Shingles; those of a text of more are not kept.
    longest_signed : int
        Shingles; a text of more is not signed, and neither is one without a shingle.

    Writes
    ------
    signatures uint32[n_texts or less, num_perm]
        Of the texts that are signed, one after another.
    shingles uint64[most_words], fingerprints uint64[most_words]
        Sorted and distinct within each text, texts one after another. Without a place (length 0) they are not made.
    n_shingles_of int64[n_texts], n_fingerprints_of int64[n_texts]
        How many each text has written.
    is_signed bool[n_texts]
        Which texts have a signature.

    Notes
    -----
    The caller brings the places: numpy asks for them in huge pages, numba does not, and a run that fills 400 MB in
    small pages spends a quarter of its time in the kernel of the operating system.
    """
    n_texts = len(offsets) - 1
    longest: Any = 0
    for text in range(n_texts):
        longest = max(longest, offsets[text + 1] - offsets[text])
    edges = np.empty(longest + 2, dtype=np.int64)
    n_most = longest // 2 + 2
    words = np.empty(n_most, dtype=np.uint64)
    starts = np.empty(n_most, dtype=np.int64)
    ends = np.empty(n_most, dtype=np.int64)
    in_order = np.empty(n_most, dtype=np.uint64)
    minima = np.empty(n_most, dtype=np.uint64)
    mixed = np.empty(n_most, dtype=np.uint32)
    spare = np.empty(n_most, dtype=np.uint64)
    counts = np.empty(4 * n_most + 4, dtype=np.int32)
    n_shingles: Any = 0
    n_fingerprints: Any = 0
    n_signed: Any = 0
    none = np.int64(0)  # a variable, or `_split` is compiled once more for a constant
    for text in range(n_texts):
        n_words = _split(
            values, offsets[text], offsets[text + 1], pages, entries, folds, letters, edges, words, starts, ends, none
        )
        n = _shingle(words, n_words, shingle_words, in_order)
        is_signed[text] = 0 < n <= longest_signed and len(a) > 0
        if is_signed[text]:
            _sign(in_order, n, a, b, mixed, signatures[n_signed])
            n_signed += 1
        n_shingles_of[text] = n_fingerprints_of[text] = 0
        if window > 0 and len(fingerprints) > 0:
            n_sampled = _winnow(in_order, n, window, minima, spare, words)
            n_fingerprints_of[text] = _sort_distinct(words, n_sampled, fingerprints[n_fingerprints:], counts)
            n_fingerprints += n_fingerprints_of[text]
        if n <= longest_kept and len(shingles) > 0:
            n_shingles_of[text] = _sort_distinct(in_order, n, shingles[n_shingles:], counts)
            n_shingles += n_shingles_of[text]


@kernel
def shingle_texts(words: NDArray[np.uint64], word_offsets: NDArray[np.int64], shingle_words: int) -> NDArray[np.uint64]:
    """Give the shingle that starts at each word of some texts: uint64[n_words]; 0 where its text ends before it does.

    Oracle: ``tests/naive.py``, `hash_shingles`.
    """
    shingles = np.zeros(len(words), dtype=np.uint64)
    for text in range(len(word_offsets) - 1):
        start, end = word_offsets[text], word_offsets[text + 1]
        _shingle(words[start:end], end - start, shingle_words, shingles[start:end])
    return shingles


@kernel
def sketch_words(
    words: NDArray[np.uint64], a: NDArray[np.uint32], b: NDArray[np.uint32], shingle_words: int, window: int
) -> tuple[NDArray[np.uint64], NDArray[np.uint32], NDArray[np.uint64], NDArray[np.uint64]]:
    """Sketch one text from its word hashes: shingles in reading order, signature, fingerprints, distinct shingles."""
    most = len(words) + 2
    in_order = np.empty(most, dtype=np.uint64)
    minima = np.empty(most, dtype=np.uint64)
    sampled = np.empty(most, dtype=np.uint64)
    fingerprints = np.empty(most, dtype=np.uint64)
    shingles = np.empty(most, dtype=np.uint64)
    spare = np.empty(most, dtype=np.uint64)
    counts = np.empty(4 * most + 4, dtype=np.int32)
    signature = np.empty(len(a), dtype=np.uint32)
    n = _shingle(words, len(words), shingle_words, in_order)
    _sign(in_order, n, a, b, np.empty(most, dtype=np.uint32), signature)
    n_sampled = _winnow(in_order, n, window, minima, spare, sampled)
    n_fingerprints = _sort_distinct(sampled, n_sampled, fingerprints, counts)
    n_shingles = _sort_distinct(in_order, n, shingles, counts)
    return in_order[:n].copy(), signature, fingerprints[:n_fingerprints].copy(), shingles[:n_shingles].copy()


@kernel
def sign_rows(
    shingles: NDArray[np.uint64], offsets: NDArray[np.int64], rows: NDArray[np.int64],
    a: NDArray[np.uint32], b: NDArray[np.uint32],
) -> NDArray[np.uint32]:  # fmt: skip
    """Sign the shingle sets of some rows: uint32[len(rows), num_perm]."""
    most: Any = 0
    for row in rows:
        most = max(most, offsets[row + 1] - offsets[row])
    mixed = np.empty(most, dtype=np.uint32)
    signatures = np.empty((len(rows), len(a)), dtype=np.uint32)
    for number in range(len(rows)):
        start, end = offsets[rows[number]], offsets[rows[number] + 1]
        _sign(shingles[start:end], end - start, a, b, mixed, signatures[number])
    return signatures
