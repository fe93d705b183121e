"""Records on disk, read by place: what a corpus is kept in that is larger than memory.

A shelf is a folder of *segments*, two files each: the records, one behind the other, and where each begins. A segment
is written beside its name and renamed, so that a run which was cut off leaves whole segments only. Records are read by
position and never mapped into memory: a page that is mapped counts as memory that is used.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from dedup.report.atomic import replacing


class Shelf:
    """The records of a folder, as they were when it was opened.

    Parameters
    ----------
    folder : Path
        As `write_segment` left it.
    """

    def __init__(self, folder: Path) -> None:
        self._files: list[IO[bytes]] = []
        paths = sorted(folder.glob("*.records"))
        self._offsets = [np.load(path.with_suffix(".npy")) for path in paths]
        self._firsts = np.cumsum([0, *(len(offsets) - 1 for offsets in self._offsets)]).tolist()
        self._files += [path.open("rb") for path in paths]

    def __len__(self) -> int:
        return int(self._firsts[-1])

    def __del__(self) -> None:
        for file in self._files:
            file.close()

    def read(self, place: int) -> bytes:
        """Give one record."""
        segment = int(np.searchsorted(self._firsts, place, side="right")) - 1
        return self._read(segment, place - self._firsts[segment], 1)[0]

    def read_all(self, places: NDArray[np.int64]) -> list[bytes]:
        """Give some records, in the order of their places; neighbours are read at once."""
        found: list[bytes] = []
        segments = np.searchsorted(self._firsts, places, side="right") - 1
        is_start = (np.diff(places, prepend=-2) != 1) | (np.diff(segments, prepend=-1) != 0)
        for start, end in pairwise([*np.flatnonzero(is_start).tolist(), len(places)]):
            segment = int(segments[start])
            found += self._read(segment, int(places[start]) - self._firsts[segment], end - start)
        return found

    def _read(self, segment: int, first: int, n: int) -> list[bytes]:
        bounds = self._offsets[segment][first : first + n + 1].tolist()
        packed = _read_exactly(self._files[segment].fileno(), bounds[0], bounds[-1] - bounds[0])
        return [packed[start - bounds[0] : end - bounds[0]] for start, end in pairwise(bounds)]


def write_segment(folder: Path, number: int, records: Iterable[bytes]) -> int:
    """Write a segment; give the number of its records.

    Parameters
    ----------
    folder : Path
        Of the shelf; it is made.
    number : int
        Below 1,000,000; segments are read in this order.
    records : iterable of bytes
    """
    offsets = [0]
    with replacing(folder / f"{number:06d}.records") as draft:
        with draft.open("wb") as file:
            for record in records:
                file.write(record)
                offsets.append(offsets[-1] + len(record))
        save_array(folder / f"{number:06d}.npy", np.array(offsets, dtype=np.int64))
    return len(offsets) - 1


def has_segment(folder: Path, number: int) -> bool:
    """Tell whether a segment was written."""
    return (folder / f"{number:06d}.records").exists()


def save_array(path: Path, array: NDArray[Any]) -> None:
    """Write an array as a file, whole or not at all."""
    with replacing(path) as draft, draft.open("wb") as file:
        np.save(file, array)


def _read_exactly(descriptor: int, start: int, n: int) -> bytes:
    packed = os.pread(descriptor, n, start)
    while len(packed) < n:  # more than 2 GB at once, or a signal
        more = os.pread(descriptor, n - len(packed), start + len(packed))
        if not more:
            raise OSError(f"a spilled file ends at byte {start + len(packed)}; {start + n} were written")
        packed += more
    return packed


class Parts:
    """Arrays by part, appended as they come and read part by part.

    Parameters
    ----------
    folder : Path
        Emptied.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            path.unlink()
        self._folder = folder

    def add(self, part: str, **arrays: NDArray[Any]) -> None:
        """Append to the arrays of a part."""
        for name, array in arrays.items():
            with (self._folder / f"{part}.{name}").open("ab") as file:
                np.ascontiguousarray(array).tofile(file)

    def take(self, part: str, **dtypes: Any) -> list[NDArray[Any]]:
        """Read some arrays of a part, in the order they are named in, and remove them."""
        found = []
        for name, dtype in dtypes.items():
            path = self._folder / f"{part}.{name}"
            found.append(np.fromfile(path, dtype=dtype) if path.exists() else np.empty(0, dtype=dtype))
            path.unlink(missing_ok=True)
        return found


def in_pieces(n: int, most: int) -> Sequence[tuple[int, int]]:
    """Cut n places into pieces of at most so many: first and last (exclusive) of each."""
    return [(first, min(first + most, n)) for first in range(0, n, most)]


def rows_between(shelf: Shelf, pieces: Iterable[tuple[int, int]]) -> Iterator[tuple[NDArray[np.int64], list[bytes]]]:
    """Give the places and records of a shelf, piece by piece."""
    for first, last in pieces:
        places = np.arange(first, last)
        yield places, shelf.read_all(places)
