"""Matches -> Clusters.

The choice made here: a cluster is what *verified* copies and revisions hold together. A candidate links nothing, nor
does a template or a shared quote. Near-duplication is not transitive, and three things would chain strangers together:

Round-ups
---------
A morning briefing, a live ticker, an article stitched from two sources carries texts of others; as a link of the chain
it would make one cluster of them all. So an article is a *round-up* if it holds texts that no chain of matches connects
without it (nor without others that hold several), and one of these is so:

- two of these texts were certainly published before it;
- two of them are strangers, by the rare words they use: no article is about both. That needs no dates;
- it holds three or more of them, and is not certainly older than they are.

An original whose excerpts appear elsewhere is none: its parts speak of one thing. A round-up links nobody, and stands
in the cluster of each text it carries.

Weak bridges
------------
Where jaccard reaches the threshold (``exact``, ``near``), two texts are the same for the most part, and such matches
always unite. Any other match is weak: it unites two groups of several articles each only if more than
`_MIN_LINKED` of the pairs across match. If each article of one group has its like in the other, most pairs match; if
one pair does, by half of one text, the rest says that it is a coincidence. Strongest matches go first, so the order of
articles does not matter. A single article is always united with what it matches. Groups too large to be compared pair
by pair (`_MAX_COMPARED`) are united by any match.

Names
-----
A cluster is named after its founder, the article seen first that is no round-up, so that it keeps its name when later
nights bring more copies.

Hence no cluster holds an article that shares no passage with another member.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import combinations

from dedup.model import Article, Cluster, Match

_NEVER = datetime.max.replace(tzinfo=UTC)
_MIN_LINKED = 0.25  # of the pairs across two groups: one of four is a bridge, two of four are not
_MAX_COMPARED = 40_000  # pairs across; beyond 200 times 200 articles only some are compared
_MAX_PARTS = 8  # texts of one article that are asked whether they are strangers: 28 pairs
_MANY_PARTS = 3  # texts that are connected by nothing: of an original, two are excerpted now and then


def cluster(
    matches: Sequence[Match],
    articles: Mapping[str, Article],
    *,
    min_probability: float = 0.0,
    publishers: Mapping[str, str] | None = None,
    are_strangers: Callable[[str, str], bool] | None = None,
) -> tuple[Cluster, ...]:
    """Unite verified matches.

    Parameters
    ----------
    matches : sequence of Match
        Verified pairs.
    articles : Mapping[str, Article]
        By id; every article of a match is in it.
    min_probability : float
        That a match must have to unite, in [0, 1]. One passage in two long articles makes a match, not yet one text.
    publishers : Mapping[str, str], optional
        By id, ``""`` if unknown; default: their sources.
    are_strangers : callable, optional
        Tells of two ids whether their texts have nothing to do with each other; default: nobody knows.

    Returns
    -------
    tuple of Cluster
        Largest first, then by id; each of at least two articles. A round-up may stand in several.
    """
    links = [
        match for match in matches if match.relation in ("copy", "revision") and match.probability >= min_probability
    ]
    neighbours: dict[str, set[str]] = {}
    for match in links:
        neighbours.setdefault(match.a, set()).add(match.b)
        neighbours.setdefault(match.b, set()).add(match.a)
    round_ups = _find_round_ups(links, neighbours.keys(), articles, are_strangers or (lambda a, b: False))
    groups = _unite(neighbours.keys() - round_ups, links)
    publisher_of = publishers or {article_id: article.source for article_id, article in articles.items()}

    def make(group: Sequence[str], carrying: set[str]) -> Cluster:
        ids = sorted(carrying | set(group))
        owners = {publisher_of[article_id] for article_id in ids}
        is_revision = len(owners) == 1 and owners != {""}
        return Cluster(id=_name(group, articles), articles=tuple(ids), is_revision=is_revision)

    found = [make(group, {other for one in group for other in neighbours[one] & round_ups}) for group in groups]
    found = [one for one in found if len(one.articles) > 1]
    # Copies of one round-up share no text with anybody's but each other's
    left = round_ups - {article_id for one in found for article_id in one.articles}
    found += [make(group, set()) for group in _unite(left, links)]
    return tuple(sorted((one for one in found if len(one.articles) > 1), key=lambda one: (-len(one.articles), one.id)))


# -- round-ups


def _find_round_ups(
    links: Sequence[Match],
    ids: Collection[str],
    articles: Mapping[str, Article],
    are_strangers: Callable[[str, str], bool],
) -> set[str]:
    parts_of: dict[str, set[str]] = {}
    for link in links:
        if link.kind not in ("exact", "near"):
            holder, part = (link.b, link.a) if link.a_in_b > link.b_in_a else (link.a, link.b)
            parts_of.setdefault(holder, set()).add(part)
    holders = {holder for holder, parts in parts_of.items() if len(parts) > 1}
    between = [link for link in links if link.a not in holders and link.b not in holders]
    name_of = _components(ids, between)
    found = set()
    for holder in sorted(holders):
        apart: dict[str, str] = {}  # one part of each connected text
        for part in sorted(parts_of[holder]):
            apart.setdefault(name_of[part], part)
        if _is_round_up(articles[holder], [articles[part] for part in apart.values()], are_strangers):
            found.add(holder)
    return found


def _is_round_up(holder: Article, parts: Sequence[Article], are_strangers: Callable[[str, str], bool]) -> bool:
    if len(parts) < 2:
        return False
    if sum(_is_before(part, holder) for part in parts) > 1:
        return True
    if len(parts) >= _MANY_PARTS and not all(_is_before(holder, part) for part in parts):
        return True
    return any(are_strangers(a.id, b.id) for a, b in combinations(parts[:_MAX_PARTS], 2))


def _is_before(a: Article, b: Article) -> bool:
    """Tell whether one article was certainly published before another."""
    return a.published is not None and b.published is not None and a.published < b.published


# -- groups


def _unite(ids: Collection[str], links: Iterable[Match]) -> list[list[str]]:
    """Unite articles by strong matches, then by the weak ones that are no bridges; strongest first."""
    inside = [link for link in links if link.a in ids and link.b in ids]
    strong = [link for link in inside if link.kind in ("exact", "near")]
    group_of = _components(ids, strong)
    size: dict[str, int] = {}
    for name in group_of.values():
        size[name] = size.get(name, 0) + 1
    weak = sorted(
        (link for link in inside if link.kind not in ("exact", "near")),
        key=lambda link: (-link.containment, -link.jaccard, link.a, link.b),
    )
    n_across: dict[str, dict[str, int]] = {name: {} for name in size}
    for link in weak:
        one, other = group_of[link.a], group_of[link.b]
        if one != other:
            n_across[one][other] = n_across[one].get(other, 0) + 1
            n_across[other][one] = n_across[other].get(one, 0) + 1
    parents = {name: name for name in size}
    for link in weak:
        one, other = _root(parents, group_of[link.a]), _root(parents, group_of[link.b])
        if one == other or not _may_unite(size[one], size[other], n_across[one][other]):
            continue
        # the larger group takes the other in: each count is moved a few times only
        kept, gone = (one, other) if (len(n_across[one]), one) > (len(n_across[other]), other) else (other, one)
        parents[gone] = kept
        size[kept] += size.pop(gone)
        for third, n in n_across.pop(gone).items():
            del n_across[third][gone]
            if third != kept:
                n_across[kept][third] = n_across[kept].get(third, 0) + n
                n_across[third][kept] = n_across[kept][third]
    members: dict[str, list[str]] = {}
    for article_id in sorted(ids):
        members.setdefault(_root(parents, group_of[article_id]), []).append(article_id)
    return list(members.values())


def _may_unite(n_one: int, n_other: int, n_linked: int) -> bool:
    pairs = n_one * n_other
    return min(n_one, n_other) == 1 or pairs > _MAX_COMPARED or n_linked > _MIN_LINKED * pairs


def _components(ids: Collection[str], links: Iterable[Match]) -> dict[str, str]:
    """Name each article after the first that it hangs together with."""
    parents = {article_id: article_id for article_id in sorted(ids)}
    for link in links:
        root_a, root_b = _root(parents, link.a), _root(parents, link.b)
        parents[max(root_a, root_b)] = min(root_a, root_b)
    return {article_id: _root(parents, article_id) for article_id in parents}


def _root(parents: dict[str, str], name: str) -> str:
    root = name
    while parents[root] != root:
        root = parents[root]
    while parents[name] != root:
        parents[name], name = root, parents[name]
    return root


def _name(ids: Iterable[str], articles: Mapping[str, Article]) -> str:
    founder = min(ids, key=lambda article_id: (articles[article_id].first_seen or _NEVER, article_id))
    return blake2b(founder.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
