"""Articles -> their statements, some of them read on an earlier night.

What an article states depends on nothing but the article and the program; it is kept as JSON, under the hash of both.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from hashlib import blake2b

from dedup.attribute.statements import Statement
from dedup.model import Article, Clue


def read_or_recall(
    articles: Mapping[str, Article],
    read: Callable[[Article], list[Statement]],
    *,
    kept: Mapping[str, tuple[str, str]],
    made_with: str,
) -> tuple[dict[str, list[Statement]], dict[str, tuple[str, str]]]:
    """Give the statements of each article, and those that were not kept yet, for keeping.

    Parameters
    ----------
    articles : Mapping[str, Article]
    read : callable
        Reads the statements of one article.
    kept : Mapping
        Readings by article id.
    made_with : str
        What else a reading depends on: the program.
    """
    stated: dict[str, list[Statement]] = {}
    new: dict[str, tuple[str, str]] = {}
    for article_id, article in articles.items():
        key = reading_key(article, made_with)
        held = kept.get(article_id)
        if held is not None and held[0] == key:
            stated[article_id] = from_json(held[1], article_id)
            continue
        stated[article_id] = read(article)
        new[article_id] = (key, to_json(stated[article_id]))
    return stated, new


def reading_key(article: Article, made_with: str) -> str:
    """Hash all of an article that its statements may depend on, and what they are read with."""
    fields = (
        made_with, article.text, article.title, article.url, article.source, article.byline, article.language,
        article.fetched_url, article.final_url, article.canonical_url, article.og_url,
        *(part for item in sorted((str(k), str(v)) for k, v in article.provenance.items()) for part in item),
    )  # fmt: skip
    digest = blake2b(digest_size=16)
    for field in fields:
        encoded = field.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8, "little"))
        digest.update(encoded)
    return digest.hexdigest()


def to_json(statements: list[Statement]) -> str:
    """Write statements as JSON; the article they are of is left out."""
    return json.dumps(
        [
            [s.clue.kind, s.clue.points_to, s.clue.weight, s.clue.where, s.clue.start, s.clue.end, s.clue.quote,
             s.clue.family, s.url, s.members_only]
            for s in statements
        ]
    )  # fmt: skip


def from_json(text: str, article_id: str) -> list[Statement]:
    """Read statements of an article that `to_json` wrote."""
    if text == "[]":
        return []
    return [
        Statement(Clue(kind, article_id, points_to, weight, where, start, end, quote, family), url, members_only)
        for kind, points_to, weight, where, start, end, quote, family, url, members_only in json.loads(text)
    ]
