"""Flows -> the geometry of the drawings: the network of who has text from whom, and the heat map of lags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dedup.report.flows import Flow

MAX_NODES = 24  # on either side of the network; beyond it names get too small
MAX_HEAT = 14  # rows and columns of the heat map
WIDTH = 800  # units, about pixels
_ROW = 26  # least height of a node with its name
_GAP = 6
_BAR = 10  # width of a node
_LEFT, _RIGHT = 240, 560  # where the nodes stand; outside them, the names
_TOP = 30  # for the headings
_THICK = 240  # height of all ribbons together, at most
HEAT_BOUNDS_H = (0.25, 1, 3, 12, 24, 72)  # hours; upper bounds of the colours of the heat map


@dataclass(frozen=True, slots=True)
class Node:
    """A name on one side of the network: its bar, and where the name stands."""

    name: str
    n: int
    y: float
    height: float

    @property
    def middle(self) -> float:
        """The height of its name."""
        return round(self.y + self.height / 2, 1)


@dataclass(frozen=True, slots=True)
class Ribbon:
    """A flow as a closed path."""

    flow: Flow
    path: str


@dataclass(frozen=True, slots=True)
class Network:
    """Who has text from whom: givers on the left, takers on the right, ribbons as thick as articles are many.

    Parameters
    ----------
    givers, takers : tuple of Node
        Most first.
    ribbons : tuple of Ribbon
        The thin ones last, so that they lie on top.
    height : float
        Of the drawing; it is `WIDTH` wide.
    n_left_out : int
        Flows between names for which there was no room.
    """

    givers: tuple[Node, ...]
    takers: tuple[Node, ...]
    ribbons: tuple[Ribbon, ...]
    height: float
    n_left_out: int

    width: int = WIDTH
    left: int = _LEFT
    right: int = _RIGHT
    bar: int = _BAR


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Median lags between sources, the busiest first; cells are None where nothing is known."""

    givers: tuple[str, ...]
    takers: tuple[str, ...]
    cells: tuple[tuple[Flow | None, ...], ...]


def draw_network(flows: Sequence[Flow]) -> Network:
    """Lay out the largest flows."""
    given, taken = _totals(flows)
    givers, takers = _largest(given), _largest(taken)
    shown = [flow for flow in flows if flow.giver in givers and flow.taker in takers]
    given, taken = _totals(shown)
    unit = _THICK / max(1, sum(given.values()))
    left, left_height = _stacked([(name, given[name]) for name in givers if given[name]], unit)
    right, right_height = _stacked([(name, taken[name]) for name in takers if taken[name]], unit)
    ribbons = _ribbons(shown, {node.name: node for node in left}, {node.name: node for node in right}, unit)
    return Network(
        tuple(left),
        tuple(right),
        tuple(ribbons),
        round(max(left_height, right_height) + _GAP, 1),
        len(flows) - len(shown),
    )


def map_lags(flows: Sequence[Flow]) -> HeatMap:
    """Lay out the lags between the busiest sources."""
    dated = [flow for flow in flows if flow.lag_h is not None]
    given, taken = _totals(dated)
    givers, takers = _largest(given)[:MAX_HEAT], _largest(taken)[:MAX_HEAT]
    of = {(flow.giver, flow.taker): flow for flow in dated}
    return HeatMap(
        tuple(givers), tuple(takers), tuple(tuple(of.get((giver, taker)) for taker in takers) for giver in givers)
    )


def heat_of(lag_h: float) -> int:
    """Give the colour of a lag: 0 for the quickest.

    >>> [heat_of(lag) for lag in (0.1, 2, 500)]
    [0, 2, 6]
    """
    return sum(lag_h > bound for bound in HEAT_BOUNDS_H)


def _totals(flows: Sequence[Flow]) -> tuple[Counter[str], Counter[str]]:
    given: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    for flow in flows:
        given[flow.giver] += flow.n
        taken[flow.taker] += flow.n
    return given, taken


def _largest(counts: Counter[str]) -> list[str]:
    return sorted(counts, key=lambda name: (-counts[name], name))[:MAX_NODES]


def _stacked(counts: Sequence[tuple[str, int]], unit: float) -> tuple[list[Node], float]:
    nodes = []
    y = float(_TOP)
    for name, n in counts:
        height = max(2.0, n * unit)
        room = max(float(_ROW), height + _GAP)
        nodes.append(Node(name, n, round(y + (room - height) / 2, 1), round(height, 1)))
        y += room
    return nodes, y


def _ribbons(flows: Sequence[Flow], givers: dict[str, Node], takers: dict[str, Node], unit: float) -> list[Ribbon]:
    """Draw each flow from its place in its giver's bar to its place in its taker's; the bars are filled top down."""
    left_places, right_places = list(givers), list(takers)
    out, into = dict.fromkeys(givers, 0.0), dict.fromkeys(takers, 0.0)
    starts = {}
    for flow in sorted(flows, key=lambda f: (left_places.index(f.giver), right_places.index(f.taker))):
        starts[flow] = givers[flow.giver].y + out[flow.giver]
        out[flow.giver] += flow.n * unit
    ends = {}
    for flow in sorted(flows, key=lambda f: (right_places.index(f.taker), left_places.index(f.giver))):
        ends[flow] = takers[flow.taker].y + into[flow.taker]
        into[flow.taker] += flow.n * unit
    return [Ribbon(flow, _path(starts[flow], ends[flow], max(1.2, flow.n * unit))) for flow in flows]


def _path(y1: float, y2: float, thick: float) -> str:
    x1, x2, middle = _LEFT + _BAR, _RIGHT - _BAR, (_LEFT + _RIGHT) // 2
    a, b, c, d = (f"{y:.1f}" for y in (y1, y2, y2 + thick, y1 + thick))
    return f"M{x1} {a}C{middle} {a} {middle} {b} {x2} {b}V{c}C{middle} {c} {middle} {d} {x1} {d}Z"
