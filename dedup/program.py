"""Which program this is: what another one worked out is not used."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from pathlib import Path

import dedup

_READ = (".py", ".toml", ".txt", ".tsv", ".json")
_NOT_READ = ("report", "nightly", "ingest", "store", "serve", "cli.py", "terminal.py")  # nothing kept depends on them


@cache
def program_digest() -> str:
    """Hash the files of the package that verdicts and readings depend on, code and lists alike."""
    root = Path(dedup.__file__).parent
    digest = blake2b(digest_size=8)
    for path in sorted(root.rglob("*")):
        place = path.relative_to(root)
        if path.suffix in _READ and place.parts[0] not in _NOT_READ and path.is_file():
            digest.update(place.as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
