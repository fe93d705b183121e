"""robots.txt -> what may be asked of an origin, and how fast (RFC 9309, and ``Crawl-delay``).

A robots.txt is fetched once a day, with the limits of everything else. What it says is kept between runs, and then
asked for conditionally. Where it is not there (4xx), everything is allowed; where the server fails (5xx, 429),
what it said last counts, and nothing is allowed where it never said anything; where it cannot be reached, neither can
the page.
"""

from __future__ import annotations

import re
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache
from urllib.parse import urlsplit

from protego import Protego

from dedup.ingest.fetch_failed import Failed

MAX_ROBOTS_BYTES = 512_000  # RFC 9309 asks for at least 500 KiB; the rest is not read
_MAX_PARSED = 1_000  # files that are held as rules at once; the others are parsed again, not fetched again
_USER_AGENT_LINE = re.compile(r"\s*user[- ]?agents?\s*:?\s*(.*)", re.I)
_PRODUCT = re.compile(r"([A-Za-z][\w.-]*)/\d")
_UNREACHABLE = ("timeout", "connection failed", "no address", "postponed", "private address", "bad url")


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsFile:
    """What an origin's robots.txt said last.

    Parameters
    ----------
    origin : str
        ``https://example.org``, with the port where there is one.
    body : bytes
        At most `MAX_ROBOTS_BYTES`.
    etag, last_modified : str
        To ask whether it changed.
    is_fresh : bool
        It counts for this run without being asked for.
    """

    origin: str
    body: bytes = b""
    etag: str = ""
    last_modified: str = ""
    is_fresh: bool = False


@dataclass(slots=True)
class _Origin:
    """What is known of an origin in this run: nothing yet, its rules as bytes, or why they cannot be had."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    packed: bytes | None = None
    failed: Failed | None = None


class Robots:
    """The rules of all origins of a run, for any number of threads.

    Parameters
    ----------
    user_agent : str
        Who asks; the group of rules that names it counts, else the one for all.
    ignore : sequence of str
        Patterns of hosts whose robots.txt is not asked for.
    known : Mapping[str, RobotsFile]
        What was said last, by origin.

    Attributes
    ----------
    changed : dict of str to RobotsFile
        What is newly said and was not taken yet, by origin.
    """

    def __init__(self, user_agent: str, *, ignore: tuple[str, ...], known: Mapping[str, RobotsFile]) -> None:
        self.changed: dict[str, RobotsFile] = {}
        self._names = product_names(user_agent)
        self._user_agent = " ".join(sorted(self._names))
        self._ignore = ignore
        self._known = known
        self._lock = threading.Lock()
        self._origins: dict[str, _Origin] = {}
        self._parsed = lru_cache(_MAX_PARSED)(lambda packed: _parse(zlib.decompress(packed), self._names))

    def check(self, url: str, fetch: Callable[[str, RobotsFile], RobotsFile | None]) -> float:
        """Check that a URL may be asked for.

        Parameters
        ----------
        url : str
            Absolute web URL.
        fetch : callable
            Gives what a robots.txt says now, from its URL and what it said last; None where it says the same.

        Returns
        -------
        float
            ``Crawl-delay`` in seconds; 0 where none is asked for.

        Raises
        ------
        Failed
            ``robots`` where it may not, else the reason for which the robots.txt cannot be reached.
        """
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        if any(fnmatchcase(host, pattern.lower()) for pattern in self._ignore):
            return 0.0
        rules = self._rules(f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}", fetch)
        if not rules.can_fetch(url, self._user_agent):
            raise Failed("robots", "robots.txt does not allow it; the setting ignore_robots can")
        delay = rules.crawl_delay(self._user_agent) or 0.0
        if (rate := rules.request_rate(self._user_agent)) and rate.requests > 0:
            delay = max(delay, rate.seconds / rate.requests)
        return float(delay)

    def _rules(self, origin: str, fetch: Callable[[str, RobotsFile], RobotsFile | None]) -> Protego:
        with self._lock:
            about = self._origins.setdefault(origin, _Origin())
        with about.lock:
            if about.failed:
                raise about.failed
            if about.packed is None:
                try:
                    about.packed = zlib.compress(self._read(origin, fetch))
                except Failed as failed:
                    about.failed = failed
                    raise
        return self._parsed(about.packed)

    def _read(self, origin: str, fetch: Callable[[str, RobotsFile], RobotsFile | None]) -> bytes:
        """Give the rules that count: those said now, or last."""
        known = self._known.get(origin) or RobotsFile(origin=origin)
        if known.is_fresh:
            return known.body
        try:
            said = fetch(f"{origin}/robots.txt", known)
        except Failed as failed:
            is_failing = failed.reason.startswith("http 5") or failed.reason == "http 429"
            if failed.reason in _UNREACHABLE:
                raise Failed(failed.reason, f"robots.txt: {failed.detail}", failed.retry_after_s) from failed
            if is_failing and not known.body:
                raise Failed("robots", f"robots.txt answers {failed.reason}", failed.retry_after_s) from failed
            if is_failing:
                return known.body
            said = RobotsFile(origin=origin)
        said = said or known
        self.changed[origin] = said
        return said.body

    def take_changed(self) -> list[RobotsFile]:
        """Give what is newly said since the last call, to be kept."""
        return [self.changed.pop(origin) for origin in list(self.changed)]


def _parse(body: bytes, names: frozenset[str]) -> Protego:
    text = body.decode("utf-8-sig", errors="replace").replace("\0", "")
    return Protego.parse("\n".join(_for_us(text.splitlines(), names)))


def _for_us(lines: list[str], names: frozenset[str]) -> Iterator[str]:
    """Call all robots but us "other", once a group: thousands of names over thousands of rules fill the memory."""
    named: set[str] = set()  # in this group
    for line in lines:
        match = _USER_AGENT_LINE.match(line)
        if not match:
            if line.partition("#")[0].strip():
                named = set()
            yield line
            continue
        name = match[1].partition("#")[0].strip().lower()
        name = name if name in names or name == "*" else "other"
        if name not in named:
            named.add(name)
            yield f"User-agent: {name}"


def product_names(user_agent: str) -> frozenset[str]:
    """Give the names in a user agent by which a robots.txt may mean it.

    Examples
    --------
    >>> sorted(product_names("Mozilla/5.0 (compatible; Newsbot/1.2; +https://example.org)"))
    ['mozilla', 'newsbot']
    >>> product_names("Reader of Jo")
    frozenset({'reader'})
    """
    return frozenset(name.lower() for name in _PRODUCT.findall(user_agent) or user_agent.split()[:1])
