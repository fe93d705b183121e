"""A real browser for tests: Debian's chromium under Selenium, with what it logged and what it asked the network for."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CHROMEDRIVER = shutil.which("chromedriver")
AXE = Path(__file__).parent / "axe" / "axe.min.js"
PATIENCE = 60  # seconds: a busy machine is slow, not wrong
T = TypeVar("T")
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}

needs_browser = pytest.mark.skipif(
    CHROMIUM is None or CHROMEDRIVER is None,
    reason="no chromium and chromedriver on PATH: apt-get install chromium chromium-driver",
)


def _wrapped(value: T | None) -> tuple[T] | None:
    return None if value is None else (value,)


@dataclass
class Browser:
    """One window."""

    driver: Any

    def open(self, url: str) -> None:
        self.driver.get(url)

    def find(self, selector: str) -> Any:
        """Give the first element, as soon as the page has it."""
        return self._wait(lambda: self.driver.find_element("css selector", selector))

    def all(self, selector: str) -> list[Any]:
        return self._wait(
            lambda: [one for one in self.driver.find_elements("css selector", selector) if one.is_displayed()]
        )

    def texts(self, selector: str) -> list[str]:
        """What stands in the elements that are seen, read again if the page redraws them meanwhile."""
        return self._wait(
            lambda: [one.text for one in self.driver.find_elements("css selector", selector) if one.is_displayed()]
        )

    def leave(self, go: Callable[[], object]) -> None:
        """Do what leads to another page, and wait until the browser is there."""
        before = self.driver.find_element("css selector", "html")
        go()
        self._wait(lambda: self._is_gone(before) or None)
        self._wait(lambda: self.driver.find_element("css selector", "body"))

    def follow(self, selector: str) -> None:
        """Click what leads to another page, and wait until the browser is there."""
        self.leave(self.find(selector).click)

    def shows(self, read: Callable[[], T], wanted: T) -> bool:
        """Whether the page comes to show what is wanted, within the patience for a busy machine."""
        until = time.monotonic() + PATIENCE
        while (seen := read()) != wanted and time.monotonic() < until:
            time.sleep(0.05)
        if seen != wanted:
            print(f"the page shows {seen!r}")
        return seen == wanted

    def _wait(self, read: Callable[[], T]) -> T:
        from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
        from selenium.webdriver.support.ui import WebDriverWait

        passing = (NoSuchElementException, StaleElementReferenceException)
        # a list may be empty: wrapped, as `until` waits for what is true
        return WebDriverWait(self.driver, PATIENCE, 0.05, passing).until(lambda _: _wrapped(read()))[0]

    @staticmethod
    def _is_gone(element: Any) -> bool:
        from selenium.common.exceptions import StaleElementReferenceException

        try:
            element.is_enabled()
        except StaleElementReferenceException:
            return True
        return False

    def run(self, script: str, *values: object) -> Any:
        return self.driver.execute_script(script, *values)

    def press(self, *keys: str) -> None:
        from selenium.webdriver.common.action_chains import ActionChains

        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    def look(self, size: str, theme: str) -> None:
        """Set the size of the window and whether the reader likes it dark."""
        width, height = SIZES[size]
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == "phone"},
        )
        features = [
            {"name": "prefers-color-scheme", "value": theme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def let_scripts_run(self, allowed: bool) -> None:
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not allowed})

    def complaints(self) -> list[str]:
        """What the console got since the last call; a policy's refusals are among it."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requested(self) -> list[str]:
        """The addresses asked for since the last call."""
        messages = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        return [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]

    def axe_faults(self) -> list[str]:
        """What axe-core finds serious or critical."""
        self.driver.execute_script(AXE.read_text(encoding="utf-8"))
        found = self.driver.execute_async_script(
            "const done = arguments[0]; axe.run(document, {preload: false, resultTypes: ['violations']})"
            ".then(r => done(r.violations), e => done([{id: String(e), impact: 'critical', nodes: []}]))"
        )
        return [
            f"{one['id']} ({one['impact']}): {[node['html'][:120] for node in one['nodes'][:3]]}"
            for one in found
            if one["impact"] in ("serious", "critical")
        ]


@contextmanager
def opened(profile: Path) -> Iterator[Browser]:
    """Open a browser for as long as the block runs."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for argument in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
        f"--user-data-dir={profile}",
    ):  # fmt: skip
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(CHROMEDRIVER))
    try:
        driver.set_script_timeout(120)
        yield Browser(driver)
    finally:
        driver.quit()
