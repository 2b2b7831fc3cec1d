"""What the words for states mean.

The API document names fields for states, but not their words. Here are those that mean yes and
those that mean no, in English and Japanese. A word in neither is kept as it came and means
unknown, never no.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
import re
from typing import Any

from ..models import MediaState
from .reading import Fields, as_text, fields_of

# Answers repeat few words.
_MOST_REMEMBERED = 256

_NOISE = re.compile(r"[\W_]+")
_INTEGER = re.compile(r"-?\d+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of one kind of state, without case, blanks and punctuation."""

    good: frozenset[str]
    bad: frozenset[str]
    telling_name: re.Pattern[str]
    """What a field is called that can only be this kind of state."""
    subject: re.Pattern[str]
    """What a word may begin with, for it says what it is of."""


def _vocabulary(good: str, bad: str, telling_name: str, subjects: str) -> Vocabulary:
    return Vocabulary(
        frozenset(good.split()),
        frozenset(bad.split()),
        re.compile(telling_name),
        re.compile(rf"({'|'.join(subjects.split())})?(status|state)?"),
    )


SWITCHED = _vocabulary(
    "on 1 true yes enable enabled up active high closed powered poweron powered delivering"
    " deliveringpower オン 入 有効 給電 給電中",
    "off 0 false no disable disabled down inactive low open unpowered poweroff"
    " オフ 切 無効 停止 未給電 給電停止 給電停止中 給電なし",
    r"(is|port|poe|power|output|input|switch)?(on|enabled?|active|powered|stat(e|us)|level)",
    "port power poe output input relay switch ポート 給電 出力 入力 接点",
)
CONNECTED = _vocabulary(
    "online connected connect normal ok up active alive available reachable running good"
    " healthy on true yes 1 オンライン 接続 接続中 接続済み 正常 稼働中 正常稼働 通信中 接続されています",
    "offline disconnected disconnect abnormal error fault down inactive dead unavailable"
    " unreachable lost ng bad unhealthy notconnected noconnection notonline nosignal stopped off"
    " false no 0 オフライン 切断 切断中 未接続 異常 接続断 通信断 接続なし 接続不可 通信不可 通信異常"
    " 接続されていません",
    r".*(connect(ed|ion)?|online|alive|reachable|connectivity)(flag|stat(e|us))?",
    "camera device equipment connection connectivity network link ping host"
    " カメラ デバイス エッジデバイス 機器 接続 通信 ネットワーク",
)
RECORDED = _vocabulary(
    "recording rec record on true yes 1 active running started start enabled inprogress"
    " continuous cloudrecording edgerecording 録画 録画中 常時録画 常時録画中 録画しています",
    "notrecording norecording stopped stop off false no 0 none idle inactive disabled paused"
    " standby unrecorded 停止 停止中 録画停止 録画停止中 録画なし 未録画 録画していません",
    r".*rec(ord)?(ing|ed)?(flag|stat(e|us))?",
    "recording record rec 録画",
)

_COMPLETED = frozenset(
    "done success succeeded successful finished ready available ok uploaded generated 成功".split()
)
_COMPLETED_WORD = re.compile(
    r"(?!not|un|in|未).*(complete|completed|(完了|成功|正常終了)(しました|済み?|です)?)|complete.*"
)
# Those below are looked for in a phrase: words apart, with single blanks between them.
_NO_TROUBLE = re.compile(
    r"\b(no|without|zero|0) ?(any )?(errors?|failures?)\b"
    # One word between: of NO_DATA_ERROR there is an error, of "no recording errors" there is none.
    r"|\b(no|zero|0) (any )?(?!of\b)\w+ (or )?(errors|failures)\b"
    r"|\bwithout (any )?\w+ (or )?(errors?|failures?)\b"
    r"|(エラー|失敗|異常) ?は? ?(なし|無し|ゼロ|ありません)"
)
_TROUBLE = re.compile(r"fail|error|失敗|エラー|異常")
_NOTHING = re.compile(
    r"\bno ?(data|record(s|ed|ing|ings)?|videos?|footage|images?|contents?|media|such)\b"
    r"|\bnot ?record(ed|ing)\b|\bun ?recorded\b"
    r"|(録画|映像|画像|動画|データ|ファイル) ?(が|は)? ?(なし|無し|ない|ありません|存在しません)|未録画|完了できません"
)
"""What leaves nothing to complete, so that COMPLETED_NO_DATA is no success."""
_IN_VAIN = re.compile(
    r"\b(abort(ed)?|cancel$|cancell?ed|rejected|denied|refused|declined|expired|time[ds]? ?out"
    r"|ng|deleted|purged|killed|interrupted|invalid)\b"
    r"|\bnot ?(found|available|exist(s|ing)?|successful|supported"
    r"|permitted|allowed|possible)\b"
    r"|\bun ?(available|successful|supported)\b"
    r"|見つかりません|できません|中止|中断|キャンセル|期限切れ|タイムアウト|無効|不正|拒否|削除"
)
_FOR_NOW = re.compile(r"\byet\b|temporar|retry|まだ|一時|再試行")
"""What takes the finality from a word of the last two groups."""
_DONE = re.compile(
    r"(?<!not )\b(completed?|done|success|successful|successfully|succeeded|finished|ready|available"
    r"|ok|uploaded|generated)\b|(?<![未不])(完了|成功|正常終了)(?!待)"
)
_NOT_SO = re.compile(r"\b(not|never)\b(?! ready)|でき|せず|ません|ない|前に")
"""What takes the meaning from a word for success or for what is to come."""
# Where in a text what is said first ends: before a remark, and before what is told next.
_REMARK = re.compile(r"[(（\[［【]")
_SENTENCE = re.compile(r"[,、;；。]|\.\s")

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


def media_state(*values: Any, has_file: bool) -> tuple[MediaState, str | None]:
    """Return what the status of a clip or snapshot means, with its text.

    Args:
        values: where the status may be, the likeliest first; the first that is understood counts.
        has_file: whether there is a URL to fetch a file from.

    """
    texts = [text for value in values for text in _texts(value)]
    for text in texts:
        if (meaning := _media_meaning(text, has_file)) is not None:
            return meaning, text
    # Where the status tells nothing, a file to fetch is the best sign there is.
    state = MediaState.COMPLETED if has_file else MediaState.PENDING
    return state, texts[0] if texts else None


@lru_cache(maxsize=_MOST_REMEMBERED)
def _media_meaning(text: str, has_file: bool) -> MediaState | None:
    """Return what one word or phrase means; failure before success, for both may be said."""
    phrase = _NO_TROUBLE.sub(" ", _phrase(text))
    if _TROUBLE.search(phrase):
        return MediaState.FAILED
    nothing = _NOTHING.search(phrase)
    vain = _IN_VAIN.search(phrase)
    if nothing is None and vain is None:
        return _plain_media_meaning(phrase)
    if nothing is None and vain is not None:
        meaning = _meaning_at_first(text)
        if meaning is not None:
            return meaning
        # A file was made if success is told before its end, as in COMPLETED_DELETED.
        before = phrase[: vain.start()]
        if has_file and _DONE.search(before) and not _NOT_SO.search(before):
            return MediaState.COMPLETED
    return MediaState.PENDING if _FOR_NOW.search(phrase) else MediaState.FAILED


def _meaning_at_first(text: str) -> MediaState | None:
    """Return what a text means without a remark, as "deleted in 7 days", at its end.

    What is told next, in another sentence, only leaves a success what it is: a request may be
    accepted and then be cancelled.
    """
    for end in (_REMARK, _SENTENCE):
        first = _phrase(end.split(text, maxsplit=1)[0])
        if _IN_VAIN.search(first) or _NOT_SO.search(first):
            continue
        meaning = _plain_media_meaning(first)
        if end is _REMARK or meaning is MediaState.COMPLETED:
            return meaning
    return None


def _plain_media_meaning(phrase: str) -> MediaState | None:
    """Return what a phrase means in which nothing is told to have gone wrong."""
    word = _NOISE.sub("", phrase)
    if word in _COMPLETED or _COMPLETED_WORD.fullmatch(word):
        return MediaState.COMPLETED
    return MediaState.PENDING if _PENDING_WORD.fullmatch(word) else None


def _phrase(text: str) -> str:
    """Return a text without case, its words apart by a blank."""
    return _NOISE.sub(" ", _HUMP.sub(" ", text)).casefold().strip()


def _texts(value: Any) -> list[str]:
    """Return the words for a state, which may be several in an object."""
    values = [value]
    if isinstance(value, dict):
        fields = fields_of(value)
        values = [fields.get(name) for name in _WORD_NAMES]
    return [text for each in values if (text := _plain_text(each)) is not None]


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
    if word not in words.good and word not in words.bad:
        word = _without_subject(word, words.subject)
    return (True if word in words.good else False if word in words.bad else None), text


@lru_cache(maxsize=_MOST_REMEMBERED)
def _without_subject(word: str, subject: re.Pattern[str]) -> str:
    """Return a word without what it is of, as in CAMERA_ONLINE; a number may be of many.

    A word that is of something else keeps that: a camera is not offline by RECORDING_STOPPED.
    """
    rest = subject.sub("", word, count=1)
    return "" if rest.isdecimal() else rest


def _plain_text(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return as_text(value)


@lru_cache(maxsize=_MOST_REMEMBERED)
def _word(text: str) -> str:
    """Return a word without case, blanks and punctuation; a number with its sign."""
    if _INTEGER.fullmatch(text):
        return text
    return _NOISE.sub("", text).casefold()
