"""The JSON API, and its OpenAPI document: each endpoint stands beside what the document says of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dedup import __version__
from dedup.checked import Checked
from dedup.report.entries import Entry
from dedup.report.jsonl import plain
from dedup.report.wording import iso
from dedup.serve.library import Shelf

MAX_LIMIT = 500  # items of one answer
DEFAULT_LIMIT = 50
Answer = dict[str, Any]


class BadRequestError(ValueError):
    """What was asked for makes no sense; the message says why."""


class NotThereError(LookupError):
    """No such thing."""


def clusters(shelf: Shelf, request: Request) -> Answer:
    """List clusters, the newest first."""
    asked = request.query_params
    wanted = {name: asked[name] for name in ("origin", "source", "kind", "language", "licence") if asked.get(name)}
    words = asked.get("q", "").casefold().split()
    found = [entry for entry in shelf.site.entries if _fits(entry, wanted, words)]
    limit, offset = _number(request, "limit", DEFAULT_LIMIT, MAX_LIMIT), _number(request, "offset", 0, 10**9)
    return {"total": len(found), "clusters": [_plain_entry(entry) for entry in found[offset : offset + limit]]}


def cluster(shelf: Shelf, request: Request) -> Answer:
    """Give one cluster with its attribution, links and matches."""
    found = shelf.cluster(request.path_params["id"])
    if found is None:
        raise NotThereError(f"no cluster {request.path_params['id']!r}")
    members = set(found.articles)
    matches = [plain(match) for match in shelf.duplicates.matches if match.a in members and match.b in members]
    return {**shelf.plain_cluster(found), "matches": matches}


def article(shelf: Shelf, request: Request) -> Answer:
    """Give one article with its text, its matches and its clusters."""
    key = request.path_params["id"]
    if key not in shelf.duplicates.articles:
        raise NotThereError(f"no article {key!r}")
    matches = [plain(match) for match in shelf.duplicates.matches if key in (match.a, match.b)]
    return {
        **plain(shelf.duplicates.articles[key]),
        "matches": matches,
        "clusters": [one.id for one in shelf.duplicates.clusters if key in one.articles],
    }


def sources(shelf: Shelf, request: Request) -> Answer:
    """List the sources: their own articles and others', whom they copy and who copies them."""
    profiles = shelf.duplicates.sources()
    return {
        "total": len(profiles),
        "sources": [
            {**asdict(p), "share_original": p.share_original, "share_syndicated": p.share_syndicated} for p in profiles
        ],
    }


def search(shelf: Shelf, request: Request) -> Answer:
    """Find articles that hold every word."""
    limit = _number(request, "limit", DEFAULT_LIMIT, MAX_LIMIT)
    hits, total = shelf.search(request.query_params.get("q", "")[:300], limit=limit)
    return {
        "total": total,
        "articles": [
            {
                "id": hit.article.id,
                "title": hit.article.title,
                "source": hit.article.source,
                "url": hit.article.url,
                "published": iso(hit.article.published, "published") if hit.article.published else None,
                "snippet": hit.before + hit.found + hit.after,
                "clusters": list(hit.clusters),
            }
            for hit in hits
        ],
    }


def plain_checked(checked: Checked) -> Answer:
    """Give what was told of a checked text as JSON can hold it."""
    return {
        "credits": [{**plain(clue), "in_corpus": checked.inside[clue.points_to]} for clue in checked.credits],
        "translated_from": plain(checked.translated_from) if checked.translated_from else None,
        "boilerplate": [plain(piece) for piece in checked.furniture],
        "matches": [plain(match) for match in checked.matches],
        "compared_with": len(checked.others),
    }


def answered(answer: Callable[[Shelf, Request], Answer], shelf: Callable[[], Shelf]) -> Callable[[Request], Response]:
    """Make an endpoint of a function that answers."""

    def endpoint(request: Request) -> Response:
        try:
            return JSONResponse(answer(shelf(), request))
        except BadRequestError as error:
            return JSONResponse({"error": str(error)}, 400)
        except NotThereError as error:
            return JSONResponse({"error": str(error)}, 404)

    return endpoint


def _fits(entry: Entry, wanted: dict[str, str], words: list[str]) -> bool:
    origin = f"{entry.origin_kind}:{entry.origin}" if entry.origin_kind in ("agency", "outlet") else entry.origin
    told = {
        "origin": {origin},
        "source": {*entry.sources, *([entry.origin] if entry.origin_kind == "article" else [])},
        "kind": set(entry.kinds),
        "language": set(entry.languages),
        "licence": set(entry.licences),
    }
    text = " ".join((entry.headline, entry.origin, *entry.sources)).casefold()
    return all(value in told[name] for name, value in wanted.items()) and all(word in text for word in words)


def _plain_entry(entry: Entry) -> Answer:
    told = asdict(entry)
    del told["dots"], told["direction"]
    for name in ("first", "last"):
        told[name] = iso(told[name], name) if told[name] else None
    return told


def _number(request: Request, name: str, default: int, most: int) -> int:
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdecimal()) or int(text[:12]) > most:
        raise BadRequestError(f"{name} is {text[:80]!r}; it must be a whole number from 0 to {most}")
    return int(text)


def _parameter(name: str, description: str, *, kind: str = "string", where: str = "query", **schema: Any) -> Answer:
    return {
        "name": name,
        "in": where,
        "required": where == "path",
        "description": description,
        "schema": {"type": kind, **schema},
    }


_LIMIT = _parameter("limit", "how many at most", kind="integer", default=DEFAULT_LIMIT, minimum=0, maximum=MAX_LIMIT)


def _endpoint(name: str, summary: str, parameters: list[Answer], **more: Any) -> Answer:
    responses: Answer = {
        "200": {"description": "found", "content": {"application/json": {"schema": {"type": "object"}}}}
    }
    for status, said in (("400", "a parameter makes no sense"), ("404", "no such thing")):
        responses[status] = {"description": said}
    return {"operationId": name, "summary": summary, "parameters": parameters, "responses": responses, **more}


def openapi(*, with_token: bool) -> Answer:
    """Describe the API (OpenAPI 3.1)."""
    document: Answer = {
        "openapi": "3.1.0",
        "info": {
            "title": "dedup",
            "version": __version__,
            "description": "Reads what was found in the store; writes nothing.",
        },
        "paths": {
            "/api/clusters": {
                "get": _endpoint(
                    "list_clusters",
                    "The clusters, the newest first.",
                    [
                        _parameter("q", "words of a headline or source"),
                        _parameter("origin", "a source, agency:NAME or outlet:NAME"),
                        _parameter("source", "who carries it"),
                        _parameter("kind", "exact, near, excerpt, rewritten or translated"),
                        _parameter("language", "BCP 47, such as de"),
                        _parameter("licence", "licensed, credited, credit missing or unlicensed"),
                        _LIMIT,
                        _parameter("offset", "how many to leave out", kind="integer", default=0, minimum=0),
                    ],
                )
            },
            "/api/clusters/{id}": {
                "get": _endpoint(
                    "get_cluster",
                    "One cluster: articles, attribution with clues, links, matches.",
                    [_parameter("id", "the cluster’s id, or the key of its page", where="path")],
                )
            },
            "/api/articles/{id}": {
                "get": _endpoint(
                    "get_article",
                    "One article: text, matches, clusters.",
                    [_parameter("id", "the article’s id", where="path")],
                )
            },
            "/api/sources": {"get": _endpoint("list_sources", "What each source publishes: its own, and others’.", [])},
            "/api/search": {
                "get": _endpoint(
                    "search_articles", "Articles that hold every word.", [_parameter("q", "words"), _LIMIT]
                )
            },
            "/api/check": {
                "post": _endpoint(
                    "check_text",
                    "Whether a text or page was published before, and whom it credits. Nothing is kept.",
                    [],
                    requestBody={
                        "required": True,
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "properties": {
                                        "text": {"type": "string", "description": "a text"},
                                        "url": {"type": "string", "description": "the address of a page"},
                                    },
                                }
                            }
                        },
                    },
                )
            },
        },
    }
    if with_token:
        document["components"] = {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}
        document["security"] = [{"token": []}]
    return document
