"""What a hostile server answers with: each reply writes to the connection of a handler."""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Callable, Iterable
from html import escape
from http.server import BaseHTTPRequestHandler

import brotli
from backports import zstd

from tests.test_pipeline import prose

Reply = Callable[[BaseHTTPRequestHandler], None]


def send(body: bytes = b"", status: int = 200, content_type: str = "application/rss+xml", **headers: str) -> Reply:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"content_type": content_type, "content_length": str(len(body)), **headers}.items():
            if value:
                handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return reply


def html(body: bytes | str, **headers: str) -> Reply:
    return send(body.encode() if isinstance(body, str) else body, content_type="text/html", **headers)


def redirect(location: str, status: int = 302) -> Reply:
    return send(status=status, location=location)


def raw(*pieces: bytes) -> Reply:
    """Write to the socket, then hang up."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        for piece in pieces:
            handler.wfile.write(piece)
        handler.close_connection = True

    return reply


def drip(head: bytes, piece: bytes, *, seconds: float = 30.0) -> Reply:
    """Write a little now and again, until the client hangs up."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(head)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            handler.wfile.write(piece)
            handler.wfile.flush()
            time.sleep(0.1)
        handler.close_connection = True

    return reply


def endless(head: bytes, piece: bytes) -> Reply:
    """Write as fast as the client takes it, until it hangs up."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(head)
        while True:
            handler.wfile.write(piece)

    return reply


def bomb(encoding: str, *, around: bytes = b"<rss>", megabytes: int = 200) -> Reply:
    """A few kilobytes that unpack into megabytes of spaces."""
    spaces = [b" " * 1_000_000] * megabytes
    return send(_compressed(encoding, [around, *spaces]), content_encoding=encoding)


def _compressed(encoding: str, pieces: Iterable[bytes]) -> bytes:
    if encoding == "gzip":
        gz = zlib.compressobj(9, zlib.DEFLATED, 31)
        return b"".join(map(gz.compress, pieces)) + gz.flush()
    if encoding == "br":
        br = brotli.Compressor(quality=5)
        return b"".join(map(br.process, pieces)) + br.finish()
    zs = zstd.ZstdCompressor()
    return b"".join(map(zs.compress, pieces)) + zs.flush()


def gzipped(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)


# -- feeds and pages that are as they should be


def paragraphs(seed: int, n: int = 4) -> list[str]:
    return [prose(seed * 100 + k, 60).capitalize() + "." for k in range(n)]


def text_html(seed: int) -> str:
    """The text of an article, long enough to need no page."""
    return "".join(f"<p>{each}</p>" for each in paragraphs(seed))


def item(link: str = "", *, seed: int = 0, title: str = "A council votes", more: str = "", teaser: str = "") -> str:
    """An entry with its whole text, or with a teaser only: then its page is fetched."""
    description = escape(teaser or text_html(seed))
    named = f"<link>{link}</link>" if link else ""
    return f"<item><title>{title}</title>{named}<description>{description}</description>{more}</item>"


def rss(*items: str, head: str = "") -> bytes:
    return f'{head}<rss version="2.0"><channel><title>Feed</title>{"".join(items)}</channel></rss>'.encode()


def page(seed: int, *, head: str = "", body: str = "", title: str = "A council votes") -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>{head}</head>'
        f"<body>{body}<article><h1>{title}</h1>{text_html(seed)}</article></body></html>"
    )
