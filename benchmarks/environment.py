"""The peers' own environment: created once, remade when its requirements change."""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256
from pathlib import Path

REQUIREMENTS = Path(__file__).parent / "peers" / "requirements.txt"


def prepare_environment(folder: Path) -> tuple[Path, dict[str, str]]:
    """Create the environment if need be.

    Returns
    -------
    python : Path
        Its interpreter.
    missing : dict
        Requirements that could not be installed, and why.
    """
    python = folder / "bin" / "python"
    stamp = folder / f"installed-{sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]}"
    if not stamp.exists():
        print(f"installing the peers into {folder} (once, about 2 GB)", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        missing = _install(python)
        stamp.write_text("".join(f"{name}\t{why}\n" for name, why in missing.items()), encoding="utf-8")
    rows = stamp.read_text(encoding="utf-8").splitlines()
    return python, dict(row.split("\t", 1) for row in rows)


def _install(python: Path) -> dict[str, str]:
    """Install all requirements together; where that fails, each by itself, so that one of them stops no other."""
    pip = [str(python), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    if subprocess.run([*pip, "-r", str(REQUIREMENTS)], capture_output=True).returncode == 0:
        return {}
    missing = {}
    for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines():
        requirement = line.partition("#")[0].strip()
        if requirement:
            done = subprocess.run([*pip, requirement], capture_output=True, text=True)
            if done.returncode:
                missing[requirement] = " ".join(done.stderr.split())[-200:]
    return missing
