"""One search through some articles: parts in one language -> candidates -> alignments."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.kernels.components import find_components
from dedup.model import Article
from dedup.translated.anchors import Anchors, find_anchors
from dedup.translated.blocking import closest_vectors, propose_pairs
from dedup.translated.decide import Calibration
from dedup.translated.encoders import Encoder
from dedup.translated.evidence import FEATURES, Alignment, Reading, align, read, weigh
from dedup.translated.languages import tell_language, tell_mixed
from dedup.translated.sentences import split_sentences

Vectors = MutableMapping[str, NDArray[np.float16]]  # sentence vectors by a key of what was embedded, and by what

_NAMELESS = frozenset(["zh", "ja", "ko", "th", "lo", "km", "my"])  # names cannot be found in their texts, or hardly
_NUMBERS_DIFFER = frozenset(["zh", "ja", "ko", "ar", "fa", "ur"])  # write large numbers in other units
_MIN_SENTENCES = 3  # a text with fewer proves nothing
_MOST_PER_NAMELESS = 100  # others embedded for an article whose names cannot be read, where it is one of few
_SAMPLED = 8  # sentences that stand for an article where it is paired by vector
_VETO_NUMBERS, _VETO_SHARE = 4, 0.34  # numbers on aligned sentences of either side, and their share that agrees
_HOPELESS = 0.02  # probability by anchors alone, below which a pair is not embedded
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


class Found(NamedTuple):
    """Two parts that align; `a` is of the article that comes first."""

    a: Place
    b: Place
    alignment: Alignment
    probability: float
    is_match: bool
    covered: tuple[float, float]


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
        self._progress = progress
        self._bounds: dict[int, NDArray[np.int64]] = {}
        self._readings: dict[int, Reading] = {}
        self._kept: OrderedDict[int, NDArray[np.float32]] = OrderedDict()
        self._kept_bytes = 0

    # -- articles -> parts

    def read_parts(self, *, window_days: float) -> None:
        """Tell the language of every article; read the anchors of those with one in another language beside them."""
        n = len(self.articles)
        languages = []
        for done, article in enumerate(self.articles, start=1):
            languages.append(tell_language(article.text))
            if done % 1000 == 0 or done == n:
                self._progress("telling languages", done, n)
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

    # -- parts -> candidates

    def candidates(self, *, window_days: float, per_article: int, min_share: float) -> NDArray[np.int64]:
        """Propose pairs of parts; int64[n, 2]."""
        self.read_parts(window_days=window_days)
        names = sorted({part.language for part in self.parts})
        if len(names) < 2:
            return np.empty((0, 2), dtype=np.int64)
        groups = np.array([names.index(part.language) for part in self.parts], dtype=np.int64)
        times = np.array([part.time for part in self.parts])
        keys = np.concatenate([part.anchors.keys for part in self.parts])
        offsets = np.zeros(len(self.parts) + 1, dtype=np.int64)
        np.cumsum([len(part.anchors.keys) for part in self.parts], out=offsets[1:])
        pairs = propose_pairs(
            keys,
            weigh(keys),
            offsets,
            groups,
            times,
            window_days=window_days,
            per_article=per_article,
            min_share=min_share,
        )
        return np.unique(
            np.concatenate([pairs, self._by_vector(names, groups, times, window_days, per_article)]), axis=0
        )

    def _by_vector(
        self, names: Sequence[str], groups: NDArray[np.int64], times: NDArray[np.float64], window_days: float, k: int
    ) -> NDArray[np.int64]:
        """Pair the parts in languages whose names cannot be read, by a few sentences of each."""
        known = np.array([name in self.encoder.languages for name in names])
        nameless = np.array([name in _NAMELESS for name in names]) & known
        mine = np.flatnonzero(nameless[groups])
        theirs = np.flatnonzero(known[groups])
        if not len(mine) or not known.sum() > 1:
            return np.empty((0, 2), dtype=np.int64)
        theirs = theirs[_are_near(times[theirs], times[mine], window_s=window_days * 86_400)]
        if len(theirs) > _MOST_PER_NAMELESS * len(mine):
            theirs = self._share_anchors(mine, theirs)
        used = np.union1d(mine, theirs)
        self._announce(_SAMPLED * len(used), len(used))
        means = np.zeros((len(self.parts), 1), dtype=np.float32)
        for done, part in enumerate(used.tolist(), start=1):
            vectors = self._sample(part)
            if done == 1:
                means = np.zeros((len(self.parts), vectors.shape[1]), dtype=np.float32)
            if len(vectors):
                mean = vectors.mean(axis=0)
                means[part] = mean / max(float(np.linalg.norm(mean)), 1e-12)
            self._progress("embedding samples", done, len(used))
        return closest_vectors(means, mine, theirs, groups, times, window_days=window_days, per_article=k)

    def _share_anchors(self, mine: NDArray[np.int64], theirs: NDArray[np.int64]) -> NDArray[np.int64]:
        """Keep those that share most numbers and names with one of `mine`: a stray must not embed a whole corpus."""
        sizes = [len(self.parts[part].anchors.keys) for part in theirs.tolist()]
        keys = np.concatenate([self.parts[part].anchors.keys for part in theirs.tolist()])
        owners = np.repeat(np.arange(len(theirs)), sizes)
        kept = np.zeros(len(theirs), dtype=np.bool_)
        for part in mine.tolist():
            is_shared = np.isin(keys, self.parts[part].anchors.keys)
            n_shared = np.bincount(owners[is_shared], minlength=len(theirs))
            most = np.argsort(-n_shared, kind="stable")[:_MOST_PER_NAMELESS]
            kept[most[n_shared[most] > 0]] = True
        return theirs[kept]

    def _announce(self, n_sentences: int, n_parts: int) -> None:
        seconds = round(n_sentences / _SENTENCES_PER_S)
        self._progress(f"comparing languages: about {seconds} s for articles to embed", 0, n_parts)

    # -- candidates -> alignments

    def compare(self, pairs: NDArray[np.int64]) -> Iterator[Found]:
        """Align pairs of parts; those that align at all, in no order that matters."""
        self._read_sentences(pairs)
        hopeful = [pair for pair in pairs.tolist() if self.is_hopeful(*pair)]
        hopeful_pairs = np.array(hopeful, dtype=np.int64).reshape(-1, 2)
        self._crop(hopeful_pairs)
        component = find_components(len(self.parts), hopeful_pairs)
        order = np.lexsort((hopeful_pairs[:, 1], hopeful_pairs[:, 0], component[hopeful_pairs[:, 0]]))
        used = [part for part in np.unique(hopeful_pairs).tolist() if self._is_known(part)]
        self._announce(sum(len(self._readings[part].bounds) for part in used), len(used))
        for done, at in enumerate(order.tolist(), start=1):
            yield from self._compare(*hopeful_pairs[at].tolist())
            self._progress("aligning", done, len(order))

    def is_hopeful(self, a: int, b: int) -> bool:
        """Tell whether anchors leave a chance that two parts are one text."""
        if self.parts[a].row == self.parts[b].row or self.parts[a].language == self.parts[b].language:
            return False
        if min(len(self._readings[a].bounds), len(self._readings[b].bounds)) < _MIN_SENTENCES:
            return False
        if not (self._is_known(a) and self._is_known(b)):
            return True
        if not _NAMELESS.isdisjoint({self.parts[a].language, self.parts[b].language}):
            return True
        alignment = self.align_anchors(a, b)
        return self._anchors_calibration.probability(alignment.features) >= _HOPELESS

    def _compare(self, a: int, b: int) -> Iterator[Found]:
        by_meaning = self._is_known(a) and self._is_known(b)
        calibration = self._calibration if by_meaning else self._anchors_calibration
        alignment = self.align_meaning(a, b) if by_meaning else self.align_anchors(a, b)
        if not len(alignment.pairs):
            return
        probability = calibration.probability(alignment.features)
        is_match = calibration.is_match(probability, len(alignment.pairs)) and not self._is_template(a, b, alignment)
        first, second = self._place(a), self._place(b)
        covered = _covered(self._readings[a], self._readings[b], alignment, self.parts[a], self.parts[b])
        if first.row > second.row:
            first, second, covered = second, first, covered[::-1]
            alignment = alignment._replace(pairs=np.ascontiguousarray(alignment.pairs[:, [0, 2, 1]]))
        yield Found(first, second, alignment, probability, is_match, covered)

    def align_anchors(self, a: int, b: int) -> Alignment:
        """Align two parts by their anchors alone."""
        how = self._anchors_calibration
        return _align(self._readings[a], self._readings[b], None, how)

    def align_meaning(self, a: int, b: int) -> Alignment:
        """Align two parts by the vectors of their sentences."""
        return _align(self._readings[a], self._readings[b], self._embed(a) @ self._embed(b).T, self._calibration)

    def _is_template(self, a: int, b: int, alignment: Alignment) -> bool:
        """Veto: many numbers on aligned sentences, few of them the same."""
        if not _NUMBERS_DIFFER.isdisjoint({self.parts[a].language, self.parts[b].language}):
            return False
        named = dict(zip(FEATURES, alignment.features.tolist(), strict=True))
        return bool(named["n_numbers"] >= np.log1p(_VETO_NUMBERS) and named["numbers"] < _VETO_SHARE)

    def _is_known(self, part: int) -> bool:
        return self.parts[part].language in self.encoder.languages

    def _place(self, part: int) -> Place:
        return Place(
            self.parts[part].row, self.parts[part].start, self._readings[part].bounds, self.parts[part].anchors
        )

    # -- sentences

    def _read_sentences(self, pairs: NDArray[np.int64]) -> None:
        """Cut the parts of some pairs into sentences, without those that their source prints again and again."""
        used = np.unique(pairs).tolist()
        seen: Counter[tuple[str, str]] = Counter()
        for part in used:
            source = self.articles[self.parts[part].row].source
            if source:
                text = self._text(part)
                seen.update({(source, text[start:end]) for start, end in self._sentences(part).tolist()})
        repeated = {key for key, n in seen.items() if n >= self._repeated_articles}
        for part in used:
            bounds, text = self._sentences(part), self._text(part)
            if repeated:
                source = self.articles[self.parts[part].row].source
                kept = [(source, text[start:end]) not in repeated for start, end in bounds.tolist()]
                bounds = bounds[np.array(kept, dtype=np.bool_)]
            self._readings[part] = read(text, bounds, self.parts[part].anchors)

    def _sentences(self, part: int) -> NDArray[np.int64]:
        if part not in self._bounds:
            self._bounds[part] = split_sentences(self._text(part))
        return self._bounds[part]

    def _text(self, part: int) -> str:
        of = self.parts[part]
        return self.articles[of.row].text[of.start : of.end]

    def _crop(self, pairs: NDArray[np.int64]) -> None:
        """Keep of each long part the stretch of sentences that shares most with the parts it is compared with."""
        partners: dict[int, list[int]] = {}
        for a, b in pairs.tolist():
            partners.setdefault(a, []).append(b)
            partners.setdefault(b, []).append(a)
        cropped = {}
        for part, others in sorted(partners.items()):
            reading = self._readings[part]
            n = len(reading.bounds)
            if n > self._max_sentences:
                shared = np.isin(reading.keys, np.concatenate([self._readings[other].keys for other in others]))
                worth = np.bincount(reading.sentences[shared], reading.weights[shared], minlength=n)
                sums = np.convolve(worth, np.ones(self._max_sentences), mode="valid")
                first = int(np.argmax(sums))
                bounds = reading.bounds[first : first + self._max_sentences]
                cropped[part] = read(self._text(part), bounds, self.parts[part].anchors)
        self._readings |= cropped

    # -- vectors

    def _embed(self, part: int) -> NDArray[np.float32]:
        if part in self._kept:
            self._kept.move_to_end(part)
            return self._kept[part]
        text = self._text(part)
        vectors = self._encode([text[start:end] for start, end in self._readings[part].bounds.tolist()])
        self._kept[part] = vectors
        self._kept_bytes += vectors.nbytes
        while self._kept_bytes > _KEPT_BYTES and len(self._kept) > 2:
            self._kept_bytes -= self._kept.popitem(last=False)[1].nbytes
        return vectors

    def _sample(self, part: int) -> NDArray[np.float32]:
        bounds, text = self._sentences(part), self._text(part)
        chosen = np.unique(np.linspace(0, len(bounds) - 1, min(_SAMPLED, len(bounds))).round().astype(np.int64))
        return self._encode([text[start:end] for start, end in bounds[chosen].tolist()])

    def _encode(self, sentences: list[str]) -> NDArray[np.float32]:
        """Embed the sentences of one part in one go, unless that was done before: the same input, the same bits."""
        key = blake2b("\x00".join([self.encoder.name, *sentences]).encode("utf-8", "surrogatepass"), digest_size=16)
        stored = self._vectors.get(key.hexdigest())
        if stored is None:
            self.n_embedded += len(sentences)
            safe = [sentence.encode("utf-8", "replace").decode() for sentence in sentences]
            stored = self.encoder.encode(safe).astype(np.float16)
            self._vectors[key.hexdigest()] = stored
        return stored.astype(np.float32)


def _align(a: Reading, b: Reading, cosines: NDArray[np.float32] | None, how: Calibration) -> Alignment:
    return align(
        a,
        b,
        cosines,
        floor=how.floor,
        anchor_bonus=how.anchor_bonus,
        skip_cost=how.skip_cost,
        min_run=how.min_run,
    )


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
