"""The amnimo entry: added as a person adds it, page by page of the config flow."""

from collections.abc import Mapping
from typing import Any

from .api import HomeAssistantApi
from .errors import DemoError
from .polling import until
from .simulated_cloud import Credentials

DOMAIN = "amnimo"

FLOWS = "/api/config/config_entries/flow"
ENTRIES = "/api/config/config_entries/entry"


async def entries(api: HomeAssistantApi) -> list[dict[str, Any]]:
    """Give the amnimo entries there are."""
    found: list[dict[str, Any]] = await api.get(f"{ENTRIES}?domain={DOMAIN}")
    return found


async def open_flow(api: HomeAssistantApi) -> dict[str, Any]:
    """Choose "amnimo" in the list of integrations; give the first page."""
    page: dict[str, Any] = await api.post(FLOWS, {"handler": DOMAIN})
    return page


async def fill_in(
    api: HomeAssistantApi, page: Mapping[str, Any], answers: Mapping[str, Any]
) -> dict[str, Any]:
    """Submit a page; give the next one, or the same with its errors."""
    following: dict[str, Any] = await api.post(f"{FLOWS}/{page['flow_id']}", answers)
    return following


def user_answers(credentials: Credentials) -> dict[str, Any]:
    """Give the answers of the first page."""
    return {
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
        "account_id": credentials.account_id,
        "advanced": {"api_url": credentials.url},
    }


async def finish_flow(
    api: HomeAssistantApi, page: Mapping[str, Any], credentials: Credentials
) -> str:
    """Go through the flow from its first page; give the ID of the entry."""
    page = await fill_in(api, page, user_answers(credentials))
    return await finish_tenants(api, page)


async def finish_tenants(api: HomeAssistantApi, page: Mapping[str, Any]) -> str:
    """Go on after the credentials, with all tenants; give the ID of the entry.

    Raises DemoError when the flow ends or stops otherwise.
    """
    if page["type"] == "form" and page["step_id"] == "tenants" and not page["errors"]:
        page = await fill_in(api, page, {"tenants": []})
    if page["type"] != "create_entry":
        raise DemoError(
            "adding the account failed: "
            f"{page.get('errors') or page.get('reason') or page.get('step_id')}"
        )
    entry_id: str = page["result"]["entry_id"]
    return entry_id


async def working_entry(api: HomeAssistantApi) -> str | None:
    """Give the ID of the entry of an earlier run that still works; remove all others.

    A cloud that was started with other options, or on another port, is another cloud.
    """
    working = None
    for entry in await entries(api):
        if await has_loaded(api, entry["entry_id"]):
            working = entry["entry_id"]
        else:
            await api.delete(f"{ENTRIES}/{entry['entry_id']}")
    return working


async def has_loaded(api: HomeAssistantApi, entry_id: str) -> bool:
    """Tell if an entry is set up, waiting until that has been tried."""

    async def state() -> str | None:
        for entry in await entries(api):
            if entry["entry_id"] == entry_id and entry["state"] != "setup_in_progress":
                return str(entry["state"])
        return None

    return await until(state, "the account is set up") == "loaded"


async def wait_until_loaded(api: HomeAssistantApi, entry_id: str) -> None:
    """Wait until the entry is set up; raises DemoError where it isn't."""

    async def is_loaded() -> bool:
        return any(
            entry["entry_id"] == entry_id and entry["state"] == "loaded"
            for entry in await entries(api)
        )

    await until(is_loaded, "the account is set up")


async def reload(api: HomeAssistantApi, entry_id: str) -> None:
    """Set the entry up anew."""
    await api.post(f"{ENTRIES}/{entry_id}/reload")
