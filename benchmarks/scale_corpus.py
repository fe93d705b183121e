"""A number and a seed -> a corpus of 10 thousand to 10 million articles on disk, and beside it what was copied.

Written batch by batch in bounded memory (a batch is two days of news, 30 MB of text). The articles are those of
`benchmarks.corpus` with three differences. Their words never end (`benchmarks.rare_words`). They have what an article
has: a title, an outlet, an address, a date, some a credit. And 30 % of them, not 64 %, stand in families, most of them
pairs: what is measured is how cost grows with a corpus, not with its copies.

The truth lies in a second file, so that no detector is fed it by mistake: of each article the family, what it is, what
it was made from, and which share of its words was edited on the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchmarks.corpus import (
    BATCH_ARTICLES,
    COPY,
    EXCERPT,
    ORIGINAL,
    PARTIAL,
    SINGLE,
    Draft,
    Outlet,
    make_drafts,
    make_outlets,
    outlet_shares,
    print_article,
)
from benchmarks.provenance_worlds import AGENCIES, AGENCY_FORMS, CITIES, OUTLET_FORMS
from benchmarks.rare_words import KERNEL_WORDS, OpenWriter, spell
from benchmarks.vocabulary import make_vocabulary
from benchmarks.writing import ASCII, Prose, Writer

START = datetime(2026, 1, 5, tzinfo=UTC)
ARTICLES_A_DAY = 5_000
FAMILY_SHARE = 0.3  # of articles
FAMILY_EXPONENT = 2.5  # P(size >= s) ~ s**-2.5: two thirds of the families are pairs, one in a thousand has 32 articles
LAG_HOURS, LAG_SIGMA = 3.0, 1.0  # median of a copy's delay, lognormal
AGENCY_SHARE = 0.3  # of families: their text is an agency's
ALONE_SHARE = 0.05  # of articles that nobody copied: they credit an agency, too
CREDITED_SHARE = 0.4  # of copies that say whom they have their text from; of agencies' texts, all alike
NEW_TITLE_SHARE = 0.5  # of copies
TITLE_WORDS = (5, 11)  # at least, and below
KINDS = ("exact", "edited", "excerpt", "embedded")  # of copies
_AGENCIES = list(AGENCIES)
_OUTLET_KINDS = ("Post", "Herald", "Courier", "Times", "Gazette", "Observer", "Tribune", "Echo")
_TEXTS = ("id", "text", "title", "source", "url")
_ARTICLES = pa.schema([*((name, pa.string()) for name in _TEXTS), ("published", pa.timestamp("us", tz="UTC"))])
_TRUTH = pa.schema(
    {"id": pa.string(), "family": pa.int64(), "kind": pa.string(), "edited": pa.float64(), "made_from": pa.string()}
)


class Newspaper(NamedTuple):
    """An invented outlet: how it prints, and what it is called."""

    outlet: Outlet
    name: str
    domain: str


class Batch(NamedTuple):
    """The articles of two days, and the truth about them, row by row."""

    articles: pa.Table
    truth: pa.Table


class KnownPairs(NamedTuple):
    """Copies, and what each was made from: numbers of articles, as in their ids.

    Parameters
    ----------
    pairs : int64[n, 2]
        The smaller number first.
    kinds : uint8[n]
        What the copy is: an index into `KINDS`.
    """

    pairs: NDArray[np.int64]
    kinds: NDArray[np.uint8]


def write_scale_corpus(path: Path, n_articles: int, seed: int) -> None:
    """Generate a corpus into a Parquet file, one batch at a time, and the truth beside it (`truth_path`).

    Parameters
    ----------
    path : Path
        Columns id, text, title, source, url, published.
    n_articles : int
        At least 1; 2.8 KB of text each.
    seed : int
        Same number and seed, same corpus. A longer corpus begins with the full batches of a shorter one.
    """
    with (
        pq.ParquetWriter(path, _ARTICLES, compression="zstd", compression_level=1) as articles,
        pq.ParquetWriter(truth_path(path), _TRUTH, compression="zstd") as truth,
    ):
        for batch in iterate_batches(n_articles, seed):
            articles.write_table(batch.articles)
            truth.write_table(batch.truth)


def truth_path(path: Path) -> Path:
    """Give where the truth about a corpus lies: columns id, family, kind, edited, made_from."""
    return path.with_suffix(".truth.parquet")


def iterate_batches(n_articles: int, seed: int) -> Iterator[Batch]:
    """Generate a corpus in batches of `benchmarks.corpus.BATCH_ARTICLES`."""
    vocabulary = make_vocabulary(seed, n_words=KERNEL_WORDS)
    papers = _make_papers(Writer(vocabulary, np.random.default_rng([seed, 2])))
    n_families = 0
    for number, first in enumerate(range(0, n_articles, BATCH_ARTICLES)):
        writer = OpenWriter(vocabulary, np.random.default_rng([seed, 5, number]))
        drafts = make_drafts(
            min(BATCH_ARTICLES, n_articles - first),
            writer,
            family_share=FAMILY_SHARE,
            family_exponent=FAMILY_EXPONENT,
        )
        yield _print_batch(drafts, writer, papers, first, n_families)
        n_families += 1 + max(draft.family for draft in drafts)


def read_known_pairs(path: Path) -> KnownPairs:
    """Read which pairs are copies from the truth about a corpus."""
    table = pq.read_table(path, columns=["id", "kind", "made_from"])
    table = table.filter(pc.is_valid(table["made_from"]))
    pairs = np.stack([numbers_of(table[name]) for name in ("id", "made_from")], axis=1)
    kinds = pc.index_in(table["kind"], pa.array(KINDS)).to_numpy()
    return KnownPairs(np.sort(pairs, axis=1), kinds.astype(np.uint8))


def numbers_of(ids: Sequence[str] | pa.ChunkedArray) -> NDArray[np.int64]:
    """Give the numbers of articles, of which their ids are made."""
    array = ids if isinstance(ids, pa.ChunkedArray) else pa.array(ids, pa.string())
    numbers: NDArray[np.int64] = pc.utf8_ltrim(array, "a").cast(pa.int64()).to_numpy()
    return numbers


def recall_by_kind(known: KnownPairs, a: NDArray[np.int64], b: NDArray[np.int64]) -> dict[str, tuple[int, int]]:
    """Count how many of the known pairs are among those found: by kind of copy, how many of how many.

    Parameters
    ----------
    known : KnownPairs
    a, b : int64[m]
        The articles of each pair found, by number, in any order.
    """
    pairs = np.sort(np.stack([a, b], axis=1), axis=1)
    base = 1 + max(known.pairs.max(initial=0), pairs.max(initial=0))
    is_found = np.isin(known.pairs @ [base, 1], pairs @ [base, 1])
    return {
        name: (int(is_found[known.kinds == kind].sum()), int((known.kinds == kind).sum()))
        for kind, name in enumerate(KINDS)
    }


def recall(counts: dict[str, tuple[int, int]]) -> float:
    """Give the share of all known pairs that were found; 1 where there are none."""
    found, known = np.array(list(counts.values())).reshape(-1, 2).sum(axis=0).tolist()
    return found / known if known else 1.0


class _Row(NamedTuple):
    """An article as it is printed: by whom, when (minutes after `START`), under which title, with which credit."""

    draft: Draft
    paper: Newspaper
    minutes: float
    title: str
    credit: tuple[str, str]


def _print_batch(
    drafts: Sequence[Draft], writer: Writer, papers: Sequence[Newspaper], first: int, n_families: int
) -> Batch:
    """Print the drafts of a batch, in an order in which nothing can be read of who copied whom."""
    n = len(drafts)
    rows = [row for family in _families(drafts) for row in _plan_family(family, writer, papers, first, n)]
    numbers = first + writer.rng.permutation(n)
    ids = [f"a{number:08d}" for number in numbers.tolist()]
    places = [place - draft_place for place, draft_place in enumerate(_places(drafts))]  # of each one's original
    articles = [_print_row(row, id_, writer) for row, id_ in zip(rows, ids, strict=True)]
    truth = [
        {
            "id": id_,
            "family": draft.family + n_families if draft.family >= 0 else -1,
            "kind": _kind(draft),
            "edited": draft.edited,
            "made_from": ids[original + draft.model] if draft.model >= 0 else None,
        }
        for draft, id_, original in zip(drafts, ids, places, strict=True)
    ]
    order = pa.array(np.argsort(numbers))
    return Batch(
        pa.Table.from_pylist(articles, schema=_ARTICLES).take(order),
        pa.Table.from_pylist(truth, schema=_TRUTH).take(order),
    )


def _families(drafts: Sequence[Draft]) -> Iterator[Sequence[Draft]]:
    """Cut drafts into families; an article that nobody copied is one by itself."""
    starts = [place for place, draft in enumerate(drafts) if draft.model < 0]
    for start, end in pairwise([*starts, len(drafts)]):
        yield drafts[start:end]


def _places(drafts: Sequence[Draft]) -> Iterator[int]:
    """Give the place of each draft in its family."""
    return (place for family in _families(drafts) for place in range(len(family)))


def _plan_family(
    family: Sequence[Draft], writer: Writer, papers: Sequence[Newspaper], first: int, n_articles: int
) -> Iterator[_Row]:
    """Have a family printed by different outlets, each copy after what it was made from."""
    rng, size = writer.rng, len(family)
    printed_by = [papers[k] for k in rng.choice(len(papers), size, replace=False, p=outlet_shares()).tolist()]
    agency = str(rng.choice(_AGENCIES)) if rng.random() < (AGENCY_SHARE if size > 1 else ALONE_SHARE) else ""
    lags = 60 * LAG_HOURS * np.exp(LAG_SIGMA * rng.normal(size=size))
    is_credited, is_retitled = rng.random(size) < CREDITED_SHARE, rng.random(size) < NEW_TITLE_SHARE
    rows: list[_Row] = []
    for place, draft in enumerate(family):
        if place == 0:
            minutes = (first + float(rng.random()) * n_articles) / ARTICLES_A_DAY * 1440
        else:
            minutes = rows[draft.model].minutes + float(lags[place])
        title = _make_title(draft.prose, writer) if place == 0 or is_retitled[place] else rows[draft.model].title
        credit = ("", "")
        if is_credited[place] and agency:
            head, tail = AGENCY_FORMS["train"][int(rng.integers(0, len(AGENCY_FORMS["train"])))]
            city = CITIES[int(rng.integers(0, len(CITIES)))]
            credit = head.format(agency, city=city), tail.format(agency)
        elif is_credited[place] and place > 0:
            form = OUTLET_FORMS["train"][int(rng.integers(0, len(OUTLET_FORMS["train"])))]
            credit = "", form.format(rows[draft.model].paper.name)
        rows.append(_Row(draft, printed_by[place], minutes, title, credit))
    return iter(rows)


def _print_row(row: _Row, id_: str, writer: Writer) -> dict[str, object]:
    head, tail = row.credit
    text = print_article(row.draft.prose, row.paper.outlet, writer)
    published = START + timedelta(minutes=int(row.minutes))
    return {
        "id": id_,
        "text": f"{head}{text}\n\n{tail}" if tail else head + text,
        "title": row.title,
        "source": row.paper.domain,
        "url": f"https://{row.paper.domain}/{published:%Y/%m/%d}/{id_}",
        "published": published,
    }


def _make_title(prose: Prose, writer: Writer) -> str:
    """Take some words of an article for its title, mostly of its beginning."""
    n = int(writer.rng.integers(*TITLE_WORDS))
    start = int(float(writer.rng.random()) ** 2 * max(1, len(prose.words) - n))
    words = prose.words[start : start + n]
    return writer.print(Prose(words, np.zeros(len(words), np.uint8)), ASCII).removesuffix(".")


def _kind(draft: Draft) -> str:
    if draft.kind == COPY:
        return "edited" if draft.edited else "exact"
    return {SINGLE: "single", ORIGINAL: "original", EXCERPT: "excerpt", PARTIAL: "embedded"}[draft.kind]


def _make_papers(writer: Writer) -> list[Newspaper]:
    """Name the outlets: "Lendle Post" is lendle-post.example."""
    papers = []
    for number, outlet in enumerate(make_outlets(writer)):
        (place,) = spell(np.array([10_000_000 + number]))
        kind = _OUTLET_KINDS[int(writer.rng.integers(0, len(_OUTLET_KINDS)))]
        papers.append(Newspaper(outlet, f"{place} {kind}", f"{place}-{kind}.example".lower()))
    return papers
