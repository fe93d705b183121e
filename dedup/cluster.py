"""Matches -> Clusters.

The choice made here: two articles are in one cluster if a chain of *verified* matches links them (connected
components). A candidate links nothing.

Round-ups
---------
A morning briefing carries five articles of others; as a link of the chain it would make one cluster of them all. So an
article that holds texts which were published before it and share nothing with one another is a *round-up*: it links
nobody, and stands in the cluster of each text it carries. An original whose excerpts appear later is none: what it
holds is younger than it. Without dates nothing is told apart, and the chain stands.

A cluster is named after its founder, the article seen first that is no round-up, so that it keeps its name when later
nights bring more copies.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2b

from dedup.model import Article, Cluster, Match

_NEVER = datetime.max.replace(tzinfo=UTC)


def cluster(matches: Sequence[Match], articles: Mapping[str, Article]) -> tuple[Cluster, ...]:
    """Unite verified matches.

    Parameters
    ----------
    matches : sequence of Match
        Verified pairs.
    articles : Mapping[str, Article]
        By id; every article of a match is in it.

    Returns
    -------
    tuple of Cluster
        Largest first, then by id; each of at least two articles. A round-up may stand in several.
    """
    neighbours: dict[str, set[str]] = {}
    for match in matches:
        neighbours.setdefault(match.a, set()).add(match.b)
        neighbours.setdefault(match.b, set()).add(match.a)
    round_ups = _find_round_ups(matches, neighbours, articles)
    links = [match for match in matches if match.a not in round_ups and match.b not in round_ups]
    groups = _components(neighbours.keys() - round_ups, links)
    found = [_make(group, round_ups, neighbours, articles) for group in groups]
    # Copies of one round-up share no text with anybody's but each other's
    placed = {article_id for group in found for article_id in group.articles}
    left = round_ups - placed
    found += [
        _make(group, set(), neighbours, articles)
        for group in _components(left, [match for match in matches if match.a in left and match.b in left])
    ]
    return tuple(sorted((one for one in found if len(one.articles) > 1), key=lambda one: (-len(one.articles), one.id)))


def _find_round_ups(
    matches: Iterable[Match], neighbours: Mapping[str, set[str]], articles: Mapping[str, Article]
) -> set[str]:
    held: dict[str, set[str]] = {}
    for match in matches:
        if match.kind == "excerpt":
            holder, part = (match.b, match.a) if match.a_in_b > match.b_in_a else (match.a, match.b)
            if _is_before(articles[part], articles[holder]):
                held.setdefault(holder, set()).add(part)
    return {
        holder
        for holder, parts in held.items()
        if any(len(parts & neighbours[part]) < len(parts) - 1 for part in parts)  # two of them share nothing
    }


def _is_before(a: Article, b: Article) -> bool:
    """Tell whether one article was certainly published before another."""
    return a.published is not None and b.published is not None and a.published < b.published


def _components(ids: Collection[str], links: Iterable[Match]) -> list[list[str]]:
    parents = {article_id: article_id for article_id in sorted(ids)}
    for link in links:
        root_a, root_b = _root(parents, link.a), _root(parents, link.b)
        parents[max(root_a, root_b)] = min(root_a, root_b)
    members: dict[str, list[str]] = {}
    for article_id in parents:
        members.setdefault(_root(parents, article_id), []).append(article_id)
    return list(members.values())


def _root(parents: dict[str, str], article_id: str) -> str:
    root = article_id
    while parents[root] != root:
        root = parents[root]
    while parents[article_id] != root:
        parents[article_id], article_id = root, parents[article_id]
    return root


def _make(
    group: Sequence[str], round_ups: set[str], neighbours: Mapping[str, set[str]], articles: Mapping[str, Article]
) -> Cluster:
    carrying = {article_id for member in group for article_id in neighbours[member] & round_ups}
    ids = sorted(carrying.union(group))
    return Cluster(id=_name(group, articles), articles=tuple(ids), is_revision=_is_of_one_source(ids, articles))


def _is_of_one_source(ids: Iterable[str], articles: Mapping[str, Article]) -> bool:
    sources = {articles[article_id].source for article_id in ids}
    return len(sources) == 1 and sources != {""}


def _name(ids: Iterable[str], articles: Mapping[str, Article]) -> str:
    founder = min(ids, key=lambda article_id: (articles[article_id].first_seen or _NEVER, article_id))
    return blake2b(founder.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
