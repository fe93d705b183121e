"""Connections to addresses that were checked, with a deadline for the whole response.

A name is resolved once, every address it has is checked, and the connection goes to exactly such an address.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

import httpcore
import httpx

from dedup.errors import SettingsError
from dedup.ingest.fetch_failed import Failed

_NAT64 = IPv6Network("64:ff9b::/96")  # the last 32 bits are an IPv4 address


class Deadline(threading.local):
    """The moment by which this thread's response must be complete, and whether a connection was made for it."""

    def __init__(self, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        self._end = float("inf")
        self.is_connected = False

    def __enter__(self) -> None:
        self._end = time.monotonic() + self.timeout_s
        self.is_connected = False

    def __exit__(self, *error: object) -> None:
        self._end = float("inf")

    def remaining(self, error: type[httpcore.TimeoutException]) -> float:
        """Give the seconds left, at most `timeout_s`; raise `error` if there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise error("the time of the response is up")
        return min(left, self.timeout_s)


class Network(httpcore.NetworkBackend):
    """Connections to addresses that were checked, with a deadline."""

    def __init__(self, deadline: Deadline, *, allow_private: bool, connect_to: Mapping[str, str]) -> None:
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
        """Connect to the first address of a host that answers."""
        error: Exception | None = None
        self._deadline.is_connected = True
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
        """Refuse: sockets of this machine are nobody's business."""
        raise Failed("bad url", f"{path!r} is a socket on this machine")

    def _addresses(self, host: str, port: int) -> list[tuple[str, int]]:
        for pattern, chosen in self._connect_to:
            if fnmatchcase(host, pattern):
                return [chosen]
        addresses = _resolve(host, port)
        for address in addresses:
            if not self._allow_private and not _is_public(address):
                raise Failed(
                    "private address", f"{host} is {address}, which is not public; allow_private or connect_to allow it"
                )
        return [(address, port) for address in addresses]


class _TimedStream(httpcore.NetworkStream):
    """A connection whose every read and write ends at the deadline of the thread that uses it."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
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


class Transport(httpx.BaseTransport):
    """httpx over a pool whose network we chose; httpx's own transport takes none."""

    def __init__(self, pool: httpcore.ConnectionPool) -> None:
        self._pool = pool

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on to the pool, and its answer back."""
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
        """Close all connections."""
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
        raise Failed("no address", f"{host} cannot be resolved: {error}") from error
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
