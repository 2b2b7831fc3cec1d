"""What users and automations know things by, frozen: whoever changes it has to mean it.

A changed unique ID or identifier costs every user the name, area, history and dashboards of
what it belonged to; a changed entity ID breaks the automations of new users who follow examples.
`script/test --snapshot-update tests/test_unique_ids.py` writes the new ones down.
"""

from __future__ import annotations

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from syrupy.assertion import SnapshotAssertion

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er

from .cloud import CloudOptions


@pytest.fixture
def cloud_options() -> CloudOptions:
    """Return an estate that has something of each kind, always the same."""
    return CloudOptions(tenants=2, cameras=4, devices=2, seed=1, start_seconds=0)


def told(entity: er.RegistryEntry) -> dict[str, Any]:
    """Return what must not change by itself."""
    return {
        "unique_id": entity.unique_id,
        "translation_key": entity.translation_key,
        "device_class": entity.original_device_class,
        "category": entity.entity_category and entity.entity_category.value,
        "disabled": entity.disabled_by is not None,
    }


async def test_entities_keep_their_ids(
    hass: HomeAssistant, loaded: MockConfigEntry, snapshot: SnapshotAssertion
) -> None:
    entries = er.async_entries_for_config_entry(er.async_get(hass), loaded.entry_id)
    found = {entity.entity_id: told(entity) for entity in entries}
    assert len({entity.unique_id for entity in entries}) == len(entries)
    assert dict(sorted(found.items())) == snapshot


async def test_devices_keep_their_identifiers(
    hass: HomeAssistant, loaded: MockConfigEntry, snapshot: SnapshotAssertion
) -> None:
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), loaded.entry_id)
    identifiers = {each.id: sorted(each.identifiers) for each in devices}
    found = [
        {
            "identifiers": sorted(each.identifiers),
            "via": each.via_device_id and identifiers[each.via_device_id],
            "entry_type": each.entry_type and each.entry_type.value,
            "manufacturer": each.manufacturer,
        }
        for each in devices
    ]
    assert sorted(found, key=lambda each: each["identifiers"]) == snapshot
