"""A small local server over what was found: the report's pages, search, check of a text, and a JSON API.

It reads and never writes. It listens on loopback; anything else asks for a token.
"""

from __future__ import annotations

from dedup.serve.app import make_app, run
from dedup.serve.library import Library

__all__ = ["Library", "make_app", "run"]
