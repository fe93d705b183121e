"""A page's JSON-LD -> the node that describes its article.

Publishers nest the article anywhere: alone, in a list, under ``@graph`` or ``mainEntity``, and beside nodes of related
articles. All nodes are gathered first, then the one that names this page's URL or headline is taken.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import unescape
from types import MappingProxyType
from typing import Any, TypeAlias

from lxml.html import HtmlElement

from dedup.ingest.feed_text import clean
from dedup.ingest.page_letters import letters

Node: TypeAlias = Mapping[str, Any]

NO_NODE: Node = MappingProxyType({})
_MAX_CHARS = 2_000_000  # of one block; live blogs reach some 100,000
_MAX_NODES = 20_000  # of one page
_MAX_VALUES = 20  # of one property; enough for any list of authors
_WRAPPERS = ("//<![CDATA[", "<![CDATA[", "<!--", "//]]>", "]]>", "//-->", "-->", ";")


def read_nodes(tree: HtmlElement) -> tuple[list[Node], list[str]]:
    """Gather every node of every JSON-LD block, outer ones first, and say which blocks could not be read.

    Returns
    -------
    nodes : list of Node
        In the order of the page; references such as ``{"@id": "#author"}`` are resolved by `named`.
    problems : list of str
        One line for each block that is no JSON or is too large.
    """
    nodes: list[Node] = []
    problems: list[str] = []
    for number, text in enumerate(_blocks(tree), start=1):
        if len(text) > _MAX_CHARS:
            problems.append(f"JSON-LD block {number}: {len(text):,} characters; at most {_MAX_CHARS:,} are read")
            continue
        try:
            nodes.extend(_nodes_of(_load(text), limit=_MAX_NODES - len(nodes)))
            if len(nodes) == _MAX_NODES:
                problems.append(f"JSON-LD block {number}: more nodes than the {_MAX_NODES:,} that are read")
        except (ValueError, RecursionError) as error:
            problems.append(f"JSON-LD block {number}: {error}")
    return nodes, problems


def _blocks(tree: HtmlElement) -> Iterator[str]:
    for script in tree.iter("script"):
        kind = (script.get("type") or "").strip().lower()
        if kind.startswith("application/ld+json") and (script.text or "").strip():
            yield script.text.strip()


def _load(text: str) -> Any:
    """Read JSON, line breaks inside strings allowed; where that fails, without the wrappers some templates leave."""
    try:
        return json.loads(text, strict=False)
    except ValueError:
        bare = text
        for wrapper in _WRAPPERS:
            bare = bare.strip().removeprefix(wrapper).removesuffix(wrapper)
        return json.loads(bare, strict=False)


def _nodes_of(value: Any, *, limit: int) -> Iterator[Node]:
    """Walk breadth first, so that an article comes before what it mentions."""
    queue = deque([value])
    while queue and limit > 0:
        value = queue.popleft()
        if isinstance(value, dict):
            limit -= 1
            yield value
            queue.extend(value.values())
        elif isinstance(value, list):
            queue.extend(value)


def article_node(
    nodes: Sequence[Node], *, types: Sequence[Iterable[str]], urls: Sequence[str], titles: Sequence[str]
) -> Node:
    """Choose the node that describes the page's article; `NO_NODE` where none is an article.

    Parameters
    ----------
    nodes : sequence of Node
        From `read_nodes`.
    types : sequence of iterables of str
        The ``@type`` names that mean an article; those of a later group count only where there is none of the earlier.
    urls, titles : sequence of str
        What is known of the page. A node that names one of the URLs wins over one that names one of the titles, that
        one over any other; among equals one with a text or a date, then the first one.
    """
    groups = ([node for node in nodes if not wanted.isdisjoint(types_of(node))] for wanted in map(frozenset, types))
    articles: list[Node] = next(filter(None, groups), [])
    bare_urls = {_bare(url) for url in urls if url}
    bare_titles = {letters(title) for title in titles if title}

    def rank(node: Node) -> tuple[bool, bool, bool]:
        return (
            any(_bare(url) in bare_urls for url in _urls_of(node)),
            letters(text_of(node.get("headline"))) in bare_titles,
            bool(node.get("articleBody") or node.get("datePublished")),
        )

    return max(articles, key=rank, default=NO_NODE)  # max keeps the first of equals


def types_of(node: Node) -> list[str]:
    """List the ``@type`` names of a node, without the vocabulary's address."""
    return [name.rpartition("/")[2] for name in as_list(node.get("@type")) if isinstance(name, str)]


def _urls_of(node: Node) -> Iterator[str]:
    for key in ("url", "@id", "mainEntityOfPage"):
        for value in as_list(node.get(key)):
            if isinstance(value, dict):
                value = value.get("@id") or value.get("url")
            if isinstance(value, str):
                yield value


def _bare(url: str) -> str:
    return url.partition("://")[2].partition("#")[0].partition("?")[0].rstrip("/").lower() or url


def as_list(value: Any) -> list[Any]:
    """Take a property that may hold one value, several or none."""
    if value is None:
        return []
    return value[:_MAX_VALUES] if isinstance(value, list) else [value]


def text_of(value: Any) -> str:
    """Read a property as plain text: the first string found; entities resolved, white space folded.

    Examples
    --------
    >>> text_of([{"@value": "Der  B&auml;r"}])
    'Der Bär'
    """
    for item in as_list(value):
        if isinstance(item, dict):
            item = item.get("@value") or item.get("name")
        if isinstance(item, str) and (text := " ".join(clean(unescape(unescape(item))).split())):
            return text
    return ""


def names_of(value: Any, nodes: Sequence[Node]) -> list[str]:
    """Read persons, organisations or works as names: ``name``, else ``url``; references looked up among `nodes`.

    Examples
    --------
    >>> names_of([{"@id": "#a"}, "Mia Roth", {"name": ["Mia Roth"]}], [{"@id": "#a", "name": "Jo Lind"}])
    ['Jo Lind', 'Mia Roth']
    """
    names: dict[str, None] = {}
    for item in as_list(value):
        if isinstance(item, dict) and not item.get("name") and "@id" in item:
            item = next((node for node in nodes if node.get("@id") == item["@id"] and node.get("name")), item)
        if isinstance(item, dict):
            several = as_list(item.get("name"))
            item = several or item.get("url") or item.get("@id")
        for name in as_list(item):
            if text := text_of(name):
                names[text] = None
    return list(names)
