"""The report about an account: true, complete, and nobody's data."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import Process
from collections.abc import Iterator
from pathlib import Path
import re
import signal
import sys

import aiohttp
import pytest

from custom_components.amnimo.api import AmnimoClient
from script.account_probe.questions import Answer, Probe
from script.account_probe.report import summary, tell
from tests.cloud import SimulatedCloud
from tests.cloud.dialects import DIALECTS
from tests.estate import Estate

QUESTIONS = {
    "POST /oauth2/token",
    "GET /accounts/{accountId}/hierarchy",
    "GET /partitions/{subscriptionId}/cameras",
    "GET /partitions/{subscriptionId}/cameras?cameraId=",
    "GET /partitions/{subscriptionId}/cameras/{cameraId}",
    "GET /partitions/{subscriptionId}/cameras/{cameraId}/thumbnails",
    "GET /partitions/{subscriptionId}/cameras/{cameraId}/history",
    "GET /partitions/{subscriptionId}/cameras/{cameraId}/streams/hls/start",
    "POST /partitions/{subscriptionId}/medias",
    "POST /partitions/{subscriptionId}/cameras/{cameraId}/medias",
    "GET /partitions/{subscriptionId}/medias/{mediaId}",
    "GET /partitions/{subscriptionId}/devices/externalDevices",
    "GET /partitions/{subscriptionId}/devices/{deviceId}/externalDevices",
    "GET /partitions/{subscriptionId}/devices/{deviceId}/peripherals",
}


@pytest.fixture(autouse=True)
def _footage(cloud: SimulatedCloud, estate: Estate) -> None:
    """Have a finished snapshot of each camera, whose names tell where they are."""
    moment = cloud.clock.now() - 3600
    for camera in estate.cameras.values():
        cloud.media.create_snapshot(camera, moment, "Visitor", requested=moment)


async def probe(
    cloud: SimulatedCloud, *, live: bool = False, secret: str | None = None
) -> list[Answer]:
    """Ask a cloud all there is to ask."""
    async with aiohttp.ClientSession() as http:
        client = AmnimoClient(
            http, cloud.client_id, secret or cloud.client_secret, api_url=cloud.url
        )
        asker = Probe(client, http, most_tenants=1, live=live)
        try:
            return [answer async for answer in asker.run(cloud.account_id)]
        finally:
            await client.close()


async def start_command(cloud: SimulatedCloud, *arguments: str) -> Process:
    """Start what script/probe does, with the credentials of a cloud."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "script.account_probe", "--api-url", cloud.url, *arguments),
        env={
            "AMNIMO_CLIENT_ID": cloud.client_id,
            "AMNIMO_CLIENT_SECRET": cloud.client_secret,
            "AMNIMO_ACCOUNT_ID": cloud.account_id,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


def report(answers: list[Answer]) -> str:
    """Return what is told of answers."""
    return "\n".join(line for answer in answers for line in tell(answer))


def answer_to(answers: list[Answer], question: str) -> Answer:
    """Return the answer to a question."""
    return next(each for each in answers if each.question == question)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_every_question_is_asked_and_understood(cloud: SimulatedCloud) -> None:
    answers = await probe(cloud, live=True)

    assert {answer.question for answer in answers} == QUESTIONS
    assert [answer.question for answer in answers if not answer.understood] == []
    assert summary(answers) == "14 questions, 14 understood."


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_the_report_holds_nobodys_data(
    cloud: SimulatedCloud, estate: Estate
) -> None:
    text = report(await probe(cloud, live=True))

    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", text)
    assert "http" not in text
    for told in _data(cloud, estate):
        assert told not in text


def _data(cloud: SimulatedCloud, estate: Estate) -> Iterator[str]:
    yield from (cloud.client_id, cloud.client_secret, cloud.account_id, "Visitor")
    yield from (tenant.account_name for tenant in estate.tenants)
    yield from (camera.name for camera in estate.cameras.values())
    for device in estate.devices.values():
        yield device.name
        for equipment in device.external_devices:
            yield from (equipment.name, equipment.ip_address)


@pytest.mark.parametrize(
    ("dialect", "name", "state"),
    [
        ("default", "cameras[].name", "cameras[].status"),
        ("snake", "items[].camera_name", "items[].status"),
    ],
)
async def test_the_report_tells_under_which_names_things_were_found(
    cloud: SimulatedCloud, name: str, state: str
) -> None:
    text = report(await probe(cloud))

    assert f"| `{name}` |" in text
    assert f"| `{state}`" in text


async def test_without_being_told_to_no_stream_is_started(
    cloud: SimulatedCloud,
) -> None:
    await probe(cloud)

    assert cloud.stats.streams_started == 0


async def test_a_stream_that_was_started_is_ended(cloud: SimulatedCloud) -> None:
    answers = await probe(cloud, live=True)

    stream = answer_to(
        answers,
        "GET /partitions/{subscriptionId}/cameras/{cameraId}/streams/hls/start",
    )
    assert stream.notes[1:] == ["update: done", "stop: done"]
    assert (cloud.stats.streams_started, cloud.stats.live_sessions) == (1, 0)


async def test_nothing_is_changed_and_one_token_spent(cloud: SimulatedCloud) -> None:
    await probe(cloud, live=True)

    assert cloud.stats.tokens_issued == 1
    changing = ("port", "media_create", "media_put", "media_delete")
    assert [cloud.stats.count(endpoint) for endpoint in changing] == [0, 0, 0, 0]


async def test_refused_credentials_are_told_and_end_it(cloud: SimulatedCloud) -> None:
    (answer,) = await probe(cloud, secret="wrong")

    assert answer.status == "The client ID or the secret was refused"
    assert not answer.understood


async def test_an_endpoint_that_fails_does_not_keep_the_others_from_being_asked(
    cloud: SimulatedCloud,
) -> None:
    cloud.faults.add("history", "status", count=-1, status=404)
    answers = await probe(cloud, live=True)

    failed = answer_to(
        answers, "GET /partitions/{subscriptionId}/cameras/{cameraId}/history"
    )
    assert failed.status == "history: HTTP status 404"
    assert {answer.question for answer in answers} == QUESTIONS
    assert summary(answers) == (
        "14 questions, 13 understood; not: "
        "`GET /partitions/{subscriptionId}/cameras/{cameraId}/history`."
    )


async def test_times_of_another_time_zone_are_noticed(cloud: SimulatedCloud) -> None:
    cloud.clock.advance(9 * 3600)
    answers = await probe(cloud)

    cameras = answer_to(answers, "GET /partitions/{subscriptionId}/cameras")
    assert not cameras.understood
    assert any("h in the future" in note for note in cameras.notes)


async def test_the_command_writes_the_report_and_says_by_its_status_how_it_went(
    cloud: SimulatedCloud, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("probe") / "report.md"
    process = await start_command(cloud, "--output", str(file))
    printed, complaints = await process.communicate()

    assert (process.returncode, complaints) == (0, b"")
    assert printed.decode() == file.read_text("utf-8")
    assert "# amnimo account probe" in printed.decode()
    assert "24 questions, 24 understood." in printed.decode()


async def test_a_report_that_can_not_be_written_is_not_asked_for(
    cloud: SimulatedCloud, tmp_path: Path
) -> None:
    """An access token is not spent on it, and the reason is one sentence."""
    file = tmp_path / "missing" / "report.md"
    process = await start_command(cloud, "--output", str(file))
    printed, complaints = await process.communicate()

    assert (process.returncode, printed) == (2, b"")
    assert complaints.decode().splitlines() == [
        f"probe: {file} can't be written: No such file or directory."
    ]
    assert cloud.stats.tokens_issued == 0


async def test_a_probe_that_is_interrupted_says_so_and_nothing_else(
    cloud: SimulatedCloud,
) -> None:
    cloud.faults.add("hierarchy", "delay", seconds=60)
    # Who runs the tests in the background may have them ignore it, and all that they start.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = await start_command(cloud)
    finally:
        signal.signal(signal.SIGINT, before)
    assert process.stdout is not None
    while b"POST /oauth2/token" not in await process.stdout.readline():
        pass
    process.send_signal(signal.SIGINT)
    _, complaints = await process.communicate()

    assert process.returncode == 130
    assert complaints.decode().splitlines() == ["probe: stopped."]
