"""Kernels: Python's own strings -> UTF-8, read where they lie.

The interpreter's encoder is good, but it holds the interpreter: threads that encode stand in each other's way, and
encoding was a seventh of the time from texts to pairs.

CPython keeps a string (PEP 393) as a header and, right behind it, its characters: one byte each if all are ASCII or
Latin-1, else two, else four. What lies where in the header differs between its versions, so nothing is assumed: a few
strings are made, their headers looked at (`find_layout`), and only a string whose header says what one of theirs says
is read. All others (another interpreter, subclasses of str, interned strings) are left to the interpreter's encoder,
which is also the oracle: the bytes are the same either way, lone surrogates (``surrogatepass``) among them.
"""

from __future__ import annotations

import ctypes
import platform
import sys
from functools import cache
from typing import Any, NamedTuple

import numba
import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from dedup.kernels.compiled import IS_COMPILED, kernel

_LANES = 16  # characters that are looked at at once
_MASKS = (0xFF, 0x3FFFFF)  # bits of the word that tells the kind; before CPython 3.14, and since
_ABOVE_TWO = np.int64(-0x07FF_07FF_07FF_0800)  # bits 11 to 15 of four characters: set in what needs three bytes
_ABOVE_ONE = np.int64(-0x007F_007F_007F_0080)  # bits 7 to 15: set in what needs two
_TO_TWO = np.int64(0x7F80_7F80_7F80_7F80)  # added, sets the highest bit of each character from 0x80 to 0x7FF
_TOP_BITS = np.int64(-0x7FFF_7FFF_7FFF_8000)
_LEAD, _LEADS = np.int64(0x001F_001F_001F_001F), np.int64(0x00C0_00C0_00C0_00C0)
_TRAIL, _TRAILS = np.int64(0x003F_003F_003F_003F), _TOP_BITS
ASCII = 0  # a kind of string; the others are called by the bytes of a character


class Layout(NamedTuple):
    """How this interpreter keeps strings.

    Parameters
    ----------
    length_at, state_at : int
        Bytes from the start of a string to its length (8 bytes) and to the word that tells its kind (4 bytes).
    ascii_header, header : int
        Bytes from the start to the characters, if all are ASCII, and if not.
    mask : int
        The bits of that word that mean something.
    states : uint32[4]
        What they are for ASCII, Latin-1, two bytes a character, four.
    """

    length_at: int
    state_at: int
    ascii_header: int
    header: int
    mask: int
    states: NDArray[np.uint32]


@cache
def find_layout() -> Layout | None:
    """Look at a few strings; None: they cannot be read here."""
    if platform.python_implementation() != "CPython" or sys.byteorder != "little" or not IS_COMPILED:
        return None
    n = 1021
    kinds = {"a": (1, "latin-1"), "é": (1, "latin-1"), "ą": (2, "utf-16-le"), "𝄞": (4, "utf-32-le")}
    headers, states, places = [], [], set()
    for letter, (width, encoding) in kinds.items():
        text = letter * n
        headers.append(sys.getsizeof(text) - width * (n + 1))
        whole = ctypes.string_at(id(text), sys.getsizeof(text))
        places.add(length_at := whole.find(n.to_bytes(8, "little")))
        if length_at < 0 or whole[headers[-1] : -width] != text.encode(encoding):
            return None
        states.append(int.from_bytes(whole[length_at + 16 : length_at + 20], "little"))  # the hash lies between
    if len(places) > 1 or len(set(headers[1:])) > 1:
        return None
    for mask in _MASKS:
        kept = np.array([state & mask for state in states], dtype=np.uint32)
        if len(np.unique(kept)) == len(kept):
            return Layout(length_at, length_at + 16, headers[0], headers[1], mask, kept)
    return None


# -- machine instructions that numba has no name for


def _peek(bits: int) -> Any:
    """Read a number at an address."""

    def typed(context: Any, address: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            pointer = builder.inttoptr(args[0], ir.IntType(bits).as_pointer())
            number = builder.load(pointer, align=1)
            return number if bits == 64 else builder.zext(number, ir.IntType(64))

        return numba.types.int64(numba.types.int64), codegen

    return intrinsic(typed)


def _narrow(bits: int) -> Any:
    """Write the low bytes of 16 characters at an address to values[place:]; tell which of them are not ASCII."""

    def typed(context: Any, address: Any, values: Any, place: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            wide, narrow = ir.VectorType(ir.IntType(bits), _LANES), ir.VectorType(ir.IntType(8), _LANES)
            data = builder.load(builder.inttoptr(args[0], wide.as_pointer()), align=1)
            array = context.make_array(signature.args[1])(context, builder, args[1])
            target = builder.bitcast(builder.gep(array.data, [args[2]]), narrow.as_pointer())
            builder.store(data if bits == 8 else builder.trunc(data, narrow), target, align=1)
            is_wide = builder.icmp_unsigned(">", data, ir.Constant(wide, [0x7F] * _LANES))
            return builder.zext(builder.bitcast(is_wide, ir.IntType(_LANES)), ir.IntType(64))

        return numba.types.int64(numba.types.int64, values, numba.types.int64), codegen

    return intrinsic(typed)


def _count_wide(bits: int) -> Any:
    """Count the bytes beyond the first that UTF-8 has for 16 characters at an address."""

    def typed(context: Any, address: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            wide = ir.VectorType(ir.IntType(bits), _LANES)
            data = builder.load(builder.inttoptr(args[0], wide.as_pointer()), align=1)
            total = ir.Constant(ir.IntType(64), 0)
            for largest in (0x7F, 0x7FF, 0xFFFF)[: 1 + bits // 16]:
                is_wide = builder.icmp_unsigned(">", data, ir.Constant(wide, [largest] * _LANES))
                mask = builder.zext(builder.bitcast(is_wide, ir.IntType(_LANES)), ir.IntType(64))
                total = builder.add(total, builder.ctpop(mask))
            return total

        return numba.types.int64(numba.types.int64), codegen

    return intrinsic(typed)


def _put_machine(context: Any, values: Any, place: Any, number: Any) -> Any:
    """Write a number of 8 bytes."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, args[0])
        pointer = builder.bitcast(builder.gep(array.data, [args[1]]), ir.IntType(64).as_pointer())
        builder.store(args[2], pointer, align=1)
        return context.get_dummy_value()

    return numba.types.void(values, numba.types.int64, numba.types.int64), codegen


def _copy_machine(context: Any, address: Any, values: Any, place: Any, n: Any) -> Any:
    """Copy n bytes at an address to values[place:]."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[1])(context, builder, args[1])
        source = builder.inttoptr(args[0], ir.IntType(8).as_pointer())
        memcpy: Any = cgutils.raw_memcpy
        memcpy(builder, builder.gep(array.data, [args[2]]), source, args[3], 1)
        return context.get_dummy_value()

    return numba.types.void(numba.types.int64, values, numba.types.int64, numba.types.int64), codegen


def _lowest_bit_machine(context: Any, number: Any) -> Any:
    """Place of the lowest bit set; undefined for 0."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return numba.types.int64(numba.types.int64), codegen


_peek_1, _peek_2, _peek_4, _peek_8 = _peek(8), _peek(16), _peek(32), _peek(64)
_narrow_1, _narrow_2, _narrow_4 = _narrow(8), _narrow(16), _narrow(32)
_wide_1, _wide_2, _wide_4 = _count_wide(8), _count_wide(16), _count_wide(32)
_put: Any = intrinsic(_put_machine)
_copy: Any = intrinsic(_copy_machine)
_lowest_bit: Any = intrinsic(_lowest_bit_machine)


# -- the kernels


@kernel
def _code_at(characters: Any, at: Any, kind: Any) -> Any:
    """Give the code of one character."""
    if kind == 2:
        return _peek_2(characters + 2 * at)
    if kind == 4:
        return _peek_4(characters + 4 * at)
    return _peek_1(characters + at)


@kernel
def _n_more(characters: Any, n: Any, kind: Any) -> Any:
    """Count the bytes beyond the first that UTF-8 has for n characters."""
    total, in_lanes = np.int64(0), n - n % _LANES
    for at in range(0, in_lanes, _LANES):
        if kind == 2:
            total += _wide_2(characters + 2 * at)
        elif kind == 4:
            total += _wide_4(characters + 4 * at)
        else:
            total += _wide_1(characters + at)
    for at in range(in_lanes, n):
        code = _code_at(characters, at, kind)
        total += np.int64(code > 0x7F) + np.int64(code > 0x7FF) + np.int64(code > 0xFFFF)
    return total


@kernel
def locate_strings(
    strings: NDArray[np.int64], lengths: NDArray[np.int64],
    length_at: int, state_at: int, ascii_header: int, header: int, mask: int, states: NDArray[np.uint32],
    characters: NDArray[np.int64], kinds: NDArray[np.int64], offsets: NDArray[np.int64],
) -> bool:  # fmt: skip
    """Find where the characters of strings lie, and how long their UTF-8 is.

    Parameters
    ----------
    strings, lengths : int64[n]
        Addresses of Python strings that somebody keeps alive; their characters.
    length_at, state_at, ascii_header, header, mask, states
        As in `Layout`.

    Writes
    ------
    characters int64[n], kinds int64[n], offsets int64[n + 1]
        Addresses; bytes a character, `ASCII` where all are; text i will be bytes ``offsets[i]`` to ``offsets[i + 1]``.

    Returns
    -------
    bool
        Whether all can be read.
    """
    offsets[0] = 0
    for number in range(len(strings)):
        address, n = strings[number], lengths[number]
        state = _peek_4(address + state_at) & mask
        if _peek_8(address + length_at) != n:
            return False
        if state == states[0]:
            kind = ASCII
        elif state == states[1]:
            kind = 1
        elif state == states[2]:
            kind = 2
        elif state == states[3]:
            kind = 4
        else:
            return False
        kinds[number] = kind
        characters[number] = address + (ascii_header if kind == ASCII else header)
        n_more = _n_more(characters[number], n, kind) if kind != ASCII else 0
        offsets[number + 1] = offsets[number] + n + n_more
    return True


@kernel
def _write_string(characters: Any, n: Any, kind: Any, values: Any, place: Any) -> None:
    """Write one text that is not all ASCII."""
    at = 0
    while at < n:
        if n - at >= _LANES:
            if kind == 1:
                others = _narrow_1(characters + at, values, place)
            elif kind == 2:
                others = _narrow_2(characters + 2 * at, values, place)
            else:
                others = _narrow_4(characters + 4 * at, values, place)
            n_ascii = _lowest_bit(others) if others != 0 else _LANES
            at += n_ascii
            place += n_ascii
            if n_ascii == _LANES:
                continue
        while kind == 2 and n - at >= 4:  # four characters of at most two bytes each
            four = _peek_8(characters + 2 * at)
            if four & _ABOVE_TWO != 0 or four & _ABOVE_ONE == 0:
                break
            if (four + _TO_TWO) & _TOP_BITS == _TOP_BITS:
                _put(values, place, (four >> 6 & _LEAD) | _LEADS | (four & _TRAIL) << 8 | _TRAILS)
                place += 8
            else:
                for lane in range(0, 64, 16):  # without a branch: the second byte may be written over
                    code = four >> lane & 0xFFFF
                    is_two = code > 0x7F
                    values[place] = 0xC0 | code >> 6 if is_two else code
                    values[place + 1] = 0x80 | code & 0x3F
                    place += 1 + np.int64(is_two)
            at += 4
        while at < n:
            code = _code_at(characters, at, kind)
            if code < 0x80 and n - at >= _LANES:
                break
            at += 1
            if code < 0x80:
                values[place] = code
                place += 1
            elif code < 0x800:
                values[place] = 0xC0 | code >> 6
                values[place + 1] = 0x80 | code & 0x3F
                place += 2
            elif code < 0x10000:
                values[place] = 0xE0 | code >> 12
                values[place + 1] = 0x80 | code >> 6 & 0x3F
                values[place + 2] = 0x80 | code & 0x3F
                place += 3
            else:
                values[place] = 0xF0 | code >> 18
                values[place + 1] = 0x80 | code >> 12 & 0x3F
                values[place + 2] = 0x80 | code >> 6 & 0x3F
                values[place + 3] = 0x80 | code & 0x3F
                place += 4


@kernel
def write_strings(
    characters: NDArray[np.int64], lengths: NDArray[np.int64], kinds: NDArray[np.int64], offsets: NDArray[np.int64],
    values: NDArray[np.uint8],
) -> None:  # fmt: skip
    """Write strings as UTF-8 to ``values``, as `locate_strings` laid them out.

    The byte behind a text may be written, too, before the next text is: `values` must go on for one after the last.
    """
    for number in range(len(characters)):
        if kinds[number] == ASCII:
            _copy(characters[number], values, offsets[number], lengths[number])
        else:
            _write_string(characters[number], lengths[number], kinds[number], values, offsets[number])
