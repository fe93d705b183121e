"""The lists in ``dedup/data``, read once and made ready: agencies, credit words, structured fields.

Nothing is read on import; the first article that is looked at pays for it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from dedup.kernels.glances import Sought, glance, seek

_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")  # scripts that set no spaces
_PHOTO_TOKEN = re.compile(r"\w+(?:\.\w+)*")  # "bild.de" is one, no picture
_LETTERS = re.compile(r"\w+")
_SPACES = re.compile(r"\s+")
_GAP = r"[^\n]{0,200}?"  # what "..." stands for in a phrase
_NEVER = r"(?!)"
PHRASE_START = 14  # characters of a phrase that are looked for before its pattern is tried; of a shorter one, all


@dataclass(frozen=True, slots=True)
class Agency:
    """A news agency, or another body that hands out articles.

    Parameters
    ----------
    id : str
        Short name; an origin is written ``agency:<id>``.
    name : str
        Full name.
    domains : tuple of str
        Hosts on which it publishes itself.
    """

    id: str
    name: str
    domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A structured field that can name an origin, how strongly, and whether it is believed of any outlet."""

    name: str
    weight: float
    alone: bool


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All lists, ready for use. Every pattern is a plain alternation: linear in what it is given."""

    agencies: Mapping[str, Agency]
    by_alias: Mapping[str, str]
    by_exact: Mapping[str, str]
    by_domain: Mapping[str, str]
    marks: Mapping[str, str]
    fields: Mapping[str, Field]
    staff: frozenset[str]
    known_outlets: tuple[str, ...]
    not_outlets: frozenset[str]
    no_outlet_word: re.Pattern[str]
    plural_labels: frozenset[str]
    generic: frozenset[str]
    second_level: frozenset[str]
    transports: frozenset[str]
    shared_hosts: tuple[str, ...]
    alias: re.Pattern[str]
    agency_words: Mapping[str, tuple[frozenset[str], ...]]
    agency_glance: Sought
    labels: frozenset[str]
    label_lengths: tuple[int, ...]
    label_ends: frozenset[str]
    bare_label: re.Pattern[str]
    by: re.Pattern[str]
    separator: re.Pattern[str]
    lead_in: re.Pattern[str]
    article: re.Pattern[str]
    any_article: re.Pattern[str]
    affiliation: re.Pattern[str]
    role: re.Pattern[str]
    cut: re.Pattern[str]
    phrase_starts: Mapping[str, tuple[str, ...]]
    phrase_unspaced: tuple[str, ...]
    phrase_heads: frozenset[str]
    phrase_glance: Sought
    phrase_letters: frozenset[str]
    republished: Mapping[str, str]
    material: Mapping[str, str]
    contributed: re.Pattern[str]
    contributed_starts: tuple[str, ...]
    photo_words: frozenset[str]
    photo_unspaced: tuple[str, ...]
    photo_phrase: re.Pattern[str]

    def is_picture(self, text: str) -> bool:
        """Tell whether a word of a text speaks of a picture."""
        lower = text.lower()
        if not self.photo_words.isdisjoint(_PHOTO_TOKEN.findall(lower)) or self.photo_phrase.search(lower):
            return True
        return _UNSPACED.search(lower) is not None and any(word in lower for word in self.photo_unspaced)

    def has_phrase(self, text: str) -> bool:
        """Tell whether a known phrase can be in a text: a quick look before patterns are tried at every word."""
        plain = text.lower().replace("\u00a0", " ").replace("’", "'")
        seen = glance(plain, self.phrase_glance)
        if not seen.isdisjoint(self.phrase_letters) and any(start in plain for start in self.phrase_unspaced):
            return True
        if not any(start in plain for word in seen for start in self.phrase_starts.get(word, ())):
            return False
        told = self.phrase_starts.keys() & _LETTERS.findall(plain)
        return any(start in plain for word in told for start in self.phrase_starts[word])

    def may_name_agency(self, text: str) -> bool:
        """Tell whether an agency can be named in a text, as a name that stands between spaces or punctuation.

        A quick look before a text is cut into names: all words of an agency's name, or of a host's, must be there.
        """
        folded = text.casefold()
        undotted = folded.replace(".", "")  # "A.F.P." is AFP, while afp.com is a host
        named = glance(folded, self.agency_glance) | glance(undotted, self.agency_glance)
        return any(
            all(part in undotted or part in folded for part in name)
            for word in named
            for name in self.agency_words[word]
        )

    def agency(self, name: str) -> str | None:
        """Give the id of the agency that `name` is a name of, if any."""
        name = _plain(name)
        return self.by_exact.get(name) or self.by_alias.get(name.casefold())


def has_unspaced(text: str) -> bool:
    """Tell whether a text holds a letter of a script that sets no spaces: there a name ends where no word does."""
    return not text.isascii() and _UNSPACED.search(text) is not None


def _plain(name: str) -> str:
    return _SPACES.sub(" ", name.replace(".", "")).strip()


@cache
def lexicon() -> Lexicon:
    """Read the lists."""
    data = files("dedup") / "data"
    agencies = tomllib.loads((data / "agencies.toml").read_text(encoding="utf-8"))["agency"]
    words = tomllib.loads((data / "credit_lines.toml").read_text(encoding="utf-8"))
    languages = tomllib.loads((data / "translated_from.toml").read_text(encoding="utf-8"))["languages"]
    return _build(agencies, words, languages)


def _build(agencies: list[dict[str, Any]], words: dict[str, Any], languages: dict[str, Any]) -> Lexicon:
    names, fields = words.pop("names"), words.pop("field")
    known = sorted({name for row in languages.values() for name in row["outlets"] if not name.islower()})

    def of(key: str) -> list[str]:
        return [word for language in words.values() for word in language.get(key, ())]

    aliases = {_plain(alias).casefold(): row["id"] for row in agencies for alias in row.get("aliases", ())}
    exact = {_plain(alias): row["id"] for row in agencies for alias in row.get("exact", ())}
    written = [alias for row in agencies for alias in row.get("aliases", ())]
    written_exact = [alias for row in agencies for alias in row.get("exact", ())]
    labels = [label.lower() for label in (*of("labels"), *of("plural_labels"))]
    alias_pattern = f"(?:(?i:{_any(written)})|{_any(written_exact)})"
    photo = {word.lower() for word in of("photo")}
    phrases = [phrase.partition("...")[0] for key in ("republished", "material", "contributed") for phrase in of(key)]
    by_word: dict[str, set[str]] = {}  # by the longest word of each phrase, the one that is rarest in other texts
    for phrase in phrases:
        longest = max(_LETTERS.findall(phrase.lower()), key=len)
        by_word.setdefault(longest, set()).add(phrase.strip()[:PHRASE_START].lower().replace("’", "'"))
    starts = set().union(*by_word.values())
    phrase_letters = frozenset(letter for start in starts for letter in _UNSPACED.findall(start)[:1])
    domains = [domain for row in agencies for domain in row.get("domains", ())]
    agency_words = _by_longest_word([*aliases, *(name.casefold() for name in exact), *domains])
    lead_words = _any([*of("joiners"), *of("agency_words")], spaced=True)
    return Lexicon(
        agencies=MappingProxyType({a["id"]: Agency(a["id"], a["name"], tuple(a.get("domains", ()))) for a in agencies}),
        by_alias=MappingProxyType(aliases),
        by_exact=MappingProxyType(exact),
        by_domain=MappingProxyType({domain: row["id"] for row in agencies for domain in row.get("domains", ())}),
        marks=MappingProxyType({mark: row["id"] for row in agencies for mark in row.get("marks", ())}),
        fields=MappingProxyType({f["name"]: Field(f["name"], float(f["weight"]), bool(f["alone"])) for f in fields}),
        staff=frozenset(_plain(word).casefold() for word in (*of("staff"), *of("agency_words"))),
        known_outlets=tuple(known),
        not_outlets=frozenset(word.casefold() for word in names["not_outlets"]),
        no_outlet_word=re.compile(rf"(?<!\w)(?:{_any(word.lower() for word in names['no_outlet_words'])})"),
        plural_labels=frozenset(label.lower() for label in of("plural_labels")),
        generic=frozenset(names["generic"]),
        second_level=frozenset(names["second_level"]),
        transports=frozenset(names["transports"]),
        shared_hosts=tuple(names["shared_hosts"]),
        alias=re.compile(alias_pattern),
        agency_words=agency_words,
        agency_glance=seek(agency_words),
        labels=frozenset(labels),
        label_ends=frozenset(label[-2:] for label in labels),
        label_lengths=tuple(sorted({len(label) for label in labels}, reverse=True)),
        bare_label=re.compile(rf"(?i:{_any(of('bare_labels'))}),?[ \t\u00a0]"),
        by=re.compile(rf"(?:{_any([*of('by'), *(w.upper() for w in of('by'))])})(?:[ \t\u00a0]|(?<=['’]))"),
        separator=_separator(of("conjunctions"), of("joiners")),
        lead_in=re.compile(rf"(?i:{lead_words})"),
        article=re.compile(rf"(?:{_any(of('articles'), spaced=True)})"),
        any_article=re.compile(rf"(?i:{_any(of('articles'), spaced=True)})"),
        affiliation=re.compile(rf"[ \t\u00a0](?:{_any(of('affiliations'))})[ \t\u00a0]"),
        role=re.compile(rf"[ \t\u00a0-](?i:{_any(of('roles'))})$"),
        cut=re.compile(rf"(?:[ \t\u00a0](?:{_any(of('cut'))})(?![\w’'])|[，。])"),
        phrase_heads=frozenset(start[:3].replace("'", "’") for start in starts) | {start[:3] for start in starts},
        phrase_glance=seek([*by_word, *phrase_letters]),
        phrase_letters=phrase_letters,
        phrase_starts=MappingProxyType({word: tuple(sorted(of_word)) for word, of_word in sorted(by_word.items())}),
        phrase_unspaced=tuple(sorted(start for start in starts if _UNSPACED.search(start))),
        republished=_by_head(of("republished"), r"(?:[ \t\u00a0]|(?<=['’])|(?<=[\u3040-\u9fff]))"),
        material=_by_head(of("material"), r"(?:[ \t\u00a0]|(?<=['’]))"),
        contributed_starts=tuple(
            sorted({any_case(phrase.partition("...")[0].strip()[:PHRASE_START]) for phrase in of("contributed")})
        ),
        contributed=re.compile(rf"(?i:{_phrases(of('contributed'))})"),
        photo_words=frozenset(word for word in photo if _PHOTO_TOKEN.fullmatch(word) and not _UNSPACED.search(word)),
        photo_unspaced=tuple(sorted(word for word in photo if _UNSPACED.search(word))),
        photo_phrase=_words(word for word in photo if not _PHOTO_TOKEN.fullmatch(word)),
    )


def _by_longest_word(names: Iterable[str]) -> Mapping[str, tuple[frozenset[str], ...]]:
    """Give the words of each name, by the longest of them."""
    found: dict[str, set[frozenset[str]]] = {}
    for name in names:
        words = _LETTERS.findall(name)
        found.setdefault(max(words, key=len), set()).add(frozenset(words))
    return MappingProxyType({word: tuple(of_word) for word, of_word in sorted(found.items())})


def _any(words: Iterable[str], *, spaced: bool = False) -> str:
    """Make an alternation, longest first; `spaced` asks for a space (or an apostrophe) after each word."""
    ordered = sorted(set(words), key=lambda word: (-len(word), word))
    if not ordered:
        return _NEVER
    if spaced:
        return "|".join(_escape(word) + ("" if word[-1] in "'’" else r"[ \t\u00a0]") for word in ordered)
    return "|".join(map(_escape, ordered))


def _escape(word: str) -> str:
    return re.escape(word).replace(r"\ ", r"[ \t\u00a0]").replace("'", "['’]")


def _phrases(phrases: Iterable[str]) -> str:
    ordered = sorted(set(phrases), key=lambda phrase: (-len(phrase), phrase))
    return "|".join(_GAP.join(_escape(part.strip()) for part in phrase.split("...")) for phrase in ordered) or _NEVER


def any_case(text: str) -> str:
    """Write a text as phrases are compared by patterns, which know neither case nor kinds of spaces and apostrophes."""
    lower = text.lower().replace("’", "'").replace("\u00a0", " ").replace("\t", " ")
    return lower.replace("i\u0307", "i").replace("ı", "i").replace("ſ", "s")


def _by_head(phrases: Iterable[str], end: str) -> Mapping[str, str]:
    """Give patterns of phrases and what must follow them, by the first characters; `re` keeps them compiled."""
    by_head: dict[str, list[str]] = {}
    for phrase in phrases:
        by_head.setdefault(any_case(phrase.strip())[:3], []).append(phrase)
    return MappingProxyType({head: rf"(?i:(?<!\w)(?:{_phrases(of_head)})){end}" for head, of_head in by_head.items()})


def _words(words: Iterable[str]) -> re.Pattern[str]:
    """Match whole words, or a phrase of them."""
    return re.compile("|".join(_whole_words(words)) or _NEVER)


def _whole_words(words: Iterable[str]) -> Iterator[str]:
    for word in sorted(set(words), key=lambda word: (-len(word), word)):
        yield re.escape(word) if _UNSPACED.search(word) else rf"(?<!\w){_escape(word)}(?!\w|\.\w)"


def _separator(conjunctions: Iterable[str], joiners: Iterable[str]) -> re.Pattern[str]:
    spaced = [word for word in {*conjunctions, *joiners} if not _UNSPACED.search(word) and word not in ("、", "・")]
    tight = [word for word in set(conjunctions) if word in ("、", "・")]
    return re.compile(
        rf"[ \t\u00a0]*[/,;，；،|+&•·{''.join(sorted(tight))}][ \t\u00a0]*"
        rf"|[ \t\u00a0]+[–—-][ \t\u00a0]+"
        rf"|[ \t\u00a0]+(?i:{_any(spaced)})[ \t\u00a0]+"
    )
