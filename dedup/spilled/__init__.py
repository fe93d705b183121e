"""The same detector for a corpus larger than memory: equal matches, clusters and origins, within a limit.

corpus -> table -> furniture -> proposing -> verifying -> translated -> origins -> Duplicates

Articles lie on disk, and so does all that is worked out of them: keys and postings in parts, matches and clusters one
by one. Held in memory are some 300 bytes an article and what is done at once, which `sizes` chooses by the limit. What
works on texts or pairs is the work of `pipeline.Part`; each step that is done is noted, and a run that was cut off goes
on behind it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dedup.model import Duplicates, Skip
from dedup.pairs import available_cores
from dedup.pipeline import OnError, Progress, find_translated, nothing_left, pairs_to_judge
from dedup.settings import Settings
from dedup.spilled.furniture import Common, learn_common
from dedup.spilled.journal import Journal, key_of
from dedup.spilled.origins import ALONE, CLUSTERS, MASKED, STITCHED, Orders, find_origins, read_all_stated
from dedup.spilled.packing import pack
from dedup.spilled.proposing import Recipe, propose
from dedup.spilled.result import Articles, Masked, Shelved
from dedup.spilled.shelf import write_segment
from dedup.spilled.sizes import choose_sizes
from dedup.spilled.table import Table, shelve
from dedup.spilled.verifying import MATCHES, Verifier

if TYPE_CHECKING:
    from dedup.translated import Encoder

__all__ = ["find_duplicates"]

_LAST = 999_999  # the segment of the matches across languages


def find_duplicates(
    corpus: object, settings: Settings, *, encoder: Encoder | None, on_error: OnError, progress: Progress
) -> Duplicates:
    """Find the articles of a corpus that republish one another, within ``settings.memory_limit``.

    Parameters
    ----------
    corpus, settings, encoder, on_error, progress
        As for `pipeline.find_duplicates`.

    Returns
    -------
    Duplicates
        Its articles, matches, clusters and the rest lie on disk and are read when they are asked for.

    Raises
    ------
    CorpusError, ArticleError
        As for `pipeline.find_duplicates`.
    SettingsError
        ``settings.spill_dir`` is in use for something else.
    """
    folder = Path(settings.spill_dir) if settings.spill_dir else None
    journal = Journal(folder, key_of(corpus, settings, on_error=on_error))
    known = journal.once(
        "table", lambda: shelve(corpus, journal, owners=settings.owners, on_error=on_error, progress=progress)
    )
    table = Table(journal, known)
    sizes = choose_sizes(settings.memory_limit or 0, n_characters=int(known.sizes.sum()), n_threads=available_cores())
    common: Common = journal.once("furniture", lambda: learn_common(table, settings, sizes, journal, progress))
    proposed = journal.once("candidates", lambda: propose(table, settings, common, sizes, journal, progress))
    recipe = Recipe(settings, common.boilerplate, common.rarity)
    verifier = Verifier(table, recipe, sizes, progress)
    pairs = journal.once(
        "pairs", lambda: pairs_to_judge(proposed.candidates, proposed.by_triples, len(table), settings, verifier)
    )
    matched = verifier.match(pairs, journal)
    if settings.translated:
        also = journal.once(
            "translated", lambda: _shelve_translated(table, matched, recipe, encoder, journal, progress)
        )
        matched = np.concatenate([matched, also])
    background = read_all_stated(table, journal, progress)
    orders = find_origins(table, matched, recipe, background, journal, progress)
    skips = nothing_left(table.ids, common.n_shingles, proposed.n_compared, shingle_words=settings.shingle_words)
    return _result(table, orders, (*known.skips, *skips), journal)


def _shelve_translated(
    table: Table,
    matched: NDArray[np.int64],
    recipe: Recipe,
    encoder: Encoder | None,
    journal: Journal,
    progress: Progress,
) -> NDArray[np.int64]:
    """Put the matches across languages on the shelf behind the others; give the rows of each."""
    n = len(table)
    known = np.sort(matched[:, 0] * n + matched[:, 1])

    def is_known(a: str, b: str) -> bool:
        key = table.row_of(a) * n + table.row_of(b)
        place = int(np.searchsorted(known, key))
        return place < len(known) and int(known[place]) == key

    found = find_translated(table, recipe.settings, is_known=is_known, encoder=encoder, progress=progress)
    write_segment(journal.folder / MATCHES, _LAST, map(pack, found))
    return np.array([(table.row_of(match.a), table.row_of(match.b)) for match in found], dtype=np.int64).reshape(-1, 2)


def _result(table: Table, orders: Orders, skips: tuple[Skip, ...], journal: Journal) -> Duplicates:
    return Duplicates(
        Articles(table),
        Shelved(journal, MATCHES, orders.matches),
        Shelved(journal, CLUSTERS, orders.clusters),
        skips,
        Masked(table, orders.masked_rows, Shelved(journal, MASKED, orders.masked)),
        alone=Shelved(journal, ALONE, orders.alone),
        stitched=Shelved(journal, STITCHED, orders.stitched),
    )
