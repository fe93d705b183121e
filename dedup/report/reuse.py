"""Which pages of an earlier report still hold: each says in its last line what it was made of.

A large report has tens of thousands of pages, each of which takes milliseconds to make, and few of them change from one
night to the next. So the last line of a cluster's and a pair's page is a comment with two hashes: of all that the page
was made of (articles, matches, verdict, neighbours, title, program), and of the bytes before it. A page of which both
are right is left as it is; one that is missing, cut off or damaged is made again. Nothing is kept elsewhere, so a
folder may be moved or thinned out: what is in it afterwards is what a report made from scratch holds, byte for byte.
"""

from __future__ import annotations

import json
import platform
import unicodedata
from collections.abc import Iterable
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import Any

from dedup import model
from dedup.report.jsonl import plain

_READ = (".py", ".html", ".css", ".js")
_LIBRARIES = ("jinja2", "markupsafe", "rapidfuzz", "regex")  # what a page looks like depends on them
_DIGEST_BYTES = 16
_LAST_LINE = "<!-- made of {made_of}; the bytes before this line: {of_bytes} -->\n"
_LAST_LINE_BYTES = len(_LAST_LINE.format(made_of="0" * 2 * _DIGEST_BYTES, of_bytes="0" * 2 * _DIGEST_BYTES))


def made_of(*parts: object) -> str:
    """Hash what a page is made of: 32 hexadecimal digits.

    Parameters
    ----------
    *parts
        Text, numbers, None, and lists and tuples of such; what JSON can hold.

    Examples
    --------
    >>> made_of("pair", ["a", "b"]) == made_of("pair", ("a", "b")), made_of("a", "b") == made_of("ab")
    (True, False)
    """
    return _digest(json.dumps([program(), parts], sort_keys=True).encode())


class Digests:
    """Hashes of nouns of the model, each worked out once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Any, str]] = {}  # with the noun itself, so that no other one gets its place

    def of(self, noun: Any) -> str:
        """Hash a noun, all of its fields; ``""`` for None."""
        if noun is None:
            return ""
        known = self._known.get(id(noun))
        if known is None:
            known = self._known[id(noun)] = (noun, _digest(json.dumps(plain(noun)).encode()))
        return known[1]

    def of_all(self, nouns: Iterable[Any]) -> list[str]:
        """Hash some, in their order."""
        return [self.of(noun) for noun in nouns]


def with_last_line(page: str, of_what: str) -> bytes:
    """Give a page as it is written, with the hash of what it is made of; without one, as it is."""
    if not of_what:
        return page.encode()
    body = (page if page.endswith("\n") else f"{page}\n").encode()
    return body + _LAST_LINE.format(made_of=of_what, of_bytes=_digest(body)).encode()


def still_holds(path: Path, of_what: str) -> bool:
    """Tell whether a page stands there that was made of this, and is whole."""
    try:
        written = path.read_bytes()
    except OSError:
        return False
    body, last_line = written[:-_LAST_LINE_BYTES], written[-_LAST_LINE_BYTES:]
    return last_line == _LAST_LINE.format(made_of=of_what, of_bytes=_digest(body)).encode()


@cache
def program() -> str:
    """Hash what makes the pages: this package's code and templates, the model, and the libraries it uses."""
    root = Path(__file__).parent
    files = sorted(path for path in root.rglob("*") if path.suffix in _READ and path.is_file())
    parts = [(path.relative_to(root).as_posix(), _digest(path.read_bytes())) for path in files]
    parts += [("model", _digest(Path(model.__file__).read_bytes()))]
    parts += [(name, version(name)) for name in _LIBRARIES]
    parts += [("python", platform.python_version()), ("unicode", unicodedata.unidata_version)]
    return _digest(json.dumps(parts).encode())


def _digest(data: bytes) -> str:
    return blake2b(data, digest_size=_DIGEST_BYTES).hexdigest()
