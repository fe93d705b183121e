"""Article -> what its structured fields and its links to itself state about its source.

RSS ``<source>``, JSON-LD ``isBasedOn``, ``meta original-source`` and the like name an outlet or give its URL; a
canonical URL on another host gives one, too. The article's own publisher is no statement, nor is a carrier such as
news.google.com. Which fields count, and how much, is in ``data/credit_lines.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dedup.attribute.credit import NEXT_NAME
from dedup.attribute.lexicon import Field, lexicon
from dedup.attribute.name_lists import Name, split_names, whole_name
from dedup.attribute.names import Names, agency_of_host, host_of, is_transport, same_host
from dedup.model import Article

WEIGHT_CANONICAL = 3.0  # log-odds. Strong where present; publishers seldom set it now, so absence means nothing
MAX_VALUE_CHARS = 2_000  # characters of a field that are read: the longest URL that is one
_CHUNK = re.compile(r"[^;\n]+")
_LABEL = re.compile(r"([^:：]{1,40})[:：]")
LINKS_FIELD = "page:links"  # under which ingest files the links of a text to other hosts
MAX_LINKS = 40  # of them, that are looked at
WEIGHT_LINK = 1.0  # log-odds. A text links to many; only a link to a member is a clue
_COPYRIGHT = re.compile(r"(?:©|\([cC]\)|(?i:copyright)|[\d\s,.–-])*")
_URL = re.compile(r"https?://[^\s\"'<>\\]{1,2000}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FieldCredit:
    """One name or URL that a field credits: ``target`` is ``agency:dpa`` or ``outlet:blick.ch``."""

    kind: str
    target: str
    weight: float
    where: str
    start: int
    end: int
    quote: str
    url: str = ""
    members_only: bool = False


def read_fields(article: Article, *, own: Names) -> list[FieldCredit]:
    """Read the structured fields that name another outlet or an agency, in the order of their names."""
    fields = lexicon().fields
    return [
        credit
        for key in sorted(article.provenance)
        if key in fields
        for credit in _read_field(fields[key], str(article.provenance[key]), own)
    ]


def _read_field(field: Field, value: str, own: Names) -> Iterator[FieldCredit]:
    value = value[:MAX_VALUE_CHARS]
    urls = [match for match in _URL.finditer(value) if not is_transport(host_of(match.group()))]
    if urls:
        yield from _read_urls(field, value, urls, own)
        return
    rank = 0
    for chunk in _CHUNK.finditer(_URL.sub(lambda match: ";" * len(match.group()), value)):
        for name in _names_of(value, chunk.start() + _prefix(chunk.group()), chunk.end(), own):
            yield _credit(field, name.target, value, name.start, name.end, rank=rank)
            rank += 1


def _read_urls(field: Field, value: str, urls: Sequence[re.Match[str]], own: Names) -> Iterator[FieldCredit]:
    for match in urls:
        host = host_of(match.group())
        agency = agency_of_host(host)
        if host and host not in own and agency not in own.agencies:
            target = f"agency:{agency}" if agency else f"outlet:{host}"
            yield _credit(field, target, value, match.start(), match.end(), url=match.group())


def _prefix(value: str) -> int:
    """Give the length of "© 2026" or "来源：" before a name."""
    label = _LABEL.match(value)
    if label and label.group(1).strip().lower() in lexicon().labels:
        return label.end()
    return _COPYRIGHT.match(value).end()  # type: ignore[union-attr]  # it matches nothing, too


def _names_of(value: str, start: int, end: int, own: Names) -> list[Name]:
    """Read a field as one name, "The Globe and Mail"; as a list, where that shows an agency, "dpa/AFP"."""
    whole = whole_name(value, start, end, own=own)
    if whole is None or whole.kind in ("agency", "own"):
        return [whole] if whole and whole.kind == "agency" else []
    agencies = [name for name in split_names(value, start, end, own=own) if name.kind == "agency"]
    return agencies or ([whole] if whole.kind == "outlet" else [])


def _credit(
    field: Field, target: str, value: str, start: int, end: int, *, url: str = "", rank: int = 0
) -> FieldCredit:
    return FieldCredit(
        "structured field",
        target,
        field.weight * NEXT_NAME**rank,
        f"provenance:{field.name}",
        start,
        end,
        value[start:end],
        url=url,
        members_only=not field.alone and target.startswith("outlet:"),
    )


def read_canonical(article: Article, *, own: Names) -> list[FieldCredit]:
    """Read ``canonical_url`` and ``og_url`` where they lie on a host that is not the article's."""
    found = []
    own_hosts = [host for host in map(host_of, own.written) if host]
    for where in ("canonical_url", "og_url"):
        url = getattr(article, where)
        host = host_of(url) if "//" in url else ""
        if not host or not own_hosts or is_transport(host) or host in own:
            continue
        if any(same_host(host, other) for other in own_hosts) or agency_of_host(host) in own.agencies:
            continue
        agency = agency_of_host(host)
        target = f"agency:{agency}" if agency else f"outlet:{host}"
        found.append(FieldCredit("canonical", target, WEIGHT_CANONICAL, where, 0, len(url), url, url=url))
    return found


def read_links(article: Article, *, own: Names) -> list[FieldCredit]:
    """Read the links of an article's text to other hosts: as ingest filed them, else as URLs in the text itself."""
    value = str(article.provenance.get(LINKS_FIELD, ""))
    where = f"provenance:{LINKS_FIELD}" if value else "text"
    value = value or (article.text if "://" in article.text else "")
    found = []
    for match in list(_URL.finditer(value))[:MAX_LINKS]:
        url = match.group().rstrip(".,;:)]")
        host = host_of(url)
        agency = agency_of_host(host)
        if not host or is_transport(host) or host in own or agency in own.agencies:
            continue
        target = f"agency:{agency}" if agency else f"outlet:{host}"
        end = match.start() + len(url)
        found.append(
            FieldCredit("link", target, WEIGHT_LINK, where, match.start(), end, url, url=url, members_only=True)
        )
    return found
