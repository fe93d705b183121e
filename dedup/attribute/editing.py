"""Matches -> which of the two was edited from the other: cut short, cut out, set into a longer text, or revised.

- *cut short*: the text breaks off, "...", "read more", and what it has stands in the other, which goes on.
- *contained*: it stands in the other as its beginning, as excerpts do.
- *embedded*: it stands in the middle of the other, or in a round-up of several texts: the other quotes it.
- *copied revision*: a source has revised its article, and the copy is like a later version: it was taken from there.

Length alone is no clue: copies are cut, and copies are padded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dedup.attribute.members import Members
from dedup.attribute.residue import residue_words
from dedup.model import Article, Clue, Match

WEIGHT_CUT_SHORT = 1.5  # log-odds. A text that breaks off was not written so
WEIGHT_CONTAINED = 0.6  # log-odds. The first paragraphs of a longer text
WEIGHT_EMBEDDED = 0.5  # log-odds. Set into another's text
WEIGHT_REVISION = 1.0  # log-odds. The copy is like a later version
MIN_CONTAINED = 0.85  # share of the shorter that must lie in the longer
MAX_OF_LONGER = 0.7  # share of the longer that may lie in the shorter
DEEP = 0.3  # share of the longer text before the passage: no beginning any more
MIN_CLOSER = 0.05  # jaccard by which one version must be nearer
_ELLIPSES = ("…", "...", "[…]", "[...]", "(...)", "(…)")
_TAIL_CHARS = 60


def read_editing(members: Members, matches: Sequence[Match], round_ups: frozenset[str]) -> Iterator[Clue]:
    """Give the clues of editing between members of different sources, the strongest of each pair of sources.

    Articles in `round_ups` carry several texts: whatever stands in one of them is quoted there.
    """
    best: dict[tuple[str, str], Clue] = {}
    for match in matches:
        a, b = members.articles[match.a], members.articles[match.b]
        if members.first_of(a.id) == members.first_of(b.id) or match.kind == "translated":
            continue
        for clue in _of_pair(a, b, match, members, round_ups):
            key = (members.first_of(clue.article), clue.points_to)
            if key not in best or clue.weight > best[key].weight:
                best[key] = clue
    yield from (best[key] for key in sorted(best))
    yield from _revisions(members, matches)


def _of_pair(a: Article, b: Article, match: Match, members: Members, round_ups: frozenset[str]) -> Iterator[Clue]:
    if match.a_in_b >= match.b_in_a:
        short, long, inside, of_long = a, b, match.a_in_b, match.b_in_a
        starts = [passage.b_start for passage in match.passages]
    else:
        short, long, inside, of_long = b, a, match.b_in_a, match.a_in_b
        starts = [passage.a_start for passage in match.passages]
    if inside < MIN_CONTAINED or of_long > MAX_OF_LONGER:
        return
    place = cut_at(short.text)
    if place >= 0:
        quote = short.text[place:].rstrip()
        yield Clue(
            "cut short", short.id, members.first_of(long.id), WEIGHT_CUT_SHORT, "text", place, place + len(quote), quote
        )
        return
    if not starts:
        return
    is_deep = long.id in round_ups or min(starts) > DEEP * len(long.text)
    origin, copy, kind = (short, long, "embedded") if is_deep else (long, short, "contained")
    weight = WEIGHT_EMBEDDED if is_deep else WEIGHT_CONTAINED
    yield Clue(kind, copy.id, members.first_of(origin.id), weight, "text")


def cut_at(text: str) -> int:
    """Give where the words begin that say a text was cut short, or -1.

    >>> cut_at("The council met on Monday and ..."), cut_at("It met. Read more"), cut_at("It met on Monday.")
    (30, 8, -1)
    """
    end = len(text.rstrip())
    for ellipsis in _ELLIPSES:
        if text.endswith(ellipsis, 0, end):
            return end - len(ellipsis)
    tail_start = max(0, end - _TAIL_CHARS)
    tail = text[tail_start:end].rstrip(" .>»→…])").lower()
    for phrase in residue_words().cut_short:
        if tail.endswith(phrase):
            start = tail_start + len(tail) - len(phrase)
            if (start == 0 or text[start - 1] in "\n .…[(»>") and _stands_apart(text, start):
                return start
    return -1


def _stands_apart(text: str, start: int) -> bool:
    """Tell whether a phrase begins a line, a sentence or a bracket, rather than ending a sentence: "saw no more"."""
    before = text[:start].rstrip(" ")
    return not before or before[-1] in "\n.…[(!?»>"


def _revisions(members: Members, matches: Sequence[Match]) -> Iterator[Clue]:
    """Give a clue where a copy is nearer to a source's later version than to its first."""
    if all(len(ids) == 1 for ids in members.groups.values()):
        return
    likeness: dict[tuple[str, str], float] = {}
    for match in matches:
        likeness[match.a, match.b] = likeness[match.b, match.a] = match.jaccard
    for first, ids in members.groups.items():
        if len(ids) == 1:
            continue
        for other, theirs in members.groups.items():
            if other == first or len(theirs) > 1:
                continue  # two that both revise: nothing tells who follows whom
            near = {id_: likeness.get((other, id_), 0.0) for id_ in ids}
            nearest = max(sorted(near), key=lambda id_: near[id_])
            if nearest != first and near[nearest] - near[first] >= MIN_CLOSER:
                quote = members.articles[nearest].title or nearest
                yield Clue("copied revision", other, first, WEIGHT_REVISION, "title", 0, 0, quote)
