"""What was worked out on earlier nights, as mappings: sentence vectors, verdicts on pairs, readings of articles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, get_args

import numpy as np
from numpy.typing import NDArray

from dedup.model import MatchKind, Passage, Verdict
from dedup.store.articles import to_text

if TYPE_CHECKING:
    from dedup.store.store import Store

_ROWS_AT_ONCE = 5_000  # rows of one transaction
_FORGOTTEN = "what was worked out on articles seen before this is dropped"
_DROPPED = (
    "DELETE FROM readings WHERE article_id = ?",
    "DELETE FROM sketches WHERE article_id = ?",
    "DELETE FROM verdicts WHERE a = ?",
)
_KINDS = {kind: kind for kind in get_args(MatchKind)}


class StoredVectors(MutableMapping[str, NDArray[np.float16]]):
    """The sentence vectors of a store, by the hash of what was embedded."""

    def __init__(self, store: Store, now: datetime) -> None:
        self._store = store
        self._now = to_text(now)
        self._unfiled: dict[str, NDArray[np.float16]] = {}  # of a store that is read only

    def __getitem__(self, key: str) -> NDArray[np.float16]:
        if key in self._unfiled:
            return self._unfiled[key]
        row = next(self._store._query("SELECT * FROM vectors WHERE key = ?", (key,)), None)
        if row is None:
            raise KeyError(key)
        if row["last_used"] != self._now and not self._store.read_only:
            with self._store._transaction() as db:
                db.execute("UPDATE vectors SET last_used = ? WHERE key = ?", (self._now, key))
        stored = np.frombuffer(row["vectors"], dtype="<f2").reshape(row["n_sentences"], -1)
        return stored.astype(np.float16)

    def __setitem__(self, key: str, vectors: NDArray[np.float16]) -> None:
        if self._store.read_only:
            self._unfiled[key] = vectors
            return
        with self._store._transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?)",
                (key, len(vectors), vectors.astype("<f2").tobytes(), self._now),
            )

    def __delitem__(self, key: str) -> None:
        with self._store._transaction() as db:
            db.execute("DELETE FROM vectors WHERE key = ?", (key,))

    def __iter__(self) -> Iterator[str]:
        return (row["key"] for row in self._store._query("SELECT key FROM vectors ORDER BY key"))

    def __len__(self) -> int:
        (n,) = next(self._store._query("SELECT count(*) FROM vectors"))
        return int(n)


class StoredVerdicts(Mapping[tuple[str, str], Verdict]):
    """The verdicts on pairs of the window's articles, read at once; `keep` files new ones.

    Parameters
    ----------
    store : Store
    window_days : int
        As for `Store.articles`.
    """

    def __init__(self, store: Store, *, window_days: int) -> None:
        self._store = store
        since = store.window(window_days)
        sql = """
            SELECT v.* FROM articles a JOIN verdicts v ON v.a = a.id
            WHERE a.first_seen >= ? AND (SELECT first_seen FROM articles WHERE id = v.b) >= ?
        """
        self._rows = {(row[0], row[1]): tuple(row)[2:] for row in store._query(sql, (since, since))}

    def __getitem__(self, pair: tuple[str, str]) -> Verdict:
        key_a, key_b, kind, probability, places = self._rows[pair]
        if not kind:
            return Verdict(key_a, key_b, None, probability)
        passages = [tuple(place) for place in np.frombuffer(places, dtype="<i4").reshape(-1, 4).tolist()]
        return Verdict(key_a, key_b, _KINDS.get(kind), probability, tuple(Passage(*place) for place in passages))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def keep(self, verdicts: Mapping[tuple[str, str], Verdict]) -> None:
        """File verdicts, unless the store is read only; one on the same pair is replaced."""
        if self._store.read_only:
            return
        rows = (
            (a, b, one.key_a, one.key_b, one.kind or "", one.probability, _places(one.passages))
            for (a, b), one in verdicts.items()
        )
        while some := list(islice(rows, _ROWS_AT_ONCE)):
            with self._store._transaction() as db:
                db.executemany("INSERT OR REPLACE INTO verdicts VALUES (?, ?, ?, ?, ?, ?, ?)", some)
            self._rows.update({(row[0], row[1]): row[2:] for row in some})


class StoredReadings(Mapping[str, tuple[str, str]]):
    """What was read in each article of the window, by id: the key of what was read, and the reading as JSON."""

    def __init__(self, store: Store, *, window_days: int) -> None:
        self._store = store
        sql = """
            SELECT r.* FROM articles a JOIN readings r ON r.article_id = a.id WHERE a.first_seen >= ?
        """
        rows = store._query(sql, (store.window(window_days),))
        self._rows: dict[str, tuple[str, str]] = {row[0]: (row[1], row[2]) for row in rows}

    def __getitem__(self, article_id: str) -> tuple[str, str]:
        return self._rows[article_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def keep(self, readings: Mapping[str, tuple[str, str]]) -> None:
        """File readings, unless the store is read only; an earlier one of the same article is replaced."""
        if self._store.read_only:
            return
        rows = ((article_id, key, reading) for article_id, (key, reading) in readings.items())
        while some := list(islice(rows, _ROWS_AT_ONCE)):
            with self._store._transaction() as db:
                db.executemany("INSERT OR REPLACE INTO readings VALUES (?, ?, ?)", some)
        self._rows.update(readings)


def forget_outside(store: Store, *, window_days: int, now: datetime) -> None:
    """Drop what was worked out on articles that have left the window, and vectors that no run used in as long."""
    since = store.window(window_days)
    last = min(store.note(_FORGOTTEN), since)  # a window that was made longer begins before what was forgotten last
    with store._transaction() as db:
        gone = db.execute("SELECT id FROM articles WHERE first_seen >= ? AND first_seen < ?", (last, since)).fetchall()
        for sql in _DROPPED:
            db.executemany(sql, [(row["id"],) for row in gone])
        db.execute("DELETE FROM vectors WHERE last_used < ?", (to_text(now - timedelta(days=window_days)),))
        db.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (_FORGOTTEN, since))


def _places(passages: tuple[Passage, ...]) -> bytes:
    places = [(p.a_start, p.a_end, p.b_start, p.b_end) for p in passages]
    return np.array(places, dtype="<i4").tobytes()
