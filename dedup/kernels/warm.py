"""Compile kernels in another process, on the first run after an installation.

A first run compiles for half a minute on one core, since numba compiles under one lock. Here a second process compiles
what the run reaches last, from the end on, while the run itself compiles what it reaches first; where they meet, the
kernels are read from the cache. ``signatures.json`` says which kernels, in the order in which a run reaches them;
``benchmarks/kernel_signatures.py`` writes it. A kernel that is missing there, or has other arguments by now, is
compiled when it is called, as ever.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from functools import cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import numba
import numpy as np

from dedup.kernels.compiled import IS_COMPILED


class Signature(NamedTuple):
    """A kernel and its arguments: ``uint64[1]`` an array of one dimension, ``uint8[1]!`` a read-only one, ``int64``."""

    module: str
    kernel: str
    arguments: tuple[str, ...]


def load_signatures() -> list[Signature]:
    """Load the list, in the order in which a run reaches the kernels."""
    rows = json.loads(files("dedup.kernels").joinpath("signatures.json").read_text(encoding="utf-8"))
    return [Signature(module, kernel, tuple(arguments)) for module, kernel, arguments in rows]


def to_argument(numba_type: Any) -> str:
    """Write down a type of numba's: an array or a number."""
    if isinstance(numba_type, numba.types.Array):
        return f"{numba_type.dtype}[{numba_type.ndim}]{'' if numba_type.mutable else '!'}"
    types: Any = numba.types
    return str(types.unliteral(numba_type))


def to_type(argument: str) -> Any:
    """Read what `to_argument` wrote."""
    name, _, dimensions = argument.partition("[")
    scalar = numba.from_dtype(np.dtype(name))
    if not dimensions:
        return scalar
    return numba.types.Array(scalar, int(dimensions[0]), "C", readonly=argument.endswith("!"))


def dispatcher_of(signature: Signature) -> Any:
    """Give the kernel; None if there is none of that name."""
    try:
        return getattr(import_module(signature.module), signature.kernel, None)
    except ImportError:
        return None


def is_cached(dispatcher: Any) -> bool:
    """Tell whether numba has compiled a kernel here before; True where it can keep nothing."""
    folder = dispatcher.stats.cache_path
    if folder is None:
        return True
    code = dispatcher.py_func.__code__
    name = f"{Path(code.co_filename).stem}.{dispatcher.py_func.__qualname__}-{code.co_firstlineno}"
    written = Path(code.co_filename).stat().st_mtime
    return any(index.stat().st_mtime >= written for index in Path(folder).glob(f"{name}.*.nbi"))


@cache  # once a process
def start() -> None:
    """Start the other process, unless all is compiled, or there is but one core."""
    if not IS_COMPILED or (os.cpu_count() or 1) < 2:
        return
    last = dispatcher_of(load_signatures()[-1])
    if last is None or is_cached(last):
        return
    here = str(Path(__file__).parents[2])
    path = os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])
    try:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "dedup.kernels.warm"],  # -P: no package of that name in the working directory
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    except OSError:
        return  # then this process compiles all of it
    threading.Thread(target=process.wait, daemon=True).start()  # nobody waits for it; it ends within the half minute


def compile_backwards() -> int:
    """Compile every kernel that is not cached yet, from the end of the list on; say how many were there."""
    n_compiled = 0
    for signature in reversed(load_signatures()):
        dispatcher = dispatcher_of(signature)
        if dispatcher is None or is_cached(dispatcher):
            continue
        dispatcher.compile(tuple(to_type(argument) for argument in signature.arguments))
        n_compiled += 1
    return n_compiled


if __name__ == "__main__":
    compile_backwards()
