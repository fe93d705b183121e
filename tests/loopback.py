"""Many hosts on one loopback port, told apart by the Host header; answers may change while it serves."""

import threading
from collections import Counter
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Answer:
    """What one URL answers; an ETag is made of the body, so that conditional requests get their 304."""

    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    location: str = ""


@dataclass
class World:
    """A server at work: its address, what it answers by (host, path), and what was asked for but robots.txt."""

    address: str
    answers: MutableMapping[tuple[str, str], Answer]
    statuses: Counter[int] = field(default_factory=Counter)
    asked: list[str] = field(default_factory=list)


@contextmanager
def serve(answers: MutableMapping[tuple[str, str], Answer]) -> Iterator[World]:
    world = World("", answers)
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host = self.headers["Host"]
            answer = world.answers.get((host, self.path), Answer(status=404))
            etag = f'"{blake2b(answer.body, digest_size=8).hexdigest()}"'
            is_known = answer.status == 200 and self.headers["If-None-Match"] == etag
            status, body = (304, b"") if is_known else (answer.status, answer.body)
            with lock:
                world.statuses[status] += 1
                if self.path != "/robots.txt":  # asked for once a run, whatever the test is about
                    world.asked.append(f"{host}{self.path}")
            self.send_response(status)
            self.send_header("ETag", etag)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(body)))
            if answer.location:
                self.send_header("Location", answer.location)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128  # with the default of 5 a busy client waits a second for its connection

        def handle_error(self, *_: object) -> None:
            """Clients that hang up early are a case under test, no news."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    world.address = f"127.0.0.1:{server.server_address[1]}"
    try:
        yield world
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
