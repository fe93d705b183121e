"""Clusters of tonight + what was recorded of earlier ones -> the names they keep, and what happened to each.

A cluster is named after its first-seen article, so its name stays while that article is in the window. After that the
record keeps it: a cluster whose articles were in one before is called what that was called. Where two have become one,
the name after its first-seen article stays, else the older one, and the other is noted as merged into it; where one has
come apart, the part that is named after the same article keeps the name, else the larger one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b

from dedup.model import Cluster, Duplicates
from dedup.store import ClusterEvent


def named_as_before(found: Duplicates, recorded: Mapping[str, Sequence[str]]) -> Duplicates:
    """Give clusters the names they had.

    Parameters
    ----------
    found : Duplicates
    recorded : Mapping[str, sequence of str]
        By article, the clusters it was in, oldest first.
    """
    names = _names(found.clusters, recorded)
    if all(names[cluster.id] == cluster.id for cluster in found.clusters):
        return found
    clusters = [replace(cluster, id=names[cluster.id]) for cluster in found.clusters]
    return replace(
        found,
        clusters=tuple(sorted(clusters, key=lambda one: (-len(one.articles), one.id))),
        stitched=tuple(replace(part, cluster=names.get(part.cluster, part.cluster)) for part in found.stitched),
    )


def what_happened(
    clusters: Sequence[Cluster], recorded: Mapping[str, Sequence[str]], window: Mapping[str, object]
) -> tuple[list[ClusterEvent], list[tuple[str, str]]]:
    """Tell what happened to clusters since they were recorded.

    Parameters
    ----------
    clusters : sequence of Cluster
        With the names they keep.
    recorded
        As for `named_as_before`.
    window : Mapping
        By id, the articles of the window: of others nothing new is known.

    Returns
    -------
    list of ClusterEvent
        By cluster.
    list of (str, str)
        Cluster and article: those that are no longer in it.
    """
    now = {cluster.id: set(cluster.articles) for cluster in clusters}
    before: dict[str, set[str]] = {}
    for article_id, ids in recorded.items():
        for cluster_id in ids:
            before.setdefault(cluster_id, set()).add(article_id)
    events, gone = [], []
    for cluster_id in sorted(now.keys() | before.keys()):
        had, has = before.get(cluster_id, set()), now.get(cluster_id, set())
        left = {article_id for article_id in had - has if article_id in window}
        gone += [(cluster_id, article_id) for article_id in sorted(left)]
        if not had:
            events.append(ClusterEvent(cluster_id=cluster_id, event="founded"))
            continue
        heirs = Counter(name for name, articles in now.items() if name != cluster_id for _ in articles & left)
        if not has and heirs:
            (heir, _) = min(heirs.items(), key=lambda item: (-item[1], item[0]))
            events.append(ClusterEvent(cluster_id=cluster_id, event="merged", other=heir))
            continue
        if has - had:
            events.append(ClusterEvent(cluster_id=cluster_id, event="grew"))
        if left:
            events.append(ClusterEvent(cluster_id=cluster_id, event="shrank"))
    return events, gone


def _names(clusters: Sequence[Cluster], recorded: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Choose the name of each cluster, by the name it has: no two get the same."""
    age = {name: place for place, name in enumerate(dict.fromkeys(n for ids in recorded.values() for n in ids))}
    claims = []
    for cluster in clusters:
        held = Counter(name for article_id in cluster.articles for name in recorded.get(article_id, ()))
        claims += [(name != cluster.id, age[name], -n, name, cluster.id) for name, n in held.items()]
    names: dict[str, str] = {}
    taken: set[str] = set()
    for *_, name, cluster_id in sorted(claims):
        if cluster_id not in names and name not in taken:
            names[cluster_id] = name
            taken.add(name)
    for cluster in clusters:
        if cluster.id not in names:
            name = cluster.id
            while name in taken:
                name = blake2b(name.encode(), digest_size=6).hexdigest()
            names[cluster.id] = name
            taken.add(name)
    return names
