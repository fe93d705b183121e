"""Every tunable number, with its unit and its reason; checked once, here."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from dedup.errors import SettingsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The numbers of a run.

    Raises
    ------
    SettingsError
        A value out of its range; the message names the setting, the value and the range.

    Examples
    --------
    >>> Settings(threshold=0.7).rows_per_band
    3
    >>> Settings(threshold=1.2)
    Traceback (most recent call last):
    ...
    dedup.errors.SettingsError: threshold is 1.2; it must lie in (0, 1]
    """

    # -- what counts as a copy
    threshold: float = (
        0.5  # share of shingles. Of 300 independent reports of the same events (BASIL) no pair reaches it
    )
    shingle_words: int = 5  # words a shingle. Shorter ones are shared by chance, longer ones die of one edit. An
    # article with fewer words is skipped as "too short"
    passage_words: int = 8  # equal words. Shortest passage shown; below it, common phrases show up
    passage_gap_words: int = 4  # words. Edits up to this long inside a passage do not break it in two
    excerpt_passage_words: int = 60  # equal words outside quotation marks. A passage this long makes a match of two
    # articles that share nothing else; of 300 independent reports of the same events (BASIL) the longest has 57
    rewritten_probability: float = (
        0.9  # that must be reached where shingles are too few. Reports of one event stay below 0.8
    )

    cluster_probability: float = 0.8  # that a match must have to unite two articles. One passage of sixty words in two
    # long articles is a match (0.5), but the two may well come from different agencies

    # -- how candidates are found
    num_perm: int = 128  # positions of a signature; datasketch's default
    seed: int = 1  # of the permutations; datasketch's default
    rows_per_band: int = 3  # 42 bands of 3: a pair of jaccard 0.3 is seen with p = 0.68, 0.5 with 0.996
    fingerprint_window: int = 8  # shingles. Any shared run of 12 words (window + shingle - 1) is seen
    min_shared_fingerprints: int = 3  # one or two shared ones are a phrase, not a passage
    max_articles_per_fingerprint: int = 200  # articles. Above it a fingerprint links to its first few only: no n^2

    # -- what is masked as boilerplate
    boilerplate_articles: int = 3  # articles of one source that carry a text before it can be boilerplate: two pages
    # with one footer may be two versions of one article

    # -- what counts as one source
    owners: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))  # domain or source -> family name;
    # adds to data/owners.toml and wins over it

    # -- who had it first
    min_confidence: float = 0.55  # of an origin, in [0, 1]. Below it the origin is unknown rather than guessed
    clues_off: tuple[str, ...] = ()  # kinds or families of clues that are left out, to see what they are worth
    partners: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))  # origin -> outlets
    # that may republish it. Without a list no copy is called licensed or unlicensed

    # -- copies across languages
    translated: bool = True  # look for them
    translated_candidates: int = 5  # others tried for an article in each language, by each of four measures
    translated_sentences: int = 128  # sentences compared of an article: of a longer one, those around the shared names

    # -- a corpus larger than memory
    memory_limit: int | None = None  # bytes that `find_duplicates` may take, at least 1 GB; what it works on then lies
    # on disk. None: all of it is held in memory
    spill_dir: str = ""  # a folder of its own for that; a run that was cut off goes on there. "": a temporary one

    # -- what a night fetches
    window_days: int = 14  # days. Copies come within days; a store years old must not slow the night down
    timeout_s: float = 20.0  # seconds for one whole response, slow drips included (miniflux's value)
    max_body_bytes: int = 15_000_000  # bytes, after decompression (miniflux's value)
    max_redirects: int = 5  # hops; each is checked as the first one was
    max_entries: int = 2_000  # entries of one feed (Media Cloud's value); more are counted as skipped
    concurrency: int = 8  # requests under way at once, all hosts together
    host_delay_s: float = 1.0  # seconds from the end of one request to a host to the start of the next; a Crawl-delay
    # may ask for more
    host_time_s: float = 3600.0  # seconds that one host may take of a night. With a Crawl-delay of 10 s that is 360
    # pages; the others wait for the next night
    full_fetch_days: float = 7.0  # days after which a feed is asked without conditions: some ETags never change
    ignore_robots: tuple[str, ...] = ()  # patterns of hosts whose robots.txt is not asked for: your own, or by contract
    excerpt_words: int = 150  # words. A feed text shorter than this is taken for an excerpt and the page is fetched
    allow_private: bool = False  # fetch from private, loopback and link-local addresses
    connect_to: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))  # host pattern -> address:port
    user_agent: str = "dedup/0.1 (+https://example.org/dedup; set user_agent to name your contact)"  # who asks

    # -- whom a night tells
    watched: tuple[str, ...] = ()  # sources; the report has an Atom feed of the copies of each
    webhook_url: str = ""  # where what happened to clusters is posted as JSON; "": nowhere
    webhook_secret: str = ""  # that messages are signed with; "": they are not signed

    def __post_init__(self) -> None:
        object.__setattr__(self, "clues_off", _as_tuple(self.clues_off))
        object.__setattr__(self, "watched", _as_tuple(self.watched))
        object.__setattr__(self, "ignore_robots", _as_tuple(self.ignore_robots))
        if isinstance(self.partners, Mapping):
            partners = {origin: _as_tuple(who) for origin, who in self.partners.items()}
            object.__setattr__(self, "partners", MappingProxyType(partners))
        for name, (is_valid, valid_range) in _RANGES.items():
            value = getattr(self, name)
            try:
                valid = not (isinstance(value, bool) and name not in ("allow_private", "translated")) and is_valid(
                    value
                )
            except (TypeError, ValueError, AttributeError):
                valid = False
            if not valid:
                raise SettingsError(f"{name} is {value!r}; it must {valid_range}")
        if self.rows_per_band > self.num_perm:
            raise SettingsError(f"rows_per_band is {self.rows_per_band}; it must not exceed num_perm ({self.num_perm})")


def _as_tuple(values: Any) -> Any:
    """Take TOML's lists as tuples; a lone string or anything else is left to be refused."""
    return tuple(values) if isinstance(values, (list, tuple, set, frozenset)) else values


def _are_texts(values: Any) -> bool:
    return isinstance(values, tuple) and all(isinstance(value, str) and value != "" for value in values)


_Check = tuple[Callable[[Any], bool], str]


def _at_least(low: int) -> _Check:
    return (lambda v: int(v) == v and v >= low, f"be a whole number of at least {low}")


_SHARE: _Check = (lambda v: 0 < v <= 1, "lie in (0, 1]")
_POSITIVE: _Check = (lambda v: v > 0, "be above 0")

_LEAST_MEMORY = 1_000_000_000  # the program itself takes a third of it

_RANGES: Mapping[str, _Check] = {
    "threshold": _SHARE,
    "shingle_words": _at_least(1),
    "passage_words": _at_least(1),
    "passage_gap_words": _at_least(0),
    "excerpt_passage_words": _at_least(1),
    "rewritten_probability": _SHARE,
    "memory_limit": (
        lambda v: v is None or (int(v) == v and v >= _LEAST_MEMORY),
        f"be None or a whole number of bytes, at least {_LEAST_MEMORY}",
    ),
    "spill_dir": (lambda v: isinstance(v, str), "be a path, or empty"),
    "cluster_probability": (lambda v: 0 <= v <= 1, "lie in [0, 1]"),
    "num_perm": _at_least(2),
    "seed": (lambda v: int(v) == v and 0 <= v < 2**32, "be a whole number in [0, 2**32)"),
    "rows_per_band": _at_least(1),
    "fingerprint_window": _at_least(1),
    "min_shared_fingerprints": _at_least(1),
    "max_articles_per_fingerprint": _at_least(2),
    "boilerplate_articles": _at_least(2),
    "min_confidence": (lambda v: 0 <= v <= 1, "lie in [0, 1]"),
    "clues_off": (_are_texts, "be a list of kinds or families of clues"),
    "partners": (
        lambda v: isinstance(v, Mapping) and all(isinstance(k, str) and k and _are_texts(who) for k, who in v.items()),
        "map each origin to a list of outlets",
    ),
    "owners": (
        lambda v: all(isinstance(k, str) and isinstance(name, str) and k and name for k, name in v.items()),
        "map domains or sources to the names of their families",
    ),
    "translated": (lambda v: isinstance(v, bool), "be true or false"),
    "translated_candidates": _at_least(1),
    "translated_sentences": _at_least(8),
    "window_days": _at_least(1),
    "timeout_s": _POSITIVE,
    "max_body_bytes": _at_least(1),
    "max_redirects": _at_least(0),
    "max_entries": _at_least(1),
    "concurrency": _at_least(1),
    "host_delay_s": (lambda v: v >= 0, "be 0 or more"),
    "host_time_s": (lambda v: v >= 0, "be 0 or more"),
    "full_fetch_days": _POSITIVE,
    "ignore_robots": (_are_texts, "be a list of patterns of hosts"),
    "excerpt_words": _at_least(0),
    "allow_private": (lambda v: isinstance(v, bool), "be true or false"),
    "connect_to": (
        lambda v: all(isinstance(k, str) and isinstance(a, str) and ":" in a for k, a in v.items()),
        'map host patterns to "address:port"',
    ),
    "watched": (_are_texts, "be a list of sources"),
    "webhook_url": (
        lambda v: isinstance(v, str) and (v == "" or v.startswith(("http://", "https://"))),
        "be an http or https URL",
    ),
    "webhook_secret": (lambda v: isinstance(v, str), "be a text"),
    "user_agent": (lambda v: isinstance(v, str) and v.isprintable() and v != "", "be printable and not empty"),
}


def load_settings(path: Path, **overrides: Any) -> Settings:
    """Read settings from a TOML file; `overrides` win over the file.

    Raises
    ------
    SettingsError
        The file cannot be read, is no TOML, or names a setting that does not exist.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read as settings: {error}") from error
    known = {f.name for f in fields(Settings)}
    if unknown := sorted(set(values) - known):
        raise SettingsError(f"{path}: unknown setting {unknown[0]!r}; known are {', '.join(sorted(known))}")
    return Settings(**{**values, **overrides})
