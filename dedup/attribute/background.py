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
_PER_HOUSE = 5  # articles of its own house that must carry it


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
    n_clusters = Counter(article_id for cluster in clusters for article_id in cluster.articles)
    round_ups = frozenset(article_id for article_id, n in n_clusters.items() if n > 1)
    return Background(_histories(articles, statements, own), find_house_phrases(articles.values()), round_ups)


def _histories(
    articles: Mapping[str, Article], statements: Mapping[str, Sequence[Statement]], own: Mapping[str, Names]
) -> dict[str, History]:
    keys = {article_id: source_key(article) for article_id, article in articles.items()}
    n_articles = Counter(keys.values())
    source_of: dict[str, str] = {}
    for article_id, names in own.items():
        for name in names.written:
            for spelling in all_spellings(name).full:
                source_of.setdefault(spelling, keys[article_id])
        for agency in names.agencies:
            source_of.setdefault(f"agency:{agency}", keys[article_id])
    crediting: Counter[str] = Counter()
    credited: Counter[str] = Counter()
    for article_id, stated in statements.items():
        targets = {s.clue.points_to for s in stated if not s.members_only and s.clue.kind != "link"}
        crediting[keys[article_id]] += bool(targets)
        found = {key for target in targets if (key := _source_named(target, source_of)) and key != keys[article_id]}
        credited.update(found)
    return {key: History(n, crediting[key], credited[key]) for key, n in sorted(n_articles.items())}


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
    found = {}
    for line, by_source in counts.items():
        key = max(by_source, key=by_source.__getitem__)
        n = by_source[key]
        if n >= _PER_HOUSE and sum(by_source.values()) - n <= max(_OTHERS, n // 10):
            found[line] = key
    return found


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
