"""Members -> what one outlet's text left in another's: its name, its own turns of phrase, its money.

A copy says "he told BLICK" on a page that is not Blick's. The name alone proves nothing: "Welt" and "Blick" are words,
and a paper may quote another; so a name counts where it is written as a name is (in capitals, in quotation marks, as a
domain, of several words) or stands right behind a word such as "told". House phrases are lines that one source sets on
many of its pages (`house`). Local money points to the member whose country it is.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from dedup.attribute.lexicon import lexicon
from dedup.attribute.members import Members
from dedup.attribute.names import host_of, looks_like_domain, main_label
from dedup.model import Clue

WEIGHT_SPOKEN_TO = 2.0  # log-odds. "told BLICK" on another's page
WEIGHT_NAMED = 1.2  # log-odds. The name as a name: the copy may quote it, and then it is later, too
WEIGHT_HOUSE_PHRASE = 1.5  # log-odds. A line that one source alone prints
WEIGHT_CURRENCY = 0.4  # log-odds. Money of one member's country
MIN_NAME_CHARS = 3  # letters; shorter names are initials of many things
_LONG_NAME = 9  # letters of a single word that is no common noun
_LOOKED_AT = 20_000  # characters of a text
_QUOTES = "\"'“”„«»‘’‚‹›「『《"
_UMLAUTS = {"ae": "(?:ae|ä|æ)", "oe": "(?:oe|ö|ø)", "ue": "(?:ue|ü)", "ss": "(?:ss|ß)"}


@dataclass(frozen=True, slots=True)
class Residue:
    """The lists of ``data/residue.toml``, ready for use."""

    spoke_to: re.Pattern[str]
    cut_short: frozenset[str]
    currencies: tuple[tuple[re.Pattern[str], frozenset[str]], ...]


@cache
def residue_words() -> Residue:
    """Read the lists."""
    data = tomllib.loads((files("dedup") / "data" / "residue.toml").read_text(encoding="utf-8"))
    currencies = data.pop("currency")
    spoken = sorted({word for words in data.values() for word in words["spoke_to"]}, key=lambda w: (-len(w), w))
    return Residue(
        re.compile(rf"(?i:(?<!\w)(?:{'|'.join(map(re.escape, spoken))}))[ \t\u00a0]*[{_QUOTES}]?$"),
        frozenset(word.lower() for words in data.values() for word in words["cut_short"]),
        tuple(
            (
                re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, row['words']))})(?!\w)"),
                frozenset(row["domains"]),
            )
            for row in currencies
        ),
    )


def read_mentions(members: Members, told: Mapping[str, Sequence[tuple[int, int]]]) -> Iterator[Clue]:
    """Give a clue for each member whose text names another member's outlet as outlets are named.

    Parameters
    ----------
    members : Members
    told : Mapping[str, sequence of (int, int)]
        By article, the characters of its text that are read as a credit: what stands there is counted already.
    """
    if len(members.groups) < 2:
        return
    names = {first: [(name, _needle(name)) for name in _printed_names(members, first)] for first in members.groups}
    for article in members.articles.values():
        own = members.first_of(article.id)
        text = article.text[:_LOOKED_AT]
        folded = text.casefold()
        for first in members.groups:
            if first == own:
                continue
            found = [
                clue
                for name, needle in names[first]
                if needle in folded
                for clue in _find(name, text, article.id, first)
                if not any(clue.start < end and start < clue.end for start, end in told.get(article.id, ()))
            ]
            if found:
                yield max(found, key=lambda clue: (clue.weight, -clue.start))


def _printed_names(members: Members, first: str) -> list[str]:
    """Give the names under which texts may speak of an outlet: not of an agency, which is cited everywhere."""
    if members.own[first].agencies:
        return []
    names = set()
    for id_ in members.groups[first]:
        for name in members.own[id_].written:
            label = main_label(host_of(name)) if looks_like_domain(name) else name
            if len(label) >= MIN_NAME_CHARS and lexicon().agency(label) is None:
                names.add(label)
    return sorted(names)


def _find(name: str, text: str, article_id: str, first: str) -> Iterator[Clue]:
    is_long, pattern = _pattern(name)
    for match in pattern.finditer(text):
        written = match.group()
        before = text[max(0, match.start() - 40) : match.start()]
        if residue_words().spoke_to.search(before) and (written[:1].isupper() or not written[:1].isalpha()):
            weight = WEIGHT_SPOKEN_TO
        elif _is_written_as_name(written, before, text[match.end() : match.end() + 4], is_long=is_long):
            weight = WEIGHT_NAMED
        else:
            continue
        yield Clue("mention", article_id, first, weight, "text", match.start(), match.end(), written)


def _is_written_as_name(written: str, before: str, after: str, *, is_long: bool) -> bool:
    if not any(c.isalpha() for c in written):
        return False
    is_domain = re.match(r"\.[a-z]{2}", after) is not None and not before.endswith("@")
    is_quoted = before[-1:] in _QUOTES and before[-1:] != "" and after[:1] in _QUOTES and after[:1] != ""
    is_capital = written.isupper() and len(written) > MIN_NAME_CHARS
    return is_domain or is_quoted or is_capital or (is_long and written[:1].isupper())


@lru_cache(maxsize=4096)
def _pattern(name: str) -> tuple[bool, re.Pattern[str]]:
    """Make the pattern of a name as texts print it, and tell whether it is too long for a common noun."""
    tokens = _tokens(name)
    letters = "".join(tokens)
    joint = r"[\W_]{0,2}" if len(tokens) > 1 else ""
    spelled = joint.join(_spelled(token, loosely=len(tokens) == 1) for token in tokens)
    is_long = len(tokens) > 1 or len(letters) >= _LONG_NAME
    return is_long, re.compile(rf"(?i:(?<!\w){spelled}(?!\w))" if letters else r"(?!)")


@lru_cache(maxsize=4_096)
def _needle(name: str) -> str:
    """Give letters that a folded text must hold to have a name."""
    tokens = _tokens(name)
    return max(re.split(r"ae|oe|ue|ss|[^\w]", tokens[0] if tokens else ""), key=len, default="")[:4]


def _tokens(name: str) -> list[str]:
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFC", name).casefold())


def _spelled(token: str, *, loosely: bool) -> str:
    """Spell a token with its umlauts either way; `loosely`, a hyphen or space may stand in it: "Elbe-Kurier"."""
    parts = re.findall(r"ae|oe|ue|ss|.", token)
    joint = r"[- ]?" if loosely and len(token) >= _LONG_NAME else ""
    return joint.join(_UMLAUTS.get(part, re.escape(part)) for part in parts)


def read_house_phrases(members: Members, owners: Mapping[str, str]) -> Iterator[Clue]:
    """Give a clue for each line in a member's text that is another member's house phrase.

    Parameters
    ----------
    members : Members
    owners : Mapping[str, str]
        Source key by line, from `house.find_house_phrases`.
    """
    groups = {members.key_of(first): first for first in members.groups}
    for article in members.articles.values():
        own = members.first_of(article.id)
        for start, line in edge_lines(article.text):
            first = groups.get(owners.get(line, ""))
            if first and first != own:
                end = start + len(line)
                yield Clue("house phrase", article.id, first, WEIGHT_HOUSE_PHRASE, "text", start, end, line)
                break


def edge_lines(text: str) -> Iterator[tuple[int, str]]:
    """Give the first two and the last three lines of a text that are of a phrase's length, and where they start."""
    head = text[:400].split("\n")[:2]
    start = 0
    for line in head:
        if 15 <= len(line.strip()) <= 200 and line == line.strip():
            yield start, line
        start += len(line) + 1
    low = max(len(text) - 600, start)
    tail = text[low:]
    lines, pos = [], low
    for line in tail.split("\n"):
        if 15 <= len(line.strip()) <= 200 and line == line.strip():
            lines.append((pos, line))
        pos += len(line) + 1
    yield from lines[-3:]


def read_currencies(members: Members) -> Iterator[Clue]:
    """Give a clue where the texts count in the money of one member's country alone."""
    if len(members.groups) < 2:
        return
    countries: dict[str, list[str]] = {}
    for first in members.groups:
        hosts = [host for host in map(host_of, members.own[first].written) if host]
        for ending in {host.rpartition(".")[2] for host in hosts}:
            countries.setdefault(ending, []).append(first)
    for pattern, domains in residue_words().currencies:
        at_home = [first for ending in sorted(domains) for first in countries.get(ending, ())]
        if len(at_home) != 1 or len(members.groups) == len(at_home):
            continue
        for article in members.articles.values():
            found = pattern.search(article.text, 0, _LOOKED_AT) if members.first_of(article.id) != at_home[0] else None
            if found:
                start, end = found.span()
                yield Clue("local currency", article.id, at_home[0], WEIGHT_CURRENCY, "text", start, end, found.group())
                break
