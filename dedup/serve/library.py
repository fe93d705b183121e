"""An index -> what the server shows of it, made again when the store has changed."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dedup.model import Article, Cluster, Duplicates
from dedup.pipeline import Index
from dedup.report.jsonl import plain
from dedup.report.served import Hit, ServedSite

_AROUND = 90  # characters on either side of what was found


class Shelf:
    """One state of the store: the index, what was found in it, and its pages."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.duplicates: Duplicates = index.duplicates()
        self.site = ServedSite(self.duplicates)

    @cached_property
    def _folded(self) -> Mapping[str, str]:
        return {a.id: f"{a.title}\n{a.source}\n{a.text}".casefold() for a in self.duplicates.articles.values()}

    def search(self, query: str, *, limit: int) -> tuple[list[Hit], int]:
        """Find the articles that hold every word of a query, in their id order; also count all."""
        words = query.casefold().split()
        if not words:
            return [], 0
        found = [key for key, text in self._folded.items() if all(word in text for word in words)]
        return [self._hit(self.duplicates.articles[key], words[0]) for key in found[:limit]], len(found)

    def cluster(self, name: str) -> Cluster | None:
        """Look a cluster up by its id or the key of its page."""
        section = self.site.sections.get(name)
        if section:
            return section.cluster
        return next((cluster for cluster in self.duplicates.clusters if cluster.id == name), None)

    def plain_cluster(self, cluster: Cluster) -> dict[str, Any]:
        """Give a cluster as JSON can hold it."""
        return {**plain(cluster), "independent_sources": cluster.independent_sources}

    def _hit(self, article: Article, word: str) -> Hit:
        place = re.search(re.escape(word), article.text, re.IGNORECASE)
        start, end = place.span() if place else (0, 0)
        return Hit(
            article,
            article.text[max(0, start - _AROUND) : start],
            article.text[start:end],
            article.text[end : end + _AROUND],
            self.site.clusters_of(article.id),
        )


@dataclass
class Library:
    """The shelf that is current.

    Parameters
    ----------
    load : callable
        Reads the store into an index.
    stamp : callable
        Anything that is equal as long as the store is unchanged.
    """

    load: Callable[[], Index]
    stamp: Callable[[], object]

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._made_with: object = None
        self._shelf: Shelf | None = None

    def shelf(self) -> Shelf:
        """Give the current shelf; after a change of the store, it is made first."""
        with self._lock:
            stamp = self.stamp()
            if self._shelf is None or stamp != self._made_with:
                self._shelf, self._made_with = Shelf(self.load()), stamp
            return self._shelf
