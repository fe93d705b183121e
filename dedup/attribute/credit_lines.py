"""Text -> the credits it states at its head and tail.

Theory of operation
-------------------
An article says where it comes from in few places and few forms: a dateline at the head, ``BERLIN (dpa) -``; at the tail
a label, ``Source: Blick``, brackets, ``(dpa, AFP)``, a signature, ``RND/cle/dpa``, or a sentence, ``This article first
appeared on X``. Anything else that names an agency cites it (``told Reuters``), shows its picture (``Bild: dpa``) or
tells about it. So nothing is searched for in running text: a form must open a segment (a line, a sentence, a bracket)
and must hold nothing but names. That whitelist, not a list of citing verbs, keeps "laut dpa" out.

How far from the end a form may stand depends on how unmistakable it is: a bare signature or a bracket within
`tail_chars`, a label or a sentence within `far_chars`, since author boxes, legal lines and teasers follow it.

Special cases: texts come with and without line breaks (some extractors flatten them), so the end of a sentence stands
for the end of a line. A credit that names the article's own outlet is none; a list such as ``ntv.de, hek/dpa`` still
credits the agency in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dedup.attribute.lexicon import lexicon
from dedup.attribute.names import MAX_NAME_WORDS, Name, Names, is_initials, split_names

HEAD_CHARS = 300  # characters. Headline, caption and dateline
TAIL_CHARS = 400  # characters. Where a signature or bracket is a credit
FAR_CHARS = 2_000  # characters. FAZ sets up to 1,100 after its credit, an author box some 500

WEIGHT_DATELINE = 3.5  # log-odds. Agencies write it, copies leave it
WEIGHT_REPUBLISHED = 4.0  # "This article first appeared on X" leaves no doubt
WEIGHT_LABEL = 3.0  # "Source: X"
WEIGHT_BRACKETS = 3.0  # "(dpa)"; text tags alone are right in some 85 %, with like content in 95 %
WEIGHT_SIGNATURE = 2.5  # "RND/dpa": the outlet worked on it
WEIGHT_MATERIAL = 2.0  # "With material from X": a part of it
WEIGHT_CONTRIBUTED = 1.5  # "X contributed to this report": a smaller part
WEIGHT_COPYRIGHT = 2.0  # "© 2026 AFP"
NEXT_NAME = 0.7  # each further name of a list counts this much of the one before: the first gave most

_MAX_VALUE = 120  # characters of a list of names
_MAX_LINE = 80  # characters of a line that is nothing but a signature
_MAX_BRACKET = 70  # characters between brackets
_MIN_PROSE = 100  # characters. A line this long that ends "(AFP)" is prose, a shorter one may be a caption
_ENDS = ".!?…。！？"
_CLOSERS = "\"'”“’»›)]）】"
_OPENERS = "([（【<|•·*–—-►>"
_PAIRS = {"(": ")", "[": "]", "（": "）", "【": "】", "/": "/", "［": "］"}
_SPACE = " \t\u00a0"
_LINE = re.compile(r"[^\n]+")
_BRACKETS = re.compile(
    r"\(([^()\n]{2,70})\)|\[([^\[\]\n]{2,70})\]|（([^（）\n]{1,70})）|【([^【】\n]{1,70})】|［([^［］\n]{1,70})］"
    r"|(?<=[ \t\u00a0])/([^/\n ]{2,40}|[^/\n]{2,20})/"
)
_AFTER_DATELINE = re.compile(r"[ \t\u00a0]{0,3}[-–—―:=|.]")
_DASH = r"[ \t\u00a0]{0,3}[-–—―/][ \t\u00a0]{0,3}"
_COPYRIGHT = re.compile(
    r"(?:©|ⓒ|\([cC]\)|(?<!\w)(?i:copyright)|저작권자)(?:[ \t\u00a0,©ⓒ\d–-]|\([cC]\)|(?i:by|the)){0,20}"
)
_ALL_RIGHTS = re.compile(r"[ \t\u00a0.,]{0,3}(?:$|\n|(?i:all rights|alle rechte|tous droits|todos los|무단)|[|–—-])")
_COLON = re.compile(r"[ \t\u00a0]{0,2}[:：][ \t\u00a0]{0,3}\n?")
# Where a phrase may begin: a line, a sentence, a bracket; and any word with a capital, since texts come flattened.
_SEGMENT = re.compile(
    r"(?:^|\n|[.!?…:。！？][\"'”“’»›)]{0,2}|[(\[（【|•*–—])[ \t\u00a0]{0,3}"
    r"|(?<=[ \t\u00a0])(?=[A-ZÄÖÜÉÀÈÂÊÎÔÇÁÍÓÚŁŚŹČŠŽ])"
)
_SHORT_NAME = re.compile(r"[^\s,/;:]{1,14}(?=[\s,/])")
_OPEN_SEPARATOR = re.compile(r"\.?[ ]?[/,&+][ ]?|[ ](?:und|and|et|y|e|mit)[ ]")
_GOES_ON = re.compile(r"\w|-\w|[ \t\u00a0](?:[a-zß-öø-ÿ]{4}|[a-z]{1,3}[ ](?!dpa|AFP|Reuters))")
_CJK_WIRE = re.compile(r"[^\s，。,.]{0,24}?[电電讯訊](?![子话話视視])")


@dataclass(frozen=True, slots=True)
class Credit:
    """One name that a text credits.

    Parameters
    ----------
    kind : {"credit line", "dateline", "byline"}
    target : str
        ``agency:dpa`` or ``outlet:Blick``.
    weight : float
        Log-odds.
    start, end : int
        The credit as a whole, label and all.
    members_only : bool
        Too weak to be believed unless the outlet named is at hand, in the same cluster.
    """

    kind: str
    target: str
    weight: float
    start: int
    end: int
    members_only: bool = False


def read_credits(
    text: str,
    *,
    own: Names,
    head_chars: int = HEAD_CHARS,
    tail_chars: int = TAIL_CHARS,
    far_chars: int = FAR_CHARS,
) -> list[Credit]:
    """Read the credits at the head and tail of a text.

    Parameters
    ----------
    text : str
        Any text; only its ends are looked at, so the cost does not grow with it.
    own : Names
        The outlet's own names: never credits.
    head_chars, tail_chars, far_chars : int
        Characters from the start or end within which a form counts.

    Returns
    -------
    list of Credit
        In the order of the text; one for each name, overlapping readings of the same name dropped.

    Examples
    --------
    >>> text = "BERLIN (dpa) - The bridge is closed. It opens again in May."
    >>> [(credit.kind, credit.target, text[credit.start:credit.end]) for credit in read_credits(text, own=Names([]))]
    [('dateline', 'agency:dpa', 'BERLIN (dpa) -')]
    """
    far, near = max(0, len(text) - far_chars), max(0, len(text) - tail_chars)
    found = [
        *_datelines(text, 0, min(len(text), head_chars), own),
        *_head_lines(text, 0, min(len(text), head_chars), own),
        *_phrases(text, 0, min(len(text), head_chars), own),
        *_labels(text, far, own),
        *_bare_labels(text, near, own),
        *_phrases(text, far, len(text), own),
        *_bracketed(text, near, own),
        *_signatures(text, near, own),
        *_copyrights(text, far, own),
        *_marks(text, far, head_chars, own),
    ]
    return _without_repeats(found)


def _without_repeats(found: list[Credit]) -> list[Credit]:
    """Keep the strongest reading of each name at each place."""
    kept: list[Credit] = []
    for credit in sorted(found, key=lambda c: (-c.weight, c.members_only, c.start, -c.end, c.target)):
        if not any(k.target == credit.target and k.start < credit.end and credit.start < k.end for k in kept):
            kept.append(credit)
    return sorted(kept, key=lambda c: (c.start, c.end, -c.weight, c.target))


# -- where a segment begins


def _line_start(text: str, pos: int, low: int = 0) -> int:
    return max(text.rfind("\n", max(low, pos - 400), pos) + 1, low, pos - 400)


def _line_end(text: str, pos: int) -> int:
    stop = text.find("\n", pos, pos + 2_000)
    return stop if stop >= 0 else min(len(text), pos + 2_000)


def _opens(text: str, pos: int) -> bool:
    """Tell whether a segment begins at `pos`: a line, a sentence, a bracket or a bullet."""
    i = pos - 1
    while i >= 0 and pos - i <= 4 and text[i] in _SPACE:
        i -= 1
    return i < 0 or text[i] == "\n" or text[i] in _ENDS or text[i] in _CLOSERS or text[i] in _OPENERS


def _ends_sentence(text: str, pos: int) -> bool:
    """Tell whether a sentence (or a line) ends just before `pos`."""
    before = text[max(0, pos - 6) : pos].rstrip(_SPACE)
    return not before or before[-1] == "\n" or before.rstrip(_CLOSERS)[-1:] in tuple(_ENDS) or before[-1] in _CLOSERS


def _is_pictures(text: str, pos: int) -> bool:
    """Tell whether a word such as "Foto" stands before `pos` in the same sentence or line."""
    return lexicon().photo.search(text, max(_segment_start(text, pos), pos - 60), pos) is not None


# -- turning names into credits


def _credit_all(
    names: list[Name], kind: str, weight: float, start: int, end: int = 0, *, members_only: bool = False
) -> Iterator[Credit]:
    """Credit the agencies of a list; and its outlet, where the list is that one name.

    The credit runs from `start` to `end`, by default to the last name credited.
    """
    agencies = list(dict.fromkeys(name.target for name in names if name.kind == "agency"))
    outlets = list(dict.fromkeys(name.target for name in names if name.kind == "outlet"))
    is_sole = len(outlets) == 1 and not agencies and not any(name.kind in ("own", "other") for name in names)
    end = end or max((name.end for name in names if name.kind in ("agency", "outlet")), default=start)
    for rank, target in enumerate([*agencies, *outlets]):
        doubtful = target.startswith("outlet:") and (members_only or not is_sole)
        yield Credit(kind, target, weight * NEXT_NAME**rank, start, end, members_only=doubtful)


def _is_signature(names: list[Name]) -> bool:
    """Tell whether a list is agencies and nothing besides but initials, staff and the outlet itself."""
    has_agency = any(name.kind == "agency" for name in names)
    return has_agency and all(name.kind == "agency" or is_initials(name) for name in names)


# -- labels: "Source: Blick", "(Quelle: dpa)"


def _labels(text: str, low: int, own: Names) -> Iterator[Credit]:
    for start, pos in _label_places(text, low, len(text)):
        if _is_pictures(text, start) or _is_caption(text, start, pos):
            continue
        stop = _value_end(text, pos)
        names = split_names(text, pos, stop, own=own)
        if not _opens(text, start):  # a line flattened into the one before it: trust agencies only
            names = [name for name in names if name.kind != "outlet"]
        if _is_closed(text, stop) and _is_list(names):
            is_plural = text[start:pos].rstrip(" \t\u00a0\n:：").lower() in lexicon().plural_labels
            yield from _credit_all(names, "credit line", WEIGHT_LABEL, start, members_only=is_plural)
        elif names and names[0].kind != "photo" and not text[start].islower():
            yield from _open_list(text, start, pos, own)


def _label_places(text: str, low: int, high: int) -> Iterator[tuple[int, int]]:
    """Give where each label starts and where its value does."""
    words = lexicon()
    for colon in _COLON.finditer(text, low, high):
        end = colon.start()
        for length in words.label_lengths:
            start = end - length
            if start >= low and text[start:end].lower() in words.labels and not text[max(0, start - 1)].isalpha():
                yield start, colon.end()
                break
            if start == 0 and text[:end].lower() in words.labels:
                yield 0, colon.end()
                break


def _is_list(names: list[Name]) -> bool:
    """Tell whether names are a list of origins: someone is named, nobody's picture, not a whole bibliography."""
    has_origin = any(name.kind in ("agency", "outlet") for name in names)
    is_prose = any(name.kind == "other" and len(name.written.split()) > MAX_NAME_WORDS for name in names)
    return has_origin and len(names) <= 8 and not is_prose and all(name.kind != "photo" for name in names)


def _is_caption(text: str, start: int, pos: int) -> bool:
    """Tell whether a label stands in brackets far from the end: "(Quelle: imago)" closes a caption."""
    if text[max(0, start - 2) : start].strip(_SPACE)[-1:] not in ("(", "[", "（"):
        return False
    return len(text) - pos > TAIL_CHARS


def _value_end(text: str, pos: int) -> int:
    """Find where a label's value ends: the line's end, a closing bracket or a full stop."""
    stop = min(_line_end(text, pos), pos + _MAX_VALUE)
    for i in range(pos, stop):
        if text[i] in ")]）】;。" or (text[i] in ".!?" and i - pos > 4 and text[i + 1 : i + 2] in (" ", "\u00a0")):
            if text[i] == "." and _abbreviates(text, pos, i):
                continue
            return i
    return stop


def _abbreviates(text: str, start: int, dot: int) -> bool:
    """Tell whether the full stop at `dot` ends an abbreviation: "mj./dpa", "St. Galler Tagblatt"."""
    word = re.search(r"[^\s.,/]*$", text[start:dot])
    return word is not None and len(word.group()) < 4


def _is_closed(text: str, stop: int) -> bool:
    return stop >= len(text) or text[stop] in "\n)]）】;。.!?"


def _open_list(text: str, start: int, pos: int, own: Names) -> Iterator[Credit]:
    """Read "Quelle: F.A.Z./dpa Hier können Sie ...": the list ends where the agencies do and a new sentence begins."""
    words = lexicon()
    stop = min(_line_end(text, pos), pos + _MAX_VALUE)
    targets: list[str] = []
    end = pos
    for _ in range(6):
        if lead_in := words.lead_in.match(text, pos, stop):
            pos = lead_in.end()
        alias = words.alias.match(text, pos, stop)
        agency = words.agency(alias.group()) if alias else None
        if alias and agency:
            end = pos = alias.end()
            if _GOES_ON.match(text, end):
                return
            targets += [] if agency in own.agencies else [f"agency:{agency}"]
        elif piece := _SHORT_NAME.match(text, pos, stop):
            pos = piece.end()
        separator = _OPEN_SEPARATOR.match(text, pos, stop)
        if not separator:
            break
        pos = separator.end()
    for rank, target in enumerate(dict.fromkeys(targets)):
        yield Credit("credit line", target, WEIGHT_LABEL * NEXT_NAME**rank, start, end)


def _bare_labels(text: str, low: int, own: Names) -> Iterator[Credit]:
    """Read "Nachrichtenagentur dpa": no colon, so it must be a line of its own or the last words of the text."""
    words = lexicon()
    for match in _SEGMENT.finditer(text, low):
        start = match.end()
        label = words.bare_label.match(text, start)
        stop = _line_end(text, start) if label else start
        if not label or stop - start > _MAX_LINE or not (_opens(text, start) or _follows_capital(text, start)):
            continue
        names = split_names(text, label.end(), stop, own=own)
        agencies = [name for name in names if name.kind == "agency"]
        if names and names[0].kind == "agency" and all(name.kind in ("agency", "staff", "own") for name in names):
            yield from _credit_all(agencies, "credit line", WEIGHT_LABEL, start, agencies[-1].end)


def _follows_capital(text: str, pos: int) -> bool:
    """Tell whether the word before `pos` has a capital: a flattened line, not "sagte der Nachrichtenagentur"."""
    word = re.search(r"(\S+)[ \t\u00a0]$", text[max(0, pos - 40) : pos])
    if word is None or lexicon().any_article.fullmatch(word.group()):
        return False
    return word.group(1)[0].isupper() or word.group(1)[0].isdigit()


# -- brackets at the tail: "(dpa)", "(Tsp mit dpa)"


def _bracketed(text: str, low: int, own: Names) -> Iterator[Credit]:
    for match in _BRACKETS.finditer(text, low):
        start, end = match.span()
        inner = next(group for group in range(1, 7) if match.group(group) is not None)
        line = _line_start(text, start)
        if not _closes_line_or_sentence(text, line, start, end) or _is_pictures(text, start):
            continue
        names = split_names(text, match.start(inner), match.end(inner), own=own)
        if _is_signature(names):
            yield from _credit_all(names, "credit line", WEIGHT_BRACKETS, start, end)


def _closes_line_or_sentence(text: str, line: int, start: int, end: int) -> bool:
    after = text[end : end + 3].lstrip(_SPACE + ".")
    at_line_end = not after or after[0] == "\n"
    if _ends_sentence(text, start) or text[line:start].isspace() or line == start:
        return at_line_end or not after[0].islower()
    return at_line_end and start - line >= _MIN_PROSE


# -- signatures at the tail: "RND/cle/dpa", "dpa", "sda/afp"


def _signatures(text: str, low: int, own: Names) -> Iterator[Credit]:
    for line in _LINE.finditer(text, low):
        start, end = line.start(), len(text[: line.end()].rstrip()) if line.end() - low < 5_000 else line.end()
        if start == low and low > 0 and text[low - 1] != "\n":
            start = end  # the window cuts this line: only its last words may be a signature
        whole = start < end and end - start <= _MAX_LINE
        yield from _signature(text, start, end, own) if whole else ()
    end = len(text.rstrip()) if len(text) - low < 5_000 else len(text)
    for start in _last_segments(text, low, end):
        yield from _signature(text, start, end, own)


def _last_segments(text: str, low: int, end: int) -> Iterator[int]:
    """Give where the last words of a flattened text may begin: after the last sentence, and the last word itself."""
    cut = max(low, end - _MAX_LINE)
    for i in range(end - 2, cut, -1):
        if text[i] in _SPACE and _ends_sentence(text, i + 1):
            yield i + 1
            break
    last = max(text.rfind(space, cut, end) for space in _SPACE) + 1
    if "/" in text[last:end] and last > cut:
        yield last


def _signature(text: str, start: int, end: int, own: Names) -> Iterator[Credit]:
    if _is_pictures(text, start) and not _ends_sentence(text, start):
        return
    by = lexicon().by.match(text, start, end)
    names = split_names(text, by.end() if by else start, end, own=own)
    if by and any(name.kind == "agency" for name in names) and all(name.kind != "photo" for name in names):
        names = [name for name in names if name.kind == "agency"]
    opens = _ends_sentence(text, start)
    if _is_signature(names) and (opens or any(name.kind == "own" for name in names)):
        start = min(name.start for name in names) if not by else start
        yield from _credit_all(names, "credit line", WEIGHT_SIGNATURE, start, max(name.end for name in names))


# -- sentences: "This article first appeared on X", "Mit Material von dpa", "AP contributed to this report"


def _phrases(text: str, low: int, high: int, own: Names) -> Iterator[Credit]:
    words = lexicon()
    for match in _SEGMENT.finditer(text, low, high):
        start = match.end()
        if phrase := words.republished.match(text, start, high):
            yield from _named_after(text, start, phrase.end(), WEIGHT_REPUBLISHED, own)
        elif phrase := words.material.match(text, start, high):
            yield from _named_after(text, start, phrase.end(), WEIGHT_MATERIAL, own)
    for match in words.contributed.finditer(text, low, high):
        yield from _named_before(text, match.start(), match.end(), own)


def _named_after(text: str, start: int, pos: int, weight: float, own: Names) -> Iterator[Credit]:
    stop = _value_end(text, pos)
    if cut := lexicon().cut.search(text, pos + 1, stop):
        stop = cut.start()
    names = split_names(text, pos, stop, own=own)
    if not names or any(name.kind == "photo" for name in names) or _is_pictures(text, start):
        return
    if weight == WEIGHT_REPUBLISHED:
        names = [name for name in names if name.kind in ("agency", "own", "outlet")]
    yield from _credit_all(names, "credit line", weight, start, members_only=weight != WEIGHT_REPUBLISHED)


def _named_before(text: str, start: int, end: int, own: Names) -> Iterator[Credit]:
    begin = max(_line_start(text, start), start - _MAX_VALUE)
    for i in range(start - 2, begin, -1):
        if text[i] in ".!?。" and not _abbreviates(text, begin, i):
            begin = i + 1
            break
    names = [name for name in split_names(text, begin, start, own=own) if name.kind == "agency"]
    if names:
        yield from _credit_all(names, "credit line", WEIGHT_CONTRIBUTED, names[0].start, end)


# -- copyright lines and marks


def _copyrights(text: str, low: int, own: Names) -> Iterator[Credit]:
    words = lexicon()
    for match in _COPYRIGHT.finditer(text, low):
        alias = words.alias.match(text, match.end())
        if not alias or not _ALL_RIGHTS.match(text, alias.end()) or _is_pictures(text, match.start()):
            continue
        in_tail = len(text) - match.start() <= TAIL_CHARS or any(c.isdigit() for c in match.group())
        agency = words.agency(alias.group())
        if agency and agency not in own.agencies and in_tail and _opens(text, match.start()):
            yield Credit("credit line", f"agency:{agency}", WEIGHT_COPYRIGHT, match.start(), alias.end())


def _marks(text: str, low: int, head_chars: int, own: Names) -> Iterator[Credit]:
    for mark, agency in lexicon().marks.items():
        if agency not in own.agencies:
            start = text.find(mark, low)
            if start < 0:
                start = text.find(mark, 0, head_chars)
            if start >= 0:
                yield Credit("credit line", f"agency:{agency}", WEIGHT_DATELINE, start, start + len(mark))


# -- the head: "BERLIN (dpa) -", "By The Associated Press", "来源：新华社"


def _datelines(text: str, low: int, high: int, own: Names) -> Iterator[Credit]:
    for match in _BRACKETS.finditer(text, low, high):
        inner = next(group for group in range(1, 7) if match.group(group) is not None)
        yield from _bracket_dateline(text, match, inner, own)
    yield from _plain_datelines(text, low, high, own)


def _bracket_dateline(text: str, match: re.Match[str], inner: int, own: Names) -> Iterator[Credit]:
    start, end = match.span()
    segment = _segment_start(text, start)
    before = text[segment:start]
    after = _AFTER_DATELINE.match(text, end)
    korean = "=" in match.group(inner)
    if not (after or korean or segment == start == 0 or inner == 4) or not _is_place(before):
        return
    names = _dateline_names(text, match.start(inner), match.end(inner), own)
    if _is_signature(names) and not _is_pictures(text, start):
        stop = after.end() if after else end
        yield from _credit_all(names, "dateline", WEIGHT_DATELINE, segment, stop)


def _dateline_names(text: str, start: int, end: int, own: Names) -> list[Name]:
    """Read ``dpa``, ``서울=연합뉴스`` or ``ロンドン共同``: where a place comes first, the agency is what remains."""
    names = split_names(text, start, end, own=own)
    if any(name.kind == "agency" for name in names):
        return names
    for i in range(start + 1, end):
        if text[i - 1] == "=" or ord(text[i]) > 0x2E80:
            names = split_names(text, i, end, own=own)
            if len(names) == 1 and names[0].kind == "agency":
                return names
    return []


def _segment_start(text: str, pos: int) -> int:
    """Find where the words before a dateline's bracket begin: the line, or the sentence before it ends."""
    line = _line_start(text, pos)
    for i in range(pos - 1, line, -1):
        if text[i] not in _SPACE or text[i - 1] not in '.!?…"”“»':
            continue
        goes_on = text[i - 1] == "." and (_abbreviates(text, line, i - 1) or text[i + 1 : i + 2].islower())
        if not goes_on:
            return i + 1
    return line


def _is_place(before: str) -> bool:
    """Tell whether the words before a dateline's bracket can be a place and a date."""
    words = before.split()
    if not words:
        return True
    first = words[0].lstrip('"“„(*')[:1]
    return len(before) <= 60 and len(words) <= 8 and (first.isupper() or first.isdigit() or not first.islower())


def _plain_datelines(text: str, low: int, high: int, own: Names) -> Iterator[Credit]:
    """Read "МОСКВА, 5 июн - РИА Новости.", "dpa Berlin -", "新华社北京6月5日电"."""
    words = lexicon()
    for line in _LINE.finditer(text, low, high):
        start = line.start() + len(line.group()) - len(line.group().lstrip(_SPACE))
        alias = words.alias.match(text, start, high)
        if alias and (agency := words.agency(alias.group())) and agency not in own.agencies:
            end = alias.end()
            wire = _CJK_WIRE.match(text, end, high)
            dash = re.compile(r"(?:[ \t\u00a0][^\s.,:–—-]{2,20}){0,2}[ \t\u00a0]{0,2}[–—―-]{1,2}[ \t\u00a0]").match(
                text, end, high
            )
            if ord(text[start]) > 0x2E80 and wire:
                yield Credit("dateline", f"agency:{agency}", WEIGHT_DATELINE, start, wire.end())
            elif dash and len(line.group()) > _MAX_LINE:
                yield Credit("dateline", f"agency:{agency}", WEIGHT_DATELINE, start, dash.end())
        yield from _dash_dateline(text, start, min(line.end(), start + 80), own)


def _dash_dateline(text: str, start: int, end: int, own: Names) -> Iterator[Credit]:
    words = lexicon()
    for dash in re.compile(r"(?:^|[ \t\u00a0,.])[–—―-][ \t\u00a0]").finditer(text, start, end):
        alias = words.alias.match(text, dash.end(), end)
        agency = words.agency(alias.group()) if alias else None
        closes = alias and re.compile(r"[ \t\u00a0]{0,2}(?:[.]?[ \t\u00a0]?[–—―-]|[.][ \t\u00a0\n]|\n)").match(
            text, alias.end()
        )
        if alias and agency and closes and agency not in own.agencies and _is_place(text[start : dash.start()]):
            yield Credit("dateline", f"agency:{agency}", WEIGHT_DATELINE, start, alias.end())


def _head_lines(text: str, low: int, high: int, own: Names) -> Iterator[Credit]:
    """Read lines of the head that are nothing but a label with names, or a byline."""
    words = lexicon()
    for line in _LINE.finditer(text, low, high):
        start, end = line.start(), line.end()
        if end - start > _MAX_LINE or end == high < len(text):
            continue
        places = list(_label_places(text, start, end))
        label = places[0][1] if places and places[0][0] == start else 0
        by = words.by.match(text, start, end)
        if not label and not by:
            continue
        pos = label or (by.end() if by else start)
        names = split_names(text, pos, end, own=own)
        if not names or any(name.kind == "photo" for name in names):
            continue
        if label:
            yield from _credit_all(names, "credit line", WEIGHT_LABEL, start, names[-1].end)
        elif names[-1].kind == "agency":
            agencies = [name for name in names if name.kind == "agency"]
            yield from _credit_all(agencies, "byline", WEIGHT_SIGNATURE, start, agencies[-1].end)
