"""How patient the relay is: every duration in one place, in seconds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """Durations in seconds, chosen for the readers that Home Assistant has.

    Home Assistant's stream worker gives up 30 s after it opened a source, and 30 s after the
    last packet. go2rtc gives the first playlist any time, each later one 5 s, and asks ten
    times for news.
    """

    lease: float = 15.0
    """Nobody watches when no playlist was asked for this long."""
    playback_lease: float = 30.0
    """Nobody plays a recording when nothing was asked for this long."""
    first_playlist: float = 25.0
    """A viewer waits at most this long for the first picture."""
    later_playlist: float = 4.0
    """A viewer waits at most this long for news while upstream is being started again."""
    freeze: float = 4.0
    """The last picture stands still once the next one is overdue for this long."""
    give_up: float = 60.0
    """Viewers of a camera that can't be played are told so after this long."""
    give_up_in_outage: float = 300.0
    """And after this long when it's the service that can't be reached."""
    no_video: float = 25.0
    """A started stream without a segment after this long is dead."""
    poll_before_first: float = 0.5
    """Pause between looks at a playlist that has no segment yet."""
    stall_target_durations: float = 3.0
    """A playlist that did not grow for so many target durations is frozen,"""
    stall_least: float = 5.0
    """and for at least this long."""
    unanswered: float = 60.0
    """A stream is let go when its playlist could not be fetched for this long."""
    start_spacing: float = 60.0
    """A dead camera costs one start in this time."""
    proof_of_life: float = 15.0
    """A stream that brought video for this long may be restarted at once, however often."""
    outage_probe: float = 5.0
    """Pause between looks whether the cloud is back."""
    extend_share: float = 0.5
    """The stream is extended after this part of the keep-alive period."""
    expiring_share: float = 0.85
    """A stream that can't be extended is replaced after this part of the period."""
    extend_retry: float = 3.0
    """Pause before an extension that did not get through is tried again; doubled each time."""
    stop: float = 10.0
    """The service gets this long to take note of a stop."""
