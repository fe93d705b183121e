"""The articles of one cluster as outlets: which articles are one outlet's, and whom a statement names among them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from dedup.attribute.names import host_of, together
from dedup.attribute.statements import Statement, own_names
from dedup.attribute.times import lag, sort_key, span_of
from dedup.model import Article


class Members:
    """The articles of a cluster, grouped by source; a group is known by its earliest article.

    Two articles of one source are revisions of each other, so whoever copied either copied that source, and its first
    article is where the text began.
    """

    def __init__(self, articles: Iterable[Article]) -> None:
        self.articles = {article.id: article for article in sorted(articles, key=lambda article: article.id)}
        self.own = {article.id: own_names(article) for article in self.articles.values()}
        self.spans = {article.id: span_of(article) for article in self.articles.values()}
        groups: dict[str, list[Article]] = {}
        for article in self.articles.values():
            groups.setdefault(source_key(article), []).append(article)
        self._keys = {a.id: key for key, group in groups.items() for a in group}
        self._earliest = {a.id: min(group, key=sort_key).id for group in groups.values() for a in group}
        self.groups = {self._earliest[group[0].id]: [a.id for a in group] for group in groups.values()}
        self._names = {
            first: self.own[first] if len(ids) == 1 else together(self.own[id_] for id_ in ids)
            for first, ids in sorted(self.groups.items())
        }
        self._by_url = {url: a.id for a in self.articles.values() for url in _urls(a)}

    def lag(self, earlier: str, later: str) -> timedelta:
        """Give by how much one member was certainly published before another; 0 or less where it is not certain."""
        return lag(self.spans[earlier], self.spans[later])

    def first_of(self, article_id: str) -> str:
        """Give the earliest article of the same source."""
        return self._earliest[article_id]

    def key_of(self, article_id: str) -> str:
        """Give the key of an article's source, the same in every cluster."""
        return self._keys[article_id]

    def name_of(self, origin: str) -> str:
        """Name an origin to a reader: a member by its source (and id, where two are of it), others as they are."""
        article = self.articles.get(origin)
        if article is None or not article.source:
            return origin
        return article.source if len(self.groups[self.first_of(origin)]) == 1 else f"{article.source} ({origin})"

    def resolve(self, statement: Statement) -> str | None:
        """Give whom a statement names: a member's id, else the agency or outlet outside; None where it counts not.

        A statement counts for nothing where it names the article's own outlet, or one that is too weakly named to be
        believed and is no member.
        """
        clue, own_group = statement.clue, self.first_of(statement.clue.article)
        if statement.members_only and len(self.groups) == 1:
            return None
        member = self._by_url.get(_plain_url(statement.url)) if statement.url else None
        group = self.first_of(member) if member else self._named(clue.points_to)
        if group is not None:
            return None if group == own_group else group
        return None if statement.members_only else clue.points_to

    def _named(self, target: str) -> str | None:
        kind, _, name = target.partition(":")
        for first, names in self._names.items():
            if (kind == "agency" and name in names.agencies) or (kind == "outlet" and name in names):
                return first
        return None


def source_key(article: Article) -> str:
    """Give one spelling of an article's source; an article without one is a source of its own."""
    if not article.source:
        return f"article {article.id}"  # unknown sources are not one source
    host = host_of(article.source)
    if host and article.source.startswith(f"{host}:"):  # a bare address: its port tells publishers apart
        host = article.source
    return (host or article.source).casefold()


def _urls(article: Article) -> list[str]:
    return [_plain_url(url) for url in (article.url, article.final_url, article.fetched_url) if url]


def _plain_url(url: str) -> str:
    rest = url.partition("//")[2] or url
    return rest.partition("#")[0].partition("?")[0].removeprefix("www.").rstrip("/").casefold()
