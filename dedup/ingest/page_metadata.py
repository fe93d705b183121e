"""A page's statements -> byline, language, provenance, whether its text is free.

Several fields state the same thing; the order of trust is in `data/page_fields.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dedup.ingest.page_fields import page_fields
from dedup.ingest.page_jsonld import as_list, names_of, text_of
from dedup.ingest.page_statements import MAX_VALUE_CHARS, Stated, fold

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}")
_DUBLIN_CORE = ("dc.", "dcterms.")


def read_byline(stated: Stated) -> str:
    """Read the authors as printed, joined by ``", "``: from the first field that names any; ``""`` if none does."""
    visible = stated.tree.xpath("//*[@itemprop='author']|//a[@rel='author']")[:1]
    fields = [names_of(stated.article.get(name), stated.nodes) for name in page_fields()["byline"]["jsonld"]]
    fields += [list(stated.meta_values(name)) for name in page_fields()["byline"]["meta"]]
    fields += [[fold(" ".join(element.itertext()))] for element in visible]
    named = ([author for author in authors if author and "://" not in author] for authors in fields)
    return ", ".join(dict.fromkeys(next(filter(None, named), [])))[:MAX_VALUE_CHARS]


def read_language(stated: Stated) -> str:
    """Read the language as a BCP 47 tag; ``""`` if none is stated or what is stated is none."""
    tags = [stated.tree.get("lang") or "", stated.tree.get("xml:lang") or "", text_of(stated.article.get("inLanguage"))]
    tags += stated.first_values(("content-language", "og:locale"))
    tags = [tag.strip().replace("_", "-") for tag in tags]
    return next((tag for tag in tags if _LANGUAGE.fullmatch(tag)), "")


def read_provenance(stated: Stated) -> dict[str, str]:
    """Read the structured statements on where the text comes from, by field.

    Returns
    -------
    dict of str to str
        Named ``jsonld:publisher``, ``meta:original-source``, ``dc:source`` (Dublin Core, its terms included); only
        those present. Several values of one field are joined by ``"; "``.
    """
    fields = page_fields()["provenance"]
    found: dict[str, list[str]] = {}
    for name in fields["jsonld"]:
        found[f"jsonld:{name}"] = names_of(stated.article.get(name), stated.nodes)
    for name in fields["meta"]:
        label = _label(name)
        found[label] = [*found.get(label, ()), *stated.meta_values(name)]
    return {name: _join(values) for name, values in found.items() if values}


def _label(name: str) -> str:
    for prefix in _DUBLIN_CORE:
        if name.startswith(prefix):
            return "dc:" + name.removeprefix(prefix)
    return f"meta:{name}"


def _join(values: Sequence[str]) -> str:
    return "; ".join(dict.fromkeys(values))[:MAX_VALUE_CHARS]


def read_paywall(stated: Stated) -> bool:
    """Tell whether the page says that its text is not free to read."""
    answers = [str(value).strip().lower() for value in as_list(stated.article.get("isAccessibleForFree"))]
    if any(answer.endswith("false") for answer in answers):  # False, "False", "http://schema.org/False"
        return True
    fields = page_fields()["paywall"]
    return any(value.lower() in fields["locked"] for name in fields["meta"] for value in stated.meta_values(name))


def read_stated_text(stated: Stated) -> str:
    """Read JSON-LD's ``articleBody``, as written; ``""`` where absent."""
    return "\n\n".join(body for body in as_list(stated.article.get("articleBody")) if isinstance(body, str))
