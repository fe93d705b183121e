"""A URL -> the bytes behind it: the only place that touches the network.

turn at the host (`fetch_turns`) -> what its robots.txt allows (`fetch_robots`) -> connection (`fetch_network`)
-> body (`fetch_bodies`) -> Response, or the next hop of a redirect

Theory of operation
-------------------
What a feed links to was written by a stranger, so nothing it leads to is trusted:

- A name is resolved once, every address it has is checked, and the connection goes to exactly such an address. A name
  that answers differently the second time (DNS rebinding) is never asked a second time. TLS still verifies the name.
- Redirects are followed by hand, and each hop is checked as the first one was.
- The body is decompressed here, in bounded steps, and counted after decompression: a bomb ends at the limit.
- The time of a response is limited as a whole, from the connection to the last byte: a server that drips a byte a
  second ends at the limit, too. Name resolution is the system's and has its own.
- No proxies or certificates from the environment, no cookies.

HTTP/2 where the server offers it. A `Fetcher` may be shared by any number of threads; a host is asked for one thing
at a time.
"""

from __future__ import annotations

import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import zip_longest
from types import MappingProxyType, TracebackType
from typing import Self, TypeVar
from urllib.parse import unquote, urlsplit

import httpcore
import httpx

from dedup.errors import FetchError
from dedup.ingest.fetch_bodies import ACCEPT_ENCODING, read_body
from dedup.ingest.fetch_failed import Failed
from dedup.ingest.fetch_network import Deadline, Network, Transport
from dedup.ingest.fetch_robots import MAX_ROBOTS_BYTES, Robots, RobotsFile
from dedup.ingest.fetch_turns import Turns, retry_after_s
from dedup.ingest.urls import is_web_url, join_url

T = TypeVar("T")

_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, text/html, "
    "application/xhtml+xml, application/xml;q=0.9, */*;q=0.8"
)
_REDIRECTS = (301, 302, 303, 307, 308)
_PERMANENT = (301, 308)
_BUSY = (429, 503)  # that may name a time in Retry-After
_BUSY_S = 30.0  # seconds that a host is left alone after 429 without a time (Media Cloud's value)
_MAX_VALIDATOR_CHARACTERS = 1_000  # of an ETag or a date that is sent back
_NO_HOSTS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What came back.

    Parameters
    ----------
    fetched_url : str
        The URL that was asked for.
    final_url : str
        The URL that answered, after redirects.
    permanent_url : str
        Where the permanent redirects at the beginning of the chain lead: the URL to ask for next time.
    status : int
        200 to 299, or 304; that of the last redirect, if the caller stopped there.
    content_type : str
        The header, as sent; ``""`` if there was none.
    etag, last_modified : str
        The headers, as sent: pass them back to `Fetcher.get` next time. ``""`` if there were none.
    body : bytes
        Decompressed; empty if not modified.
    not_modified : bool
        The server says that what the caller has is still valid.
    stopped : bool
        `final_url` was not asked for: the caller knows it.
    """

    fetched_url: str
    final_url: str
    permanent_url: str
    status: int
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    body: bytes = b""
    not_modified: bool = False
    stopped: bool = False


class Fetcher:
    """Fetch URLs that strangers wrote.

    Parameters
    ----------
    timeout_s : float
        Seconds for one response as a whole, from the connection to its last byte; each redirect is one.
    max_body_bytes : int
        Bytes of one body, after decompression.
    max_redirects : int
        Redirects that are followed.
    user_agent : str
        Who asks.
    host_delay_s : float
        Seconds from the end of one request to a host to the start of the next, by its name. A ``Crawl-delay`` may ask
        for more.
    concurrency : int
        Requests under way at once, of all threads together; a request that waits for its host does not count.
    host_time_s : float
        Seconds that one host may take; what would start later is postponed.
    robots : Robots, optional
        What may be asked for; everything by default.
    allow_private : bool
        Connect to private, loopback, link-local and reserved addresses, too.
    connect_to : Mapping[str, str]
        Host pattern (``"*.example"``) -> ``"address:port"`` to connect to instead. The first pattern that fits counts.
        What the user names here is allowed, wherever it lies.
    ssl_context : ssl.SSLContext, optional
        Whom to trust; by default certifi's list of authorities.
    sleep, monotonic : callable
        Replaced in tests.

    Attributes
    ----------
    turns : Turns
        Who may ask a host when.
    robots : Robots or None
        As given.

    Raises
    ------
    SettingsError
        An address of `connect_to` that is none.
    """

    def __init__(
        self,
        *,
        timeout_s: float,
        max_body_bytes: int,
        max_redirects: int,
        user_agent: str,
        host_delay_s: float,
        concurrency: int,
        host_time_s: float = float("inf"),
        robots: Robots | None = None,
        allow_private: bool = False,
        connect_to: Mapping[str, str] = _NO_HOSTS,
        ssl_context: ssl.SSLContext | None = None,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.turns = Turns(delay_s=host_delay_s, host_time_s=host_time_s, sleep=sleep, monotonic=monotonic)
        self._max_body_bytes = max_body_bytes
        self._max_redirects = max_redirects
        self.robots = robots
        self._slots = threading.BoundedSemaphore(concurrency)
        self._deadline = Deadline(timeout_s)
        pool = httpcore.ConnectionPool(
            ssl_context=ssl_context or httpx.create_ssl_context(trust_env=False),
            max_connections=concurrency,
            keepalive_expiry=5.0,
            http2=True,
            network_backend=Network(self._deadline, allow_private=allow_private, connect_to=connect_to),
        )
        self._headers = {"User-Agent": user_agent, "Accept-Encoding": ACCEPT_ENCODING, "Connection": "keep-alive"}
        self._transport = Transport(pool)  # no httpx.Client: it would parse redirects, keep cookies, and read more

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def get(
        self,
        url: str,
        *,
        etag: str = "",
        last_modified: str = "",
        accept: str = "",
        stop_at: Callable[[str], bool] | None = None,
    ) -> Response:
        """Fetch a URL.

        Parameters
        ----------
        url : str
            Absolute, ``http`` or ``https``.
        etag, last_modified : str
            What the last response said; the server may answer that nothing has changed since.
        accept : str
            The header of that name; by default feeds and pages.
        stop_at : callable, optional
            Asked about each URL that a redirect leads to: True ends the chain there, with a response that is `stopped`.

        Returns
        -------
        Response
            Its status is 200 to 299, or 304 if `etag` or `last_modified` was given.

        Raises
        ------
        FetchError
            Whatever else happened, by a named reason: ``timeout``, ``too large``, ``too many redirects``,
            ``private address``, ``bad url``, ``no address``, ``connection failed``, ``bad encoding``, ``robots``,
            ``postponed``, ``http 404`` and the like.
        """
        hop = [url]
        try:
            return self._follow(url, hop, _request_headers(etag, last_modified, accept), stop_at)
        except Failed as failed:
            via = f"after a redirect to {_shown(hop[0])}" if hop[0] != url else ""
            detail = ", ".join(part for part in (failed.detail, via) if part)
            raise FetchError(_shown(url), failed.reason, detail, retry_after_s=failed.retry_after_s) from None

    def post_json(self, url: str, body: bytes, headers: Mapping[str, str] = _NO_HOSTS) -> int:
        """Post JSON to a URL, through the same door as `get`: same checks, same limits. Redirects are not followed.

        Parameters
        ----------
        url : str
            Absolute, ``http`` or ``https``.
        body : bytes
            JSON, UTF-8.
        headers : Mapping[str, str]
            Further ones.

        Returns
        -------
        int
            The status, 200 to 299.

        Raises
        ------
        FetchError
            As for `get`; a redirect is one, by its status.
        """
        try:
            if not is_web_url(url):
                raise Failed("bad url", f"{_shown(url)!r} is not an http or https URL with a host")
            sent = {"Content-Type": "application/json", **headers}
            answer = self._ask(url, sent, is_robots=True, body=body)  # the user named it: no robots.txt is asked
            if isinstance(answer, Response):
                return answer.status
            raise Failed(f"http {answer.status}", f"it leads to {_shown(answer.target)}; name that URL instead")
        except Failed as failed:
            raise FetchError(_shown(url), failed.reason, failed.detail, retry_after_s=failed.retry_after_s) from None

    def _follow(
        self,
        url: str,
        hop: list[str],
        headers: Mapping[str, str],
        stop_at: Callable[[str], bool] | None = None,
        *,
        is_robots: bool = False,
    ) -> Response:
        """Ask for a URL, and for what its redirects lead to; `hop` holds what is asked for at the moment."""
        permanent, is_permanent = url, True
        for _ in range(self._max_redirects + 1):
            if not is_web_url(hop[0]):
                raise Failed("bad url", f"{_shown(hop[0])!r} is not an http or https URL with a host")
            answer = self._ask(hop[0], headers, is_robots=is_robots)
            if isinstance(answer, Response):
                return replace(answer, fetched_url=url, final_url=hop[0], permanent_url=permanent)
            hop[0] = answer.target
            is_permanent = is_permanent and answer.status in _PERMANENT
            permanent = hop[0] if is_permanent else permanent
            if stop_at and stop_at(hop[0]):
                return Response(
                    fetched_url=url, final_url=hop[0], permanent_url=permanent, status=answer.status, stopped=True
                )
        hop[0], last = url, hop[0]
        detail = f"{self._max_redirects} were followed, the next leads to {_shown(last)}"
        raise Failed("too many redirects", detail)

    def _ask(
        self, url: str, headers: Mapping[str, str], *, is_robots: bool, body: bytes | None = None
    ) -> Response | _Redirect:
        """Make one request of the chain, in its host's turn; twice, if a kept connection had died meanwhile."""
        host = urlsplit(url).hostname or ""
        delay_s = self.robots.check(url, self._fetch_robots) if self.robots and not is_robots else 0.0
        for is_last in (False, True):
            try:
                with self.turns.turn(host):
                    self.turns.slow_down(host, delay_s)
                    with self._slots, self._deadline:
                        return self._named(url, headers, is_robots=is_robots, body=body)
            except Failed as failed:
                if failed.retry_after_s or failed.reason == "http 429":
                    self.turns.hold(host, failed.retry_after_s or _BUSY_S)
                is_stale = failed.reason == "connection failed" and not self._deadline.is_connected
                if is_last or not is_stale or body is not None:
                    raise
        raise AssertionError("the second time returns or raises")

    def _fetch_robots(self, url: str, known: RobotsFile) -> RobotsFile | None:
        response = self._follow(
            url, [url], _request_headers(known.etag, known.last_modified, "text/plain, */*;q=0.8"), is_robots=True
        )
        if response.not_modified:
            return None
        return RobotsFile(
            origin=known.origin, body=response.body, etag=response.etag, last_modified=response.last_modified
        )

    def _named(
        self, url: str, headers: Mapping[str, str], *, is_robots: bool, body: bytes | None
    ) -> Response | _Redirect:
        """Make a request; every failure comes out under its name."""
        try:
            return self._receive(url, headers, is_robots=is_robots, body=body)
        except (httpcore.TimeoutException, httpx.TimeoutException):
            raise Failed("timeout", f"no whole response within {self._deadline.timeout_s:g} s") from None
        except (httpx.InvalidURL, UnicodeError) as error:
            raise Failed("bad url", str(error)) from error
        except (httpcore.NetworkError, httpcore.ProtocolError, httpx.HTTPError, OSError) as error:
            raise Failed("connection failed", str(error) or type(error).__name__) from error

    def _receive(
        self, url: str, headers: Mapping[str, str], *, is_robots: bool, body: bytes | None
    ) -> Response | _Redirect:
        every = {**self._headers, **_authorization(url), **headers}
        request = httpx.Request("GET" if body is None else "POST", url, headers=every, content=body)
        with closing(self._transport.handle_request(request)) as response:
            status, sent = response.status_code, response.headers
            if status in _REDIRECTS and (location := sent.get("location")):
                return _Redirect.follow(url, location, status)
            is_conditional = "If-None-Match" in headers or "If-Modified-Since" in headers
            if not 200 <= status < 300 and not (status == 304 and is_conditional):
                wait_s = retry_after_s(sent.get("retry-after", ""), sent.get("date", "")) if status in _BUSY else 0.0
                raise Failed(f"http {status}", response.reason_phrase[:100], wait_s)
            return Response(
                fetched_url=url,
                final_url=url,
                permanent_url=url,
                status=status,
                content_type=sent.get("content-type", ""),
                etag=sent.get("etag", ""),
                last_modified=sent.get("last-modified", ""),
                body=b"" if status == 304 else self._body(response, is_robots=is_robots),
                not_modified=status == 304,
            )

    def _body(self, response: httpx.Response, *, is_robots: bool) -> bytes:
        return read_body(
            response.iter_raw(),
            encoding=response.headers.get("content-encoding", ""),
            declared_bytes=response.headers.get("content-length", ""),
            max_bytes=min(self._max_body_bytes, MAX_ROBOTS_BYTES) if is_robots else self._max_body_bytes,
            cut=is_robots,
        )


def by_turns(items: Iterable[T], url_of: Callable[[T], str]) -> list[T]:
    """Order work so that hosts take turns: a pool of threads then waits for all hosts at once, not for one at a time.

    Examples
    --------
    >>> by_turns(["https://a.org/1", "https://a.org/2", "https://b.org/1"], str)
    ['https://a.org/1', 'https://b.org/1', 'https://a.org/2']
    """
    by_host: dict[str, list[tuple[T]]] = {}
    for item in items:
        host = url_of(item).partition("://")[2].partition("/")[0].lower()
        by_host.setdefault(host, []).append((item,))
    nobody: tuple[T, ...] = ()
    rounds = zip_longest(*by_host.values(), fillvalue=nobody)
    return [item for turns in rounds for turn in turns for item in turn]


@dataclass(frozen=True, slots=True)
class _Redirect:
    target: str
    status: int

    @classmethod
    def follow(cls, url: str, location: str, status: int) -> _Redirect:
        target = join_url(url, location)
        if not target:
            raise Failed("bad url", f"a redirect leads to {location[:200]!r}, which is not an http or https URL")
        return cls(target, status)


def _request_headers(etag: str, last_modified: str, accept: str) -> dict[str, str]:
    headers = {"Accept": accept or _ACCEPT}
    if _is_validator(etag):
        headers["If-None-Match"] = etag
    if _is_validator(last_modified):
        headers["If-Modified-Since"] = last_modified
    return headers


def _authorization(url: str) -> dict[str, str]:
    """Send the name and password that stand in a URL, to its host alone: some feeds are paid for."""
    parts = urlsplit(url)
    if not parts.username:
        return {}
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


def _is_validator(value: str) -> bool:
    """Tell whether a validator can be sent back; one that cannot costs an unconditional request, nothing else."""
    return value.isascii() and value.isprintable() and 0 < len(value.strip()) <= _MAX_VALIDATOR_CHARACTERS


def _shown(url: str) -> str:
    """Leave a password out of what is printed, and the end of what is endless."""
    head, at, rest = url.partition("@")
    scheme, slashes, _ = head.partition("://")
    if at and slashes and "/" not in head[len(scheme) + 3 :]:
        url = f"{scheme}://...@{rest}"
    return url if len(url) <= 300 else f"{url[:300]}..."
