"""Home Assistant's media browser, used by clicking through it.

Owns how its tiles, pictures and dialogs are found on the page. What they must be is the
steps' business.
"""

from typing import Any, Final
from urllib.parse import quote

from tests.demo.check.checklist import StepFailedError
from tests.demo.polling import until

from .browser import Browser, Player

AMNIMO: Final = "media-source://amnimo"
MY_MEDIA: Final = "media-source://media_source/local/."
PAGE: Final = "/media-browser/browser/"

TILES: Final = "ha-media-player-browse .child"
SEARCH_FIELD: Final = "ha-media-player-browse ha-input-search input"
DIALOG_SECONDS: Final = 15.0

# The folder that is shown, the one that is wanted, and what is to be read in it.
DESCRIBE_FOLDER: Final = """() => {
  let browser = null;
  const look = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.matches("ha-media-player-browse")) browser = element;
      if (element.shadowRoot) look(element.shadowRoot);
    }
  };
  look(document);
  if (!browser?._currentItem) return null;
  return {
    shown: browser._currentItem.media_content_id,
    wanted: browser.navigateIds.at(-1).media_content_id,
    error: browser._error?.message ?? null,
  };
}"""

# Pictures of tiles are backgrounds, which don't tell whether they can be shown.
MEASURE_PICTURES: Final = """async () => {
  const found = [];
  const look = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.matches("ha-media-browser-thumbnail")) {
        found.push(element.shadowRoot.querySelector(".image")?.style.backgroundImage);
      }
      if (element.shadowRoot) look(element.shadowRoot);
    }
  };
  look(document);
  return await Promise.all(found.map(async (background) => {
    const address = /url\\("?(.+?)"?\\)/.exec(background ?? "")?.[1];
    if (!address) return 0;
    const picture = new Image();
    picture.src = address;
    try { await picture.decode(); } catch { return 0; }
    return picture.naturalWidth;
  }));
}"""


# The picture in the dialog that shows one.
MEASURE_SHOWN_PICTURE: Final = """() => {
  let width = 0;
  const look = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.matches("img") && element.clientWidth && element.src.includes("/api/")) {
        width = Math.max(width, element.naturalWidth);
      }
      if (element.shadowRoot) look(element.shadowRoot);
    }
  };
  look(document);
  return width;
}"""


class MediaBrowser:
    """The media browser on a page of its own."""

    def __init__(self, player: Player) -> None:
        """Take a page on which it is open."""
        self.player = player
        self._page = player.page

    @classmethod
    async def open(cls, browser: Browser, root: str) -> MediaBrowser:
        """Open it at a media source."""
        player = await browser.open_path(f"{PAGE}{quote(f'app,{root}', safe='')}")
        opened = cls(player)
        await opened.titles()
        return opened

    async def titles(self) -> list[str]:
        """Wait until a folder is shown, and read what is written under its tiles."""
        last: list[str] | None = None

        async def settled() -> list[str] | None:
            nonlocal last
            folder: dict[str, Any] | None = await self._page.evaluate(DESCRIBE_FOLDER)
            if folder is None or folder["shown"] != folder["wanted"]:
                return None
            before, last = last, await self._read_titles()
            return last if last and last == before else None

        found = await until(settled, "a folder of the media browser is shown")
        assert found is not None
        return found

    async def enter(self, title: str) -> list[str]:
        """Click a folder's tile; read what is in it."""
        address = self._page.url
        await self._click(title)

        async def has_gone_on() -> bool:
            return bool(self._page.url != address)

        await until(has_gone_on, f"the folder {title} is opened")
        return await self.titles()

    async def back(self) -> list[str]:
        """Go back to the folder before."""
        await self._page.go_back()
        return await self.titles()

    async def search(self, words: str) -> None:
        """Fill in the search field."""
        await self._page.locator(SEARCH_FIELD).fill(words)
        await self._page.keyboard.press("Enter")

    async def wait_for_titles(self, wanted: list[str]) -> None:
        """Wait until just these are shown."""

        async def are_shown() -> bool:
            return await self._read_titles() == wanted

        await until(are_shown, f"{wanted} are shown")

    async def pictures(self) -> list[int]:
        """Wait until the tiles that have pictures show them; give their widths in pixels."""

        async def loaded() -> list[int] | None:
            widths: list[int] = await self._page.evaluate(MEASURE_PICTURES)
            return widths if widths and all(widths) else None

        widths = await until(loaded, "the pictures of a folder are shown")
        assert widths is not None
        return widths

    async def play(self, title: str) -> None:
        """Click what can be played, and wait for its first picture."""
        await self._click(title)
        await self.player.wait_for_picture()

    async def look_at(self, title: str) -> int:
        """Click a picture's tile; give the width in pixels that it is shown in full with."""
        await self._click(title)

        async def shown() -> int:
            width: int = await self._page.evaluate(MEASURE_SHOWN_PICTURE)
            return width

        return await until(shown, "the picture is shown")

    async def close_dialog(self) -> None:
        """Close what plays."""
        await self._page.keyboard.press("Escape")

        async def is_closed() -> bool:
            return not await self.player.videos()

        await until(is_closed, "the player is closed", within=DIALOG_SECONDS)

    async def _read_titles(self) -> list[str]:
        texts: list[str] = await self._page.locator(TILES).all_inner_texts()
        return [text.strip() for text in texts]

    async def _click(self, title: str) -> None:
        titles = await self._read_titles()
        if title not in titles:
            raise StepFailedError(f"there is no {title}, but {titles}")
        await self._page.locator(TILES).nth(titles.index(title)).click()
