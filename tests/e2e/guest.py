"""Steps: a user who may see one camera, and finds nothing of the others.

Home Assistant's user interface knows no groups of users with rights of their own, its
storage does: that of the guest is there before Home Assistant is started.
"""

from collections.abc import Awaitable
import json
from pathlib import Path
from typing import Any, Final

from tests.demo.api import ApiError, HomeAssistantApi
from tests.demo.check.checklist import StepFailedError, expect

from .media_browser import AMNIMO, MediaBrowser
from .visit import Viewing

GROUP: Final = "guests"
NAME: Final = "guest"
PASSWORD: Final = "let me in"
SEEN_CAMERA: Final = "Front gate"
SEEN_ENTITY: Final = "camera.front_gate"

STORED: Final = {
    "version": 1,
    "minor_version": 1,
    "key": "auth",
    "data": {
        "users": [],
        "groups": [
            {
                "id": GROUP,
                "name": "Guests",
                "policy": {"entities": {"entity_ids": {SEEN_ENTITY: {"read": True}}}},
            }
        ],
        "credentials": [],
        "refresh_tokens": [],
    },
}


def prepare(folder: Path) -> None:
    """Write the group into the storage of a Home Assistant that was never started."""
    storage = folder / ".storage"
    storage.mkdir(parents=True)
    (storage / "auth").write_text(json.dumps(STORED), encoding="utf-8")


async def find_nothing(visit: Viewing) -> str:
    """Try as the guest what the owner does: browser, commands, views and actions."""
    await _invite(visit)
    camera = await visit.recording_camera()
    expect(
        visit.entity(await _id_of(visit, SEEN_CAMERA), "camera").entity_id
        == SEEN_ENTITY,
        f"{SEEN_CAMERA} is not {SEEN_ENTITY}",
    )
    account = f"{AMNIMO}/{visit.cloud.credentials.account_id.lower()}"
    hidden = f"{account}/{camera['id']}"
    media_id = visit.made[0]["media_id"]
    views = await _views(visit, hidden)
    async with HomeAssistantApi(visit.api.url) as guest:
        await guest.log_in(NAME, PASSWORD)
        await guest.connect()
        asked = await visit.count_api_requests()
        for doing in (
            guest.command("media_source/browse_media", media_content_id=hidden),
            guest.command(
                "media_source/browse_media", media_content_id=f"{hidden}/clips"
            ),
            guest.command(
                "media_source/resolve_media",
                media_content_id=f"{hidden}/clips/{media_id}",
            ),
        ):
            await _refused(doing)
        found = await guest.command(
            "media_source/search_media",
            media_content_id=account,
            search_query=visit.made[0]["name"],
        )
        expect(not found["result"], "a search finds what another camera took")
        entity_id = visit.entity(camera["id"], "camera").entity_id
        for action, target, data in (
            ("generate_snapshot", entity_id, {}),
            ("search_media", entity_id, {}),
            ("get_thumbnails", entity_id, {}),
            (
                "download_media",
                None,
                {"config_entry_id": visit.entry_id, "media_id": media_id},
            ),
        ):
            await _refused(guest.act(f"amnimo.{action}", target, data, answer=True))
        for path in views:
            status = await _refused(guest.fetch(path))
            expect(status == "403", f"{path.split('/')[3]} answers {status}")
        cost = await visit.count_api_requests() - asked
        expect(cost <= len(views) + 2, f"being refused cost {cost} API requests")
    async with visit.own_browser.somebody_else() as browser:
        await browser.log_in(NAME, PASSWORD)
        media = await MediaBrowser.open(browser, AMNIMO)
        (own_account,) = await media.titles()
        cameras = await media.enter(own_account)
        await media.pictures()
        await media.player.screenshot(visit.pictures / "guest.png")
    expect(cameras == [SEEN_CAMERA], f"the guest sees {cameras}")
    return f"{SEEN_CAMERA} alone; 403 from {len(views)} views"


async def _invite(visit: Viewing) -> None:
    """Create the guest, as an administrator does."""
    created = await visit.api.command(
        "config/auth/create", name=NAME, group_ids=[GROUP], local_only=False
    )
    await visit.api.command(
        "config/auth_provider/homeassistant/create",
        user_id=created["user"]["id"],
        username=NAME,
        password=PASSWORD,
    )


async def _views(visit: Viewing, camera: str) -> list[str]:
    """Return where the owner sees a clip and a thumbnail of a camera, without signatures."""
    paths = [visit.made[0]["url"]]
    folder = await visit.api.command(
        "media_source/browse_media", media_content_id=f"{camera}/clips"
    )
    paths += [each["thumbnail"] for each in folder["children"]][:1]
    plain = [path.partition("?")[0] for path in paths]
    for path in plain:
        await visit.api.fetch(path)
    return plain


async def _id_of(visit: Viewing, name: str) -> str:
    cameras: list[dict[str, Any]] = (await visit.cloud.world())["cameras"]
    return str(next(each["id"] for each in cameras if each["name"] == name))


async def _refused(doing: Awaitable[Any]) -> str:
    """Return how something is refused; fails the step where it is not."""
    try:
        await doing
    except ApiError as err:
        return err.key
    raise StepFailedError("the guest is not refused")
