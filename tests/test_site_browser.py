"""The pages of the report in a real browser: what a reader does with them, by mouse, by keys, without JavaScript.

DEDUP_SCREENSHOTS=folder keeps the pictures that the tests take.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from dedup import Cluster, Duplicates
from dedup.model import Attribution, Link, Match, Passage
from dedup.report import write_site
from dedup.report.site import Site
from dedup.report.wording import key_of
from tests.browser import Browser, needs_browser, opened
from tests.report_sample import EN_LEAD, SAMPLE, article, at, hostile_duplicates

pytestmark = needs_browser

BUSY = 3_000  # clusters


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with opened(tmp_path_factory.mktemp("profile")) as browser:
        browser.look("desktop", "light")
        yield browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    write_site(SAMPLE, folder)
    return folder


@pytest.fixture(scope="module")
def seed_site(seed_duplicates: Duplicates, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seed-site")
    write_site(seed_duplicates, folder, title="Copies and their origins")
    return folder


def page(site: Path, path: str = "index.html", fragment: str = "") -> str:
    return (site / path).as_uri() + fragment


def cluster_page(site: Path, cluster_id: str) -> str:
    return page(site, f"clusters/{key_of(cluster_id)}.html")


def pair_page(site: Path, a: str, b: str) -> str:
    return page(site, f"pairs/{key_of(*sorted((a, b)))}.html")


def headlines(browser: Browser) -> list[str]:
    return browser.texts("#rows .headline")


def choose(browser: Browser, name: str, value: str) -> None:
    from selenium.webdriver.support.ui import Select

    Select(browser.find(f"#{name}")).select_by_value(value)


# -- the start page


def test_a_search_leaves_the_rows_that_hold_every_word(browser: Browser, site: Path) -> None:
    browser.open(page(site))
    assert browser.shows(lambda: len(headlines(browser)), 5)
    browser.find("#q").send_keys("harbourherald moorings")
    assert browser.shows(lambda: headlines(browser), ["Six public moorings, and a buyer that did not exist"])
    assert browser.shows(lambda: browser.texts("#found"), ["1 of 5 clusters"])
    browser.find("#reset").click()
    assert browser.shows(lambda: len(headlines(browser)), 5)


@pytest.mark.parametrize(
    ("name", "value", "n"),
    [
        ("origin", "agency:dpa", 1),
        ("origin", "unknown origin", 1),
        ("source", "stadtkurier.example", 1),
        ("source", "harbourherald.example", 1),
        ("kind", "translated", 1),
        ("kind", "excerpt", 3),
        ("language", "ar", 1),
    ],
)
def test_a_filter_leaves_what_fits(browser: Browser, site: Path, name: str, value: str, n: int) -> None:
    browser.open(page(site))
    choose(browser, name, value)
    assert browser.shows(lambda: len(headlines(browser)), n)
    browser.open("about:blank")


def test_days_filter(browser: Browser, site: Path) -> None:
    browser.open(page(site, fragment="#from=2026-11-05&to=2026-11-05"))
    assert browser.shows(lambda: len(headlines(browser)), 2)  # of the 5th, and one that began before and still goes on


def test_rows_sort_both_ways_by_a_click_on_the_heading(browser: Browser, site: Path) -> None:
    browser.open(page(site))
    heading = browser.find('th[data-sort="size"]')
    heading.find_element("css selector", "button").click()
    sizes = [int(text) for text in browser.texts("#rows .copied b")]
    assert sizes == sorted(sizes, reverse=True)
    assert heading.get_attribute("aria-sort") == "descending"
    heading.find_element("css selector", "button").click()
    assert [int(text) for text in browser.texts("#rows .copied b")] == sorted(sizes)
    assert heading.get_attribute("aria-sort") == "ascending"


def test_filters_are_kept_in_the_address_and_survive_the_way_back(browser: Browser, site: Path) -> None:
    browser.open(page(site))
    browser.find("#q").send_keys("lenne")
    browser.follow("#rows .headline")
    assert "/clusters/" in browser.driver.current_url
    browser.leave(browser.driver.back)
    assert browser.find("#q").get_attribute("value") == "lenne"
    assert browser.shows(lambda: len(headlines(browser)), 1)


def test_rows_of_the_script_are_those_of_the_page(browser: Browser, site: Path) -> None:
    browser.open(page(site))
    before = [" ".join(row.text.split()) for row in browser.all("#rows tr")]
    markup = browser.run(
        "return Array.from(document.querySelectorAll('#rows tr'), r => r.querySelectorAll('*').length)"
    )
    choose(browser, "sort", "size")
    choose(browser, "sort", "")
    assert [" ".join(row.text.split()) for row in browser.all("#rows tr")] == before
    dots = browser.run("return Array.from(document.querySelectorAll('#rows tr'), r => r.querySelectorAll('*').length)")
    assert sum(abs(a - b) for a, b in zip(markup, dots, strict=True)) <= 2 * len(before)


def test_the_keyboard_is_enough(browser: Browser, site: Path) -> None:
    from selenium.webdriver.common.keys import Keys

    browser.open(page(site))
    browser.press(Keys.TAB)
    assert browser.driver.switch_to.active_element.text == "Skip to the content"
    browser.press("/", *"moorings")
    assert browser.driver.switch_to.active_element.get_attribute("id") == "q"
    assert browser.shows(lambda: len(headlines(browser)), 1)
    browser.press(Keys.ESCAPE)
    assert browser.shows(lambda: len(headlines(browser)), 5)
    browser.run("document.activeElement.blur()")
    browser.press("j", "j", "k")
    first = headlines(browser)[0]
    assert browser.driver.switch_to.active_element.text == first
    browser.leave(lambda: browser.press(Keys.ENTER))
    assert browser.texts("h1") == [first]


# -- clusters and pairs


def test_a_passage_leads_to_its_counterpart(browser: Browser, site: Path) -> None:
    browser.open(pair_page(site, "lenne-bote", "lenne-reportage"))
    left, right = browser.all(".text")
    mark = left.find_element("css selector", 'mark[data-passage="1"]')
    browser.run("arguments[0].scrollTop = 0", right)
    mark.click()
    other = right.find_element("css selector", 'mark[data-passage="1"]')
    assert "flash" in other.get_attribute("class")
    box = browser.run("const b = arguments[0].getBoundingClientRect(); return [b.bottom, b.top, innerHeight]", other)
    assert box[0] > 0
    assert box[1] < box[2]


def test_a_passage_is_followed_by_keys(browser: Browser, site: Path) -> None:
    from selenium.webdriver.common.keys import Keys

    browser.open(pair_page(site, "lenne-bote", "lenne-reportage"))
    browser.run("document.querySelector('mark .n').focus()")
    browser.press(Keys.ENTER)
    assert browser.all("mark.flash")


def test_small_edits_are_marked_on_both_sides(browser: Browser, seed_site: Path, seed_duplicates: Duplicates) -> None:
    match = next(
        m
        for m in seed_duplicates.matches
        if {m.a, m.b} == {"donaubote/weissstorch-zahlen", "isar/mehr-stoerche-in-bayern"}
    )
    browser.open(pair_page(seed_site, match.a, match.b))
    assert "einigen" in browser.texts(".text del")
    assert "mehreren" in browser.texts(".text ins")


def test_a_translated_pair_stands_sentence_by_sentence(browser: Browser, seed_site: Path) -> None:
    browser.look("desktop", "light")
    browser.open("about:blank")
    browser.open(page(seed_site, fragment="#q=Velan"))
    browser.follow("#rows .headline")
    lines = browser.all(".aligned .line:not(.lonely)")
    assert len(lines) >= 15
    for line in lines:
        left, right = line.find_elements("css selector", ".cell")
        assert left.rect["y"] == right.rect["y"]
        assert left.find_element("css selector", ".n").text == right.find_element("css selector", ".n").text
    assert len(browser.all(".aligned .name")) >= 20


def test_arabic_runs_from_the_right(browser: Browser, site: Path) -> None:
    browser.look("desktop", "light")
    browser.open(cluster_page(site, "maktaba-1"))
    text = browser.find(".text")
    assert text.value_of_css_property("direction") == "rtl"
    number = text.find_element("css selector", ".n").rect
    assert number["x"] > text.rect["x"] + 0.8 * text.rect["width"] - 40


# -- without JavaScript, without the network, for everyone


def test_it_reads_without_javascript(browser: Browser, site: Path) -> None:
    browser.let_scripts_run(False)
    try:
        browser.open(page(site))
        assert not browser.find("#filters").is_displayed()
        assert browser.shows(lambda: len(headlines(browser)), 5)
        browser.follow("#rows .headline")
        assert browser.find("h1").text
        assert browser.all(".text mark")
        browser.find(".pair mark .n").click()
        assert "#pair-" in browser.driver.current_url
    finally:
        browser.let_scripts_run(True)


PAGES = {
    "start": "index.html",
    "cluster": f"clusters/{key_of('lenne-bote')}.html",
    "translated": f"clusters/{key_of('bus-fr')}.html",
    "arabic": f"clusters/{key_of('maktaba-1')}.html",
    "pair": f"pairs/{key_of('lenne-bote', 'lenne-reportage')}.html",
    "sources": "sources.html",
    "source": f"sources/{key_of('stadtkurier.example')}.html",
    "more": "more.html",
}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_every_page_is_accessible_quiet_and_asks_for_nothing(
    browser: Browser, site: Path, size: str, theme: str, tmp_path: Path
) -> None:
    browser.look(size, theme)
    pictures = Path(os.environ.get("DEDUP_SCREENSHOTS", tmp_path))
    browser.complaints()
    browser.requested()
    for name, path in PAGES.items():
        browser.open(page(site, path))
        assert browser.run("return document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide"
        browser.driver.save_screenshot(str(pictures / f"{name}-{size}-{theme}.png"))
        assert browser.complaints() == [], name
        asked = browser.requested()
        assert asked
        # the browser's own icon in a field for dates is a data: address, which asks nobody
        assert [url for url in asked if not url.startswith((site.as_uri(), "data:"))] == [], name
        assert browser.axe_faults() == [], name
    browser.look("desktop", "light")
    browser.complaints()


def test_pictures_for_the_readme(browser: Browser, seed_site: Path, tmp_path: Path) -> None:
    pictures = Path(os.environ.get("DEDUP_SCREENSHOTS", tmp_path))
    browser.look("desktop", "light")
    browser.open(page(seed_site))
    browser.driver.save_screenshot(str(pictures / "report.png"))
    browser.open(page(seed_site, "sources.html"))
    browser.driver.save_screenshot(str(pictures / "report-sources.png"))
    browser.open(page(seed_site, fragment="#q=St%C3%B6rche"))
    browser.follow("#rows .headline")
    browser.driver.save_screenshot(str(pictures / "report-cluster.png"))
    browser.run("document.querySelector('#proof').scrollIntoView()")
    browser.driver.save_screenshot(str(pictures / "report-pair.png"))
    browser.look("desktop", "light")
    assert (pictures / "report.png").stat().st_size > 10_000


# -- hostile articles


def test_nothing_of_an_article_runs_or_leads_astray(browser: Browser, tmp_path: Path) -> None:
    attack = '"\'></script><script>document.title="broken in"</script><img src=x onerror="document.title=`broken in`">'
    browser.look("desktop", "light")
    write_site(hostile_duplicates(attack), tmp_path, title="Safe")
    for path in sorted(tmp_path.rglob("*.html")):
        browser.open(path.as_uri())
        assert "broken" not in browser.driver.title.split("</script>")[0][:8]
        assert browser.run("return document.images.length") == 0
        hrefs = browser.run("return Array.from(document.links, a => a.protocol)")
        assert set(hrefs) <= {"file:"}
    browser.open(page(tmp_path))
    choose(browser, "sort", "size")
    assert browser.run("return document.images.length") == 0
    assert browser.driver.title == "Safe"


# -- a large night


def busy_night(n_clusters: int) -> Duplicates:
    """Make a night of 20,000 articles and many clusters; headlines are as long as those of newspapers."""
    articles, matches, clusters = {}, [], []
    whole = (Passage(0, len(EN_LEAD), 0, len(EN_LEAD)),)
    for number in range(n_clusters):
        keys = [f"{number:05}-{place}" for place in range(2 + number % 3)]
        for place, key in enumerate(keys):
            source = f"outlet-{(number * 7 + place * 31) % 180:03}.example"
            title = f"Council of district {number} votes to rebuild the old bridge across the river by next spring"
            published = at(1 + number % 5, 6) + timedelta(minutes=17 * place * (number % 40))
            articles[key] = article(key, source, "en", published, title, EN_LEAD)
        matches += [Match(keys[0], key, "exact", 1.0, 1.0, 1.0, whole) for key in keys[1:]]
        links = tuple(Link(key, keys[0], 0.9, True) for key in keys[1:])
        clusters.append(Cluster(keys[0], tuple(keys), Attribution(keys[0], 0.9), links=links))
    for number in range(len(articles), 20_000):
        key = f"own-{number:05}"
        articles[key] = article(key, f"outlet-{number % 180:03}.example", "en", at(2, 6), f"Own {number}", "Own words.")
    return Duplicates(dict(sorted(articles.items())), tuple(sorted(matches, key=lambda m: (m.a, m.b))), tuple(clusters))


def test_a_large_night_opens(browser: Browser, tmp_path: Path) -> None:
    browser.look("desktop", "light")
    site = Site(busy_night(BUSY))
    start = tmp_path / "index.html"
    start.write_text(site.start(), encoding="utf-8")
    (tmp_path / "report.css").write_text(site.style, encoding="utf-8")
    assert start.stat().st_size < 1_000_000
    browser.open("about:blank")
    browser.open(start.as_uri())
    browser.find("#q").send_keys("district 2345")
    assert browser.shows(lambda: len(headlines(browser)), 1)
    browser.find("#q").clear()
    browser.find("#q").send_keys("bridge")
    assert browser.shows(lambda: browser.texts("#found"), ["3,000 clusters"])
    n = len(browser.all("#rows tr"))
    browser.find("#more").click()
    assert len(browser.all("#rows tr")) == 2 * n
