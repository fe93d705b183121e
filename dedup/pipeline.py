"""The whole program on one page: the steps in order, one line each.

corpus -> Article -> normalise -> sketch -> boilerplate -> candidates -> verify -> cluster -> attribute -> Duplicates
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import Literal, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from dedup.attribute import attribute
from dedup.boilerplate import find_boilerplate
from dedup.candidates import find_candidates, n_shared_bands
from dedup.cluster import cluster
from dedup.errors import ArticleError
from dedup.ingest.files import read_corpus
from dedup.model import Article, Comparison, Duplicates, Match, Sketch, Sketches, Skip, Words
from dedup.normalise import NORMALISER_VERSION, split_words
from dedup.settings import Settings
from dedup.sketch import estimate_jaccard, sketch_words, stack, without
from dedup.verify import find_passages, is_match, is_revision, kind_of, measure, verify

OnError: TypeAlias = Literal["raise", "skip"]
Progress: TypeAlias = Callable[[str, int, int], None]  # step, how many are done, of how many

T = TypeVar("T")

_CACHED_WORDS = 4096  # articles whose words are kept at hand while pairs are verified: pairs come sorted by row


def no_progress(step: str, done: int, total: int) -> None:
    """Show nothing."""


def find_duplicates(
    corpus: object,
    *,
    threshold: float | None = None,
    settings: Settings | None = None,
    on_error: OnError = "raise",
    progress: Progress = no_progress,
) -> Duplicates:
    """Find the articles of a corpus that republish one another.

    Parameters
    ----------
    corpus : iterable of Article, str or dict; pandas or polars DataFrame; Arrow table; path
        A path names a .jsonl, .jsonl.gz, .csv, .parquet file or a folder of .txt and .html files.
    threshold : float, optional
        Share of the shorter article that must lie in the other, in (0, 1]; default ``settings.threshold`` (0.5).
    settings : Settings, optional
        Every other number.
    on_error : {"raise", "skip"}
        What a bad row does: end the run with an error that names it, or be counted in ``skipped``.
    progress : callable
        Called with (step, done, total) while the work goes on.

    Returns
    -------
    Duplicates

    Raises
    ------
    CorpusError
        The corpus as a whole cannot be read.
    ArticleError
        A bad row, under ``on_error="raise"``.
    SettingsError
        `threshold` out of its range.

    Examples
    --------
    >>> text = "The council voted on Monday to rebuild the old bridge across the river by next spring."
    >>> find_duplicates([text, "After a long debate: " + text, "Rain is expected in the north of the country."])
    <Duplicates: 3 articles; 1 clusters; 1 copies (1 near)>
    """
    settings = settings or Settings()
    if threshold is not None:
        settings = replace(settings, threshold=threshold)
    index = Index(settings, progress=progress)
    index.add(corpus, on_error=on_error)
    return index.duplicates()


class Index:
    """Articles gathered in batches, sketched as they come.

    `find_duplicates` is an `Index` used once: adding in batches finds what one run finds, and the order of articles
    does not matter.

    Parameters
    ----------
    settings : Settings, optional
        The numbers of the run.
    progress : callable
        Called with (step, done, total) while the work goes on.

    Examples
    --------
    >>> index = Index()
    >>> index.add(["Der Rat hat am Montag beschlossen, die alte Brücke zu erneuern."])
    1
    >>> index.add(["Der Rat hat am Montag beschlossen, die alte Brücke zu erneuern!"])
    1
    >>> index.duplicates().matches[0].kind
    'exact'
    """

    def __init__(self, settings: Settings | None = None, *, progress: Progress = no_progress) -> None:
        self.settings = settings or Settings()
        self._progress = progress
        self._articles: dict[str, Article] = {}
        self._sketches: dict[str, Sketch] = {}
        self._skips: list[Skip] = []
        self._n_rows = 0

    def __len__(self) -> int:
        return len(self._articles)

    def __contains__(self, article_id: object) -> bool:
        return article_id in self._articles

    def article(self, article_id: str) -> Article:
        """Give one article; a `KeyError` if it is not there."""
        return self._articles[article_id]

    def articles(self) -> tuple[Article, ...]:
        """All articles, in id order."""
        return tuple(article for _, article in sorted(self._articles.items()))

    @property
    def made_with(self) -> str:
        """Everything a sketch depends on, as JSON; sketches made with other values are never mixed."""
        set_ = self.settings
        return json.dumps(
            {
                "normaliser": NORMALISER_VERSION,
                "shingle_words": set_.shingle_words,
                "scheme": "affine32",
                "num_perm": set_.num_perm,
                "seed": set_.seed,
                "fingerprint_window": set_.fingerprint_window,
            },
            sort_keys=True,
        )

    def add(self, corpus: object, *, on_error: OnError = "raise") -> int:
        """Add a batch of articles; all of it or, on an error, nothing.

        Parameters
        ----------
        corpus, on_error
            As for `find_duplicates`.

        Returns
        -------
        int
            How many articles were added.

        Raises
        ------
        CorpusError, ArticleError
            As for `find_duplicates`.
        """
        if on_error not in ("raise", "skip"):
            raise ValueError(f"on_error is {on_error!r}; it must be 'raise' or 'skip'")
        articles: dict[str, Article] = {}
        skips: list[Skip] = []
        n_rows = self._n_rows
        for row in read_corpus(corpus, first_row=self._n_rows):
            n_rows += 1
            if isinstance(row, Article) and (row.id in articles or row.id in self._articles):
                row = Skip(n_rows - 1, row.id, "duplicate id", f"{row.id!r} was there before; ids must be unique")
            if isinstance(row, Article):
                articles[row.id] = row
            elif on_error == "raise":
                raise ArticleError(row.row, row.reason, row.detail)
            else:
                skips.append(row)
        sketches = {article.id: self.sketch(article) for article in self._counted("sketching", articles.values())}
        self._n_rows = n_rows
        self._articles |= articles
        self._sketches |= sketches
        self._skips += skips
        return len(articles)

    def add_sketched(self, article: Article, sketch: Sketch) -> None:
        """Add an article whose sketch is at hand, made under the same settings; one of the same id is replaced."""
        self._n_rows += 1
        self._articles[article.id] = article
        self._sketches[article.id] = sketch

    def sketch(self, article: Article) -> Sketch:
        """Sketch one article under the settings of this index; nothing is added."""
        return sketch_words(
            split_words(article.text).hashes,
            shingle_words=self.settings.shingle_words,
            num_perm=self.settings.num_perm,
            seed=self.settings.seed,
            fingerprint_window=self.settings.fingerprint_window,
        )

    def duplicates(self) -> Duplicates:
        """Find the copies among all articles added so far."""
        corpus = self._corpus()
        pairs = self._find_candidates(corpus.compared).tolist()
        matches = self._verify(pairs, corpus)
        clusters = cluster(matches, corpus.articles)
        clusters = tuple(
            attribute(found, articles=corpus.articles, matches=matches)
            for found in self._counted("attributing", clusters)
        )
        skips = (*self._skips, *self._nothing_left(corpus))
        return Duplicates(MappingProxyType(corpus.articles), tuple(matches), clusters, skips)

    def check(self, article: Article) -> tuple[Match, ...]:
        """Find what an article shares with those of the index.

        Every article of the index is measured exactly; there are no candidates to miss. The index stays as it is; an
        article of the same id in it is left out.

        Returns
        -------
        tuple of Match
            Most shared text first.
        """
        with_it = Index(self.settings)
        with_it._articles = {**self._articles, article.id: article}
        with_it._sketches = {**self._sketches, article.id: self.sketch(article)}
        corpus = with_it._corpus()
        row, n = corpus.ids.index(article.id), len(corpus.ids)
        pairs = [(min(row, other), max(row, other)) for other in range(n) if other != row]
        matches = with_it._verify(pairs, corpus)
        return tuple(sorted(matches, key=lambda match: (-match.containment, -match.jaccard, match.a, match.b)))

    def compare(self, a: str, b: str) -> Comparison:
        """Measure one pair of articles of this index, match or not.

        Raises
        ------
        KeyError
            No such article.
        """
        set_, corpus = self.settings, self._corpus()
        a, b = sorted((corpus.articles[a].id, corpus.articles[b].id))
        i, j = corpus.ids.index(a), corpus.ids.index(b)
        words_a, words_b = corpus.words_of(i), corpus.words_of(j)
        full_a, full_b = corpus.sketches.row(i), corpus.sketches.row(j)
        row_a, row_b = corpus.compared.row(i), corpus.compared.row(j)
        overlap = measure(row_a.shingles, row_b.shingles)
        is_same = words_a.hashes.tobytes() == words_b.hashes.tobytes()
        return Comparison(
            a=a,
            b=b,
            n_words_a=len(words_a.hashes),
            n_words_b=len(words_b.hashes),
            n_shingles_a=len(row_a.shingles),
            n_shingles_b=len(row_b.shingles),
            n_boilerplate_a=len(full_a.shingles) - len(row_a.shingles),
            n_boilerplate_b=len(full_b.shingles) - len(row_b.shingles),
            n_shared=overlap.n_shared,
            jaccard=overlap.jaccard,
            a_in_b=overlap.a_in_b,
            b_in_a=overlap.b_in_a,
            estimated_jaccard=estimate_jaccard(row_a.signature, row_b.signature),
            n_shared_bands=n_shared_bands(row_a.signature, row_b.signature, rows_per_band=set_.rows_per_band),
            n_bands=set_.num_perm // set_.rows_per_band,
            n_shared_fingerprints=measure(row_a.fingerprints, row_b.fingerprints).n_shared,
            is_candidate=[i, j] in self._find_candidates(corpus.compared).tolist(),
            threshold=set_.threshold,
            passages=find_passages(
                words_a,
                words_b,
                shingle_words=set_.shingle_words,
                passage_words=set_.passage_words,
                passage_gap_words=set_.passage_gap_words,
            ),
            is_revision=is_revision(corpus.articles[a].source, corpus.articles[b].source),
            kind=kind_of(overlap, is_same=is_same, threshold=set_.threshold)
            if is_match(overlap, threshold=set_.threshold)
            else None,
        )

    def _corpus(self) -> _Corpus:
        """All articles in id order, their sketches, and the sketches with boilerplate masked."""
        set_, articles = self.settings, dict(sorted(self._articles.items()))
        sketches = stack([self._sketches[article_id] for article_id in articles], num_perm=set_.num_perm)
        boilerplate = find_boilerplate(
            sketches.shingles,
            sketches.offsets,
            [article.source for article in articles.values()],
            boilerplate_articles=set_.boilerplate_articles,
            boilerplate_share=set_.boilerplate_share,
        )
        return _Corpus(
            articles, list(articles), sketches, without(sketches, boilerplate, num_perm=set_.num_perm, seed=set_.seed)
        )

    def _find_candidates(self, compared: Sketches) -> NDArray[np.int64]:
        return find_candidates(
            compared,
            rows_per_band=self.settings.rows_per_band,
            min_shared_fingerprints=self.settings.min_shared_fingerprints,
            max_articles=self.settings.max_articles_per_fingerprint,
        )

    def _verify(self, pairs: Collection[tuple[int, int]], corpus: _Corpus) -> list[Match]:
        return verify(
            self._counted("verifying", pairs),
            corpus.compared,
            corpus.ids,
            [article.source for article in corpus.articles.values()],
            lru_cache(maxsize=_CACHED_WORDS)(corpus.words_of),
            threshold=self.settings.threshold,
            shingle_words=self.settings.shingle_words,
            passage_words=self.settings.passage_words,
            passage_gap_words=self.settings.passage_gap_words,
        )

    def _nothing_left(self, corpus: _Corpus) -> Iterator[Skip]:
        """Name the articles in which nothing was left to compare."""
        for row, article_id in enumerate(corpus.ids):
            if len(corpus.compared.row(row).shingles):
                continue
            if len(corpus.sketches.row(row).shingles):
                yield Skip(row, article_id, "boilerplate only", "every shingle stands on many pages of its source")
            else:
                yield Skip(row, article_id, "too short", f"it has fewer than {self.settings.shingle_words} words")

    def _counted(self, step: str, items: Collection[T]) -> Iterator[T]:
        for done, item in enumerate(items):
            self._progress(step, done, len(items))
            yield item
        self._progress(step, len(items), len(items))


class _Corpus(NamedTuple):
    """The articles of one run in id order, and what is compared of them; row i is the i-th article."""

    articles: dict[str, Article]
    ids: list[str]
    sketches: Sketches
    compared: Sketches

    def words_of(self, row: int) -> Words:
        return split_words(self.articles[self.ids[row]].text)
