"""Duplicates -> a profile of each source: its own and others', whom it copies, who copies it, how fast."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import comb

from dedup.attribute.times import lag_hours
from dedup.model import Duplicates, SourceProfile

_ALPHA = 0.05  # of the interval of a median


def profile_sources(duplicates: Duplicates) -> tuple[SourceProfile, ...]:
    """Profile every source that is named.

    Returns
    -------
    tuple of SourceProfile
        Those with most copies, made or suffered, first; then by name.
    """
    articles = duplicates.articles
    n_articles = Counter(article.source for article in articles.values() if article.source)
    syndicated: dict[str, set[str]] = {}
    copies_from: dict[str, Counter[str]] = {}
    copied_by: dict[str, Counter[str]] = {}
    lags: dict[str, list[float]] = {}
    seen = set()
    for cluster in duplicates.clusters:
        for link in cluster.links:
            copy, of = articles[link.copy], articles.get(link.copied_from)
            named = (of.source or link.copied_from) if of else link.copied_from
            if not copy.source or named == copy.source or (link.copy, link.copied_from) in seen:
                continue
            seen.add((link.copy, link.copied_from))
            syndicated.setdefault(copy.source, set()).add(link.copy)
            copies_from.setdefault(copy.source, Counter())[named] += 1
            copied_by.setdefault(named, Counter())[copy.source] += 1
            if of and (hours := lag_hours(of, copy)) is not None:
                lags.setdefault(copy.source, []).append(hours)
    for alone in duplicates.alone:
        source = articles[alone.article].source
        if source and alone.attribution.origin:
            syndicated.setdefault(source, set()).add(alone.article)
            copies_from.setdefault(source, Counter())[alone.attribution.origin] += 1
    profiles = [
        SourceProfile(
            source,
            n,
            n - len(syndicated.get(source, ())),
            len(syndicated.get(source, ())),
            _most_first(copies_from.get(source, Counter())),
            _most_first(copied_by.get(source, Counter())),
            *_median(sorted(lags.get(source, ()))),
        )
        for source, n in n_articles.items()
    ]
    return tuple(sorted(profiles, key=lambda p: (-sum(n for _, n in (*p.copies_from, *p.copied_by)), p.source)))


def _most_first(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _median(values: Sequence[float]) -> tuple[float | None, tuple[float, float] | None]:
    """Give the median of sorted values and its 95 % interval, from the binomial of how many lie below it.

    >>> _median([1.0, 2.0, 3.0]), _median([float(n) for n in range(1, 12)])
    ((2.0, None), (6.0, (2.0, 10.0)))
    """
    n = len(values)
    if n == 0:
        return None, None
    median = (values[(n - 1) // 2] + values[n // 2]) / 2
    low, below = -1, 0.0
    while (below := below + comb(n, low + 1) / 2**n) <= _ALPHA / 2:
        low += 1
    return round(median, 4), (round(values[low], 4), round(values[n - 1 - low], 4)) if low >= 0 else None
