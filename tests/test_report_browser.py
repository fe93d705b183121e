"""The report in a real browser: it runs its own script, nothing of an article's, and asks the network for nothing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from dedup.report import write_html
from tests.report_sample import SAMPLE, hostile_duplicates

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH: apt-get install chromium")


def dom_of(page: Path, profile: Path, fragment: str = "") -> str:
    """The page as it stands once its scripts have run."""
    command = [
        str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
        f"--user-data-dir={profile}", "--virtual-time-budget=3000", "--dump-dom", page.as_uri() + fragment,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, timeout=120, check=True)
    return done.stdout.decode()


def test_the_page_has_its_sections_and_its_script_runs(tmp_path: Path) -> None:
    page = write_html(SAMPLE, tmp_path / "report.html", title="Tonight")
    dom = dom_of(page, tmp_path / "profile")
    assert "<title>Tonight</title>" in dom
    assert dom.count('<section class="cluster"') == 5
    assert dom.count('<details class="pair"') == len(SAMPLE.matches)
    assert '<div class="find">' in dom  # written with `hidden`, which our script takes away: the policy lets it run


def test_a_link_to_a_pair_opens_it(tmp_path: Path) -> None:
    page = write_html(SAMPLE, tmp_path / "report.html")
    anchor = page.read_text(encoding="utf-8").split('<a class="compare" href="#')[-1].split('"')[0]
    assert f'<details class="pair" id="{anchor}">' in page.read_text(encoding="utf-8")
    assert f'<details class="pair" id="{anchor}" open="">' in dom_of(page, tmp_path / "profile", f"#{anchor}")


def test_no_script_of_an_article_runs(tmp_path: Path) -> None:
    attack = '"\'><script>document.title="broken in"</script><img src=x onerror="document.title=`broken in`">'
    page = write_html(hostile_duplicates(attack), tmp_path / "report.html", title="Safe")
    dom = dom_of(page, tmp_path / "profile")
    assert "<title>Safe</title>" in dom
    assert "<img" not in dom
    assert 'href="javascript:' not in dom
    assert '<section class="cluster"' in dom


def test_the_policy_would_stop_what_escaping_had_missed(tmp_path: Path) -> None:
    page = write_html(SAMPLE, tmp_path / "report.html", title="Safe")
    attack = '<script>document.title="broken in"</script><img src="x" onerror="document.title=`broken in`">'
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace('<main id="clusters">', attack + '<main id="clusters">'), encoding="utf-8")
    dom = dom_of(page, tmp_path / "profile")
    assert "<img" in dom  # the attack is in the page
    assert "<title>Safe</title>" in dom  # and did not run
