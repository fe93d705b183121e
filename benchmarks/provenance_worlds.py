"""Seed -> a synthetic world: clusters of articles whose origin is known, because this module made them.

Everything here is invented: outlets, texts, credits. An original (an outlet's, or an agency's that may not be in the
corpus) is copied along a random tree, each copy cut, edited, padded or translated, stamped by a clock of its own, and
credited, miscredited or not. Worlds differ in all rates and in the forms of credits, so that what is learned in some
can be tested in others. Translations are taken from ``../shared/data/wmt21_news_mt`` where that is present.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np

from dedup.attribute import credits_of
from dedup.kernels.buffers import TextBuffer, encode
from dedup.model import Article, Cluster, MarkedWords, Match, Passage
from dedup.normalise import mark_words
from dedup.sketch import shingle_sets
from dedup.verify import find_runs, measure, to_passages

WMT = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "wmt21_news_mt" / "docs.jsonl.gz"
START = datetime(2026, 3, 2, 6, 0, 17, tzinfo=UTC)
AGENCIES = {"dpa": "dpa", "AFP": "afp", "Reuters": "reuters", "ANSA": "ansa", "EFE": "efe", "APA": "apa", "PAP": "pap"}
Style = Literal["train", "test"]

# How a copy says whom it has its text from: other forms in the worlds that are learned from than in those tested in.
OUTLET_FORMS: Mapping[Style, Sequence[str]] = {
    "train": (
        "Source: {}",
        "Quelle: {}",
        "This article first appeared in {}.",
        "Originally published by {}",
        "Fuente: {}",
    ),
    "test": (
        "Fonte: {}",
        "Bron: {}",
        "Kaynak: {}",
        "Dieser Artikel erschien zuerst bei {}.",
        "This story originally appeared on {}.",
        "Źródło: {}",
    ),
}
AGENCY_FORMS: Mapping[Style, Sequence[tuple[str, str]]] = {  # at the head, at the tail
    "train": (("{city} ({}) - ", ""), ("", "({})"), ("", "Quelle: {}")),
    "test": (("{city}, March 3 ({}) — ", ""), ("", "Source: {}"), ("", "abc/{}"), ("", "Fonte: {}")),
}
TOLD: Mapping[Style, Sequence[str]] = {
    "train": ("told {}", "said to {}"),
    "test": ("in an interview with {}", "speaking to {}"),
}
CITIES = ("Berlin", "Vienna", "Madrid", "Oslo", "Geneva", "Lyon", "Milan")
_SYLLABLES = [first + second for first in ("b", "d", "fl", "gr", "h", "k", "l", "m", "r", "st") for second in "aeiou"]


@dataclass(frozen=True, slots=True)
class Rates:
    """How often things happen in one world; shares in [0, 1], times in hours or minutes."""

    credited: float
    falsely_credited: float
    of_root: float  # of the credits: to the origin rather than to whom it was copied from
    structured: float
    canonical: float
    linked: float
    told: float
    original_missing: float
    from_agency: float
    agency_inside: float
    translated: float
    cut: float
    embedded: float
    edited: float
    lag_h: float
    skew_min: float
    day_only: float
    undated: float
    lying: float
    aggregators: float
    revised: float


def rates_of(rng: random.Random, style: Style) -> Rates:
    """Draw the rates of a world; those of tested worlds lie partly outside of what was learned from."""
    wide = style == "test"
    between = rng.uniform
    return Rates(
        credited=between(0.25, 0.75) if wide else between(0.3, 0.6),
        falsely_credited=between(0.01, 0.06) if wide else between(0.02, 0.05),
        of_root=between(0.5, 0.95),
        structured=between(0.02, 0.2) if wide else between(0.05, 0.15),
        canonical=between(0.02, 0.15) if wide else between(0.03, 0.12),
        linked=between(0.02, 0.25) if wide else between(0.05, 0.2),
        told=between(0.05, 0.3),
        original_missing=between(0.05, 0.25) if wide else between(0.1, 0.2),
        from_agency=between(0.15, 0.5),
        agency_inside=between(0.0, 0.4),
        translated=between(0.05, 0.2),
        cut=between(0.05, 0.25),
        embedded=between(0.0, 0.12),
        edited=between(0.02, 0.3),
        lag_h=between(1.5, 10.0) if wide else between(2.0, 8.0),
        skew_min=between(1.0, 6.0),
        day_only=between(0.05, 0.4),
        undated=between(0.0, 0.15),
        lying=between(0.0, 0.08) if wide else between(0.01, 0.06),
        aggregators=between(0.1, 0.4),
        revised=between(0.0, 0.1),
    )


@dataclass(frozen=True, slots=True)
class Outlet:
    """An invented outlet."""

    name: str
    domain: str
    copies: float  # share of its articles that are others'


@dataclass(frozen=True, slots=True)
class Case:
    """One cluster and the truth about it.

    Parameters
    ----------
    cluster : Cluster
    origin : str
        The true origin: an article id, ``agency:...`` or ``outlet:...``.
    is_told : bool
        A credit, a field or an address that leads to the origin survives.
    is_timed : bool
        The origin is in the corpus, and every date is true and good to the minute.
    parents : Mapping[str, str]
        Whom each copy has its text from.
    """

    cluster: Cluster
    origin: str
    is_told: bool
    is_timed: bool
    parents: Mapping[str, str]


@dataclass(slots=True)
class World:
    """A synthetic corpus with known provenance."""

    articles: dict[str, Article] = field(default_factory=dict)
    matches: list[Match] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)


@dataclass(slots=True)
class _Draft:
    """An article in the making."""

    id: str
    outlet: Outlet | None
    agency: str
    paragraphs: list[str]
    language: str
    time: datetime
    parent: str
    heads: list[str] = field(default_factory=list)
    tails: list[str] = field(default_factory=list)
    provenance: dict[str, str] = field(default_factory=dict)
    canonical: str = ""
    credits: set[str] = field(default_factory=set)  # ids of true ancestors it names
    is_precise: bool = True
    is_true: bool = True
    is_missing: bool = False

    @property
    def url(self) -> str:
        host = self.outlet.domain if self.outlet else f"{self.agency}-wire.example"
        return f"https://{host}/{self.id.replace(':', '-')}"


def make_world(seed: int, *, n_clusters: int, style: Style) -> World:
    """Make a world; the same seed makes the same one."""
    rng = random.Random(f"{style} {seed}")
    rates = rates_of(rng, style)
    maker = _Maker(rng, rates, style)
    world = World()
    for number in range(n_clusters):
        maker.add_cluster(world, number)
    maker.add_others(world)
    world.articles = dict(sorted(world.articles.items()))
    world.matches.sort(key=lambda match: (match.a, match.b))
    return world


class _Maker:
    def __init__(self, rng: random.Random, rates: Rates, style: Style) -> None:
        self.rng, self.rates, self.style = rng, rates, style
        self.words = sorted({"".join(rng.choices(_SYLLABLES, k=rng.randint(1, 4))) for _ in range(4000)})
        kinds = (
            ("Post", "Herald", "Kurier", "Tribune", "Echo", "Journal", "Bote")
            if style == "train"
            else ("Gazette", "Anzeiger", "Times", "Courier", "Observer", "Tagblatt", "Review")
        )
        self.outlets = []
        for _ in range(36):
            stem = "".join(rng.choices(_SYLLABLES, k=3)).capitalize()
            kind = rng.choice(kinds)
            name = rng.choice([f"{stem} {kind}", f"The {stem} {kind}", f"{stem}"])
            copies = rng.uniform(0.5, 0.9) if rng.random() < rates.aggregators else rng.uniform(0.0, 0.2)
            host = name.removeprefix("The ").lower().replace(" ", rng.choice(["", "-"]))
            self.outlets.append(Outlet(name, f"{host}.example", copies))
        by_domain = {outlet.domain: outlet for outlet in self.outlets}
        self.outlets = list(by_domain.values())

    # -- texts

    def sentence(self) -> str:
        words = self.rng.choices(self.words, k=self.rng.randint(8, 22))
        return " ".join(words).capitalize() + "."

    def paragraphs(self, n: int) -> list[str]:
        return [" ".join(self.sentence() for _ in range(self.rng.randint(1, 4))) for _ in range(n)]

    def edited(self, paragraphs: Sequence[str], share: float) -> list[str]:
        """Change a share of the words, drop or add a paragraph now and then."""
        rng = self.rng
        found = []
        for paragraph in paragraphs:
            words = paragraph.split(" ")
            for i in range(len(words)):
                if rng.random() < share / 3:
                    words[i] = rng.choice(self.words)
            found.append(" ".join(words))
        if len(found) > 3 and rng.random() < share * 2:
            found.pop(rng.randrange(1, len(found)))
        if rng.random() < share:
            found.insert(rng.randrange(1, len(found) + 1), self.paragraphs(1)[0])
        return found

    # -- one cluster

    def add_cluster(self, world: World, number: int) -> None:
        drafts = self.draft_tree(number)
        by_id = {draft.id: draft for draft in drafts}
        root = drafts[0]
        kept = [draft for draft in drafts if not draft.is_missing]
        if len(kept) < 2:
            return
        found = {draft.id: self.article(draft) for draft in kept}
        matches = list(_matches(found))
        if not _hangs_together(found, matches):
            return
        world.articles |= found
        world.matches += matches
        origin = root.id
        if root.is_missing:
            origin = f"agency:{AGENCIES[root.agency]}" if root.agency else f"outlet:{root.outlet.name}"  # type: ignore[union-attr]
        is_told = any(_leads_to_root(draft, root, by_id) for draft in kept if draft is not root)
        is_timed = not root.is_missing and all(draft.is_precise and draft.is_true for draft in kept)
        parents = {draft.id: draft.parent for draft in kept if draft.parent}
        world.cases.append(Case(Cluster(f"c{number}", tuple(sorted(found))), origin, is_told, is_timed, parents))

    def draft_tree(self, number: int) -> list[_Draft]:
        rng, rates = self.rng, self.rates
        start = START + timedelta(hours=rng.uniform(0, 240))
        is_agency = rng.random() < rates.from_agency
        pair = _translation(rng) if rng.random() < rates.translated else None
        agency = rng.choice(sorted(AGENCIES)) if is_agency else ""
        outlets = self.rng.sample(self.outlets, 8)
        originators = sorted(outlets, key=lambda outlet: outlet.copies + rng.uniform(0, 0.6))
        body = list(pair[0]) if pair else self.paragraphs(rng.randint(4, 10))
        language = pair[2] if pair else "en"
        owner = None if is_agency else originators.pop(0)
        if owner and rng.random() < rates.told and not pair:
            spoken = rng.choice(TOLD[self.style]).format(owner.name.upper() if " " not in owner.name else owner.name)
            place = rng.randrange(len(body))
            body[place] += f" The mayor {spoken} that {self.sentence().lower()}"
        root = _Draft(f"{number:04}:0", owner, agency, body, language, start, "")
        root.is_missing = rng.random() >= rates.agency_inside if is_agency else rng.random() < rates.original_missing
        drafts = [root]
        n_copies = min(1 + int(rng.expovariate(0.7)), 6)
        rng.shuffle(originators)
        originators.sort(key=lambda outlet: -outlet.copies * rng.random())
        for k in range(1, n_copies + 1 + root.is_missing):
            if not originators:
                break
            parent = root if rng.random() < 0.7 else rng.choice(drafts)
            drafts.append(self.copy(parent, root, originators.pop(0), f"{number:04}:{k}", pair, drafts))
        for draft in drafts:
            self.stamp(draft)
        return drafts

    def copy(
        self,
        parent: _Draft,
        root: _Draft,
        outlet: Outlet,
        id_: str,
        pair: tuple[list[str], list[str], str, str] | None,
        drafts: Sequence[_Draft],
    ) -> _Draft:
        rng, rates = self.rng, self.rates
        time = parent.time + timedelta(hours=max(0.1, rng.lognormvariate(0, 1.0) * rates.lag_h))
        language, body = parent.language, list(parent.paragraphs)
        if pair and parent.language == pair[2] and rng.random() < 0.7:
            language, body = pair[3], list(pair[1])
        copy = _Draft(id_, outlet, "", body, language, time, parent.id)
        copy.paragraphs = self.edited(body, rng.random() ** 2 * rates.edited)
        if not pair and rng.random() < rates.cut:
            n = max(2, round(len(copy.paragraphs) * rng.uniform(0.3, 0.7)))
            copy.paragraphs = copy.paragraphs[:n]
            if rng.random() < 0.5:
                copy.paragraphs[-1] = copy.paragraphs[-1].rstrip(".") + " ..."
        elif not pair and rng.random() < rates.embedded:
            copy.paragraphs = self.paragraphs(rng.randint(4, 9)) + copy.paragraphs
        if parent.heads and rng.random() < 0.6:  # the parent's credits are inherited now and then
            copy.heads, copy.credits = list(parent.heads), set(parent.credits)
        if parent.tails and rng.random() < 0.4:
            copy.tails, copy.credits = list(parent.tails), copy.credits | parent.credits
        if rng.random() < rates.credited:
            self.credit(copy, root if rng.random() < rates.of_root else parent)
        elif rng.random() < rates.falsely_credited:
            wrong = rng.choice([outlet for outlet in self.outlets if outlet is not copy.outlet])
            if rng.random() < 0.5:
                copy.tails.append(rng.choice(OUTLET_FORMS[self.style]).format(wrong.name))
            else:
                copy.tails.append(f"({rng.choice(sorted(AGENCIES))})")
        target = parent if rng.random() < 0.5 else root
        if rng.random() < rates.structured:
            copy.provenance["rss:source"] = target.agency or target.outlet.name  # type: ignore[union-attr]
            copy.credits.add(target.id)
        if rng.random() < rates.canonical and target.outlet:
            copy.canonical = target.url
            copy.credits.add(target.id)
        if rng.random() < rates.linked:
            linked = target if rng.random() < 0.8 else rng.choice(drafts)
            copy.provenance["page:links"] = linked.url
        return copy

    def credit(self, copy: _Draft, target: _Draft) -> None:
        rng = self.rng
        if target.outlet is copy.outlet:
            return
        if target.agency:
            head, tail = rng.choice(AGENCY_FORMS[self.style])
            if head:
                copy.heads = [head.format(target.agency, city=rng.choice(CITIES))]
            else:
                copy.tails.append(tail.format(target.agency))
        else:
            copy.tails.append(rng.choice(OUTLET_FORMS[self.style]).format(target.outlet.name))  # type: ignore[union-attr]
        copy.credits.add(target.id)

    def stamp(self, draft: _Draft) -> None:
        """Stamp a draft by its outlet's clock."""
        rng, rates = self.rng, self.rates
        draft.time += timedelta(minutes=rng.gauss(0, rates.skew_min))
        if rng.random() < rates.lying:
            draft.time += timedelta(hours=rng.uniform(-30, 30))
            draft.is_true = False
        draft.is_precise = rng.random() >= rates.day_only
        if rng.random() < rates.undated:
            draft.is_precise, draft.is_true = False, False

    def article(self, draft: _Draft) -> Article:
        text = "".join(draft.heads[:1]) + "\n\n".join([*draft.paragraphs, *draft.tails])
        is_undated = not draft.is_precise and not draft.is_true
        published = None if is_undated else draft.time
        raw = ""
        if published and not draft.is_precise:
            published = published.replace(hour=0, minute=0, second=0, microsecond=0)
            raw = f"{published:%Y-%m-%d}"
        host = draft.outlet.domain if draft.outlet else f"{draft.agency}-wire.example"
        return Article(
            id=draft.id,
            text=text,
            url=draft.url,
            source=host if draft.outlet else draft.agency,
            published=published,
            published_raw=raw,
            language=draft.language,
            canonical_url=draft.canonical,
            provenance=draft.provenance,
        )

    def add_others(self, world: World) -> None:
        """Give each outlet articles that match nobody's, some of them credited: its history."""
        rng = self.rng
        for place, outlet in enumerate(self.outlets):
            for k in range(rng.randint(0, 25)):
                text = "\n\n".join(self.paragraphs(2))
                if rng.random() < outlet.copies * self.rates.credited:
                    text += "\n\n" + rng.choice(OUTLET_FORMS[self.style]).format(rng.choice(self.outlets).name)
                id_ = f"other:{place}:{k}"
                world.articles[id_] = Article(
                    id=id_, text=text, source=outlet.domain, url=f"https://{outlet.domain}/o{k}", language="en"
                )


def _leads_to_root(draft: _Draft, root: _Draft, by_id: Mapping[str, _Draft]) -> bool:
    """Tell whether what a draft states leads to the origin, perhaps through others that say more."""
    seen: set[str] = set()
    queue = list(draft.credits)
    while queue:
        current = queue.pop()
        if current == root.id:
            return True
        if current not in seen:
            seen.add(current)
            queue += by_id[current].credits
    return False


def _matches(articles: Mapping[str, Article]) -> Iterator[Match]:
    """Measure every pair of a cluster as `verify` does; pairs in two languages are translations."""
    ids = sorted(articles)
    texts = TextBuffer([articles[id_].text for id_ in ids])
    shingles, offsets = shingle_sets(texts, np.arange(len(ids)), shingle_words=5)
    marked = mark_words(encode([articles[one].text for one in ids]))
    for i, a in enumerate(ids):
        for j in range(i + 1, len(ids)):
            b = ids[j]
            if articles[a].language != articles[b].language:
                yield Match(a, b, "translated", 0.0, 0.0, 0.0)
                continue
            of_a, of_b = shingles[offsets[i] : offsets[i + 1]], shingles[offsets[j] : offsets[j + 1]]
            overlap = measure(of_a, of_b)
            if max(overlap.a_in_b, overlap.b_in_a) >= 0.5:
                passages = _passages(marked, i, j)
                kind: Literal["near", "excerpt"] = "near" if overlap.jaccard >= 0.5 else "excerpt"
                yield Match(a, b, kind, overlap.jaccard, overlap.a_in_b, overlap.b_in_a, passages)


def _passages(marked: MarkedWords, i: int, j: int) -> tuple[Passage, ...]:
    pairs = np.array([[i, j]], dtype=np.int64)
    (found,) = to_passages(find_runs(marked, pairs, passage_words=8, passage_gap_words=4), marked, pairs)
    return found


def _hangs_together(articles: Mapping[str, Article], matches: Sequence[Match]) -> bool:
    linked = {min(articles)}
    for _ in articles:
        linked |= {x for match in matches if linked & {match.a, match.b} for x in (match.a, match.b)}
    return linked == set(articles)


@cache
def _translations() -> tuple[tuple[list[str], list[str], str, str], ...]:
    """Give (source paragraphs, translated ones, language, language) of real machine translations, if there."""
    if not WMT.exists():
        return ()
    with gzip.open(WMT, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    sources = {(row["cluster"], row["lang"]): row for row in rows if row["role"] == "src"}
    found = []
    for row in rows:
        language = row["pair"].partition("-")[0]
        source = sources.get((row["cluster"], language))
        if row["role"].startswith("mt") and source and len(source["text"]) > 600:
            found.append((source["text"].split("\n"), row["text"].split("\n"), language, row["lang"]))
    return tuple(found)


def _translation(rng: random.Random) -> tuple[list[str], list[str], str, str] | None:
    """Draw a text and its translation; not one that states a credit of its own, which would be another truth."""
    pairs = _translations()
    while pairs:
        pair = rng.choice(pairs)
        if not any(_states_credit("\n\n".join(text)) for text in pair[:2]):
            return pair
    return None


@cache
def _states_credit(text: str) -> bool:
    return bool(credits_of(Article(id="t", text=text)))
