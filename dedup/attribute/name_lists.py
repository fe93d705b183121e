"""A list such as "hek/dpa, mit AFP" -> its names, and what each of them is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from dedup.attribute.lexicon import Lexicon, lexicon
from dedup.attribute.names import Names, agency_of_host, host_of, is_transport, looks_like_domain

NameKind: TypeAlias = Literal["agency", "own", "staff", "photo", "outlet", "other"]

MAX_NAME_CHARS = 60  # characters. "The Philadelphia Inquirer and Daily News" has 41
MAX_NAME_WORDS = 6
_MAX_LEAD_INS = 4  # words before a name: "mit Material der Nachrichtenagentur"
_EDGES = " \t\u00a0\u200b\u200e\u200f\"'“”„‟«»‘’‚‹›()[]（）【】<>*_"
_INITIALS = re.compile(r"[^\W\d_]{1,5}\.?|[^\W\d_]{1,3}[.-][^\W\d_]{1,3}\.?")
_NO_SPACE = re.compile(r"\S{1,400}")
_NOT_IN_NAMES = '?!{}=@#\\:"“”„«»()[]…'
_LOWER = re.compile(r"[a-zà-öø-ÿа-яёіїєґα-ωά-ώ]")  # in scripts that have capitals, a name begins with one


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


def split_names(text: str, start: int, end: int, *, own: Names) -> list[Name]:
    """Cut ``text[start:end]``, a list such as ``hek/dpa, mit AFP``, into its names and tell what each is."""
    words = lexicon()
    names: list[Name] = []
    pos = start
    while (pos := _skip_edges(text, pos, end)) < end:
        pos, agency_end = _skip_lead_in(text, pos, end, words)
        stop = agency_end or _end_of_name(text, pos, end, words)
        if pos < stop:
            name = _classify(text, pos, stop, words, own)
            if joint := _joint(text, names, name, words):
                name = _classify(text, names.pop().start, joint, words, own)
            names.append(name)
        separator = words.separator.match(text, stop, end)
        pos = separator.end() if separator else max(stop, pos) + 1
    return names


def _joint(text: str, names: list[Name], name: Name, words: Lexicon) -> int:
    """Give where "The Globe and Mail" ends, which is one name: "The" before it, none after the "and"; else 0."""
    if not names or names[-1].kind != "outlet" or name.kind not in ("outlet", "staff"):
        return 0
    between = text[names[-1].end : name.start]
    is_word = any(c.isalpha() for c in between)
    has_article = words.any_article.match(names[-1].written) and not words.any_article.match(name.written)
    return name.end if is_word and has_article and text[names[-1].start].isupper() else 0


def whole_name(text: str, start: int, end: int, *, own: Names) -> Name | None:
    """Read ``text[start:end]`` as one name; None where nothing is left of it."""
    words = lexicon()
    start, _ = _skip_lead_in(text, _skip_edges(text, start, end), end, words)
    return _classify(text, start, end, words, own) if text[start:end].strip(_EDGES) else None


def _skip_edges(text: str, pos: int, end: int) -> int:
    separator_chars = _EDGES + "/,;，；،|+&•·、・:：–—-"
    while pos < end and (text[pos] in separator_chars or text[pos].isspace()):
        pos += 1
    return pos


def _skip_lead_in(text: str, pos: int, end: int, words: Lexicon) -> tuple[int, int]:
    """Skip "mit", "Nachrichtenagentur", "the"; of a capital "The" only what is no part of a name: "The AFP".

    Returns where the name begins, and where it ends if it is an agency's, else 0.
    """
    for _ in range(_MAX_LEAD_INS):
        if agency_end := _agency_end(text, pos, end, words):
            return pos, agency_end
        match = words.lead_in.match(text, pos, end) or words.article.match(text, pos, end)
        if not match:
            match = words.any_article.match(text, pos, end)
            if not match or not _agency_end(text, match.end(), end, words):
                return pos, 0
        pos = _skip_edges(text, match.end(), end)
    return pos, _agency_end(text, pos, end, words)


def _agency_end(text: str, pos: int, end: int, words: Lexicon) -> int:
    """Give where the agency's name ends that fills the list's next place, or 0."""
    alias = words.alias.match(text, pos, end)
    return alias.end() if alias and _ends_name(text, alias.end(), end, words) else 0


def _end_of_name(text: str, pos: int, end: int, words: Lexicon) -> int:
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
    if words.is_picture(written) and written.lower() not in words.photo_words:
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
        and (first.isdigit() or (first.isalpha() and not _LOWER.match(first)) or words.article.match(name) is not None)
        and not any(c in name for c in _NOT_IN_NAMES)
        and name.casefold() not in words.not_outlets
        and not words.no_outlet_word.search(name.lower())
    )


def _clean(name: str, words: Lexicon) -> str:
    """Drop the small word before a name, "the Guardian", but not the one that belongs to it, "The Atlantic"."""
    match = words.article.match(name)
    return " ".join(name[match.end() :].strip(_EDGES).split()) if match else " ".join(name.split())
