"""What a person does in front of a new Home Assistant, up to the first dashboard."""

from typing import Any

from .api import ApiError, HomeAssistantApi
from .polling import until
from .visitor import PASSWORD, USERNAME, Language

PLACE = {
    "country": "JP",
    "currency": "JPY",
    "elevation": 40,
    "latitude": 35.6812,
    "location_name": "amnimo demo",
    "longitude": 139.7671,
    "time_zone": "Asia/Tokyo",
    "unit_system": "metric",
}


async def enter(api: HomeAssistantApi, language: Language) -> None:
    """Log in, going through the onboarding first if nobody has yet; then connect."""
    steps = await open_steps(api)
    if "user" in steps:
        await create_user(api, language)
    else:
        await api.log_in(USERNAME, PASSWORD)
    await api.connect()
    if "user" in steps:
        await api.command("config/core/update", language=language, **PLACE)
        await finish(api)
        await remove_map(api)
    await speak(api, language)


async def open_steps(api: HomeAssistantApi) -> set[str]:
    """Give the steps of the onboarding that are not done."""
    try:
        steps = await api.get("/api/onboarding")
    except ApiError as err:
        # Once all is done, Home Assistant does not even have the page.
        if err.key == "404":
            return set()
        raise
    return {step["step"] for step in steps if not step["done"]}


async def create_user(api: HomeAssistantApi, language: Language) -> None:
    """Create the owner, and be logged in as them."""
    created = await api.post(
        "/api/onboarding/users",
        {
            "client_id": api.client_id,
            "language": language,
            "name": USERNAME,
            "username": USERNAME,
            "password": PASSWORD,
        },
    )
    await api.use_code(created["auth_code"])


async def finish(api: HomeAssistantApi) -> None:
    """Go on from the pages on analytics, which stay off, and on what was found nearby."""
    await api.post("/api/onboarding/analytics")
    await api.post(
        "/api/onboarding/integration",
        {"client_id": api.client_id, "redirect_uri": api.client_id},
    )


async def remove_map(api: HomeAssistantApi) -> None:
    """Take the map that a finished onboarding adds out of the sidebar."""

    async def map_dashboard() -> dict[str, Any] | None:
        for dashboard in await api.command("lovelace/dashboards/list"):
            if dashboard["url_path"] == "map":
                found: dict[str, Any] = dashboard
                return found
        return None

    dashboard = await until(map_dashboard, "the map is in the sidebar")
    assert dashboard is not None
    await api.command("lovelace/dashboards/delete", dashboard_id=dashboard["id"])


async def speak(api: HomeAssistantApi, language: Language) -> None:
    """Choose the language of Home Assistant and of what this user sees."""
    await api.command("config/core/update", language=language)
    await api.command(
        "frontend/set_user_data",
        key="language",
        value={"language": language, "number_format": "language"},
    )
