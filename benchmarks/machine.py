"""What the figures were measured on."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.processes import REPO


def describe_machine() -> dict[str, Any]:
    """Give processor, cores, memory, system, and the versions that matter to us."""
    return {
        "processor": _proc("/proc/cpuinfo", "model name") or platform.processor() or platform.machine(),
        "vector_units": sorted(set((_proc("/proc/cpuinfo", "flags") or "").split()) & {"avx2", "avx512f"}),
        "cores": os.cpu_count(),
        "memory_bytes": int((_proc("/proc/meminfo", "MemTotal") or "0").split()[0]) * 1024,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "commit": _commit(),
        "versions": {name: version(name) for name in ("dedup", "numba", "numpy", "pyarrow")},
    }


def measure_yardstick(python: Path, corpus: Path) -> dict[str, float]:
    """Give how fast one core copies and hashes the corpus's bytes (see `benchmarks.peers.yardstick`)."""
    command = [str(python), "-m", "benchmarks.peers.yardstick", "--corpus", str(corpus)]
    done = subprocess.run(command, cwd=REPO, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def _proc(file: str, field: str) -> str | None:
    if not Path(file).exists():
        return None
    for line in Path(file).read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == field:
            return value.strip()
    return None


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=REPO, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"
