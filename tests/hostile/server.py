"""One server on loopback for all cases, told apart by the Host header."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.hostile.cases import Case, host
from tests.hostile.replies import send


@dataclass
class Served:
    """Where the server is, and what it was asked for."""

    address: str
    asked: list[str] = field(default_factory=list)


@contextmanager
def serve_cases(cases: Mapping[str, Case]) -> Iterator[Served]:
    by_host = {host(name): case.replies for name, case in cases.items()}
    served = Served("")
    missing = send(status=404)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            name = self.headers["Host"]
            served.asked.append(f"{name}{self.path}")
            reply = by_host.get(name, {}).get(self.path, missing)
            try:
                reply(self)
            except OSError:  # the client had enough
                self.close_connection = True

        def log_message(self, *_: object) -> None: ...

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, *_: object) -> None: ...

    server = Server(("127.0.0.1", 0), Handler)
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    served.address = f"127.0.0.1:{server.server_address[1]}"
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
