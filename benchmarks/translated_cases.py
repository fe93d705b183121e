"""Two traps across languages, on documents no threshold was fitted on: a common source, and templates.

    python benchmarks/translated_cases.py

*Common source*: an English original, and its German and its French translation by two other outlets. All three belong
in one cluster, and neither translation may be called the other's copy: with the original among the articles or not,
dated or not, and where both credit an agency that is not among them.

*Templates*: translations whose numbers were all exchanged for others. Only those with four numbers or more on either
side are asked for: where fewer are, nothing can be told. Needs ``../shared/data`` (NTREX-128).
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

REPO = Path(__file__).parent.parent
sys.path.insert(0, str(REPO))

from benchmarks.embedding_cache import RememberingEncoder
from benchmarks.translated_corpora import DATA, SEED, Text, in_split, load
from dedup import Article, Duplicates, find_duplicates
from dedup.translated import MultilingualUse
from dedup.translated.anchors import find_anchors, is_number

FIRST = datetime(2026, 3, 2, 8, tzinfo=UTC)
OUTLETS = {"en": "gazette.example", "de": "kurier.example", "fr": "courrier.example"}
CREDITS = {"de": "BERLIN (Reuters) - ", "fr": "PARIS (Reuters) - "}
LANGUAGES = ("de", "fr", "es", "it", "pt", "nl", "ru", "pl")


def documents() -> dict[str, dict[str, Text]]:
    """Give the testing documents of NTREX in every language."""
    found: dict[str, dict[str, Text]] = {}
    for text in in_split(load("ntrex"), "test"):
        found.setdefault(text.document, {})[text.language] = text
    return found


def to_article(text: Text, *, dated: bool, credited: bool) -> Article:
    """Make an article of an outlet; translations follow two hours after each other."""
    place = list(OUTLETS).index(text.language)
    return Article(
        id=text.id,
        text=(CREDITS.get(text.language, "") if credited else "") + text.text,
        source=OUTLETS[text.language],
        published=FIRST + timedelta(hours=2 * place) if dated else None,
    )


def common_source(encoder: RememberingEncoder, *, with_original: bool, dated: bool, credited: bool) -> str:
    """Count clusters that hold all versions, and links between two translations."""
    wanted = [language for language in OUTLETS if with_original or language != "en"]
    groups = [[of[language] for language in wanted] for of in documents().values()]
    articles = [to_article(text, dated=dated, credited=credited) for texts in groups for text in texts]
    found = find_duplicates(articles, encoder=encoder)
    cluster_of = {article: cluster for cluster in found.clusters for article in cluster.articles}
    together = wrong = agency = 0
    for texts in groups:
        ids = {text.id for text in texts}
        clusters = {cluster_of[name].id for name in ids if name in cluster_of}
        together += len(clusters) == 1 and ids <= cluster_of.keys()
        wrong += count_between(found, [text.id for text in texts if text.language != "en"])
        agency += any(cluster_of[name].attribution.origin == "agency:reuters" for name in ids if name in cluster_of)
    return (
        f"{len(groups)} documents, {together} whole in one cluster, {wrong} translations called the other's copy, "
        f"{agency} traced to the agency"
    )


def count_between(found: Duplicates, translations: Sequence[str]) -> int:
    """Count links from one translation to another."""
    return sum(
        link.copy in translations and link.copied_from in translations
        for cluster in found.clusters
        for link in cluster.links
    )


def other_numbers(text: str, rng: random.Random) -> str:
    """Exchange every number of two digits or more for another of as many digits."""
    return re.sub(r"\d{2,}", lambda number: str(rng.randrange(10 ** (len(number[0]) - 1), 10 ** len(number[0]))), text)


def templates(encoder: RememberingEncoder) -> str:
    """Count links of translations with many numbers, as they are and with other numbers."""
    linked = {"as they are": 0, "other numbers": 0}
    asked = 0
    for language in LANGUAGES:
        pairs = [(of["en"], of[language]) for of in documents().values()]
        pairs = [pair for pair in pairs if min(count_numbers(text.text) for text in pair) >= 4]
        asked += len(pairs)
        for way in linked:
            articles = [Article(id=a.id, text=a.text) for a, _ in pairs]
            for _, b in pairs:
                text = b.text if way == "as they are" else other_numbers(b.text, random.Random(f"{SEED} {b.id}"))
                articles.append(Article(id=b.id, text=text))
            matches = {(match.a, match.b) for match in find_duplicates(articles, encoder=encoder).matches}
            linked[way] += sum((min(a.id, b.id), max(a.id, b.id)) in matches for a, b in pairs)
    return f"{asked} pairs with four numbers or more; linked {linked}"


def count_numbers(text: str) -> int:
    """Count the numbers of two digits or more of a text."""
    return int(is_number(find_anchors(text).keys).sum())


def main() -> int:
    """Run."""
    if not DATA.is_dir():
        print(f"{DATA} is not there: the real corpora are copyrighted and not part of this repository")
        return 0
    encoder = RememberingEncoder(MultilingualUse())
    for with_original in (True, False):
        for dated in (True, False):
            for credited in (False, True):
                name = f"original {'there' if with_original else 'missing'}, {'dated' if dated else 'undated'}"
                name += ", agency credited" if credited else ""
                counts = common_source(encoder, with_original=with_original, dated=dated, credited=credited)
                print(f"{name}: {counts}", flush=True)
    print(templates(encoder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
