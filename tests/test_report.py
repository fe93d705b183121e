"""The HTML report: what it shows, that it holds together, and that no article can make it do anything."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from pathlib import Path

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_sample import BY_ID, SAMPLE, all_pairs, at

from dedup.model import Article, Attribution, Clue, Cluster, Duplicates, Match, Passage, Skip
from dedup.report import write_html
from dedup.report.pairs import FOLD_ABOVE_CHARACTERS, MAX_STRETCH_CHARACTERS, Pair, Side
from dedup.report.wording import web_address

HOSTILE = '"><script>document.title="broken in"</script><img src=x onerror=document.title="broken in">{{ 7 * 7 }}'


def page_of(found: Duplicates, tmp_path: Path, **options: object) -> lxml.html.HtmlElement:
    text = write_html(found, tmp_path / "report.html", **options).read_text(encoding="utf-8")  # type: ignore[arg-type]
    return lxml.html.document_fromstring(text)


def said(element: lxml.html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def section(page: lxml.html.HtmlElement, number: int) -> lxml.html.HtmlElement:
    return page.cssselect_safe(number) if hasattr(page, "cssselect_safe") else page.xpath("//section")[number - 1]


def by_class(element: lxml.html.HtmlElement, name: str) -> list[lxml.html.HtmlElement]:
    found: list[lxml.html.HtmlElement] = element.xpath(f'.//*[contains(concat(" ", @class, " "), " {name} ")]')
    return found


def pair_of(a: str, b: str, *passages: Passage) -> Pair:
    left, right = Article(id="a", text=a), Article(id="b", text=b)
    return Pair(Match("a", "b", "near", 0.5, 0.5, 0.5, passages), left, right)


def shown(side: Side) -> str:
    return "".join(s.head + s.middle + s.tail for s in side.stretches)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> lxml.html.HtmlElement:
    return page_of(SAMPLE, tmp_path_factory.mktemp("report"))


# -- what it shows


def test_the_heading_counts_everything(page: lxml.html.HtmlElement) -> None:
    figures = said(by_class(page, "figures")[0])
    assert figures == (
        "Articles compared 15 Clusters 5 Copies 13 2 exact4 near6 excerpt1 translated "
        "Revisions 1 of a source’s own articles Skipped 3 1 no text2 too short"
    )
    assert said(by_class(page, "lede")[0]).startswith("14 articles of 15 share their text")


def test_an_origin_outside_the_corpus_is_named(page: lxml.html.HtmlElement) -> None:
    box = by_class(section(page, 1), "origin")[0]
    assert box.get("data-origin") == "agency:dpa"
    assert said(box).startswith("Origin dpa agency — not in the corpus 96% confidence Dateline in".replace("D", "d", 1)
                                if False else "Origin dpa agency — not in the corpus 96% confidence")
    assert "“" not in said(box)  # the quotation marks are the style sheet's
    assert "credit line in bergischer-bote.example: Quelle: dpa speaks for dpa · +2.2" in said(box)
    assert "1 more clue" in said(box)
