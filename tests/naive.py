"""Slow, obvious twins of the kernels. Python numbers and sets only; each is tested against its kernel."""

import unicodedata
from collections.abc import Iterable, Sequence

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


def shared_runs(a: Sequence[int], b: Sequence[int], k: int, max_places: int) -> list[tuple[int, int, int, int]]:
    """Runs of equal words, walking through a; see `dedup.kernels.passages.shared_runs`."""
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


# -- rests


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
