"""A parsed page -> the places where it states something about itself, read once: meta elements, JSON-LD, base URL."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

from dedup.ingest.feed_text import clean
from dedup.ingest.page_fields import page_fields
from dedup.ingest.page_jsonld import NO_NODE, Node, article_node, read_nodes
from dedup.ingest.urls import join_url

MAX_VALUE_CHARS = 2_000  # of any one stated value; a longer one is cut
_MAX_VALUES = 20  # of one field; enough for any list of authors
_SEPARATORS = re.compile(r"[:._-]+")


@dataclass(frozen=True, slots=True)
class Stated:
    """What a page states.

    Parameters
    ----------
    tree : HtmlElement
        The page.
    base : str
        What relative links on it are relative to.
    meta : Mapping[str, tuple[str, ...]]
        Contents of its meta elements, by the one spelling of their names.
    nodes : tuple of Node
        All its JSON-LD nodes.
    article : Node
        The one among them that describes its article; empty if there is none.
    problems : tuple of str
        JSON-LD blocks that could not be read.
    """

    tree: HtmlElement
    base: str
    meta: Mapping[str, tuple[str, ...]]
    nodes: tuple[Node, ...]
    article: Node
    problems: tuple[str, ...]

    def meta_values(self, name: str) -> tuple[str, ...]:
        """Give the contents of every meta element of that name, however it is spelled."""
        return self.meta.get(meta_name(name), ())

    def first_values(self, names: Iterable[str]) -> list[str]:
        """Give the first content of each of the named meta elements that are there."""
        return [values[0] for name in names if (values := self.meta_values(name))]

    @property
    def headings(self) -> list[str]:
        """The texts of the page's ``h1``, or only of those inside the article, if it has any."""
        inside = (h1 for frame in self.tree.iter("article", "main") for h1 in frame.iter("h1"))
        return _texts(inside) or _texts(self.tree.iter("h1"))

    @property
    def canonical_url(self) -> str:
        """``<link rel=canonical>``, absolute, whatever host it names; ``""`` where absent."""
        links = (link for link in self.tree.iter("link") if "canonical" in (link.get("rel") or "").lower().split())
        return next((url for link in links if (url := join_url(self.base, link.get("href") or ""))), "")

    @property
    def og_url(self) -> str:
        """``og:url``, absolute; ``""`` where absent."""
        return next((url for value in self.meta_values("og:url") if (url := join_url(self.base, value))), "")


def read_statements(tree: HtmlElement, *, url: str) -> Stated:
    """Gather what a page states; `url` is where it was fetched from."""
    nodes, problems = read_nodes(tree)
    base = join_url(url, next(iter(tree.xpath("//base/@href")), "")) or url
    stated = Stated(tree, base, _read_meta(tree), tuple(nodes), NO_NODE, tuple(problems))
    types = page_fields()["article_types"]
    article = article_node(
        nodes,
        types=(types["names"], types["fallback"]),
        urls=[url, stated.canonical_url, stated.og_url],
        titles=[*stated.meta_values("og:title"), *stated.headings],
    )
    return Stated(tree, base, stated.meta, stated.nodes, article, stated.problems)


def _read_meta(tree: HtmlElement) -> dict[str, tuple[str, ...]]:
    meta: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        content = fold(element.get("content") or "")
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            if content and (name := meta_name(element.get(attribute) or "")):
                meta.setdefault(name, []).append(content)
    return {name: tuple(values[:_MAX_VALUES]) for name, values in meta.items()}


def _texts(elements: Iterable[HtmlElement]) -> list[str]:
    texts = (fold(" ".join(element.itertext())) for element in islice(elements, _MAX_VALUES))
    return [text for text in texts if text]


def meta_name(name: str) -> str:
    """Give the one spelling of a field's name.

    Examples
    --------
    >>> [meta_name(name) for name in ("og:article:published_time", "http://ogp.me/ns/article#published_time")]
    ['article_published_time', 'article_published_time']
    >>> meta_name("http://ogp.me/ns#title"), meta_name("DC.Source")
    ('og_title', 'dc_source')
    """
    name = name.strip().lower()
    if name.startswith(("http://ogp.me/ns", "https://ogp.me/ns")):
        name = name.partition("/ns")[2].lstrip("#/").replace("#", ":")
        name = name if ":" in name else f"og:{name}"
    name = _SEPARATORS.sub("_", name)
    return name.removeprefix("og_") if name.startswith("og_article_") else name


def fold(text: str) -> str:
    """Give a stated value on one line, cut to `MAX_VALUE_CHARS`."""
    return " ".join(clean(text[:MAX_VALUE_CHARS]).split())
