"""Duplicates -> one HTML file that holds all it needs: no outside requests, and it reads well without JavaScript.

Articles come from strangers, so three walls stand between their text and the reader's browser: everything is escaped,
only http and https become links, and a Content-Security-Policy lets nothing run or load but the one style sheet and the
one script whose hashes it names.

The page lays out, it computes nothing: shares, passages, origins and clues are shown as they are in `Duplicates`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from dedup.model import Duplicates
from dedup.report.atomic import replacing
from dedup.report.pages import counts_by_kind, inlined, make_environment, policy
from dedup.report.sections import Section, sections_of
from dedup.report.wording import encodable

MAX_PAIRS = 30  # pairs of one cluster; one of 500 articles has 124,750
MAX_CHARACTERS = 20_000_000  # characters of article text on one page; browsers open that within seconds
SHOWN_MEMBERS = 20  # rows and pairs of one cluster in sight; the rest opens at a click
MAX_SKIPS = 200  # rows set aside that are listed one by one; the counts hold them all
TITLE = "Copies and their origins"


def write_html(
    duplicates: Duplicates,
    path: Path,
    *,
    title: str = TITLE,
    max_pairs: int = MAX_PAIRS,
    max_characters: int = MAX_CHARACTERS,
) -> Path:
    """Write the report: the clusters, the origin marked, what each copy shares, and the passages side by side.

    The same duplicates give the same file, byte for byte. What the limits leave out is counted on the page.

    Parameters
    ----------
    duplicates : Duplicates
        What was found.
    path : Path
        Replaced whole; its folders are made.
    title : str
        Heading of the page.
    max_pairs : int
        Pairs, at least 0. Of a cluster with more, each article's match with the origin (or its best match) is laid out.
    max_characters : int
        Characters of article text on the page, at least 0. Each cluster's first pair comes before any second pair.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    CorpusError
        A match or cluster names an article that is not there, or a date has no time zone.
    OSError
        The file cannot be written.
    """
    sections, n_outside = sections_of(duplicates, max_pairs=max_pairs)
    environment = make_environment()
    style, script = (inlined(environment, name) for name in ("report.css", "report.js"))
    page = environment.get_template("page.html").render(
        title=title,
        style=style,
        script=script,
        policy=policy(script, style),
        duplicates=duplicates,
        sections=sections,
        with_text=_pairs_within(sections, max_characters),
        kinds=counts_by_kind(duplicates),
        relations=Counter(match.relation for match in duplicates.matches),
        n_in_clusters=len({key for cluster in duplicates.clusters for key in cluster.articles}),
        n_outside=n_outside,
        shown_members=SHOWN_MEMBERS,
        max_skips=MAX_SKIPS,
        n_stitched=len({part.article for part in duplicates.stitched}),
        profiles=[profile for profile in duplicates.sources() if profile.copies_from or profile.copied_by],
        pair_href=lambda anchor: f"#{anchor}",
    )
    with replacing(path) as draft:
        draft.write_bytes(encodable(page).encode())
    return path


def _pairs_within(sections: Sequence[Section], max_characters: int) -> frozenset[tuple[str, str]]:
    """Choose the pairs whose texts the page holds: the first of each cluster, then the second of each, and so on."""
    in_turn = sorted((turn, place) for place, section in enumerate(sections) for turn in range(len(section.pairs)))
    chosen = set()
    n_characters = 0
    for turn, place in in_turn:
        pair = sections[place].pairs[turn]
        if n_characters + pair.n_characters <= max_characters:
            n_characters += pair.n_characters
            chosen.add((pair.match.a, pair.match.b))
    return frozenset(chosen)
