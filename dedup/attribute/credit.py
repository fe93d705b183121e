"""A credit: one name that a text credits, where it stands and how much it says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dedup.attribute.name_lists import Name, is_initials

WEIGHT_DATELINE = 3.5  # log-odds. Agencies write it, copies leave it
WEIGHT_REPUBLISHED = 4.0  # "This article first appeared on X" leaves no doubt
WEIGHT_LABEL = 3.0  # "Source: X"
WEIGHT_BRACKETS = 3.0  # "(dpa)"; text tags alone are right in some 85 %, with like content in 95 %
WEIGHT_SIGNATURE = 2.5  # "RND/dpa": the outlet worked on it
WEIGHT_BYLINE = 2.5  # "hek/dpa"
WEIGHT_MATERIAL = 2.0  # "With material from X": a part of it
WEIGHT_COPYRIGHT = 2.0  # "© 2026 AFP"
WEIGHT_CONTRIBUTED = 1.5  # "X contributed to this report": a smaller part
NEXT_NAME = 0.7  # each further name of a list counts this much of the one before: the first gave most


@dataclass(frozen=True, slots=True)
class Credit:
    """One name that a text credits.

    Parameters
    ----------
    kind : {"credit line", "dateline", "byline"}
    target : str
        ``agency:dpa`` or ``outlet:Blick``.
    weight : float
        Log-odds.
    start, end : int
        The credit as a whole, label and all.
    members_only : bool
        Too weak to be believed unless the outlet named is at hand, in the same cluster.
    """

    kind: str
    target: str
    weight: float
    start: int
    end: int
    members_only: bool = False


def credit_agencies(agencies: Sequence[str], kind: str, weight: float, start: int, end: int) -> Iterator[Credit]:
    """Credit agencies, given by id, the first of them most."""
    for rank, agency in enumerate(dict.fromkeys(agencies)):
        yield Credit(kind, f"agency:{agency}", weight * NEXT_NAME**rank, start, end)


def credit_all(
    names: Sequence[Name], kind: str, weight: float, start: int, end: int = 0, *, members_only: bool = False
) -> Iterator[Credit]:
    """Credit the agencies of a list; and its outlet, where the list is that one name.

    The credit runs from `start` to `end`, by default to the last name credited.
    """
    agencies = list(dict.fromkeys(name.target for name in names if name.kind == "agency"))
    outlets = list(dict.fromkeys(name.target for name in names if name.kind == "outlet"))
    is_sole = len(outlets) == 1 and not agencies and not any(name.kind in ("own", "other") for name in names)
    end = end or max((name.end for name in names if name.kind in ("agency", "outlet")), default=start)
    for rank, target in enumerate([*agencies, *outlets]):
        doubtful = target.startswith("outlet:") and (members_only or not is_sole)
        yield Credit(kind, target, weight * NEXT_NAME**rank, start, end, members_only=doubtful)


def is_signature(names: Sequence[Name]) -> bool:
    """Tell whether a list is agencies and nothing besides but initials, staff and the outlet itself."""
    has_agency = any(name.kind == "agency" for name in names)
    return has_agency and all(name.kind == "agency" or is_initials(name) for name in names)
