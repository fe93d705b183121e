"""Run one system in a process of its own: time limit, memory of all its processes, what it wrote."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.systems import System

POLL_S = 0.05
SAMPLE_S = 0.25  # from one look at the memory of a system's processes to the next
REPO = Path(__file__).parent.parent
_TICKS = os.sysconf("SC_CLK_TCK")  # of CPU time, a second


class Run(NamedTuple):
    """One run of one system.

    Parameters
    ----------
    status : str
        ``ok``, ``timed out after ... s`` or ``failed: ...``.
    figures : dict
        What the system's process measured; empty unless ``ok``.
    out : Path
        Where its answer lies: ``out.npy``.
    """

    status: str
    figures: dict[str, Any]
    out: Path


def run_system(
    system: System,
    python: Path,
    corpus: Path,
    out: Path,
    *,
    processes: int,
    timeout_s: float,
    arguments: tuple[str, ...] = (),
) -> Run:
    """Run a system once on a corpus.

    Parameters
    ----------
    python : Path
        The interpreter of the environment it is installed in.
    out : Path
        Its answer goes to ``out.npy``, its figures to ``out.json``, what it prints to ``out.log``.
    processes : int
        Cores it may use.
    timeout_s : float
        Seconds from the start of its process to its end.
    """
    command = [str(python), "-m", system.module, "--corpus", str(corpus), "--out", str(out)]
    command += ["--threshold", str(system.threshold), "--processes", str(processes), *system.arguments, *arguments]
    cores = {name: str(processes) for name in ("RAYON_NUM_THREADS", "OMP_NUM_THREADS", "POLARS_MAX_THREADS")}
    with out.with_suffix(".log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            command,
            cwd=REPO,
            env={**os.environ, **cores},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
        peak = _watch(process, timeout_s, sample=system.has_workers)
    if peak is None:
        return Run(f"timed out after {timeout_s:.0f} s", {}, out)
    if process.returncode or not out.with_suffix(".json").exists():
        return Run(f"failed: {_last_line(out.with_suffix('.log'))}", {}, out)
    figures = json.loads(out.with_suffix(".json").read_text(encoding="utf-8"))
    figures["peak_above_input_bytes"] = max(figures["peak_above_input_bytes"], peak)
    return Run("ok", figures, out)


def _watch(process: subprocess.Popen[str], timeout_s: float, *, sample: bool) -> int | None:
    """Wait for the end: give the bytes that all processes together rose by at most, None if it took too long."""
    said: list[str] = []
    reader = threading.Thread(target=_collect_lines, args=(process, said), daemon=True)
    reader.start()
    deadline = time.monotonic() + timeout_s
    before = highest = 0
    next_sample = 0.0
    while process.poll() is None:
        now = time.monotonic()
        if now > deadline:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return None
        if sample and "loaded" in said and "done" not in said and now >= next_sample:
            next_sample = now + SAMPLE_S
            resident = session_bytes(process.pid)
            before = before or resident
            highest = max(highest, resident)
        time.sleep(POLL_S)
    reader.join()
    return highest - before


def _collect_lines(process: subprocess.Popen[str], said: list[str]) -> None:
    for line in process.stdout or ():
        said.append(line.strip())


def session_bytes(session: int) -> int:
    """Give the resident bytes of all processes of a session, shared pages counted once (Linux; 0 elsewhere)."""
    return sum(_proportional_bytes(pid) for pid in _processes_of(session))


def session_cpu_s(session: int) -> dict[int, float]:
    """Give the CPU seconds of each process of a session that has not ended yet (Linux; none elsewhere)."""
    return {pid: (int(fields[11]) + int(fields[12])) / _TICKS for pid, fields in _stats_of(session) if fields[0] != "Z"}


def _processes_of(session: int) -> list[int]:
    return [pid for pid, _ in _stats_of(session)]


def _stats_of(session: int) -> Iterator[tuple[int, list[str]]]:
    """Read ``/proc/PID/stat`` of the processes of a session, from the state of each on."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        if int(fields[3]) == session:
            yield int(folder.name), fields


def _proportional_bytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:  # it has ended meanwhile
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _last_line(log: Path) -> str:
    lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if "Error" in line]
    return (errors or lines or ["it wrote nothing"])[-1].strip()[:200]
