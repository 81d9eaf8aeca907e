"""A headless Chromium, and pages in it that remember what went wrong."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.web.item_page import SECONDS, ItemPage

# A busy machine may take longer than Playwright's 5 seconds for anything.
expect.set_options(timeout=30 * SECONDS)

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
# The network of a test machine is closed, and it may have neither a GPU nor a user but root.
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's own Chromium."""
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        pytest.fail("There is no Chromium. Install it, on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def item_page(browser: Browser, stack) -> Iterator[ItemPage]:
    """A browser window of its own, with nobody logged in."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        yield ItemPage(context.new_page(), stack)
