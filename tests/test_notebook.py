"""What a notebook shows, and the example of the docs, executed."""

from __future__ import annotations

import html5lib
import nbformat
import pytest
from nbclient import NotebookClient

from dedup import Duplicates
from dedup.errors import CorpusError
from dedup.model import Match
from tests.conftest import REPO
from tests.report_sample import SAMPLE, all_pairs, hostile_duplicates

EXAMPLE = REPO / "docs" / "example.ipynb"
ATTACK = "<script>alert(1)</script><img src=x onerror=alert(1)>"


def outputs(notebook: nbformat.NotebookNode) -> list[list[str]]:
    """The outputs of each cell: HTML where there is some, else text; what goes to stderr is left out."""
    return [
        [
            output["text"]
            if output.output_type == "stream"
            else output["data"].get("text/html", output["data"]["text/plain"])
            for output in cell.outputs
            if output.get("name") != "stderr"
        ]
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


@pytest.mark.filterwarnings("default")  # of the packages that run notebooks
def test_the_example_gives_what_it_shows() -> None:
    shown = nbformat.read(EXAMPLE, as_version=4)
    nbformat.validate(shown)
    executed = nbformat.read(EXAMPLE, as_version=4)
    NotebookClient(executed, timeout=600, resources={"metadata": {"path": str(EXAMPLE.parent)}}).execute()
    assert outputs(executed) == outputs(shown)


def test_duplicates_show_counts_and_the_largest_clusters() -> None:
    shown = SAMPLE._repr_html_()
    assert "<b>15 articles</b>, <b>5 clusters</b>, <b>13 copies</b>" in shown
    assert "dpa</bdi> (agency), 96% sure" in shown
    assert "and 1 more cluster" not in shown
    assert "2 copies" not in Duplicates({}, (), ())._repr_html_()


def test_a_match_shows_its_numbers() -> None:
    match = next(m for m in SAMPLE.matches if (m.a, m.b) == ("moorings", "moorings-digest"))
    shown = match._repr_html_()
    assert "<b>excerpt</b> copy" in shown
    assert f"{match.b_in_a:.0%} of it is in the other" in shown


def test_side_by_side_shows_both_texts() -> None:
    match = next(m for m in SAMPLE.matches if (m.a, m.b) == ("lenne-bote", "lenne-kurier"))
    shown = SAMPLE.side_by_side(match)
    assert "bergischer-bote.example" in shown._repr_html_()
    assert repr(shown).startswith("<exact copy: 'lenne-bote' and 'lenne-kurier', 1 passage")
    with pytest.raises(CorpusError, match="article 'x' is named"):
        SAMPLE.side_by_side(Match("x", "y", "near", 1.0, 1.0, 1.0))


@pytest.mark.parametrize(
    "found", [SAMPLE, all_pairs(12), hostile_duplicates(ATTACK)], ids=["sample", "pairs", "hostile"]
)
def test_what_is_shown_is_well_formed_and_escaped(found: Duplicates) -> None:
    for shown in (found._repr_html_(), found.matches[0]._repr_html_(), found.side_by_side(found.matches[0]).html):
        html5lib.HTMLParser(strict=True).parseFragment(shown)
        assert "<script" not in shown
        assert "<img" not in shown
