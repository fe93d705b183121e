"""What a run does, as JSON lines: one event a line, for machines to read."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import IO, Any


class Journal:
    """Write events to a stream, or nowhere.

    Each line is one JSON object: ``at`` (UTC), ``event``, and what belongs to it. ASCII only: what strangers wrote
    cannot break a line or steer a terminal.

    Parameters
    ----------
    stream : text stream, optional
        Flushed after every line, so that a run that is killed leaves its last words.
    clock : callable
        Gives the time; replaced in tests.

    Examples
    --------
    >>> import sys
    >>> Journal(sys.stdout, clock=lambda: datetime(2026, 11, 24, 3, tzinfo=UTC)).write("run begins", run=7)
    {"at": "2026-11-24T03:00:00.000+00:00", "event": "run begins", "run": 7}
    """

    def __init__(
        self, stream: IO[str] | None = None, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._stream = stream
        self._clock = clock

    def write(self, event: str, **details: Any) -> None:
        """Write one event; details that are empty are left out."""
        if self._stream is None:
            return
        told = {name: value for name, value in details.items() if value not in ("", None, {}, [], ())}
        line = {"at": self._clock().isoformat(timespec="milliseconds"), "event": event, **told}
        self._stream.write(json.dumps(line, default=str) + "\n")
        self._stream.flush()
