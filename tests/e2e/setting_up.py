"""Steps: two people, who read English and Japanese, add the account, change it and remove it."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from tests.demo import entry, onboarding
from tests.demo.api import HomeAssistantApi
from tests.demo.check.checklist import expect
from tests.demo.polling import until
from tests.demo.simulated_cloud import Credentials
from tests.demo.visitor import USERNAME, Language

from .browser import Browser
from .settings import FLOW, INTEGRATIONS, QUESTION, Person
from .visit import Viewing

JAPANESE: Final = "hanako"
NOWHERE: Final = "http://127.0.0.1:9/ex"
FIELDS: Final = ("client_id", "client_secret", "account_id", "api_url")
STORED: Final = "amnimo.*"

# In the order in which the form asks for them.
OUT_OF_RANGE: Final = (
    ("camera_interval", "29", "3601"),
    ("keep_alive_period", "9", "3601"),
    ("reset_seconds", "0", "3601"),
)
CHOSEN: Final = ["30", "120", "5"]

RECONFIGURE: Final = "ui.panel.config.integrations.config_entry.reconfigure"
DELETE: Final = "ui.panel.config.integrations.config_entry.delete"
DELETE_QUESTION: Final = (
    "ui.panel.config.integrations.config_entry.delete_confirm_title"
)
FLOW_RECONFIGURE: Final = "ui.panel.config.integrations.reconfigure"

# A token that is a minute old may be refused for good.
REFUSED_WITHIN: Final = 130.0
POLLED_EVERY: Final = 3.0
# A wrong secret is tried once when it is refused, and once more by who asks for a new one.
MOST_REFUSALS: Final = 2

type Doing = Callable[[Viewing], Awaitable[str]]


def read_by(
    language: Language, do: Callable[[Viewing, Person], Awaitable[str]]
) -> Doing:
    """Return a step that is done by who reads a language."""

    async def step(visit: Viewing) -> str:
        return await do(visit, visit.people[language])

    return step


async def arrive(visit: Viewing) -> str:
    """Let two administrators log in to a new Home Assistant, with a browser each."""
    api = visit.api
    await onboarding.enter(api, "en")
    await visit.stage.home_assistant.wait_until_running(api)
    created = await api.command(
        "config/auth/create", name="花子", group_ids=["system-admin"], local_only=False
    )
    await api.command(
        "config/auth_provider/homeassistant/create",
        user_id=created["user"]["id"],
        username=JAPANESE,
        password=JAPANESE,
    )
    async with HomeAssistantApi(api.url) as hers:
        await hers.log_in(JAPANESE, JAPANESE)
        await hers.connect()
        await hers.command(
            "frontend/set_user_data",
            key="language",
            value={"language": "ja", "number_format": "language"},
        )
    own, her = visit.own_browser, await visit.own_browser.another()
    await own.log_in()
    await her.log_in(JAPANESE, JAPANESE)
    browsers: dict[Language, Browser] = {"en": own, "ja": her}
    for language, browser in browsers.items():
        visit.people[language] = await Person.arrive(
            language, browser, api.url, visit.pictures
        )
    visit.credentials = visit.cloud.credentials
    config = await api.get("/api/config")
    return f"version {config['version']}, {USERNAME} and {JAPANESE}"


# --- Adding --------------------------------------------------------------------------------


async def read_form(visit: Viewing, person: Person) -> str:
    """Choose amnimo among all integrations, and read what is asked for."""
    visit.tokens_before = (await visit.cloud.stats())["tokens_issued"]
    await person.add_integration()
    texts = person.words.texts("config.step.user", leave_out="sections")
    await person.see([*texts, _advanced(person)])
    expect(not await person.shows_address(), "the API address is unfolded")
    await person.picture("1-form")
    return f"{len(texts)} texts"


async def make_mistakes(visit: Viewing, person: Person) -> str:
    """Mistype one thing after the other: each is named, and all that was typed is kept."""
    good = _typed(visit)
    await _fill(person, {**good, "account_id": "3d07c219"}, leave_out="api_url")
    await _expect_error(person, "invalid_account_id")
    expect(not await person.shows_address(), "the API address is unfolded")
    mistakes = (
        ({"api_url": f"{good['api_url']}?a=b"}, "invalid_api_url"),
        ({"api_url": f"{good['api_url']}/v9"}, "not_found"),
        ({"api_url": NOWHERE}, "cannot_connect"),
        ({"account_id": "3d07c219-0a88-45be-9cfc-91e9d095a1e9"}, "unknown_account"),
        ({"client_secret": "mistyped"}, "auth_failed"),
    )
    for mistake, error in mistakes:
        typed = {**good, **mistake}
        await _fill(person, typed)
        await _expect_error(person, error)
        expect(await person.shows_address(), f"{error}: the API address is folded")
        kept = {field: await person.value(field) for field in FIELDS}
        expect(kept == typed, f"{error}: of {typed} the form keeps {kept}")
        await person.picture(f"2-{error}")
    return ", ".join(error for _, error in mistakes)


async def add(visit: Viewing, person: Person) -> str:
    """Type the right secret, look at the tenants, and name and assign the devices."""
    await _fill(person, _typed(visit))
    answer = await person.submit()
    expect(answer.get("step_id") == "tenants", f"the form is answered by {answer}")
    tenants = (await visit.cloud.world())["tenants"]
    names = [tenant["name"] for tenant in tenants]
    await person.see([*person.words.texts("config.step.tenants"), *names])
    await person.picture("3-tenants")
    answer = await person.submit()
    expect(answer["type"] == "create_entry", f"the tenants are answered by {answer}")
    visit.entry_id = answer["result"]["entry_id"]
    await person.page.locator(f"{FLOW} step-flow-create-entry").wait_for()
    devices = person.page.locator(f"{FLOW} step-flow-create-entry .device")
    await devices.first.wait_for()
    number = await devices.count()
    await person.see([])
    await person.picture("4-devices")
    await person.finish()
    await entry.wait_until_loaded(visit.api, visit.entry_id)
    registered = await _devices(visit)
    expect(number == len(registered), f"{number} of {len(registered)} can be assigned")
    tokens = (await visit.cloud.stats())["tokens_issued"] - visit.tokens_before
    expect(tokens == 1, f"setting up cost {tokens} access tokens")
    return f"{len(names)} tenants, {number} devices to assign, 1 access token in all"


async def add_again(visit: Viewing, person: Person) -> str:
    """Try to add the account once more: it is refused, and costs no token."""
    before = (await visit.cloud.stats())["tokens_issued"]
    await person.add_integration()
    await person.see([person.words.text("config.step.user.title")])
    await _fill(person, _typed(visit))
    answer = await person.submit()
    expect(answer.get("reason") == "already_configured", f"it is answered by {answer}")
    told = person.words.text("config.abort.already_configured")
    await person.see([told])
    await person.picture("5-again")
    expect(len(await entry.entries(visit.api)) == 1, "it was added a second time")
    expect(
        (await visit.cloud.stats())["tokens_issued"] == before,
        "it cost an access token",
    )
    return told


async def add_quietly(visit: Viewing) -> str:
    """Add the account without anybody looking."""
    page = await entry.open_flow(visit.api)
    visit.entry_id = await entry.finish_flow(visit.api, page, visit.own_credentials)
    await entry.wait_until_loaded(visit.api, visit.entry_id)
    return await title_of(visit)


# --- Options -------------------------------------------------------------------------------


async def change_options(visit: Viewing, person: Person) -> str:
    """Read the options, try what is out of range, choose others, and see them applied."""
    await person.open_options()
    await person.see(person.words.texts("options.step"))
    await person.picture("6-options")
    usual = await person.numbers()
    for index, (option, *values) in enumerate(OUT_OF_RANGE):
        for value in values:
            await person.fill_number(index, value)
            answer = await person.submit()
            error = f"{option}_out_of_range"
            expect(answer["errors"] == {option: error}, f"{value}: {answer['errors']}")
            await person.see([person.words.text(f"options.error.{error}")])
            expect((await person.numbers())[index] == value, f"{value} is not kept")
        await person.picture(f"7-{option}")
        await person.fill_number(index, usual[index])
    for index, value in enumerate(CHOSEN):
        await person.fill_number(index, value)
    root = (await visit.cloud.world())["tenants"][0]
    await person.choose(root["name"])
    answer = await person.submit()
    expect(answer["type"] == "create_entry", f"the options are answered by {answer}")
    await person.see([])
    await person.picture("8-saved")
    await entry.wait_until_loaded(visit.api, entry_id_of(visit))
    await wait_for_cameras_of(visit, [root["subscription_id"]])
    await person.open_options()
    kept = await person.numbers()
    expect(kept == CHOSEN, f"{kept} were kept, not {CHOSEN}")
    return f"{len(OUT_OF_RANGE)} ranges; the cameras of {root['name']} alone"


async def choose_all_tenants(visit: Viewing, person: Person) -> str:
    """Choose no tenant, and have all of them again."""
    await person.open_options()
    await person.choose()
    await person.submit()
    tenants = (await visit.cloud.world())["tenants"]
    await wait_for_cameras_of(visit, [each["subscription_id"] for each in tenants])
    return f"{len(tenants)} tenants"


# --- Other credentials ---------------------------------------------------------------------


async def reconfigure(visit: Viewing, person: Person) -> str:
    """Change the credentials: a mistake and another's client are refused, a good one works."""
    account = await title_of(visit)
    world = await visit.cloud.world()
    root, leaf = world["tenants"][0], world["tenants"][-1]
    await person.choose_in_menu(RECONFIGURE)
    words = person.words
    await person.see(words.texts("config.step.reconfigure", account=account))
    await person.picture("9-reconfigure")
    good = _typed(visit)
    expect(
        await person.value("client_id") == good["client_id"], "the client ID is lost"
    )
    await person.fill("client_secret", "mistyped")
    await _expect_error(person, "auth_failed")
    other = await visit.cloud.change_world(
        "add_client", subscription_id=leaf["subscription_id"]
    )
    for field in ("client_id", "client_secret"):
        await person.fill(field, other[field])
    await _expect_error(person, "other_account")
    await person.picture("10-other-account")
    issued = (await visit.cloud.stats())["tokens_issued"]
    fresh = await visit.cloud.change_world(
        "add_client", subscription_id=root["subscription_id"]
    )
    for field in ("client_id", "client_secret"):
        await person.fill(field, fresh[field])
    answer = await person.submit()
    expect(
        answer.get("reason") == "reconfigure_successful", f"it is answered by {answer}"
    )
    await person.see([words.text("config.abort.reconfigure_successful")])
    await person.picture("11-reconfigured")
    await entry.wait_until_loaded(visit.api, entry_id_of(visit))
    tokens = (await visit.cloud.stats())["tokens_issued"] - issued
    expect(tokens == 1, f"the new credentials cost {tokens} access tokens")
    visit.credentials = Credentials(
        good["api_url"], fresh["client_id"], fresh["client_secret"], good["account_id"]
    )
    files = _stored(visit, "amnimo.token.*")
    expect(len(files) == 1, f"there are {len(files)} kept access tokens: {files}")
    return "another account's client refused; 1 access token for the new one"


async def lose_secret(visit: Viewing) -> str:
    """Have the secret replaced at the service, and see that a new one is asked for, once."""
    before = await _secrets_refused(visit)
    told = await visit.cloud.change_world(
        "renew_secret", client_id=visit.own_credentials.client_id
    )

    async def asked_for() -> list[Any]:
        await visit.look_again()
        flows = await visit.api.command("config_entries/flow/progress")
        return [
            each
            for each in flows
            if each["handler"] == entry.DOMAIN and each["context"]["source"] == "reauth"
        ]

    flows = await until(
        asked_for,
        "a new secret is asked for",
        within=REFUSED_WITHIN,
        every=POLLED_EVERY,
    )
    for _ in range(3):
        await visit.look_again()
    expect(len(flows) == 1, f"a new secret is asked for {len(flows)} times")
    refused = await _secrets_refused(visit) - before
    expect(refused <= MOST_REFUSALS, f"the old secret was tried {refused} times")
    old = visit.own_credentials
    visit.credentials = Credentials(
        old.url, old.client_id, told["client_secret"], old.account_id
    )
    return f"the old secret was refused {refused} times"


async def refuse_new_secret(visit: Viewing, person: Person) -> str:
    """Follow the card on the page of all integrations, and mistype the new secret."""
    account = await title_of(visit)
    await person.go(INTEGRATIONS)
    await person.page.locator("ha-config-flow-card").wait_for()
    await person.picture("12-card")
    await person.click_button(FLOW_RECONFIGURE, within="ha-config-flow-card")
    await person.see(person.words.texts("config.step.reauth_confirm", account=account))
    await person.picture("13-reauth")
    await person.fill("client_secret", "mistyped")
    await _expect_error(person, "auth_failed")
    return person.words.text("config.error.auth_failed")


async def give_new_secret(visit: Viewing, person: Person) -> str:
    """Follow the same card, and type the right one."""
    account = await title_of(visit)
    issued = (await visit.cloud.stats())["tokens_issued"]
    await person.go(INTEGRATIONS)
    await person.click_button(FLOW_RECONFIGURE, within="ha-config-flow-card")
    await person.see(person.words.texts("config.step.reauth_confirm", account=account))
    await person.picture("13-reauth")
    await person.fill("client_secret", visit.own_credentials.client_secret)
    answer = await person.submit()
    expect(answer.get("reason") == "reauth_successful", f"it is answered by {answer}")
    told = person.words.text("config.abort.reauth_successful")
    await person.see([told])
    await person.picture("14-reauth-done")
    await entry.wait_until_loaded(visit.api, entry_id_of(visit))
    tokens = (await visit.cloud.stats())["tokens_issued"] - issued
    expect(tokens == 1, f"the new secret cost {tokens} access tokens")
    await person.go(INTEGRATIONS)
    await person.page.locator("ha-integration-card").first.wait_for()
    cards = await person.page.locator("ha-config-flow-card").count()
    expect(cards == 0, "the card is still there")
    return told


# --- Removing ------------------------------------------------------------------------------


async def remove(visit: Viewing, person: Person) -> str:
    """Delete the account, which leaves nothing behind."""
    camera = await recording_camera_of(visit)
    await visit.api.act("amnimo.generate_snapshot", camera, answer=True)
    files = _stored(visit, STORED)
    expect(len(files) > 1, f"there is little to leave behind: {files}")
    question = person.words.button(DELETE_QUESTION).replace(
        "{title}", await title_of(visit)
    )
    await person.choose_in_menu(DELETE)
    await person.see([question], QUESTION)
    await person.picture("15-delete")
    await person.confirm()
    await person.wait_until_account_is_gone()

    async def gone() -> bool:
        return not await entry.entries(visit.api)

    await until(gone, "the account is gone")
    api = visit.api
    devices = await _devices(visit)
    entities = [
        each["entity_id"]
        for each in await api.command("config/entity_registry/list")
        if each["platform"] == entry.DOMAIN
    ]
    issues = await visit.issues()
    left = _stored(visit, STORED)
    expect(not (devices or entities), f"{devices} and {entities} are left")
    expect(not issues, f"issues are left: {issues}")
    expect(not left, f"files are left: {left}")
    visit.entry_id = None
    return f"{len(files)} files gone too"


# --- What the steps share ------------------------------------------------------------------


def entry_id_of(visit: Viewing) -> str:
    """Give the ID of the account's entry."""
    assert visit.entry_id is not None, "there is no account"
    return visit.entry_id


def _typed(visit: Viewing) -> dict[str, str]:
    """Give what somebody types who makes no mistake."""
    credentials = visit.own_credentials
    return {
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
        "account_id": credentials.account_id,
        "api_url": credentials.url,
    }


async def _fill(person: Person, typed: dict[str, str], leave_out: str = "") -> None:
    for field, value in typed.items():
        if field != leave_out:
            await person.fill(field, value)


async def _expect_error(person: Person, error: str) -> None:
    """Submit the form, which is refused and says why."""
    answer = await person.submit()
    errors = list((answer.get("errors") or {}).values())
    expect(errors == [error], f"it is answered by {answer}")
    await person.see([person.words.text(f"config.error.{error}")])


def _advanced(person: Person) -> str:
    return person.words.text("config.step.user.sections.advanced.name")


async def title_of(visit: Viewing) -> str:
    """Give what the account is called."""
    (own,) = await entry.entries(visit.api)
    return str(own["title"])


async def _devices(visit: Viewing) -> list[str]:
    return [
        each["name"]
        for each in await visit.api.command("config/device_registry/list")
        if any(domain == entry.DOMAIN for domain, _ in each["identifiers"])
    ]


async def recording_camera_of(visit: Viewing) -> str:
    """Give a camera that Home Assistant has, and that records."""
    names = [
        each["name"]
        for each in (await visit.cloud.world())["cameras"]
        if each["online"] and each["recording"]
    ]
    return next(
        entity_id
        for entity_id, state in (await visit.api.states()).items()
        if entity_id.startswith("camera.")
        and state["attributes"]["friendly_name"] in names
    )


async def wait_for_cameras_of(visit: Viewing, tenants: list[str]) -> None:
    """Wait until Home Assistant has the cameras of these tenants, and no others."""
    cameras = (await visit.cloud.world())["cameras"]
    wanted = sorted(
        each["name"] for each in cameras if each["subscription_id"] in tenants
    )

    async def there() -> bool:
        # What is not chosen any more goes after two looks without it.
        await visit.look_again()
        states = await visit.api.states()
        names = sorted(
            state["attributes"]["friendly_name"]
            for entity_id, state in states.items()
            if entity_id.startswith("camera.")
        )
        return names == wanted

    await until(there, f"the cameras are {wanted}", every=POLLED_EVERY)


async def _secrets_refused(visit: Viewing) -> int:
    """Count how often the service refused a secret."""
    return int((await visit.cloud.stats())["requests"]["token"].get("401", 0))


def _stored(visit: Viewing, pattern: str) -> list[str]:
    """Name what the integration has stored."""
    folder = visit.stage.home_assistant.folder / ".storage"
    return sorted(file.name for file in folder.glob(pattern))
