"""What of edited copies is found, by kind and strength of the edit, in 26 languages; with known truth.

    python -m benchmarks.edits_quality [--plot docs/edits.svg] [--languages en de ...]

For each edit and strength, one corpus: every article of NTREX (and of the sample world) that serves as an original,
unedited, and one edited copy of it, all languages together, searched as `find_duplicates` does by default. *Recall* is
the share of copies that are matched with their original. *False* are matches of two texts of one language that do not
go back to one article; their rate is over all such pairs of the corpus, and must stay below 1 in 10,000.

Half of the articles are originals; the sentences of the others make the texts around excerpts, so that nobody's host is
anybody's original.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

REPO = Path(__file__).parent.parent
sys.path.insert(0, str(REPO))

from benchmarks.derived import ntrex
from benchmarks.text_edits import cut_words, edit_words, embed, is_spaced, misread, reorder, word_spans
from dedup import Article, Index
from dedup.evaluate import wilson_interval
from seeds.world import load_articles

SHARED = REPO.parent / "shared" / "data"
SEED = 41
HOST_WORDS = 1_500
CHARACTERS_PER_WORD = 1.6  # of scripts without spaces, as dedup.normalise counts them
MAX_FALSE_RATE = 1e-4


class Language(NamedTuple):
    """Originals by name, and what hosts and edits are made of."""

    name: str
    originals: dict[str, str]
    sentences: list[str]
    words: list[str]


class Case(NamedTuple):
    """One corpus: what was done, how strongly, and how to do it; gives several copies of one original if need be."""

    edit: str
    strength: float
    unit: str
    make: Callable[[Language, str, random.Random], str]


class Outcome(NamedTuple):
    """Copies found of how many, by language; false matches of how many pairs."""

    case: Case
    n: Counter[str]
    n_found: Counter[str]
    n_false: int
    n_pairs: int

    @property
    def recall(self) -> float:
        """Share of copies that are found, all languages together."""
        return self.n_found.total() / max(1, self.n.total())

    @property
    def false_rate(self) -> float:
        """Share of pairs of one language that go back to different articles, and are matched."""
        return self.n_false / max(1, self.n_pairs)


def load_languages(shared: Path, *, n_articles: int | None = None, only: list[str] | None = None) -> list[Language]:
    """Read NTREX, if it is there, and the sample world; `n_articles` of each language at most."""
    texts = ntrex(shared) if (shared / "ntrex128").is_dir() else {}
    world: dict[str, dict[str, str]] = {}
    for article in load_articles():
        world.setdefault(f"{article.language[:2]} (sample world)", {})[article.id] = article.text
    found = []
    for name, by_name in [*texts.items(), *sorted(world.items())]:
        if (only and name not in only) or len(by_name) < 8:
            continue
        names = sorted(by_name)
        random.Random(SEED).shuffle(names)
        is_world = name in world
        originals = [one for one in names[: len(names) // 2] if not is_world or one in unrelated_articles()]
        rest = names[len(names) // 2 :]
        found.append(
            Language(
                name,
                {one: by_name[one] for one in originals[:n_articles]},
                [line for one in rest for line in by_name[one].split("\n") if line.strip()],
                [by_name[one][start:end] for one in rest for start, end in word_spans(by_name[one])],
            )
        )
    return [one for one in found if one.originals]


def unrelated_articles() -> set[str]:
    """Articles of the sample world that no other article copies, by its labels."""
    from dedup.evaluate import read_pair_labels

    labels = read_pair_labels(REPO / "seeds" / "labels.jsonl")
    related = {one for label in labels if label.label != "different" for one in (label.a, label.b)}
    return {article.id for article in load_articles()} - related


def n_words(text: str, words: float) -> int:
    """How many of our words that many words of a spaced script are."""
    return round(words * (1.0 if is_spaced(text) else CHARACTERS_PER_WORD))


def make_host(language: Language, words: float, rng: random.Random) -> list[str]:
    """Draw sentences until they have so many words."""
    lines: list[str] = []
    left = n_words("".join(language.sentences[:50]), words)
    while left > 0:
        line = rng.choice(language.sentences)
        lines.append(line)
        left -= len(word_spans(line)) + 1
    return lines


def cases() -> Iterator[Case]:
    """Every edit, every strength."""
    for share in (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6):
        yield Case(
            "word edits", share, "of the words", lambda la, text, rng, s=share: edit_words(text, s, la.words, rng)
        )
    for share in (0.0, 0.02, 0.05, 0.1, 0.15, 0.2):
        yield Case("OCR noise", share, "of the characters", lambda la, text, rng, s=share: misread(text, s, rng))
    for words in (20, 40, 60, 80, 100, 150, 200):

        def long_host(language: Language, text: str, rng: random.Random, words: int = words) -> str:
            part = cut_words(text, n_words(text, words), rng)
            return embed(part, make_host(language, HOST_WORDS - words, rng), rng)

        yield Case("excerpt in 1,500 words", words, "words", long_host)
    for share in (0.05, 0.1, 0.2, 0.3, 0.4, 0.6):

        def half_own(language: Language, text: str, rng: random.Random, share: float = share) -> str:
            n = len(word_spans(text))
            part = cut_words(text, round(share * n), rng)
            own = make_host(language, n / (1.0 if is_spaced(text) else CHARACTERS_PER_WORD), rng)
            return embed(part, own, rng)

        yield Case("excerpt of an article in one as long", share, "of the article", half_own)
        yield Case(
            "excerpt alone", share, "of the article",
            lambda la, text, rng, s=share: cut_words(text, round(s * len(word_spans(text))), rng),
        )  # fmt: skip
    yield Case("paragraphs reordered", 3, "sentences each", lambda la, text, rng: reorder(text, rng))
    for share in (0.25, 0.4, 0.5):

        def stitched(language: Language, text: str, rng: random.Random, share: float = share) -> str:
            other = language.originals[rng.choice(sorted(language.originals))]
            parts = [cut_words(one, round(share * len(word_spans(one))), rng) for one in (text, other)]
            n = sum(len(word_spans(part)) for part in parts) / 2 / share * (1 - 2 * share)
            own = make_host(language, n / (1.0 if is_spaced(text) else CHARACTERS_PER_WORD), rng)
            return "\n".join([parts[0], *own, parts[1]])

        yield Case("stitched from two articles", share, "of each", stitched)
    for words in (25, 50, 100):

        def framed(language: Language, text: str, rng: random.Random, words: int = words) -> str:
            outlet = random.Random(rng.randint(0, 3))  # four outlets, each with its own words around everything
            frame = [cut_words(" ".join(make_host(language, 3 * words, outlet)), n_words(text, words), outlet)]
            return "\n".join([*frame, edit_words(text, 0.1, language.words, rng), *frame])

        yield Case("10 % edited, boilerplate around", words, "words before and after", framed)


def run_case(case: Case, languages: list[Language]) -> Outcome:
    """Make the corpus, search it, count."""
    rng = random.Random(f"{SEED} {case.edit} {case.strength}")
    articles, roots = [], {}
    for language in languages:
        for name, text in language.originals.items():
            copy = case.make(language, text, rng)
            for kind, version in (("original", text), ("copy", copy)):
                one = f"{language.name}/{name}/{kind}"
                roots[one] = f"{language.name}/{name}"
                if version.strip():
                    articles.append(Article(id=one, text=version))
    index = Index()
    index.add(articles)
    n_found: Counter[str] = Counter()
    n_false = 0
    for match in index.matches():
        language = match.a.split("/")[0]
        if roots[match.a] == roots[match.b]:
            n_found[language] += 1
        else:
            n_false += is_false(case, match.a, match.b)
    n = Counter({language.name: len(language.originals) for language in languages})
    n_pairs = sum(2 * count * (2 * count - 1) // 2 - count for count in n.values())
    return Outcome(case, n, n_found, n_false, n_pairs)


def is_false(case: Case, a: str, b: str) -> bool:
    """Tell whether a match of different articles is wrong: hosts share sentences, stitched texts their second half."""
    has_common_host = case.edit.startswith("excerpt") and "alone" not in case.edit
    if has_common_host or case.edit.endswith("around"):
        return not (a.endswith("copy") and b.endswith("copy"))
    return not case.edit.startswith("stitched")


def describe(outcome: Outcome) -> str:
    low, high = wilson_interval(outcome.n_found.total(), outcome.n.total())
    weakest = min(outcome.n, key=lambda name: outcome.n_found[name] / outcome.n[name])
    share = outcome.n_found[weakest] / outcome.n[weakest]
    case = outcome.case
    strength = f"{case.strength:.0%}" if case.strength <= 1 else f"{case.strength:g}"
    return (
        f"{case.edit:<38} {strength:>5} {case.unit:<24} {outcome.recall:.4f} ({low:.3f} to {high:.3f}); "
        f"weakest {weakest} {share:.3f}; false {outcome.n_false} of {outcome.n_pairs} = {outcome.false_rate:.1e}"
    )


def plot(outcomes: list[Outcome], target: Path) -> None:
    """Draw a curve of recall for each edit; the same figures give the same bytes."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    mpl.rcParams.update({"svg.hashsalt": "dedup", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 8})
    by_edit: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        by_edit.setdefault(outcome.case.edit, []).append(outcome)
    curves = {edit: found for edit, found in by_edit.items() if len(found) > 1}
    figure, axes = plt.subplots(2, 4, figsize=(11, 4.6), layout="constrained", sharey=True)
    for axis, (edit, found) in zip(axes.flat, curves.items(), strict=False):
        x = [outcome.case.strength for outcome in found]
        for name in found[0].n:
            shares = [outcome.n_found[name] / outcome.n[name] for outcome in found]
            axis.plot(x, shares, color="#cccccc", linewidth=0.5)
        axis.plot(x, [outcome.recall for outcome in found], color="#b2182b", marker="o", markersize=3)
        axis.axhline(0.99, color="#2166ac", linewidth=0.5, linestyle="--")
        axis.set_title(edit, fontsize=8, loc="left")
        axis.set_xlabel(found[0].case.unit)
        axis.set_ylim(-0.02, 1.03)
        axis.spines[["top", "right"]].set_visible(False)
    for axis in axes.flat[len(curves) :]:
        axis.set_visible(False)
    worst = max(outcome.false_rate for outcome in outcomes)
    figure.suptitle(
        f"Recall by edit; red: all languages, grey: each. False matches: at most {worst:.1e} of pairs", fontsize=9
    )
    figure.savefig(target, metadata={"Date": None, "Creator": None})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--plot", type=Path, help="draw the curves into this SVG")
    parser.add_argument("--languages", nargs="*", help="only these (ISO 639-1)")
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder of the real corpora")
    arguments = parser.parse_args()
    languages = load_languages(arguments.shared, only=arguments.languages)
    n = sum(len(language.originals) for language in languages)
    print(f"{n} originals in {len(languages)} languages: {', '.join(language.name for language in languages)}")
    outcomes = []
    for case in cases():
        outcomes.append(run_case(case, languages))
        print(describe(outcomes[-1]), flush=True)
    if arguments.plot:
        plot(outcomes, arguments.plot)
    return 0 if all(outcome.false_rate <= MAX_FALSE_RATE for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
