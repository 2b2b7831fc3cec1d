"""The sentences come to where Assist looks in one step, and nobody's own are overwritten."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockUser
import yaml

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, Unauthorized
from homeassistant.setup import async_setup_component
from tests.media.passage import Passage

type Install = Callable[..., Awaitable[dict[str, str]]]


@pytest.fixture
def files(hass: HomeAssistant, config_dir: Path) -> dict[str, Path]:
    """Return where the files are to be, by language."""
    hass.config.config_dir = str(config_dir)
    folder = config_dir / "custom_sentences"
    return {language: folder / language / "amnimo.yaml" for language in ("en", "ja")}


@pytest.fixture
def install(hass: HomeAssistant, passage: Passage, files: dict[str, Path]) -> Install:
    """Return what installs the sentences and returns what was done by language."""

    async def run(context: Context | None = None, **options: Any) -> dict[str, str]:
        answer = await passage.result_of(
            hass.services.async_call(
                "amnimo",
                "install_sentences",
                options,
                blocking=True,
                return_response=True,
                context=context,
            )
        )
        told = answer["sentences"]
        assert {key: each["path"] for key, each in told.items()} == {
            key: str(path) for key, path in files.items()
        }
        return {key: each["result"] for key, each in told.items()}

    return run


async def test_they_are_written_once(install: Install, files: dict[str, Path]) -> None:
    assert await install() == {"en": "installed", "ja": "installed"}
    for language, path in files.items():
        assert yaml.safe_load(path.read_text("utf-8"))["language"] == language
    assert await install() == {"en": "unchanged", "ja": "unchanged"}


async def test_what_somebody_changed_is_kept(
    install: Install, files: dict[str, Path]
) -> None:
    await install()
    changed = files["ja"].read_text("utf-8") + "# mine\n"
    files["ja"].write_text(changed, "utf-8")
    assert await install() == {"en": "unchanged", "ja": "kept"}
    assert files["ja"].read_text("utf-8") == changed
    assert await install(overwrite=True) == {"en": "unchanged", "ja": "renewed"}
    assert "# mine" not in files["ja"].read_text("utf-8")


async def test_a_file_of_somebody_elses_is_kept(
    install: Install, files: dict[str, Path]
) -> None:
    files["en"].parent.mkdir(parents=True)
    files["en"].write_text("language: en\nintents: {}\n", "utf-8")
    assert await install() == {"en": "kept", "ja": "installed"}


async def test_those_of_an_earlier_version_are_renewed_by_a_start(
    hass: HomeAssistant,
    install: Install,
    files: dict[str, Path],
    passage: Passage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only where they were installed, and left as they were."""
    await install()
    now = files["en"].read_text("utf-8")
    monkeypatch.setattr(
        "custom_components.amnimo.voice.installation._HEADER", "# An earlier one.\n"
    )
    files["en"].unlink()
    files["ja"].unlink()
    await install()
    assert files["en"].read_text("utf-8") != now
    files["ja"].unlink()
    monkeypatch.undo()
    assert await passage.result_of(async_setup_component(hass, "intent", {}))
    assert files["en"].read_text("utf-8") == now
    assert not files["ja"].exists()


async def test_a_folder_that_can_not_be_written_is_told_of(
    install: Install, files: dict[str, Path]
) -> None:
    files["en"].parent.parent.write_text("a file in its place", "utf-8")
    with pytest.raises(HomeAssistantError, match="can't be written") as raised:
        await install()
    assert raised.value.translation_key == "sentences_not_written"


async def test_only_administrators_install_them(
    install: Install, files: dict[str, Path], hass_read_only_user: MockUser
) -> None:
    with pytest.raises(Unauthorized):
        await install(Context(user_id=hass_read_only_user.id))
    assert not files["en"].exists()
