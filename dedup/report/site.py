"""Duplicates -> a folder of pages: a start page, and beside it one page a cluster, a pair, a source.

The start page stays small whatever the night holds: it lists the first clusters as rows and the rest as data for its
script; without the script, further pages list them. Everything else is opened on demand, from a disk as from any server
of files: links only, nothing is fetched by a script.

    index.html, clusters-2.html ...   the clusters, and what else was found: more.html
    clusters/KEY.html                 one cluster, with its most telling pair
    pairs/KEY.html                    any other pair
    sources.html, sources/KEY.html    who copies whom; one source
    report.css                        the style of all of them
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from markupsafe import Markup

from dedup.model import Article, Cluster, Duplicates, SourceProfile
from dedup.report import diagrams, entries
from dedup.report.atomic import replacing
from dedup.report.branches import branches_of
from dedup.report.entries import Entry, data_of, entry_of, in_order, last_night_of
from dedup.report.flows import Shares, flows_of, shares_of
from dedup.report.pages import counts_by_kind, inlined, make_environment, policy
from dedup.report.pairs import Pair
from dedup.report.reuse import Digests, made_of, still_holds, with_last_line
from dedup.report.sections import Section, sections_of
from dedup.report.wording import encodable, key_of

TITLE = "Copies and their origins"
ROWS_PER_PAGE = 150  # clusters listed on one page without the script
MAX_DATA_BYTES = 650_000  # of the start page, whose rows and script take another 0.25 MB: below 1 MB in all
MAX_PAIRS = 100  # pairs of one cluster; of one with more, each article's match with the origin (or its best match)
MAX_SKIPS = 200  # rows set aside, and others, that are listed one by one; the counts hold them all
SHOWN_MEMBERS = 40  # rows of one cluster in sight; the rest opens at a click
MAX_OF_SOURCE = 300  # clusters listed on a source's page


class Page(NamedTuple):
    """A page that can be made: its path below the folder, and what it is made of; ``""`` where that is not told."""

    path: str
    make: Callable[[], str]
    made_of: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """What a source has to do with one cluster."""

    section: Section
    is_origin: bool
    n_articles: int


class _Named(NamedTuple):
    """What the page of a cluster may know of the duplicates."""

    articles: Mapping[str, Article]


class Site:
    """All pages of a report, each made when it is asked for.

    Parameters
    ----------
    duplicates : Duplicates
        What was found.
    title : str
        Heading of the start page.
    data_files : tuple of str
        Names of files beside the start page that hold the same as data.

    Raises
    ------
    CorpusError
        A match or cluster names an article that is not there, or a date has no time zone.
    """

    is_served = False  # by `dedup serve`: the pages link to its search, its check and its data

    def __init__(self, duplicates: Duplicates, *, title: str = TITLE, data_files: Sequence[str] = ()) -> None:
        self.duplicates = duplicates
        self._environment = make_environment()
        self._environment.globals.update(_NUMBERS)
        self.style = "".join(str(inlined(self._environment, f"{name}.css")) for name in ("report", "site"))
        self._scripts = {name: inlined(self._environment, f"{name}.js") for name in ("start", "report")}
        sections, self._n_outside = sections_of(duplicates, max_pairs=MAX_PAIRS)
        last_night = last_night_of(duplicates.articles.values())
        of_key = {section.key: section for section in sections}
        self.entries = in_order(entry_of(section, last_night) for section in sections)
        self.sections: Mapping[str, Section] = {entry.key: of_key[entry.key] for entry in self.entries}
        self._keys = list(self.sections)
        self._places = {key: place for place, key in enumerate(self._keys)}
        self.pairs: Mapping[str, tuple[Section, Pair]] = {
            pair.anchor.removeprefix("pair-"): (section, pair) for section in sections for pair in section.pairs
        }
        self._beside = {key: beside for section in sections for key, beside in _pairs_beside(section)}
        self.flows = flows_of(duplicates)
        self.shares = shares_of(duplicates)
        self.profiles = {profile.source: profile for profile in duplicates.sources()}
        self._parts = _parts_of(sections)
        self.source_keys = {source: key_of(source) for source in self.shares if source in self._parts}
        self._title = title
        self._digests = Digests()
        self._whole: Mapping[str, Any] = {
            "data_files": tuple(data_files),
            "duplicates": duplicates,
            "source_keys": self.source_keys,
        }

    def pages(self) -> Iterator[Page]:
        """List every page; the start page last, so that what it links to is there."""
        yield Page("report.css", lambda: self.style)
        for key in self._keys:
            yield Page(f"clusters/{key}.html", partial(self.cluster, key), self._cluster_made_of(key))
        for section in self.sections.values():
            yield from self._pair_pages(section)
        for source, key in self.source_keys.items():
            yield Page(f"sources/{key}.html", partial(self.source, source))
        yield Page("sources.html", self.source_list)
        yield Page("more.html", self.more)
        for number in range(2, self.n_lists + 1):
            yield Page(f"clusters-{number}.html", partial(self.start, number))
        yield Page("index.html", self.start)

    def _pair_pages(self, section: Section) -> Iterator[Page]:
        telling = section.telling_pair
        lead = self._digests.of(section.headline)
        for pair in section.pairs:
            if pair is not telling:
                key = pair.anchor.removeprefix("pair-")
                of_page = (self._title, lead, section.key, telling and telling.anchor, self._beside[key])
                yield Page(f"pairs/{key}.html", partial(self.pair, key), made_of(of_page, self._of_pair(pair)))

    def _of_pair(self, pair: Pair) -> list[object]:
        return [
            *self._digests.of_all((pair.match, pair.left, pair.right)),
            pair.left_boilerplate,
            pair.right_boilerplate,
        ]

    def _cluster_made_of(self, key: str) -> str:
        section, digests = self.sections[key], self._digests
        named = self._named_by(section)
        return made_of(
            self._title,
            self._neighbours(key),
            digests.of(section.cluster),
            section.n_left_out,
            [
                [digests.of(m.article), m.is_origin, digests.of(m.match), m.other and m.other.id, m.anchor]
                for m in section.members
            ],
            [self._of_pair(pair) for pair in section.pairs],
            [digests.of_all(named.values()), sorted(self._keys_of(named.values()))],
        )

    def page(self, path: str) -> str | None:
        """Make one page by its path; None where there is none."""
        folder, _, name = path.rpartition("/")
        key = name.removesuffix(".html")
        if name == key:
            return None
        if folder == "clusters" and key in self.sections:
            return self.cluster(key)
        if folder == "pairs" and key in self.pairs:
            return self.pair(key)
        if folder == "sources":
            return next((self.source(source) for source, known in self.source_keys.items() if known == key), None)
        lists = {f"clusters-{number}": number for number in range(2, self.n_lists + 1)}
        if folder == "" and key in lists:
            return self.start(lists[key])
        plain = {"index": self.start, "sources": self.source_list, "more": self.more}
        return plain[key]() if folder == "" and key in plain else None

    @property
    def n_lists(self) -> int:
        """How many pages list the clusters, the start page counted."""
        return max(1, -(-len(self.entries) // ROWS_PER_PAGE))

    def start(self, number: int = 1) -> str:
        """Make the start page, or a further page of its list."""
        data, n_searched = data_of(self.entries, max_bytes=MAX_DATA_BYTES) if number == 1 else (Markup(), 0)
        found = self.duplicates
        return self._render(
            "start.html",
            **self._whole,
            script="start",
            here="clusters",
            number=number,
            n_lists=self.n_lists,
            rows=self.entries[(number - 1) * ROWS_PER_PAGE : number * ROWS_PER_PAGE],
            empty_row=_EMPTY_ENTRY,
            n_clusters=len(self.entries),
            n_searched=n_searched,
            data=data,
            kinds=counts_by_kind(found),
            relations=Counter(match.relation for match in found.matches),
            n_in_clusters=len({key for cluster in found.clusters for key in cluster.articles}),
            n_republished=len({source for cluster in found.clusters for source in _sources_of(found, cluster)}),
            names_shown=entries.NAMES_SHOWN,
        )

    def cluster(self, key: str) -> str:
        """Make the page of one cluster, of nothing but what `_cluster_made_of` tells."""
        section = self.sections[key]
        named = self._named_by(section)
        telling = section.telling_pair
        before, after = self._neighbours(key)
        return self._render(
            "one_cluster.html",
            root="../",
            script="report",
            here="clusters",
            section=section,
            duplicates=_Named(named),
            source_keys=self._keys_of(named.values()),
            branches=branches_of(section, named),
            telling=telling,
            others=[pair for pair in section.pairs if pair is not telling],
            before=before,
            after=after,
            pair_href=_href_from(section, "", "../pairs/"),
        )

    def _neighbours(self, key: str) -> tuple[str, str]:
        """Give the clusters before and after one in the list; ``""`` for none."""
        place = self._places[key]
        after = self._keys[place + 1] if place + 1 < len(self._keys) else ""
        return (self._keys[place - 1] if place else ""), after

    def _named_by(self, section: Section) -> Mapping[str, Article]:
        """Give the articles that the page of a cluster may name: its own, and those that its clues and links name."""
        attribution, articles = section.cluster.attribution, self.duplicates.articles
        clues = [*attribution.clues, *(clue for other in attribution.alternatives for clue in other.clues)]
        names = {member.article.id for member in section.members}
        names |= {name for clue in clues for name in (clue.article, clue.points_to)}
        names |= {other.origin for other in attribution.alternatives} | {attribution.origin or ""}
        names |= {name for link in section.cluster.links for name in (link.copy, link.copied_from)}
        return MappingProxyType({name: articles[name] for name in sorted(names) if name in articles})

    def _keys_of(self, articles: Iterable[Article]) -> Mapping[str, str]:
        """Give the pages of the sources of some articles, those that have one."""
        sources = {article.source for article in articles}
        return {source: self.source_keys[source] for source in sources if source in self.source_keys}

    def pair(self, key: str) -> str:
        """Make the page of one pair, of nothing but what `_pair_pages` tells."""
        section, pair = self.pairs[key]
        before, after = self._beside[key]
        return self._render(
            "one_pair.html",
            root="../",
            script="report",
            here="clusters",
            lead=section.headline,
            cluster_key=section.key,
            pair=pair,
            before=before,
            after=after,
            pair_href=_href_from(section, f"../clusters/{section.key}.html", ""),
        )

    def source_list(self) -> str:
        """Make the page of all sources: table, network, heat map."""
        return self._render(
            "sources.html",
            **self._whole,
            script="report",
            here="sources",
            rows=[self._source_row(source) for source in self.shares],
            network=diagrams.draw_network(self.flows),
            heat=diagrams.map_lags(self.flows),
            heat_of=diagrams.heat_of,
            heat_bounds=diagrams.HEAT_BOUNDS_H,
        )

    def source(self, source: str) -> str:
        """Make the page of one source."""
        flows = [flow for flow in self.flows if source in (flow.giver, flow.taker)]
        parts = self._parts[source]
        return self._render(
            "one_source.html",
            **self._whole,
            root="../",
            script="report",
            here="sources",
            source=source,
            shares=self.shares[source],
            profile=self.profiles[source],
            from_others=[flow for flow in flows if flow.taker == source],
            by_others=[flow for flow in flows if flow.giver == source],
            parts=parts[:MAX_OF_SOURCE],
            n_parts=len(parts),
        )

    def more(self) -> str:
        """Make the page of what else was found, and of how to read the report."""
        return self._render(
            "more.html",
            **self._whole,
            script="report",
            here="more",
            n_outside=self._n_outside,
            n_stitched=len({part.article for part in self.duplicates.stitched}),
        )

    def _source_row(self, source: str) -> tuple[str, Shares, SourceProfile]:
        return source, self.shares[source], self.profiles[source]

    def _render(self, template: str, *, script: str, root: str = "", forms: str = "'none'", **values: Any) -> str:
        code = self._scripts[script]
        page = self._environment.get_template(template).render(
            root=root,
            script=code,
            policy=policy(str(code), forms=forms),
            site_title=self._title,
            is_served=self.is_served,
            **values,
        )
        return encodable(page)


def write_site(duplicates: Duplicates, folder: Path, *, title: str = TITLE, data_files: Sequence[str] = ()) -> Path:
    """Write the report as a folder of pages; open ``index.html``.

    The same duplicates give the same files, byte for byte. Pages of an earlier report that this one lacks are removed,
    pages of clusters and pairs that still hold are left as they are; other files in the folder are left alone.

    Parameters
    ----------
    duplicates : Duplicates
        What was found.
    folder : Path
        Made where it is missing.
    title : str
        Heading of the start page.
    data_files : sequence of str
        Names of files in the folder that hold the same as data; the start page links to them.

    Returns
    -------
    Path
        The start page.

    Raises
    ------
    CorpusError
        A match or cluster names an article that is not there, or a date has no time zone.
    OSError
        A file cannot be written.
    """
    site = Site(duplicates, title=title, data_files=data_files)
    for part in ("clusters", "pairs", "sources"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    written = set()
    for page in site.pages():
        place = folder / page.path
        if not (page.made_of and still_holds(place, page.made_of)):
            with replacing(place) as draft:
                draft.write_bytes(with_last_line(page.make(), page.made_of))
        written.add(page.path)
    for stale in (*folder.glob("clusters-*.html"), *folder.glob("*/" + "[0-9a-f]" * 12 + ".html")):
        if stale.relative_to(folder).as_posix() not in written and _is_ours(stale.relative_to(folder)):
            stale.unlink()
    return folder / "index.html"


def _is_ours(path: Path) -> bool:
    folder = path.parent.as_posix()
    return folder in ("clusters", "pairs", "sources") or (folder == "." and path.stem.split("-")[-1].isdigit())


def _href_from(section: Section, cluster_page: str, pairs: str) -> Any:
    """Say where a pair is found: the telling one on its cluster's page, the others on pages of their own."""
    telling = section.telling_pair.anchor if section.telling_pair else ""

    def href(anchor: str) -> str:
        if anchor == telling:
            return f"{cluster_page}#{anchor}"
        return f"{pairs}{anchor.removeprefix('pair-')}.html"

    return href


def _pairs_beside(section: Section) -> Iterator[tuple[str, tuple[str, str]]]:
    """Give, by the key of each pair, the anchors of the pairs before and after it; ``""`` for none."""
    anchors = [pair.anchor for pair in section.pairs]
    for before, anchor, after in zip(["", *anchors], anchors, [*anchors[1:], ""], strict=False):
        yield anchor.removeprefix("pair-"), (before, after)


def _parts_of(sections: Sequence[Section]) -> Mapping[str, Sequence[Part]]:
    """List the clusters of each source, in the order of the sections."""
    parts: dict[str, list[Part]] = {}
    for section in sections:
        for source in section.sources:
            of = [member for member in section.members if member.article.source == source]
            parts.setdefault(source, []).append(Part(section, any(m.is_origin for m in of), len(of)))
    return parts


def _sources_of(duplicates: Duplicates, cluster: Cluster) -> Iterator[str]:
    return (source for key in cluster.articles if (source := duplicates.articles[key].source))


_NUMBERS: Mapping[str, Any] = {
    "shown_members": SHOWN_MEMBERS,
    "max_skips": MAX_SKIPS,
    "strip_width": entries.STRIP_WIDTH,
    "strip_ticks": [(entries.strip_x(minutes), label) for minutes, label in entries.STRIP_TICKS],
}
_EMPTY_ENTRY = Entry(
    key="",
    headline="",
    language="",
    direction="ltr",
    origin="",
    origin_kind="",
    confidence=0.0,
    sources=(),
    kinds=(),
    licences=(),
    languages=(),
    is_revision=False,
    is_new=False,
    n_articles=0,
    share=0.0,
    first=None,
    last=None,
    dots=(),
    spread="",
)
