"""Article -> what its structured fields and its links to itself state about its source.

RSS ``<source>``, JSON-LD ``isBasedOn``, ``meta original-source`` and the like name an outlet or give its URL; a
canonical URL on another host gives one, too. The article's own publisher is no statement, nor is a carrier such as
news.google.com. Which fields count, and how much, is in ``data/credit_lines.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dedup.attribute.lexicon import Field, lexicon
from dedup.attribute.name_lists import split_names
from dedup.attribute.names import Names, agency_of_host, host_of, is_transport, same_host
from dedup.model import Article

WEIGHT_CANONICAL = 3.0  # log-odds. Strong where present; publishers seldom set it now, so absence means nothing
MAX_VALUE_CHARS = 400  # characters of a field that are read; a name is shorter
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
    where = f"provenance:{field.name}"
    urls = list(_URL.finditer(value))
    for match in urls:
        host = host_of(match.group())
        if not host or is_transport(host) or host in own:
            continue
        agency = agency_of_host(host)
        if agency not in own.agencies:
            target = f"agency:{agency}" if agency else f"outlet:{host}"
            yield _credit(field, target, where, value, match.start(), match.end(), url=match.group())
    if urls:
        return
    names = split_names(value, 0, len(value), own=own)
    if any(name.kind == "own" for name in names) and not any(name.kind == "agency" for name in names):
        return
    for name in names:
        if name.kind in ("agency", "outlet"):
            yield _credit(field, name.target, where, value, name.start, name.end)


def _credit(field: Field, target: str, where: str, value: str, start: int, end: int, *, url: str = "") -> FieldCredit:
    only = not field.alone and target.startswith("outlet:")
    quote = value[start:end]
    return FieldCredit("structured field", target, field.weight, where, start, end, quote, url=url, members_only=only)


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
