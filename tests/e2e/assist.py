"""Steps: somebody types to Assist, in English and in Japanese, and gets pictures and resets.

The sentences are installed as the documentation says, by one action on the page for actions.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
import re
import time
from typing import Any, Final

from PIL import Image

from tests.cloud.clock_strip import read_clock
from tests.demo import onboarding
from tests.demo.check.checklist import expect
from tests.demo.check.ports import until_agreed, until_port_is
from tests.demo.polling import until
from tests.demo.visitor import Language

from .assist_dialog import Answer, AssistDialog, assist_dialog
from .visit import Viewing

CONVERSATION: Final = "conversation"
ACTION_PAGE: Final = "/config/tools/action?service=amnimo.install_sentences"
PERFORM: Final = "Perform action"

LEFT_OUT_SENTENCE: Final = "take a snapshot of the front gate"
LEFT_OUT: Final = (
    "Front gate is not exposed to the voice assistant. "
    "Expose it in the settings of the voice assistant."
)

# What a snapshot's clock may be older than the sentence that asked for it.
OLDEST_SECONDS: Final = 15.0


@dataclass(frozen=True, slots=True)
class Conversation:
    """What is said in a language, and what has to be answered.

    `taken` and `reset` are regular expressions. `both` is a name that two cameras have, and
    `which` asks for one of them, which `choice` is.
    """

    camera: str
    snapshot: str
    taken: str
    of_offline: str
    offline: str
    both: str
    of_both: str
    which: str
    choice: str
    chosen: str
    restart: str
    reset: str


CONVERSATIONS: Final[Mapping[Language, Conversation]] = {
    "en": Conversation(
        camera="Front gate",
        snapshot="take a snapshot of the front gate",
        taken=r"The snapshot of {camera} was taken at \d\d:\d\d\. "
        r"It is in the media folder\.",
        of_offline="take a snapshot of the loading dock",
        offline="Loading dock is offline, so there is no snapshot. "
        "Check its power and network.",
        both="entrance",
        of_both="take a picture of the entrance",
        which="Which camera: Front gate or 正面ゲート?",
        choice="the front gate",
        chosen="Front gate",
        restart="restart the front gate camera",
        reset=r".+ is off for 10 seconds, then on again\.",
    ),
    "ja": Conversation(
        camera="正面ゲート",
        snapshot="正面ゲートのスナップショットを撮って",
        taken=r"{camera}のスナップショットを\d\d:\d\dに撮りました。"
        r"メディアフォルダーに保存してあります。",
        of_offline="Loading dockの写真を撮ってください",
        offline="Loading dockはオフラインのため、スナップショットを撮れません。"
        "電源とネットワークを確認してください。",
        both="玄関",
        of_both="玄関の写真を撮って",
        which="Front gate、正面ゲートのどのカメラですか？",
        choice="正面ゲートです",
        chosen="正面ゲート",
        restart="正面ゲートのカメラを再起動して",
        reset=r".+をリセットします。10秒間オフにしてから、オンに戻します。",
    ),
}


async def install(visit: Viewing) -> str:
    """Install the sentences with the button of the page for actions."""
    player = await visit.own_browser.open_path(ACTION_PAGE)
    await player.page.get_by_text(PERFORM).click()
    files = _sentence_files(visit)

    async def are_there() -> bool:
        return all(path.exists() for path in files)

    await until(are_there, "the sentences are installed")
    await player.page.get_by_text("result").first.wait_for()
    await player.screenshot(visit.pictures / "installed.png")
    await player.close()
    return ", ".join(path.parent.name for path in files)


async def name_what_is_not_exposed(visit: Viewing) -> str:
    """Ask for a snapshot of a camera that Assist may not know; nothing is asked of it."""
    before = await count_asked(visit)
    async with assist_dialog(visit.own_browser) as dialog:
        answer = await dialog.say(LEFT_OUT_SENTENCE)
    expect_answer(answer, re.escape(LEFT_OUT), is_error=True)
    expect(await count_asked(visit) == before, "a snapshot was asked for")
    return f"“{answer.text}”"


async def expose(visit: Viewing) -> str:
    """Expose the cameras and the ports of two of them, and give these a name in common."""
    entities = [camera.of("camera")[0].entity_id for camera in visit.home.cameras]
    for conversation in CONVERSATIONS.values():
        camera = await camera_called(visit, conversation.camera)
        port = visit.switch_of(camera["device_id"], camera["port_id"])
        entities.append(port.entity_id)
        await visit.api.command(
            "config/entity_registry/update",
            entity_id=visit.entity(camera["id"], "camera").entity_id,
            aliases=[None, *(each.both for each in CONVERSATIONS.values())],
        )
    await visit.api.command(
        "homeassistant/expose_entity",
        assistants=[CONVERSATION],
        entity_ids=entities,
        should_expose=True,
    )
    return f"{len(entities)} entities"


async def speak_japanese(visit: Viewing) -> str:
    """Turn the home and its assistant to Japanese, as a Japanese user sets them up."""
    await onboarding.speak(visit.api, "ja")
    listed = await visit.api.command("assist_pipeline/pipeline/list")
    (pipeline,) = listed["pipelines"]
    await visit.api.command(
        "assist_pipeline/pipeline/update",
        pipeline_id=pipeline.pop("id"),
        **{**pipeline, "language": "ja", "conversation_language": "ja"},
    )
    visit.language = "ja"
    return str(pipeline["name"])


async def take_snapshot(visit: Viewing) -> str:
    """Ask for a snapshot; it is told of when its picture is in the media folder."""
    said = CONVERSATIONS[visit.language]
    async with (
        _one_more(visit, said.camera),
        assist_dialog(visit.own_browser) as dialog,
    ):
        asked = time.time()
        answer = await dialog.say(said.snapshot)
        seconds = time.time() - asked
        await _keep(visit, dialog, "snapshot")
    expect_answer(answer, said.taken.format(camera=said.camera))
    picture = max(
        pictures_of(visit, said.camera), key=lambda path: path.stat().st_mtime
    )
    with Image.open(picture) as content:
        age = asked - read_clock(content)
    expect(abs(age) <= OLDEST_SECONDS, f"the picture is {age:.0f} s old")
    return f"“{answer.text}” after {seconds:.1f} s; {picture.name}"


async def hear_of_offline_camera(visit: Viewing) -> str:
    """Ask for a snapshot of a camera that is offline; nothing is asked for."""
    said = CONVERSATIONS[visit.language]
    before = await count_asked(visit)
    async with assist_dialog(visit.own_browser) as dialog:
        answer = await dialog.say(said.of_offline)
        await _keep(visit, dialog, "offline")
    expect_answer(answer, re.escape(said.offline), is_error=True)
    expect(await count_asked(visit) == before, "a snapshot was asked for")
    return f"“{answer.text}”"


async def answer_which(visit: Viewing) -> str:
    """Ask for a snapshot by a name that two cameras have, and say which one is meant."""
    said = CONVERSATIONS[visit.language]
    async with (
        _one_more(visit, said.chosen),
        assist_dialog(visit.own_browser) as dialog,
    ):
        question = await dialog.say(said.of_both)
        expect_answer(question, re.escape(said.which))
        answer = await dialog.say(said.choice)
        await _keep(visit, dialog, "which")
    expect_answer(answer, said.taken.format(camera=said.chosen))
    return f"“{question.text}” “{said.choice}” “{answer.text}”"


async def reset_port(visit: Viewing) -> str:
    """Have a camera restarted; the cloud sees its port go off and come back."""
    said = CONVERSATIONS[visit.language]
    camera = await camera_called(visit, said.camera)
    switch = visit.switch_of(camera["device_id"], camera["port_id"])
    before = await count_port_commands(visit)
    async with assist_dialog(visit.own_browser) as dialog:
        answer = await dialog.say(said.restart)
        await _keep(visit, dialog, "reset")
    expect_answer(answer, said.reset)
    await until_port_is(visit, camera["device_id"], camera["port_id"], "off")
    await until_port_is(visit, camera["device_id"], camera["port_id"], "on")
    await until_agreed(visit, switch, "on")
    resets = await count_port_commands(visit) - before
    expect(resets == 1, f"{resets} resets were asked for")
    return f"“{answer.text}”; off, then on"


async def camera_called(visit: Viewing, name: str) -> dict[str, Any]:
    """Give a camera of the cloud by its name."""
    cameras: list[dict[str, Any]] = (await visit.cloud.world())["cameras"]
    return next(each for each in cameras if each["name"] == name)


def expect_answer(answer: Answer, wanted: str, *, is_error: bool = False) -> None:
    """Check what was answered against a regular expression, and that it looks as it should."""
    expect(re.fullmatch(wanted, answer.text), f"“{answer.text}” was answered")
    looks = "an error" if answer.is_error else "no error"
    expect(answer.is_error == is_error, f"“{answer.text}” is shown as {looks}")


async def count_asked(visit: Viewing) -> int:
    """Give how many clips and snapshots the cloud was asked for."""
    requests = (await visit.cloud.stats())["requests"]
    return int(sum(requests.get("media_create", {}).values()))


async def count_port_commands(visit: Viewing) -> int:
    """Give how many times the cloud was told to move a port."""
    requests = (await visit.cloud.stats())["requests"]
    return int(sum(requests.get("port", {}).values()))


def pictures_of(visit: Viewing, camera: str) -> list[Path]:
    """Give the snapshots of a camera in the media folder."""
    return files_of(visit, camera, "jpg")


def files_of(visit: Viewing, camera: str, suffix: str) -> list[Path]:
    """Give the finished files of a kind that are kept of a camera."""
    name = camera.lower().replace(" ", "-")
    folder = visit.stage.home_assistant.folder / "media" / "amnimo" / name
    return [
        path for path in folder.glob(f"*.{suffix}") if not path.name.startswith(".")
    ]


@asynccontextmanager
async def _one_more(visit: Viewing, camera: str) -> AsyncIterator[None]:
    """Check that what is done meanwhile asks for one snapshot of a camera, and keeps it."""
    asked, kept = await count_asked(visit), len(pictures_of(visit, camera))
    yield
    asked = await count_asked(visit) - asked
    expect(asked == 1, f"{asked} snapshots were asked for")
    kept = len(pictures_of(visit, camera)) - kept
    expect(kept == 1, f"{kept} snapshots were kept")


async def _keep(visit: Viewing, dialog: AssistDialog, name: str) -> None:
    """Take a picture of the dialog."""
    await dialog.player.screenshot(visit.pictures / f"{name}.{visit.language}.png")


def _sentence_files(visit: Viewing) -> list[Path]:
    folder = visit.stage.home_assistant.folder / "custom_sentences"
    return [folder / language / "amnimo.yaml" for language in CONVERSATIONS]
