"""One night against the cases, in a process of its own, so that its memory can be measured.

python -m tests.hostile.night ADDRESS FOLDER: writes FOLDER/night.json.
"""

from __future__ import annotations

import json
import re
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dedup import Settings
from dedup.ingest.opml import FeedRef
from dedup.nightly import run_night
from dedup.store import Store
from tests.hostile.cases import CASES, MAX_ENTRIES

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)


def main(address: str, folder: Path) -> None:
    _rebind()
    settings = Settings(
        connect_to={"*.example": address},
        host_delay_s=0.0,
        host_time_s=60.0,
        timeout_s=2.0,
        max_entries=MAX_ENTRIES,
        translated=False,
    )
    refs = [FeedRef(url=case.url) for case in CASES.values()]
    with Store(folder / "news.db") as store:
        night = run_night(refs, store, now=NOW, settings=settings, report_dir=folder / "report")
    status = Path("/proc/self/status").read_text(encoding="ascii")
    # not getrusage: that counts the parent before exec, too. Without the pages of mapped libraries, which are the page
    # cache's and 100 MB more or less from one installation to the next.
    peak, mapped = (int(re.findall(rf"{name}:\s+(\d+) kB", status)[0]) * 1024 for name in ("VmHWM", "RssFile"))
    told = {
        "feeds": dict(night.feeds),
        "entries": dict(night.entries),
        "problems": night.problems,
        "peak_bytes": peak - mapped,
    }
    (folder / "night.json").write_text(json.dumps(told, indent=1), encoding="utf-8")


def _rebind() -> None:
    """Let a public name resolve to this machine, as a rebinding server does once it was looked at.

    That an address is checked and connected to without asking again is tested in test_fetch.py.
    """
    resolve = socket.getaddrinfo

    def rebinding(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if host != "rebinding.invalid":
            return resolve(host, port, *args, **kwargs)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    socket.getaddrinfo = rebinding


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
