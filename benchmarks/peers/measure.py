"""One system's run in a process of its own: Parquet -> list of str -> [clock starts] -> pairs [clock stops] -> files.

Runs in the peer's own environment: knows numpy, pyarrow and the standard library, and nothing of dedup.

    python -m benchmarks.peers.datasketch --corpus corpus.parquet --out result --threshold 0.7 --processes 2

writes ``result.npy`` (the answer) and ``result.json`` (the figures), and prints ``loaded`` and ``done`` around the
clock.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray


class Answer(NamedTuple):
    """What a system says.

    Parameters
    ----------
    kind : {"pairs", "clusters", "flags"}
        ``pairs``: int64[n_pairs, 2] rows. ``clusters``: int64[n] cluster of each article. ``flags``: bool[n], it
        has a copy.
    values : array
        As the kind says.
    details : dict
        What else is worth reporting.
    arrays : dict
        Further arrays to write down, ``result.<name>.npy`` each.
    """

    kind: Literal["pairs", "clusters", "flags"]
    values: NDArray[Any]
    details: dict[str, Any] = {}  # noqa: RUF012 - a NamedTuple's default is never written to
    arrays: dict[str, NDArray[Any]] = {}  # noqa: RUF012


class Options(NamedTuple):
    """What a run is asked for: the jaccard to reach, in (0, 1], and how many cores it may use."""

    threshold: float
    processes: int
    corpus: Path
    scratch: Path


def measure(
    find: Callable[[Any, Options], Answer],
    *packages: str,
    read: Callable[[Path], Any] | None = None,
    warm_up: Callable[[], object] | None = None,
) -> None:
    """Run `find` on the corpus that the command line names, and write down its answer, time and memory.

    Parameters
    ----------
    find : callable
        Takes the texts.
    packages : str
        Whose versions to state.
    read : callable, optional
        Gives the texts; default: as a list of str.
    warm_up : callable, optional
        Called before the clock starts, as imports are: loads compiled code. Timed on its own.
    """
    options, out = _read_arguments()
    started = time.perf_counter()
    if warm_up:
        warm_up()
    warm_up_s = time.perf_counter() - started
    texts = (read or read_texts)(options.corpus)
    resident = _restart_peak()
    print("loaded", flush=True)
    cpu, wall = _cpu_s(), time.perf_counter()
    answer = find(texts, options)
    wall, cpu = time.perf_counter() - wall, _cpu_s() - cpu
    peak = _memory("VmHWM")
    print("done", flush=True)
    np.save(out.with_suffix(".npy"), answer.values)
    for name, values in answer.arrays.items():
        np.save(out.with_suffix(f".{name}.npy"), values)
    figures = {
        "kind": answer.kind,
        "n_articles": len(texts),
        "wall_s": wall,
        "cpu_s": cpu,
        "warm_up_s": warm_up_s,
        "peak_above_input_bytes": max(0, peak - resident),
        "peak_bytes": peak,
        "versions": {package: version(package) for package in packages},
        "details": answer.details,
    }
    out.with_suffix(".json").write_text(json.dumps(figures), encoding="utf-8")
    sys.stdout.flush()
    os._exit(0)  # some of the peers take seconds to free what they hold


def read_texts(corpus: Path, n: int = sys.maxsize) -> list[str]:
    """Read the first `n` of the column ``text`` as a list of str."""
    texts: list[str] = []
    for batch in pq.ParquetFile(corpus).iter_batches(columns=["text"]):
        texts += batch.column(0).to_pylist()
        if len(texts) >= n:
            break
    return texts[:n]


def _read_arguments() -> tuple[Options, Path]:
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--threshold", type=float, default=0.7)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    arguments, _ = parser.parse_known_args()
    scratch = arguments.out.with_suffix(".scratch")
    scratch.mkdir(parents=True, exist_ok=True)
    return Options(
        arguments.threshold, arguments.processes, arguments.corpus.resolve(), scratch.resolve()
    ), arguments.out


def _cpu_s() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _restart_peak() -> int:
    """Give back freed memory and forget the peak so far; return the bytes resident now."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    if Path("/proc/self/clear_refs").exists():
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _memory("VmRSS")


def _memory(field: str) -> int:
    """Bytes of this process by the kernel's own account; 0 where there is none."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith(field))
    return int(line.split()[1]) * 1024
