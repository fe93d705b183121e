"""Names and hosts of outlets: tell whether two of them are one outlet.

"Blick" is blick.ch, "Tagblatt Münster" is tagblatt-muenster.example, "New York Times" is nytimes.com: two names are one
outlet's where a spelling of the one is a spelling of the other. Spellings drop case, accents, punctuation, the ending
of a domain, words such as "the" and "online", and for a domain's sake shorten words to initials.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from dedup.attribute.lexicon import lexicon

MAX_URL_CHARS = 2_048
_MAX_CHARS = 240  # characters of a name that are compared
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae"})
_PLAIN_URL = re.compile(r"https?://([a-z0-9.-]+)(?:[/?#]|\Z)")  # of most URLs the host can be read off
_TOKEN = re.compile(r"[^\W_]+")
_DOMAIN = re.compile(r"(?:https?://)?(?:[^\W_](?:[\w-]{0,62})\.){1,5}[^\W\d_]{2,24}(?::\d{1,5})?(?:/\S{0,300})?/?")


class Names:
    """The spellings under which one outlet is known.

    Examples
    --------
    >>> "Blick" in Names(["blick.ch"]), "New York Times" in Names(["nytimes.com"]), "FAZ.NET" in Names(["faz.net"])
    (True, True, True)
    >>> "Tagblatt Münster" in Names(["tagblatt-muenster.example"]), "Blick am Abend" in Names(["blick.ch"])
    (True, False)
    """

    def __init__(self, written: Iterable[str], *, agencies: Iterable[str] = ()) -> None:
        self.written = tuple(sorted({name for name in written if name}))
        self.agencies = frozenset(agencies)
        keys = [all_spellings(name) for name in self.written]
        self._full = frozenset(key for of_name in keys for key in of_name.full)
        self._short = frozenset(key for of_name in keys for key in of_name.short)
        self._domain = frozenset(key for of_name in keys for key in of_name.domain)

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        keys = all_spellings(name)
        return not (
            self._full.isdisjoint(keys.full)
            and self._domain.isdisjoint(keys.short)
            and self._short.isdisjoint(keys.domain)
        )


def together(several: Iterable[Names]) -> Names:
    """Give the names of an outlet that is known under several lists of them."""
    listed = list(several)
    return Names(
        (name for names in listed for name in names.written),
        agencies=(agency for names in listed for agency in names.agencies),
    )


def host_of(url: str) -> str:
    """Give the host of a URL or bare domain, without ``www.`` and port; ``""`` where there is none.

    >>> host_of("https://www.Blick.ch:443/a?b"), host_of("blick.ch"), host_of("not a host")
    ('blick.ch', 'blick.ch', '')
    """
    url = url.strip()[:MAX_URL_CHARS]
    plain = _PLAIN_URL.match(url)
    return _bare_host(plain.group(1)) if plain else _host_of(url)


@lru_cache(maxsize=16_384)
def _host_of(url: str) -> str:
    try:
        return _bare_host(urlsplit(url if "//" in url else f"//{url}").hostname or "")
    except ValueError:  # "http://[": no host can be read from it
        return ""


@lru_cache(maxsize=16_384)
def _bare_host(host: str) -> str:
    host = host.strip(".")
    if "." not in host or not all(label and len(label) < 64 and " " not in label for label in host.split(".")):
        return ""
    for prefix in ("www.", "m.", "amp.", "mobile."):
        if host.startswith(prefix) and host.count(".") > 1:
            host = host.removeprefix(prefix)
    return host


def main_label(host: str) -> str:
    """Give the label of a host that is the outlet's name.

    >>> main_label("news.bbc.co.uk"), main_label("24instant.news"), main_label("someone.blogspot.com")
    ('bbc', '24instant', 'someone')
    """
    words = lexicon()
    for shared in words.shared_hosts:
        if host.endswith("." + shared):
            return host.removesuffix("." + shared).rpartition(".")[2]
    labels = host.split(".")[:-1]
    if len(labels) > 1 and labels[-1] in words.second_level:
        labels.pop()
    return labels[-1] if labels else host


def is_transport(host: str) -> bool:
    """Tell whether a host carries other outlets' articles (news.google.com), so that it names no origin."""
    transports = lexicon().transports
    return any(host == name or host.endswith("." + name) for name in transports)


def same_host(a: str, b: str) -> bool:
    """Tell whether two hosts are one outlet's: ``sport.bild.de`` and ``bild.de``, ``bbc.com`` and ``bbc.co.uk``."""
    if a == b or a.endswith("." + b) or b.endswith("." + a) or main_label(a) == main_label(b):
        return True
    return any(_is_label_of(main_label(one), other) for one, other in ((a, b), (b, a)))


def _is_label_of(label: str, host: str) -> bool:
    """Tell whether a host has an outlet's own label further up: ``oakmere.gov.example`` and ``oakmere.example``."""
    return len(label) > 3 and label not in lexicon().generic and label in host.split(".")


def agency_of_host(host: str) -> str:
    """Give the id of the agency that publishes on a host, or ``""``."""
    by_domain = lexicon().by_domain
    while host and host not in by_domain:
        host = host.partition(".")[2]
    return by_domain.get(host, "")


def looks_like_domain(name: str) -> bool:
    """Tell whether a name is written as a domain or URL."""
    return _DOMAIN.fullmatch(name) is not None and len(main_label(host_of(name))) > 1


# -- spellings


class Spellings(NamedTuple):
    """The keys under which a name is compared.

    Parameters
    ----------
    full : frozenset of str
        Two names that share one are one outlet's.
    short : frozenset of str
        Leading words shortened to initials, as domains do; none for a name that is a domain.
    domain : frozenset of str
        Of a domain's main label; none for a name that is no domain.
    """

    full: frozenset[str]
    short: frozenset[str]
    domain: frozenset[str]


@lru_cache(maxsize=16_384)
def all_spellings(name: str) -> Spellings:
    """Give the keys under which a name is compared."""
    if looks_like_domain(name):
        keys: set[str] = set()
        for tokens in _tokens(main_label(host_of(name))):
            keys |= _joined(tokens) | set(_without_affix("".join(tokens)))
        domain = _longer(keys)
        return Spellings(domain, frozenset(), domain)
    full, short = set(), set()
    for tokens in _tokens(name):
        full |= _joined(tokens)
        kept = [token for token in tokens if token not in ("the", "der", "die", "das")]
        for n_short in range(2, len(kept) + 1):
            short.add("".join(token[0] for token in kept[:n_short]) + "".join(kept[n_short:]))
    return Spellings(_longer(full), _longer(short), frozenset())


def _longer(keys: Iterable[str]) -> frozenset[str]:
    return frozenset(key for key in keys if len(key) > 1)


def _tokens(name: str) -> Iterator[list[str]]:
    """Fold a name in two ways, ä to ae and ä to a, and cut it into words."""
    if name.isascii():  # both ways give the same
        yield _TOKEN.findall(name[:_MAX_CHARS].casefold())
        return
    plain = unicodedata.normalize("NFC", name[:_MAX_CHARS]).casefold()
    for folded in dict.fromkeys((plain.translate(_UMLAUTS), plain)):
        bare = "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
        yield _TOKEN.findall(bare)


def _joined(tokens: list[str]) -> set[str]:
    own = [token for token in tokens if token not in lexicon().generic] or tokens
    return {"".join(tokens), "".join(own), "".join(sorted(own))}


def _without_affix(label: str) -> Iterator[str]:
    for word in sorted(lexicon().generic):
        if len(word) > 1 and len(label) - len(word) >= 4:
            if label.startswith(word):
                yield label.removeprefix(word)
            if label.endswith(word):
                yield label.removesuffix(word)
