"""The routes: pages for readers, JSON for programs."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from dedup.checked import check_article
from dedup.errors import DedupError, ServeError
from dedup.ingest.urls import is_web_url
from dedup.model import Article
from dedup.serve import api
from dedup.serve.guard import Guard
from dedup.serve.library import Library, Shelf

HITS_SHOWN = 100  # articles on one page of a search
ReadUrl = Callable[[str], Article]
_CHECKED = "(checked)"  # id of what is checked; no article has it


def make_app(library: Library, read_url: ReadUrl, *, hosts: Iterable[str] = (), token: str = "") -> Starlette:
    """Make the application.

    Parameters
    ----------
    library : Library
        What is shown.
    read_url : callable
        Fetches and reads the page at an address; raises a `DedupError` where it cannot.
    hosts : iterable of str
        Names, beside those of loopback, by which the server may be asked for.
    token : str
        What every request must bring; ``""`` asks for none.
    """
    checks = _Checks(library, read_url)
    pages = _Pages(library, api.openapi(with_token=bool(token)))
    shelf = library.shelf

    def get(path: str, answer: Callable[[Shelf, Request], Any]) -> Route:
        return Route(path, api.answered(answer, shelf), methods=["GET"])

    routes = [
        Route("/", lambda request: RedirectResponse("index.html", 307)),
        Route("/report.css", pages.style),
        Route("/favicon.ico", lambda request: Response(status_code=204)),
        Route("/search", pages.search),
        Route("/check", checks.form, methods=["GET"]),
        Route("/check", checks.page, methods=["POST"]),
        Route("/api", pages.api),
        Route("/api/openapi.json", lambda request: JSONResponse(pages.document)),
        get("/api/clusters", api.clusters),
        get("/api/clusters/{id:path}", api.cluster),
        get("/api/articles/{id:path}", api.article),
        get("/api/sources", api.sources),
        get("/api/search", api.search),
        Route("/api/check", checks.json, methods=["POST"]),
        Route("/{page:path}", pages.page),
    ]
    return Starlette(routes=routes, middleware=[Middleware(Guard, hosts=tuple(hosts), token=token)])


def run(app: Starlette, *, host: str, port: int, announce: Callable[[int], None]) -> None:
    """Serve until interrupted.

    Parameters
    ----------
    app : Starlette
        The application.
    host : str
        Name or address to listen on.
    port : int
        0 takes one that is free.
    announce : callable
        Called with the port, once the server listens.

    Raises
    ------
    ServeError
        It cannot listen there.
    """
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.create_server(address[:2], family=family)
    except OSError as error:
        raise ServeError(f"{host}, port {port}: cannot be listened on: {error.strerror or error}") from error
    with listener:
        announce(listener.getsockname()[1])
        config = uvicorn.Config(app, log_level="warning", server_header=False, ws="none", lifespan="off")
        uvicorn.Server(config).run(sockets=[listener])


class _Pages:
    """The pages of the report, search, and the API's description."""

    def __init__(self, library: Library, document: dict[str, Any]) -> None:
        self._library = library
        self.document = document

    def style(self, request: Request) -> Response:
        return PlainTextResponse(self._library.shelf().site.style, media_type="text/css")

    def search(self, request: Request) -> Response:
        shelf = self._library.shelf()
        query = request.query_params.get("q", "").strip()[:300]
        hits, n_found = shelf.search(query, limit=HITS_SHOWN)
        return HTMLResponse(shelf.site.search_page(query, hits, n_found))

    def api(self, request: Request) -> Response:
        return HTMLResponse(self._library.shelf().site.api_page(self.document))

    def page(self, request: Request) -> Response:
        text = self._library.shelf().site.page(request.path_params["page"])
        return HTMLResponse(text) if text is not None else PlainTextResponse("no such page", 404)


class _Checks:
    """Checks of texts and pages, one at a time: each takes a core."""

    def __init__(self, library: Library, read_url: ReadUrl) -> None:
        self._library = library
        self._read_url = read_url
        self._lock = threading.Lock()

    def form(self, request: Request) -> Response:
        return HTMLResponse(self._library.shelf().site.check_form())

    async def page(self, request: Request) -> Response:
        fields = parse_qs((await request.body()).decode("utf-8", errors="replace"), max_num_fields=10)
        text, url = (fields.get(name, [""])[0].strip() for name in ("text", "url"))
        return await run_in_threadpool(self._page, text, url)

    def _page(self, text: str, url: str) -> Response:
        site = self._library.shelf().site
        try:
            checked = self._check(text, url)
        except (DedupError, api.BadRequestError) as error:
            return HTMLResponse(site.check_form(text=text, problem=str(error)), 400)
        language = checked.translated_from.name if checked.translated_from else ""
        return HTMLResponse(
            site.check_page(checked.article, checked.matches, checked.others, checked.credits, checked.inside, language)
        )

    async def json(self, request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return JSONResponse({"error": "the body must be application/json"}, 415)
        try:
            asked = json.loads(await request.body())
            if not isinstance(asked, dict) or not all(isinstance(asked.get(n, ""), str) for n in ("text", "url")):
                raise ValueError("it must be an object with a string text or url")
        except (ValueError, RecursionError) as error:
            return JSONResponse({"error": f"the body makes no sense: {error}"}, 400)
        return await run_in_threadpool(self._json, asked.get("text", "").strip(), asked.get("url", "").strip())

    def _json(self, text: str, url: str) -> Response:
        try:
            return JSONResponse(api.plain_checked(self._check(text, url)))
        except (DedupError, api.BadRequestError) as error:
            return JSONResponse({"error": str(error)}, 400)

    def _check(self, text: str, url: str) -> Any:
        if bool(text) == bool(url):
            raise api.BadRequestError("there must be a text or an address, one of the two")
        if url and not is_web_url(url):
            raise api.BadRequestError(f"url is {url[:200]!r}; it must begin with http:// or https://")
        article = self._read_url(url) if url else Article(id=_CHECKED, text=text)
        with self._lock:
            return check_article(article, self._library.shelf().index)
