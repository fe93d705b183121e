"""Byline -> the agencies and outlets in it: "hek/dpa", "Jane Doe, Associated Press", "Von AFP"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dedup.attribute.credit import NEXT_NAME, WEIGHT_BYLINE, Credit
from dedup.attribute.lexicon import lexicon
from dedup.attribute.name_lists import Name, split_names
from dedup.attribute.names import Names, looks_like_domain

MAX_BYLINE_CHARS = 400  # characters that are read; long bylines are lists of authors
_CHUNK = re.compile(r"[^()\[\]<>\n]+")


def read_byline(byline: str, *, own: Names) -> list[Credit]:
    """Read the credits of a byline; an outlet's name counts where it is a domain, else only for a member.

    Parameters
    ----------
    byline : str
        As printed.
    own : Names
        The outlet's own names.

    Examples
    --------
    >>> [credit.target for credit in read_byline("Von Jane Doe, AP", own=Names([])) if not credit.members_only]
    ['agency:ap']
    """
    byline = byline[:MAX_BYLINE_CHARS]
    if lexicon().is_picture(byline):
        return []
    found: dict[str, Credit] = {}
    n_agencies = 0
    for name in _names(byline, own):
        if name.target in found or not _is_credit(name):
            continue
        is_agency = name.kind == "agency"
        weight = WEIGHT_BYLINE * NEXT_NAME ** (n_agencies if is_agency else 1)
        n_agencies += is_agency
        only = not is_agency and not looks_like_domain(name.written)
        found[name.target] = Credit("byline", name.target, weight, name.start, name.end, members_only=only)
    return list(found.values())


def _is_credit(name: Name) -> bool:
    return name.kind in ("agency", "outlet")


def _names(byline: str, own: Names) -> Iterator[Name]:
    words = lexicon()
    for chunk in _CHUNK.finditer(byline):
        by = words.by.match(byline, chunk.start(), chunk.end())
        for name in split_names(byline, by.end() if by else chunk.start(), chunk.end(), own=own):
            yield name if name.kind == "agency" else _employer(byline, name, own) or name


def _employer(byline: str, name: Name, own: Names) -> Name | None:
    """Read "Jane Doe of The Associated Press"."""
    words = lexicon()
    affiliations = list(words.affiliation.finditer(byline, name.start, name.end))
    if not affiliations:
        return None
    names = split_names(byline, affiliations[-1].end(), name.end, own=own)
    return names[0] if len(names) == 1 and names[0].kind == "agency" else None
