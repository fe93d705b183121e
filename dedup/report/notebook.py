"""Duplicates, Match -> what a notebook shows of them: small HTML with inline styles, for light and dark themes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment

from dedup.model import Duplicates, Match
from dedup.report.lookups import article_of
from dedup.report.pages import counts_by_kind, make_environment
from dedup.report.pairs import Pair
from dedup.report.sections import sections_of
from dedup.report.wording import counted, encodable

CLUSTERS_SHOWN = 10  # the largest; the rest is counted
PASSAGES_SHOWN = 12


@dataclass(frozen=True, slots=True)
class SideBySide:
    """A pair as a notebook shows it."""

    html: str
    text: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return self.text


def show_duplicates(duplicates: Duplicates) -> str:
    """Show the counts and the largest clusters."""
    sections, _ = sections_of(duplicates, max_pairs=0)
    return _render(
        "notebook_duplicates.html",
        duplicates=duplicates,
        sections=sections[:CLUSTERS_SHOWN],
        n_more=len(sections) - CLUSTERS_SHOWN,
        kinds=counts_by_kind(duplicates),
        relations=Counter(match.relation for match in duplicates.matches),
    )


def show_match(match: Match) -> str:
    """Show the numbers of a match and where its passages lie."""
    return _render("notebook_match.html", match=match, passages_shown=PASSAGES_SHOWN)


def show_pair(duplicates: Duplicates, match: Match) -> SideBySide:
    """Show the two texts of a match with their passages.

    Raises
    ------
    CorpusError
        The match names an article that is not there.
    """
    a, b = article_of(duplicates, match.a), article_of(duplicates, match.b)
    boilerplate = duplicates.boilerplate
    pair = Pair(match, a, b, boilerplate.get(a.id, ()), boilerplate.get(b.id, ()))
    text = f"<{match.kind} {match.relation}: {match.a!r} and {match.b!r}, {counted(len(match.passages), 'passage')}>"
    return SideBySide(_render("notebook_pair.html", pair=pair, sides=pair.sides()), text)


def _render(template: str, **values: object) -> str:
    return encodable(_environment().get_template(template).render(**values)).strip()


@cache
def _environment() -> Environment:
    return make_environment()
