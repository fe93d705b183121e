"""dedup as a system among the others: list of str (or Arrow) -> verified pairs, in a process of its own.

python -m benchmarks.ours --corpus corpus.parquet --out result --threshold 0.5 [--excerpts] [--arrow]
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.peers.measure import Answer, Options, measure, read_texts
from dedup.pairs import find_pairs
from dedup.settings import Settings

WARM_UP = ["A short text that makes the compiled kernels load, as an import does.", "And another one of a few words."]


def find(texts: Any, options: Options) -> Answer:
    """Find the pairs: near copies only, or with ``--excerpts`` both generators."""
    settings = Settings(threshold=options.threshold)
    pairs = find_pairs(texts, settings=settings, excerpts="--excerpts" in sys.argv, n_threads=options.processes)
    crowded = {name: int(n) for name, n in dict(getattr(pairs, "crowded", None) or {}).items()}
    return Answer("pairs", pairs.rows, crowded, {"jaccard": pairs.jaccard})


def load_kernels() -> None:
    """Load every kernel from the compiler's cache, those of crowds among them."""
    for excerpts in (False, True):
        find_pairs(WARM_UP * 8, settings=Settings(max_articles_per_fingerprint=2), excerpts=excerpts)


def read_arrow(corpus: Path) -> pa.ChunkedArray:
    """Read the column ``text`` as Arrow has it."""
    return pq.read_table(corpus, columns=["text"])["text"]


if __name__ == "__main__":
    measure(
        find, "dedup", "numba", "numpy", read=read_arrow if "--arrow" in sys.argv else read_texts, warm_up=load_kernels
    )
