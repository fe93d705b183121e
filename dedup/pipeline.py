"""The whole program on one page: the steps in order, one line each.

corpus -> Article -> normalise -> sketch -> boilerplate -> candidates -> verify -> relations -> translated -> cluster
-> attribute -> Duplicates
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeAlias

import numpy as np
from datasketch import MinHash, MinHashLSH
from numpy.typing import NDArray

from dedup.attribute import Kept, Statement, attribute_all
from dedup.boilerplate import find_boilerplate
from dedup.candidates import (
    Candidates,
    are_candidates,
    find_candidates,
    n_shared_bands,
    sorted_pairs,
)
from dedup.corpus import Corpus, day_of, nothing_left, read_headlines, read_weighed, unite
from dedup.derived import gather, judge
from dedup.errors import ArticleError, SettingsError
from dedup.ingest.files import read_corpus
from dedup.kernels import warm
from dedup.kernels.buffers import TextBuffer, encode
from dedup.model import (
    Article,
    Comparison,
    Duplicates,
    MarkedWords,
    Match,
    MatchKind,
    Passage,
    Sketch,
    Sketches,
    Skip,
    Verdict,
)
from dedup.normalise import NORMALISER_VERSION, mark_words
from dedup.owners import publishers_of
from dedup.pairs import (
    Verified,
    available_cores,
    find_verified,
    leave_out,
    merge_pairs,
    order_by_block,
    rules_of,
    sift_with,
)
from dedup.rarity import drop_copies, learn_rarity, sample_rows
from dedup.relations import is_one_publisher, tell_relations
from dedup.settings import Settings
from dedup.sketch import (
    estimate_jaccard,
    from_minhash,
    sketch_texts,
    stack,
    to_minhash,
    without,
)
from dedup.triples import MIN_SHARED as MIN_SHARED_TRIPLES
from dedup.triples import TRIPLES_VERSION, find_triples, pair_by_triples
from dedup.verdicts import recall, verdict_keys
from dedup.verify import (
    Overlaps,
    are_matches,
    are_same,
    find_runs,
    kind_of,
    measure,
    measure_pairs,
    to_matches,
    to_passages,
)

if TYPE_CHECKING:
    from dedup.translated import Encoder, Ways

OnError: TypeAlias = Literal["raise", "skip"]
Progress: TypeAlias = Callable[[str, int, int], None]  # step, how many are done, of how many

_PAIRS_JUDGED_AT_ONCE = 20_000  # pairs whose texts are read again in one go: 200 MB a thread, mostly less
_ARTICLES_AT_ONCE = 1_000  # articles whose triples are found in one go
_PAIRS_TOLD_AT_ONCE = 2_000  # pairs whose texts are read again for their relation in one go; they come sorted by row


class VerdictsKept(Protocol):
    """Verdicts that earlier runs reached, by the ids of both articles; `keep` takes new ones."""

    def get(self, pair: tuple[str, str], /) -> Verdict | None:
        """Give one, if it is there."""

    def keep(self, verdicts: Mapping[tuple[str, str], Verdict], /) -> None:
        """Take new ones."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What earlier runs worked out, and where new findings go. Each is used only where nothing it depends on changed.

    Parameters
    ----------
    made_by : str
        Names the program: what another one worked out is not used.
    verdicts : VerdictsKept
        On pairs.
    statements : Kept
        What articles state of their origin.
    """

    made_by: str
    verdicts: VerdictsKept
    statements: Kept


def no_progress(step: str, done: int, total: int) -> None:
    """Show nothing."""


def _no_count(done: int, total: int) -> None:
    """Show nothing."""


def find_duplicates(
    corpus: object,
    *,
    threshold: float | None = None,
    settings: Settings | None = None,
    translated: bool | None = None,
    encoder: Encoder | None = None,
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
    translated : bool, optional
        Look for copies across languages, too; default ``settings.translated`` (True).
    encoder : Encoder, optional
        What embeds sentences for that; default `dedup.translated.MultilingualUse`.
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
    <Duplicates: 3 articles; 1 cluster; 1 copy (1 near)>
    """
    settings = settings or Settings()
    if threshold is not None:
        settings = replace(settings, threshold=threshold)
    if translated is not None:
        settings = replace(settings, translated=translated)
    if settings.memory_limit is not None:
        from dedup import spilled  # the same with the corpus on disk; a door, opened where it is asked for

        return spilled.find_duplicates(corpus, settings, encoder=encoder, on_error=on_error, progress=progress)
    index = Index(settings, encoder=encoder, progress=progress)
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
    encoder : Encoder, optional
        What embeds sentences of articles in several languages; default `dedup.translated.MultilingualUse`.
    vectors : mutable mapping, optional
        Where sentence vectors of earlier runs are and new ones go; by default the last 200 MB of them are kept for the
        life of the index.
    memory : Memory, optional
        What else earlier runs worked out; by default, everything is worked out anew. What is found is the same.
    n_threads : int, optional
        Default: every core this process may use. What is found does not depend on it.
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

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        encoder: Encoder | None = None,
        vectors: MutableMapping[str, NDArray[np.float16]] | None = None,
        memory: Memory | None = None,
        n_threads: int | None = None,
        progress: Progress = no_progress,
    ) -> None:
        self.settings = settings or Settings()
        self._n_threads = n_threads or available_cores()
        self._encoder = encoder
        self._vectors = vectors
        self._memory = memory
        self._progress = progress
        self._articles: dict[str, Article] = {}
        self._sketches: dict[str, Sketch] = {}
        self._skips: list[Skip] = []
        self._n_rows = 0
        warm.start()

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
                "triples": TRIPLES_VERSION,
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
        made = self._sketch_texts(
            [article.text for article in articles.values()],
            progress=lambda done, total: self._progress("sketching", done, total),
        )
        sketches = {article_id: made.row(row) for row, article_id in enumerate(articles)}
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
        return self._sketch_texts([article.text]).row(0)

    def sketches(self, articles: Sequence[Article]) -> list[Sketch]:
        """Sketch some articles under the settings of this index, their triples included; nothing is added."""
        made = self._sketch_texts([article.text for article in articles])
        triples, offsets = find_triples(mark_words(encode([article.text for article in articles])))
        return [
            made.row(row)._replace(triples=triples[offsets[row] : offsets[row + 1]].copy())
            for row in range(len(articles))
        ]

    def minhash(self, article_id: str) -> MinHash:
        """Give the signature of one article as a ``datasketch.MinHash`` (scheme ``affine32``, same seed).

        Raises
        ------
        KeyError
            No such article.
        """
        return to_minhash(self._sketches[article_id].signature, seed=self.settings.seed)

    def similar(self, minhash: MinHash, *, jaccard: float | None = None) -> list[tuple[str, float]]:
        """Find the articles whose signatures resemble a ``datasketch.MinHash``, which may come from elsewhere.

        It must have been updated with the shingles of a text as `dedup.sketch.hash_shingle` hashes them.

        Parameters
        ----------
        minhash : datasketch.MinHash
            Of the scheme ``affine32``, with the seed and number of positions of this index.
        jaccard : float, optional
            Estimated jaccard to reach, in (0, 1]; default ``settings.threshold``.

        Returns
        -------
        list of (str, float)
            Article id and estimated jaccard, most similar first. An estimate is no match: without the text there is
            nothing to verify. Its standard error is 0.04 with 128 positions.

        Raises
        ------
        ValueError
            The MinHash cannot be compared with those of this index.
        """
        set_ = self.settings
        theirs = from_minhash(minhash, num_perm=set_.num_perm, seed=set_.seed)
        at_least = set_.threshold if jaccard is None else jaccard
        ids = sorted(self._sketches)
        signatures = np.array([self._sketches[one].signature for one in ids], dtype=np.uint32)
        agreement = (signatures.reshape(-1, set_.num_perm) == theirs).mean(axis=1)
        found = np.flatnonzero(agreement >= at_least)
        return [(ids[row], float(agreement[row])) for row in found[np.argsort(-agreement[found], kind="stable")]]

    def duplicates(self) -> Duplicates:
        """Find the copies among all articles added so far."""
        corpus = self._corpus()
        matches = self._tell_relations(self._find_matches(corpus), corpus)
        matches = self._with_translated(corpus.articles, matches)
        n_shingles, n_compared = np.diff(corpus.sketches.offsets), np.diff(corpus.compared.offsets)
        skips = nothing_left(corpus.ids, n_shingles, n_compared, shingle_words=self.settings.shingle_words)
        return self._conclude(corpus, matches, corpus.articles, (*self._skips, *skips))

    def _conclude(
        self,
        corpus: Corpus,
        matches: Sequence[Match],
        articles: Mapping[str, Article],
        skips: tuple[Skip, ...],
        *,
        stated: Mapping[str, Sequence[Statement]] | None = None,
    ) -> Duplicates:
        """Unite matches and name their origins; `corpus` holds at least the articles that match."""
        clusters = unite(matches, corpus, articles, min_probability=self.settings.cluster_probability)
        clusters, alone, stitched = attribute_all(
            clusters,
            articles=articles,
            matches=matches,
            min_confidence=self.settings.min_confidence,
            clues_off=self.settings.clues_off,
            partners=self.settings.partners,
            kept=self._memory.statements if self._memory else None,
            stated=stated,
            progress=lambda done, total: self._progress("attributing", done, total),
        )
        return Duplicates(
            MappingProxyType(articles),
            tuple(matches),
            clusters,
            skips,
            corpus.boilerplate_of(matches),
            alone=alone,
            stitched=stitched,
        )

    def matches(self) -> tuple[Match, ...]:
        """Find the verified pairs alone, without clusters and origins, sorted by (a, b)."""
        corpus = self._corpus()
        return tuple(self._tell_relations(self._find_matches(corpus), corpus))

    def check(self, article: Article) -> tuple[Match, ...]:
        """Find what an article shares with those of the index.

        Every article of the index is measured exactly, and judged closely if it shares a few triples; there are no
        candidates to miss. Copies in other languages are looked for as in `duplicates`. The index stays as it is; an
        article of the same id in it is left out.

        Returns
        -------
        tuple of Match
            Most shared text first.
        """
        with_it = Index(self.settings, encoder=self._encoder, vectors=self._vectors)
        with_it._articles = {**self._articles, article.id: article}
        with_it._sketches = {**self._sketches, article.id: self.sketch(article)}
        corpus = with_it._corpus()
        row, n = corpus.ids.index(article.id), len(corpus.ids)
        others = np.delete(np.arange(n, dtype=np.int64), row)
        pairs = sorted_pairs(np.stack([np.full_like(others, row), others], axis=1), n)
        overlaps = with_it._measure(pairs, corpus.compared)
        triples, offsets = with_it._triples(corpus)
        may_derive = measure_pairs(pairs, triples, offsets).n_shared >= MIN_SHARED_TRIPLES
        is_judged = are_matches(overlaps, threshold=self.settings.threshold) | may_derive
        judged = with_it._judge(pairs[is_judged], overlaps.keep(is_judged), corpus)
        matches = with_it._tell_relations(judged, corpus)
        if self.settings.translated:
            matches += with_it._find_translated(corpus.articles, matches, only=article.id)
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
        full_a, full_b = corpus.sketches.row(i), corpus.sketches.row(j)
        row_a, row_b = corpus.compared.row(i), corpus.compared.row(j)
        pair = np.array([[i, j]], dtype=np.int64)
        overlap = measure(row_a.shingles, row_b.shingles)
        judged = self._judge_texts(corpus.marked(pair[0]), np.array([[0, 1]]), self._measure(pair, corpus.compared))
        triples, offsets = self._triples(corpus)
        proposed = np.concatenate([self._candidates(corpus.compared).pairs, self._paired_by_triples(triples, offsets)])
        n_words_a, n_words_b = judged.n_words[0].tolist()
        told = corpus.told([a, b])
        kind = judged.kinds[0] or "excerpt"
        ((relation, evidence),) = tell_relations(told, np.array([[0, 1]]), [kind], shingle_words=set_.shingle_words)
        compared = Comparison(
            a=a,
            b=b,
            n_words_a=n_words_a,
            n_words_b=n_words_b,
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
            n_shared_triples=int(measure_pairs(pair, triples, offsets).n_shared[0]),
            is_candidate=bool((proposed == pair).all(axis=1).any()),
            threshold=set_.threshold,
            longest_passage=float(judged.longest[0]),
            probability=float(judged.probability[0]),
            passages=judged.passages[0],
            is_revision=is_one_publisher(corpus.publishers[i], corpus.publishers[j]),
            kind=judged.kinds[0],
            relation=relation,
            evidence=evidence,
        )
        return compared if judged.kinds[0] or not set_.translated else self._across_languages(compared)

    def _across_languages(self, compared: Comparison) -> Comparison:
        """Compare two articles that are no match in one language in two."""
        from dedup import translated

        match, _ = translated.compare_translated(self._articles[compared.a], self._articles[compared.b], self._ways())
        if match is None:
            return compared
        return replace(
            compared,
            kind="translated",
            relation=match.relation,
            probability=match.probability,
            passages=match.passages,
        )

    def _corpus(self) -> Corpus:
        """All articles in id order, their sketches, and the sketches with boilerplate masked."""
        set_, articles = self.settings, dict(sorted(self._articles.items()))
        listed = list(articles.values())
        sketches = stack([self._sketches[article_id] for article_id in articles], num_perm=set_.num_perm)
        publishers = publishers_of(listed, owners=set_.owners)
        sample = drop_copies(sample_rows(len(listed)), sketches.shingles, sketches.offsets)
        rarity = learn_rarity([listed[row].text for row in sample])
        boilerplate = find_boilerplate(
            sketches.shingles,
            sketches.offsets,
            publishers,
            np.array([day_of(article) for article in listed], dtype=np.int64),
            lambda rows: read_weighed([listed[row] for row in rows.tolist()], rarity),
            lambda rows: read_headlines([listed[row] for row in rows.tolist()]),
            boilerplate_articles=set_.boilerplate_articles,
            shingle_words=set_.shingle_words,
        )
        compared = without(sketches, boilerplate, num_perm=set_.num_perm, seed=set_.seed)
        return Corpus(articles, list(articles), sketches, compared, publishers, rarity, boilerplate, set_.shingle_words)

    def _sketch_texts(self, texts: list[str], *, progress: Callable[[int, int], None] = _no_count) -> Sketches:
        set_ = self.settings
        return sketch_texts(
            TextBuffer(texts),
            shingle_words=set_.shingle_words,
            num_perm=set_.num_perm,
            seed=set_.seed,
            fingerprint_window=set_.fingerprint_window,
            n_threads=self._n_threads,
            progress=progress,
        )

    def _candidates(self, compared: Sketches) -> Candidates:
        return find_candidates(
            compared,
            **rules_of(self.settings),
            max_articles=self.settings.max_articles_per_fingerprint,
            n_threads=self._n_threads,
        )

    def _find_pairs(self, compared: Sketches) -> Verified:
        return find_verified(
            self._candidates(compared),
            lambda pairs: self._measure(pairs, compared),
            sift_with(
                lambda pairs, caution: are_candidates(pairs, compared, **rules_of(self.settings), caution=caution),
                lambda pairs: self._measure(pairs, compared),
            ),
            len(compared),
            is_found=lambda overlaps: are_matches(overlaps, threshold=self.settings.threshold),
        )

    def _measure(self, pairs: NDArray[np.int64], compared: Sketches) -> Overlaps:
        return measure_pairs(pairs, compared.shingles, compared.offsets, n_threads=self._n_threads)

    def _triples(self, corpus: Corpus) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """Triples of all articles, those kept with a sketch of which nothing is masked: values and offsets."""
        of_row = self._kept_triples(corpus)
        missing = np.delete(np.arange(len(corpus.ids)), list(of_row))
        parts = np.array_split(missing, len(missing) // _ARTICLES_AT_ONCE + 1)
        with ThreadPoolExecutor(self._n_threads) as pool:
            for rows, (triples, offsets) in zip(
                parts, pool.map(lambda rows: find_triples(corpus.marked(rows)), parts), strict=True
            ):
                for row, (start, end) in zip(rows.tolist(), pairwise(offsets.tolist()), strict=True):
                    of_row[row] = triples[start:end]
        in_order = [np.empty(0, dtype=np.uint64), *(of_row[row] for row in range(len(corpus.ids)))]
        return np.concatenate(in_order), np.cumsum([len(triples) for triples in in_order])

    def _kept_triples(self, corpus: Corpus) -> dict[int, NDArray[np.uint64]]:
        """Give, by row, the triples that are kept with a sketch, where nothing of the article is masked."""
        is_whole = np.diff(corpus.compared.offsets) == np.diff(corpus.sketches.offsets)
        kept = ((row, self._sketches.get(corpus.ids[row])) for row in np.flatnonzero(is_whole).tolist())
        return {row: sketch.triples for row, sketch in kept if sketch is not None and sketch.triples is not None}

    def _paired_by_triples(self, triples: NDArray[np.uint64], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
        return pair_by_triples(
            triples, offsets, max_articles=self.settings.max_articles_per_fingerprint, n_threads=self._n_threads
        )

    def _find_matches(self, corpus: Corpus) -> list[Match]:
        """Find what shares enough shingles, then what shares triples; judge both."""
        found, overlaps, _ = self._find_pairs(corpus.compared)
        more = leave_out(self._paired_by_triples(*self._triples(corpus)), found, len(corpus.ids))
        overlaps_of_more = self._measure(more, corpus.compared)
        return self._judge(*merge_pairs(found, overlaps, more, overlaps_of_more, len(corpus.ids)), corpus)

    def _judge(self, pairs: NDArray[np.int64], overlaps: Overlaps, corpus: Corpus) -> list[Match]:
        """Judge pairs, with the shared passages as evidence, or recall what was judged before; sorted by (a, b)."""
        sources = [article.source for article in corpus.articles.values()]

        def to_found(numbers: Sequence[int], verdicts: Sequence[Verdict]) -> list[Match]:
            kept = np.array(numbers, dtype=np.int64)
            return to_matches(
                pairs[kept],
                overlaps.keep(kept),
                [verdict.kind for verdict in verdicts if verdict.kind],
                np.array([verdict.probability for verdict in verdicts]),
                [verdict.passages for verdict in verdicts],
                corpus.ids,
                sources,
            )

        unknown, keys = np.arange(len(pairs)), [0] * len(corpus.ids)
        matches: list[Match] = []
        if self._memory:
            keys = self._verdict_keys(corpus, self._memory)
            recalled = recall(pairs, corpus.ids, keys, self._memory.verdicts.get)
            unknown = recalled.unknown
            held = {number: verdict for number, verdict in recalled.verdicts.items() if verdict.kind}
            matches += to_found(list(held), list(held.values()))
        new: dict[tuple[str, str], Verdict] = {}
        for numbers, judged in self._judge_batches(pairs, unknown, overlaps, corpus):
            kinds = judged.kinds
            kept = [place for place, kind in enumerate(kinds) if kind]
            verdicts = {
                place: Verdict(
                    keys[pairs[numbers[place], 0]],
                    keys[pairs[numbers[place], 1]],
                    kinds[place],
                    float(judged.probability[place]),
                    judged.passages[place],
                )
                for place in kept
            }
            matches += to_found(numbers[kept].tolist(), list(verdicts.values()))
            if self._memory:
                for place, (i, j) in enumerate(pairs[numbers].tolist()):
                    verdict = verdicts.get(place) or Verdict(keys[i], keys[j], None, 0.0)
                    new[corpus.ids[i], corpus.ids[j]] = verdict
        if self._memory and new:
            self._memory.verdicts.keep(new)
        return sorted(matches, key=lambda match: (match.a, match.b))

    def _judge_batches(
        self, pairs: NDArray[np.int64], wanted: NDArray[np.int64], overlaps: Overlaps, corpus: Corpus
    ) -> Iterator[tuple[NDArray[np.int64], Judged]]:
        """Judge some of the pairs, batch by batch: their numbers, and the verdicts."""

        def of_batch(batch: NDArray[np.int64]) -> tuple[NDArray[np.int64], Judged]:
            longer = np.where(sizes[pairs[batch, 0]] > sizes[pairs[batch, 1]], pairs[batch, 0], pairs[batch, 1])
            batch = batch[np.argsort(longer, kind="stable")]  # a long text is read once for all its pairs
            rows, places = np.unique(pairs[batch], return_inverse=True)
            return batch, self._judge_texts(corpus.marked(rows), places.reshape(-1, 2), overlaps.keep(batch))

        sizes = np.diff(corpus.sketches.offsets)
        n_done = 0
        self._progress("verifying", 0, len(wanted))
        order = wanted[order_by_block(pairs[wanted], sizes)]
        batches = np.array_split(order, len(order) // _PAIRS_JUDGED_AT_ONCE + 1)
        with ThreadPoolExecutor(self._n_threads) as pool:
            for batch, judged in pool.map(of_batch, batches):
                yield batch, judged
                n_done += len(batch)
                self._progress("verifying", n_done, len(wanted))

    def _verdict_keys(self, corpus: Corpus, memory: Memory) -> list[int]:
        set_ = self.settings
        made_with = {
            "program": memory.made_by,
            "sketch": self.made_with,
            "threshold": set_.threshold,
            "passage_words": set_.passage_words,
            "passage_gap_words": set_.passage_gap_words,
            "excerpt_passage_words": set_.excerpt_passage_words,
            "rewritten_probability": set_.rewritten_probability,
        }
        return verdict_keys(
            [article.text for article in corpus.articles.values()],
            corpus.sketches,
            corpus.compared,
            made_with=json.dumps(made_with, sort_keys=True),
        )

    def _judge_texts(self, marked: MarkedWords, pairs: NDArray[np.int64], overlaps: Overlaps) -> Judged:
        """Judge pairs of texts: by the share of shingles first, else by passages and what survives rewriting."""
        set_ = self.settings
        runs = find_runs(marked, pairs, passage_words=set_.passage_words, passage_gap_words=set_.passage_gap_words)
        evidence = gather(marked, pairs, runs)
        verdicts = judge(
            evidence,
            threshold=set_.threshold,
            excerpt_passage_words=set_.excerpt_passage_words,
            rewritten_probability=set_.rewritten_probability,
        )
        is_found = are_matches(overlaps, threshold=set_.threshold)
        is_same = are_same(marked, pairs)
        kinds: list[MatchKind | None] = [
            kind_of(jaccard, is_same=same, threshold=set_.threshold)
            if found
            else "excerpt"
            if is_excerpt
            else "rewritten"
            if is_rewritten
            else None
            for found, same, jaccard, is_excerpt, is_rewritten in zip(
                is_found.tolist(),
                is_same.tolist(),
                overlaps.jaccard.tolist(),
                verdicts.is_excerpt.tolist(),
                verdicts.is_rewritten.tolist(),
                strict=True,
            )
        ]
        return Judged(
            kinds,
            np.where(is_found, 1.0, verdicts.probability),
            evidence.longest,
            to_passages(runs, marked, pairs),
            np.diff(marked.offsets)[pairs],
        )

    def _tell_relations(self, matches: Sequence[Match], corpus: Corpus) -> list[Match]:
        def of_batch(batch: Sequence[Match]) -> list[Match]:
            ids = sorted({article_id for match in batch for article_id in (match.a, match.b)})
            pairs = [[bisect_left(ids, match.a), bisect_left(ids, match.b)] for match in batch]
            relations = tell_relations(
                corpus.told(ids),
                np.array(pairs, dtype=np.int64).reshape(-1, 2),
                [match.kind for match in batch],
                shingle_words=self.settings.shingle_words,
            )
            return [
                match if match.relation == relation else replace(match, relation=relation)
                for match, (relation, _) in zip(batch, relations, strict=True)
            ]

        batches = [
            matches[first : first + _PAIRS_TOLD_AT_ONCE] for first in range(0, len(matches), _PAIRS_TOLD_AT_ONCE)
        ]
        with ThreadPoolExecutor(self._n_threads) as pool:
            return [match for batch in pool.map(of_batch, batches) for match in batch]

    def _with_translated(self, articles: Mapping[str, Article], matches: list[Match]) -> list[Match]:
        """Add the copies across languages, if they are asked for."""
        if not self.settings.translated:
            return matches
        return sorted([*matches, *self._find_translated(articles, matches)], key=lambda match: (match.a, match.b))

    def _find_translated(
        self, articles: Mapping[str, Article], matches: Collection[Match], *, only: str | None = None
    ) -> list[Match]:
        """Find the copies across languages, of all articles or of one, that are no matches already."""
        known = {(match.a, match.b) for match in matches}
        return self._search_translated(list(articles.values()), lambda a, b: (a, b) in known, only=only)

    def _search_translated(
        self, articles: Sequence[Article], is_known: Callable[[str, str], bool], *, only: str | None = None
    ) -> list[Match]:
        from dedup import translated  # its packages are loaded only where it is switched on

        return list(
            translated.find_translated(articles, self._ways(), only=only, is_known=is_known, progress=self._progress)
        )

    def _ways(self) -> Ways:
        """How articles are compared across languages."""
        from dedup import translated

        set_, encoder = self.settings, self._encoder or translated.MultilingualUse()
        if self._vectors is None:
            self._vectors = translated.RecentVectors()
        return translated.Ways(
            encoder=encoder,
            calibration=translated.load_calibration(encoder.name, getattr(encoder, "calibration", None)),
            anchors_calibration=translated.load_calibration(translated.ANCHORS_ALONE),
            vectors=self._vectors,
            window_days=set_.window_days,
            per_article=set_.translated_candidates,
            max_sentences=set_.translated_sentences,
            repeated_articles=set_.boilerplate_articles,
        )


class Judged(NamedTuple):
    """The verdicts on some pairs, None for no match, and what speaks for them."""

    kinds: list[MatchKind | None]
    probability: NDArray[np.float64]
    longest: NDArray[np.float64]
    passages: list[tuple[Passage, ...]]
    n_words: NDArray[np.int64]


def load_lsh(index: Index, lsh: MinHashLSH) -> int:
    """Insert the signatures of all articles into a datasketch LSH index, by article id.

    Only datasketch's insertion session is used, so that every storage it has will do, Redis among them.

    Parameters
    ----------
    index : Index
        Its settings' ``num_perm`` must be that of `lsh`.
    lsh : datasketch.MinHashLSH
        Articles that it holds already are a `ValueError` of datasketch's.

    Returns
    -------
    int
        How many were inserted.

    Raises
    ------
    SettingsError
        `lsh` was made for another number of positions.

    Examples
    --------
    >>> from datasketch import MinHashLSH
    >>> index, lsh = Index(), MinHashLSH(threshold=0.5, num_perm=128)
    >>> index.add(["one two three four five six seven"])
    1
    >>> load_lsh(index, lsh), lsh.query(index.minhash("0"))
    (1, ['0'])
    """
    if lsh.h != index.settings.num_perm:
        raise SettingsError(f"num_perm is {index.settings.num_perm}; the LSH index takes {lsh.h}")
    with lsh.insertion_session() as session:
        for article in index.articles():
            session.insert(article.id, index.minhash(article.id))
    return len(index)
