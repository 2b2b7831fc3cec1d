"""What the service may call the state of a clip or snapshot, and what the client makes of it."""

from __future__ import annotations

from typing import Any

import pytest

from custom_components.amnimo.api import Media, MediaState, wire

FILE = {"url": "https://storage.example/file?X-Signature=abc"}


def read(**fields: Any) -> Media:
    """Return a medium with such fields."""
    media = wire.media({"id": "m1", **fields})
    assert media is not None
    return media


@pytest.mark.parametrize(
    "status",
    [
        *"FAILED_NO_RECORDING FAILED_TO_CREATE ERROR_TIMEOUT GENERATE_FAILED failure".split(),
        *"generationFailed ERRORED COMPLETED_WITH_ERROR COMPLETED_WITH_ERRORS".split(),
        "FAILED: no recording",
        "Could not be made (error 17)",
        *"NO_DATA NO_RECORDING noRecording NO_RECORDINGS_FOUND NO_VIDEO NOTRECORDED".split(),
        *"NOT_RECORDED NOT_FOUND RECORDING_NOT_FOUND NOT_AVAILABLE UNAVAILABLE".split(),
        *"INVALID INVALID_TIME EXPIRED CANCELLED CANCELED CANCELLED_BY_USER".split(),
        *"ABORTED REJECTED REQUEST_REJECTED TIMEOUT TIMED_OUT REQUEST_TIMEOUT NG".split(),
        *"DELETED DENIED COMPLETED_NO_DATA UNSUCCESSFUL NOT_SUCCESSFUL".split(),
        *"失敗 失敗しました 生成に失敗しました エラー エラーが発生しました 異常終了".split(),
        *"録画なし 録画がありません 録画データなし 見つかりません 未録画 作成できません".split(),
        *"キャンセル キャンセルしました 期限切れ タイムアウト 中止".split(),
    ],
)
def test_what_failed_has_failed_whatever_is_said_beside(status: str) -> None:
    """A URL, or that it is complete, makes no success of it."""
    assert read(status=status).state is MediaState.FAILED
    assert read(status=status, meta=FILE).state is MediaState.FAILED


@pytest.mark.parametrize(
    ("status", "without_file"),
    [
        ("COMPLETED_WITHOUT_ERRORS", MediaState.COMPLETED),
        ("COMPLETED (no errors)", MediaState.COMPLETED),
        ("Completed, 0 errors", MediaState.COMPLETED),
        ("完了(エラーなし)", MediaState.COMPLETED),
        ("完了しました", MediaState.COMPLETED),
        ("正常終了", MediaState.COMPLETED),
        ("COMPLETED_WITH_WARNINGS", MediaState.COMPLETED),
        ("NO_ERROR", MediaState.PENDING),
        ("NoError", MediaState.PENDING),
        ("異常なし", MediaState.PENDING),
        ("no recording errors", MediaState.PENDING),
        ("Completed without upload error", MediaState.COMPLETED),
        ("完了(7日後に削除)", MediaState.COMPLETED),
        ("READY (deleted in 7 days)", MediaState.COMPLETED),
        ("Completed. Original deleted", MediaState.COMPLETED),
        ("完了、元の映像は削除", MediaState.COMPLETED),
        ("STORED", MediaState.PENDING),
    ],
)
def test_what_did_not_fail_has_not_failed(
    status: str, without_file: MediaState
) -> None:
    assert read(status=status).state is without_file
    assert read(status=status, meta=FILE).state is MediaState.COMPLETED


@pytest.mark.parametrize(
    "status",
    [
        *"REQUESTED PROCESSING UPLOADING NOT_READY INCOMPLETE CANCEL_REQUESTED".split(),
        *["processing (time out 30s)", "処理中(タイムアウト30秒)"],
        *["Not ready [expired files are deleted]"],
        *"NOT_AVAILABLE_YET NOT_YET_CREATED TEMPORARILY_UNAVAILABLE 完了待ち 未完了".split(),
    ],
)
def test_what_is_to_come_is_waited_for(status: str) -> None:
    assert read(status=status).state is MediaState.PENDING
    assert read(status=status, meta=FILE).state is MediaState.PENDING


@pytest.mark.parametrize(
    "status",
    ["COMPLETED_DELETED", "READY: deleted in 7 days", "AVAILABLE until expired"],
)
def test_what_was_made_is_there_as_long_as_its_file_is(status: str) -> None:
    assert read(status=status).state is MediaState.FAILED
    assert read(status=status, meta=FILE).state is MediaState.COMPLETED


@pytest.mark.parametrize(
    "status",
    [
        *"PROCESSING_TIMEOUT UPLOAD_ABORTED DELETED_COMPLETED 生成中止 完了前に中止".split(),
        *"NOT_COMPLETED_TIMEOUT NOT_READY_CANCELLED NO_DATA_ERROR 未完了キャンセル".split(),
        "Request accepted. Cancelled by user",
        "Not created (camera deleted)",
        "Completed (no data)",
        "完了(録画なし)",
        "完了できません(7日後に削除)",
        "Completed (upload failed)",
        "No. of errors: 3",
    ],
)
def test_what_came_to_nothing_has_failed_whatever_word_is_in_it(status: str) -> None:
    assert read(status=status).state is MediaState.FAILED
    assert read(status=status, meta=FILE).state is MediaState.FAILED


@pytest.mark.parametrize(
    ("fields", "state", "status"),
    [
        ({"status": {"code": 4, "name": "FAILED"}}, MediaState.FAILED, "FAILED"),
        ({"status": {"code": "X1", "text": "完了"}}, MediaState.COMPLETED, "完了"),
        ({"status": None, "state": "COMPLETED"}, MediaState.COMPLETED, "COMPLETED"),
        ({"status": 7, "state": "ERROR"}, MediaState.FAILED, "ERROR"),
        ({"status": 7, "state": 8}, MediaState.PENDING, "7"),
    ],
)
def test_a_word_that_is_understood_counts_more_than_a_number(
    fields: dict[str, Any], state: MediaState, status: str
) -> None:
    media = read(**fields)
    assert (media.state, media.status) == (state, status)


@pytest.mark.parametrize(
    "fields",
    [{}, {"status": None}, {"status": " "}, {"status": {}}, {"status": []}],
)
def test_a_status_that_is_not_told_is_none(fields: dict[str, Any]) -> None:
    """So that a row of a search that leaves it out is not taken for one that is pending."""
    assert read(**fields).status is None
    assert read(**fields).state is MediaState.PENDING
    assert read(**fields, meta=FILE).state is MediaState.COMPLETED
    assert read(status="REQUESTED").status == "REQUESTED"


@pytest.mark.parametrize("said", [None, "", " ", [], {}])
def test_what_a_row_does_not_tell_of_camera_and_category_is_none(said: Any) -> None:
    for row in ({"id": "m1"}, {"id": "m1", "cameraId": said, "category": said}):
        (media,) = wire.media_list([row])
        assert (media.camera_id, media.category) == (None, None)
