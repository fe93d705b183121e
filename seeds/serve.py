"""The seed world over real HTTP on loopback: one server that answers for every outlet, by the Host header.

::

    with serve() as world:
        world.address   # "127.0.0.1:43219"; a client asks it for http://blitz.example/feed.xml
        world.requests  # [("blitz.example", "/feed.xml", 200), ...]

``python seeds/serve.py --port 8000`` runs it in the foreground.
"""

from __future__ import annotations

import argparse
import gzip
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import partial
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from types import TracebackType
from typing import NamedTuple, Self, TypeAlias

if not __package__:  # run as a file: Python put seeds/ on the path, the package lies one up
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from seeds.feeds import MEDIA_TYPES, opml, render_feed
from seeds.pages import render_home, render_page
from seeds.records import Article, Outlet, load_articles, load_outlets

ROBOTS = b"User-agent: *\nDisallow: /search\nDisallow: /login\nDisallow: /share\n"
IDLE_TIMEOUT_S = 10  # seconds a kept-alive connection may stay silent


class Resource(NamedTuple):
    """What is served under one URL."""

    body: bytes
    media_type: str
    changed: datetime

    @property
    def etag(self) -> str:
        """Weak, as the body may be sent with gzip or without."""
        return f'W/"{blake2b(self.body, digest_size=12).hexdigest()}"'


Resources: TypeAlias = dict[tuple[str, str], Resource]  # by host and path
Record: TypeAlias = Callable[[str, str, int], None]


class World:
    """The server, running in a thread of its own from ``with`` to the block's end.

    Parameters
    ----------
    port : int
        Where to listen on 127.0.0.1; 0 takes a free port.

    Raises
    ------
    OSError
        The port is taken.
    """

    def __init__(self, port: int = 0) -> None:
        self._requests: list[tuple[str, str, int]] = []
        self._lock = Lock()
        handler = partial(_Handler, resources=_all_resources(), record=self._record)
        self._server = _Server(("127.0.0.1", port), handler)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def address(self) -> str:
        """Where it listens, ``127.0.0.1:PORT``."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def requests(self) -> list[tuple[str, str, int]]:
        """What was answered so far: (host, path, status), in order of arrival."""
        with self._lock:
            return list(self._requests)

    def serve_forever(self) -> None:
        """Serve in the calling thread until it is interrupted."""
        self._server.serve_forever()

    def close(self) -> None:
        """Give the port back."""
        self._server.server_close()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self.close()

    def _record(self, host: str, path: str, status: int) -> None:
        with self._lock:
            self._requests.append((host, path, status))


def serve(port: int = 0) -> World:
    """Make a server of the whole world; see `World`."""
    return World(port)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):  # a client may hang up whenever it likes
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE_TIMEOUT_S

    def __init__(self, *args: object, resources: Resources, record: Record) -> None:
        self._resources = resources
        self._record = record
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        host = self.headers.get("Host", "").partition(":")[0].lower()
        path = self.path.partition("?")[0]
        resource = self._resources.get((host, path))
        if resource is None:
            self._send(host, 404, b"not here\n", {"Content-Type": "text/plain"}, with_body=with_body)
            return
        headers = {
            "ETag": resource.etag,
            "Last-Modified": format_datetime(resource.changed, usegmt=True),
            "Cache-Control": "max-age=0, must-revalidate",
            "Vary": "Accept-Encoding",
        }
        if self._is_known(resource):
            self._send(host, 304, b"", headers, with_body=False)
            return
        body = resource.body
        headers["Content-Type"] = f"{resource.media_type}; charset=utf-8"
        if _accepts_gzip(self.headers.get("Accept-Encoding", "")):
            body = gzip.compress(body, mtime=0)
            headers["Content-Encoding"] = "gzip"
        self._send(host, 200, body, headers, with_body=with_body)

    def _is_known(self, resource: Resource) -> bool:
        """Whether the client has this very version: by ETag, else by date (RFC 9110, 13.2.2)."""
        if asked := self.headers.get("If-None-Match"):
            tags = [tag.strip() for tag in asked.split(",")]
            return "*" in tags or resource.etag.removeprefix("W/") in [tag.removeprefix("W/") for tag in tags]
        if since := self.headers.get("If-Modified-Since"):
            try:
                return resource.changed <= parsedate_to_datetime(since)
            except (TypeError, ValueError):  # no date, or one without a zone: the header counts for nothing
                return False
        return False

    def _send(self, host: str, status: int, body: bytes, headers: dict[str, str], *, with_body: bool) -> None:
        self._record(host, self.path, status)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the parameter's name is http.server's
        """Keep quiet; `World.requests` has the record."""


def _accepts_gzip(accept_encoding: str) -> bool:
    for part in accept_encoding.lower().split(","):
        coding, _, weight = part.partition(";")
        if coding.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _all_resources() -> Resources:
    resources: Resources = {}
    for outlet in load_outlets():
        own = [article for article in load_articles() if article.source == outlet.domain]
        resources |= _outlet_resources(outlet, own)
    return resources


def _outlet_resources(outlet: Outlet, own: list[Article]) -> Resources:
    changed = max(article.updated_at for article in own).astimezone(UTC)
    feed = Resource(render_feed(outlet, own), MEDIA_TYPES[outlet.feed_format], changed)
    resources = {
        (outlet.domain, "/"): Resource(render_home(outlet), "text/html", changed),
        (outlet.domain, "/robots.txt"): Resource(ROBOTS, "text/plain", changed),
        (outlet.domain, outlet.feed_path): feed,
    }
    for article in own:
        path = article.url.removeprefix(f"http://{outlet.domain}")
        page = Resource(render_page(outlet, article), "text/html", article.updated_at.astimezone(UTC))
        resources[outlet.domain, path] = page
    return resources


def main() -> None:
    """Run the server in the foreground until Ctrl-C."""
    parser = argparse.ArgumentParser(description="Serve the seed world on loopback.")
    parser.add_argument("--port", type=int, default=0, help="where to listen on 127.0.0.1; 0 (default): a free port")
    parser.add_argument("--opml", type=Path, help="write the list of feeds to this file first")
    arguments = parser.parse_args()
    if arguments.opml:
        arguments.opml.write_bytes(opml())
    world = World(arguments.port)
    print(f"the seed world answers on {world.address}; Ctrl-C ends it", flush=True)
    try:
        world.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        world.close()


if __name__ == "__main__":
    main()
