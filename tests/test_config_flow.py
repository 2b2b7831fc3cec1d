"""Adding an account and changing it, as a user meets it, against the simulated cloud."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
import json
from pathlib import Path
from typing import Any

import probatio as vol
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components import amnimo
from custom_components.amnimo.api import API_URL
from homeassistant.config_entries import SOURCE_USER, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, section

from .cloud import CloudOptions, SimulatedCloud
from .estate import Estate

UNUSED_PORT = "http://127.0.0.1:9/ex"


@pytest.fixture
def cloud_options(request: pytest.FixtureRequest) -> CloudOptions:
    """Return a small cloud, with as many tenants as a test says."""
    tenants = getattr(request, "param", 3)
    return CloudOptions(tenants=tenants, cameras=3, devices=1, start_seconds=0)


@pytest.fixture
def typed(cloud: SimulatedCloud) -> dict[str, Any]:
    """Return what a user types who makes no mistake."""
    return {
        "client_id": cloud.client_id,
        "client_secret": cloud.client_secret,
        "account_id": cloud.account_id,
        "advanced": {"api_url": cloud.url},
    }


async def submit(hass: HomeAssistant, typed: dict[str, Any]) -> dict[str, Any]:
    """Open the form and submit it."""
    form = await hass.config_entries.flow.async_init(
        "amnimo", context={"source": SOURCE_USER}
    )
    assert form["type"] is FlowResultType.FORM
    assert form["step_id"] == "user"
    assert not form["errors"]
    return await hass.config_entries.flow.async_configure(form["flow_id"], typed)


async def test_several_tenants_are_offered_by_their_path(
    hass: HomeAssistant, cloud: SimulatedCloud, estate: Estate, typed: dict[str, Any]
) -> None:
    """With several tenants a second form asks which; the choice becomes an option."""
    form = await submit(hass, typed)
    assert form["type"] is FlowResultType.FORM
    assert form["step_id"] == "tenants"
    [selector] = form["data_schema"].schema.values()
    offered = {
        option["value"]: option["label"] for option in selector.config["options"]
    }
    assert offered == {
        tenant.subscription_id: " › ".join(
            reversed([above.account_name for above in tenant.lineage()])
        )
        for tenant in estate.tenants
    }

    chosen = list(offered)[1:]
    result = await hass.config_entries.flow.async_configure(
        form["flow_id"], {"tenants": chosen}
    )
    await hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == estate.root.account_name
    assert result["data"] == {
        "client_id": cloud.client_id,
        "client_secret": cloud.client_secret,
        "account_id": cloud.account_id,
        "api_url": cloud.url,
    }
    assert result["options"] == {"tenants": chosen}
    assert result["result"].unique_id == cloud.account_id
    assert result["result"].state is ConfigEntryState.LOADED
    assert cloud.stats.tokens_issued == 1


@pytest.mark.parametrize("cloud_options", [1], indirect=True)
async def test_a_single_tenant_is_not_asked_about(
    hass: HomeAssistant, cloud: SimulatedCloud, typed: dict[str, Any]
) -> None:
    """With one tenant the account is added at once, and the check's token serves it."""
    result = await submit(hass, typed)
    await hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["options"] == {"tenants": []}
    assert result["result"].state is ConfigEntryState.LOADED
    assert cloud.stats.tokens_issued == 1
    assert cloud.stats.count("hierarchy") == 2


async def test_blanks_and_upper_case_are_forgiven(
    hass: HomeAssistant, cloud: SimulatedCloud, typed: dict[str, Any]
) -> None:
    """What a user copies may have blanks around it, and an account ID other spellings."""
    form = await submit(
        hass,
        {
            "client_id": f" {typed['client_id']}\t",
            "client_secret": f"{typed['client_secret']} ",
            "account_id": f" {typed['account_id'].upper()} ",
            "advanced": {"api_url": f"{cloud.url}/ "},
        },
    )
    result = await hass.config_entries.flow.async_configure(form["flow_id"], {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"]["account_id"] == cloud.account_id
    assert result["data"]["client_secret"] == cloud.client_secret
    assert result["data"]["api_url"] == cloud.url
    await hass.async_block_till_done()


@pytest.mark.parametrize(
    ("changes", "errors", "tokens"),
    [
        ({"client_secret": "wrong"}, {"base": "auth_failed"}, 0),
        ({"client_id": "wrong"}, {"base": "auth_failed"}, 0),
        ({"account_id": "tenant 1"}, {"account_id": "invalid_account_id"}, 0),
        (
            {"account_id": "00000000-0000-4000-8000-000000000000"},
            {"account_id": "unknown_account"},
            1,
        ),
        ({"advanced": {"api_url": "api.amnimo.com"}}, {"base": "invalid_api_url"}, 0),
        ({"advanced": {"api_url": "http://[::1"}}, {"base": "invalid_api_url"}, 0),
        ({"advanced": {"api_url": "ftp://x/ex"}}, {"base": "invalid_api_url"}, 0),
        ({"advanced": {"api_url": UNUSED_PORT}}, {"base": "cannot_connect"}, 0),
        ({"advanced": {"api_url": "{cloud}/v9"}}, {"base": "not_found"}, 0),
    ],
)
async def test_a_mistake_is_named_and_can_be_mended(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    typed: dict[str, Any],
    changes: dict[str, Any],
    errors: dict[str, str],
    tokens: int,
) -> None:
    """A mistake shows at its field, what was typed stays, and mending it goes on."""
    if api_url := changes.get("advanced", {}).get("api_url"):
        changes = {"advanced": {"api_url": api_url.replace("{cloud}", cloud.url)}}
    form = await submit(hass, {**typed, **changes})
    assert form["type"] is FlowResultType.FORM
    assert form["step_id"] == "user"
    assert form["errors"] == errors
    suggested = {
        marker.schema: marker.description["suggested_value"]
        for marker in form["data_schema"].schema
        if marker.description
    }
    for field in ("client_id", "client_secret", "account_id"):
        assert suggested[field] == {**typed, **changes}[field]
    assert cloud.stats.tokens_issued == tokens

    mended = await hass.config_entries.flow.async_configure(form["flow_id"], typed)
    assert mended["step_id"] == "tenants"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (
            {"endpoint": "token", "kind": "status", "status": 429, "count": 3},
            "rate_limited",
        ),
        (
            {"endpoint": "token", "kind": "status", "status": 429, "seconds": 3600},
            "quota_exhausted",
        ),
        (
            {"endpoint": "token", "kind": "status", "status": 500, "count": 1},
            "unexpected_response",
        ),
        ({"endpoint": "token", "kind": "html"}, "unexpected_response"),
        (
            {"endpoint": "hierarchy", "kind": "status", "status": 429, "count": 3},
            "rate_limited",
        ),
        (
            {"endpoint": "hierarchy", "kind": "status", "status": 503, "count": 3},
            "unexpected_response",
        ),
        ({"endpoint": "hierarchy", "kind": "html", "count": 3}, "unexpected_response"),
        (
            {"endpoint": "hierarchy", "kind": "malformed", "count": 3},
            "unexpected_response",
        ),
        ({"endpoint": "hierarchy", "kind": "drop", "count": 9}, "cannot_connect"),
    ],
)
@pytest.mark.usefixtures("impatient")
async def test_a_service_in_trouble_is_told_from_a_mistake(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    typed: dict[str, Any],
    fault: dict[str, Any],
    error: str,
) -> None:
    """The form says what is wrong with the service, and works when it is over."""
    cloud.faults.add(**fault)
    form = await submit(hass, typed)
    assert form["errors"] == {"base": error}
    cloud.faults.clear()
    again = await hass.config_entries.flow.async_configure(form["flow_id"], typed)
    assert again["step_id"] == "tenants"


@pytest.mark.usefixtures("impatient")
async def test_no_try_costs_a_token_that_another_has_paid_for(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    typed: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Wrong account IDs, a service in trouble, forms closed and opened anew: one token."""
    unknown = {"account_id": "00000000-0000-4000-8000-000000000000"}
    for attempt in range(3):
        form = await submit(hass, {**typed, **unknown})
        again = await hass.config_entries.flow.async_configure(
            form["flow_id"],
            {**typed, "account_id": f"00000000-0000-4000-8000-00000000000{attempt}"},
        )
        assert again["errors"] == {"account_id": "unknown_account"}
        hass.config_entries.flow.async_abort(form["flow_id"])
    for fault in (
        {"kind": "status", "status": 400},
        {"kind": "status", "status": 503, "count": 3},
        {"kind": "drop", "count": 9},
        {"kind": "html", "count": 3},
    ):
        cloud.faults.add("hierarchy", **fault)
        form = await submit(hass, typed)
        assert form["errors"]
        cloud.faults.clear()
    with monkeypatch.context() as patch:
        for tenant in estate.tenants:
            patch.setattr(tenant, "subscription_id", None)
        form = await submit(hass, typed)
        assert form["errors"] == {"account_id": "no_tenants"}

    form = await hass.config_entries.flow.async_configure(form["flow_id"], typed)
    result = await hass.config_entries.flow.async_configure(form["flow_id"], {})
    await hass.async_block_till_done()
    assert result["result"].state is ConfigEntryState.LOADED
    assert cloud.stats.tokens_issued == 1
    assert cloud.stats.count("token") == 1


async def test_tries_with_another_client_cost_one_token_and_change_nothing(
    hass: HomeAssistant, cloud: SimulatedCloud, loaded: MockConfigEntry
) -> None:
    """A client ID that does not reach the account is asked for one token, however often."""
    stranger = cloud.neighbour
    typed = {
        "client_id": stranger.client_id,
        "client_secret": stranger.secret,
        "advanced": {"api_url": cloud.url},
    }
    form = await loaded.start_reconfigure_flow(hass)
    for _ in range(3):
        result = await hass.config_entries.flow.async_configure(form["flow_id"], typed)
        assert result["errors"] == {"base": "other_account"}
    assert cloud.stats.tokens_issued == 2
    assert loaded.state is ConfigEntryState.LOADED
    assert loaded.data["client_id"] == cloud.client_id


async def test_an_account_that_the_service_calls_malformed_is_unknown(
    hass: HomeAssistant, cloud: SimulatedCloud, typed: dict[str, Any]
) -> None:
    """A 400 to the account ID is about what was typed."""
    cloud.faults.add("hierarchy", "status", status=400)
    form = await submit(hass, typed)
    assert form["errors"] == {"account_id": "unknown_account"}


async def test_an_account_without_a_subscription_is_refused(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    typed: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An account whose tenants have no subscription would show nothing, ever."""
    for tenant in cloud.world.tenants.values():
        monkeypatch.setattr(tenant, "subscription_id", None)
    form = await submit(hass, typed)
    assert form["errors"] == {"account_id": "no_tenants"}


@pytest.mark.usefixtures("loaded")
async def test_the_same_account_twice_is_refused(
    hass: HomeAssistant, cloud: SimulatedCloud, typed: dict[str, Any]
) -> None:
    """An account that is set up is not added again, and the attempt costs no token."""
    result = await submit(hass, typed)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    assert cloud.stats.tokens_issued == 1


async def test_an_account_that_was_begun_twice_is_added_once(
    hass: HomeAssistant, cloud: SimulatedCloud, typed: dict[str, Any]
) -> None:
    """A form left open somewhere does not stop a second try; the first to finish counts."""
    first = await submit(hass, typed)
    second = await submit(hass, typed)
    assert first["step_id"] == second["step_id"] == "tenants"
    result = await hass.config_entries.flow.async_configure(second["flow_id"], {})
    await hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].state is ConfigEntryState.LOADED
    assert not hass.config_entries.flow.async_progress()
    assert len(hass.config_entries.async_entries("amnimo")) == 1
    assert cloud.stats.tokens_issued == 1


@pytest.mark.usefixtures("loaded")
async def test_another_account_of_the_same_client_costs_no_token(
    hass: HomeAssistant, cloud: SimulatedCloud, estate: Estate, typed: dict[str, Any]
) -> None:
    """A tenant below can be an account of its own, with the token that is there."""
    child = estate.root.children[0]
    result = await submit(hass, {**typed, "account_id": child.account_id})
    if result["type"] is FlowResultType.FORM:
        result = await hass.config_entries.flow.async_configure(result["flow_id"], {})
    await hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == child.account_name
    assert cloud.stats.tokens_issued == 1


@pytest.mark.usefixtures("impatient")
async def test_a_revoked_secret_asks_for_the_new_one(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    set_up: Callable[[], Awaitable[MockConfigEntry]],
) -> None:
    """A refused secret starts the dialogue; a wrong answer is named, the right one loads."""
    cloud.client.secret = "renewed"
    entry = await set_up()
    assert entry.state is ConfigEntryState.SETUP_ERROR
    [flow] = hass.config_entries.flow.async_progress()
    assert flow["step_id"] == "reauth_confirm"
    assert flow["context"]["source"] == "reauth"

    wrong = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"client_secret": "guessed"}
    )
    assert wrong["errors"] == {"base": "auth_failed"}
    assert wrong["description_placeholders"]["account"] == entry.title

    right = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"client_secret": "renewed"}
    )
    await hass.async_block_till_done()
    assert right["type"] is FlowResultType.ABORT
    assert right["reason"] == "reauth_successful"
    assert entry.data["client_secret"] == "renewed"
    assert entry.state is ConfigEntryState.LOADED
    assert cloud.stats.tokens_issued == 1


async def test_credentials_can_be_changed(
    hass: HomeAssistant, cloud: SimulatedCloud, loaded: MockConfigEntry
) -> None:
    """Another client ID of the same account replaces the first; entities stay."""
    other = cloud.world.add_client(*cloud.client.accounts)
    entities = set(hass.states.async_entity_ids())
    form = await loaded.start_reconfigure_flow(hass)
    assert form["step_id"] == "reconfigure"

    result = await hass.config_entries.flow.async_configure(
        form["flow_id"],
        {
            "client_id": other.client_id,
            "client_secret": other.secret,
            "advanced": {"api_url": cloud.url},
        },
    )
    await hass.async_block_till_done()
    assert result["reason"] == "reconfigure_successful"
    assert loaded.data["client_id"] == other.client_id
    assert loaded.data["account_id"] == cloud.account_id
    assert loaded.state is ConfigEntryState.LOADED
    assert set(hass.states.async_entity_ids()) == entities


def kept_tokens(hass_storage: dict[str, Any]) -> set[str]:
    """Return the names of the files with tokens."""
    return {key for key in hass_storage if key.startswith("amnimo.token.")}


async def change_client(
    hass: HomeAssistant, cloud: SimulatedCloud, entry: MockConfigEntry
) -> None:
    """Let an entry use another client ID of its account."""
    other = cloud.world.add_client(*cloud.client.accounts)
    form = await entry.start_reconfigure_flow(hass)
    result = await hass.config_entries.flow.async_configure(
        form["flow_id"],
        {
            "client_id": other.client_id,
            "client_secret": other.secret,
            "advanced": {"api_url": cloud.url},
        },
    )
    await hass.async_block_till_done()
    assert result["reason"] == "reconfigure_successful"


async def test_a_client_that_was_replaced_leaves_no_token_behind(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    hass_storage: dict[str, Any],
) -> None:
    """The token of the old client ID goes with it, that of the new one with the entry."""
    [old] = kept_tokens(hass_storage)
    await change_client(hass, cloud, loaded)
    [new] = kept_tokens(hass_storage)
    assert new != old
    await hass.config_entries.async_remove(loaded.entry_id)
    await hass.async_block_till_done()
    assert not kept_tokens(hass_storage)


async def test_a_replaced_client_that_another_account_uses_keeps_its_token(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    second_entry: MockConfigEntry,
    hass_storage: dict[str, Any],
) -> None:
    """The other account goes on with the token that it shared, and costs no new one."""
    second_entry.add_to_hass(hass)
    await hass.config_entries.async_setup(second_entry.entry_id)
    [shared] = kept_tokens(hass_storage)
    await change_client(hass, cloud, loaded)
    assert shared in kept_tokens(hass_storage)
    assert len(kept_tokens(hass_storage)) == 2
    hass.data.pop("amnimo_hubs")
    await hass.config_entries.async_reload(second_entry.entry_id)
    await hass.async_block_till_done()
    assert second_entry.state is ConfigEntryState.LOADED
    assert cloud.stats.tokens_issued == 2


async def test_a_client_that_may_not_see_the_account_is_refused(
    hass: HomeAssistant, cloud: SimulatedCloud, loaded: MockConfigEntry
) -> None:
    """New credentials that don't reach the account are refused, and the old ones stay."""
    stranger = cloud.neighbour
    form = await loaded.start_reconfigure_flow(hass)
    result = await hass.config_entries.flow.async_configure(
        form["flow_id"],
        {
            "client_id": stranger.client_id,
            "client_secret": stranger.secret,
            "advanced": {"api_url": cloud.url},
        },
    )
    assert result["errors"] == {"base": "other_account"}
    assert loaded.data["client_id"] == cloud.client_id


async def test_options_change_what_is_shown(
    hass: HomeAssistant, estate: Estate, loaded: MockConfigEntry
) -> None:
    """Options take effect at once: only the chosen tenant's cameras stay."""
    form = await hass.config_entries.options.async_init(loaded.entry_id)
    assert form["step_id"] == "init"
    tenant = next(tenant for tenant in estate.tenants if tenant.cameras)
    result = await hass.config_entries.options.async_configure(
        form["flow_id"],
        {
            "tenants": [tenant.subscription_id],
            "camera_interval": 120.0,
            "keep_alive_period": 30.0,
            "reset_seconds": 5.0,
        },
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert loaded.options == {
        "tenants": [tenant.subscription_id],
        "camera_interval": 120,
        "keep_alive_period": 30,
        "reset_seconds": 5,
    }
    assert loaded.state is ConfigEntryState.LOADED
    available = [
        state
        for state in hass.states.async_all("camera")
        if state.state != "unavailable"
    ]
    assert len(available) == len(tenant.cameras)


@pytest.mark.parametrize("cloud_options", [1], indirect=True)
async def test_options_of_one_tenant_leave_out_the_choice(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    """Where there is nothing to choose, nothing is asked."""
    form = await hass.config_entries.options.async_init(loaded.entry_id)
    assert {marker.schema for marker in form["data_schema"].schema} == {
        "camera_interval",
        "keep_alive_period",
        "reset_seconds",
    }
    result = await hass.config_entries.options.async_configure(
        form["flow_id"],
        {"camera_interval": 60, "keep_alive_period": 60, "reset_seconds": 10},
    )
    assert result["data"]["tenants"] == []


@pytest.mark.parametrize("entry_options", [{"tenants": ["gone-1", "gone-2"]}])
async def test_options_of_an_entry_that_is_not_loaded_keep_the_choice(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """While the service is away, the chosen tenants can still be seen and dropped."""
    form = await hass.config_entries.options.async_init(entry.entry_id)
    selector = next(
        selector
        for marker, selector in form["data_schema"].schema.items()
        if marker.schema == "tenants"
    )
    assert [option["value"] for option in selector.config["options"]] == [
        "gone-1",
        "gone-2",
    ]


@pytest.mark.parametrize("cloud_options", [3], indirect=True)
@pytest.mark.usefixtures("impatient")
async def test_options_changed_while_the_service_is_away_keep_the_choice(
    hass: HomeAssistant, cloud: SimulatedCloud, estate: Estate, entry: MockConfigEntry
) -> None:
    """With one tenant chosen there is nothing to choose from then, and it stays chosen."""
    chosen = estate.root.subscription_id
    hass.config_entries.async_update_entry(entry, options={"tenants": [chosen]})
    cloud.faults.add("*", "drop", count=-1)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    form = await hass.config_entries.options.async_init(entry.entry_id)
    assert "tenants" not in {marker.schema for marker in form["data_schema"].schema}
    result = await hass.config_entries.options.async_configure(
        form["flow_id"],
        {"camera_interval": 120, "keep_alive_period": 60, "reset_seconds": 10},
    )
    assert result["data"]["tenants"] == [chosen]
    assert entry.options["camera_interval"] == 120


def fields(schema: vol.Schema) -> dict[str, Any]:
    """Return the fields of a form by name; those of a section below its name."""
    return {
        str(marker.schema): fields(field.schema) if isinstance(field, section) else {}
        for marker, field in schema.schema.items()
    }


def named(step: dict[str, Any], part: str) -> dict[str, Any]:
    """Return the fields that the texts of a form name or explain, in the same way."""
    own: dict[str, Any] = {field: {} for field in step.get(part, {})}
    sections = step.get("sections", {})
    return own | {key: named(each, part) for key, each in sections.items()}


def suggested(schema: vol.Schema) -> dict[str, Any]:
    """Return what is written in the fields of a form, by name."""
    found: dict[str, Any] = {}
    for marker, field in schema.schema.items():
        if isinstance(field, section):
            found[marker.schema] = suggested(field.schema)
        else:
            found[marker.schema] = (marker.description or {}).get("suggested_value")
    return found


def is_unfolded(schema: vol.Schema) -> bool:
    """Return whether the section of a form is open."""
    [folded] = [each for each in schema.schema.values() if isinstance(each, section)]
    return not folded.options["collapsed"]


@pytest.mark.parametrize("language", ["en", "ja"])
async def test_every_field_of_every_form_has_a_name_and_an_explanation(
    hass: HomeAssistant,
    typed: dict[str, Any],
    loaded: MockConfigEntry,
    estate: Estate,
    language: str,
) -> None:
    """And no form has a text for a field that it does not show."""
    flows, options = hass.config_entries.flow, hass.config_entries.options
    user = await flows.async_init("amnimo", context={"source": SOURCE_USER})
    forms = [
        user,
        await options.async_init(loaded.entry_id),
        await loaded.start_reconfigure_flow(hass),
        await loaded.start_reauth_flow(hass),
    ]
    child = next(each for each in estate.root.children if each.children)
    forms.append(
        await flows.async_configure(
            user["flow_id"], {**typed, "account_id": child.account_id}
        )
    )
    folder = Path(str(amnimo.__file__)).parent / "translations"
    texts = await hass.async_add_executor_job((folder / f"{language}.json").read_text)
    for form in forms:
        of = "options" if form["step_id"] == "init" else "config"
        step = json.loads(texts)[of]["step"][form["step_id"]]
        shown = fields(form["data_schema"])
        assert named(step, "data") == shown, form["step_id"]
        assert named(step, "data_description") == shown, form["step_id"]
    assert {form["step_id"] for form in forms} == {
        "user",
        "tenants",
        "reauth_confirm",
        "reconfigure",
        "init",
    }


async def test_a_form_keeps_what_was_typed_also_where_it_is_folded(
    hass: HomeAssistant, cloud: SimulatedCloud, loaded: MockConfigEntry
) -> None:
    """The address of the API is not set back by a mistake elsewhere, nor is the secret."""
    form = await loaded.start_reconfigure_flow(hass)
    typed = {
        "client_id": cloud.client_id,
        "client_secret": "mistyped",
        "advanced": {"api_url": f"{cloud.url}/"},
    }
    form = await hass.config_entries.flow.async_configure(form["flow_id"], typed)
    assert form["errors"] == {"base": "auth_failed"}
    assert suggested(form["data_schema"]) == typed


@pytest.mark.parametrize(
    ("typed_url", "wrong", "unfolded"),
    [
        (None, {"account_id": "none"}, False),
        ("https://api.amnimo.com?ex", {}, True),
        (UNUSED_PORT, {}, True),
        (f"{UNUSED_PORT}/", {"account_id": "none"}, True),
    ],
)
async def test_an_address_that_may_be_wrong_is_shown(
    hass: HomeAssistant,
    typed: dict[str, Any],
    typed_url: str | None,
    wrong: dict[str, str],
    unfolded: bool,
) -> None:
    """The usual one is nobody's mistake, and out of the way."""
    form = await hass.config_entries.flow.async_init(
        "amnimo", context={"source": SOURCE_USER}
    )
    assert not is_unfolded(form["data_schema"])
    advanced = {"api_url": typed_url or API_URL}
    form = await hass.config_entries.flow.async_configure(
        form["flow_id"], {**typed, **wrong, "advanced": advanced}
    )
    assert form["errors"]
    assert is_unfolded(form["data_schema"]) is unfolded
    assert suggested(form["data_schema"])["advanced"] == advanced


async def test_an_address_that_answers_otherwise_is_shown(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    typed: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Even the usual one, for the error tells to look at it."""
    monkeypatch.setattr("custom_components.amnimo.config_flow.API_URL", cloud.url)
    cloud.faults.add("token", "status", status=404, count=-1)
    form = await submit(hass, typed)
    assert form["errors"] == {"base": "not_found"}
    assert is_unfolded(form["data_schema"])


async def test_the_address_is_shown_to_who_changes_credentials(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    """It is another than the usual one here; the secret alone is asked for without it."""
    assert is_unfolded((await loaded.start_reconfigure_flow(hass))["data_schema"])
    form = await loaded.start_reauth_flow(hass)
    assert suggested(form["data_schema"]) == {"client_secret": None}


async def test_an_account_can_be_renewed_and_changed_while_another_uses_the_client(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    second_entry: MockConfigEntry,
) -> None:
    """A changed secret goes in once for each account, and the second costs no token."""
    second_entry.add_to_hass(hass)
    await hass.config_entries.async_setup(second_entry.entry_id)
    cloud.client.secret = "renewed"
    issued = cloud.stats.tokens_issued
    for entry in (loaded, second_entry):
        form = await entry.start_reconfigure_flow(hass)
        result = await hass.config_entries.flow.async_configure(
            form["flow_id"],
            {
                "client_id": cloud.client_id,
                "client_secret": "renewed",
                "advanced": {"api_url": cloud.url},
            },
        )
        await hass.async_block_till_done()
        assert result["reason"] == "reconfigure_successful"
        assert entry.state is ConfigEntryState.LOADED
    assert cloud.stats.tokens_issued == issued + 1


@pytest.mark.parametrize(
    ("option", "values"),
    [
        ("camera_interval", (29, 3601)),
        ("keep_alive_period", (9, 3601)),
        ("reset_seconds", (0, 3601)),
    ],
)
async def test_options_out_of_their_range_are_refused(
    hass: HomeAssistant, loaded: MockConfigEntry, option: str, values: tuple[int, int]
) -> None:
    """The form says so, and keeps what was typed; both ends of the range are good."""
    good = {"camera_interval": 30, "keep_alive_period": 10, "reset_seconds": 1}
    before = dict(loaded.options)
    form = await hass.config_entries.options.async_init(loaded.entry_id)
    for value in values:
        typed = {**good, option: value}
        form = await hass.config_entries.options.async_configure(form["flow_id"], typed)
        assert form["errors"] == {option: f"{option}_out_of_range"}
        assert suggested(form["data_schema"]) == {"tenants": [], **typed}
    assert loaded.options == before
    result = await hass.config_entries.options.async_configure(
        form["flow_id"], {**good, option: 3600}
    )
    await hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert loaded.options[option] == 3600
