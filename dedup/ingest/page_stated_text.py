"""Extracted paragraphs and a page's own statement of its text -> the better of both.

JSON-LD's ``articleBody`` is what the publisher calls the article. Often it is a teaser, lacks its paragraphs, or
carries captions; so it replaces the extraction only where that has gone wrong, and else says where the article ends.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape

from dedup.ingest.feed_text import clean, entry_text
from dedup.ingest.page_letters import letters

_MARKUP = re.compile(r"</?(?:p|div|br|h[1-6]|li|ul|ol|a|strong|em|b|i|span|figure|img)\b[^<>]{0,2000}>", re.I)
_ESCAPED_MARKUP = re.compile(r"&lt;/?(?:p|div|br)\b", re.I)
_WORD = re.compile(r"\w+")
_GRAM_WORDS = 4  # words; shared runs of this length are the same text
_MIN_CHARS = 500  # of a stated text that may replace the extracted one; a shorter one is a teaser
_FOREIGN = 0.2  # share of grams; two texts that have less in common are of different articles
_CUT_SHORT = 0.7  # share of the stated text's grams found; below it paragraphs were lost
_LONGER = 1.5  # times the length, at least, to be the fuller text
_INSIDE = 0.8  # share of the extracted text's grams in the stated one, to be a part of it
_COMPLETE = 0.85  # share of the stated text's grams found, for its end to be the article's end
_RELATED = 0.5  # share of grams a paragraph (or the extraction) has in common with the stated text, to be of it
_END_LETTERS = 30  # letters of the stated text's end to look for
_CREDIT_LETTERS = 80  # a line this short right behind the end may be the credit line, which articleBody leaves out


def stated_paragraphs(stated: str) -> list[str]:
    """Split a stated text into paragraphs; markup in it, escaped or not, is read as such.

    Examples
    --------
    >>> stated_paragraphs("&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two.&lt;/p&gt;")
    ['One.', 'Two.']
    """
    if _ESCAPED_MARKUP.search(stated):
        stated = unescape(stated)
    text = entry_text(stated) if _MARKUP.search(stated) else clean(unescape(stated))
    return [line for line in (" ".join(line.split()) for line in text.splitlines()) if line]


def settle(found: list[str], stated: list[str]) -> list[str]:
    """Choose between extracted and stated paragraphs, or cut the extracted ones where the stated text ends.

    Parameters
    ----------
    found, stated : list of str
        Paragraphs; either may be empty.
    """
    if not found:
        return stated
    found_grams, stated_grams = _grams(found), _grams(stated)
    n_shared = len(found_grams & stated_grams)
    stated_in_found = n_shared / max(1, len(stated_grams))
    found_in_stated = n_shared / max(1, len(found_grams))
    n_found, n_stated = sum(map(len, found)), sum(map(len, stated))
    is_foreign = max(stated_in_found, found_in_stated) < _FOREIGN and n_stated >= n_found
    is_cut_short = n_stated > _LONGER * n_found and found_in_stated >= _INSIDE and stated_in_found < _CUT_SHORT
    if n_stated >= _MIN_CHARS and (is_foreign or is_cut_short):
        return stated
    if stated_in_found >= _COMPLETE and found_in_stated >= _RELATED:
        return _cut_behind_end(found, stated, stated_grams)
    return found


def _cut_behind_end(found: list[str], stated: list[str], stated_grams: set[tuple[str, ...]]) -> list[str]:
    whole = letters("".join(stated))
    end = len(found)
    while end and not _is_of(found[end - 1], whole, stated_grams):
        end -= 1
    if not letters("".join(found[:end])).endswith(whole[-_END_LETTERS:]):
        return found  # the stated text is cut, or edited: its end says nothing
    if end < len(found) and len(letters(found[end])) <= _CREDIT_LETTERS:
        end += 1
    return found[:end]


def _is_of(paragraph: str, whole: str, stated_grams: set[tuple[str, ...]]) -> bool:
    bare = letters(paragraph)
    grams = _grams([paragraph])
    return (bare != "" and bare in whole) or len(grams & stated_grams) >= max(1.0, _RELATED * len(grams))


def _grams(paragraphs: Sequence[str]) -> set[tuple[str, ...]]:
    words = _WORD.findall(" ".join(paragraphs).casefold())
    return set(zip(*(words[i:] for i in range(_GRAM_WORDS)), strict=False))
