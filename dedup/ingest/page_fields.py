"""The lists of `data/page_fields.toml`: where a page states what about itself."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def page_fields() -> Mapping[str, Any]:
    """Read the lists once.

    Examples
    --------
    >>> page_fields()["paywall"]["locked"]
    ['locked']
    """
    return tomllib.loads(files("dedup").joinpath("data", "page_fields.toml").read_text(encoding="utf-8"))
