"""The folder that downloads go to, and whether they can."""

from __future__ import annotations

from pathlib import Path
import tempfile
from typing import Final

from homeassistant.core import HomeAssistant

_FOLDER: Final = "amnimo"


def download_folder(hass: HomeAssistant) -> Path | None:
    """Return the folder of all cameras in the local media folder, None without such."""
    folders = hass.config.media_dirs
    local = folders.get("local") or next(iter(folders.values()), None)
    return Path(local) / _FOLDER if local else None


def find_unwritable(folder: Path) -> Path | None:
    """Return the first folder that nothing can be written to, of a folder and those in it.

    To find out, something is written, and removed at once. For the executor.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        inner = sorted(each for each in folder.iterdir() if each.is_dir())
    except OSError:
        return folder
    return next((each for each in (folder, *inner) if not _is_writable(each)), None)


def _is_writable(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"amnimo")
            file.flush()
    except OSError:
        return False
    return True
