"""`dedup serve`: its pages and its API, over real HTTP on loopback; and whom it refuses."""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import html5lib
import httpx
import lxml.html
import pytest
import uvicorn
from click.testing import CliRunner
from starlette.applications import Starlette

from dedup import Article, Index, Settings
from dedup.cli import _read_index, _stamp_of, main
from dedup.errors import CorpusError, StoreError
from dedup.serve import Library, make_app
from dedup.serve.api import openapi
from dedup.serve.guard import MAX_BODY_BYTES
from dedup.store import Store
from tests.browser import needs_browser, opened
from tests.conftest import REPO
from tests.report_sample import ARTICLES, BY_ID

SETTINGS = Settings(translated=False)
NOW = datetime(2026, 11, 5, 3, tzinfo=UTC)
LENNE = BY_ID["lenne-bote"]
PAGE = Article(id="page", text=BY_ID["moorings"].text, url="https://elsewhere.example/x", source="elsewhere.example")


def read_url(url: str) -> Article:
    if "down" in url:
        raise CorpusError(f"{url}: cannot be fetched: <script>timeout</script>")
    return replace(PAGE, url=url)


@contextmanager
def served(app: Starlette) -> Iterator[str]:
    """Serve on a free port of loopback; give the address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@dataclass
class Shop:
    """A library whose articles and stamp a test may change."""

    articles: list[Article] = field(default_factory=lambda: list(ARTICLES))
    stamp: int = 0
    n_loads: int = 0

    def load(self) -> Index:
        self.n_loads += 1
        index = Index(SETTINGS)
        index.add(self.articles)
        return index

    def library(self) -> Library:
        return Library(self.load, lambda: self.stamp)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(make_app(Shop().library(), read_url)) as address:
        yield address


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=60) as client:
        yield client


# -- pages


@pytest.mark.parametrize(
    "path", ["/index.html", "/sources.html", "/more.html", "/search", "/search?q=Lenne", "/check", "/api"]
)
def test_its_pages_are_well_formed(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    html5lib.HTMLParser(strict=True).parse(answer.text)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_every_link_of_every_page_leads_somewhere(client: httpx.Client) -> None:
    to_see, seen = ["/"], set()
    while to_see:
        path = to_see.pop()
        seen.add(path)
        answer = client.get(path, follow_redirects=True)
        assert answer.status_code == 200, path
        if "html" in answer.headers["content-type"]:
            tree = lxml.html.document_fromstring(answer.text, base_url=str(answer.url))
            for href in tree.xpath("//a[not(ancestor::template)]/@href | //link/@href"):
                url = httpx.URL(str(answer.url)).join(str(href).partition("#")[0])
                if url.host == "127.0.0.1" and url.raw_path.decode() not in {*seen, *to_see}:
                    to_see.append(url.raw_path.decode())
    assert sum(path.startswith("/clusters/") for path in seen) >= 3
    assert "/api/openapi.json" in seen


def test_search_finds_words_of_texts(client: httpx.Client) -> None:
    tree = lxml.html.document_fromstring(client.get("/search", params={"q": "gummistiefeln"}).text)
    (hit,) = tree.xpath("//ul[@class='cluster-list']/li")
    assert "lindacher-zeitung.example" in hit.text_content()
    assert "in Gummistiefeln, und versprach" in hit.text_content()


def test_a_pasted_text_is_checked(client: httpx.Client) -> None:
    answer = client.post("/check", data={"text": LENNE.text, "url": ""})
    tree = lxml.html.document_fromstring(answer.text)
    assert "articles share its text" in tree.xpath("//h2")[0].text_content()
    assert tree.xpath("//mark")
    assert "dpa" in tree.xpath("//ul[@class='clues']")[0].text_content()
    html5lib.HTMLParser(strict=True).parse(answer.text)


def test_a_page_is_checked_by_its_address(client: httpx.Client) -> None:
    answer = client.post("/check", data={"url": PAGE.url})
    assert "harbourherald.example" in answer.text
    answer = client.post("/check", data={"url": "https://down.example/"})
    assert answer.status_code == 400
    assert "&lt;script&gt;timeout" in answer.text
    answer = client.post("/check", data={"url": "file:///etc/passwd"})
    assert (answer.status_code, "must begin with http" in answer.text) == (400, True)


def test_what_is_checked_is_not_kept(client: httpx.Client) -> None:
    before = client.get("/api/search", params={"q": "harbour"}).json()
    client.post("/check", data={"url": PAGE.url})
    assert client.get("/api/search", params={"q": "harbour"}).json() == before


# -- API


def test_clusters_are_listed_filtered_and_paged(client: httpx.Client) -> None:
    everything = client.get("/api/clusters").json()
    assert everything["total"] == len(everything["clusters"]) >= 3
    page = client.get("/api/clusters", params={"limit": 1, "offset": 1}).json()
    assert page["clusters"] == everything["clusters"][1:2]
    german = client.get("/api/clusters", params={"language": "de"}).json()["clusters"]
    assert [one["headline"] for one in german] == [
        one["headline"] for one in everything["clusters"] if "de" in one["languages"]
    ]
    assert client.get("/api/clusters", params={"q": "moorings"}).json()["total"] == 1


def test_one_cluster_and_one_article(client: httpx.Client) -> None:
    (entry,) = client.get("/api/clusters", params={"q": "lenne"}).json()["clusters"]
    cluster = client.get(f"/api/clusters/{entry['key']}").json()
    assert client.get(f"/api/clusters/{cluster['id']}").json() == cluster
    assert {match["kind"] for match in cluster["matches"]} <= {"exact", "near", "excerpt"}
    article = client.get("/api/articles/lenne-bote").json()
    assert article["text"] == LENNE.text
    assert article["published"] == "2026-11-03T09:05:00Z"
    assert article["clusters"] == [cluster["id"]]


def test_the_api_checks_a_text(client: httpx.Client) -> None:
    found = client.post("/api/check", json={"text": LENNE.text}).json()
    assert found["compared_with"] == len(ARTICLES)
    assert found["credits"][0]["points_to"] == "agency:dpa"
    assert found["matches"][0]["kind"] == "exact"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/clusters?limit=many", 400),
        ("/api/clusters?limit=99999", 400),
        ("/api/clusters?offset=-1", 400),
        ("/api/clusters/none", 404),
        ("/api/articles/none", 404),
        ("/nowhere", 404),
        ("/clusters/..%2f..%2fetc.html", 404),
    ],
)
def test_what_makes_no_sense_is_said(client: httpx.Client, path: str, status: int) -> None:
    assert client.get(path).status_code == status


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{}", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"text": 5}', "application/json", 400),
        (b'{"text": "a", "url": "https://b.example"}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"text": "a"}', "text/plain", 415),
        (b"\xff", "application/json", 400),
    ],
)
def test_bodies_that_make_no_sense_are_refused(client: httpx.Client, body: bytes, kind: str, status: int) -> None:
    assert client.post("/api/check", content=body, headers={"content-type": kind}).status_code == status


def test_the_description_names_every_endpoint_and_nothing_else() -> None:
    app = make_app(Shop().library(), read_url)
    served_paths = {
        (route.path.replace(":path}", "}"), method.lower())  # type: ignore[attr-defined]
        for route in app.routes
        for method in route.methods - {"HEAD"}  # type: ignore[attr-defined]
        if route.path.startswith("/api/") and route.path != "/api/openapi.json"  # type: ignore[attr-defined]
    }
    document = openapi(with_token=True)
    assert {(path, method) for path, methods in document["paths"].items() for method in methods} == served_paths
    assert document["openapi"] == "3.1.0"
    assert document["security"] == [{"token": []}]
    assert json.loads(json.dumps(document)) == document


# -- whom it refuses


def test_another_name_is_refused(client: httpx.Client) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example", "", "localhost.evil.example:80"):
        assert client.get("/index.html", headers={"host": host}).status_code == 421
    assert client.get("/index.html", headers={"host": "localhost:9999"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_what_another_site_sends_is_refused(client: httpx.Client, headers: dict[str, str]) -> None:
    assert client.post("/check", data={"text": "x"}, headers=headers).status_code == 403


def test_a_body_too_large_is_refused(client: httpx.Client) -> None:
    assert client.post("/check", content=b"x" * (MAX_BODY_BYTES + 1)).status_code == 413
    in_parts = (b"x" * 100_000 for _ in range(MAX_BODY_BYTES // 100_000 + 1))
    assert client.post("/check", content=in_parts).status_code == 413


def test_nothing_else_is_answered(client: httpx.Client) -> None:
    for method in ("PUT", "DELETE", "PATCH"):
        assert client.request(method, "/api/clusters").status_code == 405


def test_with_a_token_every_request_must_bring_it() -> None:
    token = "a-long-enough-token"
    app = make_app(Shop(list(ARTICLES[:2])).library(), read_url, token=token)
    with served(app) as address, httpx.Client(base_url=address) as client:
        for path in ("/index.html", "/api/clusters", "/report.css"):
            answer = client.get(path)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Basic")
            for wrong in ("Bearer wrong", "Bearer", "Basic !", "Basic " + base64.b64encode(b"x").decode(), token):
                assert client.get(path, headers={"authorization": wrong}).status_code == 401
            assert client.get(path, headers={"authorization": f"Bearer {token}"}).status_code == 200
            assert client.get(path, auth=("anyone", token)).status_code == 200


# -- the store


def test_a_change_is_seen_at_the_next_request() -> None:
    shop = Shop(list(ARTICLES[:2]))
    library = shop.library()
    assert library.shelf() is library.shelf()
    shop.articles.append(BY_ID["moorings"])
    assert len(library.shelf().duplicates.articles) == 2
    shop.stamp += 1
    assert len(library.shelf().duplicates.articles) == 3
    assert shop.n_loads == 2


def test_a_store_is_read_and_not_written(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    with Store(path) as store:
        for article in ARTICLES:
            store.save_article(article, now=NOW)
    before, bytes_before = _stamp_of(path), path.read_bytes()
    index = _read_index(path, None, SETTINGS)
    assert len(index) == len(ARTICLES)
    assert (_stamp_of(path), path.read_bytes()) == (before, bytes_before)
    with Store(path, read_only=True) as store, pytest.raises(StoreError, match="readonly"):
        store.save_article(ARTICLES[0], now=NOW)
    with Store(path) as store:
        store.save_article(replace(ARTICLES[0], text="Another text of this article."), now=NOW)
    assert _stamp_of(path) != before


def test_vectors_of_a_store_that_is_only_read_stay_in_memory(tmp_path: Path) -> None:
    import numpy as np

    path = tmp_path / "news.db"
    Store(path).close()
    with Store(path, read_only=True) as store:
        vectors = store.vectors(now=NOW)
        vectors["key"] = np.ones((2, 3), dtype=np.float16)
        assert vectors["key"].shape == (2, 3)
        assert len(list(store.vectors(now=NOW))) == 0


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        Store(tmp_path / "none.db", read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_beyond_loopback_a_token_is_asked_for(tmp_path: Path) -> None:
    Store(tmp_path / "news.db").close()
    for host in ("0.0.0.0", "192.0.2.1", "::", "news.example"):
        for token in ("", "short"):
            result = CliRunner().invoke(
                main, ["serve", "--store", str(tmp_path / "news.db"), "--host", host, "--token", token]
            )
            assert result.exit_code == 2
            assert "a --token of at least 16 characters is needed" in result.stderr


def test_the_verb_serves_a_store(tmp_path: Path) -> None:
    with Store(tmp_path / "news.db") as store:
        for article in ARTICLES:
            store.save_article(article, now=NOW)
    command = [sys.executable, "-u", "-m", "dedup.cli", "serve", "--store", "news.db", "--port", "0", "--no-translated"]
    environment = {**os.environ, "PYTHONPATH": str(REPO)}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = next(line for line in process.stdout if line.startswith("serving: ")).split()[1]
            found = httpx.get(f"{address}api/clusters", timeout=60).json()
            assert found["total"] >= 3
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".db"] == ["news.db"]


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    Store(tmp_path / "news.db").close()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = CliRunner().invoke(main, ["serve", "--store", str(tmp_path / "news.db"), "--port", port])
    assert result.exit_code == 2
    assert f"127.0.0.1, port {port}: cannot be listened on" in result.stderr


# -- in a browser


@needs_browser
def test_a_reader_checks_a_text_in_a_browser(address: str, tmp_path: Path) -> None:
    with opened(tmp_path / "profile") as browser:
        browser.look("desktop", "light")
        browser.requested()  # the page of a new tab
        browser.open(f"{address}/")
        browser.follow('nav a[href="check"]')
        browser.find("#text").send_keys(BY_ID["todai-2"].text)
        browser.follow('button[type="submit"]')
        assert "share" in browser.texts("h2")[0]
        assert browser.all("mark")
        assert browser.axe_faults() == []
        browser.open(f"{address}/search?q=Lenne")
        assert browser.axe_faults() == []
        browser.open(f"{address}/api")
        assert browser.axe_faults() == []
        assert [url for url in browser.requested() if not url.startswith((address, "data:"))] == []
        assert browser.complaints() == []
