"""The ground of the scaling benchmark: its corpus is as described, its truth stays beside it, its counts are right."""

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from benchmarks import corpus as corpus_module
from benchmarks import scale_corpus as scale_module
from benchmarks.exact import split_words
from benchmarks.rare_words import KERNEL_WORDS, OpenWriter, draw_rare_words, rare_share, spell
from benchmarks.scale import Sample, by_stage, fit_exponents, read_bytes, table
from benchmarks.scale_corpus import (
    ARTICLES_A_DAY,
    KINDS,
    START,
    KnownPairs,
    iterate_batches,
    numbers_of,
    read_known_pairs,
    recall,
    recall_by_kind,
    truth_path,
    write_scale_corpus,
)
from benchmarks.scale_run import run
from benchmarks.vocabulary import make_vocabulary
from benchmarks.writing import POOL_WORDS

N = 600
Row = dict[str, object]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scale") / "small.parquet"
    write_scale_corpus(path, N, seed=7)
    return path


@pytest.fixture
def small_batches() -> Iterator[None]:
    """Batches of 50 articles, so that a test sees several."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(corpus_module, "BATCH_ARTICLES", 50)
        patch.setattr(scale_module, "BATCH_ARTICLES", 50)
        yield


def rows_of(path: Path) -> dict[str, Row]:
    return {row["id"]: row for row in pq.read_table(path).to_pylist()}


def test_the_same_seed_gives_the_same_corpus_and_another_seed_another(small: Path, tmp_path: Path) -> None:
    again, other = tmp_path / "again.parquet", tmp_path / "other.parquet"
    write_scale_corpus(again, N, seed=7)
    write_scale_corpus(other, N, seed=8)
    assert pq.read_table(again).equals(pq.read_table(small))
    assert pq.read_table(truth_path(again)).equals(pq.read_table(truth_path(small)))
    assert not {row["text"] for row in rows_of(other).values()} & {row["text"] for row in rows_of(small).values()}


@pytest.mark.usefixtures("small_batches")
def test_a_longer_corpus_begins_with_a_shorter_one() -> None:
    short, long = list(iterate_batches(100, seed=1)), list(islice(iterate_batches(10_000_000, seed=1), 3))
    for one, other in zip(short, long[:2], strict=True):
        assert one.articles.equals(other.articles)
        assert one.truth.equals(other.truth)
    families = [set(batch.truth["family"].to_pylist()) - {-1} for batch in long]
    assert not families[0] & families[1]
    assert not families[1] & families[2]


def test_no_truth_is_in_what_a_detector_reads(small: Path) -> None:
    assert pq.read_schema(small).names == ["id", "text", "title", "source", "url", "published"]
    assert pq.read_table(truth_path(small))["id"].to_pylist() == pq.read_table(small)["id"].to_pylist()
    ids = pq.read_table(small)["id"].to_pylist()
    assert ids == sorted(ids)
    assert numbers_of(ids).tolist() == list(range(N))


def test_the_corpus_is_as_described(small: Path) -> None:
    articles, truth = rows_of(small), rows_of(truth_path(small))
    in_families = [row for row in truth.values() if row["family"] != -1]
    assert len(in_families) == round(0.3 * N)
    assert {row["kind"] for row in truth.values()} == {"single", "original", *KINDS}
    assert 350 < np.mean([len(split_words(str(row["text"]))) for row in articles.values()]) < 520
    last = max(row["published"] for row in articles.values())  # type: ignore[type-var]
    assert START < last < START + timedelta(days=N / ARTICLES_A_DAY + 7)  # type: ignore[operator]
    assert len({row["source"] for row in articles.values()}) > 100
    assert any(str(row["text"]).endswith(")") for row in articles.values()), "nobody credits an agency"


def test_a_copy_is_printed_later_by_another_outlet_and_shares_text_with_what_it_was_made_from(small: Path) -> None:
    articles, truth = rows_of(small), rows_of(truth_path(small))
    copies = [row for row in truth.values() if row["made_from"]]
    assert len(copies) > 60
    for row in copies:
        copy, model = articles[str(row["id"])], articles[str(row["made_from"])]
        assert truth[str(row["made_from"])]["family"] == row["family"]
        assert copy["source"] != model["source"]
        assert copy["published"] >= model["published"]  # type: ignore[operator]
        assert 0 <= float(str(row["edited"])) <= 0.3
        words = [set(split_words(str(one["text"]))) for one in (copy, model)]
        assert len(words[0] & words[1]) > 0.2 * min(map(len, words))


def test_families_are_mostly_pairs_and_known_pairs_few() -> None:
    (batch,) = iterate_batches(3_000, seed=3)
    families = np.array(batch.truth["family"].to_pylist())
    sizes = np.unique(families[families >= 0], return_counts=True)[1]
    assert (sizes == 2).mean() > 0.5
    assert sizes.max() <= 100
    assert (sizes * (sizes - 1) / 2).sum() <= 0.8 * len(families)


def test_words_never_end() -> None:
    writer = OpenWriter(make_vocabulary(1, n_words=KERNEL_WORDS), np.random.default_rng(1))
    counts = []
    seen: set[str] = set()
    for _ in range(4):
        seen |= set(split_words(writer.print(writer.write(50_000), 0)))
        counts.append(len(seen))
    assert counts[0] > KERNEL_WORDS / 2
    assert counts[3] > 1.6 * counts[0]  # Heaps: 4 ** 0.5 is 2
    assert counts[3] > KERNEL_WORDS


def test_rare_words_are_drawn_beyond_the_kernel_by_the_square_of_their_rank() -> None:
    rare = draw_rare_words(1_000, np.random.default_rng(1))
    assert len(rare.places) / POOL_WORDS == pytest.approx(rare_share(1_000), rel=0.02)
    assert rare.ranks.min() >= 1_000
    assert (rare.ranks >= 10_000).mean() == pytest.approx(0.1, abs=0.01)
    assert len(rare.chosen) == len(rare.places)
    assert rare.chosen.max() == len(rare.ranks) - 1


def test_a_rank_has_one_word_and_different_ranks_mostly_different_ones() -> None:
    ranks = np.arange(6_000, 60_000)
    words = spell(ranks)
    assert words.tolist() == spell(ranks).tolist()
    assert len(set(words)) > 0.98 * len(words)
    assert all(word[0].isupper() and word.isalpha() for word in words)


def test_known_pairs_are_counted_by_kind() -> None:
    known = KnownPairs(np.array([[0, 4], [1, 2], [2, 9], [3, 5]]), np.array([0, 1, 1, 3], dtype=np.uint8))
    counts = recall_by_kind(known, np.array([4, 9, 7]), np.array([0, 2, 8]))
    assert counts == {"exact": (1, 1), "edited": (1, 2), "excerpt": (0, 0), "embedded": (0, 1)}
    assert recall(counts) == 0.5
    nothing = np.zeros(0, dtype=np.int64)
    assert recall(recall_by_kind(known, nothing, nothing)) == 0
    assert recall(recall_by_kind(KnownPairs(nothing.reshape(0, 2), nothing.astype(np.uint8)), nothing, nothing)) == 1


def test_the_truth_names_every_copy_and_what_it_was_made_from(small: Path) -> None:
    known, truth = read_known_pairs(truth_path(small)), rows_of(truth_path(small))
    made = {
        tuple(sorted((int(str(row["id"])[1:]), int(str(row["made_from"])[1:])))): row["kind"]
        for row in truth.values()
        if row["made_from"]
    }
    named = [KINDS[kind] for kind in known.kinds.tolist()]
    assert dict(zip(map(tuple, known.pairs.tolist()), named, strict=True)) == made


def test_a_run_tells_its_stages_and_finds_nearly_all_known_copies(small: Path, tmp_path: Path) -> None:
    run(small, tmp_path / "run", settings={"threshold": 0.4}, jsonl=True)
    figures = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    pairs = np.load(tmp_path / "run.npy")
    assert len(pairs) == figures["n_matches"]
    assert recall(recall_by_kind(read_known_pairs(truth_path(small)), pairs[:, 0], pairs[:, 1])) > 0.95
    names = [stage for stage, _, _ in figures["marks"]]
    assert names[0] == "reading"
    assert names[-2:] == ["reading the result", "end"]
    assert {"after sketching", "verifying", "attributing"} <= set(names)
    assert len(figures["sha256"]) == 64
    assert figures["peak_bytes"] > 10**7


def test_stages_and_sizes_are_summed_up() -> None:
    stages = by_stage([("a", 0.0, 0.0), ("b", 1.0, 1.0), ("end", 3.0, 5.0)], [Sample(0.5, 7), Sample(2.0, 9)])
    assert stages["a"] == {"wall_s": 1.0, "cpu_s": 1.0, "peak_bytes": 7}
    assert stages["b"] == {"wall_s": 2.0, "cpu_s": 4.0, "peak_bytes": 9}
    ok = {"status": "ok", "peak_bytes_together": 10**9, "recall": 1.0, "stages": {"a": {"cpu_s": 1.0}}}
    runs = [
        {**ok, "n_articles": n, "wall_s": n / 100, "cpu_s": n**2 / 1e4, "peak_bytes": n, "n_matches": n}
        for n in (100, 1_000)
    ]
    fitted = fit_exponents([*runs, {"status": "killed", "n_articles": 10_000}])
    assert fitted["wall_s"] == pytest.approx(1)
    assert fitted["cpu_s"] == pytest.approx(2)
    assert fitted["stages"]["a"] == pytest.approx(0)
    shown = table({"sizes": [*runs, {"status": "killed", "n_articles": 10_000}], "exponents": fitted})
    assert "| 1,000 | 10.0 | 100.0 | 1,000 | 1,000 | 1.0000 | 1.0 |" in shown
    assert shown.endswith("10,000: killed")


def test_a_memory_limit_is_read_with_its_unit() -> None:
    assert (read_bytes("2GB"), read_bytes("500mb"), read_bytes("1024")) == (2 * 10**9, 5 * 10**8, 1024)
