"""The corpora that are measured, and their truth: made once, kept in a cache folder."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from hashlib import file_digest, sha256
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchmarks.corpus import Corpus, add_footer, iterate_corpus, make_copies_corpus, make_corpus, write_parquet
from benchmarks.exact import VERSION, Truth, cached_truth
from benchmarks.peers.measure import read_texts
from benchmarks.scale_corpus import write_scale_corpus
from dedup.errors import CorpusError
from dedup.ingest.files import read_corpus
from dedup.model import Article

GENERATORS = ("corpus.py", "edits.py", "vocabulary.py", "writing.py")  # what a generated corpus depends on
SCALE_GENERATORS = (*GENERATORS, "rare_words.py", "scale_corpus.py", "provenance_worlds.py")
N_FOOTER_WORDS = 40


def generated_corpus(cache: Path, n_articles: int, seed: int) -> Path:
    """Give a generated corpus as a Parquet file."""
    return _keep(cache, f"corpus-{n_articles}-{seed}", lambda: iterate_corpus(n_articles, seed))


def copies_corpus(cache: Path, n_copies: int, n_others: int, seed: int) -> Path:
    """Give a corpus in which one article has `n_copies` lightly edited copies."""
    name = f"copies-{n_copies}-{n_others}-{seed}"
    return _keep(cache, name, lambda: iter([make_copies_corpus(n_copies, n_others, seed)]))


def footer_corpus(cache: Path, n_articles: int, seed: int) -> Path:
    """Give a generated corpus with one and the same footer under every article."""
    corpus = lambda: iter([add_footer(make_corpus(n_articles, seed), seed, n_words=N_FOOTER_WORDS)])  # noqa: E731
    return _keep(cache, f"footer-{n_articles}-{seed}", corpus)


def scale_corpus(cache: Path, n_articles: int, seed: int) -> Path:
    """Give a corpus of `benchmarks.scale_corpus` as a Parquet file, its truth beside it."""
    return _keep_file(
        cache,
        f"scale-{n_articles}-{seed}",
        SCALE_GENERATORS,
        lambda path: write_scale_corpus(path, n_articles, seed),
    )


def real_corpus(cache: Path, path: Path) -> Path:
    """Give any corpus that `dedup find` reads as a Parquet file with a column ``text``; rows without text are left out.

    Raises
    ------
    CorpusError
        It cannot be read, or holds no text.
    """
    if path.suffix == ".parquet" and "text" in pq.read_schema(path).names:
        return path
    texts = [row.text for row in read_corpus(path) if isinstance(row, Article)]
    if not texts:
        raise CorpusError(f"{path}: no row has a text")
    nothing = Corpus(texts, np.full(len(texts), -1), np.zeros(len(texts), np.uint8), np.zeros(len(texts)))
    cache.mkdir(parents=True, exist_ok=True)
    target = cache / f"real-{path.stem}.parquet"
    write_parquet(target, iter([nothing]))
    return target


def n_articles_of(corpus: Path) -> int:
    """Give the number of rows of a corpus."""
    return int(pq.read_metadata(corpus).num_rows)


def read_families(corpus: Path) -> NDArray[np.int64]:
    """Give the family of each article of a generated corpus."""
    return np.asarray(pq.read_table(corpus, columns=["family"])["family"].to_numpy())


def truth_of(cache: Path, corpus: Path, *, most_articles: int) -> Truth:
    """Give the exact pairs among the first `most_articles` articles of a corpus, counted the first time."""
    with corpus.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()[:16]
    n_articles = min(n_articles_of(corpus), most_articles)
    path = cache / f"truth-{VERSION}-{digest}-{n_articles}.npz"
    if not path.exists():
        print(f"counting every pair of {corpus.name} (once)", file=sys.stderr)
    return cached_truth(read_texts(corpus, n_articles), path)


def _keep(cache: Path, name: str, make: Callable[[], Iterator[Corpus]]) -> Path:
    return _keep_file(cache, name, GENERATORS, lambda path: write_parquet(path, make()))


def _keep_file(cache: Path, name: str, generators: Sequence[str], write: Callable[[Path], None]) -> Path:
    """Give the corpus of this name, made by the generators as they are now."""
    cache.mkdir(parents=True, exist_ok=True)
    source = b"".join((Path(__file__).parent / file).read_bytes() for file in generators)
    path = cache / f"{name}-{sha256(source).hexdigest()[:8]}.parquet"
    if not path.exists():
        print(f"generating {path.name}", file=sys.stderr)
        unfinished = path.with_suffix(".unfinished")
        write(unfinished)
        unfinished.rename(path)
    return path
