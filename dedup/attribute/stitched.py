"""Clusters -> for an article stitched together from several sources, the origin of each passage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple

from dedup.model import Article, Cluster, Match, PassageOrigin


def find_stitched(
    clusters: Sequence[Cluster], articles: Mapping[str, Article], matches: Sequence[Match]
) -> tuple[PassageOrigin, ...]:
    """Find the articles whose shared text comes from more than one place, and say whence each passage is.

    A round-up stands in the cluster of each text it carries. Where two texts that share nothing meet in one article and
    so in one cluster, they are told apart by that.

    Returns
    -------
    tuple of PassageOrigin
        By article and place; passages do not overlap.
    """
    of_article: dict[str, list[Match]] = {}
    for match in matches:
        if match.relation == "copy":
            of_article.setdefault(match.a, []).append(match)
            of_article.setdefault(match.b, []).append(match)
    clusters_of: dict[str, list[_Inside]] = {}
    for cluster in clusters:
        inside = _Inside(cluster, frozenset(cluster.articles))
        for article_id in cluster.articles:
            clusters_of.setdefault(article_id, []).append(inside)
    near = {
        article_id: {match.b if match.a == article_id else match.a for match in own}
        for article_id, own in of_article.items()
    }
    found: list[PassageOrigin] = []
    for article_id in sorted(of_article):
        if len(of_article[article_id]) < 2:
            continue
        texts = [
            text
            for cluster, inside in clusters_of.get(article_id, ())
            if cluster.attribution.origin != article_id
            for text in _texts_from(article_id, cluster, inside, of_article, near)
        ]
        if len(texts) < 2:  # one text has one origin
            continue
        parts = _without_overlaps([part for text in texts for part in _parts_of(article_id, text)])
        if len({(part.cluster, part.origin) for part in parts}) > 1:
            found += parts
    return tuple(found)


class _Inside(NamedTuple):
    cluster: Cluster
    articles: frozenset[str]


class _Text(NamedTuple):
    """What an article shares with others of a cluster that match one another: one text of those it carries."""

    cluster: Cluster
    group: list[str]
    matches: list[Match]
    is_only: bool


def _texts_from(
    article_id: str,
    cluster: Cluster,
    inside: Set[str],
    of_article: Mapping[str, Sequence[Match]],
    near: Mapping[str, Set[str]],
) -> list[_Text]:
    others = {
        match.b if match.a == article_id else match.a: match
        for match in of_article[article_id]
        if match.a in inside and match.b in inside
    }
    groups = _groups(others, near)
    return [_Text(cluster, group, [others[other] for other in group], len(groups) == 1) for group in groups]


def _parts_of(article_id: str, text: _Text) -> list[PassageOrigin]:
    origin, confidence = _origin_of(text.group, article_id, text.cluster, is_only=text.is_only)
    return [
        PassageOrigin(article_id, start, end, origin, confidence, text.cluster.id)
        for start, end in _joined(article_id, text.matches)
    ]


def _groups(others: Mapping[str, Match], near_of: Mapping[str, Set[str]]) -> list[list[str]]:
    """Put together the articles that match one another; those that do not tell different texts."""
    left = sorted(others)
    groups = []
    while left:
        group, queue = [], [left.pop(0)]
        while queue:
            current = queue.pop()
            group.append(current)
            near = near_of[current]
            queue += [other for other in left if other in near]
            left = [other for other in left if other not in near]
        groups.append(sorted(group))
    return groups


def _origin_of(group: Sequence[str], article_id: str, cluster: Cluster, *, is_only: bool) -> tuple[str | None, float]:
    """Give the root of a group's links; where there is but one text, that of the cluster."""
    attribution = cluster.attribution
    if is_only or attribution.origin in group:
        return attribution.origin, attribution.confidence
    links = {link.copy: link for link in cluster.links}
    for member in group:
        current, confidence = member, 1.0
        seen = {article_id}
        while current in links and current not in seen:
            seen.add(current)
            confidence *= links[current].confidence
            current = links[current].copied_from
        if current not in seen:
            return current, round(confidence, 4)
    return (group[0], 0.5) if len(group) == 1 else (None, 0.0)


def _joined(article_id: str, matches: Sequence[Match]) -> list[tuple[int, int]]:
    """Give the stretches of an article that any of its matches covers."""
    spans = sorted(
        (p.a_start, p.a_end) if match.a == article_id else (p.b_start, p.b_end)
        for match in matches
        for p in match.passages
    )
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _without_overlaps(parts: Sequence[PassageOrigin]) -> list[PassageOrigin]:
    """Keep the longest part where two claim the same characters."""
    kept: list[PassageOrigin] = []
    for part in sorted(parts, key=lambda p: (p.start - p.end, p.start, p.cluster)):
        if all(part.end <= other.start or other.end <= part.start for other in kept):
            kept.append(part)
    return sorted(kept, key=lambda p: (p.start, p.end))
