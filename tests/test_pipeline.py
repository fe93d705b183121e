"""The laws of the pipeline, on small corpora made for each case."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import Article, ArticleError, Duplicates, Index, Settings, find_duplicates
from tests.conftest import make_article

VOCABULARY = [f"word{number}" for number in range(400)]


def prose(seed: int, n_words: int = 120) -> str:
    """A text that shares no shingle with that of another seed, but by rare chance."""
    return " ".join(random.Random(seed).choices(VOCABULARY, k=n_words))


def edited(text: str, every: int) -> str:
    return " ".join("edited" if place % every == every - 1 else word for place, word in enumerate(text.split()))


def found(duplicates: Duplicates) -> dict[tuple[str, str], str]:
    return {(match.a, match.b): match.kind for match in duplicates.matches}


def test_the_kinds_of_match() -> None:
    text = prose(1)
    corpus = {
        "a original": text,
        "b exact": text.upper().replace(" ", "  "),
        "c near": edited(text, 40),
        "d excerpt": " ".join(text.split()[:45]),
        "e embedded": prose(2) + " " + text + " " + prose(3),
        "f other": prose(4),
    }
    kinds = found(find_duplicates([make_article(name, text) for name, text in corpus.items()]))
    assert kinds["a original", "b exact"] == "exact"
    assert kinds["a original", "c near"] == "near"
    assert kinds["a original", "d excerpt"] == "excerpt"
    assert kinds["a original", "e embedded"] == "excerpt"
    assert not any("f other" in pair for pair in kinds)


def mixed(*parts: str) -> str:
    return "\n\n".join(parts)


def test_an_excerpt_may_be_a_fraction_of_both_texts() -> None:
    part = prose(30, 100)
    a, b = mixed(prose(31, 700), part, prose(32, 700)), mixed(prose(33, 500), part, prose(34, 900))
    (match,) = find_duplicates([a, b, prose(35, 1_000)]).matches
    assert (match.a, match.b, match.kind) == ("0", "1", "excerpt")
    assert match.containment < 0.1
    assert match.probability > 0.5
    assert [a[passage.a_start : passage.a_end] for passage in match.passages] == [part]


def test_paragraphs_in_another_order_are_an_excerpt() -> None:
    parts = [prose(seed, 40) for seed in (36, 37, 38)]
    a = mixed(prose(39, 300), *parts, prose(40, 300))
    b = mixed(prose(41, 200), parts[2], prose(42, 200), parts[0], prose(43, 100), parts[1])
    (match,) = find_duplicates([a, b]).matches
    assert (match.kind, len(match.passages)) == ("excerpt", 3)


def test_a_text_stitched_from_two_matches_both() -> None:
    a, b = prose(44, 500), prose(45, 500)
    stitched = mixed(" ".join(a.split()[100:250]), prose(46, 200), " ".join(b.split()[300:430]))
    kinds = found(find_duplicates([make_article("a", a), make_article("b", b), make_article("c", stitched)]))
    assert kinds == {("a", "c"): "excerpt", ("b", "c"): "excerpt"}


def test_a_long_quotation_is_no_excerpt() -> None:
    quote = prose(47, 80)
    a = mixed(prose(48, 300), f"“{quote},” she said.", prose(49, 300))
    b = mixed(prose(50, 300), f'"{quote}", said the minister.', prose(51, 300))
    assert find_duplicates([a, b]).matches == ()


def test_a_form_with_other_numbers_is_no_match() -> None:
    def form(seed: int) -> str:
        figures = random.Random(seed)
        return " ".join(
            f"In {word} gab es {figures.randint(10, 9_999)} neue Fälle, am Vortag {figures.randint(10, 9_999)} Fälle."
            for word in prose(52, 12).split()
        )

    a, b = (mixed(prose(seed, 200), form(seed)) for seed in (53, 54))
    assert find_duplicates([a, b]).matches == ()


def scattered(text: str, share: float, seed: int) -> str:
    """Replace a share of the words."""
    rng = random.Random(seed)
    return " ".join(f"new{rng.randint(0, 10**6)}" if rng.random() < share else word for word in text.split())


def test_edits_all_over_are_rewriting() -> None:
    text = prose(55, 300)
    (match,) = find_duplicates([text, scattered(text, 0.3, 1), prose(56, 300)]).matches
    assert (match.kind, match.relation) == ("rewritten", "copy")
    assert match.containment < 0.5
    assert 0.9 <= match.probability < 1
    assert match.passages


def test_the_probability_that_is_asked_for_is_a_setting() -> None:
    text = prose(57, 300)
    corpus = [text, scattered(text, 0.3, 2)]
    (match,) = find_duplicates(corpus, threshold=0.99).matches
    assert match.kind == "rewritten"
    assert match.probability < 1
    strict = Settings(threshold=0.99, rewritten_probability=1.0, excerpt_passage_words=1_000)
    assert find_duplicates(corpus, settings=strict).matches == ()


def test_the_numbers_of_a_rewritten_pair_are_shown() -> None:
    index = Index()
    text = prose(58, 300)
    index.add([make_article("a", text), make_article("b", scattered(text, 0.3, 3)), make_article("c", prose(59))])
    comparison = index.compare("a", "b")
    (match,) = index.duplicates().matches
    assert (comparison.kind, comparison.probability) == (match.kind, match.probability)
    assert comparison.passages == match.passages
    assert comparison.is_candidate
    assert comparison.n_shared_triples > 10
    assert comparison.longest_passage > 20
    assert index.compare("a", "c").probability == 0
    (checked,) = index.check(index.article("b"))
    assert checked == match


def test_numbers_of_a_match_are_exact() -> None:
    words = [f"w{number}" for number in range(104)]  # 100 shingles
    a, b = " ".join(words), " ".join(words[:54])  # 50 shingles, all in a
    (match,) = find_duplicates([a, b]).matches
    assert (match.kind, match.jaccard, match.a_in_b, match.b_in_a) == ("near", 0.5, 0.5, 1.0)
    (match,) = find_duplicates([a, b], threshold=0.51).matches
    assert match.kind == "excerpt"


def test_passages_are_characters_of_the_originals() -> None:
    shared = "Der Rat hat am Montagabend nach langer Debatte beschlossen, die alte Brücke über den Fluss zu erneuern"
    a, b = (
        f"Vorab: „{shared}“, hieß es.",
        f"Ganz anderes zuerst. {shared.upper().replace('Ü', 'U' + chr(0x308))}! Und mehr.",
    )
    (match,) = find_duplicates([a, b], threshold=0.4).matches
    (passage,) = match.passages
    assert a[passage.a_start : passage.a_end] == shared
    assert b[passage.b_start : passage.b_end].startswith("DER RAT")
    assert b[passage.b_start : passage.b_end].endswith("ERNEUERN")


def test_an_edit_inside_does_not_break_a_passage() -> None:
    text = prose(5, 60)
    words = text.split()
    words[30:31] = ["two", "others"]
    (match,) = find_duplicates([text, " ".join(words)]).matches
    assert len(match.passages) == 1


@pytest.mark.parametrize("language", ["zh", "ja", "th", "ar", "hi", "ko", "el", "he"])
def test_every_script_is_compared(language: str) -> None:
    texts = {
        "zh": "市议会周一晚间经过长时间辩论后决定在明年春天之前重建横跨河流的旧桥并为此拨款四百万欧元",
        "ja": "市議会は月曜日の夜、長い議論の末に、来年の春までに川に架かる古い橋を建て替えることを決定した",
        "th": "สภาเทศบาลลงมติเมื่อวันจันทร์ให้สร้างสะพานเก่าข้ามแม่น้ำขึ้นใหม่ภายในฤดูใบไม้ผลิหน้า",
        "ar": "قرر المجلس البلدي مساء الاثنين بعد نقاش طويل إعادة بناء الجسر القديم فوق النهر بحلول الربيع المقبل",
        "hi": "नगर परिषद ने सोमवार शाम को लंबी बहस के बाद अगले वसंत तक नदी पर बने पुराने पुल को फिर से बनाने का फैसला किया",
        "ko": "시의회는 월요일 저녁 긴 토론 끝에 내년 봄까지 강을 가로지르는 낡은 다리를 다시 짓기로 결정했다",
        "el": "Το δημοτικό συμβούλιο αποφάσισε τη Δευτέρα το βράδυ να ξαναχτίσει την παλιά γέφυρα του ποταμού",
        "he": "מועצת העיר החליטה ביום שני בערב לאחר דיון ארוך לבנות מחדש את הגשר הישן מעל הנהר עד האביב הבא",
    }
    text = texts.pop(language)
    duplicates = find_duplicates([text, text + "!", *texts.values()])
    assert found(duplicates) == {("0", "1"): "exact"}


def test_typography_does_not_matter() -> None:
    a = "\"We don't know\", she said - and the mayor of Saint-Étienne left the hall at ten o'clock."
    b = "“We don’t know”, she said – and the mayor of Saint‑E\u0301tienne left the hall at ten o’clock."
    assert find_duplicates([a, b]).matches[0].kind == "exact"


def test_versions_of_one_source_are_revisions_not_copies() -> None:
    text = prose(6)
    corpus = [
        make_article("a", text, source="one.example"),
        make_article("b", edited(text, 50), source="one.example"),
        make_article("c", text, source="two.example"),
    ]
    duplicates = find_duplicates(corpus)
    assert [match.is_revision for match in duplicates.matches] == [True, False, False]
    assert len(duplicates.copies) == 2
    assert not duplicates.clusters[0].is_revision
    assert find_duplicates(corpus[:2]).clusters[0].is_revision


def test_a_footer_of_one_source_is_no_match() -> None:
    footer = " " + prose(7, 200)
    corpus = [make_article(f"{n}", prose(100 + n, 60) + footer, source="one.example") for n in range(20)]
    assert find_duplicates(corpus).matches == ()


def test_a_wire_story_of_many_sources_is_never_masked() -> None:
    wire = prose(8)
    corpus = [make_article(f"{n:02}", wire, source=f"outlet{n}.example") for n in range(30)]
    assert len(find_duplicates(corpus).clusters[0].articles) == 30


def test_an_article_of_boilerplate_alone_is_counted() -> None:
    stub = prose(9, 80)
    corpus = [make_article(f"{n:02}", stub, source="one.example") for n in range(30)]
    duplicates = find_duplicates(corpus)
    assert duplicates.skipped == {"boilerplate only": 30}
    assert duplicates.matches == ()


def test_many_copies_of_one_text_are_one_cluster() -> None:
    text = prose(10)
    (cluster,) = find_duplicates([text] * 700 + [prose(11)]).clusters
    assert len(cluster.articles) == 700


def test_short_texts_are_counted() -> None:
    duplicates = find_duplicates(["Live ticker", "Live ticker", prose(12)])
    assert duplicates.skipped == {"too short": 2}
    assert "skipped: 2 too short" in repr(duplicates)


def test_no_articles_no_duplicates() -> None:
    duplicates = find_duplicates([])
    assert (duplicates.articles, duplicates.matches, duplicates.clusters, duplicates.skipped) == ({}, (), (), {})


def test_a_bad_row_leaves_the_index_as_it_was() -> None:
    index = Index()
    index.add([prose(13)])
    with pytest.raises(ArticleError, match=r"^row 2: no text"):
        index.add([prose(14), "  "])
    assert len(index) == 1
    assert index.add([prose(14)]) == 1


def test_a_duplicate_id_is_named() -> None:
    articles = [make_article("x", prose(15)), make_article("x", prose(16))]
    with pytest.raises(ArticleError, match=r"^row 1: duplicate id: 'x'"):
        find_duplicates(articles)
    assert find_duplicates(articles, on_error="skip").skipped == {"duplicate id": 1}


def test_metadata_is_passed_through() -> None:
    (article,) = find_duplicates([{"text": prose(17), "desk": "politics", "n": 3}]).articles.values()
    assert dict(article.metadata) == {"desk": "politics", "n": 3}


def test_check_finds_what_find_duplicates_finds() -> None:
    index = Index()
    index.add([make_article("a", prose(18)), make_article("b", prose(19))])
    (match,) = index.check(make_article("new", edited(prose(18), 40)))
    assert (match.a, match.b, match.kind) == ("a", "new", "near")
    assert index.check(make_article("other", prose(20))) == ()
    assert len(index) == 2


def test_compare_gives_every_number_also_without_a_match() -> None:
    index = Index()
    a = " ".join(f"w{number}" for number in range(24))
    b = " ".join(f"w{number}" for number in range(18, 42))
    index.add([make_article("a", a), make_article("b", b)])
    comparison = index.compare("b", "a")
    assert (comparison.a, comparison.b, comparison.kind) == ("a", "b", None)
    assert (comparison.n_words_a, comparison.n_shingles_a, comparison.n_shared) == (24, 20, 2)
    assert comparison.a_in_b == 0.1
    with pytest.raises(KeyError):
        index.compare("a", "nobody")


def make_corpus(seed: int) -> list[Article]:
    rng = random.Random(seed)
    articles = []
    for number in range(rng.randint(1, 14)):
        text = prose(rng.randint(0, 5), rng.choice([30, 80, 200]))
        text = rng.choice(
            [
                text,
                edited(text, rng.choice([9, 30])),
                scattered(text, rng.choice([0.2, 0.4, 0.6]), number),
                text + " " + prose(rng.randint(0, 9), 40),
                mixed(prose(rng.randint(60, 99), 150), text, prose(rng.randint(60, 99), 150)),
            ]
        )
        articles.append(make_article(f"id{number:02}", text, source=rng.choice(["", "a.example", "b.example"])))
    return articles


@given(seed=st.integers(0, 10**6), cut=st.integers(0, 14))
@settings(max_examples=25, deadline=None)
def test_batches_find_what_one_run_finds(seed: int, cut: int) -> None:
    corpus = make_corpus(seed)
    index = Index()
    index.add(corpus[:cut])
    index.add(corpus[cut:])
    assert index.duplicates() == find_duplicates(corpus)


@given(seed=st.integers(0, 10**6), order=st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_the_order_of_articles_does_not_matter(seed: int, order: random.Random) -> None:
    corpus = make_corpus(seed)
    shuffled = order.sample(corpus, len(corpus))
    a, b = find_duplicates(corpus), find_duplicates(shuffled)
    assert replace(a, skips=()) == replace(b, skips=())
    assert a.skipped == b.skipped


@given(st.lists(st.text(max_size=200), max_size=6))
@settings(max_examples=60, deadline=None)
def test_any_text_goes_through(texts: list[str]) -> None:
    duplicates = find_duplicates(texts, on_error="skip")
    for match in duplicates.matches:
        for passage in match.passages:
            assert 0 <= passage.a_start < passage.a_end <= len(duplicates.articles[match.a].text)
            assert 0 <= passage.b_start < passage.b_end <= len(duplicates.articles[match.b].text)


def test_threshold_is_checked() -> None:
    with pytest.raises(ValueError, match=r"threshold is 1\.2"):
        find_duplicates([], threshold=1.2)
    assert Settings(threshold=1.0).threshold == 1.0
