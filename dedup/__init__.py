"""Who republished this story, how much of it, and who had it first.

>>> from dedup import find_duplicates
>>> find_duplicates(["one two three four five six", "one two three four five six"]).matches[0].kind
'exact'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dedup.candidates import lsh_probability
    from dedup.errors import ArticleError, CorpusError, DedupError, SettingsError
    from dedup.model import Article, Attribution, Clue, Cluster, Duplicates, Match, Passage
    from dedup.pairs import find_pairs
    from dedup.pipeline import Index, find_duplicates, load_lsh
    from dedup.settings import Settings

__version__ = "0.1.0"

# Names are loaded when first used: `import dedup` must not pay for the reading of pages, feeds and Parquet.
_HOME = {
    "find_duplicates": "pipeline",
    "find_pairs": "pairs",
    "load_lsh": "pipeline",
    "lsh_probability": "candidates",
    "Index": "pipeline",
    "Settings": "settings",
    "Article": "model",
    "Attribution": "model",
    "Clue": "model",
    "Cluster": "model",
    "Duplicates": "model",
    "Match": "model",
    "Passage": "model",
    "DedupError": "errors",
    "ArticleError": "errors",
    "CorpusError": "errors",
    "SettingsError": "errors",
}

__all__ = [
    "Article",
    "ArticleError",
    "Attribution",
    "Clue",
    "Cluster",
    "CorpusError",
    "DedupError",
    "Duplicates",
    "Index",
    "Match",
    "Passage",
    "Settings",
    "SettingsError",
    "find_duplicates",
    "find_pairs",
    "load_lsh",
    "lsh_probability",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"dedup.{_HOME[name]}"), name)
    raise AttributeError(f"module 'dedup' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
