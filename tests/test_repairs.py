"""What a person has to see to: told when it is so, gone when it no longer is, mended by a click."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
import json
from pathlib import Path
import re
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components import amnimo
from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir, translation
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from .cloud import CloudOptions, SimulatedCloud
from .cloud.call import Call
from .cloud.refusals import ForbiddenError
from .cloud.templates import Of
from .cloud.world import Tenant
from .entities import entity_id
from .estate import Estate
from .media.passage import Passage
from .passing_time import poll

type SetUp = Callable[[], Awaitable[MockConfigEntry]]

DAY = 24 * 3600.0
TEXTS = json.loads(
    (Path(str(amnimo.__file__)).parent / "translations" / "en.json").read_text()
)


@pytest.fixture
def cloud_options(request: pytest.FixtureRequest) -> CloudOptions:
    """Return a small cloud, with as many tenants as a test says."""
    tenants = getattr(request, "param", 3)
    return CloudOptions(tenants=tenants, cameras=4, devices=2, start_seconds=0)


@pytest.fixture
def forbid(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return what takes from the client the permission for some tenants, and only those."""

    usual = Call.tenant

    def forbid(*tenants: Tenant) -> None:
        def tenant(call: Call) -> Tenant:
            asked = usual(call)
            if asked in tenants:
                raise ForbiddenError("no permission")
            return asked

        monkeypatch.setattr(Call, "tenant", tenant)

    return forbid


def issues(hass: HomeAssistant) -> dict[str, ir.IssueEntry]:
    """Return the issues that are shown, by the key of their texts."""
    shown = [
        issue
        for (domain, _), issue in ir.async_get(hass).issues.items()
        if domain == "amnimo" and issue.active
    ]
    by_key = {str(issue.translation_key): issue for issue in shown}
    assert len(by_key) == len(shown)
    for key, issue in by_key.items():
        texts = TEXTS["issues"][key]
        wanted = open_values(texts["title"], texts.get("description", ""))
        assert wanted <= (issue.translation_placeholders or {}).keys()
    return by_key


def open_values(*texts: str) -> set[str]:
    """Return the placeholders of texts."""
    return {name for text in texts for name in re.findall(r"{([a-z_]+)}", text)}


class Clicks:
    """Somebody who repairs an issue in the frontend."""

    def __init__(self, come: ClientSessionGenerator) -> None:
        """Take how they come, which is when all that has pages is set up."""
        self._come = come
        self._http: Any = None
        self._flow = ""
        self._key = ""

    async def open(self, issue: ir.IssueEntry) -> dict[str, Any]:
        """Open an issue; return what is shown."""
        self._http = self._http or await self._come()
        answer = await self._http.post(
            "/api/repairs/issues/fix",
            json={"handler": "amnimo", "issue_id": issue.issue_id},
        )
        assert answer.status == HTTPStatus.OK, await answer.text()
        shown = await answer.json()
        self._flow = shown["flow_id"]
        self._key = str(issue.translation_key)
        self._read(shown)
        return shown

    async def submit(self, **typed: Any) -> dict[str, Any]:
        """Submit what is shown; return what is shown next."""
        answer = await self._http.post(
            f"/api/repairs/issues/fix/{self._flow}", json=typed
        )
        assert answer.status == HTTPStatus.OK, await answer.text()
        shown = await answer.json()
        self._read(shown)
        return shown

    def _read(self, shown: dict[str, Any]) -> None:
        """Check that nothing is left open in what is to be read; the frontend shows an error."""
        if shown["type"] in ("form", "menu"):
            flow = TEXTS["issues"][self._key]["fix_flow"]
            wanted = open_values(json.dumps(flow["step"][shown["step_id"]]))
            assert wanted <= (shown["description_placeholders"] or {}).keys()


@pytest.fixture
async def clicks(hass: HomeAssistant, hass_client: ClientSessionGenerator) -> Clicks:
    """Return somebody at the frontend."""
    assert await async_setup_component(hass, "repairs", {})
    return Clicks(hass_client)


def available(hass: HomeAssistant, camera_id: str) -> bool:
    """Return whether a camera's entity is available."""
    state = hass.states.get(entity_id(hass, "camera", camera_id))
    return state is not None and state.state != "unavailable"


# --- Tenants -------------------------------------------------------------------------------


@pytest.fixture
def branch(estate: Estate) -> Tenant:
    """Return a tenant with a camera that is not the account itself."""
    return next(
        tenant
        for tenant in estate.tenants
        if tenant.cameras and tenant is not estate.root
    )


async def test_a_tenant_without_permission_is_named_and_comes_back(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    branch: Tenant,
    forbid: Callable[..., None],
) -> None:
    """Not at the first refusal, and not a poll longer than the permission is missing."""
    forbid(branch)
    await poll(hass, cloud)
    assert not issues(hass)
    await poll(hass, cloud)
    [(key, issue)] = issues(hass).items()
    assert key == "tenant_forbidden"
    assert issue.is_fixable
    assert issue.translation_placeholders == {
        "account": loaded.title,
        "tenant": branch.account_name,
    }
    forbid()
    await poll(hass, cloud)
    assert not issues(hass)


async def test_a_click_leaves_a_forbidden_tenant_out(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    loaded: MockConfigEntry,
    branch: Tenant,
    forbid: Callable[..., None],
    clicks: Clicks,
) -> None:
    """All others are kept, and nothing is asked about it any more."""
    forbid(branch)
    for _ in range(2):
        await poll(hass, cloud)
    shown = await clicks.open(issues(hass)["tenant_forbidden"])
    assert shown["menu_options"] == ["granted", "leave_out"]
    assert shown["description_placeholders"]["tenant"] == branch.account_name
    assert (await clicks.submit(next_step_id="leave_out"))["type"] == "form"
    assert (await clicks.submit())["type"] == "create_entry"
    await hass.async_block_till_done()
    assert loaded.state is ConfigEntryState.LOADED
    assert set(loaded.options["tenants"]) == {
        tenant.subscription_id for tenant in estate.tenants if tenant is not branch
    }
    refused = cloud.stats.count("cameras", HTTPStatus.FORBIDDEN)
    for _ in range(3):
        await poll(hass, cloud)
    assert not issues(hass)
    assert cloud.stats.count("cameras", HTTPStatus.FORBIDDEN) == refused


@pytest.mark.usefixtures("impatient")
async def test_a_click_sees_whether_the_permission_was_granted(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    branch: Tenant,
    forbid: Callable[..., None],
    clicks: Clicks,
) -> None:
    """The answer says how it stands, and the cameras are there at once."""
    forbid(branch)
    for _ in range(2):
        await poll(hass, cloud)
    camera_id = next(iter(branch.cameras))
    assert not available(hass, camera_id)
    await clicks.open(issues(hass)["tenant_forbidden"])
    await clicks.submit(next_step_id="granted")
    assert (await clicks.submit())["errors"] == {"base": "still_forbidden"}
    fault = cloud.faults.add("cameras", "drop", count=-1)
    assert (await clicks.submit())["errors"] == {"base": "cannot_connect"}
    assert fault in cloud.faults.waiting()
    cloud.faults.clear()
    forbid()
    assert (await clicks.submit())["type"] == "create_entry"
    await poll(hass, cloud)
    assert available(hass, camera_id)
    assert not issues(hass)
    assert "tenants" not in loaded.options


async def test_an_account_that_is_refused_altogether_is_one_issue(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    loaded: MockConfigEntry,
    forbid: Callable[..., None],
) -> None:
    """There is nothing left to choose, so what to do is told, and that is all."""
    forbid(*estate.tenants)
    for _ in range(4):
        await poll(hass, cloud)
    [(key, issue)] = issues(hass).items()
    assert key == "account_forbidden"
    assert not issue.is_fixable
    await hass.config_entries.async_reload(loaded.entry_id)
    assert loaded.state is ConfigEntryState.SETUP_RETRY
    assert list(issues(hass)) == ["account_forbidden"]
    forbid()
    await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done()
    assert loaded.state is ConfigEntryState.LOADED
    assert not issues(hass)


@pytest.mark.usefixtures("loaded", "impatient")
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop"},
        {"kind": "html"},
        {"kind": "status", "status": 503},
        {"kind": "status", "status": 403},
        {"kind": "status", "status": 404},
        {"kind": "malformed"},
    ],
    ids=str,
)
async def test_what_concerns_the_whole_service_is_no_issue(
    hass: HomeAssistant, cloud: SimulatedCloud, fault: dict[str, Any]
) -> None:
    """A service that is away, or refuses everybody everything, is back one day by itself."""
    cloud.faults.add("*", count=-1, **fault)
    for _ in range(4):
        await poll(hass, cloud)
    assert not issues(hass)
    cloud.faults.clear()
    await poll(hass, cloud)
    assert not issues(hass)


@pytest.fixture
def chosen(hass: HomeAssistant, entry: MockConfigEntry) -> Callable[..., None]:
    """Return what chooses tenants in the options of the entry."""

    def choose(*tenants: Tenant) -> None:
        hass.config_entries.async_update_entry(
            entry, options={"tenants": [each.subscription_id for each in tenants]}
        )

    return choose


async def test_a_click_removes_a_tenant_that_is_gone(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    set_up: SetUp,
    chosen: Callable[..., None],
    clicks: Clicks,
) -> None:
    """It is called by the name that it had, and the other one stays chosen."""
    leaf = estate.tenants[-1]
    chosen(estate.root, leaf)
    entry = await set_up()
    cloud.world.remove_tenant(leaf)
    # The tenants are asked for twice a day.
    entry.runtime_data.cameras.ask_hierarchy_again()
    await poll(hass, cloud)
    assert "tenant_gone" not in issues(hass)
    await poll(hass, cloud)
    issue = issues(hass)["tenant_gone"]
    assert issue.translation_placeholders["tenant"] == leaf.account_name
    assert (await clicks.open(issue))["step_id"] == "confirm"
    assert (await clicks.submit())["type"] == "create_entry"
    await hass.async_block_till_done()
    assert entry.options["tenants"] == [estate.root.subscription_id]
    assert entry.state is ConfigEntryState.LOADED
    for _ in range(2):
        await poll(hass, cloud)
    assert not issues(hass)


async def test_where_the_last_tenant_is_gone_others_are_asked_for(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    set_up: SetUp,
    chosen: Callable[..., None],
    clicks: Clicks,
) -> None:
    """None chosen means all, and nobody chose that. It was gone before the start here."""
    leaf = estate.tenants[-1]
    chosen(leaf)
    cloud.world.remove_tenant(leaf)
    entry = await set_up()
    for _ in range(2):
        await poll(hass, cloud)
    issue = issues(hass)["tenant_gone"]
    assert issue.translation_placeholders["tenant"] == leaf.subscription_id
    shown = await clicks.open(issue)
    assert shown["step_id"] == "choose"
    [field] = shown["data_schema"]
    offered = {each["value"] for each in field["selector"]["select"]["options"]}
    assert offered == {tenant.subscription_id for tenant in estate.tenants}
    wanted = [estate.root.subscription_id]
    assert (await clicks.submit(tenants=wanted))["type"] == "create_entry"
    await hass.async_block_till_done()
    assert entry.options["tenants"] == wanted
    assert not issues(hass)


async def test_a_click_needs_an_account_that_is_loaded(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    set_up: SetUp,
    chosen: Callable[..., None],
    forbid: Callable[..., None],
    clicks: Clicks,
) -> None:
    """Otherwise nobody knows what there is to choose from, and nothing is changed."""
    leaf = estate.tenants[-1]
    chosen(leaf)
    entry = await set_up()
    cloud.world.remove_tenant(leaf)
    entry.runtime_data.cameras.ask_hierarchy_again()
    for _ in range(2):
        await poll(hass, cloud)
    gone = issues(hass)["tenant_gone"]
    chosen(leaf, *estate.tenants)
    await hass.config_entries.async_reload(entry.entry_id)
    forbid(estate.tenants[-1])
    for _ in range(2):
        await poll(hass, cloud)
    forbidden = issues(hass)["tenant_forbidden"]
    for step in ("granted", "leave_out"):
        assert (await clicks.open(forbidden))["type"] == "menu"
        await hass.config_entries.async_unload(entry.entry_id)
        shown = await clicks.submit(next_step_id=step)
        assert (shown["type"], shown["reason"]) == ("abort", "not_loaded")
        await hass.config_entries.async_setup(entry.entry_id)
    await hass.config_entries.async_unload(entry.entry_id)
    chosen(leaf)
    for issue in (gone, forbidden):
        shown = await clicks.open(issue)
        assert (shown["type"], shown["reason"]) == ("abort", "not_loaded")
    assert entry.options["tenants"] == [leaf.subscription_id]


async def test_a_tenant_that_comes_back_is_no_issue(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    set_up: SetUp,
    chosen: Callable[..., None],
) -> None:
    """One answer without it is not believed, and a later one with it clears the issue."""
    leaf = estate.tenants[-1]
    above = leaf.parent
    chosen(estate.root, leaf)
    entry = await set_up()
    above.children.remove(leaf)
    entry.runtime_data.cameras.ask_hierarchy_again()
    await poll(hass, cloud)
    above.children.append(leaf)
    await poll(hass, cloud)
    assert not issues(hass)
    above.children.remove(leaf)
    entry.runtime_data.cameras.ask_hierarchy_again()
    for _ in range(2):
        await poll(hass, cloud)
    assert "tenant_gone" in issues(hass)
    above.children.append(leaf)
    entry.runtime_data.cameras.ask_hierarchy_again()
    await poll(hass, cloud)
    assert not issues(hass)


# --- Answers -------------------------------------------------------------------------------


async def test_answers_of_another_shape_ask_for_the_diagnostics(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    hass_client: ClientSessionGenerator,
) -> None:
    """Twice may be an accident. Nothing is removed, and the download shows what came."""
    usual = cloud.dialect
    cloud.dialect = replace(usual, camera_page={"weather": Of("total")})
    cameras = set(hass.states.async_entity_ids("camera"))
    for _ in range(2):
        await poll(hass, cloud)
    assert not issues(hass)
    await poll(hass, cloud)
    [(key, issue)] = issues(hass).items()
    assert key == "not_understood"
    assert issue.translation_placeholders == {
        "accounts": loaded.title,
        "endpoints": "cameras",
    }
    assert issue.learn_more_url.endswith("/issues")
    assert set(hass.states.async_entity_ids("camera")) == cameras
    assert await async_setup_component(hass, "diagnostics", {})
    told: Any = await get_diagnostics_for_config_entry(hass, hass_client, loaded)
    assert told["client"]["not_understood"]["cameras"]["shape"] == {"weather": "int"}
    cloud.dialect = usual
    await poll(hass, cloud)
    assert not issues(hass)


async def test_an_account_that_can_not_be_set_up_for_its_shape_is_told_too(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    set_up: SetUp,
    hass_client: ClientSessionGenerator,
) -> None:
    """The download is there though nothing is loaded."""
    usual = cloud.dialect
    cloud.dialect = replace(usual, camera_page={"weather": Of("total")})
    entry = await set_up()
    for _ in range(2):
        await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert list(issues(hass)) == ["not_understood"]
    assert await async_setup_component(hass, "diagnostics", {})
    told: Any = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert told["client"]["not_understood"]["cameras"]["shape"] == {"weather": "int"}
    cloud.dialect = usual
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert not issues(hass)


# --- Tokens --------------------------------------------------------------------------------


@pytest.fixture
def passage(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> Passage:
    """Return the passing of time."""
    return Passage(hass, freezer)


def used_before(hass_storage: dict[str, Any], calls: int) -> float:
    """Write down calls for tokens of 20 days ago, a hundred of them of 31 days less 3 h.

    Returns when the first of those count no more.
    """
    [kept] = [
        value for key, value in hass_storage.items() if key.startswith("amnimo.token.")
    ]
    now = dt_util.utcnow().timestamp()
    oldest = now - 31 * DAY + 3 * 3600
    record = kept["data"]["record"]
    record["calls"] = [oldest] * 100 + [now - 20 * DAY] * (calls - 100)
    return oldest + 31 * DAY


@pytest.mark.parametrize(
    ("calls", "key"), [(900, "tokens_scarce"), (990, "tokens_nearly_spent")]
)
async def test_tokens_that_run_short_are_told_and_when_they_come_free(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    passage: Passage,
    entry: MockConfigEntry,
    second_entry: MockConfigEntry,
    hass_storage: dict[str, Any],
    calls: int,
    key: str,
) -> None:
    """From the very call on, once for all accounts, until enough of them are a month old."""
    second_entry.add_to_hass(hass)
    assert await passage.result_of(hass.config_entries.async_setup(entry.entry_id))
    await passage.result_of(hass.config_entries.async_unload(entry.entry_id))
    await passage.result_of(hass.config_entries.async_unload(second_entry.entry_id))
    free_at = used_before(hass_storage, calls - 1)
    hass.data.pop("amnimo_hubs")
    for each in (entry, second_entry):
        assert await passage.result_of(hass.config_entries.async_setup(each.entry_id))
    await passage.pass_time(step=60, minutes=2)
    before = cloud.stats.tokens_issued
    assert key not in issues(hass)

    await passage.step(7200)
    await passage.pass_time(step=60, minutes=1)
    assert cloud.stats.tokens_issued == before + 1
    [(shown, issue)] = issues(hass).items()
    assert shown == key
    placeholders = issue.translation_placeholders
    assert placeholders["accounts"] == "Account, Branch"
    assert (placeholders["calls"], placeholders["limit"]) == (str(calls), "1000")
    local = dt_util.as_local(dt_util.utc_from_timestamp(free_at))
    assert placeholders["next"] == f"{local:%Y-%m-%d %H:%M}"

    await passage.step(3600)
    await passage.pass_time(step=60, minutes=1)
    assert not issues(hass)


async def test_tokens_that_run_short_trouble_nobody_who_is_gone(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    passage: Passage,
    entry: MockConfigEntry,
    hass_storage: dict[str, Any],
) -> None:
    """An account that is disabled or removed takes its issues with it."""
    assert await passage.result_of(hass.config_entries.async_setup(entry.entry_id))
    await passage.result_of(hass.config_entries.async_unload(entry.entry_id))
    used_before(hass_storage, 950)
    hass.data.pop("amnimo_hubs")
    assert await passage.result_of(hass.config_entries.async_setup(entry.entry_id))
    assert list(issues(hass)) == ["tokens_scarce"]
    disable = hass.config_entries.async_set_disabled_by
    await passage.result_of(disable(entry.entry_id, ConfigEntryDisabler.USER))
    assert not issues(hass)
    await passage.result_of(disable(entry.entry_id, None))
    assert list(issues(hass)) == ["tokens_scarce"]
    await passage.result_of(hass.config_entries.async_remove(entry.entry_id))
    assert not [domain for domain, _ in ir.async_get(hass).issues if domain == "amnimo"]


# --- Downloads -----------------------------------------------------------------------------


@pytest.fixture
def media_folder(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Return the local media folder."""
    hass.config.media_dirs = {"local": str(tmp_path)}
    return tmp_path


async def test_a_folder_that_can_not_be_written_to_is_told_and_tried_by_a_click(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    estate: Estate,
    passage: Passage,
    entry: MockConfigEntry,
    media_folder: Path,
    clicks: Clicks,
) -> None:
    """Only after a download failed for it; a click says whether it is mended."""
    in_the_way = media_folder / "amnimo"
    in_the_way.write_text("a file in its place")
    assert await passage.result_of(hass.config_entries.async_setup(entry.entry_id))
    await passage.pass_time(step=60, minutes=2)
    assert not issues(hass)

    camera = next(each for each in estate.cameras.values() if each.recording)
    await passage.result_of(
        hass.services.async_call(
            "amnimo",
            "generate_snapshot",
            {
                "entity_id": entity_id(hass, "camera", camera.id),
                "time": dt_util.now() - timedelta(hours=1),
                "download": True,
                "wait": False,
            },
            blocking=True,
        )
    )
    await passage.until(lambda: issues(hass))
    [(key, issue)] = issues(hass).items()
    assert key == "folder_not_writable"
    assert issue.translation_placeholders["folder"] == str(in_the_way)
    await clicks.open(issue)
    assert (await clicks.submit())["errors"] == {"base": "still_not_writable"}
    assert list(issues(hass)) == ["folder_not_writable"]
    in_the_way.unlink()
    assert (await clicks.submit())["type"] == "create_entry"
    assert not issues(hass)
    assert list(in_the_way.iterdir()) == []


# --- All of them ---------------------------------------------------------------------------


async def test_names_of_issues_tell_nothing(
    hass: HomeAssistant,
    cloud: SimulatedCloud,
    loaded: MockConfigEntry,
    branch: Tenant,
    forbid: Callable[..., None],
) -> None:
    """They are part of every download of diagnostics."""
    forbid(branch)
    for _ in range(2):
        await poll(hass, cloud)
    told = json.dumps([issue.to_json() for issue in issues(hass).values()], default=str)
    assert "tenant_forbidden" in told
    for secret in (branch.subscription_id, branch.account_name, cloud.client_id):
        assert secret not in told


@pytest.mark.parametrize("language", ["en", "ja"])
async def test_every_issue_has_its_texts(hass: HomeAssistant, language: str) -> None:
    """Those that a click repairs have a flow, all others a description."""
    from custom_components.amnimo.issues import _FIXABLE, IssueKind  # noqa: PLC0415

    texts = await translation.async_get_translations(
        hass, language, "issues", {"amnimo"}
    )
    for kind in IssueKind:
        beginning = f"component.amnimo.issues.{kind}"
        assert texts[f"{beginning}.title"]
        assert (f"{beginning}.description" in texts) is (kind not in _FIXABLE)
        flow = [key for key in texts if key.startswith(f"{beginning}.fix_flow.step")]
        assert bool(flow) is (kind in _FIXABLE)
