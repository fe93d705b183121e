"""Pages that still hold are left as they are, and the folder is what a report made from scratch would be."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from dedup.model import Alternative, Article, Cluster, Duplicates, Match
from dedup.report import reuse, write_site
from dedup.report.site import Site
from tests.report_sample import SAMPLE, all_pairs

WITH_ALTERNATIVES = replace(
    SAMPLE,
    clusters=tuple(
        replace(
            cluster,
            attribution=replace(
                cluster.attribution,
                contradictions=("it carries a later date",),
                alternatives=(Alternative(cluster.articles[-1], 0.2, cluster.attribution.clues[:1]),),
            ),
        )
        for cluster in SAMPLE.clusters
    ),
    boilerplate=MappingProxyType(dict.fromkeys(SAMPLE.articles, ((0, 9),))),
)


def files_of(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def from_scratch(duplicates: Duplicates, folder: Path, title: str = "Copies") -> dict[str, bytes]:
    write_site(duplicates, folder, title=title)
    return files_of(folder)


def pages_made(duplicates: Duplicates, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Write a report, and tell which pages of clusters and pairs were made."""
    made: list[str] = []
    with monkeypatch.context() as patch:
        for kind in ("cluster", "pair"):
            make: Callable[[Site, str], str] = getattr(Site, kind)

            def note(site: Site, key: str, kind: str = kind, make: Callable[[Site, str], str] = make) -> str:
                made.append(f"{kind}s/{key}.html")
                return make(site, key)

            patch.setattr(Site, kind, note)
        write_site(duplicates, folder, title="Copies")
    return made


def other(value: Any) -> Any:
    """Give another value of the same type; None where there is none to be had."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, float):
        return value / 2 if value else 0.25
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return f"{value} more"
    if isinstance(value, datetime):
        return value + timedelta(days=1, minutes=7)
    if isinstance(value, Mapping):
        return {"added": "value"}
    if isinstance(value, tuple) and value and not is_dataclass(value[0]):
        return value[:-1]
    return None


IDENTITY = {"id", "a", "b", "articles", "copy", "copied_from", "article", "points_to", "origin", "passages"}


def changed_in_one_field(found: Duplicates) -> Iterator[tuple[str, Duplicates]]:
    """Change one field of one noun after the other: of an article, a match, a cluster and all it holds."""
    for key in list(found.articles)[:2]:
        for name, article in _one_field(found.articles[key]):
            yield f"article {name}", replace(found, articles=MappingProxyType({**found.articles, key: article}))
    for name, match in _one_field(found.matches[0]):
        yield f"match {name}", replace(found, matches=(match, *found.matches[1:]))
    first, *rest = found.clusters
    for name, attribution in _one_field(first.attribution):
        yield f"attribution {name}", _with(found, replace(first, attribution=attribution), rest)
    for name, clue in _one_field(first.attribution.clues[0]):
        clues = (clue, *first.attribution.clues[1:])
        yield f"clue {name}", _with(found, replace(first, attribution=replace(first.attribution, clues=clues)), rest)
    for name, link in _one_field(first.links[0]):
        yield f"link {name}", _with(found, replace(first, links=(link, *first.links[1:])), rest)
    yield "cluster is_revision", _with(found, replace(first, is_revision=True), rest)
    yield "cluster without a link", _with(found, replace(first, links=first.links[1:]), rest)
    yield (
        "another origin",
        _with(found, replace(first, attribution=replace(first.attribution, origin=first.articles[-1])), rest),
    )
    yield "no alternatives", _with(found, replace(first, attribution=replace(first.attribution, alternatives=())), rest)
    yield "a cluster less", replace(found, clusters=tuple(rest))
    yield "furniture", replace(found, boilerplate=MappingProxyType(dict.fromkeys(found.articles, ((3, 20),))))
    yield "a match less", replace(found, matches=found.matches[1:])


def _with(found: Duplicates, first: Cluster, rest: list[Cluster]) -> Duplicates:
    return replace(found, clusters=(first, *rest))


def _one_field(noun: Any) -> Iterator[tuple[str, Any]]:
    for field in fields(noun):
        value = other(getattr(noun, field.name))
        if field.name not in IDENTITY and value is not None:
            yield field.name, replace(noun, **{field.name: _allowed(field.name, value)})


def _allowed(name: str, value: Any) -> Any:
    allowed = {"kind more": "rewritten", "relation": "template", "licence": "licensed", "text_origin": "excerpt"}
    if name == "kind" and value in ("exact more", "near more", "excerpt more"):
        return "rewritten"
    return allowed.get(name, value)


def test_whatever_changes_the_folder_is_that_of_a_report_from_scratch(tmp_path: Path) -> None:
    write_site(WITH_ALTERNATIVES, tmp_path / "kept", title="Copies")
    n_told = 0
    for name, found in changed_in_one_field(WITH_ALTERNATIVES):
        expected = from_scratch(found, tmp_path / "new" / str(n_told))
        write_site(found, tmp_path / "kept", title="Copies")
        assert files_of(tmp_path / "kept") == expected, name
        n_told += 1
    assert n_told > 50
    write_site(all_pairs(12), tmp_path / "kept", title="Copies")
    assert files_of(tmp_path / "kept") == from_scratch(all_pairs(12), tmp_path / "all")
    write_site(all_pairs(12), tmp_path / "kept", title="Another title")
    assert files_of(tmp_path / "kept") == from_scratch(all_pairs(12), tmp_path / "titled", "Another title")


def test_only_pages_that_changed_are_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = pages_made(WITH_ALTERNATIVES, tmp_path, monkeypatch)
    assert len(first) == len(set(first)) > 10
    assert pages_made(WITH_ALTERNATIVES, tmp_path, monkeypatch) == []
    cluster = WITH_ALTERNATIVES.clusters[-1]
    weighed = replace(cluster, attribution=replace(cluster.attribution, confidence=0.31))
    found = replace(WITH_ALTERNATIVES, clusters=(*WITH_ALTERNATIVES.clusters[:-1], weighed))
    (made,) = pages_made(found, tmp_path, monkeypatch)
    assert made.startswith("clusters/")


@pytest.mark.parametrize(
    "damage",
    [
        lambda page: page.unlink(),
        lambda page: page.write_bytes(b""),
        lambda page: page.write_bytes(page.read_bytes()[:-1]),
        lambda page: page.write_bytes(page.read_bytes()[40:]),
        lambda page: page.write_bytes(page.read_bytes().replace(b"<main", b"<nain", 1)),
        lambda page: page.write_bytes(page.read_bytes() + b"<p>more</p>"),
    ],
    ids=["missing", "empty", "end cut off", "head cut off", "one byte", "more behind it"],
)
def test_a_damaged_page_is_made_again(damage: Callable[[Path], object], tmp_path: Path) -> None:
    expected = from_scratch(SAMPLE, tmp_path / "new")
    write_site(SAMPLE, tmp_path / "kept", title="Copies")
    for folder in ("clusters", "pairs", "sources"):
        damage(sorted((tmp_path / "kept" / folder).iterdir())[0])
    write_site(SAMPLE, tmp_path / "kept", title="Copies")
    assert files_of(tmp_path / "kept") == expected


def test_a_page_in_the_place_of_another_is_made_again(tmp_path: Path) -> None:
    expected = from_scratch(SAMPLE, tmp_path)
    one, another, *_ = sorted((tmp_path / "pairs").iterdir())
    one.write_bytes(another.read_bytes())
    assert from_scratch(SAMPLE, tmp_path) == expected


def test_a_report_that_was_cut_off_is_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = from_scratch(SAMPLE, tmp_path / "new")
    write_site(WITH_ALTERNATIVES, tmp_path / "kept", title="Copies")
    renamed: list[str] = []

    def replace_few(draft: str, path: str, rename: Callable[[str, str], None] = os.replace) -> None:
        if len(renamed) == 4:
            raise KeyboardInterrupt
        renamed.append(path)
        rename(draft, path)

    with monkeypatch.context() as patch:
        patch.setattr("dedup.report.atomic.os.replace", replace_few)
        with pytest.raises(KeyboardInterrupt):
            write_site(SAMPLE, tmp_path / "kept", title="Copies")
    write_site(SAMPLE, tmp_path / "kept", title="Copies")
    assert files_of(tmp_path / "kept") == expected


def test_another_program_makes_all_pages_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = pages_made(SAMPLE, tmp_path, monkeypatch)
    monkeypatch.setattr(reuse, "program", lambda: "another")
    assert sorted(pages_made(SAMPLE, tmp_path, monkeypatch)) == sorted(first)


def test_all_that_makes_pages_is_part_of_the_program() -> None:
    root = Path(reuse.__file__).parent
    files = [path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert {path.suffix for path in files} == set(reuse._READ)


def test_a_noun_has_one_hash_and_another_noun_has_another() -> None:
    digests = reuse.Digests()
    one = Article(id="a", text="text")
    assert digests.of(one) == digests.of(Article(id="a", text="text")) != digests.of(replace(one, byline="B"))
    match = Match("a", "b", "near", 0.5, 0.5, 0.5, ())
    assert digests.of_all([match, None]) == [digests.of(match), ""]
