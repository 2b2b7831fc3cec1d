"""A snapshot by voice, said to Home Assistant's own agent in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, entity_registry as er
from tests.actions.calling import media_files
from tests.cloud import FOREVER, CloudOptions, MediaPace, SimulatedCloud
from tests.cloud.world import Camera, Storage
from tests.entities import entity_id, state
from tests.estate import Estate
from tests.media.passage import Passage

from .conftest import Automate, Say

SAID = {
    "voice_snapshot": ("en", "Take a snapshot of the {name}"),
    "voice_snapshot_ja": ("ja", "{name}のスナップショットを撮って"),
}
NAMES = {"voice_snapshot": "Front Gate", "voice_snapshot_ja": "正門 カメラ"}


@pytest.fixture(params=["voice_snapshot", "voice_snapshot_ja"])
def blueprint(request: pytest.FixtureRequest) -> str:
    """Return the blueprint in each of its languages."""
    return str(request.param)


@pytest.fixture
def name(hass: HomeAssistant, passage: Passage, camera: Camera, blueprint: str) -> str:
    """Return what the camera is called at home."""
    er.async_get(hass).async_update_entity(
        entity_id(hass, "camera", camera.id), name=NAMES[blueprint]
    )
    return NAMES[blueprint]


async def test_the_picture_is_taken_and_kept(
    hass: HomeAssistant,
    automate: Automate,
    say: Say,
    cloud: SimulatedCloud,
    camera: Camera,
    media_folder: Path,
    blueprint: str,
    name: str,
) -> None:
    await automate(blueprint, cameras=[entity_id(hass, "camera", camera.id)])
    language, sentence = SAID[blueprint]
    spoken = name.replace(" カメラ", "").lower()
    answer = await say(sentence.format(name=spoken), language)
    assert (
        answer
        == {
            "en": f"I have taken a snapshot of {name}.",
            "ja": f"{name}のスナップショットを撮りました。",
        }[language]
    )
    assert cloud.stats.count("media_create", 200) == 1
    (picture,) = media_files(media_folder)
    assert state(hass, "event", f"{camera.id}_media").attributes["path"] == str(picture)


@pytest.mark.parametrize(
    ("blueprint", "language", "sentence"),
    [
        ("voice_snapshot", "en", "get a photo from the front gate camera"),
        ("voice_snapshot", "en", "snapshot of front gate"),
        ("voice_snapshot_ja", "ja", "正門の写真を撮ってください"),
        ("voice_snapshot_ja", "ja", "正門カメラ の スナップショット を とって"),
        ("voice_snapshot_ja", "ja", "正門を撮影してもらえますか"),
    ],
)
async def test_it_can_be_said_in_other_words(
    hass: HomeAssistant,
    automate: Automate,
    say: Say,
    cloud: SimulatedCloud,
    camera: Camera,
    blueprint: str,
    name: str,
    language: str,
    sentence: str,
) -> None:
    await automate(blueprint, cameras=[entity_id(hass, "camera", camera.id)])
    answer = await say(sentence, language)
    assert name in answer
    assert cloud.stats.count("media_create", 200) == 1


async def test_an_area_names_its_only_camera_and_several_are_asked_about(
    hass: HomeAssistant,
    automate: Automate,
    say: Say,
    cloud: SimulatedCloud,
    estate: Estate,
    blueprint: str,
    passage: Passage,
) -> None:
    language, sentence = SAID[blueprint]
    yard = ar.async_get(hass).async_create("Yard")
    first, second = [
        entity_id(hass, "camera", each.id)
        for each in estate.cameras.values()
        if each.storage is Storage.CLOUD and each.online
    ][:2]
    entities = er.async_get(hass)
    entities.async_update_entity(first, name="West Door", area_id=yard.id)
    entities.async_update_entity(second, name="East Door")
    await automate(blueprint, cameras=[first, second])
    answer = await say(sentence.format(name="yard"), language)
    assert "West Door" in answer
    assert cloud.stats.count("media_create", 200) == 1
    which = await say(sentence.format(name="door"), language)
    assert "West Door" in which
    assert "East Door" in which
    unknown = await say(sentence.format(name="moon"), language)
    assert "moon" in unknown
    assert "East Door" in unknown
    assert cloud.stats.count("media_create") == 1


async def test_a_camera_that_was_not_chosen_is_not_shown(
    hass: HomeAssistant,
    automate: Automate,
    say: Say,
    cloud: SimulatedCloud,
    estate: Estate,
    camera: Camera,
    blueprint: str,
    name: str,
) -> None:
    other = next(
        each
        for each in estate.cameras.values()
        if each.storage is Storage.CLOUD and each is not camera
    )
    await automate(blueprint, cameras=[entity_id(hass, "camera", other.id)])
    language, sentence = SAID[blueprint]
    answer = await say(sentence.format(name=name), language)
    assert other.name in answer
    assert cloud.stats.count("media_create") == 0


@pytest.mark.parametrize(
    "cloud_options",
    [
        CloudOptions(
            start_seconds=0, cloud_media=MediaPace(base_seconds=60, per_second=0)
        )
    ],
)
async def test_what_takes_long_is_said_to_be_under_way_and_arrives(
    hass: HomeAssistant,
    automate: Automate,
    say: Say,
    camera: Camera,
    media_folder: Path,
    passage: Passage,
    blueprint: str,
    name: str,
) -> None:
    camera_entity = entity_id(hass, "camera", camera.id)
    await automate(blueprint, cameras=[camera_entity], patience=5)
    language, sentence = SAID[blueprint]
    answer = await say(sentence.format(name=name), language)
    assert {"en": "still being made", "ja": "作成中"}[language] in answer
    assert media_files(media_folder) == []
    await passage.until(lambda: media_files(media_folder))


async def test_a_camera_that_records_nothing_is_told_of(
    hass: HomeAssistant,
    automate: Automate,
    say: Say,
    camera: Camera,
    cloud: SimulatedCloud,
    passage: Passage,
    blueprint: str,
    name: str,
) -> None:
    now = cloud.clock.now()
    camera.add_gap(now - 600, now + 600)
    await automate(blueprint, cameras=[entity_id(hass, "camera", camera.id)])
    language, sentence = SAID[blueprint]
    answer = await say(sentence.format(name=name), language)
    assert {"en": "records nothing now", "ja": "録画していない"}[language] in answer


async def test_an_offline_camera_is_told_of(
    hass: HomeAssistant,
    automate: Automate,
    say: Say,
    camera: Camera,
    cloud: SimulatedCloud,
    passage: Passage,
    blueprint: str,
    name: str,
) -> None:
    camera.lost_since(cloud.clock.now() - 600)
    await passage.pass_time(seconds=70, step=10)
    await automate(blueprint, cameras=[entity_id(hass, "camera", camera.id)])
    language, sentence = SAID[blueprint]
    answer = await say(sentence.format(name=name), language)
    assert {"en": "offline", "ja": "オフライン"}[language] in answer


@pytest.mark.usefixtures("impatient")
async def test_a_service_that_refuses_is_told_of(
    hass: HomeAssistant,
    automate: Automate,
    say: Say,
    camera: Camera,
    cloud: SimulatedCloud,
    blueprint: str,
    name: str,
) -> None:
    cloud.faults.add("media_create", count=FOREVER, kind="status", status=403)
    await automate(blueprint, cameras=[entity_id(hass, "camera", camera.id)])
    language, sentence = SAID[blueprint]
    answer = await say(sentence.format(name=name), language)
    assert {"en": "did not take", "ja": "受け付けなかった"}[language] in answer


async def test_what_comes_afterwards_knows_the_picture(
    hass: HomeAssistant,
    automate: Automate,
    say: Say,
    camera: Camera,
    media_folder: Path,
    name: str,
) -> None:
    heard = []
    hass.bus.async_listen("picture", heard.append)
    event = {each: f"{{{{ {each} }}}}" for each in ("outcome", "path", "camera")}
    await automate(
        "voice_snapshot",
        cameras=[entity_id(hass, "camera", camera.id)],
        afterwards=[{"event": "picture", "event_data": event}],
    )
    await say(f"take a snapshot of {name}")
    (told,) = heard
    assert told.data["outcome"] == "snapshot_ready"
    assert media_files(media_folder) == [Path(told.data["path"])]
    assert told.data["camera"] == entity_id(hass, "camera", camera.id)
