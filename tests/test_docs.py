"""Docs that run: every example of the README is executed, every verb and setting is documented."""

import re
from dataclasses import fields
from pathlib import Path

import click
import pytest

from dedup import Settings
from dedup.cli import main
from tests.conftest import REPO

PAGES = [REPO / "README.md", *sorted((REPO / "docs").glob("*.md"))]


def examples(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (REPO / "README.md").read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("code", examples("python"), ids=lambda code: code.strip().splitlines()[0])
def test_examples_of_the_readme_run(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "seeds").symlink_to(REPO / "seeds")
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "README.md", "exec"), {})


def test_the_readme_has_the_two_commands() -> None:
    first = examples("console")[0]
    assert first.split("\n")[:2] == ["$ make run", "$ make test"]


def test_every_verb_and_option_is_documented() -> None:
    usage = (REPO / "docs" / "usage.md").read_text(encoding="utf-8")
    readme = (REPO / "README.md").read_text(encoding="utf-8")
    for name, verb in main.commands.items():
        assert f"`dedup {name}" in usage
        assert f"`dedup {name}" in readme
        for option in verb.params:
            if isinstance(option, click.Option) and option.name != "help":
                assert any(spelling in usage for spelling in option.opts), f"{name} {option.opts}"


def test_every_setting_is_documented_with_its_default() -> None:
    usage = (REPO / "docs" / "usage.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| `(.*?)` \|", usage, re.MULTILINE))
    for field in fields(Settings):
        assert field.name in rows, f"{field.name} is not in docs/usage.md"
        default = getattr(Settings(), field.name)
        if isinstance(default, (int, float)):
            assert float(eval(rows[field.name])) == float(default), field.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"
