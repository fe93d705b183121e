"""text-dedup's Spark script against our two engines: the same articles, machine and cores, from file to result.

python -m benchmarks.spark_peers [--articles 100000] [--repeat 1] [--only NAME,NAME] [--json FILE]

Each system runs in a process of its own, start of Python and JVM included, and writes its result as Parquet; the rounds
are interleaved. text-dedup's script runs as it comes (word 5-grams, jaccard 0.7, 250 permutations) with a stand-in for
GraphFrames, whose jar is on no package index; and a second time with partitions for two cores instead of a cluster. It
writes the articles that are left, unverified; ours write the verified pairs of jaccard 0.7 or more, or (``local-find``,
``spark-find``) all that `find_duplicates` finds: excerpts, rewriting, clusters, origins. ``spark-start`` opens a
session and does nothing: what every Spark program pays.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks import inputs
from benchmarks.environment import prepare_environment
from benchmarks.machine import describe_machine
from benchmarks.processes import POLL_S, SAMPLE_S, session_cpu_s

REPO = Path(__file__).parent.parent
CACHE = Path.home() / ".cache" / "dedup-bench"
MASTER, MEMORY = "local[2]", "4g"
THRESHOLD = 0.7
FOR_TWO_CORES = {  # constants of the script -> what suits two cores
    '"spark.default.parallelism", "100"': '"spark.default.parallelism", "8"',
    '"spark.sql.shuffle.partitions", "8192"': '"spark.sql.shuffle.partitions", "8"',
    "repartition(4096)": "repartition(8)",
    "max(256,": "max(8,",
}
OURS = ("local-pairs", "spark-pairs", "local-find", "spark-find", "spark-start")
PEERS = ("text-dedup", "text-dedup-two-cores")
USUAL = ("text-dedup", "text-dedup-two-cores", "local-pairs", "spark-pairs", "spark-start")


def main() -> None:
    """Run what the command line asks for; print a table."""
    options = _read_options()
    if options.run:
        run_ours(options.run, options.corpus, options.out)
        return
    python, _ = prepare_environment(CACHE / "peers")
    corpus = inputs.generated_corpus(CACHE, options.articles, options.seed)
    names = options.only.split(",")
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for _ in range(options.repeat):
        for name in names:
            with TemporaryDirectory(dir=CACHE) as folder:
                runs[name].append(_measure(name, python, corpus, Path(folder)))
            print(name, runs[name][-1], file=sys.stderr, flush=True)
    results = {"machine": describe_machine(), "articles": options.articles, "runs": runs}
    print(table(runs))
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--only", default=",".join(USUAL), help=f"of {', '.join((*PEERS, *OURS))}")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--run", choices=OURS, help=argparse.SUPPRESS)
    parser.add_argument("--corpus", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def table(runs: dict[str, list[dict[str, float]]]) -> str:
    """Lay out medians, and how many times the quickest of ours each takes."""
    rows = ["| system | wall s | CPU s | result |", "|---|---|---|---|"]
    for name, of_name in runs.items():
        wall, cpu, n = (median(run[column] for run in of_name) for column in ("wall_s", "cpu_s", "result"))
        rows.append(f"| {name} | {wall:.1f} | {cpu:.1f} | {n:,.0f} |")
    return "\n".join(rows)


def _measure(name: str, python: Path, corpus: Path, folder: Path) -> dict[str, float]:
    """Run one system: seconds, CPU seconds of all its processes, and how many rows its result has."""
    command, environment = _command(name, python, corpus, folder)
    log, start = folder / "log", time.perf_counter()
    with log.open("wb") as said:
        process = subprocess.Popen(
            command, env=os.environ | environment, stdout=said, stderr=said, cwd=folder, start_new_session=True
        )
    cpu_s, wall_s = _watch(process, start)
    if process.returncode:
        raise SystemExit(f"{name} failed:\n{log.read_text(errors='replace')[-3000:]}")
    return {"wall_s": wall_s, "cpu_s": cpu_s, "result": float(_count_rows(folder / "out"))}


def _watch(process: subprocess.Popen[bytes], start: float) -> tuple[float, float]:
    """Look at all processes until the last has ended: Spark lets nobody wait for its workers, so none tells at its end.

    Returns
    -------
    cpu_s, wall_s : float
        Of all of them; from the start to the end of the first.
    """
    seconds: dict[int, float] = {}
    wall_s = None
    while now := session_cpu_s(process.pid):
        seconds |= now
        with suppress(subprocess.TimeoutExpired):
            process.wait(SAMPLE_S)
            wall_s = wall_s or time.perf_counter() - start
            time.sleep(POLL_S)
    process.wait()
    return sum(seconds.values()), wall_s or time.perf_counter() - start


def _command(name: str, python: Path, corpus: Path, folder: Path) -> tuple[list[str], dict[str, str]]:
    if name in OURS:
        command = [sys.executable, "-m", "benchmarks.spark_peers", "--run", name]
        return [*command, "--corpus", str(corpus), "--out", str(folder / "out")], {"PYTHONPATH": str(REPO)}
    (found,) = python.parent.parent.glob("lib/python*/site-packages/text_dedup/minhash_spark.py")
    script = folder / "minhash_spark.py"
    text = found.read_text(encoding="utf-8")
    if name == "text-dedup-two-cores":
        for theirs, ours in FOR_TWO_CORES.items():
            assert theirs in text, theirs
            text = text.replace(theirs, ours)
    script.write_text(text, encoding="utf-8")
    (folder / "in").mkdir()
    shutil.copy(corpus, folder / "in")
    submit = [str(python.parent / "spark-submit"), "--master", MASTER, "--driver-memory", MEMORY, str(script)]
    options = {"input": folder / "in", "output": folder / "out", "column": "text", "threshold": THRESHOLD,
               "ngram_size": 5, "checkpoint_dir": folder / "checkpoints"}  # fmt: skip
    stand_in = REPO / "benchmarks" / "peers" / "graphframes_stand_in"
    return (
        [*submit, *(str(part) for name, value in options.items() for part in (f"--{name}", value))],
        {"PYSPARK_PYTHON": str(python), "PYSPARK_DRIVER_PYTHON": str(python), "PYTHONPATH": str(stand_in)},
    )


def _count_rows(out: Path) -> int:
    import pyarrow.dataset as ds

    if not out.exists():  # nothing was asked for
        return 0
    files = [str(file) for file in out.rglob("*.parquet")]  # in folders whose names begin with _, which Arrow passes by
    return int(ds.dataset(files, format="parquet").count_rows())


def run_ours(name: str, corpus: Path, out: Path) -> None:
    """Run one of our engines from the file to a Parquet file of pairs or matches."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from dedup import Settings, distributed, find_duplicates
    from dedup.pairs import find_pairs

    if name.startswith("spark"):
        distributed.open_session(MASTER, memory=MEMORY)
    if name == "spark-start":
        return
    out.mkdir()
    if name.endswith("-find"):
        found = distributed.find_duplicates(corpus) if name == "spark-find" else find_duplicates(corpus)
        found.to_parquet(out / "matches.parquet")
        return
    settings = Settings(threshold=THRESHOLD)
    if name == "spark-pairs":
        pairs = distributed.find_pairs(corpus, settings=settings, excerpts=False)
    else:
        pairs = find_pairs(pq.read_table(corpus, columns=["text"])["text"], settings=settings, excerpts=False)
    columns = {"a": pairs.rows[:, 0], "b": pairs.rows[:, 1], "jaccard": pairs.jaccard}
    pq.write_table(pa.table(columns), out / "pairs.parquet")


if __name__ == "__main__":
    main()
