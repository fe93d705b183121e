"""Kernel: a text's characters -> its names and numbers as keys. Oracle: ``tests/naive_anchors.py``, `find_anchors`.

Definitions
-----------
*Number.* Groups of digits with one separator between them; a blank is a separator only after at most three digits and
before exactly three. Where a group that is neither the first nor the last has other than three digits ("12.04.2020"),
each group is a number of its own. Its key holds its first 17 digits, without zeros at their end, but two digits at
least ("60,000" and "60 thousand", "1,500,000" and "1.5 million" are one), and how many these are. Fewer than two digits
are none.

*Word.* A run of letters with their marks, or of katakana. It may be a name where it does not begin with a small letter,
and, written with one capital only, does not open a sentence. Its key holds the classes of its consonants: the sounds of
its letters, with the digraphs of several languages made one, doubled ones once, at most six. Fewer than three are no
name, except two that follow on a vowel. Particles that Arabic, Hebrew and Korean write onto a name are left out, too;
of what katakana and hangul spell with one liquid, a second key is made with the other.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.kernels.compiled import kernel

OTHER, DIGIT, LETTER, MARK, KANA, UNREADABLE = range(6)  # kinds of characters; the low three bits
KIND, IS_UPPER, IS_LOWER, IS_BLANK, IS_BREAK, ENDS_SENTENCE, IS_SEPARATOR = 7, 8, 16, 32, 64, 128, 256

NUMBER_BIT = 1 << 62
_MAX_DIGITS = 17
_GROUP = 3  # digits that a separator sets apart
_MIN_CLASSES, _MAX_CLASSES = 3, 6
_MAX_SOUNDS = 120  # of a word; what follows is left out

# classes of the sounds A to Z: what one language's letters for a sound become in another's falls together
_CLASSES = np.array([0, 1, 5, 3, 0, 2, 4, 0, 0, 5, 4, 8, 6, 7, 0, 1, 4, 9, 5, 3, 0, 2, 2, 0, 0, 5], dtype=np.int64)
_VOWEL_CLASS = 10


def _padded(*written: str) -> NDArray[np.uint8]:
    return np.array([list(word.encode().ljust(4, b"\0")) for word in written], dtype=np.uint8)


_DIGRAPHS = _padded(
    "SCH", "TSCH", "TCH", "SHCH", "CH", "SH", "SZ", "CZ", "ZH", "TS", "TZ", "DZ", "DJ", "TH", "PH", "CK", "KH", "GH",
    "NG", "X",
)  # fmt: skip
_BECOME = _padded(
    "S", "S", "S", "S", "S", "S", "S", "S", "S", "S", "S", "S", "S", "T", "F", "K", "K", "K", "N", "KS"
)  # fmt: skip
_KOREAN_TWO = np.array(
    [
        ord(a) << 32 | ord(b)
        for a, b in ("으로", "에서", "에게", "까지", "부터", "에는", "에도", "이라", "처럼", "보다")
    ],
    dtype=np.int64,
)
_KOREAN_ONE = np.array([ord(c) for c in "은는이가을를의에로와과도만"], dtype=np.int64)
_HEBREW_HEAD = np.array([ord(c) for c in "והבלמשכ"], dtype=np.int64)
_ALEF, _BEH, _KAF, _LAM, _WAW, _FEH = 0x0627, 0x0628, 0x0643, 0x0644, 0x0648, 0x0641
_A, _B, _C, _K, _L, _M, _N, _P, _R, _U, _O, _E, _I, _DASH = (ord(c) for c in "ABCKLMNPRUOEI-")


@kernel
def _is_in(value: Any, values: Any) -> Any:
    for other in values:  # noqa: SIM110  numba knows no any()
        if value == other:
            return True
    return False


@kernel
def _head(codes: Any, start: Any, end: Any) -> Any:
    """Skip the particles written before an Arabic or Hebrew word."""
    at = start
    first = codes[at]
    if 0x0590 <= first <= 0x05FF:
        while at < end and at - start < 2 and _is_in(codes[at], _HEBREW_HEAD):
            at += 1
    elif 0x0600 <= first <= 0x06FF:
        if first in (_WAW, _FEH):
            at += 1
        one = codes[at] if at < end else 0
        two = codes[at + 1] if at + 1 < end else 0
        three = codes[at + 2] if at + 2 < end else 0
        if one == _ALEF and two == _LAM:
            at += 2
        elif (one in (_BEH, _KAF)) and two == _ALEF and three == _LAM:
            at += 3
        elif one == _LAM and two == _LAM:
            at += 2
        elif one in (_BEH, _LAM, _KAF):
            at += 1
    return at


@kernel
def _tail(codes: Any, start: Any, end: Any) -> Any:
    """Give where a Korean word ends before its particle."""
    if end - start >= 2:
        two = np.int64(codes[end - 2]) << 32 | np.int64(codes[end - 1])
        if _is_in(two, _KOREAN_TWO):
            return end - 2
    if _is_in(codes[end - 1], _KOREAN_ONE):
        return end - 1
    return end


@kernel
def _replace(sounds: Any, n: Any, written: Any, become: Any) -> Any:
    """Replace a digraph wherever it stands, from left to right; return the new length."""
    length, new_length = 0, 0
    while length < 4 and written[length] != 0:
        length += 1
    while new_length < 4 and become[new_length] != 0:
        new_length += 1
    at, to = 0, 0
    moved = sounds[:n].copy() if new_length > length else sounds  # "X" grows: read from a copy
    while at < n:
        is_here = at + length <= n
        for offset in range(length):
            if is_here and moved[at + offset] != written[offset]:
                is_here = False
        if is_here:
            for offset in range(new_length):
                if to < len(sounds):
                    sounds[to] = become[offset]
                    to += 1
            at += length
        else:
            if to < len(sounds):
                sounds[to] = moved[at]
                to += 1
            at += 1
    return to


@kernel
def _name_key(codes: Any, start: Any, end: Any, reads_l: Any, sounds_of: Any, sound_starts: Any, sounds: Any) -> Any:
    """Give the key of a word, 0 for none."""
    n = 0
    has = np.zeros(128, dtype=np.bool_)
    for at in range(start, end):
        code = codes[at]
        if code < len(sound_starts) - 1:
            for place in range(sound_starts[code], sound_starts[code + 1]):
                if n < _MAX_SOUNDS:
                    sound = sounds_of[place]
                    if reads_l and sound == _R:
                        sound = np.uint8(_L)
                    sounds[n] = sound
                    has[sound] = True
                    n += 1
    for number in range(len(_DIGRAPHS)):
        if has[_DIGRAPHS[number, 0]]:
            n = _replace(sounds, n, _DIGRAPHS[number], _BECOME[number])
            has[_BECOME[number, 0]] = True
            has[_K] = True
    for at in range(n):
        after = sounds[at + 1] if at + 1 < n else np.uint8(0)
        if sounds[at] == _C and (after == 0 or after in (_A, _O, _U, _L, _R)):
            sounds[at] = _K
    for at in range(n - 1):
        if sounds[at] == _N and (sounds[at + 1] == _B or sounds[at + 1] == _P):
            sounds[at] = _M
    key, n_classes, last = 0, 0, 0
    for at in range(n):
        sound = sounds[at]
        kind = _CLASSES[sound - _A] if _A <= sound <= _A + 25 else 0
        if kind == 0:
            continue
        if n_classes and last == kind and (sounds[at - 1] == sound or sounds[at - 1] == _DASH):
            continue
        last = kind
        n_classes += 1
        if n_classes <= _MAX_CLASSES:
            key = key * 16 + kind
    if n_classes >= _MIN_CLASSES:
        return key
    first = sounds[0] if n else np.uint8(0)
    if n_classes == 2 and (first in (_A, _E, _I, _O, _U)):
        return key + _VOWEL_CLASS * 256
    return 0


@kernel
def _end_of_group(codes: Any, kinds: Any, start: Any) -> Any:
    """Give where the digits end that begin at a place; the place itself where there are none."""
    at = start
    while at < len(codes) and codes[at] < len(kinds) and kinds[codes[at]] & KIND == DIGIT:
        at += 1
    return at


@kernel
def _end_of_number(codes: Any, kinds: Any, start: Any) -> Any:
    """Give where the groups end that are joined to that at a place, and whether all of them are one number."""
    is_one = True
    first, end = start, _end_of_group(codes, kinds, start)
    while end < len(codes) and codes[end] < len(kinds) and kinds[codes[end]] & IS_SEPARATOR:
        next_end = _end_of_group(codes, kinds, end + 1)
        if next_end == end + 1:
            break
        if kinds[codes[end]] & IS_BLANK and (end - first > _GROUP or next_end - end - 1 != _GROUP):
            break
        is_one &= first == start or end - first == _GROUP
        first, end = end + 1, next_end
    return end, is_one


@kernel
def _number_key(codes: Any, kinds: Any, digits: Any, start: Any, end: Any) -> Any:
    """Give the key of a number, 0 for none."""
    key: Any = 0
    n_digits = 0
    for at in range(start, end):
        if kinds[codes[at]] & KIND == DIGIT and n_digits < _MAX_DIGITS:
            key = key * 10 + np.int64(digits[codes[at]])
            n_digits += 1
    if n_digits < 2:
        return 0
    while n_digits > 2 and key % 10 == 0:
        key //= 10
        n_digits -= 1
    return NUMBER_BIT | key << 5 | n_digits


@kernel
def read_anchors(
    codes: NDArray[np.uint32],
    kinds: NDArray[np.uint16],
    digits: NDArray[np.uint8],
    sounds_of: NDArray[np.uint8],
    sound_starts: NDArray[np.int32],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Read the anchors of one text.

    Parameters
    ----------
    codes : uint32[n]
        Its characters.
    kinds : uint16[n_codes]
        Of each character its kind and flags; characters beyond separate words.
    digits : uint8[n_codes]
        Of each decimal digit its value.
    sounds_of, sound_starts : uint8[m], int32[n_codes + 1]
        Character c sounds as ``sounds_of[sound_starts[c]:sound_starts[c + 1]]``: Latin capitals, ``-`` for a vowel that
        parts two consonants.

    Returns
    -------
    keys, starts, ends : int64[k]
        In reading order; numbers have bit 62 set. One word may give two keys, the smaller first.

    Notes
    -----
    Cost: linear. Deterministic. Empty for an empty text.
    """
    n = len(codes)
    keys = np.empty(n + 2, dtype=np.int64)
    starts = np.empty(n + 2, dtype=np.int64)
    ends = np.empty(n + 2, dtype=np.int64)
    sounds = np.zeros(_MAX_SOUNDS + 8, dtype=np.uint8)
    known = len(kinds)
    # numbers and truths as variables, or `_name_key` is compiled once for each constant
    at: Any = np.int64(0)
    found: Any = at
    as_r, as_l = np.bool_(False), np.bool_(True)
    while at < n:
        flags = kinds[codes[at]] if codes[at] < known else np.uint16(0)
        kind = flags & KIND
        start = at
        if kind == DIGIT:
            end_of_number, is_one = _end_of_number(codes, kinds, start)
            while at < end_of_number:
                end = end_of_number if is_one else _end_of_group(codes, kinds, at)
                key = _number_key(codes, kinds, digits, at, end)
                if key:
                    keys[found], starts[found], ends[found] = key, at, end
                    found += 1
                at = end if is_one else min(end + 1, end_of_number)
            continue
        if kind != LETTER and kind != KANA:
            at += 1
            continue
        is_ascii, has_upper, has_lower = True, False, False
        at += 1
        first_pass = True
        while first_pass or at < n:
            if not first_pass:
                if codes[at] >= known:
                    break
                here = kinds[codes[at]] & KIND
                if not (here == kind or (kind == LETTER and here == MARK)):
                    break
                at += 1
            first_pass = False
            of = kinds[codes[at - 1]]
            is_ascii &= codes[at - 1] < 128
            has_upper |= of & IS_UPPER != 0
            has_lower |= of & IS_LOWER != 0
        if at - start < (3 if is_ascii else 2) or flags & IS_LOWER:
            continue
        if flags & IS_UPPER and has_lower:
            opens = start < 4
            for back in range(1, min(4, start + 1)):
                before = kinds[codes[start - back]] if codes[start - back] < known else np.uint16(0)
                if not before & IS_BLANK or before & IS_BREAK:
                    opens = before & ENDS_SENTENCE != 0
                    break
            if opens:
                continue
        first = codes[start]
        one = two = 0
        if kind == KANA:
            one = _name_key(codes, start, at, as_r, sounds_of, sound_starts, sounds)
            two = _name_key(codes, start, at, as_l, sounds_of, sound_starts, sounds)
        elif 0xAC00 <= first <= 0xD7AF:
            end = _tail(codes, start, at)
            one = _name_key(codes, start, end, as_r, sounds_of, sound_starts, sounds)
            two = _name_key(codes, start, end, as_l, sounds_of, sound_starts, sounds)
        else:
            one = _name_key(codes, start, at, as_r, sounds_of, sound_starts, sounds)
            bare = _head(codes, start, at)
            if bare > start:
                two = _name_key(codes, bare, at, as_r, sounds_of, sound_starts, sounds)
        low, high = min(one, two), max(one, two)
        if low and low != high:
            keys[found], starts[found], ends[found] = low, start, at
            found += 1
        if high:
            keys[found], starts[found], ends[found] = high, start, at
            found += 1
    return keys[:found].copy(), starts[:found].copy(), ends[:found].copy()
