"""The pages that only `dedup serve` has: search in all texts, check of a text, and what the API offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from dedup.model import Article, Clue, Match
from dedup.report.pairs import Pair
from dedup.report.site import Site

PAIRS_SHOWN = 3  # matches of a checked text that are laid out side by side; all are listed
_FORMS = "'self'"


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that a search found: the words around the first place, and the clusters it stands in."""

    article: Article
    before: str
    found: str
    after: str
    clusters: tuple[str, ...]


class ServedSite(Site):
    """The report, with pages that answer."""

    is_served = True

    def search_page(self, query: str, hits: Sequence[Hit], n_found: int) -> str:
        """Make the page of a search; `n_found` counts all, `hits` are those shown."""
        return self._render(
            "search.html",
            **self._whole,
            script="report",
            here="search",
            forms=_FORMS,
            query=query,
            hits=hits,
            n_found=n_found,
        )

    def check_form(self, *, text: str = "", problem: str = "") -> str:
        """Make the page that asks for a text or an address."""
        return self._render(
            "check.html",
            **self._whole,
            script="report",
            here="check",
            forms=_FORMS,
            text=text,
            problem=problem,
            subject=None,
        )

    def check_page(
        self,
        subject: Article,
        matches: Sequence[Match],
        others: Mapping[str, Article],
        credited: Sequence[Clue],
        inside: Mapping[str, str | None],
        language: str,
    ) -> str:
        """Make the page that tells what is known of a checked text."""
        pairs = [_pair(match, subject, others) for match in matches]
        return self._render(
            "check.html",
            **self._whole,
            script="report",
            here="check",
            forms=_FORMS,
            text="" if subject.url else subject.text,
            problem="",
            subject=subject,
            pairs=pairs,
            pairs_shown=PAIRS_SHOWN,
            credits=credited,
            inside=inside,
            translated_from=language,
            n_compared=len(others),
            clusters_of=self.clusters_of,
        )

    def api_page(self, document: Mapping[str, Any]) -> str:
        """Make the page that a reader of the OpenAPI document sees."""
        return self._render("api.html", **self._whole, script="report", here="api", document=document)

    def clusters_of(self, article: str) -> tuple[str, ...]:
        """Name the pages of the clusters that hold an article."""
        return self._by_article.get(article, ())

    @cached_property
    def _by_article(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for key, section in self.sections.items():
            for article in section.cluster.articles:
                found[article] = (*found.get(article, ()), key)
        return found


def _pair(match: Match, subject: Article, others: Mapping[str, Article]) -> Pair:
    """Lay out a match: what was there before on the left, what is checked on the right."""
    a, b = (subject if key == subject.id else others[key] for key in (match.a, match.b))
    left, right = (b, a) if a is subject else (a, b)
    if not right.source:
        right = replace(right, source="the checked text", title=right.title or "")
    return Pair(match, left, right)
