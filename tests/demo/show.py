"""The demo itself: everything set up, to be looked at until Ctrl-C."""

import asyncio
import json
from pathlib import Path
import shutil
from typing import Any

from . import dashboard, entry, onboarding
from .api import ApiError, HomeAssistantApi
from .home import Home, complete_home
from .simulated_cloud import Size
from .stage import Stage, claimed, stage
from .talk import say
from .visitor import PASSWORD, USERNAME, Language


async def run(
    folder: Path,
    size: Size,
    language: Language,
    *,
    port: int,
    cloud_port: int,
    reset: bool,
) -> None:
    """Set the stage and leave it to the visitor; returns only by being cancelled."""
    with claimed(folder):
        if reset:
            shutil.rmtree(folder / "home-assistant", ignore_errors=True)
        say("demo: starting the simulated cloud and Home Assistant …")
        try:
            async with stage(folder, size, port=port, cloud_port=cloud_port) as set_up:
                await furnish(set_up, language)
                say(await invitation(set_up))
                await set_up.watch()
        except asyncio.CancelledError:
            say("\ndemo: stopped")
            raise


async def furnish(set_up: Stage, language: Language) -> None:
    """Add the account and the dashboard, or bring them up to date."""
    api = set_up.api
    await onboarding.enter(api, language)
    await set_up.home_assistant.wait_until_running(api)
    entry_id = await entry.working_entry(api)
    if entry_id is None:
        say("demo: adding the amnimo account …")
        page = await entry.open_flow(api)
        entry_id = await entry.finish_flow(api, page, set_up.cloud.credentials)
        await entry.wait_until_loaded(api, entry_id)
        home = await complete_home(api, entry_id)
        await make_first_media(api, home)
    else:
        # Entities are named in the language that is set while they are added.
        await entry.reload(api, entry_id)
        await entry.wait_until_loaded(api, entry_id)
        home = await complete_home(api, entry_id)
    await dashboard.publish(api, home, language)


async def make_first_media(api: HomeAssistantApi, home: Home) -> None:
    """Ask for a clip and a snapshot, so that there is something to see."""
    states = await api.states()
    recording = [
        camera
        for camera in home.cameras
        for entity in camera.of("binary_sensor", "running")
        if states[entity.entity_id]["state"] == "on"
    ]
    wishes: list[tuple[str, dict[str, Any]]] = [
        ("amnimo.generate_clip", {"last": {"seconds": 20}}),
        ("amnimo.generate_snapshot", {}),
    ]
    for camera, (action, when) in zip(recording, wishes, strict=False):
        entity_id = camera.of("camera")[0].entity_id
        try:
            await api.act(action, entity_id, {"download": True, "wait": False, **when})
        except ApiError as err:
            say(f"demo: no first footage of {camera.name}: {err.message}")


async def invitation(set_up: Stage) -> str:
    """Say where to look and what to try."""
    world = await set_up.cloud.world()
    counts = world["counts"]
    url = set_up.cloud.world_url
    camera = next(each for each in world["cameras"] if each["online"])
    offline = json.dumps(
        {"change": "camera_online", "camera_id": camera["id"], "online": False}
    )
    return f"""
  Home Assistant    {set_up.home_assistant.url}
                    user {USERNAME}, password {PASSWORD}

  Simulated cloud   {counts["tenants"]} tenants, {counts["cameras"]} cameras, \
{counts["devices"]} edge devices
                    What there is:         curl {url}
                    What it was asked:     curl {set_up.cloud.stats_url}
                    Unplug {camera["name"]}:
                    curl --json '{offline}' {url}

Ctrl-C stops both. The next start goes on from here; --reset begins anew."""
