"""What is compared of the articles of a run, row by row in id order, and what is read of some of them.

It is what `pipeline` and the engines that hold a part at a time have in common below the steps themselves.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.boilerplate import Headlines, WeighedUnits, cover, find_masked, masked_spans
from dedup.cluster import cluster
from dedup.kernels.buffers import encode
from dedup.kernels.lookups import number_values
from dedup.kernels.overlaps import is_member
from dedup.kernels.rests import MASKED
from dedup.kernels.texts import shingle_texts
from dedup.model import Article, Cluster, MarkedWords, Match, Sketches, Skip, Span, Words
from dedup.normalise import mark_words, split_words
from dedup.rarity import Rarity, split_units, units_of, weigh
from dedup.relations import Told, are_strangers
from dedup.relations import mark_words as flag_words
from dedup.sketch import mask


class Corpus(NamedTuple):
    """The articles of one run in id order, and what is compared of them; row i is the i-th article."""

    articles: dict[str, Article]
    ids: list[str]
    sketches: Sketches
    compared: Sketches
    publishers: list[str]
    rarity: Rarity
    boilerplate: NDArray[np.uint64]
    shingle_words: int

    def marked(self, rows: NDArray[np.int64]) -> MarkedWords:
        """Give the words of some articles, boilerplate masked."""
        marked = mark_words(encode([self.articles[self.ids[row]].text for row in rows.tolist()]))
        sizes, full = (np.diff(sketches.offsets)[rows] for sketches in (self.compared, self.sketches))
        if (sizes == full).all():
            return marked
        shingles = [self.compared.row(row).shingles for row in rows.tolist()]
        offsets = np.concatenate([[0], np.cumsum(sizes)])
        return mask(marked, np.concatenate(shingles), offsets, shingle_words=self.shingle_words)

    def words_of(self, row: int) -> Words:
        """Give the words of one article."""
        return split_words(self.articles[self.ids[row]].text)

    def told(self, ids: Sequence[str]) -> Told:
        """Give articles as relations are told from them."""
        articles = [self.articles[article_id] for article_id in ids]
        texts = encode([text for article in articles for text in (article.text, article.title)])
        found = units_of(texts)
        units, distinct = number_values(found.units)
        in_order = shingle_texts(found.words, found.offsets, self.shingle_words)
        is_masked = cover(is_member(in_order, self.boilerplate), self.shingle_words)
        return Told(
            words=found.words,
            units=units,
            weights=weigh(distinct, self.rarity),
            flags=flag_words(texts, found.starts, found.offsets) | (is_masked * MASKED).astype(np.uint8),
            offsets=found.offsets,
            publishers=[self.publishers[bisect_left(self.ids, article_id)] for article_id in ids],
            published=[article.published for article in articles],
        )

    def boilerplate_of(self, matches: Iterable[Match]) -> Mapping[str, tuple[Span, ...]]:
        """Give the masked stretches of the articles of some matches, those that have any."""
        found = {}
        for article_id in sorted({article_id for match in matches for article_id in (match.a, match.b)}):
            row = bisect_left(self.ids, article_id)
            words = self.words_of(row)
            if spans := masked_spans(self._is_masked(row, words), words):
                found[article_id] = spans
        return MappingProxyType(found)

    def _is_masked(self, row: int, words: Words) -> NDArray[np.bool_]:
        kept = self.compared.row(row).shingles
        if len(kept) == len(self.sketches.row(row).shingles):
            return np.zeros(len(words.hashes), dtype=np.bool_)
        return find_masked(words.hashes, kept, shingle_words=self.shingle_words)


def unite(
    matches: Sequence[Match], corpus: Corpus, articles: Mapping[str, Article], *, min_probability: float
) -> tuple[Cluster, ...]:
    """Unite matches to clusters; both `corpus` and `articles` hold at least the articles that match."""
    return cluster(
        [match for match in matches if match.passages],  # what unites must be there to be shown
        articles,
        min_probability=min_probability,
        publishers=dict(zip(corpus.ids, corpus.publishers, strict=True)),
        are_strangers=lambda a, b: are_strangers(corpus.told([a, b]), 0, 1),
    )


def nothing_left(
    ids: Sequence[str], n_shingles: NDArray[np.int64], n_compared: NDArray[np.int64], *, shingle_words: int
) -> Iterator[Skip]:
    """Name the articles in which nothing was left to compare, of the shingles of each and those that are compared."""
    for row in np.flatnonzero(n_compared == 0).tolist():
        if n_shingles[row]:
            yield Skip(row, ids[row], "boilerplate only", "all of its text is page furniture")
        else:
            yield Skip(row, ids[row], "too short", f"it has fewer than {shingle_words} words")


def day_of(article: Article) -> int:
    """Give the day of publication as boilerplate is told by; -1 where it is unknown."""
    return article.published.toordinal() if article.published else -1


def read_weighed(articles: Sequence[Article], rarity: Rarity) -> tuple[WeighedUnits, list[str]]:
    """Read texts and headlines for boilerplate: their words, weighed, and the texts."""
    found = split_units([text for article in articles for text in (article.text, article.title)])
    return WeighedUnits(found.words, found.units, weigh(found.units, rarity), found.offsets), [
        article.text for article in articles
    ]


def read_headlines(articles: Sequence[Article]) -> Headlines:
    """Read headlines for boilerplate."""
    found = split_units([article.title for article in articles])
    return Headlines(found.units, found.offsets)
