"""The process that Spark forks its Python workers from, with dedup and its kernels loaded once for all of them.

A worker is forked for each task that runs beside another; loading takes seconds, a fork milliseconds. What is loaded is
frozen: a worker collects its garbage after every task, and would look through all of it each time, for a tenth of a
second.
"""

from __future__ import annotations

import gc

import pyspark.worker  # noqa: F401 - what each worker would import for itself
from pyspark.daemon import manager

from dedup.pairs import find_pairs

_FEW = ["The council voted on Monday to rebuild the bridge across the river by next spring."] * 2


def main() -> None:
    """Load what every worker needs, then serve Spark."""
    find_pairs(_FEW, n_threads=1)
    gc.collect()
    gc.freeze()
    manager()


if __name__ == "__main__":
    main()
