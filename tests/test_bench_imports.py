"""Every benchmark still finds what it imports: they are not run by the suite, and a rename would pass unseen."""

from importlib import import_module
from pathlib import Path

import pytest

import benchmarks

DRAWN_ELSEWHERE = {"plot", "plot_curves", "plot_scale"}  # these run in the peers' environment, which has matplotlib
MODULES = sorted(
    path.stem for path in Path(benchmarks.__path__[0]).glob("*.py") if path.stem not in DRAWN_ELSEWHERE | {"__init__"}
)


@pytest.mark.parametrize("module", MODULES)
def test_a_benchmark_can_be_imported(module: str) -> None:
    import_module(f"benchmarks.{module}")
