"""What people say is understood by Home Assistant's own agent; what they don't mean is not."""

from __future__ import annotations

import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from tests.cloud import CloudOptions, MediaPace, SimulatedCloud

from .assist import Assist
from .phrases import PHRASES, SNAPSHOT, ordinary

NO_TIME = MediaPace(base_seconds=0, per_second=0)

pytestmark = pytest.mark.parametrize(
    "cloud_options",
    [
        CloudOptions(
            start_seconds=0, cameras=16, edge_media=NO_TIME, cloud_media=NO_TIME
        )
    ],
)


@pytest.mark.parametrize("language", ["en", "ja"])
async def test_every_phrase_does_what_it_says(
    assist: Assist, cloud: SimulatedCloud, language: str
) -> None:
    assert len(PHRASES[language]) >= 40
    misunderstood = []
    for phrase in PHRASES[language]:
        before = cloud.stats.count("media_create"), cloud.stats.count("port")
        answer = (await assist.say(phrase.text, language))["response"]
        made = cloud.stats.count("media_create") - before[0]
        reset = cloud.stats.count("port") - before[1]
        named = [target["id"] for target in answer["data"].get("success", ())]
        if phrase.intent == SNAPSHOT:
            wanted, done = assist.entity_of(phrase.target), (made, reset) == (1, 0)
        else:
            port = phrase.target
            wanted = assist.siren if port == "siren" else assist.port_of(port)
            done = (made, reset) == (0, 1)
        if named != [wanted] or not done:
            misunderstood.append((phrase.text, answer["speech"], named, made, reset))
    assert misunderstood == []


@pytest.mark.parametrize("language", ["en", "ja"])
async def test_an_ordinary_sentence_is_not_for_the_integration(
    assist: Assist,
    cloud: SimulatedCloud,
    hass_ws_client: WebSocketGenerator,
    language: str,
) -> None:
    sentences = ordinary(language)
    assert len(set(sentences)) == 100
    client = await hass_ws_client(assist.hass)
    await client.send_json_auto_id(
        {
            "type": "conversation/agent/homeassistant/debug",
            "sentences": sentences,
            "language": language,
        }
    )
    recognised = (await assist.passage.result_of(client.receive_json()))["result"]
    accepted = [
        text
        for text, found in zip(sentences, recognised["results"], strict=True)
        if found is not None
        and found["match"]
        and found.get("intent", {}).get("name", "").startswith("Amnimo")
    ]
    assert accepted == []
    for text in sentences:
        await assist.say(text, language)
    assert cloud.stats.count("media_create") == 0
