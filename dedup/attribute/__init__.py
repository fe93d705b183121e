"""Cluster -> Cluster with its origin: an article of it, an agency or outlet outside the corpus, or unknown.

Theory of operation
-------------------
The earliest date is a bad witness: feeds round, updates overwrite, copies are stamped before their originals. What
articles state themselves is better, so the order of belief is

1. credit lines, datelines and bylines (`credit_lines`, `bylines`),
2. structured fields that name a source, RSS ``<source>``, JSON-LD ``isBasedOn`` and the like (`structured`),
3. a canonical URL on somebody else's host, a link to another member (`structured`),
4. what the origin left in the copy: "told BLICK", house phrases, local money (`residue`), marks of its language
   (`foreign`), a text cut short or set into another (`editing`),
5. how much each source copies at all (`background`), and the date, where the lag is longer than the dates are precise
   (`earliest`).

Each becomes a `Clue` with the characters it was read from; names are resolved against the members of the cluster
(`names`, `members`), and `verdict` weighs them with learned numbers (`weights`). Papers that all credit dpa have one
origin, ``agency:dpa``, though no dpa article is in the corpus. Then `links` tells who copied from whom, `stitched`
whence each passage of a text of several origins is, `licences` what a user's list of partners makes of it.

Special cases: articles of one source are revisions, its earliest stands for it. An article whose source is the agency
itself is the agency. Circles of credits, credits to a later article and impossible dates are told as contradictions. An
article that matches no other but credits someone is *alone, but not original*.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from dedup.attribute.background import NO_BACKGROUND, Background, read_background, read_histories
from dedup.attribute.credit_lines import FAR_CHARS, HEAD_CHARS, TAIL_CHARS
from dedup.attribute.earliest import read_times
from dedup.attribute.editing import read_editing
from dedup.attribute.foreign import Translated, read_translations, translated_from
from dedup.attribute.licences import Partners, license_links
from dedup.attribute.links import link_copies
from dedup.attribute.members import Members
from dedup.attribute.names import Names
from dedup.attribute.readings import read_or_recall
from dedup.attribute.residue import read_currencies, read_house_phrases, read_mentions
from dedup.attribute.statements import Statement, own_names, read_statements
from dedup.attribute.stitched import find_stitched
from dedup.attribute.verdict import judge
from dedup.attribute.weights import FAMILIES, FAMILY_OF, Weights, learned_weights
from dedup.model import Alone, Article, Clue, Cluster, Match, PassageOrigin

__all__ = [
    "FAMILIES",
    "FAMILY_OF",
    "Attributed",
    "Bench",
    "Kept",
    "Statement",
    "Translated",
    "attribute",
    "attribute_all",
    "attribute_some",
    "credits_of",
    "find_alone",
    "read_stated",
    "set_up",
    "source_of_credit",
    "translated_from",
]

MIN_CONFIDENCE = 0.55  # a lag of ten minutes alone is no verdict
NAMED_IS_HERE = 1.0  # log-odds. Whoever is named does have the text: a name at random would not
MIN_ALONE = 2.4  # log-odds of a credit by which an article alone is a copy; "with material from dpa" is below it


def credits_of(
    article: Article,
    *,
    head_chars: int = HEAD_CHARS,
    tail_chars: int = TAIL_CHARS,
    far_chars: int = FAR_CHARS,
) -> tuple[Clue, ...]:
    r"""Read whom an article itself names as its source, without any other article at hand.

    A lone article whose credit names another outlet is a copy whose origin is outside the corpus.

    Parameters
    ----------
    article : Article
    head_chars, tail_chars : int
        Characters from the start and end of the text within which datelines, brackets and signatures count.
    far_chars : int
        Characters from the end within which a label ("Source: X") or a sentence ("first appeared on X") counts.

    Returns
    -------
    tuple of Clue
        Strongest first; each points to ``agency:...`` or ``outlet:...``.

    Examples
    --------
    >>> article = Article(id="1", text="The presidents may meet.\n\nSource: Blick\n\nfollow:", source="copy.example")
    >>> [(clue.points_to, clue.quote) for clue in credits_of(article)]
    [('outlet:Blick', 'Source: Blick')]
    """
    statements = read_statements(
        article, own=own_names(article), head_chars=head_chars, tail_chars=tail_chars, far_chars=far_chars
    )
    return _outright(statements)


def _outright(statements: Sequence[Statement]) -> tuple[Clue, ...]:
    """Give the clues that count without any other article at hand, strongest first."""
    clues = [statement.clue for statement in statements if not statement.members_only]
    return tuple(sorted(clues, key=lambda clue: (-clue.weight, clue.where, clue.start, clue.points_to)))


def source_of_credit(target: str, sources: Collection[str]) -> str | None:
    """Give the source among those of a corpus that a credit means; None where it is outside.

    Examples
    --------
    >>> source_of_credit("outlet:Blick", ["blick.ch", "bild.de"]), source_of_credit("agency:dpa", ["bild.de"])
    ('blick.ch', None)
    """
    kind, _, name = target.partition(":")
    for source in sorted(sources):
        names = own_names(Article(id="", text="", source=source))
        if (kind == "agency" and name in names.agencies) or (kind == "outlet" and name in names):
            return source
    return None


def attribute(
    cluster: Cluster,
    *,
    articles: Mapping[str, Article],
    matches: Sequence[Match],
    min_confidence: float = MIN_CONFIDENCE,
    clues_off: Collection[str] = (),
    background: Background = NO_BACKGROUND,
    weights: Weights | None = None,
    head_chars: int = HEAD_CHARS,
    tail_chars: int = TAIL_CHARS,
    far_chars: int = FAR_CHARS,
) -> Cluster:
    r"""Find the origin of a cluster.

    Parameters
    ----------
    cluster : Cluster
    articles : Mapping[str, Article]
        At least the cluster's own articles, by id.
    matches : sequence of Match
        At least the cluster's own, sorted by (a, b) as in `Duplicates`. Not checked.
    min_confidence : float
        In [0, 1]. Below it the origin is unknown rather than guessed.
    clues_off : collection of str
        Kinds or families of clues that are left out (`FAMILY_OF`), to see what they are worth.
    background : Background
        What is known of each source from the whole corpus; `attribute_all` gathers it.
    weights : Weights, optional
        Default: the learned ones.
    head_chars, tail_chars, far_chars : int
        As for `credits_of`.

    Returns
    -------
    Cluster
        The same, with its attribution and its links.

    Raises
    ------
    KeyError
        An article of the cluster is not in `articles`.

    Examples
    --------
    >>> articles = {
    ...     "a": Article(id="a", text="Two presidents may meet.", source="blick.example"),
    ...     "b": Article(id="b", text="Two presidents may meet.\n\nSource: Blick", source="copy.example"),
    ... }
    >>> matches = [Match("a", "b", "near", 1.0, 1.0, 1.0)]
    >>> found = attribute(Cluster("a", ("a", "b")), articles=articles, matches=matches)
    >>> found.attribution.origin, found.attribution.confidence > 0.9
    ('a', True)
    """
    members = (articles[article_id] for article_id in cluster.articles)
    stated = read_stated(members, head_chars=head_chars, tail_chars=tail_chars, far_chars=far_chars)
    bench = Bench(frozenset(clues_off), background, weights or learned_weights(), min_confidence, Partners({}))
    return _attribute(cluster, articles, _own_matches(cluster, matches), stated, bench)


class Attributed(NamedTuple):
    """What `attribute_all` finds: the clusters with their origins, the articles alone, the stitched passages."""

    clusters: tuple[Cluster, ...]
    alone: tuple[Alone, ...]
    stitched: tuple[PassageOrigin, ...]


def attribute_all(
    clusters: Sequence[Cluster],
    *,
    articles: Mapping[str, Article],
    matches: Sequence[Match],
    min_confidence: float = MIN_CONFIDENCE,
    clues_off: Collection[str] = (),
    partners: Mapping[str, Sequence[str]] | None = None,
    head_chars: int = HEAD_CHARS,
    tail_chars: int = TAIL_CHARS,
    far_chars: int = FAR_CHARS,
    kept: Kept | None = None,
    stated: Mapping[str, Sequence[Statement]] | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Attributed:
    """Find the origin of every cluster of a corpus, and the articles that are alone but not original.

    Parameters
    ----------
    clusters : sequence of Cluster
    articles : Mapping[str, Article]
        The whole corpus, by id: what a source does elsewhere is a clue, too.
    matches : sequence of Match
        All, sorted by (a, b). Not checked.
    min_confidence, clues_off, head_chars, tail_chars, far_chars
        As for `attribute`.
    partners : Mapping[str, sequence of str], optional
        By origin, who may republish it; without it, no copy is called anything.
    kept : Kept, optional
        What articles state, as far as it was read on an earlier night; what is new is kept there.
    stated : Mapping[str, sequence of Statement], optional
        What each article states, where it was read already; with it, `kept` and the numbers of characters are unused.
    progress : callable
        Called with (done, total) clusters.

    Returns
    -------
    Attributed
        Clusters in the order given.
    """
    own = {article_id: own_names(article) for article_id, article in articles.items()}

    def read(article: Article) -> list[Statement]:
        return read_statements(
            article, own=own[article.id], head_chars=head_chars, tail_chars=tail_chars, far_chars=far_chars
        )

    if stated is None:
        if kept is None:
            stated = {article_id: read(article) for article_id, article in articles.items()}
        else:
            chars = f"{kept.made_with} {head_chars} {tail_chars} {far_chars}"
            stated, new = read_or_recall(articles, read, kept=kept.readings, made_with=chars)
            kept.keep(new)
    background = read_background(articles, stated, own, clusters)
    bench = set_up(background, min_confidence=min_confidence, clues_off=clues_off, partners=partners)
    found, stitched = attribute_some(
        clusters, articles=articles, matches=matches, stated=stated, bench=bench, progress=progress
    )
    together = {article_id for cluster in clusters for article_id in cluster.articles}
    left = (article for article_id, article in sorted(articles.items()) if article_id not in together)
    return Attributed(found, tuple(find_alone(left, stated, bench)), stitched)


def set_up(
    background: Background,
    *,
    min_confidence: float = MIN_CONFIDENCE,
    clues_off: Collection[str] = (),
    partners: Mapping[str, Sequence[str]] | None = None,
) -> Bench:
    """Lay out what verdicts are reached with; the parameters are those of `attribute` and `attribute_all`."""
    return Bench(frozenset(clues_off), background, learned_weights(), min_confidence, Partners(partners or {}))


def attribute_some(
    clusters: Sequence[Cluster],
    *,
    articles: Mapping[str, Article],
    matches: Sequence[Match],
    stated: Mapping[str, Sequence[Statement]],
    bench: Bench,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[tuple[Cluster, ...], tuple[PassageOrigin, ...]]:
    """Find the origins of clusters, and of the passages of stitched articles.

    Parameters
    ----------
    clusters : sequence of Cluster
        All, or those of some components: no match leads out of them.
    articles, matches, stated
        At least those of the clusters; matches sorted by (a, b).
    bench : Bench
        Of the whole corpus.
    progress : callable
        Called with (done, total) clusters.
    """
    found = []
    for done, cluster in enumerate(clusters):
        progress(done, len(clusters))
        judged = _attribute(cluster, articles, _own_matches(cluster, matches), stated, bench)
        found.append(license_links(judged, articles, bench.partners))
    progress(len(clusters), len(clusters))
    return tuple(found), find_stitched(found, articles, matches)


def find_alone(articles: Iterable[Article], stated: Mapping[str, Sequence[Statement]], bench: Bench) -> Iterator[Alone]:
    """Find, of articles that are in no cluster, those that are not original by their own credit."""
    for article in articles:
        found = _alone(article, stated[article.id], bench)
        if found is not None:
            yield found


def read_stated(
    articles: Iterable[Article],
    *,
    head_chars: int = HEAD_CHARS,
    tail_chars: int = TAIL_CHARS,
    far_chars: int = FAR_CHARS,
) -> dict[str, list[Statement]]:
    """Read what articles state of their origin, each by itself."""
    return {
        article.id: read_statements(
            article, own=own_names(article), head_chars=head_chars, tail_chars=tail_chars, far_chars=far_chars
        )
        for article in articles
    }


class Kept(NamedTuple):
    """Statements that were read before.

    Parameters
    ----------
    readings : Mapping[str, tuple of (str, str)]
        By article id: the key of what was read, and the statements as JSON.
    made_with : str
        What else they depend on: the program.
    keep : callable
        Takes new ones, in the same form.
    """

    readings: Mapping[str, tuple[str, str]]
    made_with: str
    keep: Callable[[Mapping[str, tuple[str, str]]], None]


@dataclass(frozen=True, slots=True)
class Bench:
    """What a verdict is reached with, the same for every cluster of a run."""

    clues_off: frozenset[str]
    background: Background
    weights: Weights
    min_confidence: float
    partners: Partners

    def hears(self, clue: Clue) -> bool:
        """Tell whether a kind of clue counts."""
        return clue.kind not in self.clues_off and FAMILY_OF[clue.kind] not in self.clues_off


def _attribute(
    cluster: Cluster,
    articles: Mapping[str, Article],
    matches: Sequence[Match],
    stated: Mapping[str, Sequence[Statement]],
    bench: Bench,
) -> Cluster:
    members = Members(articles[article_id] for article_id in cluster.articles)
    resolved = [clue for clue in _resolved(members, stated) if bench.hears(clue)]
    statements = [clue for clue in resolved if clue.kind != "link"]
    links = [clue for clue in resolved if clue.kind == "link"]
    inferred = [clue for clue in _inferred(members, matches, stated, bench.background) if bench.hears(clue)]
    attribution = judge(
        statements,
        [*links, *inferred],
        members=members,
        weights=bench.weights,
        min_confidence=bench.min_confidence,
    )
    steps = link_copies(members, matches, attribution, resolved, min_confidence=bench.min_confidence)
    return replace(cluster, attribution=attribution, links=steps)


def _resolved(members: Members, stated: Mapping[str, Sequence[Statement]]) -> Iterator[Clue]:
    """Give what the members state, pointing to members where they name one; an outlet outside goes by one name."""
    outside: dict[str, Names] = {}
    for article_id in members.articles:
        for statement in stated[article_id]:
            target = members.resolve(statement)
            if target is None:
                continue
            kind, _, name = target.partition(":")
            if target not in members.articles and kind == "outlet" and target not in outside:
                known = next((other for other, names in outside.items() if name in names), None)
                if known is None:
                    outside[target] = Names([name])
                else:
                    target = known
            is_here = target in members.articles
            yield replace(statement.clue, points_to=target, weight=statement.clue.weight + NAMED_IS_HERE * is_here)


def _inferred(
    members: Members, matches: Sequence[Match], stated: Mapping[str, Sequence[Statement]], background: Background
) -> Iterator[Clue]:
    """Give what nobody states: what the origin left in its copies, editing, languages, dates, habits."""
    yield from read_times(members, matches)
    if len(members.groups) < 2:
        return
    yield from read_mentions(members, {id_: _credited_characters(stated[id_]) for id_ in members.articles})
    yield from read_house_phrases(members, background.house_phrases)
    yield from read_currencies(members)
    yield from read_editing(members, matches, background.round_ups)
    yield from read_translations(members, matches, {id_: _outright(stated[id_]) for id_ in members.articles})
    yield from read_histories(members, background)


def _credited_characters(statements: Sequence[Statement]) -> list[tuple[int, int]]:
    """Give the stretches of the text that are read as a credit."""
    return [
        (statement.clue.start, statement.clue.end)
        for statement in statements
        if statement.clue.where == "text" and statement.clue.kind != "link"
    ]


def _alone(article: Article, statements: Sequence[Statement], bench: Bench) -> Alone | None:
    """Judge an article that matches no other by its own credit; None where it names nobody outright."""
    clues = [clue for clue in _outright(statements) if clue.weight >= MIN_ALONE and bench.hears(clue)]
    if not clues:
        return None
    attribution = judge(
        clues, (), members=Members([article]), weights=bench.weights, min_confidence=bench.min_confidence
    )
    if attribution.origin is None:
        return None
    return Alone(article.id, attribution, bench.partners.licence(attribution.origin, article.source, is_credited=True))


def _own_matches(cluster: Cluster, matches: Sequence[Match]) -> list[Match]:
    """Give the matches within a cluster."""
    inside = set(cluster.articles)
    found = []
    for article_id in cluster.articles:
        i = bisect_left(matches, article_id, key=lambda match: match.a)
        while i < len(matches) and matches[i].a == article_id:
            if matches[i].b in inside and matches[i].relation in ("copy", "revision"):
                found.append(matches[i])
            i += 1
    return found
