"""Which of the URLs in an answer is taken, and that nobody can choose it by a name."""

from __future__ import annotations

from typing import Any

import pytest

from custom_components.amnimo.api import MediaState, wire

CHOSEN = "http://192.168.0.1/admin"
FILE = "https://storage.example/files/clip.mp4?X-Signature=abc"
PICTURE = "https://storage.example/pictures/1.jpg?X-Signature=abc"
PLAYLIST = "https://video.example/live/index.m3u8?token=abc"
CAMERA = "11111111-1111-4111-8111-111111111111"

# Where the service may repeat what somebody called a medium, a camera or himself.
WRITTEN: list[dict[str, Any]] = [
    {"name": CHOSEN},
    {"Name": f" {CHOSEN} "},
    {"media_name": CHOSEN},
    {"title": CHOSEN, "displayName": CHOSEN, "fileName": CHOSEN},
    {"label": CHOSEN, "description": CHOSEN, "comment": CHOSEN, "memo": CHOSEN},
    {"tags": [CHOSEN], "note": CHOSEN, "message": CHOSEN},
    {"名前": CHOSEN, "カメラ名": CHOSEN, "説明": CHOSEN, "備考": CHOSEN},
    {"cameraName": CHOSEN, "cameraId": CHOSEN, "pid": CHOSEN},
    {"camera": {"id": CAMERA, "name": CHOSEN, "url": CHOSEN}},
    {"device": {"displayName": CHOSEN, "address": CHOSEN}},
    {"createdBy": {"user": CHOSEN, "homepage": CHOSEN}, "userName": CHOSEN},
    {"meta": {"name": CHOSEN, "request": {"name": CHOSEN}}},
    {"meta": [{"title": CHOSEN}, [{"label": CHOSEN}]]},
    {"name": CHOSEN, "meta": {"whatever": CHOSEN}, "originally": CHOSEN},
    {"_links": {"self": {"href": CHOSEN}}, "callbackUrl": CHOSEN},
    {"meta": {"all": [{"key": "cameraName", "value": CHOSEN}]}},
    {"properties": [{"name": "title", "type": "string", "value": CHOSEN}]},
]


def media_url(category: str = "CLIP", **fields: Any) -> str | None:
    """Return the URL that is taken for the file of a medium."""
    media = wire.media(
        {"id": "m1", "category": category, "status": "COMPLETED", **fields}
    )
    assert media is not None
    return media.url


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("category", ["CLIP", "SNAPSHOT", "?"])
def test_what_people_write_is_never_the_file_of_a_medium(
    category: str, written: dict[str, Any]
) -> None:
    assert media_url(category, **written) is None
    assert media_url(category, **written, downloadUrl=FILE) == FILE
    assert media_url(category, **written, files=[FILE]) == FILE
    if isinstance(written.get("meta", {}), dict):
        meta = {**written.get("meta", {}), "location": FILE}
        assert media_url(category, **{**written, "meta": meta}) == FILE


@pytest.mark.parametrize("status", ["", "ANYTHING", "7"])
def test_a_medium_is_not_complete_by_its_name(status: str) -> None:
    """A URL stands for completion where the status says nothing; a name does not."""
    media = wire.media({"id": "m1", "name": CHOSEN, "status": status, "meta": {}})
    assert media is not None
    assert (media.state, media.name) == (MediaState.PENDING, CHOSEN)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"meta": {"thumbnailUrl": PICTURE, "presignedGetUrl": FILE}}, FILE),
        ({"meta": {"thumbnail": {"url": PICTURE}, "clip": {"url": FILE}}}, FILE),
        ({"meta": {"previewUrl": PICTURE, "x": FILE}}, FILE),
        ({"meta": {"url": PICTURE, "videoUrl": FILE}}, FILE),
        ({"meta": {"url": "https://s.example/poster/1", "fileUrl": FILE}}, FILE),
        ({"meta": {"posterUrl": PICTURE}, "downloadUrl": FILE}, FILE),
        ({"meta": {"images": [PICTURE], "files": [{"href": FILE}]}}, FILE),
        ({"meta": {"documentation": CHOSEN, "signed": FILE}}, FILE),
        ({"api": CHOSEN, "meta": {"x": FILE}}, FILE),
        ({"x": CHOSEN, "output": {"y": FILE}}, FILE),
        ({"meta": {"署名付きURL": FILE}}, FILE),
        (
            {"meta": [{"key": "a", "value": CHOSEN}, {"key": "url", "value": FILE}]},
            FILE,
        ),
        # A picture that comes with a clip is not the clip, though it came first.
        ({"meta": {"thumbnailUrl": PICTURE}}, None),
        ({"thumbnail": {"url": PICTURE}}, None),
        # What may yet be a clip is better than nothing.
        ({"meta": {"previewUrl": FILE}}, FILE),
        # How somebody called the clip may be in its address.
        (
            {"meta": {"url": "https://s.example/preview.mp4", "y": CHOSEN}},
            "https://s.example/preview.mp4",
        ),
        ({"meta": {"url": "https://["}}, "https://["),
    ],
)
def test_of_several_the_file_of_a_clip_is_taken(
    fields: dict[str, Any], expected: str | None
) -> None:
    assert media_url(**fields) == expected


@pytest.mark.parametrize(
    "fields",
    [
        {"meta": {"imageUrl": PICTURE}},
        {"meta": {"thumbnailUrl": "https://s.example/small", "imageUrl": PICTURE}},
        {"thumbnail": "https://s.example/small", "meta": {"file": PICTURE}},
    ],
)
def test_a_snapshot_is_a_picture(fields: dict[str, Any]) -> None:
    assert media_url("SNAPSHOT", **fields) == PICTURE


@pytest.mark.parametrize("written", WRITTEN[:11])
def test_what_people_write_is_never_a_thumbnail(written: dict[str, Any]) -> None:
    row = {"timestamp": "2026-02-02T03:00:00Z", **written}
    for item, expected in ((row, None), ({**row, "file": PICTURE}, PICTURE)):
        (found,) = wire.thumbnails({"thumbnails": [item]}).thumbnails
        assert found.url == expected
        camera = wire.camera({"id": CAMERA, "name": CHOSEN, "thumbnail": item})
        assert camera is not None
        assert camera.name == CHOSEN
        assert camera.thumbnail is not None
        assert camera.thumbnail.url == expected


@pytest.mark.parametrize("chosen", [CHOSEN, f"{CHOSEN}.m3u8"])
@pytest.mark.parametrize("written", WRITTEN[:11])
def test_what_people_write_is_never_played(
    written: dict[str, Any], chosen: str
) -> None:
    def renamed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: renamed(item) for key, item in value.items()}
        if isinstance(value, list):
            return [renamed(item) for item in value]
        return value.replace(CHOSEN, chosen)

    said = renamed(written)
    for address in (PLAYLIST, "https://video.example/live"):
        stream = wire.stream({**said, "requestId": "r1", "address": address})
        assert stream is not None
        assert stream.url == address


def test_a_playlist_in_a_camera_is_played() -> None:
    stream = wire.stream({"camera": {"name": CHOSEN, "hls": PLAYLIST}})
    assert stream is not None
    assert stream.url == PLAYLIST


@pytest.mark.parametrize(
    "fields",
    [
        {"thumbnailUrl": PICTURE},
        {"thumbnailImageUrl": PICTURE},
        {"imageUrl": PICTURE},
        {"thumbnailUrls": {"small": PICTURE, "large": f"{PICTURE}2"}},
        {"currentThumb": {"file": PICTURE}},
        {"thumbnailSettings": {"updatedAt": 1770001200}, "thumbnailFile": [PICTURE]},
    ],
)
def test_the_picture_of_a_camera_is_found_by_a_part_of_its_name(
    fields: dict[str, Any],
) -> None:
    camera = wire.camera({"id": CAMERA, **fields})
    assert camera is not None
    assert camera.thumbnail is not None
    assert (camera.thumbnail.time, camera.thumbnail.url) == (None, PICTURE)


def test_settings_of_thumbnails_are_none() -> None:
    camera = wire.camera({"id": CAMERA, "thumbnailSettings": {"updatedAt": 1770001200}})
    assert camera is not None
    assert camera.thumbnail is None
