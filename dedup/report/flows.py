"""Links -> who has how much from whom, and how long after; what share of each source is its own.

The rules are those of `Duplicates.sources`: an article counts once for each source it has its text from, and a source
has nothing from itself. What a page adds: the lag of each two sources, and whether an article comes from an agency
(syndicated) or from another outlet (copied).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median

from dedup.model import Article, Duplicates, Link
from dedup.report.wording import is_day_only, utc


@dataclass(frozen=True, slots=True)
class Flow:
    """What one source has from another.

    Parameters
    ----------
    giver : str
        A source, ``agency:...`` or ``outlet:...``.
    taker : str
        A source.
    n : int
        Articles.
    lag_h : float or None
        Hours between the two articles, the median; None where the dates do not tell.
    n_dated : int
        Articles the median is of.
    """

    giver: str
    taker: str
    n: int
    lag_h: float | None = None
    n_dated: int = 0


@dataclass(frozen=True, slots=True)
class Shares:
    """Of one source: articles that nothing shows to come from others, from an agency, from another outlet."""

    n_articles: int
    n_syndicated: int = 0
    n_copied: int = 0

    @property
    def n_original(self) -> int:
        """Articles that nothing shows to come from others."""
        return self.n_articles - self.n_syndicated - self.n_copied


def flows_of(duplicates: Duplicates) -> tuple[Flow, ...]:
    """Count who has how much from whom, most first."""
    counts: Counter[tuple[str, str]] = Counter()
    lags: dict[tuple[str, str], list[float]] = {}
    for giver, copy, of in _taken(duplicates):
        counts[giver, copy.source] += 1
        hours = lag_hours(of, copy) if of else None
        if hours is not None:
            lags.setdefault((giver, copy.source), []).append(hours)
    flows = (
        Flow(
            giver,
            taker,
            n,
            median(lags[giver, taker]) if (giver, taker) in lags else None,
            len(lags.get((giver, taker), ())),
        )
        for (giver, taker), n in counts.items()
    )
    return tuple(sorted(flows, key=lambda flow: (-flow.n, flow.giver, flow.taker)))


def shares_of(duplicates: Duplicates) -> Mapping[str, Shares]:
    """Tell of each source what is its own; by source, sorted."""
    syndicated: dict[str, set[str]] = {}
    copied: dict[str, set[str]] = {}
    for giver, copy, _ in _taken(duplicates):
        kind = syndicated if giver.startswith("agency:") else copied
        kind.setdefault(copy.source, set()).add(copy.id)
    n_articles = Counter(article.source for article in duplicates.articles.values() if article.source)
    return {
        source: Shares(
            n,
            len(syndicated.get(source, set())),
            len(copied.get(source, set()) - syndicated.get(source, set())),
        )
        for source, n in sorted(n_articles.items())
    }


def lag_hours(earlier: Article, later: Article) -> float | None:
    """Give the hours from one article to another; None where a date is missing or a mere day."""
    if earlier.published is None or later.published is None:
        return None
    if is_day_only(earlier.published) or is_day_only(later.published):
        return None
    between = utc(later.published, "published") - utc(earlier.published, "published")
    return between.total_seconds() / 3600


def _taken(duplicates: Duplicates) -> Iterator[tuple[str, Article, Article | None]]:
    """Whom each article has its text from: name, the article that has it, the article it is from."""
    seen = set()
    for link in _links(duplicates):
        copy, of = duplicates.articles[link.copy], duplicates.articles.get(link.copied_from)
        giver = (of.source or link.copied_from) if of else link.copied_from
        if copy.source and giver != copy.source and (link.copy, link.copied_from) not in seen:
            seen.add((link.copy, link.copied_from))
            yield giver, copy, of
    for alone in duplicates.alone:
        article = duplicates.articles[alone.article]
        if article.source and alone.attribution.origin:
            yield alone.attribution.origin, article, None


def _links(duplicates: Duplicates) -> Iterator[Link]:
    for cluster in duplicates.clusters:
        yield from cluster.links
