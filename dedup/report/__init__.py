"""Duplicates -> HTML for readers, CSV for spreadsheets, JSON lines and Parquet for programs.

Every writer takes the duplicates and a path, writes the file whole or not at all, and gives the path back. The same
duplicates give the same bytes.
"""

from __future__ import annotations

from dedup.report.html import write_html
from dedup.report.jsonl import read_jsonl, write_jsonl
from dedup.report.site import write_site
from dedup.report.tables import write_csv, write_parquet

__all__ = ["read_jsonl", "write_csv", "write_html", "write_jsonl", "write_parquet", "write_site"]
