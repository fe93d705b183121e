"""Write down which kernels a run compiles, with which arguments, in the order in which it reaches them.

``dedup/kernels/warm.py`` compiles from that list. Run it again when a kernel is added or its arguments change:

    python benchmarks/kernel_signatures.py
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
LIST = ROOT / "dedup" / "kernels" / "signatures.json"


def record() -> list[tuple[str, str, list[str]]]:
    """Run the seeds in a process with an empty cache; give what was compiled on behalf of no other kernel."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "NUMBA_CACHE_DIR": folder, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, __file__, "--here"], env=environment, check=True, capture_output=True, text=True
        )
    return [tuple(row) for row in json.loads(done.stdout)]


def record_here() -> list[tuple[str, str, list[str]]]:
    """Do it in this process."""
    from numba.core import event

    from dedup import find_duplicates
    from dedup.kernels import warm

    found: list[tuple[str, str, list[str]]] = []

    class Compilations(event.Listener):  # type: ignore[misc]
        depth = 0

        def on_start(self, compilation: Any) -> None:
            function = compilation.data["dispatcher"].py_func
            if self.depth == 0 and function.__module__.startswith("dedup.kernels"):
                arguments = [warm.to_argument(one) for one in compilation.data["args"]]
                found.append((function.__module__, function.__name__, arguments))
            self.depth += 1

        def on_end(self, compilation: Any) -> None:
            self.depth -= 1

    warm.start = lambda: None  # nothing is to be compiled elsewhere
    event.register("numba:compile", Compilations())
    find_duplicates(ROOT / "seeds" / "articles.jsonl")
    return found


def main() -> None:
    if "--here" in sys.argv:
        print(json.dumps(record_here()))
        return
    rows = record()
    LIST.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n", encoding="utf-8")
    print(f"{LIST.relative_to(ROOT)}: {len(rows)} kernels")


if __name__ == "__main__":
    main()
