"""The configuration folder of a Home Assistant, before it is started.

Owns what is in configuration.yaml, and the two things that can only be chosen by
writing to Home Assistant's storage. Knows nothing of amnimo, but that it is a custom
integration of this repository.
"""

import json
from pathlib import Path
from typing import Any, Final

from homeassistant.components import onboarding
from homeassistant.components.http import config as http
from homeassistant.components.onboarding.const import STEP_CORE_CONFIG

CUSTOM_COMPONENTS = Path(__file__).resolve().parents[2] / "custom_components"

# What the dashboard, history, recordings, automations and voice assistants need, and
# nothing that looks for things in the network it runs in, as default_config would.
CONFIGURATION: Final = """\
# Written by script/demo at each start.
automation: !include automations.yaml
config:
conversation:
frontend:
history:
homeassistant:
  # In a container it would be outside of this folder.
  media_dirs:
    local: {media}
input_boolean:
input_datetime:
input_text:
logbook:
media_source:
recorder:
script: !include scripts.yaml
scene: !include scenes.yaml
stream:
system_health:
logger:
  default: warning
  logs:
    custom_components.amnimo: {log_level}
"""

INCLUDED: Final = ("automations.yaml", "scripts.yaml", "scenes.yaml")


def configure(
    folder: Path, *, host: str, port: int, log_level: str, further: str = ""
) -> None:
    """Write the configuration, keeping what Home Assistant stored in an earlier run.

    `log_level` is the integration's; of everything else warnings are logged. `further` is
    YAML for integrations that are not in the demo.
    """
    (folder / "media").mkdir(parents=True, exist_ok=True)
    (folder / ".storage").mkdir(exist_ok=True)
    for name in INCLUDED:
        (folder / name).touch()
    (folder / "configuration.yaml").write_text(
        CONFIGURATION.format(
            log_level=log_level, media=json.dumps(str(folder / "media"))
        )
        + further,
        encoding="utf-8",
    )
    _link_integration(folder / "custom_components")
    _store_address(folder, host, port)
    _store_skipped_onboarding(folder)


def _link_integration(place: Path) -> None:
    """Let Home Assistant find the integration, beside others where there are some."""
    link, integrations = place, CUSTOM_COMPONENTS
    if place.is_dir() and not place.is_symlink():
        link, integrations = place / "amnimo", CUSTOM_COMPONENTS / "amnimo"
    if not link.is_symlink() or link.resolve() != integrations:
        link.unlink(missing_ok=True)
        link.symlink_to(integrations, target_is_directory=True)


def _store_address(folder: Path, host: str, port: int) -> None:
    """Choose where to listen; configuration.yaml is no longer the place for it."""
    address = {"server_host": [host], "server_port": port}
    unconfirmed = {
        "created_at": "2026-11-01T00:00:00+00:00",
        "error": None,
        "error_message": None,
    }
    _store(
        folder,
        http.STORAGE_KEY,
        (http.STORAGE_VERSION, http.STORAGE_MINOR_VERSION),
        {
            http.KEY_STABLE: {**http.HTTP_STORAGE_SCHEMA(address), **unconfirmed},
            http.KEY_PENDING: None,
            http.KEY_YAML_MIGRATION_DONE: True,
        },
    )


def _store_skipped_onboarding(folder: Path) -> None:
    """Take out the one step of onboarding that sets up services of the internet."""
    if not (folder / ".storage" / onboarding.STORAGE_KEY).exists():
        _store(
            folder,
            onboarding.STORAGE_KEY,
            (onboarding.STORAGE_VERSION, 1),
            {"done": [STEP_CORE_CONFIG]},
        )


def _store(folder: Path, key: str, version: tuple[int, int], data: Any) -> None:
    major, minor = version
    content = {"version": major, "minor_version": minor, "key": key, "data": data}
    (folder / ".storage" / key).write_text(json.dumps(content), encoding="utf-8")
