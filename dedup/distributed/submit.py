"""For ``spark-submit``: a corpus -> files of what was found.

spark-submit --master yarn .../dedup/distributed/submit.py CORPUS -o duplicates.jsonl -o report
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from dedup import distributed
from dedup.errors import DedupError
from dedup.model import Duplicates
from dedup.settings import Settings, load_settings


def main(arguments: list[str] | None = None) -> None:
    """Find the copies in a corpus on the cluster that ``spark-submit`` names, and write them."""
    parser = argparse.ArgumentParser(description="Find the copies in CORPUS on Spark.")
    parser.add_argument("corpus", type=Path, help="a .parquet or .jsonl file, or a folder of them")
    parser.add_argument(
        "-o", "--output", type=Path, action="append", required=True, help=".jsonl, .csv, .parquet, .html, or a folder"
    )
    parser.add_argument("--settings", type=Path, help="a TOML file of settings")
    parser.add_argument("--skip-bad-rows", action="store_true", help="count rows that are no articles")
    options = parser.parse_args(arguments)
    try:
        settings = load_settings(options.settings) if options.settings else Settings()
        distributed.open_session(None)
        found = distributed.find_duplicates(
            options.corpus, settings=settings, on_error="skip" if options.skip_bad_rows else "raise"
        )
        for path in options.output:
            _write(found, path)
    except (DedupError, OSError) as error:
        sys.exit(f"error: {error}")
    print(found)


def _write(found: Duplicates, path: Path) -> None:
    writers = {
        ".jsonl": found.to_jsonl,
        ".csv": found.to_csv,
        ".parquet": found.to_parquet,
        ".html": found.to_html,
        "": found.to_site,
    }
    if path.suffix.lower() not in writers:
        sys.exit(f"error: {path}: unknown kind of output; it must be {', '.join(filter(None, writers))}, or a folder")
    writers[path.suffix.lower()](path)


if __name__ == "__main__":
    main()
