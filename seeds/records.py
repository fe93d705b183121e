"""The files of the seed world -> its nouns: outlets and articles, as they were written down."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """One invented outlet; the fields are explained at the head of ``outlets.toml``."""

    slug: str
    domain: str
    name: str
    language: str
    country: str
    city: str
    feed_format: str
    feed_path: str
    full_text: bool
    template: str
    article_path: str

    @property
    def home_url(self) -> str:
        """Address of the front page."""
        return f"http://{self.domain}/"

    @property
    def feed_url(self) -> str:
        """Address of the feed."""
        return f"http://{self.domain}{self.feed_path}"

    @property
    def locale(self) -> str:
        """Language and country, as in ``<html lang>``: ``de-CH``."""
        return f"{self.language}-{self.country}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article of the world; the fields are explained in ``README.md``."""

    id: str
    source: str
    url: str
    title: str
    byline: str
    published: str
    language: str
    section: str
    text: str
    updated: str = ""
    canonical_url: str = ""
    rss_source: dict[str, str] = field(default_factory=dict)
    teaser: str = ""
    subheads: tuple[str, ...] = ()

    @property
    def published_at(self) -> datetime:
        """`published`, parsed; aware, in the outlet's own time zone."""
        return datetime.fromisoformat(self.published)

    @property
    def updated_at(self) -> datetime:
        """`updated`, parsed, or `published` where the article was never updated."""
        return datetime.fromisoformat(self.updated or self.published)

    @property
    def paragraphs(self) -> list[str]:
        """The text, cut at its blank lines."""
        return self.text.split("\n\n")


@cache
def load_outlets() -> tuple[Outlet, ...]:
    """Read ``outlets.toml``, in the file's order."""
    table = tomllib.loads((HERE / "outlets.toml").read_text(encoding="utf-8"))
    return tuple(Outlet(**row) for row in table["outlet"])


@cache
def load_articles() -> tuple[Article, ...]:
    """Read ``articles.jsonl``, in the file's order: by id."""
    return tuple(
        Article(**{**row, "subheads": tuple(row.get("subheads", ()))}) for row in _json_lines("articles.jsonl")
    )


def load_labels() -> list[dict[str, str]]:
    """Read ``labels.jsonl``: pairs ``a < b`` with their ``label`` and ``why``."""
    return _json_lines("labels.jsonl")


def load_origins() -> list[dict[str, Any]]:
    """Read ``origins.jsonl``: ``articles`` that carry one text, its ``origin`` and ``why``."""
    return _json_lines("origins.jsonl")


def first_words(text: str, n_words: int) -> str:
    """Cut a text to its first words, an ellipsis at the end.

    Examples
    --------
    >>> first_words("One two, three.", 2), first_words("One two.", 2)
    ('One two …', 'One two.')
    """
    words = text.split()
    if len(words) <= n_words:
        return " ".join(words)
    return " ".join(words[:n_words]).rstrip(",;:–—-") + " …"


def _json_lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]
