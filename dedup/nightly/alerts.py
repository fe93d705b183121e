"""What a night tells others: a message about new, grown and merged clusters, signed and posted.

The message is JSON. Its header ``X-Dedup-Signature`` is ``t=TIME,v1=HEX``: HMAC-SHA256 under the shared secret of the
time, a dot and the body. Who receives it computes the same, and refuses what is old. Events carry numbers that only
rise; a message that could not be delivered is part of the next night's, so a receiver may see an event twice, but none
is lost.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from dedup.errors import FetchError
from dedup.model import Duplicates
from dedup.store import ClusterEvent, Store, cluster_history

_TRIES = 4
_BACK_OFF_S = 2.0  # seconds before the second try; each wait after it is as much longer
_MOST_EVENTS = 1_000  # of one message; the rest is told by the next
_MOST_ARTICLES = 50  # of a cluster that are listed
_SENT = "last event that the webhook was told of"

Post = Callable[[str, bytes, Mapping[str, str]], int]  # URL, body, headers -> status; raises FetchError


def tell_webhook(
    store: Store,
    found: Duplicates,
    *,
    url: str,
    secret: str,
    now: datetime,
    post: Post,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Post what happened to clusters since the last message; nothing is posted where nothing did.

    Parameters
    ----------
    store : Store
    found : Duplicates
        Tonight's, to say what each cluster is about.
    url, secret : str
        Where to, and what to sign with; ``""``: the message is not signed.
    now : datetime
        The night's clock.
    post : callable
        Posts a body; see `Fetcher.post_json`.
    sleep : callable
        Replaced in tests.

    Returns
    -------
    int
        How many events were told.

    Raises
    ------
    FetchError
        The last of four tries failed; the next night tells it again.
    """
    since = int(store.note(_SENT) or 0)
    events = cluster_history(store, after=since)[:_MOST_EVENTS]
    if not events:
        return 0
    body = json.dumps(message(events, found, now=now), sort_keys=True).encode()
    headers = {"X-Dedup-Delivery": f"{since + 1}-{events[-1].id}"}
    if secret:
        headers["X-Dedup-Signature"] = sign(body, secret=secret, at=int(now.timestamp()))
    for attempt in range(1, _TRIES + 1):
        try:
            post(url, body, headers)
            break
        except FetchError:
            if attempt == _TRIES:
                raise
            sleep(_BACK_OFF_S * attempt)
    store.save_note(_SENT, str(events[-1].id))
    return len(events)


def sign(body: bytes, *, secret: str, at: int) -> str:
    """Sign a body: ``t=TIME,v1=HEX``.

    Examples
    --------
    >>> sign(b"{}", secret="s", at=1)
    't=1,v1=b253639bcd705ed1cda3073f66104f16988bd40272584dea7d0d345ae93e61cc'
    """
    signed = f"{at}.".encode() + body
    return f"t={at},v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


def message(events: Sequence[ClusterEvent], found: Duplicates, *, now: datetime) -> dict[str, Any]:
    """Put events and the clusters they are of into a message."""
    clusters = {cluster.id: cluster for cluster in found.clusters}
    named = [clusters[id_] for id_ in dict.fromkeys(event.cluster_id for event in events) if id_ in clusters]
    return {
        "version": 1,
        "at": now.isoformat(),
        "events": [asdict(event) for event in events],
        "clusters": [
            {
                "id": cluster.id,
                "n_articles": len(cluster.articles),
                "origin": cluster.attribution.origin,
                "confidence": cluster.attribution.confidence,
                "articles": [
                    {
                        "id": article.id,
                        "source": article.source,
                        "title": article.title,
                        "url": article.url,
                        "published": article.published.isoformat() if article.published else None,
                    }
                    for article in map(found.articles.__getitem__, cluster.articles[:_MOST_ARTICLES])
                ],
            }
            for cluster in named
        ],
    }
