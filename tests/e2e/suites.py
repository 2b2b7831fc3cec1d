"""What is proven: suites of steps, each with a Home Assistant of its own."""

from dataclasses import dataclass
from typing import Final

from tests.demo.check import live
from tests.demo.check.checklist import Step

from . import arrival, footage, hard_days, playing, relayed
from .visit import Viewing


@dataclass(frozen=True, slots=True)
class Suite:
    """Steps that need the same things."""

    steps: tuple[Step[Viewing], ...]
    with_browser: bool = False
    with_go2rtc: bool = False


_ARRIVAL: Final = (
    Step("Home Assistant starts with the account", arrival.settle_in),
    Step("no camera uploads unwatched", arrival.nobody_uploads),
)

SUITES: Final[dict[str, Suite]] = {
    "media": Suite(
        (
            *_ARRIVAL,
            Step("20 clips and snapshots are asked for", footage.ask),
            Step("Home Assistant is killed while they are made", footage.kill_early),
            Step("and again while they are downloaded", footage.kill_late),
            Step("each file arrives whole", footage.receive),
            Step("none was asked for twice", footage.count),
        )
    ),
    "ffmpeg": Suite(
        (
            *_ARRIVAL,
            Step("Home Assistant's stream plays", live.watch),
            Step("PyAV reads along", playing.read_along_with_pyav),
            Step("ffmpeg reads along", playing.read_along_with_ffmpeg),
            Step("the upload ends when nobody watches", playing.fall_silent),
            Step("PyAV reads alone", playing.read_alone_with_pyav),
            Step("the upload ends when PyAV has gone", playing.fall_silent),
        )
    ),
    "hls": Suite(
        (
            *_ARRIVAL,
            Step("cameras offer HLS", arrival.offer_hls_alone),
            Step("a camera's dialog plays HLS", playing.play_hls),
            Step("a second page plays too", playing.watch_twice),
            Step("PyAV reads along", playing.read_along_with_pyav),
            Step("all viewers share one upload", playing.one_session),
            Step("a killed session is replaced", hard_days.survive_kill),
            Step("an outage of the cloud passes", hard_days.survive_outage),
            Step("the upload ends when the pages are closed", playing.leave),
            Step("the dashboard plays all cameras", playing.play_dashboard),
            Step("their uploads end when it is closed", playing.leave),
        ),
        with_browser=True,
    ),
    "webrtc": Suite(
        (
            Step("go2rtc runs", relayed.tell_version),
            *_ARRIVAL,
            Step("cameras offer WebRTC", arrival.offer_webrtc),
            Step("a camera's dialog plays WebRTC", playing.play_webrtc),
            Step("a second page plays too", playing.watch_twice),
            Step("all viewers share one upload", playing.one_session),
            Step("a killed session is replaced", hard_days.survive_kill),
            Step("an outage of the cloud passes", hard_days.survive_outage),
            Step("the upload ends when the pages are closed", playing.leave),
            Step("go2rtc plays MP4 by itself", relayed.play_mp4),
            Step("go2rtc plays WebRTC by itself", relayed.play_own_page),
            Step("the upload ends when its page is closed", playing.leave),
            Step("the dashboard plays all cameras", playing.play_dashboard),
            Step("their uploads end when it is closed", playing.leave),
        ),
        with_browser=True,
        with_go2rtc=True,
    ),
}
