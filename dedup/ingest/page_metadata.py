"""A parsed page -> what it states about itself: title, byline, dates, language, URLs, provenance.

Several fields state the same thing, in structured data (JSON-LD), meta elements, microdata and the visible page; the
order of trust is in `data/page_fields.toml`. Canonical and og:url are read here, by ourselves: extraction libraries let a
cross-domain canonical replace the page's own URL, and with it the republisher disappears.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from htmldate import find_date
from lxml.html import HtmlElement

from dedup.ingest.dates import parse_date
from dedup.ingest.page_fields import page_fields
from dedup.ingest.page_jsonld import Node, article_node, as_list, names_of, read_nodes, text_of
from dedup.ingest.page_tree import clean
from dedup.ingest.urls import join_url

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}")
_SUFFIX = re.compile(r"\s+[-|–—·•:»/]+\s+|\s*(?:\||ㅣ|--|::)\s*")  # what stands between a headline and the site's name
_MAX_CHARS = 2_000  # of any one stated value; a longer one is cut
_LATEST = "2100-01-01"  # the guesser of dates would ask the clock otherwise


@dataclass(frozen=True, slots=True)
class Stated:
    """A page's sources of statements, read once.

    Parameters
    ----------
    tree : HtmlElement
        The page.
    base : str
        What relative links on it are relative to.
    meta : Mapping[str, tuple[str, ...]]
        Contents of its meta elements by lower-case name.
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


def read_statements(tree: HtmlElement, *, url: str) -> Stated:
    """Gather what a page states; `url` is where it was fetched from."""
    meta = _read_meta(tree)
    base = join_url(url, next(iter(tree.xpath("//base/@href")), "")) or url
    nodes, problems = read_nodes(tree)
    urls = [url, *(link for link in (_canonical(tree, base), _first_link(meta, base)) if link)]
    titles = [*meta.get("og:title", ()), *_headings(tree)]
    article = article_node(nodes, types=page_fields()["article_types"]["names"], urls=urls, titles=titles)
    return Stated(tree, base, meta, tuple(nodes), article, tuple(problems))


def _read_meta(tree: HtmlElement) -> dict[str, tuple[str, ...]]:
    meta: dict[str, tuple[str, ...]] = {}
    for element in tree.iter("meta"):
        content = _fold(element.get("content") or "")
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            if content and (name := _meta_name(element.get(attribute) or "")):
                meta[name] = (*meta.get(name, ()), content)
    return meta


def _meta_name(name: str) -> str:
    """Bring the spellings of one field together: ``og:article:author``, ``http://ogp.me/ns/article#author`` ..."""
    name = name.strip().lower()
    if name.startswith(("http://ogp.me/ns", "https://ogp.me/ns")):
        name = name.partition("/ns")[2].lstrip("#/").replace("#", ":")
        name = name if ":" in name else f"og:{name}"
    return name.removeprefix("og:") if name.startswith("og:article:") else name


def _fold(text: str) -> str:
    return " ".join(clean(text[:_MAX_CHARS]).split())


# -- title


def read_title(stated: Stated, *, site_names: Sequence[str] = ()) -> str:
    """Read the headline: what most of JSON-LD, og:title, twitter:title and h1 agree on, without the site's name.

    A page that says different things in all of them is taken by its word in that order: og:title, JSON-LD, h1.
    """
    fields = page_fields()["title"]["meta"]
    graph = [value for name in fields[:1] for value in stated.meta.get(name, ())[:1]]
    others = [value for name in fields[1:] for value in stated.meta.get(name, ())[:1]]
    headline = [text_of(stated.article.get("headline")) or text_of(stated.article.get("name"))]
    headings = read_headings(stated)[:1]
    candidates = [title for title in (*graph, *headline, *headings, *others[:1]) if title]
    window = [_fold(text) for text in stated.tree.xpath("//head/title/text()")[:1]]
    candidates = candidates or others or window
    bare = [_without_site(title, [*candidates, *window], site_names) for title in candidates]
    votes = Counter(_letters(title) for title in bare)
    return max(bare, key=lambda title: votes[_letters(title)], default="")


def read_headings(stated: Stated) -> list[str]:
    """List the page's ``h1``, or only those inside the article, if it has any."""
    return _headings(stated.tree)


def _headings(tree: HtmlElement) -> list[str]:
    inside = [_fold(" ".join(h1.itertext())) for h1 in tree.xpath("//article//h1|//main//h1")]
    return [text for text in (inside or [_fold(" ".join(h1.itertext())) for h1 in tree.iter("h1")]) if text]


def _without_site(title: str, candidates: Sequence[str], site_names: Sequence[str]) -> str:
    """Cut ``| The Daily`` off a title: a site's known name, or anything after what another candidate is all of."""
    others = {_letters(other) for other in candidates if other != title}
    names = {_letters(name) for name in site_names if name}
    for match in _SUFFIX.finditer(title):
        head, tail = title[: match.start()], title[match.end() :]
        if head and (_letters(head) in others or _letters(tail) in names):
            return head
    return title


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def read_site_names(stated: Stated, *, url: str) -> list[str]:
    """List the names the site goes by: as stated, of its publisher, and its host with and without its ending."""
    names = [value for name in page_fields()["site_name"]["meta"] for value in stated.meta.get(name, ())[:1]]
    names += names_of(stated.article.get("publisher"), stated.nodes)
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    return [*names, host, host.rpartition(".")[0]]


def read_site_name(stated: Stated) -> str:
    """Read the site's name; ``""`` if it states none."""
    stated_names = [value for name in page_fields()["site_name"]["meta"] for value in stated.meta.get(name, ())[:1]]
    return next(iter([*stated_names[:1], *names_of(stated.article.get("publisher"), stated.nodes), *stated_names]), "")


# -- byline


def read_byline(stated: Stated) -> str:
    """Read the authors as printed, joined by ``", "``; ``""`` if none is stated."""
    authors = names_of(stated.article.get("author"), stated.nodes) or names_of(
        stated.article.get("creator"), stated.nodes
    )
    for name in page_fields()["byline"]["meta"]:
        authors = authors or list(dict.fromkeys(stated.meta.get(name, ())))
        authors = [author for author in authors if "://" not in author]
    visible = stated.tree.xpath("//*[@itemprop='author']|//a[@rel='author']")
    authors = authors or [text for element in visible[:1] if (text := _fold(" ".join(element.itertext())))]
    return ", ".join(authors)[:_MAX_CHARS]


# -- dates


def read_published(stated: Stated) -> tuple[datetime | None, str]:
    """Read when the article was published: aware UTC, and as it was written."""
    return _first_date(_stated_dates(stated, "published"), _visible_dates(stated), _guessed_dates(stated))


def read_updated(stated: Stated) -> datetime | None:
    """Read when the article was last changed: aware UTC."""
    return _first_date(_stated_dates(stated, "updated"))[0]


def _first_date(*sources: Iterator[str]) -> tuple[datetime | None, str]:
    """Take the first date that can be read; where none can, keep what the first one said."""
    raw = ""
    for source in sources:
        for text in source:
            if (date := parse_date(text)) is not None:
                return date, text
            raw = raw or text
    return None, raw


def _stated_dates(stated: Stated, kind: str) -> Iterator[str]:
    fields = page_fields()[kind]
    for name in fields["jsonld"]:
        yield from filter(None, [text_of(stated.article.get(name))])
    for name in fields["meta"]:
        yield from stated.meta.get(name.lower(), ())[:1]
    for name in fields["itemprop"]:
        for element in stated.tree.xpath("//*[@itemprop=$name]", name=name)[:1]:
            yield from filter(None, [_fold(element.get("datetime") or element.get("content") or element.text or "")])


def _visible_dates(stated: Stated) -> Iterator[str]:
    """Find the article's own ``<time>``: the one marked so, else the first after the headline."""
    for path in ("//time[@pubdate]/@datetime", "//article//time/@datetime", "//h1/following::time/@datetime"):
        yield from (_fold(text) for text in stated.tree.xpath(path)[:1] if text.strip())


def _guessed_dates(stated: Stated) -> Iterator[str]:
    """Leave the rest to htmldate: original date, no guessing from numbers in the text."""
    guess = find_date(stated.tree, extensive_search=False, original_date=True, max_date=_LATEST)
    if guess:
        yield guess


# -- language, URLs, provenance


def read_language(stated: Stated) -> str:
    """Read the language as a BCP 47 tag; ``""`` if none is stated or what is stated is none."""
    tree_lang = [stated.tree.get("lang") or stated.tree.get("xml:lang") or ""]
    tags = [*tree_lang, text_of(stated.article.get("inLanguage"))]
    tags += [value for name in ("content-language", "og:locale") for value in stated.meta.get(name, ())[:1]]
    tags = [tag.strip().replace("_", "-") for tag in tags]
    return next((tag for tag in tags if _LANGUAGE.fullmatch(tag)), "")


def read_canonical_url(stated: Stated) -> str:
    """Read ``<link rel=canonical>``, absolute, whatever host it names; ``""`` where absent."""
    return _canonical(stated.tree, stated.base)


def read_og_url(stated: Stated) -> str:
    """Read ``og:url``, absolute; ``""`` where absent."""
    return _first_link(stated.meta, stated.base)


def _canonical(tree: HtmlElement, base: str) -> str:
    for link in tree.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split() and (url := join_url(base, link.get("href") or "")):
            return url
    return ""


def _first_link(meta: Mapping[str, tuple[str, ...]], base: str) -> str:
    return next((url for value in meta.get("og:url", ()) if (url := join_url(base, value))), "")


def read_provenance(stated: Stated) -> dict[str, str]:
    """Read the structured statements on where the text comes from, by field: ``jsonld:publisher``, ``meta:copyright``.

    Several values of one field are joined by ``"; "``.
    """
    fields = page_fields()["provenance"]
    found: dict[str, Sequence[str]] = {}
    for name in fields["jsonld"]:
        found[f"jsonld:{name}"] = names_of(stated.article.get(name), stated.nodes)
    for name in fields["meta"]:
        label = name.replace("dc.", "dc:", 1) if name.startswith("dc.") else f"meta:{name}"
        found[label] = list(dict.fromkeys(stated.meta.get(name, ())))
    return {name: "; ".join(values)[:_MAX_CHARS] for name, values in found.items() if values}


def read_paywall(stated: Stated) -> bool:
    """Tell whether the page says that its text is not free to read."""
    if any(str(value).strip().lower().endswith("false") for value in as_list(stated.article.get("isAccessibleForFree"))):
        return True
    fields = page_fields()["paywall"]
    return any(value.lower() in fields["locked"] for name in fields["meta"] for value in stated.meta.get(name, ()))


def stated_text(stated: Stated) -> str:
    """Read JSON-LD's ``articleBody``, as written; ``""`` where absent."""
    bodies: list[Any] = as_list(stated.article.get("articleBody"))
    return "\n\n".join(body for body in bodies if isinstance(body, str))
