"""What one run of a suite knows, handed from step to step."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
import re
from typing import Any, override

from tests.demo import entry
from tests.demo.check.checklist import StepFailedError, expect
from tests.demo.check.visit import Visit
from tests.demo.polling import until
from tests.demo.simulated_cloud import Credentials
from tests.demo.visitor import Language

from .browser import Browser, Player
from .go2rtc import Go2rtc
from .media_browser import MediaBrowser
from .settings import Person

STARTED_STREAM = re.compile(
    r"Started stream: (http://127\.0\.0\.1:\S+/api/amnimo/hls/\S+)"
)


@dataclass(slots=True, kw_only=True)
class Viewing(Visit):
    """The visit of somebody who watches, with what they watch with.

    `starts` is how many streams the cloud had started when the present viewing began, and
    `sent_before` the seconds that the watched camera had sent when it ended. `made` are the
    clips and snapshots that were made, as the actions told; `recorded_hour` is the hour of
    recordings that is looked at, in seconds since the epoch. `people` are who set it up, by
    what they read, `credentials` the ones that are good now, and `tokens_before` is how many
    access tokens the cloud had issued when they began.
    """

    pictures: Path
    browser: Browser | None = None
    go2rtc: Go2rtc | None = None
    player: Player | None = None
    further: list[Player] = field(default_factory=list)
    starts: int = 0
    media: MediaBrowser | None = None
    made: list[dict[str, Any]] = field(default_factory=list)
    recorded_hour: float = 0.0
    sent_before: float = 0.0
    people: dict[Language, Person] = field(default_factory=dict)
    credentials: Credentials | None = None
    tokens_before: int = 0

    @property
    def own_credentials(self) -> Credentials:
        """The credentials that are good now."""
        assert self.credentials is not None, "a suite without credentials"
        return self.credentials

    @property
    def own_browser(self) -> Browser:
        """The browser."""
        assert self.browser is not None, "a suite without a browser"
        return self.browser

    @property
    def own_go2rtc(self) -> Go2rtc:
        """The go2rtc."""
        assert self.go2rtc is not None, "a suite without go2rtc"
        return self.go2rtc

    @property
    def own_player(self) -> Player:
        """The player that watches; fails the step where there is none."""
        if self.player is None:
            raise StepFailedError("not tried: nothing plays")
        return self.player

    @property
    def own_media(self) -> MediaBrowser:
        """The media browser that is open; fails the step where there is none."""
        if self.media is None:
            raise StepFailedError("not tried: no media browser is open")
        return self.media

    @override
    async def watched_camera(self) -> dict[str, Any]:
        """Give the camera to watch: one whose edge device sends for each viewing."""
        for camera in await self.working_cameras():
            if camera["storage"] == "EDGE":
                return camera
        raise StepFailedError("the cloud has no working camera with an edge device")

    async def recording_camera(self) -> dict[str, Any]:
        """Give the camera whose recordings are watched: one that records in the cloud."""
        for camera in (await self.cloud.world())["cameras"]:
            if camera["storage"] == "CLOUD" and camera["online"]:
                found: dict[str, Any] = camera
                return found
        raise StepFailedError("the cloud has no camera that records there")

    async def watched_entity_id(self) -> str:
        """Give the entity ID of the camera to watch."""
        camera = await self.watched_camera()
        return self.entity(camera["id"], "camera").entity_id

    async def begin_viewing(self) -> None:
        """Take note of what the cloud counted before somebody watches."""
        stats = await self.cloud.stats()
        expect(stats["live_sessions"] == 0, "somebody watches already")
        self.starts = stats["streams_started"]

    async def expect_sessions(self, number: int, starts: int | None = None) -> None:
        """Check how many sessions there are, and how many were started for this viewing."""
        stats = await self.cloud.stats()
        live = stats["live_sessions"]
        expect(live == number, f"{live} live sessions, not {number}")
        started = stats["streams_started"] - self.starts
        wanted = number if starts is None else starts
        expect(started == wanted, f"{started} sessions were started, not {wanted}")

    async def seconds_uploaded(self) -> float:
        """Give for how long edge devices have been sending, all together."""
        stats = await self.cloud.stats()
        return float(sum(stats["seconds_uploaded"].values()))

    async def count_api_requests(self) -> int:
        """Count all that was asked of the API, without the servers of its URLs."""
        requests = (await self.cloud.stats())["requests"]
        return sum(
            sum(by_status.values())
            for endpoint, by_status in requests.items()
            if endpoint not in ("playlist", "segment", "media_file", "thumbnail_file")
        )

    async def look_again(self) -> None:
        """Have Home Assistant ask the service for the cameras now, as users can.

        Where there is no camera, the account is loaded anew.
        """
        states = await self.api.states()
        cameras = [
            each
            for each, state in states.items()
            # What is known of a former run alone can't be asked for.
            if each.startswith("camera.") and "restored" not in state["attributes"]
        ]
        if cameras:
            await self.api.act("homeassistant.update_entity", cameras[0])
        elif self.entry_id is not None:
            await entry.reload(self.api, self.entry_id)

    async def issues(self) -> dict[str, dict[str, Any]]:
        """Give the repair issues of the integration, by the key of their texts."""
        listed = (await self.api.command("repairs/list_issues"))["issues"]
        return {
            each["translation_key"]: each
            for each in listed
            if each["domain"] == "amnimo" and not each["ignored"]
        }

    async def relay_url(self) -> str:
        """Give where Home Assistant's stream reads, as its log tells once it was started."""

        async def told() -> str:
            text = self.stage.home_assistant.log.read_text(errors="replace")
            found: list[str] = STARTED_STREAM.findall(text)
            return found[-1] if found else ""

        return await until(told, "Home Assistant's log names the stream's URL")

    async def watch_stage(self) -> None:
        """Wait until something ends on its own, which raises DemoError."""
        ends = [asyncio.create_task(self.stage.watch())]
        if self.go2rtc is not None:
            go2rtc = self.go2rtc

            async def watch_go2rtc() -> None:
                raise await go2rtc.wait_until_ended()

            ends.append(asyncio.create_task(watch_go2rtc()))
        try:
            done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            done.pop().result()
        finally:
            for end in ends:
                end.cancel()
