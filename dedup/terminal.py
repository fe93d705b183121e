"""What the terminal shows: tables, progress bars, and the same as JSON. The verbs are in `cli`."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from dedup.attribute import Translated
from dedup.evaluate import ClusterScore, CopyScore, Score
from dedup.furniture import Furniture
from dedup.ingest.discover import Found
from dedup.model import Alone, Article, Attribution, Clue, Cluster, Comparison, Duplicates, Match
from dedup.nightly import Night
from dedup.nightly.plan import Plan
from dedup.store import FeedRun, RunState, StoreCheck

_CLUES_SHOWN = 12  # of one origin; the rest is counted, and in the report
_CLUSTERS_SHOWN = 20  # of a table on a terminal; the rest is counted below it, and in the report


def show_json(value: Any) -> None:
    """Print a value as JSON on standard output."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)


@contextmanager
def progress_bars(*, shown: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar for each step on standard error; yields the function that moves them."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not shown, transient=True) as bars:
        tasks: dict[str, Any] = {}

        def move(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield move


def show_duplicates(duplicates: Duplicates, console: Console) -> None:
    """Print the clusters as a table, largest first, and the counts."""
    clusters = [cluster for cluster in duplicates.clusters if not cluster.is_revision]
    if clusters:
        kinds = {(match.a, match.b): match.kind for match in duplicates.matches}
        table = Table(title="Clusters of republished articles", title_justify="left")
        for heading in ("origin", "confidence", "title", "copies", "sources", "roots", "kinds"):
            table.add_column(
                heading, overflow="fold", justify="right" if heading in ("confidence", "copies", "roots") else "left"
            )
        for cluster in clusters[:_CLUSTERS_SHOWN]:
            members = [duplicates.articles[article_id] for article_id in cluster.articles]
            origin = duplicates.articles.get(cluster.attribution.origin or "", members[0])
            inside = set(cluster.articles)
            table.add_row(
                escape(origin_text(cluster.attribution, duplicates.articles)),
                _confidence(cluster.attribution),
                escape(shorten(origin.title or origin.text, 60)),
                str(len(members) - (cluster.attribution.origin in inside)),
                escape(printable(", ".join(sorted({member.source or member.id for member in members})))),
                str(cluster.independent_sources),
                ", ".join(sorted({kind for (a, b), kind in kinds.items() if a in inside and b in inside})),
            )
        console.print(table)
        if len(clusters) > _CLUSTERS_SHOWN:
            console.print(f"... and {len(clusters) - _CLUSTERS_SHOWN} more clusters")
    console.print(escape(repr(duplicates).strip("<>").removeprefix("Duplicates: ")))


def show_night(night: Night, console: Console) -> None:
    """Print what a night fetched, by outcome, what failed, and what was found."""
    table = Table(title="Feeds and entries by outcome", title_justify="left")
    table.add_column("what")
    table.add_column("outcome")
    table.add_column("count", justify="right")
    for what, counts in (("feeds", night.feeds), ("entries", night.entries)):
        for outcome, n in counts.items():
            table.add_row(what, escape(outcome), str(n))
    console.print(table)
    told = {"sketches": night.sketches, "clusters": night.clusters}
    for what, counts in told.items():
        if counts:
            console.print(f"{what}: {', '.join(f'{n} {name}' for name, n in counts.items())}")
    for problem in night.problems[:_CLUSTERS_SHOWN]:
        console.print(f"[yellow]{escape(printable(problem))}[/]")
    if len(night.problems) > _CLUSTERS_SHOWN:
        console.print(f"... and {len(night.problems) - _CLUSTERS_SHOWN} more problems")
    show_duplicates(night.duplicates, console)


def show_runs(runs: Sequence[RunState], console: Console) -> None:
    """Print the runs on a store."""
    table = Table(title="Runs", title_justify="left")
    for heading in ("run", "started", "finished", "feeds", "entries"):
        table.add_column(heading, justify="right" if heading == "run" else "left")
    for run in runs:
        counts = (
            ", ".join(f"{n} {name}" for name, n in sorted(run.counts.get(what, {}).items()))
            for what in ("feeds", "entries")
        )
        finished = run.finished[:19] or "cut off, or under way"
        table.add_row(str(run.id), run.started[:19], finished, *(escape(printable(count)) for count in counts))
    console.print(table)


def show_feed_runs(feeds: Sequence[FeedRun], console: Console) -> None:
    """Print what each feed did in one run."""
    table = Table(title="What each feed did", title_justify="left")
    for heading in ("feed", "outcome", "entries"):
        table.add_column(heading)
    for feed in feeds:
        entries = ", ".join(f"{n} {name}" for name, n in sorted(feed.entries.items()))
        outcome = f"{feed.outcome}: {feed.problem}" if feed.problem else feed.outcome
        table.add_row(escape(printable(feed.feed_url)), escape(shorten(outcome, 200)), escape(printable(entries)))
    console.print(table)


def show_check(check: StoreCheck, console: Console) -> None:
    """Print what a check of a store found."""
    counts = {name.removeprefix("n_"): n for name, n in asdict(check).items() if name.startswith("n_")}
    console.print(", ".join(f"{n:,} {name}" for name, n in counts.items()))
    for problem in check.problems:
        console.print(f"[red]{escape(printable(problem))}[/]")
    console.print("the store is damaged; put a backup in its place" if check.problems else "the store is whole")


def show_plan(plan: Plan, console: Console) -> None:
    """Print what a night would ask for."""
    table = Table(title="What would be asked for", title_justify="left")
    for name in ("feed", "what", "not before", "failures in a row"):
        table.add_column(name)
    for feed in plan.feeds:
        moved = f" -> {feed.asked_url}" if feed.asked_url != feed.url else ""
        table.add_row(
            escape(printable(feed.url + moved)), feed.action, feed.not_before[:16], str(feed.n_failures or "")
        )
    console.print(table)
    console.print(f"{plan.n_pending} entries of earlier nights are pending; nothing was fetched, nothing written")
    if plan.waiting_hosts:
        console.print(f"asked to be left alone: {escape(printable(', '.join(plan.waiting_hosts)))}")


def show_found_feeds(found: Sequence[Found], console: Console) -> None:
    """Print the feeds of a site."""
    table = Table(title=f"{len(found)} feeds", title_justify="left")
    for name in ("feed", "title", "kind", "entries"):
        table.add_column(name)
    for one in found:
        title = escape(printable(shorten(one.title, 60)))
        table.add_row(escape(printable(one.url)), title, escape(one.version), str(one.n_entries))
    console.print(table)


def show_comparison(comparison: Comparison, a: Article, b: Article, console: Console) -> None:
    """Print every number of one pair, and the shared passages."""
    verdict = f"{comparison.kind} match" if comparison.kind else "no match"
    if comparison.kind:
        verdict += f" ({comparison.relation}: {comparison.evidence.reason})"
    table = Table(title=f"{escape(a.id)}  /  {escape(b.id)}: {verdict}", title_justify="left", show_header=False)
    for name, value in asdict(comparison).items():
        if name not in ("passages", "a", "b", "kind", "evidence"):
            table.add_row(name, f"{value:.4f}" if isinstance(value, float) else str(value))
    for name, value in asdict(comparison.evidence).items():
        table.add_row(name, f"{value:.4f}" if isinstance(value, float) else escape(str(value)))
    reached = max(comparison.a_in_b, comparison.b_in_a)
    relation = "reaches" if reached >= comparison.threshold else "is below"
    words = f"containment {reached:.4f} {relation} the threshold {comparison.threshold:g}"
    if reached < comparison.threshold:
        words += f"; probability that one derives from the other {comparison.probability:.4f}"
    table.add_row("verdict", f"{words}: {verdict}")
    console.print(table)
    for number, passage in enumerate(comparison.passages, start=1):
        places = f"a {passage.a_start}-{passage.a_end}, b {passage.b_start}-{passage.b_end}"
        console.print(f"passage {number} ({places}): {escape(shorten(a.text[passage.a_start : passage.a_end], 200))}")


def show_statements(
    article: Article,
    credited: Sequence[Clue],
    inside: Mapping[str, str | None],
    translated: Translated | None,
    furniture: Sequence[Furniture],
    console: Console,
) -> None:
    """Print what an article tells by itself: whom it credits, from what it is translated, what is page furniture.

    `inside` gives, for each origin credited, the source of the corpus that it is, or None.
    """
    for clue in credited:
        source = inside.get(clue.points_to)
        place = f"in the corpus as {source}" if source else "not in the corpus"
        quote = escape(shorten(clue.quote, 100))
        target = escape(printable(clue.points_to))
        console.print(f"credits {target}, {escape(place)}: [italic]{quote}[/] ({clue.where})")
    if translated:
        marks = ", ".join(f"{clue.kind} ({shorten(clue.quote, 40)})" for clue in translated.clues)
        console.print(f"probably translated from {translated.name} ({translated.confidence:.0%}): {escape(marks)}")
    for piece in furniture:
        console.print(f"boilerplate, {piece.kind}: {escape(shorten(article.text[piece.start : piece.end], 80))}")


def show_matches(article: Article, matches: Sequence[Match], articles: Mapping[str, Article], console: Console) -> None:
    """Print where an article was published before."""
    for match in matches:
        other = articles[match.b if match.a == article.id else match.a]
        share = match.a_in_b if match.a == article.id else match.b_in_a
        date = other.published.date().isoformat() if other.published else "undated"
        name = shorten(other.title or other.text, 60)
        console.print(
            f"{match.kind}: {share:.0%} of it stands in {escape(name)} ({escape(other.url or other.id)}, {date})"
        )
    if not matches:
        console.print(f"not found among {len(articles)} articles" if articles else "no corpus to compare with")


def show_origins(
    duplicates: Duplicates,
    clusters: Sequence[Cluster],
    alone: Sequence[Alone],
    wanted: Collection[str],
    console: Console,
) -> None:
    """Print the sum of clues for each verdict, who copied from whom, and whence each passage is."""
    articles = duplicates.articles
    for cluster in clusters:
        _show_verdict(cluster.attribution, articles, console)
        for link in cluster.links:
            of = name_of(link.copied_from, articles)
            words = [f"{link.confidence:.0%}", *(["credited"] if link.is_credited else []), link.licence]
            said = ", ".join(word for word in words if word)
            console.print(f"{escape(name_of(link.copy, articles))} <- {escape(of)} ({said})")
        console.print(f"independent sources: {cluster.independent_sources}")
    for one in alone:
        console.print(f"{escape(name_of(one.article, articles))} matches no other article, but is not original:")
        _show_verdict(one.attribution, articles, console)
    for part in duplicates.stitched:
        if part.article in wanted:
            text = shorten(articles[part.article].text[part.start : part.end], 60)
            origin = name_of(part.origin, articles) if part.origin else "unknown"
            console.print(f"characters {part.start}-{part.end} from {escape(origin)}: {escape(text)}")
    if not clusters and not alone:
        console.print("no cluster holds it: nothing is said of its origin")


def _show_verdict(attribution: Attribution, articles: Mapping[str, Article], console: Console) -> None:
    origin = origin_text(attribution, articles)
    confidence = f", {_confidence(attribution)} confidence" if attribution.origin else ""
    table = Table(title=f"Origin: {escape(origin)}{confidence}", title_justify="left")
    for heading in ("clue", "in", "what was read", "weight", "adds"):
        table.add_column(heading, overflow="fold", justify="right" if heading in ("weight", "adds") else "left")
    sums = [(attribution.origin, attribution.confidence, attribution.clues)] if attribution.origin else []
    sums += [(one.origin, one.confidence, one.clues) for one in attribution.alternatives]
    for candidate, sure, clues in sums:
        table.add_row(f"[bold]for {escape(name_of(candidate, articles))}[/]", "", "", "", "")
        for clue in clues[:_CLUES_SHOWN]:
            where = articles[clue.article].source or clue.article if clue.article in articles else clue.article
            table.add_row(
                escape(clue.kind),
                escape(printable(where)),
                escape(shorten(clue.quote or clue.where, 60)),
                f"{clue.weight:.2f}",
                f"{clue.counted:.2f}",
            )
        if len(clues) > _CLUES_SHOWN:
            table.add_row(f"{len(clues) - _CLUES_SHOWN} more", "", "", "", "")
        total = sum(clue.counted for clue in clues)
        table.add_row("[bold]log-odds[/]", "", f"confidence {sure:.0%}", "", f"[bold]{total:.2f}[/]")
        table.add_section()
    console.print(table)
    for sentence in attribution.contradictions:
        console.print(f"against it: {escape(printable(sentence))}")


def name_of(origin: str, articles: Mapping[str, Article]) -> str:
    """Name an article by its source and id, anything else as it is."""
    article = articles.get(origin)
    if article is None:
        return printable(origin)
    return printable(f"{article.source} ({origin})" if article.source else origin)


def show_scores(pairs: Mapping[str, Score], clusters: ClusterScore | None, console: Console) -> None:
    """Print how many labels of each kind are met, and which are not."""
    if pairs:
        table = Table(title="Labelled pairs", title_justify="left")
        for heading in ("label", "pairs", "met", "share", "95 % interval"):
            table.add_column(heading, justify="left" if heading == "label" else "right")
        for label, score in pairs.items():
            low, high = score.interval
            table.add_row(label, str(score.n), str(score.n_met), f"{score.share:.3f}", f"{low:.3f} to {high:.3f}")
        console.print(table)
        for score in pairs.values():
            for missed in score.missed:
                console.print(f"missed: {missed.label}: {escape(missed.a)} / {escape(missed.b)} {escape(missed.why)}")
    if clusters:
        table = Table(title="Clusters", title_justify="left", show_header=False)
        for name, value in {**asdict(clusters), "pair_f1": clusters.pair_f1, "bcubed_f1": clusters.bcubed_f1}.items():
            table.add_row(name, f"{value:.4f}")
        console.print(table)


def show_copy_scores(copies: Mapping[str, Mapping[str, CopyScore]], console: Console) -> None:
    """Print precision, recall and F1 of the verdict "copy", by grouping and group."""
    if not copies:
        return
    table = Table(title="The verdict copy: share and 95 % interval", title_justify="left")
    for heading in ("by", "group", "precision", "recall", "F1"):
        table.add_column(heading, justify="left" if heading in ("by", "group") else "right")
    for grouping, scores in copies.items():
        for name, score in scores.items():
            table.add_row(
                grouping,
                escape(name),
                _share_text(score.precision),
                _share_text(score.recall),
                f"{score.f1:.3f} ({score.f1_interval[0]:.3f} to {score.f1_interval[1]:.3f})",
            )
    console.print(table)


def _share_text(score: Score) -> str:
    if not score.n:
        return "none"
    low, high = score.interval
    return f"{score.n_met}/{score.n} = {score.share:.3f} ({low:.3f} to {high:.3f})"


def _confidence(attribution: Attribution) -> str:
    """Give a confidence as percent; what is not certain is never shown as 100 %."""
    if attribution.origin is None:
        return ""
    return ">99%" if attribution.confidence > 0.99 else f"{attribution.confidence:.0%}"


def origin_text(attribution: Attribution, articles: Mapping[str, Article]) -> str:
    """Name an origin for a reader: its source, "dpa (agency, not in the corpus)" or "unknown"."""
    if attribution.origin is None:
        return "unknown"
    if attribution.origin in articles:
        article = articles[attribution.origin]
        return printable(article.source or article.id)
    kind, _, name = attribution.origin.partition(":")
    return printable(f"{name} ({kind}, not in the corpus)")


def shorten(text: str, n_chars: int) -> str:
    """Put a text on one line of at most `n_chars` characters."""
    line = printable(" ".join(text.split()))
    return line if len(line) <= n_chars else line[: n_chars - 1] + "…"


def printable(text: str) -> str:
    """Take control characters out of a hostile text: a terminal would obey them."""
    return "".join(char if char.isprintable() else " " for char in text)
