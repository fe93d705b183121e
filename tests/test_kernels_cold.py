"""Cold start: nothing is compiled on import, and the cache finds a place."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import dedup

RUN = "import dedup.normalise as n; print(n.__file__, len(n.split_words('one two three').hashes))"


def run(code: str, cwd: Path | None = None, **env: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, **env}, cwd=cwd, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_dedup_loads_no_compiler() -> None:
    code = "import sys, dedup; print([name for name in ('numba', 'llvmlite', 'datasketch') if name in sys.modules])"
    assert run(code) == "[]"


def run_where_nothing_can_be_written(site: Path, home: Path) -> str:
    """Run a copy of the package; its ``__pycache__`` is a file, so that not even root can write into it."""
    shutil.copytree(Path(dedup.__file__).parent, site / "dedup", ignore=shutil.ignore_patterns("__pycache__"))
    (site / "dedup" / "kernels" / "__pycache__").write_text("no directory")
    variables = {"PYTHONPATH": str(site), "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}
    return run(RUN, site, PYTHONDONTWRITEBYTECODE="1", NUMBA_CACHE_DIR="", NUMBA_DISABLE_JIT="0", **variables)


def test_a_package_that_cannot_be_written_caches_with_the_user(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    assert run_where_nothing_can_be_written(tmp_path, home) == f"{tmp_path}/dedup/normalise.py 3"
    assert list(home.rglob("*.nbc"))


def test_no_place_for_a_cache_at_all(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("no directory")
    assert run_where_nothing_can_be_written(tmp_path, home) == f"{tmp_path}/dedup/normalise.py 3"
