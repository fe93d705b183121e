"""What a night would ask for, without asking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dedup.ingest.opml import FeedRef
from dedup.nightly.schedule import asks_in_full, is_due, url_to_ask
from dedup.settings import Settings
from dedup.store import FeedState, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFeed:
    """What would be done about one feed.

    Parameters
    ----------
    url : str
        As listed.
    asked_url : str
        What would be asked for: where it moved for good.
    action : str
        ``first fetch``, ``full fetch``, ``ask whether it changed`` or ``not due``.
    not_before : str
        When it is due; ``""`` for at once.
    n_failures : int
        In a row.
    """

    url: str
    asked_url: str
    action: str
    not_before: str
    n_failures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a night would do.

    Parameters
    ----------
    feeds : tuple of PlannedFeed
        In the list's order.
    n_pending : int
        Entries of earlier nights whose pages would be asked for.
    waiting_hosts : tuple of str
        Hosts that asked to be left alone; their requests would be postponed or come last.
    """

    feeds: tuple[PlannedFeed, ...]
    n_pending: int
    waiting_hosts: tuple[str, ...]


def plan_night(feeds: Sequence[FeedRef], store: Store, *, now: datetime, settings: Settings) -> Plan:
    """Say what `run_night` would ask for; nothing is fetched or written."""
    states = [store.feed(ref.url) for ref in feeds]
    return Plan(
        feeds=tuple(
            PlannedFeed(
                url=state.url,
                asked_url=url_to_ask(state),
                action=_action(state, now=now, settings=settings),
                not_before=state.not_before,
                n_failures=state.n_failures,
            )
            for state in states
        ),
        n_pending=len(store.pending_entries()),
        waiting_hosts=tuple(store.waits(now=now)),
    )


def _action(state: FeedState, *, now: datetime, settings: Settings) -> str:
    if not is_due(state, now=now):
        return "not due"
    if not state.last_full:
        return "first fetch"
    if asks_in_full(state, now=now, full_fetch_days=settings.full_fetch_days) or not (
        state.etag or state.last_modified
    ):
        return "full fetch"
    return "ask whether it changed"
