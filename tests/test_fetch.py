from __future__ import annotations

import gzip
import http.server
import random
import shutil
import socket
import ssl
import subprocess
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import brotli
import h2.config
import h2.connection
import h2.events
import h2.exceptions
import httpcore
import pytest
from backports import zstd

from dedup.errors import FetchError, SettingsError
from dedup.ingest.fetch import Fetcher, by_turns

LIMIT = 100_000  # bytes of a body in these tests


class Handler(http.server.BaseHTTPRequestHandler):
    """One method a path; what was asked is kept in `server.asked`."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        path, _, rest = self.path.lstrip("/").partition("/")
        try:
            getattr(self, f"answer_{path}")(rest)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def send(self, body: bytes = b"", status: int = 200, **headers: str) -> None:
        self.send_response(status)
        headers.setdefault("content_length", str(len(body)))
        for name, value in (pair for pair in headers.items() if pair[1]):
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def answer_plain(self, rest: str) -> None:
        self.send(b"Guten Tag", content_type="text/plain; charset=utf-8", etag='"1"', set_cookie="a=b")

    def answer_status(self, rest: str) -> None:
        self.send(b"no", int(rest))

    def answer_feed(self, rest: str) -> None:
        if self.headers.get("If-None-Match") == '"1"' or self.headers.get("If-Modified-Since"):
            self.send(status=304, etag='"1"', content_length="0")
        else:
            self.send(b"<rss/>", etag='"1"', last_modified="Mon, 25 Jun 2018 14:30:00 GMT")

    def answer_moved(self, rest: str) -> None:
        self.send(status=301, location="/found")

    def answer_found(self, rest: str) -> None:
        self.send(status=302, location="/movedagain")

    def answer_movedagain(self, rest: str) -> None:
        self.send(status=308, location="/plain")

    def answer_gone(self, rest: str) -> None:
        self.send(status=308, location="/movedagain")

    def answer_loop(self, rest: str) -> None:
        self.send(status=302, location="/loop")

    def answer_to(self, rest: str) -> None:
        self.send(status=302, location=rest)

    def answer_lost(self, rest: str) -> None:
        self.send(status=302)

    def answer_gzip(self, rest: str) -> None:
        body = gzip.compress(b"Guten ") + gzip.compress(b"Tag") + b"\0" * 20
        self.send(body, content_encoding="gzip")

    def answer_deflate(self, rest: str) -> None:
        self.send(zlib.compress(b"Guten Tag"), content_encoding="deflate")

    def answer_rawdeflate(self, rest: str) -> None:
        self.send(zlib.compress(b"Guten Tag")[2:-4], content_encoding="Deflate")

    def answer_br(self, rest: str) -> None:
        self.send(brotli.compress(b"Guten Tag"), content_encoding="br")

    def answer_zstd(self, rest: str) -> None:
        self.send(zstd.compress(b"Guten ") + zstd.compress(b"Tag"), content_encoding="zstd")

    def answer_cutbr(self, rest: str) -> None:
        self.send(brotli.compress(random.Random(1).randbytes(5000))[:-100], content_encoding="br")

    def answer_cutzstd(self, rest: str) -> None:
        self.send(zstd.compress(random.Random(1).randbytes(5000))[:-100], content_encoding="zstd")

    def answer_nobr(self, rest: str) -> None:
        self.send(b"\xff plain after all", content_encoding="br")

    def answer_nozstd(self, rest: str) -> None:
        self.send(b"plain after all", content_encoding="zstd")

    def answer_paid(self, rest: str) -> None:
        is_paid = self.headers.get("Authorization") == "Basic am86c2VjcmV0"
        self.send(b"Guten Tag", status=200 if is_paid else 401)

    def answer_exact(self, rest: str) -> None:
        self.send(gzip.compress(b"x" * LIMIT), content_encoding="gzip")

    def answer_bomb(self, rest: str) -> None:
        self.send(gzip.compress(b"\0" * 50_000_000), content_encoding="gzip")

    def answer_empty_blocks(self, rest: str) -> None:
        """A stream of deflate blocks that hold nothing: long, and never any output."""
        self.send(b"\x78\x9c" + b"\x00\x00\x00\xff\xff" * 30_000, content_encoding="deflate")

    def answer_nogzip(self, rest: str) -> None:
        self.send(b"plain after all", content_encoding="gzip")

    def answer_cutgzip(self, rest: str) -> None:
        self.send(gzip.compress(b"Guten Tag" * 100)[:-12], content_encoding="gzip")

    def answer_snappy(self, rest: str) -> None:
        self.send(b"\x0b\x04\x80", content_encoding="snappy")

    def answer_large(self, rest: str) -> None:
        self.send(b"", content_length=str(10**12))

    def answer_endless(self, rest: str) -> None:
        self.send(b"", transfer_encoding="chunked", content_length="")
        while True:
            self.wfile.write(b"1000\r\n" + b"x" * 0x1000 + b"\r\n")

    def answer_drip(self, rest: str) -> None:
        self.send(b"", content_length="1000")
        self.drip(b"x")

    def answer_dripheader(self, rest: str) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        self.drip(b"X-A: 1\r\n")

    def drip(self, piece: bytes) -> None:
        while not self.server.is_over.wait(0.05):
            self.wfile.write(piece)
            self.wfile.flush()

    def answer_cut(self, rest: str) -> None:
        self.send(b"only this", content_length="1000")
        self.close_connection = True

    def answer_garbage(self, rest: str) -> None:
        self.wfile.write(b"\x00\xff nonsense\r\n\r\n")
        self.close_connection = True

    def answer_oddvalidator(self, rest: str) -> None:
        self.send(b"x", etag="\u00e4\u00f6")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.is_over = threading.Event()
        self.at = f"127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.is_over.set()
    server.shutdown()
    server.server_close()
    thread.join()


Make = Callable[..., Fetcher]


@pytest.fixture
def fetcher(server: Server) -> Iterator[Make]:
    """Make fetchers that find the server under every name below .example."""
    made: list[Fetcher] = []

    def make(**changes: Any) -> Fetcher:
        numbers: dict[str, Any] = {
            "timeout_s": 5.0,
            "max_body_bytes": LIMIT,
            "max_redirects": 5,
            "user_agent": "dedup tests",
            "host_delay_s": 0.0,
            "concurrency": 4,
            "connect_to": {"*.example": server.at},
        }
        made.append(Fetcher(**(numbers | changes)))
        return made[-1]

    yield make
    for each in made:
        each.close()


def reason(fetcher: Fetcher, url: str, **validators: str) -> str:
    with pytest.raises(FetchError) as caught:
        fetcher.get(url, **validators)
    return caught.value.reason


def test_fetches(server: Server, fetcher: Make) -> None:
    response = fetcher().get("http://news.example/plain")
    assert response.body == b"Guten Tag"
    assert response.status == 200
    assert response.content_type == "text/plain; charset=utf-8"
    assert response.etag == '"1"'
    assert not response.not_modified
    assert response.fetched_url == response.final_url == response.permanent_url == "http://news.example/plain"
    headers = server.asked[0][1]
    assert headers["Host"] == "news.example"
    assert headers["User-Agent"] == "dedup tests"
    assert headers["Accept-Encoding"] == "gzip, deflate, br, zstd"
    assert "application/rss+xml" in headers["Accept"]


def test_keeps_no_cookies(server: Server, fetcher: Make) -> None:
    shared = fetcher()
    shared.get("http://news.example/plain")
    shared.get("http://news.example/plain")
    assert [headers.get("Cookie") for _, headers in server.asked] == [None, None]


def test_asks_whether_anything_changed(server: Server, fetcher: Make) -> None:
    shared = fetcher()
    first = shared.get("http://news.example/feed")
    for again in (
        shared.get("http://news.example/feed", etag=first.etag),
        shared.get("http://news.example/feed", last_modified=first.last_modified),
    ):
        assert again.not_modified
        assert (again.status, again.body) == (304, b"")
    assert server.asked[1][1]["If-None-Match"] == '"1"'
    assert server.asked[2][1]["If-Modified-Since"] == "Mon, 25 Jun 2018 14:30:00 GMT"


def test_a_304_that_nobody_asked_for_is_a_failure(fetcher: Make) -> None:
    assert reason(fetcher(), "http://news.example/status/304") == "http 304"


def test_validators_that_cannot_be_sent_are_left_out(server: Server, fetcher: Make) -> None:
    shared = fetcher()
    odd = shared.get("http://news.example/oddvalidator")
    for etag in (odd.etag, 'x"\r\nHost: other', "x" * 5000):
        assert not shared.get("http://news.example/feed", etag=etag).not_modified
    assert all("If-None-Match" not in headers for _, headers in server.asked)


def test_follows_redirects_and_says_where_the_permanent_ones_lead(fetcher: Make) -> None:
    shared = fetcher()
    response = shared.get("http://news.example/moved")
    assert response.body == b"Guten Tag"
    assert response.fetched_url == "http://news.example/moved"
    assert response.final_url == "http://news.example/plain"
    assert response.permanent_url == "http://news.example/found"  # what follows is temporary
    assert shared.get("http://news.example/gone").permanent_url == "http://news.example/plain"
    assert shared.get("http://news.example/found").permanent_url == "http://news.example/found"


def test_a_password_goes_to_its_host_alone(server: Server, fetcher: Make) -> None:
    assert fetcher().get("http://jo:secret@news.example/paid").body == b"Guten Tag"
    assert reason(fetcher(), "http://jo:secret@news.example/to/http://other.example/paid") == "http 401"


def test_a_chain_stops_where_the_caller_says(server: Server, fetcher: Make) -> None:
    seen: list[str] = []
    stopped = fetcher().get("http://news.example/moved", stop_at=lambda url: not seen.append(url) and len(seen) == 2)
    assert stopped.stopped
    assert (stopped.final_url, stopped.body) == ("http://news.example/movedagain", b"")
    assert [path for path, _ in server.asked] == ["/moved", "/found"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("loop", "too many redirects"),
        ("lost", "http 302"),
        ("to/file:///etc/passwd", "bad url"),
        ("to/javascript:alert(1)", "bad url"),
        ("to/http://127.0.0.1:1/", "private address"),
        ("to/http://[::ffff:127.0.0.1]:1/", "private address"),
        ("to/http://localhost:1/", "private address"),
        ("status/404", "http 404"),
        ("status/429", "http 429"),
        ("status/503", "http 503"),
        ("bomb", "too large"),
        ("large", "too large"),
        ("endless", "too large"),
        ("empty_blocks", "too large"),
        ("nogzip", "bad encoding"),
        ("cutgzip", "bad encoding"),
        ("snappy", "bad encoding"),
        ("cutbr", "bad encoding"),
        ("cutzstd", "bad encoding"),
        ("nobr", "bad encoding"),
        ("nozstd", "bad encoding"),
        ("cut", "connection failed"),
        ("garbage", "connection failed"),
    ],
)
def test_failures_have_names(fetcher: Make, path: str, expected: str) -> None:
    assert reason(fetcher(), f"http://news.example/{path}") == expected


@pytest.mark.parametrize("path", ["gzip", "deflate", "rawdeflate", "br", "zstd"])
def test_decompresses(fetcher: Make, path: str) -> None:
    assert fetcher().get(f"http://news.example/{path}").body == b"Guten Tag"


def test_a_body_may_be_as_long_as_the_limit(fetcher: Make) -> None:
    assert len(fetcher().get("http://news.example/exact").body) == LIMIT
    assert reason(fetcher(max_body_bytes=LIMIT - 1), "http://news.example/exact") == "too large"


@pytest.mark.parametrize("path", ["drip", "dripheader"])
def test_a_slow_drip_ends_in_time(fetcher: Make, path: str) -> None:
    started = time.monotonic()
    assert reason(fetcher(timeout_s=0.3), f"http://news.example/{path}") == "timeout"
    assert time.monotonic() - started < 30  # the drip would go on for 50 s, or for good


@pytest.mark.parametrize(
    "url", ["", "news.example", "ftp://news.example/", "file:///etc/passwd", "http://", "http://a b/", "http://x:y/"]
)
def test_only_web_urls(fetcher: Make, url: str) -> None:
    assert reason(fetcher(), url) == "bad url"


@pytest.mark.parametrize(
    "host",
    [
        *[
            "127.0.0.1",
            "10.1.2.3",
            "192.168.0.1",
            "172.16.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
        ],
        *["[::1]", "[fe80::1]", "[fc00::1]", "[::ffff:10.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::]"],
        *["localhost", "2130706433", "0x7f000001", "127.1"],
    ],
)
def test_private_addresses_are_refused(fetcher: Make, host: str) -> None:
    assert reason(fetcher(), f"http://{host}:9/") == "private address"


def test_private_addresses_can_be_allowed(server: Server, fetcher: Make) -> None:
    assert fetcher(allow_private=True).get(f"http://{server.at}/plain").body == b"Guten Tag"


def test_an_address_that_was_checked_is_the_one_connected_to(fetcher: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["93.184.216.34", "127.0.0.1", "127.0.0.1"])
    connected = []

    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    def connect(self: Any, host: str, *_: Any) -> None:
        connected.append(host)
        raise httpcore.ConnectError("refused")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    assert reason(fetcher(), "http://rebinding.test/") == "connection failed"
    assert connected == ["93.184.216.34"]


def test_one_private_address_among_public_ones_is_one_too_many(fetcher: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert reason(fetcher(), "http://mixed.test/") == "private address"


def test_an_unknown_name_has_no_address(fetcher: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    assert reason(fetcher(), "http://nowhere.invalid/") == "no address"


def test_nobody_listening(fetcher: Make) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert reason(fetcher(connect_to={"*": f"127.0.0.1:{port}"}), "http://news.example/") == "connection failed"


def test_the_first_pattern_that_fits_counts(server: Server, fetcher: Make) -> None:
    patterns = {"b.example": "127.0.0.1:1", "*.example": server.at}
    assert fetcher(connect_to=patterns).get("http://A.Example/plain").body == b"Guten Tag"
    assert reason(fetcher(connect_to=patterns), "http://b.example/plain") == "connection failed"


@pytest.mark.parametrize("address", ["127.0.0.1", ":80", "localhost:http", ""])
def test_connect_to_needs_an_address(fetcher: Make, address: str) -> None:
    with pytest.raises(SettingsError, match="connect_to"):
        fetcher(connect_to={"*.example": address})


def test_the_environment_has_no_say(server: Server, fetcher: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert fetcher().get("http://news.example/plain").status == 200


def test_a_password_is_not_printed(fetcher: Make) -> None:
    with pytest.raises(FetchError) as caught:
        fetcher().get("http://jo:secret@news.example/status/404")
    assert "secret" not in str(caught.value)
    assert "news.example" in str(caught.value)


def test_each_host_is_asked_in_its_own_time(fetcher: Make) -> None:
    now, slept = [100.0], []

    def sleep(seconds: float) -> None:
        slept.append(round(seconds, 3))
        now[0] += seconds

    polite = fetcher(host_delay_s=2.0, sleep=sleep, monotonic=lambda: now[0])
    polite.get("http://a.example/plain")
    polite.get("http://b.example/plain")
    assert slept == []
    polite.get("http://A.example/plain")
    assert slept == [2.0]
    now[0] += 0.5
    polite.get("http://a.example/movedagain")  # a redirect is a request, too
    assert slept == [2.0, 1.5, 2.0]
    now[0] += 60
    polite.get("http://a.example/plain")
    assert len(slept) == 3


def test_threads_share_a_fetcher(server: Server, fetcher: Make) -> None:
    started = time.monotonic()
    polite = fetcher(host_delay_s=0.05)
    urls = [f"http://{host}.example/plain" for host in "abcd" for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        bodies = list(pool.map(lambda url: polite.get(url).body, by_turns(urls, str)))
    assert bodies == [b"Guten Tag"] * 16
    assert time.monotonic() - started >= 3 * 0.05  # the fourth request to a host


def test_hosts_take_turns() -> None:
    urls = ["http://a/1", "http://a/2", "http://a/3", "http://B/1", "http://b/2", "http://c/1"]
    expected = ["http://a/1", "http://B/1", "http://c/1", "http://a/2", "http://b/2", "http://a/3"]
    assert by_turns(urls, str) == expected
    assert by_turns([], str) == []


def test_errors_name_the_url_that_was_asked_for(fetcher: Make) -> None:
    with pytest.raises(FetchError) as caught:
        fetcher().get("http://news.example/to/http://news.example/status/410")
    assert caught.value.reason == "http 410"
    assert caught.value.url == "http://news.example/to/http://news.example/status/410"
    assert "http://news.example/status/410" in caught.value.detail


def certificate_for(host: str, tmp_path: Path) -> tuple[Path, Path]:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN={host}"
    names = ["-addext", f"subjectAltName=DNS:{host}", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command.split(), *names], check=True, capture_output=True)
    return certificate, key


needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate")


@needs_openssl
def test_http_2_where_the_server_offers_it(fetcher: Make, tmp_path: Path) -> None:
    certificate, key = certificate_for("good.example", tmp_path)
    with serve_http_2(certificate, key) as (address, asked):
        shared = fetcher(
            connect_to={"good.example": address}, ssl_context=ssl.create_default_context(cafile=str(certificate))
        )
        bodies = [shared.get(f"https://good.example/{n}").body for n in range(3)]
        assert reason(shared, "https://good.example/endless") == "too large"
        bodies.append(shared.get("https://good.example/3").body)
    assert bodies == [b"/0 over h2", b"/1 over h2", b"/2 over h2", b"/3 over h2"]
    assert asked.count("connection") <= 2


@contextmanager
def serve_http_2(certificate: Path, key: Path) -> Iterator[tuple[str, list[str]]]:
    """A server that speaks nothing but HTTP/2 over TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["h2"])
    listening = socket.create_server(("127.0.0.1", 0))
    asked: list[str] = []

    def talk(plain: socket.socket) -> None:
        with suppress(OSError, h2.exceptions.ProtocolError), context.wrap_socket(plain, server_side=True) as tls:
            asked.append("connection")
            h2c = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
            h2c.initiate_connection()
            tls.sendall(h2c.data_to_send())
            while received := tls.recv(65_536):
                for event in h2c.receive_data(received):
                    if isinstance(event, h2.events.RequestReceived):
                        path = dict(event.headers)[b":path"].decode()
                        asked.append(path)
                        body = b"x" * 60_000 if path == "/endless" else f"{path} over h2".encode()
                        h2c.send_headers(event.stream_id, [(":status", "200")])
                        for at in range(0, len(body), 10_000):
                            h2c.send_data(event.stream_id, body[at : at + 10_000])
                        if path != "/endless":
                            h2c.end_stream(event.stream_id)
                    if isinstance(event, h2.events.WindowUpdated) and asked[-1] == "/endless" and event.stream_id:
                        with suppress(h2.exceptions.StreamClosedError):
                            while n := min(16_384, h2c.local_flow_control_window(event.stream_id)):
                                h2c.send_data(event.stream_id, b"x" * n)
                tls.sendall(h2c.data_to_send())

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=talk, args=(listening.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"127.0.0.1:{listening.getsockname()[1]}", asked
    finally:
        listening.close()


@needs_openssl
def test_tls_checks_the_name_not_the_address(server: Server, fetcher: Make, tmp_path: Path) -> None:
    certificate, key = certificate_for("good.example", tmp_path)
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(certificate, key)
    server.socket = ours.wrap_socket(server.socket, server_side=True)
    trusting = fetcher(ssl_context=ssl.create_default_context(cafile=str(certificate)))
    assert trusting.get("https://good.example/plain").body == b"Guten Tag"
    assert reason(trusting, "https://bad.example/plain") == "connection failed"
    assert reason(fetcher(), "https://good.example/plain") == "connection failed"
