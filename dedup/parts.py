"""Some articles at a time: for engines that hold no more, on Spark or on disk.

What depends on the whole corpus is given to a `Part`; what it makes of a pair is the same as in `pipeline.Index`. The
steps that go from candidates to matches are written here once, for whatever measures pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from dedup.attribute import Statement
from dedup.candidates import Candidates, are_candidates, sorted_pairs
from dedup.corpus import Corpus
from dedup.kernels.buffers import TextBuffer
from dedup.model import Article, Duplicates, Match, Sketches, Skip
from dedup.owners import publishers_of
from dedup.pairs import Pairs, are_found, find_verified, rules_of, sift_with
from dedup.pipeline import Index, Progress, no_progress
from dedup.rarity import Rarity, drop_copies, learn_rarity
from dedup.settings import Settings
from dedup.sketch import shingle_sets, without
from dedup.verify import Overlaps, are_matches

if TYPE_CHECKING:
    from dedup.translated import Encoder


class Common(NamedTuple):
    """What is learned of the whole corpus.

    Parameters
    ----------
    rarity : Rarity
    boilerplate : uint64[m]
        Shingles that are page furniture.
    n_shingles : int64[n]
        Of each article.
    """

    rarity: Rarity
    boilerplate: NDArray[np.uint64]
    n_shingles: NDArray[np.int64]


class Proposed(NamedTuple):
    """What the generators propose of the whole corpus.

    Parameters
    ----------
    candidates : Candidates
        By bands and fingerprints.
    by_triples : int64[n, 2]
        By triples; sorted, each pair once.
    n_compared : int64[n_rows]
        Shingles of each article that are no furniture.
    """

    candidates: Candidates
    by_triples: NDArray[np.int64]
    n_compared: NDArray[np.int64]


def learn_from(texts: Sequence[str], *, shingle_words: int) -> Rarity:
    """Count words on the sample that `rarity.sample_rows` says, as in memory."""
    rows = np.arange(len(texts))
    shingles, offsets = shingle_sets(TextBuffer(texts), rows, shingle_words=shingle_words)
    return learn_rarity([texts[row] for row in drop_copies(rows, shingles, offsets)])


class Part:
    """Some articles of a corpus, compared as all of them are at once: for an engine that spreads the work.

    What depends on the whole corpus is given, what it makes of a pair is the same as in `Index.duplicates`.

    Parameters
    ----------
    articles : iterable of Article
    settings : Settings
    boilerplate : uint64[m]
        Shingles that are page furniture, of the whole corpus.
    rarity : Rarity
        Of the whole corpus.
    n_threads : int
        At least 1.
    """

    def __init__(
        self,
        articles: Iterable[Article],
        settings: Settings,
        boilerplate: NDArray[np.uint64],
        rarity: Rarity,
        *,
        n_threads: int = 1,
    ) -> None:
        self._index = Index(settings, n_threads=n_threads)
        by_id = {article.id: article for article in sorted(articles, key=lambda article: article.id)}
        listed = list(by_id.values())
        sketches = self._index._sketch_texts([article.text for article in listed])
        self.corpus = Corpus(
            by_id,
            list(by_id),
            sketches,
            without(sketches, boilerplate, num_perm=settings.num_perm, seed=settings.seed),
            publishers_of(listed, owners=settings.owners),
            rarity,
            boilerplate,
            settings.shingle_words,
        )

    @property
    def compared(self) -> Sketches:
        """What is kept of the articles, furniture left out."""
        return self.corpus.compared

    def triples(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """Give the triples of the articles, in id order: values and offsets."""
        return self._index._triples(self.corpus)

    def are_candidates(self, pairs: NDArray[np.int64], caution: float) -> NDArray[np.bool_]:
        """Tell of pairs of rows whether they would be proposed, were it not for crowds."""
        return are_candidates(pairs, self.corpus.compared, **rules_of(self._index.settings), caution=caution)

    def sift(self, pairs: NDArray[np.int64], caution: float) -> tuple[NDArray[np.bool_], Overlaps]:
        """Tell which pairs would be proposed, were it not for crowds, and count what those share."""
        return sift_with(self.are_candidates, self.measure)(pairs, caution)

    def measure(self, pairs: NDArray[np.int64]) -> Overlaps:
        """Count what pairs of rows share, exactly."""
        return self._index._measure(pairs, self.corpus.compared)

    def match(self, pairs: NDArray[np.int64]) -> list[Match]:
        """Judge pairs of rows and tell their relations; sorted by (a, b)."""
        judged = self._index._judge(pairs, self.measure(pairs), self.corpus)
        return self._index._tell_relations(judged, self.corpus)

    def conclude(
        self,
        matches: Sequence[Match],
        articles: Mapping[str, Article],
        stated: Mapping[str, Sequence[Statement]],
        skips: tuple[Skip, ...],
        progress: Progress = no_progress,
    ) -> Duplicates:
        """Unite the matches, all of them among the articles of this part, and name their origins.

        Parameters
        ----------
        matches : sequence of Match
            Of the whole corpus, sorted by (a, b).
        articles : Mapping[str, Article]
            The whole corpus, by id, in id order.
        stated : Mapping[str, sequence of Statement]
            What each article states of its origin.
        skips : tuple of Skip
        progress : callable
        """
        self._index._progress = progress
        return self._index._conclude(self.corpus, matches, articles, skips, stated=stated)


class Measures(Protocol):
    """Measures pairs of rows of a whole corpus, of which a part is held at a time."""

    def sift(self, pairs: NDArray[np.int64], caution: float, /) -> tuple[NDArray[np.bool_], Overlaps]:
        """Tell which would be proposed, were it not for crowds, and count what those share."""

    def measure(self, pairs: NDArray[np.int64], /) -> Overlaps:
        """Count what they share, exactly."""

    def components(self, n: int, pairs: NDArray[np.int64], /) -> NDArray[np.int64]:
        """Do as `kernels.components.find_components`."""


class Spread(Measures, Protocol):
    """Judges them, too: each worker holds a part."""

    def match(self, pairs: NDArray[np.int64], /) -> list[Match]:
        """Judge pairs and tell their relations; sorted by (a, b)."""


def pairs_to_judge(
    candidates: Candidates, by_triples: NDArray[np.int64], n: int, settings: Settings, measures: Measures
) -> NDArray[np.int64]:
    """Find what shares enough shingles, and add what shares triples; int64[n_pairs, 2], sorted.

    Parameters
    ----------
    candidates, by_triples
        What was proposed, of n articles.
    settings : Settings
    measures : Measures
    """
    found = find_verified(
        candidates,
        measures.measure,
        measures.sift,
        n,
        is_found=lambda overlaps: are_matches(overlaps, threshold=settings.threshold),
        components=measures.components,
    ).pairs
    return sorted_pairs(np.concatenate([found, by_triples]), n)


def match_spread(
    candidates: Candidates, by_triples: NDArray[np.int64], n: int, settings: Settings, spread: Spread
) -> list[Match]:
    """Find what shares enough shingles, then what shares triples; judge both, as `Index.matches` does.

    Parameters
    ----------
    candidates, by_triples
        What was proposed, of n articles.
    settings : Settings
    spread : Spread
        Works on pairs.
    """
    return spread.match(pairs_to_judge(candidates, by_triples, n, settings, spread))


def verify_spread(candidates: Candidates, n: int, settings: Settings, spread: Spread, *, excerpts: bool) -> Pairs:
    """Verify what was proposed of n texts, as `find_pairs` does."""
    rows, overlaps, crowded = find_verified(
        candidates,
        spread.measure,
        spread.sift,
        n,
        is_found=lambda overlaps: are_found(overlaps, settings, excerpts=excerpts),
        components=spread.components,
    )
    return Pairs(rows, overlaps.jaccard, overlaps.a_in_b, overlaps.b_in_a, crowded)


def with_translated(
    articles: Mapping[str, Article],
    matches: list[Match],
    settings: Settings,
    *,
    encoder: Encoder | None = None,
    progress: Progress = no_progress,
) -> list[Match]:
    """Add the copies across languages to the matches of a corpus, if settings ask for them; sorted by (a, b)."""
    return Index(settings, encoder=encoder, progress=progress)._with_translated(articles, matches)


def find_translated(
    articles: Sequence[Article],
    settings: Settings,
    *,
    is_known: Callable[[str, str], bool],
    encoder: Encoder | None = None,
    progress: Progress = no_progress,
) -> list[Match]:
    """Find the copies across languages of articles in id order, which may lie on disk; sorted by (a, b).

    Parameters
    ----------
    articles : sequence of Article
    settings : Settings
    is_known : callable
        Tells of two ids whether they are a match already.
    encoder, progress
        As for `find_duplicates`.
    """
    return Index(settings, encoder=encoder, progress=progress)._search_translated(articles, is_known)
