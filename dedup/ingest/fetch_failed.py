"""How a request ended that brought nothing: a named reason, on its way to becoming a FetchError."""

from __future__ import annotations


class Failed(Exception):  # noqa: N818  (an outcome, not yet an error)
    """One request failed.

    Parameters
    ----------
    reason : str
        One of `FetchError`'s.
    detail : str
        The value that was wrong and what would be right.
    retry_after_s : float
        Seconds that the server asked to wait; 0 if it asked for nothing.
    """

    def __init__(self, reason: str, detail: str = "", retry_after_s: float = 0.0) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
        self.retry_after_s = retry_after_s
