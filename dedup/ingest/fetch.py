"""A URL -> the bytes behind it: the only place that touches the network.

Theory of operation
-------------------
What a feed links to was written by a stranger, so nothing it leads to is trusted:

- A name is resolved once, every address it has is checked, and the connection goes to exactly such an address. A name
  that answers differently the second time (DNS rebinding) is never asked a second time. TLS still verifies the name.
- Redirects are followed by hand, and each hop is checked as the first one was.
- The body is decompressed here, in bounded steps, and counted after decompression: a bomb ends at the limit. Only gzip
  and deflate are asked for; Brotli and Zstandard libraries cannot be stopped in the middle of a step.
- The time of a response is limited as a whole, from the connection to the last byte: a server that drips a byte a
  second ends at the limit, too. Name resolution is the system's and has its own.
- No proxies or certificates from the environment, no cookies.

A `Fetcher` may be shared by any number of threads: give one to a thread pool, and `by_turns` the order of the work.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from itertools import zip_longest
from types import MappingProxyType, TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import httpcore
import httpx

from dedup.errors import FetchError, SettingsError
from dedup.ingest.urls import is_web_url, join_url

T = TypeVar("T")

_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, text/html, "
    "application/xhtml+xml, application/xml;q=0.9, */*;q=0.8"
)
_REDIRECTS = (301, 302, 303, 307, 308)
_PERMANENT = (301, 308)
_PLAIN = ("", "identity", "none", "utf-8")  # the last two are no encodings, but are sent for "as it is"
_STEP_BYTES = 65_536  # decompressed at once
_MAX_VALIDATOR_CHARACTERS = 1_000  # of an ETag or a date that is sent back
_GZIP_MAGIC = b"\x1f\x8b"
_NAT64 = IPv6Network("64:ff9b::/96")  # the last 32 bits are an IPv4 address
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
        200 to 299, or 304.
    content_type : str
        The header, as sent; ``""`` if there was none.
    etag, last_modified : str
        The headers, as sent: pass them back to `Fetcher.get` next time. ``""`` if there were none.
    body : bytes
        Decompressed; empty if not modified.
    not_modified : bool
        The server says that what the caller has is still valid.
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
        Seconds between the starts of two requests to one host, by its name.
    concurrency : int
        Requests under way at once, of all threads together; a request that waits for its host does not count.
    allow_private : bool
        Connect to private, loopback, link-local and reserved addresses, too.
    connect_to : Mapping[str, str]
        Host pattern (``"*.example"``) -> ``"address:port"`` to connect to instead. The first pattern that fits counts.
        What the user names here is allowed, wherever it lies.
    ssl_context : ssl.SSLContext, optional
        Whom to trust; by default certifi's list of authorities.
    sleep, monotonic : callable
        Replaced in tests.

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
        allow_private: bool = False,
        connect_to: Mapping[str, str] = _NO_HOSTS,
        ssl_context: ssl.SSLContext | None = None,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_body_bytes = max_body_bytes
        self._max_redirects = max_redirects
        self._turns = _Turns(host_delay_s, sleep, monotonic)
        self._slots = threading.BoundedSemaphore(concurrency)
        self._deadline = _Deadline(timeout_s)
        pool = httpcore.ConnectionPool(
            ssl_context=ssl_context or httpx.create_ssl_context(trust_env=False),
            max_connections=concurrency,
            keepalive_expiry=5.0,
            network_backend=_Network(self._deadline, allow_private=allow_private, connect_to=connect_to),
        )
        self._client = httpx.Client(
            transport=_Transport(pool),
            headers={"User-Agent": user_agent, "Accept-Encoding": "gzip, deflate"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            timeout=timeout_s,
            trust_env=False,
            follow_redirects=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def get(self, url: str, *, etag: str = "", last_modified: str = "", accept: str = "") -> Response:
        """Fetch a URL.

        Parameters
        ----------
        url : str
            Absolute, ``http`` or ``https``.
        etag, last_modified : str
            What the last response said; the server may answer that nothing has changed since.
        accept : str
            The header of that name; by default feeds and pages.

        Returns
        -------
        Response
            Its status is 200 to 299, or 304 if `etag` or `last_modified` was given.

        Raises
        ------
        FetchError
            Whatever else happened, by a named reason: ``timeout``, ``too large``, ``too many redirects``,
            ``private address``, ``bad url``, ``no address``, ``connection failed``, ``bad encoding``, ``http 404`` and
            the like.
        """
        headers = _request_headers(etag, last_modified, accept)
        current = permanent = url
        is_permanent = True
        for _ in range(self._max_redirects + 1):
            if not is_web_url(current):
                raise FetchError(_shown(url), "bad url", f"{_shown(current)!r} is not an http or https URL with a host")
            answer = self._ask(url, current, headers)
            if isinstance(answer, Response):
                return replace(answer, fetched_url=url, final_url=current, permanent_url=permanent)
            current = answer.target
            is_permanent = is_permanent and answer.is_permanent
            permanent = current if is_permanent else permanent
        detail = f"{self._max_redirects} were followed, the next leads to {_shown(current)}"
        raise FetchError(_shown(url), "too many redirects", detail)

    def post_json(self, url: str, body: bytes, headers: Mapping[str, str] = _NO_HOSTS) -> int:
        """Post JSON to a URL, through the same checks as `get`; redirects are not followed.

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
            As for `get`; ``http redirect`` for a redirect.
        """
        if not is_web_url(url):
            raise FetchError(_shown(url), "bad url", f"{_shown(url)!r} is not an http or https URL with a host")
        answer = self._ask(url, url, {"Content-Type": "application/json", **headers}, body)
        if isinstance(answer, Response):
            return answer.status
        raise FetchError(_shown(url), "http redirect", f"it leads to {_shown(answer.target)}; name that URL instead")

    def _ask(
        self, asked: str, current: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> Response | _Redirect:
        """Make one request of the chain; every failure comes out as a FetchError that names the URL asked for."""
        self._turns.wait(urlsplit(current).hostname or "")
        via = f"after a redirect to {_shown(current)}" if current != asked else ""
        try:
            with self._slots, self._deadline:
                return self._receive(current, headers, body)
        except _Failed as failed:
            reason, detail = failed.reason, failed.detail
        except (httpcore.TimeoutException, httpx.TimeoutException):
            reason, detail = "timeout", f"no whole response within {self._deadline.timeout_s:g} s"
        except (httpx.InvalidURL, UnicodeError) as error:
            reason, detail = "bad url", str(error)
        except (httpcore.NetworkError, httpcore.ProtocolError, httpx.HTTPError, OSError) as error:
            reason, detail = "connection failed", str(error) or type(error).__name__
        raise FetchError(_shown(asked), reason, ", ".join(part for part in (detail, via) if part))

    def _receive(self, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Response | _Redirect:
        with self._client.stream("GET" if body is None else "POST", url, headers=headers, content=body) as response:
            status = response.status_code
            if status in _REDIRECTS and (location := response.headers.get("location")):
                return _Redirect.follow(url, location, status)
            is_conditional = "If-None-Match" in headers or "If-Modified-Since" in headers
            if not 200 <= status < 300 and not (status == 304 and is_conditional):
                raise _Failed(f"http {status}", response.reason_phrase[:100])
            return Response(
                fetched_url=url,
                final_url=url,
                permanent_url=url,
                status=status,
                content_type=response.headers.get("content-type", ""),
                etag=response.headers.get("etag", ""),
                last_modified=response.headers.get("last-modified", ""),
                body=b"" if status == 304 else self._body(response),
                not_modified=status == 304,
            )

    def _body(self, response: httpx.Response) -> bytes:
        declared = response.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > self._max_body_bytes:
            raise _too_large(self._max_body_bytes)
        encoding = response.headers.get("content-encoding", "").strip().lower()
        raw = _limited(response.iter_raw(), self._max_body_bytes)
        body = bytearray()
        for piece in raw if encoding in _PLAIN else _decompress(raw, encoding):
            body += piece
            if len(body) > self._max_body_bytes:
                raise _too_large(self._max_body_bytes)
        return bytes(body)


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


class _Failed(Exception):  # noqa: N818  (an outcome on its way to becoming a FetchError)
    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class _Redirect:
    target: str
    is_permanent: bool

    @classmethod
    def follow(cls, url: str, location: str, status: int) -> _Redirect:
        target = join_url(url, location)
        if not target:
            raise _Failed("bad url", f"a redirect leads to {location[:200]!r}, which is not an http or https URL")
        return cls(target, status in _PERMANENT)


class _Turns:
    """Who may ask a host when: each call takes the host's next free moment and sleeps until then."""

    def __init__(self, delay_s: float, sleep: Callable[[float], None], monotonic: Callable[[], float]) -> None:
        self._delay_s = delay_s
        self._sleep = sleep
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._next_start: dict[str, float] = {}

    def wait(self, host: str) -> None:
        with self._lock:
            now = self._monotonic()
            start = max(now, self._next_start.get(host, now))
            self._next_start[host] = start + self._delay_s
        if start > now:
            self._sleep(start - now)


class _Deadline(threading.local):
    """The moment by which this thread's response must be complete."""

    def __init__(self, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        self._end = float("inf")

    def __enter__(self) -> None:
        self._end = time.monotonic() + self.timeout_s

    def __exit__(self, *error: object) -> None:
        self._end = float("inf")

    def remaining(self, error: type[httpcore.TimeoutException]) -> float:
        """Give the seconds left, at most `timeout_s`; raise `error` if there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise error("the time of the response is up")
        return min(left, self.timeout_s)


class _Network(httpcore.NetworkBackend):
    """Connections to addresses that were checked, with a deadline."""

    def __init__(self, deadline: _Deadline, *, allow_private: bool, connect_to: Mapping[str, str]) -> None:
        self._deadline = deadline
        self._allow_private = allow_private
        self._connect_to = [(pattern.lower(), _host_and_port(address)) for pattern, address in connect_to.items()]
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        error: Exception | None = None
        for address, to_port in self._addresses(host.lower(), port):
            left = self._deadline.remaining(httpcore.ConnectTimeout)
            try:
                stream = self._plain.connect_tcp(address, to_port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                error = failed
            else:
                return _TimedStream(stream, self._deadline)
        raise error or httpcore.ConnectError(f"{host} has no address")

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        raise _Failed("bad url", f"{path!r} is a socket on this machine")

    def _addresses(self, host: str, port: int) -> list[tuple[str, int]]:
        for pattern, chosen in self._connect_to:
            if fnmatchcase(host, pattern):
                return [chosen]
        addresses = _resolve(host, port)
        for address in addresses:
            if not self._allow_private and not _is_public(address):
                raise _Failed(
                    "private address", f"{host} is {address}, which is not public; allow_private or connect_to allow it"
                )
        return [(address, port) for address in addresses]


class _TimedStream(httpcore.NetworkStream):
    """A connection whose every read and write ends at the deadline of the thread that uses it."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.remaining(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.remaining(httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._deadline.remaining(httpcore.ConnectTimeout)
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Transport(httpx.BaseTransport):
    """httpx over a pool whose network we chose; httpx's own transport takes none."""

    def __init__(self, pool: httpcore.ConnectionPool) -> None:
        self._pool = pool

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        answer = self._pool.handle_request(
            httpcore.Request(
                request.method,
                httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Stream(answer.stream), extensions=answer.extensions
        )

    def close(self) -> None:
        self._pool.close()


class _Stream(httpx.SyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        self._stream.close()


def _resolve(host: str, port: int) -> list[str]:
    """Give a host's addresses, in the system's order; the name is asked for once."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise _Failed("no address", f"{host} cannot be resolved: {error}") from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _is_public(address: str) -> bool:
    """Tell whether an address is on the Internet, IPv4 addresses wrapped in IPv6 ones included."""
    ip = ip_address(address.partition("%")[0])
    return all(each.is_global and not each.is_multicast and not each.is_reserved for each in (ip, *_wrapped(ip)))


def _wrapped(ip: IPv4Address | IPv6Address) -> list[IPv4Address]:
    if isinstance(ip, IPv4Address):
        return []
    if ip in _NAT64:
        return [IPv4Address(int(ip) & 0xFFFFFFFF)]
    return [each for each in (ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())) if each is not None]


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise SettingsError(f"connect_to names {address!r}; it must be an address and a port, like 127.0.0.1:8123")
    return host.strip("[]"), int(port)


def _request_headers(etag: str, last_modified: str, accept: str) -> dict[str, str]:
    headers = {"Accept": accept or _ACCEPT}
    if _is_validator(etag):
        headers["If-None-Match"] = etag
    if _is_validator(last_modified):
        headers["If-Modified-Since"] = last_modified
    return headers


def _is_validator(value: str) -> bool:
    """Tell whether a validator can be sent back; one that cannot costs an unconditional request, nothing else."""
    return value.isascii() and value.isprintable() and 0 < len(value.strip()) <= _MAX_VALIDATOR_CHARACTERS


def _limited(pieces: Iterable[bytes], max_bytes: int) -> Iterator[bytes]:
    """Pass bytes on until there are too many: a compressed stream can be long and hold nothing."""
    n = 0
    for piece in pieces:
        n += len(piece)
        if n > max_bytes:
            raise _too_large(max_bytes)
        yield piece


def _too_large(max_bytes: int) -> _Failed:
    return _Failed("too large", f"the body is longer than {max_bytes:,} bytes")


def _decompress(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Decompress in bounded steps; several gzip members in a row are one body, what else follows them is dropped."""
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise _Failed("bad encoding", f"content-encoding is {encoding[:100]!r}; gzip and deflate were asked for")
    inflate = None
    try:
        for piece in pieces:
            while piece:
                if inflate is None or inflate.eof:
                    if inflate and not piece.startswith(_GZIP_MAGIC):
                        return
                    inflate = _inflater(encoding, piece)
                yield from _in_steps(inflate, piece)
                piece = inflate.unused_data
    except zlib.error as error:
        raise _Failed("bad encoding", f"what was sent as {encoding} is not: {error}") from error
    if inflate is not None and not inflate.eof:
        raise _Failed("bad encoding", f"the {encoding} stream ends before its end")


def _in_steps(inflate: Any, piece: bytes) -> Iterator[bytes]:
    """Decompress a piece, at most `_STEP_BYTES` at once; a full step may leave more behind without any input left."""
    step = b""
    while piece or len(step) == _STEP_BYTES:
        step = inflate.decompress(piece, _STEP_BYTES)
        yield step
        piece = inflate.unconsumed_tail


def _inflater(encoding: str, head: bytes) -> Any:
    """Choose the format; "deflate" means zlib's, but some servers leave its two bytes of header out."""
    if encoding != "deflate":
        return zlib.decompressobj(zlib.MAX_WBITS | 16)
    has_header = head[0] & 0x0F == 8 and (len(head) < 2 or int.from_bytes(head[:2]) % 31 == 0)
    return zlib.decompressobj(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)


def _shown(url: str) -> str:
    """Leave a password out of what is printed, and the end of what is endless."""
    head, at, rest = url.partition("@")
    scheme, slashes, _ = head.partition("://")
    if at and slashes and "/" not in head[len(scheme) + 3 :]:
        url = f"{scheme}://...@{rest}"
    return url if len(url) <= 300 else f"{url[:300]}..."
