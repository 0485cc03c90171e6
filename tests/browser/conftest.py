"""A real browser before a real server: granian in a process of its own, over a played month."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from tests.api import hub
from tests.app import owing

SWITCHES = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
_START_SECONDS = 60


class Screen:
    """A page that remembers what the browser complained about."""

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.base = base
        self.complaints: list[str] = []
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("requestfailed", self._lost)

    def _lost(self, request: Request) -> None:
        """A request that failed; one that leaving the page cut short has not."""
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"failed: {request.url}")

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def go(self, path: str) -> Page:
        """Opens a page of the console."""
        answer = self.page.goto(self.base + path)
        assert answer is not None
        assert answer.status == 200, path
        return self.page

    def log_in(self, name: str = "admin", home: str = "/") -> "Screen":
        """Logs in, as the administrator if nobody else is named, and is at home then."""
        self.go("/login")
        self.page.fill("#name", name)
        self.page.fill("#password", hub.PASSWORD)
        self.page.click("button")
        self.page.wait_for_url(self.base + home)
        return self

    @property
    def path(self) -> str:
        """Where it is."""
        return self.page.url.removeprefix(self.base)

    @property
    def focused(self) -> str:
        """The address of the link that has the focus."""
        return str(self.page.evaluate("document.activeElement.getAttribute('href')"))


@pytest.fixture(scope="session")
def server(fresh_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running server."""
    home, url = tmp_path_factory.mktemp("browser"), fresh_database()
    hub.play_month(url, home)
    with hub.opened(url, home) as app:
        owing.profile(app, "A")
        app.let_seller_in("A", "ada", hub.PASSWORD)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--host", "127.0.0.1", "--port", str(port),
        "--log-level", "warning", "tieout.api.asgi:create_app",
    ]  # fmt: skip
    source = Path(__file__).resolve().parents[2] / "src"
    surroundings = {**os.environ, "TIEOUT_HOME": str(home), "TIEOUT_DATABASE_URL": url, "PYTHONPATH": str(source)}
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(command, env=surroundings, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_for(f"http://127.0.0.1:{port}/readyz", process, home / "server.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    assert "http.failed" not in (home / "server.log").read_text()


def wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Waits until the server is ready."""
    for _ in range(_START_SECONDS * 10):
        try:
            if httpx.get(address).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    pytest.fail(f"the server did not start: {log.read_text()}")


@pytest.fixture(scope="module")
def chrome(chromium: str) -> Iterator[Browser]:
    """A running browser. It is gone before another module's tests run, whose event loops it would be in the way of."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=list(SWITCHES))
        yield launched
        launched.close()


@pytest.fixture
def context(chrome: Browser) -> Iterator[BrowserContext]:
    """A browser nobody has used yet, on a desk."""
    made = chrome.new_context(viewport={"width": 1280, "height": 900})
    made.set_default_timeout(15_000)
    yield made
    made.close()


@pytest.fixture
def screen(context: BrowserContext, server: str) -> Screen:
    """Logged in, at Today."""
    return Screen(context.new_page(), server).log_in()
