"""What all pages share: the templates with their filters, and the policy that lets nothing else run.

Articles come from strangers, so three walls stand between their text and the reader's browser: everything is escaped,
only http and https become links, and a Content-Security-Policy lets nothing run or load but the style sheet and the
script that are ours.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from functools import cache
from typing import get_args

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from dedup.model import Article, Duplicates, MatchKind
from dedup.report import wording
from dedup.report.pairs import MAP_WIDTH, align


@cache  # templates are compiled once a process
def make_environment() -> Environment:
    """Read the templates; everything that is put into them is escaped."""
    environment = Environment(
        loader=PackageLoader("dedup.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(
        counted=wording.counted,
        percent=wording.percent,
        iso=lambda moment: wording.iso(moment, "date"),
        day_and_time=wording.day_and_time,
        lag=wording.lag,
        hours=wording.hours,
        readable=wording.readable,
        web_address=wording.web_address,
        language_tag=wording.language_tag,
        direction=wording.direction,
        key_of=wording.key_of,
        headline=headline,
        source=source_name,
    )
    environment.globals.update(map_width=MAP_WIDTH, align=align)
    return environment


def inlined(environment: Environment, name: str) -> Markup:
    """Read a style sheet or script that is ours, to stand in the page as it is."""
    source, _, _ = environment.loader.get_source(environment, name)  # type: ignore[union-attr]
    return Markup(source.replace("\r\n", "\n"))  # noqa: S704


def policy(script: str, style: str = "", *, forms: str = "'none'") -> str:
    """Allow this script and this style sheet, by hash, and nothing else.

    Without a style sheet, allow those from beside the page. ``file:`` says so where the page is opened from a disk: not
    every browser takes ``'self'`` for that.
    """
    styles = f"'sha256-{_digest(style)}'" if style else "'self' file:"
    return (
        f"default-src 'none'; style-src {styles}; script-src 'sha256-{_digest(script)}'; "
        f"base-uri 'none'; form-action {forms}"
    )


def counts_by_kind(duplicates: Duplicates) -> list[tuple[MatchKind, int]]:
    """Count the copies of each kind there is."""
    counts = Counter(match.kind for match in duplicates.copies)
    return [(kind, counts[kind]) for kind in get_args(MatchKind) if counts[kind]]


def headline(article: Article) -> str:
    """Give the title, or the first words of an article that has none."""
    title = " ".join(wording.readable(article.title).split())
    if title:
        return title
    words = " ".join(wording.readable(article.text[:400]).split())
    return f"{words[:80].rstrip()} …" if words else "(untitled)"


def source_name(article: Article) -> str:
    """Give the source as a reader sees it."""
    return wording.readable(article.source).strip() or "unknown source"


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
