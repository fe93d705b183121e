"""How a kernel is compiled: without the GIL, and cached on disk.

numba keeps its cache beside the source, or in the user's cache directory where that is read-only. Where neither can be
written, the kernel is compiled anew in each process.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np

F = TypeVar("F", bound=Callable[..., Any])

_config: Any = numba.config
IS_COMPILED = not _config.DISABLE_JIT  # False under NUMBA_DISABLE_JIT=1: every kernel is then plain Python


def kernel(function: F) -> F:
    """Compile a function on its first call."""
    if not IS_COMPILED:
        plain: F = np.errstate(over="ignore")(function)  # hashes wrap around: that is meant
        return plain
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
    njit: Any = numba.njit
    try:
        compiled: F = njit(cache=True, **options)(function)
    except RuntimeError:  # numba: "no locator available": there is no place for a cache
        compiled = njit(**options)(function)
    return compiled
