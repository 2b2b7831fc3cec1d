"""Triggers: media that are ready, cameras and equipment that come and go, ports that move.

Owns what starts an automation and what it is handed. Which entities a target means, and what
counts as a move from outside, is decided elsewhere.
"""

from __future__ import annotations

from abc import abstractmethod
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar, Final, cast, override

import probatio

from homeassistant.const import (
    ATTR_DEVICE_ID,
    ATTR_ENTITY_ID,
    CONF_FOR,
    CONF_OPTIONS,
    STATE_OFF,
    STATE_ON,
    STATE_UNAVAILABLE,
    Platform,
)
from homeassistant.core import CALLBACK_TYPE, Context, HomeAssistant, State, callback
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.target import (
    TargetSelection,
    async_extract_referenced_entity_ids,
    async_track_target_selector_state_change_event,
)
from homeassistant.helpers.trigger import (
    ATTR_BEHAVIOR,
    BEHAVIOR_EACH,
    ENTITY_STATE_TRIGGER_SCHEMA,
    ENTITY_STATE_TRIGGER_SCHEMA_WITH_BEHAVIOR,
    NotTriggeredReasonReporter,
    StatelessEntityTriggerBase,
    Trigger,
    TriggerActionRunner,
    TriggerConfig,
    TriggerNotTriggeredReporter,
)
from homeassistant.helpers.typing import ConfigType
from homeassistant.util import dt as dt_util

from .api import MediaCategory, PortKind
from .const import DOMAIN
from .entries import async_loaded_entry_of
from .lasting_moves import LastingMoves
from .media.job import MediaKind, MediaResult
from .media.view import async_media_url
from .port_moves import SIGNAL_PORT_MOVED, PortMove
from .state_watch import Arrival, StateWatch
from .targets import (
    CAMERA_CONNECTIVITY,
    CAMERA_MEDIA,
    EQUIPMENT,
    PORT,
    EntityKind,
    camera_entity,
    camera_id_of,
    device_of,
    entities_meant,
    entities_targeted,
)

ATTR_CAMERA: Final = "camera"
CONF_OUTSIDE_ONLY: Final = "outside_only"

_MEDIA_DETAILS: Final = (
    "media_id",
    "name",
    "start_time",
    "end_time",
    "size",
    "path",
    "reason",
    "missing",
)
_PORT_CHANGED_SCHEMA: Final = ENTITY_STATE_TRIGGER_SCHEMA.extend(
    {
        probatio.Required(CONF_OPTIONS, default={}): {
            probatio.Required(CONF_OUTSIDE_ONLY, default=True): cv.boolean,
            probatio.Optional(CONF_FOR): cv.positive_time_period,
        },
    }
)


class MediaTrigger(StatelessEntityTriggerBase):
    """A clip or a snapshot of a camera came to something."""

    _domain_specs = {Platform.EVENT: DomainSpec()}
    _excluded_from_states: ClassVar[frozenset[str]] = frozenset()
    kind: ClassVar[MediaKind]

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        """Return the event entities of the cameras that are targeted."""
        return entities_targeted(self._hass, CAMERA_MEDIA, self._target, entities)

    @override
    def is_valid_state(
        self, state: State, report_not_triggered: NotTriggeredReasonReporter
    ) -> bool:
        """Return whether it is an event of this kind."""
        return state.attributes.get("event_type") == self.kind

    @override
    def is_valid_transition(self, from_state: State, to_state: State) -> bool:
        """Return whether it is news.

        What shows when an entity is available again may have been there before.
        """
        if from_state.state == STATE_UNAVAILABLE:
            happened = dt_util.parse_datetime(to_state.state)
            return happened is not None and happened > from_state.last_changed
        return super().is_valid_transition(from_state, to_state)

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        """Attach the trigger, and hand over what there is to say of the medium."""

        @callback
        def run_with_media(
            extra_trigger_payload: dict[str, Any],
            description: str,
            context: Context | None = None,
        ) -> Any:
            details = self._details(extra_trigger_payload["to_state"])
            return run_action(
                {**extra_trigger_payload, **details}, description, context
            )

        return await super().async_attach_runner(
            cast(TriggerActionRunner, run_with_media), did_not_trigger
        )

    def _details(self, state: State) -> dict[str, Any]:
        camera_id = camera_id_of(self._hass, CAMERA_MEDIA, state.entity_id)
        return {
            **{each: state.attributes.get(each) for each in _MEDIA_DETAILS},
            "url": self._url(state, camera_id) if camera_id else None,
            ATTR_CAMERA: camera_entity(self._hass, camera_id) if camera_id else None,
            ATTR_DEVICE_ID: device_of(self._hass, state.entity_id),
        }

    def _url(self, state: State, camera_id: str) -> str | None:
        """Return a signed path at which the file can be opened."""
        registered = er.async_get(self._hass).async_get(state.entity_id)
        entry = registered and self._hass.config_entries.async_get_entry(
            registered.config_entry_id or ""
        )
        start = dt_util.parse_datetime(str(state.attributes.get("start_time")))
        media_id = state.attributes.get("media_id")
        if not entry or start is None or media_id is None:
            return None
        clip = self.kind is MediaKind.CLIP_READY
        result = MediaResult(
            kind=self.kind,
            category=MediaCategory.CLIP if clip else MediaCategory.SNAPSHOT,
            camera_id=camera_id,
            media_id=media_id,
            name=state.attributes["name"],
            start=start,
            end=None,
        )
        located = entry.runtime_data.cameras.locate(camera_id)
        return async_media_url(
            self._hass,
            entry.entry_id,
            located.camera.name if located else camera_id,
            result,
        )


class ClipReadyTrigger(MediaTrigger):
    """A clip is ready."""

    kind = MediaKind.CLIP_READY


class SnapshotReadyTrigger(MediaTrigger):
    """A snapshot is ready."""

    kind = MediaKind.SNAPSHOT_READY


class MediaFailedTrigger(MediaTrigger):
    """A clip or a snapshot came to nothing."""

    kind = MediaKind.MEDIA_FAILED


class LastingTrigger(Trigger):
    """Something of the target came to be in a state, and stayed there for as long as wanted."""

    schema: ClassVar[probatio.Schema]

    @override
    @classmethod
    async def async_validate_config(
        cls, hass: HomeAssistant, config: ConfigType
    ) -> ConfigType:
        """Check the target and the options."""
        return cast(ConfigType, cls.schema(config))

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Take the target and the options."""
        super().__init__(hass, config)
        self._target = config.target or {}
        self._options = config.options or {}
        self._duration: timedelta | None = self._options.get(CONF_FOR)


class ConnectivityTrigger(LastingTrigger):
    """Something went online or offline."""

    schema = ENTITY_STATE_TRIGGER_SCHEMA_WITH_BEHAVIOR
    kind: ClassVar[EntityKind]
    state: ClassVar[str]

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        """Watch the entities of the target, also those that are still to come."""

        @callback
        def run(arrival: Arrival) -> None:
            entity_id = arrival.state.entity_id
            run_action(
                {
                    ATTR_ENTITY_ID: entity_id,
                    ATTR_DEVICE_ID: device_of(self._hass, entity_id),
                    "from_state": arrival.before,
                    "to_state": arrival.state,
                    CONF_FOR: self._duration,
                    **self._details(entity_id),
                },
                f"state of {entity_id}",
                arrival.context,
            )

        watch = StateWatch(
            self._hass,
            self.state,
            self._options.get(ATTR_BEHAVIOR, BEHAVIOR_EACH),
            self._duration,
            run,
        )
        unsubscribe = await async_track_target_selector_state_change_event(
            self._hass,
            self._target,
            watch.async_note,
            partial(entities_targeted, self._hass, self.kind, self._target),
            watch.async_follow,
            # It's diagnostic entities that tell.
            primary_entities_only=False,
        )

        @callback
        def stop() -> None:
            unsubscribe()
            watch.async_stop()

        return stop

    @abstractmethod
    def _details(self, entity_id: str) -> dict[str, Any]:
        """Return what else there is to say of an entity."""


class CameraTrigger(ConnectivityTrigger):
    """A camera went online or offline."""

    kind = CAMERA_CONNECTIVITY

    @override
    def _details(self, entity_id: str) -> dict[str, Any]:
        camera_id = camera_id_of(self._hass, self.kind, entity_id)
        return {
            ATTR_CAMERA: camera_entity(self._hass, camera_id) if camera_id else None
        }


class CameraOnlineTrigger(CameraTrigger):
    """A camera is online again."""

    state = STATE_ON


class CameraOfflineTrigger(CameraTrigger):
    """A camera went offline."""

    state = STATE_OFF


class EquipmentTrigger(ConnectivityTrigger):
    """External equipment was connected or disconnected."""

    kind = EQUIPMENT

    @override
    def _details(self, entity_id: str) -> dict[str, Any]:
        return {"port": _port_of_equipment(self._hass, entity_id)}


class EquipmentConnectedTrigger(EquipmentTrigger):
    """External equipment is connected again."""

    state = STATE_ON


class EquipmentDisconnectedTrigger(EquipmentTrigger):
    """External equipment was disconnected."""

    state = STATE_OFF


class PortChangedTrigger(LastingTrigger):
    """A port went on or off, as the service says."""

    schema = _PORT_CHANGED_SCHEMA

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Take the target and the options."""
        super().__init__(hass, config)
        self._selection = TargetSelection(self._target)
        self._outside_only: bool = self._options.get(CONF_OUTSIDE_ONLY, True)

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        """Hear of the ports of all accounts, and pick those of the target."""

        @callback
        def run(entity_id: str, move: PortMove) -> None:
            run_action(self._payload(entity_id, move), f"state of {entity_id}")

        lasting = LastingMoves(self._hass, self._duration or timedelta(), run)

        @callback
        def note(move: PortMove) -> None:
            entity_id = self._targeted(move)
            if entity_id is None:
                return
            lasting.async_forget(entity_id)
            if self._outside_only and not move.outside:
                return
            if self._duration:
                lasting.async_wait(entity_id, move)
            else:
                run(entity_id, move)

        unsubscribe = async_dispatcher_connect(self._hass, SIGNAL_PORT_MOVED, note)

        @callback
        def stop() -> None:
            unsubscribe()
            lasting.async_stop()

        return stop

    def _targeted(self, move: PortMove) -> str | None:
        """Return the entity of a port, None where it is none of the target's."""
        entity_id = _port_entity(self._hass, move)
        if entity_id is None:
            return None
        selected = async_extract_referenced_entity_ids(
            self._hass,
            self._selection,
            expand_group=False,
            primary_entities_only=False,
        )
        if entity_id not in selected.referenced | selected.indirectly_referenced:
            return None
        return next(iter(entities_meant(self._hass, PORT, {entity_id})), None)

    def _payload(self, entity_id: str, move: PortMove) -> dict[str, Any]:
        return {
            ATTR_ENTITY_ID: entity_id,
            ATTR_DEVICE_ID: device_of(self._hass, entity_id),
            "name": move.port.name,
            "from": STATE_OFF if move.port.on else STATE_ON,
            "to": _word(move),
            "outside": move.outside,
            CONF_FOR: self._duration,
        }


def _word(move: PortMove) -> str:
    return STATE_ON if move.port.on else STATE_OFF


def _port_entity(hass: HomeAssistant, move: PortMove) -> str | None:
    """Return the enabled entity that shows a port, None where its account has none."""
    inputs = move.port.kind is PortKind.INPUT
    registry = er.async_get(hass)
    entity_id = registry.async_get_entity_id(
        Platform.BINARY_SENSOR if inputs else Platform.SWITCH,
        DOMAIN,
        f"{move.device_id}_{move.port.id}",
    )
    entry = registry.async_get(entity_id) if entity_id else None
    if entry is None or entry.disabled or entry.config_entry_id != move.entry_id:
        return None
    return entity_id


def _port_of_equipment(hass: HomeAssistant, entity_id: str) -> str | None:
    """Return the switch of the port that external equipment hangs on, if it has one."""
    found = async_loaded_entry_of(hass, entity_id)
    if found is None:
        return None
    entry, unique_id = found
    for device_id, state in entry.runtime_data.ports.data.items():
        for equipment in state.device.external_devices:
            if unique_id == f"{device_id}_external_{equipment.id}":
                for port in (state.ports or {}).values():
                    if equipment.port_id in (port.id, port.name):
                        return er.async_get(hass).async_get_entity_id(
                            Platform.SWITCH, DOMAIN, f"{device_id}_{port.id}"
                        )
    return None


TRIGGERS: Final[dict[str, type[Trigger]]] = {
    "camera_offline": CameraOfflineTrigger,
    "camera_online": CameraOnlineTrigger,
    "clip_ready": ClipReadyTrigger,
    "equipment_connected": EquipmentConnectedTrigger,
    "equipment_disconnected": EquipmentDisconnectedTrigger,
    "media_failed": MediaFailedTrigger,
    "port_changed": PortChangedTrigger,
    "snapshot_ready": SnapshotReadyTrigger,
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers by name."""
    return TRIGGERS
