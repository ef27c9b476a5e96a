"""A browser with several people in it, before the gateway in a process of its own. `make test-web` runs these tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.processes import Program

HERE = Path(__file__).parent
PHONE = {"width": 360, "height": 740}
_SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A camera that shows a test picture.
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """Only when asked for by their path, since they need a browser."""
    asked = (Path(argument.partition("::")[0]).resolve() for argument in config.args)
    return None if any(path.is_relative_to(HERE) for path in asked) else True


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    program = Program.start("gateway", tmp_path_factory.mktemp("web"))
    yield program
    program.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_SWITCHES)
        yield browser
        browser.close()


def taken(picture: Any) -> bytes:
    """A screenshot of a picture, once it is there: those far down a page come when they are looked at."""
    picture.scroll_into_view_if_needed()
    picture.evaluate("each => each.decode()")
    return bytes(picture.screenshot(type="png"))


@dataclass
class Person:
    """Somebody with a browser of their own, and what it did behind their back."""

    page: Any
    url: str
    requested: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.requested.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._hear)

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def open(self, path: str) -> Any:
        self.page.goto(path if path.startswith("http") else self.url + path)
        return self.page

    def open_their_page(self) -> None:
        """From the page that says that the request is made, as the payee; its script has taken the token then."""
        self.page.click("text=Open your page")
        self.page.wait_for_selector("text=You are here as the payee")

    @property
    def foreign(self) -> list[str]:
        """What was asked of other hosts."""
        return [each for each in self.requested if not each.startswith((self.url + "/", "blob:" + self.url))]


@dataclass
class People:
    chromium: Any
    url: str
    met: list[Person] = field(default_factory=list)

    def meet(self, **context: Any) -> Person:
        page = self.chromium.new_context(**{"viewport": PHONE, "locale": "en-GB", **context}).new_page()
        page.set_default_timeout(60_000)
        self.met.append(Person(page, self.url))
        return self.met[-1]

    def make_request(self, **fields: str) -> tuple[Person, str]:
        """A payee who has made a request, before the page that says so; and the path of its public link."""
        payee = self.meet()
        page = payee.open("/new")
        for details in page.locator("details").all():
            details.evaluate("each => each.open = true")
        for name, value in {"payee": "Ana", "amount": "120", "description": "two chairs", **fields}.items():
            page.fill(f"[name={name}]", value)
        page.click("button[type=submit]")
        page.wait_for_selector("#private")
        return payee, page.get_attribute("#link", "href")


@pytest.fixture
def people(chromium: Any, product: Program) -> Iterator[People]:
    """After each test: no complaint on anybody's console, and no request to another host."""
    met = People(chromium, product.url)
    yield met
    complaints = [each for person in met.met for each in person.complaints]
    foreign = [each for person in met.met for each in person.foreign]
    for person in met.met:
        person.page.context.close()
    assert complaints == []
    assert foreign == []
