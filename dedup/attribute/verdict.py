"""Clues -> Attribution: weigh what speaks for each candidate, follow credits to their root, say what contradicts.

Theory of operation
-------------------
Each clue adds log-odds to the candidate it leads to. Clues of one family (credits, fields, addresses, time ...) are
not independent, so each family is capped, and one source counts once in it; the cap on time is below the weight of any
credit. A credit leads to its root: A credits B and B credits dpa means dpa. Against all candidates stands "nothing we
know of", so that a lone weak clue yields a low confidence, and below `min_confidence` the verdict is "unknown".

What speaks against the verdict is said in words: credits to someone else, a credited article that is later than its
copy, credits that go round in a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp

from dedup.attribute.members import Members
from dedup.attribute.times import is_implausible
from dedup.attribute.weights import FAMILY_OF, STATED, Weights
from dedup.model import Alternative, Attribution, Clue

LEAST_ABOVE_TIME = 0.1  # log-odds by which the last name of a long list still outweighs any date
MAX_ALTERNATIVES = 5  # runners-up that are named
_N_SHOWN = 3  # articles named in a contradiction; the rest are counted


@dataclass(frozen=True, slots=True)
class Candidate:
    """An origin that something speaks for, its log-odds, and the clues."""

    origin: str
    score: float
    clues: tuple[Clue, ...]


def judge(
    statements: Sequence[Clue],
    hints: Sequence[Clue],
    *,
    members: Members,
    weights: Weights,
    min_confidence: float,
) -> Attribution:
    """Weigh the clues of one cluster.

    Parameters
    ----------
    statements : sequence of Clue
        What the members state, each pointing to a member's first article, an agency or an outlet.
    hints : sequence of Clue
        What their dates, their editing, their languages ... say, each pointing to a member's first article.
    members : Members
    weights : Weights
    min_confidence : float
        In [0, 1]; below it the origin is unknown.
    """
    statements = [_weighed(clue, weights, least=weights.caps["time"] + LEAST_ABOVE_TIME) for clue in statements]
    hints = [clue for clue in (_weighed(clue, weights) for clue in hints) if clue.weight > 0]
    credited = strongest_targets(statements, members)
    cycles = _cycles(credited)
    rooted = [(_root(clue.points_to, credited), clue) for clue in statements]
    rooted += [(_root(clue.points_to, credited), clue) for clue in hints if clue.family not in ("time", "history")]
    rooted += [
        (clue.points_to, clue)
        for clue in hints
        if clue.family in ("time", "history") and clue.points_to not in credited
    ]
    candidates = weigh(rooted, members, weights)
    dates = _strange_dates(members)
    if not candidates:
        return Attribution(None, contradictions=(*_circles(cycles, members), *dates))
    best, rivals = candidates[0], candidates[1:]
    mass = {candidate.origin: exp(candidate.score) for candidate in candidates}
    of_all = exp(weights.nothing) + sum(mass.values())
    together = [rival for rival in rivals if _credited_together(rival, best)]
    believed = weights.calibrated(sum(mass[candidate.origin] for candidate in (best, *together)) / of_all)
    is_tie = any(rival.score == best.score for rival in rivals if rival not in together)
    if believed < min_confidence or is_tie:
        against = (*_circles(cycles, members), *_rivals(candidates, members), *dates)
        return Attribution(None, 0.0, (), against, _alternatives(candidates, mass, of_all))
    confidence = weights.calibrated(mass[best.origin] / of_all)
    against = (
        *_circles(cycles, members),
        *_rivals(rivals, members, best),
        *_late(best, statements, credited, members),
        *dates,
    )
    left = 1 - confidence
    others = _alternatives(rivals, mass, (of_all - mass[best.origin]) / left if left > 0 else 1.0)
    return Attribution(best.origin, round(confidence, 4), best.clues, tuple(dict.fromkeys(against)), others)


def _weighed(clue: Clue, weights: Weights, *, least: float = 0.0) -> Clue:
    """Turn the strength with which a clue was read into its weight."""
    weight = round(clue.weight * weights.factors[clue.kind], 4)
    return replace(clue, family=FAMILY_OF[clue.kind], weight=max(weight, least))


def _alternatives(candidates: Sequence[Candidate], mass: Mapping[str, float], of_all: float) -> tuple[Alternative, ...]:
    return tuple(
        Alternative(candidate.origin, round(mass[candidate.origin] / of_all, 4), candidate.clues)
        for candidate in candidates[:MAX_ALTERNATIVES]
    )


def _credited_together(rival: Candidate, best: Candidate) -> bool:
    """Tell whether the same articles credit both, "dpa/AFP": no contradiction, though it lowers the confidence."""
    stating = _stating(rival)
    return bool(stating) and stating <= {clue.article for clue in best.clues}


def strongest_targets(statements: Sequence[Clue], members: Members) -> dict[str, str]:
    """Give, for each source that credits someone, whom it credits most."""
    sums: dict[str, dict[str, float]] = {}
    for clue in statements:
        of_source = sums.setdefault(members.first_of(clue.article), {})
        of_source[clue.points_to] = max(of_source.get(clue.points_to, 0.0), clue.weight)
    return {source: min(targets, key=lambda t: (-targets[t], t)) for source, targets in sorted(sums.items())}


def _root(target: str, credited: Mapping[str, str]) -> str:
    """Follow credits from `target` to whoever credits nobody; in a circle, stay."""
    seen = [target]
    while (following := credited.get(seen[-1])) is not None:
        if following in seen:
            return target
        seen.append(following)
    return seen[-1]


def _cycles(credited: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Find the circles of credits, each once, beginning with its smallest id."""
    found = set()
    for start in credited:
        path = [start]
        while (following := credited.get(path[-1])) is not None and following not in path:
            path.append(following)
        if following is not None:
            circle = path[path.index(following) :]
            least = circle.index(min(circle))
            found.add(tuple(circle[least:] + circle[:least]))
    return sorted(found)


def weigh(rooted: Sequence[tuple[str, Clue]], members: Members, weights: Weights) -> list[Candidate]:
    """Sum log-odds by candidate, likeliest first."""
    by_origin: dict[str, list[Clue]] = {}
    for origin, clue in rooted:
        by_origin.setdefault(origin, []).append(clue)
    candidates = [
        Candidate(origin, *_counted(clues, members, weights))
        for origin, clues in by_origin.items()
        if any(clue.family != "history" for clue in clues)  # what a source does elsewhere is no clue by itself
    ]
    return sorted(candidates, key=lambda candidate: (-candidate.score, candidate.origin))


def _counted(clues: Sequence[Clue], members: Members, weights: Weights) -> tuple[float, tuple[Clue, ...]]:
    """Sum what each clue adds: of one source the strongest of a family, of a family no more than its cap."""
    heard: set[tuple[str, str]] = set()
    room = dict(weights.caps)
    counted = []
    for clue in sorted(clues, key=_strongest_first):
        speaker = (clue.family, members.first_of(clue.article))
        adds = 0.0 if speaker in heard else min(clue.weight, room[clue.family])
        heard.add(speaker)
        room[clue.family] -= adds
        counted.append(replace(clue, counted=round(adds, 4)))
    return round(sum(clue.counted for clue in counted), 9), tuple(counted)


def _strongest_first(clue: Clue) -> tuple[float, str, str, int, str, str]:
    return (-clue.weight, clue.article, clue.where, clue.start, clue.points_to, clue.kind)


# -- what speaks against it


def _circles(cycles: Sequence[tuple[str, ...]], members: Members) -> Iterator[str]:
    for circle in cycles:
        yield "credits go round in a circle: " + " credits ".join(map(members.name_of, [*circle, circle[0]]))


def _rivals(rivals: Sequence[Candidate], members: Members, best: Candidate | None = None) -> Iterator[str]:
    """Say who credits someone else, and whose date is the earliest."""
    for rival in rivals:
        stating = sorted(_stating(rival))
        verb = "credits" if len(set(stating)) == 1 else "credit"
        who, whom = _listed(map(members.name_of, stating)), members.name_of(rival.origin)
        if not stating:
            kinds = ", ".join(dict.fromkeys(clue.kind for clue in rival.clues))
            is_time = all(clue.family == "time" for clue in rival.clues)
            yield f"{whom} carries the earliest date" if is_time else f"{whom} has in its favour: {kinds}"
        elif best is None:
            yield f"{who} {verb} {whom}"
        elif _credited_together(rival, best):
            yield f"{who} also {verb} {whom}"
        else:
            yield f"{who} {verb} {whom}, not {members.name_of(best.origin)}"


def _stating(candidate: Candidate) -> set[str]:
    """Give the articles that name a candidate themselves."""
    return {clue.article for clue in candidate.clues if clue.family in STATED}


def _late(best: Candidate, statements: Sequence[Clue], credited: Mapping[str, str], members: Members) -> Iterator[str]:
    """Say which articles credit the origin and were certainly published before it."""
    for clue in sorted(statements, key=_strongest_first):
        if best.origin not in members.articles or _root(clue.points_to, credited) != best.origin:
            continue
        ahead = members.lag(clue.article, best.origin)
        if ahead.total_seconds() > 0:
            hours = _hours(ahead.total_seconds())
            who, whom = members.name_of(clue.article), members.name_of(best.origin)
            yield f"{who} credits {whom} but was published at least {hours} before it"


def _hours(seconds: float) -> str:
    hours = seconds / 3600
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.0f} days"


def _strange_dates(members: Members) -> Iterator[str]:
    return (
        f"{members.name_of(article.id)} is dated {article.published:%Y-%m-%d}, which cannot be; the date was left out"
        for article in members.articles.values()
        if article.published is not None and is_implausible(article)
    )


def _listed(stating: Iterable[str]) -> str:
    names = sorted(set(stating))
    more = len(names) - _N_SHOWN
    return ", ".join(names[:_N_SHOWN]) + (f" and {more} more" if more > 0 else "")
