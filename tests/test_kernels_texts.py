"""The kernels that read texts do what their slow twins do."""

import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dedup.kernels import texts as kernels
from dedup.kernels.buffers import encode
from dedup.kernels.compiled import IS_COMPILED
from dedup.kernels.make_unicode_table import build
from dedup.kernels.unicode_table import unicode_table, unicode_version
from dedup.model import UNSIGNED
from dedup.sketch import NO_LIMIT
from tests import naive

pytestmark = pytest.mark.filterwarnings(
    "ignore:overflow encountered:RuntimeWarning"
)  # NUMBA_DISABLE_JIT=1: it is meant

Array = NDArray[Any]

IS_SAME_UNICODE = unicode_version() == unicodedata.unidata_version

NASTY = (
    "aAbBzZ09_ \n\t.,'’-–„“\u00ad\u200b\u200d\u2060\ufeff\u0301\u0308\u0323\u0345ßſÄäéÉÅåŒœĲĳŉǅİıKÅµςΣσΆά"
    "ᾳᾼᾴﬁﬃﷺ①½²㎏Ⅷª\u0915\u093f\u094d\u0937नि한국ᄒ\u1161가ﾊﾟパハ\u3099\uff9eかカー々漢字𠀀中\u0e01\u0e33\u0e48ไທ\u1780\u17d2\u17821"
    "မြန်\u0660٣عربيةשלום\U00010400\U0001f600\ud800\udfff\x00\x7f\x80ＡＢ１"
)


def texts(max_size: int = 60) -> st.SearchStrategy[str]:
    any_character = st.characters(exclude_categories=["Cn"]) if IS_SAME_UNICODE else st.sampled_from(NASTY)
    character = st.one_of(st.sampled_from(NASTY), st.sampled_from("abc defgh ijklmnop  "), any_character)
    return st.text(character, max_size=max_size)


def long_words() -> st.SearchStrategy[str]:
    """Words that are read by the block: letters of two bytes, ASCII before others, letters with and without marks."""
    alphabets = (
        "абвгдежзиклАБВЖЯ",
        "абвйё",
        "αβγδΣσς",
        "αβάή",
        "שלוםא",
        "عربيةلا",
        "أإآبت",
        "abcdefgüß",
        "abcé中",
        "ÅåŁłØø",
        "中国人民日报",
    )
    words = st.sampled_from(alphabets).flatmap(lambda alphabet: st.text(alphabet, min_size=1, max_size=30))
    return st.lists(words, max_size=6).map(" ".join)


def split(*texts: str) -> list[tuple[list[int], list[tuple[int, int]]]]:
    values, offsets = encode(texts)
    hashes, starts, ends, bounds = kernels.split_words(values, offsets, *unicode_table())
    found = []
    for i in range(len(texts)):
        start = int(offsets[i])
        places = np.stack([starts, ends], axis=1)[bounds[i] : bounds[i + 1]].reshape(-1)
        characters = kernels.to_characters(values, start, places).reshape(-1, 2)
        found.append((hashes[bounds[i] : bounds[i + 1]].tolist(), [(int(s), int(e)) for s, e in characters]))
    return found


@given(st.lists(st.one_of(texts(), long_words()), max_size=4))
@settings(max_examples=600, deadline=None)
def test_words(corpus: list[str]) -> None:
    for text, (hashes, spans) in zip(corpus, split(*corpus), strict=True):
        assert spans == naive.find_words(text)
        assert hashes == naive.hash_words(text)


@given(texts(12), texts(12))
@settings(max_examples=300, deadline=None)
def test_equal_hashes_mean_equal_words(a: str, b: str) -> None:
    words = [text[s:e] for text in (a, b, a.swapcase()) for s, e in naive.find_words(text)]
    hashes = [naive.hash_word(word) for word in words]
    assert len(set(hashes)) == len({naive.fold(word) for word in words})


@given(texts(30))
@settings(max_examples=300, deadline=None)
def test_unicode_forms_hash_alike(text: str) -> None:
    """The forms of whole words; how a text is cut may differ where a decomposed character joins two."""
    for start, end in naive.find_words(text):
        word = text[start:end]
        if any(unicodedata.normalize("NFD", char) != unicodedata.normalize("NFKD", char) for char in word):
            continue
        forms = split(word, *(unicodedata.normalize(form, word) for form in ("NFC", "NFD")))
        assert len({tuple(hashes) for hashes, _ in forms if len(hashes) == 1}) <= 1


@pytest.mark.parametrize(
    ("a", "b", "n_words"),
    [
        ("Straße", "STRASSE", 1),
        ("ﬁnal ﬃ", "FINAL ffi", 2),
        ("Schön", "scho\u0308n", 1),
        ("Re\u00adgie\u200brung", "regierung", 1),
        ("don’t", "don't", 2),
        ("ＡＢＣ１２", "abc12", 1),
        ("e\u0323\u0301", "e\u0301\u0323", 1),
        ("ὈΔΥΣΣΕΎΣ", "ὀδυσσεύς", 1),
        ("снова_да", "СНОВА да", 2),
        ("한국", unicodedata.normalize("NFD", "한국"), 1),
        ("漢字かな", "漢字 か.な", 4),
        ("ﾊﾟ", "パ", 1),
        ("निगम", "निगम", 1),
        ("Veröffentlichungspflicht", "VERÖFFENTLICHUNGSPFLICHT", 1),
    ],
)
def test_words_that_are_the_same(a: str, b: str, n_words: int) -> None:
    (of_a, _), (of_b, _) = split(a, b)
    assert of_a == of_b
    assert len(of_a) == n_words


@pytest.mark.parametrize(("a", "b"), [("schon", "schön"), ("कि", "की"), ("ab", "a b"), ("a1", "al"), ("и", "й")])
def test_words_that_differ(a: str, b: str) -> None:
    (of_a, _), (of_b, _) = split(a, b)
    assert of_a != of_b


@given(st.binary(max_size=80))
@settings(max_examples=300, deadline=None)
def test_bytes_that_are_no_utf8(data: bytes) -> None:
    values = np.frombuffer(data + bytes(kernels.PADDING), dtype=np.uint8)
    hashes, starts, ends, _ = kernels.split_words(values, np.array([0, len(data)], dtype=np.int64), *unicode_table())
    assert (starts >= 0).all()
    assert (ends <= len(data)).all()
    text = data.decode("utf-8", "replace")
    if "\ufffd" not in text:
        assert hashes.tolist() == naive.hash_words(text)


def test_a_text_ends_where_it_ends() -> None:
    """What follows a text in the buffer is not read into its last word."""
    assert split("abc", "def", "漢", "é", "x" * 64, "y") == [
        one for text in ("abc", "def", "漢", "é", "x" * 64, "y") for one in split(text)
    ]


@pytest.mark.skipif(not IS_SAME_UNICODE, reason="the table was built from another version of Unicode")
def test_the_table_is_what_its_script_builds() -> None:
    built, table = build(), unicode_table()
    for name, array in zip(("pages", "entries", "folds"), table[:3], strict=True):
        assert np.array_equal(built[name], array)


def permutations(num_perm: int, seed: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    a, b = MinHash(num_perm=num_perm, seed=seed, scheme="affine32").permutations
    return a, b


def sketch(
    corpus: list[str],
    a: Array,
    b: Array,
    shingle_words: int,
    window: int,
    longest_signed: int,
    longest_kept: int = NO_LIMIT,
) -> tuple[Array, Array, Array, Array, Array]:
    """Bring the places that the kernel writes to; give what it wrote."""
    values, offsets = encode(corpus)
    signatures = np.empty((len(corpus), len(a)), dtype=np.uint32)
    shingles, fingerprints = np.empty((2, kernels.most_words(offsets)), dtype=np.uint64)
    sizes = np.empty((2, len(corpus)), dtype=np.int64)
    is_signed = np.empty(len(corpus), dtype=np.bool_)
    kernels.sketch_texts(
        values, offsets, *unicode_table(), a, b, shingle_words, window, longest_kept, longest_signed,
        signatures, shingles, fingerprints, *sizes, is_signed,
    )  # fmt: skip
    bounds = np.cumsum(np.pad(sizes, ((0, 0), (1, 0))), axis=1)
    every = np.full_like(signatures, UNSIGNED)
    every[is_signed] = signatures[: is_signed.sum()]
    return shingles, bounds[0], every, fingerprints, bounds[1]


@given(
    st.lists(texts(120), min_size=1, max_size=4),
    st.integers(1, 6),
    st.integers(1, 9),
    st.sampled_from([1, 3, 16, 128]),
    st.integers(0, 30),
    st.sampled_from([0, 2, 9, NO_LIMIT]),
)
@settings(max_examples=150, deadline=None)
def test_sketches(
    corpus: list[str], shingle_words: int, window: int, num_perm: int, longest_signed: int, longest_kept: int
) -> None:
    a, b = permutations(num_perm, 7)
    shingles, offsets, signatures, fingerprints, bounds = sketch(
        corpus, a, b, shingle_words, window, longest_signed, longest_kept
    )
    for i, text in enumerate(corpus):
        in_order = naive.hash_shingles(naive.hash_words(text), shingle_words)
        kept = in_order if len(in_order) <= longest_kept else []
        assert shingles[offsets[i] : offsets[i + 1]].tolist() == sorted(set(kept))
        signed = in_order if len(in_order) <= longest_signed else []
        assert signatures[i].tolist() == naive.sign(signed, a.tolist(), b.tolist())
        assert fingerprints[bounds[i] : bounds[i + 1]].tolist() == sorted(naive.winnow(in_order, window))


@given(st.lists(st.integers(0, 3), max_size=40), st.integers(1, 4), st.integers(1, 9))
@settings(max_examples=200, deadline=None)
def test_sketches_of_texts_that_repeat_themselves(words: list[int], shingle_words: int, window: int) -> None:
    a, b = permutations(8, 1)
    in_order, signature, fingerprints, shingles = kernels.sketch_words(
        np.array(words, dtype=np.uint64), a, b, shingle_words, window
    )
    expected = naive.hash_shingles(words, shingle_words)
    assert in_order.tolist() == expected
    assert shingles.tolist() == sorted(set(expected))
    assert fingerprints.tolist() == sorted(naive.winnow(expected, window))
    assert signature.tolist() == naive.sign(expected, a.tolist(), b.tolist())


@given(
    st.lists(st.integers(0, 50), max_size=30),
    st.lists(st.integers(0, 50), max_size=30),
    st.lists(st.integers(0, 50), max_size=30),
    st.lists(st.integers(0, 50), max_size=30),
    st.data(),
)
@settings(max_examples=150, deadline=None)
def test_a_shared_run_shares_a_fingerprint(
    before_a: list[int], after_a: list[int], before_b: list[int], after_b: list[int], data: st.DataObject
) -> None:
    k, window = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 10))
    run = data.draw(st.lists(st.integers(0, 50), min_size=k + window - 1, max_size=k + window + 5))
    a, b = permutations(2, 1)
    of_a, of_b = (
        kernels.sketch_words(np.array(words, dtype=np.uint64), a, b, k, window)[2].tolist()
        for words in (before_a + run + after_a, before_b + run + after_b)
    )
    assert set(of_a) & set(of_b)


def signed_by_datasketch(shingles: list[int], num_perm: int = 128, seed: int = 1) -> list[int]:
    minhash = MinHash(num_perm=num_perm, seed=seed, scheme="affine32", hashfunc=int)
    minhash.update_batch([shingle & naive.M32 for shingle in shingles])
    return [int(value) for value in minhash.hashvalues]


@pytest.mark.parametrize("seed", [1, 4711])
def test_signatures_are_those_of_datasketch(seed: int) -> None:
    """10,000 random token sets of 0 to 400 tokens (300 where kernels are not compiled)."""
    rng = np.random.default_rng(seed)
    n = 10_000 if IS_COMPILED else 300
    sizes = rng.integers(0, 400, n)
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    tokens = rng.integers(0, 2**64, int(offsets[-1]), dtype=np.uint64)
    a, b = permutations(128, seed)
    signatures = kernels.sign_rows(tokens, offsets, np.arange(n, dtype=np.int64), a, b)
    for i in range(n):
        assert signatures[i].tolist() == signed_by_datasketch(tokens[offsets[i] : offsets[i + 1]].tolist(), seed=seed)


def test_signatures_of_the_german_corpus(shared_data: Path) -> None:
    """Every tenth article; the whole of it is as quick to sketch, but slow to sign in Python."""
    import gzip
    import json

    path = shared_data / "insm_german_news" / "articles.jsonl.gz"
    if not path.is_file():
        pytest.skip("insm_german_news is not here")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        corpus = [json.loads(line)["text"] for number, line in enumerate(lines) if number % 10 == 0]
    corpus = corpus if IS_COMPILED else corpus[:5]
    a, b = permutations(128, 1)
    shingles, offsets, signatures, _, _ = sketch(corpus, a, b, 5, 8, 2**62)
    for i in range(len(corpus)):
        assert signatures[i].tolist() == signed_by_datasketch(shingles[offsets[i] : offsets[i + 1]].tolist())
    words = naive.hash_words(corpus[0])
    assert shingles[: offsets[1]].tolist() == sorted(set(naive.hash_shingles(words, 5)))
