"""Steps: switch a port, and reset one."""

from tests.demo.home import Entity
from tests.demo.polling import until

from .checklist import expect
from .visit import Visit

# A port takes a moment, and is read until it agrees: 15 s after an action at most.
AGREE_SECONDS = 30.0


async def switch_port(visit: Visit) -> str:
    """Switch a camera's port off and on again; cloud and entity have to agree."""
    camera = await visit.powered_camera()
    switch = visit.switch_of(camera["device_id"], camera["port_id"])
    for action, state in (("switch.turn_off", "off"), ("switch.turn_on", "on")):
        await visit.api.act(action, switch.entity_id)
        shown = (await visit.api.state(switch.entity_id))["state"]
        expect(shown == state, f"{switch.entity_id} is {shown} right after {action}")
        await until_port_is(visit, camera["device_id"], camera["port_id"], state)
        await until_agreed(visit, switch, state)
    return f"{switch.entity_id} off and on"


async def reset_port(visit: Visit) -> str:
    """Press a port's reset button; the cloud sees it go off and come back."""
    camera = await visit.powered_camera()
    device_id, port_id = camera["device_id"], camera["port_id"]
    switch = visit.switch_of(device_id, port_id)
    button = visit.button_of(switch)
    await visit.api.act("button.press", button.entity_id)
    await until_port_is(visit, device_id, port_id, "off")
    await until_port_is(visit, device_id, port_id, "on")
    await until_agreed(visit, switch, "on")
    posts = (await visit.cloud.stats())["requests"]["port"]
    expect(set(posts) == {"200"} and posts["200"] == 3, f"requests to ports: {posts}")
    return f"{button.entity_id}: off, then on"


async def until_port_is(visit: Visit, device_id: str, port_id: str, state: str) -> None:
    """Wait until the port itself has moved."""

    async def has_moved() -> bool:
        return await visit.port_is_on(device_id, port_id) == (state == "on")

    await until(
        has_moved, f"the cloud sees port {port_id} {state}", within=AGREE_SECONDS
    )


async def until_agreed(visit: Visit, switch: Entity, state: str) -> None:
    """Wait until the entity says what the port does."""

    async def agrees() -> bool:
        return await visit.is_in_state(switch, state)

    await until(agrees, f"{switch.entity_id} is {state}", within=AGREE_SECONDS)
