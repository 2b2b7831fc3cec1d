"""The question that a conversation waits for the answer to: which one of several was meant.

Lasts as long as the conversation, and no longer than until something else is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import chat_session
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN

_QUESTIONS: HassKey[dict[str, Question]] = HassKey(f"{DOMAIN}_questions")


@dataclass(frozen=True, slots=True)
class Question:
    """Something was asked for that several entities could be meant by."""

    intent_type: str
    entity_ids: tuple[str, ...]


@callback
def async_ask(hass: HomeAssistant, question: Question) -> None:
    """Remember a question; an intent outside of a conversation has nobody who answers."""
    session = chat_session.current_session.get()
    if session is None:
        return
    questions = hass.data.setdefault(_QUESTIONS, {})
    if session.conversation_id not in questions:

        @callback
        def forget() -> None:
            questions.pop(session.conversation_id, None)

        session.async_on_cleanup(forget)
    questions[session.conversation_id] = question


@callback
def async_take(hass: HomeAssistant) -> Question | None:
    """Return the question that the conversation waits with, and forget it."""
    session = chat_session.current_session.get()
    if session is None:
        return None
    return hass.data.get(_QUESTIONS, {}).pop(session.conversation_id, None)
