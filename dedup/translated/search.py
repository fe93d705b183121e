"""One search through some articles: parts in one language -> candidates -> alignments."""

from __future__ import annotations

import tomllib
from collections import OrderedDict
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from heapq import heapify, heappop, heappush
from importlib.resources import files
from itertools import combinations, permutations
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from dedup.kernels.components import find_components
from dedup.model import Article
from dedup.translated.anchors import Anchors, find_anchors
from dedup.translated.blocking import (
    Keyed,
    Sampled,
    When,
    pack,
    propose_by_names,
    propose_by_vectors,
    score_by_vectors,
)
from dedup.translated.decide import CLOSER, HINTS, Calibration, Judge
from dedup.translated.encoders import Encoder
from dedup.translated.evidence import FEATURES, Alignment, Reading, align, read, weigh
from dedup.translated.languages import script_of, tell_languages, tell_mixed
from dedup.translated.sentences import extent, split_sentences

Vectors = MutableMapping[str, NDArray[np.float16]]  # sentence vectors by a key of what was embedded, and by what

_NUMBERS_DIFFER = frozenset(["zh", "ja", "ko", "ar", "fa", "ur"])  # write large numbers in other units
MIN_SENTENCES = 3  # a text with fewer proves nothing, nor do fewer that align
_SAMPLED = 8  # sentences that stand for an article where it is paired by vector
_MOST_FOR_ONE = 100  # others sampled for an article whose language is that of few
_LIKE_FRAME = 0.52  # cosine with a sentence of data/frames.toml; of 2,000 sentences of plain news none reaches 0.45
FRAMED = 0.26  # mean of that over aligned sentences; of true pairs with four or more, one in 2,000 reaches 0.25
_ALONE = 8.0  # times the least hopeful probability: what is below it is looked at where that costs no embedding
_FAR_APART = 0.35  # cosine of the closest two sentences below which their neighbours are not looked at
_NEAR = 3  # sentences after (before) it in which a neighbour is looked for: an evenly cut copy has every third
_CLOSE = 0.4  # cosine from which a sampled sentence speaks for its surroundings
_VETO_NUMBERS, _VETO_SHARE = 4, 0.34  # numbers on aligned sentences of either side, and their share that agrees
_VETO_SPANNED, _VETO_LACKING = 3, 0.7  # numbers that the runs span, and the share that the other text never has
_KEPT_BYTES = 200_000_000  # of vectors that are held in memory; what is needed again is made again
_SENTENCES_PER_S = 400  # embedded on one core: for the announcement only


@dataclass(frozen=True, slots=True)
class Part:
    """An article, or the part of it that is in one language.

    Parameters
    ----------
    row : int
        Its article.
    start, end : int
        Characters of the article's text.
    language : str
        ISO 639 code.
    time : float
        When it was published, in seconds; NaN where that is unknown.
    anchors : Anchors
        Its names and numbers, as characters from `start`.
    """

    row: int
    start: int
    end: int
    language: str
    time: float
    anchors: Anchors


class Place(NamedTuple):
    """Where the sentences and anchors of a part stand: characters from `start`."""

    row: int
    start: int
    bounds: NDArray[np.int64]
    anchors: Anchors


class RecentVectors(OrderedDict[str, "NDArray[np.float16]"]):
    """Vectors for the life of an index: those used last, up to 200 MB; what is needed again is made again."""

    def __init__(self) -> None:
        super().__init__()
        self._n_bytes = 0

    def __setitem__(self, key: str, vectors: NDArray[np.float16]) -> None:
        if key not in self:
            self._n_bytes += vectors.nbytes
        super().__setitem__(key, vectors)
        while self._n_bytes > _KEPT_BYTES and len(self) > 2:
            self._n_bytes -= self.popitem(last=False)[1].nbytes


class Candidates(NamedTuple):
    """Pairs of parts that may be one text.

    Parameters
    ----------
    pairs : int64[n, 2]
        The smaller first; sorted.
    hints : float64[n, n_hints]
        As `HINTS` names them.
    """

    pairs: NDArray[np.int64]
    hints: NDArray[np.float64]


class Found(NamedTuple):
    """Two parts that align; `a` is of the article that comes first."""

    a: Place
    b: Place
    alignment: Alignment
    probability: float
    is_match: bool
    covered: tuple[float, float]


class _Texts(Sequence[str]):
    """The texts of articles, which may lie on disk."""

    def __init__(self, articles: Sequence[Article]) -> None:
        self._articles = articles

    def __len__(self) -> int:
        return len(self._articles)

    def __getitem__(self, row):  # type: ignore[no-untyped-def]
        return self._articles[row].text


class Search:
    """What is read of each article, once, and what has been embedded.

    The parameters are those of `find_translated`.
    """

    def __init__(
        self,
        articles: Sequence[Article],
        *,
        encoder: Encoder,
        calibration: Calibration,
        anchors_calibration: Calibration,
        vectors: Vectors,
        max_sentences: int,
        repeated_articles: int,
        only: str | None = None,
        progress: Callable[[str, int, int], None],
    ) -> None:
        self.articles = articles
        self.encoder = encoder
        self.parts: list[Part] = []
        self.n_embedded = 0  # sentences
        self._calibration = calibration
        self._anchors_calibration = anchors_calibration
        self._vectors = vectors
        self._max_sentences = max_sentences
        self._repeated_articles = repeated_articles
        self._only = {article.id: row for row, article in enumerate(articles)}[only] if only is not None else None
        self._progress = progress
        self._bounds: list[NDArray[np.int64]] = []
        self._readings: dict[int, Reading] = {}
        self._kept: OrderedDict[int, NDArray[np.float32]] = OrderedDict()
        self._kept_bytes = 0

    # -- articles -> parts

    def read_parts(self, *, window_days: float) -> None:
        """Tell the language of every article; read the anchors of those with one in another language beside them."""
        languages = tell_languages(
            _Texts(self.articles),
            progress=lambda done, total: self._progress("telling languages", done, total),
        )
        times = np.array([a.published.timestamp() if a.published else np.nan for a in self.articles])
        rows = _have_foreign_company(languages, times, window_s=window_days * 86_400)
        for done, row in enumerate(rows.tolist(), start=1):
            text = self.articles[row].text
            for start, end, language in tell_mixed(text, languages[row]):
                if language:
                    anchors = find_anchors(text[start:end])
                    self.parts.append(Part(row, start, end, language, float(times[row]), anchors))
            if done % 1000 == 0 or done == len(rows):
                self._progress("reading names", done, len(rows))
        if self._only is not None:
            told = {part.language for part in self.parts if part.row == self._only}
            self.parts = [part for part in self.parts if part.row == self._only or told != {part.language}]

    # -- parts -> candidates

    def candidates(self, *, window_days: float, per_article: int) -> Candidates:
        """Propose pairs of parts, with what speaks for each."""
        self.read_parts(window_days=window_days)
        names = sorted({part.language for part in self.parts})
        if len(names) < 2:
            return Candidates(np.empty((0, 2), dtype=np.int64), np.empty((0, len(HINTS))))
        self._read_sentences()
        groups = np.array([names.index(part.language) for part in self.parts], dtype=np.int64)
        when = When(groups, np.array([part.time for part in self.parts]), window_days * 86_400)
        sampled = self._sample(when)
        also = propose_by_vectors(sampled, when, per_article=per_article)
        pairs, by_names = propose_by_names(self._keyed(), when, per_article=per_article, also=also)
        n_sentences = np.array([len(bounds) for bounds in self._bounds])
        hints = np.hstack([by_names, score_by_vectors(sampled, pairs), self._sizes(pairs, n_sentences)])
        rows = self.rows_of(pairs)
        possible = (n_sentences[pairs].min(axis=1) >= MIN_SENTENCES) & (rows[:, 0] != rows[:, 1])
        if self._only is not None:
            possible &= (rows == self._only).any(axis=1)
        return Candidates(pairs[possible], hints[possible])

    def _sizes(self, pairs: NDArray[np.int64], n_sentences: NDArray[np.int64]) -> NDArray[np.float64]:
        """Tell how long the parts of each pair are: sentences of the shorter and of the longer one, names of both."""
        n_anchors = np.array([len(part.anchors.keys) for part in self.parts])
        lengths = np.log(np.maximum(1, np.sort(n_sentences[pairs], axis=1)))
        return np.column_stack([lengths, np.log1p(n_anchors[pairs]).sum(axis=1)])

    def all_pairs(self, *, window_days: float) -> NDArray[np.int64]:
        """Give every pair of parts in two languages and of two articles, whatever speaks for it; int64[n, 2]."""
        self.read_parts(window_days=window_days)
        self._read_sentences()
        return np.array(
            [
                (i, j)
                for (i, a), (j, b) in combinations(enumerate(self.parts), 2)
                if a.row != b.row
                and a.language != b.language
                and min(len(self._bounds[i]), len(self._bounds[j])) >= MIN_SENTENCES
            ],
            dtype=np.int64,
        ).reshape(-1, 2)

    def rows_of(self, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give the articles of pairs of parts; int64[n, 2]."""
        rows: NDArray[np.int64] = np.array([part.row for part in self.parts], dtype=np.int64)[pairs]
        return rows

    def _keyed(self) -> Keyed:
        """Put the anchors of all parts in one place."""
        keys = np.concatenate([part.anchors.keys for part in self.parts])
        offsets = np.zeros(len(self.parts) + 1, dtype=np.int64)
        np.cumsum([len(part.anchors.keys) for part in self.parts], out=offsets[1:])
        places = [
            (part.anchors.starts * (extent(text) / max(1, len(text)))).astype(np.int64)
            for part, text in zip(self.parts, map(self._text, range(len(self.parts))), strict=True)
        ]
        return Keyed(keys, np.concatenate(places), weigh(keys), offsets)

    def _sample(self, when: When) -> Sampled:
        """Embed a few sentences of each part that may be compared by meaning."""
        used = self._worth_sampling(when)
        self._announce(_SAMPLED * len(used), len(used))

        def embedded() -> Iterator[NDArray[np.float16]]:
            for done, part in enumerate(used, start=1):
                yield self._embed_sample(part)
                self._progress("embedding samples", done, len(used))

        return pack(np.array(used, dtype=np.int64), embedded())

    def _worth_sampling(self, when: When) -> list[int]:
        """Give the parts in languages that the encoder knows, with one in another of them in their window.

        Where one language has few parts, of the others only those are given that share most anchors with one of them.
        """
        known = np.array([self._is_known(part) and len(self._bounds[part]) > 0 for part in range(len(self.parts))])
        groups = np.unique(when.groups[known]).tolist()
        rows_of = {group: np.flatnonzero(known & (when.groups == group)) for group in groups}
        found: set[int] = set()
        for group, other in permutations(groups, 2):
            mine, others = rows_of[group], rows_of[other]
            if self._only is not None:
                is_it = np.array([part.row == self._only for part in self.parts])
                mine, others = (mine, others[is_it[others]]) if is_it[others].any() else (mine[is_it[mine]], others)
            if not len(mine) or not len(others):
                continue
            mine = mine[_are_near(when.times[mine], when.times[others], window_s=when.window_s)]
            if len(mine) > _MOST_FOR_ONE * len(others):
                mine = self._share_anchors(mine, others)
            found.update(mine.tolist())
        return sorted(found)

    def _share_anchors(self, mine: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.int64]:
        """Keep those that share most names and numbers with one of a few others."""
        keys = np.concatenate([np.unique(self.parts[part].anchors.keys) for part in mine.tolist()])
        sizes = [len(np.unique(self.parts[part].anchors.keys)) for part in mine.tolist()]
        owners = np.repeat(np.arange(len(mine)), sizes)
        kept = np.zeros(len(mine), dtype=np.bool_)
        for other in others.tolist():
            is_shared = np.isin(keys, self.parts[other].anchors.keys)
            n_shared = np.bincount(owners[is_shared], minlength=len(mine))
            most = np.argsort(-n_shared, kind="stable")[:_MOST_FOR_ONE]
            kept[most[n_shared[most] > 0]] = True
        return mine[kept]

    def _announce(self, n_sentences: int, n_parts: int) -> None:
        seconds = round(n_sentences / _SENTENCES_PER_S)
        self._progress(f"comparing languages: about {seconds} s for articles to embed", 0, n_parts)

    # -- candidates -> alignments

    def compare(self, pairs: NDArray[np.int64]) -> Iterator[Found]:
        """Align pairs of parts, which must have been cropped; those that align at all, in no order that matters."""
        component = find_components(len(self.parts), pairs)
        order = np.lexsort((pairs[:, 1], pairs[:, 0], component[pairs[:, 0]]))
        used = sorted({part for pair in pairs.tolist() if self.judge_of(*pair).sentences is not None for part in pair})
        self._announce(sum(len(self._readings[part].bounds) for part in used), len(used))
        for done, at in enumerate(order.tolist(), start=1):
            yield from self._compare(*pairs[at].tolist())
            self._progress("aligning", done, len(order))

    def hopeful(self, candidates: Candidates) -> Candidates:
        """Keep the pairs of which one part is worth embedding, or that are worth aligning by anchors."""
        was_sampled = candidates.hints[:, HINTS.index("mean")] >= -0.999
        is_hopeful = np.where(
            was_sampled,
            self._calibration.is_hopeful(candidates.hints),
            self._anchors_calibration.is_hopeful(candidates.hints),
        )
        return Candidates(candidates.pairs[is_hopeful], candidates.hints[is_hopeful])

    def close(self, candidates: Candidates) -> NDArray[np.int64]:
        """Keep the pairs that are worth aligning, now that of each one part is embedded."""
        self.crop(candidates.pairs)
        was_sampled = candidates.hints[:, HINTS.index("mean")] >= -0.999
        kept = self._are_worth_it(candidates.pairs)
        pairs, hints = candidates.pairs[was_sampled], candidates.hints[was_sampled]
        chosen = self._choose(pairs[self._calibration.hints.probabilities(hints) >= _ALONE * self._calibration.hopeful])
        is_seen = np.asarray(chosen[pairs].any(axis=1), dtype=np.bool_)
        is_close = is_seen.copy()
        is_close[is_seen] = self._calibration.is_close(self.look_closer(pairs[is_seen], hints[is_seen], chosen))
        kept[was_sampled] = is_close
        return candidates.pairs[kept]

    def _choose(self, pairs: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Choose which parts are embedded in full: one of each pair, as few sentences as will do."""
        return _cover(pairs, np.array([len(bounds) for bounds in self._bounds]))

    def _are_worth_it(self, pairs: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell which pairs are worth embedding: of languages that the encoder lacks, those that align by anchors."""
        by_anchors, lacking = self._anchors_calibration, self._calibration.lacking
        found = np.ones(len(pairs), dtype=np.bool_)
        asked = [at for at, pair in enumerate(pairs.tolist()) if self.judge_of(*pair) is lacking]
        for done, at in enumerate(asked, start=1):
            a, b = pairs[at].tolist()
            alignment = self.align(a, b, by_anchors)
            found[at] = by_anchors.judge(alignment).probability >= self._calibration.worth
            self._progress("comparing names", done, len(asked))
        return found

    def look_closer(
        self, pairs: NDArray[np.int64], hints: NDArray[np.float64], chosen: NDArray[np.bool_] | None = None
    ) -> NDArray[np.float64]:
        """Embed one part of each pair in full, and compare it with the sample of the other; `CLOSER` of each pair.

        `chosen` tells which parts; default: as few as will do.
        """
        chosen = self._choose(pairs) if chosen is None else chosen
        embedded = chosen[pairs]
        order = np.lexsort((pairs[:, 1], pairs[:, 0], np.where(embedded[:, 0], pairs[:, 0], pairs[:, 1])))
        self._announce(
            sum(len(self._readings[part].bounds) for part in np.flatnonzero(chosen).tolist()), int(chosen.sum())
        )
        met = np.zeros((len(pairs), len(CLOSER) - len(HINTS)))
        for done, at in enumerate(order.tolist(), start=1):
            a, b = pairs[at].tolist()
            met[at] = self._meet(b, a) if embedded[at, 0] else self._meet(a, b)
            self._progress("looking closer", done, len(order))
        return np.hstack([hints, met])

    def _meet(self, sampled: int, whole: int) -> tuple[float, float, float]:
        """Compare the sample of a part with all sentences of another; then the neighbours of those that are closest."""
        ours, theirs = self._embed_sample(sampled).astype(np.float32), self._embed(whole)
        cosines: NDArray[np.float32] = ours @ theirs.T
        cosines[self._framed(ours) >= _LIKE_FRAME] = -1
        cosines[:, self._framed(theirs) >= _LIKE_FRAME] = -1
        row, column = (int(at) for at in np.unravel_index(int(np.argmax(cosines)), cosines.shape))
        others = np.delete(np.delete(cosines, row, axis=0), column, axis=1)
        first, second = float(cosines[row, column]), float(others.max()) if others.size else -1.0
        place = int(self._sampled_places(sampled)[row])
        sides = [(side, place + side) for side in (-1, 1) if 0 <= place + side < len(self._bounds[sampled])]
        if first < _FAR_APART or not sides:
            return first, second, -1.0
        beside = -1.0
        vectors = self._encode(sampled, self._bounds[sampled][[at for _, at in sides]]).astype(np.float32)
        for (side, _), vector in zip(sides, vectors, strict=True):
            near = theirs[column + 1 : column + 1 + _NEAR] if side > 0 else theirs[max(0, column - _NEAR) : column]
            if len(near):
                beside = max(beside, float((near @ vector).max()))
        return first, second, beside

    def judge_of(self, a: int, b: int) -> Judge:
        """Give what judges two parts: by meaning, by what an encoder knows of other languages, or by anchors."""
        if self._is_known(a) and self._is_known(b):
            return self._calibration
        can_read = all(script_of(self.parts[part].language) in self._scripts for part in (a, b))
        return (self._calibration.lacking if can_read else None) or self._anchors_calibration

    @cached_property
    def _scripts(self) -> frozenset[str]:
        """The scripts that the encoder has seen; what is written in others it takes apart into single letters."""
        return frozenset(map(script_of, self.encoder.languages))

    def align(self, a: int, b: int, judge: Judge) -> Alignment:
        """Align two parts as a judge wants it: by the vectors of their sentences, or by their anchors alone."""
        cosines = framed = None
        if judge.sentences is not None:
            framed = self._framed(self._embed(a)), self._framed(self._embed(b))
            cosines = self._cosines(a, b, framed)
        return align(
            self._readings[a],
            self._readings[b],
            cosines,
            floor=judge.floor,
            anchor_bonus=judge.anchor_bonus,
            skip_cost=judge.skip_cost,
            min_run=judge.min_run,
            framed=framed,
        )

    def _compare(self, a: int, b: int) -> Iterator[Found]:
        judge = self.judge_of(a, b)
        alignment = self.align(a, b, judge)
        if not len(alignment.pairs):
            return
        probability, is_match = judge.judge(alignment)
        is_match &= len(alignment.pairs) >= MIN_SENTENCES and alignment.framed < FRAMED
        is_match &= not self._is_template(a, b, alignment)
        first, second = self._place(a), self._place(b)
        covered = _covered(self._readings[a], self._readings[b], alignment, self.parts[a], self.parts[b])
        if first.row > second.row:
            first, second, covered = second, first, covered[::-1]
            alignment = alignment._replace(pairs=np.ascontiguousarray(alignment.pairs[:, [0, 2, 1]]))
        yield Found(first, second, alignment, probability, is_match, covered)

    def _cosines(self, a: int, b: int, framed: tuple[NDArray[np.float32], NDArray[np.float32]]) -> NDArray[np.float32]:
        """Compare all sentences of two parts; what a page's frame says is like nothing."""
        cosines: NDArray[np.float32] = self._embed(a) @ self._embed(b).T
        cosines[framed[0] >= _LIKE_FRAME] = 0
        cosines[:, framed[1] >= _LIKE_FRAME] = 0
        return cosines

    def _framed(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Tell how much sentences are like what pages say around articles: appeals, notices, invitations."""
        likeness: NDArray[np.float32] = (vectors @ self._frames.T).max(axis=1)
        return likeness

    @cached_property
    def _frames(self) -> NDArray[np.float32]:
        text = (files("dedup") / "data" / "frames.toml").read_text(encoding="utf-8")
        return self._vectors_of(tomllib.loads(text)["sentences"]).astype(np.float32)

    def _is_template(self, a: int, b: int, alignment: Alignment) -> bool:
        """Veto: many numbers on aligned sentences, or between the ends of the runs, few of them the same."""
        if not _NUMBERS_DIFFER.isdisjoint({self.parts[a].language, self.parts[b].language}):
            return False
        named = dict(zip(FEATURES, alignment.features.tolist(), strict=True))
        differ = named["n_numbers"] >= np.log1p(_VETO_NUMBERS) and named["numbers"] < _VETO_SHARE
        lacking = alignment.n_spanned >= _VETO_SPANNED and named["lacking_less"] >= _VETO_LACKING
        return bool(differ or lacking)

    def _is_known(self, part: int) -> bool:
        return self.parts[part].language in self.encoder.languages

    def _place(self, part: int) -> Place:
        return Place(
            self.parts[part].row, self.parts[part].start, self._readings[part].bounds, self.parts[part].anchors
        )

    # -- sentences

    def _read_sentences(self) -> None:
        """Cut all parts into sentences, without those that their source prints again and again."""
        self._bounds = [split_sentences(self._text(part)) for part in range(len(self.parts))]
        sources = [self.articles[part.row].source for part in self.parts]
        numbers = {source: number for number, source in enumerate(sorted(set(sources)))}
        keys = [
            self._sentence_keys(part, numbers[source]) if source else np.empty(0, dtype=np.int64)
            for part, source in enumerate(sources)
        ]
        once_each = [np.empty(0, dtype=np.int64), *(np.unique(of_part) for of_part in keys)]
        unique, n_carriers = np.unique(np.concatenate(once_each), return_counts=True)
        repeated = unique[n_carriers >= self._repeated_articles]
        if len(repeated):
            for part, of_part in enumerate(keys):
                if len(of_part):
                    self._bounds[part] = self._bounds[part][~np.isin(of_part, repeated)]

    def _sentence_keys(self, part: int, source: int) -> NDArray[np.int64]:
        text = self._text(part)
        sums = [crc32(text[start:end].encode("utf-8", "surrogatepass")) for start, end in self._bounds[part].tolist()]
        return np.array(sums, dtype=np.int64) + (source << 32)

    def _text(self, part: int) -> str:
        of = self.parts[part]
        return self.articles[of.row].text[of.start : of.end]

    def crop(self, pairs: NDArray[np.int64]) -> None:
        """Read the parts of some pairs; of a long one, the stretch that has most in common with the others."""
        self._kept.clear()
        self._kept_bytes = 0
        for part in np.unique(pairs).tolist():
            self._readings[part] = read(self._text(part), self._bounds[part], self.parts[part].anchors)
        partners: dict[int, list[int]] = {}
        for a, b in pairs.tolist():
            partners.setdefault(a, []).append(b)
            partners.setdefault(b, []).append(a)
        cropped = {}
        for part, others in sorted(partners.items()):
            reading = self._readings[part]
            n = len(reading.bounds)
            if n > self._max_sentences:
                worth = self._worth_of_sentences(part, others)
                sums = np.convolve(worth, np.ones(self._max_sentences), mode="valid")
                first = int(np.argmax(sums))
                bounds = reading.bounds[first : first + self._max_sentences]
                cropped[part] = read(self._text(part), bounds, self.parts[part].anchors)
        self._readings |= cropped

    def _worth_of_sentences(self, part: int, others: Sequence[int]) -> NDArray[np.float64]:
        """Tell how much each sentence of a part has in common with others: anchors, and sampled vectors."""
        reading = self._readings[part]
        shared = np.isin(reading.keys, np.concatenate([self._readings[other].keys for other in others]))
        worth = np.zeros(len(reading.bounds))
        np.add.at(worth, reading.sentences[shared], reading.weights[shared])
        for other in others:
            if self._is_known(part) and self._is_known(other):
                ours, theirs = self._embed_sample(part), self._embed_sample(other)
                closest = (ours.astype(np.float32) @ theirs.astype(np.float32).T).max(axis=1)
                worth[self._sampled_places(part)] += 2 * np.maximum(0, closest - _CLOSE)
        return worth

    # -- vectors

    def _sampled_places(self, part: int) -> NDArray[np.int64]:
        n = len(self._bounds[part])
        return np.unique(np.linspace(0, n - 1, min(_SAMPLED, n)).round().astype(np.int64))

    def _embed_sample(self, part: int) -> NDArray[np.float16]:
        return self._encode(part, self._bounds[part][self._sampled_places(part)])

    def _embed(self, part: int) -> NDArray[np.float32]:
        if part in self._kept:
            self._kept.move_to_end(part)
            return self._kept[part]
        bounds = self._readings[part].bounds
        sampled = self._bounds[part][self._sampled_places(part)]
        is_sampled = np.isin(bounds[:, 0], sampled[:, 0])
        of_sample = self._encode(part, sampled)
        vectors = np.empty((len(bounds), of_sample.shape[1]), dtype=np.float32)
        vectors[is_sampled] = of_sample[np.isin(sampled[:, 0], bounds[:, 0])]
        if not is_sampled.all():
            vectors[~is_sampled] = self._encode(part, bounds[~is_sampled])
        self._kept[part] = vectors
        self._kept_bytes += vectors.nbytes
        while self._kept_bytes > _KEPT_BYTES and len(self._kept) > 2:
            self._kept_bytes -= self._kept.popitem(last=False)[1].nbytes
        return vectors

    def _encode(self, part: int, bounds: NDArray[np.int64]) -> NDArray[np.float16]:
        """Embed some sentences of one part in one go, unless that was done before: the same input, the same bits."""
        text = self._text(part)
        return self._vectors_of([text[start:end] for start, end in bounds.tolist()])

    def _vectors_of(self, sentences: list[str]) -> NDArray[np.float16]:
        key = blake2b("\x00".join([self.encoder.name, *sentences]).encode("utf-8", "surrogatepass"), digest_size=16)
        stored = self._vectors.get(key.hexdigest())
        if stored is None:
            self.n_embedded += len(sentences)
            safe = [sentence.encode("utf-8", "replace").decode() for sentence in sentences]
            stored = self.encoder.encode(safe).astype(np.float16)
            self._vectors[key.hexdigest()] = stored
        return stored


def _cover(pairs: NDArray[np.int64], costs: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Choose parts so that each pair has one of them: again and again the one that covers most pairs for its cost."""
    partners: dict[int, set[int]] = {}
    for a, b in pairs.tolist():
        partners.setdefault(a, set()).add(b)
        partners.setdefault(b, set()).add(a)
    chosen = np.zeros(len(costs), dtype=np.bool_)
    queue = [(-len(others) / int(costs[part]), part) for part, others in partners.items()]
    heapify(queue)
    while queue:
        worth, part = heappop(queue)
        others = partners[part]
        now = -len(others) / int(costs[part])
        if not others:
            continue
        if now > worth:  # some of its pairs were covered since
            heappush(queue, (now, part))
            continue
        chosen[part] = True
        for other in others:
            partners[other].discard(part)
        partners[part] = set()
    return chosen


def _covered(a: Reading, b: Reading, alignment: Alignment, part_a: Part, part_b: Part) -> tuple[float, float]:
    """Give the share of each part's letters that is aligned."""
    _, i, j = alignment.pairs.T
    lengths_a, lengths_b = np.diff(a.bounds, axis=1).ravel(), np.diff(b.bounds, axis=1).ravel()
    return (
        min(1.0, round(float(lengths_a[i].sum()) / max(1, part_a.end - part_a.start), 4)),
        min(1.0, round(float(lengths_b[j].sum()) / max(1, part_b.end - part_b.start), 4)),
    )


def _have_foreign_company(
    languages: Sequence[str], times: NDArray[np.float64], *, window_s: float
) -> NDArray[np.int64]:
    """Give the rows that have an article in another language at most so long before or after them."""
    names, groups = np.unique(np.array(languages, dtype=np.str_), return_inverse=True)
    told = names[groups] != ""
    kept = np.zeros(len(groups), dtype=np.bool_)
    for group in np.unique(groups[told]).tolist():
        mine, others = np.flatnonzero(groups == group), np.flatnonzero(told & (groups != group))
        kept[mine[_are_near(times[mine], times[others], window_s=window_s)]] = True
    return np.flatnonzero(kept)


def _are_near(times: NDArray[np.float64], others: NDArray[np.float64], *, window_s: float) -> NDArray[np.bool_]:
    """Tell which times have one of the others in their window; an unknown one is near to all."""
    if not len(others):
        return np.zeros(len(times), dtype=np.bool_)
    if np.isnan(others).any():
        return np.ones(len(times), dtype=np.bool_)
    there = np.sort(others)
    low, high = np.searchsorted(there, times - window_s), np.searchsorted(there, times + window_s, side="right")
    near: NDArray[np.bool_] = np.isnan(times) | (high > low)
    return near
