"""A glance never misses a word that is there, and what it lets pass is read as without it."""

import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from dedup.attribute.lexicon import lexicon
from dedup.attribute.name_lists import split_names
from dedup.attribute.names import Names
from dedup.kernels.glances import glance, seek
from tests import naive

ALPHABET = "abAz_09 .,-/’“”×÷éÉßřщЩЯ\u0482\u0301新华社のآ한\ud800😀"
TEXTS = st.text(ALPHABET, max_size=30)
WORDS = st.lists(st.text("abézщ新آ_0-’", min_size=1, max_size=4), max_size=12)
NAMES = sorted({*lexicon().by_alias, *lexicon().by_exact, *lexicon().by_domain})
PIECES = st.sampled_from(
    [*NAMES, "hek", "Jo Doe", "mit", "and", "the", "by", "Foto", "-Korrespondent", "新华社北京6月5日电"]
)
SEPARATORS = st.sampled_from(["/", ", ", " ", " – ", " and ", ".", ". ", "\n", "(", ")", "", ": ", "・", "=", "’"])


@given(TEXTS, WORDS)
@example("×abc÷ab", ["abc", "ab"])
@example("artículo", ["culo", "art", "artículo"])
@settings(max_examples=300, deadline=None)
def test_a_glance_sees_what_its_slow_twin_sees(text: str, words: list[str]) -> None:
    assert glance(text, seek(words)) == naive.glance(text, words)


@given(TEXTS, WORDS)
@settings(max_examples=300, deadline=None)
def test_a_glance_never_misses_a_word_that_stands_between_other_characters(text: str, words: list[str]) -> None:
    there = set(re.findall(r"\w+", text)) & set(words)
    assert there <= glance(text, seek(words))


def test_many_words_are_told_apart() -> None:
    words = [f"word{n}" for n in range(5_000)]
    sought = seek(words)
    assert glance(" ".join(words[::7]), sought) == set(words[::7])
    assert glance("nothing of it", sought) == set()
    assert glance("", sought) == glance("word1", seek([])) == set()


def test_every_name_of_an_agency_is_seen() -> None:
    own = Names([])
    for name in NAMES:
        for text in (name.upper(), f"hek/{name}", f"(Jo Doe, {name})", f"“{name}”", f"By {name}."):
            is_named = any(one.kind == "agency" for one in split_names(text, 0, len(text), own=own))
            assert lexicon().may_name_agency(text) or not is_named, text


@given(st.lists(st.tuples(PIECES, SEPARATORS), max_size=6))
@example([("A.F.P.", " "), ("hek", "/")])
@settings(max_examples=300, deadline=None)
def test_where_no_agency_is_seen_none_is_named(parts: list[tuple[str, str]]) -> None:
    text = "".join(piece + separator for piece, separator in parts)
    names = split_names(text, 0, len(text), own=Names([]))
    assert lexicon().may_name_agency(text) or all(name.kind != "agency" for name in names)


@given(st.lists(st.sampled_from([*sorted(lexicon().phrase_starts), "x", "’", " ", ".", "’s", "配信"]), max_size=6))
@settings(max_examples=200, deadline=None)
def test_a_phrase_is_seen_where_its_longest_word_and_its_beginning_are(pieces: list[str]) -> None:
    words, text = lexicon(), "".join(pieces)
    plain = text.lower().replace("’", "'")
    told = set(re.findall(r"\w+", plain)) & set(words.phrase_starts)
    expected = any(start in plain for word in told for start in words.phrase_starts[word])
    expected |= any(start in plain for start in words.phrase_unspaced)
    assert words.has_phrase(text) == expected
