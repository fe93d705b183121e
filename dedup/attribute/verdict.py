"""Clues -> Attribution: weigh what speaks for each candidate, follow credits to their root, say what contradicts.

Theory of operation
-------------------
Each clue adds log-odds to the candidate it leads to. Clues of one family (credits, fields, canonical URLs, time) are
not independent, so each family is capped; the cap on time is below the weight of any credit. A credit leads to its
root: A credits B and B credits dpa means dpa. Against all candidates stands "nothing we know of", at log-odds 0, so
that a lone weak clue yields a low confidence, and below `min_confidence` the verdict is "unknown".

What speaks against the verdict is said in words: credits to someone else, a credited article that is later than its
copy, credits that go round in a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp

from dedup.attribute.members import Members
from dedup.attribute.times import TIME_CAP, is_implausible, lag
from dedup.model import Attribution, Clue

FAMILY_OF: Mapping[str, str] = {
    "credit line": "credit",
    "dateline": "credit",
    "byline": "credit",
    "structured field": "structured",
    "canonical": "canonical",
    "time": "time",
    "first seen": "time",
}
CAPS: Mapping[str, float] = {"credit": 6.0, "structured": 4.0, "canonical": 3.0, "time": TIME_CAP}  # log-odds
MIN_STATEMENT = TIME_CAP + 0.1  # log-odds. The last name of a long list still outweighs any date
_N_SHOWN = 3  # articles named in a contradiction; the rest are counted


@dataclass(frozen=True, slots=True)
class Candidate:
    """An origin that something speaks for, its log-odds, and the clues."""

    origin: str
    score: float
    clues: tuple[Clue, ...]


def judge(statements: Sequence[Clue], times: Sequence[Clue], *, members: Members, min_confidence: float) -> Attribution:
    """Weigh the clues of one cluster.

    Parameters
    ----------
    statements : sequence of Clue
        What the members state, each pointing to a member's first article, an agency or an outlet.
    times : sequence of Clue
        What their dates say.
    members : Members
    min_confidence : float
        In [0, 1]; below it the origin is unknown.
    """
    credited = _strongest_targets(statements, members)
    cycles = _cycles(credited)
    rooted = [(_root(clue.points_to, credited), clue) for clue in statements]
    rooted += [(clue.points_to, clue) for clue in times if clue.points_to not in credited]
    candidates = _weigh(rooted, members)
    dates = _strange_dates(members)
    if not candidates:
        return Attribution(None, contradictions=(*_circles(cycles, members), *dates))
    best, rivals = candidates[0], candidates[1:]
    mass = {candidate.origin: exp(candidate.score) for candidate in candidates}
    of_all = 1.0 + sum(mass.values())
    together = [rival for rival in rivals if _credited_together(rival, best)]
    believed = sum(mass[candidate.origin] for candidate in (best, *together)) / of_all
    is_tie = any(rival.score == best.score for rival in rivals if rival not in together)
    if believed < min_confidence or is_tie:
        return Attribution(None, contradictions=(*_circles(cycles, members), *_rivals(candidates, members), *dates))
    against = [
        *_circles(cycles, members),
        *_rivals(rivals, members, best),
        *_late(best, statements, credited, members),
        *dates,
    ]
    return Attribution(best.origin, round(mass[best.origin] / of_all, 4), best.clues, tuple(dict.fromkeys(against)))


def _credited_together(rival: Candidate, best: Candidate) -> bool:
    """Tell whether the same articles credit both, "dpa/AFP": no contradiction, though it lowers the confidence."""
    stating = {clue.article for clue in rival.clues if FAMILY_OF[clue.kind] != "time"}
    return bool(stating) and stating <= {clue.article for clue in best.clues}


def _strongest_targets(statements: Sequence[Clue], members: Members) -> dict[str, str]:
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


def _weigh(rooted: Sequence[tuple[str, Clue]], members: Members) -> list[Candidate]:
    """Sum log-odds by candidate: one source counts once in a family, a family counts up to its cap."""
    by_origin: dict[str, list[Clue]] = {}
    for origin, clue in rooted:
        by_origin.setdefault(origin, []).append(clue)
    candidates = [
        Candidate(origin, _score(clues, members), tuple(sorted(clues, key=_strongest_first)))
        for origin, clues in by_origin.items()
    ]
    return sorted(candidates, key=lambda candidate: (-candidate.score, candidate.origin))


def _strongest_first(clue: Clue) -> tuple[float, str, str, int, str]:
    return (-clue.weight, clue.article, clue.where, clue.start, clue.points_to)


def _score(clues: Sequence[Clue], members: Members) -> float:
    best: dict[tuple[str, str], float] = {}
    for clue in clues:
        key = (FAMILY_OF[clue.kind], members.first_of(clue.article))
        best[key] = max(best.get(key, 0.0), clue.weight)
    return round(
        sum(
            min(cap, sum(sorted(w for (family, _), w in best.items() if family == name))) for name, cap in CAPS.items()
        ),
        9,
    )


# -- what speaks against it


def _circles(cycles: Sequence[tuple[str, ...]], members: Members) -> Iterator[str]:
    for circle in cycles:
        yield "credits go round in a circle: " + " credits ".join(map(members.name_of, [*circle, circle[0]]))


def _rivals(rivals: Sequence[Candidate], members: Members, best: Candidate | None = None) -> Iterator[str]:
    """Say who credits someone else, and whose date is the earliest."""
    for rival in rivals:
        stating = [clue.article for clue in rival.clues if FAMILY_OF[clue.kind] != "time"]
        verb = "credits" if len(set(stating)) == 1 else "credit"
        who, whom = _listed(map(members.name_of, stating)), members.name_of(rival.origin)
        if not stating:
            yield f"{whom} carries the earliest date"
        elif best is None:
            yield f"{who} {verb} {whom}"
        elif _credited_together(rival, best):
            yield f"{who} also {verb} {whom}"
        else:
            yield f"{who} {verb} {whom}, not {members.name_of(best.origin)}"


def _late(best: Candidate, statements: Sequence[Clue], credited: Mapping[str, str], members: Members) -> Iterator[str]:
    """Say which articles credit the origin and were certainly published before it."""
    origin = members.articles.get(best.origin)
    for clue in sorted(statements, key=_strongest_first):
        if origin is None or _root(clue.points_to, credited) != best.origin:
            continue
        ahead = lag(members.articles[clue.article], origin)
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
