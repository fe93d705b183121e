"""Cluster -> Cluster with its origin: an article of it, an agency or outlet outside the corpus, or unknown.

Theory of operation
-------------------
The earliest date is a bad witness: feeds round, updates overwrite, copies are stamped before their originals. What
articles state themselves is better, so the order of belief is

1. credit lines, datelines and bylines (`credit_lines`, `bylines`),
2. structured fields that name a source, RSS ``<source>``, JSON-LD ``isBasedOn`` and the like (`structured`),
3. a canonical URL on somebody else's host (`structured`),
4. the date, where the lag is longer than the dates are precise (`times`).

Each becomes a `Clue` with the characters it was read from; names are resolved against the members of the cluster
(`names`, `members`), and `verdict` weighs them. Several papers that all credit dpa have one origin, ``agency:dpa``,
though no dpa article is in the corpus.

Special cases: articles of one source are revisions, its earliest stands for it. An article whose source is the agency
itself is the agency. Circles of credits, credits to a later article and impossible dates are told as contradictions.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from dedup.attribute.credit_lines import FAR_CHARS, HEAD_CHARS, TAIL_CHARS
from dedup.attribute.members import Members
from dedup.attribute.statements import own_names, read_statements
from dedup.attribute.times import SEEN_WEIGHT, lag, lag_seen, sort_key, span_of, weight_of
from dedup.attribute.verdict import MIN_STATEMENT, judge
from dedup.model import Article, Clue, Cluster, Match

__all__ = ["attribute", "credits_of"]

MIN_CONFIDENCE = 0.55  # a lag of ten minutes alone is no verdict


def credits_of(
    article: Article,
    *,
    head_chars: int = HEAD_CHARS,
    tail_chars: int = TAIL_CHARS,
    far_chars: int = FAR_CHARS,
) -> tuple[Clue, ...]:
    r"""Read whom an article itself names as its source, without any other article at hand.

    A lone article whose credit names another outlet is a copy whose origin is outside the corpus.

    Parameters
    ----------
    article : Article
    head_chars, tail_chars : int
        Characters from the start and end of the text within which datelines, brackets and signatures count.
    far_chars : int
        Characters from the end within which a label ("Source: X") or a sentence ("first appeared on X") counts.

    Returns
    -------
    tuple of Clue
        Strongest first; each points to ``agency:...`` or ``outlet:...``.

    Examples
    --------
    >>> article = Article(id="1", text="The presidents may meet.\n\nSource: Blick\n\nfollow:", source="copy.example")
    >>> [(clue.points_to, clue.quote) for clue in credits_of(article)]
    [('outlet:Blick', 'Source: Blick')]
    """
    statements = read_statements(
        article, own=own_names(article), head_chars=head_chars, tail_chars=tail_chars, far_chars=far_chars
    )
    clues = [statement.clue for statement in statements if not statement.members_only]
    return tuple(sorted(clues, key=lambda clue: (-clue.weight, clue.where, clue.start, clue.points_to)))


def attribute(
    cluster: Cluster,
    *,
    articles: Mapping[str, Article],
    matches: Sequence[Match],
    min_confidence: float = MIN_CONFIDENCE,
    head_chars: int = HEAD_CHARS,
    tail_chars: int = TAIL_CHARS,
    far_chars: int = FAR_CHARS,
) -> Cluster:
    r"""Find the origin of a cluster.

    Parameters
    ----------
    cluster : Cluster
    articles : Mapping[str, Article]
        At least the cluster's own articles, by id.
    matches : sequence of Match
        At least the cluster's own, sorted by (a, b) as in `Duplicates`. Not checked.
    min_confidence : float
        In [0, 1]. Below it the origin is unknown rather than guessed.
    head_chars, tail_chars, far_chars : int
        As for `credits_of`.

    Returns
    -------
    Cluster
        The same, with its attribution.

    Raises
    ------
    KeyError
        An article of the cluster is not in `articles`.

    Examples
    --------
    >>> articles = {
    ...     "a": Article(id="a", text="Two presidents may meet.", source="blick.example"),
    ...     "b": Article(id="b", text="Two presidents may meet.\n\nSource: Blick", source="copy.example"),
    ... }
    >>> matches = [Match("a", "b", "near", 1.0, 1.0, 1.0)]
    >>> found = attribute(Cluster("a", ("a", "b")), articles=articles, matches=matches)
    >>> found.attribution.origin, found.attribution.confidence > 0.9
    ('a', True)
    """
    members = Members(articles[article_id] for article_id in cluster.articles)
    statements = [
        replace(statement.clue, points_to=target, weight=max(statement.clue.weight, MIN_STATEMENT))
        for article in members.articles.values()
        for statement in read_statements(
            article, own=members.own[article.id], head_chars=head_chars, tail_chars=tail_chars, far_chars=far_chars
        )
        if (target := members.resolve(statement)) is not None
    ]
    times = list(_time_clues(members, matches))
    return replace(cluster, attribution=judge(statements, times, members=members, min_confidence=min_confidence))


def _time_clues(members: Members, matches: Sequence[Match]) -> Iterator[Clue]:
    """Give the clue that the earliest source's date is, if it is certainly earlier than every other's."""
    firsts = sorted((members.articles[first] for first in members.groups), key=sort_key)
    if len(firsts) == 1:
        firsts = sorted(members.articles.values(), key=sort_key)
    earliest, others = firsts[0], firsts[1:]
    if not others:
        return
    share = _share_matched(earliest.id, [other.id for other in others], members, matches)
    least = min(lag(earliest, other) for other in others)
    if least > timedelta(0) and share > 0:
        spans = [span_of(article) for article in firsts]
        weight = weight_of(least, is_day_only=any(span is not None and span.is_day_only for span in spans))
        yield _time_clue("time", "published", earliest, weight * share)
        return
    seen_first = min(firsts, key=lambda article: (*sort_key(article)[1:], article.id))
    rest = [article for article in firsts if article is not seen_first]
    is_first = all(lag_seen(seen_first, other) > timedelta(0) >= lag(other, seen_first) for other in rest)
    if share > 0 and is_first:
        yield _time_clue("first seen", "first_seen", seen_first, SEEN_WEIGHT * share)


def _time_clue(kind: str, where: str, article: Article, weight: float) -> Clue:
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
    for a, b in _pairs(members, matches):
        if first in (a, b):
            matched |= {a, b}
    return sum(other in matched for other in others) / len(others)


def _pairs(members: Members, matches: Sequence[Match]) -> Iterator[tuple[str, str]]:
    """Give the sources of each match within the cluster, by their first articles."""
    for article_id in members.articles:
        i = bisect_left(matches, article_id, key=lambda match: match.a)
        while i < len(matches) and matches[i].a == article_id:
            if matches[i].b in members.articles:
                yield members.first_of(article_id), members.first_of(matches[i].b)
            i += 1
