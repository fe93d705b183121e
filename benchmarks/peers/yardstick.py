"""How fast this machine copies and hashes the corpus's own bytes, on one core: what no text program can beat.

python -m benchmarks.peers.yardstick --corpus corpus.parquet
"""

# mypy: disable-error-code="import-not-found"

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import xxhash

from benchmarks.peers.measure import read_texts

REPEATS = 5
LEAST_BYTES = 200_000_000  # a shorter text is repeated: it would lie in the processor's cache


def main() -> None:
    """Print bytes and bytes a second as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", type=Path, required=True)
    once = np.frombuffer("".join(read_texts(parser.parse_args().corpus)).encode(), dtype=np.uint8)
    text = np.tile(once, -(-LEAST_BYTES // len(once)))
    target = np.ones_like(text)  # written to once, so that the copy pays for no page fault
    memcpy = best_s(lambda: np.copyto(target, text))
    xxh3 = best_s(lambda: xxhash.xxh3_64_intdigest(text))
    figures = {"n_bytes": len(once), "memcpy_bytes_s": len(text) / memcpy, "xxh3_bytes_s": len(text) / xxh3}
    print(json.dumps(figures))


def best_s(work: Callable[[], object]) -> float:
    """The shortest of a few runs, in seconds."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    main()
