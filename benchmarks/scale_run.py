"""One run of `find_duplicates` on a file, in a process of its own: time and memory by stage, and the pairs found.

`benchmarks.scale` starts it; what it measures goes to OUT.json, the numbers of the articles of each match to OUT.npy.
"""

from __future__ import annotations

import argparse
import json
import time
from array import array
from collections.abc import Mapping
from hashlib import file_digest
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from typing import Any, NamedTuple

import numpy as np

from dedup import Settings, find_duplicates
from dedup.model import Duplicates


class Mark(NamedTuple):
    """The begin of a stage: seconds of the machine's clock, and CPU seconds of this process so far."""

    stage: str
    clock_s: float
    cpu_s: float


class Stages:
    """Takes the progress of a run, and notes when which stage began.

    A step that is done is followed by work that announces nothing, up to the next one: that is "after" it. Sketching is
    told of chunk by chunk, when each is done: its first chunk counts as reading.
    """

    def __init__(self) -> None:
        self.marks: list[Mark] = []
        self.begin("reading")

    def __call__(self, step: str, done: int, total: int) -> None:
        """Take what `find_duplicates` tells."""
        self.begin(step if done < total else f"after {step}")

    def begin(self, stage: str) -> None:
        """Begin a stage, unless it is the present one."""
        if not self.marks or self.marks[-1].stage != stage:
            self.marks.append(Mark(stage, time.monotonic(), cpu_seconds()))


def cpu_seconds() -> float:
    """Give the CPU seconds of this process, all threads, and of its children that have ended."""
    return sum(used.ru_utime + used.ru_stime for used in map(getrusage, (RUSAGE_SELF, RUSAGE_CHILDREN)))


def run(corpus: Path, out: Path, *, settings: Mapping[str, Any], jsonl: bool) -> None:
    """Run, and write what was measured.

    Parameters
    ----------
    corpus, out : Path
    settings : Mapping[str, Any]
        Other than the defaults.
    jsonl : bool
        Write the whole result to OUT.jsonl, too, after everything was measured; its hash is among the figures.
    """
    stages = Stages()
    found = find_duplicates(corpus, settings=Settings(translated=False, **settings), progress=stages)
    stages.begin("reading the result")
    np.save(out.with_suffix(".npy"), read_pairs(found))
    stages.begin("end")
    figures = {
        "marks": stages.marks,
        "peak_bytes": getrusage(RUSAGE_SELF).ru_maxrss * 1024,
        "peak_bytes_of_children": getrusage(RUSAGE_CHILDREN).ru_maxrss * 1024,
        "n_matches": len(found.matches),
        "n_clusters": len(found.clusters),
    }
    if jsonl:
        with found.to_jsonl(out.with_suffix(".jsonl")).open("rb") as file:
            figures["sha256"] = file_digest(file, "sha256").hexdigest()
    out.with_suffix(".json").write_text(json.dumps(figures), encoding="utf-8")


def read_pairs(found: Duplicates) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Read the matches one by one: they may lie on disk. int64[n, 2] numbers of articles."""
    pairs = array("q")
    for match in found.matches:
        pairs.extend((int(match.a[1:]), int(match.b[1:])))
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--settings", type=json.loads, default={}, help="JSON")
    parser.add_argument("--jsonl", action="store_true")
    options = parser.parse_args()
    run(options.corpus, options.out, settings=options.settings, jsonl=options.jsonl)


if __name__ == "__main__":
    main()
