"""What to ask for -> responses, in the order asked, several hosts at once.

A thread takes what can be asked for now: the first item whose host has nothing under way and whose pause is over. So no
thread sleeps for a slow host while others wait, and what is done with the responses depends on no timing. Few responses
are held for one that takes long: at most `_WINDOW` items, and no new ones are asked for while those done hold
`_HELD_BYTES`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar
from urllib.parse import urlsplit

from dedup.errors import FetchError
from dedup.ingest.fetch import Fetcher, Response

T = TypeVar("T")
Fetched: TypeAlias = Response | FetchError

_WINDOW = 512  # items
_HELD_BYTES = 64_000_000
_LOOK_AGAIN_S = 0.5  # at the latest: another thread's robots.txt may have changed a host's pause


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One thing to ask for: the arguments of `Fetcher.get`."""

    url: str
    etag: str = ""
    last_modified: str = ""
    stop_at: Callable[[str], bool] | None = None


def fetch_in_order(
    items: Sequence[T], ask_of: Callable[[T], Ask | None], *, fetcher: Fetcher, concurrency: int
) -> Iterator[tuple[T, Fetched | None]]:
    """Ask for each item, and give it with what came back.

    Parameters
    ----------
    items : sequence
        In the order to be given.
    ask_of : callable
        What to ask for an item, None for nothing; called once, in the caller's thread.
    fetcher : Fetcher
        Shared by the threads.
    concurrency : int
        Threads.

    Yields
    ------
    tuple
        The item and its response; its FetchError where it failed; None where nothing was asked for.
    """
    desk = _Desk[T](fetcher)
    threads = [threading.Thread(target=desk.work, daemon=True) for _ in range(min(concurrency, len(items)))]
    for thread in threads:
        thread.start()
    try:
        n_taken = 0
        for n, item in enumerate(items):
            while n_taken < min(len(items), n + _WINDOW):
                desk.put(n_taken, ask_of(items[n_taken]))
                n_taken += 1
            yield item, desk.result(n)
    finally:
        desk.close()
        for thread in threads:
            thread.join()


class _Desk(Generic[T]):
    """What is to be asked for, what is under way, and what came back; all under one lock."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._changed = threading.Condition()
        self._waiting: dict[int, tuple[str, Ask]] = {}  # by number, lowest first
        self._busy: set[str] = set()  # hosts
        self._done: dict[int, Fetched | None] = {}
        self._held_bytes = 0
        self._wanted = 0
        self._is_closed = False

    def put(self, n: int, ask: Ask | None) -> None:
        with self._changed:
            if ask is None:
                self._done[n] = None
            else:
                self._waiting[n] = (_host(ask.url), ask)
                self._changed.notify()

    def result(self, n: int) -> Fetched | None:
        with self._changed:
            self._wanted = n
            self._changed.notify_all()
            self._changed.wait_for(lambda: n in self._done)
            fetched = self._done.pop(n)
            self._held_bytes -= _size(fetched)
            return fetched

    def close(self) -> None:
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def work(self) -> None:
        """Ask for one thing after the other until the desk closes."""
        while (taken := self._take()) is not None:
            n, host, ask = taken
            fetched = self._fetch(ask)
            with self._changed:
                self._busy.discard(host)
                self._done[n] = fetched
                self._held_bytes += _size(fetched)
                self._changed.notify_all()

    def _take(self) -> tuple[int, str, Ask] | None:
        with self._changed:
            while not self._is_closed:
                wait_s = _LOOK_AGAIN_S
                is_full = self._held_bytes >= _HELD_BYTES
                seen: set[str] = set()
                for n, (host, ask) in self._waiting.items():
                    if host in self._busy or host in seen or (is_full and n != self._wanted):
                        continue
                    seen.add(host)
                    left_s = self._fetcher.turns.seconds_left(host)
                    if left_s <= 0:
                        del self._waiting[n]
                        self._busy.add(host)
                        return n, host, ask
                    wait_s = min(wait_s, left_s)
                self._changed.wait(wait_s)
        return None

    def _fetch(self, ask: Ask) -> Fetched:
        try:
            return self._fetcher.get(ask.url, etag=ask.etag, last_modified=ask.last_modified, stop_at=ask.stop_at)
        except FetchError as problem:
            return problem
        except Exception as error:  # a server that breaks the client must not end the night: it is counted and shown
            return FetchError(ask.url, f"unexpected {type(error).__name__}", str(error))


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _size(fetched: Fetched | None) -> int:
    return len(fetched.body) if isinstance(fetched, Response) else 0
