"""Cluster -> who copied from whom, step by step: agency -> outlet -> reposter.

Theory of operation
-------------------
A repost of a repost is not the origin's doing. For each source of a cluster, everyone it can have its text from is
weighed: whom it credits itself, whose text it is most like (edits are inherited: what the first copy cut is missing
from the second), who was certainly earlier, and the origin of the cluster. The likeliest step of all is taken first,
then the next, none that would close a circle. A source has its text from one place; its later versions have it from
its first.

Special cases: where the origin is outside the corpus, a copy that is word for word like another may have it from the
agency as well, so the agency is preferred. Where the origin is unknown, only steps that are likely by themselves are
told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import exp

from dedup.attribute.members import Members
from dedup.model import Attribution, Clue, Link, Match

SAYS_SO = 3.0  # log-odds. It credits that one itself
IS_ORIGIN = 1.0  # log-odds. Most copies of a cluster are made of its origin
IS_OUTSIDE = 2.5  # log-odds. The origin is no article here: likeness cannot speak for it
LIKENESS = 8.0  # log-odds for a jaccard of 1 against 0: inherited edits
IS_EARLIER = 1.0  # log-odds. Certainly published before
IS_LATER = -3.0  # log-odds. Certainly published after
NOBODY = 2.0  # log-odds of "from nobody here", where the origin is unknown
_NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class _Step:
    score: float
    copy: str
    copied_from: str


def link_copies(
    members: Members,
    matches: Sequence[Match],
    attribution: Attribution,
    statements: Sequence[Clue],
    *,
    min_confidence: float,
) -> tuple[Link, ...]:
    """Tell who copied from whom.

    Parameters
    ----------
    members : Members
    matches : sequence of Match
        Those within the cluster.
    attribution : Attribution
        The cluster's.
    statements : sequence of Clue
        What members state, each pointing to a member's first article, an agency or an outlet.
    min_confidence : float
        In [0, 1]; where the origin is unknown, what a step must reach.

    Returns
    -------
    tuple of Link
        Sorted by copy; no circles.
    """
    origin = attribution.origin
    root = members.first_of(origin) if origin in members.articles else origin
    stated: dict[str, dict[str, float]] = {}
    for clue in statements:
        if clue.kind != "link":
            targets = stated.setdefault(members.first_of(clue.article), {})
            targets[clue.points_to] = max(targets.get(clue.points_to, 0.0), clue.weight)
    best = _likest(members, matches)
    steps = _weigh_steps(members, best, root, stated)
    chosen = _choose(steps, members, root)
    links = []
    for copy, step in chosen.items():
        rivals = [other.score for other in steps[copy]]
        confidence = exp(step.score) / (sum(map(exp, rivals)) + (exp(NOBODY) if root is None else 0.0))
        if root is None and confidence < min_confidence:
            continue
        said = stated.get(copy, {})
        is_credited = step.copied_from in said or (root is not None and root in said)
        match = best.get((copy, step.copied_from))
        if match and match.a in members.articles:
            a, b = (match.a, match.b) if members.first_of(match.a) == copy else (match.b, match.a)
        else:
            a, b = copy, step.copied_from
        if root is not None:
            confidence *= attribution.confidence
        links.append(Link(a, b, round(confidence, 4), is_credited))
    links += _versions(members, {link.copy for link in links})
    return tuple(sorted(links, key=lambda link: (link.copy, link.copied_from)))


def _likest(members: Members, matches: Sequence[Match]) -> dict[tuple[str, str], Match]:
    """Give, for each two sources, the match of their versions that are most alike."""
    best: dict[tuple[str, str], Match] = {}
    for match in matches:
        a, b = members.first_of(match.a), members.first_of(match.b)
        if a == b:
            continue
        rank = (match.jaccard, match.containment)
        if (a, b) not in best or rank > (best[a, b].jaccard, best[a, b].containment):
            best[a, b] = best[b, a] = match
    return best


def _weigh_steps(
    members: Members,
    best: Mapping[tuple[str, str], Match],
    root: str | None,
    stated: Mapping[str, Mapping[str, float]],
) -> dict[str, list[_Step]]:
    """Weigh, for each source that is not the origin, everyone it can have its text from."""
    scores: dict[str, dict[str, float]] = {first: {} for first in members.groups if first != root}
    for (copy, other), match in best.items():
        if copy in scores:
            scores[copy][other] = LIKENESS * (match.jaccard if match.kind != "translated" else 0.5) + _when(
                members, other, copy
            )
    for copy, of_copy in scores.items():
        likest = max(of_copy.values(), default=0.0)
        for other in of_copy:
            of_copy[other] -= likest  # only differences tell
        if root is not None:
            is_outside = root not in members.articles
            of_copy[root] = of_copy.get(root, 0.0 if is_outside else -1.0) + (IS_OUTSIDE if is_outside else IS_ORIGIN)
        for target in stated.get(copy, {}):
            of_copy[target] = of_copy.get(target, 0.0) + SAYS_SO
    return {
        copy: [_Step(round(score, 9), copy, other) for other, score in sorted(of_copy.items()) if other != copy]
        for copy, of_copy in scores.items()
    }


def _when(members: Members, other: str, copy: str) -> float:
    if members.lag(other, copy) > _NONE:
        return IS_EARLIER
    return IS_LATER if members.lag(copy, other) > _NONE else 0.0


def _choose(steps: Mapping[str, Sequence[_Step]], members: Members, root: str | None) -> dict[str, _Step]:
    """Take the likeliest step, then the next, one for each copy, none that closes a circle."""
    chosen: dict[str, _Step] = {}
    in_order = sorted(
        (step for of_copy in steps.values() for step in of_copy),
        key=lambda step: (-step.score, step.copy, step.copied_from),
    )
    for step in in_order:
        if step.copy in chosen:
            continue
        above = step.copied_from
        while above in chosen and above != step.copy:
            above = chosen[above].copied_from
        if above == step.copy:
            continue
        is_inside = step.copied_from in members.articles
        if root is None and is_inside and members.lag(step.copy, step.copied_from) > _NONE:
            continue
        chosen[step.copy] = step
    if root is not None:
        for copy, of_copy in steps.items():
            if copy not in chosen:
                chosen[copy] = next((step for step in of_copy if step.copied_from == root), _Step(0.0, copy, root))
    return dict(sorted(chosen.items()))


def _versions(members: Members, linked: set[str]) -> list[Link]:
    """Link the versions of one source to that source's first, or to the one that copied."""
    links = []
    for first, ids in members.groups.items():
        copying = next((id_ for id_ in ids if id_ in linked), first)
        links += [Link(id_, copying, 1.0) for id_ in ids if id_ != copying and id_ not in linked]
    return links
