"""What the words for states mean.

The API document names fields for states, but not their words. Here are those that mean yes and
those that mean no, in English and Japanese. A word in neither is kept as it came and means
unknown, never no.
"""

from __future__ import annotations

from dataclasses import dataclass
import re
from typing import Any

from ..models import MediaState
from .reading import Fields, as_text, fields_of

_NOISE = re.compile(r"[\W_]+")
_INTEGER = re.compile(r"-?\d+")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of one kind of state, without case, blanks and punctuation."""

    good: frozenset[str]
    bad: frozenset[str]


def _vocabulary(good: str, bad: str) -> Vocabulary:
    return Vocabulary(frozenset(good.split()), frozenset(bad.split()))


SWITCHED = _vocabulary(
    "on 1 true yes enable enabled up active high closed powered poweron powered delivering"
    " オン 入 有効 給電 給電中",
    "off 0 false no disable disabled down inactive low open unpowered poweroff"
    " オフ 切 無効 停止",
)
CONNECTED = _vocabulary(
    "online connected connect normal ok up active alive available reachable running good"
    " healthy on true yes 1 オンライン 接続 接続中 接続済み 正常 稼働中",
    "offline disconnected disconnect abnormal error fault down inactive dead unavailable"
    " unreachable lost ng bad unhealthy notconnected noconnection stopped off false no 0"
    " オフライン 切断 切断中 未接続 異常",
)
RECORDED = _vocabulary(
    "recording rec record on true yes 1 active running started start enabled inprogress"
    " 録画 録画中",
    "notrecording norecording stopped stop off false no 0 none idle inactive disabled paused"
    " standby unrecorded 停止 停止中 録画停止 録画停止中 未録画",
)

_COMPLETED = frozenset(
    "done success succeeded successful finished ready available ok uploaded generated 成功".split()
)
_FAILED = frozenset(
    "fail errored aborted abort cancelled canceled rejected expired timeout timedout notfound"
    " norecording ng unsuccessful エラー 異常".split()
)
_COMPLETED_WORD = re.compile(r"(?!not|un|in|未).*(complete|completed|完了)|complete.*")
_FAILED_WORD = re.compile(r"(?!no|without).*(failed|failure|error|失敗)")

_WORD_NAMES = (
    "status",
    "state",
    "value",
    "connected",
    "online",
    "recording",
    "on",
    "active",
    "enabled",
    "code",
    "name",
    "text",
)


def state_in(
    fields: Fields, words: Vocabulary, *names: str
) -> tuple[bool | None, str | None]:
    """Return what the first field that is understood means, with its text."""
    unknown: str | None = None
    for name in names:
        value = fields.get(name)
        if value is None:
            continue
        meaning, text = _meaning(value, words)
        if meaning is not None:
            return meaning, text
        unknown = unknown or text
    return None, unknown


def media_state(value: Any, *, has_file: bool) -> tuple[MediaState, str | None]:
    """Return what the status of a clip or snapshot means, with its text.

    Args:
        value: the status, as far as there is one.
        has_file: whether there is a URL to fetch a file from.

    """
    text = state_text(value)
    word = _word(text) if text is not None else ""
    if word in _COMPLETED or _COMPLETED_WORD.fullmatch(word):
        return MediaState.COMPLETED, text
    if word in _FAILED or _FAILED_WORD.fullmatch(word):
        return MediaState.FAILED, text
    # Without a status, a file to fetch is the best sign there is.
    if not word and has_file:
        return MediaState.COMPLETED, text
    return MediaState.PENDING, text


def state_text(value: Any) -> str | None:
    """Return a state as the service said it."""
    if isinstance(value, dict):
        fields = fields_of(value)
        values = (fields.get(name) for name in _WORD_NAMES)
        return next((text for each in values if (text := _plain_text(each))), None)
    return _plain_text(value)


def _meaning(value: Any, words: Vocabulary) -> tuple[bool | None, str | None]:
    if isinstance(value, dict):
        fields = fields_of(value)
        plain = {
            name: item for name, item in fields.items() if not isinstance(item, dict)
        }
        return state_in(plain, words, *_WORD_NAMES)
    text = _plain_text(value)
    if text is None:
        return None, None
    word = _word(text)
    return (True if word in words.good else False if word in words.bad else None), text


def _plain_text(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return as_text(value)


def _word(text: str) -> str:
    """Return a word without case, blanks and punctuation; a number with its sign."""
    if _INTEGER.fullmatch(text):
        return text
    return _NOISE.sub("", text).casefold()
