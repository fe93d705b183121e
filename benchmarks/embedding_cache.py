"""An encoder that remembers every sentence on disk: benchmarks embed the same corpora again and again."""

from __future__ import annotations

import sqlite3
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dedup.translated import Encoder

FOLDER = Path.home() / ".cache" / "dedup-bench"


class RememberingEncoder:
    """Embeds what it has not embedded before, sentence by sentence.

    Parameters
    ----------
    encoder : Encoder
        What embeds.
    folder : Path
        Where vectors are kept, as float16.
    """

    def __init__(self, encoder: Encoder, folder: Path = FOLDER) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._encoder = encoder
        self.name, self.languages = encoder.name, encoder.languages
        self._path = folder / f"{encoder.name}.db"

    @cached_property
    def _db(self) -> sqlite3.Connection:  # opened when first used: by then the encoder may be in another process
        connection = sqlite3.connect(self._path, timeout=60)
        connection.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID")
        return connection

    def encode(self, sentences: list[str]) -> NDArray[np.float32]:
        """Embed sentences."""
        keys = [blake2b(sentence.encode(), digest_size=12).digest() for sentence in sentences]
        found = {}
        for key in keys:
            row = self._db.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
            if row:
                found[key] = np.frombuffer(row[0], dtype=np.float16)
        missing = {key: sentence for key, sentence in zip(keys, sentences, strict=True) if key not in found}
        if missing:
            made = self._encoder.encode(list(missing.values())).astype(np.float16)
            self._db.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?)",
                [(key, vector.tobytes()) for key, vector in zip(missing, made, strict=True)],
            )
            self._db.commit()
            found |= dict(zip(missing, made, strict=True))
        return np.stack([found[key] for key in keys]).astype(np.float32)
