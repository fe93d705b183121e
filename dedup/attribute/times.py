"""Articles -> who was certainly earlier, as far as their dates tell.

A date is an interval: "2026-11-03" may be any minute of that day, "14:05" is good to a few minutes. One article is
earlier than another only where the intervals do not touch. Dates are the publisher's word; where they tell nothing, the
time at which we first saw an article may, if a whole night lies between.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dedup.model import Article

CLOCK_SKEW = timedelta(minutes=5)  # feeds round, clocks differ; a lag below twice this is none
DAY = timedelta(days=1)
SEEN_LAG = timedelta(hours=6)  # two articles first seen in one night were fetched in any order
TIME_WEIGHT = 1.2  # log-odds at most. Of 40 real copies the earliest date was right in 10, wrong in 6
SEEN_WEIGHT = 0.7  # log-odds. When we saw it says more about our timetable than about theirs
HALF_LAG = timedelta(hours=1)  # lag at which the date counts half
_EARLIEST_YEAR = 1990
_MIDNIGHT = re.compile(r"(?<![\d:+-])00:00(?::00)?(?!\d)")  # a system's way to write a mere day; not the zone +00:00
_CLOCK_TIME = re.compile(r"\d{1,2}:\d{2}")


@dataclass(frozen=True, slots=True)
class Span:
    """When an article was published: no earlier than `low`, no later than `high`."""

    low: datetime
    high: datetime
    is_day_only: bool


def span_of(article: Article) -> Span | None:
    """Give the span in which an article was published, or None where its date tells nothing.

    A date is only a day where it is written so, or falls on midnight to the second. See also `is_implausible`.
    """
    published = article.published
    if published is None or is_implausible(article):
        return None
    published = _aware(published)
    if _is_day_only(article, published):
        return Span(published, published + DAY, is_day_only=True)
    return Span(published - CLOCK_SKEW, published + CLOCK_SKEW, is_day_only=False)


def is_implausible(article: Article) -> bool:
    """Tell whether an article's date cannot be true: before 1990, or more than a day after we saw the article."""
    published = article.published
    if published is None:
        return False
    is_future = article.first_seen is not None and _aware(published) > _aware(article.first_seen) + DAY
    return published.year < _EARLIEST_YEAR or is_future


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _is_day_only(article: Article, published: datetime) -> bool:
    if article.published_raw:
        return not _CLOCK_TIME.search(article.published_raw) or _MIDNIGHT.search(article.published_raw) is not None
    return (published.hour, published.minute, published.second, published.microsecond) == (0, 0, 0, 0)


def lag(earlier: Span | None, later: Span | None) -> timedelta:
    """Give by how much one article was certainly published before another; 0 or less where that is not certain."""
    return later.low - earlier.high if earlier and later else timedelta(0)


def lag_seen(earlier: Article, later: Article) -> timedelta:
    """Give by how much longer than a night's run `earlier` was seen before `later`; 0 or less where it was not."""
    if earlier.first_seen is None or later.first_seen is None:
        return timedelta(0)
    return _aware(later.first_seen) - _aware(earlier.first_seen) - SEEN_LAG


def weight_of(lag: timedelta, *, is_day_only: bool) -> float:
    """Give the log-odds that a lag speaks for the earlier one: half at an hour, less for mere days.

    >>> weight_of(timedelta(hours=1), is_day_only=False)
    0.6
    """
    weight = TIME_WEIGHT * (lag / (lag + HALF_LAG))
    return weight / 2 if is_day_only else weight


def sort_key(article: Article) -> tuple[datetime, datetime, str]:
    """Order articles by when they were published, then seen, then id; the undated last."""
    last = datetime.max.replace(tzinfo=UTC)
    published = article.published if article.published and not is_implausible(article) else None
    return (
        _aware(published) if published else last,
        _aware(article.first_seen) if article.first_seen else last,
        article.id,
    )


def lag_hours(earlier: Article, later: Article) -> float | None:
    """Give the hours from one article to another, below 0 where the order is the reverse; None without clock times."""
    a, b = span_of(earlier), span_of(later)
    if a is None or b is None or a.is_day_only or b.is_day_only:
        return None
    return (b.low - a.low).total_seconds() / 3600
