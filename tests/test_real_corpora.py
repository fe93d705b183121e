"""Floors on real corpora, which are copyrighted and not part of this repository: skipped where they are absent.

What is measured, and how, is in `benchmarks.quality`; the floors are in ``benchmarks/quality_floors.json``.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import quality
from benchmarks.edits_quality import MAX_FALSE_RATE, cases, load_languages, run_case
from benchmarks.floors import judge, read_floors
from benchmarks.origins_quality import score_judged, score_silver
from dedup import Article, Duplicates, find_duplicates
from dedup.ingest.files import read_corpus

BARS = {  # what was promised; a floor may lie above it, never below
    "german: found of containment 0.5": 0.97,
    "german: stubs apart": 1.0,
    "german: agrees with 100 copies, seed 501": 0.97,
    "german: agrees with 100 clusters, seed 502": 0.97,
    "german: members that share a passage": 1.0,
    "basil: same event told apart": 1.0,
    "semeval: same story told apart": 0.99,
    "fnc: found of containment 0.5": 0.97,
}


@pytest.mark.parametrize(
    "measure",
    [
        quality.measure_german,
        quality.measure_same_event,
        quality.measure_same_story,
        quality.measure_web,
        quality.measure_wire,
    ],
)
def test_no_floor_is_broken(measure: Callable[[Path], quality.Measured], shared_data: Path) -> None:
    measured = measure(shared_data)
    verdict = judge(measured.shares, read_floors(), update=False)
    assert verdict.holds, verdict.lines
    for name, bar in BARS.items():
        if name in measured.shares:
            assert measured.shares[name] >= bar, name


def test_floors_are_not_below_what_was_promised() -> None:
    floors = read_floors()
    assert all(floors[name] >= bar for name, bar in BARS.items())


LANGUAGES = [
    "ar",
    "cs",
    "de",
    "el",
    "en",
    "es",
    "fi",
    "fr",
    "he",
    "hi",
    "hu",
    "id",
    "it",
    "ja",
    "ko",
    "nl",
    "pl",
    "pt",
    "ro",
    "ru",
    "sv",
    "tr",
    "uk",
    "ur",
    "vi",
    "zh",
]


@pytest.fixture(scope="module")
def german(shared_data: Path) -> Duplicates:
    return find_duplicates(shared_data / "insm_german_news" / "articles.jsonl.gz")


@pytest.fixture(scope="module")
def ntrex(shared_data: Path) -> dict[str, list[list[str]]]:
    """Documents of 26 languages, each as its sentences; the first is the headline."""
    documents: dict[str, list[list[str]]] = {language: [] for language in LANGUAGES}
    for article in read_corpus(shared_data / "ntrex128" / "docs.jsonl.gz"):
        if isinstance(article, Article) and article.metadata["role"] != "english-variant":
            documents[article.language].append(article.text.split("\n"))
    return documents


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_footer_is_learned_in_any_language(language: str, ntrex: dict[str, list[list[str]]]) -> None:
    for first in range(0, 80, 10):
        footer = " ".join(ntrex[language][100 + first // 10][:3])[-350:]
        pages = [
            Article(
                id=str(number),
                title=sentences[0],
                text=" ".join(sentences[1:6]) + f"\n{footer} {footer[::-1]}",
                source="small.example",
            )
            for number, sentences in enumerate(ntrex[language][first : first + 5])
        ]
        assert find_duplicates(pages).matches == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wire_story_is_masked_in_no_language(language: str, ntrex: dict[str, list[list[str]]]) -> None:
    for sentences in ntrex[language][:40:5]:
        body = "\n".join(sentences[2:9])
        leads = [*sentences[9:13], *sentences[:2]]
        pages = [
            Article(
                id=str(number),
                title=sentences[number % 2],
                text=f"{leads[number % len(leads)]}\n{body}",
                source=f"outlet{number}.example",
            )
            for number in range(8)
        ]
        found = find_duplicates(pages)
        assert found.boilerplate == {}
        assert len(found.matches) == 28


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
        duplicates = find_duplicates(shared_data / name, translated=False)
        for match in duplicates.matches:
            a, b = duplicates.articles[match.a].text, duplicates.articles[match.b].text
            assert 0 <= match.jaccard <= max(match.a_in_b, match.b_in_a) <= 1
            for passage in match.passages:
                assert 0 <= passage.a_start < passage.a_end <= len(a)
                assert 0 <= passage.b_start < passage.b_end <= len(b)


def test_the_agency_named_agrees_with_silver_tags(german: Duplicates) -> None:
    rows = {key: article.metadata for key, article in german.articles.items()}
    (n_agreed, n_clusters), (n_same, n_untagged), _ = score_silver(german, rows)
    assert n_clusters >= 350
    assert n_agreed / n_clusters >= 0.98
    assert n_untagged >= 200
    assert n_same / n_untagged >= 0.95


def test_origins_are_those_a_reader_names(german: Duplicates) -> None:
    n_right, n, wrong = score_judged(german)
    assert n == 60
    assert n_right / n >= 0.95, wrong
