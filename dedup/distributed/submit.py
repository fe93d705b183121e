"""For ``spark-submit``: a corpus -> files of what was found.

spark-submit --master yarn .../dedup/distributed/submit.py CORPUS -o duplicates.jsonl -o report
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from dedup import distributed
from dedup.errors import DedupError
from dedup.report import writer_for
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
        writers = [writer_for(path) for path in options.output]
        settings = load_settings(options.settings) if options.settings else Settings()
        distributed.open_session(None)
        found = distributed.find_duplicates(
            options.corpus, settings=settings, on_error="skip" if options.skip_bad_rows else "raise"
        )
        for path, write in zip(options.output, writers, strict=True):
            write(found, path)
    except (DedupError, OSError) as error:
        sys.exit(f"error: {error}")
    print(found)


if __name__ == "__main__":
    main()
