"""Page furniture is told from news by what stands around it: whole runs on small worlds in several scripts."""

from datetime import UTC, datetime, timedelta

import pytest

from dedup import Index, find_duplicates
from dedup.boilerplate import is_notice
from tests.worlds import ENGLISH, LANGUAGES, Language, page

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

each_language = pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)


@each_language
@pytest.mark.parametrize("n_pages", [3, 4])
def test_a_footer_on_the_few_pages_of_a_small_source(language: Language, n_pages: int) -> None:
    pages = [
        page(number, title, f"{text}\n\n{language.footer} {language.footer[::-1]}", source="small.example")
        for number, (title, text) in enumerate(language.articles[:n_pages])
    ]
    assert find_duplicates(pages).matches == ()


@each_language
def test_a_footer_above_the_text_and_one_without_headlines(language: Language) -> None:
    pages = [
        page(number, "", f"{language.footer}\n{title}. {text} {text[::-1]}", source="small.example")
        for number, (title, text) in enumerate(language.articles)
    ]
    assert find_duplicates(pages).matches == ()


@each_language
def test_a_footer_of_articles_without_a_source(language: Language) -> None:
    pages = [page(n, title, f"{text}\n{language.footer}") for n, (title, text) in enumerate(language.articles)]
    assert find_duplicates(pages).matches == ()


def test_a_footer_with_another_date_on_each_page() -> None:
    days = ("Monday, 2 March", "Tuesday, 3 March", "Friday, 6 March", "Sunday, 8 March")
    first, last = ENGLISH.footer[:180], ENGLISH.footer[180:]
    pages = [
        page(number, title, f"{text}\n{first} Printed on {day} 2026 {last}", source="small.example")
        for number, ((title, text), day) in enumerate(zip(ENGLISH.articles, days, strict=True))
    ]
    assert find_duplicates(pages).matches == ()


def test_a_stub_with_a_date_in_it_is_boilerplate_only() -> None:
    first, last = ENGLISH.footer[:180], ENGLISH.footer[180:]
    pages = [
        page(number, title, f"{first} on page {number} of 2026 {last}", source="small.example")
        for number, (title, _) in enumerate(ENGLISH.articles)
    ]
    found = find_duplicates(pages)
    assert found.matches == ()
    assert found.skipped == {"boilerplate only": 4}


def test_the_notice_of_a_system_that_many_sources_use() -> None:
    subjects = [*ENGLISH.articles, *LANGUAGES["de"].articles]
    pages = [
        page(number, title, f"{text}\n{ENGLISH.footer}", source=f"outlet{number}.example")
        for number, (title, text) in enumerate(subjects)
    ]
    assert find_duplicates(pages, translated=False).matches == ()  # the worlds tell some stories in both languages


@each_language
def test_copies_are_found_under_the_footers_of_two_sources(language: Language) -> None:
    pages = [
        page(10 * source + number, title, f"{text}\n{footer}", source=f"source{source}.example")
        for source, footer in enumerate((language.footer, language.footer[::-1]))
        for number, (title, text) in enumerate(language.articles)
    ]
    found = find_duplicates(pages)
    assert {(m.a, m.b) for m in found.copies} == {(f"{number:03}", f"{10 + number:03}") for number in range(4)}
    assert min(m.containment for m in found.copies) > 0.85, "but for the shingles that straddle its edge"
    text = found.articles["000"].text
    ((start, end),) = found.boilerplate["000"]
    assert text[start:end].strip(".。 ") in language.footer
    assert end - start > 0.9 * len(language.footer)


def headlines(title: str, n: int) -> list[str]:
    return [f"{title} ({number})" if number % 3 else title for number in range(n)]


@each_language
@pytest.mark.parametrize("n_outlets", [4, 12])
def test_a_wire_story_of_many_outlets_is_not_masked(language: Language, n_outlets: int) -> None:
    title, text = language.articles[0]
    leads = [other_text[:40] for _, other_text in language.articles]
    pages = [
        page(number, headline, text if number % 2 else f"{title} {leads[0]}\n{text}", source=f"outlet{number}.example")
        for number, headline in enumerate(headlines(title, n_outlets))
    ]
    found = find_duplicates(pages)
    assert len(found.copies) == n_outlets * (n_outlets - 1) // 2
    assert found.boilerplate == {}


@each_language
def test_a_wire_story_without_sources_and_headlines_is_not_masked(language: Language) -> None:
    _, text = language.articles[1]
    pages = [page(number, "", text + " " + language.articles[0][0] * (number % 2)) for number in range(6)]
    assert len(find_duplicates(pages).copies) == 15


@each_language
def test_revisions_of_one_source_are_not_masked(language: Language) -> None:
    title, text = language.articles[2]
    pages = [
        page(n, title, text + " " + language.articles[0][1][: 30 * n], source="one.example", published=NOON)
        for n in range(4)
    ]
    found = find_duplicates(pages)
    assert [m.relation for m in found.matches] == ["revision"] * 6
    assert found.boilerplate == {}
    assert len(found.clusters) == 1


def test_a_release_that_one_source_prints_three_times_stays_news() -> None:
    """Each time in a digest around other items; the headlines of the others know the text."""
    title, release = ENGLISH.articles[0]
    digests = [f"{text}\n{release}" for _, text in ENGLISH.articles[1:]]
    pages = [page(n, f"Digest {n}", digest, source="digest.example") for n, digest in enumerate(digests)]
    pages += [page(n, title, release, source=f"outlet{n}.example") for n in range(10, 14)]
    found = find_duplicates(pages)
    copies = {(m.a, m.b) for m in found.copies}
    assert {("010", "011"), ("012", "013"), ("000", "010"), ("002", "013")} <= copies


@pytest.mark.parametrize(
    "notice",
    [
        "We are sorry, but we recorded a huge number of connections from your IP address. Prove that you are a person.",
        "Przykro nam, ale z adresu IP, z którego się łączysz, odnotowaliśmy ogromną liczbę połączeń w ciągu godziny.",
        "我们注意到您正在屏蔽广告。请关闭广告拦截器，继续支持我们的新闻工作，或者购买订阅以便阅读所有的文章。",
    ],
)
def test_a_page_that_is_a_notice_is_no_article(notice: str) -> None:
    assert is_notice(notice)
    found = find_duplicates([notice] * 3 + [text for _, text in ENGLISH.articles])
    assert found.matches == ()
    assert found.skipped == {"boilerplate only": 3}


def test_adding_in_batches_masks_what_one_run_masks() -> None:
    language = ENGLISH
    pages = [
        page(
            number, title, f"{text}\n{language.footer}", source="small.example", published=NOON + timedelta(days=number)
        )
        for number, (title, text) in enumerate(language.articles)
    ]
    index = Index()
    for article in reversed(pages):
        index.add([article])
    assert index.duplicates() == find_duplicates(pages)
    comparison = index.compare("000", "001")
    assert comparison.n_boilerplate_a > 40
    assert comparison.n_shared == 0


def test_a_series_of_one_source_is_its_own_words() -> None:
    """The same frame on many days, other words in it: no news, whatever stands around it."""
    frame = LANGUAGES["de"].articles[0][1]
    pages = [
        page(n, "Fähre nach Norderhall", f"{frame} Heute {n * 17} Fahrgäste.", source="one.example",
             published=NOON + timedelta(days=n))
        for n in range(8)
    ]  # fmt: skip
    assert find_duplicates(pages).copies == ()
