"""Slow, obvious twins of the kernels. Python numbers and sets only; each is tested against its kernel."""

import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import regex

M64 = 2**64 - 1
M32 = 2**32 - 1

UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
FORMAT = "\u00ad\u200b-\u200f\u2060-\u2064\ufeff"
JOINED = rf"\p{{M}}\uff9e\uff9f{FORMAT}"
WORD = regex.compile(
    rf"[{UNSPACED}--\p{{P}}][{JOINED}]*+"
    rf"|[[\p{{L}}\p{{N}}]--[{UNSPACED}\uff9e\uff9f]][[\p{{L}}\p{{N}}{JOINED}]--[{UNSPACED}]]*+",
    flags=regex.VERSION1,
)


# -- words


def find_words(text: str) -> list[tuple[int, int]]:
    """The characters of each word."""
    return [match.span() for match in WORD.finditer(text)]


def fold(word: str) -> str:
    """Compatibility forms, capitals and the order of marks made one; accents kept."""
    visible = regex.sub(rf"[{FORMAT}]", "", word)
    decomposed = unicodedata.normalize("NFKD", visible)
    return unicodedata.normalize("NFKD", "".join(c if c == "\u0345" else c.casefold() for c in decomposed))


def hash_word(word: str) -> int:
    letters, marks = b"", 0
    n_letters = 0
    for char in fold(word):
        data = char.encode("utf-8")
        if unicodedata.category(char).startswith("M"):
            h = (int.from_bytes(data, "little") + (n_letters << 32)) * 0xBF58476D1CE4E5B9 & M64
            h = (h ^ h >> 31) * 0x94D049BB133111EB & M64
            marks += h ^ h >> 32
        else:
            letters += data
            n_letters += 1
    h = 0x243F6A8885A308D3
    for start in range(0, len(letters), 8):
        h = (h ^ int.from_bytes(letters[start : start + 8], "little")) * 0x9FB21C651E98DF25 & M64
        h ^= h >> 32
    h = (h + marks) * 0xD6E8FEB86659FD93 & M64
    return h ^ h >> 32


def hash_words(text: str) -> list[int]:
    return [hash_word(text[start:end]) for start, end in find_words(text)]


# -- shingles, signatures, fingerprints


def hash_shingles(words: Sequence[int], shingle_words: int) -> list[int]:
    """In reading order."""
    found = []
    for start in range(len(words) - shingle_words + 1):
        s = 0
        for word in words[start : start + shingle_words]:
            s = (s * 0x9E3779B97F4A7C15 + word) & M64
        s = (s ^ s >> 30) * 0xBF58476D1CE4E5B9 & M64
        s = (s ^ s >> 27) * 0x94D049BB133111EB & M64
        found.append(s ^ s >> 31)
    return found


def fmix32(h: int) -> int:
    h = (h ^ h >> 16) * 0x85EBCA6B & M32
    h = (h ^ h >> 13) * 0xC2B2AE35 & M32
    return h ^ h >> 16


def sign(shingles: Iterable[int], a: Sequence[int], b: Sequence[int]) -> list[int]:
    hashes = [fmix32(s & M32) for s in shingles]
    return [min([(f * h + g) & M32 for h in hashes], default=M32) for f, g in zip(a, b, strict=True)]


def winnow(shingles: Sequence[int], window: int) -> set[int]:
    if len(shingles) < window:
        return {min(shingles)} if shingles else set()
    return {min(shingles[start : start + window]) for start in range(len(shingles) - window + 1)}


# -- pairs


def overlap(a: set[int], b: set[int]) -> tuple[int, float, float, float]:
    shared = len(a & b)
    return (
        shared,
        shared / len(a | b) if a | b else 0.0,
        shared / len(a) if a else 0.0,
        shared / len(b) if b else 0.0,
    )


def shared_bands(a: Sequence[int], b: Sequence[int], rows_per_band: int) -> int:
    starts = range(0, len(a) - rows_per_band + 1, rows_per_band)
    return sum(a[s : s + rows_per_band] == b[s : s + rows_per_band] for s in starts)


def components(n: int, pairs: Iterable[tuple[int, int]]) -> list[int]:
    """The smallest row each row hangs together with."""
    names = list(range(n))
    changed = True
    pairs = list(pairs)
    while changed:
        changed = False
        for i, j in pairs:
            least = min(names[i], names[j])
            changed |= names[i] != least or names[j] != least
            names[i] = names[j] = least
    return names


def blocks(n: int, pairs: Iterable[tuple[int, int]], most: int) -> list[int]:
    """Components that grow pair by pair and never beyond `most` rows, named after their smallest row."""
    members = [{row} for row in range(n)]
    for i, j in pairs:
        if members[i] is not members[j] and len(members[i]) + len(members[j]) <= most:
            both = members[i] | members[j]
            for row in both:
                members[row] = both
    return [min(members[row]) for row in range(n)]


def batches(pairs: Sequence[tuple[int, int]], most: int) -> list[list[tuple[int, int]]]:
    """Pairs in order, cut before the pair that would be about one row too many."""
    found: list[list[tuple[int, int]]] = []
    for pair in pairs:
        if not found or len({row for one in found[-1] for row in one} | {*pair}) > most:
            found.append([])
        found[-1].append(pair)
    return found


def spread(others: Sequence[int], n: int) -> list[int]:
    """Take `n` of some rows, evenly spread, or all there are."""
    n = min(n, len(others))
    return [others[number * len(others) // n] for number in range(n)]


def probes(crowds: Sequence[Sequence[int]], n_heads: int, n: int) -> set[tuple[int, int]]:
    """The heads of each crowd, each with the later heads and with `n` others."""
    found = set()
    for crowd in crowds:
        for place, head in enumerate(crowd[:n_heads]):
            others = [*crowd[place + 1 : n_heads], *spread(crowd[n_heads:], n)]
            found |= {(min(head, other), max(head, other)) for other in others}
    return found


def opened(
    crowds: Sequence[Sequence[int]], found: set[tuple[int, int]], n_heads: int, n: int, min_gathered: float
) -> list[list[int]]:
    """The crowds whose heads match enough of `n` others."""
    kept = []
    for crowd in crowds:
        tried = spread(crowd[n_heads:], n)
        n_gathered = sum(
            any((min(head, other), max(head, other)) in found for head in crowd[:n_heads]) for other in tried
        )
        if tried and n_gathered >= min_gathered * len(tried):
            kept.append(list(crowd))
    return kept


def stragglers(crowds: Sequence[Sequence[int]], names: Sequence[int], n_each: int) -> set[tuple[int, int]]:
    """Rows of a crowd outside its largest component, which holds half of it, with an even sample of that component."""
    found = set()
    for crowd in crowds:
        largest = min({names[row] for row in crowd}, key=lambda name: (-sum(names[r] == name for r in crowd), name))
        inside = [row for row in crowd if names[row] == largest]
        if 2 * len(inside) >= len(crowd):
            n = min(n_each, len(inside))
            sample = [inside[number * len(inside) // n] for number in range(n)]
            found |= {(min(r, s), max(r, s)) for r in crowd if names[r] != largest for s in sample}
    return found


# -- passages


def passages(
    a: Sequence[int | None],
    b: Sequence[int | None],
    seed_words: int,
    max_gap: int,
    max_drop: int,
    min_words: int,
    max_places: int,
) -> list[tuple[int, int, int, int, int]]:
    """Start and end in a and b, equal words; see `dedup.kernels.passages`. Masked words are None and equal to none."""
    if len(b) < len(a):
        found = passages(b, a, seed_words, max_gap, max_drop, min_words, max_places)
        return sorted(((c, d, e, f, n) for e, f, c, d, n in found), key=lambda one: one[0])
    places: dict[tuple[int | None, ...], list[int]] = {}
    for j in range(len(b) - seed_words + 1):
        if None not in b[j : j + seed_words]:
            places.setdefault(tuple(b[j : j + seed_words]), []).append(j)
    found = []
    i = end_a = end_b = 0
    while i <= len(a) - seed_words:
        starts = places.get(tuple(a[i : i + seed_words]), [])
        best = (0, 0, 0, 0, 0)
        for j in ([j for j in starts if j >= end_b] or starts)[:max_places]:
            x, y, n_right = extend(a[i:], b[j:], max_gap, max_drop)
            u, v, n_left = extend(a[end_a:i][::-1], b[:j][::-1], max_gap, max_drop)
            if n_left + n_right > best[4]:
                best = (i - u, i + x, j - v, j + y, n_left + n_right)
        if best[4] < min_words:
            i += 1
            continue
        found.append(best)
        i = end_a = best[1]
        end_b = best[3]
    return found


def extend(a: Sequence[int | None], b: Sequence[int | None], max_gap: int, max_drop: int) -> tuple[int, int, int]:
    """Words of a, words of b, equal words of the extension from the starts of both."""
    x = y = score = n_equal = 0
    best = (0, 0, 0, 0)
    while x < len(a) and y < len(b):
        if same(a, x, b, y):
            x, y, score, n_equal = x + 1, y + 1, score + 2, n_equal + 1
            if score > best[0]:
                best = (score, x, y, n_equal)
            continue
        skips = [skip for size in range(1, max_gap + 1) for skip in skips_of(size)]
        skip = next(
            (
                (dx, dy)
                for dx, dy in skips
                if same(a, x + dx, b, y + dy) and (dx == dy or same(a, x + dx + 1, b, y + dy + 1))
            ),
            None,
        )
        if skip is None:
            break
        x, y, score = x + skip[0], y + skip[1], score - max(skip)
        if best[0] - score > max_drop:
            break
    return best[1:]


def skips_of(size: int) -> list[tuple[int, int]]:
    """In the order in which they are tried."""
    return [(size, size)] + [skip for less in range(size - 1, -1, -1) for skip in ((size, less), (less, size))]


def same(a: Sequence[int | None], x: int, b: Sequence[int | None], y: int) -> bool:
    return x < len(a) and y < len(b) and a[x] is not None and a[x] == b[y]


# -- evidence: units, marks, triples


def quoted(text: str) -> list[bool]:
    """Of each word, whether it stands between quotation marks; see `dedup.kernels.evidence`."""
    found, opened, last = [], "", 0
    for start, end in find_words(text):
        for char in text[last:start]:
            if char == "\n" or char in "」』":
                opened = ""
            elif char in '"«»”':
                opened = "" if opened else char
            elif char in "„「『":
                opened = char
            elif char == "“":
                opened = "" if opened == "„" else char
        found.append(bool(opened))
        last = end
    return found


def weights(text: str) -> list[float]:
    """How much each word says: its characters less 2, from 0.25 to 10; 4 at least for a number; 2 if unspaced."""
    found = []
    for start, end in find_words(text):
        word = text[start:end]
        weight = min(10.0, max(0.25, len(word) - 2.0))
        if 2 * len(regex.findall(r"[0-9٠-٩۰-۹०-९০-৯０-９]", word)) > len(word):
            weight = max(4.0, weight)
        found.append(2.0 if regex.match(rf"[{UNSPACED}]", word) else weight)
    return found


def is_pair(text: str) -> list[bool]:
    """Of each word, whether its unit is two characters: it and the next are of a script without spaces, and touch."""
    spans = find_words(text)
    found = []
    for (start, end), (next_start, _) in pairwise(spans):
        chars = (text[start], text[next_start])
        found.append(next_start == end and all(regex.match(rf"[{UNSPACED}]", char) for char in chars))
    return found + [False] * bool(spans)


def describe(
    a: Sequence[object],
    b: Sequence[object],
    weight: Sequence[float],
    left_out: Sequence[bool],
    masked_a: Sequence[bool],
    masked_b: Sequence[bool],
) -> dict[int | str, float]:
    """What of a (the shorter) stands in b: shares of runs of 1, 2, 3 units, and of units in order."""
    found: dict[int | str, float] = {}
    for n in (1, 2, 3):
        in_b = {tuple(b[j : j + n]) for j in range(len(b) - n + 1) if not any(masked_b[j : j + n])}
        runs = [i for i in range(len(a) - n + 1) if not any(masked_a[i : i + n]) and not any(left_out[i : i + n])]
        whole = sum(sum(weight[i : i + n]) for i in runs)
        shared = sum(sum(weight[i : i + n]) for i in runs if tuple(a[i : i + n]) in in_b)
        found[n] = shared / whole if whole else 0.0
    seen_a = [unit for unit, is_masked in zip(a, masked_a, strict=True) if not is_masked]
    seen_b = [unit for unit, is_masked in zip(b, masked_b, strict=True) if not is_masked]
    once = [i for i, unit in enumerate(a) if not masked_a[i] and not left_out[i] and seen_a.count(unit) == 1]
    chains: list[tuple[int, float]] = []  # place in b of the last unit, weight
    for i in once:
        if seen_b.count(a[i]) == 1:
            j = next(j for j, unit in enumerate(b) if unit == a[i] and not masked_b[j])
            chains.append((j, weight[i] + max((w for last, w in chains if last < j), default=0.0)))
    whole = sum(weight[i] for i in once)
    found["order"] = max((w for _, w in chains), default=0.0) / whole if whole else 0.0
    return found


def paired_by_triples(
    texts: Sequence[set[int]], weigh: dict[int, float], min_weight: float, min_share: float
) -> list[tuple[int, int]]:
    """Pairs of texts that share triples of enough weight; `weigh` by how many texts hold a triple. No crowds."""
    found = []
    for i in range(len(texts)):
        for j in range(i + 1, len(texts)):
            shared = texts[i] & texts[j]
            worth = sum(weigh[sum(triple in text for text in texts)] for triple in shared)
            if shared and worth >= max(min_weight, min_share * min(len(texts[i]), len(texts[j]))):
                found.append((i, j))
    return found


def cut_postings(
    postings: Sequence[Sequence[int]], bounds: Sequence[int], max_rows: int, n_heads: int
) -> list[list[tuple[int, list[int]]]]:
    """Of each slice the postings that count there: how many rows hold each, and those that are listed."""
    slices = []
    for first, last in pairwise(bounds):
        listed = []
        for posting in postings:
            own = [row for row in posting if first <= row < last]
            before = [row for row in posting if row < first]
            kept = (before[:n_heads] if len(posting) > max_rows else before) + own
            if own and len(kept) > 1:
                listed.append((len(posting), kept))
        slices.append(listed)
    return slices


# -- rests


def shared_runs(a: Sequence[int], b: Sequence[int], k: int, max_places: int) -> list[tuple[int, int, int, int]]:
    """Runs of equal words, walking through a; see `dedup.kernels.rests.shared_runs`."""
    places: dict[tuple[int, ...], list[int]] = {}
    for j in range(len(b) - k + 1):
        places.setdefault(tuple(b[j : j + k]), []).append(j)
    runs = []
    i = last_b_end = 0
    while i <= len(a) - k:
        starts = places.get(tuple(a[i : i + k]))
        if starts is None:
            i += 1
            continue
        ahead = [j for j in starts if j >= last_b_end] or starts
        length, back = max((run_length(a, i, b, j), -j) for j in ahead[:max_places])
        j = -back
        runs.append((i, i + length, j, j + length))
        i, last_b_end = i + length, j + length
    return runs


def run_length(a: Sequence[int], i: int, b: Sequence[int], j: int) -> int:
    n = 0
    while i + n < len(a) and j + n < len(b) and a[i + n] == b[j + n]:
        n += 1
    return n


def stem(word: str, n_letters: int) -> str:
    """The first letters of a word; a syllable of Korean counts as three."""
    kept, n = "", 0
    for character in word:
        n += 3 if 0xEA <= character.encode()[0] <= 0xED else 1
        if n > n_letters:
            break
        kept += character
    return kept


def join_neighbours(words: Sequence[int], spans: Sequence[tuple[int, int]]) -> list[int]:
    """The unit of each word of one text."""
    units = []
    for number, word in enumerate(words):
        touches = number + 1 < len(words) and spans[number][1] == spans[number + 1][0]
        units.append((word * 0x9E3779B97F4A7C15 + words[number + 1]) & M64 if touches else word)
    return units


def kinship(weights: Sequence[float], a: set[int], b: set[int]) -> float:
    """Weight of what both sets hold, over that of the lighter one."""
    lighter = min(sum(weights[unit] for unit in a), sum(weights[unit] for unit in b))
    return min(1.0, sum(weights[unit] for unit in a & b) / lighter) if lighter > 0 else 0.0


def compare_numbers(
    runs: Sequence[tuple[int, int, int, int]],
    a: Sequence[int],
    b: Sequence[int],
    numbers_a: set[int],
    numbers_b: set[int],
    max_slot: int,
) -> tuple[int, int]:
    """Numbers that agree and that contradict; `numbers_a` are the places of a that hold one."""
    said_a, said_b = {a[place] for place in numbers_a}, {b[place] for place in numbers_b}
    agreeing = sum(place in numbers_a for start, end, _, _ in runs for place in range(start, end))
    contradicting = 0
    a_edges = [(0, 0), *((start, end) for start, end, _, _ in runs), (len(a), len(a))]
    b_edges = [(0, 0), *((start, end) for _, _, start, end in runs), (len(b), len(b))]
    for number in range(len(runs) + 1):
        slot_a = range(a_edges[number][1], a_edges[number + 1][0])
        slot_b = range(b_edges[number][1], b_edges[number + 1][0])
        if not (0 < len(slot_a) <= max_slot and 0 < len(slot_b) <= max_slot):
            continue
        in_a = [a[place] for place in slot_a if place in numbers_a]
        in_b = [b[place] for place in slot_b if place in numbers_b]
        agreeing += sum(value in in_b for value in in_a)
        contradicting += min(sum(value not in said_b for value in in_a), sum(value not in said_a for value in in_b))
    return agreeing, contradicting


# -- sentences of two texts


def align_sentences(
    gains: Sequence[Sequence[float]], skip_cost: float, min_score: float, max_runs: int
) -> tuple[list[tuple[int, int, int]], list[float]]:
    """The best runs of pairs by trying, for each pair that ends a run, every pair that could stand before it."""
    taken_a: set[int] = set()
    taken_b: set[int] = set()
    pairs: list[tuple[int, int, int]] = []
    scores: list[float] = []
    while len(scores) < max_runs:
        best: dict[tuple[int, int], tuple[float, tuple[int, int] | None]] = {}
        for i, row in enumerate(gains):
            for j, gain in enumerate(row):
                if gain <= 0 or i in taken_a or j in taken_b:
                    continue
                value, before = gain, None
                for (before_i, before_j), (score, _) in best.items():
                    if before_i >= i or before_j >= j:
                        continue
                    if taken_a & set(range(before_i, i)) or taken_b & set(range(before_j, j)):
                        continue
                    linked = score - skip_cost * (i - before_i - 1 + j - before_j - 1) + gain
                    if linked > value + 1e-12:
                        value, before = linked, (before_i, before_j)
                best[i, j] = (value, before)
        if not best:
            break
        end: tuple[int, int] | None = max(best, key=lambda pair: (best[pair][0], -pair[0], -pair[1]))
        assert end is not None
        if best[end][0] < min_score:
            break
        run = []
        score = best[end][0]
        while end is not None:
            run.append(end)
            end = best[end][1]
        for i, j in reversed(run):
            pairs.append((len(scores), i, j))
            taken_a.add(i)
            taken_b.add(j)
        scores.append(score)
    return pairs, scores


def rivals(likeness: Sequence[Sequence[float]], i: int, j: int) -> list[float]:
    """The best other one in the row, and in the column; at least 0."""
    in_row = [other for k, other in enumerate(likeness[i]) if k != j]
    in_column = [other[j] for k, other in enumerate(likeness) if k != i]
    return [max([0.0, *in_row]), max([0.0, *in_column])]


def describe_sentences(
    a: Mapping[int, float], b: Mapping[int, float], numbers: set[int]
) -> tuple[float, list[float], int, int]:
    """Of the anchors of two sentences, with what each is worth: what is shared, what not, and how many numbers."""
    unshared = sorted(sum(worth for key, worth in x.items() if key not in y) for x, y in ((a, b), (b, a)))
    others = min(len((set(x) - set(y)) & numbers) for x, y in ((a, b), (b, a)))
    return sum(a[key] for key in a if key in b), unshared, len(set(a) & set(b) & numbers), others


def anchor_cosines(a: Sequence[set[int]], b: Sequence[set[int]], weights: Mapping[int, float]) -> list[list[float]]:
    """The cosine of each two sentences' weighted sets of anchors."""

    def norm(keys: set[int]) -> float:
        return sum(weights[key] ** 2 for key in keys) ** 0.5

    return [[sum(weights[key] ** 2 for key in x & y) / ((norm(x) * norm(y)) or 1.0) for y in b] for x in a]


def chain_anchors(a: Sequence[tuple[int, int]], b: Sequence[tuple[int, int]], weights: Sequence[float]) -> float:
    """The best chain of shared anchors, (key, place) each, by trying every point before every other."""
    points = []
    for key in sorted({key for key, _ in a} & {key for key, _ in b}):
        places_a, places_b = (sorted(place for other, place in side if other == key) for side in (a, b))
        worth = weights[key] / math.sqrt(len(places_a) * len(places_b))
        if worth:
            points += [(i, j, worth) for i in places_a[:4] for j in places_b[:4]]
    best: list[float] = []
    points = sorted(points[:96], key=lambda point: point[0])
    for at, (i, j, worth) in enumerate(points):
        before = 0.0
        for (other_i, other_j, _), score in zip(points[:at], best, strict=True):
            step_a, step_b = i - other_i, j - other_j
            is_near = step_a <= 700 and -80 <= step_b <= 700 and (step_a, step_b) != (0, 0)
            if is_near and abs(step_a - step_b) <= 120 + 0.35 * max(step_a, step_b):
                before = max(before, score)
        best.append(before + worth)
    return max(best, default=0.0)


# -- glances


def glance(text: str, words: Iterable[str]) -> set[str]:
    """The words that a glance sees: their longest run of letters is one of the text's, or they have none."""
    runs = set(find_runs(text))
    leads = {char.encode("utf-8", "surrogatepass")[0] for char in text}
    by_lead = [word for word in words if word and not find_runs(word)]
    seen = {word for word in words if find_runs(word) and max(find_runs(word), key=len) in runs}
    return seen | set(by_lead if leads & {word[0].encode()[0] for word in by_lead} else ())


def find_runs(text: str) -> list[str]:
    """Runs of ASCII letters and digits, and of the blocks of Latin and Cyrillic that are letters throughout."""
    blocks = ("\u00c0", "\u027f"), ("\u0400", "\u047f")
    is_letter = [
        (char.isascii() and char.isalnum()) or (any(low <= char <= high for low, high in blocks) and char not in "×÷")
        for char in text
    ]
    spaced = "".join(char if kept else " " for char, kept in zip(text, is_letter, strict=True))
    return spaced.split()
