"""What the service may answer, in every spelling, and what the client makes of it."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
import json
import math
from typing import Any
from uuid import UUID

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.amnimo.api import (
    Camera,
    Device,
    ExternalDevice,
    Media,
    MediaCategory,
    MediaState,
    Port,
    PortKind,
    Recording,
    Stream,
    Tenant,
    Thumbnail,
    TokenGrant,
    wire,
)

FRONT = "11111111-1111-4111-8111-111111111111"
BACK = "22222222-2222-4222-8222-222222222222"
GATEWAY = "33333333-3333-4333-8333-333333333333"
NOON = datetime(2026, 2, 2, 3, 0, tzinfo=UTC)
PICTURE = "https://storage.example/pictures/1.jpg?X-Signature=abc"
PLAYLIST = "https://video.example/live/index.m3u8?token=abc"


# --- Tokens and tenants --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (
            {"access_token": "abc", "token_type": "Bearer", "expires_in": 7200},
            TokenGrant("abc", 7200.0),
        ),
        ({"access_token": "abc", "expires_in": "3600"}, TokenGrant("abc", 3600.0)),
        ({"access_token": "abc"}, TokenGrant("abc", 7200.0)),
        ({"access_token": "abc", "expires_in": 0}, TokenGrant("abc", 7200.0)),
        ({"access_token": "abc", "expires_in": -5}, TokenGrant("abc", 7200.0)),
        ({"access_token": "abc", "expires_in": math.inf}, TokenGrant("abc", 7200.0)),
        ({"access_token": ""}, None),
        ({"access_token": None}, None),
        ({"error": "invalid_client"}, None),
        ([], None),
        ("abc", None),
    ],
)
def test_a_token_is_good_for_two_hours_unless_said_otherwise(
    payload: Any, expected: TokenGrant | None
) -> None:
    assert wire.token(payload) == expected


def test_tenants_nest() -> None:
    site = {
        "accountName": "Site",
        "accountId": "a3",
        "subscriptionName": "S3",
        "subscriptionId": "s3",
        "childAccounts": [],
    }
    branch = {
        "accountName": "Branch",
        "accountId": "a2",
        "subscriptionName": "S2",
        "subscriptionId": "s2",
        "childAccounts": [site],
    }
    root = {
        "accountName": "本社",
        "accountId": "a1",
        "subscriptionName": "S1",
        "subscriptionId": "s1",
        "childAccounts": [branch, {"no": "identifier"}, None],
    }

    tenant = wire.tenant(root)

    assert tenant == Tenant(
        "a1",
        "本社",
        "s1",
        "S1",
        (Tenant("a2", "Branch", "s2", "S2", (Tenant("a3", "Site", "s3", "S3"),)),),
    )
    assert [each.subscription_id for each in tenant.walk()] == ["s1", "s2", "s3"]


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"accountId": "a1"}, Tenant("a1", "a1", None, None)),
        ({"subscriptionId": "s1"}, Tenant("s1", "s1", "s1", None)),
        ([{"accountId": "a1"}], Tenant("a1", "a1", None, None)),
        ({"data": {"accountId": "a1"}}, Tenant("a1", "a1", None, None)),
        (
            {"childAccounts": [{"accountId": "a2", "subscriptionId": "s2"}]},
            Tenant("a2", "a2", None, None, (Tenant("a2", "a2", "s2", None),)),
        ),
        ({"accountId": "a1", "childAccounts": None}, Tenant("a1", "a1", None, None)),
        ({"accountName": "Nobody"}, None),
        ({}, None),
        ([], None),
    ],
)
def test_a_tenant_may_lack_most_things(payload: Any, expected: Tenant | None) -> None:
    assert wire.tenant(payload) == expected


# --- Cameras -------------------------------------------------------------------------------

FULL_CAMERA = Camera(
    id=FRONT,
    name="正面ゲート",
    device_id=GATEWAY,
    device_name="AG20-01",
    device_model="AG20",
    online=True,
    status="ONLINE",
    recording=True,
    recording_status="RECORDING",
    storage="EDGE",
    version="1.11.0",
    thumbnail=Thumbnail(NOON, PICTURE),
)


@pytest.mark.parametrize(
    "payload",
    [
        {
            "id": FRONT,
            "name": "正面ゲート",
            "deviceId": GATEWAY,
            "deviceName": "AG20-01",
            "model": "AG20",
            "status": "ONLINE",
            "recordingStatus": "RECORDING",
            "storage": "EDGE",
            "version": "1.11.0",
            "thumbnail": {"timestamp": "2026-02-02T03:00:00.000Z", "url": PICTURE},
        },
        {
            "camera_id": FRONT,
            "camera_name": "正面ゲート",
            "device_id": GATEWAY,
            "device_name": "AG20-01",
            "device_model": "AG20",
            "status": "ONLINE",
            "recording_status": "RECORDING",
            "storage_type": "edge",
            "firmware_version": "1.11.0",
            "thumbnail": {"timestamp": 1770001200000, "presigned_url": PICTURE},
        },
        {
            "CameraID": FRONT,
            "display-name": " 正面ゲート ",
            "edgeDevice": {
                "edgeDeviceId": GATEWAY,
                "edgeDeviceName": "AG20-01",
                "modelName": "AG20",
            },
            "connection": {"state": "ONLINE"},
            "recording": {"state": "RECORDING"},
            "storage": {"type": "edge"},
            "versionInfo": {"firmwareVersion": "1.11.0"},
            "latestThumbnail": {
                "time": "2026-02-02T12:00:00+09:00",
                "imageUrl": PICTURE,
            },
        },
        {
            "uuid": FRONT,
            "label": "正面ゲート",
            "gateway": {"id": GATEWAY, "name": "AG20-01", "model": "AG20"},
            "connectionStatus": {"code": "ONLINE"},
            "recState": "RECORDING",
            "recordingDestination": "Edge",
            "version": {"firmware": "1.11.0"},
            "thumbnailTimestamp": 1770001200,
            "thumbnailUrl": PICTURE,
        },
        {
            "id": FRONT,
            "title": "正面ゲート",
            "parentDeviceId": GATEWAY,
            "gatewayName": "AG20-01",
            "gatewayModel": "AG20",
            "onlineStatus": "ONLINE",
            "recordStatus": "RECORDING",
            "storageLocation": "EDGE",
            "softwareVersion": "1.11.0",
            "thumbnails": [
                {"timestamp": "2026-02-02T02:00:00Z", "url": "https://old.example/"},
                {"timestamp": "2026-02-02T03:00:00Z", "url": PICTURE},
            ],
        },
    ],
    ids=["assumed", "snake", "nested", "other words", "list of thumbnails"],
)
def test_a_camera_is_the_same_in_every_spelling(payload: dict[str, Any]) -> None:
    assert wire.camera(payload) == FULL_CAMERA
    assert wire.camera_page([payload]).cameras == (FULL_CAMERA,)


def test_a_camera_with_nothing_but_an_identifier_is_a_camera() -> None:
    assert wire.camera({"id": FRONT}) == Camera(id=FRONT, name=FRONT)


@pytest.mark.parametrize(
    "payload",
    [
        {"cameraGuid": FRONT, "name": "Gate"},
        {"groupId": BACK, "cameraKey": FRONT, "name": "Gate"},
        {"name": "Gate", "deviceId": GATEWAY, "resourceId": FRONT},
    ],
)
def test_an_identifier_of_an_unexpected_name_is_found(payload: dict[str, Any]) -> None:
    camera = wire.camera(payload)
    assert camera is not None
    assert (camera.id, camera.name) == (FRONT, "Gate")


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"name": "Gate"},
        {"name": "Gate", "deviceId": GATEWAY, "subscriptionId": BACK},
        {"id": None},
        {"id": ""},
        {"id": True},
        {"id": {"nested": "object"}},
        None,
        17,
        "text",
        [],
        [None],
    ],
)
def test_without_an_identifier_there_is_no_camera(payload: Any) -> None:
    assert wire.camera(payload) is None
    assert wire.camera_page([payload]).cameras == ()


@pytest.mark.parametrize(
    ("payload", "total"),
    [
        ([{"id": FRONT}, {"id": BACK}], None),
        ({"cameras": [{"id": FRONT}, {"id": BACK}], "total": 2}, 2),
        ({"data": [{"id": FRONT}, {"id": BACK}], "summary": {"total": "7"}}, 7),
        ({"items": [{"id": FRONT}, {"id": BACK}], "total_count": 9}, 9),
        ({"content": [{"id": FRONT}, {"id": BACK}], "totalElements": 2.0}, 2),
        ({"list": [{"id": FRONT}, {"id": BACK}]}, None),
        (
            {"results": [{"id": FRONT}, {"id": BACK}], "paging": {"totalCount": 2}},
            2,
        ),
        ({"something": [{"id": FRONT}, {"id": BACK}]}, None),
        (
            {"something": [{"id": FRONT}, {"id": BACK}], "errors": [], "tags": ["a"]},
            None,
        ),
        ({"data": {"cameras": [{"id": FRONT}, {"id": BACK}], "total": 2}}, 2),
        ({"response": {"result": {"items": [{"id": FRONT}, {"id": BACK}]}}}, None),
        ({"cameras": {FRONT: {"name": FRONT}, BACK: {"name": BACK}}}, None),
        ({FRONT: {"name": FRONT}, BACK: {"name": BACK}}, None),
        ({"data": {FRONT: {}, BACK: {}}, "total": -1}, None),
        ({"data": {FRONT: {"id": None}, BACK: {"id": ""}}}, None),
    ],
)
def test_a_list_is_found_wherever_it_lies(payload: Any, total: int | None) -> None:
    page = wire.camera_page(payload)
    assert [camera.id for camera in page.cameras] == [FRONT, BACK]
    assert page.total == total
    assert page.rows == 2


def test_rows_count_what_can_not_be_read_too() -> None:
    page = wire.camera_page({"cameras": [{"id": FRONT}, {"name": "?"}, None]})
    assert len(page.cameras) == 1
    assert page.rows == 3


@pytest.mark.parametrize(
    "payload",
    [
        {"id": FRONT},
        {"camera": {"id": FRONT}},
        {"id": "request-7", "camera": {"id": FRONT}},
        {"requestId": BACK, "data": {"id": FRONT}},
        {"result": "OK", "data": {"camera": {"id": FRONT}}},
        {"data": [{"id": FRONT}]},
        {"results": [{"id": FRONT}]},
        {"cameras": [{"id": FRONT}], "total": 1},
        [{"id": FRONT}],
        {FRONT: {"status": "ONLINE"}},
    ],
)
def test_one_camera_is_found_in_every_wrapper(payload: Any) -> None:
    camera = wire.camera(payload)
    assert camera is not None
    assert camera.id == FRONT


ONLINE_WORDS = (
    "ONLINE online Connected NORMAL OK up Active ALIVE available true 1 オンライン 接続中 正常"
).split()
OFFLINE_WORDS = (
    "OFFLINE offline Disconnected ABNORMAL error DOWN inactive lost NG false 0 not_connected"
    " オフライン 切断 未接続 異常"
).split()


@pytest.mark.parametrize(
    ("said", "online", "status"),
    [
        *[(word, True, word) for word in ONLINE_WORDS],
        *[(word, False, word) for word in OFFLINE_WORDS],
        (" On-Line ", True, "On-Line"),
        ("Not connected", False, "Not connected"),
        (True, True, "true"),
        (False, False, "false"),
        (1, True, "1"),
        (0, False, "0"),
        (1.0, True, "1"),
        ({"code": 1, "name": "ONLINE"}, True, "1"),
        ({"state": {"value": "x"}, "text": "オフライン"}, False, "オフライン"),
        ("REBOOTING", None, "REBOOTING"),
        (-1, None, "-1"),
        (2, None, "2"),
        ("再起動中", None, "再起動中"),
        ({"alarm": True}, None, None),
        ([], None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_a_state_is_yes_no_or_unknown(
    said: Any, online: bool | None, status: str | None
) -> None:
    camera = wire.camera({"id": FRONT, "status": said})
    assert camera is not None
    assert (camera.online, camera.status) == (online, status)


def test_an_unknown_word_gives_way_to_a_field_that_is_understood() -> None:
    camera = wire.camera({"id": FRONT, "status": "FIRMWARE_7", "isOnline": False})
    assert camera is not None
    assert (camera.online, camera.status) == (False, "false")


@pytest.mark.parametrize(
    ("payload", "recording"),
    [
        ({"recordingStatus": "RECORDING"}, True),
        ({"recordingState": "REC"}, True),
        ({"isRecording": True}, True),
        ({"recording": {"status": "started"}}, True),
        ({"recStatus": "録画中"}, True),
        ({"recordingStatus": "STOPPED"}, False),
        ({"recording": False}, False),
        ({"rec": "0"}, False),
        ({"recordState": "録画停止"}, False),
        ({"recordingStatus": "STANDBY"}, False),
        ({"recordingStatus": "SCHEDULED"}, None),
        ({"recordings": [{"start": "2026-02-02"}]}, None),
        ({}, None),
    ],
)
def test_recording_is_yes_no_or_unknown(
    payload: dict[str, Any], recording: bool | None
) -> None:
    camera = wire.camera({"id": FRONT, **payload})
    assert camera is not None
    assert camera.recording is recording


@pytest.mark.parametrize(
    ("payload", "model", "device_model"),
    [
        ({"model": "AG20"}, None, "AG20"),
        ({"model": "AX11"}, None, "AX11"),
        ({"model": "WV-S1536L"}, "WV-S1536L", None),
        ({"model": "AG20", "deviceModel": "AG10"}, "AG20", "AG10"),
        ({"cameraModel": "Q6075", "device": {"model": "AR20"}}, "Q6075", "AR20"),
    ],
)
def test_a_model_of_the_vendor_is_the_edge_devices(
    payload: dict[str, Any], model: str | None, device_model: str | None
) -> None:
    camera = wire.camera({"id": FRONT, **payload})
    assert camera is not None
    assert (camera.model, camera.device_model) == (model, device_model)


# --- Times ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("2026-02-02T03:00:00.000Z", NOON),
        ("2026-02-02T03:00:00Z", NOON),
        ("2026-02-02T03:00:00", NOON),
        ("2026-02-02 03:00:00", NOON),
        ("2026/02/02 03:00:00", NOON),
        ("2026-02-02t03:00:00z", NOON),
        ("2026-02-02T12:00:00+09:00", NOON),
        ("2026-02-02T12:00:00.000+0900", NOON),
        ("2026-02-01T17:00:00-10:00", NOON),
        ("20260202T030000Z", NOON),
        ("2026-02-02T03:00:00.123456Z", NOON + timedelta(microseconds=123456)),
        (" 2026-02-02T03:00:00Z ", NOON),
        (1770001200, NOON),
        (1770001200.0, NOON),
        ("1770001200", NOON),
        (1770001200000, NOON),
        ("1770001200000", NOON),
        (1770001200000000, NOON),
        (1770001200000000000, NOON),
        (1770001200.5, NOON + timedelta(milliseconds=500)),
    ],
)
def test_a_time_is_the_same_in_every_form(said: Any, expected: datetime) -> None:
    (recording,) = wire.recordings([{"startTime": said}])
    assert recording == Recording(expected, None)
    assert recording.start.tzinfo is UTC


@pytest.mark.parametrize(
    "said",
    [
        "soon",
        "",
        "2026-13-40T99:00:00Z",
        "0001-01-01T00:00:00+23:59",
        True,
        0,
        -1770001200,
        3600,
        "nan",
        "inf",
        1e300,
        10**400,
        math.nan,
        math.inf,
        None,
        [],
        {},
    ],
)
def test_what_is_no_time_is_none(said: Any) -> None:
    assert wire.recordings([{"startTime": said}]) == ()


# --- Thumbnails, recordings, streams -------------------------------------------------------


@pytest.mark.parametrize(
    "item",
    [
        {"timestamp": "2026-02-02T03:00:00.000Z", "url": PICTURE},
        {"time": "2026-02-02T12:00:00+09:00", "imageUrl": PICTURE},
        {"timestamp": 1770001200000, "presigned_url": PICTURE},
        {"timestamp": "1770001200000", "presignedUrl": PICTURE},
        {"createdDateTime": 1770001200, "image": {"href": PICTURE}},
        {"shootingClock": "2026-02-02T03:00:00Z", "file": [PICTURE]},
    ],
)
def test_a_thumbnail_is_the_same_in_every_spelling(item: Any) -> None:
    found = wire.thumbnails({"total": 1, "thumbnails": [item]})
    assert found.thumbnails == (Thumbnail(NOON),)
    assert found.thumbnails[0].url == PICTURE
    assert found.thumbnails[0].key is None
    assert found.total == 1


def test_a_thumbnail_may_be_an_address_and_nothing_else() -> None:
    found = wire.thumbnails(
        {"total": 3, "thumbnails": [PICTURE, {"url": PICTURE}, "no address", {}, None]}
    )
    assert [each.url for each in found.thumbnails] == [PICTURE, PICTURE]
    assert {each.key for each in found.thumbnails} == {PICTURE.partition("?")[0]}
    assert found.total == 3


def test_a_picture_is_the_same_however_often_it_is_presigned() -> None:
    again = PICTURE.replace("abc", "def")
    first = wire.camera({"id": FRONT, "thumbnail": PICTURE})
    second = wire.camera({"id": FRONT, "thumbnail": again})
    other = wire.camera({"id": FRONT, "thumbnail": "https://storage.example/2.jpg"})
    assert first == second
    assert first != other


def test_a_thumbnail_without_an_address_keeps_its_time() -> None:
    item = {"timestamp": "2026-02-02T03:00:00Z"}
    assert wire.thumbnails({"thumbnails": [item]}).thumbnails == (Thumbnail(NOON),)


@pytest.mark.parametrize(
    "item",
    [
        {"startTime": "2026-02-02T03:00:00Z", "endTime": "2026-02-02T03:30:00Z"},
        {"start_time": 1770001200000, "end_time": 1770003000000},
        {"from": 1770001200, "to": 1770003000},
        {"start": "2026-02-02T12:00:00+09:00", "end": "2026-02-02T12:30:00+09:00"},
        {"begin": 1770001200, "duration": 1800},
        {"range": {"start": 1770001200, "end": 1770003000}},
        [1770001200, "2026-02-02T03:30:00Z"],
    ],
)
@pytest.mark.parametrize("wrap", [list, lambda rows: {"history": list(rows)}])
def test_a_recording_is_the_same_in_every_spelling(
    item: Any, wrap: Callable[[Any], Any]
) -> None:
    (recording,) = wire.recordings(wrap([item]))
    assert recording == Recording(NOON, NOON + timedelta(minutes=30))


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"startTime": 1770001200}, (Recording(NOON, None),)),
        ({"startTime": 1770001200, "endTime": None}, (Recording(NOON, None),)),
        ({"startTime": 1770001200, "endTime": "now"}, (Recording(NOON, None),)),
        ({"startTime": 1770001200, "duration": 1e300}, (Recording(NOON, None),)),
        ({"startTime": 1770001200, "duration": -5}, (Recording(NOON, None),)),
        ({"startTime": 1770001200, "endTime": 1770001100}, ()),
        ({"endTime": 1770001200}, ()),
        ({}, ()),
        (None, ()),
    ],
)
def test_a_recording_needs_a_start_and_no_end(
    item: Any, expected: tuple[Recording, ...]
) -> None:
    assert wire.recordings([item]) == expected


REQUEST = "e006cedc-247a-49e1-a18f-d59bef27dbcb"


@pytest.mark.parametrize(
    "payload",
    [
        {"requestId": REQUEST, "url": PLAYLIST},
        {"request_id": REQUEST, "hls_url": PLAYLIST},
        {"data": {"requestId": REQUEST, "hlsUrl": PLAYLIST}},
        {"requestId": REQUEST, "playback": {"playbackUrl": PLAYLIST}},
        {"result": {"id": REQUEST, "streamUrl": PLAYLIST}},
        {"requestId": REQUEST, "streams": [PLAYLIST]},
        {"requestId": REQUEST, "thumbnail": PICTURE, "address": PLAYLIST},
        {"url": PICTURE, "requestId": REQUEST, "playlist": {"a": [{"b": PLAYLIST}]}},
        [PLAYLIST, REQUEST],
    ],
)
def test_a_stream_is_the_same_in_every_spelling(payload: Any) -> None:
    assert wire.stream(payload) == Stream(PLAYLIST, REQUEST)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (PLAYLIST, Stream(PLAYLIST, None)),
        ({"url": PLAYLIST}, Stream(PLAYLIST, None)),
        (
            {"url": "https://video.example/live", "requestId": 17},
            Stream("https://video.example/live", "17"),
        ),
        ({"requestId": REQUEST}, None),
        ({"requestId": REQUEST, "url": "rtsp://video.example/live"}, None),
        ({"requestId": REQUEST, "url": "not an address"}, None),
        ({}, None),
        (None, None),
    ],
)
def test_a_stream_needs_an_address_and_no_request_id(
    payload: Any, expected: Stream | None
) -> None:
    assert wire.stream(payload) == expected


# --- Media ---------------------------------------------------------------------------------

SAMPLE_MEDIA = {
    "id": "b6f0907d-a2cc-4cb3-88e5-2a0982d2e948",
    "cameraId": FRONT,
    "pid": "058d15e1-c249-47bc-9c08-cb16c9e878c4",
    "type": "IMAGE",
    "source": "CLOUD",
    "category": "CLIP",
    "startTime": "2019-08-24T14:15:22Z",
    "endTime": "2019-08-24T14:45:22Z",
    "name": "media-testName",
    "status": "COMPLETED",
    "requestedDateTime": "2019-08-24T15:00:00Z",
    "size": 2078322,
    "meta": {},
}


def test_the_sample_of_the_document_is_read_in_full() -> None:
    media = wire.media(SAMPLE_MEDIA)
    assert media == Media(
        id="b6f0907d-a2cc-4cb3-88e5-2a0982d2e948",
        camera_id=FRONT,
        category=MediaCategory.CLIP,
        name="media-testName",
        state=MediaState.COMPLETED,
        status="COMPLETED",
        start=datetime(2019, 8, 24, 14, 15, 22, tzinfo=UTC),
        end=datetime(2019, 8, 24, 14, 45, 22, tzinfo=UTC),
        requested=datetime(2019, 8, 24, 15, 0, tzinfo=UTC),
        size=2078322,
        type="IMAGE",
        source="CLOUD",
        pid="058d15e1-c249-47bc-9c08-cb16c9e878c4",
    )
    assert media.duration == timedelta(minutes=30)


@pytest.mark.parametrize(
    ("extra", "url", "content_type"),
    [
        ({"meta": {"url": PICTURE, "contentType": "video/mp4"}}, PICTURE, "video/mp4"),
        (
            {"meta": {"presigned_url": PICTURE, "mime": "image/jpeg"}},
            PICTURE,
            "image/jpeg",
        ),
        ({"downloadUrl": PICTURE}, PICTURE, None),
        ({"meta": {"files": [{"url": PICTURE, "type": "video/mp4"}]}}, PICTURE, None),
        ({"meta": {"file": PICTURE}}, PICTURE, None),
        ({"meta": "none"}, None, None),
        ({"meta": None}, None, None),
        ({"meta": []}, None, None),
    ],
)
def test_the_file_of_a_medium_is_found(
    extra: dict[str, Any], url: str | None, content_type: str | None
) -> None:
    media = wire.media({**SAMPLE_MEDIA, **extra})
    assert media is not None
    assert (media.url, media.content_type) == (url, content_type)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        *[
            (word, MediaState.COMPLETED)
            for word in "COMPLETED complete DONE success SUCCEEDED Finished READY 完了 生成完了".split()
        ],
        ("UPLOAD_COMPLETED", MediaState.COMPLETED),
        ("COMPLETED_WITH_WARNINGS", MediaState.COMPLETED),
        *[
            (word, MediaState.FAILED)
            for word in "FAILED failure ERROR ABORTED cancelled Timeout NG 失敗 エラー".split()
        ],
        ("GENERATION_FAILED", MediaState.FAILED),
        ("UNSUCCESSFUL", MediaState.FAILED),
        ("INCOMPLETE", MediaState.PENDING),
        ("NOT_COMPLETED", MediaState.PENDING),
        ("未完了", MediaState.PENDING),
        ("NO_ERROR", MediaState.PENDING),
        *[
            (word, MediaState.PENDING)
            for word in "REQUESTED PROCESSING queued CREATING RUNNING PENDING 生成中".split()
        ],
        (3, MediaState.PENDING),
        ({"code": "COMPLETED"}, MediaState.COMPLETED),
        (None, MediaState.PENDING),
    ],
)
def test_a_media_status_means_pending_completed_or_failed(
    status: Any, state: MediaState
) -> None:
    media = wire.media({"id": "m1", "status": status})
    assert media is not None
    assert media.state is state


def test_without_a_status_a_file_is_a_sign_of_completion() -> None:
    media = wire.media({"id": "m1", "meta": {"url": PICTURE}})
    assert media is not None
    assert media.state is MediaState.COMPLETED


def test_an_unknown_status_is_not_overruled_by_a_file() -> None:
    media = wire.media({"id": "m1", "status": "UPLOADING", "meta": {"url": PICTURE}})
    assert media is not None
    assert (media.state, media.status) == (MediaState.PENDING, "UPLOADING")


def test_a_medium_with_nothing_but_an_identifier_is_pending() -> None:
    media = wire.media({"mediaId": 17})
    assert media is not None
    assert media.duration is None
    assert media == Media(
        id="17",
        camera_id=None,
        category=None,
        name=None,
        state=MediaState.PENDING,
        status=None,
        start=None,
        end=None,
        requested=None,
        size=None,
    )


@pytest.mark.parametrize(
    "payload",
    [
        [{"id": "m1"}, {"id": "m2"}],
        {"data": [{"id": "m1"}, {"id": "m2"}]},
        {"medias": [{"id": "m1"}, {"name": "no identifier"}, {"id": "m2"}]},
        {"media": [{"id": "m1"}, None, {"id": "m2"}], "total": 2},
    ],
)
def test_media_are_listed(payload: Any) -> None:
    assert [media.id for media in wire.media_list(payload)] == ["m1", "m2"]


@pytest.mark.parametrize(
    "payload", [{"media": {"id": "m1"}}, {"data": {"id": "m1"}}, [{"id": "m1"}]]
)
def test_one_medium_is_found_in_every_wrapper(payload: Any) -> None:
    media = wire.media(payload)
    assert media is not None
    assert media.id == "m1"


# --- Devices -------------------------------------------------------------------------------

GATE_CAMERA = ExternalDevice("e1", "Gate", "192.168.0.10", "lan1", True, "ONLINE")
NAS = ExternalDevice("e2", "NAS", "192.168.0.11", None, False, "OFFLINE")


@pytest.mark.parametrize(
    "rows",
    [
        [
            {
                "deviceId": GATEWAY,
                "deviceName": "AG20-01",
                "model": "AG20",
                "externalDevices": [
                    {
                        "id": "e1",
                        "name": "Gate",
                        "ipAddress": "192.168.0.10",
                        "portId": "lan1",
                        "status": "ONLINE",
                    },
                    {
                        "id": "e2",
                        "name": "NAS",
                        "ipAddress": "192.168.0.11",
                        "status": "OFFLINE",
                    },
                ],
            }
        ],
        [
            {
                "device": {"id": GATEWAY, "name": "AG20-01", "model": "AG20"},
                "equipments": [
                    {
                        "externalDeviceId": "e1",
                        "externalDeviceName": "Gate",
                        "ip": "192.168.0.10",
                        "port": {"portId": "lan1", "portName": "LAN 1"},
                        "connectionStatus": "ONLINE",
                    },
                    {
                        "externalDeviceId": "e2",
                        "display_name": "NAS",
                        "ip": "192.168.0.11",
                        "port": None,
                        "connectionStatus": "OFFLINE",
                    },
                ],
            }
        ],
        [
            {
                "device_id": GATEWAY,
                "device_name": "AG20-01",
                "model": "AG20",
                "id": "e1",
                "name": "Gate",
                "ip_address": "192.168.0.10",
                "port_no": "lan1",
                "alive": "ONLINE",
            },
            {
                "device_id": GATEWAY,
                "device_name": "AG20-01",
                "model": "AG20",
                "id": "e2",
                "name": "NAS",
                "ip_address": "192.168.0.11",
                "alive": "OFFLINE",
            },
        ],
        [
            {
                "id": GATEWAY,
                "name": "AG20-01",
                "productType": "AG20",
                "items": [
                    {
                        "id": "e1",
                        "hostname": "Gate",
                        "address": "192.168.0.10",
                        "interface": "lan1",
                        "monitoringStatus": "ONLINE",
                    },
                    {
                        "id": "e2",
                        "hostname": "NAS",
                        "address": "192.168.0.11",
                        "monitoringStatus": "OFFLINE",
                    },
                    {"status": "of nobody"},
                ],
            }
        ],
    ],
    ids=["assumed", "nested", "row by row", "other words"],
)
def test_a_device_is_the_same_in_every_spelling(rows: list[Any]) -> None:
    expected = Device(GATEWAY, "AG20-01", "AG20", (GATE_CAMERA, NAS))

    page = wire.device_page({"data": rows, "summary": {"total": len(rows)}})

    assert page.devices == (expected,)
    assert page.total == page.rows == len(rows)
    assert wire.external_devices({"data": rows, "summary": {}}) == (GATE_CAMERA, NAS)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"deviceId": GATEWAY}, Device(GATEWAY)),
        ({"deviceId": GATEWAY, "name": "AG20-01"}, Device(GATEWAY, "AG20-01")),
        ({"id": GATEWAY, "externalDevices": []}, Device(GATEWAY)),
        (
            {"id": GATEWAY, "name": "AG20-01", "externalDevices": None},
            Device(GATEWAY, "AG20-01"),
        ),
        (
            {"deviceId": GATEWAY, "ipAddress": "192.168.0.10"},
            Device(
                GATEWAY,
                None,
                None,
                (ExternalDevice("192.168.0.10", "192.168.0.10", "192.168.0.10"),),
            ),
        ),
        (
            {"deviceId": GATEWAY, "externalDevices": [{"id": "e1"}]},
            Device(GATEWAY, None, None, (ExternalDevice("e1", "e1"),)),
        ),
    ],
)
def test_a_device_may_lack_most_things(row: Any, expected: Device) -> None:
    assert wire.device_page({"data": [row]}).devices == (expected,)


def test_devices_by_their_identifier_are_a_list() -> None:
    page = wire.device_page({"data": {GATEWAY: {"name": "AG20-01"}, BACK: {}}})
    assert page.devices == (Device(GATEWAY, "AG20-01"), Device(BACK))


@pytest.mark.parametrize(
    "payload",
    [
        {"data": [], "summary": {}},
        {"data": [{"name": "no identifier"}]},
        {"data": [{"externalDeviceId": "e1", "ipAddress": "192.168.0.10"}]},
        {"data": None},
        {},
    ],
)
def test_without_an_identifier_there_is_no_device(payload: Any) -> None:
    assert wire.device_page(payload).devices == ()


@pytest.mark.parametrize(
    "payload",
    [
        {"data": [{"id": "e1"}, {"id": "e2"}]},
        {
            "data": {
                "deviceId": GATEWAY,
                "externalDevices": [{"id": "e1"}, {"id": "e2"}],
            }
        },
        {
            "data": [
                {"deviceId": GATEWAY, "externalDevices": [{"id": "e1"}, {"id": "e2"}]}
            ]
        },
        {"externalDevices": [{"id": "e1"}, {"id": "e2"}, {"id": "e1"}]},
        [{"id": "e1"}, {"id": "e2"}],
    ],
)
def test_the_equipment_of_one_device_is_found(payload: Any) -> None:
    assert [each.id for each in wire.external_devices(payload)] == ["e1", "e2"]


# --- Ports ---------------------------------------------------------------------------------

LAN = Port("lan1", "lan1", PortKind.POE, True, "1", 48.1, 4.3)
RELAY = Port("do1", "do1", PortKind.OUTPUT, False, "0")
CONTACT = Port("di1", "di1", PortKind.INPUT, True, "1")


def states(ports: tuple[Port, ...]) -> list[tuple[str, PortKind, bool | None]]:
    return [(port.id, port.kind, port.on) for port in ports]


THREE_PORTS = [
    ("lan1", PortKind.POE, True),
    ("do1", PortKind.OUTPUT, False),
    ("di1", PortKind.INPUT, True),
]


def test_ports_of_the_assumed_shape_are_read_in_full() -> None:
    payload = {
        "data": [
            {
                "portId": "lan1",
                "name": "lan1",
                "type": "POE",
                "status": 1,
                "voltage": 48.1,
                "watt": 4.3,
            },
            {"portId": "do1", "name": "do1", "type": "DO", "status": 0},
            {"portId": "di1", "name": "di1", "type": "DI", "status": 1},
        ],
        "summary": {"total": 3},
    }
    assert wire.ports(payload) == (LAN, RELAY, CONTACT)


@pytest.mark.parametrize(
    "data",
    [
        [
            {"id": "lan1", "portType": "poe", "state": "ON"},
            {"id": "do1", "portType": "output", "state": "OFF"},
            {"id": "di1", "portType": "input", "state": "ON"},
        ],
        [
            {"port_name": "lan1", "poe_status": "delivering"},
            {"port_name": "do1", "output_state": "open"},
            {"port_name": "di1", "input_state": "closed"},
        ],
        [
            {
                "deviceId": GATEWAY,
                "name": "Input hall",
                "ports": [
                    {"portId": "lan1", "enabled": True},
                    {"portId": "do1", "enabled": False},
                    {"portId": "di1", "enabled": True},
                ],
            }
        ],
        {
            "poe": [{"id": "lan1", "on": True}],
            "do": [{"id": "do1", "on": False}],
            "di": [{"id": "di1", "on": True}],
        },
        {
            "ports": {
                "poe": {"lan1": {"status": "1"}},
                "outputs": {"do1": {"status": "0"}},
                "inputs": {"di1": {"status": "1"}},
            }
        },
        {"lan1": {"status": "on"}, "do1": {"status": "off"}, "di1": {"status": "on"}},
        {"lan1": 1, "do1": 0, "di1": True},
        {"lan1": {"id": None, "on": 1}, "do1": {"id": "", "on": 0}, "di1": {"on": 1}},
        [{"device_id": GATEWAY, "ports": {"lan1": {"poe": {"enabled": True}}, "do1": {"status": 0}, "di1": {"status": 1}}}],
        {"device": {"id": GATEWAY, "ports": [{"portId": "lan1", "status": 1}, {"portId": "do1", "status": 0}, {"portId": "di1", "status": 1}]}},
        [{"peripherals": [{"id": "lan1", "kind": "PoE", "power": "on"}, {"id": "do1", "kind": "Output", "power": "off"}, {"id": "di1", "kind": "Input", "value": 1}]}],
        [
            {"id": "lan1", "type": "PoE給電", "state": "給電中"},
            {"id": "do1", "type": "接点出力", "state": "オフ"},
            {"id": "di1", "type": "接点入力", "state": "オン"},
        ],
        [
            {"id": "lan1", "category": "IO", "type": "PORT", "mode": "poe", "status": "UP"},
            {"id": "do1", "category": "IO", "direction": "OUT", "status": "DOWN"},
            {"id": "di1", "category": "IO", "direction": "IN", "status": "UP"},
        ],
    ],
    ids=[
        "ids",
        "names",
        "nested",
        "by kind",
        "by kind and key",
        "by key",
        "by key, plain",
        "by key, no id",
        "by key, nested",
        "in a device",
        "in peripherals",
        "Japanese",
        "kind by second hint",
    ],
)  # fmt: skip
def test_ports_are_found_however_they_lie(data: Any) -> None:
    assert states(wire.ports({"data": data, "summary": {"total": 3}})) == THREE_PORTS
    assert states(wire.ports(data)) == THREE_PORTS


@pytest.mark.parametrize(
    "beside",
    [
        {"sims": [{"id": "sim1", "status": "ACTIVE"}]},
        {"externalDevices": [{"id": "e1", "name": "Gate", "portId": "lan1"}]},
        {"cameras": [{"id": FRONT, "name": "Gate", "portId": "lan1"}]},
        {"storage": [{"id": "sd1", "name": "SD card"}], "temperature": {"cpu": 41.5}},
        {"firmware": {"id": "fw", "name": "1.2.3"}},
        {"status": "ONLINE", "id": GATEWAY, "name": "AG20-01"},
        {"wan": {"id": "wan", "ipAddress": "10.0.0.1"}},
    ],
)
@pytest.mark.parametrize("where", ["ports", "lan", "poePorts", "somewhere"])
def test_what_lies_beside_ports_is_none(beside: dict[str, Any], where: str) -> None:
    ports = [
        {"portId": "lan1", "status": 1},
        {"portId": "lan2", "status": 0},
    ]
    for data in ({**beside, where: ports}, [{**beside, where: ports}]):
        found = wire.ports({"data": data, "summary": {}})
        assert states(found) == [
            ("lan1", PortKind.POE, True),
            ("lan2", PortKind.POE, False),
        ]


@pytest.mark.parametrize(
    "data",
    [
        [],
        {},
        [{"deviceId": GATEWAY, "name": "AG20-01", "ports": []}],
        {"id": GATEWAY, "name": "AG20-01", "ports": {}, "peripherals": []},
        [{"deviceId": GATEWAY, "name": "AG20-01"}],
        [{"status": 1}],
        None,
    ],
)
def test_a_device_without_ports_has_none(data: Any) -> None:
    assert wire.ports({"data": data, "summary": {"id": "s", "total": 0}}) == ()


def test_a_port_with_nothing_but_an_identifier_can_be_switched() -> None:
    (port,) = wire.ports({"data": [{"portId": "A"}]})
    assert port == Port("A", "A", PortKind.OTHER)
    assert port.controllable


@pytest.mark.parametrize("kind", ["DI", "di", "INPUT", "Digital Input", "contact-in"])
def test_an_input_can_not_be_switched(kind: str) -> None:
    (port,) = wire.ports({"data": [{"portId": "7", "type": kind}]})
    assert not port.controllable


@pytest.mark.parametrize(
    ("fields", "on"),
    [
        ({"power": 0}, None),
        ({"power": 1}, None),
        ({"power": 1.0, "status": "NEGOTIATING"}, None),
        ({"power": "1.0"}, None),
        ({"power": {"value": 0}}, None),
        ({"power": {"enabled": True, "watt": 3.2}}, True),
        ({"power": "off"}, False),
        ({"power": True}, True),
        ({"power": 0, "status": 1}, True),
    ],
)
def test_watts_are_no_state(fields: dict[str, Any], on: bool | None) -> None:
    (port,) = wire.ports({"data": [{"portId": "lan1", **fields}]})
    assert port.on is on


@pytest.mark.parametrize(
    ("fields", "voltage", "power"),
    [
        ({"voltage": 48.1, "watt": 4.3}, 48.1, 4.3),
        ({"voltage": "48.1", "watt": "4.3"}, 48.1, 4.3),
        ({"voltage": "48.1V", "power": "4.3 W"}, 48.1, 4.3),
        ({"power": {"volt": 48.1, "watt": 4.3}}, 48.1, 4.3),
        ({"measurements": {"voltage": 0, "power": 0}}, 0.0, 0.0),
        ({"voltage": 0.0, "watt": 0.0}, 0.0, 0.0),
        ({"voltage": "n/a", "watt": True}, None, None),
        ({"voltage": 10**400, "watt": math.inf}, None, None),
        ({}, None, None),
    ],
)
def test_measurements_are_numbers_or_none(
    fields: dict[str, Any], voltage: float | None, power: float | None
) -> None:
    (port,) = wire.ports({"data": [{"portId": "lan1", **fields}]})
    assert (port.voltage, port.power) == (voltage, power)


# --- Whatever comes ------------------------------------------------------------------------

READERS: list[Callable[[Any], Any]] = [
    wire.token,
    wire.tenant,
    wire.camera_page,
    wire.camera,
    wire.thumbnails,
    wire.recordings,
    wire.stream,
    wire.media,
    wire.media_list,
    wire.device_page,
    wire.external_devices,
    wire.ports,
]

NAMES = (
    "id name status state startTime end timestamp url thumbnail data items summary total"
    " childAccounts accountId cameras deviceId externalDevices device ports portId lan1 poe"
    " power meta size category media camera versionInfo expires_in access_token thumbnails"
    " duration range voltage recording connection date ranges time durationMs captureTime value"
    " 2026-02-02"
).split()

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        [
            *("2026-02-02T03:00:00Z", "1770001200", "2026-02-02", "9999-12-31"),
            *("03:00:00", "23:59", "P1DT1H", "1:00:00"),
            *(PICTURE, PLAYLIST, FRONT, "ON", "lan1"),
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(NAMES) | st.text(max_size=8) | st.uuids().map(str),
            inner,
            max_size=6,
        )
    ),
    max_leaves=30,
)

VALID: list[Any] = [
    {"access_token": "abc", "token_type": "Bearer", "expires_in": 7200},
    {
        "accountId": "a1",
        "accountName": "A",
        "subscriptionId": "s1",
        "childAccounts": [{"accountId": "a2", "childAccounts": []}],
    },
    {
        "cameras": [
            {
                "id": FRONT,
                "name": "Gate",
                "device": {"id": GATEWAY, "name": "AG20-01"},
                "status": {"code": "ONLINE"},
                "recordingStatus": "RECORDING",
                "versionInfo": {"firmware": "1.2"},
                "thumbnail": {"timestamp": 1770001200000, "url": PICTURE},
            }
        ],
        "total": 1,
    },
    {"total": 1, "thumbnails": [{"timestamp": "2026-02-02T03:00:00Z", "url": PICTURE}]},
    [{"startTime": "2026-02-02T03:00:00Z", "endTime": "2026-02-02T04:00:00Z"}],
    {"requestId": REQUEST, "url": PLAYLIST},
    SAMPLE_MEDIA,
    {
        "data": [
            {
                "deviceId": GATEWAY,
                "externalDevices": [{"id": "e1", "port": {"id": "lan1"}}],
            }
        ],
        "summary": {"total": 1},
    },
    {
        "data": [{"deviceId": GATEWAY, "ports": {"lan1": {"power": {"watt": 4.3}}}}],
        "summary": {"total": 1},
    },
]


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return every place in a payload: the container and the key in it."""
    if isinstance(value, dict):
        own = [(value, key) for key in value]
    elif isinstance(value, list):
        own = [(value, index) for index in range(len(value))]
    else:
        return []
    return own + [inner for child, key in own for inner in places(child[key])]


@st.composite
def nearly_valid(draw: st.DrawFn) -> Any:
    """A good payload with a few of its places changed to anything."""
    payload = [deepcopy(draw(st.sampled_from(VALID)))]
    for _ in range(draw(st.integers(1, 3))):
        container, key = draw(st.sampled_from(places(payload)))
        if isinstance(container, dict) and draw(st.booleans()):
            container[draw(st.sampled_from(NAMES))] = container.pop(key)
        else:
            container[key] = draw(JSON)
    return payload[0]


@settings(max_examples=300, deadline=None)
@given(payload=JSON | nearly_valid())
def test_no_reader_raises_on_any_json(payload: Any) -> None:
    for read in READERS:
        repr(read(payload))


@pytest.mark.parametrize("number", [10**400, -(10**400), 1e300, -1e300, 10**4000])
def test_no_reader_raises_on_huge_numbers(number: float) -> None:
    for name in NAMES:
        for read in READERS:
            read({name: number, "id": FRONT, "portId": "lan1"})
            read([{name: number, "id": FRONT, "portId": "lan1"}])


def test_no_reader_raises_on_deep_nesting() -> None:
    deep: Any = {"id": FRONT}
    for _ in range(500):
        deep = {"data": [deep], "childAccounts": [deep], "ports": {"lan": [deep]}}
    for read in READERS:
        read(deep)


@settings(max_examples=50, deadline=None)
@given(
    identifiers=st.lists(
        st.uuids().map(str) | st.text(min_size=1).filter(lambda text: text == text.strip() != ""),
        unique=True,
        max_size=30,
    ),
    wrap=st.sampled_from(
        [
            lambda rows: rows,
            lambda rows: {"cameras": rows, "total": len(rows)},
            lambda rows: {"data": {"items": rows}},
        ]
    ),
)  # fmt: skip
def test_identifiers_are_kept_as_they_came(
    identifiers: list[str], wrap: Callable[[Any], Any]
) -> None:
    page = wire.camera_page(wrap([{"id": each} for each in identifiers]))
    assert [camera.id for camera in page.cameras] == identifiers
    ports = wire.ports({"data": [{"portId": each} for each in identifiers]})
    assert [port.id for port in ports] == identifiers


def test_a_full_page_is_complete() -> None:
    identifiers = [str(UUID(int=number)) for number in range(500)]
    rows = [
        {
            "id": identifier,
            "name": f"Camera {number}",
            "status": "ONLINE" if number % 3 else "OFFLINE",
            "thumbnail": {"timestamp": 1770001200000 + number * 1000, "url": PICTURE},
        }
        for number, identifier in enumerate(identifiers)
    ]

    page = wire.camera_page(json.loads(json.dumps({"cameras": rows, "total": 1234})))

    assert [camera.id for camera in page.cameras] == identifiers
    assert [camera.name for camera in page.cameras[:2]] == ["Camera 0", "Camera 1"]
    assert sum(camera.online is False for camera in page.cameras) == 167
    assert {camera.thumbnail.time for camera in page.cameras if camera.thumbnail} == {
        NOON + timedelta(seconds=number) for number in range(500)
    }
    assert (page.total, page.rows) == (1234, 500)


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("payload", VALID)
def test_no_model_shows_an_address_that_is_presigned(
    read: Callable[[Any], Any], payload: Any
) -> None:
    shown = repr(read(payload))
    assert "https://" not in shown
    assert "abc" not in shown


@pytest.mark.parametrize(
    ("payload", "name", "online", "recording"),
    [
        (
            {
                "cameraInfo": {"cameraId": FRONT, "cameraName": "Gate"},
                "status": {"connection": "ONLINE", "recording": "STOPPED"},
            },
            "Gate",
            True,
            False,
        ),
        (
            {"id": FRONT, "attributes": {"name": "Gate"}, "connectStatus": "1"},
            "Gate",
            True,
            None,
        ),
        (
            {"id": FRONT, "name": "Gate", "health": {"onlineFlag": False}},
            "Gate",
            False,
            None,
        ),
        (
            {"id": FRONT, "name": "Gate", "cloudRecStatus": "録画中"},
            "Gate",
            None,
            True,
        ),
        # One kind of state must not be taken for the other.
        (
            {"id": FRONT, "name": "Gate", "status": {"recording": True}},
            "Gate",
            None,
            True,
        ),
    ],
)
def test_what_is_a_camera_s_own_is_found_in_its_parts(
    payload: dict[str, Any], name: str, online: bool | None, recording: bool | None
) -> None:
    (camera,) = wire.camera_page([payload]).cameras
    assert camera.id == FRONT
    assert (camera.name, camera.online, camera.recording) == (name, online, recording)


def test_cameras_may_be_keyed_by_identifiers_of_any_kind() -> None:
    page = wire.camera_page({"cameras": {"CAM1": {"name": "A"}, "CAM2": {"name": "B"}}})
    assert [(camera.id, camera.name) for camera in page.cameras] == [
        ("CAM1", "A"),
        ("CAM2", "B"),
    ]


@pytest.mark.parametrize(
    "row",
    [
        {
            "recordingStart": "2026-02-02T15:00:00Z",
            "recordingEnd": "2026-02-02T16:00:00Z",
        },
        {"timestamp": "2026-02-02T15:00:00Z", "duration": 3600},
    ],
)
def test_a_recording_s_ends_are_found_by_a_part_of_their_names(
    row: dict[str, Any],
) -> None:
    (recording,) = wire.recordings([row])
    assert recording.end is not None
    assert (recording.end - recording.start).total_seconds() == 3600


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (3, MediaState.COMPLETED),
        ("VERFÜGBAR", MediaState.COMPLETED),
        ("UPLOADING", MediaState.PENDING),
        ("生成中", MediaState.PENDING),
        ("NOT_READY", MediaState.PENDING),
    ],
)
def test_a_file_makes_up_for_a_status_that_is_not_understood(
    status: Any, state: MediaState
) -> None:
    media = wire.media(
        {"id": "m", "status": status, "meta": {"url": "https://x/y.mp4"}}
    )
    assert media is not None
    assert media.state is state


def test_ports_take_their_kind_from_the_group_they_lie_in() -> None:
    group = {
        "peripheralType": "LAN",
        "ports": [{"no": 1, "status": 1}, {"no": 2, "status": 0}],
    }
    ports = wire.ports({"data": [group]})
    assert [(port.id, port.kind, port.on) for port in ports] == [
        ("1", PortKind.POE, True),
        ("2", PortKind.POE, False),
    ]


def test_equipment_may_lie_beside_its_device() -> None:
    row = {
        "device": {"id": FRONT, "name": "AG20"},
        "externalDevice": {"id": BACK, "name": "Camera", "status": "DISCONNECTED"},
    }
    (device,) = wire.device_page({"data": [row]}).devices
    assert (device.id, device.name) == (FRONT, "AG20")
    (equipment,) = device.external_devices
    assert (equipment.id, equipment.online) == (BACK, False)
