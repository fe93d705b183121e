"""What is found with the corpus on disk is what is found in memory, byte for byte; a run that was cut off goes on."""

import gzip
import json
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dedup
from dedup import ArticleError, CorpusError, Settings, SettingsError
from dedup.cli import main
from dedup.spilled.shelf import Parts, Shelf, has_segment, write_segment
from dedup.spilled.sizes import Sizes, choose_sizes, do_in_order
from tests.bridge_rows import ROWS, SENTENCES

SEEDS = Path(__file__).parent.parent / "seeds" / "articles.jsonl"
LIMIT = 2_000_000_000
SMALL = Sizes(texts=7, shingle_parts=3, block_parts=2, key_bits=2, slice_rows=5, n_threads=2)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is done in many pieces, as of a corpus of millions."""
    monkeypatch.setattr("dedup.spilled.choose_sizes", lambda *args, **kwargs: SMALL)
    monkeypatch.setattr("dedup.spilled.table._A_SEGMENT", 10)
    monkeypatch.setattr("dedup.spilled.verifying._PAIRS", 6)
    monkeypatch.setattr("dedup.spilled.verifying._A_SEGMENT", 2)
    monkeypatch.setattr("dedup.spilled.origins._STATED_AT_ONCE", 8)
    monkeypatch.setattr("dedup.spilled.origins._READ_AT_ONCE", 3)
    monkeypatch.setattr("dedup.spilled.origins._MATCHES_AT_ONCE", 4)
    monkeypatch.setattr("dedup.spilled.origins._A_SEGMENT", 2)
    monkeypatch.setattr("dedup.spilled.result._READ_AT_ONCE", 9)


def assert_equal(
    corpus: Any, folder: Path, *, limits: dict[str, Any] | None = None, **options: Any
) -> dedup.Duplicates:
    given = options.pop("settings", {})
    here = dedup.find_duplicates(corpus, on_error="skip", settings=Settings(**given), **options)
    limited = Settings(**given, memory_limit=LIMIT, **(limits or {}))
    there = dedup.find_duplicates(corpus, on_error="skip", settings=limited, **options)
    ours, theirs = here.to_jsonl(folder / "here.jsonl"), there.to_jsonl(folder / "there.jsonl")
    assert theirs.read_bytes() == ours.read_bytes()
    assert there == here
    assert dict(there.boilerplate) == dict(here.boilerplate)
    assert repr(there) == repr(here)
    return there


# -- one truth


@given(st.lists(st.one_of(ROWS, ROWS, ROWS, st.just({"text": " "}), st.just(5)), max_size=40))
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_corpus_gives_the_same_bytes(small: None, tmp_path_factory: Any, rows: list[Any]) -> None:
    assert_equal(rows, tmp_path_factory.mktemp("corpus"), translated=False)


def test_the_sample_world_gives_the_same_bytes_across_languages_too(small: None, tmp_path: Path) -> None:
    found = assert_equal(SEEDS, tmp_path)
    assert {match.kind for match in found.matches} >= {"exact", "near", "excerpt", "translated"}
    assert len(found.clusters) > 20


def test_german_news_gives_the_same_bytes(shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = replace(SMALL, texts=300, slice_rows=400)
    monkeypatch.setattr("dedup.spilled.choose_sizes", lambda *args, **kwargs: sizes)
    with gzip.open(shared_data / "insm_german_news" / "articles.jsonl.gz", "rb") as lines:
        (tmp_path / "german.jsonl").write_bytes(b"".join(islice(lines, 0, None, 6)))
    found = assert_equal(tmp_path / "german.jsonl", tmp_path, translated=False)
    assert len(found.matches) > 50
    assert found.boilerplate
    assert found.alone


def test_crowds_are_the_same(small: None, tmp_path: Path) -> None:
    story = " ".join(SENTENCES[:5])
    rows = [{"text": f"Report number {n} of day {n % 9}. {story}", "source": f"s{n % 11}.example"} for n in range(60)]
    found = assert_equal(rows, tmp_path, translated=False, settings={"max_articles_per_fingerprint": 5})
    assert len(found.clusters[0].articles) == 60


def test_an_empty_corpus_is_no_error(small: None, tmp_path: Path) -> None:
    assert len(assert_equal([], tmp_path).articles) == 0


# -- the result


def test_what_was_found_is_read_from_disk_as_a_report_reads_it(small: None, tmp_path: Path) -> None:
    here = dedup.find_duplicates(SEEDS, translated=False)
    there = dedup.find_duplicates(SEEDS, translated=False, settings=Settings(memory_limit=LIMIT))
    assert not isinstance(there.matches, tuple)
    assert there.matches[3] == here.matches[3]
    assert there.matches[-2:] == tuple(here.matches[-2:])
    assert list(there.articles) == list(here.articles)
    some = next(iter(here.articles))
    assert there.articles[some] == here.articles[some]
    assert some in there.articles
    assert "nobody" not in there.articles
    with pytest.raises(KeyError):
        there.articles["nobody"]
    with pytest.raises(KeyError):
        there.boilerplate["nobody"]
    assert there.sources() == here.sources()
    assert there.to_html(tmp_path / "there.html").read_bytes() == here.to_html(tmp_path / "here.html").read_bytes()
    there.to_site(tmp_path / "there")
    here.to_site(tmp_path / "here")
    for page in (path for path in (tmp_path / "here").rglob("*") if path.is_file()):
        assert (tmp_path / "there" / page.relative_to(tmp_path / "here")).read_bytes() == page.read_bytes()


def test_temporary_files_are_gone_with_the_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    found = dedup.find_duplicates(SEEDS, translated=False, settings=Settings(memory_limit=LIMIT))
    assert list(tmp_path.iterdir())
    matches = found.matches
    del found
    assert matches[0].a
    del matches
    assert not list(tmp_path.iterdir())


# -- going on


class _CutOffError(Exception):
    pass


def run(spill_dir: Path, *, cut_at: int = 0) -> tuple[list[str], dedup.Duplicates | None]:
    """Run, and be cut off at the so-manyth sign of progress; give the steps that were taken."""
    steps: list[str] = []

    def note(step: str, done: int, total: int) -> None:
        steps.append(step)
        if len(steps) == cut_at:
            raise _CutOffError

    limited = Settings(memory_limit=LIMIT, spill_dir=str(spill_dir))
    try:
        return steps, dedup.find_duplicates(SEEDS, translated=False, settings=limited, progress=note)
    except _CutOffError:
        return steps, None


def test_a_run_that_was_cut_off_anywhere_goes_on_and_finds_the_same(small: None, tmp_path: Path) -> None:
    steps, expected = run(tmp_path / "whole")
    assert expected == dedup.find_duplicates(SEEDS, translated=False)
    for cut_at in range(1, len(steps), 17):
        spill_dir = tmp_path / f"cut{cut_at}"
        _, nothing = run(spill_dir, cut_at=cut_at)
        assert nothing is None
        taken, found = run(spill_dir)
        assert found == expected
        if steps[cut_at - 1] in ("verifying", "reading credits", "attributing"):
            assert not _BEFORE_VERIFYING & set(taken)


_BEFORE_VERIFYING = {"reading", "reading shingles", "judging furniture", "sketching", "sorting", "proposing"}


def test_a_run_that_ended_is_read_again_without_work(tmp_path: Path) -> None:
    _, first = run(tmp_path / "spill")
    steps, again = run(tmp_path / "spill")
    assert again == first
    assert not _BEFORE_VERIFYING & set(steps)


def test_what_another_run_left_is_not_used(tmp_path: Path) -> None:
    limits = {"spill_dir": str(tmp_path / "spill")}
    one = assert_equal([{"text": SENTENCES[0]}] * 2, tmp_path, limits=limits)
    assert len(one.matches) == 1
    assert len(assert_equal([{"text": SENTENCES[1]}], tmp_path, limits=limits).matches) == 0
    path = tmp_path / "corpus.jsonl"
    path.write_text(json.dumps({"text": SENTENCES[0]}) + "\n")
    assert len(assert_equal(path, tmp_path, limits=limits).articles) == 1
    path.write_text((json.dumps({"text": SENTENCES[0]}) + "\n") * 2)
    assert len(assert_equal(path, tmp_path, limits=limits).articles) == 2
    found = assert_equal(path, tmp_path, limits=limits, settings={"shingle_words": 40})
    assert found.skipped == {"too short": 2}


def test_a_folder_that_is_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("ten years of work")
    with pytest.raises(SettingsError, match="holds other files"):
        dedup.find_duplicates(SEEDS, settings=Settings(memory_limit=LIMIT, spill_dir=str(tmp_path)))
    assert (tmp_path / "thesis.txt").read_text() == "ten years of work"


# -- errors


@pytest.mark.parametrize("rows", [[{"text": "a b c d e f"}, 5, {"text": " "}], [{"id": 1, "text": "a"}] * 2 + [5]])
def test_the_first_bad_row_ends_the_run(rows: list[Any]) -> None:
    with pytest.raises(ArticleError) as here:
        dedup.find_duplicates(rows)
    with pytest.raises(ArticleError) as there:
        dedup.find_duplicates(rows, settings=Settings(memory_limit=LIMIT))
    assert str(there.value) == str(here.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"nothing\.jsonl"):
        dedup.find_duplicates(tmp_path / "nothing.jsonl", settings=Settings(memory_limit=LIMIT))


def test_a_limit_below_what_the_program_takes_is_refused() -> None:
    with pytest.raises(SettingsError, match="memory_limit is 1000"):
        Settings(memory_limit=1000)


def test_the_command_line_takes_a_limit(tmp_path: Path) -> None:
    arguments = ["find", str(SEEDS), "--no-translated", "-o"]
    whole = CliRunner().invoke(main, [*arguments, str(tmp_path / "here.jsonl")])
    spill = ["--memory-limit", "1.5GB", "--spill-dir", str(tmp_path / "spill")]
    limited = CliRunner().invoke(main, [*arguments, str(tmp_path / "there.jsonl"), *spill])
    assert (whole.exit_code, limited.exit_code) == (0, 0), limited.output
    assert (tmp_path / "there.jsonl").read_bytes() == (tmp_path / "here.jsonl").read_bytes()
    refused = CliRunner().invoke(main, [*arguments, str(tmp_path / "there.jsonl"), "--memory-limit", "much"])
    assert refused.exit_code == 2
    assert "much" in refused.output


# -- shelves


@given(st.lists(st.lists(st.binary(max_size=5), max_size=6), max_size=4), st.data())
@settings(max_examples=50, deadline=None)
def test_records_are_read_by_place(tmp_path_factory: Any, segments: list[list[bytes]], data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("shelf")
    for number, records in enumerate(segments):
        assert write_segment(folder, number, records) == len(records)
        assert has_segment(folder, number)
    everything = [record for records in segments for record in records]
    shelf = Shelf(folder)
    assert len(shelf) == len(everything)
    assert [shelf.read(place) for place in range(len(shelf))] == everything
    places = sorted(data.draw(st.sets(st.sampled_from(range(len(everything))))) if everything else [])
    assert shelf.read_all(np.array(places, dtype=np.int64)) == [everything[place] for place in places]


def test_a_segment_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def records() -> Any:
        yield b"one"
        raise _CutOffError

    with pytest.raises(_CutOffError):
        write_segment(tmp_path, 0, records())
    assert not has_segment(tmp_path, 0)
    assert not list(tmp_path.iterdir())


def test_parts_are_taken_once(tmp_path: Path) -> None:
    parts = Parts(tmp_path / "parts")
    parts.add("a", keys=np.array([1, 2], dtype=np.uint64))
    parts.add("a", keys=np.array([3], dtype=np.uint64))
    assert parts.take("a", keys=np.uint64)[0].tolist() == [1, 2, 3]
    assert parts.take("a", keys=np.uint64)[0].tolist() == []
    parts.add("b", keys=np.array([3], dtype=np.uint64))
    assert Parts(tmp_path / "parts").take("b", keys=np.uint64)[0].tolist() == []


@given(st.lists(st.integers(), max_size=20), st.integers(1, 4))
def test_work_is_given_in_order(items: list[int], n_threads: int) -> None:
    assert list(do_in_order(str, items, n_threads)) == [str(item) for item in items]


def test_less_memory_makes_more_pieces() -> None:
    much, little = (
        choose_sizes(limit, n_characters=3_000_000_000, n_threads=2) for limit in (8_000_000_000, 1_000_000_000)
    )
    assert little.shingle_parts > much.shingle_parts
    assert little.block_parts > much.block_parts
    assert little.key_bits > much.key_bits
    assert little.slice_rows < much.slice_rows
