"""Steps: go2rtc on its own, with the stream that Home Assistant told it of."""

from tests.demo.check.checklist import expect

from .playing import READ_PICTURES, WATCHED_SECONDS, expect_moving, figures
from .readers import read_with_pyav
from .visit import Viewing


async def tell_version(visit: Viewing) -> str:
    """Ask go2rtc who it is."""
    return await visit.own_go2rtc.version()


async def play_mp4(visit: Viewing) -> str:
    """Read MP4 from go2rtc: HLS in, MP4 out."""
    await visit.begin_viewing()
    url = f"{visit.own_go2rtc.url}/api/stream.mp4?src={await _stream_name(visit)}"
    record = await read_with_pyav(url, READ_PICTURES)
    count = len(record.news)
    expect(count == READ_PICTURES, f"{count} pictures came, not {READ_PICTURES}")
    await visit.expect_sessions(1)
    return f"{count} pictures decoded; 1 session"


async def play_own_page(visit: Viewing) -> str:
    """Open go2rtc's own page: HLS in, WebRTC out, and no Home Assistant in between."""
    player = await visit.own_browser.open(
        f"{visit.own_go2rtc.url}/stream.html?src={await _stream_name(visit)}&mode=webrtc"
    )
    visit.player = player
    await player.wait_for_picture()
    record = await player.watch(WATCHED_SECONDS)
    expect_moving(record)
    (video, *_) = await player.videos()
    expect(video["source"] == "MediaStream", f"it plays a {video['source']}")
    received = await player.received()
    expect(received["frames"], "no pictures are decoded")
    await visit.expect_sessions(1)
    return f"{figures(record)}, {received['packets']} RTP packets; 1 session"


async def _stream_name(visit: Viewing) -> str:
    """Give what Home Assistant called the watched camera's stream."""
    camera = await visit.watched_camera()
    streams = await visit.own_go2rtc.streams()
    named = [name for name in streams if camera["id"] in name]
    expect(len(named) == 1, f"go2rtc has the streams {sorted(streams)}")
    return named[0]
