"""The nouns: data only, frozen, no I/O and no algorithm.

Article -> Sketches -> Match (with Passages) -> Cluster (with its Attribution, made of Clues) -> Duplicates
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

MatchKind: TypeAlias = Literal["exact", "near", "excerpt", "rewritten", "translated"]
Relation: TypeAlias = Literal["copy", "revision", "template", "shared quote"]
TextOrigin: TypeAlias = Literal["given", "feed", "page", "excerpt"]

_EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article as one source published it.

    Parameters
    ----------
    id : str
        Unique in its corpus. From feeds: a hash of the normalised URL, so that it stays the same from night to night.
    text : str
        The body, as fetched; passages are character offsets into it.
    title : str
        Headline, plain text.
    url : str
        Where a reader finds it (the final URL, where it was fetched).
    source : str
        The publishing domain without ``www.``, or the outlet's name where only that is known; ``""`` if unknown.
        Two articles of one source are revisions of each other, never copies.
    byline : str
        Authors as printed.
    published : datetime, optional
        Aware, UTC. What the publisher says; feeds lie.
    published_raw : str
        The date as it was written, before parsing.
    first_seen : datetime, optional
        Aware, UTC. When we first saw it, by our own clock.
    language : str
        BCP 47 tag as stated by feed or page (``"de"``, ``"en-GB"``), ``""`` if unknown.
    text_origin : {"given", "feed", "page", "excerpt"}
        Where the text comes from: handed in by the caller, the feed's full text, the page, or only the feed's excerpt.
    fetched_url, final_url, canonical_url, og_url : str
        The URL asked for, the one after redirects, ``<link rel=canonical>``, ``og:url``. Four facts, never merged.
    feed_url, guid : str
        The feed that named it and the entry's id there.
    provenance : Mapping[str, str]
        Structured statements about where the text comes from, by field name: ``rss:source``, ``dc:source``,
        ``jsonld:isBasedOn``, ``meta:original-source`` ... Read by attribution.
    metadata : Mapping[str, Any]
        Every other column of the input, passed through.
    """

    id: str
    text: str
    title: str = ""
    url: str = ""
    source: str = ""
    byline: str = ""
    published: datetime | None = None
    published_raw: str = ""
    first_seen: datetime | None = None
    language: str = ""
    text_origin: TextOrigin = "given"
    fetched_url: str = ""
    final_url: str = ""
    canonical_url: str = ""
    og_url: str = ""
    feed_url: str = ""
    guid: str = ""
    provenance: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    metadata: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)


@dataclass(frozen=True, slots=True, order=True)
class Passage:
    """A stretch of text that two articles share: character offsets into the two original texts, half open.

    ``article_a.text[a_start:a_end]`` and ``article_b.text[b_start:b_end]`` are the two sides.
    """

    a_start: int
    a_end: int
    b_start: int
    b_end: int


@dataclass(frozen=True, slots=True)
class Match:
    """A verified pair: two articles that share text, how much, and where.

    Parameters
    ----------
    a, b : str
        Article ids, ``a < b``.
    kind : {"exact", "near", "excerpt", "rewritten", "translated"}
        ``exact``: the same words in the same order. ``near``: jaccard at or above the threshold. ``excerpt``: jaccard
        below it, but one article lies in the other to at least the threshold. ``rewritten``: neither does, but what
        survives rewriting tells that one text derives from the other. ``translated``: the same text in two languages.
    jaccard : float
        Shared shingles over all shingles of both, in [0, 1]. Exact, not estimated. 0 of a ``translated`` match.
    a_in_b, b_in_a : float
        Containment: the share of a's shingles found in b, and the reverse, in [0, 1]. Exact. Of a ``translated`` match:
        the share of a's letters that stand in aligned sentences.
    passages : tuple of Passage
        The shared text, sorted by place in a. Of a ``translated`` match: sentences and their translations.
    relation : {"copy", "revision", "template", "shared quote"}
        What the shared text says of the two. ``copy``: one republishes the other, or both a third. ``revision``: both
        are of one source, versions of its own article. ``template``: the same form filled in with other facts.
        ``shared quote``: both quote the same words and tell the rest each on its own. Only copies and revisions join
        a cluster.
    probability : float
        That one text derives from the other, or both from a third, in [0, 1]; calibrated. 1 where the shared share
        alone decides.
    names : tuple of Passage
        Of a ``translated`` match: the names and numbers that stand on both sides of an aligned sentence pair.
    """

    a: str
    b: str
    kind: MatchKind
    jaccard: float
    a_in_b: float
    b_in_a: float
    passages: tuple[Passage, ...] = ()
    relation: Relation = "copy"
    probability: float = 1.0
    names: tuple[Passage, ...] = ()

    @property
    def is_revision(self) -> bool:
        """Both articles are of one source: an update of one's own article, not a copy."""
        return self.relation == "revision"

    @property
    def containment(self) -> float:
        """The larger of the two containments."""
        return max(self.a_in_b, self.b_in_a)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Every number of one pair, match or not: the answer to "why is this (not) a match?".

    Parameters
    ----------
    a, b : str
        Article ids, ``a < b``.
    n_words_a, n_words_b : int
        Words of each text.
    n_shingles_a, n_shingles_b : int
        Distinct shingles of each that are compared, boilerplate left out.
    n_boilerplate_a, n_boilerplate_b : int
        Distinct shingles of each that are masked as boilerplate.
    n_shared : int
        Shingles that both hold.
    jaccard, a_in_b, b_in_a : float
        As in `Match`; exact.
    estimated_jaccard : float
        What the two signatures say; shown beside the exact number, never used for a verdict.
    n_shared_bands, n_bands : int
        Bands the signatures agree in.
    n_shared_fingerprints : int
        Fingerprints both hold.
    is_candidate : bool
        The pair is proposed by bands or fingerprints, so that `find_duplicates` would look at it.
    threshold : float
        What the larger containment must reach.
    passages : tuple of Passage
        The shared text, sorted by place in a.
    is_revision : bool
        Both are of one source.
    kind : {"exact", "near", "excerpt"} or None
        The verdict; None where the pair is no match.
    """

    a: str
    b: str
    n_words_a: int
    n_words_b: int
    n_shingles_a: int
    n_shingles_b: int
    n_boilerplate_a: int
    n_boilerplate_b: int
    n_shared: int
    jaccard: float
    a_in_b: float
    b_in_a: float
    estimated_jaccard: float
    n_shared_bands: int
    n_bands: int
    n_shared_fingerprints: int
    is_candidate: bool
    threshold: float
    passages: tuple[Passage, ...]
    is_revision: bool
    kind: MatchKind | None


@dataclass(frozen=True, slots=True)
class Clue:
    """One fact that speaks for an origin.

    Parameters
    ----------
    kind : str
        ``credit line``, ``dateline``, ``canonical``, ``structured field``, ``time``, ...
    article : str
        Id of the article it was read in.
    points_to : str
        The origin it speaks for: an article id, ``agency:dpa`` or ``outlet:blick.ch``.
    weight : float
        How strongly, in log-odds; above 0.
    where : str
        The field it was read from: ``text``, ``byline``, ``canonical_url``, ``published`` ...
    start, end : int
        Characters of that field, half open.
    quote : str
        Those characters.
    """

    kind: str
    article: str
    points_to: str
    weight: float
    where: str
    start: int = 0
    end: int = 0
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who had it first, how sure, and why.

    Parameters
    ----------
    origin : str or None
        An article id of the cluster; ``agency:...`` or ``outlet:...`` outside the corpus; ``None`` is "unknown".
    confidence : float
        In [0, 1]; 0 when the origin is unknown.
    clues : tuple of Clue
        What speaks for the origin, strongest first.
    contradictions : tuple of str
        What speaks against it, each a sentence.
    """

    origin: str | None
    confidence: float = 0.0
    clues: tuple[Clue, ...] = ()
    contradictions: tuple[str, ...] = ()


UNKNOWN = Attribution(origin=None)


@dataclass(frozen=True, slots=True)
class Cluster:
    """Articles that carry the same text.

    Parameters
    ----------
    id : str
        Stable from night to night: named after its first-seen article.
    articles : tuple of str
        Article ids, sorted; at least two.
    attribution : Attribution
        Its origin.
    is_revision : bool
        All its articles are of one source: versions of one article, republished by nobody.
    """

    id: str
    articles: tuple[str, ...]
    attribution: Attribution = UNKNOWN
    is_revision: bool = False


@dataclass(frozen=True, slots=True)
class Skip:
    """A row that was set aside, and the named reason."""

    row: int
    id: str
    reason: str
    detail: str = ""


class Words(NamedTuple):
    """The words of one text, folded and hashed, with the characters they came from.

    Parameters
    ----------
    hashes : uint64[n]
        Hash of each folded word, in reading order.
    starts, ends : int64[n]
        The characters of the original text each word came from, half open.
    """

    hashes: NDArray[np.uint64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


class Sketch(NamedTuple):
    """What is kept of one text for comparing: one row of `Sketches`."""

    shingles: NDArray[np.uint64]
    signature: NDArray[np.uint32]
    fingerprints: NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Sketches:
    """What is kept of each text for comparing; row i is the i-th text.

    Parameters
    ----------
    shingles : uint64[n]
        Distinct shingle hashes, sorted within each text.
    offsets : int64[n_texts + 1]
        Text i owns ``shingles[offsets[i]:offsets[i + 1]]``.
    signatures : uint32[n_texts, num_perm]
        MinHash, bit-identical to ``datasketch.MinHash(scheme="affine32")``.
    fingerprints : uint64[m]
        Winnowed shingle hashes, sorted and distinct within each text.
    fingerprint_offsets : int64[n_texts + 1]
        Text i owns ``fingerprints[fingerprint_offsets[i]:fingerprint_offsets[i + 1]]``.
    """

    shingles: NDArray[np.uint64]
    offsets: NDArray[np.int64]
    signatures: NDArray[np.uint32]
    fingerprints: NDArray[np.uint64]
    fingerprint_offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def row(self, i: int) -> Sketch:
        """Give the sketch of the i-th text."""
        return Sketch(
            self.shingles[self.offsets[i] : self.offsets[i + 1]],
            self.signatures[i],
            self.fingerprints[self.fingerprint_offsets[i] : self.fingerprint_offsets[i + 1]],
        )


@dataclass(frozen=True, slots=True, repr=False)
class Duplicates:
    """What was found: all that a report needs.

    Parameters
    ----------
    articles : Mapping[str, Article]
        Every article that was compared, by id, in id order.
    matches : tuple of Match
        Verified pairs, sorted by (a, b).
    clusters : tuple of Cluster
        Largest first, then by id.
    skips : tuple of Skip
        Rows set aside, in input order. ``skipped`` counts them by reason.
    """

    articles: Mapping[str, Article]
    matches: tuple[Match, ...]
    clusters: tuple[Cluster, ...]
    skips: tuple[Skip, ...] = ()

    @property
    def skipped(self) -> dict[str, int]:
        """Rows set aside, counted by named reason."""
        return dict(sorted(Counter(skip.reason for skip in self.skips).items()))

    @property
    def copies(self) -> tuple[Match, ...]:
        """The matches that republish: an update of one's own article, a template, a shared quote are no copies."""
        return tuple(match for match in self.matches if match.relation == "copy")

    def __repr__(self) -> str:
        kinds = Counter(match.kind for match in self.copies)
        parts = [
            _counted(len(self.articles), "article", "articles"),
            _counted(len(self.clusters), "cluster", "clusters"),
            _counted(len(self.copies), "copy", "copies"),
        ]
        if kinds:
            parts[-1] += " (" + ", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items())) + ")"
        if n_revisions := len(self.matches) - len(self.copies):
            parts.append(_counted(n_revisions, "revision", "revisions"))
        if self.skips:
            parts.append("skipped: " + ", ".join(f"{n} {reason}" for reason, n in self.skipped.items()))
        return f"<Duplicates: {'; '.join(parts)}>"

    # The writers live one floor up, in `report`. These methods are doors to it, imported when opened: this module stays
    # free of I/O, and `import dedup` stays quick.

    def to_html(self, path: str | PathLike[str]) -> Path:
        """Write the report as one self-contained HTML file; return its path."""
        from dedup.report import write_html

        return write_html(self, Path(path))

    def to_jsonl(self, path: str | PathLike[str]) -> Path:
        """Write one JSON object a line: every cluster, match, article and skip; return the path."""
        from dedup.report import write_jsonl

        return write_jsonl(self, Path(path))

    def to_csv(self, path: str | PathLike[str]) -> Path:
        """Write one row a match, formula injection defused; return the path."""
        from dedup.report import write_csv

        return write_csv(self, Path(path))

    def to_parquet(self, path: str | PathLike[str]) -> Path:
        """Write one row a match, as `to_csv`, typed; return the path."""
        from dedup.report import write_parquet

        return write_parquet(self, Path(path))


def _counted(n: int, one: str, many: str) -> str:
    return f"{n} {one if n == 1 else many}"
