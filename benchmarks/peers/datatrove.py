"""datatrove: its three MinHash stages on a Parquet file with local executors. Gives clusters, unverified.

It works from file to file, so its clock covers reading the corpus and writing signatures. Its own default of 14
bands of 8, its own normalisation, and words split at white space: the tokeniser it would choose for English
(spaCy's) is several times slower.
"""

# mypy: disable-error-code="import-not-found"

from __future__ import annotations

import struct
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup.minhash import (
    MinhashConfig,
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupSignature,
)
from datatrove.pipeline.readers import ParquetReader
from datatrove.utils.word_tokenizers import WordTokenizer
from numpy.typing import NDArray

from benchmarks.peers.measure import Answer, Options, measure


class SplitTokenizer(WordTokenizer):  # type: ignore[misc]
    """Splits normalised text at white space."""

    def word_tokenize(self, text: str) -> list[str]:
        """Give the words."""
        return text.split()

    def sent_tokenize(self, text: str) -> list[str]:
        """Not asked for here."""
        raise NotImplementedError

    def span_tokenize(self, text: str) -> list[tuple[int, int]]:
        """Not asked for here."""
        raise NotImplementedError


def find(texts: list[str], options: Options) -> Answer:
    """Run the stages and read the clusters."""
    folder = options.scratch
    config = MinhashConfig()
    bounds = split_corpus(options.corpus, folder / "input", options.processes)
    reader = ParquetReader(str(folder / "input"), text_key="text", id_key="row")
    signature = MinhashDedupSignature(str(folder / "signatures"), config=config, language=SplitTokenizer())
    buckets = MinhashDedupBuckets(
        str(folder / "signatures"), str(folder / "buckets"), config=config, lines_to_buffer=-1
    )
    cluster = MinhashDedupCluster(
        str(folder / "buckets"), str(folder / "clusters"), config=config, save_cluster_id=True
    )
    for name, pipeline, tasks in (
        ("sign", [reader, signature], options.processes),
        ("match", [buckets], config.num_buckets),
        ("cluster", [cluster], 1),
    ):
        logs = str(folder / "logs" / name)
        LocalPipelineExecutor(
            pipeline=pipeline, tasks=tasks, workers=options.processes, logging_dir=logs, start_method="fork"
        ).run()
    return Answer("clusters", read_clusters(folder / "clusters", bounds), {"bands": [14, 8]})


def split_corpus(corpus: Path, folder: Path, parts: int) -> list[int]:
    """One file a task, as it wants it: give the row that each begins with."""
    table = pq.read_table(corpus, columns=["text"])
    bounds = [table.num_rows * i // parts for i in range(parts + 1)]
    folder.mkdir()
    for i, (start, end) in enumerate(pairwise(bounds)):
        pq.write_table(table.slice(start, end - start), folder / f"{i:05d}.parquet")
    return bounds


def read_clusters(folder: Path, bounds: list[int]) -> NDArray[np.int64]:
    """The cluster of each article: its own row where it has none."""
    labels = np.arange(bounds[-1], dtype=np.int64)
    for file in sorted(folder.glob("*.clusters")):
        first = bounds[int(file.stem)]
        for row, label in struct.iter_unpack("<2I", file.read_bytes()):
            labels[first + row] = bounds[-1] + label
    return labels


if __name__ == "__main__":
    measure(find, "datatrove")
