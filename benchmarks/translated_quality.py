"""How well copies across languages are found, and what is linked wrongly, on documents no threshold was fitted on.

    python benchmarks/translated_quality.py                     # every kind of copy
    python benchmarks/translated_quality.py --kind full         # one of them
    python benchmarks/translated_quality.py --list              # name the false links, too

Only the testing part of the split is read (`benchmarks.translated_corpora`). Each kind is one corpus without dates:
originals, copies of their translations made that way, and everything nobody translated. A pair counts as recalled
where the copy is linked with the original; a link between two documents is false. Needs ``../shared/data``; vectors are
kept in ``~/.cache/dedup-bench``.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

REPO = Path(__file__).parent.parent
sys.path.insert(0, str(REPO))

from benchmarks.calibrate_translated import corpus_of, to_articles, truth_of
from benchmarks.embedding_cache import RememberingEncoder
from benchmarks.translated_corpora import DATA, KINDS, Text, semeval_pairs, verdict_of
from dedup import Settings
from dedup.evaluate import wilson_interval
from dedup.model import Match
from dedup.translated import ANCHORS_ALONE, Encoder, MultilingualUse, Ways, find_translated, load_calibration

EUR8 = frozenset("de fr es it pt nl ru pl".split())  # noqa: SIM905
FAR = frozenset("ja ko zh ar".split())  # noqa: SIM905
UNSUPPORTED = frozenset("uk cs sv fi hu ro".split())  # noqa: SIM905


def find(texts: Sequence[Text], encoder: Encoder) -> list[Match]:
    """Find the translated pairs of a corpus with the default settings."""
    set_ = Settings()
    ways = Ways(
        encoder=encoder,
        calibration=load_calibration(encoder.name),
        anchors_calibration=load_calibration(ANCHORS_ALONE),
        vectors={},
        window_days=set_.window_days,
        per_article=set_.translated_candidates,
        max_sentences=set_.translated_sentences,
        repeated_articles=set_.boilerplate_articles,
    )
    return list(
        find_translated(to_articles(texts), ways, is_known=lambda a, b: False, progress=lambda step, done, total: None)
    )


def group_of(a: str, b: str) -> str:
    """Name the row of the table that a pair of languages belongs to."""
    languages = {a, b}
    if "en" in languages:
        (other,) = languages - {"en"}
        for name, group in (("EUR8", EUR8), ("ja ko zh ar", FAR), ("uk cs sv fi hu ro", UNSUPPORTED)):
            if other in group:
                return f"{name} - en"
        return "others - en"
    return "de - fr" if languages == {"de", "fr"} else "others"


def measure(kind: str, encoder: Encoder, *, lists: bool) -> None:
    """Print one table: recall by group and by pair of languages, false links."""
    texts = {text.id: text for text in corpus_of(kind, "test")}
    started = time.process_time()
    matches = {(match.a, match.b): match for match in find(list(texts.values()), encoder)}
    seconds = time.process_time() - started
    sources = defaultdict(list)
    for text in texts.values():
        if text.role == "source":
            sources[text.document].append(text)
    met: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for text in texts.values():
        if text.role in ("human", "machine"):
            for source in sources[text.document]:
                if source.language != text.language:
                    pair = (min(source.id, text.id), max(source.id, text.id))
                    pair_name = "-".join(sorted((source.language, text.language)))
                    for name in (group_of(source.language, text.language), pair_name):
                        asked[name] += 1
                        met[name] += pair in matches
    print(f"== {kind}: {len(texts)} articles, {len(matches)} links, {seconds:.0f} CPU s, vectors from disk where known")
    for name in sorted(asked, key=lambda name: ("-" in name and " " not in name, name)):
        low, high = wilson_interval(met[name], asked[name])
        print(
            f"  {name:<22} {met[name]:>5} of {asked[name]:<5} {met[name] / asked[name]:.4f} ({low:.3f} to {high:.3f})"
        )
    report_false(texts, matches, lists=lists)
    if kind == "full":
        report_same_event(texts, set(matches), lists=lists)


def report_false(texts: dict[str, Text], matches: dict[tuple[str, str], Match], *, lists: bool) -> None:
    """Print the links between two documents, those within a semeval story apart.

    SemEval's pages were crawled: its labels do not say which carry the same agency text. A link between two of them is
    false unless a person read both and judged it a copy (`tests/judged/translated.tsv`).
    """
    false = [pair for pair in matches if truth_of(texts[pair[0]], texts[pair[1]]) is False]
    of_story = [pair for pair in false if texts[pair[0]].story and texts[pair[0]].story == texts[pair[1]].story]
    read = [pair for pair in false if verdict_of(*pair) == "copy"]
    others = [pair for pair in false if pair not in {*of_story, *read}]
    rate = 10_000 * len(others) / len(texts)
    print(
        f"  false links: {len(others)} = {rate:.1f} in 10,000 articles; within one rated story: {len(of_story)}; "
        f"read and judged copies: {len(read)}"
    )
    for pair in (*others, *of_story) if lists else ():
        match = matches[pair]
        print(f"    {pair} {match.probability} {match.a_in_b} {match.b_in_a} {len(match.passages)} sentences")


def report_same_event(texts: dict[str, Text], found: set[tuple[str, str]], *, lists: bool) -> None:
    """Print how many reports of one event by two outlets are linked, in two languages as written or by translation."""
    machine = defaultdict(list)
    for text in texts.values():
        if text.corpus == "semeval" and text.role == "machine":
            machine[text.document].append(text)
    asked: dict[str, dict[tuple[str, str], float]] = {"as written": {}, "article, translation, other outlet": {}}
    for pair in semeval_pairs():
        if pair["overall"] > 2:
            continue
        a, b = (texts.get(f"semeval/{pair[side]}") for side in "ab")
        if a is None or b is None:
            continue
        if a.language != b.language and "machine" not in (a.role, b.role):
            asked["as written"][min(a.id, b.id), max(a.id, b.id)] = pair["overall"]
        for one, other in ((a, b), (b, a)):
            for translation in machine[one.document]:
                if translation.language != other.language and translation.document != other.document:
                    key = (min(translation.id, other.id), max(translation.id, other.id))
                    asked["article, translation, other outlet"][key] = pair["overall"]
    for name, pairs in asked.items():
        linked = sorted(pair for pair in pairs if pair in found)
        print(f"  same event rated 1 to 2, {name}: {len(linked)} of {len(pairs)} linked")
        for pair in linked if lists else ():
            print(f"    {pair} rated {pairs[pair]}")


def main() -> int:
    """Run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kind", action="append", choices=KINDS)
    parser.add_argument("--list", action="store_true", help="name the false links")
    arguments = parser.parse_args()
    if not DATA.is_dir():
        print(f"{DATA} is not there: the real corpora are copyrighted and not part of this repository")
        return 0
    encoder = RememberingEncoder(MultilingualUse())
    for name in (encoder.name, ANCHORS_ALONE):
        stored = json.loads((REPO / "dedup" / "data" / "calibration" / f"{name}.json").read_text(encoding="utf-8"))
        print(f"{name}: threshold {stored['threshold']}, fitted on {stored['n_examples']} pairs of other documents")
    for kind in arguments.kind or KINDS:
        measure(kind, encoder, lists=arguments.list)
    return 0


if __name__ == "__main__":
    sys.exit(main())
