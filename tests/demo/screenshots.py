"""The pictures of the documentation, taken of a demo that is started for it.

python -m tests.demo.screenshots CHROMIUM FOLDER
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
import sys
import tempfile
from typing import Final

from . import entry, onboarding, scenery, show
from .errors import DemoError
from .home import Home, read_home
from .polling import until
from .processes import Program, free_port
from .simulated_cloud import ROOT, Size
from .stage import Stage, stage
from .talk import complain, say
from .visitor import LANGUAGES, Language

BROWSER_PYTHON: Final = ROOT / ".tools" / "e2e" / "bin" / "python"

SIZE: Final = Size(tenants=3, cameras=9, devices=3)

# The account's page shows its history, and there is none yet.
VIEWS: Final = ("live", "ports", "footage")
ARRIVAL: Final = ("setup", "tenants")
PAGES: Final = (
    *("options", "camera", "device", "media"),
    *("assist", "automation", "blueprint"),
)
TROUBLE: Final = ("repair",)

# Pictures on a page that thousands load.
LARGEST_BYTES: Final = 200_000

# Japanese in the browser's own fonts' place: machines that only build have none.
FONT_PACKAGE: Final = "noto_cjk_sans_jp_regular"
FONTS: Final = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{folder}</dir>
</fontconfig>
"""


def main(chromium: str, folder: Path) -> int:
    """Take all pictures; give the exit code."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="amnimo-") as place:
        try:
            asyncio.run(take(chromium, folder.resolve(), Path(place)))
        except DemoError as err:
            complain(f"screenshots: {err}")
            return 1
    for picture in sorted(folder.glob("*.png")):
        size = picture.stat().st_size
        say(f"screenshots: {picture} {size // 1000} kB")
        if size > LARGEST_BYTES:
            complain(f"screenshots: {picture} is over {LARGEST_BYTES // 1000} kB")
            return 1
    return 0


async def take(chromium: str, folder: Path, place: Path) -> None:
    """Take the pictures in one language after the other, of the same demo."""
    fonts = write_fonts(place)
    async with stage(place, SIZE, port=free_port(), cloud_port=0) as set_up:
        camera = Photographer(set_up, chromium, folder, place, fonts)
        for language in LANGUAGES:
            await onboarding.enter(set_up.api, language)
            await set_up.home_assistant.wait_until_running(set_up.api)
            form = scenery.credentials_of(set_up.cloud.credentials)
            await camera.tour(language, form, ARRIVAL)
        for language in LANGUAGES:
            say(f"screenshots: {language} …")
            await show.furnish(set_up, language)
            await first_media_told(set_up)
            await camera.dashboard(language)
            home = await account_of(set_up)
            places = await scenery.arrange(set_up, home, language)
            await camera.tour(language, places, PAGES)
            await scenery.forbid(set_up, home)
            await camera.tour(language, places, TROUBLE)
            await scenery.allow(set_up, home)


async def account_of(set_up: Stage) -> Home:
    """Read what there is of the account."""
    (known,) = await entry.entries(set_up.api)
    return await read_home(set_up.api, known["entry_id"])


def write_fonts(place: Path) -> Path:
    """Tell the browser about a Japanese font that the simulated cloud brings."""
    package = find_spec(FONT_PACKAGE)
    if package is None or package.origin is None:
        raise DemoError(f"the package {FONT_PACKAGE} is missing: run script/setup")
    fonts = place / "fonts.conf"
    fonts.write_text(FONTS.format(folder=Path(package.origin).parent))
    return fonts


async def first_media_told(set_up: Stage) -> None:
    """Wait for the clip and the snapshot that a new demo asks for."""
    api = set_up.api

    async def told() -> bool:
        states = await api.states()
        events = [name for name in states if name.startswith("event.")]
        kinds = {states[name]["attributes"].get("event_type") for name in events}
        return {"clip_ready", "snapshot_ready"} <= kinds

    await until(told, "a first clip and snapshot are there")


@dataclass(frozen=True, slots=True)
class Photographer:
    """Has a browser take pictures of a stage."""

    set_up: Stage
    chromium: str
    folder: Path
    place: Path
    fonts: Path

    async def dashboard(self, language: Language) -> None:
        """Take those of the dashboard."""
        await self._run("browser", language, VIEWS, {})

    async def tour(
        self, language: Language, places: dict[str, str], scenes: Sequence[str]
    ) -> None:
        """Take those of Home Assistant's own pages."""
        await self._run("tour", language, scenes, scenery.as_setting(places))

    async def _run(
        self,
        module: str,
        language: Language,
        names: Sequence[str],
        settings: Mapping[str, str],
    ) -> None:
        browser = await Program.start(
            "the browser",
            [
                str(BROWSER_PYTHON),
                *("-m", f"tests.demo.{module}"),
                self.chromium,
                self.set_up.home_assistant.url,
                language,
                str(self.folder),
                *names,
            ],
            log=self.place / "browser.log",
            folder=ROOT,
            settings={"FONTCONFIG_FILE": str(self.fonts), **settings},
        )
        try:
            if await browser.wait() != 0:
                raise browser.ended_error()
        finally:
            await browser.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
