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
    telling_name: re.Pattern[str]
    """What a field is called that can only be this kind of state."""


def _vocabulary(good: str, bad: str, telling_name: str) -> Vocabulary:
    return Vocabulary(
        frozenset(good.split()), frozenset(bad.split()), re.compile(telling_name)
    )


SWITCHED = _vocabulary(
    "on 1 true yes enable enabled up active high closed powered poweron powered delivering"
    " オン 入 有効 給電 給電中",
    "off 0 false no disable disabled down inactive low open unpowered poweroff"
    " オフ 切 無効 停止",
    r"(is|port|poe|power|output|input|switch)?(on|enabled?|active|powered|stat(e|us)|level)",
)
CONNECTED = _vocabulary(
    "online connected connect normal ok up active alive available reachable running good"
    " healthy on true yes 1 オンライン 接続 接続中 接続済み 正常 稼働中",
    "offline disconnected disconnect abnormal error fault down inactive dead unavailable"
    " unreachable lost ng bad unhealthy notconnected noconnection stopped off false no 0"
    " オフライン 切断 切断中 未接続 異常",
    r".*(connect(ed|ion)?|online|alive|reachable|connectivity)(flag|stat(e|us))?",
)
RECORDED = _vocabulary(
    "recording rec record on true yes 1 active running started start enabled inprogress"
    " 録画 録画中",
    "notrecording norecording stopped stop off false no 0 none idle inactive disabled paused"
    " standby unrecorded 停止 停止中 録画停止 録画停止中 未録画",
    r".*rec(ord)?(ing|ed)?(flag|stat(e|us))?",
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

_PENDING_WORD = re.compile(
    r".*(pending|request|process|progress|queue|wait|accept|running|start|creat|generating"
    r"|upload(ing)?|convert|prepar|making|new|init|notready|incomplete|uncomplete"
    r"|処理|待|生成中|作成中|未完了).*"
)

_WORD_NAMES = (
    "status",
    "state",
    "value",
    "on",
    "active",
    "enabled",
    "code",
    "name",
    "text",
)
_STATE_GROUPS = ("status", "state", "states", "health")
"""Under these names an object may hold several states."""


def state_in(
    fields: Fields, words: Vocabulary, *names: str
) -> tuple[bool | None, str | None]:
    """Return what the first field that is understood means, with its text.

    First those of the names, then those whose name can only be this kind of state, at the
    top or among several states.
    """
    unknown: str | None = None
    for name in names:
        value = fields.get(name)
        if value is None:
            continue
        meaning, text = _meaning(value, words)
        if meaning is not None:
            return meaning, text
        unknown = unknown or text
    groups = (fields_of(fields.get(name)) for name in _STATE_GROUPS)
    for group in (fields, *groups):
        meaning, text = _telling(group, words)
        if meaning is not None:
            return meaning, text
    return None, unknown


def _telling(fields: Fields, words: Vocabulary) -> tuple[bool | None, str | None]:
    """Return what the first field means whose name tells what kind of state it is."""
    for name, value in fields.items():
        if words.telling_name.fullmatch(name):
            meaning, text = _meaning(value, words)
            if meaning is not None:
                return meaning, text
    return None, None


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
    # Where the status tells nothing, a file to fetch is the best sign there is.
    if has_file and not _PENDING_WORD.fullmatch(word):
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
        meaning, text = _telling(plain, words)
        for name in _WORD_NAMES:
            if meaning is None:
                meaning, word = _meaning(plain.get(name), words)
                text = word if meaning is not None else text or word
        return meaning, text
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
