"""Blueprints and the automations that are made of them, as the frontend does both.

Owns the server that the blueprints are imported from, the dialog for it, and what is sent to
save an automation. Which ones there are is the steps' business.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from tests.demo.api import HomeAssistantApi
from tests.demo.polling import until
from tests.demo.processes import free_port
from tests.demo.simulated_cloud import ROOT

from .browser import Player

LIBRARY: Final = ROOT / "blueprints" / "automation" / "amnimo"

PAGE: Final = "/config/blueprint/dashboard"
EDITOR: Final = "/config/automation/edit"
IMPORT: Final = "Import blueprint"
PREVIEW: Final = "Preview"
DIALOG: Final = "ha-dialog-import-blueprint"


def blueprints() -> list[str]:
    """Give the names of all blueprints there are."""
    return sorted(path.stem for path in LIBRARY.glob("*.yaml"))


@asynccontextmanager
async def library() -> AsyncIterator[str]:
    """Serve the blueprints, as the project's page does; give the address."""
    app = web.Application()
    app.router.add_static("/amnimo", LIBRARY)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}/amnimo"
    finally:
        await runner.cleanup()


async def import_blueprint(
    player: Player, address: str, preview: Path | None = None
) -> None:
    """Import a blueprint on the page for blueprints; take a picture of the preview."""
    page = player.page
    await page.get_by_text(IMPORT, exact=True).click()
    dialog = page.locator(DIALOG)
    await dialog.locator("#input input").fill(address)
    buttons = dialog.locator("ha-button")
    await buttons.filter(has_text=PREVIEW).click()
    confirm = buttons.filter(has_text=IMPORT)
    await confirm.wait_for()
    if preview is not None:
        await player.screenshot(preview)
    await confirm.click()
    await confirm.wait_for(state="hidden")


async def imported(api: HomeAssistantApi) -> dict[str, str]:
    """Give the paths of the blueprints of a Home Assistant by their names."""
    listed = await api.command("blueprint/list", domain="automation")
    return {path.rpartition("/")[2].removesuffix(".yaml"): path for path in listed}


async def automate(
    api: HomeAssistantApi, name: str, path: str, inputs: Mapping[str, Any]
) -> None:
    """Save an automation that is made of a blueprint, and wait until it is on."""
    await api.post(
        f"/api/config/automation/config/{name}",
        {"alias": name, "use_blueprint": {"path": path, "input": inputs}},
    )

    async def is_on() -> bool:
        state = (await api.states()).get(f"automation.{name}", {})
        return state.get("state") == "on"

    await until(is_on, f"the automation {name} is on")
