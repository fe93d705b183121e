"""JSON Feed 1.0 and 1.1 (jsonfeed.org) -> Feed.

Values of the wrong type count as absent, but for numbers as ids and dates.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from dedup.errors import FeedError
from dedup.ingest.dates import parse_date
from dedup.ingest.feed_entries import Entry, Feed, with_own_guids
from dedup.ingest.feed_text import clean, one_line, to_html
from dedup.ingest.urls import is_web_url, join_url

_VERSIONS = {"1": "json1", "1.0": "json1", "1.1": "json11"}  # the last part of the URL; some publishers give only that
_VERSION_URL = "https://jsonfeed.org/version/"


def read_json_feed(text: str, *, url: str, max_entries: int) -> Feed:
    """Read a JSON Feed.

    Raises
    ------
    FeedError
        No JSON, or JSON of another kind; the message says what was found.
    """
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:  # RecursionError: thousands of brackets
        raise FeedError(f"{url}: begins like a JSON Feed, but is no JSON: {error}") from error
    if not isinstance(values, dict) or not isinstance(values.get("items"), list):
        raise FeedError(f"{url}: JSON, but no JSON Feed: it has no list of items")
    version = _text(values, "version")
    if _VERSION_URL.removeprefix("https://") not in version and version not in _VERSIONS:
        found = version[:100]
        raise FeedError(f"{url}: JSON, but no JSON Feed: its version is {found!r}, not {_VERSION_URL}1.1")
    language = _text(values, "language").strip()
    items, skipped = values["items"], Counter[str]()
    if len(items) > max_entries:
        skipped["over max_entries"] = len(items) - max_entries
    entries = []
    for item in items[:max_entries]:
        if isinstance(item, dict):
            entries.append(_read_item(item, values, url=url, language=language))
        else:
            skipped["not an object"] += 1
    return Feed(
        url=url,
        title=_plain(_text(values, "title")),
        version=_VERSIONS.get(version.rpartition("/")[2], "json"),
        home_url=join_url(url, _text(values, "home_page_url")),
        language=language,
        entries=with_own_guids(entries),
        skipped=MappingProxyType(dict(sorted(skipped.items()))),
    )


def _read_item(item: Mapping[str, Any], feed: Mapping[str, Any], *, url: str, language: str) -> Entry:
    guid = _number_or_text(item, "id")
    external = join_url(url, _text(item, "external_url"))
    link = join_url(url, _text(item, "url")) or external or (guid if is_web_url(guid) else "")
    updated_raw = _number_or_text(item, "date_modified")
    published_raw = _number_or_text(item, "date_published") or updated_raw
    content = _text(item, "content_html").strip() or to_html(_text(item, "content_text"))
    summary = to_html(_text(item, "summary"))
    return Entry(
        guid=guid,
        link=link,
        title=_plain(_text(item, "title")),
        byline=", ".join(dict.fromkeys(_names(item))) or ", ".join(dict.fromkeys(_names(feed))),
        published=parse_date(published_raw),
        published_raw=published_raw,
        updated=parse_date(updated_raw),
        updated_raw=updated_raw,
        content_html=content,
        summary_html=summary if summary != content else "",
        language=_text(item, "language").strip() or language,
        provenance=MappingProxyType({"jsonfeed:external_url": external} if external and external != link else {}),
    )


def _names(values: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names under ``authors`` (1.1) or ``author`` (1.0)."""
    authors = values.get("authors")
    for author in authors if isinstance(authors, list) and authors else [values.get("author")]:
        if isinstance(author, dict) and (name := _plain(_text(author, "name"))):
            yield name


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return clean(value) if isinstance(value, str) else ""


def _number_or_text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else _text(values, name).strip()


def _plain(text: str) -> str:
    """Fold white space; JSON Feed's titles and names are plain text, but some publishers send HTML."""
    return one_line(text) if "</" in text or "&" in text else " ".join(text.split())
