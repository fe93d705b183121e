"""What `make run` does: serve the sample world on loopback and run the nightly job against it."""

from __future__ import annotations

import sys
from pathlib import Path

from dedup.cli import main as dedup
from seeds.serve import serve
from seeds.world import opml

OUT = Path("out")


def main() -> int:
    """Run one night over the sample world; return the exit code."""
    OUT.mkdir(exist_ok=True)
    feeds = OUT / "feeds.opml"
    feeds.write_bytes(opml())
    with serve(port=0) as world:
        verb = ["nightly", str(feeds), "--store", str(OUT / "news.db"), "--report", str(OUT / "report")]
        code = dedup([*verb, "--connect-to", f"*.example={world.address}", "--host-delay", "0"], standalone_mode=False)
    return int(code or 0)


if __name__ == "__main__":
    sys.exit(main())
