"""What is proven: suites of steps, each with a Home Assistant of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.demo.check import aftermath, live
from tests.demo.check.checklist import Step
from tests.demo.simulated_cloud import Size
from tests.demo.visitor import LANGUAGES, Language

from . import (
    arrival,
    assist,
    automations,
    browsing,
    footage,
    guest,
    hard_days,
    playing,
    relayed,
    repairing,
    setting_up,
)
from .setting_up import read_by
from .visit import Viewing

_SMALL: Final = Size(tenants=1, cameras=4, devices=2)
# With a tenant below a tenant, and cameras in each.
_WITH_TENANTS: Final = Size(tenants=4, cameras=8, devices=4)
# With a camera that records in the cloud.
_WITH_CLOUD_CAMERA: Final = Size(tenants=1, cameras=6, devices=2)


@dataclass(frozen=True, slots=True)
class Suite:
    """Steps that need the same things.

    `prepare` is handed Home Assistant's folder before it is started.
    """

    steps: tuple[Step[Viewing], ...]
    with_browser: bool = False
    with_go2rtc: bool = False
    size: Size = _SMALL
    language: Language = "en"
    prepare: Callable[[Path], None] | None = None


_ARRIVAL: Final = (
    Step("Home Assistant starts with the account", arrival.settle_in),
    Step("no camera uploads unwatched", arrival.nobody_uploads),
)

_CONVERSATION: Final = (
    Step("a snapshot is taken by a sentence", assist.take_snapshot),
    Step("an offline camera is told of", assist.hear_of_offline_camera),
    Step("which of two cameras is asked and answered", assist.answer_which),
    Step("a camera is restarted by a sentence", assist.reset_port),
)

_AFTERMATH: Final = (
    Step("the log has no error", aftermath.no_errors),
    Step("no secret is left anywhere", aftermath.no_secrets),
    Step("the cloud refused nothing", aftermath.no_refusals),
)

_ADDING: Final = {
    language: (
        Step(f"{name} form is read", read_by(language, setting_up.read_form)),
        Step(f"{name} mistakes are named", read_by(language, setting_up.make_mistakes)),
        Step(f"{name} account is added", read_by(language, setting_up.add)),
        Step(f"{name} again is refused", read_by(language, setting_up.add_again)),
        Step(
            f"{name} options are changed", read_by(language, setting_up.change_options)
        ),
    )
    for language, name in zip(LANGUAGES, ("English:", "Japanese:"), strict=True)
}

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
    "browse": Suite(
        (
            *_ARRIVAL,
            Step("clips and a snapshot are made", browsing.keep_footage),
            Step("the media browser leads to a camera", browsing.arrive_at_camera),
            Step("its live view plays", browsing.watch_live),
            Step("a recording plays and can be searched", browsing.watch_recording),
            Step("it ends where the recording ends", browsing.reach_end),
            Step("a clip plays from the cloud", browsing.watch_clip),
            Step("a name is found", browsing.search),
            Step("a downloaded clip plays", browsing.watch_kept_clip),
            Step("snapshots and thumbnails are shown", browsing.look_at_pictures),
            Step("who may not see a camera finds nothing", guest.find_nothing),
            Step("all sessions end when the players are closed", browsing.end),
        ),
        with_browser=True,
        size=_WITH_CLOUD_CAMERA,
        language="ja",
        prepare=guest.prepare,
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
    "setup": Suite(
        (
            Step("two people arrive at Home Assistant", setting_up.arrive),
            *_ADDING["en"],
            Step("the account is deleted", read_by("en", setting_up.remove)),
            *_ADDING["ja"],
            Step(
                "all tenants are chosen", read_by("ja", setting_up.choose_all_tenants)
            ),
            Step("other credentials are given", read_by("en", setting_up.reconfigure)),
            Step(
                "the secret is refused, and a new one asked for", setting_up.lose_secret
            ),
            Step(
                "a mistyped one is refused", read_by("ja", setting_up.refuse_new_secret)
            ),
            Step("the new one works", read_by("en", setting_up.give_new_secret)),
            Step("the log has no error", repairing.find_no_errors),
        ),
        with_browser=True,
        size=_WITH_TENANTS,
    ),
    "repairs": Suite(
        (
            Step("two people arrive at Home Assistant", setting_up.arrive),
            Step("the account is added", setting_up.add_quietly),
            Step("a permission is asked for", repairing.ask_for_permission),
            Step("a tenant is left out", repairing.leave_out),
            Step("a tenant is gone", repairing.lose_tenant),
            Step("the only one that was chosen, too", repairing.lose_last_tenant),
            Step("the whole account is forbidden", repairing.lose_account),
            Step("answers are not understood", repairing.meet_unknown_answers),
            Step("downloads can't be saved", repairing.lose_folder),
            Step("access tokens are nearly spent", repairing.spend_tokens),
            Step("access tokens are scarce", repairing.spend_fewer_tokens),
            Step("they come free again", repairing.get_tokens_back),
            Step("the log has no error", repairing.find_no_errors),
        ),
        with_browser=True,
        size=_WITH_TENANTS,
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
    "assist": Suite(
        (
            *_ARRIVAL,
            Step("the sentences are installed with one click", assist.install),
            Step(
                "a camera that is not exposed is told of",
                assist.name_what_is_not_exposed,
            ),
            Step("cameras and ports are exposed", assist.expose),
            *_CONVERSATION,
            Step("home and assistant speak Japanese", assist.speak_japanese),
            *_CONVERSATION,
            *_AFTERMATH,
        ),
        with_browser=True,
        size=_WITH_CLOUD_CAMERA,
    ),
    "automations": Suite(
        (
            *_ARRIVAL,
            Step("all blueprints are imported", automations.import_all),
            Step("automations are made of them", automations.automate_all),
            Step("cameras lose their connection", automations.lose_cameras),
            Step("a snapshot is taken by voice", automations.ask_for_snapshots),
            Step("an AI says what it sees", automations.ask_what_is_seen),
            Step("an event moves ports and keeps clips", automations.ring),
            Step("lost cameras are power-cycled", automations.power_cycle),
            Step("what disconnects is told of", automations.disconnect),
            Step("the nightly check finds a gap", automations.check_recordings),
            Step("the notifications are shown", automations.show_notifications),
            *_AFTERMATH,
        ),
        with_browser=True,
        size=_WITH_CLOUD_CAMERA,
        prepare=automations.prepare,
    ),
}
