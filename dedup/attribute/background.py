"""All articles -> what is known of each source before a cluster is judged: its history, its house phrases.

Only what articles state is counted, never an earlier verdict: a history learned from guesses would confirm them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log, log1p

from dedup.attribute.members import Members, source_key
from dedup.attribute.names import Names, all_spellings
from dedup.attribute.residue import edge_lines
from dedup.attribute.statements import Statement
from dedup.model import Article, Clue, Cluster

MIN_ARTICLES = 5  # of a source; fewer are no history, and no house style
MIN_DIFFERENCE = 0.5  # log-odds between two histories, less is no clue
MAX_HISTORY = 2.0  # log-odds either way
WEIGHT_HISTORY = 0.5  # of the difference between two histories
MAX_WEIGHT = 1.0  # log-odds
_OTHERS = 1  # articles of other sources in which a house phrase may occur outside its house: copies of one text
PER_HOUSE = 5  # articles of its own house that must carry it


@dataclass(frozen=True, slots=True)
class History:
    """What a source states over all its articles.

    Parameters
    ----------
    n_articles : int
    n_crediting : int
        Of these, how many credit someone else.
    n_credited : int
        Articles of others that credit this source.
    """

    n_articles: int
    n_crediting: int
    n_credited: int

    @property
    def log_odds(self) -> float:
        """That an article of it is its own, from -`MAX_HISTORY` to `MAX_HISTORY`."""
        own = self.n_articles - self.n_crediting
        value = log((own + 1) / (self.n_crediting + 1)) + log1p(self.n_credited) / 2
        return max(-MAX_HISTORY, min(MAX_HISTORY, value))


@dataclass(frozen=True, slots=True)
class Background:
    """What the whole corpus tells before a cluster is judged.

    Parameters
    ----------
    histories : Mapping[str, History]
        By source key.
    house_phrases : Mapping[str, str]
        Source key by line that this source alone prints.
    round_ups : frozenset of str
        Ids of articles that stand in several clusters: they carry several texts.
    """

    histories: Mapping[str, History]
    house_phrases: Mapping[str, str]
    round_ups: frozenset[str] = frozenset()


NO_BACKGROUND = Background({}, {})


def read_background(
    articles: Mapping[str, Article],
    statements: Mapping[str, Sequence[Statement]],
    own: Mapping[str, Names],
    clusters: Iterable[Cluster],
) -> Background:
    """Gather the background of a corpus.

    Parameters
    ----------
    articles : Mapping[str, Article]
    statements : Mapping[str, sequence of Statement]
        Of each article.
    own : Mapping[str, Names]
        The names of each article's outlet.
    clusters : iterable of Cluster
    """
    tally = SourceTally()
    for rank, (article_id, article) in enumerate(articles.items()):
        tally.add(rank, article, statements[article_id], own[article_id])
    return Background(tally.histories(), find_house_phrases(articles.values()), find_round_ups(clusters))


def find_round_ups(clusters: Iterable[Cluster]) -> frozenset[str]:
    """Give the articles that stand in several clusters."""
    n_clusters = Counter(article_id for cluster in clusters for article_id in cluster.articles)
    return frozenset(article_id for article_id, n in n_clusters.items() if n > 1)


class SourceTally:
    """What the histories of sources are made of, gathered article by article, ranks ascending; parts are merged."""

    def __init__(self) -> None:
        self._n_articles: Counter[str] = Counter()
        self._named_first: dict[str, tuple[int, str]] = {}  # spelling -> rank and source of the first article
        self._outlets: set[tuple[str, tuple[str, ...], frozenset[str]]] = set()  # whose names are known
        self._stated: Counter[tuple[str, tuple[str, ...]]] = Counter()  # source, and whom it credits

    def add(self, rank: int, article: Article, statements: Sequence[Statement], own: Names) -> None:
        """Count an article.

        Parameters
        ----------
        rank : int
            Its place in id order: a name that two sources go by is that of the first.
        article : Article
        statements : sequence of Statement
            Of it.
        own : Names
            Of its outlet.
        """
        key = source_key(article)
        self._n_articles[key] += 1
        outlet = (key, own.written, own.agencies)
        if outlet not in self._outlets:
            self._outlets.add(outlet)
            named = {f"agency:{agency}" for agency in own.agencies}
            named.update(spelling for name in own.written for spelling in all_spellings(name).full)
            self._name(dict.fromkeys(named, (rank, key)))
        targets = {s.clue.points_to for s in statements if not s.members_only and s.clue.kind != "link"}
        if targets:
            self._stated[key, tuple(sorted(targets))] += 1

    def merge(self, other: SourceTally) -> None:
        """Add what was counted of other articles."""
        self._n_articles += other._n_articles
        self._stated += other._stated
        self._name(other._named_first)

    def _name(self, named: Mapping[str, tuple[int, str]]) -> None:
        for spelling, first in named.items():
            self._named_first[spelling] = min(first, self._named_first.get(spelling, first))

    def histories(self) -> dict[str, History]:
        """Give the history of each source, by source key."""
        source_of = {spelling: key for spelling, (_, key) in self._named_first.items()}
        crediting: Counter[str] = Counter()
        credited: Counter[str] = Counter()
        for (key, targets), n in self._stated.items():
            crediting[key] += n
            found = {named for target in targets if (named := _source_named(target, source_of)) and named != key}
            credited.update(dict.fromkeys(found, n))
        return {key: History(n, crediting[key], credited[key]) for key, n in sorted(self._n_articles.items())}


def _source_named(target: str, source_of: Mapping[str, str]) -> str | None:
    kind, _, name = target.partition(":")
    if kind == "agency":
        return source_of.get(target)
    spelled = all_spellings(name)
    keys = sorted(spelled.full | spelled.short)
    return next((source_of[key] for key in keys if key in source_of), None)


def find_house_phrases(articles: Iterable[Article]) -> dict[str, str]:
    """Find the lines at the edges of texts that one source alone prints, on several of its pages.

    Returns
    -------
    dict of str to str
        Source key by line.
    """
    counts: dict[str, dict[str, int]] = {}
    for article in articles:
        key = source_key(article)
        for _, line in edge_lines(article.text):
            if line in counts:
                counts[line][key] = counts[line].get(key, 0) + 1
            else:
                counts[line] = {key: 1}
    return {line: house for line, by_source in counts.items() if (house := house_of(by_source)) is not None}


def house_of(by_source: Mapping[str, int]) -> str | None:
    """Give the source that alone prints a line, by the number of pages of each that have it; None for no house's."""
    key = max(by_source, key=by_source.__getitem__)
    n = by_source[key]
    return key if n >= PER_HOUSE and sum(by_source.values()) - n <= max(_OTHERS, n // 10) else None


def read_histories(members: Members, background: Background) -> Iterator[Clue]:
    """Give a clue for each source that copies clearly less, over all its articles, than another one of the cluster."""
    known = {
        first: history
        for first in members.groups
        if (history := background.histories.get(members.key_of(first))) and history.n_articles >= MIN_ARTICLES
    }
    if len(known) < 2:
        return
    least = min(history.log_odds for history in known.values())
    for first, history in known.items():
        ahead = history.log_odds - least
        if ahead >= MIN_DIFFERENCE:
            own = history.n_articles - history.n_crediting
            quote = f"{own} of its {history.n_articles} articles credit nobody"
            if history.n_credited:
                quote += f", {history.n_credited} of others credit it"
            weight = min(MAX_WEIGHT, WEIGHT_HISTORY * ahead)
            yield Clue("history", first, first, weight, "source", 0, 0, quote)
