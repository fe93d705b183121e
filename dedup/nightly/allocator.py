"""Memory of a night: it goes back to the system while bodies are fetched; garbage is looked for seldom afterwards."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h
_SMALL, _LARGE = 128 * 1024, 32 * 1024 * 1024  # glibc's first value, and the highest it goes up to by itself


@contextmanager
def freed_memory_returned() -> Iterator[None]:
    """Let glibc give freed blocks back at once: bodies of megabytes, made by many threads, otherwise stay (100 MB).

    Elsewhere nothing is done.
    """
    _set(_SMALL)
    try:
        yield
    finally:
        _set(_LARGE)  # arrays that come and go are faster where they stay


@contextmanager
def garbage_seldom_sought() -> Iterator[None]:
    """Look for circular garbage a hundred times less often: a window of articles is kept whole, and holds none."""
    before = gc.get_threshold()
    gc.set_threshold(100 * before[0], *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _set(n_bytes: int) -> None:
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(_M_TRIM_THRESHOLD, n_bytes)
        mallopt(_M_MMAP_THRESHOLD, n_bytes)
