"""Article -> what is told of it, alone and beside an index: credits, translation, furniture, matches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dedup.attribute import credits_of, source_of_credit, translated_from
from dedup.attribute.foreign import Translated
from dedup.furniture import Furniture, find_furniture
from dedup.model import Article, Clue, Match

if TYPE_CHECKING:
    from dedup.pipeline import Index


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Whether an article has been published before, and what it says of itself.

    Parameters
    ----------
    article : Article
        What was checked.
    credits : tuple of Clue
        Whom it credits.
    inside : Mapping[str, str or None]
        For each origin credited, the source of the index that it is; None for one outside.
    translated_from : Translated or None
        The language it seems translated from.
    furniture : tuple of Furniture
        Page furniture at its end.
    matches : tuple of Match
        Most shared text first.
    others : Mapping[str, Article]
        The articles of the index, by id.
    """

    article: Article
    credits: tuple[Clue, ...]
    inside: Mapping[str, str | None]
    translated_from: Translated | None
    furniture: tuple[Furniture, ...]
    matches: tuple[Match, ...]
    others: Mapping[str, Article]


def check_article(article: Article, index: Index) -> Checked:
    """Check an article against an index, which stays as it is."""
    others = {other.id: other for other in index.articles()}
    credited = credits_of(article)
    sources = {other.source for other in others.values() if other.source}
    return Checked(
        article=article,
        credits=credited,
        inside={clue.points_to: source_of_credit(clue.points_to, sources) for clue in credited},
        translated_from=translated_from(article, credited),
        furniture=find_furniture(article.text),
        matches=index.check(article) if len(index) else (),
        others=others,
    )
