"""Names of outlets and agencies: cut a credit into its names, tell what each is, tell whether two name one outlet.

"Blick" is blick.ch, "Tagblatt Münster" is tagblatt-muenster.example, "New York Times" is nytimes.com: two names are one
outlet's where a spelling of the one is a spelling of the other. Spellings drop case, accents, punctuation, the ending
of a domain, words such as "the" and "online", and for a domain's sake shorten words to initials.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from dedup.attribute.lexicon import Lexicon, lexicon

NameKind: TypeAlias = Literal["agency", "own", "staff", "photo", "outlet", "other"]

MAX_NAME_CHARS = 60  # characters. "The Philadelphia Inquirer and Daily News" has 41
MAX_NAME_WORDS = 6
MAX_URL_CHARS = 2_048
_EDGES = " \t\u00a0\u200b\u200e\u200f\"'“”„‟«»‘’‚‹›()[]（）【】<>*_"
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae"})
_TOKEN = re.compile(r"[^\W_]+")
_DOMAIN = re.compile(r"(?:https?://)?(?:[^\W_](?:[\w-]{0,62})\.){1,5}[^\W\d_]{2,24}(?::\d{1,5})?(?:/\S{0,300})?/?")
_INITIALS = re.compile(r"[^\W\d_]{1,5}\.?|[^\W\d_]{1,3}[.-][^\W\d_]{1,3}\.?")
_NO_SPACE = re.compile(r"\S{1,400}")
_NOT_IN_NAMES = '?!{}=@#\\:"“”„«»()[]…'
_CASED = re.compile(r"[a-zà-öø-ÿа-яёіїєґα-ωά-ώ]")


@dataclass(frozen=True, slots=True)
class Name:
    """One name in a list of names, and where it stands: ``text[start:end]``."""

    kind: NameKind
    start: int
    end: int
    written: str
    agency: str = ""

    @property
    def target(self) -> str:
        """What a clue points to that reads this name: ``agency:dpa`` or ``outlet:Blick``."""
        return f"agency:{self.agency}" if self.kind == "agency" else f"outlet:{self.written}"


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
        self._full = frozenset(key for name in self.written for key in spellings(name))
        self._short = frozenset(key for name in self.written for key in short_spellings(name))
        self._domain = frozenset(key for name in self.written for key in domain_spellings(name))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and not (
            self._full.isdisjoint(spellings(name))
            and self._domain.isdisjoint(short_spellings(name))
            and self._short.isdisjoint(domain_spellings(name))
        )


def host_of(url: str) -> str:
    """Give the host of a URL or bare domain, without ``www.`` and port; ``""`` where there is none.

    >>> host_of("https://www.Blick.ch:443/a?b"), host_of("blick.ch"), host_of("not a host")
    ('blick.ch', 'blick.ch', '')
    """
    url = url.strip()[:MAX_URL_CHARS]
    try:
        host = urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:  # "http://[": no host can be read from it
        return ""
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
    return a == b or a.endswith("." + b) or b.endswith("." + a) or main_label(a) == main_label(b)


def agency_of_host(host: str) -> str:
    """Give the id of the agency that publishes on a host, or ``""``."""
    for domain, agency in lexicon().by_domain.items():
        if host == domain or host.endswith("." + domain):
            return agency
    return ""


def looks_like_domain(name: str) -> bool:
    """Tell whether a name is written as a domain or URL."""
    return _DOMAIN.fullmatch(name) is not None and len(main_label(host_of(name))) > 1


# -- spellings


@lru_cache(maxsize=16_384)
def spellings(name: str) -> frozenset[str]:
    """Give the keys under which a name is compared; two names that share one are one outlet's."""
    if looks_like_domain(name):
        return domain_spellings(name)
    keys: set[str] = set()
    for tokens in _tokens(name):
        keys |= _joined(tokens)
    return frozenset(key for key in keys if len(key) > 1)


@lru_cache(maxsize=16_384)
def domain_spellings(name: str) -> frozenset[str]:
    """Give the keys of a domain's main label; none for a name that is no domain."""
    if not looks_like_domain(name):
        return frozenset()
    keys: set[str] = set()
    for tokens in _tokens(main_label(host_of(name))):
        keys |= _joined(tokens) | set(_without_affix("".join(tokens)))
    return frozenset(key for key in keys if len(key) > 1)


@lru_cache(maxsize=16_384)
def short_spellings(name: str) -> frozenset[str]:
    """Give the keys that shorten leading words to initials, as domains do; none for a name that is a domain."""
    if looks_like_domain(name):
        return frozenset()
    keys = set()
    for tokens in _tokens(name):
        kept = [token for token in tokens if token not in ("the", "der", "die", "das")]
        for n_short in range(2, len(kept) + 1):
            keys.add("".join(token[0] for token in kept[:n_short]) + "".join(kept[n_short:]))
    return frozenset(key for key in keys if len(key) > 1)


def _tokens(name: str) -> Iterator[list[str]]:
    """Fold a name in two ways, ä to ae and ä to a, and cut it into words."""
    plain = unicodedata.normalize("NFC", name[: 4 * MAX_NAME_CHARS]).casefold()
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


# -- lists of names


def split_names(text: str, start: int, end: int, *, own: Names) -> list[Name]:
    """Cut ``text[start:end]``, a list such as ``hek/dpa, mit AFP``, into its names and tell what each is."""
    words = lexicon()
    names, pos = [], start
    while (pos := _skip_edges(text, pos, end)) < end:
        pos = _skip_lead_in(text, pos, end, words)
        stop = _end_of_name(text, pos, end, words)
        if pos < stop:
            names.append(_classify(text, pos, stop, words, own))
        separator = words.separator.match(text, stop, end)
        pos = separator.end() if separator else max(stop, pos) + 1
    return names


def _skip_edges(text: str, pos: int, end: int) -> int:
    separator_chars = _EDGES + "/,;，；،|+&•·、・:：–—-"
    while pos < end and (text[pos] in separator_chars or text[pos].isspace()):
        pos += 1
    return pos


def _skip_lead_in(text: str, pos: int, end: int, words: Lexicon) -> int:
    """Skip "mit", "Nachrichtenagentur", "the"; of a capital "The" only what is no part of a name: "The AFP"."""
    for _ in range(4):
        if _agency_end(text, pos, end, words):
            return pos
        match = words.lead_in.match(text, pos, end) or words.article.match(text, pos, end)
        if not match:
            match = words.any_article.match(text, pos, end)
            if not match or not _agency_end(text, match.end(), end, words):
                return pos
        pos = _skip_edges(text, match.end(), end)
    return pos


def _agency_end(text: str, pos: int, end: int, words: Lexicon) -> int:
    """Give where the agency's name ends that fills the list's next place, or 0."""
    alias = words.alias.match(text, pos, end)
    return alias.end() if alias and _ends_name(text, alias.end(), end, words) else 0


def _end_of_name(text: str, pos: int, end: int, words: Lexicon) -> int:
    if agency_end := _agency_end(text, pos, end, words):
        return agency_end
    separator = words.separator.search(text, pos, end)
    stop = separator.start() if separator else end
    first = _NO_SPACE.match(text, pos, end)
    url = first.group().rstrip(".,;)") if first else ""
    return pos + len(url) if looks_like_domain(url) else stop


def _ends_name(text: str, pos: int, end: int, words: Lexicon) -> bool:
    separator = words.separator.search(text, pos, end)
    rest = text[pos : separator.start() if separator else end].rstrip(_EDGES + ".:。")
    return not rest.strip(_EDGES) or words.role.fullmatch(rest) is not None


def _classify(text: str, start: int, end: int, words: Lexicon, own: Names) -> Name:
    while end > start and (text[end - 1] in _EDGES or text[end - 1].isspace()):
        end -= 1
    written = text[start:end]
    bare = written.rstrip(".。")
    agency = words.agency(words.role.sub("", bare)) or words.agency(bare)
    if agency and agency not in own.agencies:
        return Name("agency", start, end, written, agency)
    if agency or written in own or bare in own or _begins_with_own(bare, words, own):
        return Name("own", start, end, written)
    if words.photo.search(written) and not words.photo.fullmatch(written):
        return Name("photo", start, end, written)
    if looks_like_domain(bare):
        host = host_of(bare)
        if by_host := agency_of_host(host):
            kind: NameKind = "own" if by_host in own.agencies else "agency"
            return Name(kind, start, end, written, by_host)
        return Name("other" if is_transport(host) else "outlet", start, start + len(bare), host)
    if bare.replace(".", "").casefold() in words.staff or bare.casefold() in words.staff:
        return Name("staff", start, end, written)
    if _looks_like_outlet(bare, words):
        return Name("outlet", start, start + len(bare), _clean(bare, words))
    return Name("staff" if _INITIALS.fullmatch(written) else "other", start, end, written)


def _begins_with_own(name: str, words: Lexicon, own: Names) -> bool:
    """Tell whether a name begins with the outlet's own, "WELT AM SONNTAG" on welt.de: a sister, not a stranger."""
    first = name.split()[0] if " " in name.strip() else ""
    return len(first) > 2 and first.casefold() not in words.generic and first in own


def is_initials(name: Name) -> bool:
    """Tell whether a name may be a reporter's initials: "hek", "mj.", "RND"."""
    return name.kind in ("staff", "own") or _INITIALS.fullmatch(name.written) is not None


def _looks_like_outlet(name: str, words: Lexicon) -> bool:
    first = name[:1]
    return (
        1 < len(name) <= MAX_NAME_CHARS
        and len(name.split()) <= MAX_NAME_WORDS
        and any(c.isalpha() for c in name)
        and (first.isdigit() or (first.isalpha() and not _CASED.match(first)) or words.article.match(name) is not None)
        and not any(c in name for c in _NOT_IN_NAMES)
        and name.casefold() not in words.not_outlets
        and not words.no_outlet_word.search(name)
    )


def _clean(name: str, words: Lexicon) -> str:
    """Drop the small word before a name, "the Guardian", but not the one that belongs to it, "The Atlantic"."""
    match = words.article.match(name)
    return " ".join(name[match.end() :].strip(_EDGES).split()) if match else " ".join(name.split())
