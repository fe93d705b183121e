import json
from pathlib import Path

import pytest

from benchmarks.floors import FLOORS, judge
from benchmarks.quality import agrees_with

JUDGED = Path(__file__).parent / "judged"


def test_a_floor_is_never_lowered_by_an_update() -> None:
    verdict = judge({"recall": 0.5}, {"recall": 0.9}, update=True)
    assert not verdict.holds
    assert verdict.floors == {"recall": 0.9}
    assert "refused" in verdict.lines[0]


def test_an_update_raises_floors_and_adds_new_ones() -> None:
    verdict = judge({"recall": 0.91237, "new": 1.0}, {"recall": 0.9, "not measured": 0.3}, update=True)
    assert verdict.holds
    assert verdict.floors == {"new": 1.0, "not measured": 0.3, "recall": 0.9123}


def test_without_an_update_floors_stay() -> None:
    verdict = judge({"recall": 0.95, "new": 1.0}, {"recall": 0.9}, update=False)
    assert verdict.holds
    assert verdict.floors == {"recall": 0.9}


def test_the_floors_that_are_kept_are_shares() -> None:
    floors = json.loads(FLOORS.read_text(encoding="utf-8"))
    assert floors
    assert all(0 <= value <= 1 for value in floors.values())


@pytest.mark.parametrize("name", ["german", "fnc", "reuters"])
def test_judged_lists_hold_ids_and_verdicts_only(name: str) -> None:
    rows = [json.loads(line) for line in (JUDGED / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(rows) >= 50
    for row in rows:
        assert set(row) in ({"sample", "a", "b", "verdict"}, {"sample", "cluster", "verdict"})
        assert row["verdict"] in ("same", "background", "template", "shared quote", "mixed")


@pytest.mark.parametrize(
    ("verdict", "relation", "agrees"),
    [
        ("same", "copy", True),
        ("same", "revision", True),
        ("background", "copy", True),
        ("same", "template", False),
        ("same", None, False),
        ("template", "template", True),
        ("template", None, True),
        ("shared quote", "copy", False),
    ],
)
def test_agreement(verdict: str, relation: str | None, agrees: bool) -> None:
    assert agrees_with(verdict, relation) is agrees
