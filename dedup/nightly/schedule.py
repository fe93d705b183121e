"""When a feed is asked next.

A feed that brings something new is asked at every run. One that is silent is asked the less often the longer its
silence lasts: after a tenth of it (as caches do with the age of a page, RFC 9111 section 4.2.2), and once a week at
least. One that fails waits longer each time, by equal steps with jitter. None is ever given up.

Times are of the run's clock, and jitter is drawn from the feed's URL and that clock: the same run twice says the same.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from dedup.store import FeedState

_SHARE_OF_SILENCE = 0.1
_STEP = timedelta(hours=6)  # by which each failure in a row but the first lengthens the wait
_LONGEST = timedelta(days=7)
_JITTER = 0.2  # of a wait, at most; so that what failed together is not asked again together


def is_due(state: FeedState, *, now: datetime) -> bool:
    """Tell whether a feed is to be asked now."""
    return not state.not_before or datetime.fromisoformat(state.not_before) <= now


def asks_in_full(state: FeedState, *, now: datetime, full_fetch_days: float) -> bool:
    """Tell whether a feed is to be asked without conditions: there are servers whose ETag never changes.

    Each feed's own time varies by half, so that not all of them fall into one night.
    """
    if not state.last_full:
        return True
    days = full_fetch_days * Random(f"{state.url} {state.last_full}").uniform(0.5, 1.5)  # noqa: S311
    return now - datetime.fromisoformat(state.last_full) >= timedelta(days=days)


def url_to_ask(state: FeedState) -> str:
    """Choose between where a feed moved and where the list says it is: the latter, too, where the former fails."""
    return state.url if not state.current_url or state.n_failures % 2 else state.current_url


def after_success(state: FeedState, *, now: datetime, n_new: int, is_full: bool) -> FeedState:
    """Note that a feed answered, and how many of its entries are new."""
    last_new = now if n_new or not state.last_new else datetime.fromisoformat(state.last_new)
    wait = min((now - last_new) * _SHARE_OF_SILENCE, _LONGEST)
    return replace(
        state,
        n_failures=0,
        last_new=last_new.isoformat(),
        last_full=now.isoformat() if is_full else state.last_full,
        not_before=(now + wait).isoformat() if wait > timedelta(0) else "",
    )


def after_failure(state: FeedState, *, now: datetime, retry_after_s: float) -> FeedState:
    """Note that a feed failed, and how long the server asked to wait."""
    if state.last_fetched and datetime.fromisoformat(state.last_fetched) == now and state.n_failures:
        return state  # a run that was cut off, and does it again
    n_failures = state.n_failures + 1
    wait = max(min((n_failures - 1) * _STEP, _LONGEST), timedelta(seconds=retry_after_s))
    wait *= 1 + Random(f"{state.url} {now.isoformat()}").uniform(0, _JITTER)  # noqa: S311
    return replace(state, n_failures=n_failures, not_before=(now + wait).isoformat() if wait > timedelta(0) else "")
