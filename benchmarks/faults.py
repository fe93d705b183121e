"""Kill a nightly run at random instants, go on with it, and compare what is left with an undisturbed run.

    python -m benchmarks.faults --kills 300

Two nights are killed in turn: the first one on an empty store, and a second one, on which articles are new, revised,
gone or fail. A run is killed with SIGKILL after a random part of the time that an undisturbed one takes; three in ten
of those that go on with it are killed again. Then it runs to its end, and every row of every table but the history of
runs, and every byte of the report, must be those of the undisturbed run.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import NamedTuple

from benchmarks.corpus import make_corpus
from dedup import Settings
from dedup.ingest.opml import FeedRef
from dedup.nightly import run_night
from dedup.store import Store, locked

N_FEEDS, N_ENTRIES = 8, 12
KILLED_AGAIN = 0.3  # of the runs that go on
NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
NOT_COMPARED = ("runs", "run_feeds")  # they tell that a run was killed
_NIGHTS = (NOW, NOW + timedelta(days=1))


class Undisturbed(NamedTuple):
    """A night as it is without a kill: the store it begins with, what it leaves, and how long it takes."""

    now: datetime
    address: str
    before: Path | None
    rows: dict[str, list[tuple[object, ...]]]
    report: dict[str, bytes]
    seconds: float


def main() -> int:
    """Run the kills and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve is not None:
        return serve_night(arguments.serve)
    with tempfile.TemporaryDirectory() as folder:
        found = run_kills(Path(folder), n_kills=arguments.kills, seed=arguments.seed)
    print(json.dumps(found, indent=2))
    return 0 if found["equal"] == found["trials"] else 1


def run_kills(folder: Path, *, n_kills: int, seed: int) -> dict[str, object]:
    """Kill so many runs; return the counts, by step at which the kill came."""
    rng = random.Random(seed)
    steps: Counter[str] = Counter()
    differences: list[str] = []
    n_kills_done = 0
    with serving(0) as first, serving(1) as second:
        run_to_end(folder / "warm", NOW, first)  # compiled code is loaded before anything is timed
        nights = [undisturbed(folder / "first", _NIGHTS[0], first, None)]
        nights.append(undisturbed(folder / "second", _NIGHTS[1], second, folder / "first" / "news.db"))
        for trial in range(n_kills):
            night = nights[trial % len(nights)]
            place = folder / f"trial{trial}"
            place.mkdir()
            if night.before:
                copy_store(night.before, place / "news.db")
            n_kills_done += kill_and_go_on(place, night, rng, steps)
            of_trial = [f"trial {trial}: {what}" for what in compare(place, night)]
            print("".join(f"{what}\n" for what in of_trial), end="", file=sys.stderr, flush=True)
            differences += of_trial
            shutil.rmtree(place)
            if sys.stderr.isatty() or (trial + 1) % 50 == 0:
                print(f"{trial + 1} of {n_kills}, {len(differences)} differences", file=sys.stderr, flush=True)
    failed = {difference.partition(":")[0] for difference in differences}
    return {
        "trials": n_kills,
        "kills": n_kills_done,
        "equal": n_kills - len(failed),
        "seconds of an undisturbed night": [round(night.seconds, 2) for night in nights],
        "killed during": dict(sorted(steps.items())),
        "differences": differences[:20],
    }


def undisturbed(place: Path, now: datetime, address: str, before: Path | None) -> Undisturbed:
    """Run a night to its end."""
    place.mkdir()
    if before:
        copy_store(before, place / "news.db")
    started = time.monotonic()
    in_child(place, now, address, wait_s=None)
    return Undisturbed(now, address, before, rows_of(place), report_of(place), time.monotonic() - started)


def kill_and_go_on(place: Path, night: Undisturbed, rng: random.Random, steps: Counter[str]) -> int:
    """Kill a run after a random time, perhaps again, and go on with it to its end; return how often it was killed."""
    n_kills = 0
    while n_kills == 0 or rng.random() < KILLED_AGAIN:
        step = in_child(place, night.now, night.address, wait_s=rng.random() * night.seconds)
        if has_ended(
            place, night.now
        ):  # the kill came too late: there is nothing to go on with, and another run is another night
            if n_kills:
                return n_kills
            shutil.rmtree(place)  # try again: each trial is a kill
            place.mkdir()
            if night.before:
                copy_store(night.before, place / "news.db")
            continue
        steps[step] += 1
        n_kills += 1
    in_child(place, night.now, night.address, wait_s=None)
    return n_kills


def has_ended(place: Path, now: datetime) -> bool:
    """Tell whether the last run on a store is the night's, and came to its end."""
    if not (place / "news.db").exists():
        return False
    db = sqlite3.connect(place / "news.db")
    try:
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'runs'").fetchone():
            return False
        last = db.execute("SELECT started, finished FROM runs ORDER BY id DESC LIMIT 1").fetchone()
        return last is not None and last[1] is not None and datetime.fromisoformat(last[0]) == now
    finally:
        db.close()


def in_child(place: Path, now: datetime, address: str, *, wait_s: float | None) -> str:
    """Run the night in a child process, to its end or until it is killed; return the last step it told of."""
    step = place / "step"
    step.write_text("beginning")
    child = os.fork()
    if child == 0:
        code = 1
        try:
            run_to_end(place, now, address)
            code = 0
        finally:
            os._exit(code)
    if wait_s is not None:
        end = time.monotonic() + wait_s
        while time.monotonic() < end:
            if os.waitpid(child, os.WNOHANG)[0]:
                return "after its end"
            time.sleep(min(0.005, max(0.0, end - time.monotonic())))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return step.read_text().partition(":")[0] or "beginning"
    _, status = os.waitpid(child, 0)
    if status:
        raise RuntimeError(f"the run that goes on ended with status {status}")
    return "after its end"


def run_to_end(place: Path, now: datetime, address: str) -> None:
    """Run the night as the command line does."""
    place.mkdir(exist_ok=True)
    settings = Settings(connect_to={"*": address}, host_delay_s=0.0, timeout_s=10.0, watched=("s1.example",))
    handle = os.open(place / "step", os.O_WRONLY | os.O_CREAT)

    def note(step: str, done: int, total: int) -> None:
        os.pwrite(handle, f"{step if done < total else f'after {step}'}:".ljust(80).encode(), 0)

    refs = [FeedRef(url=f"http://s{feed}.example/feed") for feed in range(N_FEEDS)]
    with locked(place / "news.db"), Store(place / "news.db") as store:
        run_night(refs, store, now=now, settings=settings, report_dir=place / "report", progress=note)
    os.close(handle)


def compare(place: Path, night: Undisturbed) -> Iterator[str]:
    """Tell in what a store and a report differ from those of the undisturbed night."""
    rows = rows_of(place)
    for table in sorted(rows.keys() | night.rows.keys()):
        if rows.get(table) != night.rows.get(table):
            ours, theirs = set(rows.get(table, ())), set(night.rows.get(table, ()))
            some = [str(row)[:300] for row in [*(ours - theirs), *(theirs - ours)][:2]]
            yield f"{table}: {len(ours - theirs)} rows more, {len(theirs - ours)} fewer: {some}"
    report = report_of(place)
    for name in sorted(report.keys() | night.report.keys()):
        if report.get(name) != night.report.get(name):
            yield f"report: {name}"


def rows_of(place: Path) -> dict[str, list[tuple[object, ...]]]:
    """Read every row of every table that is compared."""
    db = sqlite3.connect(place / "news.db")
    try:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: sorted(db.execute(f"SELECT * FROM {name}"), key=repr) for name in names if name not in NOT_COMPARED
        }
    finally:
        db.close()


def report_of(place: Path) -> dict[str, bytes]:
    """Read every file of the report."""
    return {
        path.relative_to(place).as_posix(): path.read_bytes()
        for path in sorted((place / "report").rglob("*"))
        if path.is_file()
    }


def copy_store(source: Path, target: Path) -> None:
    """Copy a store that nobody is at work on, with what is not in its file yet."""
    with sqlite3.connect(source) as db, sqlite3.connect(target) as copy:
        db.backup(copy)
    copy.close()
    db.close()


# -- the world: outlets that copy one another, full texts and pages, a page that fails, a revision


@contextmanager
def serving(night: int) -> Iterator[str]:
    """Serve a night from a process of its own; give its address."""
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.faults", "--serve", str(night)], stdout=subprocess.PIPE, text=True
    )
    try:
        yield server.stdout.readline().strip()  # type: ignore[union-attr]
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()  # type: ignore[union-attr]


def serve_night(night: int) -> int:
    """Serve until terminated."""
    from tests.loopback import Answer, serve

    answers = {
        key: Answer(body, content_type, status) for key, (body, content_type, status) in make_answers(night).items()
    }
    with serve(answers) as world:
        print(world.address, flush=True)
        signal.pause()
    return 0


def make_answers(night: int) -> dict[tuple[str, str], tuple[bytes, str, int]]:
    """Give what each URL answers on a night."""
    texts = make_corpus(N_FEEDS * N_ENTRIES * 2, seed=7).texts
    answers = {}
    for feed in range(N_FEEDS):
        host, items = f"s{feed}.example", []
        for place in range(N_ENTRIES):
            number = place + 4 * night  # of each feed four are new on the second night, and four are gone
            text = texts[feed * N_ENTRIES * 2 + number]
            title = " ".join(text.split()[:6])
            if night and number % 5 == 0:
                text += "\n\n" + texts[-1 - feed][:400]  # a revision
                title += " (II)"
            html = "".join(f"<p>{escape(part)}</p>" for part in text.split("\n\n"))
            path = f"/{number}"
            is_full = feed % 2 == 0
            body = html if is_full else escape(text[:80]) + " ..."
            items.append(
                f"<item><title>{escape(title)}</title><link>http://{host}{path}</link>"
                f"<pubDate>Mon, 23 Nov 2026 {number % 24:02}:00:00 GMT</pubDate>"
                f"<description>{escape(body)}</description></item>"
            )
            page = f"<html><head><title>{escape(title)}</title></head><body><article>{html}</article></body></html>"
            fails = number % 11 == 3
            answers[host, path] = (page.encode(), "text/html; charset=utf-8", 503 if fails else 200)
        xml = f'<?xml version="1.0"?><rss version="2.0"><channel><title>{host}</title>{"".join(items)}</channel></rss>'
        answers[host, "/feed"] = (xml.encode(), "application/rss+xml", 200)
    return answers


if __name__ == "__main__":
    sys.exit(main())
