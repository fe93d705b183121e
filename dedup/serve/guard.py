"""What stands before every request: whom it is meant for, who sends it, and how large it may be.

A page from anywhere can make the reader's browser ask a server on loopback. So the name it asks for must be ours (a
rebound name is not), and what changes or costs something must come from our own pages. Beyond loopback a token is asked
for, and compared in constant time.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
MAX_BODY_BYTES = 2_000_000  # of a request; the longest article is far below
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # without one, a browser hides where our own form is from
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cache-Control": "no-cache",
}


@dataclass(frozen=True)
class _RefusedError(Exception):
    status: int
    reason: str


class Guard:
    """Middleware that refuses what is not meant for this server.

    Parameters
    ----------
    app : ASGI application
        What is guarded.
    hosts : iterable of str
        Names, beside those of loopback, by which the server may be asked for.
    token : str
        What every request must bring; ``""`` asks for none.
    max_body_bytes : int
        Bytes of a request's body.
    """

    def __init__(
        self, app: ASGIApp, *, hosts: Iterable[str] = (), token: str = "", max_body_bytes: int = MAX_BODY_BYTES
    ) -> None:
        self._app = app
        self._hosts = LOOPBACK_NAMES | {host.lower() for host in hosts}
        self._token = token.encode()
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        send = _with_headers(send)
        try:
            headers = Headers(scope=scope)
            self._check_host(headers)
            self._check_token(headers)
            if scope["method"] not in _SAFE_METHODS:
                _check_origin(headers)
            body = await self._body(headers, receive)
        except _RefusedError as refusal:
            extra = {"WWW-Authenticate": 'Basic realm="dedup", charset="UTF-8"'} if refusal.status == 401 else {}
            await JSONResponse({"error": refusal.reason}, refusal.status, headers=extra)(scope, receive, send)
            return
        await self._app(scope, _once(body, receive), send)

    def _check_host(self, headers: Headers) -> None:
        names = headers.getlist("host")
        name = _without_port(names[0]) if len(names) == 1 else ""
        if name not in self._hosts:
            raise _RefusedError(421, f"host is {name!r}; this server answers for {', '.join(sorted(self._hosts))}")

    def _check_token(self, headers: Headers) -> None:
        if self._token and not hmac.compare_digest(_token_of(headers.get("authorization", "")), self._token):
            raise _RefusedError(401, "a token is needed: Authorization: Bearer TOKEN, or the token as a password")

    async def _body(self, headers: Headers, receive: Receive) -> bytes:
        refusal = _RefusedError(413, f"the body is too large; at most {self._max_body_bytes} bytes are read")
        stated = headers.get("content-length", "0")
        if not stated.isdecimal() or int(stated[:20]) > self._max_body_bytes:
            raise refusal
        body = bytearray()
        while True:
            message = await receive()
            body += message.get("body", b"")
            if len(body) > self._max_body_bytes:
                raise refusal
            if not message.get("more_body"):
                return bytes(body)


def _check_origin(headers: Headers) -> None:
    """Refuse what another site's page sends; a program sends neither of the two headers."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise _RefusedError(403, "the request comes from another site")
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower():
        raise _RefusedError(403, "the request comes from another site")


def _without_port(host: str) -> str:
    name, _, port = host.lower().rpartition(":")
    return name if name and port.isdecimal() else host.lower()


def _token_of(authorization: str) -> bytes:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip().encode()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value.strip(), validate=True).partition(b":")[2]
        except ValueError:
            return b""
    return b""


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending


def _once(body: bytes, receive: Receive) -> Receive:
    """Give the body that was read already, then what comes after it: that the reader went away."""
    told = False

    async def receiving() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receiving
