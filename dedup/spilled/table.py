"""A corpus of any form -> its articles on a shelf, in reading order, and the little that is held of each.

A row is an article's place in id order, as everywhere; its *place* is where it stands on the shelf.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, islice

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dedup.errors import ArticleError
from dedup.ingest.files import read_corpus
from dedup.model import Article, Skip
from dedup.owners import publishers_of
from dedup.pipeline import OnError, Progress, day_of
from dedup.spilled.journal import Journal
from dedup.spilled.packing import pack_article, unpack_article
from dedup.spilled.shelf import Shelf, in_pieces, rows_between, write_segment

_A_SEGMENT = 100_000  # articles
_TOLD = 1_000  # rows from one sign of progress to the next
_SHELF = "articles"


@dataclass(frozen=True, slots=True)
class Known:
    """What is held of each article; some 60 bytes and its id.

    Parameters
    ----------
    ids : large_binary array
        Of each row, as UTF-8.
    places : int64[n]
        Of each row.
    rows : int64[n_places]
        The row of each place; -1: a second article of one id.
    publisher_names : list of str
        Sorted.
    publishers : int64[n]
        The publisher of each row, by its place among the names.
    days : int64[n]
        As `pipeline.day_of` gives them.
    sizes : int64[n]
        Of each text, in characters.
    skips : tuple of Skip
        Rows of the corpus that are no articles.
    """

    ids: pa.LargeBinaryArray
    places: NDArray[np.int64]
    rows: NDArray[np.int64]
    publisher_names: list[str]
    publishers: NDArray[np.int64]
    days: NDArray[np.int64]
    sizes: NDArray[np.int64]
    skips: tuple[Skip, ...]


class Ids(Sequence[str]):
    """The ids of a table by row."""

    def __init__(self, encoded: pa.LargeBinaryArray) -> None:
        self._encoded = encoded

    def __len__(self) -> int:
        return len(self._encoded)

    def __getitem__(self, row):  # type: ignore[no-untyped-def]
        """Give the id of a row."""
        return self._encoded[row].as_py().decode("utf-8", "surrogatepass")


class Table(Sequence[Article]):
    """The articles of a corpus in id order, read from the shelf when they are asked for.

    Parameters
    ----------
    journal : Journal
        Whose folder holds the shelf: it lives as long as the table does.
    known : Known
    """

    def __init__(self, journal: Journal, known: Known) -> None:
        self.known = known
        self._journal = journal
        self._shelf = Shelf(journal.folder / _SHELF)

    def __len__(self) -> int:
        return len(self.known.places)

    def __getitem__(self, row):  # type: ignore[no-untyped-def]
        """Give the article of a row, or a list of those of a slice."""
        if isinstance(row, slice):
            return self.fetch(np.arange(len(self))[row])
        return unpack_article(self._shelf.read(int(self.known.places[row])))

    @property
    def ids(self) -> Ids:
        """The ids by row."""
        return Ids(self.known.ids)

    def row_of(self, article_id: str) -> int:
        """Give the row of an id; -1 for one that is not there."""
        wanted = article_id.encode("utf-8", "surrogatepass")
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self.known.ids[middle].as_py() < wanted:
                low = middle + 1
            else:
                high = middle
        return low if low < len(self) and self.known.ids[low].as_py() == wanted else -1

    def fetch(self, rows: NDArray[np.int64]) -> list[Article]:
        """Give some articles, in the order of the rows."""
        places = self.known.places[rows]
        order = np.argsort(places, kind="stable")
        found: list[Article] = [None] * len(rows)  # type: ignore[list-item]
        for number, record in zip(order.tolist(), self._shelf.read_all(places[order]), strict=True):
            found[number] = unpack_article(record)
        return found

    def batches(self, n_articles: int) -> Iterator[tuple[NDArray[np.int64], list[Article]]]:
        """Give all articles, some at a time, as they lie: rows, ascending within a batch, and articles."""
        for places, records in rows_between(self._shelf, in_pieces(len(self._shelf), n_articles)):
            rows = self.known.rows[places]
            order = np.argsort(rows, kind="stable")
            order = order[rows[order] >= 0]
            if len(order):
                yield rows[order], [unpack_article(records[number]) for number in order.tolist()]


def shelve(
    corpus: object, journal: Journal, *, owners: Mapping[str, str], on_error: OnError, progress: Progress
) -> Known:
    """Read a corpus and put its articles on the shelf of a run.

    Raises
    ------
    CorpusError
        It cannot be read.
    ArticleError
        A bad row, under ``on_error="raise"``: the first one.
    """
    journal.remove(_SHELF)
    folder = journal.folder / _SHELF
    columns = _Columns(owners)
    skips: list[Skip] = []

    def records() -> Iterator[bytes]:
        for number, row in enumerate(read_corpus(corpus)):
            if isinstance(row, Article):
                columns.add(number, row)
                yield pack_article(row)
            else:
                skips.append(row)
                if on_error == "raise":
                    return
            if number % _TOLD == 0:
                progress("reading", number + 1, number + 2)

    found, segments = records(), count()
    while write_segment(folder, next(segments), islice(found, _A_SEGMENT)) == _A_SEGMENT:
        pass
    return columns.known(skips, on_error)


class _Columns:
    """What is gathered of each article while the corpus is read."""

    def __init__(self, owners: Mapping[str, str]) -> None:
        self._owners = owners
        self._names: dict[str, int] = {}
        self._ids: list[pa.LargeBinaryArray] = []
        self._numbers: list[NDArray[np.int64]] = []
        self._new_ids: list[bytes] = []
        self._new: list[tuple[int, int, int, int]] = []

    def add(self, number: int, article: Article) -> None:
        (publisher,) = publishers_of([article], owners=self._owners)
        name = self._names.setdefault(publisher, len(self._names))
        self._new_ids.append(article.id.encode("utf-8", "surrogatepass"))
        self._new.append((number, name, day_of(article), len(article.text)))
        if len(self._new) == _A_SEGMENT:
            self._pack()

    def _pack(self) -> None:
        self._ids.append(pa.array(self._new_ids, pa.large_binary()))
        self._numbers.append(np.array(self._new, dtype=np.int64).reshape(-1, 4))
        self._new_ids, self._new = [], []

    def known(self, skips: list[Skip], on_error: OnError) -> Known:
        self._pack()
        ids, columns = pa.concat_arrays(self._ids), np.concatenate(self._numbers)
        order = pc.array_sort_indices(ids).to_numpy().astype(np.int64)  # equal ids stay in reading order
        in_order = ids.take(pa.array(order))
        is_second = np.zeros(len(ids), dtype=np.bool_)
        if len(ids) > 1:
            is_second[1:] = pc.equal(in_order[1:], in_order[:-1]).to_numpy(zero_copy_only=False)
        seconds = [(int(columns[place, 0]), ids[place].as_py()) for place in np.sort(order[is_second]).tolist()]
        for number, encoded in seconds:
            name = encoded.decode("utf-8", "surrogatepass")
            skips.append(Skip(number, name, "duplicate id", f"{name!r} was there before; ids must be unique"))
        skips.sort(key=lambda skip: skip.row)
        if skips and on_error == "raise":
            raise ArticleError(skips[0].row, skips[0].reason, skips[0].detail)
        places = order[~is_second]
        rows = np.full(len(ids), -1, dtype=np.int64)
        rows[places] = np.arange(len(places))
        names = sorted(self._names)
        place_of_name = np.empty(len(names), dtype=np.int64)
        place_of_name[[self._names[name] for name in names]] = np.arange(len(names))
        of_row = columns[places]
        return Known(
            in_order.filter(pa.array(~is_second)),
            places,
            rows,
            names,
            place_of_name[of_row[:, 1]] if len(names) else of_row[:, 1],
            np.ascontiguousarray(of_row[:, 2]),
            np.ascontiguousarray(of_row[:, 3]),
            tuple(skips),
        )
