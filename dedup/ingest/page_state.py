"""A page drawn by scripts -> the article's HTML, found in the state that is shipped with it.

Such a page has no text in its markup; the framework keeps it as a JSON string inside a script (``__NEXT_DATA__``,
``self.__next_f.push``, ``window.__STATE__`` ...). No framework is named here: the longest string literal that holds
paragraphs is taken.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from dedup.ingest.feed_text import clean

_STRING = re.compile(r'"([^"\\]*+(?:\\.[^"\\]*+)*+)(?:"|\\?\Z)', re.S)  # one that never ends is read once, too
_MIN_CHARS = 500  # of a literal; an article's HTML is longer
_MIN_PARAGRAPHS = 3
_PARAGRAPH = re.compile(r"<p[\s>]", re.I)
_MAX_DEPTH = 3  # literals inside literals: state inside a call inside a script


def embedded_html(tree: HtmlElement) -> str:
    """Find the longest HTML with paragraphs among the scripts' strings; ``""`` if there is none."""
    scripts = [script.text for script in tree.iter("script") if script.text]
    return max((html for text in scripts for html in _html_in(text, _MAX_DEPTH)), key=len, default="")


def _html_in(text: str, depth: int) -> Iterator[str]:
    if len(_PARAGRAPH.findall(text)) + text.count("u003cp") + text.count("u003Cp") < _MIN_PARAGRAPHS or depth == 0:
        return
    for match in _STRING.finditer(text):
        if len(match[1]) < _MIN_CHARS:
            continue
        try:
            inner = json.loads(f'"{match[1]}"', strict=False)
        except ValueError:
            continue  # a string of JavaScript that is none of JSON
        if '"' in inner:
            yield from _html_in(inner, depth - 1)
        if len(_PARAGRAPH.findall(inner)) >= _MIN_PARAGRAPHS and "<script" not in inner:
            yield clean(inner)
