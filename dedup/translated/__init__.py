"""Articles -> Matches of one text in two languages, whole, in part, or inside a longer article.

Theory of operation
-------------------
A document vector cannot tell a translation from another report of the same event; the sentences in order can. So

1. the language of each article is told from a short window of it (`languages`); where all are in one, nothing follows;
2. articles of two languages that share rare names and numbers, at most ``window_days`` apart, are paired without a
   model (`anchors`, `blocking`); languages that write no names a reader of letters could find (Chinese, Japanese,
   Korean, Thai) are paired by the mean vector of a few sentences, too;
3. only articles of pairs that are left are embedded, sentence by sentence (`encoders`); vectors are kept by content, so
   that a night embeds new text only;
4. sentences are aligned in order, by local alignment: runs in which one text follows the other, whatever stands around
   them (`kernels.alignment`);
5. what the runs are like, and whether names and numbers of aligned sentences agree, gives features (`evidence`), and
   those a calibrated probability (`decide`).

Languages that the encoder lacks are aligned by anchors alone, with a calibration of their own.

Special cases: a template whose numbers changed is no translation, however well it aligns (the number veto). Sentences
that a source prints again and again (cookie notices) are left out. Articles of one source are revisions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from dedup.model import Article, Match, Passage
from dedup.translated.decide import ANCHORS_ALONE, Calibration, load_calibration
from dedup.translated.encoders import Encoder, MultilingualUse
from dedup.translated.search import Found, Search, Vectors

__all__ = [
    "ANCHORS_ALONE",
    "Calibration",
    "Encoder",
    "MultilingualUse",
    "Vectors",
    "find_translated",
    "load_calibration",
]


def find_translated(
    articles: Sequence[Article],
    *,
    encoder: Encoder,
    calibration: Calibration,
    anchors_calibration: Calibration,
    vectors: Vectors,
    window_days: float,
    per_article: int,
    min_share: float,
    max_sentences: int,
    repeated_articles: int,
    is_known: Callable[[str, str], bool],
    progress: Callable[[str, int, int], None],
) -> Iterator[Match]:
    """Find the pairs of articles that carry one text in two languages.

    Parameters
    ----------
    articles : sequence of Article
        In id order.
    encoder : Encoder
        Embeds sentences.
    calibration, anchors_calibration : Calibration
        For that encoder; for languages it lacks.
    vectors : mapping
        Where vectors of earlier runs are, and new ones go.
    window_days : float
        Days that two articles may lie apart; undated ones are compared with all.
    per_article : int
        Others that are tried for each article in each language, at most, by either measure of `propose_pairs`.
    min_share : float
        Share of the weight of anchors that two articles must share to be tried, in [0, 1].
    max_sentences : int
        Sentences of an article that are compared: of a longer one, the stretch with the most shared anchors.
    repeated_articles : int
        Articles of one source in which a sentence stands before it is boilerplate.
    is_known : callable
        Tells of two ids whether they are a match already.
    progress : callable
        Called with (step, done, total).

    Yields
    ------
    Match
        Sorted by (a, b).
    """
    search = Search(
        articles,
        encoder=encoder,
        calibration=calibration,
        anchors_calibration=anchors_calibration,
        vectors=vectors,
        max_sentences=max_sentences,
        repeated_articles=repeated_articles,
        progress=progress,
    )
    pairs = search.candidates(window_days=window_days, per_article=per_article, min_share=min_share)
    best: dict[tuple[str, str], Found] = {}
    for found in search.compare(pairs):
        ids = (articles[found.a.row].id, articles[found.b.row].id)
        if found.is_match and not is_known(*ids) and (ids not in best or best[ids].probability < found.probability):
            best[ids] = found
    for (a, b), found in sorted(best.items()):
        covered_a, covered_b = found.covered
        is_revision = articles[found.a.row].source == articles[found.b.row].source != ""
        yield Match(
            a=a,
            b=b,
            kind="translated",
            jaccard=0.0,
            a_in_b=covered_a,
            b_in_a=covered_b,
            passages=to_passages(found),
            relation="revision" if is_revision else "copy",
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
