"""The Spark engine finds what the local engine finds, byte for byte."""

import gzip
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dedup
from dedup import ArticleError, CorpusError, Settings
from dedup.cli import main
from dedup.errors import EngineError
from dedup.pairs import find_pairs

pyspark = pytest.importorskip("pyspark", reason="pyspark is not installed: pip install 'dedup[spark]'")
if shutil.which("java") is None:
    pytest.skip("there is no Java here, which Spark runs on", allow_module_level=True)

from dedup import distributed  # noqa: E402
from dedup.distributed import submit  # noqa: E402
from dedup.distributed.components import find_components  # noqa: E402
from tests.bridge_rows import ROWS, SENTENCES  # noqa: E402

# pyspark warns of pandas 3, which is not used here, and leaves its sockets to the garbage collector
pytestmark = [
    pytest.mark.filterwarnings("ignore::FutureWarning:pyspark"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:pyspark"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

SEEDS = Path(__file__).parent.parent / "seeds" / "articles.jsonl"


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    session = distributed.open_session("local[2]", memory="1g")
    session.conf.set("spark.sql.shuffle.partitions", "4")
    yield session
    session.stop()


def assert_equal(path: Path, folder: Path, **options: Any) -> dedup.Duplicates:
    here = dedup.find_duplicates(path, on_error="skip", **options)
    there = distributed.find_duplicates(path, on_error="skip", **options)
    ours, theirs = here.to_jsonl(folder / "here.jsonl"), there.to_jsonl(folder / "there.jsonl")
    assert theirs.read_bytes() == ours.read_bytes()
    assert there.boilerplate == here.boilerplate
    return there


def write_lines(path: Path, rows: list[Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


# -- one truth


@given(st.lists(st.one_of(ROWS, ROWS, ROWS, st.just({"text": " "}), st.just(5)), max_size=40))
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_corpus_gives_the_same_bytes(spark: Any, tmp_path_factory: Any, rows: list[Any]) -> None:
    folder = tmp_path_factory.mktemp("corpus")
    assert_equal(write_lines(folder / "corpus.jsonl", rows), folder, translated=False)


def test_the_sample_world_gives_the_same_bytes_across_languages_too(spark: Any, tmp_path: Path) -> None:
    found = assert_equal(SEEDS, tmp_path)
    assert {match.kind for match in found.matches} >= {"exact", "near", "excerpt", "translated"}
    assert len(found.clusters) > 20


def test_german_news_gives_the_same_bytes(spark: Any, shared_data: Path, tmp_path: Path) -> None:
    with gzip.open(shared_data / "insm_german_news" / "articles.jsonl.gz", "rb") as lines:
        (tmp_path / "german.jsonl").write_bytes(b"".join(islice(lines, 0, None, 6)))
    found = assert_equal(tmp_path / "german.jsonl", tmp_path, translated=False)
    assert len(found.matches) > 50
    assert found.boilerplate


def test_crowds_are_the_same(spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dedup.distributed.verifying._MOST_PAIRS", 0)  # components by Spark, too
    story = " ".join(SENTENCES[:7])
    rows = [{"text": f"Report number {n} of day {n % 9}. {story}", "source": f"s{n % 11}.example"} for n in range(60)]
    rows += [{"text": f"{word * 9} {SENTENCES[13]} {word}", "source": "storm.example"} for word in ("a ", "b ", "c ")]
    path = write_lines(tmp_path / "crowd.jsonl", rows)
    found = assert_equal(path, tmp_path, translated=False, settings=Settings(max_articles_per_fingerprint=5))
    assert len(found.clusters[0].articles) == 60


# -- reading


def test_parquet_and_folders_are_read_as_files_are(spark: Any, tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [json.loads(line) for line in SEEDS.read_text(encoding="utf-8").splitlines()][:60]
    rows = [{name: row[name] for name in ("id", "text", "title", "source", "published") if name in row} for row in rows]
    pq.write_table(pa.Table.from_pylist([*rows, rows[0]]), tmp_path / "all.parquet", row_group_size=9)
    found = assert_equal(tmp_path / "all.parquet", tmp_path, translated=False)
    assert found.skipped["duplicate id"] == 1
    (tmp_path / "parts").mkdir()
    write_lines(tmp_path / "parts" / "1.jsonl", rows[:30])
    pq.write_table(pa.Table.from_pylist([*rows[30:], rows[0]]), tmp_path / "parts" / "2.parquet")
    assert distributed.find_duplicates(tmp_path / "parts", on_error="skip", translated=False) == found


def test_bad_rows_are_named_as_ever(spark: Any, tmp_path: Path) -> None:
    text = " ".join(SENTENCES[:3])
    lines = [json.dumps({"text": f"{n} {text}"}) for n in range(1_500)]
    lines[1_200:1_200] = ["", "{broken", json.dumps({"text": 3})]
    (tmp_path / "bad.jsonl").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ArticleError) as here:
        dedup.find_duplicates(tmp_path / "bad.jsonl")
    with pytest.raises(ArticleError) as there:
        distributed.find_duplicates(tmp_path / "bad.jsonl")
    assert str(there.value) == str(here.value)
    assert "line 1202" in str(there.value)


@pytest.mark.parametrize("name", ["none.jsonl", "words.csv", "broken.parquet", "torn.jsonl.gz"])
def test_a_corpus_that_cannot_be_read_is_one_error(spark: Any, tmp_path: Path, name: str) -> None:
    (tmp_path / "words.csv").write_text("text\nwords\n")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1")
    packed = gzip.compress(b"".join(json.dumps({"text": f"{n} words"}).encode() + b"\n" for n in range(9_000)))
    (tmp_path / "torn.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(CorpusError, match=name):
        distributed.find_duplicates(tmp_path / name, translated=False)


def test_a_corpus_without_articles_has_no_copies(spark: Any, tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("\n")
    assert distributed.find_duplicates(tmp_path / "empty.jsonl").articles == {}


# -- components


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=30))
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
def test_components(spark: Any, edges: list[tuple[int, int]]) -> None:
    found = find_components(spark.createDataFrame(edges, "a long, b long")).collect()
    parents = {node: node for edge in edges for node in edge}

    def root(node: int) -> int:
        return node if parents[node] == node else root(parents[node])

    for a, b in edges:
        low, high = sorted((root(a), root(b)))
        parents[high] = low
    assert sorted((row["node"], row["name"]) for row in found) == sorted((node, root(node)) for node in parents)


# -- the quick way, the doors


def test_the_quick_way_finds_the_same_pairs(spark: Any, tmp_path: Path) -> None:
    texts = [json.loads(line)["text"] for line in SEEDS.read_text(encoding="utf-8").splitlines()]
    rows = [{"text": text} for text in [*texts, *(text.upper() for text in texts[::3])]]
    path = write_lines(tmp_path / "texts.jsonl", rows)
    for excerpts in (False, True):
        here = find_pairs([row["text"] for row in rows], excerpts=excerpts)
        there = distributed.find_pairs(path, excerpts=excerpts)
        assert there.rows.tolist() == here.rows.tolist()
        assert there.jaccard.tolist() == here.jaccard.tolist()
        assert there.a_in_b.tolist() == here.a_in_b.tolist()
        assert there.crowded == here.crowded
        assert len(there.rows) > 40


def test_texts_of_parquet_are_those_of_lines(spark: Any, tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [json.loads(line) for line in SEEDS.read_text(encoding="utf-8").splitlines()]
    rows = [{name: row[name] for name in ("id", "text", "title")} for row in rows]
    rows[10:10] = [{"id": "first", "text": " "}, {"id": "first", "text": rows[0]["text"]}, rows[0]]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "texts.parquet", row_group_size=50)
    there = distributed.find_pairs(tmp_path / "texts.parquet")
    assert there.rows.tolist() == distributed.find_pairs(write_lines(tmp_path / "texts.jsonl", rows)).rows.tolist()
    assert [0, 11] in there.rows.tolist()
    assert not set(there.rows.reshape(-1).tolist()) & {10, 12}


def test_a_corpus_that_has_changed_is_read_again(spark: Any, tmp_path: Path) -> None:
    texts = [SENTENCES[0], SENTENCES[0].upper(), SENTENCES[5], SENTENCES[0]]
    for turn in (texts, texts[::-1]):
        path = write_lines(tmp_path / "texts.jsonl", [{"text": text} for text in turn])
        assert distributed.find_pairs(path).rows.tolist() == find_pairs(turn).rows.tolist()


def test_the_verb_and_spark_submit_write_what_the_local_engine_does(spark: Any, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "few.jsonl", [{"text": SENTENCES[0]}, {"text": SENTENCES[0].upper()}, {"text": ""}])
    found = {}
    for engine in ("local", "spark:local[2]"):
        out = tmp_path / f"{engine[:5]}.jsonl"
        said = CliRunner().invoke(main, ["find", str(path), "--skip-bad-rows", "--engine", engine, "-o", str(out)])
        assert said.exit_code == 0, said.output
        found[engine] = out.read_bytes()
    submit.main([str(path), "--skip-bad-rows", "-o", str(tmp_path / "submitted.jsonl")])
    assert found["local"] == found["spark:local[2]"] == (tmp_path / "submitted.jsonl").read_bytes()
    assert b'"exact"' in found["local"]


def test_an_unknown_engine_is_refused(tmp_path: Path) -> None:
    said = CliRunner().invoke(main, ["find", "corpus.jsonl", "--engine", "flink"])
    assert said.exit_code == 2
    assert "'flink' is no engine" in said.output


def test_the_page_on_spark_runs(spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (SEEDS.parent.parent / "docs" / "spark.md").read_text(encoding="utf-8")
    (tmp_path / "seeds").symlink_to(SEEDS.parent)
    monkeypatch.chdir(tmp_path)
    for code in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(compile(code, "spark.md", "exec"), {})


def test_dedup_alone_loads_no_spark() -> None:
    code = "import sys, dedup, dedup.cli, dedup.distributed; dedup.find_duplicates; assert 'pyspark' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


# -- what is missing is said


def test_without_java_there_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    from pyspark.sql import SparkSession

    monkeypatch.setattr(SparkSession, "getActiveSession", lambda: None)
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(EngineError, match="Java 17"):
        distributed.open_session()
