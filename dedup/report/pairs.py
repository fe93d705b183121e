"""Match -> two columns of text, cut into the stretches that are shared and those that are not.

Passages are numbered by their place in the left text. On either side they may overlap: a text is cut at every start and
end, and a piece under several passages is coloured as the one that began last. Long stretches that are not shared are
folded: a lead and a tail stay in sight. A stretch too long for any reader keeps its two ends; how much was left out is
said in its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from dedup.model import Article, Match, Span
from dedup.report.edits import find_edits
from dedup.report.wording import direction, extent, key_of, readable

FOLD_ABOVE_CHARACTERS = 700  # about 110 words; below it, folding saves no scrolling
SHOWN_AT_A_FOLD_CHARACTERS = 180  # about two lines and a half of a column at either end
MAX_STRETCH_CHARACTERS = 30_000  # about 5,000 words, longer than nearly all articles; the rest is named, not shown
MAP_WIDTH = 1000  # units of the drawing that shows where in the text the passages lie
N_COLOURS = 6

_Span = tuple[int, int, int]  # start, end, number of the passage
_Cell = tuple["Stretch", ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a text that lies under the same passages from end to end, or under none.

    Parameters
    ----------
    head, middle, tail : str
        Its text. The middle is folded away; with no middle, all is in the head.
    omitted : str
        How much was left out between head and tail for length; ``""`` for nothing.
    passage : int
        The passage it is coloured as, from 1; 0 for text that is not shared.
    begins : tuple of int
        The passages that begin here.
    is_boilerplate : bool
        It was masked: page furniture, not compared.
    is_name : bool
        A name or number that stands on both sides of a translated passage.
    is_edit : bool
        Words of a passage that its other side lacks.
    """

    head: str
    middle: str = ""
    tail: str = ""
    omitted: str = ""
    passage: int = 0
    begins: tuple[int, ...] = ()
    is_boilerplate: bool = False
    is_name: bool = False
    is_edit: bool = False

    @property
    def colour(self) -> int:
        """Which of the passage colours, from 0."""
        return (self.passage - 1) % N_COLOURS

    @property
    def folded_extent(self) -> str:
        """How much is folded away."""
        return extent(self.middle)


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a passage lies in the whole text, on a scale of `MAP_WIDTH`."""

    x: int
    width: int
    colour: int


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two columns."""

    article: Article
    stretches: tuple[Stretch, ...]
    marks: tuple[Mark, ...]

    @property
    def direction(self) -> str:
        """Which way its text runs: ``ltr`` or ``rtl``."""
        return direction(self.article.text)

    @property
    def n_edits(self) -> int:
        """Places inside passages that the other side lacks."""
        return sum(stretch.is_edit for stretch in self.stretches)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a translated pair: a sentence and its translation, or what one side has alone.

    Parameters
    ----------
    passage : int
        From 1; 0 for what is not aligned.
    left, right : tuple of Stretch
        Empty where a side has nothing.
    """

    passage: int
    left: tuple[Stretch, ...] = ()
    right: tuple[Stretch, ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """A match as it is laid out: left is the origin, or what came first.

    Parameters
    ----------
    match : Match
        The match.
    left, right : Article
        Its articles.
    left_boilerplate, right_boilerplate : tuple of (int, int)
        Characters of their texts that were masked.
    """

    match: Match
    left: Article
    right: Article
    left_boilerplate: tuple[Span, ...] = ()
    right_boilerplate: tuple[Span, ...] = ()

    @property
    def anchor(self) -> str:
        """Its id on a page and in file names, the same from night to night."""
        return f"pair-{key_of(self.match.a, self.match.b)}"

    @property
    def left_in_right(self) -> float:
        """Share of the left text that is in the right one."""
        return containment(self.match, self.left.id)

    @property
    def right_in_left(self) -> float:
        """Share of the right text that is in the left one."""
        return containment(self.match, self.right.id)

    @property
    def n_characters(self) -> int:
        """How much text the two columns hold."""
        return len(self.left.text) + len(self.right.text)

    def sides(self) -> tuple[Side, Side]:
        """Cut both texts; left first."""
        lefts, rights = _numbered_spans(self.match, self.left, self.right)
        left_edits, right_edits = self._edits(lefts, rights)
        a_names = [(name.a_start, name.a_end) for name in self.match.names]
        b_names = [(name.b_start, name.b_end) for name in self.match.names]
        if self.left.id != self.match.a:
            a_names, b_names = b_names, a_names
        return (
            _side(self.left, lefts, self.left_boilerplate, a_names, left_edits),
            _side(self.right, rights, self.right_boilerplate, b_names, right_edits),
        )

    def _edits(self, lefts: Sequence[_Span], rights: Sequence[_Span]) -> tuple[list[Span], list[Span]]:
        """Find the small edits inside the passages, as characters of the two texts."""
        if self.match.kind in ("exact", "translated"):
            return [], []
        on_the_right = {number: (start, end) for start, end, number in rights}
        left_edits: list[Span] = []
        right_edits: list[Span] = []
        for start, end, number in lefts:
            r_start, r_end = on_the_right[number]
            edits = find_edits(self.left.text[start:end], self.right.text[r_start:r_end])
            left_edits += [(start + first, start + last) for first, last in edits.left]
            right_edits += [(r_start + first, r_start + last) for first, last in edits.right]
        return left_edits, right_edits


def align(left: Side, right: Side) -> tuple[Row, ...]:
    """Set a translated pair in rows, in the order of the left text; what only the right one has stands where it reads.

    Every stretch of both sides is in exactly one row; blanks between sentences are left out.
    """
    right_blocks = _blocks(right.stretches)
    told = {passage for passage, _ in _blocks(left.stretches) if passage}
    rights: dict[int, list[_Cell]] = {}
    before: dict[int, list[_Cell]] = {}  # what only the right side has, by the passage it stands before; 0: at the end
    waiting: list[_Cell] = []
    for passage, cell in right_blocks:
        if passage not in told:
            waiting.append(cell)
        else:
            rights.setdefault(passage, []).append(cell)
            before.setdefault(passage, []).extend(waiting)
            waiting = []
    before[0] = waiting
    rows: list[Row] = []
    for passage, cell in _blocks(left.stretches):
        if passage:
            rows += [Row(0, (), alone) for alone in before.pop(passage, ())]
            rows.append(Row(passage, cell, tuple(s for part in rights.pop(passage, ()) for s in part)))
        else:
            rows.append(Row(0, cell))
    rows += [Row(0, (), alone) for alone in before[0]]
    return tuple(rows)


def _blocks(stretches: Sequence[Stretch]) -> list[tuple[int, _Cell]]:
    """Gather the stretches of each passage; drop mere blanks between passages."""
    blocks = [(passage, tuple(group)) for passage, group in groupby(stretches, key=lambda s: s.passage)]
    return [(p, cell) for p, cell in blocks if p or any((s.head + s.middle + s.tail).strip() for s in cell)]


def containment(match: Match, key: str) -> float:
    """Give the share of the article `key` that lies in the other article of the match, in [0, 1]."""
    return match.a_in_b if key == match.a else match.b_in_a


def _numbered_spans(match: Match, left: Article, right: Article) -> tuple[list[_Span], list[_Span]]:
    """Clip the passages to the texts and number them by their place on the left."""
    found = []
    for p in match.passages:
        a, b = (p.a_start, p.a_end), (p.b_start, p.b_end)
        (l_start, l_end), (r_start, r_end) = (a, b) if left.id == match.a else (b, a)
        l_start, r_start = max(0, l_start), max(0, r_start)
        l_end, r_end = min(l_end, len(left.text)), min(r_end, len(right.text))
        if l_start < l_end and r_start < r_end:
            found.append(((l_start, l_end), (r_start, r_end)))
    found.sort()
    lefts = [(*place, number) for number, (place, _) in enumerate(found, start=1)]
    rights = [(*place, number) for number, (_, place) in enumerate(found, start=1)]
    return lefts, sorted(rights)


def _side(
    article: Article,
    spans: Sequence[_Span],
    boilerplate: Sequence[Span],
    names: Sequence[Span],
    edits: Sequence[Span],
) -> Side:
    stretches = _cut(article.text, spans, boilerplate, names, edits)
    return Side(article, tuple(stretches), tuple(_marks(len(article.text), spans)))


def _cut(
    text: str,
    spans: Sequence[_Span],
    boilerplate: Sequence[Span],
    names: Sequence[Span] = (),
    edits: Sequence[Span] = (),
) -> Iterator[Stretch]:
    """Cut a text at every start and end of a passage, and passages at the names and edits in them."""
    starts: dict[int, list[int]] = {}
    for start, _, number in spans:
        starts.setdefault(start, []).append(number)
    ends = {number: end for _, end, number in spans}
    inside = [(a, b) for a, b in names if 0 <= a < b and any(start <= a and b <= end for start, end, _ in spans)]
    name_starts = {start for start, _ in inside}
    cuts = (place for span in (*inside, *edits) for place in span)
    bounds = sorted({0, len(text), *starts, *ends.values(), *cuts})
    edit_bounds = sorted(edits)
    n_edit = 0
    under: list[int] = []  # the passages that lie over the piece, the one that began last at the end
    for start, end in pairwise(bounds):
        begins = starts.get(start, [])
        under = [number for number in under if ends[number] > start] + begins
        while n_edit < len(edit_bounds) and edit_bounds[n_edit][1] <= start:
            n_edit += 1
        if under:
            is_edit = n_edit < len(edit_bounds) and edit_bounds[n_edit][0] <= start
            shared = _shared(text[start:end], under[-1], tuple(begins))
            yield replace(shared, is_name=start in name_starts, is_edit=is_edit)
        else:
            yield from _own(text, start, end, boilerplate, folds=bool(spans))


def _own(text: str, start: int, end: int, boilerplate: Sequence[Span], *, folds: bool) -> Iterator[Stretch]:
    """Cut a piece that is not shared at the edges of boilerplate."""
    for masked_start, masked_end in boilerplate:
        first, last = max(start, masked_start), min(end, masked_end)
        if first >= last:
            continue
        if start < first:
            yield _unshared(text[start:first], folds=folds)
        yield replace(_unshared(text[first:last], folds=folds), is_boilerplate=True)
        start = last
    if start < end:
        yield _unshared(text[start:end], folds=folds)


def _shared(text: str, passage: int, begins: tuple[int, ...]) -> Stretch:
    head, omitted, tail = _shortened(text)
    return Stretch(readable(head), tail=readable(tail), omitted=omitted, passage=passage, begins=begins)


def _unshared(text: str, *, folds: bool) -> Stretch:
    if not folds or len(text) <= FOLD_ABOVE_CHARACTERS:
        head, omitted, tail = _shortened(text)
        return Stretch(readable(head), tail=readable(tail), omitted=omitted)
    first = _blank_near(text, SHOWN_AT_A_FOLD_CHARACTERS)
    last = _blank_near(text, len(text) - SHOWN_AT_A_FOLD_CHARACTERS)
    head, omitted, tail = _shortened(text[first:last])
    middle = f"{head}\n[… {omitted} left out of this page …]\n{tail}" if omitted else head
    return Stretch(readable(text[:first]), middle=readable(middle), tail=readable(text[last:]))


def _shortened(text: str) -> tuple[str, str, str]:
    """Give head, what was left out, tail."""
    if len(text) <= MAX_STRETCH_CHARACTERS:
        return text, "", ""
    half = MAX_STRETCH_CHARACTERS // 2
    return text[:half], extent(text[half:-half]), text[-half:]


def _blank_near(text: str, place: int) -> int:
    """Move a cut to the next blank, if there is one close by, so that no word is cut in two."""
    for moved in range(place, min(place + 40, len(text))):
        if text[moved].isspace():
            return moved
    return place


def _marks(n_characters: int, spans: Sequence[_Span]) -> Iterator[Mark]:
    for start, end, number in spans:
        x = start * MAP_WIDTH // n_characters
        yield Mark(x, max(2, end * MAP_WIDTH // n_characters - x), (number - 1) % N_COLOURS)
