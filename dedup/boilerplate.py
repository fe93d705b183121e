"""Sketches -> the shingles that are page furniture: what a source repeats on many of its pages.

Theory of operation
-------------------
A footer, a cookie notice, a paywall stub stands on many pages of one source and nowhere else. So a shingle is
boilerplate where both hold:

- within a source, at least ``boilerplate_articles`` articles and at least ``boilerplate_share`` of all its articles
  carry it;
- outside such sources hardly anybody does (at most one carrier in twenty). A wire story is carried by many sources, by
  each of them a few times: it is never masked.

Articles without a source are never masked: nothing is known of what repeats where.

Known special case: a source that publishes the same text many times over (a live ticker's updates) teaches it to us as
boilerplate. Its articles are then counted as skipped, "boilerplate only", not dropped in silence.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dedup.kernels.overlaps import may_repeat

_MAX_OUTSIDE_SHARE = 0.05  # of a shingle's carriers may stand in sources that do not repeat it: the odd scraper


def find_boilerplate(
    shingles: NDArray[np.uint64],
    offsets: NDArray[np.int64],
    sources: Sequence[str],
    *,
    boilerplate_articles: int,
    boilerplate_share: float,
) -> NDArray[np.uint64]:
    """Find the shingles that are boilerplate.

    Parameters
    ----------
    shingles : uint64[n]
        Distinct shingle hashes of each article.
    offsets : int64[n_articles + 1]
        Article i owns ``shingles[offsets[i]:offsets[i + 1]]``.
    sources : sequence of str, n_articles
        The source of each article, ``""`` where unknown.
    boilerplate_articles : int
        Articles of one source that must carry a shingle.
    boilerplate_share : float
        Share of the source's articles that must carry it, in (0, 1].

    Returns
    -------
    uint64[m]
        Sorted.
    """
    names, source_of_row = np.unique(np.asarray(sources, dtype=np.str_), return_inverse=True)
    if len(shingles) == 0 or not names.any():
        return shingles[:0]
    source_of_shingle = np.repeat(source_of_row, np.diff(offsets))
    may_be = may_repeat(shingles, min(boilerplate_articles, 65535))  # most shingles stand in one article: not sorted
    shingles, source_of_shingle = shingles[may_be], source_of_shingle[may_be]
    order = np.lexsort((source_of_shingle, shingles))
    value, source = shingles[order], source_of_shingle[order]
    if not len(value):
        return value
    starts = np.flatnonzero(np.r_[True, (value[1:] != value[:-1]) | (source[1:] != source[:-1])])
    carriers = np.diff(np.r_[starts, len(value)])
    value, source = value[starts], source[starts]

    needed = np.maximum(boilerplate_articles, boilerplate_share * np.bincount(source_of_row, minlength=len(names)))
    is_repeated = (carriers >= needed[source]) & (names[source] != "")
    starts = np.flatnonzero(np.r_[True, value[1:] != value[:-1]])
    repeated = np.add.reduceat(np.where(is_repeated, carriers, 0), starts)
    everywhere = np.add.reduceat(carriers, starts)
    found: NDArray[np.uint64] = value[starts][(repeated > 0) & (repeated >= (1 - _MAX_OUTSIDE_SHARE) * everywhere)]
    return found
