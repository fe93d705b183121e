"""Who had it first, measured on synthetic provenance with known truth; and the learning of what each clue is worth.

    python benchmarks/provenance.py                 # the figures of docs/quality.md, on worlds nothing was learned from
    python benchmarks/provenance.py --learn         # learn dedup/data/origin_weights.toml anew, then measure
    python benchmarks/provenance.py --plot docs/calibration.svg

All of it is synthetic (`provenance_worlds`): invented outlets and texts, real machine translations where
``../shared/data`` is present. What is learned comes from other seeds, other rates and other forms of credits than what
is measured.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

REPO = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPO))

from benchmarks.provenance_worlds import Case, Style, World, make_world
from dedup.attribute import FAMILIES, FAMILY_OF, attribute, attribute_all
from dedup.attribute.background import Background, read_background
from dedup.attribute.names import Names
from dedup.attribute.statements import own_names, read_statements
from dedup.attribute.times import sort_key
from dedup.attribute.weights import Weights, learned_weights
from dedup.model import Attribution

WEIGHTS = REPO / "dedup" / "data" / "origin_weights.toml"
N_CLUSTERS = 150  # a world
LEARN_SEEDS = range(1, 13)  # what each clue is worth
CALIBRATE_SEEDS = range(21, 31)  # how sure a sum makes; half of them with the forms of tested worlds' style of rates
TEST_SEEDS = range(101, 113)
MIN_FACTOR, MAX_FACTOR = 0.75, 1.5  # a generator is no world: what it teaches may not turn a clue over
BY_HAND = ("translation", "house phrase", "local currency")  # what invented texts have too little of to learn from
# By hand: a family tells one thing, however many clues it has. Below them, no sum of dates outweighs a statement.
CAPS = {
    "credit": 6.0,
    "structured": 4.0,
    "address": 3.5,
    "residue": 2.5,
    "editing": 1.5,
    "translation": 2.0,
    "time": 2.0,
    "history": 0.8,
}


@dataclass(frozen=True, slots=True)
class Judged:
    """A case and what was said of it."""

    case: Case
    said: str | None
    confidence: float
    is_right: bool


def is_right(said: str | None, origin: str) -> bool:
    """Tell whether an origin is the true one; an outlet outside may go by its name or its domain."""
    if said is None or said == origin:
        return said == origin
    kind, _, name = said.partition(":")
    true_kind, _, true_name = origin.partition(":")
    if kind == true_kind == "outlet":
        return name in Names([true_name]) or true_name in Names([name])
    return False


# -- learning


def background_of(world: World) -> Background:
    """Gather what `attribute_all` would."""
    own = {id_: own_names(article) for id_, article in world.articles.items()}
    stated = {
        id_: read_statements(article, own=own[id_], head_chars=300, tail_chars=400, far_chars=2_000)
        for id_, article in world.articles.items()
    }
    return read_background(world.articles, stated, own, [case.cluster for case in world.cases])


def sums_of(world: World, weights: Weights) -> Iterable[tuple[Case, Attribution]]:
    """Judge every case with these weights, nothing withheld."""
    background = background_of(world)
    for case in world.cases:
        cluster = attribute(
            case.cluster,
            articles=world.articles,
            matches=world.matches,
            min_confidence=0.0,
            background=background,
            weights=weights,
        )
        yield case, cluster.attribution


def learn(worlds: Sequence[World]) -> dict[str, float]:
    """Learn a factor for each kind of clue and the log-odds of "nothing": who is likelier than whom, pair by pair."""
    kinds = list(FAMILY_OF)
    plain = Weights(dict.fromkeys(kinds, 1.0), {**dict.fromkeys(FAMILIES, 99.0), "time": 1.2})
    rows: list[NDArray[np.float64]] = []
    labels: list[int] = []
    for world in worlds:
        for case, attribution in sums_of(world, plain):
            vectors: dict[str | None, NDArray[np.float64]] = {None: np.append(np.zeros(len(kinds)), 1.0)}
            named = [(attribution.origin, attribution.clues)] if attribution.origin else []
            for origin, clues in [*named, *((a.origin, a.clues) for a in attribution.alternatives)]:
                vector = np.zeros(len(kinds) + 1)
                for clue in clues:
                    vector[kinds.index(clue.kind)] += clue.counted
                vectors[origin] = vector
            true = next((origin for origin in vectors if is_right(origin, case.origin)), None)
            for other, vector in vectors.items():
                if other != true:
                    rows += [vectors[true] - vector, vector - vectors[true]]
                    labels += [1, 0]
    model = LogisticRegression(fit_intercept=False, C=1.0, max_iter=1000).fit(np.array(rows), labels)
    factors = dict(zip([*kinds, "nothing"], model.coef_[0].tolist(), strict=True))
    seen = np.abs(np.array(rows)).sum(axis=0) > 20  # kinds that hardly occur keep the weight they were given by hand
    return {kind: factor for kind, factor, is_seen in zip(factors, factors.values(), seen, strict=True) if is_seen}


def calibrate(worlds: Sequence[World], weights: Weights) -> tuple[float, float]:
    """Fit how often verdicts are right to the share of the odds they had."""
    plain = replace(weights, slope=1.0, intercept=0.0)
    shares, rights = [], []
    for world in worlds:
        for case, attribution in sums_of(world, plain):
            if attribution.origin is not None:
                share = min(max(attribution.confidence, 1e-6), 1 - 1e-6)
                shares.append(np.log(share / (1 - share)))
                rights.append(is_right(attribution.origin, case.origin))
    model = LogisticRegression(C=1e6).fit(np.array(shares)[:, None], rights)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def write_weights(factors: Mapping[str, float], nothing: float, slope: float, intercept: float) -> None:
    """Write what was learned as data."""
    lines = [
        "# What each kind of clue is worth, learned by benchmarks/provenance.py --learn from synthetic provenance",
        f"# (worlds {LEARN_SEEDS.start} to {LEARN_SEEDS.stop - 1} for the factors, {CALIBRATE_SEEDS.start} to "
        f"{CALIBRATE_SEEDS.stop - 1} for the calibration). Caps are set by hand: a family tells one thing.",
        "",
        f"nothing = {nothing:.4f}  # log-odds of nothing we know of",
        "",
        "[factors]  # by which the strength of a clue is multiplied",
        *(f'"{kind}" = {factor:.4f}' for kind, factor in factors.items()),
        "",
        "[caps]  # log-odds that a family adds at most",
        *(f"{family} = {cap}" for family, cap in CAPS.items()),
        "",
        "[calibration]  # log-odds of being right = slope * log-odds of the sums + intercept",
        f"slope = {slope:.4f}",
        f"intercept = {intercept:.4f}",
    ]
    WEIGHTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


def learn_all() -> None:
    """Learn everything and write it."""
    learned = learn([make_world(seed, n_clusters=N_CLUSTERS, style="train") for seed in LEARN_SEEDS])
    nothing = learned.pop("nothing", 0.0)
    factors = {
        kind: float(np.clip(1.0 if kind in BY_HAND else learned.get(kind, 1.0), MIN_FACTOR, MAX_FACTOR))
        for kind in FAMILY_OF
    }
    print("learned:", {kind: round(value, 3) for kind, value in learned.items()}, "nothing", round(nothing, 3))
    weights = Weights(factors, CAPS, nothing)
    worlds = [
        make_world(seed, n_clusters=N_CLUSTERS, style="train" if seed % 2 else "test") for seed in CALIBRATE_SEEDS
    ]
    slope, intercept = calibrate(worlds, weights)
    print(f"calibration: slope {slope:.3f}, intercept {intercept:.3f}")
    write_weights(factors, nothing, slope, intercept)
    learned_weights.cache_clear()


# -- measuring


def judge_worlds(
    worlds: Sequence[World], *, clues_off: Sequence[str] = (), min_confidence: float = 0.55
) -> list[Judged]:
    """Judge every case of the worlds as a user's run would."""
    judged = []
    for world in worlds:
        found = attribute_all(
            [case.cluster for case in world.cases],
            articles=world.articles,
            matches=world.matches,
            clues_off=clues_off,
            min_confidence=min_confidence,
        )
        for case, cluster in zip(world.cases, found.clusters, strict=True):
            said = cluster.attribution.origin
            judged.append(Judged(case, said, cluster.attribution.confidence, is_right(said, case.origin)))
    return judged


def steps_right(worlds: Sequence[World]) -> tuple[int, int]:
    """Count the links that name whom a copy has its text from, of the copies whose parent is in the corpus."""
    right = n = 0
    for world in worlds:
        found = attribute_all([case.cluster for case in world.cases], articles=world.articles, matches=world.matches)
        for case, cluster in zip(world.cases, found.clusters, strict=True):
            links = {link.copy: link.copied_from for link in cluster.links}
            for copy, parent in case.parents.items():
                if copy in case.cluster.articles and parent in case.cluster.articles:
                    n += 1
                    right += links.get(copy) == parent
    return right, n


def baselines(worlds: Sequence[World]) -> dict[str, float]:
    """Score the simple answers: the earliest, the longest, any."""
    n = 0
    right = dict.fromkeys(("earliest", "longest", "random"), 0.0)
    for world in worlds:
        for case in world.cases:
            members = [world.articles[id_] for id_ in case.cluster.articles]
            n += 1
            right["earliest"] += min(members, key=sort_key).id == case.origin
            right["longest"] += max(members, key=lambda article: (len(article.text), article.id)).id == case.origin
            right["random"] += sum(member.id == case.origin for member in members) / len(members)
    return {name: value / n for name, value in right.items()}


def share(judged: Sequence[Judged]) -> tuple[float, int]:
    """Give accuracy at 1, abstaining counted as wrong, and how many there are."""
    return (sum(one.is_right for one in judged) / len(judged) if judged else float("nan")), len(judged)


def brier(judged: Sequence[Judged]) -> float:
    """Give the mean squared error of the confidences of the verdicts given."""
    given = [one for one in judged if one.said is not None]
    return sum((one.confidence - one.is_right) ** 2 for one in given) / len(given)


def reliability(judged: Sequence[Judged], n_bins: int = 10) -> list[tuple[float, float, int]]:
    """Give mean confidence, share that is right, and count of each bin of confidence."""
    bins: dict[int, list[Judged]] = {}
    for one in judged:
        if one.said is not None:
            bins.setdefault(min(int(one.confidence * n_bins), n_bins - 1), []).append(one)
    return [
        (
            sum(one.confidence for one in of_bin) / len(of_bin),
            sum(one.is_right for one in of_bin) / len(of_bin),
            len(of_bin),
        )
        for _, of_bin in sorted(bins.items())
    ]


def calibration_error(judged: Sequence[Judged]) -> float:
    """Give the expected calibration error over ten bins."""
    bins = reliability(judged)
    n = sum(count for _, _, count in bins)
    return sum(abs(said - right) * count for said, right, count in bins) / n


def coverage_curve(judged: Sequence[Judged]) -> list[tuple[float, float, float]]:
    """Give, for a row of least confidences, the share of cases answered and the accuracy on those."""
    curve = []
    for least in (0.55, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99):
        given = [one for one in judged if one.said is not None and one.confidence >= least]
        curve.append((least, len(given) / len(judged), share(given)[0]))
    return curve


def strata(judged: Sequence[Judged]) -> dict[str, list[Judged]]:
    """Split the cases by what can be known."""
    return {
        "a credit survives": [one for one in judged if one.case.is_told],
        "no credit, times good to the hour": [one for one in judged if not one.case.is_told and one.case.is_timed],
        "nothing tells for sure": [one for one in judged if not one.case.is_told and not one.case.is_timed],
    }


def measure(worlds: Sequence[World]) -> dict[str, object]:
    """Measure everything that docs/quality.md tells."""
    judged = judge_worlds(worlds)
    sure = [one for one in judged if one.confidence >= 0.9]
    by_stratum = {
        name: {
            "accuracy": share(of)[0],
            "cases": len(of),
            "unknown": sum(one.said is None for one in of) / max(len(of), 1),
            "wrong at 0.9 or more": sum(one.confidence >= 0.9 and not one.is_right for one in of) / max(len(of), 1),
        }
        for name, of in strata(judged).items()
    }
    right, n_steps = steps_right(worlds)
    return {
        "cases": len(judged),
        "accuracy": share(judged)[0],
        "strata": by_stratum,
        "wrong of the verdicts at 0.9 or more": 1 - share(sure)[0],
        "verdicts at 0.9 or more": len(sure),
        "calibration error": calibration_error(judged),
        "brier": brier(judged),
        "coverage": coverage_curve(judged),
        "reliability": reliability(judged),
        "links right": right / n_steps,
        "links": n_steps,
        "baselines": baselines(worlds),
        "without": {family: share(judge_worlds(worlds, clues_off=[family]))[0] for family in FAMILIES},
    }


# -- the plot, as SVG written by hand: no library, the same bytes every time


def plot(bins: Sequence[tuple[float, float, int]], error: float, path: Path) -> None:
    """Draw how often verdicts of each confidence are right."""
    left, top, size = 60, 30, 300

    def x(value: float) -> float:
        return round(left + value * size, 1)

    def y(value: float) -> float:
        return round(top + (1 - value) * size, 1)

    most = max(count for _, _, count in bins)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + size + 40} {top + size + 60}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="{left}" y="18">Origins: confidence against truth (synthetic provenance)</text>',
        f'<rect x="{left}" y="{top}" width="{size}" height="{size}" fill="none" stroke="#999"/>',
        f'<line x1="{x(0)}" y1="{y(0)}" x2="{x(1)}" y2="{y(1)}" stroke="#999" stroke-dasharray="4 4"/>',
    ]
    for tick in (0, 0.2, 0.4, 0.6, 0.8, 1):
        parts.append(f'<text x="{x(tick) - 8}" y="{top + size + 16}">{tick:g}</text>')
        parts.append(f'<text x="{left - 28}" y="{y(tick) + 4}">{tick:g}</text>')
    parts.append(f'<text x="{left + 90}" y="{top + size + 36}">confidence that was stated</text>')
    parts.append(f'<text transform="translate(16 {top + 220}) rotate(-90)">share that is right</text>')
    points = " ".join(f"{x(said)},{y(right)}" for said, right, _ in bins)
    parts.append(f'<polyline points="{points}" fill="none" stroke="#1a5fb4" stroke-width="1.5"/>')
    for said, right, count in bins:
        radius = round(3 + 9 * (count / most) ** 0.5, 1)
        parts.append(
            f'<circle cx="{x(said)}" cy="{y(right)}" r="{radius}" fill="#1a5fb4" fill-opacity="0.5">'
            f"<title>{count} verdicts: {said:.2f} stated, {right:.2f} right</title></circle>"
        )
    parts.append(f'<text x="{left + 8}" y="{top + 18}">calibration error {error:.3f}</text>')
    parts.append("</svg>")
    path.write_text("\n".join(parts) + "\n", encoding="utf-8")


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--learn", action="store_true", help="learn the weights anew")
    parser.add_argument("--plot", type=Path, help="draw the reliability plot there")
    parser.add_argument("--style", choices=("train", "test"), default="test", help="of the worlds that are measured")
    options = parser.parse_args()
    start = time.perf_counter()
    if options.learn:
        learn_all()
    style: Style = options.style
    seeds = TEST_SEEDS if style == "test" else LEARN_SEEDS
    found = measure([make_world(seed, n_clusters=N_CLUSTERS, style=style) for seed in seeds])
    json.dump(found, sys.stdout, indent=1)
    print(f"\n{time.perf_counter() - start:.0f} s")
    if options.plot:
        plot(found["reliability"], found["calibration error"], options.plot)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
