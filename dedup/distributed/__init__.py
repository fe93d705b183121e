"""The same detector on Apache Spark: equal matches and clusters, on as many machines as there are.

corpus -> table -> furniture -> proposing -> verifying -> cluster -> attribute -> Duplicates

What needs the whole corpus is counted by the workers and decided by the driver; what works on texts or pairs runs on
the workers, by the functions that the local engine calls. docs/spark.md says what lies where.
"""

from __future__ import annotations

from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from dedup.distributed.session import LOCAL, open_session
from dedup.errors import CorpusError
from dedup.model import Duplicates
from dedup.pairs import Pairs
from dedup.pipeline import OnError, Progress, no_progress
from dedup.settings import Settings

if TYPE_CHECKING:
    from dedup.translated import Encoder

__all__ = ["LOCAL", "find_duplicates", "find_pairs", "open_session"]


def find_duplicates(
    corpus: str | PathLike[str],
    *,
    master: str = LOCAL,
    threshold: float | None = None,
    settings: Settings | None = None,
    translated: bool | None = None,
    encoder: Encoder | None = None,
    on_error: OnError = "raise",
    progress: Progress = no_progress,
) -> Duplicates:
    """Find the articles of a corpus that republish one another, on Spark.

    Parameters
    ----------
    corpus : path
        A .parquet or .jsonl file (also .ndjson and .gz), or a folder of them, which every worker can open.
    master : str
        Where Spark runs: ``local[*]``, ``spark://host:7077``, ``yarn``; a session that is running is used as it is.
    threshold, settings, translated, encoder, on_error, progress
        As for `dedup.find_duplicates`.

    Returns
    -------
    Duplicates
        The same as `dedup.find_duplicates` gives.

    Raises
    ------
    EngineError
        pyspark or Java is missing, or Spark cannot be started.
    CorpusError, ArticleError, SettingsError
        As for `dedup.find_duplicates`.
    """
    settings = settings or Settings()
    if threshold is not None:
        settings = replace(settings, threshold=threshold)
    if translated is not None:
        settings = replace(settings, translated=translated)
    path = _path_of(corpus)
    spark = open_session(master)
    from dedup.distributed.run import run  # pyspark is there

    return run(spark, path, settings, encoder=encoder, on_error=on_error, progress=progress)


def find_pairs(
    corpus: str | PathLike[str], *, master: str = LOCAL, settings: Settings | None = None, excerpts: bool = True
) -> Pairs:
    """Find the pairs of texts that share much, with exact numbers: the quick way, on Spark.

    Parameters
    ----------
    corpus, master
        As for `find_duplicates`.
    settings, excerpts
        As for `dedup.find_pairs`.

    Returns
    -------
    Pairs
        The same as `dedup.find_pairs` gives for the texts; row i is the i-th row of the corpus. Rows without a text and
        second articles of one id are in no pair.

    Raises
    ------
    EngineError, CorpusError
        As for `find_duplicates`.
    """
    path = _path_of(corpus)
    spark = open_session(master)
    from dedup.distributed.run import run_pairs

    return run_pairs(spark, path, settings or Settings(), excerpts=excerpts)


def _path_of(corpus: object) -> Path:
    if not isinstance(corpus, (str, PathLike)):
        raise CorpusError(f"the corpus is a {type(corpus).__name__}; the Spark engine reads a path")
    return Path(corpus)
