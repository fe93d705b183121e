"""A list of feeds -> FeedRefs, and back: OPML, or plain text with one URL a line.

Two entries of one feed are one: the first is kept, and the names it lacks are taken from the others. What cannot be
fetched is left out and counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from html import unescape
from types import MappingProxyType
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from lxml import etree

from dedup.errors import FeedError
from dedup.ingest.feed_text import clean, decode_feed
from dedup.ingest.urls import is_web_url, join_url, normalise_url

_NONE_SKIPPED: Mapping[str, int] = MappingProxyType({})
_FEED_SCHEME = re.compile(r"feed:(?://)?(?=https?:)|feed(?=://)", re.IGNORECASE)  # feed:https://..., feed://...
_SPACE = re.compile(r"\s")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_DECLARATION = re.compile(r"\A<\?xml[^>]{0,200}\?>")
_OUTLINE = re.compile(
    r"<outline(\s(?:(?!</?outline|</?body).){0,20000}?)(/?)>(?=\s*(?:</?outline|</body|</opml|$))", re.IGNORECASE | re.S
)
_ATTRIBUTE = re.compile(r"\s([a-z:]{1,40})\s{0,5}=\s{0,5}[\"']", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRef:
    """One feed of a list.

    Parameters
    ----------
    url : str
        Absolute web URL, as listed.
    title : str
        What the list calls it.
    home_url : str
        The page it belongs to.
    tags : tuple of str
        The groups it stands in, outermost first, and its categories.
    """

    url: str
    title: str = ""
    home_url: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedList:
    """A list of feeds, and what was left out of it.

    Parameters
    ----------
    refs : tuple of FeedRef
        Each feed once, in the list's order.
    skipped : Mapping[str, int]
        Counts by named reason: ``listed twice``, ``no web URL``.
    problems : tuple of str
        One line for each URL that is none.
    """

    refs: tuple[FeedRef, ...]
    skipped: Mapping[str, int] = field(default_factory=lambda: _NONE_SKIPPED)
    problems: tuple[str, ...] = ()


def read_feed_list(body: bytes, *, base: str = "") -> FeedList:
    r"""Read a list of feeds.

    Parameters
    ----------
    body : bytes
        OPML, however broken, with outlines nested in any way; or plain text with one URL a line, where a title may
        follow the URL, and ``#`` begins a comment.
    base : str
        URL that relative ones are resolved against; ``""`` if unknown.

    Raises
    ------
    FeedError
        Neither: the message says how it begins. An empty list is a list.

    Examples
    --------
    >>> listed = read_feed_list(b"https://a.example/feed  Daily A # good\nhttp://a.example/feed/\nftp://b.example/")
    >>> listed.refs
    (FeedRef(url='https://a.example/feed', title='Daily A', home_url='', tags=()),)
    >>> dict(listed.skipped)
    {'listed twice': 1, 'no web URL': 1}
    """
    text = decode_feed(body)
    return _collect(_read_opml(text) if text.startswith("<") else _read_lines(text), base)


def write_opml(refs: Iterable[FeedRef], *, title: str = "") -> bytes:
    """Write a list of feeds as OPML 2.0; `read_feed_list` reads it back.

    Parameters
    ----------
    refs : iterable of FeedRef
        In the order to be written; their tags become categories.
    title : str
        Of the list.
    """
    opml = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(opml, "head"), "title").text = clean(title)
    body = etree.SubElement(opml, "body")
    for ref in refs:
        outline = etree.SubElement(body, "outline", type="rss", text=clean(ref.title or ref.url), xmlUrl=clean(ref.url))
        if ref.home_url:
            outline.set("htmlUrl", clean(ref.home_url))
        if ref.tags:
            outline.set("category", ",".join(clean(tag).replace(",", " ").lstrip("/ ") for tag in ref.tags))
    written: bytes = etree.tostring(opml, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return written


def _collect(listed: Iterable[FeedRef], base: str) -> FeedList:
    """Keep each feed once, by its normalised URL; count the rest."""
    refs: dict[str, FeedRef] = {}
    skipped: Counter[str] = Counter()
    problems = []
    for ref in listed:
        url = join_url(base, _FEED_SCHEME.sub(lambda match: "http" if match[0].lower() == "feed" else "", ref.url))
        url = _SPACE.sub(lambda match: quote(match[0]), url)
        if not is_web_url(url):
            skipped["no web URL"] += 1
            problems.append(f"{ref.url[:200]!r} is no http or https URL with a host")
            continue
        name = normalise_url(url)
        if name in refs:
            skipped["listed twice"] += 1
            refs[name] = _merge(refs[name], ref)
        else:
            refs[name] = replace(ref, url=url, home_url=join_url(base, ref.home_url))
    return FeedList(tuple(refs.values()), MappingProxyType(dict(sorted(skipped.items()))), tuple(problems))


def _merge(first: FeedRef, other: FeedRef) -> FeedRef:
    return replace(
        first,
        title=first.title or other.title,
        home_url=first.home_url or join_url("", other.home_url),
        tags=tuple(dict.fromkeys((*first.tags, *other.tags))),
    )


def _read_lines(text: str) -> Iterator[FeedRef]:
    for line in text.splitlines():
        url, _, title = _COMMENT.sub("", line).strip().partition(" ")
        if url:
            yield FeedRef(url=url, title=" ".join(title.split()))


def _read_opml(text: str) -> Iterator[FeedRef]:
    """Walk the outlines. Names of elements and attributes count without case; not recursive: lists are deep."""
    root = _parse(text)
    groups: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if not isinstance(element.tag, str) or _local(element.tag) != "outline":
            continue
        if event == "end":
            groups.pop()
            continue
        values = {_local(name): " ".join(value.split()) for name, value in element.attrib.items()}
        name = values.get("title") or values.get("text") or ""
        url = values.get("xmlurl") or (values.get("url", "") if values.get("type", "").lower() == "rss" else "")
        if url:
            tags = tuple(dict.fromkeys(filter(None, (*groups, *_categories(values.get("category", ""))))))
            yield FeedRef(url=url, title="" if name == url else name, home_url=values.get("htmlurl", ""), tags=tags)
        groups.append("" if url else name)


def _categories(value: str) -> Iterator[str]:
    """Yield the parts of "/Boston/Weather,News": OPML 2.0 has lists of paths there."""
    for part in value.split(","):
        yield from (each.strip() for each in (part.strip().split("/") if part.strip().startswith("/") else [part]))


def _parse(text: str) -> etree._Element:
    text = _DECLARATION.sub("", text)
    root, is_whole = _try_parse(text)
    if not is_whole:
        root, _ = _try_parse(_OUTLINE.sub(_mend_outline, text))
    if root is None or _local(root.tag) not in ("opml", "outlinedocument", "outline", "body"):
        begins = " ".join(text[:80].split())
        raise FeedError(f"no list of feeds: neither OPML nor one URL a line; it begins {begins!r}")
    return root


def _try_parse(text: str) -> tuple[etree._Element | None, bool]:
    """Parse what can be parsed, and say whether that is all of it."""
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        root = etree.fromstring(text.encode(), parser=parser)
    except etree.LxmlError:
        return None, False
    return root, len(parser.error_log) == 0


def _mend_outline(match: re.Match[str]) -> str:
    """Escape what stands bare inside the attributes of an outline: quotes, ampersands, angle brackets.

    A value ends where the next attribute begins.
    """
    starts = list(_ATTRIBUTE.finditer(match[1]))
    ends = [*(start.start() for start in starts[1:]), len(match[1])][: len(starts)]
    values = {
        start[1]: unescape(match[1][start.end() : end].rstrip()[:-1]) for start, end in zip(starts, ends, strict=True)
    }
    return f"<outline{''.join(f' {name}={quoteattr(value)}' for name, value in values.items())}{match[2]}>"


def _local(name: str) -> str:
    return name.rpartition("}")[2].lower()
