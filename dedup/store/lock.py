"""One run at a time: a lock on a file beside the store, which the system lets go however its holder ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dedup.errors import StoreLockedError

try:
    import fcntl
except ImportError:  # no such locks on this system: SQLite's own still keep the data whole
    fcntl = None  # type: ignore[assignment]


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a store for the length of a block.

    Parameters
    ----------
    path : Path
        The store's file; the lock is the file of the same name with ``.lock`` behind it. It stays: who removes it could
        remove another's.

    Raises
    ------
    StoreLockedError
        Another process holds it; the message names it.
    OSError
        The lock file cannot be made.
    """
    beside = path.with_name(path.name + ".lock")
    beside.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        if fcntl is not None:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.read(handle, 100).decode("ascii", "replace").strip() or "unknown"
                raise StoreLockedError(
                    f"{path}: another run is at work (process {holder}); this one does nothing. Try again when it ended"
                ) from None
        with suppress(OSError):  # a full disk: the lock holds without the number
            os.ftruncate(handle, 0)
            os.write(handle, str(os.getpid()).encode())
        yield
    finally:
        os.close(handle)
