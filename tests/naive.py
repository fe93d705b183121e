"""Slow, obvious twins of the kernels. Python numbers and sets only; each is tested against its kernel."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence

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


def sharpen(cosines: Sequence[Sequence[float]]) -> list[list[float]]:
    """Each cosine less half of the best other one in its row and in its column."""
    return [
        [
            value
            - 0.5 * max([0.0, *(other for k, other in enumerate(row) if k != j)])
            - 0.5 * max([0.0, *(other[j] for k, other in enumerate(cosines) if k != i)])
            for j, value in enumerate(row)
        ]
        for i, row in enumerate(cosines)
    ]


def anchor_cosines(a: Sequence[set[int]], b: Sequence[set[int]], weights: Mapping[int, float]) -> list[list[float]]:
    """The cosine of each two sentences' weighted sets of anchors."""

    def norm(keys: set[int]) -> float:
        return sum(weights[key] ** 2 for key in keys) ** 0.5

    return [[sum(weights[key] ** 2 for key in x & y) / ((norm(x) * norm(y)) or 1.0) for y in b] for x in a]
