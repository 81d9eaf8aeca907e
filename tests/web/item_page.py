"""Girder's item page as a person uses it."""

from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Locator, Page, Request, Response, expect

SECONDS = 1000
COLOURS = 1000  # that a drawn rainbow has at least
# Counts the drawn pixels and their colours, and takes the colour in the middle; null before the
# viewer has made its canvas.
READ_CANVAS = """() => {
  const canvas = document.querySelector('.g-tiles-stage .openseadragon-canvas canvas');
  if (!canvas?.width) return null;
  const { width, height } = canvas;
  const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
  const pixels = new Uint32Array(data.buffer);
  const middle = 4 * (Math.floor(height / 2) * width + Math.floor(width / 2));
  return {
    size: [width, height],
    drawn: pixels.filter((pixel) => pixel >>> 24 === 255).length / pixels.length,
    colours: new Set(pixels).size,
    middle: Array.from(data.slice(middle, middle + 3)),
  };
}"""


class ItemPage:
    """One window; `complaints` are errors on its console and requests that failed."""

    def __init__(self, page: Page, stack: Any) -> None:
        self.page = page
        self.complaints: list[str] = []
        self._root = stack.api_url.removesuffix("/api/v1")
        self._login, self._password = stack.login, stack.password
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("response", self._on_response)
        page.on("requestfailed", self._on_failed_request)

    @property
    def panel(self) -> Locator:
        """Our part of the page."""
        return self.page.locator(".g-tiles")

    def log_in(self) -> None:
        """Log in as administrator through Girder's dialog."""
        self.page.goto(self._root)
        self.page.click("a.g-login")
        self.page.fill("#g-login", self._login)
        self.page.fill("#g-password", self._password)
        self.page.click("#g-login-button")
        expect(self.page.locator(".g-user-text")).to_contain_text(self._login)

    def open(self, item: dict) -> None:
        """Go to an item's page and wait for it."""
        self.page.goto(f"{self._root}/#item/{item['_id']}")
        expect(self.page.locator(".g-item-name")).to_have_text(item["name"])
        expect(self.page.locator(".g-item-files-container .g-file-list")).to_be_attached()

    def add_file(self, path: Path) -> None:
        """Upload a file into the open item."""
        self.page.click(".g-upload-into-item")
        self.page.set_input_files("#g-files", path)
        self.page.click(".g-start-upload")

    def wait_until_drawn(self, width: int, height: int) -> dict:
        """Wait until all of an image of that size is on the canvas; return what is on it then."""
        self._wait_for_canvas("({ colours }, least) => colours >= least", COLOURS)
        self.wait_until_filled(self.share_of_whole(width, height))
        return self.page.evaluate(READ_CANVAS)

    def wait_until_middle(self, grey: int) -> None:
        """Wait until the middle of the canvas is of this grey."""
        near = "({ middle }, grey) => middle.every((value) => Math.abs(value - grey) < 8)"
        self._wait_for_canvas(near, grey)

    def wait_until_filled(self, share: float) -> None:
        """Wait until the image covers this share of the canvas."""
        self._wait_for_canvas("({ drawn }, share) => Math.abs(drawn - share) < 0.02", share)

    def share_of_whole(self, width: int, height: int) -> float:
        """Return which share of the canvas an image of that size covers when all of it is shown."""
        across, down = self.page.evaluate(READ_CANVAS)["size"]
        scale = min(across / width, down / height)
        return width * height * scale * scale / (across * down)

    def _wait_for_canvas(self, condition: str, value: float) -> None:
        """Wait until there is a canvas, and what is on it meets a condition."""
        there = f"""(value) => {{
          const canvas = ({READ_CANVAS})();
          return canvas !== null && ({condition})(canvas, value);
        }}"""
        self.page.wait_for_function(there, arg=value, timeout=30 * SECONDS)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status} {response.url}")

    def _on_failed_request(self, request: Request) -> None:
        # Tiles that are no longer in sight are given up by the viewer itself.
        if "ERR_ABORTED" not in (request.failure or ""):
            self.complaints.append(f"{request.failure} {request.url}")
