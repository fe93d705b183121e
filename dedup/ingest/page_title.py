"""A page's statements -> its headline.

Pages carry several: the printed one (h1), one for search engines (JSON-LD, the window's title), one for sharing
(og:title); some with the site's name behind them. Taken is the one that most of them agree on, without that name.
twitter:title has no vote: it repeats og:title.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from dedup.ingest.page_fields import page_fields
from dedup.ingest.page_jsonld import names_of, text_of
from dedup.ingest.page_letters import letters
from dedup.ingest.page_statements import Stated, fold
from dedup.ingest.urls import source_of

_BEFORE_SITE = re.compile(r"\s+[^\w\s\"'«»“”‘’()]{1,2}\s+|\s*(?:[|｜ㅣ]|--|::|：)\s*")
_MIN_NAME_LETTERS = 3  # of a site's name that may begin the tail of a title: "CBC" in "CBC News"


def read_title(stated: Stated, *, url: str) -> str:
    """Read the headline; ``""`` if there is none. Where JSON-LD, og:title and h1 all differ, the first is taken."""
    graph, *others = page_fields()["title"]["meta"]
    headline = text_of(stated.article.get("headline")) or text_of(stated.article.get("name"))
    candidates = [headline] if headline else []
    candidates += stated.first_values([graph]) + stated.headings[:1]
    window = [fold(text) for text in stated.tree.xpath("//head/title/text()|//body/title/text()")[:1]]
    candidates = candidates or stated.first_values(others) or window
    names = [letters(name) for name in _site_names(stated, url=url)]
    bare = [_without_site(title, [*candidates, *window], names) for title in candidates]
    votes = Counter(letters(title) for title in bare)
    return max(bare, key=lambda title: votes[letters(title)], default="")  # max keeps the first of equals


def _without_site(title: str, known: Sequence[str], site_names: Sequence[str]) -> str:
    """Cut ``| The Daily`` off a title: a site's name, or whatever follows what is another known title."""
    others = {letters(other) for other in known if other != title} - {""}
    for match in _BEFORE_SITE.finditer(title):
        head, tail = title[: match.start()], letters(title[match.end() :])
        if letters(head) in others or (head and any(_is_named(tail, name) for name in site_names)):
            return head
    return title


def _is_named(tail: str, name: str) -> bool:
    return tail != "" and (tail == name or (len(name) >= _MIN_NAME_LETTERS and tail.startswith(name)))


def read_site_name(stated: Stated) -> str:
    """Read what the site calls itself; ``""`` if it does not say."""
    return next(_stated_site_names(stated), "")


def _stated_site_names(stated: Stated) -> Iterator[str]:
    first, *others = page_fields()["site_name"]["meta"]
    yield from stated.first_values([first])
    yield from names_of(stated.article.get("publisher"), stated.nodes)
    yield from stated.first_values(others)


def _site_names(stated: Stated, *, url: str) -> list[str]:
    """List the names the site goes by: as stated, and its host with and without its ending."""
    host = source_of(url)
    return [*_stated_site_names(stated), host, host.partition(".")[0]]
