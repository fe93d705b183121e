"""How fast one core reads text: bytes a second by language and step, and as a share of copying the same bytes.

    python -m benchmarks.kernels_speed [--shared ../shared/data]

Texts are those of ntrex128 where it is present (news in 26 languages), else the sample world's.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

REPO = Path(__file__).parent.parent
sys.path.insert(0, str(REPO))

from dedup.kernels import texts as kernels
from dedup.kernels.buffers import Chunk, encode
from dedup.kernels.unicode_table import unicode_table
from dedup.settings import Settings
from dedup.sketch import NO_LIMIT, permutations

SHARED = REPO.parent / "shared" / "data"
SHOWN = ("eng", "deu", "fra", "rus", "ell", "arb", "heb", "hin", "zho", "jpn", "kor")  # a script or two of each kind
N_BYTES = 2_000_000  # of each language: what the second cache holds
N_REPEATS = 9  # the fastest counts: the machine is noisy


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=SHARED)
    texts = read_texts(parser.parse_args().shared)
    steps = ("words and shingles", "and signature", "and fingerprints", "all")
    print(f"{'language':<12}{'bytes/word':>11}" + "".join(f"{step:>20}" for step in steps) + f"{'of memcpy':>11}")
    for language in sorted(texts, key=lambda name: [*SHOWN, name].index(name)):
        chunk = repeat(texts[language])
        n_bytes = int(chunk.offsets[-1])
        n_words = len(kernels.split_words(*chunk, *unicode_table())[0])
        rates = [n_bytes / best(step(chunk, signs=s, winnows=w)) / 1e6 for s, w in ((0, 0), (1, 0), (0, 1), (1, 1))]
        copying = n_bytes / best(copy(chunk)) / 1e6
        cells = "".join(f"{rate:>15,.0f} MB/s" for rate in rates)
        print(f"{language:<12}{n_bytes / n_words:>11.1f}{cells}{rates[-1] / copying:>11.2%}")


def read_texts(shared: Path) -> dict[str, list[str]]:
    """Texts by language."""
    found: dict[str, list[str]] = {}
    for language, text in _ntrex(shared) if (shared / "ntrex128").is_dir() else _seeds():
        found.setdefault(language, []).append(text)
    found["ASCII"] = [text.encode("ascii", "ignore").decode() for text in next(iter(found.values()))]
    return found


def _ntrex(shared: Path) -> Iterator[tuple[str, str]]:
    with gzip.open(shared / "ntrex128" / "docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["role"] != "english-variant":
                yield row["lang"], row["text"]


def _seeds() -> Iterator[tuple[str, str]]:
    for line in (REPO / "seeds" / "articles.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield row["language"], row["text"]


def repeat(texts: list[str]) -> Chunk:
    """As many of the texts, again and again, as make up the size that is timed."""
    size = sum(len(text.encode()) for text in texts)
    return encode(texts * max(1, N_BYTES // size))


def step(chunk: Chunk, *, signs: int, winnows: int) -> Callable[[], None]:
    """Give the kernel's call for some of its steps."""
    set_ = Settings()
    a, b = permutations(set_.num_perm if signs else 0, set_.seed)
    n = len(chunk.offsets) - 1
    places = np.empty(kernels.most_words(chunk.offsets) if winnows else 0, dtype=np.uint64)
    signatures, sizes = np.empty((n, len(a)), dtype=np.uint32), np.empty((2, n), dtype=np.int64)
    none, is_signed = np.empty(0, dtype=np.uint64), np.empty(n, dtype=np.bool_)

    def run() -> None:
        kernels.sketch_texts(
            *chunk, *unicode_table(), a, b, set_.shingle_words, set_.fingerprint_window, NO_LIMIT, NO_LIMIT,
            signatures, none, places, *sizes, is_signed,
        )  # fmt: skip

    return run


def copy(chunk: Chunk) -> Callable[[], None]:
    """Give the copying of the same bytes."""
    target = np.empty_like(chunk.values)
    return lambda: np.copyto(target, chunk.values)


def best(run: Callable[[], None]) -> float:
    """Seconds of the fastest of some runs."""
    run()
    seconds = []
    for _ in range(N_REPEATS):
        started = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - started)
    return min(seconds)


if __name__ == "__main__":
    main()
