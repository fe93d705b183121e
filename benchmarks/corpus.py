"""A number and a seed -> a news corpus with known families of copies.

What is kept of real news: lengths, word frequencies, typography that differs from outlet to outlet, each outlet's
footer on all its pages, a few articles that dozens of outlets carry and many that two carry, copies edited by 0 to
30 % of their words, excerpts, and articles that take over a passage. Nothing in it was written by anybody.

The families say what was copied; they are not the truth that recall is counted against: that is `benchmarks.exact`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchmarks.edits import MIN_PARTIAL_WORDS, copy_article, edit_words, excerpt_article, quote_article
from benchmarks.vocabulary import make_vocabulary
from benchmarks.writing import ASCII, TYPOGRAPHIC, Prose, Writer, join

KINDS = ("single", "original", "copy", "excerpt", "partial")
SINGLE, ORIGINAL, COPY, EXCERPT, PARTIAL = range(len(KINDS))

BATCH_ARTICLES = 10_000  # a family lies within one batch, in any order: memory stays bounded at any size of corpus
FAMILY_SHARE = 0.64  # of articles that have a copy
MAX_FAMILY = 100  # articles
FAMILY_EXPONENT = 1.5  # P(size >= s) ~ s**-1.5: half of the families are pairs
COPY_SHARE, EXCERPT_SHARE = 0.76, 0.13  # of what is taken over; the rest are partial excerpts
FROM_COPY_SHARE = 0.3  # of copies that are made from another copy
N_OUTLETS = 400  # outlet r prints in proportion to (r + 10)**-0.8
MEDIAN_WORDS, WORDS_SIGMA = 370, 0.55  # of an article's length, lognormal; with what outlets add, 435 words on average
MIN_WORDS, MAX_WORDS = 80, 3_000


class Corpus(NamedTuple):
    """Articles, and what was copied.

    Parameters
    ----------
    texts : list of str
        The articles.
    families : int64[n]
        Articles that go back to one original share a number; -1 for those that nobody copied.
    kinds : uint8[n]
        What each is: an index into `KINDS`.
    edited : float64[n]
        Share of words that were edited on the way from what a copy was made from, in [0, 0.3].
    """

    texts: list[str]
    families: NDArray[np.int64]
    kinds: NDArray[np.uint8]
    edited: NDArray[np.float64]


class Outlet(NamedTuple):
    """How an outlet prints: its typography, and what stands before and after all its articles."""

    style: int
    header: Prose | None
    footer: Prose | None


class Draft(NamedTuple):
    """An article before it is printed.

    Parameters
    ----------
    prose : Prose
    family : int
        -1 for an article that nobody copied.
    kind : int
        An index into `KINDS`.
    edited : float
        As in `Corpus`.
    model : int
        Place in the family of what it was made from; -1 for what was made from nothing.
    """

    prose: Prose
    family: int
    kind: int
    edited: float
    model: int


def make_corpus(n_articles: int, seed: int) -> Corpus:
    """Generate a corpus in memory.

    Parameters
    ----------
    n_articles : int
        At least 1. About 2.7 KB of text and 0.1 ms each.
    seed : int
        Same number and seed, same corpus. A longer corpus begins with the full batches of a shorter one.

    Examples
    --------
    >>> corpus = make_corpus(50, seed=1)
    >>> len(corpus.texts), int((corpus.families >= 0).sum())
    (50, 32)
    """
    return concatenate(list(iterate_corpus(n_articles, seed)))


def write_corpus(path: Path, n_articles: int, seed: int) -> None:
    """Generate a corpus into a Parquet file, one batch at a time: columns text, family, kind, edited."""
    write_parquet(path, iterate_corpus(n_articles, seed))


def make_copies_corpus(n_copies: int, n_others: int, seed: int, *, max_edited: float = 0.03) -> Corpus:
    """Generate a corpus in which one article has `n_copies` lightly edited copies (family 0, the original first).

    Each copy has 0 to `max_edited` of its words edited. At 0.03, those are at most 11 of 370 words, each of which
    breaks at most five shingles: every copy has a jaccard above 0.7 with the original, and two of them need not.
    """
    others = make_corpus(n_others, seed)
    writer = Writer(make_vocabulary(seed), np.random.default_rng([seed, 3]))
    original = writer.write(MEDIAN_WORDS)
    shares = [0.0, *(writer.rng.random(n_copies - 1) * max_edited).tolist()]
    texts = [writer.print(edit_words(original, share, writer), TYPOGRAPHIC) for share in shares]
    kinds = np.array([ORIGINAL] + [COPY] * (n_copies - 1), dtype=np.uint8)
    copies = Corpus(texts, np.zeros(n_copies, dtype=np.int64), kinds, np.array(shares))
    others = others._replace(families=np.where(others.families >= 0, others.families + 1, -1))
    return _shuffle(concatenate([copies, others]), writer.rng)


def add_footer(corpus: Corpus, seed: int, *, n_words: int = 40) -> Corpus:
    """Put one and the same footer under every article of a corpus."""
    writer = Writer(make_vocabulary(seed), np.random.default_rng([seed, 4]))
    footer = writer.print(writer.write(n_words), TYPOGRAPHIC)
    return corpus._replace(texts=[f"{text}\n\n{footer}" for text in corpus.texts])


def iterate_corpus(n_articles: int, seed: int) -> Iterator[Corpus]:
    """Generate a corpus in batches of `BATCH_ARTICLES`."""
    vocabulary = make_vocabulary(seed)
    outlets = make_outlets(Writer(vocabulary, np.random.default_rng([seed, 2])))
    n_families = 0
    for number, start in enumerate(range(0, n_articles, BATCH_ARTICLES)):
        writer = Writer(vocabulary, np.random.default_rng([seed, 1, number]))
        batch = _make_batch(min(BATCH_ARTICLES, n_articles - start), writer, outlets)
        yield batch._replace(families=np.where(batch.families >= 0, batch.families + n_families, -1))
        n_families += int(batch.families.max(initial=-1)) + 1


def concatenate(parts: list[Corpus]) -> Corpus:
    """Put corpora one after another, their family numbers as they are."""
    texts = [text for part in parts for text in part.texts]
    families, kinds, edited = (np.concatenate(columns) for columns in list(zip(*parts, strict=True))[1:])
    return Corpus(texts, families, kinds, edited)


def write_parquet(path: Path, batches: Iterator[Corpus]) -> None:
    """Write corpora to one Parquet file, a row group each."""
    schema = pa.schema([("text", pa.large_string()), ("family", pa.int64()), ("kind", pa.uint8())])
    schema = schema.append(pa.field("edited", pa.float64()))
    with pq.ParquetWriter(path, schema, compression="zstd") as file:
        for batch in batches:
            file.write_table(pa.table(list(batch), schema=schema))


def _make_batch(n_articles: int, writer: Writer, outlets: list[Outlet]) -> Corpus:
    drafts = make_drafts(n_articles, writer)
    printed_by = writer.rng.choice(N_OUTLETS, n_articles, p=outlet_shares()).tolist()
    texts = [print_article(draft.prose, outlets[k], writer) for draft, k in zip(drafts, printed_by, strict=True)]
    families = np.array([draft.family for draft in drafts], dtype=np.int64)
    kinds = np.array([draft.kind for draft in drafts], dtype=np.uint8)
    edited = np.array([draft.edited for draft in drafts], dtype=np.float64)
    return _shuffle(Corpus(texts, families, kinds, edited), writer.rng)


def make_drafts(
    n_articles: int, writer: Writer, *, family_share: float = FAMILY_SHARE, family_exponent: float = FAMILY_EXPONENT
) -> list[Draft]:
    """Write articles, family by family, each original before what was made from it; then those that nobody copied.

    Parameters
    ----------
    n_articles : int
    writer : Writer
    family_share : float
        Of the articles, in [0, 1].
    family_exponent : float
        P(size >= s) ~ s**-family_exponent.
    """
    drafts = [
        draft
        for family, size in enumerate(_family_sizes(n_articles, writer.rng, family_share, family_exponent))
        for draft in islice(_make_family(family, writer), size)
    ]
    return drafts + [Draft(_write_article(writer), -1, SINGLE, 0.0, -1) for _ in range(n_articles - len(drafts))]


def outlet_shares() -> NDArray[np.float64]:
    """Give what share of the articles each outlet prints: float64[N_OUTLETS]."""
    weights = (np.arange(N_OUTLETS) + 10.0) ** -0.8
    return weights / weights.sum()


def _family_sizes(n_articles: int, rng: np.random.Generator, share: float, exponent: float) -> list[int]:
    """Sizes of families that hold `share` of the articles between them."""
    left = round(n_articles * share)
    sizes: list[int] = []
    while left >= 2:
        # Inverse of the distribution P(size >= s) ~ s**-exponent, from 2 upwards.
        size = min(int(2 * float(rng.random()) ** (-1 / exponent)), MAX_FAMILY, left)
        size += left - size == 1
        sizes.append(size)
        left -= size
    return sizes


def _make_family(family: int, writer: Writer) -> Iterator[Draft]:
    """An original, then articles that take from it, without end."""
    rng = writer.rng
    original = _write_article(writer)
    copies = [(0, original)]
    yield Draft(original, family, ORIGINAL, 0.0, -1)
    for place in count(1):
        kind = float(rng.random())
        is_long = len(original.words) > MIN_PARTIAL_WORDS
        if kind < COPY_SHARE or not is_long:
            is_of_copy = rng.random() < FROM_COPY_SHARE
            model, text = copies[int(rng.integers(0, len(copies)))] if is_of_copy else copies[0]
            copy, edited = copy_article(text, writer)
            copies.append((place, copy))
            yield Draft(copy, family, COPY, edited, model)
        elif kind < COPY_SHARE + EXCERPT_SHARE:
            yield Draft(excerpt_article(original, writer), family, EXCERPT, 0.0, 0)
        else:
            yield Draft(quote_article(original, writer), family, PARTIAL, 0.0, 0)


def _write_article(writer: Writer) -> Prose:
    length = MEDIAN_WORDS * float(np.exp(writer.rng.normal(0.0, WORDS_SIGMA)))
    return writer.write(round(min(max(length, MIN_WORDS), MAX_WORDS)))


def make_outlets(writer: Writer) -> list[Outlet]:
    """60 % print typographic quotation marks, 60 % have a footer of 10 to 30 words, 25 % a header of 5 to 15."""
    rng = writer.rng
    outlets = []
    for _ in range(N_OUTLETS):
        style = TYPOGRAPHIC if rng.random() < 0.6 else ASCII
        footer = writer.write(int(rng.integers(10, 31))) if rng.random() < 0.6 else None
        header = writer.write(int(rng.integers(5, 16))) if rng.random() < 0.25 else None
        outlets.append(Outlet(style, header, footer))
    return outlets


def print_article(prose: Prose, outlet: Outlet, writer: Writer) -> str:
    """Print an article as an outlet does, its header and footer around it."""
    return writer.print(join(*(part for part in (outlet.header, prose, outlet.footer) if part)), outlet.style)


def _shuffle(corpus: Corpus, rng: np.random.Generator) -> Corpus:
    order = rng.permutation(len(corpus.texts))
    texts = [corpus.texts[i] for i in order.tolist()]
    return Corpus(texts, corpus.families[order], corpus.kinds[order], corpus.edited[order])
