"""What has to be there for pictures of Home Assistant's own pages.

Owns the automations, the sentences, the exposed cameras and the repair that they show, and
tells `tests.demo.tour` what is where. How pictures are taken is not known here.
"""

import json
import shutil
from typing import Any, Final
from urllib.parse import quote

from .api import HomeAssistantApi
from .home import Device, Home
from .polling import until
from .simulated_cloud import ROOT, Credentials
from .stage import Stage
from .visitor import Language

BLUEPRINTS: Final = ROOT / "blueprints" / "automation" / "amnimo"
VOICE: Final = "conversation"

# Who is asked for by voice; there are cameras with English and with Japanese names.
CAMERAS: Final[dict[Language, str]] = {"en": "Front gate", "ja": "正面ゲート"}
SENTENCES: Final[dict[Language, str]] = {
    "en": "Take a snapshot of the front gate",
    "ja": "正面ゲートのスナップショットを撮って",
}
TITLES: Final[dict[Language, tuple[str, str]]] = {
    "en": ("Siren when equipment disconnects", "Restart the front gate's camera"),
    "ja": ("外部機器が切断されたらサイレン", "正面ゲートのカメラを再起動"),
}
COUNTER: Final[dict[Language, str]] = {"en": "Restarts", "ja": "再起動の回数"}


def credentials_of(told: Credentials) -> dict[str, str]:
    """Give what is typed into the form."""
    return {
        "client_id": told.client_id,
        "client_secret": told.client_secret,
        "account_id": told.account_id,
        "api_url": told.url,
    }


async def arrange(set_up: Stage, home: Home, language: Language) -> dict[str, str]:
    """Put everything there in a language; give what is where."""
    api = set_up.api
    camera = next(each for each in home.cameras if each.name == CAMERAS[language])
    edge = home.devices[camera.parent_id or ""]
    await let_speak(api, home, language)
    shutil.copytree(
        BLUEPRINTS,
        set_up.home_assistant.folder / "blueprints" / "automation" / "amnimo",
        dirs_exist_ok=True,
    )
    await add_automation(api, "siren", siren(home, edge, language))
    await add_automation(
        api, "restart", restart(camera, edge, language, await counter(api, language))
    )
    account = quote(home.account.amnimo_id, safe="")
    return {
        **credentials_of(set_up.cloud.credentials),
        "camera": camera.of("camera")[0].entity_id,
        "thumbnails": f"media-source://amnimo/{account}/{camera.amnimo_id}/thumbnails",
        "device": edge.id,
        "automation": "siren",
        "from_blueprint": "restart",
        "sentence": SENTENCES[language],
    }


async def let_speak(api: HomeAssistantApi, home: Home, language: Language) -> None:
    """Install the sentences, expose the cameras, and have Assist speak the language."""
    await api.act("amnimo.install_sentences")
    await api.command(
        "homeassistant/expose_entity",
        assistants=[VOICE],
        entity_ids=[each.of("camera")[0].entity_id for each in home.cameras],
        should_expose=True,
    )
    pipelines = await api.command("assist_pipeline/pipeline/list")
    pipeline: dict[str, Any] = pipelines["pipelines"][0]
    number = pipeline.pop("id")
    await api.command(
        "assist_pipeline/pipeline/update",
        pipeline_id=number,
        **{**pipeline, "language": language, "conversation_language": language},
    )


def siren(home: Home, edge: Device, language: Language) -> dict[str, Any]:
    """Switch an output when equipment is disconnected, unless it is on."""
    equipment = edge.of("binary_sensor", "connectivity")
    output = next(
        each for each in home.entities("switch") if each.key == "port"
    ).entity_id
    return {
        "alias": TITLES[language][0],
        "mode": "single",
        "triggers": [
            {
                "trigger": "amnimo.equipment_disconnected",
                "target": {"entity_id": [each.entity_id for each in equipment]},
                "options": {"behavior": "each", "for": {"seconds": 10}},
            }
        ],
        "conditions": [
            {
                "condition": "amnimo.is_port_off",
                "target": {"entity_id": output},
                "options": {"behavior": "any"},
            }
        ],
        "actions": [
            {"action": "switch.turn_on", "target": {"entity_id": output}},
            {
                "action": "amnimo.generate_snapshot",
                "target": {"entity_id": home.cameras[0].of("camera")[0].entity_id},
                "data": {"download": True},
            },
        ],
    }


def restart(
    camera: Device, edge: Device, language: Language, count: str
) -> dict[str, Any]:
    """Fill in the blueprint that power-cycles a camera."""
    ports = [each for each in edge.of("switch") if each.key == "poe_port"]
    suffix = "_ja" if language == "ja" else ""
    return {
        "alias": TITLES[language][1],
        "use_blueprint": {
            "path": f"amnimo/camera_power_cycle{suffix}.yaml",
            "input": {
                "connectivity": camera.of("binary_sensor", "connectivity")[0].entity_id,
                "port": ports[0].entity_id,
                "count": count,
            },
        },
    }


async def counter(api: HomeAssistantApi, language: Language) -> str:
    """Make the text helper that keeps count, where there is none; give its entity ID."""
    helpers = await api.command("input_text/list")
    name = COUNTER[language]
    if not any(each["name"] == name for each in helpers):
        helper = await api.command(
            "input_text/create", name=name, min=0, max=100, mode="text"
        )
        helpers.append(helper)
    states = await api.states()
    return next(
        entity_id
        for entity_id, state in states.items()
        if entity_id.startswith("input_text.")
        and state["attributes"].get("friendly_name") == name
    )


async def add_automation(
    api: HomeAssistantApi, number: str, automation: dict[str, Any]
) -> None:
    """Save an automation, as its editor does."""
    await api.post(f"/api/config/automation/config/{number}", automation)


async def forbid(set_up: Stage, home: Home) -> None:
    """Take the permission for the last tenant from the client, until a repair says so."""
    await _set_permission(set_up, forbidden=True)
    await _poll_until(set_up, home, repairs=True)


async def allow(set_up: Stage, home: Home) -> None:
    """Give the permission back, until the repair is gone."""
    await _set_permission(set_up, forbidden=False)
    await _poll_until(set_up, home, repairs=False)


async def _set_permission(set_up: Stage, *, forbidden: bool) -> None:
    tenant = (await set_up.cloud.world())["tenants"][-1]
    await set_up.cloud.change_world(
        "forbid_tenant",
        subscription_id=tenant["subscription_id"],
        forbidden=forbidden,
    )


async def _poll_until(set_up: Stage, home: Home, *, repairs: bool) -> None:
    """Have the cameras asked for out of turn until there are repairs, or none."""
    api = set_up.api
    image = home.cameras[0].of("image")[0].entity_id

    async def told() -> bool:
        await api.act("homeassistant.update_entity", data={"entity_id": [image]})
        found = await api.command("repairs/list_issues")
        return bool(found["issues"]) is repairs

    await until(told, "the repairs are as they should be", within=180, every=2)


def as_setting(places: dict[str, str]) -> dict[str, str]:
    """Give what is where as the tour reads it."""
    return {"AMNIMO_PLACES": json.dumps(places)}
