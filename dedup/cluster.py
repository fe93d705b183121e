"""Matches -> Clusters.

The choice made here: two articles are in one cluster if a chain of *verified* matches links them (connected
components). A candidate links nothing. A cluster is named after its founder, the article seen first, so that it keeps
its name when later nights bring more copies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import blake2b

from dedup.model import Article, Cluster, Match

_NEVER = datetime.max.replace(tzinfo=UTC)


def cluster(matches: Iterable[Match], articles: Mapping[str, Article]) -> tuple[Cluster, ...]:
    """Unite verified matches.

    Parameters
    ----------
    matches : iterable of Match
        Verified pairs.
    articles : Mapping[str, Article]
        By id; every article of a match is in it.

    Returns
    -------
    tuple of Cluster
        Largest first, then by id; each of at least two articles.
    """
    parents: dict[str, str] = {}
    for match in matches:
        root_a, root_b = _root(parents, match.a), _root(parents, match.b)
        parents[max(root_a, root_b)] = min(root_a, root_b)
    members: dict[str, list[str]] = {}
    for article_id in sorted(parents):
        members.setdefault(_root(parents, article_id), []).append(article_id)
    clusters = [
        Cluster(id=_name(ids, articles), articles=tuple(ids), is_revision=_is_of_one_source(ids, articles))
        for ids in members.values()
    ]
    return tuple(sorted(clusters, key=lambda found: (-len(found.articles), found.id)))


def _root(parents: dict[str, str], article_id: str) -> str:
    root = article_id
    while (parent := parents.setdefault(root, root)) != root:
        root = parent
    while parents[article_id] != root:
        parents[article_id], article_id = root, parents[article_id]
    return root


def _is_of_one_source(ids: Iterable[str], articles: Mapping[str, Article]) -> bool:
    sources = {articles[article_id].source for article_id in ids}
    return len(sources) == 1 and sources != {""}


def _name(ids: Iterable[str], articles: Mapping[str, Article]) -> str:
    founder = min(ids, key=lambda article_id: (articles[article_id].first_seen or _NEVER, article_id))
    return blake2b(founder.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
