"""Takes pictures of the demo's dashboard with a browser.

    python -m tests.demo.browser CHROMIUM ADDRESS LANGUAGE FOLDER VIEW...

Runs in an environment that has Playwright and neither Home Assistant nor anything of
the demo's. It logs in on the login page, and goes from view to view as a visitor does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
import io
from pathlib import Path
import sys

from PIL import Image
from playwright import sync_api  # type: ignore[import-not-found]

from .visitor import PASSWORD, USERNAME

WIDTH = 1280
HEIGHT = 960
COLORS = 255

OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# A stream is there after some seconds; a camera that is offline never has one.
PLAY_MILLISECONDS = 60_000
# Live video drops its quality marks, spinners and fades within this.
SETTLE_MILLISECONDS = 4_000

# Playwright's selectors look through shadow roots, a script has to do so itself.
COUNT_PICTURES = """() => {
  const found = {expected: 0, playing: 0, loading: 0};
  const look = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.matches("hui-image")) found.expected += 1;
      if (element.matches("video") && element.currentTime > 0) found.playing += 1;
      if (element.matches("img") && !element.complete) found.loading += 1;
      if (element.shadowRoot) look(element.shadowRoot);
    }
  };
  look(document);
  return found;
}"""


def main(
    chromium: str, address: str, language: str, folder: str, views: list[str]
) -> None:
    """Write one PNG a view, named after it and the language."""
    with visit(chromium, address, language) as page:
        for view in views:
            page.goto(f"{address}/amnimo/{view}")
            page.locator("hui-sections-view").wait_for()
            wait_for_pictures(page)
            keep(page, Path(folder) / f"{view}.{language}.png")


@contextmanager
def visit(chromium: str, address: str, language: str) -> Iterator[sync_api.Page]:
    """Give a page of a new browser, logged in."""
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, headless=True, args=list(OPTIONS)
        )
        context = browser.new_context(
            viewport={"width": WIDTH, "height": HEIGHT},
            locale="ja-JP" if language == "ja" else "en-US",
            timezone_id="Asia/Tokyo",
        )
        page = context.new_page()
        log_in(page, address)
        yield page
        browser.close()


def keep(page: sync_api.Page, file: Path) -> None:
    """Write what the page shows as a PNG of few colors, which is a third as large."""
    shown = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    few = shown.quantize(COLORS, dither=Image.Dither.NONE)
    few.save(file, optimize=True)


def log_in(page: sync_api.Page, address: str) -> None:
    """Fill in the login page."""
    page.goto(address)
    page.locator("input[name=username]").fill(USERNAME)
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.locator("home-assistant-main").wait_for()


def wait_for_pictures(page: sync_api.Page) -> None:
    """Wait until all pictures are loaded, and no further video begins to play."""
    waited = 0
    last = None
    while waited < PLAY_MILLISECONDS:
        page.wait_for_timeout(SETTLE_MILLISECONDS)
        waited += SETTLE_MILLISECONDS
        now = page.evaluate(COUNT_PICTURES)
        if now == last and not now["loading"]:
            return
        last = now


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4], sys.argv[5:])
