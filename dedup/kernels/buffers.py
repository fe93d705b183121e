"""Python and Arrow strings -> chunks of UTF-8 bytes with offsets, as the kernels read them.

Nothing is copied but one chunk at a time: Python strings are encoded chunk by chunk, Arrow buffers are read where they
lie (their last chunk is copied once, because the kernels look a little ahead).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dedup.kernels.strings import find_layout, locate_strings, write_strings

PADDING = 128  # bytes after the last text; see kernels.texts

CHUNK_TEXTS = 1_000  # texts a chunk: enough to keep the interpreter out of the way, few enough to stay in the cache
CHUNK_CHARACTERS = 16_000_000  # characters a chunk, at most, unless one text alone is longer: bounds the memory

Texts: TypeAlias = Any  # list of str, or pyarrow StringArray, LargeStringArray, ChunkedArray


class Chunk(NamedTuple):
    """Some texts as bytes: text i is ``values[offsets[i]:offsets[i + 1]]``; `PADDING` bytes follow the last."""

    values: NDArray[np.uint8]
    offsets: NDArray[np.int64]


def encode(texts: Sequence[str]) -> Chunk:
    r"""Give texts as UTF-8; a lone surrogate becomes three bytes that separate words.

    Examples
    --------
    >>> encode(["a", "ü"]).offsets.tolist()
    [0, 1, 3]
    """
    return _read_strings(texts) or _encode_strings(texts)


def _read_strings(texts: Sequence[str]) -> Chunk | None:
    """Encode strings that lie in memory as CPython keeps them; None: some may not."""
    import pyarrow as pa

    layout = find_layout()
    if layout is None or not set(map(type, texts)) <= {str}:  # of str alone is the layout known
        return None
    n = len(texts)
    strings = np.fromiter(map(id, texts), dtype=np.int64, count=n)
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=n)
    characters, kinds, offsets = (np.empty(n + more, dtype=np.int64) for more in (0, 0, 1))
    if not locate_strings(strings, lengths, *layout, characters, kinds, offsets):
        return None
    values = np.frombuffer(pa.allocate_buffer(int(offsets[-1]) + PADDING), dtype=np.uint8)
    write_strings(characters, lengths, kinds, offsets, values)
    values[offsets[-1] :] = 0
    return _read_only(values, offsets)


def _encode_strings(texts: Sequence[str]) -> Chunk:
    """Encode strings as any interpreter can."""
    import pyarrow as pa

    # Arrow copies once where bytes.join copies twice. Of texts beyond ASCII it would leave their UTF-8 in the str.
    parts = [text if text.isascii() else text.encode("utf-8", "surrogatepass") for text in texts]
    array = pa.array([*parts, bytes(PADDING)], pa.large_binary())
    _, offsets, buffer = array.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int64, count=len(array)).copy()
    return _read_only(np.frombuffer(buffer, dtype=np.uint8), bounds)


def chunk_bounds(lengths: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Cut texts of these lengths into chunks: first text, last text (exclusive)."""
    ends = np.cumsum(lengths)
    start = size = 0
    while start < len(lengths):
        last = int(np.searchsorted(ends, size + CHUNK_CHARACTERS, side="right"))
        last = max(start + 1, min(last, start + CHUNK_TEXTS))
        yield start, last
        start, size = last, int(ends[last - 1])


class TextBuffer:
    """Texts by row, handed out as chunks.

    Parameters
    ----------
    texts : list of str, pyarrow string array or chunked array
        Nulls count as empty.
    """

    def __init__(self, texts: Texts) -> None:
        self._strings: Sequence[str] | None = None
        self._parts: list[Chunk] = []
        if isinstance(texts, (list, tuple)):
            self._strings = texts
            self._lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
        else:
            self._parts = [_from_arrow(part) for part in getattr(texts, "chunks", [texts])]
            none = np.empty(0, dtype=np.int64)
            self._lengths = np.concatenate([none, *(np.diff(part.offsets) for part in self._parts)])
        self._starts = list(accumulate((len(part.offsets) - 1 for part in self._parts), initial=0))

    def __len__(self) -> int:
        return len(self._lengths)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Lengths of the texts: characters of Python strings, bytes of Arrow's."""
        return self._lengths

    def bounds(self) -> list[tuple[int, int]]:
        """Cut the texts into chunks: first row, last row (exclusive) of each."""
        if self._strings is not None:
            return list(chunk_bounds(self._lengths))
        found = []
        for start, part in zip(self._starts, self._parts, strict=False):
            lengths = self._lengths[start : start + len(part.offsets) - 1]
            found += [(start + first, start + last) for first, last in chunk_bounds(lengths)]
        return found

    def chunk(self, first: int, last: int) -> Chunk:
        """Texts `first` to `last` (exclusive), which are one of `bounds`."""
        if self._strings is not None:
            return encode(self._strings[first:last])
        number = int(np.searchsorted(self._starts, first, side="right")) - 1
        part, start = self._parts[number], self._starts[number]
        offsets = part.offsets[first - start : last - start + 1]
        if offsets[-1] + PADDING <= len(part.values):
            return Chunk(part.values, offsets)
        return _padded(part.values[offsets[0] : offsets[-1]], offsets - offsets[0])

    def most_bytes(self, rows: NDArray[np.int64]) -> int:
        """Give a bound of the bytes of some texts."""
        n = int(self._lengths[rows].sum())
        return n if self._strings is None else 4 * n

    def split(self, rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        """Cut rows into pieces of a chunk's size."""
        return [rows[first:last] for first, last in chunk_bounds(self._lengths[rows])]

    def rows(self, rows: NDArray[np.int64]) -> Chunk:
        """Give some texts, in the order of `rows`."""
        if self._strings is not None:
            return encode([self._strings[row] for row in rows.tolist()])
        numbers = np.searchsorted(self._starts, rows, side="right") - 1
        places = rows - np.asarray(self._starts)[numbers]
        found = []
        for number, place in zip(numbers.tolist(), places.tolist(), strict=True):
            values, offsets = self._parts[number]
            found.append(values[offsets[place] : offsets[place + 1]])
        offsets = np.zeros(len(found) + 1, dtype=np.int64)
        np.cumsum([len(text) for text in found], out=offsets[1:])
        return _padded(np.concatenate([np.empty(0, dtype=np.uint8), *found]), offsets)


def _padded(values: NDArray[np.uint8], offsets: NDArray[np.int64]) -> Chunk:
    padded = np.zeros(len(values) + PADDING, dtype=np.uint8)
    padded[: len(values)] = values
    return _read_only(padded, offsets)


def _read_only(values: NDArray[np.uint8], offsets: NDArray[np.int64]) -> Chunk:
    """Let nobody write to the values, whoever made them: as Arrow's mostly are, so that kernels are compiled once."""
    values.flags.writeable = False
    return Chunk(values, offsets)


def _from_arrow(array: Any) -> Chunk:
    import pyarrow as pa

    if pa.types.is_string_view(array.type) or pa.types.is_dictionary(array.type):
        array = array.cast(pa.large_string())
    if not (pa.types.is_string(array.type) or pa.types.is_large_string(array.type)):
        raise TypeError(f"texts are an Arrow array of {array.type}; they must be strings")
    if array.null_count:
        array = array.fill_null("")
    _, offsets, values = array.buffers()
    width = np.int64 if pa.types.is_large_string(array.type) else np.int32
    n = len(array)
    if n == 0 or offsets is None:
        return _read_only(np.empty(0, dtype=np.uint8), np.zeros(n + 1, dtype=np.int64))
    bounds = np.frombuffer(offsets, dtype=width)[array.offset : array.offset + n + 1].astype(np.int64)
    return _read_only(np.frombuffer(values or b"", dtype=np.uint8), bounds)
