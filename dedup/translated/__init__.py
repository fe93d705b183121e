"""Articles -> Matches of one text in two languages, whole, in part, or inside a longer article.

Theory of operation
-------------------
A document vector cannot tell a translation from another report of the same event; the sentences in order can. So

1. the language of each article is told from a short window of it (`languages`); where all are in one, nothing follows;
2. of articles that have one in another language at most ``window_days`` beside them, names and numbers are read
   (`anchors`), and a few sentences are embedded (`encoders`);
3. pairs are proposed (`blocking`): by the names and numbers they share, in all and on one line; by the mean of the
   sampled sentences, and by the closest two of them; a regression on these numbers leaves out what is hopeless;
4. of what is left one article of each pair is embedded in full, and compared with the few sentences of the other; where
   that speaks for them, the other is, too; vectors are kept by content, so that a night embeds new text only;
5. sentences are aligned in order, by local alignment: runs in which one text follows the other, whatever stands around
   them (`kernels.alignment`);
6. each aligned sentence pair is judged by what it is like (`evidence`), and the pair of articles by these and by what
   the runs are like: a calibrated probability (`decide`).

Languages that the encoder lacks are proposed by anchors alone; where these leave a chance, both texts are embedded and
judged with a calibration of their own, unless their script is none that the encoder has seen.

Special cases: a template whose numbers changed is no translation, however well it aligns (the number veto). Sentences
that a source prints again and again (cookie notices) are left out. Articles of one source are revisions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from dedup.model import Article, Match, Passage
from dedup.translated.decide import ANCHORS_ALONE, Calibration, load_calibration
from dedup.translated.encoders import Encoder, MultilingualUse
from dedup.translated.search import Found, RecentVectors, Search, Vectors

__all__ = [
    "ANCHORS_ALONE",
    "Calibration",
    "Encoder",
    "MultilingualUse",
    "RecentVectors",
    "Vectors",
    "Ways",
    "compare_translated",
    "find_translated",
    "load_calibration",
]


class Ways(NamedTuple):
    """How articles are compared across languages.

    Parameters
    ----------
    encoder : Encoder
        Embeds sentences.
    calibration, anchors_calibration : Calibration
        For that encoder; for languages it lacks.
    vectors : mapping
        Where vectors of earlier runs are, and new ones go.
    window_days : float
        Days that two articles may lie apart; undated ones are compared with all.
    per_article : int
        Others that are tried for each article in each language, at most, by each of four measures.
    max_sentences : int
        Sentences of an article that are compared: of a longer one, the stretch that has most in common.
    repeated_articles : int
        Articles of one source in which a sentence stands before it is boilerplate.
    """

    encoder: Encoder
    calibration: Calibration
    anchors_calibration: Calibration
    vectors: Vectors
    window_days: float
    per_article: int
    max_sentences: int
    repeated_articles: int


def find_translated(
    articles: Sequence[Article],
    ways: Ways,
    *,
    only: str | None = None,
    is_known: Callable[[str, str], bool],
    progress: Callable[[str, int, int], None],
) -> Iterator[Match]:
    """Find the pairs of articles that carry one text in two languages.

    Parameters
    ----------
    articles : sequence of Article
        In id order.
    ways : Ways
    only : str, optional
        Id of the one article whose pairs are looked for; default: all.
    is_known : callable
        Tells of two ids whether they are a match already.
    progress : callable
        Called with (step, done, total).

    Yields
    ------
    Match
        Sorted by (a, b).
    """
    search = _search(articles, ways, only=only, progress=progress)
    best: dict[tuple[str, str], Found] = {}
    with threadpool_limits(1):  # many small products: a second thread only waits for the first
        candidates = search.candidates(window_days=ways.window_days, per_article=ways.per_article)
        for found in search.compare(search.close(search.hopeful(candidates))):
            ids = (articles[found.a.row].id, articles[found.b.row].id)
            if found.is_match and not is_known(*ids) and (ids not in best or best[ids].probability < found.probability):
                best[ids] = found
    for _, found in sorted(best.items()):
        yield _to_match(articles, found)


def compare_translated(a: Article, b: Article, ways: Ways) -> tuple[Match | None, float]:
    """Compare two articles, whatever speaks for it: the match, if it is one, and the probability, 0 if none aligns."""
    articles = sorted((a, b), key=lambda article: article.id)
    search = _search(articles, ways, only=None, progress=lambda step, done, total: None)
    best: Found | None = None
    pairs = search.all_pairs(window_days=np.inf)
    search.crop(pairs)
    for found in search.compare(pairs):
        if best is None or (best.is_match, best.probability) < (found.is_match, found.probability):
            best = found
    if best is None:
        return None, 0.0
    return (_to_match(articles, best) if best.is_match else None), best.probability


def _search(
    articles: Sequence[Article], ways: Ways, *, only: str | None, progress: Callable[[str, int, int], None]
) -> Search:
    return Search(
        articles,
        encoder=ways.encoder,
        calibration=ways.calibration,
        anchors_calibration=ways.anchors_calibration,
        vectors=ways.vectors,
        max_sentences=ways.max_sentences,
        repeated_articles=ways.repeated_articles,
        only=only,
        progress=progress,
    )


def _to_match(articles: Sequence[Article], found: Found) -> Match:
    a, b = articles[found.a.row], articles[found.b.row]
    covered_a, covered_b = found.covered
    return Match(
        a=a.id,
        b=b.id,
        kind="translated",
        jaccard=0.0,
        a_in_b=covered_a,
        b_in_a=covered_b,
        passages=to_passages(found),
        relation="revision" if a.source == b.source != "" else "copy",
        probability=round(found.probability, 4),
        names=to_names(found),
    )


def to_passages(found: Found) -> tuple[Passage, ...]:
    """Give aligned sentences as characters of both original texts, sorted by place in the first."""
    _, i, j = found.alignment.pairs.T
    a, b = found.a.bounds[i] + found.a.start, found.b.bounds[j] + found.b.start
    return tuple(sorted(Passage(*sides) for sides in zip(*a.T.tolist(), *b.T.tolist(), strict=True)))


def to_names(found: Found) -> tuple[Passage, ...]:
    """Give the names and numbers that both sides of an aligned sentence pair hold, as characters of both originals."""
    sides = []
    for place, column in ((found.a, 1), (found.b, 2)):
        sentence_of = np.full(len(place.bounds), -1, dtype=np.int64)
        sentence_of[found.alignment.pairs[:, column]] = np.arange(len(found.alignment.pairs))
        stands_in = np.searchsorted(place.bounds[:, 0], place.anchors.starts, side="right") - 1
        is_in = (stands_in >= 0) & (place.anchors.ends <= place.bounds[stands_in, 1])
        sides.append(
            {
                (int(sentence_of[stands_in[at]]), int(place.anchors.keys[at])): at
                for at in np.flatnonzero(is_in)[::-1].tolist()  # the first of a sentence wins
                if sentence_of[stands_in[at]] >= 0
            }
        )
    a, b = found.a, found.b
    names = {
        Passage(
            int(a.anchors.starts[i]) + a.start,
            int(a.anchors.ends[i]) + a.start,
            int(b.anchors.starts[j]) + b.start,
            int(b.anchors.ends[j]) + b.start,
        )
        for key, i in sides[0].items()
        if (j := sides[1].get(key)) is not None
    }
    return tuple(sorted(names))
