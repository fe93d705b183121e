"""The steps in order, one line each, as `pipeline.Index.duplicates` has them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.sql import SparkSession

from dedup.attribute import Statement, read_stated
from dedup.attribute.readings import from_json, to_json
from dedup.corpus import nothing_left
from dedup.distributed import columns
from dedup.distributed.furniture import learn_common
from dedup.distributed.proposing import propose
from dedup.distributed.recipes import Articles, Texts
from dedup.distributed.table import Table, by_number, map_articles, read_table
from dedup.distributed.verifying import Verifier
from dedup.model import Article, Duplicates
from dedup.pairs import Pairs
from dedup.parts import Part, match_spread, verify_spread, with_translated
from dedup.pipeline import OnError, Progress
from dedup.settings import Settings

if TYPE_CHECKING:
    from dedup.translated import Encoder


def run(
    spark: SparkSession,
    path: Path,
    settings: Settings,
    *,
    encoder: Encoder | None,
    on_error: OnError,
    progress: Progress,
) -> Duplicates:
    """Find the copies in a corpus on a session that is open."""
    progress("sketching", 0, 1)
    table = read_table(spark, path, owners=settings.owners, on_error=on_error)
    common = learn_common(table, settings)
    progress("sketching", 1, 1)
    progress("proposing", 0, 1)
    recipe = Articles(columns.plain_settings(settings), common.boilerplate, common.rarity)
    proposed = propose(table, recipe)
    progress("proposing", 1, 1)
    progress("verifying", 0, 1)
    matches = match_spread(proposed.candidates, proposed.by_triples, len(table), settings, Verifier(table, recipe))
    progress("verifying", 1, 1)
    articles, stated = _collect(table)
    table.held.unpersist()
    matches = with_translated(articles, matches, settings, encoder=encoder, progress=progress)
    matched = {article_id for match in matches for article_id in (match.a, match.b)}
    part = Part((articles[one] for one in matched), settings, common.boilerplate, common.rarity)
    n_compared = proposed.n_compared
    skips = nothing_left(table.ids, common.n_shingles, n_compared, shingle_words=settings.shingle_words)
    return part.conclude(matches, articles, stated, (*table.skips, *skips), progress)


def run_pairs(spark: SparkSession, path: Path, settings: Settings, *, excerpts: bool) -> Pairs:
    """Find the pairs that share much, the quick way; rows are those of the corpus, as it is read."""
    table = by_number(read_table(spark, path, owners={}, on_error="skip", only_texts=True))
    recipe = Texts(columns.plain_settings(settings), excerpts)
    proposed = propose(table, recipe)
    found = verify_spread(proposed.candidates, len(table), settings, Verifier(table, recipe), excerpts=excerpts)
    table.held.unpersist()
    return found


def _collect(table: Table) -> tuple[dict[str, Article], dict[str, Sequence[Statement]]]:
    """Bring the articles to the driver, in id order, with what each states of its origin."""

    def read(rows: NDArray[np.int64], batch: pa.RecordBatch) -> Iterable[tuple[pa.RecordBatch, list[str]]]:
        articles = columns.unpack_all(batch)
        stated = read_stated(articles)
        yield batch, [to_json(stated[article.id]) for article in articles]

    found = [
        (article, from_json(text, article.id))
        for batch, texts in map_articles(table, read).collect()
        for article, text in zip(columns.unpack_all(batch), texts, strict=True)
    ]
    found.sort(key=lambda pair: pair[0].id)
    return {article.id: article for article, _ in found}, {article.id: stated for article, stated in found}
