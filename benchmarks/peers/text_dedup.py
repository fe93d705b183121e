"""text-dedup: its command line on a Parquet file, xxh3, all cores. Gives clusters, unverified.

It works from file to file, so its clock covers reading the corpus and writing the result, too.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys

import numpy as np

from benchmarks.peers.measure import Answer, Options, measure
from benchmarks.peers.shingles import SHINGLE_WORDS

NUM_PERM = 128


def find(texts: list[str], options: Options) -> Answer:
    """Run its command and read its union-find."""
    output = options.scratch / "output"
    arguments = {
        "path": "parquet",
        "data_files": options.corpus,
        "split": "train",
        "cache_dir": options.scratch / "cache",
        "output": output,
        "column": "text",
        "ngram": SHINGLE_WORDS,
        "threshold": options.threshold,
        "num_perm": NUM_PERM,
        "hash_func": "xxh3",
        "hash_bits": 32,
        "num_proc": options.processes,
    }
    command = [sys.executable, "-m", "text_dedup.minhash", "--debug"]
    command += [part for name, value in arguments.items() for part in (f"--{name}", str(value))]
    offline = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HOME": str(options.scratch)}
    done = subprocess.run(command, env={**os.environ, **offline}, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"text_dedup.minhash ended with {done.returncode}: {done.stderr[-1500:]}")
    with (output / "uf.pkl").open("rb") as file:
        saved = pickle.load(file)
    parents = saved["uf"].parent if isinstance(saved, dict) else saved.parent
    labels = np.arange(len(texts))
    for row in parents:
        labels[row] = root(parents, row)
    return Answer("clusters", labels)


def root(parents: dict[int, int], row: int) -> int:
    """Walk to the root of a row's tree."""
    while parents[row] != row:
        row = parents[row]
    return row


if __name__ == "__main__":
    measure(find, "text-dedup", "datasets")
