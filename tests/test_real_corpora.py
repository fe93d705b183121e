"""Floors on real corpora, which are copyrighted and not part of this repository: skipped where they are absent."""

from pathlib import Path

import pytest

from benchmarks.edits_quality import MAX_FALSE_RATE, cases, load_languages, run_case
from benchmarks.quality import score_overlap
from dedup import Duplicates, find_duplicates


@pytest.fixture(scope="module")
def german(shared_data: Path) -> Duplicates:
    return find_duplicates(shared_data / "insm_german_news" / "articles.jsonl.gz")


@pytest.mark.parametrize("containment", [0.8, 0.5])
def test_german_copies_across_publishers_are_found(german: Duplicates, shared_data: Path, containment: float) -> None:
    score = score_overlap(german, shared_data / "insm_german_news" / "overlap_pairs.tsv", containment)
    assert score.n >= 190
    assert score.share >= 0.97


def test_the_paywall_stub_of_one_source_is_no_match(german: Duplicates) -> None:
    """136 articles of SPIEGEL are one stub with different teasers: 9,180 pairs for whoever does not mask it."""
    spiegel = {article.id for article in german.articles.values() if article.metadata["publisher"] == "SPIEGEL"}
    within = [match for match in german.matches if match.a in spiegel and match.b in spiegel]
    assert len(within) < 150


def test_independent_reports_of_one_event_are_no_copies(shared_data: Path) -> None:
    duplicates = find_duplicates(shared_data / "basil_same_event" / "docs.jsonl")
    events = {article.id: article.metadata["event"] for article in duplicates.articles.values()}
    assert [match for match in duplicates.matches if events[match.a] == events[match.b]] == []


@pytest.mark.parametrize(
    ("edit", "strength"), [("word edits", 0.3), ("OCR noise", 0.05), ("excerpt in 1,500 words", 100)]
)
def test_edited_copies_are_found_in_every_language(shared_data: Path, edit: str, strength: float) -> None:
    languages = load_languages(shared_data, n_articles=20)
    assert len(languages) >= 26
    (case,) = (case for case in cases() if (case.edit, case.strength) == (edit, strength))
    outcome = run_case(case, languages)
    assert outcome.recall >= 0.99
    assert outcome.false_rate <= MAX_FALSE_RATE


def test_any_real_corpus_goes_through(shared_data: Path) -> None:
    for name in ("reuters21578_part/docs.jsonl", "ntrex128/docs.jsonl.gz"):
        duplicates = find_duplicates(shared_data / name)
        for match in duplicates.matches:
            a, b = duplicates.articles[match.a].text, duplicates.articles[match.b].text
            assert 0 <= match.jaccard <= max(match.a_in_b, match.b_in_a) <= 1
            for passage in match.passages:
                assert 0 <= passage.a_start < passage.a_end <= len(a)
                assert 0 <= passage.b_start < passage.b_end <= len(b)
