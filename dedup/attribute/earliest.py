"""Members -> the clue that one of them is certainly earlier than the others, by its date or by when we saw it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from dedup.attribute.members import Members
from dedup.attribute.times import SEEN_WEIGHT, lag_seen, sort_key, weight_of
from dedup.model import Article, Clue, Match


def read_times(members: Members, matches: Sequence[Match]) -> Iterator[Clue]:
    """Give the clue that the earliest source's date is: the more of the others are certainly later, the stronger.

    Parameters
    ----------
    members : Members
    matches : sequence of Match
        Those within the cluster. An article that matches only few of the others, as the end of a chain does, is a worse
        witness.
    """
    firsts = sorted((members.articles[first] for first in members.groups), key=sort_key)
    if len(firsts) == 1:
        firsts = sorted(members.articles.values(), key=sort_key)
    earliest, others = firsts[0], firsts[1:]
    if not others:
        return
    share = _share_matched(earliest.id, [other.id for other in others], members, matches)
    lags = [ahead for other in others if (ahead := members.lag(earliest.id, other.id)) > timedelta(0)]
    is_met = any(members.lag(other.id, earliest.id) > timedelta(0) for other in others)
    if lags and share > 0 and not is_met:
        spans = [members.spans[article.id] for article in firsts]
        weight = weight_of(min(lags), is_day_only=any(span is not None and span.is_day_only for span in spans))
        yield _clue("time", "published", earliest, weight * share * len(lags) / len(others))
        return
    seen_first = min(firsts, key=lambda article: (*sort_key(article)[1:], article.id))
    rest = [article for article in firsts if article is not seen_first]
    is_first = all(lag_seen(seen_first, other) > timedelta(0) >= members.lag(other.id, seen_first.id) for other in rest)
    if share > 0 and is_first:
        yield _clue("first seen", "first_seen", seen_first, SEEN_WEIGHT * share)


def _clue(kind: str, where: str, article: Article, weight: float) -> Clue:
    if where == "published" and article.published_raw:
        where, quote = "published_raw", article.published_raw
    else:
        moment = article.published if where == "published" else article.first_seen
        quote = moment.isoformat() if moment else ""
    return Clue(kind, article.id, article.id, weight, where, 0, len(quote), quote)


def _share_matched(first: str, others: Sequence[str], members: Members, matches: Sequence[Match]) -> float:
    """Give the share of the other sources that the earliest one matches itself: of a chain it may not be the origin."""
    if len(members.groups) == 1:
        return 1.0  # revisions: whatever came between, the first is the first
    matched = set()
    for match in matches:
        a, b = members.first_of(match.a), members.first_of(match.b)
        if first in (a, b):
            matched |= {a, b}
    return sum(other in matched for other in others) / len(others)
