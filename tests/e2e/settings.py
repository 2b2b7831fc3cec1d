"""Home Assistant's settings, used by clicking through them.

Owns how pages, dialogs and buttons are found, by a person who reads one language. What they
must say is the steps' business.
"""

from collections.abc import Sequence
from pathlib import Path
import re
from typing import Any, Final

from playwright import async_api  # type: ignore[import-not-found,unused-ignore]

from tests.demo.check.checklist import StepFailedError, expect
from tests.demo.polling import until
from tests.demo.visitor import Language

from .browser import Browser
from .wording import Wording, find_flaws, squeeze, wording

INTEGRATIONS: Final = "/config/integrations/dashboard"
AMNIMO: Final = "/config/integrations/integration/amnimo"
REPAIRS: Final = "/config/repairs"

FLOW: Final = "dialog-data-entry-flow"
ISSUE: Final = "dialog-repairs-issue"
QUESTION: Final = "dialog-box"
BRANDS: Final = "dialog-add-integration"
ADDRESS: Final = "api_url"

# A busy machine draws a page in seconds.
PATIENCE_MS: Final = 60_000

# What a flow answers when something was submitted.
ANSWER: Final = re.compile(
    r"/api/(config/config_entries/(options/)?flow|repairs/issues/fix)/[0-9A-Za-z]+$"
)

# Text is spread over shadow roots; it is read in the order in which it is shown, without what
# is folded away.
READ: Final = """(name) => {
  let found = null;
  const find = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.matches(name)) found = element;
      if (element.shadowRoot) find(element.shadowRoot);
    }
  };
  find(document);
  if (!found) return null;
  const texts = [];
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) {
      if (node.textContent.trim()) texts.push(node.textContent.trim());
      return;
    }
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    if (["STYLE", "SCRIPT"].includes(node.tagName)) return;
    const style = getComputedStyle(node);
    if (style.display === "none" || style.visibility === "hidden") return;
    const slotted = node.tagName === "SLOT" ? node.assignedNodes() : [];
    const children = slotted.length ? slotted : (node.shadowRoot ?? node).childNodes;
    for (const child of children) walk(child);
  };
  walk(found);
  return texts.join("\\n");
}"""


class Person:
    """Somebody at the settings, on one page of a browser of their own."""

    def __init__(
        self, language: Language, page: async_api.Page, address: str, pictures: Path
    ) -> None:
        """Take a page on which they are logged in."""
        self.language = language
        self.words: Wording = wording(language)
        self.page = page
        self._address = address
        self._pictures = pictures
        page.set_default_timeout(PATIENCE_MS)

    @classmethod
    async def arrive(
        cls, language: Language, browser: Browser, address: str, pictures: Path
    ) -> Person:
        """Open the settings in a browser that is logged in."""
        player = await browser.open_path("/config/dashboard")
        return cls(language, player.page, address, pictures)

    # --- Pages -----------------------------------------------------------------------------

    async def go(self, path: str) -> None:
        """Open a page anew."""
        await self.page.goto(self._address + path)
        await self.page.locator("home-assistant-main").wait_for()

    async def picture(self, name: str) -> None:
        """Take a picture of what is shown, under a name."""
        file = self._pictures / f"{self.language}-{name}.png"
        await self.page.screenshot(path=file, animations="disabled")

    async def add_integration(self) -> None:
        """Choose amnimo among all integrations."""
        await self.go(INTEGRATIONS)
        await self.click_button("ui.panel.config.integrations.add_integration")
        await self.page.locator(f"{BRANDS} ha-input-search input").fill("amnimo")
        brand = self.page.locator(f"{BRANDS} ha-integration-list-item")
        await brand.filter(has_text="amnimo").first.click()

    async def open_options(self) -> None:
        """Open the options of the account."""
        await self._open_account()
        key = "ui.panel.config.integrations.config_entry.configure"
        await self._account.get_by_role(
            "button", name=self.words.button(key), exact=True
        ).first.click()

    async def choose_in_menu(self, key: str) -> None:
        """Choose something in the menu of the account, by the frontend's key for it."""
        await self._open_account()
        menu = self._account.get_by_role(
            "button", name=self.words.button("ui.common.menu"), exact=True
        )
        await menu.first.click()
        item = self._account.get_by_role("menuitem", name=self.words.button(key))
        await item.first.click()

    async def _open_account(self) -> None:
        await self.go(AMNIMO)
        await self._account.wait_for()

    @property
    def _account(self) -> async_api.Locator:
        return self.page.locator("ha-config-entry-row")

    async def wait_until_account_is_gone(self) -> None:
        """Wait until there is no account on the page that shows them."""
        await self._account.wait_for(state="detached")

    async def click_button(self, key: str, within: str = "home-assistant") -> None:
        """Click a button by the frontend's key for what is written on it."""
        button = self.page.locator(within).get_by_role(
            "button", name=self.words.button(key), exact=True
        )
        await button.first.click()

    async def open_issue(self, title: str) -> None:
        """Open a repair issue by its title, which is on the list of all."""
        await self.go(REPAIRS)
        issue = self.page.locator("ha-config-repairs ha-list-item-button")
        await issue.filter(has_text=title).click()

    async def see_issues(self, titles: Sequence[str]) -> None:
        """Check that the list of repairs has these, and nothing else."""
        await self.go(REPAIRS)
        found = self.page.locator("ha-config-repairs ha-list-item-button")
        page = self.page.locator("ha-config-repairs-dashboard")
        await page.wait_for()

        async def shown() -> bool:
            texts = await found.locator("[slot=headline]").all_inner_texts()
            return sorted(each.strip() for each in texts) == sorted(titles)

        await until(shown, f"the repairs are {list(titles)}")

    # --- Dialogs ---------------------------------------------------------------------------

    async def read(self, dialog: str = FLOW) -> str:
        """Give all text that a dialog shows, nothing where there is none."""
        text: str | None = await self.page.evaluate(READ, dialog)
        return text or ""

    async def see(self, texts: Sequence[str], dialog: str = FLOW) -> None:
        """Wait until a dialog shows texts, and check that it shows nothing that it must not."""
        wanted = {squeeze(text): text for text in texts}
        missing: list[str] = []

        async def shown() -> bool:
            squeezed = squeeze(await self.read(dialog))
            missing[:] = [text for each, text in wanted.items() if each not in squeezed]
            return not missing

        try:
            await until(shown, "a dialog shows what it ought to")
        except Exception as err:
            seen = await self.read(dialog)
            await self.picture("missing")
            raise StepFailedError(f"{missing} is not shown, but {seen!r}") from err
        flaws = find_flaws(await self.read(dialog), self.language)
        expect(not flaws, f"a dialog shows {flaws}")

    async def fill(self, name: str, value: str) -> None:
        """Write something into a field of the form, unfolding it where it is folded."""
        field = self.page.locator(f"{FLOW} input[name={name}]")
        if name == ADDRESS and not await self.shows_address():
            await self.page.locator(f"{FLOW} ha-form-expandable #summary").click()
        await field.fill(value)

    async def fill_number(self, index: int, value: str) -> None:
        """Write something into a field for numbers, counted from 0."""
        await self.page.locator(f"{FLOW} input[type=number]").nth(index).fill(value)

    async def numbers(self) -> list[str]:
        """Give what is in the fields for numbers."""
        fields = self.page.locator(f"{FLOW} input[type=number]")
        await fields.first.wait_for()
        return [await each.input_value() for each in await fields.all()]

    async def value(self, name: str) -> str:
        """Give what is written in a field of the form, shown or folded."""
        value: str = await self.page.locator(f"{FLOW} input[name={name}]").input_value()
        return value

    async def shows_address(self) -> bool:
        """Tell if the address of the API is to be seen."""
        field = self.page.locator(f"{FLOW} input[name={ADDRESS}]")
        await field.wait_for(state="attached")
        shown: bool = await field.is_visible()
        return shown

    async def choose(self, *labels: str) -> None:
        """Tick exactly these of the boxes."""
        boxes = self.page.locator(f"{FLOW} ha-checkbox")
        await boxes.first.wait_for()
        for box in await boxes.all():
            wanted = (await box.inner_text()).strip() in labels
            if await box.locator("input").is_checked() != wanted:
                await box.click()

    async def choose_from_menu(self, text: str) -> None:
        """Choose a way to go on from the menu of a flow."""
        async with self.page.expect_response(_is_answer):
            await (
                self.page.locator(f"{FLOW} step-flow-menu ha-list-item")
                .filter(has_text=text)
                .click()
            )

    async def submit(self) -> dict[str, Any]:
        """Submit the form; give what Home Assistant answers."""
        async with self.page.expect_response(_is_answer) as waiting:
            await self._primary_button.click()
        answer: dict[str, Any] = await (await waiting.value).json()
        return answer

    async def finish(self) -> None:
        """Click what closes a dialog that has done its work."""
        await self._primary_button.click()
        await self.page.locator(f"{FLOW} ha-dialog[open]").wait_for(state="detached")

    @property
    def _primary_button(self) -> async_api.Locator:
        return self.page.locator(f"{FLOW} ha-dialog-footer [slot=primaryAction]").first

    async def confirm(self) -> None:
        """Say yes to a question."""
        buttons = self.page.locator(f"{QUESTION} ha-dialog-footer")
        await buttons.locator("[slot=primaryAction]").click()


def _is_answer(response: async_api.Response) -> bool:
    path = response.url.partition("?")[0]
    return response.request.method == "POST" and bool(ANSWER.search(path))
