"""Which article, which cluster: the lookups that tables and pages share."""

from __future__ import annotations

from dedup.errors import CorpusError
from dedup.model import Article, Cluster, Duplicates


def article_of(duplicates: Duplicates, key: str) -> Article:
    """Look an article up by its id.

    Raises
    ------
    CorpusError
        A match, cluster or clue names an article that is not among ``duplicates.articles``.
    """
    try:
        return duplicates.articles[key]
    except KeyError:
        raise CorpusError(f"article {key!r} is named by a match or cluster but is not among the articles") from None


def clusters_of_matches(duplicates: Duplicates) -> list[Cluster | None]:
    """Find for each match the first cluster that holds both its articles; None where there is none."""
    places: dict[str, list[int]] = {}
    for place, cluster in enumerate(duplicates.clusters):
        for key in cluster.articles:
            places.setdefault(key, []).append(place)
    found: list[Cluster | None] = []
    for match in duplicates.matches:
        shared = set(places.get(match.a, ())) & set(places.get(match.b, ()))
        found.append(duplicates.clusters[min(shared)] if shared else None)
    return found
