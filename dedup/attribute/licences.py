"""Links -> what a user's list of partners makes of each copy. No list, no words.

The list says, for an origin the user answers for, which outlets may republish it,
``{"blick.ch": ["partner.example"]}``. Of a partner's copy it says *licensed*, or *credit missing* where the copy does
not name its origin; of anybody else's, *credited* or *unlicensed*. Of origins that are not in the list it says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dedup.attribute.lexicon import lexicon
from dedup.attribute.names import Names
from dedup.model import Article, Cluster, Licence

ANYONE = "*"  # among the partners: everybody may


class Partners:
    """A user's list, ready for use.

    Parameters
    ----------
    listed : Mapping[str, sequence of str]
        By origin (a domain, an outlet's name, ``agency:dpa``), who may republish it; ``"*"`` is anyone.

    Examples
    --------
    >>> partners = Partners({"blick.ch": ["partner.example"]})
    >>> partners.licence("outlet:Blick", "partner.example", is_credited=True)
    'licensed'
    >>> partners.licence("outlet:Blick", "other.example", is_credited=False)
    'unlicensed'
    >>> partners.licence("agency:dpa", "other.example", is_credited=False)
    ''
    """

    def __init__(self, listed: Mapping[str, Sequence[str]]) -> None:
        self._listed = [
            (_agency_of(origin), Names([origin.removeprefix("outlet:")]), Names(who), ANYONE in who)
            for origin, who in sorted(listed.items())
        ]

    def __bool__(self) -> bool:
        return bool(self._listed)

    def licence(self, origin: str, copy_source: str, *, is_credited: bool) -> Licence:
        """Say what a copy is; `origin` is an outlet's name or domain, ``agency:...`` or ``outlet:...``."""
        agency = _agency_of(origin)
        name = origin.removeprefix("outlet:")
        lists = [
            (who, is_open)
            for listed, names, who, is_open in self._listed
            if (agency and listed == agency) or name in names
        ]
        if not lists or not copy_source:
            return ""
        if any(is_open or copy_source in who for who, is_open in lists):
            return "licensed" if is_credited else "credit missing"
        return "credited" if is_credited else "unlicensed"


def _agency_of(origin: str) -> str:
    kind, colon, name = origin.partition(":")
    return name if colon and kind == "agency" else lexicon().agency(origin) or ""


def license_links(cluster: Cluster, articles: Mapping[str, Article], partners: Partners) -> Cluster:
    """Say of each link that leads to another source what the list makes of it: of its origin, or whom it is from."""
    if not partners or not cluster.links:
        return cluster

    def named(origin: str) -> str:
        return articles[origin].source if origin in articles else origin

    links = []
    for link in cluster.links:
        source = articles[link.copy].source
        of = [name for name in (named(link.copied_from), named(cluster.attribution.origin or "")) if name]
        found = (partners.licence(name, source, is_credited=link.is_credited) for name in of if name != source)
        links.append(replace(link, licence=next((licence for licence in found if licence), "")))
    return replace(cluster, links=tuple(links))
