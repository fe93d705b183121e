"""Sketches as other libraries see them, and as batches, Arrow and threads make them."""

import random
import shutil
import subprocess
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from datasketch import MinHash, MinHashLSH
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import Index, Settings, SettingsError, find_duplicates
from dedup.kernels import buffers
from dedup.kernels.buffers import TextBuffer
from dedup.model import Sketches
from dedup.pairs import find_pairs
from dedup.pipeline import load_lsh
from dedup.sketch import hash_shingle, sign, sketch_texts, without
from dedup.verify import measure
from tests.conftest import make_article

TEXT = "Der Rat hat am Montagabend nach langer Debatte beschlossen, die alte Brücke über den Fluss zu erneuern."


def sketch(texts: buffers.Texts, *, n_threads: int = 1) -> Sketches:
    return sketch_texts(
        TextBuffer(texts), shingle_words=3, num_perm=16, seed=1, fingerprint_window=4, n_threads=n_threads
    )


def as_lists(sketches: Sketches) -> list[list[object]]:
    return [[part.tolist() for part in sketches.row(i)[:3]] for i in range(len(sketches))]


@given(st.lists(st.text(max_size=60), max_size=8), st.integers(0, 3), st.integers(0, 3))
@settings(max_examples=100, deadline=None)
def test_arrow_and_python_strings_give_the_same(texts: list[str], first: int, cut: int) -> None:
    texts = [text.encode("utf-8", "replace").decode() for text in texts]  # Arrow takes no lone surrogates
    expected = as_lists(sketch(texts))
    for kind in (pa.string(), pa.large_string(), pa.string_view()):
        assert as_lists(sketch(pa.array(texts, kind))) == expected
        assert as_lists(sketch(pa.array(["x", *texts], kind)[1:])) == expected
    chunked = pa.chunked_array([pa.array(texts[:cut], pa.string()), pa.array(texts[cut:], pa.string())])
    assert as_lists(sketch(chunked)) == expected
    assert as_lists(sketch(chunked[first:])) == expected[first:]


def test_nulls_count_as_empty() -> None:
    assert as_lists(sketch(pa.array([None, TEXT]))) == as_lists(sketch(["", TEXT]))


def test_numbers_are_no_texts() -> None:
    with pytest.raises(TypeError, match="int64"):
        TextBuffer(pa.array([1, 2]))


def test_rows_of_arrow_are_found_across_chunks() -> None:
    texts = ["a", "bb", "", "ccc", "dddd"]
    chunked = pa.chunked_array([pa.array(texts[:2]), pa.array([], pa.string()), pa.array(texts[2:])])
    for source in (chunked, texts):
        values, offsets = TextBuffer(source).rows(np.array([4, 0, 2, 3]))
        found = [values[offsets[i] : offsets[i + 1]].tobytes().decode() for i in range(4)]
        assert found == ["dddd", "a", "", "ccc"]


def test_chunks_and_threads_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [TEXT[: n % 90] + str(n) for n in range(50)]
    expected = as_lists(sketch(texts))
    monkeypatch.setattr(buffers, "CHUNK_TEXTS", 7)
    assert as_lists(sketch(texts, n_threads=3)) == expected
    monkeypatch.setattr(buffers, "CHUNK_CHARACTERS", 100)
    assert as_lists(sketch(pa.array(texts), n_threads=2)) == expected


def test_find_pairs_finds_what_find_duplicates_finds() -> None:
    texts = [
        TEXT,
        TEXT.upper(),
        "Vorab: " + TEXT + " Danach noch ein Satz, der neu ist.",
        "Ganz anderes steht hier zu lesen.",
    ]
    found = {(match.a, match.b): match for match in find_duplicates(texts).matches}
    pairs = find_pairs(pa.array(texts))
    assert {(str(i), str(j)) for i, j in pairs.rows.tolist()} == set(found)
    for (i, j), jaccard, a_in_b, b_in_a in zip(
        pairs.rows.tolist(), pairs.jaccard, pairs.a_in_b, pairs.b_in_a, strict=True
    ):
        match = found[str(i), str(j)]
        assert (match.jaccard, match.a_in_b, match.b_in_a) == (jaccard, a_in_b, b_in_a)


def test_near_copies_alone() -> None:
    texts = [TEXT, TEXT + " Neu.", TEXT[:60], TEXT]
    pairs = find_pairs(texts, settings=Settings(threshold=0.7), excerpts=False)
    assert pairs.rows.tolist() == [[0, 1], [0, 3], [1, 3]]
    assert (pairs.jaccard >= 0.7).all()


def test_signatures_move_to_datasketch_and_back() -> None:
    index = Index()
    index.add([make_article("a", TEXT), make_article("b", TEXT + " Und noch etwas.")])
    words = TEXT.replace(",", "").replace(".", "").split()
    theirs = MinHash(num_perm=128, seed=1, hashfunc=hash_shingle)
    for start in range(len(words) - 4):
        theirs.update(words[start : start + 5])
    ours = index.minhash("a")
    assert np.array_equal(ours.hashvalues, theirs.hashvalues)
    assert ours.jaccard(theirs) == 1
    lsh = MinHashLSH(threshold=0.5, num_perm=128)
    lsh.insert("a", ours)
    lsh.insert("b", index.minhash("b"))
    assert sorted(lsh.query(theirs)) == ["a", "b"]
    with pytest.raises(KeyError):
        index.minhash("nobody")


def test_an_index_fills_an_lsh_of_datasketch() -> None:
    index, lsh = Index(), MinHashLSH(threshold=0.5, num_perm=128)
    index.add([TEXT, "Ganz anderes steht hier zu lesen, und zwar lang.", TEXT.upper()])
    assert load_lsh(index, lsh) == 3
    assert sorted(lsh.query(index.minhash("0"))) == ["0", "2"]
    with pytest.raises(SettingsError, match="num_perm is 128; the LSH index takes 64"):
        load_lsh(index, MinHashLSH(num_perm=64))


def test_a_minhash_from_elsewhere_finds_its_like() -> None:
    index = Index()
    index.add([TEXT, "Ganz anderes steht hier zu lesen, und zwar lang.", TEXT + " Und noch etwas."])
    words = TEXT.replace(",", "").replace(".", "").split()
    theirs = MinHash(num_perm=128, seed=1, hashfunc=hash_shingle)
    for start in range(len(words) - 4):
        theirs.update(words[start : start + 5])
    found = index.similar(theirs)
    assert [article_id for article_id, _ in found] == ["0", "2"]
    assert found[0][1] == 1.0 > found[1][1] >= 0.5
    assert index.similar(theirs, jaccard=1.0) == [("0", 1.0)]
    assert Index().similar(theirs) == []
    for other in (MinHash(num_perm=64, seed=1), MinHash(num_perm=128, seed=2), MinHash(num_perm=128, scheme="legacy")):
        with pytest.raises(ValueError, match="as in this index"):
            index.similar(other)


@pytest.mark.skipif(not shutil.which("redis-server"), reason="no redis-server on PATH: apt-get install redis-server")
def test_an_index_fills_an_lsh_in_redis(tmp_path: Path) -> None:
    pytest.importorskip("redis")
    place = str(tmp_path / "redis.sock")
    command = ["redis-server", "--port", "0", "--unixsocket", place, "--save", "", "--dir", str(tmp_path)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        wait_for(Path(place))
        storage = {"type": "redis", "basename": b"dedup", "redis": {"unix_socket_path": place}}
        index, lsh = Index(), MinHashLSH(threshold=0.5, num_perm=128, storage_config=storage)
        index.add([TEXT, "Ganz anderes steht hier zu lesen, und zwar lang.", TEXT.upper()])
        assert load_lsh(index, lsh) == 3
        assert sorted(lsh.query(index.minhash("0"))) == ["0", "2"]
    finally:
        server.terminate()
        server.wait(timeout=10)


def wait_for(place: Path) -> None:
    for _ in range(200):
        if place.exists():
            return
        time.sleep(0.05)
    raise TimeoutError(f"{place} did not appear")


@given(st.integers(1, 6), st.integers(1, 9), st.integers(0, 2**32), st.data())
@settings(max_examples=150, deadline=None)
def test_every_shared_run_of_a_window_is_seen(shingle_words: int, window: int, seed: int, data: st.DataObject) -> None:
    """The guarantee of winnowing: window + shingle_words - 1 words in a row leave a shared fingerprint."""
    rng = random.Random(seed)

    def words(n: int) -> list[str]:
        return [f"w{rng.randrange(10**9)}" for _ in range(n)]

    run = words(window + shingle_words - 1)
    around = [words(data.draw(st.integers(0, 40))) for _ in range(4)]
    texts = [" ".join([*around[0], *run, *around[1]]), " ".join([*around[2], *run, *around[3]])]
    sketches = sketch_texts(
        TextBuffer(texts), shingle_words=shingle_words, num_perm=1, seed=1, fingerprint_window=window
    )
    assert set(sketches.row(0).fingerprints.tolist()) & set(sketches.row(1).fingerprints.tolist())


def test_a_shingle_has_words() -> None:
    with pytest.raises(ValueError, match="at least one word"):
        hash_shingle(["—"])


def test_masked_shingles_are_gone_and_the_rest_is_signed_anew() -> None:
    sketches = sketch([TEXT, TEXT[:50], "eins zwei drei vier fünf"])
    boilerplate = sketches.row(1).shingles
    masked = without(sketches, boilerplate, num_perm=16, seed=1)
    left = np.setdiff1d(sketches.row(0).shingles, boilerplate)
    assert masked.row(0).shingles.tolist() == left.tolist()
    assert masked.row(0).signature.tolist() == sign(left, num_perm=16, seed=1).tolist()
    assert not set(masked.row(0).fingerprints.tolist()) & set(boilerplate.tolist())
    assert masked.row(1).shingles.tolist() == []
    assert (masked.row(1).signature == 2**32 - 1).all()
    assert as_lists(masked)[2] == as_lists(sketches)[2]
    assert without(sketches, boilerplate[:0], num_perm=16, seed=1) is sketches


@given(st.sets(st.integers(0, 40), max_size=20), st.sets(st.integers(0, 40), max_size=20))
def test_overlap(a: set[int], b: set[int]) -> None:
    found = measure(np.array(sorted(a), dtype=np.uint64), np.array(sorted(b), dtype=np.uint64))
    shared = len(a & b)
    assert found.n_shared == shared
    assert found.jaccard == (shared / len(a | b) if a | b else 0)
    assert (found.a_in_b, found.b_in_a) == (shared / len(a) if a else 0, shared / len(b) if b else 0)
