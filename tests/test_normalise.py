"""Words know the characters they came from."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.normalise import split_words
from tests import naive


@given(st.text(st.sampled_from("aZ é\u0301漢กั🙂\ud800\u00ad'_-½ﬁ\n"), max_size=40))
@settings(max_examples=300, deadline=None)
def test_spans(text: str) -> None:
    words = split_words(text)
    assert list(zip(words.starts.tolist(), words.ends.tolist(), strict=True)) == naive.find_words(text)
    assert words.hashes.tolist() == naive.hash_words(text)


@pytest.mark.parametrize("text", ["", " ", "\ud800", "\u0301", "\u00ad", "…—“”", "🙂", "\x00" * 200])
def test_texts_without_a_word(text: str) -> None:
    words = split_words(text)
    assert (len(words.hashes), len(words.starts), len(words.ends)) == (0, 0, 0)


def test_one_long_word() -> None:
    words = split_words("x" * 1_000_000 + "\u0301" * 1000)
    assert (words.starts.tolist(), words.ends.tolist()) == ([0], [1_001_000])


def test_every_length_of_word() -> None:
    """Blocks of 8 bytes, and of 64: no length is a special case."""
    for length in range(1, 140):
        text = "." * (length % 7) + ("abcdefghij" * 14)[:length] + " Ü" * (length % 3)
        assert split_words(text).hashes.tolist() == naive.hash_words(text), length
