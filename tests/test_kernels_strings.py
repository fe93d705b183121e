"""Strings read where they lie give the bytes that the interpreter's encoder gives."""

from __future__ import annotations

import sys
from enum import StrEnum
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dedup.kernels import buffers, strings
from dedup.kernels.buffers import PADDING, encode
from dedup.kernels.compiled import IS_COMPILED

CHARACTERS = st.one_of(
    st.characters(max_codepoint=0x7F, exclude_categories=()),
    st.characters(max_codepoint=0xFF, exclude_categories=()),
    st.characters(min_codepoint=0x80, max_codepoint=0x7FF, exclude_categories=()),
    st.characters(max_codepoint=0xFFFF, exclude_categories=()),  # lone surrogates among them
    st.characters(exclude_categories=()),
)
RUNS = st.lists(st.tuples(CHARACTERS, st.integers(1, 40)), max_size=8)
TEXTS = RUNS.map(lambda runs: "".join(letter * n for letter, n in runs))


@given(st.lists(st.one_of(TEXTS, st.text(CHARACTERS, max_size=80)), max_size=6))
@example(["a" * 15 + "é", "", "é" * 16, "ą" * 17 + "a" * 33, "Совет города", "\ud800" + "x" * 20, "𝄞" * 5 + "ab"])
@settings(max_examples=400, deadline=None)
def test_strings_become_what_the_interpreter_makes_of_them(texts: list[str]) -> None:
    values, offsets = encode(texts)
    expected = [text.encode("utf-8", "surrogatepass") for text in texts]
    assert [bytes(values[a:b]) for a, b in pairwise(offsets)] == expected
    assert len(values) == offsets[-1] + PADDING
    assert not values.flags.writeable


class Words(StrEnum):
    BRIDGE = "the old bridge, " * 9


class Loud(str):
    __slots__ = ()


@pytest.mark.parametrize(
    "text", ["ab", sys.intern("an interned text, ü"), Loud("loud, not plain ą"), Words.BRIDGE], ids=range(4)
)
def test_strings_of_other_makes_are_encoded_too(text: str) -> None:
    values, offsets = encode(["plain — text", text, "ü"])
    assert bytes(values[: offsets[-1]]) == "".join(["plain — text", text, "ü"]).encode()


@pytest.mark.skipif(not IS_COMPILED, reason="NUMBA_DISABLE_JIT: strings are left to the interpreter")
@pytest.mark.skipif(sys.implementation.name != "cpython", reason="strings of CPython are read")
def test_plain_strings_are_read_where_they_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("Arrow was asked")

    monkeypatch.setattr("pyarrow.array", never)
    for letter in "aéą𝄞":
        text = letter * 33 + "."
        assert bytes(encode([text]).values[:-PADDING]) == text.encode()


def test_another_interpreter_reads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["a", "é" * 40, "ą", "𝄞", "\udc00"]
    here = encode(texts)
    monkeypatch.setattr("platform.python_implementation", lambda: "PyPy")
    strings.find_layout.cache_clear()
    try:
        assert buffers.find_layout() is None
        there = encode(texts)
    finally:
        strings.find_layout.cache_clear()
    assert all(np.array_equal(a, b) for a, b in zip(here, there, strict=True))


@pytest.mark.parametrize("other", [b"\xe4 bytes have a length, too", None, 7])
def test_what_is_no_string_is_an_error(other: object) -> None:
    with pytest.raises((TypeError, AttributeError)):
        encode(["plain", other])  # type: ignore[list-item]
