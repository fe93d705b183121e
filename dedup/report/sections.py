"""Cluster -> the section of the page that shows it: members in order, what each shares, which pairs are laid out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from dedup.model import Article, Cluster, Duplicates, Link, Match, Span
from dedup.report.lookups import article_of, clusters_of_matches
from dedup.report.pairs import Pair, containment
from dedup.report.wording import key_of, utc

_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin as the page names it.

    Parameters
    ----------
    article : Article or None
        Set when the origin is in the corpus.
    kind, name : str
        Outside the corpus: ``agency`` and ``dpa``. Both ``""`` when it is unknown or in the corpus.
    """

    article: Article | None = None
    kind: str = ""
    name: str = ""

    @property
    def is_unknown(self) -> bool:
        """Nobody could be named."""
        return self.article is None and not self.name


@dataclass(frozen=True, slots=True)
class Member:
    """One row of the table of a cluster.

    Parameters
    ----------
    article : Article
        The member.
    is_origin : bool
        It is the origin.
    match : Match or None
        With the origin; without such a match, its best one in the cluster.
    other : Article or None
        The other article of that match.
    anchor : str
        Id of the pair on the page; ``""`` if that pair is not laid out.
    """

    article: Article
    is_origin: bool
    match: Match | None = None
    other: Article | None = None
    anchor: str = ""

    @property
    def share(self) -> float:
        """The share of this article that is in the other one."""
        return containment(self.match, self.article.id) if self.match else 0.0

    @property
    def share_of_other(self) -> float:
        """The share of the other article that is in this one."""
        return containment(self.match, self.other.id) if self.match and self.other else 0.0


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the tree of who copied from whom.

    Parameters
    ----------
    name : str
        An article's id, ``agency:...`` or ``outlet:...``.
    depth : int
        Steps from the root, 0 or more.
    link : Link or None
        How it came there; None for a root.
    """

    name: str
    depth: int
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A cluster, ready to be laid out.

    Parameters
    ----------
    cluster : Cluster
        The cluster.
    anchor : str
        Its id on the page, the same from night to night.
    origin : Origin
        Its origin.
    headline : Article
        Whose title names it: the origin, or what came first.
    members : tuple of Member
        The origin first, then by date of publication.
    pairs : tuple of Pair
        Those laid out, with the origin first.
    steps : tuple of Step
        Who copied from whom, each root with its copies below it.
    n_left_out : int
        Matches of the cluster that are not laid out, because there are too many.
    """

    cluster: Cluster
    anchor: str
    origin: Origin
    headline: Article
    members: tuple[Member, ...]
    pairs: tuple[Pair, ...]
    n_left_out: int
    steps: tuple[Step, ...] = ()

    def licence_of(self, article: Article) -> str:
        """Give what the list of partners makes of an article; ``""`` where it says nothing."""
        return next((link.licence for link in self.cluster.links if link.copy == article.id), "")

    @property
    def key(self) -> str:
        """What names its file."""
        return self.anchor.removeprefix("cluster-")

    @property
    def sources(self) -> tuple[str, ...]:
        """Each source once, in the order of the members."""
        return tuple(dict.fromkeys(member.article.source for member in self.members if member.article.source))

    @property
    def telling_pair(self) -> Pair | None:
        """The pair that says most at first sight: a copy, and not the same word for word; else the first one."""
        telling = (p for p in self.pairs if p.match.kind != "exact" and not p.match.is_revision)
        return next(telling, self.pairs[0] if self.pairs else None)


def sections_of(duplicates: Duplicates, *, max_pairs: int) -> tuple[list[Section], int]:
    """Lay out every cluster; also count the matches that lie in no cluster.

    Parameters
    ----------
    duplicates : Duplicates
        What was found.
    max_pairs : int
        Pairs. Of a cluster with more, only each member's match with the origin and its best match are laid out.
    """
    matches: dict[str, list[Match]] = {cluster.id: [] for cluster in duplicates.clusters}
    n_outside = 0
    for match, cluster in zip(duplicates.matches, clusters_of_matches(duplicates), strict=True):
        if cluster:
            matches[cluster.id].append(match)
        else:
            n_outside += 1
    return [_section(duplicates, c, matches[c.id], max_pairs) for c in duplicates.clusters], n_outside


def _section(duplicates: Duplicates, cluster: Cluster, matches: Sequence[Match], max_pairs: int) -> Section:
    origin = _origin(duplicates, cluster)
    articles = _in_order(duplicates, cluster, origin)
    places = {article.id: place for place, article in enumerate(articles)}
    told = _told_matches(matches, origin)
    shown = matches if len(matches) <= max_pairs else list({(m.a, m.b): m for m in told.values()}.values())
    pairs = tuple(_pair(match, articles, places, duplicates.boilerplate) for match in _by_place(shown, places))
    anchor = f"cluster-{key_of(cluster.id)}"
    anchors = {(p.match.a, p.match.b): p.anchor for p in pairs}
    members = []
    for article in articles:
        is_origin = origin.article is not None and article.id == origin.article.id
        match = None if is_origin else told.get(article.id)
        other = duplicates.articles[match.b if article.id == match.a else match.a] if match else None
        members.append(Member(article, is_origin, match, other, anchors[match.a, match.b] if match else ""))
    return Section(
        cluster,
        anchor,
        origin,
        articles[0],
        tuple(members),
        pairs,
        len(matches) - len(shown),
        _steps(sorted(cluster.links, key=lambda link: (places.get(link.copy, len(places)), link.copy))),
    )


def _steps(links: Sequence[Link]) -> tuple[Step, ...]:
    """Order links as a tree is read: each root, then its copies, each followed by its own."""
    below: dict[str, list[Link]] = {}
    for link in links:
        below.setdefault(link.copied_from, []).append(link)
    copies = {link.copy for link in links}
    steps: list[Step] = []
    stack = [Step(name, 0) for name in sorted(below.keys() - copies, reverse=True)]
    while stack:
        step = stack.pop()
        steps.append(step)
        stack += [Step(link.copy, step.depth + 1, link) for link in reversed(below.get(step.name, ()))]
    return tuple(steps)


def _origin(duplicates: Duplicates, cluster: Cluster) -> Origin:
    named = cluster.attribution.origin
    if named is None:
        return Origin()
    if named in duplicates.articles:
        return Origin(article=duplicates.articles[named])
    kind, colon, name = named.partition(":")
    return Origin(kind=kind, name=name) if colon and name else Origin(kind="article", name=named)


def _in_order(duplicates: Duplicates, cluster: Cluster, origin: Origin) -> list[Article]:
    def key(article: Article) -> tuple[bool, datetime, datetime, str]:
        is_origin = origin.article is not None and article.id == origin.article.id
        first_seen = utc(article.first_seen, f"first_seen of article {article.id!r}") if article.first_seen else _LAST
        published = utc(article.published, f"published of article {article.id!r}") if article.published else first_seen
        return not is_origin, published, first_seen, article.id

    return sorted((article_of(duplicates, key) for key in cluster.articles), key=key)


def _told_matches(matches: Sequence[Match], origin: Origin) -> dict[str, Match]:
    """Pick the match that the table tells of each article: with the origin, or else the one that shares most of it."""
    best: dict[str, tuple[bool, float, float, Match]] = {}
    for match in matches:
        with_origin = origin.article is not None and origin.article.id in (match.a, match.b)
        for key in (match.a, match.b):
            rank = (with_origin, containment(match, key), match.jaccard, match)
            if key not in best or rank[:3] > best[key][:3]:
                best[key] = rank
    return {key: rank[3] for key, rank in best.items()}


def _by_place(matches: Sequence[Match], places: Mapping[str, int]) -> list[Match]:
    return sorted(matches, key=lambda match: sorted((places[match.a], places[match.b])))


def _pair(
    match: Match,
    articles: Sequence[Article],
    places: Mapping[str, int],
    boilerplate: Mapping[str, tuple[Span, ...]],
) -> Pair:
    left, right = (articles[place] for place in sorted((places[match.a], places[match.b])))
    return Pair(match, left, right, boilerplate.get(left.id, ()), boilerplate.get(right.id, ()))
