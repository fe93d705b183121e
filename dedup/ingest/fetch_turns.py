"""Who may ask a host when.

One request to a host at a time, and a pause from the end of one to the start of the next: as the server sees them, two
requests are then never closer than the pause, however long a connection took.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite

from dedup.ingest.fetch_failed import Failed

_MAX_FAILURES = 3  # in a row, of connections; then the host is down for this run
_MAX_RETRY_AFTER_S = 86_400.0  # Media Cloud's cap: it once was sent 88 hours
_DOWN = ("timeout", "connection failed", "no address")


@dataclass
class _Host:
    delay_s: float
    next_start: float
    first_start: float
    n_failures: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Turns:
    """The turns of all hosts, for any number of threads.

    Parameters
    ----------
    delay_s : float
        Seconds from the end of a request to the start of the next one to the same host.
    host_time_s : float
        Seconds that one host may take of a run. What would start later is postponed.
    sleep, monotonic : callable
        Replaced in tests.
    """

    def __init__(
        self, *, delay_s: float, host_time_s: float, sleep: Callable[[float], None], monotonic: Callable[[], float]
    ) -> None:
        self._delay_s = delay_s
        self._host_time_s = host_time_s
        self._sleep = sleep
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._hosts: dict[str, _Host] = {}
        self._held: dict[str, float] = {}

    @contextmanager
    def turn(self, host: str) -> Iterator[None]:
        """Wait for a turn of a host, and keep it while the request is under way.

        Raises
        ------
        Failed
            ``postponed``: the turn would come too late, or the host failed too often.
        """
        about = self._host(host)
        with about.lock:
            if about.n_failures >= _MAX_FAILURES:
                raise Failed("postponed", f"{host} failed {about.n_failures} times in a row")
            wait_s = about.next_start - self._monotonic()
            if about.next_start - about.first_start > self._host_time_s:
                raise Failed("postponed", f"{host} asks to wait for {wait_s:,.0f} s more")
            if wait_s > 0:
                self._sleep(wait_s)
            try:
                yield
                about.n_failures = 0
            except Failed as failed:
                about.n_failures = about.n_failures + 1 if failed.reason in _DOWN else 0
                raise
            finally:
                about.next_start = max(about.next_start, self._monotonic() + about.delay_s)

    def seconds_left(self, host: str) -> float:
        """Tell how long to wait for the next turn of a host; 0 where it may be asked at once, or will be refused."""
        with self._lock:
            about = self._hosts.get(host)
        if about is None or about.next_start - about.first_start > self._host_time_s:
            return 0.0
        return max(0.0, about.next_start - self._monotonic())

    def slow_down(self, host: str, delay_s: float) -> None:
        """Keep a longer pause from now on, as a ``Crawl-delay`` asks for; the next request may start as planned."""
        about = self._host(host)
        if delay_s == delay_s and delay_s > about.delay_s:
            about.delay_s = delay_s

    def hold(self, host: str, seconds: float) -> None:
        """Ask a host for nothing for a while, as a ``Retry-After`` asks for."""
        about, seconds = self._host(host), min(seconds, _MAX_RETRY_AFTER_S)
        about.next_start = max(about.next_start, self._monotonic() + seconds)
        with self._lock:
            self._held[host] = max(seconds, self._held.get(host, 0.0))

    def held(self) -> dict[str, float]:
        """Tell for how many seconds which hosts asked to be left alone."""
        with self._lock:
            return dict(sorted(self._held.items()))

    def _host(self, host: str) -> _Host:
        with self._lock:
            now = self._monotonic()
            return self._hosts.setdefault(host, _Host(self._delay_s, now, now))


def retry_after_s(value: str, date: str) -> float:
    """Read a ``Retry-After``.

    Parameters
    ----------
    value : str
        The header: seconds, or a date.
    date : str
        The header ``Date`` of the same response, against which a date counts: both are of the server's clock.

    Returns
    -------
    float
        Seconds in [0, 86400]; 0 where the header says nothing that can be read.

    Examples
    --------
    >>> retry_after_s("120", "")
    120.0
    >>> retry_after_s("Mon, 25 Jun 2018 14:31:00 GMT", "Mon, 25 Jun 2018 14:30:00 GMT")
    60.0
    """
    try:
        seconds = float(value) if value.strip().isdecimal() else (_date(value) - _date(date)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return 0.0
    return min(max(seconds, 0.0), _MAX_RETRY_AFTER_S) if isfinite(seconds) else 0.0


def _date(value: str) -> datetime:
    date = parsedate_to_datetime(value[:100])
    return date if date.tzinfo else date.replace(tzinfo=UTC)
