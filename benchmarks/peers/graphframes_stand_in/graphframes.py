"""Stands in for GraphFrames, whose jar is on no package index: what text-dedup's Spark script asks of it.

The components are found by our own large-star and small-star, with the names that the script expects.
"""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

_HOME = Path(__file__).parents[3] / "dedup" / "distributed" / "components.py"


class GraphFrame:
    """Vertices and edges; only `connectedComponents` is there."""

    def __init__(self, vertices: Any, edges: Any) -> None:
        self._edges = edges

    def connectedComponents(self) -> Any:  # noqa: N802 - its name in GraphFrames
        """Give a frame of ``id`` and ``component``, the smallest id of each."""
        spec = spec_from_file_location("components", _HOME)
        module = module_from_spec(spec)  # type: ignore[arg-type]
        spec.loader.exec_module(module)  # type: ignore[union-attr]
        named = module.find_components(self._edges.toDF("a", "b"))
        return named.toDF("id", "component")
