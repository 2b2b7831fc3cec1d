"""More ways in which the service may spell cameras, devices, ports and media."""

from __future__ import annotations

from typing import Any

import pytest

from custom_components.amnimo.api import Camera, MediaCategory, PortKind, wire

CAMERA = "11111111-1111-4111-8111-111111111111"
GATEWAY = "33333333-3333-4333-8333-333333333333"


def camera(**fields: Any) -> Camera:
    """Return a camera with such fields."""
    found = wire.camera({"id": CAMERA, **fields})
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("status", "online"),
    [
        *[
            (word, True)
            for word in "CAMERA_ONLINE CameraStatus.ONLINE STATUS_OK".split()
        ],
        *[
            (word, True)
            for word in "DEVICE_UP 正常稼働 通信中 接続されています".split()
        ],
        *[
            (word, False)
            for word in "CAMERA_OFFLINE CONNECTION_LOST NOT_ONLINE".split()
        ],
        *[
            (word, False)
            for word in "NO_SIGNAL 通信断 接続断 接続されていません".split()
        ],
        *[
            (word, None)
            for word in "CAMERA_REBOOTING CONNECTION CAMERA_1 DEVICE_0".split()
        ],
    ],
)
def test_words_for_the_connection_may_say_what_they_are_of(
    status: str, online: bool | None
) -> None:
    found = camera(status=status)
    assert (found.online, found.status) == (online, status)


@pytest.mark.parametrize(
    "status",
    "RECORDING_STOPPED RECORDING_ERROR RECORDING_ON 録画停止 PORT_UP POWER_OFF POE_ON".split(),
)
def test_a_word_for_something_else_says_nothing_of_the_connection(status: str) -> None:
    """Cameras and equipment alike are neither online nor offline by it."""
    assert camera(status=status).online is None
    found = camera(status=status, connectionStatus="ONLINE")
    assert (found.online, found.status) == (True, "ONLINE")
    row = {"deviceId": GATEWAY, "externalDevices": [{"id": "e1", "status": status}]}
    (device,) = wire.device_page({"data": [row]}).devices
    assert [each.online for each in device.external_devices] == [None]


@pytest.mark.parametrize(
    ("status", "online"),
    [
        ("NETWORK_ERROR", False),
        ("LINK_UP", True),
        ("PING_NG", False),
        ("カメラ異常", False),
        ("カメラ接続中", True),
        ("通信正常", True),
    ],
)
def test_a_word_for_the_way_to_a_camera_is_one_for_its_connection(
    status: str, online: bool
) -> None:
    assert camera(status=status).online is online


@pytest.mark.parametrize(
    ("fields", "recording"),
    [
        ({"recordingStatus": "RECORD_ON"}, True),
        ({"recordingStatus": "録画OFF"}, False),
        ({"recordingStatus": "CAMERA_ACTIVE"}, None),
        ({"recordingStatus": "CONNECTION_STOPPED", "recording": True}, True),
        ({"recordingStatus": "CLOUD_RECORDING"}, True),
        ({"recordingStatus": "常時録画"}, True),
        ({"recordingStatus": "RECORDING_STOPPED"}, False),
        ({"recordingStatus": "録画していません"}, False),
        ({"recordingStatus": "RECORDING_PENDING"}, None),
        ({"recordingInfo": {"status": "RECORDING"}}, True),
    ],
)
def test_recording_goes_by_more_words(
    fields: dict[str, Any], recording: bool | None
) -> None:
    assert camera(**fields).recording is recording


@pytest.mark.parametrize(
    ("fields", "storage"),
    [
        ({"storage": "EDGE_STORAGE"}, "EDGE"),
        ({"storage": "エッジデバイス"}, "EDGE"),
        ({"storage": "クラウド"}, "CLOUD"),
        ({"storage": {"kind": "Cloud storage"}}, "CLOUD"),
        ({"saveLocation": "cloud"}, "CLOUD"),
        ({"recordingLocation": "edge"}, "EDGE"),
        ({"storage": "EDGE_AND_CLOUD"}, "EDGE_AND_CLOUD"),
        ({"storage": "sd"}, "SD"),
        ({}, None),
    ],
)
def test_a_storage_is_known_by_what_it_is_called(
    fields: dict[str, Any], storage: str | None
) -> None:
    assert camera(**fields).storage == storage


@pytest.mark.parametrize(
    "fields",
    [
        {"firmVersion": "1.2"},
        {"swVersion": "1.2"},
        {"versionInformation": {"firmware": "1.2"}},
        {"versionInfo": {"cameraVersion": "1.2", "deviceVersion": "9"}},
    ],
)
def test_a_version_is_found(fields: dict[str, Any]) -> None:
    assert camera(**fields).version == "1.2"


@pytest.mark.parametrize(
    "fields",
    [
        {"deviceInfo": {"id": GATEWAY, "name": "AG20-01"}},
        {"router": {"routerId": GATEWAY, "name": "AG20-01"}, "routerId": GATEWAY},
        {"device": {"deviceUuid": GATEWAY, "deviceName": "AG20-01"}},
        {"deviceUuid": GATEWAY, "deviceName": "AG20-01"},
    ],
)
@pytest.mark.parametrize("name", ["alias", "cameraLabel", "カメラ名"])
def test_a_camera_and_its_device_go_by_more_names(
    name: str, fields: dict[str, Any]
) -> None:
    found = camera(**{name: "Gate"}, **fields)
    assert (found.name, found.device_id, found.device_name) == (
        "Gate",
        GATEWAY,
        "AG20-01",
    )


def test_a_picture_may_have_its_time_apart_from_its_url() -> None:
    found = camera(thumbnail={"timestamp": 1770001200}, thumbnailUrl="https://x/1.jpg")
    assert found.thumbnail is not None
    assert found.thumbnail.time is not None
    assert found.thumbnail.url == "https://x/1.jpg"


@pytest.mark.parametrize(
    "device",
    [
        {"deviceUuid": GATEWAY, "alias": "AG20-01"},
        {"routerId": GATEWAY, "routerName": "AG20-01"},
        {"deviceInfo": {"deviceId": GATEWAY, "deviceName": "AG20-01"}},
        {"id": GATEWAY, "label": "AG20-01"},
    ],
)
@pytest.mark.parametrize(
    "name", ["externalDevice", "externalEquipments", "externalEquipmentList"]
)
def test_devices_and_their_equipment_go_by_more_names(
    name: str, device: dict[str, Any]
) -> None:
    row = {**device, name: [{"id": "e1", "pingStatus": "OK"}]}
    (found,) = wire.device_page({"data": [row]}).devices
    assert (found.id, found.name) == (GATEWAY, "AG20-01")
    assert [(each.id, each.online) for each in found.external_devices] == [("e1", True)]


@pytest.mark.parametrize(
    "fields",
    [
        {"outputVoltage": 48.0, "outputPower": 4.3},
        {"voltage": {"value": 48.0, "unit": "V"}, "watt": {"value": 4.3, "unit": "W"}},
        {"measurement": {"voltage": {"value": 48}, "power": {"value": "4.3"}}},
        {"volts": "48", "consumedPower": 4.3},
    ],
)
def test_measurements_of_a_port_may_have_units(fields: dict[str, Any]) -> None:
    (port,) = wire.ports({"data": [{"portId": "lan1", **fields}]})
    assert (port.voltage, port.power, port.on) == (48, 4.3, None)


@pytest.mark.parametrize(
    ("fields", "on"),
    [
        ({"powerStatus": "DELIVERING_POWER"}, True),
        ({"status": "給電停止"}, False),
        ({"status": "未給電"}, False),
        ({"status": "PORT_UP"}, True),
        ({"relayState": 1}, True),
        ({"status": "PORT_1"}, None),
        ({"status": "POE_ENABLED"}, True),
        ({"status": "給電オフ"}, False),
        ({"status": "DEVICE_UP"}, None),
        ({"status": "CONNECTION_DOWN", "power": "ON"}, True),
    ],
)
def test_a_port_goes_by_more_words(fields: dict[str, Any], on: bool | None) -> None:
    (port,) = wire.ports({"data": [{"portId": "lan1", **fields}]})
    assert port.on is on


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"type": "GPIO_OUT"}, PortKind.OUTPUT),
        ({"type": "GPI1"}, PortKind.INPUT),
        ({"ioType": "DI"}, PortKind.INPUT),
        ({"type": "USB"}, PortKind.OTHER),
    ],
)
def test_a_port_has_its_kind_by_more_words(
    fields: dict[str, Any], kind: PortKind
) -> None:
    (port,) = wire.ports({"data": [{"portId": "7", **fields}]})
    assert port.kind is kind


@pytest.mark.parametrize(
    ("word", "category"),
    [
        ("VIDEO_CLIP", MediaCategory.CLIP),
        ("clip", MediaCategory.CLIP),
        ("ビデオクリップ", MediaCategory.CLIP),
        ("SNAP_SHOT", MediaCategory.SNAPSHOT),
        ("スナップショット", MediaCategory.SNAPSHOT),
        ("CLIP_SNAPSHOT", None),
        ("VIDEO", None),
    ],
)
def test_a_category_is_known_by_a_part_of_its_word(
    word: str, category: MediaCategory | None
) -> None:
    (media,) = wire.media_list([{"id": "m1", "category": word}])
    assert media.category is category
