"""Steps: from a new Home Assistant to the first look at a camera."""

from tests.demo import dashboard, entry, onboarding
from tests.demo.check.checklist import expect
from tests.demo.check.live import nobody_watches
from tests.demo.home import complete_home

from .visit import Viewing

STREAM_LOGGER = "homeassistant.components.stream"


async def settle_in(visit: Viewing) -> str:
    """Go through onboarding, add the account, and lay out the dashboard."""
    api = visit.api
    await onboarding.enter(api, visit.language)
    await visit.stage.home_assistant.wait_until_running(api)
    # Its log then tells where it reads, which nothing else does.
    await api.act("logger.set_level", data={STREAM_LOGGER: "debug"})
    page = await entry.open_flow(api)
    visit.entry_id = await entry.finish_flow(api, page, visit.cloud.credentials)
    await entry.wait_until_loaded(api, visit.entry_id)
    visit.found_home = await complete_home(api, visit.entry_id)
    await dashboard.publish(api, visit.found_home, visit.language)
    if visit.browser is not None:
        await visit.browser.log_in()
    config = await api.get("/api/config")
    return f"version {config['version']}, {len(visit.home.cameras)} cameras"


async def offer_hls_alone(visit: Viewing) -> str:
    """Check what viewers are offered without go2rtc."""
    return await _offers(visit, {"hls"})


async def offer_webrtc(visit: Viewing) -> str:
    """Check that go2rtc is used, and what viewers are offered with it."""
    return await _offers(visit, {"hls", "web_rtc"})


async def _offers(visit: Viewing, wanted: set[str]) -> str:
    for camera in visit.home.cameras:
        entity_id = camera.of("camera")[0].entity_id
        answer = await visit.api.command("camera/capabilities", entity_id=entity_id)
        offered = set(answer["frontend_stream_types"])
        expect(offered == wanted, f"{entity_id} offers {offered}, not {wanted}")
    return " and ".join(sorted(wanted))


async def nobody_uploads(visit: Viewing) -> str:
    """Check that adding cameras, and all that looked at them, started no stream."""
    seen = await nobody_watches(visit)
    expect(await visit.seconds_uploaded() == 0, "something was uploaded")
    return seen
