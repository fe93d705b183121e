"""Article -> every statement it makes about where its text comes from: text, byline, fields, canonical URL."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from dedup.attribute.bylines import read_byline
from dedup.attribute.credit import Credit
from dedup.attribute.credit_lines import read_credits
from dedup.attribute.lexicon import lexicon
from dedup.attribute.names import Names, agency_of_host, host_of
from dedup.attribute.structured import read_canonical, read_fields, read_links
from dedup.model import Article, Clue


@dataclass(frozen=True, slots=True)
class Statement:
    """A clue that an article states itself.

    Parameters
    ----------
    clue : Clue
        Points to an agency or an outlet, by name.
    url : str
        The URL it gives, if it gives one.
    members_only : bool
        Believed only where the outlet named is in the same cluster: copyright holders, authors' employers and the like
        are outlets too seldom.
    """

    clue: Clue
    url: str = ""
    members_only: bool = False


def own_names(article: Article) -> Names:
    """Give the names of the outlet that published an article: naming them credits nobody."""
    hosts = tuple(host for host in map(host_of, (article.url, article.final_url, article.source)) if host)
    return _names_of(article.source, hosts, str(article.provenance.get("jsonld:publisher", "")))


@lru_cache(maxsize=16_384)
def _names_of(source: str, hosts: tuple[str, ...], publisher: str) -> Names:
    words = lexicon()
    names = [source, *hosts]
    agencies = {agency for host in hosts if (agency := agency_of_host(host))}
    if named := words.agency(source):
        agencies.add(named)
    if publisher and not words.agency(publisher) and "//" not in publisher:
        names.append(publisher)
    return Names(names, agencies=agencies)


def read_statements(
    article: Article, *, own: Names, head_chars: int, tail_chars: int, far_chars: int
) -> list[Statement]:
    """Read all statements of an article, those of its text first."""
    in_text = read_credits(article.text, own=own, head_chars=head_chars, tail_chars=tail_chars, far_chars=far_chars)
    in_byline = read_byline(article.byline, own=own)
    stated = [*read_fields(article, own=own), *read_canonical(article, own=own), *read_links(article, own=own)]
    return [
        *(_from_credit(credit, article, "text") for credit in in_text),
        *(_from_credit(credit, article, "byline") for credit in in_byline),
        *(
            Statement(
                Clue(s.kind, article.id, s.target, s.weight, s.where, s.start, s.end, s.quote), s.url, s.members_only
            )
            for s in stated
        ),
    ]


def _from_credit(credit: Credit, article: Article, where: str) -> Statement:
    quote = getattr(article, where)[credit.start : credit.end]
    clue = Clue(credit.kind, article.id, credit.target, credit.weight, where, credit.start, credit.end, quote)
    return Statement(clue, members_only=credit.members_only)
