"""Prose -> prose: what happens to an article on its way to another outlet."""

from __future__ import annotations

import numpy as np

from benchmarks.writing import Prose, Writer, join

MAX_EDITED = 0.30  # share of words
EXACT_SHARE = 0.2  # of copies that are reprinted word for word; of the others, half have less than 7.5 % edited
SCATTERED_SHARE = (
    0.35  # of the edited copies whose edits are single words; the others lose, gain or swap whole sentences
)
MIN_EXCERPT_WORDS = 60
MIN_PARTIAL_WORDS = 100  # words that a partial excerpt takes over in one piece


def copy_article(article: Prose, writer: Writer) -> tuple[Prose, float]:
    """Reprint an article with 0 to 30 % of its words edited; also give that share."""
    rng = writer.rng
    if rng.random() < EXACT_SHARE:
        return article, 0.0
    share = float(rng.random()) ** 2 * MAX_EDITED
    edit = edit_words if rng.random() < SCATTERED_SHARE else edit_runs
    return edit(article, share, writer), share


def edit_words(article: Prose, share: float, writer: Writer) -> Prose:
    """Edit `share` of the words, one here and one there: 60 % are replaced, 20 % dropped, 20 % get a neighbour."""
    n = len(article.words)
    places = writer.rng.choice(n, round(share * n), replace=False)
    kind = writer.rng.random(len(places))
    n_printed = np.ones(n, dtype=np.int64)
    n_printed[places[kind < 0.2]] = 0
    n_printed[places[kind >= 0.8]] = 2
    origin = np.repeat(np.arange(n), n_printed)
    words, gaps = article.words[origin], article.gaps[origin]
    is_fresh = np.isin(origin, places[(kind >= 0.2) & (kind < 0.8)])
    is_fresh[1:] |= origin[1:] == origin[:-1]
    words[is_fresh] = writer.write(int(is_fresh.sum())).words
    return Prose(words, gaps)


def edit_runs(article: Prose, share: float, writer: Writer) -> Prose:
    """Edit runs of 8 to 40 words, a sentence or two: a third are replaced, a third dropped, a third added."""
    n = len(article.words)
    pieces = []
    done = left = 0
    budget = round(share * n)
    for start in np.sort(writer.rng.integers(0, n, 2 + budget // 20)).tolist():
        length = min(int(writer.rng.integers(8, 41)), budget, n - start)
        if start < done or length == 0:
            continue
        budget -= length
        pieces.append(article.cut(left, start))
        kind = writer.rng.integers(0, 3)
        if kind > 0:
            pieces.append(writer.write(length))
        left = start if kind == 2 else start + length
        done = start + length
    return join(*pieces, article.cut(left, n))


def excerpt_article(article: Prose, writer: Writer) -> Prose:
    """Reprint 15 to 48 % of an article in one piece, mostly its beginning, nearly unedited."""
    rng = writer.rng
    n = len(article.words)
    length = min(n, max(MIN_EXCERPT_WORDS, round(n * float(rng.uniform(0.15, 0.48)))))
    start = 0 if rng.random() < 0.7 else int(rng.integers(0, n - length + 1))
    return edit_words(article.cut(start, start + length), float(rng.random()) * 0.03, writer)


def quote_article(article: Prose, writer: Writer) -> Prose:
    """Write an article of its own around 100 to 180 words of another one: a fifth to a half of it is taken over."""
    rng = writer.rng
    length = min(len(article.words), int(rng.integers(MIN_PARTIAL_WORDS, 181)))
    start = int(rng.integers(0, len(article.words) - length + 1))
    n_own = round(length * float(rng.uniform(1.0, 3.6)))
    before = int(rng.integers(0, n_own + 1))
    return join(writer.write(before), article.cut(start, start + length), writer.write(n_own - before))
