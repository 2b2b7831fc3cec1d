"""Steps: what can be wrong with an account is told under Repairs, and mended by clicks.

Each issue is caused at the service or on the disk, read in both languages, and gone when its
cause is. Who reads Japanese comes last, and mends what a click can.
"""

from collections.abc import Sequence
from datetime import timedelta
import json
import re
import time
from typing import Any, Final

from tests.demo import entry
from tests.demo.check.aftermath import read_log
from tests.demo.check.checklist import expect
from tests.demo.polling import until
from tests.demo.visitor import LANGUAGES

from .setting_up import entry_id_of, recording_camera_of, title_of, wait_for_cameras_of
from .settings import FLOW, ISSUE, Person
from .visit import Viewing

# An issue is raised after three polls at most, and those of users come 10 s apart.
PATIENCE: Final = 130.0
POLLED_EVERY: Final = 3.0

RELOAD: Final = "ui.panel.config.integrations.config_entry.reload"
LEARN_MORE: Final = "ui.panel.config.repairs.dialog.learn"

NEARLY_SPENT: Final = 995
SCARCE: Final = 903
# So many of them count no more after a while: later than a restart and a look take, and
# sooner than patience ends.
FREED: Final = 10
FREED_AFTER: Final = timedelta(seconds=110)
COUNTS_FOR: Final = timedelta(days=31)

# What Home Assistant itself says when the service refuses everything, or the secret: whichever
# poll comes first.
EXPECTED_ERRORS: Final = re.compile(
    r"Error fetching camera data: |Authentication failed while fetching (camera|port) data: "
)
# The frontend has texts logged that lack a value.
OUR_TEXTS: Final = "component.amnimo"


# --- Tenants -------------------------------------------------------------------------------


async def ask_for_permission(visit: Viewing) -> str:
    """Read about a tenant that is forbidden; be told that it still is; then that it is not."""
    tenant = (await visit.cloud.world())["tenants"][-1]
    values = {"account": await title_of(visit), "tenant": tenant["name"]}
    await _forbid(visit, tenant, forbidden=True)
    await _wait_for_issue(visit, "tenant_forbidden")
    for language in LANGUAGES:
        person = visit.people[language]
        await _open(person, "tenant_forbidden", "init", values)
        await person.picture("20-forbidden")
        await person.choose_from_menu(
            _step(person, "tenant_forbidden", "init.menu_options.granted", values)
        )
        await _see_step(person, "tenant_forbidden", "granted", values)
        answer = await person.submit()
        expect(answer["errors"] == {"base": "still_forbidden"}, f"it says {answer}")
        error = "issues.tenant_forbidden.fix_flow.error.still_forbidden"
        await person.see([person.words.text(error)])
        await person.picture("21-still-forbidden")
    await _forbid(visit, tenant, forbidden=False)
    answer = await visit.people["ja"].submit()
    expect(answer["type"] == "create_entry", f"it says {answer}")
    await _wait_until_gone(visit, "tenant_forbidden")
    await visit.people["ja"].see([])
    await visit.people["ja"].picture("22-mended")
    await visit.people["ja"].see_issues([])
    await wait_for_cameras_of(visit, await _all_tenants(visit))
    return str(tenant["name"])


async def leave_out(visit: Viewing) -> str:
    """Leave a forbidden tenant out, after reading what that means."""
    tenant = (await visit.cloud.world())["tenants"][-1]
    values = {"account": await title_of(visit), "tenant": tenant["name"]}
    await _forbid(visit, tenant, forbidden=True)
    await _wait_for_issue(visit, "tenant_forbidden")
    for language in LANGUAGES:
        person = visit.people[language]
        await _open(person, "tenant_forbidden", "init", values)
        await person.choose_from_menu(
            _step(person, "tenant_forbidden", "init.menu_options.leave_out", values)
        )
        await _see_step(person, "tenant_forbidden", "leave_out", values)
        await person.picture("23-leave-out")
    answer = await visit.people["ja"].submit()
    expect(answer["type"] == "create_entry", f"it says {answer}")
    await _wait_until_gone(visit, "tenant_forbidden")
    others = await _all_tenants(visit)
    others.remove(tenant["subscription_id"])
    await wait_for_cameras_of(visit, others)
    return f"{tenant['name']} left out, {len(others)} left"


async def lose_tenant(visit: Viewing) -> str:
    """Delete a tenant at the service that is chosen; remove it from the options."""
    tenant = (await visit.cloud.world())["tenants"][2]
    values = {"account": await title_of(visit), "tenant": tenant["name"]}
    await _delete(visit, tenant)
    for language in LANGUAGES:
        person = visit.people[language]
        await _open(person, "tenant_gone", "confirm", values)
        await person.picture("24-gone")
    answer = await visit.people["ja"].submit()
    expect(answer["type"] == "create_entry", f"it says {answer}")
    await _wait_until_gone(visit, "tenant_gone")
    return str(tenant["name"])


async def lose_last_tenant(visit: Viewing) -> str:
    """Delete the only tenant that is chosen; choose another in its place."""
    root, tenant = (await visit.cloud.world())["tenants"][:2]
    english = visit.people["en"]
    await english.open_options()
    await english.choose(f"{root['name']} › {tenant['name']}")
    await english.submit()
    await wait_for_cameras_of(visit, [tenant["subscription_id"]])
    values = {"account": await title_of(visit), "tenant": tenant["name"]}
    await _delete(visit, tenant)
    for language in LANGUAGES:
        person = visit.people[language]
        await _open(person, "tenant_gone", "choose", values)
        await person.picture("25-choose")
    await visit.people["ja"].choose(root["name"])
    answer = await visit.people["ja"].submit()
    expect(answer["type"] == "create_entry", f"it says {answer}")
    await _wait_until_gone(visit, "tenant_gone")
    await wait_for_cameras_of(visit, [root["subscription_id"]])
    return f"{root['name']} in place of {tenant['name']}"


async def lose_account(visit: Viewing) -> str:
    """Forbid all that there is: what to do is told, and gone when it was done."""
    tenants = (await visit.cloud.world())["tenants"]
    for tenant in tenants:
        await _forbid(visit, tenant, forbidden=True)
    await _wait_for_issue(visit, "account_forbidden")
    await _read_aloud(visit, "account_forbidden", "26-account")
    for tenant in tenants:
        await _forbid(visit, tenant, forbidden=False)
    await _wait_until_gone(visit, "account_forbidden")
    return f"{len(tenants)} tenants"


# --- Answers and files ---------------------------------------------------------------------


async def meet_unknown_answers(visit: Viewing) -> str:
    """Change the shape of an answer: what to send to whom is told, by its names on the page."""
    await visit.cloud.let_fail("cameras", "reshaped", count=-1)
    try:
        issue = await _wait_for_issue(visit, "not_understood")
        for person in await _read_aloud(visit, "not_understood", "27-not-understood"):
            learn_more = person.words.button(LEARN_MORE)
            link = person.page.locator(f"{ISSUE} a[href], {ISSUE} ha-button[href]")
            target = await link.last.get_attribute("href")
            expect(target == issue["learn_more_url"], f"{learn_more} leads to {target}")
            told = person.words.text("issues.not_understood.description")
            expect(learn_more in told, f"the button is called {learn_more}")
    finally:
        await visit.cloud.let_work()
    await _wait_until_gone(visit, "not_understood")
    return str(issue["learn_more_url"])


async def lose_folder(visit: Viewing) -> str:
    """Put a file where downloads go to; try it by click before and after it is gone."""
    in_the_way = visit.stage.home_assistant.folder / "media" / "amnimo"
    in_the_way.write_text("a file in its place", encoding="utf-8")
    camera = await recording_camera_of(visit)
    await visit.api.act(
        "amnimo.generate_snapshot", camera, {"download": True, "wait": False}
    )
    await _wait_for_issue(visit, "folder_not_writable")
    values = {"account": await title_of(visit), "folder": str(in_the_way)}
    for language in LANGUAGES:
        person = visit.people[language]
        await _open(person, "folder_not_writable", "confirm", values)
        await person.picture("28-folder")
        answer = await person.submit()
        expect(answer["errors"] == {"base": "still_not_writable"}, f"it says {answer}")
        error = "issues.folder_not_writable.fix_flow.error.still_not_writable"
        await person.see([person.words.text(error)])
        await person.picture("29-still-not-writable")
    in_the_way.unlink()
    answer = await visit.people["ja"].submit()
    expect(answer["type"] == "create_entry", f"it says {answer}")
    await _wait_until_gone(visit, "folder_not_writable")
    expect(in_the_way.is_dir(), "the folder is not there")
    return str(in_the_way)


# --- Access tokens -------------------------------------------------------------------------


async def spend_tokens(visit: Viewing) -> str:
    """Have nearly all access tokens of the month used up, as a restart finds."""
    now = time.time()
    await _restart_with_calls(visit, [now - 3600.0 - n for n in range(NEARLY_SPENT)])
    await _wait_for_issue(visit, "tokens_nearly_spent")
    await _read_aloud(visit, "tokens_nearly_spent", "30-nearly-spent")
    return f"{NEARLY_SPENT} calls"


async def spend_fewer_tokens(visit: Viewing) -> str:
    """Have many used, some of which count no more before long."""
    now = time.time()
    leaving = now - COUNTS_FOR.total_seconds() + FREED_AFTER.total_seconds()
    calls = [leaving + n for n in range(FREED)]
    calls += [now - 3600.0 - n for n in range(SCARCE - FREED)]
    await _restart_with_calls(visit, calls)
    await _wait_for_issue(visit, "tokens_scarce")
    expect("tokens_nearly_spent" not in await visit.issues(), "it is told twice")
    await _read_aloud(visit, "tokens_scarce", "31-scarce")
    return f"{SCARCE} calls"


async def get_tokens_back(visit: Viewing) -> str:
    """See the issue go by itself once some calls count no more, and nothing left to repair."""

    async def gone() -> bool:
        await visit.look_again()
        return not await visit.issues()

    await until(gone, "no issue is left", within=PATIENCE, every=POLLED_EVERY)
    for person in visit.people.values():
        await person.see_issues([])
    return f"{FREED} calls fewer"


# --- The log -------------------------------------------------------------------------------


async def find_no_errors(visit: Viewing) -> str:
    """Look through the log: nothing but that the service refused everything once."""
    records = [
        each
        for each in read_log(visit.stage.home_assistant.log)
        if each.is_ours or OUR_TEXTS in each.text
    ]
    loud = [
        each
        for each in records
        if each.level in {"WARNING", "ERROR", "CRITICAL"}
        and EXPECTED_ERRORS.search(each.text) is None
        and "has not been tested by Home Assistant" not in each.text
    ]
    expect(records, "the integration logged nothing")
    expect(not loud, "\n         ".join(each.text for each in loud))
    stats = await visit.cloud.stats()
    expect(stats["rate_refusals"] == 0, "the service refused requests")
    expect(stats["leaked_tokens"] == 0, "an access token left the API")
    return f"{len(records)} records, {stats['tokens_issued']} access tokens in all"


# --- What the steps share ------------------------------------------------------------------


async def _forbid(visit: Viewing, tenant: dict[str, Any], *, forbidden: bool) -> None:
    await visit.cloud.change_world(
        "forbid_tenant", subscription_id=tenant["subscription_id"], forbidden=forbidden
    )


async def _delete(visit: Viewing, tenant: dict[str, Any]) -> None:
    """Delete a tenant at the service, and have Home Assistant ask which there are."""
    await visit.cloud.change_world(
        "remove_tenant", subscription_id=tenant["subscription_id"]
    )
    await visit.people["en"].choose_in_menu(RELOAD)
    await _wait_for_issue(visit, "tenant_gone")


async def _all_tenants(visit: Viewing) -> list[str]:
    tenants = (await visit.cloud.world())["tenants"]
    return [each["subscription_id"] for each in tenants]


async def _wait_for_issue(visit: Viewing, key: str) -> dict[str, Any]:
    async def raised() -> dict[str, Any] | None:
        await visit.look_again()
        return (await visit.issues()).get(key)

    issue = await until(
        raised, f"{key} is under Repairs", within=PATIENCE, every=POLLED_EVERY
    )
    assert issue is not None
    return issue


async def _wait_until_gone(visit: Viewing, key: str) -> None:
    async def gone() -> bool:
        await visit.look_again()
        return key not in await visit.issues()

    await entry.wait_until_loaded(visit.api, entry_id_of(visit))
    await until(gone, f"{key} is gone", within=PATIENCE, every=POLLED_EVERY)


def _step(person: Person, key: str, path: str, values: dict[str, str]) -> str:
    return person.words.text(f"issues.{key}.fix_flow.step.{path}", **values)


async def _see_step(
    person: Person, key: str, step: str, values: dict[str, str]
) -> None:
    await person.see(person.words.texts(f"issues.{key}.fix_flow.step.{step}", **values))


async def _open(person: Person, key: str, step: str, values: dict[str, str]) -> None:
    """Find an issue by its title, which is the only one, and read what is to be done."""
    title = person.words.text(f"issues.{key}.title", **values)
    await person.see_issues([title])
    await person.open_issue(title)
    await _see_step(person, key, step, values)


async def _read_aloud(visit: Viewing, key: str, picture: str) -> Sequence[Person]:
    """Have everybody read an issue that no click can mend; give who did."""
    values = (await visit.issues())[key]["translation_placeholders"]
    for language in LANGUAGES:
        person = visit.people[language]
        title = person.words.text(f"issues.{key}.title", **values)
        await person.see_issues([title])
        await person.open_issue(title)
        await person.see(person.words.texts(f"issues.{key}", **values), ISSUE)
        expect(not await person.read(FLOW), f"{key} has a flow")
        await person.picture(picture)
    return list(visit.people.values())


async def _restart_with_calls(visit: Viewing, calls: Sequence[float]) -> None:
    """Let so many access tokens have been asked for, at these times, before a start."""
    home_assistant, api = visit.stage.home_assistant, visit.api
    issued = (await visit.cloud.stats())["tokens_issued"]
    (file,) = (home_assistant.folder / ".storage").glob("amnimo.token.*")
    content = json.loads(file.read_text(encoding="utf-8"))
    content["data"]["record"]["calls"] = sorted(calls)
    file.write_text(json.dumps(content), encoding="utf-8")
    await home_assistant.kill()
    await home_assistant.wait_until_running(api)
    await api.renew_access()
    await api.connect()
    await entry.wait_until_loaded(api, entry_id_of(visit))
    tokens = (await visit.cloud.stats())["tokens_issued"] - issued
    expect(tokens == 0, f"the restart cost {tokens} access tokens")
