"""Articles -> a part of the corpus, compared as the local engine compares the whole: what each worker makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dedup.distributed import columns
from dedup.pairs import Rules, TextPart, quick_rules, rules_of
from dedup.parts import Part
from dedup.rarity import Rarity
from dedup.settings import Settings


@dataclass(frozen=True, slots=True)
class Articles:
    """For `find_duplicates`: furniture masked, triples read.

    Parameters
    ----------
    plain : Mapping
        Settings, as `columns.plain_settings` gives them.
    boilerplate, rarity
        Of the whole corpus.
    """

    plain: Mapping[str, Any]
    boilerplate: NDArray[np.uint64]
    rarity: Rarity

    @property
    def settings(self) -> Settings:
        """The settings of the run."""
        return Settings(**self.plain)

    @property
    def rules(self) -> Rules:
        """What makes a pair a candidate."""
        return rules_of(self.settings)

    def part(self, batch: pa.RecordBatch) -> Part:
        """Compare some articles."""
        return Part(columns.unpack_all(batch), self.settings, self.boilerplate, self.rarity)

    def triples(self, part: Part) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """Give the triples of a part: values and offsets."""
        return part.triples()


@dataclass(frozen=True, slots=True)
class Texts:
    """For `find_pairs`: texts alone.

    Parameters
    ----------
    plain : Mapping
        As for `Articles`.
    excerpts : bool
        As for `find_pairs`.
    """

    plain: Mapping[str, Any]
    excerpts: bool

    @property
    def settings(self) -> Settings:
        """The settings of the run."""
        return Settings(**self.plain)

    @property
    def rules(self) -> Rules:
        """What makes a pair a candidate."""
        return quick_rules(self.settings, excerpts=self.excerpts)

    def part(self, batch: pa.RecordBatch) -> TextPart:
        """Compare some texts."""
        return TextPart(columns.texts_of(batch), self.settings, excerpts=self.excerpts)

    def triples(self, part: TextPart) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """Give none: the quick way reads no triples."""
        return np.empty(0, dtype=np.uint64), np.zeros(len(part.compared) + 1, dtype=np.int64)


Recipe = Articles | Texts
