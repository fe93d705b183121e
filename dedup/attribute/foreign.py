"""Article -> the language it seems to be translated from, and what shows it.

A translation carries marks of the language it comes from: names in that language's spelling, its way to write numbers,
times and quotation marks, small words that were left, habits of its newsrooms (ages in brackets, a reporter's initials
at the end), a credit to an outlet that writes in it. None of them proves much, each may be an accident; so their
log-odds are summed up from a prior that speaks against, and only what outweighs it is told. The lists are in
``data/translated_from.toml``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp

from dedup.attribute.members import Members
from dedup.attribute.names import Names
from dedup.model import Article, Clue, Match

WEIGHT_CAP = 3.0  # log-odds of a clue that one member was translated from another's language
MAX_CHARS = 20_000  # characters of a text that are looked at
TAIL_CHARS = 400
_MIN_WORDS = 12  # small words a text must have before its language is told by them
_WORD = re.compile(r"[^\W\d_]+")
_UPPER = "A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĞĢĪĮİĶĹĻĽŁŃŅŇŌŐŒŔŘŚŞŠŢŤŪŮŰŲŹŻŽΑ-ΩЀ-Я"


@dataclass(frozen=True, slots=True)
class _Mark:
    name: str
    pattern: re.Pattern[str]
    least: int
    at_tail: bool
    weights: Mapping[str, float]
    native: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Lists:
    prior: float
    spelling: float
    untranslated: float
    credit: float
    names_of: Mapping[str, str]
    words: Mapping[str, frozenset[str]]
    languages_of_word: Mapping[str, frozenset[str]]
    spellings: Mapping[str, frozenset[str]]
    spelling_pattern: re.Pattern[str]
    outlets: Mapping[str, Names]
    agencies: Mapping[str, str]
    marks: tuple[_Mark, ...]


@dataclass(frozen=True, slots=True)
class Translated:
    """The language that an article seems to be translated from.

    Parameters
    ----------
    language : str
        BCP 47 primary tag: ``"de"``.
    name : str
        In English: ``"German"``.
    confidence : float
        In (0, 1).
    clues : tuple of Clue
        What shows it, strongest first; each points to ``language:de``.
    """

    language: str
    name: str
    confidence: float
    clues: tuple[Clue, ...]


@cache
def _lists() -> _Lists:
    data = tomllib.loads((files("dedup") / "data" / "translated_from.toml").read_text(encoding="utf-8"))
    languages = data["languages"]
    words = {tag: frozenset(row["words"]) for tag, row in languages.items()}
    by_word: dict[str, set[str]] = {}
    for tag, of_language in words.items():
        for word in of_language:
            by_word.setdefault(word, set()).add(tag)
    by_spelling: dict[str, set[str]] = {}
    for tag, row in languages.items():
        for name in row["names"]:
            by_spelling.setdefault(name, set()).add(tag)
    spelled = "|".join(re.escape(name) for name in sorted(by_spelling, key=lambda n: (-len(n), n)))
    return _Lists(
        float(data["prior"]),
        float(data["spelling"]),
        float(data["untranslated"]),
        float(data["credit"]),
        {tag: row["name"] for tag, row in languages.items()},
        words,
        {word: frozenset(tags) for word, tags in by_word.items()},
        {name: frozenset(tags) for name, tags in by_spelling.items()},
        re.compile(rf"(?<!\w)(?:{spelled})(?!\w)"),
        {tag: Names(name for name in row["outlets"] if not name.islower()) for tag, row in languages.items()},
        {name: tag for tag, row in languages.items() for name in row["outlets"] if name.islower()},
        tuple(
            _Mark(
                row["name"],
                re.compile(row["pattern"].replace(r"\p{Lu}", f"[{_UPPER}]")),
                int(row["least"]),
                row.get("at") == "tail",
                row["from"],
                frozenset(row["native"]),
            )
            for row in data["mark"]
        ),
    )


def language_of(article: Article) -> str:
    """Give the primary tag of an article's language, as stated or, where nothing is, by its small words; else ``""``.

    >>> language_of(Article(id="a", text="", language="de-CH"))
    'de'
    """
    if article.language:
        return article.language.partition("-")[0].lower()
    return _language_by_words(article.text[:MAX_CHARS])


def name_of_language(tag: str) -> str:
    """Name a language in English, where the lists know it."""
    return _lists().names_of.get(tag, tag)


def _language_by_words(text: str) -> str:
    lists = _lists()
    counts: dict[str, int] = {}
    for word in _WORD.findall(text.lower()[:4_000]):
        for tag in lists.languages_of_word.get(word, ()):
            counts[tag] = counts.get(tag, 0) + 1
    if not counts:
        return ""
    best = max(sorted(counts), key=lambda tag: counts[tag])
    return best if counts[best] >= _MIN_WORDS else ""


def translated_from(article: Article, credited: Sequence[Clue] = ()) -> Translated | None:
    r"""Tell from which language an article seems to be translated; None where nothing outweighs that it is not.

    Parameters
    ----------
    article : Article
        Its language is taken as stated, else told by its small words.
    credited : sequence of Clue
        Whom it credits: an outlet that writes in another language is one more clue.

    Examples
    --------
    >>> text = "Olaf Scholz (64) met Wladimir Putin (70) in Moskau at 14 o'clock, said the daily “Blick”. (see)"
    >>> found = translated_from(Article(id="a", text=text, language="en"))
    >>> found.name, [clue.kind for clue in found.clues][:2]
    ('German', ["a reporter's initials in brackets at the end", 'ages in brackets behind names'])
    """
    by_language = marks_of(article, credited)
    if not by_language:
        return None
    scores = {tag: sum(clue.weight for clue in clues) for tag, clues in by_language.items()}
    best = max(sorted(scores), key=lambda tag: scores[tag])
    odds = {tag: exp(score + _lists().prior) for tag, score in scores.items()}
    if odds[best] <= 1:
        return None
    confidence = odds[best] / (1 + sum(odds.values()))
    return Translated(best, _lists().names_of[best], round(confidence, 4), by_language[best])


def marks_of(article: Article, credited: Sequence[Clue] = ()) -> dict[str, tuple[Clue, ...]]:
    """Give the marks that other languages left in an article, by language, the strongest first."""
    own = language_of(article)
    if not own:
        return {}
    found: dict[str, list[Clue]] = {}
    for clue in _all_marks(article, own, credited):
        found.setdefault(clue.points_to.partition(":")[2], []).append(clue)
    found.pop(own, None)
    return {
        tag: tuple(sorted(clues, key=lambda clue: (-clue.weight, clue.start, clue.kind)))
        for tag, clues in sorted(found.items())
    }


def _all_marks(article: Article, own: str, credited: Sequence[Clue]) -> Iterator[Clue]:
    text = article.text[:MAX_CHARS]
    yield from _marks(article.id, text, own)
    yield from _spellings(article.id, text, own)
    yield from _untranslated(article.id, text, own)
    yield from _foreign_credits(article.id, own, credited)


def _marks(article_id: str, text: str, own: str) -> Iterator[Clue]:
    low = max(0, len(text) - TAIL_CHARS)
    for mark in _lists().marks:
        if own in mark.native:
            continue
        # "at the tail" means of the article's own text: a label such as "Source:" may follow, and page furniture
        found = list(mark.pattern.finditer(text))
        if mark.at_tail:
            found = [match for match in found if match.start() >= low or _is_before_credit(text, match.end())]
        if len(found) >= mark.least:
            first = found[-1] if mark.at_tail else found[0]
            for tag, weight in mark.weights.items():
                yield Clue(
                    mark.name,
                    article_id,
                    f"language:{tag}",
                    weight,
                    "text",
                    first.start(),
                    first.end(),
                    first.group().strip(),
                )


def _is_before_credit(text: str, pos: int) -> bool:
    """Tell whether what follows is a short line with a colon: the article's text ended here."""
    following = text[pos : pos + 80].lstrip().partition("\n")[0]
    return len(following) < 60 and ":" in following


def _spellings(article_id: str, text: str, own: str) -> Iterator[Clue]:
    lists = _lists()
    found: dict[str, re.Match[str]] = {}
    for match in lists.spelling_pattern.finditer(text):
        if own not in lists.spellings[match.group()]:
            found.setdefault(match.group(), match)
    counts: dict[str, int] = {}
    for name, match in found.items():
        for tag in sorted(lists.spellings[name]):
            rank = counts.get(tag, 0)
            counts[tag] = rank + 1
            if rank < 3:
                weight = lists.spelling / (1 if rank == 0 else 2)
                yield Clue(
                    "a name in its spelling",
                    article_id,
                    f"language:{tag}",
                    weight,
                    "text",
                    match.start(),
                    match.end(),
                    name,
                )


def _untranslated(article_id: str, text: str, own: str) -> Iterator[Clue]:
    """Give a clue where two small words of another language stand side by side."""
    lists = _lists()
    if own not in lists.words:
        return
    seen: set[str] = set()
    before: tuple[str, int] = ("", 0)
    for match in _WORD.finditer(text):
        word = match.group()
        tags = lists.languages_of_word.get(word, frozenset())
        if tags and own not in tags and len(word) > 1 and before[0] and text[before[1] : match.start()] == " ":
            for tag in sorted(tags & lists.languages_of_word[before[0]]):
                if tag not in seen:
                    seen.add(tag)
                    start = before[1] - len(before[0])
                    yield Clue(
                        "untranslated words",
                        article_id,
                        f"language:{tag}",
                        lists.untranslated,
                        "text",
                        start,
                        match.end(),
                        text[start : match.end()],
                    )
        before = (word, match.end()) if tags and own not in tags and len(word) > 1 else ("", 0)


def _foreign_credits(article_id: str, own: str, credited: Sequence[Clue]) -> Iterator[Clue]:
    lists = _lists()
    for clue in credited:
        kind, _, name = clue.points_to.partition(":")
        if kind == "outlet":
            tags = [tag for tag, names in lists.outlets.items() if name in names]
        else:
            tags = [lists.agencies[name]] if name in lists.agencies else []
        weight = lists.credit if kind == "outlet" else lists.credit / 2  # agencies serve many languages
        for tag in tags:
            if tag != own:
                yield Clue(
                    "a credit to an outlet in it",
                    article_id,
                    f"language:{tag}",
                    weight,
                    clue.where,
                    clue.start,
                    clue.end,
                    clue.quote,
                )


def read_translations(
    members: Members, matches: Sequence[Match], credited: Mapping[str, Sequence[Clue]]
) -> Iterator[Clue]:
    """Give a clue for each translated match of which one side bears marks of the other's language.

    Parameters
    ----------
    members : Members
    matches : sequence of Match
        Those within the cluster.
    credited : Mapping[str, sequence of Clue]
        Whom each article credits, by id.
    """
    best: dict[tuple[str, str], Clue] = {}
    for match in matches:
        if match.kind != "translated":
            continue
        a, b = members.articles[match.a], members.articles[match.b]
        for copy, other in ((a, b), (b, a)):
            language = language_of(other)
            marks = marks_of(copy, credited.get(copy.id, ())).get(language)
            if not marks:
                continue
            first = members.first_of(other.id)
            weight = min(WEIGHT_CAP, sum(clue.weight for clue in marks))
            shown = marks[0]
            quote = f"bears marks of {name_of_language(language)}: {shown.kind}"
            clue = Clue("translation", copy.id, first, weight, "text", shown.start, shown.end, quote)
            key = (members.first_of(copy.id), first)
            if key not in best or weight > best[key].weight:
                best[key] = clue
    yield from (best[key] for key in sorted(best))
