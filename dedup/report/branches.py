"""Section -> who copied from whom, and when: the tree of its links, each line with its place in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dedup.model import Article, Link
from dedup.report.entries import strip_x
from dedup.report.sections import Section
from dedup.report.wording import lag


@dataclass(frozen=True, slots=True)
class Branch:
    """One line of the tree.

    Parameters
    ----------
    name : str
        An article's id, ``agency:...`` or ``outlet:...``.
    depth : int
        Steps from the root.
    article : Article or None
        None outside the corpus.
    link : Link or None
        How it came there; None for a root.
    x : int or None
        Its place on the strip; None without a date.
    after : str
        How long after the first one it came.
    is_origin : bool
        It is what the cluster is attributed to.
    guides : tuple of int
        Depths at which a line runs past it to a later one.
    """

    name: str
    depth: int
    article: Article | None
    link: Link | None
    x: int | None
    after: str
    is_origin: bool
    guides: tuple[int, ...] = ()


def branches_of(section: Section, articles: Mapping[str, Article]) -> tuple[Branch, ...]:
    """Lay out the tree; members that no link names follow as roots of their own."""
    lines: list[tuple[str, int, Link | None]] = [(step.name, step.depth, step.link) for step in section.steps]
    named = {name for name, _, _ in lines}
    lines += [(member.article.id, 0, None) for member in section.members if member.article.id not in named]
    first = min((m.article.published for m in section.members if m.article.published), default=None)
    origin = section.cluster.attribution.origin
    guides = _guides([depth for _, depth, _ in lines])
    return tuple(
        replace(_branch(*line, articles.get(line[0]), first, origin), guides=of_line)
        for line, of_line in zip(lines, guides, strict=True)
    )


def _guides(depths: Sequence[int]) -> list[tuple[int, ...]]:
    """Tell past which lines the connectors run: from each line, back to the one before it at its depth.

    >>> _guides([0, 1, 2, 1])
    [(), (1,), (1,), ()]
    """
    guides: list[tuple[int, ...]] = []
    open_depths: set[int] = set()
    for depth in reversed(depths):
        open_depths = {one for one in open_depths if one <= depth}
        guides.append(tuple(sorted(open_depths)))
        if depth:
            open_depths.add(depth)
    return guides[::-1]


def _branch(
    name: str, depth: int, link: Link | None, article: Article | None, first: datetime | None, origin: str | None
) -> Branch:
    published = article.published if article else None
    x, after = None, ""
    if published and first:
        x = strip_x((published - first).total_seconds() / 60)
        after = "first" if published == first else lag(published, first)
    return Branch(name, depth, article, link, x, after, name == origin)
