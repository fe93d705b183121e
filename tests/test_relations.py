"""Copies, templates and shared quotes are told apart: whole runs on invented texts in several scripts."""
# ruff: noqa: E501  a letter of Chinese counts as two

from datetime import UTC, datetime, timedelta

import pytest

from dedup import Article, Index, Match, find_duplicates
from dedup.kernels import rests
from dedup.kernels.buffers import encode
from dedup.rarity import units_of
from dedup.relations import mark_words
from tests.worlds import ENGLISH, GERMAN, LANGUAGES, Language, page

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

FRAMES = {  # daily figures: the numbers change, the words stay
    "en": "The health office reported {} new infections within a day. A week before there were {}. The rate stands at {}"
    " per 100,000 inhabitants, after {} on the day before. In total {} people have been infected since the outbreak"
    " began, and {} have died. The number of those who recovered is put at {}.",
    "de": "Das Gesundheitsamt meldete binnen eines Tages {} neue Ansteckungen. Vor einer Woche waren es {} gewesen. Der"
    " Wert liegt nun bei {} je 100.000 Einwohner, nach {} am Tag zuvor. Insgesamt haben sich {} Menschen angesteckt,"
    " {} von ihnen starben. Die Zahl der Genesenen gab das Amt mit {} an.",
    "ru": "За сутки управление сообщило о {} новых случаях заражения. Неделю назад их было {}. Показатель составляет {}"
    " на 100 000 жителей, днём ранее он равнялся {}. Всего с начала вспышки заразились {} человек, умерли {}. Число"
    " выздоровевших оценивается в {} человек.",
    "ar": "أعلنت دائرة الصحة تسجيل {} إصابة جديدة خلال يوم واحد. قبل أسبوع كان العدد {} إصابة. يبلغ المعدل {} لكل مئة ألف"
    " نسمة بعد أن كان {} في اليوم السابق. أصيب منذ بدء التفشي {} شخصا وتوفي {} منهم. ويقدر عدد المتعافين بنحو {} شخصا.",
    "hi": "स्वास्थ्य कार्यालय ने एक दिन में {} नए मामले बताए। एक सप्ताह पहले यह संख्या {} थी। दर अब प्रति लाख {} है, जो एक दिन पहले {}"
    " थी। अब तक कुल {} लोग संक्रमित हुए हैं और {} की मृत्यु हुई है। ठीक होने वालों की संख्या {} बताई गई है।",
    "zh": "卫生局通报一天之内新增病例{}例，一周之前为{}例。目前每十万居民的发病率为{}，前一天为{}。疫情开始以来共有{}人感染，其中{}人死亡，"
    "康复人数约为{}人。",
    "ja": "保健所は一日で新たに{}人の感染を確認したと発表した。一週間前は{}人だった。人口十万人あたりの数は{}で、前日は{}だった。これまでに合わせて{}人が"
    "感染し、{}人が死亡した。回復した人は{}人とされる。",
}  # fmt: skip
MONDAY = ("1511", "1987", "83", "91", "20417", "306", "18200")
TUESDAY = ("2264", "2150", "79", "87", "22681", "319", "18950")
DEVANAGARI = str.maketrans("0123456789", "०१२३४५६७८९")


def figures(language: str, numbers: tuple[str, ...]) -> str:
    """The day's figures, and the standing explanation below them."""
    text = FRAMES[language].format(*numbers)
    return f"{text}\n{FRAMES[language].replace('{}', '')}"


def the_match(*articles: Article) -> Match:
    (match,) = find_duplicates(articles).matches
    return match


@pytest.mark.parametrize("language", FRAMES)
def test_daily_figures_of_two_outlets_are_a_template(language: str) -> None:
    monday, tuesday = (figures(language, numbers) for numbers in (MONDAY, TUESDAY))
    if language == "hi":
        monday, tuesday = monday.translate(DEVANAGARI), tuesday.translate(DEVANAGARI)
    for published in (None, NOON):
        one = page(1, "", monday, source="one.example", published=published)
        other = page(2, "", tuesday, source="other.example", published=published and published + timedelta(days=1))
        assert the_match(one, other).relation == "template"
        assert find_duplicates([one, other]).clusters == ()


@pytest.mark.parametrize("language", FRAMES)
def test_the_same_figures_of_two_outlets_are_a_copy(language: str) -> None:
    text = figures(language, MONDAY)
    rounded = figures(language, ("1500", *MONDAY[1:]))
    one = page(1, "", text, source="one.example", published=NOON)
    assert the_match(one, page(2, "", text, source="other.example", published=NOON)).relation == "copy"
    assert the_match(one, page(2, "", rounded, source="other.example", published=NOON)).relation == "copy"


def test_a_corrected_toll_of_one_outlet_is_a_revision() -> None:
    title, text = ENGLISH.articles[0]
    early = page(1, title, f"{text} Rescuers counted 12 injured by noon.", source="one.example", published=NOON)
    late = page(2, title, f"{text} Rescuers counted 17 injured by noon.", source="one.example", published=NOON)
    assert the_match(early, late).relation == "revision"


def test_background_that_one_outlet_uses_again_is_no_revision() -> None:
    background = f"{ENGLISH.articles[0][1]} The town has asked the ministry for a second boat."
    one = page(
        1, "Islanders angry", f"{TOLD_BY_ONE} {STATEMENT} {ENGLISH.articles[1][1]} {background}", source="one.example"
    )
    later = f"{TOLD_BY_OTHER} {ENGLISH.articles[2][1]} {ENGLISH.articles[3][1]} {background}"
    match = the_match(one, page(2, "Director explains", later, source="one.example"))
    assert (match.kind, match.relation) == ("excerpt", "template")
    assert the_match(one, page(2, "Director explains", later, source="other.example")).relation == "copy"
    update = page(2, "Islanders angry", f"{STATEMENT} {ENGLISH.articles[1][1]} {background}", source="one.example")
    assert the_match(one, update).relation == "revision"


def test_dividends_of_two_companies_are_a_template() -> None:
    """A brief without a sentence: its headline is all that tells."""
    first = page(1, "Meridian Holdings sets regular payout", "Qtly div 17 cts vs 17 cts prior\nPay April 1\nRecord March 20",
                 source="wire.example", published=NOON)  # fmt: skip
    other = page(2, "Corvane Instruments declares dividend", "Qtly div 17 cts vs 17 cts prior\nPay April 1\nRecord March 27",
                 source="wire.example", published=NOON + timedelta(days=2))  # fmt: skip
    match = the_match(first, other)
    assert match.relation == "template"
    assert find_duplicates([first, other]).clusters == ()


STARS = (
    "Venus is kind to you this week, so trust your first impulse and do not let others hurry you. In love, a small"
    " gesture counts for more than words. At work, somebody is waiting for an answer that only you can give."
)


def test_a_horoscope_and_a_page_on_the_same_form_are_a_template() -> None:
    lion = page(1, "Leo: courage at the harbour", f"{ENGLISH.articles[0][1][:120]}. {STARS}", source="one.example")
    fish = page(2, "Pisces: patience with bees", f"{ENGLISH.articles[2][1][:120]}. {STARS}", source="other.example")
    assert the_match(lion, fish).relation == "template"


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_a_notice_that_two_pages_share_is_a_template(language: Language) -> None:
    (title_a, text_a), (title_b, text_b) = language.articles[:2]
    one = page(1, title_a, f"{text_a[:60]}\n{language.footer}")
    other = page(2, title_b, f"{text_b[:60]}\n{language.footer}")
    for match in find_duplicates([one, other]).matches:
        assert match.relation == "template"


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_an_excerpt_inside_another_text_is_a_copy(language: Language) -> None:
    title, text = language.articles[0]
    brief = page(1, title, text, source="one.example")
    around = language.articles[1][1]
    longer = page(2, title, f"{around}\n{text}\n{around[::-1]}", source="other.example")
    assert the_match(brief, longer).relation == "copy"


STATEMENT = (
    "We did not take this decision lightly. For eleven years the harbour has been the heart of our town, and nobody"
    " wants to see it silent. But a ship that is not safe must not carry families, and we shall not put a price on"
    " that. Every tank will be opened, every weld will be looked at, and only then will she sail again."
)
TOLD_BY_ONE = (
    "Islanders reacted with anger on Sunday to the news that no boat would call at Marlow before April. Hundreds came"
    " to the school hall. Anna Breck, who runs the only bakery, said her flour would last nine days."
)
TOLD_BY_OTHER = (
    "The managing director of the Dunholm line looked tired when he stepped before the cameras. Rust had been known"
    " since autumn, as papers show which this newspaper has seen. Shares of the company lost a tenth of their value."
)


@pytest.mark.parametrize("marks", ["“”", "„“", "«»", '""', "»«", "「」"])
def test_two_articles_that_quote_one_statement(marks: str) -> None:
    quote = f"{marks[0]}{STATEMENT}{marks[1]}"
    one = page(1, "Islanders angry", f"{TOLD_BY_ONE} {quote}", source="one.example", published=NOON)
    other = page(2, "Director explains", f"{TOLD_BY_OTHER} {quote}", source="other.example", published=NOON)
    match = the_match(one, other)
    assert match.relation == "shared quote"
    assert find_duplicates([one, other]).clusters == ()


def test_a_copy_that_is_mostly_a_quote_is_a_copy() -> None:
    one = page(1, "Islanders angry", f"{TOLD_BY_ONE} “{STATEMENT}”", source="one.example")
    other = page(2, "Island angry", f"{TOLD_BY_ONE} “{STATEMENT}” (agency)", source="other.example")
    assert the_match(one, other).relation == "copy"


def test_explaining_a_pair_gives_what_decided() -> None:
    index = Index()
    index.add(
        [
            page(1, "", figures("de", MONDAY), source="one.example", published=NOON),
            page(2, "", figures("de", TUESDAY), source="other.example", published=NOON + timedelta(days=1)),
        ]
    )
    comparison = index.compare("001", "002")
    assert comparison.relation == "template"
    assert comparison.evidence.n_numbers_contradicting >= 5
    assert "contradict" in comparison.evidence.reason
    assert [match.relation for match in index.duplicates().matches] == ["template"]


def test_checking_an_article_tells_relations_too() -> None:
    index = Index()
    index.add([page(1, "", figures("de", MONDAY), source="one.example")])
    (match,) = index.check(page(2, "", figures("de", TUESDAY), source="other.example"))
    assert match.relation == "template"


def test_the_order_of_articles_does_not_matter() -> None:
    articles = [page(n, title, text, source=f"s{n}.example") for n, (title, text) in enumerate(GERMAN.articles)]
    articles += [page(10 + n, a.title, a.text + " Ende.", source="x.example") for n, a in enumerate(articles)]
    assert find_duplicates(articles) == find_duplicates(articles[::-1])


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("He said: “Never again” and left", [0, 0, 1, 1, 0, 0]),
        ("Er sagte: „Nie wieder“ und ging", [0, 0, 1, 1, 0, 0]),
        ("Il dit : « plus jamais » et part", [0, 0, 1, 1, 0, 0]),
        ("»Nie wieder«, sagte er", [1, 1, 0, 0]),
        ('A "b c" d "e', [0, 1, 1, 0, 0]),
        ("she's o’clock ‘n’ all", [0] * 6),
        ("他说「不再」了", [0, 0, 1, 1, 0]),
        ("", []),
    ],
)
def test_quotation_marks_of_any_script(text: str, quoted: list[int]) -> None:
    assert [flag & rests.QUOTED != 0 for flag in flags_of(text)] == [bool(one) for one in quoted]


def test_digits_of_any_script() -> None:
    flags = flags_of("12 twelve १२ ١٢ 3rd x3 十二")
    assert [flag & rests.NUMBER != 0 for flag in flags] == [True, False, True, True, True, False, False, False]


def test_a_mark_that_is_not_closed_quotes_nothing() -> None:
    far = "word " * 1_000
    assert not any(flags_of(f"He said “ {far} ” and left"))
    assert flags_of("a “b” c", "“d", "e”") == [0, 2, 0, 0, 0]


def flags_of(*texts: str) -> list[int]:
    chunk = encode(texts)
    units = units_of(chunk)
    found: list[int] = mark_words(chunk, units.starts, units.offsets).tolist()
    return found
