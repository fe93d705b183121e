"""The nouns: data only, frozen, no I/O and no algorithm.

Article -> Sketches -> Match (with Passages) -> Cluster (with its Attribution, made of Clues) -> Duplicates
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from dedup.report.notebook import SideBySide

MatchKind: TypeAlias = Literal["exact", "near", "excerpt", "rewritten", "translated"]
Relation: TypeAlias = Literal["copy", "revision", "template", "shared quote"]
Licence: TypeAlias = Literal["", "licensed", "credited", "credit missing", "unlicensed"]
Span: TypeAlias = tuple[int, int]  # characters of a text, half open
UNSIGNED = 2**32 - 1  # every position of the signature of a text without a shingle
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
        below it, but one article lies in the other to at least the threshold, or a long passage of one stands in the
        other. ``rewritten``: neither does, but what survives rewriting tells that one text derives from the other.
        ``translated``: the same text in two languages.
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

    def _repr_html_(self) -> str:
        """Show it in a notebook."""
        from dedup.report.notebook import show_match

        return show_match(self)


class Verdict(NamedTuple):
    """The verdict on one pair, as it may be kept: it holds while neither key changes.

    Parameters
    ----------
    key_a, key_b : int
        Hashes of all that the verdict depends on, on either side, in [-2**63, 2**63).
    kind : MatchKind or None
        None: no match.
    probability : float
        As in `Match`.
    passages : tuple of Passage
        As in `Match`; none where there is no match.
    """

    key_a: int
    key_b: int
    kind: MatchKind | None
    probability: float
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What tells the relation of a pair: its shared text, and the *rests*, the words around it and the headlines.

    Parameters
    ----------
    between_rests : float
        Kinship of the two rests, in [0, 1]: the weight of the words in both over that of the lighter rest. 0.2 or more
        where two newspapers write around one report, about 0.03 for strangers.
    a_to_shared, b_to_shared : float
        Kinship of each rest and the shared text, in [0, 1].
    rest_a, rest_b : float
        How much there is to judge by: the weight of each rest, about one for two rare words.
    n_numbers_agreeing : int
        Numbers in the shared text.
    n_numbers_contradicting : int
        Places in it where one text has a number and the other another one.
    quoted_a, quoted_b : float
        Share of the shared words that stand in quotation marks, in [0, 1].
    n_told_a, n_told_b : int
        Words of each rest outside quotation marks.
    reason : str
        What decided.
    """

    between_rests: float
    a_to_shared: float
    b_to_shared: float
    rest_a: float
    rest_b: float
    n_numbers_agreeing: int
    n_numbers_contradicting: int
    quoted_a: float
    quoted_b: float
    n_told_a: int
    n_told_b: int
    reason: str


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
    n_shared_triples : int
        Triples of words both hold; see `triples`.
    is_candidate : bool
        The pair is proposed by bands, fingerprints or triples, so that `find_duplicates` would look at it.
    threshold : float
        What the larger containment must reach.
    longest_passage : float
        Equal words of the longest passage, quotations left out or counted in part; see `derived`.
    probability : float
        As in `Match`.
    passages : tuple of Passage
        The shared text, sorted by place in a.
    is_revision : bool
        Both are of one publisher.
    kind : {"exact", "near", "excerpt", "rewritten", "translated"} or None
        The verdict; None where the pair is no match. Of a ``translated`` pair, ``probability``, ``passages`` and
        ``relation`` are those of the match; all other numbers are of one language.
    relation : {"copy", "revision", "template", "shared quote"}
        What the shared text says of the two; see `Match`. Of a pair that is no match: what it would say.
    evidence : Evidence
        What tells the relation.
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
    n_shared_triples: int
    is_candidate: bool
    threshold: float
    longest_passage: float
    probability: float
    passages: tuple[Passage, ...]
    is_revision: bool
    kind: MatchKind | None
    relation: Relation
    evidence: Evidence


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
    family : str
        Clues of one family tell of the same thing and are capped together: ``credit``, ``time`` ...
    counted : float
        What the clue adds to its origin's log-odds in a verdict, in [0, weight]: less than its weight where its family
        is at its cap, or another clue of the same source says the same.
    """

    kind: str
    article: str
    points_to: str
    weight: float
    where: str
    start: int = 0
    end: int = 0
    quote: str = ""
    family: str = ""
    counted: float = 0.0


@dataclass(frozen=True, slots=True)
class Alternative:
    """A runner-up: another origin that something speaks for.

    Parameters
    ----------
    origin : str
        As in `Attribution`.
    confidence : float
        In [0, 1].
    clues : tuple of Clue
        What speaks for it, strongest first.
    """

    origin: str
    confidence: float
    clues: tuple[Clue, ...] = ()


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
    alternatives : tuple of Alternative
        The runners-up, likeliest first; where the origin is unknown, whoever came closest.
    """

    origin: str | None
    confidence: float = 0.0
    clues: tuple[Clue, ...] = ()
    contradictions: tuple[str, ...] = ()
    alternatives: tuple[Alternative, ...] = ()


UNKNOWN = Attribution(origin=None)


@dataclass(frozen=True, slots=True)
class Link:
    """Who copied from whom: one step from an origin towards a reader.

    Parameters
    ----------
    copy : str
        Id of the article that copied.
    copied_from : str
        Whom it has its text from directly: an article id, ``agency:...`` or ``outlet:...``.
    confidence : float
        In [0, 1].
    is_credited : bool
        The copy names whom it has it from, or the origin of the cluster.
    licence : {"", "licensed", "credited", "credit missing", "unlicensed"}
        What the user's list of partners makes of it; ``""`` where there is no list, or it says nothing of this origin.
    """

    copy: str
    copied_from: str
    confidence: float
    is_credited: bool = False
    licence: Licence = ""


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
    links : tuple of Link
        Who copied from whom, at most one for each article, sorted by copy; without circles.
    """

    id: str
    articles: tuple[str, ...]
    attribution: Attribution = UNKNOWN
    is_revision: bool = False
    links: tuple[Link, ...] = ()

    @property
    def independent_sources(self) -> int:
        """How many tell this on their own: the roots of its links, not its outlets; 1 where nothing is known."""
        copied_from = {link.copy: link.copied_from for link in self.links}
        roots = {copied_from[copy] for copy in copied_from if copied_from[copy] not in copied_from}
        return max(1, len(roots))


@dataclass(frozen=True, slots=True)
class Alone:
    """An article that matches no other, though its own credit says that others had it first.

    Parameters
    ----------
    article : str
        Its id.
    attribution : Attribution
        The agency or outlet outside the corpus, and the clues.
    licence : {"", "licensed", "credited"}
        As in `Link`.
    """

    article: str
    attribution: Attribution
    licence: Licence = ""


@dataclass(frozen=True, slots=True)
class PassageOrigin:
    """Where one passage of an article comes from that is stitched together from several.

    Parameters
    ----------
    article : str
        Id of the stitched article.
    start, end : int
        Characters of its text, half open.
    origin : str or None
        As in `Attribution`.
    confidence : float
        In [0, 1].
    cluster : str
        Id of the cluster that this passage's text belongs to.
    """

    article: str
    start: int
    end: int
    origin: str | None
    confidence: float
    cluster: str


@dataclass(frozen=True, slots=True)
class SourceProfile:
    """What a source publishes: its own, and others'.

    Parameters
    ----------
    source : str
    n_articles : int
        Its articles in the corpus.
    n_original, n_syndicated : int
        Articles that nothing shows to come from others; articles that come from an agency or another outlet.
    copies_from, copied_by : tuple of (str, int)
        Whom it has text from directly, and who has text from it, with the number of articles, most first.
    median_lag_h : float or None
        Hours between its copies and what they were copied from, the median; None without two dated articles.
    lag_interval_h : tuple of float or None
        Of the median, 95 %, from the order of the lags; None where there are too few.
    """

    source: str
    n_articles: int
    n_original: int
    n_syndicated: int
    copies_from: tuple[tuple[str, int], ...] = ()
    copied_by: tuple[tuple[str, int], ...] = ()
    median_lag_h: float | None = None
    lag_interval_h: tuple[float, float] | None = None

    @property
    def share_original(self) -> float:
        """Share of its articles that nothing shows to come from others, in [0, 1]."""
        return self.n_original / self.n_articles

    @property
    def share_syndicated(self) -> float:
        """Share of its articles that come from others, in [0, 1]."""
        return self.n_syndicated / self.n_articles


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


class MarkedWords(NamedTuple):
    """The words of some texts, one text after another, with what is known of each; text i owns a slice of all arrays.

    Parameters
    ----------
    hashes : uint64[n]
        Hash of each folded word, in reading order.
    units : uint64[n]
        Hash of the unit that starts at each word: the word; in a script without spaces, two characters in a row.
    weights : float32[n]
        How much the unit says: long words are rare.
    sizes : float64[n]
        1; less for a character of a script without spaces, of which it takes several to make a word.
    is_quoted, is_number, is_masked : bool[n]
        It stands between quotation marks; it is a number; it is boilerplate and not compared.
    starts, ends : int64[n]
        The characters of the original text each word came from, half open, counted in its own text.
    offsets : int64[n_texts + 1]
        Text i owns ``hashes[offsets[i]:offsets[i + 1]]``.
    """

    hashes: NDArray[np.uint64]
    units: NDArray[np.uint64]
    weights: NDArray[np.float32]
    sizes: NDArray[np.float64]
    is_quoted: NDArray[np.bool_]
    is_number: NDArray[np.bool_]
    is_masked: NDArray[np.bool_]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    offsets: NDArray[np.int64]


class Sketch(NamedTuple):
    """What is kept of one text for comparing: one row of `Sketches`, and its triples of words where they are kept."""

    shingles: NDArray[np.uint64]
    signature: NDArray[np.uint32]
    fingerprints: NDArray[np.uint64]
    triples: NDArray[np.uint64] | None = None  # of the whole text, nothing masked; None: they are found when needed


@dataclass(frozen=True, slots=True)
class Sketches:
    """What is kept of each text for comparing; row i is the i-th text.

    Parameters
    ----------
    shingles : uint64[n]
        Distinct shingle hashes, sorted within each text.
    offsets : int64[n_texts + 1]
        Text i owns ``shingles[offsets[i]:offsets[i + 1]]``.
    signatures : uint32[n_signed, num_perm]
        MinHash, bit-identical to ``datasketch.MinHash(scheme="affine32")``, of the texts that are signed.
    signature_of : int64[n_texts]
        Which of them is a text's; -1: it is not signed.
    fingerprints : uint64[m]
        Winnowed shingle hashes, sorted and distinct within each text.
    fingerprint_offsets : int64[n_texts + 1]
        Text i owns ``fingerprints[fingerprint_offsets[i]:fingerprint_offsets[i + 1]]``.
    """

    shingles: NDArray[np.uint64]
    offsets: NDArray[np.int64]
    signatures: NDArray[np.uint32]
    signature_of: NDArray[np.int64]
    fingerprints: NDArray[np.uint64]
    fingerprint_offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def row(self, i: int) -> Sketch:
        """Give the sketch of the i-th text; the signature of one that is not signed is that of an empty text."""
        place = self.signature_of[i]
        return Sketch(
            self.shingles[self.offsets[i] : self.offsets[i + 1]],
            self.signatures[place] if place >= 0 else np.full(self.signatures.shape[1], UNSIGNED, dtype=np.uint32),
            self.fingerprints[self.fingerprint_offsets[i] : self.fingerprint_offsets[i + 1]],
        )


@dataclass(frozen=True, slots=True, repr=False)
class Duplicates:
    """What was found: all that a report needs.

    Parameters
    ----------
    articles : Mapping[str, Article]
        Every article that was compared, by id, in id order.
    matches : sequence of Match
        Verified pairs, sorted by (a, b): a tuple or, under a limit on memory, read from disk one by one.
    clusters : sequence of Cluster
        Largest first, then by id.
    skips : tuple of Skip
        Rows set aside, in input order. ``skipped`` counts them by reason.
    boilerplate : Mapping[str, tuple of (int, int)]
        Of the articles that have a match, by id: the characters of their text that were masked as boilerplate, sorted,
        half open. Those without any are not in it.
    alone : sequence of Alone
        Articles that match no other but credit someone outside the corpus, by article id.
    stitched : sequence of PassageOrigin
        The passages of articles whose text comes from several origins, by article and place.
    """

    articles: Mapping[str, Article]
    matches: Sequence[Match]
    clusters: Sequence[Cluster]
    skips: tuple[Skip, ...] = ()
    boilerplate: Mapping[str, tuple[Span, ...]] = field(default_factory=lambda: _EMPTY)
    alone: Sequence[Alone] = ()
    stitched: Sequence[PassageOrigin] = ()

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
        relations = Counter(match.relation for match in self.matches)
        for relation in ("revision", "template", "shared quote"):
            if relations[relation]:
                parts.append(_counted(relations[relation], relation, f"{relation}s"))
        if self.alone:
            parts.append(f"{_counted(len(self.alone), 'article', 'articles')} from outside, by their own credit")
        if self.skips:
            parts.append("skipped: " + ", ".join(f"{n} {reason}" for reason, n in self.skipped.items()))
        return f"<Duplicates: {'; '.join(parts)}>"

    def _repr_html_(self) -> str:
        """Show it in a notebook."""
        from dedup.report.notebook import show_duplicates

        return show_duplicates(self)

    def side_by_side(self, match: Match) -> SideBySide:
        """Show a match in a notebook: the two texts, their passages coloured, small edits marked."""
        from dedup.report.notebook import show_pair

        return show_pair(self, match)

    def sources(self) -> tuple[SourceProfile, ...]:
        """Tell of each source what it publishes: its own share, whom it copies, who copies it, and how fast.

        Sources that copy or are copied come first, those with most such articles ahead; then the rest, by name.
        """
        from dedup.attribute.sources import profile_sources

        return profile_sources(self)

    # The writers live one floor up, in `report`. These methods are doors to it, imported when opened: this module stays
    # free of I/O, and `import dedup` stays quick.

    def to_html(self, path: str | PathLike[str]) -> Path:
        """Write the report as one self-contained HTML file; return its path."""
        from dedup.report import write_html

        return write_html(self, Path(path))

    def to_site(self, folder: str | PathLike[str]) -> Path:
        """Write the report as a folder of pages, for corpora of any size; return the start page's path."""
        from dedup.report import write_site

        return write_site(self, Path(folder))

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
