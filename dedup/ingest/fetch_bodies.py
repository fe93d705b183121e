"""A body as sent -> decompressed, in bounded steps, so that a bomb ends at the limit and not in memory.

gzip, deflate, Brotli and Zstandard. Each library is asked for at most `_STEP_BYTES` at once. A Zstandard frame may ask
for a window of gigabytes; more than 8 MB is refused, as RFC 9659 has it.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import brotli

from dedup.ingest.fetch_failed import Failed

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
_PLAIN = ("", "identity", "none", "utf-8")  # the last two are no encodings, but are sent for "as it is"
_STEP_BYTES = 65_536  # decompressed at once
_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_WINDOW_LOG = 23  # 8 MB


def read_body(pieces: Iterable[bytes], *, encoding: str, declared_bytes: str, max_bytes: int, cut: bool) -> bytes:
    """Collect and decompress a body.

    Parameters
    ----------
    pieces : iterable of bytes
        As they arrive.
    encoding, declared_bytes : str
        The headers ``Content-Encoding`` and ``Content-Length``; ``""`` where absent.
    max_bytes : int
        The most bytes, both before and after decompression.
    cut : bool
        Take what a longer body begins with, instead of refusing it.

    Raises
    ------
    Failed
        ``too large`` or ``bad encoding``.
    """
    if declared_bytes.isdecimal() and int(declared_bytes) > max_bytes and not cut:
        raise _too_large(max_bytes)
    encoding = encoding.strip().lower()
    raw = _limited(pieces, max_bytes)
    body: list[bytes] = []
    left = max_bytes
    try:
        for piece in raw if encoding in _PLAIN else _decompress(raw, encoding):
            body.append(piece[:left])
            left -= len(piece)
            if left < 0:
                raise _too_large(max_bytes)
    except Failed as failed:
        body = body if cut and failed.reason == "too large" else []
        if not body:
            raise
    return b"".join(body)


def _limited(pieces: Iterable[bytes], max_bytes: int) -> Iterator[bytes]:
    """Pass bytes on until there are too many: a compressed stream can be long and hold nothing."""
    n = 0
    for piece in pieces:
        n += len(piece)
        if n > max_bytes:
            yield piece[: max_bytes - n]
            raise _too_large(max_bytes)
        yield piece


def _too_large(max_bytes: int) -> Failed:
    return Failed("too large", f"the body is longer than {max_bytes:,} bytes")


def _decompress(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    decompress = _DECOMPRESS.get(encoding)
    if decompress is None:
        raise Failed("bad encoding", f"content-encoding is {encoding[:100]!r}; {ACCEPT_ENCODING} were asked for")
    try:
        yield from decompress(pieces)
    except (zlib.error, brotli.error, zstd.ZstdError) as error:
        raise Failed("bad encoding", f"what was sent as {encoding} is not: {error}") from error


def _gunzip(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Several gzip members in a row are one body; what else follows them is dropped."""
    inflate = None
    for piece in pieces:
        while piece:
            if inflate is None or inflate.eof:
                if inflate and not piece.startswith(_GZIP_MAGIC):
                    return
                inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
            yield from _inflate_steps(inflate, piece)
            piece = inflate.unused_data
    _check_end(inflate is None or inflate.eof, "gzip")


def _inflate(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Read "deflate", which means zlib's format; but some servers leave its two bytes of header out."""
    inflate = None
    for piece in filter(None, pieces):
        if inflate is None:
            has_header = piece[0] & 0x0F == 8 and (len(piece) < 2 or int.from_bytes(piece[:2]) % 31 == 0)
            inflate = zlib.decompressobj(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)
        yield from _inflate_steps(inflate, piece)
        if inflate.eof:
            return
    _check_end(inflate is None, "deflate")


def _inflate_steps(inflate: Any, piece: bytes) -> Iterator[bytes]:
    """Decompress a piece; a full step may leave more behind without any input left."""
    step = b""
    while piece or len(step) == _STEP_BYTES:
        step = inflate.decompress(piece, _STEP_BYTES)
        yield step
        piece = inflate.unconsumed_tail


def _unbrotli(pieces: Iterable[bytes]) -> Iterator[bytes]:
    inflate, is_empty = brotli.Decompressor(), True
    for piece in filter(None, pieces):
        is_empty = False
        yield inflate.process(piece, output_buffer_limit=_STEP_BYTES)
        while not inflate.can_accept_more_data() and not inflate.is_finished():
            yield inflate.process(b"", output_buffer_limit=_STEP_BYTES)
        if inflate.is_finished():
            return
    _check_end(is_empty, "br")


def _unzstd(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Several frames in a row are one body."""
    inflate = None
    for piece in pieces:
        while piece:
            if inflate is None or inflate.eof:
                inflate = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG})
            yield inflate.decompress(piece, _STEP_BYTES)
            while not inflate.needs_input and not inflate.eof:
                yield inflate.decompress(b"", _STEP_BYTES)
            piece = inflate.unused_data if inflate.eof else b""
    _check_end(inflate is None or inflate.eof, "zstd")


def _check_end(is_end: bool, encoding: str) -> None:
    if not is_end:
        raise Failed("bad encoding", f"the {encoding} stream ends before its end")


_DECOMPRESS: Mapping[str, Callable[[Iterable[bytes]], Iterator[bytes]]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _inflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
