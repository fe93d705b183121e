"""Which steps of a run are done: what each left is on disk, and a run that was cut off goes on behind the last one."""

from __future__ import annotations

import pickle
import shutil
import tempfile
import weakref
from collections.abc import Callable
from dataclasses import fields
from hashlib import blake2b
from os import PathLike
from pathlib import Path
from typing import TypeVar

from dedup.errors import SettingsError
from dedup.program import program_digest
from dedup.report.atomic import replacing
from dedup.settings import Settings

_Made = TypeVar("_Made")
_NAME = "dedup-run.txt"  # marks a folder as ours


class Journal:
    """The folder of one run.

    Parameters
    ----------
    folder : Path or None
        Where; None: a temporary one, which is gone when nothing that was read from it is left.
    key : str
        Says of what corpus, settings and program the run is: what another one left is removed.

    Raises
    ------
    SettingsError
        The folder holds files that no run has left.
    """

    def __init__(self, folder: Path | None, key: str) -> None:
        if folder is None:
            self.folder = Path(tempfile.mkdtemp(prefix="dedup-"))
            weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        else:
            self.folder = folder
            _clear(folder, key)
        (self.folder / _NAME).write_text(key, encoding="utf-8")

    def once(self, step: str, work: Callable[[], _Made]) -> _Made:
        """Do a step, or give what it gave when it was done."""
        path = self.folder / f"{step}.step"
        if path.exists():
            done: _Made = pickle.loads(path.read_bytes())  # noqa: S301 - this run has written it, in the user's folder
            return done
        made = work()
        with replacing(path) as draft:
            draft.write_bytes(pickle.dumps(made))
        return made

    def remove(self, name: str) -> None:
        """Remove a folder that is no longer needed."""
        shutil.rmtree(self.folder / name, ignore_errors=True)


def key_of(corpus: object, settings: Settings, *, on_error: str) -> str:
    """Say of what corpus, settings and program a run is; ``""`` of a corpus that is no path: it cannot be told."""
    if not isinstance(corpus, (str, PathLike)):
        return ""
    digest = blake2b(digest_size=16)
    path = Path(corpus)
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file():
            state = file.stat()
            digest.update(f"{file.absolute()}\0{state.st_size}\0{state.st_mtime_ns}\0".encode())
    values = {
        f.name: getattr(settings, f.name) for f in fields(settings) if f.name not in ("memory_limit", "spill_dir")
    }
    plain = sorted((name, repr(sorted(v.items()) if hasattr(v, "items") else v)) for name, v in values.items())
    digest.update(repr((plain, on_error, program_digest())).encode())
    return digest.hexdigest()


def _clear(folder: Path, key: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    mark = folder / _NAME
    if not mark.exists() and any(folder.iterdir()):
        raise SettingsError(f"spill_dir is {str(folder)!r}, which holds other files; it must be a folder of its own")
    if mark.exists() and (not key or mark.read_text(encoding="utf-8") != key):
        for path in folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
