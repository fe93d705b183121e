"""Section -> who copied from whom, and when: the tree of its links, each line with its place in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
    """

    name: str
    depth: int
    article: Article | None
    link: Link | None
    x: int | None
    after: str
    is_origin: bool


def branches_of(section: Section, articles: Mapping[str, Article]) -> tuple[Branch, ...]:
    """Lay out the tree; members that no link names follow as roots of their own."""
    lines: list[tuple[str, int, Link | None]] = [(step.name, step.depth, step.link) for step in section.steps]
    named = {name for name, _, _ in lines}
    lines += [(member.article.id, 0, None) for member in section.members if member.article.id not in named]
    first = min((m.article.published for m in section.members if m.article.published), default=None)
    origin = section.cluster.attribution.origin
    return tuple(_branch(*line, articles.get(line[0]), first, origin) for line in lines)


def _branch(
    name: str, depth: int, link: Link | None, article: Article | None, first: datetime | None, origin: str | None
) -> Branch:
    published = article.published if article else None
    x, after = None, ""
    if published and first:
        x = strip_x((published - first).total_seconds() / 60)
        after = "first" if published == first else lag(published, first)
    return Branch(name, depth, article, link, x, after, name == origin)
