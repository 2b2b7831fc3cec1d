"""What can be asked for in words: a snapshot of a camera, a reset of a port.

The handlers wait for what they ask for, so that the answer tells what became of it: the ready
handler of Home Assistant goes on in the background after 0.2 s and says that all is well.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Any, Final, override

import probatio as vol

from homeassistant.components.camera import DOMAIN as CAMERA_DOMAIN
from homeassistant.components.switch import DOMAIN as SWITCH_DOMAIN
from homeassistant.const import ATTR_ENTITY_ID, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError, Unauthorized
from homeassistant.helpers import config_validation as cv, intent
from homeassistant.util import dt as dt_util

from .actions.ports import ACTION_RESET_PORT
from .const import CONF_RESET_SECONDS, DEFAULT_RESET_SECONDS, DOMAIN
from .entries import async_loaded_entry_of
from .snapshots import Snapshot, SnapshotStatus, async_take_snapshot
from .voice.feeding import async_find_feeding
from .voice.installation import async_renew_sentences
from .voice.matching import (
    NoTargetError,
    Wanted,
    async_find,
    async_find_among,
    spoken_names,
)
from .voice.questions import Question, async_ask, async_take
from .voice.texts import VoiceTexts

INTENT_TAKE_SNAPSHOT: Final = "AmnimoTakeSnapshot"
INTENT_RESET_PORT: Final = "AmnimoResetPort"
INTENT_CHOOSE: Final = "AmnimoChoose"
"""The answer to a question of the other two: which one was meant."""


async def async_setup_intents(hass: HomeAssistant) -> None:
    """Register the intents, and renew the sentences for them where they were installed."""
    handlers = (TakeSnapshotHandler(), ResetPortHandler())
    for handler in handlers:
        intent.async_register(hass, handler)
    intent.async_register(hass, ChooseHandler(handlers))
    await async_renew_sentences(hass)


class _TargetHandler(intent.IntentHandler):
    """Handles an intent that is about one entity, which is named, or in an area or floor."""

    thing: str
    """What its targets are called: a part of the keys of texts."""
    domain: str

    @property
    @override
    def slot_schema(self) -> dict[Any, Any]:
        """Return what a sentence may say of the target."""
        return {
            vol.Optional("name"): intent.non_empty_string,
            vol.Optional("area"): intent.non_empty_string,
            vol.Optional("floor"): intent.non_empty_string,
            vol.Optional("preferred_area_id"): cv.string,
        }

    @override
    async def async_handle(self, intent_obj: intent.Intent) -> intent.IntentResponse:
        """Do what is asked for with the one that is meant, or ask which one is."""
        async_take(intent_obj.hass)
        wanted = Wanted.from_slots(self.async_validate_slots(intent_obj.slots))
        return await self.async_go_on(intent_obj, self.async_find(intent_obj, wanted))

    async def async_find(
        self, intent_obj: intent.Intent, wanted: Wanted
    ) -> list[State]:
        """Return the entities that are meant; raises NoTargetError where there are none."""
        return await async_find(intent_obj.hass, intent_obj, self.domain, wanted)

    async def async_go_on(
        self, intent_obj: intent.Intent, found: Awaitable[list[State]]
    ) -> intent.IntentResponse:
        """Act on the one that was found, or ask which one of several is meant."""
        texts = await VoiceTexts.async_load(intent_obj.hass, intent_obj.language)
        response = intent_obj.create_response()
        thing = texts.say(f"thing_{self.thing}")
        try:
            states = await found
        except NoTargetError as err:
            response.async_set_error(
                intent.IntentResponseErrorCode.NO_VALID_TARGETS,
                texts.say(err.key, thing=thing, what=err.what),
            )
            return response
        if len(states) > 1:
            self._ask(intent_obj.hass, response, texts, states)
        else:
            await self.async_act(intent_obj, response, texts, states[0])
        return response

    def _ask(
        self,
        hass: HomeAssistant,
        response: intent.IntentResponse,
        texts: VoiceTexts,
        states: Sequence[State],
    ) -> None:
        """Ask which one is meant."""
        entity_ids = tuple(state.entity_id for state in states)
        async_ask(hass, Question(self.intent_type, entity_ids))
        question = texts.say(
            f"which_{self.thing}", choices=texts.choices(spoken_names(hass, states))
        )
        response.response_type = intent.IntentResponseType.QUERY_ANSWER
        response.async_set_speech(question, extra_data={"entity_ids": list(entity_ids)})
        response.async_set_reprompt(question)
        response.async_set_states([], list(states))

    async def async_act(
        self,
        intent_obj: intent.Intent,
        response: intent.IntentResponse,
        texts: VoiceTexts,
        state: State,
    ) -> None:
        """Do what is asked for, and say in the response what became of it."""
        raise NotImplementedError


class TakeSnapshotHandler(_TargetHandler):
    """Takes a snapshot of a camera.

    The response has the outcome in the speech's `extra_data` (`Snapshot.as_json`, without the
    picture's address), and the address on a card.
    """

    intent_type = INTENT_TAKE_SNAPSHOT
    description = "Takes a snapshot with an amnimo camera and keeps the picture"
    platforms = {CAMERA_DOMAIN}
    thing = "camera"
    domain = CAMERA_DOMAIN

    @override
    async def async_act(
        self,
        intent_obj: intent.Intent,
        response: intent.IntentResponse,
        texts: VoiceTexts,
        state: State,
    ) -> None:
        """Take the snapshot and wait for it, for a while."""
        snapshot = await async_take_snapshot(
            intent_obj.hass, state.entity_id, intent_obj.context
        )
        target = _target(state)
        if snapshot.status in (SnapshotStatus.TAKEN, SnapshotStatus.PENDING):
            response.async_set_results([target])
        else:
            response.async_set_results([], [target])
            response.response_type = intent.IntentResponseType.ERROR
            response.error_code = intent.IntentResponseErrorCode.FAILED_TO_HANDLE
        response.async_set_states([state])
        told = snapshot.as_json()
        # What goes with the speech is shown to a language model that takes over the
        # conversation, and the address opens without logging in. The card is not.
        del told["url"]
        response.async_set_speech(_told(texts, snapshot, state.name), extra_data=told)
        if snapshot.url is not None:
            response.async_set_card(
                texts.say("card_title", camera=state.name), snapshot.url
            )


_ERRORS: Final = {
    SnapshotStatus.PERMISSION_DENIED: "permission_denied",
    SnapshotStatus.QUOTA_EXHAUSTED: "quota_exhausted",
    SnapshotStatus.RATE_LIMITED: "rate_limited",
    SnapshotStatus.UNREACHABLE: "cannot_connect",
}
"""By what the service itself refuses: the errors that say so everywhere else too."""


def _told(texts: VoiceTexts, snapshot: Snapshot, camera: str) -> str:
    """Return what became of a snapshot, in a sentence or two."""
    status = snapshot.status
    if status in _ERRORS:
        return texts.error(
            HomeAssistantError(
                translation_domain=DOMAIN, translation_key=_ERRORS[status]
            )
        )
    if status is SnapshotStatus.NOT_ALLOWED:
        return texts.say("not_allowed", thing=texts.say("thing_camera"), what=camera)
    key = f"snapshot_{status}"
    if status is SnapshotStatus.TAKEN and snapshot.path is None:
        key = "snapshot_not_kept"
    elif status is SnapshotStatus.PENDING and snapshot.media_id is None:
        key = "snapshot_unanswered"
    time = dt_util.as_local(snapshot.time).strftime("%H:%M")
    return texts.say(key, camera=camera, time=time)


class ResetPortHandler(_TargetHandler):
    """Resets a port, named by itself or by the camera that it feeds."""

    intent_type = INTENT_RESET_PORT
    description = (
        "Switches a port of an amnimo edge device off for some seconds, then on"
    )
    platforms = {SWITCH_DOMAIN}
    thing = "port"
    domain = SWITCH_DOMAIN

    @override
    async def async_find(
        self, intent_obj: intent.Intent, wanted: Wanted
    ) -> list[State]:
        """Return the ports that are meant."""
        try:
            return await super().async_find(intent_obj, wanted)
        except NoTargetError as err:
            if err.key != "no_name":
                raise
        # Whoever sees a dead picture knows the camera, and not what is behind it.
        return await async_find_feeding(intent_obj.hass, intent_obj, wanted)

    @override
    async def async_act(
        self,
        intent_obj: intent.Intent,
        response: intent.IntentResponse,
        texts: VoiceTexts,
        state: State,
    ) -> None:
        """Have the port reset, as the action of that name does."""
        hass = intent_obj.hass
        target = _target(state)
        problem: str | None = None
        if state.state == STATE_UNAVAILABLE:
            problem = texts.say("port_unavailable", port=state.name)
        elif _is_left_off(hass, state.entity_id):
            # A reset ends with the port on: of a siren, nobody who says "reset" wants that.
            problem = texts.say("port_off", port=state.name)
        else:
            try:
                await hass.services.async_call(
                    DOMAIN,
                    ACTION_RESET_PORT,
                    {ATTR_ENTITY_ID: state.entity_id},
                    blocking=True,
                    context=intent_obj.context,
                )
            except Unauthorized:
                problem = texts.say(
                    "not_allowed", thing=texts.say("thing_port"), what=state.name
                )
            except HomeAssistantError as err:
                problem = texts.error(err)
        if problem is not None:
            response.async_set_error(
                intent.IntentResponseErrorCode.FAILED_TO_HANDLE, problem
            )
            response.async_set_results([], [target])
            return
        response.async_set_results([target])
        response.async_set_states([hass.states.get(state.entity_id) or state])
        seconds = _reset_seconds(hass, state.entity_id)
        response.async_set_speech(
            texts.say("port_reset", port=state.name, seconds=str(seconds))
        )


class ChooseHandler(intent.IntentHandler):
    """Takes the answer to a question of the other intents, and goes on with what was asked.

    Where nothing was asked in the conversation, it has understood nothing.
    """

    intent_type = INTENT_CHOOSE
    description = "Answers which one of several amnimo cameras or ports was meant"
    platforms = {CAMERA_DOMAIN, SWITCH_DOMAIN}

    def __init__(self, handlers: Sequence[_TargetHandler]) -> None:
        """Take those who may have asked."""
        self._handlers = {handler.intent_type: handler for handler in handlers}

    @property
    @override
    def slot_schema(self) -> dict[Any, Any]:
        """Return what an answer may say."""
        return {
            vol.Optional("name"): intent.non_empty_string,
            vol.Optional("area"): intent.non_empty_string,
        }

    @override
    async def async_handle(self, intent_obj: intent.Intent) -> intent.IntentResponse:
        """Go on with the one that was chosen."""
        hass = intent_obj.hass
        wanted = Wanted.from_slots(self.async_validate_slots(intent_obj.slots))
        question = async_take(hass)
        if question is None:
            texts = await VoiceTexts.async_load(hass, intent_obj.language)
            response = intent_obj.create_response()
            response.async_set_error(
                intent.IntentResponseErrorCode.NO_INTENT_MATCH,
                texts.say("nothing_asked"),
            )
            return response
        handler = self._handlers[question.intent_type]
        return await handler.async_go_on(
            intent_obj,
            async_find_among(hass, intent_obj, question.entity_ids, wanted),
        )


def _target(state: State) -> intent.IntentResponseTarget:
    return intent.IntentResponseTarget(
        name=state.name,
        type=intent.IntentResponseTargetType.ENTITY,
        id=state.entity_id,
    )


def _is_left_off(hass: HomeAssistant, entity_id: str) -> bool:
    """Return whether a port is off, and not because it is being reset."""
    found = async_loaded_entry_of(hass, entity_id)
    if found is None:
        return False
    entry, unique_id = found
    device_id, _, port_id = unique_id.partition("_")
    return entry.runtime_data.port_commands.will_be_on(device_id, port_id) is False


def _reset_seconds(hass: HomeAssistant, entity_id: str) -> int:
    """Return for how long a reset port is off, as the action has it from the options."""
    found = async_loaded_entry_of(hass, entity_id)
    options = found[0].options if found is not None else {}
    return int(options.get(CONF_RESET_SECONDS, DEFAULT_RESET_SECONDS))
