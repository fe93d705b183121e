"""Matches on a shelf -> clusters with their origins, some components at a time.

What is known of sources from the whole corpus, their histories and house phrases, is gathered while the statements of
all articles are read. No match leads out of a component, so its clusters are found as in memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.attribute import Bench, attribute_some, find_alone, read_stated, set_up
from dedup.attribute.background import (
    PER_HOUSE,
    Background,
    SourceTally,
    find_round_ups,
    house_of,
)
from dedup.attribute.members import source_key
from dedup.attribute.readings import from_json, to_json
from dedup.attribute.residue import edge_lines
from dedup.attribute.statements import own_names
from dedup.kernels.components import find_components
from dedup.model import Cluster, PassageOrigin, Span
from dedup.pipeline import Progress, unite
from dedup.spilled.journal import Journal
from dedup.spilled.packing import pack, unpack
from dedup.spilled.proposing import Recipe
from dedup.spilled.shelf import Shelf, in_pieces, save_array, write_segment
from dedup.spilled.table import Table
from dedup.spilled.verifying import MATCHES

_STATED_AT_ONCE = 20_000  # articles, a segment
_READ_AT_ONCE = 1_000
_SEEN_BITS = 26  # lines are counted by so many bits of their hash: 64 MB
_LINE = np.dtype([("hash", np.uint64), ("row", np.uint32), ("source", np.uint32)])
_MATCHES_AT_ONCE = 5_000  # of components that are seen to together
_A_SEGMENT = 16  # such batches
STATED, CLUSTERS, STITCHED, MASKED, ALONE = "stated", "clusters", "stitched", "masked", "alone"


class Orders(NamedTuple):
    """Where what was found stands on its shelf, in the order of the result.

    Parameters
    ----------
    matches, clusters, stitched, alone : int64
        Places.
    masked_rows, masked : int64
        The articles that have masked stretches, ascending, and the place of each.
    """

    matches: NDArray[np.int64]
    clusters: NDArray[np.int64]
    stitched: NDArray[np.int64]
    alone: NDArray[np.int64]
    masked_rows: NDArray[np.int64]
    masked: NDArray[np.int64]


def read_all_stated(table: Table, journal: Journal, progress: Progress) -> Background:
    """Put what every article states on a shelf, row by row, and give what it tells of sources."""
    tally = SourceTally()
    names = []
    for number, piece in enumerate(in_pieces(len(table), _STATED_AT_ONCE)):
        of_piece, own = journal.once(f"{STATED}{number}", partial(_read_some, table, piece, journal, number))
        tally.merge(of_piece)
        names.append(own)
        progress("reading credits", piece[1], len(table))
    return Background(tally.histories(), _find_house_phrases(table, journal, names))


def _read_some(table: Table, piece: tuple[int, int], journal: Journal, number: int) -> tuple[SourceTally, list[str]]:
    """Shelve the statements of some rows, and the lines at the edges of their texts as hash, row and source.

    Returns
    -------
    SourceTally
        Of these rows.
    list of str
        The keys of their sources; lines name them by their places here.
    """
    tally = SourceTally()
    names: dict[str, int] = {}
    lines: list[tuple[int, int, int]] = []
    records = []
    for first, last in in_pieces(piece[1] - piece[0], _READ_AT_ONCE):
        rows = np.arange(piece[0] + first, piece[0] + last)
        articles = table.fetch(rows)
        stated = read_stated(articles)
        for row, article in zip(rows.tolist(), articles, strict=True):
            tally.add(row, article, stated[article.id], own_names(article))
            records.append(to_json(stated[article.id]).encode())
            name = names.setdefault(source_key(article), len(names))
            lines += [(_hash_line(line), row, name) for _, line in edge_lines(article.text)]
    save_array(_lines_of(journal, number), np.array(lines, dtype=_LINE))
    write_segment(journal.folder / STATED, number, records)
    return tally, list(names)


def _find_house_phrases(table: Table, journal: Journal, names: Sequence[list[str]]) -> dict[str, str]:
    """Find the lines that one source alone prints, as `background.find_house_phrases` does in memory.

    Most lines stand in one article: those whose hashes may repeat are told first, by a table of counts.
    """
    n_seen = np.zeros(1 << _SEEN_BITS, dtype=np.uint8)
    shift = np.uint64(64 - _SEEN_BITS)
    for number in range(len(names)):
        places, counts = np.unique(np.load(_lines_of(journal, number))["hash"] >> shift, return_counts=True)
        n_seen[places] = np.minimum(n_seen[places] + counts, PER_HOUSE)
    sources = sorted({name for own in names for name in own})
    parts = [np.empty(0, dtype=_LINE)]
    for number, own in enumerate(names):
        lines = np.load(_lines_of(journal, number))
        lines = lines[n_seen[lines["hash"] >> shift] >= PER_HOUSE]
        lines["source"] = np.searchsorted(sources, own)[lines["source"]] if len(lines) else lines["source"]
        parts.append(lines)
    repeated = np.sort(np.concatenate(parts))
    starts = np.flatnonzero(repeated["hash"][1:] != repeated["hash"][:-1]) + 1
    found = {}
    for first, last in pairwise(np.unique([0, *starts.tolist(), len(repeated)]).tolist()):
        of_line = Counter(sources[number] for number in repeated["source"][first:last].tolist())
        house = house_of(of_line)
        if house is not None:
            text = table[int(repeated["row"][first])].text
            hashed = int(repeated["hash"][first])
            found[next(line for _, line in edge_lines(text) if _hash_line(line) == hashed)] = house
    return found


def _hash_line(line: str) -> int:
    return int.from_bytes(blake2b(line.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _lines_of(journal: Journal, number: int) -> Path:
    return journal.folder / "lines" / f"{number:06d}.npy"


class _Batch(NamedTuple):
    """What comes of the matches of some components."""

    clusters: tuple[Cluster, ...]
    stitched: tuple[PassageOrigin, ...]
    masked: Mapping[str, tuple[Span, ...]]


def find_origins(
    table: Table,
    matched: NDArray[np.int64],
    recipe: Recipe,
    background: Background,
    journal: Journal,
    progress: Progress,
) -> Orders:
    """Unite the matches and name the origins of their clusters; all of it goes on shelves.

    Parameters
    ----------
    table : Table
    matched : int64[n, 2]
        The rows of each match, in the order of their shelf.
    recipe : Recipe
    background : Background
        As `read_all_stated` gives it.
    journal : Journal
    progress : callable
    """
    set_ = recipe.settings
    bench = set_up(background, min_confidence=set_.min_confidence, clues_off=set_.clues_off, partners=set_.partners)
    work = _Work(table, matched, recipe, bench, journal)
    batches = _cut(len(table), matched)
    found = []
    for number, (first, last) in enumerate(in_pieces(len(batches), _A_SEGMENT)):
        found.append(journal.once(f"{CLUSTERS}{number}", partial(work.shelve, batches[first:last], number)))
        progress("attributing", last, len(batches))
    is_clustered = np.zeros(len(table), dtype=np.bool_)
    for one in found:
        is_clustered[one.members] = True
    n_alone = journal.once(ALONE, partial(_shelve_alone, table, is_clustered, bench, journal))
    sizes, names, stitched, masked = (
        np.concatenate([empty, *(one[place] for one in found)])
        for place, empty in enumerate(
            (np.empty(0, np.int64), np.empty(0, "S12"), np.empty(0, np.int64), np.empty(0, np.int64))
        )
    )
    by_row = np.argsort(masked, kind="stable")
    return Orders(
        np.lexsort((matched[:, 1], matched[:, 0])),
        np.lexsort((names, -sizes)),
        np.argsort(stitched, kind="stable"),
        np.arange(n_alone),
        masked[by_row],
        by_row,
    )


class _Shelved(NamedTuple):
    """What was put on shelves: size and name of each cluster, the row of each stitched passage and masked article."""

    sizes: NDArray[np.int64]
    names: NDArray[np.bytes_]
    stitched: NDArray[np.int64]
    masked: NDArray[np.int64]
    members: NDArray[np.int64]


class _Work:
    """Sees to the matches of some components at a time."""

    def __init__(
        self, table: Table, matched: NDArray[np.int64], recipe: Recipe, bench: Bench, journal: Journal
    ) -> None:
        self._table = table
        self._matched = matched
        self._recipe = recipe
        self._bench = bench
        self._folder = journal.folder
        self._matches = Shelf(journal.folder / MATCHES)
        self._stated = Shelf(journal.folder / STATED)

    def shelve(self, batches: Sequence[NDArray[np.int64]], number: int) -> _Shelved:
        """Put what comes of some batches on the shelves."""
        found = [self._see_to(places) for places in batches]
        clusters = [one for batch in found for one in batch.clusters]
        stitched = [one for batch in found for one in batch.stitched]
        masked = [item for batch in found for item in batch.masked.items()]
        write_segment(self._folder / CLUSTERS, number, map(pack, clusters))
        write_segment(self._folder / STITCHED, number, map(pack, stitched))
        write_segment(self._folder / MASKED, number, (pack(spans) for _, spans in masked))

        def rows_of(ids: Iterable[str]) -> NDArray[np.int64]:
            return np.array([self._table.row_of(one) for one in ids], dtype=np.int64)

        return _Shelved(
            np.array([len(one.articles) for one in clusters], dtype=np.int64),
            np.array([one.id for one in clusters], dtype="S12"),
            rows_of(one.article for one in stitched),
            rows_of(article_id for article_id, _ in masked),
            rows_of(article_id for one in clusters for article_id in one.articles),
        )

    def _see_to(self, places: NDArray[np.int64]) -> _Batch:
        matches = [unpack(record) for record in self._matches.read_all(np.sort(places))]
        matches.sort(key=lambda match: (match.a, match.b))
        rows = np.unique(self._matched[places])
        part = self._recipe.part(self._table.fetch(rows))
        articles = part.corpus.articles
        clusters = unite(matches, part.corpus, articles, min_probability=self._recipe.settings.cluster_probability)
        stated = {
            article_id: from_json(record.decode(), article_id)
            for article_id, record in zip(articles, self._stated.read_all(rows), strict=True)
        }
        background = replace(self._bench.background, round_ups=find_round_ups(clusters))
        found, stitched = attribute_some(
            clusters,
            articles=articles,
            matches=matches,
            stated=stated,
            bench=replace(self._bench, background=background),
        )
        return _Batch(found, stitched, part.corpus.boilerplate_of(matches))


def _cut(n: int, matched: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Cut the matches into batches of whole components: places on their shelf."""
    if not len(matched):
        return []
    component = find_components(n, matched)[matched[:, 0]]
    order = np.lexsort((matched[:, 1], matched[:, 0], component))
    is_first = np.diff(component[order], prepend=-1) != 0
    firsts = np.flatnonzero(is_first)
    cuts = [0]
    for first in firsts.tolist():
        if first - cuts[-1] >= _MATCHES_AT_ONCE:
            cuts.append(first)
    return np.split(order, cuts[1:])


def _shelve_alone(table: Table, is_clustered: NDArray[np.bool_], bench: Bench, journal: Journal) -> int:
    """Put the articles on a shelf that are in no cluster, but not original by their own credit; give their number."""
    stated = Shelf(journal.folder / STATED)

    def records() -> Iterator[bytes]:
        for first, last in in_pieces(len(table), _READ_AT_ONCE):
            rows = np.arange(first, last)
            of_row = dict(zip(rows.tolist(), stated.read_all(rows), strict=True))
            rows = np.array([row for row in rows.tolist() if not is_clustered[row] and of_row[row] != b"[]"], np.int64)
            articles = table.fetch(rows)
            read = {
                article.id: from_json(of_row[row].decode(), article.id)
                for row, article in zip(rows.tolist(), articles, strict=True)
            }
            yield from map(pack, find_alone(articles, read, bench))

    return write_segment(journal.folder / ALONE, 0, records())
