"""Debian's Chromium, driven by Playwright, against the program itself."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connections
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.factories import at

PICTURES = Path(__file__).resolve().parents[2] / "var" / "screenshots"
CHROMIUM = "/usr/bin/chromium"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The server answers from several threads at once, which SQLite in memory does not stand: the tests get a file."""
    told = connections["default"].settings_dict
    if connections["default"].vendor == "sqlite":
        told["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "browser.sqlite3")


@pytest.fixture
def clock(settings) -> Callable[[str], None]:
    """Sets the program's clock: clock("2026-03-02 08:50")."""

    def set_to(text: str) -> None:
        settings.CLOCK_OFFSET = (at(text) - datetime.now(UTC)).total_seconds()

    return set_to


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all browser tests; its absence is a failure, not a skip."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


class Visitor:
    """Somebody at a browser of their own: signs in, clicks, fills in, and keeps a picture of what they see."""

    def __init__(self, browser: Browser, address: str, width: int = 1280) -> None:
        self.page: Page = browser.new_page(viewport={"width": width, "height": 900}, accept_downloads=True)
        self.address = address
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self.overhear)

    def overhear(self, message: ConsoleMessage) -> None:
        """Keep what the browser complains of; that a form came back unsaved (422) is no complaint."""
        if message.type == "error" and "status of 422" not in message.text:
            self.errors.append(message.text)

    def sign_in(self, email: str, password: str) -> "Visitor":
        self.go("/account/login/")
        self.page.get_by_label("Email").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(self.address + "/")
        return self

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def press(self, name: str) -> None:
        """Press the button, or follow the link, of that name."""
        target = self.page.get_by_role("button", name=name, exact=True).or_(
            self.page.get_by_role("link", name=name, exact=True)
        )
        target.first.click()
        self.page.wait_for_load_state()

    def fill(self, label: str, value: str) -> None:
        self.page.get_by_label(label, exact=True).fill(value)

    def sees(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for(timeout=5000)

    def picture(self, name: str) -> None:
        """Keep a picture of the page and check it for accessibility findings."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
        found = Axe().run(self.page)
        assert found.violations_count == 0, found.generate_report()
        assert self.errors == []


@pytest.fixture
def visitor(browser: Browser, live_server, transactional_db) -> Iterator[type[Visitor]]:
    """Makes visitors: `visitor(email)` signs somebody in."""
    made: list[Visitor] = []

    def arrive(email: str, password: str, width: int = 1280) -> Visitor:
        made.append(Visitor(browser, live_server.url, width).sign_in(email, password))
        return made[-1]

    yield arrive
    for each in made:
        each.page.close()
