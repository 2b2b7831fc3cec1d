"""Steps: automations are made of all blueprints, in both languages, and each does its work.

What happens, happens at the cloud or to Home Assistant: a camera loses its connection, an
input opens, somebody rings. What comes of it is read in the notifications, in the media
folder, and in what the cloud counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
import re
from typing import Any, Final
from zoneinfo import ZoneInfo

from PIL import Image

from tests.demo import entry
from tests.demo.check.checklist import expect
from tests.demo.check.ports import until_port_is
from tests.demo.home import Entity
from tests.demo.onboarding import PLACE
from tests.demo.polling import until
from tests.demo.video import decode, picture_size
from tests.demo.visitor import LANGUAGES, Language

from . import automations_editor as editor
from .assist import camera_called, count_asked, expect_answer, files_of, pictures_of
from .assist_dialog import assist_dialog
from .visit import Viewing

SEER: Final = Path(__file__).with_name("automations_seer")
SEER_ENTITY: Final = "ai_task.seer"

TIME_ZONE: Final = ZoneInfo(str(PLACE["time_zone"]))

# A camera whose recordings are in the cloud, and the gap that they get.
RECORDED: Final = "Server room"
# One whose recordings are at its edge device alone.
AT_EDGE: Final = "Front gate"
GAP_START: Final = timedelta(hours=1)
GAP: Final = timedelta(minutes=10)

CLIP_BEFORE: Final = 5
CLIP_AFTER: Final = 2
SWITCHED_SECONDS: Final = 4
# The shortest time for which the form lets a camera be offline.
OFFLINE_MINUTES: Final = 1
OFFLINE_PATIENCE: Final = 100.0


@dataclass(frozen=True, slots=True)
class Household:
    """What the automations of one language are made with, and what they have to say.

    `at_gate` is the camera of which there are pictures and clips, `lost` the one that goes
    offline. Texts are regular expressions.
    """

    suffix: str
    at_gate: str
    lost: str
    output: str
    contact: str
    say_snapshot: str
    snapshot: str
    say_see: str
    see: str
    disconnected: str
    clip: str
    recordings: str
    gap: str
    at_edge: str
    back: str
    came_back: str


HOUSEHOLDS: Final[Mapping[Language, Household]] = {
    "en": Household(
        suffix="",
        at_gate="Front gate",
        lost="駐車場",
        output="do1",
        contact="di1",
        say_snapshot="take a snapshot of the server room",
        snapshot=r"I have taken a snapshot of Server room\.",
        say_see="what do you see in the server room",
        see=r"I see {size}\.",
        disconnected="{name} is disconnected",
        clip=r"The clip from {clock} to {clock} is ready\.",
        recordings="Recordings of {day}: look at them",
        gap=r"Server room: .*01:00:00–01:10:00.* not recorded, [\d.]+ min in all\.",
        at_edge="Recorded to the edge device, which can't be checked: Front gate.",
        back="{camera} is back",
        came_back=r"It had been offline since .+\. It came back after .+ was switched "
        r"off and on again \(tries: 1\)\.",
    ),
    "ja": Household(
        suffix="_ja",
        at_gate="正面ゲート",
        lost="事務所入口",
        output="do2",
        contact="di2",
        say_snapshot="Server roomのスナップショットを撮って",
        snapshot=r"Server roomのスナップショットを撮りました。",
        say_see="Server roomに何が見えますか",
        see=r"見えるのは {size} です。",
        disconnected="{name}が切断されました",
        clip=r"{clock}から{clock}までのビデオクリップができました。",
        recordings="{day}の録画: 確認が必要です",
        gap=r"Server room: .*01:00:00–01:10:00.* の録画がありません\(計 [\d.]+ 分\)。",
        at_edge="エッジデバイスに録画するため調べられません: Front gate",
        back="{camera}が復帰しました",
        came_back=r".+からオフラインでしたが、.+の電源を入れ直して復帰しました\(1回\)。",
    ),
}


def prepare(folder: Path) -> None:
    """Put an AI beside the integration, in a Home Assistant that was never started."""
    place = folder / "custom_components"
    place.mkdir(parents=True)
    (place / SEER.name).symlink_to(SEER, target_is_directory=True)


async def import_all(visit: Viewing) -> str:
    """Import each blueprint on the page for blueprints."""
    player = await visit.own_browser.open_path(editor.PAGE)
    names = editor.blueprints()
    async with editor.library() as address:
        for name in names:
            preview = visit.pictures / f"import.{name}.png"
            await editor.import_blueprint(
                player, f"{address}/{name}.yaml", preview if "voice" in name else None
            )
    found = await editor.imported(visit.api)
    expect(set(names) <= set(found), f"there are {sorted(found)}")
    await player.screenshot(visit.pictures / "blueprints.png")
    await player.close()
    return f"{len(names)} blueprints"


async def automate_all(visit: Viewing) -> str:
    """Make an automation of each blueprint, and look at one in the editor."""
    await visit.api.post(entry.FLOWS, {"handler": SEER.name})
    paths = await editor.imported(visit.api)
    names = editor.blueprints()
    number = len(names)
    for language in LANGUAGES:
        household = HOUSEHOLDS[language]
        await _set_contact(visit, household, on=True)
        for blueprint, inputs in (await _inputs(visit, language)).items():
            name = f"{blueprint}{household.suffix}"
            await editor.automate(visit.api, name, paths[name], inputs)
            names.remove(name)
    expect(not names, f"no automation was made of {names}")
    player = await visit.own_browser.open_path(f"{editor.EDITOR}/camera_power_cycle")
    await player.page.get_by_text("Power off for").wait_for()
    await player.screenshot(visit.pictures / "editor.png")
    await player.close()
    return f"{number} automations"


async def lose_cameras(visit: Viewing) -> str:
    """Let a camera lose its connection, for long enough; other things go on meanwhile."""
    for household in HOUSEHOLDS.values():
        await _connect(visit, household.lost, online=False)
    return ", ".join(household.lost for household in HOUSEHOLDS.values())


async def ask_for_snapshots(visit: Viewing) -> str:
    """Ask for a snapshot by voice, without any sentences of the integration."""
    answers = []
    for household in HOUSEHOLDS.values():
        asked = await count_asked(visit)
        kept = len(pictures_of(visit, RECORDED))
        async with assist_dialog(visit.own_browser) as dialog:
            answer = await dialog.say(household.say_snapshot)
        expect_answer(answer, household.snapshot)
        expect(await count_asked(visit) == asked + 1, "not one snapshot was asked for")
        expect(len(pictures_of(visit, RECORDED)) == kept + 1, "no picture was kept")
        answers.append(answer.text)
    return " ".join(f"“{text}”" for text in answers)


async def ask_what_is_seen(visit: Viewing) -> str:
    """Ask what a camera sees; an AI looks at a picture that was taken for it."""
    answers = []
    for language, household in HOUSEHOLDS.items():
        asked = await count_asked(visit)
        async with assist_dialog(visit.own_browser) as dialog:
            answer = await dialog.say(household.say_see)
            await dialog.player.screenshot(visit.pictures / f"seen.{language}.png")
        newest = max(
            pictures_of(visit, RECORDED), key=lambda path: path.stat().st_mtime
        )
        with Image.open(newest) as picture:
            size = f"{picture.width} x {picture.height}"
        expect_answer(answer, household.see.format(size=size))
        expect(await count_asked(visit) == asked + 1, "not one snapshot was asked for")
        answers.append(answer.text)
    return " ".join(f"“{text}”" for text in answers)


async def ring(visit: Viewing) -> str:
    """Fire an event: ports go off and come back, clips are made of what led to it."""
    device = await _device_with_outputs(visit)
    outputs = [household.output for household in HOUSEHOLDS.values()]
    await visit.api.post("/api/events/bell")
    for state in ("off", "on"):
        for output in outputs:
            await until_port_is(visit, device["id"], output, state)
    seen = []
    for household in HOUSEHOLDS.values():
        note = await _notification(visit, household.at_gate)
        clock = r"\d\d:\d\d:\d\d"
        text, _, link = note["message"].partition("\n\n")
        expect(
            re.fullmatch(household.clip.format(clock=clock), text), f"it says “{text}”"
        )
        content, _ = await visit.api.fetch(_address_in(link))
        seconds = decode(content).seconds
        wanted = CLIP_BEFORE + CLIP_AFTER
        expect(abs(seconds - wanted) <= 1, f"the clip lasts {seconds:.1f} s")
        files = files_of(visit, household.at_gate, "mp4")
        expect(len(files) == 1, f"{len(files)} clips of {household.at_gate} were kept")
        seen.append(f"“{text}” {seconds:.1f} s")
    return f"{', '.join(outputs)} off and on; {'; '.join(seen)}"


async def disconnect(visit: Viewing) -> str:
    """Open the inputs that are watched: each is told of with a picture."""
    seen = []
    for household in HOUSEHOLDS.values():
        contact = await _set_contact(visit, household, on=False)
        state = await visit.api.state(contact.entity_id)
        name = state["attributes"]["friendly_name"]
        note = await _notification(visit, household.disconnected.format(name=name))
        content, _ = await visit.api.fetch(_address_in(note["message"]))
        width, height = picture_size(content)
        seen.append(f"“{note['title']}” {width}x{height}")
    return "; ".join(seen)


async def check_recordings(visit: Viewing) -> str:
    """Have the nightly check done, of a day on which ten minutes are missing."""
    today = datetime.now(TIME_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    yesterday = today - timedelta(days=1)
    start = yesterday + GAP_START
    camera = await camera_called(visit, RECORDED)
    await visit.cloud.change_world(
        "recording_gap",
        camera_id=camera["id"],
        start=start.timestamp(),
        end=(start + GAP).timestamp(),
    )
    seen = []
    for household in HOUSEHOLDS.values():
        await visit.api.act(
            "automation.trigger", f"automation.nightly_recordings{household.suffix}"
        )
        title = household.recordings.format(day=yesterday.date())
        note = await _notification(visit, title)
        gap, at_edge = note["message"].split("\n\n")
        expect(re.fullmatch(household.gap, gap), f"it says “{gap}”")
        expect(at_edge == household.at_edge, f"it says “{at_edge}”")
        seen.append(f"“{gap}”")
    return " ".join(seen)


async def power_cycle(visit: Viewing) -> str:
    """Wait until the ports of the lost cameras are reset, and give them back."""
    seen = []
    cameras = [
        await camera_called(visit, household.lost) for household in HOUSEHOLDS.values()
    ]
    await until(
        lambda: _were_reset(visit, cameras),
        "the ports are reset",
        within=OFFLINE_PATIENCE,
    )
    for household in HOUSEHOLDS.values():
        await _connect(visit, household.lost, online=True)
    for household in HOUSEHOLDS.values():
        note = await _notification(visit, household.back.format(camera=household.lost))
        text = note["message"]
        expect(re.fullmatch(household.came_back, text), f"it says “{text}”")
        seen.append(f"“{text}”")
    return " ".join(seen)


async def show_notifications(visit: Viewing) -> str:
    """Look at the notifications as the frontend shows them."""
    player = await visit.own_browser.open_path("/profile/general")
    await player.page.get_by_text("Notifications", exact=True).click()
    notes = await visit.api.command("persistent_notification/get")
    cards = player.page.locator("notification-drawer persistent-notification-item")
    await cards.first.wait_for()

    async def has_picture() -> bool:
        shown = await player.page.locator("notification-drawer img").count()
        return bool(shown)

    await until(has_picture, "a notification shows a picture")
    await player.screenshot(visit.pictures / "notifications.png")
    await player.close()
    return f"{len(notes)} notifications"


async def _inputs(visit: Viewing, language: Language) -> dict[str, Mapping[str, Any]]:
    """Give what is filled in for each blueprint of a language."""
    household = HOUSEHOLDS[language]
    at_gate = await camera_called(visit, household.at_gate)
    lost = await camera_called(visit, household.lost)
    recorded = await camera_called(visit, RECORDED)
    at_edge = await camera_called(visit, AT_EDGE)
    outputs = await _device_with_outputs(visit)
    gate_entity = visit.entity(at_gate["id"], "camera").entity_id
    recorded_entity = visit.entity(recorded["id"], "camera").entity_id
    bell = [{"trigger": "event", "event_type": "bell"}]
    counter = await visit.api.command(
        "input_text/create", name=f"Power cycles {language}"
    )
    contact = await _contact(visit, household)
    return {
        "voice_snapshot": {"cameras": [recorded_entity]},
        "what_do_you_see": {"cameras": [recorded_entity], "ai_task": SEER_ENTITY},
        "event_switches_port": {
            "event": bell,
            "port": visit.switch_of(outputs["id"], household.output).entity_id,
            "wanted": "off",
            "seconds": SWITCHED_SECONDS,
        },
        "clip_around_event": {
            "event": bell,
            "camera": gate_entity,
            "before": CLIP_BEFORE,
            "after": CLIP_AFTER,
            "margin": 2,
        },
        "disconnection_alert": {
            "watched": [contact.entity_id],
            "seconds": 1,
            "camera": gate_entity,
        },
        "nightly_recordings": {
            "cameras": [
                visit.entity(at_edge["id"], "camera").entity_id,
                recorded_entity,
            ]
        },
        "camera_power_cycle": {
            "connectivity": visit.entity(
                lost["id"], "binary_sensor", "connectivity"
            ).entity_id,
            "minutes": OFFLINE_MINUTES,
            "port": visit.switch_of(lost["device_id"], lost["port_id"]).entity_id,
            "off_seconds": 2,
            "most": 1,
            "count": f"input_text.{counter['id']}",
        },
    }


async def _contact(visit: Viewing, household: Household) -> Entity:
    """Give the sensor of the input that is watched."""
    device = await _device_with_outputs(visit)
    unique_id = f"{device['id']}_{household.contact}"
    return next(
        entity
        for entity in visit.home.entities("binary_sensor")
        if entity.unique_id == unique_id
    )


async def _set_contact(visit: Viewing, household: Household, *, on: bool) -> Entity:
    """Close or open the input that is watched, and have Home Assistant see it."""
    device = await _device_with_outputs(visit)
    await visit.cloud.change_world(
        "port_set", device_id=device["id"], port_id=household.contact, on=on
    )
    sensor = await _contact(visit, household)
    await _look_until(visit, sensor, "on" if on else "off")
    return sensor


async def _device_with_outputs(visit: Viewing) -> dict[str, Any]:
    devices: list[dict[str, Any]] = (await visit.cloud.world())["devices"]
    return next(
        device
        for device in devices
        if any(port["kind"] == "DO" for port in device["ports"])
    )


async def _connect(visit: Viewing, name: str, *, online: bool) -> None:
    """Let a camera lose or get back its connection, and Home Assistant see it."""
    camera = await camera_called(visit, name)
    await visit.cloud.change_world(
        "camera_online", camera_id=camera["id"], online=online
    )
    sensor = visit.entity(camera["id"], "binary_sensor", "connectivity")
    await _look_until(visit, sensor, "on" if online else "off")


async def _look_until(visit: Viewing, sensor: Entity, state: str) -> None:
    """Have an entity read anew, as its dialog does, until it is in a state."""

    async def is_seen() -> bool:
        await visit.api.act(
            "homeassistant.update_entity", data={"entity_id": [sensor.entity_id]}
        )
        return await visit.is_in_state(sensor, state)

    await until(is_seen, f"{sensor.entity_id} is {state}", every=2.0)


async def _were_reset(visit: Viewing, cameras: list[dict[str, Any]]) -> bool:
    """Tell if all of some cameras' tries have been counted, and their power is back."""
    states = await visit.api.states()
    today = datetime.now(TIME_ZONE).date()
    counted = [
        state["state"] == f"{today} 1"
        for entity_id, state in states.items()
        if entity_id.startswith("input_text.")
    ]
    powered = [
        await visit.port_is_on(camera["device_id"], camera["port_id"])
        for camera in cameras
    ]
    return len(counted) == len(cameras) and all(counted) and all(powered)


async def _notification(visit: Viewing, title: str) -> dict[str, Any]:
    """Wait for a notification whose title begins so."""

    async def told() -> dict[str, Any] | None:
        for each in await visit.api.command("persistent_notification/get"):
            if (each["title"] or "").startswith(title):
                found: dict[str, Any] = each
                return found
        return None

    note = await until(told, f"there is a notification “{title}”")
    assert note is not None
    return note


def _address_in(text: str) -> str:
    """Give the path that a notification links to or shows."""
    found = re.search(r"\]\((/\S+)\)", text)
    expect(found, f"there is no link in “{text}”")
    assert found is not None
    return found[1]
