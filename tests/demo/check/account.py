"""Steps: from the login page to the account with all its entities."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from tests.demo import entry, onboarding
from tests.demo.api import ApiError, HomeAssistantApi
from tests.demo.home import Home, complete_home
from tests.demo.visitor import PASSWORD, USERNAME

from .checklist import StepFailedError, expect
from .sentences import sentence_of
from .visit import INPUT, OUTPUT, POE, Visit


async def log_in(visit: Visit) -> str:
    """Go through onboarding, and log in as on any later day, also with a wrong password."""
    home_assistant = visit.stage.home_assistant
    await onboarding.enter(visit.api, visit.language)
    await home_assistant.wait_until_running(visit.api)
    async with HomeAssistantApi(home_assistant.url) as stranger:
        try:
            await stranger.log_in(USERNAME, f"{PASSWORD}!")
        except ApiError as err:
            expect("invalid_auth" in err.message, f"a wrong password: {err.message}")
        else:
            raise StepFailedError("a wrong password was let in")
        await stranger.log_in(USERNAME, PASSWORD)
        config = await stranger.get("/api/config")
    return f"version {config['version']}, {config['language']}, {config['time_zone']}"


async def refuse_malformed_account(visit: Visit) -> str:
    """Type an account ID that is none: refused at its field, the cloud is not asked."""
    page = await entry.open_flow(visit.api)
    expect(page["type"] == "form" and page["step_id"] == "user", f"first page: {page}")
    answers = entry.user_answers(visit.cloud.credentials)
    page = await entry.fill_in(visit.api, page, {**answers, "account_id": "my account"})
    visit.page = page
    expect(page["type"] == "form", f"the flow went on: {page['type']}")
    key = page["errors"].get("account_id")
    expect(key, f"no error at the field: {page['errors']}")
    requests = (await visit.cloud.stats())["requests"]
    expect(not requests, f"the cloud was asked: {requests}")
    return await sentence_of(visit, "config", f"error.{key}")


async def refuse_wrong_secret(visit: Visit) -> str:
    """Type a wrong secret: refused with its reason, at the cost of one request."""
    page = visit.page or await entry.open_flow(visit.api)
    before = await visit.cloud.stats()
    answers = entry.user_answers(visit.cloud.credentials)
    page = await entry.fill_in(visit.api, page, {**answers, "client_secret": "wrong"})
    visit.page = page
    expect(page["type"] == "form", f"the flow went on: {page['type']}")
    expect(page["errors"] == {"base": "auth_failed"}, f"errors: {page['errors']}")
    stats = await visit.cloud.stats()
    asked = _difference(before["requests"], stats["requests"])
    expect(asked == {"token 401": 1}, f"the cloud was asked {asked}")
    expect(stats["tokens_issued"] == 0, "a token was issued")
    return await sentence_of(visit, "config", "error.auth_failed")


async def add_account(visit: Visit) -> str:
    """Correct the secret on the same page, and go on to the entry."""
    api, cloud = visit.api, visit.cloud
    before = await cloud.stats()
    page = visit.page or await entry.open_flow(api)
    page = await entry.fill_in(api, page, entry.user_answers(cloud.credentials))
    tenants = (await cloud.world())["tenants"]
    if len(tenants) > 1:
        expect(page.get("step_id") == "tenants", f"no page of tenants: {page}")
        offered = _offered_tenants(page)
        known = {tenant["subscription_id"] for tenant in tenants}
        expect(offered == known, f"tenants offered: {offered}, known: {known}")
    visit.entry_id = await entry.finish_tenants(api, page)
    await entry.wait_until_loaded(api, visit.entry_id)
    stats = await cloud.stats()
    issued = stats["tokens_issued"] - before["tokens_issued"]
    expect(issued == 1, f"{issued} tokens were issued for it")
    return f"tenants: {len(tenants)}, access tokens: {issued}"


def _offered_tenants(page: Mapping[str, Any]) -> set[str]:
    options = page["data_schema"][0]["selector"]["select"]["options"]
    return {option["value"] for option in options}


async def refuse_second_entry(visit: Visit) -> str:
    """Add the same account again: the flow says that it is there."""
    page = await entry.open_flow(visit.api)
    page = await entry.fill_in(
        visit.api, page, entry.user_answers(visit.cloud.credentials)
    )
    expect(page["type"] == "abort", f"the flow went on: {page['type']}")
    expect(page["reason"] == "already_configured", f"reason: {page['reason']}")
    tokens = (await visit.cloud.stats())["tokens_issued"]
    expect(tokens == 1, f"{tokens} tokens were issued by now")
    return "already configured"


async def count_entities(visit: Visit) -> str:
    """Compare devices and entities with what there is in the cloud."""
    if visit.entry_id is None:
        raise StepFailedError("not tried: there is no account to try it with")
    visit.found_home = home = await complete_home(visit.api, visit.entry_id)
    world = await visit.cloud.world()
    counted = Counter(entity.platform for entity in home.all_entities())
    expected = expected_entities(world)
    expect(counted == expected, f"entities: {dict(counted)}, expected {dict(expected)}")
    names = {device.amnimo_id for device in home.devices.values()}
    known = expected_devices(world, visit.cloud.credentials.account_id)
    expect(names == known, f"devices too many or missing: {sorted(names ^ known)}")
    _expect_tree(home, world)
    return ", ".join(
        f"{number} {platform}" for platform, number in sorted(counted.items())
    )


def expected_entities(world: Mapping[str, Any]) -> Counter[str]:
    """Count the entities that a world should have, by platform.

    The service lists only devices with external equipment, so only they have ports.
    """
    cameras = len(world["cameras"])
    listed = [device for device in world["devices"] if device["external_devices"]]
    ports = Counter(port["kind"] for device in listed for port in device["ports"])
    equipment = sum(len(device["external_devices"]) for device in listed)
    return +Counter(
        {
            "binary_sensor": 2 * cameras + ports[INPUT] + equipment,
            "button": ports[POE] + ports[OUTPUT],
            "camera": cameras,
            "event": cameras,
            "image": cameras,
            "sensor": 2 + 2 * ports[POE],
            "switch": ports[POE] + ports[OUTPUT],
        }
    )


def expected_devices(world: Mapping[str, Any], account_id: str) -> set[str]:
    """Give the IDs of all that should be a device."""
    tenants = {tenant["subscription_id"] for tenant in world["tenants"]}
    cameras = {camera["id"] for camera in world["cameras"]}
    edge = {camera["device_id"] for camera in world["cameras"] if camera["device_id"]}
    edge |= {device["id"] for device in world["devices"] if device["external_devices"]}
    return {account_id, *(tenants if len(tenants) > 1 else ()), *cameras, *edge}


def _expect_tree(home: Home, world: Mapping[str, Any]) -> None:
    """Check that cameras hang on their edge devices, or else on their tenants."""
    above = {
        device.amnimo_id: home.devices[device.parent_id].amnimo_id
        for device in home.devices.values()
        if device.parent_id is not None
    }
    for camera in world["cameras"]:
        parents = {camera["device_id"] or camera["subscription_id"]}
        if not home.tenants and camera["device_id"] is None:
            parents = {home.account.amnimo_id}
        expect(
            above.get(camera["id"]) in parents,
            f"{camera['name']} hangs on {above.get(camera['id'])}, not on {parents}",
        )


async def compare_states(visit: Visit) -> str:
    """Compare every state with what the cloud knows."""
    home = visit.home
    world = await visit.cloud.world()
    states = await visit.api.states()
    wrong = []
    compared = 0

    def compare(entity_id: str, value: bool) -> None:
        nonlocal compared
        compared += 1
        shown = states[entity_id]["state"]
        if shown != ("on" if value else "off"):
            wrong.append(f"{entity_id} is {shown}, the cloud says {value}")

    for camera in world["cameras"]:
        for kind, value in (("connectivity", "online"), ("running", "recording")):
            entity = visit.entity(camera["id"], "binary_sensor", kind)
            compare(entity.entity_id, camera[value])
    for device in world["devices"]:
        for port in device["ports"] if device["external_devices"] else ():
            if port["kind"] != INPUT:
                switch = visit.switch_of(device["id"], port["id"])
                compare(switch.entity_id, port["on"])
    expect(not wrong, "; ".join(wrong))
    unavailable = [
        entity.entity_id
        for entity in home.all_entities()
        if not entity.is_disabled
        and states.get(entity.entity_id, {}).get("state", "unavailable")
        == "unavailable"
    ]
    expect(not unavailable, f"unavailable: {', '.join(unavailable)}")
    return f"{compared} states agree"


def _difference(
    before: Mapping[str, Mapping[str, int]], after: Mapping[str, Mapping[str, int]]
) -> dict[str, int]:
    """Give the requests in between, by endpoint and status."""
    counted = {
        f"{endpoint} {status}": number - before.get(endpoint, {}).get(status, 0)
        for endpoint, statuses in after.items()
        for status, number in statuses.items()
    }
    return {name: number for name, number in counted.items() if number}
