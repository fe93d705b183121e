"""Errors that dedup raises.

::

    DedupError                 everything below; catch this one
    ├── SettingsError          a setting out of its range          (also a ValueError)
    ├── CorpusError            the corpus as a whole cannot be read (also a ValueError)
    │   └── ArticleError       one row of it is bad; names the row
    ├── FetchError             a URL could not be fetched; carries a named reason
    ├── FeedError              bytes that are no feed
    ├── PageError              bytes that are no article page
    ├── ServeError             the server cannot listen where it should
    ├── EngineError            the engine that was asked for cannot be started
    └── StoreError             the store cannot be opened, read or written
        └── StoreLockedError   another run is at work on it

Each message says what was wrong, the value, and what would be right.
"""

from __future__ import annotations


class DedupError(Exception):
    """Base of every error that dedup raises on purpose."""


class SettingsError(DedupError, ValueError):
    """A setting is out of its range."""


class CorpusError(DedupError, ValueError):
    """The corpus as a whole cannot be read."""


class ArticleError(CorpusError):
    """One row of the corpus is bad.

    Parameters
    ----------
    row : int
        Place of the row in the corpus, from 0.
    reason : str
        Short name of what is wrong, one of ``no text``, ``duplicate id``, ``wrong type``,
        ``unreadable``. Under ``on_error="skip"`` this is the name it is counted by.
    detail : str
        The rest of the message: the value, and what would be right.
    """

    def __init__(self, row: int, reason: str, detail: str) -> None:
        super().__init__(f"row {row}: {reason}: {detail}")
        self.row = row
        self.reason = reason
        self.detail = detail


class FetchError(DedupError):
    """A URL could not be fetched.

    Parameters
    ----------
    url : str
        What was asked for.
    reason : str
        Short stable name to count by: ``timeout``, ``too large``, ``too many redirects``, ``private address``,
        ``bad url``, ``no address``, ``connection failed``, ``bad encoding``, ``robots``, ``postponed``, ``http 404``
        and the like.
    detail : str
        The value that was wrong and what would be right.
    retry_after_s : float
        Seconds that the server asked to wait; 0 if it asked for nothing.
    """

    def __init__(self, url: str, reason: str, detail: str = "", *, retry_after_s: float = 0.0) -> None:
        super().__init__(f"{url}: {reason}" + (f": {detail}" if detail else ""))
        self.url = url
        self.reason = reason
        self.detail = detail
        self.retry_after_s = retry_after_s


class FeedError(DedupError):
    """Bytes that are no feed."""


class PageError(DedupError):
    """Bytes that are no article page."""


class StoreError(DedupError):
    """The store cannot be opened, read or written."""


class StoreLockedError(StoreError):
    """Another run is at work on the store."""


class ServeError(DedupError):
    """The server cannot listen where it should."""


class EngineError(DedupError):
    """The engine that was asked for cannot be started."""
