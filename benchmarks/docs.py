"""Figures -> docs/benchmarks.md: fill the parts between its markers, draw its plot."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import tables
from benchmarks.processes import REPO

PAGE = REPO / "docs" / "benchmarks.md"
PLOT = "speed.svg"

Figures = dict[str, Any]


def fill(results: Figures, python: Path, page: Path = PAGE) -> None:
    """Put what was measured into the page; parts that this run did not measure stay as they are.

    Parameters
    ----------
    python : Path
        An interpreter with matplotlib.
    """
    text = page.read_text(encoding="utf-8")
    for name, body in parts(results).items():
        text = replace_part(text, name, body)
    if "systems" in results:
        draw(results, python, page.parent / PLOT)
        caption = "Articles a second, from a list of Python str to pairs, and the share of the true pairs found"
        text = replace_part(text, "plot", f"![{caption}]({PLOT})")
    page.write_text(text, encoding="utf-8")


def parts(results: Figures) -> dict[str, str]:
    """Give the text of each part that the results can fill."""
    filled = {}
    if "systems" in results:
        filled["machine"] = describe(results)
        filled["comparison"] = tables.comparison(results)
        filled["excerpts"] = tables.excerpts(results)
    for name in ("stress", "scaling"):
        if name in results:
            filled[name] = {"stress": tables.stress, "scaling": tables.scaling}[name](results)
    return filled


def describe(results: Figures) -> str:
    """State machine and versions in a few lines."""
    machine, options = results["machine"], results["options"]
    versions = dict(machine["versions"])
    for one in results["systems"].values():
        versions |= {name: number for name, number in one.get("versions", {}).items() if name not in versions}
    units = f" ({', '.join(machine['vector_units'])})" if machine["vector_units"] else ""
    return (
        f"{machine['processor']}{units}, {options['processes']} of {machine['cores']} cores used, "
        f"{machine['memory_bytes'] / 2**30:.0f} GB, {machine['system']}, Python {machine['python']}; "
        f"median of {options['repeat']}, commit {machine['commit']}. "
        + "; ".join(f"{name} {number}" for name, number in sorted(versions.items(), key=lambda item: item[0].lower()))
        + "."
    )


def replace_part(text: str, name: str, body: str) -> str:
    """Replace what stands between a part's two markers.

    Raises
    ------
    ValueError
        The page has no such part.

    Examples
    --------
    >>> replace_part("a <!-- x --> old <!-- /x --> b", "x", "new")
    'a <!-- x -->\\n\\nnew\\n\\n<!-- /x --> b'
    """
    pattern = re.compile(rf"(<!-- {re.escape(name)} -->).*?(<!-- /{re.escape(name)} -->)", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"the page has no part <!-- {name} --> ... <!-- /{name} -->")
    return pattern.sub(lambda match: f"{match[1]}\n\n{body}\n\n{match[2]}", text)


def draw(results: Figures, python: Path, target: Path) -> None:
    """Draw the plot in the environment that has matplotlib."""
    with tempfile.TemporaryDirectory(prefix="dedup-bench-") as folder:
        figures = Path(folder) / "figures.json"
        figures.write_text(json.dumps(results), encoding="utf-8")
        subprocess.run([str(python), "-m", "benchmarks.plot", str(figures), str(target)], cwd=REPO, check=True)
