"""A real Chromium, told to talk to nobody; reports what a page wrote to the console and whom it asked for what."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

FLAGS = (
    "--headless",
    "--no-sandbox",  # CI runs as root inside a container
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
WAIT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Browser:
    driver: Any

    def open(self, page: Path, fragment: str = "") -> None:
        """Opens a file of the site from disk, fresh even where only the fragment differs."""
        self.driver.get("about:blank")
        self.driver.get(page.resolve().as_uri() + (f"#{fragment}" if fragment else ""))

    def run(self, script: str, *arguments: object) -> Any:
        return self.driver.execute_script(f"return {script}", *arguments)

    def wait(self, script: str) -> Any:
        """The value of an expression as soon as it is truthy."""
        from selenium.webdriver.support.ui import WebDriverWait

        return WebDriverWait(self.driver, WAIT_SECONDS).until(lambda _: self.run(script))

    def click(self, selector: str) -> None:
        self.run("document.querySelector(arguments[0]).click()", selector)

    def texts(self, selector: str) -> list[str]:
        """Texts of the visible elements."""
        visible = "[...document.querySelectorAll(arguments[0])].filter(each => each.offsetParent)"
        return self.run(f"{visible}.map(each => each.innerText.trim())", selector)

    def resize(self, width: int, height: int) -> None:
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500},
        )

    def prefer(self, scheme: str) -> None:
        """Sets the system's colour scheme: light or dark."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})

    def barriers(self) -> list[str]:
        """What axe-core finds serious or critical on the page for people who see or move differently.

        Without its own look at style sheets, which the page's policy forbids.
        """
        pytest.importorskip("selenium_axe_python", reason="needs selenium-axe-python, which the extra dev installs")
        self.driver.set_script_timeout(WAIT_SECONDS)
        script = files("selenium_axe_python") / "axe-core" / "axe.min.js"
        self.driver.execute_script(script.read_text(encoding="utf-8"))
        found = self.driver.execute_async_script(
            "const done = arguments[0]; axe.run({preload: false}).then(result => done(result.violations.map(each => "
            "[each.impact, each.id, each.nodes[0].html.slice(0, 200)])))"
        )
        return [f"{rule}: {html}" for impact, rule, html in found if impact in ("serious", "critical")]

    def complaints(self) -> list[str]:
        """Console errors and warnings since the last question."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> set[str]:
        """Schemes and addresses that were asked for since the last question."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        sent = [each["params"] for each in messages if each["method"] == "Network.requestWillBeSent"]
        return {params["request"]["url"] for params in sent}


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Skips where Chromium or its driver is not installed."""
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not chromedriver:
        pytest.skip("no chromium and chromedriver here (Debian: apt-get install chromium chromium-driver)")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(chromedriver))
    try:
        yield Browser(driver)
    finally:
        driver.quit()
