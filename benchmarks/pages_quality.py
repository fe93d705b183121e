"""How well `read_page` reads 439 real news pages: title, text and date against what is expected.

    python benchmarks/pages_quality.py [--data ../shared/data] [--json]

Sets: ``fundus`` (258 pages from 41 countries with title, text, authors and date as the fundus project expects them) and
``benchmark`` (the 181 pages of the article-extraction-benchmark, with the text that people marked).

Definitions
-----------
f1
    The benchmark's: words are runs of ``\\w``, a text is the multiset of its 4-word shingles, and precision, recall and
    F1 of a page are those of the two multisets. Given is the mean over pages of F1 (which has the bar), precision and
    recall; ``f1_of_means``, the F1 of mean precision and mean recall, is what the benchmark's own table prints. Both
    texts are NFC-normalised without soft hyphens, for the expected ones mix the forms.
f1_words
    The same with single words.
titles, authors
    Share of pages whose title has the letters and digits of the expected one; whose byline names every expected author.
dates
    Share of pages with the expected instant, to the second. An expected date without a zone is taken as UTC, as ours
    are. One of midnight UTC states a day only, and days are compared.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean

from dedup.errors import PageError
from dedup.ingest.pages import Page, read_page

DEFAULT_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
BARS = {"with_title_and_text": 0.97, "f1": 0.90, "dates": 0.90}
_FUNDUS = "html_fundus/tests/resources/parser/test_data"
_BENCHMARK = "html_article_extraction_benchmark"
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class RealPage:
    """A real page and what is expected of it; None or ``""`` where nothing is."""

    name: str
    url: str
    html: bytes
    expected_title: str
    expected_text: str
    expected_published: datetime | None
    expected_authors: tuple[str, ...]
    set_name: str


def load_real_pages(shared: Path) -> list[RealPage]:
    """Load both sets from ``shared`` (the directory that holds ``html_fundus``); a set that is absent is left out.

    Raises
    ------
    FileNotFoundError
        Neither set is there.
    """
    pages = [*_load_fundus(shared / _FUNDUS), *_load_benchmark(shared / _BENCHMARK)]
    if not pages:
        raise FileNotFoundError(f"{shared}: holds neither {_FUNDUS} nor {_BENCHMARK}")
    return pages


def _load_fundus(root: Path) -> Iterable[RealPage]:
    """Pair a publisher's pages with its test cases: both are in the order they were crawled."""
    for case_file in sorted(root.glob("*/*.json")):
        cases = json.loads(case_file.read_text(encoding="utf-8"))
        meta = json.loads((case_file.parent / "meta.info").read_text(encoding="utf-8"))
        pattern = re.compile(re.escape(case_file.stem) + r"_\d{4}_\d\d_\d\d(?:_\d+)?\.html\.gz")
        names = [name for name in meta if pattern.fullmatch(name) and (case_file.parent / name).exists()]
        names.sort(key=lambda name: str(meta[name]["crawl_date"]))
        if len(names) != len(cases):
            raise ValueError(f"{case_file}: {len(cases)} test cases for {len(names)} pages; one each is needed")
        for name, case in zip(names, cases.values(), strict=True):
            html = gzip.decompress((case_file.parent / name).read_bytes())
            date = datetime.fromisoformat(case["publishing_date"]) if case.get("publishing_date") else None
            yield RealPage(
                name=f"{case_file.parent.name}/{name.removesuffix('.html.gz')}",
                url=meta[name]["url"],
                html=html,
                expected_title=case.get("title") or "",
                expected_text=_fundus_text(case["body"]),
                expected_published=_aware(date),
                expected_authors=tuple(case.get("authors") or ()),
                set_name="fundus",
            )


def _fundus_text(body: dict[str, list[dict[str, list[str]]]]) -> str:
    paragraphs: list[str] = [*map(str, body["summary"])]
    for section in body["sections"]:
        paragraphs += [*section["headline"], *section["paragraphs"]]
    return "\n\n".join(paragraphs)


def _load_benchmark(root: Path) -> Iterable[RealPage]:
    truth_file = root / "ground-truth.json"
    truth = json.loads(truth_file.read_text(encoding="utf-8")) if truth_file.exists() else {}
    for key, case in sorted(truth.items()):
        html = gzip.decompress((root / "html" / f"{key}.html.gz").read_bytes())
        yield RealPage(
            name=f"benchmark/{key[:12]}",
            url=case.get("url") or f"https://{key[:12]}.example/",
            html=html,
            expected_title="",
            expected_text=case["articleBody"],
            expected_published=None,
            expected_authors=(),
            set_name="benchmark",
        )


def _aware(date: datetime | None) -> datetime | None:
    if date is None:
        return None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Score:
    """How one page was read."""

    page: RealPage
    result: Page | None
    error: str
    precision: float
    recall: float
    f1: float
    f1_words: float

    @property
    def title_agrees(self) -> bool:
        """The title's letters and digits are the expected ones."""
        return self.result is not None and _letters(self.result.title) == _letters(self.page.expected_title)

    @property
    def date_agrees(self) -> bool:
        """The date is the expected instant, or the expected day where only a day is stated."""
        return self.result is not None and _same_instant(self.result.published, self.page.expected_published)

    @property
    def authors_agree(self) -> bool:
        """Every expected author is in the byline."""
        byline = _letters(self.result.byline) if self.result else ""
        return all(_letters(author) in byline for author in self.page.expected_authors)


def score(page: RealPage) -> Score:
    """Read a page and compare."""
    try:
        result, error = read_page(page.html, url=page.url), ""
    except PageError as problem:
        result, error = None, str(problem)
    expected, found = _normal(page.expected_text), _normal(result.text if result else "")
    precision, recall, f1 = shingle_f1(expected, found, n=4)
    return Score(page, result, error, precision, recall, f1, shingle_f1(expected, found, n=1)[2])


def shingle_f1(expected: str, found: str, *, n: int) -> tuple[float, float, float]:
    """Compare two texts as multisets of n-word shingles: precision, recall, F1."""
    wanted, got = _shingles(expected, n), _shingles(found, n)
    n_shared = sum((wanted & got).values())
    n_wanted, n_got = sum(wanted.values()), sum(got.values())
    if not n_wanted and not n_got:
        return 1.0, 1.0, 1.0
    return n_shared / max(1, n_got), n_shared / max(1, n_wanted), 2 * n_shared / (n_wanted + n_got)


def _shingles(text: str, n: int) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    return Counter(tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1)) if words)


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text).replace("\u00ad", "")


def _letters(text: str) -> str:
    return "".join(char for char in _normal(text).casefold() if char.isalnum())


def _same_instant(found: datetime | None, expected: datetime | None) -> bool:
    if found is None or expected is None:
        return False
    if (expected.hour, expected.minute, expected.second) == (0, 0, 0):
        return found.date() == expected.date()
    return found.replace(microsecond=0) == expected.replace(microsecond=0)


def summarise(scores: Sequence[Score]) -> dict[str, float]:
    """Give the figures of a set of pages; a figure that none of them can give is left out."""
    titled = [s for s in scores if s.page.expected_title]
    dated = [s for s in scores if s.page.expected_published]
    signed = [s for s in scores if s.page.expected_authors]
    precision, recall = mean(s.precision for s in scores), mean(s.recall for s in scores)
    figures = {
        "pages": float(len(scores)),
        "with_title_and_text": mean(bool(s.result and s.result.title and s.result.text) for s in scores),
        "f1": mean(s.f1 for s in scores),
        "f1_words": mean(s.f1_words for s in scores),
        "precision": precision,
        "recall": recall,
        "f1_of_means": 2 * precision * recall / (precision + recall),
    }
    if titled:
        figures["titles"] = mean(s.title_agrees for s in titled)
    if dated:
        figures["dates"] = mean(s.date_agrees for s in dated)
    if signed:
        figures["authors"] = mean(s.authors_agree for s in signed)
    return {name: round(value, 4) for name, value in figures.items()}


def reason(score: Score) -> str:
    """Say in a few words what is wrong with a page's text."""
    if score.error:
        return score.error
    if score.recall < score.precision - 0.1:
        return f"text missing (recall {score.recall:.2f})"
    if score.precision < score.recall - 0.1:
        return f"text of others (precision {score.precision:.2f})"
    return f"both (precision {score.precision:.2f}, recall {score.recall:.2f})"


def measure(shared: Path) -> dict[str, object]:
    """Read all pages and give every figure: per set, over all, speed, the worst pages, and the dates that disagree."""
    pages = load_real_pages(shared)
    start = time.perf_counter()
    scores = [score(page) for page in pages]
    seconds = time.perf_counter() - start
    sets = {name: [s for s in scores if s.page.set_name == name] for name in ("fundus", "benchmark")}
    figures = {name: summarise(members) for name, members in sets.items() if members}
    return {
        "sets": {**figures, "all": summarise(scores)},
        "pages_per_second": round(len(pages) / seconds, 1),
        "worst": [(s.page.name, round(s.f1, 3), reason(s)) for s in sorted(scores, key=lambda s: s.f1)[:10]],
        "dates": [
            (s.page.name, s.result.published_raw if s.result else "", str(s.page.expected_published))
            for s in scores
            if s.page.expected_published and not s.date_agrees
        ],
        "titles": [
            (s.page.name, s.result.title if s.result else "", s.page.expected_title)
            for s in scores
            if s.page.expected_title and not s.title_agrees
        ],
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; exit code 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, help="directory that holds the two sets")
    parser.add_argument("--json", action="store_true", help="print JSON, with every date and title that disagrees")
    options = parser.parse_args(arguments)
    report = measure(options.data)
    print(json.dumps(report, ensure_ascii=False, indent=1) if options.json else _as_text(report))
    overall = report["sets"]["all"]  # type: ignore[index]
    return 0 if all(overall[name] >= bar for name, bar in BARS.items()) else 1


def _as_text(report: dict[str, object]) -> str:
    sets: dict[str, dict[str, float]] = report["sets"]  # type: ignore[assignment]
    names = list(sets["all"])
    lines = ["".join(["set".ljust(12), *(name.rjust(max(8, len(name) + 2)) for name in names)])]
    for set_name, figures in sets.items():
        cells = [f"{figures[n]:.4g}" if n in figures else "-" for n in names]
        lines.append(
            "".join([set_name.ljust(12), *(c.rjust(max(8, len(n) + 2)) for c, n in zip(cells, names, strict=True))])
        )
    lines.append("bars: " + ", ".join(f"{name} >= {bar}" for name, bar in BARS.items()))
    lines.append(f"{report['pages_per_second']} pages/s on one core")
    lines.append(f"{len(report['dates'])} dates and {len(report['titles'])} titles disagree (--json lists them)")  # type: ignore[arg-type]
    lines.append("worst pages:")
    lines += [f"  {name:<36} F1 {f1:.3f}  {why}" for name, f1, why in report["worst"]]  # type: ignore[attr-defined]
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
