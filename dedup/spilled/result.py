"""What is found, as a report reads it: mappings and sequences whose values lie on disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from dedup.model import Article, Span
from dedup.spilled.journal import Journal
from dedup.spilled.packing import unpack
from dedup.spilled.shelf import Shelf, in_pieces
from dedup.spilled.table import Table

_Noun = TypeVar("_Noun")
_READ_AT_ONCE = 1_000


class Shelved(Sequence[_Noun], Generic[_Noun]):
    """Nouns on a shelf, in an order of its own; equal to any sequence of equal nouns.

    Parameters
    ----------
    journal : Journal
        Whose folder holds the shelf.
    name : str
        Of the shelf.
    order : int64[n]
        The place of each noun.
    """

    def __init__(self, journal: Journal, name: str, order: NDArray[np.int64]) -> None:
        self._journal = journal
        self._shelf = Shelf(journal.folder / name)
        self._order = order

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, number):  # type: ignore[no-untyped-def]
        """Give a noun, or a tuple of those of a slice."""
        if isinstance(number, slice):
            return tuple(unpack(self._shelf.read(place)) for place in self._order[number].tolist())
        return unpack(self._shelf.read(int(self._order[number])))

    def __iter__(self) -> Iterator[_Noun]:
        for place in self._order.tolist():
            yield unpack(self._shelf.read(place))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(one == another for one, another in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]


class Articles(Mapping[str, Article]):
    """The articles of a table by id, in id order."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def __len__(self) -> int:
        return len(self._table)

    def __contains__(self, article_id: object) -> bool:
        return isinstance(article_id, str) and self._table.row_of(article_id) >= 0

    def __getitem__(self, article_id: str) -> Article:
        row = self._table.row_of(article_id)
        if row < 0:
            raise KeyError(article_id)
        article: Article = self._table[row]
        return article

    def __iter__(self) -> Iterator[str]:
        return iter(self._table.ids)

    def values(self) -> Any:
        """Give the articles, some of which are read at once."""
        return _Values(self._table)


class _Values(Sequence[Article]):
    def __init__(self, table: Table) -> None:
        self._table = table

    def __len__(self) -> int:
        return len(self._table)

    def __getitem__(self, row):  # type: ignore[no-untyped-def]
        return self._table[row]

    def __iter__(self) -> Iterator[Article]:
        for first, last in in_pieces(len(self._table), _READ_AT_ONCE):
            yield from self._table.fetch(np.arange(first, last))


class Masked(Mapping[str, tuple[Span, ...]]):
    """The masked stretches of articles, by id, in id order.

    Parameters
    ----------
    table : Table
    rows : int64[n]
        The articles that have some, ascending.
    spans : Shelved
        Of each.
    """

    def __init__(self, table: Table, rows: NDArray[np.int64], spans: Shelved[tuple[Span, ...]]) -> None:
        self._table = table
        self._rows = rows
        self._spans = spans

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[str]:
        return map(self._table.ids.__getitem__, self._rows.tolist())

    def __getitem__(self, article_id: str) -> tuple[Span, ...]:
        row = self._table.row_of(article_id)
        number = int(np.searchsorted(self._rows, row))
        if row < 0 or number == len(self._rows) or self._rows[number] != row:
            raise KeyError(article_id)
        spans: tuple[Span, ...] = self._spans[number]
        return spans
