"""What two renderings of one line have in common."""

from __future__ import annotations

import re

_NO_LETTERS = re.compile(r"[\W_]+")


def letters(text: str) -> str:
    """Keep letters and digits, case folded.

    Examples
    --------
    >>> letters("Füße – 1!")
    'füsse1'
    """
    return _NO_LETTERS.sub("", text.casefold())
