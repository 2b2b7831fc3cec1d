"""Assist's dialog, to which somebody types.

Owns how the dialog is opened, and what is read in it. What is said and answered is the
steps' business.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from tests.demo.polling import until

from .browser import QUIET_VIEW, Browser, Player

KEY: Final = "a"
FIELD: Final = "ha-voice-command-dialog #message-input input"
ANSWERS: Final = "ha-assist-chat .message.hass"
WORDS: Final = "ha-markdown-element"
# What stands in an answer's place until there is one.
PENDING: Final = "…"

ANSWER_SECONDS: Final = 40.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the dialog shows as an answer, and whether it is shown as an error."""

    text: str
    is_error: bool


class AssistDialog:
    """The dialog on a page of its own: one conversation, until it is closed."""

    def __init__(self, player: Player) -> None:
        """Take the page on which it is open."""
        self.player = player
        self._page = player.page

    async def say(self, sentence: str) -> Answer:
        """Type a sentence, and wait for what is answered."""
        before = await self._page.locator(ANSWERS).count()
        await self._page.locator(FIELD).fill(sentence)
        await self._page.keyboard.press("Enter")

        async def answer() -> Answer | None:
            answers = self._page.locator(ANSWERS)
            if await answers.count() <= before:
                return None
            last = answers.last
            text = "".join(await last.locator(WORDS).all_inner_texts()).strip()
            if not text or text == PENDING:
                return None
            classes = await last.get_attribute("class") or ""
            return Answer(text, "error" in classes.split())

        told = await until(answer, f"{sentence} is answered", within=ANSWER_SECONDS)
        assert told is not None
        return told


@asynccontextmanager
async def assist_dialog(browser: Browser) -> AsyncIterator[AssistDialog]:
    """Open Assist's dialog over a quiet page; close the page on leaving."""
    player = await browser.open_path(f"/{QUIET_VIEW}")
    await player.page.locator("hui-root").wait_for()

    async def is_open() -> bool:
        field = player.page.locator(FIELD)
        if await field.is_visible():
            return True
        # The page listens for keys only some moments after it is drawn.
        await player.page.keyboard.press(KEY)
        return False

    await until(is_open, "Assist's dialog is open", every=1.0)
    try:
        yield AssistDialog(player)
    finally:
        await player.close()
