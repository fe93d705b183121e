"""Figures -> tables in Markdown, for the terminal and for docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from benchmarks.systems import EXCERPTS, NEAR_COPIES, OURS, PARTIAL

Figures = dict[str, Any]

GOOD_RECALL = 0.9  # a peer below it answers another question


def comparison(results: Figures) -> str:
    """Lay out time, memory, recall and precision, the quickest first; then what was not compared."""
    ours = results["systems"][NEAR_COPIES.name]
    head = ("system", "articles/s", "wall s", "x ours", "CPU s", "peak GB", "recall", "precision", "what it gives")
    systems = sorted(results["systems"].items(), key=lambda item: item[1].get("wall_s", float("inf")))
    rows = [comparison_row(name, one, ours.get("wall_s")) for name, one in systems]
    corpus = results["corpus"]
    among = f" among the first {corpus['n_counted']:,}" if corpus["n_counted"] < corpus["n_articles"] else ""
    counted = f"{corpus['n_near']:,} pairs with jaccard >= 0.7 by exact count{among}"
    lines = [f"{corpus['n_articles']:,} articles ({corpus['name']}), {counted}.", "", markdown(head, rows)]
    if absent := results.get("not_compared"):
        lines += ["", "Not compared: " + "; ".join(f"{name} ({why})" for name, why in absent.items()) + "."]
    return "\n".join([*lines, "", yardstick(results)])


def comparison_row(name: str, one: Figures, our_wall: float | None) -> list[str]:
    """Lay out one system."""
    if one["status"] != "ok":
        return [name, "", "", "", "", "", "", "", one["status"][:100]]
    low, high = one["wall_s_range"]
    spread = f" ({low:.2f}-{high:.2f})" if one["n_runs"] > 1 else ""
    return [
        name,
        f"{one['n_articles'] / one['wall_s']:,.0f}",
        f"{one['wall_s']:.2f}{spread}",
        f"{one['wall_s'] / our_wall:.1f}" if our_wall else "",
        f"{one['cpu_s']:.1f}",
        f"{one['peak_above_input_bytes'] / 1e9:.2f}",
        share(one.get("recall")),
        share(one.get("precision")),
        one["about"],
    ]


def yardstick(results: Figures) -> str:
    """State our bytes a second beside what one core copies and hashes."""
    stick = results["yardstick"]
    text = (
        f"The text is {stick['n_bytes'] / 1e6:,.0f} MB; one core copies it at {stick['memcpy_bytes_s'] / 1e9:.1f} GB/s"
    )
    text += f" and hashes it with xxh3 at {stick['xxh3_bytes_s'] / 1e9:.1f} GB/s."
    for system in OURS:
        one = results["systems"][system.name]
        if one["status"] == "ok":
            rate = stick["n_bytes"] / one["wall_s"]
            shares = f"{rate / stick['memcpy_bytes_s']:.2%} of memcpy, {rate / stick['xxh3_bytes_s']:.2%} of xxh3"
            text += f" {system.name}, from text to verified pairs: {rate / 1e6:,.0f} MB/s ({shares})."
    return text


def excerpts(results: Figures) -> str:
    """Lay out what our runs find of each kind of copy."""
    near_wall = results["systems"][NEAR_COPIES.name].get("wall_s")
    kinds = ("jaccard >= .7", "containment >= .5, jaccard < .5", "containment .2-.5, 100 words")
    head = ("run", "wall s", "x near copies", *kinds, "true among found", "largest error of a stated jaccard")
    rows = []
    for system in OURS:
        one = results["systems"][system.name]
        if one["status"] != "ok":
            rows.append([system.name, "", "", "", "", "", "", one["status"][:100]])
            continue
        ratio = f"{one['wall_s'] / near_wall:.2f}" if near_wall else ""
        found = [share(one.get(name)) for name in ("recall", "excerpt_recall", "partial_recall", "precision")]
        error = f"{one['largest_jaccard_error']:.1e}" if "largest_jaccard_error" in one else ""
        rows.append([system.name, f"{one['wall_s']:.2f}", ratio, *found, error])
    corpus = results["corpus"]
    counted = f"{corpus['n_excerpts']:,} pairs are excerpts, {corpus['n_partial_excerpts']:,} partial excerpts."
    return f"{counted}\n\n{markdown(head, rows)}"


def stress(results: Figures) -> str:
    """Lay out the two stress corpora."""
    head = ("run", "copies of one article", "largest cluster", "wall s", "pairs")
    rows = []
    for name, sizes in results["stress"]["copies"].items():
        for n, one in sizes.items():
            if one["status"] != "ok":
                rows.append([name, f"{int(n):,}", "", "", one["status"][:100]])
                continue
            size = f"{one['largest_cluster']:,}"
            rows.append([name, f"{int(n):,}", size, f"{one['wall_s']:.2f}", f"{one['n_pairs']:,}"])
    footer_head = ("run", "50,000 pages", "wall s", "pairs", "recall", "precision", "recall of excerpts")
    footer_rows = []
    for name, both in results["stress"]["footer"].items():
        for label, one in (("as they are", both["plain"]), ("one footer on each", both["footed"])):
            if one["status"] != "ok":
                footer_rows.append([name, label, "", "", "", "", one["status"][:100]])
                continue
            found = [share(one.get(key)) for key in ("recall", "precision", "excerpt_recall")]
            footer_rows.append([name, label, f"{one['wall_s']:.2f}", f"{one['n_found']:,}", *found])
    return markdown(head, rows) + "\n\n" + markdown(footer_head, footer_rows)


def scaling(results: Figures) -> str:
    """Lay out time and memory against size."""
    head = ("run", "articles", "wall s", "us an article", "peak GB above input", "peak GB in all", "exponent")
    rows = []
    for name, found in results["scaling"].items():
        for size, one in found["sizes"].items():
            if one["status"] != "ok":
                rows.append([name, f"{int(size):,}", "", "", "", "", one["status"][:100]])
                continue
            each = f"{one['wall_s'] / int(size) * 1e6:.1f}"
            memory = [f"{one[key] / 1e9:.2f}" for key in ("peak_above_input_bytes", "peak_bytes")]
            rows.append([name, f"{int(size):,}", f"{one['wall_s']:.2f}", each, *memory, ""])
        if found["exponent"] is not None:
            rows.append([name, "all", "", "", "", "", f"{found['exponent']:.3f}"])
    return markdown(head, rows)


def bars(results: Figures) -> str:
    """Lay out what we ask of ourselves, what was measured, and whether it is met."""
    rows = [[what, bar, measured, "yes" if is_met else "no"] for what, bar, measured, is_met in find_bars(results)]
    return markdown(("what", "bar", "measured", "met"), rows)


def find_bars(results: Figures) -> Iterable[tuple[str, str, str, bool]]:
    """Give each bar that these results can tell about."""
    if "systems" in results:
        yield from comparison_bars(results["systems"])
        yield from quality_bars(results["systems"])
    if "stress" in results:
        yield from stress_bars(results["stress"])
    if "scaling" in results:
        yield from scaling_bars(results["scaling"])


def comparison_bars(systems: Figures) -> Iterable[tuple[str, str, str, bool]]:
    """Time and memory beside the peers."""
    ours = systems[NEAR_COPIES.name]
    peers = {name: one for name, one in systems.items() if not name.startswith("dedup") and one["status"] == "ok"}
    if ours["status"] != "ok" or not peers:
        return
    good = {name: one for name, one in peers.items() if one.get("recall", 0.0) >= GOOD_RECALL}
    for what, chosen, bar in (("fastest peer with recall >= 0.9", good, 12.0), ("fastest peer", peers, 8.0)):
        if chosen:
            name = min(chosen, key=lambda key: float(chosen[key]["wall_s"]))
            ratio = chosen[name]["wall_s"] / ours["wall_s"]
            yield f"times faster than the {what}", f">= {bar:.0f}", f"{ratio:.1f} ({name})", ratio >= bar
    leanest = min(peers, key=lambda key: float(peers[key]["peak_above_input_bytes"]))
    ratio = ours["peak_above_input_bytes"] / max(1, peers[leanest]["peak_above_input_bytes"])
    yield "memory above the input, of the leanest peer's", "<= 0.5", f"{ratio:.2f} ({leanest})", ratio <= 0.5


def quality_bars(systems: Figures) -> Iterable[tuple[str, str, str, bool]]:
    """Recall, precision and the cost of finding excerpts."""
    near, excerpt, partial = (systems[system.name] for system in OURS)
    for what, one, key, bar in (
        ("recall, jaccard >= 0.7", near, "recall", 0.998),
        ("precision, jaccard >= 0.7", near, "precision", 1.0),
        ("recall, containment >= 0.5 at jaccard < 0.5", excerpt, "excerpt_recall", 0.99),
        ("recall, containment 0.2 to 0.5 of 100 words", partial, "partial_recall", 0.95),
    ):
        if key in one:
            yield what, f">= {bar}", f"{one[key]:.4f}", one[key] >= bar
    if near["status"] == "ok":
        for system, one in ((EXCERPTS, excerpt), (PARTIAL, partial)):
            if one["status"] == "ok":
                ratio = one["wall_s"] / near["wall_s"]
                yield f"time of {system.name}, of near copies alone", "<= 1.6", f"{ratio:.2f}", ratio <= 1.6


def stress_bars(found: Figures) -> Iterable[tuple[str, str, str, bool]]:
    """Nothing lost, nothing quadratic."""
    for name, sizes in found["copies"].items():
        for one in sizes.values():
            if one["status"] == "ok":
                size, n = one["largest_cluster"], one["n_copies"]
                yield f"{name}: copies of one article in one cluster", f"{n:,}", f"{size:,}", size == n
    for name, both in found["footer"].items():
        if both["plain"]["status"] == both["footed"]["status"] == "ok":
            ratio = both["footed"]["wall_s"] / both["plain"]["wall_s"]
            yield f"{name}: time with one footer on all pages", "<= 1.2", f"{ratio:.2f}", ratio <= 1.2
            for key in ("recall", "excerpt_recall"):
                if key in both["plain"]:
                    lost = both["plain"][key] - both["footed"][key]
                    what = f"{name}: {key.replace('_', ' ')} lost to the footer"
                    yield what, "<= 0.002", f"{lost:.4f}", lost <= 0.002


def scaling_bars(found: Figures) -> Iterable[tuple[str, str, str, bool]]:
    """Linear time, bounded memory."""
    for name, one in found.items():
        if one["exponent"] is not None:
            yield f"{name}: exponent of time against size", "<= 1.1", f"{one['exponent']:.3f}", one["exponent"] <= 1.1
        largest = one["sizes"].get("1000000", {})
        if largest.get("status") == "ok":
            peak = largest["peak_bytes"] / 1e9
            yield f"{name}: GB in all at 1,000,000 articles", "<= 6", f"{peak:.2f}", peak <= 6.0


def share(value: float | None) -> str:
    """Lay out a share of 1: four digits, since the bars lie beyond .99."""
    return "" if value is None else f"{value:.4f}"


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lay out a Markdown table with columns of even width; columns of numbers are set to the right."""
    lines = [list(head), *map(list, rows)]
    widths = [max(3, *(len(line[i]) for line in lines)) for i in range(len(head))]
    is_number = [0 < i < len(head) - 1 for i in range(len(head))]

    def join(cells: Sequence[str]) -> str:
        padded = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(cells, widths, is_number, strict=True)
        )
        return f"| {' | '.join(padded)} |"

    rule = [f"{'-' * (width - 1)}:" if right else "-" * width for width, right in zip(widths, is_number, strict=True)]
    return "\n".join([join(lines[0]), f"| {' | '.join(rule)} |", *(join(line) for line in lines[1:])])
