"""Duplicates -> HTML for readers, CSV for spreadsheets, JSON lines and Parquet for programs.

Every writer takes the duplicates and a path, writes the file whole or not at all, and gives the path back. The same
duplicates give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from dedup.errors import DedupError
from dedup.model import Duplicates
from dedup.report.html import write_html
from dedup.report.jsonl import read_jsonl, write_jsonl
from dedup.report.site import write_site
from dedup.report.tables import write_csv, write_parquet

__all__ = ["read_jsonl", "write_csv", "write_html", "write_jsonl", "write_parquet", "write_site", "writer_for"]

_WRITERS: Mapping[str, Callable[[Duplicates, Path], Path]] = MappingProxyType(
    {
        ".html": Duplicates.to_html,
        ".jsonl": Duplicates.to_jsonl,
        ".csv": Duplicates.to_csv,
        ".parquet": Duplicates.to_parquet,
    }
)


def writer_for(path: Path) -> Callable[[Duplicates, Path], Path]:
    """Tell by its name how a path is to be written; one without an ending, or a folder, gets the pages.

    Raises
    ------
    DedupError
        Nothing that is written ends so.
    """
    if not path.suffix or path.is_dir():
        return Duplicates.to_site
    if path.suffix.lower() not in _WRITERS:
        raise DedupError(f"{path}: unknown kind of output; it must end in {', '.join(_WRITERS)}, or be a folder")
    return _WRITERS[path.suffix.lower()]
