"""How well feeds are read: every file of a collection, and what others say should be read from it.

    python benchmarks/feeds_quality.py [FOLDER] [--json] [--all]

Every file under FOLDER (default ../shared/data/feeds) goes through the ingest; an exception other than FeedError ends
the run. Four sets come with expected output, written for other parsers: the title, link and dates of each entry are
compared with ours. A difference is explained by a rule below, or counted as unexplained.

- feedparser: an expression in a comment at the head of each file
- gofeed: a JSON file beside each feed
- rss-parser: test/input and test/output
- feed-rs: x.xml and x.serde.json
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
import time
import warnings
from calendar import timegm
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

REPO = Path(__file__).parent.parent
sys.path.insert(0, str(REPO))

from dedup.errors import FeedError
from dedup.ingest.feed_text import decode_feed
from dedup.ingest.feeds import Entry, Feed, parse_feed
from dedup.ingest.opml import read_feed_list
from dedup.ingest.urls import join_url

DEFAULT = REPO.parent / "shared" / "data" / "feeds"
LISTS = (".opml", ".txt", ".cfg")
MAX_ENTRIES = 2_000
FIELDS = ("title", "link", "published", "updated")
SETS = ("feedparser", "gofeed", "rss-parser", "feed-rs")
FEEDPARSER_URL = "http://127.0.0.1:8097/tests/"  # where feedparser's own tests serve the files from
FEEDBURNER = ("http://feedproxy.google.com/~r/", "http://feeds.feedburner.com/~r/", "http://feeds.jn.pt/~r/")
URL = "https://feeds.example/feed"  # where all others are taken to lie


@dataclass(frozen=True)
class Expected:
    """What should be read as one field of one entry: a text, a link, or a moment in time."""

    path: Path
    url: str
    entry: int
    name: str  # of a field of Entry
    value: str | datetime | None
    content_type: str = ""


@dataclass(frozen=True)
class Compared:
    """One expected value beside what was read, and the verdict: "right", or the cause of the difference."""

    set: str
    file: str
    entry: int
    name: str
    expected: str
    found: str
    verdict: str


# -- every file


def read_all(folder: Path) -> tuple[Counter[str], float]:
    """Read every file; count the outcomes, and give the seconds it took."""
    outcomes: Counter[str] = Counter()
    started = time.perf_counter()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        outcomes[read_one(path)] += 1
    return outcomes, time.perf_counter() - started


def read_one(path: Path) -> str:
    """Read one file and name the outcome; anything but a FeedError is a bug and is let out."""
    body = path.read_bytes()
    try:
        if path.suffix in LISTS:
            listed = read_feed_list(body)
            return "list: feeds" if listed.refs else "list: no feeds"
        feed = parse_feed(body, url=URL, max_entries=MAX_ENTRIES)
    except FeedError as error:
        return f"FeedError: {kind_of_error(str(error))}"
    return f"feed: {feed.version}, {'with' if feed.entries else 'no'} entries"


def kind_of_error(message: str) -> str:
    for kind in ("an HTML page", "is no JSON", "no list of items", "its version is", "neither RSS", "empty", "no list"):
        if kind in message:
            return kind
    return "other"


# -- what should be read


def expected_of_feedparser(folder: Path) -> Iterator[Expected]:
    """Read the simple expressions: entries[0]['title'] == 'x', joined by "and"."""
    for path in sorted((folder / "feedparser" / "tests").rglob("*.xml")):
        text = decode_feed(path.read_bytes())
        if not (match := re.search(r"^\s*Expect:\s*(.*)$", text[:20_000], re.MULTILINE)):
            continue
        location = re.search(r"^\s*Header:\s*Content-Location:\s*(\S+)", text[:2_000], re.MULTILINE)
        url = FEEDPARSER_URL + path.relative_to(folder / "feedparser" / "tests").as_posix()
        url = join_url(url, location[1]) or url if location else url
        content_type = re.search(r"^\s*Header:\s*Content-type:\s*(.+)$", text[:2_000], re.MULTILINE | re.IGNORECASE)
        for entry, name, value in expressions(match[1].strip()):
            yield Expected(path, url, entry, name, value, content_type[1].strip() if content_type else "")


NAMES = {
    "title": "title",
    "link": "link",
    "published": "published_raw",
    "updated": "updated_raw",
    "published_parsed": "published",
    "issued_parsed": "published",
    "updated_parsed": "updated",
    "modified_parsed": "updated",
    "date_parsed": "updated",
}


def expressions(source: str) -> Iterator[tuple[int, str, str | datetime | None]]:
    """Yield what an expression says about entries; whatever else it says is passed over. Nothing is executed."""
    try:
        root = ast.parse(source, mode="eval").body
    except SyntaxError:
        return
    for part in root.values if isinstance(root, ast.BoolOp) and isinstance(root.op, ast.And) else [root]:
        if not isinstance(part, ast.Compare) or not all(isinstance(each, ast.Eq) for each in part.ops):
            continue
        sides = [part.left, *part.comparators]
        values = [value for side in sides if (value := constant(side)) is not None]
        for side in sides:
            if (found := entry_and_name(side)) and values:
                value = values[0]
                yield (*found, datetime.fromtimestamp(timegm(value), UTC) if isinstance(value, tuple) else value)


def constant(node: ast.expr) -> str | tuple[int, ...] | None:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = constant(node.left), constant(node.right)
        return left + right if isinstance(left, str) and isinstance(right, str) else None
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return None
    return value if isinstance(value, str) or (isinstance(value, tuple) and len(value) == 9) else None


def entry_and_name(node: ast.expr) -> tuple[int, str] | None:
    """Take entries[0]['title'] or entries[0].title apart."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        key, of = node.slice.value, node.value
    elif isinstance(node, ast.Attribute):
        key, of = node.attr, node.value
    else:
        return None
    if not isinstance(of, ast.Subscript) or not isinstance(of.value, ast.Name) or of.value.id != "entries":
        return None
    if key not in NAMES or not isinstance(of.slice, ast.Constant) or not isinstance(of.slice.value, int):
        return None
    return of.slice.value, NAMES[str(key)]


def expected_of_gofeed(folder: Path) -> Iterator[Expected]:
    for path in sorted((folder / "gofeed").rglob("*.xml")):
        if path.with_suffix(".json").exists():
            yield from expected_of_json(path, path.with_suffix(".json"), gofeed_entry)
    for output in sorted((folder / "gofeed").rglob("*_expected.json")):
        yield from expected_of_json(output.with_name(output.name.replace("_expected", "")), output, gofeed_entry)


def gofeed_entry(entry: Mapping[str, Any]) -> Iterator[tuple[str, str | datetime | None]]:
    if "title" in entry:
        yield "title", entry["title"]
    links = [each for each in entry.get("links") or [] if isinstance(each, dict)]
    alternates = [each["href"] for each in links if each.get("rel") == "alternate" and each.get("href")]
    if link := entry.get("link") or entry.get("url") or next(iter(alternates), ""):
        yield "link", link
    for name, key in (
        ("published", "publishedParsed"),
        ("published", "pubDateParsed"),
        ("published", "date_published"),
        ("updated", "updatedParsed"),
        ("updated", "date_modified"),
    ):
        if entry.get(key):
            yield name, moment(entry[key])


def expected_of_rss_parser(folder: Path) -> Iterator[Expected]:
    for output in sorted((folder / "rss-parser" / "test" / "output").glob("*.json")):
        path = next((folder / "rss-parser" / "test" / "input").glob(f"{output.stem}.*"), None)
        if path:
            yield from expected_of_json(path, output, rss_parser_entry)


def rss_parser_entry(entry: Mapping[str, Any]) -> Iterator[tuple[str, str | datetime | None]]:
    for name in ("title", "link"):
        if isinstance(entry.get(name), str):
            yield name, entry[name]
    if stated := entry.get("isoDate"):
        yield "published", moment(stated)


def expected_of_feed_rs(folder: Path) -> Iterator[Expected]:
    for output in sorted((folder / "feed-rs").rglob("*.serde.json")):
        stem = output.name.removesuffix(".serde.json")
        path = next((path for suffix in (".xml", ".json") if (path := output.with_name(stem + suffix)).exists()), None)
        if path:
            yield from expected_of_json(path, output, feed_rs_entry)


def feed_rs_entry(entry: Mapping[str, Any]) -> Iterator[tuple[str, str | datetime | None]]:
    if entry.get("title"):
        yield "title", entry["title"]["content"]
    links = entry.get("links") or []
    if chosen := [each["href"] for each in links if each.get("rel") in (None, "alternate")]:
        yield "link", chosen[0]
    for name in ("published", "updated"):
        if entry.get(name):
            yield name, moment(entry[name])


def expected_of_json(
    path: Path, output: Path, read_entry: Callable[[Mapping[str, Any]], Iterator[tuple[str, str | datetime | None]]]
) -> Iterator[Expected]:
    values = json.loads(decode_feed(output.read_bytes()))
    values = values.get("feed", values)
    for n, entry in enumerate(values.get("items") or values.get("entries") or []):
        for name, value in read_entry(entry):
            yield Expected(path, URL, n, name, value)


def moment(text: str) -> datetime:
    date = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
    return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)


READERS: Mapping[str, Callable[[Path], Iterator[Expected]]] = {
    "feedparser": expected_of_feedparser,
    "gofeed": expected_of_gofeed,
    "rss-parser": expected_of_rss_parser,
    "feed-rs": expected_of_feed_rs,
}


# -- the comparison


def compare_all(folder: Path) -> list[Compared]:
    """Compare everything that is expected with what is read."""
    compared = []
    for name in SETS:
        feeds: dict[Path, Feed | None] = {}
        for expected in READERS[name](folder):
            if expected.path not in feeds:
                feeds[expected.path] = read_feed(expected)
            compared.append(compare(name, folder, expected, feeds[expected.path]))
    return compared


def read_feed(expected: Expected) -> Feed | None:
    try:
        return parse_feed(
            expected.path.read_bytes(), url=expected.url, content_type=expected.content_type, max_entries=MAX_ENTRIES
        )
    except FeedError:
        return None


def compare(name: str, folder: Path, expected: Expected, feed: Feed | None) -> Compared:
    entry = feed.entries[expected.entry] if feed and expected.entry < len(feed.entries) else None
    found = getattr(entry, expected.name) if entry else None
    if feed is None:
        verdict = "read as no feed"
    elif entry is None:
        verdict = "entry not read"
    else:
        verdict = "right" if is_right(expected, found) else explain(expected, entry, found)
    file = expected.path.relative_to(folder).as_posix()
    return Compared(name, file, expected.entry, expected.name, str(expected.value), str(found), verdict)


def is_right(expected: Expected, found: str | datetime | None) -> bool:
    """Tell whether it is what was expected: a title without its markup, a link made absolute, a date to the second."""
    value = expected.value
    if isinstance(value, datetime):
        return isinstance(found, datetime) and abs((found - value).total_seconds()) < 1
    if expected.name == "link":
        return same_address(str(found), str(value)) or same_address(str(found), join_url(expected.url, str(value)))
    return found in (" ".join(str(value).split()), plain(str(value), between=""), plain(str(value), between=" "))


def same_address(a: str, b: str) -> bool:
    """Compare links as a server would see them: hosts without case, no path as "/"."""
    one, other = urlsplit(a), urlsplit(b)
    is_same_place = (one.netloc.lower(), one.path or "/") == (other.netloc.lower(), other.path or "/")
    return is_same_place and (one.scheme, one.query, one.fragment) == (other.scheme, other.query, other.fragment)


def plain(html: str, *, between: str) -> str:
    """Strip markup, by means other than those of the ingest."""
    text = re.sub(r"<script.*?</script>|<!--.*?-->|</?[a-zA-Z][^>]*>", between, html, flags=re.DOTALL)
    return " ".join(unescape(text).split())


def explain(expected: Expected, entry: Entry, found: object) -> str:
    """Name the cause of a difference that is not our fault, or say that there is none known."""
    value = expected.value
    text = unescape(decode_feed(expected.path.read_bytes()))
    if expected.name == "link" and str(value).startswith(FEEDBURNER) and f"origLink>{found}<" in text:
        return "explained: we prefer FeedBurner's original link to FeedBurner's own"
    if expected.name == "title" and "\ufffd" in str(value):
        return "explained: the expected title lost its accents in a wrong decoding"
    if expected.name == "title" and "<script>" in str(value):
        return "explained: broken markup in a title, of which no two parsers make the same"
    if expected.name == "updated" and entry.updated is None and value == entry.published:
        return "explained: where no update is stated, the other parser repeats the publication"
    if expected.name == "link" and 'uri="at:' in text and not found:
        return "explained: feedparser takes a link's uri attribute, here of another protocol, for its address"
    return f"unexplained {expected.name}"


# -- the report


def shares(compared: list[Compared]) -> dict[str, dict[str, float | int]]:
    """Give, for each set, the share of values that are right by name, and of entries whose title, link and date are."""
    result = {}
    for name in SETS:
        of_set = [each for each in compared if each.set == name]
        entries: dict[tuple[str, int], bool] = defaultdict(lambda: True)
        for each in of_set:
            if not each.name.startswith("updated"):
                entries[each.file, each.entry] &= each.verdict == "right"
        unexplained = sum(not each.verdict.startswith(("right", "explained")) for each in of_set)
        row: dict[str, float | int] = {"n_entries": len(entries), "entries": share(entries.values())}
        row["n_unexplained"] = unexplained
        for field in FIELDS:
            verdicts = [each.verdict == "right" for each in of_set if each.name.removesuffix("_raw") == field]
            row |= {f"n_{field}": len(verdicts), field: share(verdicts)}
        result[name] = row
    return result


def share(verdicts: Any) -> float:
    listed = list(verdicts)
    return round(sum(listed) / len(listed), 4) if listed else 1.0


def main() -> None:
    """Print the outcomes, the shares, and the differences by cause."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=DEFAULT)
    parser.add_argument("--json", action="store_true", help="for machines")
    parser.add_argument("--all", action="store_true", help="list every difference, not three of each cause")
    options = parser.parse_args()
    if not options.folder.is_dir():
        sys.exit(f"{options.folder}: no such folder; the real feeds are not part of this repository")
    warnings.simplefilter("error")
    outcomes, seconds = read_all(options.folder)
    compared = compare_all(options.folder)
    if options.json:
        wrong = [asdict(each) for each in compared if each.verdict != "right"]
        print(json.dumps({"outcomes": dict(sorted(outcomes.items())), "shares": shares(compared), "wrong": wrong}))
        return
    print(f"{sum(outcomes.values())} files in {seconds:.1f} s, none with an uncaught exception")
    for outcome, n in outcomes.most_common():
        print(f"  {n:5} {outcome}")
    print("\nRead as expected, of what is stated:")
    for name, row in shares(compared).items():
        fields = ", ".join(f"{field} {row[field]:.1%} of {row['n_' + field]}" for field in FIELDS if row[f"n_{field}"])
        print(f"  {name:<11} entries {row['entries']:.1%} of {row['n_entries']}: {fields}")
    unexplained = sum(row["n_unexplained"] for row in shares(compared).values())
    print(f"  {unexplained} differences without a known cause")
    print_differences(compared, n_shown=len(compared) if options.all else 3)


def print_differences(compared: list[Compared], *, n_shown: int) -> None:
    causes: dict[str, list[Compared]] = defaultdict(list)
    for each in compared:
        if each.verdict != "right":
            causes[f"{each.set}: {each.verdict}"].append(each)
    print("\nDifferences by cause:")
    for cause, differences in sorted(causes.items(), key=lambda item: (-len(item[1]), item[0])):
        print(f"  {len(differences):5} {cause}")
        for each in differences[:n_shown]:
            print(f"        {each.file} [{each.entry}] {each.name}: {each.expected[:100]!r}, not {each.found[:100]!r}")


if __name__ == "__main__":
    main()
