"""The verbs, each a short call into the rooms below.

Exit codes: 0 done; 1 done, but not all of it (a feed failed, a label is not met); 2 not done, and one line says why;
3 not done, as another run is at work on the store.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import IO, Any, NoReturn

import click
from rich.console import Console

from dedup import __version__, terminal
from dedup.checked import check_article
from dedup.errors import CorpusError, DedupError, StoreLockedError
from dedup.evaluate import read_pair_labels, score_clusters, score_copies, score_copies_by, score_pairs
from dedup.ingest.discover import discover_feeds
from dedup.ingest.opml import FeedRef, read_feed_list, write_opml
from dedup.ingest.pages import read_page
from dedup.ingest.urls import article_id, is_web_url, source_of
from dedup.model import Article, Duplicates
from dedup.nightly import Journal, fetcher_of, find_in_store, index_of_store, run_night, write_report
from dedup.nightly.plan import plan_night
from dedup.pipeline import Index, find_duplicates
from dedup.report import writer_for
from dedup.settings import Settings, load_settings
from dedup.store import (
    Removed,
    Store,
    back_up,
    check_store,
    erase_source,
    feeds_of_run,
    locked,
    prune,
    runs,
)

_DONE, _IN_PART, _FAILED, _LOCKED = 0, 1, 2, 3
_CODES = {"done": _DONE, "in part": _IN_PART}
_SHORTEST_TOKEN = 16  # characters; `openssl rand -hex 16` gives 32


class _Verbs(click.Group):
    """Turns our errors into one line and exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except StoreLockedError as error:
            _fail(str(error), _LOCKED)
        except DedupError as error:
            _fail(str(error))
        except BrokenPipeError:
            sys.stderr.close()  # the reader of our output went away; Python would complain once more at exit
            ctx.exit(_IN_PART)
        except OSError as error:  # a full disk, a folder that cannot be written
            _fail(f"{error.filename or 'a file'}: {error.strerror or error}")


def _fail(message: str, code: int = _FAILED) -> NoReturn:
    click.echo(f"dedup: {terminal.shorten(message, 1000)}", err=True)
    sys.exit(code)


_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
_settings = click.option(
    "--settings", "settings_path", type=click.Path(path_type=Path, dir_okay=False), help="A TOML file of settings."
)
_threshold = click.option(
    "-t", "--threshold", type=float, help="Share of the shorter article that must lie in the other, in (0, 1]."
)
_translated = click.option(
    "--translated/--no-translated",
    "translated",
    default=None,
    help="Look for copies across languages, too, or do not; by default they are looked for.",
)
_skip_bad_rows = click.option("--skip-bad-rows", is_flag=True, help="Count bad rows instead of stopping at the first.")
_allow_private = click.option("--allow-private", is_flag=True, help="Fetch from private and loopback addresses, too.")
_connect_to = click.option(
    "--connect-to",
    multiple=True,
    metavar="HOST=ADDRESS:PORT",
    help='Connect to this address for a host or pattern, such as "*.example=127.0.0.1:8000".',
)
_host_delay = click.option("--host-delay", type=float, help="Seconds between two requests to one host.")
_store = click.option("--store", "store_path", type=click.Path(path_type=Path, dir_okay=False), help="The store.")


def _store_at(help_text: str, *, exists: bool = False) -> Callable[[Any], Any]:
    return click.option(
        "--store",
        "store_path",
        type=click.Path(path_type=Path, dir_okay=False, exists=exists),
        default=Path("news.db"),
        show_default=True,
        help=help_text,
    )


def _report_at(help_text: str) -> Callable[[Any], Any]:
    return click.option(
        "--report",
        "report_dir",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path("report"),
        show_default=True,
        help=help_text,
    )


def _read_size(context: click.Context, parameter: click.Parameter, value: str | None) -> int | None:
    if value is None:
        return None
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kMGT]?)B?\s*", value)
    if not found:
        raise click.BadParameter(f"{value!r} is no size; it must be a number of bytes, MB or GB, such as 4GB")
    size = float(found[1]) * 1000.0 ** " kMGT".index(found[2] or " ")
    return round(size)


_store_here = _store_at("The store.")
_output = click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="The OPML file to write."
)
_corpus = click.option("--corpus", type=click.Path(path_type=Path), help="A file or folder of articles.")


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dedup")
def main() -> None:
    """Find who republished an article, how much of it, and who had it first."""


@main.command()
@click.argument("corpus", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Write .html, .jsonl, .csv or .parquet, or a folder of pages; may be given several times.",
)
@click.option(
    "--engine",
    default="local",
    show_default=True,
    metavar="local|spark[:MASTER]",
    help="Where the work is done: here, or on Apache Spark (spark, spark:local[2], spark:spark://host:7077).",
)
@click.option(
    "--memory-limit",
    metavar="SIZE",
    callback=_read_size,
    help="Keep the corpus on disk and take no more memory than this: 4GB, 1500MB.",
)
@click.option(
    "--spill-dir",
    metavar="FOLDER",
    help="Where, under a limit; a run that was cut off goes on there. Default: a temporary folder.",
)
@_threshold
@_translated
@_settings
@_skip_bad_rows
@_as_json
def find(
    corpus: Path,
    outputs: tuple[Path, ...],
    engine: str,
    memory_limit: int | None,
    spill_dir: str | None,
    threshold: float | None,
    translated: bool | None,
    settings_path: Path | None,
    skip_bad_rows: bool,
    as_json: bool,
) -> None:
    """Find the copies in CORPUS, a file or a folder of articles."""
    writers = [writer_for(path) for path in outputs]
    find_all = _engine_for(engine)
    with terminal.progress_bars(shown=not as_json) as progress:
        duplicates = find_all(
            corpus,
            settings=_read_settings(
                settings_path,
                threshold=threshold,
                translated=translated,
                memory_limit=memory_limit,
                spill_dir=spill_dir,
            ),
            on_error="skip" if skip_bad_rows else "raise",
            progress=progress,
        )
    written = [write(duplicates, path) for write, path in zip(writers, outputs, strict=True)]
    if as_json:
        terminal.show_json(_summary(duplicates))
        return
    terminal.show_duplicates(duplicates, Console())
    for path in written:
        click.echo(str(path))


def _engine_for(engine: str) -> Callable[..., Duplicates]:
    name, _, master = engine.partition(":")
    if engine == "local":
        return find_duplicates
    if name != "spark" or engine == "spark:":
        raise click.BadParameter(
            f"{engine!r} is no engine; it must be local, spark or spark:MASTER", param_hint="--engine"
        )
    from dedup import distributed

    return partial(distributed.find_duplicates, master=master or distributed.LOCAL)


@main.command()
@click.argument("feeds")
@_store_at("What is remembered from night to night.")
@_report_at("Folder of the report.")
@_threshold
@_translated
@_settings
@_allow_private
@_connect_to
@_host_delay
@click.option(
    "--only", multiple=True, metavar="TEXT", help="Fetch only feeds whose URL or title holds this; several times: any."
)
@click.option(
    "--since", metavar="DATE", help="Set aside entries that are dated before this: 2026-11-20, or 3d for three days."
)
@click.option("--log", "log_path", metavar="FILE", help="Append each event as a JSON line; - for standard error.")
@click.option("--dry-run", is_flag=True, help="Show what would be asked for; fetch and write nothing.")
@_as_json
def nightly(
    feeds: str,
    store_path: Path,
    report_dir: Path,
    threshold: float | None,
    translated: bool | None,
    settings_path: Path | None,
    allow_private: bool,
    connect_to: tuple[str, ...],
    host_delay: float | None,
    only: tuple[str, ...],
    since: str | None,
    log_path: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Fetch FEEDS (an OPML file, a list of URLs, or one feed's URL), store what is new, and report the copies."""
    settings = _read_settings(
        settings_path,
        threshold=threshold,
        translated=translated,
        allow_private=allow_private or None,
        connect_to=_read_connect_to(connect_to) or None,
        host_delay_s=host_delay,
    )
    refs = _read_feeds(feeds)
    now = datetime.now(UTC)
    if dry_run:
        with Store(store_path if store_path.exists() else ":memory:") as store:
            plan = plan_night(refs, store, now=now, settings=settings)
        if as_json:
            terminal.show_json(asdict(plan))
        else:
            terminal.show_plan(plan, Console())
        return
    earliest = _read_moment(since, now) if since else None
    with (
        locked(store_path),
        Store(store_path) as store,
        _open_log(log_path) as log,
        terminal.progress_bars(shown=not as_json) as progress,
    ):
        night = run_night(
            refs,
            store,
            now=now,
            settings=settings,
            report_dir=report_dir,
            progress=progress,
            journal=Journal(log),
            only=only,
            since=earliest,
        )
    if as_json:
        terminal.show_json(
            {
                "feeds": night.feeds,
                "entries": night.entries,
                "problems": night.problems,
                "report": night.report,
                "sketches": night.sketches,
                "cluster_events": night.clusters,
                "severity": night.severity,
                **_summary(night.duplicates),
            }
        )
    else:
        terminal.show_night(night, Console())
        click.echo(f"report: {night.report}")
    sys.exit(_CODES[night.severity])


@main.command("runs")
@_store_here
@click.option("--run", "number", type=int, help="Show what each feed did in this run.")
@click.option("--last", type=click.IntRange(min=1), default=30, show_default=True, help="How many runs.")
@_as_json
def runs_(store_path: Path, number: int | None, last: int, as_json: bool) -> None:
    """Show the runs on a store, newest first, or what each feed did in one of them."""
    with Store(_existing(store_path), read_only=True) as store:
        listed = runs(store, last=last)
        feeds = feeds_of_run(store, number) if number is not None else []
    if number is not None and not feeds:
        _fail(f"--run is {number}; the store knows of no such run, or it was cut off before its end")
    if as_json:
        terminal.show_json({"feeds": list(map(asdict, feeds))} if feeds else {"runs": list(map(asdict, listed))})
    elif feeds:
        terminal.show_feed_runs(feeds, Console())
    else:
        terminal.show_runs(listed, Console())


@main.group("store", cls=_Verbs)
def store_() -> None:
    """Look after a store: check it, back it up, remove what is old or unwanted."""


@store_.command("check")
@_store_here
@_as_json
def check_whole(store_path: Path, as_json: bool) -> None:
    """Read all of the store and tell whether it is whole."""
    with Store(_existing(store_path)) as store:
        found = check_store(store)
    if as_json:
        terminal.show_json(asdict(found))
    else:
        terminal.show_check(found, Console())
    sys.exit(_FAILED if found.problems else _DONE)


@store_.command()
@click.argument("to", type=click.Path(path_type=Path, dir_okay=False))
@_store_here
def backup(to: Path, store_path: Path) -> None:
    """Copy the store to the file TO, also while a run is at work."""
    with Store(_existing(store_path)) as store:
        click.echo(str(back_up(store, to)))


@store_.command("prune")
@click.option("--keep", required=True, metavar="DAYS", help="How long what no feed carries any more is kept, as 90d.")
@_store_here
@_as_json
def prune_(keep: str, store_path: Path, as_json: bool) -> None:
    """Remove articles that no feed has carried for so long, with their revisions and entries."""
    before = datetime.now(UTC) - _read_days(keep, "--keep")
    with locked(_existing(store_path)), Store(store_path) as store:
        removed = prune(store, before=before)
    _show_removed(removed, as_json)


@store_.command()
@click.option("--source", required=True, help="The source, as reports show it.")
@_report_at("Folder of the report; if it is there, the report is written anew.")
@_store_here
@_settings
@_as_json
def erase(source: str, report_dir: Path, store_path: Path, settings_path: Path | None, as_json: bool) -> None:
    """Remove all that a source published: articles, revisions, sketches, verdicts, entries; then from the report."""
    settings = _read_settings(settings_path)
    with locked(_existing(store_path)), Store(store_path) as store:
        removed = erase_source(store, source)
        if report_dir.is_dir():
            write_report(find_in_store(store, settings=settings), report_dir, settings=settings)
    _show_removed(removed, as_json)


def _show_removed(removed: Removed, as_json: bool) -> None:
    if as_json:
        terminal.show_json(asdict(removed))
    else:
        what = (f"{n} {name.removeprefix('n_')}" for name, n in asdict(removed).items())
        click.echo(f"removed: {', '.join(what)}")


def _existing(path: Path) -> Path:
    if not path.exists():
        _fail(f"{path}: no such store")
    return path


def _read_days(text: str, name: str) -> timedelta:
    number = text.strip().removesuffix("d")
    if not (number.isdecimal() and 0 < int(number) < 100_000):
        _fail(f"{name} is {text!r}; it must be a number of days, such as 90d")
    return timedelta(days=int(number))


def _read_moment(text: str, now: datetime) -> datetime:
    """Read a date, a moment or a number of days before now."""
    if text.endswith("d") and text[:-1].isdecimal():
        return now - _read_days(text, "--since")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        _fail(f"--since is {text!r}; it must be a date such as 2026-11-20, or a number of days such as 3d")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@contextmanager
def _open_log(path: str | None) -> Iterator[IO[str] | None]:
    if path == "-":
        yield sys.stderr
    elif path:
        with Path(path).open("a", encoding="ascii") as stream:
            yield stream
    else:
        yield None


@main.group()
def feeds() -> None:
    """Find the feeds of a site; read, merge and write lists of feeds."""


@feeds.command("find")
@click.argument("url")
@_output
@_settings
@_allow_private
@_connect_to
@_as_json
def find_feeds(
    url: str,
    output: Path | None,
    settings_path: Path | None,
    allow_private: bool,
    connect_to: tuple[str, ...],
    as_json: bool,
) -> None:
    """Find the feeds that the site of URL names or keeps at the usual places, and its news sitemaps."""
    if not is_web_url(url):
        _fail(f"{url}: is no http or https URL with a host")
    settings = _read_settings(
        settings_path, allow_private=allow_private or None, connect_to=_read_connect_to(connect_to) or None
    )
    with fetcher_of(settings) as fetcher:
        found = discover_feeds(url, fetcher.get, max_entries=settings.max_entries)
    if as_json:
        terminal.show_json([asdict(one) for one in found])
    elif not output:
        terminal.show_found_feeds(found, Console())
    if output:
        _write_opml([FeedRef(url=one.url, title=one.title, home_url=url) for one in found], output)
    sys.exit(_DONE if found else _IN_PART)


@feeds.command("import")
@click.argument("lists", nargs=-1, required=True)
@_output
def import_feeds(lists: tuple[str, ...], output: Path | None) -> None:
    """Read LISTS (OPML files, or text with one URL a line) and write them as one OPML list, each feed once."""
    refs = [ref for name in lists for ref in _read_feeds(name)]
    merged = read_feed_list(write_opml(refs))
    _write_opml(merged.refs, output)


@feeds.command("export")
@_store_at("The store that knows the feeds.", exists=True)
@_output
def export_feeds(store_path: Path, output: Path | None) -> None:
    """Write the feeds of a store as OPML: where they moved to, and what they call themselves."""
    with Store(store_path) as store:
        refs = [FeedRef(url=state.current_url or state.url, title=state.title) for state in store.feeds()]
    _write_opml(refs, output)


def _write_opml(refs: Sequence[FeedRef], output: Path | None) -> None:
    body = write_opml(refs, title="feeds")
    if output is None:
        click.echo(body, nl=False)
        return
    try:
        output.write_bytes(body)
    except OSError as error:
        _fail(f"{output}: cannot be written: {error.strerror or error}")
    click.echo(f"{output}: {len(refs)} feeds")


@main.command()
@_store_at("The store to report on.", exists=True)
@_report_at("Folder of the report.")
@_threshold
@_translated
@_settings
@_as_json
def report(
    store_path: Path,
    report_dir: Path,
    threshold: float | None,
    translated: bool | None,
    settings_path: Path | None,
    as_json: bool,
) -> None:
    """Write the report on what is in the store; nothing is fetched."""
    settings = _read_settings(settings_path, threshold=threshold, translated=translated)
    with Store(store_path) as store, terminal.progress_bars(shown=not as_json) as progress:
        duplicates = find_in_store(store, settings=settings, progress=progress)
    page = write_report(duplicates, report_dir, settings=settings)
    if as_json:
        terminal.show_json({"report": page, **_summary(duplicates)})
        return
    terminal.show_duplicates(duplicates, Console())
    click.echo(f"report: {page}")


@main.command()
@click.argument("a")
@click.argument("b", required=False)
@_store
@_corpus
@_threshold
@_settings
@_as_json
def explain(
    a: str,
    b: str | None,
    store_path: Path | None,
    corpus: Path | None,
    threshold: float | None,
    settings_path: Path | None,
    as_json: bool,
) -> None:
    """Show every number of the pair A, B, also when it is no match, and the sum of clues for its origin.

    A and B are ids of a store or corpus, or files. With A alone: who had it first, and why.
    """
    index = _index_of(store_path, corpus, _read_settings(settings_path, threshold=threshold))
    for name in (a, b) if b else (a,):
        if name not in index and _is_file(name):
            index.add([replace(_read_subject(name, Settings()), id=name)])
        if name not in index:
            _fail(f"{name}: no article of this id in the store or corpus, and no such file")
    comparison = index.compare(a, b) if b else None
    duplicates = index.duplicates()
    wanted = {a, b or a}
    clusters = [cluster for cluster in duplicates.clusters if wanted <= set(cluster.articles)]
    alone = [one for one in duplicates.alone if one.article in wanted]
    if as_json:
        terminal.show_json(
            {
                **(asdict(comparison) if comparison else {}),
                "clusters": [{**asdict(c), "independent_sources": c.independent_sources} for c in clusters],
                "alone": [asdict(one) for one in alone],
                "passages_from": [asdict(part) for part in duplicates.stitched if part.article in wanted],
            }
        )
        return
    console = Console()
    if comparison:
        terminal.show_comparison(comparison, index.article(comparison.a), index.article(comparison.b), console)
    terminal.show_origins(duplicates, clusters, alone, wanted, console)


@main.command()
@click.argument("subject")
@_store
@_corpus
@_threshold
@_settings
@_allow_private
@_connect_to
@_as_json
def check(
    subject: str,
    store_path: Path | None,
    corpus: Path | None,
    threshold: float | None,
    settings_path: Path | None,
    allow_private: bool,
    connect_to: tuple[str, ...],
    as_json: bool,
) -> None:
    """Tell whether SUBJECT (a text, a file or a URL; - for standard input) has been published before."""
    settings = _read_settings(
        settings_path,
        threshold=threshold,
        allow_private=allow_private or None,
        connect_to=_read_connect_to(connect_to) or None,
    )
    article = _read_subject(subject, settings)
    index = _index_of(store_path, corpus, settings)
    checked = check_article(article, index)
    if as_json:
        terminal.show_json(
            {
                "credits": [{**asdict(clue), "in_corpus": checked.inside[clue.points_to]} for clue in checked.credits],
                "translated_from": asdict(checked.translated_from) if checked.translated_from else None,
                "boilerplate": [asdict(piece) for piece in checked.furniture],
                "matches": [asdict(match) for match in checked.matches],
                "compared_with": len(index),
            }
        )
        return
    console = Console()
    terminal.show_statements(
        article, checked.credits, checked.inside, checked.translated_from, checked.furniture, console
    )
    terminal.show_matches(article, checked.matches, checked.others, console)


@main.command()
@_store_at("The store to show; it is never written to.", exists=True)
@_corpus
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8765,
    show_default=True,
    help="Port to listen on; 0 takes a free one.",
)
@click.option(
    "--token", envvar="DEDUP_TOKEN", default="", help="What every request must bring; needed beyond loopback."
)
@click.option("--allow-host", multiple=True, metavar="NAME", help="Answer for this name, too.")
@_threshold
@_translated
@_settings
@_allow_private
@_connect_to
def serve(
    store_path: Path,
    corpus: Path | None,
    host: str,
    port: int,
    token: str,
    allow_host: tuple[str, ...],
    threshold: float | None,
    translated: bool | None,
    settings_path: Path | None,
    allow_private: bool,
    connect_to: tuple[str, ...],
) -> None:
    """Show the store in a browser: the report, search, check of a text or URL, and a JSON API.

    It reads only. A change of the store is seen at the next request.
    """
    if not _is_loopback(host) and len(token) < _SHORTEST_TOKEN:
        _fail(f"--host is {host!r}, beyond loopback; a --token of at least {_SHORTEST_TOKEN} characters is needed")
    try:
        from dedup.serve import Library, make_app, run
    except ModuleNotFoundError as error:
        _fail(f"dedup serve needs {error.name}: pip install 'dedup[serve]'")
    settings = _read_settings(
        settings_path,
        threshold=threshold,
        translated=translated,
        allow_private=allow_private or None,
        connect_to=_read_connect_to(connect_to) or None,
    )
    library = Library(
        load=lambda: _read_index(store_path, corpus, settings), stamp=lambda: _stamp_of(corpus or store_path)
    )
    shelf = library.shelf()
    terminal.show_duplicates(shelf.duplicates, Console())
    hosts = (*allow_host, *(() if _is_any_address(host) else (_bracketed(host),)))
    app = make_app(library, lambda url: _read_subject(url, settings), hosts=hosts, token=token)
    run(
        app,
        host=host,
        port=port,
        announce=lambda port: click.echo(f"serving: http://{_bracketed(host)}:{port}/"),
    )


@main.command()
@click.argument("labelled", type=click.Path(path_type=Path, exists=True))
@_threshold
@_translated
@_settings
@_as_json
def evaluate(
    labelled: Path, threshold: float | None, translated: bool | None, settings_path: Path | None, as_json: bool
) -> None:
    """Score what is found in LABELLED.

    LABELLED is a folder with articles.jsonl and labels.jsonl, or a corpus with a column named cluster.
    """
    settings = _read_settings(settings_path, threshold=threshold, translated=translated)
    corpus = labelled / "articles.jsonl" if labelled.is_dir() else labelled
    with terminal.progress_bars(shown=not as_json) as progress:
        duplicates = find_duplicates(corpus, settings=settings, progress=progress)
    labels = read_pair_labels(labelled / "labels.jsonl") if labelled.is_dir() else ()
    gold = {a.id: str(a.metadata["cluster"]) for a in duplicates.articles.values() if "cluster" in a.metadata}
    if not labels and not gold:
        raise CorpusError(
            f"{labelled}: no labels; it must have a labels.jsonl beside articles.jsonl, or a column cluster"
        )
    for key in (key for label in labels for key in (label.a, label.b)):
        if key not in duplicates.articles:
            raise CorpusError(f"{labelled}: a label names {key!r}, which is no article of the corpus")
    pairs = score_pairs(duplicates, labels)
    clusters = score_clusters(duplicates.clusters, gold) if gold else None
    copies = {"all": {"all": score_copies(duplicates, labels)}} if labels else {}
    for grouping in ("kind", "language", "length"):
        if labels:
            copies[grouping] = score_copies_by(duplicates, labels, grouping)
    if as_json:
        terminal.show_json(
            {
                "pairs": {label: {**asdict(score), "share": score.share} for label, score in pairs.items()},
                "copies": {
                    grouping: {name: {**asdict(score), "f1": score.f1} for name, score in scores.items()}
                    for grouping, scores in copies.items()
                },
                "clusters": asdict(clusters) if clusters else None,
            }
        )
    else:
        terminal.show_scores(pairs, clusters, Console())
        terminal.show_copy_scores(copies, Console())
    sys.exit(_IN_PART if any(score.missed for score in pairs.values()) else _DONE)


def _read_settings(path: Path | None, **overrides: Any) -> Settings:
    given = {name: value for name, value in overrides.items() if value is not None}
    return load_settings(path, **given) if path else Settings(**given)


def _read_connect_to(pairs: tuple[str, ...]) -> dict[str, str]:
    addresses = {}
    for pair in pairs:
        host, equals, address = pair.partition("=")
        if not (host and equals and ":" in address):
            _fail(f"--connect-to is {pair!r}; it must be HOST=ADDRESS:PORT")
        addresses[host] = address
    return addresses


def _read_feeds(feeds: str) -> tuple[FeedRef, ...]:
    if is_web_url(feeds):
        return (FeedRef(url=feeds),)
    try:
        body = Path(feeds).read_bytes()
    except OSError as error:
        raise CorpusError(f"{feeds}: cannot be read as a list of feeds: {error.strerror or error}") from error
    listed = read_feed_list(body)
    for problem in listed.problems:
        click.echo(f"dedup: set aside: {terminal.shorten(problem, 300)}", err=True)
    if not listed.refs:
        raise CorpusError(f"{feeds}: names no feed; it must be an OPML file or a list of URLs, one a line")
    return listed.refs


def _index_of(store_path: Path | None, corpus: Path | None, settings: Settings) -> Index:
    """Index a store or a corpus; an empty index where neither is given."""
    if store_path and not store_path.exists():
        _fail(f"{store_path}: no such store")
    if store_path:
        with Store(store_path) as store:
            index = index_of_store(store, settings=settings)
    else:
        index = Index(settings)
    if corpus:
        index.add(corpus, on_error="skip")
    return index


def _read_index(store_path: Path, corpus: Path | None, settings: Settings) -> Index:
    """Index a corpus, or a store that is not written to."""
    if corpus:
        return _index_of(None, corpus, settings)
    with Store(store_path, read_only=True) as store:
        return index_of_store(store, settings=settings)


def _stamp_of(path: Path) -> tuple[tuple[int, int], ...]:
    """Tell when a store or corpus was last written to, and how large it is."""
    written = (path, path.with_name(path.name + "-wal"))
    return tuple((one.stat().st_mtime_ns, one.stat().st_size) for one in written if one.exists() and one.stat().st_size)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _is_any_address(host: str) -> bool:
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return False


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _read_subject(subject: str, settings: Settings) -> Article:
    """Read the article that a text, a file, a URL or standard input holds."""
    if is_web_url(subject):
        with fetcher_of(settings) as fetcher:
            response = fetcher.get(subject)
        return _read_page(response.body, response.final_url, response.content_type)
    if subject != "-" and _is_file(subject):
        body = Path(subject).read_bytes()
        if Path(subject).suffix.lower() in (".html", ".htm"):
            return _read_page(body, "", "")
        subject = body.decode("utf-8-sig", errors="replace")
    elif subject == "-":
        subject = sys.stdin.buffer.read().decode("utf-8-sig", errors="replace")
    if not subject.strip():
        raise CorpusError("the text to check is empty; it must hold words")
    return Article(id="(checked)", text=subject)


def _is_file(subject: str) -> bool:
    """Tell whether a text is the name of a file; most texts are too long for one, or hold what no name may."""
    try:
        return Path(subject).is_file()
    except (OSError, ValueError):
        return False


def _read_page(body: bytes, url: str, content_type: str) -> Article:
    page = read_page(body, url=url, content_type=content_type)
    return Article(
        id=article_id(url) if url else "(checked)",
        text=page.text,
        title=page.title,
        url=url,
        source=source_of(url),
        byline=page.byline,
        published=page.published,
        published_raw=page.published_raw,
        language=page.language,
        text_origin="page",
        final_url=url,
        canonical_url=page.canonical_url,
        og_url=page.og_url,
        provenance=page.provenance,
    )


def _summary(duplicates: Duplicates) -> dict[str, Any]:
    return {
        "articles": len(duplicates.articles),
        "clusters": [
            {**asdict(cluster), "independent_sources": cluster.independent_sources} for cluster in duplicates.clusters
        ],
        "alone": [asdict(one) for one in duplicates.alone],
        "stitched": [asdict(part) for part in duplicates.stitched],
        "sources": [
            {**asdict(p), "share_original": p.share_original, "share_syndicated": p.share_syndicated}
            for p in duplicates.sources()
        ],
        "matches": [asdict(match) for match in duplicates.matches],
        "skipped": duplicates.skipped,
    }


if __name__ == "__main__":
    main()
