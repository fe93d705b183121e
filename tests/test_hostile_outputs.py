"""Page, Atom feeds and CSV made of hostile titles and texts, in the programs that people open them with."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from dedup.model import Article, Attribution, Clue, Cluster, Duplicates, Match, Passage
from dedup.report.atom import write_copies, write_new_clusters
from tests.test_report_browser import CHROMIUM, dom_of

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
SCRIPT = "document.documentElement.setAttribute(`data-broken`,1)"
MARKUP = [
    f"<script>{SCRIPT}</script>",
    f'"><script>{SCRIPT}</script>',
    f"</title></style></textarea></script><script>{SCRIPT}</script>",
    f"]]><script xmlns='http://www.w3.org/1999/xhtml'>{SCRIPT}</script>",
    f"<x:script xmlns:x='http://www.w3.org/1999/xhtml'>{SCRIPT}</x:script>",
    f"--><script>{SCRIPT}</script><!--",
    f"<img src=x onerror='{SCRIPT}'>",
    f"<svg/onload={SCRIPT}>",
    f"' autofocus onfocus='{SCRIPT}' x='",
    f"<iframe srcdoc='<script>parent.{SCRIPT}</script>'></iframe>",
    f"<meta http-equiv=refresh content='0;url=javascript:{SCRIPT}'>",
    f"&lt;script&gt;{SCRIPT}&lt;/script&gt;",
    f"&#60;script&#62;{SCRIPT}&#60;/script&#62;",
    f"javascript:{SCRIPT}",
    f"data:text/html,<script>{SCRIPT}</script>",
    f"<base href='javascript:'><a href='{SCRIPT}'>x</a>",
    "{{7*7}} {% raw %} ${7*7} <%= 7*7 %>",
    f"\u2028\u2029\u202e\x00\x1b[31m<script>{SCRIPT}</script>",
    f"+ADw-script+AD4-{SCRIPT}+ADw-/script+AD4-",
    "<?xml-stylesheet href='http://127.0.0.1:1/x.xsl'?><!ENTITY x 'y'>&x;",
]
FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1,1)",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://127.0.0.1:1/","click")',
    '=WEBSERVICE("http://127.0.0.1:1/")',
    '=DDE("soffice","/etc/passwd","x")',
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\u00a0=1+1",
    "\uff1d1+1",
    "'=1+1",
    '"=1+1',
    '";=1+1;"',
    "a\n=1+1",
    "a,=1+1",
    "a\t=1+1",
    "{=1+1}",
    "\ufeff=1+1",
    "\x00=1+1",
]


def duplicates_of(attacks: list[str]) -> Duplicates:
    """Two copies for each attack, which stands wherever a stranger's words can."""
    articles, matches, clusters = {}, [], []
    for n, attack in enumerate(attacks):
        text = f"{attack} The council of Oakmere has voted for the bridge, and against the toll. {attack}"
        one = Article(
            id=f"{n}a{attack}", text=text, title=attack, url=f"https://a.example/{attack}", source=f"{attack}",
            byline=attack, language=attack[:3], published_raw=attack,
        )  # fmt: skip
        other = replace(one, id=f"{n}b{attack}", url=attack, source=f"{attack} other")
        articles |= {one.id: one, other.id: other}
        matches.append(Match(one.id, other.id, "exact", 1.0, 1.0, 1.0, (Passage(0, len(text), 0, len(text)),)))
        clues = (Clue(attack, one.id, attack, 1.0, attack, 0, 1, attack),)
        origin = Attribution(f"outlet:{attack}", 0.5, clues, (attack,))
        clusters.append(Cluster(f"{n}{attack}", (one.id, other.id), origin))
    return Duplicates(articles, tuple(matches), tuple(clusters), ())


def write_all(folder: Path, attacks: list[str]) -> dict[str, Path]:
    duplicates = duplicates_of(attacks)
    return {
        "page": duplicates.to_html(folder / "index.html"),
        "new clusters": write_new_clusters(duplicates, folder / "new.atom.xml"),
        "copies": write_copies(duplicates, folder / "copies.atom.xml", source=attacks[0]),
        "csv": duplicates.to_csv(folder / "matches.csv"),
    }


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH: apt-get install chromium")
@pytest.mark.parametrize("name", ["page", "new clusters", "copies", "csv"])
def test_no_script_runs_in_a_browser(tmp_path: Path, name: str) -> None:
    path = write_all(tmp_path, MARKUP + FORMULAS)[name]
    if name == "csv":
        path = path.rename(path.with_suffix(".txt"))  # a browser saves a .csv, and shows a .txt
    dom = dom_of(path, tmp_path / "profile")
    assert "data-broken" in dom  # it was opened, and shows the attacks as text
    assert not re.search(r"<[\w:]+[^<>]*\sdata-broken=", dom)


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH: apt-get install chromium")
def test_the_check_would_see_a_script_that_runs(tmp_path: Path) -> None:
    page = tmp_path / "broken.html"
    page.write_text(f"<!doctype html><title>x</title><p>{MARKUP[0]}", encoding="utf-8")
    assert re.search(r"<[\w:]+[^<>]*\sdata-broken=", dom_of(page, tmp_path / "profile"))


@pytest.mark.parametrize("name", ["new clusters", "copies"])
def test_an_atom_feed_stays_xml_and_links_lead_to_pages(tmp_path: Path, name: str) -> None:
    root = etree.parse(write_all(tmp_path, MARKUP + FORMULAS)[name]).getroot()
    assert {element.tag.rpartition("}")[0] for element in root.iter(etree.Element)} == {"{http://www.w3.org/2005/Atom"}
    links = [element.get("href") for element in root.iter("{*}link")]
    assert all(link.startswith(("http://", "https://", "urn:")) for link in links)


@pytest.mark.skipif(SOFFICE is None, reason="no LibreOffice on PATH: apt-get install libreoffice-calc-nogui")
def test_libreoffice_opens_the_table_without_a_formula(tmp_path: Path) -> None:
    attacks = FORMULAS + MARKUP
    table = write_all(tmp_path, attacks)["csv"]
    root = open_in_libreoffice(table, tmp_path)
    cells = list(root.iter("{*}table-cell"))
    assert [cell for cell in cells if cell.get(FORMULA)] == []
    rows = [row for row in root.iter("{*}table-row") if "".join(row.itertext()).strip()]
    with table.open(encoding="utf-8-sig", newline="") as file:
        assert len(rows) == len(list(csv.reader(file)))  # no cell broke out of its row
    assert len(rows) == len(attacks) + 1


@pytest.mark.skipif(SOFFICE is None, reason="no LibreOffice on PATH: apt-get install libreoffice-calc-nogui")
def test_the_check_would_see_a_formula(tmp_path: Path) -> None:
    table = tmp_path / "raw.csv"
    table.write_text("a,b\n=1+1,x\n", encoding="utf-8")
    root = open_in_libreoffice(table, tmp_path)
    assert [cell.get(FORMULA) for cell in root.iter("{*}table-cell") if cell.get(FORMULA)] == ["of:=1+1"]


FORMULA = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}formula"


def open_in_libreoffice(table: Path, folder: Path) -> etree._Element:
    """Open a CSV with comma, double quote, UTF-8, and formulas evaluated, as a reader might; give its cells as XML."""
    command = [
        str(SOFFICE), f"-env:UserInstallation={(folder / 'office').as_uri()}", "--headless", "--norestore",
        "--infilter=CSV:44,34,76,1,,0,false,true,false,false,false,-1,true", "--convert-to", "fods",
        "--outdir", str(folder / "out"), str(table),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return etree.parse(folder / "out" / f"{table.stem}.fods").getroot()
