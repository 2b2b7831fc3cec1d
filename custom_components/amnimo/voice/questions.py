"""The question that a conversation waits for the answer to: which one of several was meant.

Lasts until somebody says something else in the conversation, to whomever that is.
"""

from __future__ import annotations

from dataclasses import dataclass

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import chat_session
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN

_QUESTIONS: HassKey[dict[str, tuple[Question, int]]] = HassKey(f"{DOMAIN}_questions")


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
    questions[session.conversation_id] = (question, _sentences_said())


@callback
def async_take(hass: HomeAssistant) -> Question | None:
    """Return the question that was asked just before, and forget it."""
    session = chat_session.current_session.get()
    if session is None:
        return None
    asked = hass.data.get(_QUESTIONS, {}).pop(session.conversation_id, None)
    if asked is None:
        return None
    question, said_before = asked
    return question if _sentences_said() <= said_before + 1 else None


def _sentences_said() -> int:
    """Return how many sentences the user has said in the conversation."""
    # Who has no conversations need not have what they are made with.
    from homeassistant.components.conversation.chat_log import current_chat_log  # noqa: PLC0415

    log = current_chat_log.get()
    return 0 if log is None else sum(each.role == "user" for each in log.content)
