"""Steps: what a restart costs, and what is left behind in logs and diagnostics."""

import base64
from collections.abc import Iterator
import contextlib
from dataclasses import dataclass
import json
from pathlib import Path
import re
from typing import Any

from tests.demo import entry
from tests.demo.api import DisconnectedError
from tests.demo.home import complete_home
from tests.demo.polling import until

from .checklist import StepFailedError, expect
from .visit import Visit

LOG_RECORD = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+\S* (?P<level>[A-Z]+) \(.*?\) \[(?P<name>[^]]+)\]"
)

# What opens a presigned URL of the simulated cloud.
SIGNATURE = re.compile(r"Signature=[\w-]{16,}")

# Where Home Assistant logs what becomes of a stream; there are no cameras but ours.
STREAM_LOGGER = "homeassistant.components.stream.stream."

SHORTEST_TOKEN = 32


async def restart(visit: Visit) -> str:
    """Restart Home Assistant from its own user interface; no token is issued for it."""
    home_assistant, api = visit.stage.home_assistant, visit.api
    entry_id = visit.home.entry_id
    before = await visit.cloud.stats()
    starts = home_assistant.starts
    # It may be gone before it can answer.
    with contextlib.suppress(DisconnectedError):
        await api.act("homeassistant.restart")

    async def has_restarted() -> bool:
        return home_assistant.starts > starts

    await until(has_restarted, "Home Assistant was restarted")
    await home_assistant.wait_until_serving()
    await home_assistant.wait_until_running(api)
    await api.renew_access()
    await api.connect()
    await entry.wait_until_loaded(api, entry_id)
    known = {entity.entity_id for entity in visit.home.all_entities()}
    visit.found_home = await complete_home(api, entry_id)
    found = {entity.entity_id for entity in visit.found_home.all_entities()}
    expect(found == known, f"entities changed: {sorted(found ^ known)}")
    await expect_available(visit)
    stats = await visit.cloud.stats()
    issued = stats["tokens_issued"] - before["tokens_issued"]
    expect(issued == 0, f"{issued} tokens were issued")
    expect(stats["tokens_issued"] == 1, f"{stats['tokens_issued']} tokens in all")
    return f"{len(found)} entities are back; access tokens: {stats['tokens_issued']}"


async def expect_available(visit: Visit) -> None:
    """Wait until all entities have a state."""

    async def all_available() -> bool:
        states = await visit.api.states()
        return all(
            states.get(entity.entity_id, {}).get("state", "unavailable")
            != "unavailable"
            for entity in visit.home.all_entities()
            if not entity.is_disabled
        )

    await until(all_available, "all entities are available")


async def no_errors(visit: Visit) -> str:
    """Look through the log for errors of the integration."""
    records = list(read_log(visit.stage.home_assistant.log))
    ours = [record for record in records if record.is_ours]
    expect(ours, "the integration logged nothing: the log is not complete")
    errors = [record for record in ours if record.is_error]
    expect(not errors, "\n         ".join(record.text for record in errors))
    return f"{len(ours)} records of the integration in {len(records)}, no error"


async def no_secrets(visit: Visit) -> str:
    """Look for secrets in the log, the states and the downloaded diagnostics."""
    home_assistant = visit.stage.home_assistant
    tokens = stored_tokens(home_assistant.folder)
    expect(tokens, "no access token is stored: there is nothing to look for")
    credentials = visit.cloud.credentials
    pair = f"{credentials.client_id}:{credentials.client_secret}"
    secrets = {
        "the client secret": credentials.client_secret,
        "the Basic credentials": base64.b64encode(pair.encode()).decode(),
        **{f"access token {n}": token for n, token in enumerate(tokens, start=1)},
    }
    diagnostics, _ = await visit.api.fetch(
        f"/api/diagnostics/config_entry/{visit.home.entry_id}"
    )
    json.loads(diagnostics)
    places = {
        "the log": home_assistant.log.read_text(encoding="utf-8", errors="replace"),
        "the diagnostics": diagnostics.decode(),
        "the states": json.dumps(await visit.api.states(), ensure_ascii=False),
        "the registries": json.dumps(
            await visit.api.command("config/entity_registry/list"), ensure_ascii=False
        ),
    }
    leaks = [
        f"{what} is in {where}"
        for where, text in places.items()
        for what, secret in secrets.items()
        if secret in text
    ]
    leaks += [
        f"a presigned URL is in {where}"
        for where, text in places.items()
        if SIGNATURE.search(text)
    ]
    expect(not leaks, "; ".join(leaks))
    return (
        f"{len(secrets)} secrets and all signatures looked for in {len(places)} places"
    )


def stored_tokens(folder: Path) -> list[str]:
    """Give the access tokens that Home Assistant keeps."""
    found = []
    for file in (folder / ".storage").glob(f"{entry.DOMAIN}.token.*"):
        content = json.loads(file.read_text(encoding="utf-8"))
        found += list(_tokens(content["data"]["record"]))
    return found


def _tokens(value: Any) -> Iterator[str]:
    """Give the strings in a stored record that are too long for anything but a token."""
    if isinstance(value, dict):
        for each in value.values():
            yield from _tokens(each)
    elif isinstance(value, str) and len(value) >= SHORTEST_TOKEN:
        yield value


async def no_refusals(visit: Visit) -> str:
    """Check that the limits were kept, and that no token left the API."""
    stats = await visit.cloud.stats()
    statuses: dict[str, int] = {}
    for counted in stats["requests"].values():
        for status, number in counted.items():
            statuses[status] = statuses.get(status, 0) + number
    expect(statuses, "the cloud was never asked")
    expect("429" not in statuses, f"{statuses.get('429')} requests were refused")
    expect(stats["leaked_tokens"] == 0, "an access token went to a presigned URL")
    # The wrong secret of an early step is the only request that was to fail.
    failed = {status for status in statuses if status >= "400"} - {"401"}
    if failed:
        raise StepFailedError(f"requests failed with {', '.join(sorted(failed))}")
    return f"{sum(statuses.values())} requests, none refused"


@dataclass(slots=True)
class LogRecord:
    """One record of Home Assistant's log, with the lines that belong to it."""

    level: str
    name: str
    text: str

    @property
    def is_ours(self) -> bool:
        """Whether the integration wrote it, has a part in it, or is what is streamed."""
        return self.name.startswith(STREAM_LOGGER) or any(
            f"custom_components{separator}{entry.DOMAIN}" in self.text
            for separator in "./"
        )

    @property
    def is_error(self) -> bool:
        """Whether it tells of an error."""
        return self.level in {"ERROR", "CRITICAL"} or "Traceback (most" in self.text


def read_log(log: Path) -> Iterator[LogRecord]:
    """Go through the records of a log."""
    record = None
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        if match := LOG_RECORD.match(line):
            if record is not None:
                yield record
            record = LogRecord(match["level"], match["name"], line)
        elif record is not None:
            record.text += f"\n{line}"
    if record is not None:
        yield record
