"""Takes pictures of Home Assistant's own pages, used as a visitor of the demo uses them.

    python -m tests.demo.tour CHROMIUM ADDRESS LANGUAGE FOLDER SCENE...

What is where (`Places`) comes as JSON in the environment variable AMNIMO_PLACES, for there
is a secret in it. Like `tests.demo.browser`, it knows nothing of Home Assistant but its pages.
"""

from collections.abc import Callable
import json
import os
from pathlib import Path
import sys
from typing import TypedDict
from urllib.parse import quote

from playwright import sync_api  # type: ignore[import-not-found]

from .browser import keep, visit

# What fades, slides and loads its icons has done so by then.
SETTLE_MILLISECONDS = 2_000
# A stream starts, a snapshot is made, on a slow machine.
PATIENCE_MILLISECONDS = 90_000

IS_PLAYING = """() => {
  let playing = false;
  const look = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.matches("video") && element.currentTime > 0.5) playing = true;
      if (element.shadowRoot) look(element.shadowRoot);
    }
  };
  look(document);
  return playing;
}"""

# Pictures of tiles are backgrounds, which are fetched after the tile is there.
HAS_PICTURES = """() => {
  let found = 0;
  const look = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.matches("ha-media-browser-thumbnail")
          && element.shadowRoot?.querySelector(".image")?.style.backgroundImage) found += 1;
      if (element.shadowRoot) look(element.shadowRoot);
    }
  };
  look(document);
  return found > 0;
}"""


class Places(TypedDict, total=False):
    """What is typed in and where things are; of what a scene does not need, nothing."""

    client_id: str
    client_secret: str
    account_id: str
    api_url: str
    camera: str
    """Entity ID."""
    thumbnails: str
    """The camera's folder in the media browser."""
    device: str
    """Of the device registry."""
    automation: str
    from_blueprint: str
    """IDs of automations."""
    sentence: str
    """What is asked of Assist."""


def main(
    chromium: str, address: str, language: str, folder: str, scenes: list[str]
) -> None:
    """Write one PNG a scene, named after it and the language."""
    places: Places = json.loads(os.environ["AMNIMO_PLACES"])
    with visit(chromium, address, language) as page:
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        for scene in scenes:
            SCENES[scene](page, address, places)
            page.wait_for_timeout(SETTLE_MILLISECONDS)
            keep(page, Path(folder) / f"{scene}.{language}.png")


def setup(page: sync_api.Page, address: str, places: Places) -> None:
    """Choose to add an account, and fill in the form."""
    page.goto(f"{address}/config/integrations/dashboard/add?domain=amnimo")
    page.locator("ha-dialog [slot=primaryAction]").last.click()
    form = page.locator("step-flow-form")
    form.locator("input[name=client_id]").fill(places["client_id"])
    form.locator("input[name=client_secret]").fill(places["client_secret"])
    form.locator("input[name=account_id]").fill(places["account_id"])


def tenants(page: sync_api.Page, address: str, places: Places) -> None:
    """Go on from the form to the choice of tenants."""
    page.locator("step-flow-form ha-expansion-panel").click()
    page.locator("step-flow-form input[name=api_url]").fill(places["api_url"])
    page.locator("ha-dialog-footer [slot=primaryAction]").last.click()
    page.locator("step-flow-form ha-checkbox").first.wait_for()


def options(page: sync_api.Page, address: str, places: Places) -> None:
    """Open the account's options."""
    page.goto(f"{address}/config/integrations/integration/amnimo")
    # Until the devices are listed, clicks go nowhere.
    page.locator("ha-config-entry-row ha-config-entry-device-row").first.wait_for()
    # The first is the arrow that folds the devices.
    page.locator("ha-config-entry-row ha-icon-button").nth(1).click()
    page.locator("step-flow-form input[type=number]").first.wait_for()


def camera(page: sync_api.Page, address: str, places: Places) -> None:
    """Open a camera's dialog, and wait for its video."""
    page.goto(f"{address}/amnimo/account?more-info-entity-id={places['camera']}")
    page.wait_for_function(IS_PLAYING)


def device(page: sync_api.Page, address: str, places: Places) -> None:
    """Open an edge device's page."""
    page.goto(f"{address}/config/devices/device/{places['device']}")
    page.locator("ha-device-entities-card").first.wait_for()


def media(page: sync_api.Page, address: str, places: Places) -> None:
    """Open today's thumbnails of a camera."""
    folder = quote(f"app,{places['thumbnails']}", safe="")
    page.goto(f"{address}/media-browser/browser/{folder}")
    page.locator("ha-media-player-browse .child").first.click()
    page.wait_for_function(HAS_PICTURES)
    # Away from the tile that it would offer to play.
    page.mouse.move(0, 0)
    page.wait_for_load_state("networkidle")


def assist(page: sync_api.Page, address: str, places: Places) -> None:
    """Ask Assist for a snapshot."""
    page.goto(f"{address}/amnimo/account")
    page.locator("hui-sections-view").wait_for()
    page.keyboard.press("a")
    page.locator("ha-assist-chat input").fill(places["sentence"])
    said = page.locator("ha-assist-chat .message.hass")
    greeted = said.count()
    page.keyboard.press("Enter")
    said.nth(greeted).wait_for()
    page.wait_for_timeout(10_000)


def automation(page: sync_api.Page, address: str, places: Places) -> None:
    """Open an automation with a trigger and a condition of the integration's."""
    page.goto(f"{address}/config/automation/edit/{places['automation']}")
    page.locator("ha-automation-trigger-row").wait_for()


def blueprint(page: sync_api.Page, address: str, places: Places) -> None:
    """Open an automation that is made from a blueprint."""
    page.goto(f"{address}/config/automation/edit/{places['from_blueprint']}")
    page.locator("blueprint-automation-editor ha-selector").first.wait_for()


def repair(page: sync_api.Page, address: str, places: Places) -> None:
    """Open the first repair."""
    page.goto(f"{address}/config/repairs")
    page.locator("ha-config-repairs ha-list-item-button").first.click()
    page.locator("step-flow-menu").wait_for()


SCENES: dict[str, Callable[[sync_api.Page, str, Places], None]] = {
    scene.__name__: scene
    for scene in (
        setup,
        tenants,
        options,
        camera,
        device,
        media,
        assist,
        automation,
        blueprint,
        repair,
    )
}


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4], sys.argv[5:])
