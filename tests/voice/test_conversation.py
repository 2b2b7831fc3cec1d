"""What is answered to who asks for a snapshot or a reset, in their language: the truth."""

from __future__ import annotations

from http import HTTPStatus
import json
from pathlib import Path
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from homeassistant.components import conversation
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import area_registry as ar, device_registry as dr
from homeassistant.util import dt as dt_util
from tests.cloud import FOREVER, CloudOptions, MediaPace, SimulatedCloud
from tests.entities import state

from .assist import Assist, data, speech

OFFLINE = "Loading dock"
SILENT = "Hallway"
CAMERA = "Cash register"

QUICK = MediaPace(base_seconds=0.5, per_second=0)
SLOW = MediaPace(base_seconds=60, per_second=0)


@pytest.fixture
def cloud_options() -> CloudOptions:
    """Let edge devices be as quick as the cloud."""
    return CloudOptions(start_seconds=0, edge_media=QUICK, cloud_media=QUICK)


slowly = pytest.mark.parametrize(
    "cloud_options",
    [CloudOptions(start_seconds=0, edge_media=SLOW, cloud_media=SLOW)],
)


async def test_a_snapshot_is_told_shown_and_kept(
    assist: Assist, media_folder: Path, hass_client_no_auth: ClientSessionGenerator
) -> None:
    answer = await assist.say("Take a snapshot of the cash register")
    told = data(answer)
    clock = dt_util.as_local(dt_util.parse_datetime(told["time"], raise_on_error=True))
    assert speech(answer) == (
        f"The snapshot of Cash register was taken at {clock:%H:%M}. "
        "It is in the media folder."
    )
    assert answer["response"]["response_type"] == "action_done"
    card = answer["response"]["card"]["simple"]
    assert card["title"] == "Snapshot of Cash register"
    assert told["media_id"]
    assert told["path"].startswith(str(media_folder / "amnimo"))
    response = await (await hass_client_no_auth()).get(card["content"])
    assert response.status == HTTPStatus.OK
    assert response.content_type == "image/jpeg"
    assert len(await response.read()) == told["size"]


async def test_a_language_model_that_goes_on_gets_no_address_that_opens_for_anybody(
    assist: Assist,
) -> None:
    answer = await assist.say("Take a snapshot of the cash register")
    # What Home Assistant keeps for it is all but the card.
    kept = {key: item for key, item in answer["response"].items() if key != "card"}
    assert "authSig" in answer["response"]["card"]["simple"]["content"]
    assert "authSig" not in json.dumps(kept, default=str)


async def test_who_speaks_japanese_is_answered_so(assist: Assist) -> None:
    answer = await assist.say("正面ゲートのスナップショットを撮って", "ja")
    told = data(answer)
    clock = dt_util.as_local(dt_util.parse_datetime(told["time"], raise_on_error=True))
    assert speech(answer) == (
        f"正面ゲートのスナップショットを{clock:%H:%M}に撮りました。"
        "メディアフォルダーに保存してあります。"
    )
    assert answer["response"]["card"]["simple"]["title"] == (
        "正面ゲートのスナップショット"
    )


async def test_a_dialect_is_answered_in_its_language(assist: Assist) -> None:
    answer = await assist.say("正面ゲートのスナップショットを撮って", "ja-JP")
    assert "撮りました" in speech(answer)


@slowly
@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        (
            "Take a snapshot of the cash register",
            "en",
            "The snapshot of Cash register is still being made.",
        ),
        (
            "レジの写真を撮って",
            "ja",
            "Cash registerのスナップショットはまだ作成中です。",
        ),
    ],
)
async def test_one_that_takes_longer_is_promised_and_the_promise_is_kept(
    hass: HomeAssistant,
    assist: Assist,
    media_folder: Path,
    text: str,
    language: str,
    said: str,
) -> None:
    answer = await assist.say(text, language)
    assert speech(answer).startswith(said)
    assert answer["response"]["response_type"] == "action_done"
    assert answer["response"]["card"] == {}
    event = f"{assist.camera(CAMERA).id}_media"
    await assist.passage.until(lambda: state(hass, "event", event).state != "unknown")
    shown = state(hass, "event", event).attributes
    assert shown["event_type"] == "snapshot_ready"
    assert shown["media_id"] == data(answer)["media_id"]
    assert shown["path"].startswith(str(media_folder))


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        (
            "Take a snapshot of the loading dock",
            "en",
            "Loading dock is offline, so there is no snapshot.",
        ),
        (
            "Loading dockの写真を撮って",
            "ja",
            "Loading dockはオフラインのため、スナップショットを撮れません。",
        ),
        (
            "Take a snapshot of the hallway",
            "en",
            "Hallway recorded nothing at {time}, so there is no snapshot.",
        ),
        (
            "Hallwayの写真を撮って",
            "ja",
            "Hallwayは{time}に録画していなかったため、スナップショットを撮れません。",
        ),
    ],
)
async def test_a_camera_that_has_no_picture_is_told_of(
    assist: Assist, text: str, language: str, said: str
) -> None:
    answer = await assist.say(text, language)
    time = dt_util.parse_datetime(data(answer)["time"], raise_on_error=True)
    clock = f"{dt_util.as_local(time):%H:%M}"
    assert speech(answer).startswith(said.format(time=clock))
    assert answer["response"]["response_type"] == "error"
    assert answer["response"]["data"] == {"code": "failed_to_handle"}


@pytest.mark.parametrize(
    ("fault", "english", "japanese"),
    [
        (
            {"kind": "status", "status": 403},
            "amnimo does not allow this to the client ID.",
            "許可",
        ),
        (
            {"kind": "status", "status": 429},
            "amnimo refuses requests because there were too many.",
            "リクエスト",
        ),
        (
            {"kind": "status", "status": 500},
            "amnimo could not make the snapshot of Cash register.",
            "作成",
        ),
        # It may have been heard: nobody says what became of it.
        ({"kind": "html"}, "amnimo has not answered yet.", "応答"),
    ],
)
async def test_a_service_that_refuses_is_told_of(
    assist: Assist,
    cloud: SimulatedCloud,
    impatient: None,
    fault: dict[str, Any],
    english: str,
    japanese: str,
) -> None:
    cloud.faults.add("media_create", count=FOREVER, **fault)
    said = speech(await assist.say("Take a snapshot of the cash register"))
    assert said.startswith(english)
    assert japanese in speech(await assist.say("レジの写真を撮って", "ja"))


async def test_a_quota_that_is_used_up_is_told_of(
    assist: Assist, cloud: SimulatedCloud
) -> None:
    cloud.faults.add("token", kind="status", status=429, seconds=3600, count=FOREVER)
    cloud.tokens.revoke_all()
    # A token is believed to be good for a minute after its issue.
    await assist.passage.pass_time(seconds=70, step=10)
    said = speech(await assist.say("Take a snapshot of the cash register"))
    assert said.startswith("amnimo issues no more access tokens")
    assert "アクセストークン" in speech(await assist.say("レジの写真を撮って", "ja"))


async def test_a_picture_that_can_not_be_saved_is_told_of(
    assist: Assist, media_folder: Path
) -> None:
    (media_folder / "amnimo").write_text("a file in its place")
    answer = await assist.say("Take a snapshot of the cash register")
    assert "could not be saved in the media folder" in speech(answer)
    assert answer["response"]["card"]["simple"]["content"].startswith("/api/amnimo/")
    assert "クラウドにはあります" in speech(
        await assist.say("レジの写真を撮って", "ja")
    )


async def test_a_service_that_does_not_answer_is_told_of(
    assist: Assist, cloud: SimulatedCloud
) -> None:
    """It may have heard, so nobody knows whether there will be a picture."""
    for endpoint in ("media_create", "camera_medias"):
        cloud.faults.add(endpoint, kind="drop", count=FOREVER)
    said = speech(await assist.say("Take a snapshot of the cash register"))
    assert said.startswith("amnimo has not answered yet.")
    assert "応答がありません" in speech(await assist.say("レジの写真を撮って", "ja"))


# --- Who is meant ----------------------------------------------------------------------------


async def test_a_camera_that_is_not_exposed_is_left_alone(
    assist: Assist, cloud: SimulatedCloud
) -> None:
    assist.expose(assist.entity_of(CAMERA), exposed=False)
    said = speech(await assist.say("Take a snapshot of the cash register"))
    assert "not exposed" in said
    assert "使えるようになっていません" in speech(
        await assist.say("Cash registerの写真を撮って", "ja")
    )
    assert cloud.stats.count("media_create") == 0


async def test_an_unknown_camera_is_told_of(
    assist: Assist, cloud: SimulatedCloud
) -> None:
    answer = await assist.say("Take a snapshot of the swimming pool")
    assert answer["response"]["data"]["code"] == "no_valid_targets"
    assert "swimming pool" in speech(answer)
    answer = await assist.say("プールの写真を撮って", "ja")
    assert answer["response"]["response_type"] == "error"
    assert cloud.stats.count("media_create") == 0


async def test_a_place_without_a_camera_is_told_of(
    hass: HomeAssistant, assist: Assist, cloud: SimulatedCloud
) -> None:
    ar.async_get(hass).async_create("attic", aliases={"屋根裏"})
    said = speech(await assist.say("Take a snapshot in the attic"))
    assert said == "There is no camera of amnimo in attic."
    said = speech(await assist.say("屋根裏の写真を撮って", "ja"))
    assert said == "屋根裏にamnimoのカメラはありません。"
    assert cloud.stats.count("media_create") == 0


async def test_somebody_elses_camera_is_left_alone(
    hass: HomeAssistant, assist: Assist, cloud: SimulatedCloud
) -> None:
    hass.states.async_set("camera.baby", "idle", {"friendly_name": "Baby"})
    assist.expose("camera.baby")
    said = speech(await assist.say("Take a snapshot of the baby camera"))
    assert said == "amnimo has no camera called Baby."
    assert cloud.stats.count("media_create") == 0


async def test_who_may_not_control_cameras_gets_no_picture(
    assist: Assist, cloud: SimulatedCloud, hass_read_only_user: MockUser
) -> None:
    context = Context(user_id=hass_read_only_user.id)
    said = speech(
        await assist.say("Take a snapshot of the cash register", context=context)
    )
    assert said == "You are not allowed to control this camera."
    said = speech(await assist.say("レジの写真を撮って", "ja", context=context))
    assert said == "このカメラを操作する権限がありません。"
    said = speech(await assist.say("Restart the siren", context=context))
    assert said == "You are not allowed to control this port."
    assert cloud.stats.count("media_create") == 0
    assert cloud.stats.count("port") == 0


# --- Which one -------------------------------------------------------------------------------


@pytest.fixture
async def doors(assist: Assist) -> None:
    """Let two cameras have one name, in two places."""
    assist.alias(assist.entity_of("Back door"), "door", "ドア")
    assist.alias(assist.entity_of("事務所入口"), "door", "ドア")


@pytest.mark.usefixtures("doors")
@pytest.mark.parametrize(
    ("language", "asked", "question", "chosen", "done"),
    [
        (
            "en",
            "Take a snapshot of the door",
            "Which camera: Back door or 事務所入口?",
            "Back door",
            "The snapshot of Back door was taken",
        ),
        (
            "ja",
            "ドアのスナップショットを撮って",
            "Back door、事務所入口のどのカメラですか？",
            "事務所入口",
            "事務所入口のスナップショットを",
        ),
    ],
)
async def test_several_are_asked_about_and_the_conversation_goes_on(
    assist: Assist,
    cloud: SimulatedCloud,
    language: str,
    asked: str,
    question: str,
    chosen: str,
    done: str,
) -> None:
    answer = await assist.say(asked, language)
    assert speech(answer) == question
    assert answer["response"]["response_type"] == "query_answer"
    assert len(data(answer)["entity_ids"]) == 2
    assert cloud.stats.count("media_create") == 0
    answer = await assist.say(
        chosen, language, conversation_id=answer["conversation_id"]
    )
    assert speech(answer).startswith(done)
    assert cloud.stats.count("media_create") == 1
    # What was answered is not waited for any more.
    answer = await assist.say(
        chosen, language, conversation_id=answer["conversation_id"]
    )
    assert answer["response"]["data"]["code"] == "no_intent_match"
    assert cloud.stats.count("media_create") == 1


@pytest.mark.usefixtures("doors")
async def test_an_answer_in_another_conversation_is_none(
    assist: Assist, cloud: SimulatedCloud
) -> None:
    await assist.say("Take a snapshot of the door")
    answer = await assist.say("Back door")
    assert answer["response"]["data"]["code"] == "no_intent_match"
    assert cloud.stats.count("media_create") == 0


@pytest.mark.usefixtures("doors")
@pytest.mark.parametrize(
    ("language", "asked", "chosen"),
    [
        ("en", "Take a snapshot of the door", "the one in the garden"),
        ("en", "Take a snapshot of the door", "the back door camera"),
        ("en", "Take a snapshot of the door", "the back door"),
        ("en", "Take a snapshot of the door", "back door camera please"),
        ("ja", "ドアのスナップショットを撮って", "庭の方です"),
        ("ja", "ドアのスナップショットを撮って", "Back doorでお願いします"),
    ],
)
async def test_the_question_is_answered_in_other_words_too(
    hass: HomeAssistant, assist: Assist, language: str, asked: str, chosen: str
) -> None:
    area = ar.async_get(hass).async_create("garden", aliases={"庭"})
    assist.put(assist.entity_of("Back door"), area.id)
    question = await assist.say(asked, language)
    answer = await assist.say(
        chosen, language, conversation_id=question["conversation_id"]
    )
    assert data(answer)["entity_id"] == assist.entity_of("Back door")
    assert data(answer)["status"] == "taken"


@pytest.mark.usefixtures("doors")
async def test_an_answer_that_is_none_of_them_is_told_of(
    assist: Assist, cloud: SimulatedCloud
) -> None:
    question = await assist.say("Take a snapshot of the door")
    answer = await assist.say(
        "Cash register", conversation_id=question["conversation_id"]
    )
    assert answer["response"]["data"]["code"] == "no_valid_targets"
    assert cloud.stats.count("media_create") == 0


@pytest.mark.usefixtures("doors")
async def test_a_question_is_forgotten_when_something_else_is_asked_for(
    hass: HomeAssistant, assist: Assist, cloud: SimulatedCloud
) -> None:
    question = await assist.say("Take a snapshot of the door")
    talk = question["conversation_id"]
    await assist.say("What time is it?", conversation_id=talk)
    answer = await assist.say("Back door", conversation_id=talk)
    assert answer["response"]["data"]["code"] == "no_intent_match"
    assert cloud.stats.count("media_create") == 0


@pytest.mark.usefixtures("doors")
async def test_who_stands_in_a_room_means_the_camera_there(
    hass: HomeAssistant, assist: Assist, loaded: MockConfigEntry
) -> None:
    area = ar.async_get(hass).async_create("garden")
    assist.put(assist.entity_of("Back door"), area.id)
    satellite = dr.async_get(hass).async_get_or_create(
        config_entry_id=loaded.entry_id, identifiers={("satellite", "1")}
    )
    dr.async_get(hass).async_update_device(satellite.id, area_id=area.id)
    for text, language in (
        ("Take a snapshot of the door", "en"),
        ("Take a snapshot", "en"),
        ("スナップショットを撮って", "ja"),
    ):
        result = await assist.passage.result_of(
            conversation.async_converse(
                hass, text, None, Context(), language, device_id=satellite.id
            )
        )
        assert "Back door" in speech(result.as_dict())


async def test_of_many_not_all_are_read_out(assist: Assist) -> None:
    said = speech(await assist.say("Take a snapshot"))
    assert said.startswith("Which camera: ")
    assert said.endswith(" or another one?")
    assert said.count(",") == 4
    said = speech(await assist.say("スナップショットを撮って", "ja"))
    assert said.endswith("、それ以外のどのカメラですか？")


# --- Ports -----------------------------------------------------------------------------------


@pytest.mark.parametrize("entry_options", [{"reset_seconds": 7}])
async def test_a_port_is_reset_for_as_long_as_the_options_say(
    hass: HomeAssistant, assist: Assist, cloud: SimulatedCloud
) -> None:
    name = hass.states.get(assist.siren)
    assert name is not None
    said = speech(await assist.say("Restart the siren"))
    assert said == f"{name.name} is off for 7 seconds, then on again."
    said = speech(await assist.say("サイレンをリセットして", "ja"))
    assert said == (
        f"{name.name}をリセットします。7秒間オフにしてから、オンに戻します。"
    )
    assert cloud.stats.count("port") == 2


async def test_a_port_that_is_off_is_not_switched_on_by_a_reset(
    hass: HomeAssistant, assist: Assist, cloud: SimulatedCloud
) -> None:
    await assist.passage.result_of(
        hass.services.async_call(
            "switch", "turn_off", {"entity_id": assist.siren}, blocking=True
        )
    )
    said = speech(await assist.say("Restart the siren"))
    assert said.endswith("is switched off, so it was not reset.")
    assert "オフになっているため" in speech(
        await assist.say("サイレンをリセットして", "ja")
    )
    assert cloud.stats.count("port") == 1


async def test_the_camera_that_a_port_feeds_names_it_too(
    assist: Assist, cloud: SimulatedCloud
) -> None:
    said = speech(await assist.say("Restart the front gate camera"))
    assert "lan1 Front gate is off for 10 seconds" in said
    port = assist.camera("Front gate").port
    assert port is not None
    await assist.passage.until(lambda: not port.on)
    await assist.passage.until(lambda: port.on)
    assert cloud.stats.count("port") == 1


async def test_a_camera_that_no_port_is_known_to_feed_is_told_of(
    assist: Assist, cloud: SimulatedCloud
) -> None:
    said = speech(await assist.say("Restart the cash register camera"))
    assert said == "It is not known which port supplies Cash register with power."
    assert cloud.stats.count("port") == 0


async def test_a_port_behind_a_camera_has_to_be_exposed_itself(
    assist: Assist, cloud: SimulatedCloud
) -> None:
    assist.expose(assist.port_of("Front gate"), exposed=False)
    said = speech(await assist.say("Restart the front gate camera"))
    assert "is not exposed" in said
    assert cloud.stats.count("port") == 0


async def test_a_port_that_can_not_be_reached_is_not_said_to_be_reset(
    hass: HomeAssistant, assist: Assist, cloud: SimulatedCloud
) -> None:
    cloud.faults.add("port", kind="status", status=403, count=FOREVER)
    answer = await assist.say("Restart the siren")
    assert speech(answer).startswith("amnimo does not allow this")
    assert answer["response"]["response_type"] == "error"
