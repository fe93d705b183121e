"""The systems that are compared, and those that cannot be."""

from __future__ import annotations

from typing import NamedTuple


class System(NamedTuple):
    """How one system is run.

    Parameters
    ----------
    name : str
        As on the command line and in the tables.
    module : str
        What is run, in a process of its own.
    arguments : tuple of str
        Beside those that all systems take.
    threshold : float
        Jaccard to reach; for our excerpts, containment. In (0, 1].
    has_workers : bool
        Works in several processes: memory is then sampled over all of them.
    about : str
        What the reader of a table must know.
    """

    name: str
    module: str
    arguments: tuple[str, ...] = ()
    threshold: float = 0.7
    has_workers: bool = False
    about: str = ""

    @property
    def is_ours(self) -> bool:
        """Runs in the project's own environment."""
        return not self.module.startswith("benchmarks.peers.")


NEAR_COPIES = System("dedup", "benchmarks.ours", about="near copies, verified")
EXCERPTS = System("dedup-excerpts", "benchmarks.ours", ("--excerpts",), 0.5, about="near copies and excerpts, verified")
PARTIAL = System("dedup-partial", "benchmarks.ours", ("--excerpts",), 0.2, about="and excerpts from a fifth upwards")
OURS = (NEAR_COPIES, EXCERPTS, PARTIAL)

PEERS = (
    System("gaoya", "benchmarks.peers.gaoya", about="as it comes; estimate"),
    System(
        "gaoya-normalised", "benchmarks.peers.gaoya", ("--normalise",), about="texts normalised in Python; estimate"
    ),
    System("daft", "benchmarks.peers.daft", about="ASCII punctuation only; estimate"),
    System("polars", "benchmarks.peers.polars", about="expressions only; exact"),
    System("rensa", "benchmarks.peers.rensa", about="R-MinHash; estimate"),
    System("rensa-rho", "benchmarks.peers.rensa_rho", about="flags articles, names no pairs"),
    System("fastsketch", "benchmarks.peers.fastsketch", about="estimate"),
    System(
        "fastsketch-prehashed",
        "benchmarks.peers.fastsketch",
        ("--prehashed",),
        has_workers=True,
        about="hashed in worker processes; estimate",
    ),
    System("datasketch", "benchmarks.peers.datasketch", has_workers=True, about="25 bands of 5; estimate"),
    System(
        "datasketch-defaults",
        "benchmarks.peers.datasketch",
        ("--defaults",),
        has_workers=True,
        about="the bands it chooses; estimate",
    ),
    System("text-dedup", "benchmarks.peers.text_dedup", has_workers=True, about="file to file; clusters, unverified"),
    System("datatrove", "benchmarks.peers.datatrove", has_workers=True, about="file to file; clusters, unverified"),
    System("semhash", "benchmarks.peers.semhash", about="compares meaning; clusters"),
)

NOT_COMPARED = {
    "dupekit": "not on PyPI",
    "Spark MLlib": "needs Java",
}


def choose_peers(names: str) -> tuple[System, ...]:
    """Give the peers that ``all``, ``none`` or a comma-separated list names.

    Raises
    ------
    ValueError
        A name that is no peer.
    """
    if names in ("all", "none"):
        return PEERS if names == "all" else ()
    known = {peer.name: peer for peer in PEERS}
    if unknown := [name for name in names.split(",") if name not in known]:
        raise ValueError(f"no such peer: {unknown[0]!r}; known are all, none, {', '.join(known)}")
    return tuple(known[name] for name in names.split(","))
