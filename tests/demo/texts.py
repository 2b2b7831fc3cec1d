"""What the dashboard says, in English and Japanese.

Only what belongs to the demo: the names of entities come from the integration.
"""

from dataclasses import dataclass
from typing import Final

from .visitor import Language


@dataclass(frozen=True, slots=True)
class Texts:
    """The words of the dashboard in one language."""

    live: str
    live_hint: str
    ports: str
    ports_hint: str
    inputs: str
    equipment: str
    reset: str
    reset_question: str
    footage: str
    thumbnails: str
    keep_clip: str
    footage_hint: str
    results: str
    open_media: str
    account: str
    usage: str
    connections: str
    activity: str


TEXTS: Final[dict[Language, Texts]] = {
    "en": Texts(
        live="Live",
        live_hint=(
            "Cameras upload only while somebody watches: leave this page, "
            "and the streams end by themselves."
        ),
        ports="Ports",
        ports_hint=(
            "PoE ports feed the cameras. A tap on an icon switches a port; a reset "
            "switches it off and on again, which revives a camera that hangs."
        ),
        inputs="Inputs",
        equipment="External equipment",
        reset="Reset",
        reset_question="Switch the power off and on again?",
        footage="Footage",
        thumbnails="Newest thumbnails",
        keep_clip="Keep the last minute",
        footage_hint=(
            "One tap on a camera makes a clip of its last minute and downloads it: "
            "what came of it shows below the cameras, the file is in the media browser."
        ),
        results="Newest clips and snapshots",
        open_media="Open the media browser",
        account="Account",
        usage="Use of the service",
        connections="Connections in the last hour",
        activity="Activity",
    ),
    "ja": Texts(
        live="ライブ",
        live_hint=(
            "カメラは視聴中だけ映像をアップロードします。"
            "このページを離れると、配信は自動的に終了します。"
        ),
        ports="ポート",
        ports_hint=(
            "PoE ポートはカメラに給電しています。アイコンをタップするとオン/オフを"
            "切り替えます。リセットは電源を入れ直し、固まったカメラを復旧します。"
        ),
        inputs="入力",
        equipment="外部機器",
        reset="リセット",
        reset_question="電源を切って入れ直しますか?",
        footage="映像",
        thumbnails="最新のサムネイル",
        keep_clip="直近 1 分を保存",
        footage_hint=(
            "カメラをタップすると、直近 1 分間のクリップを生成してダウンロードします。"
            "結果はカメラの下に表示され、ファイルはメディアブラウザーで見られます。"
        ),
        results="最新のクリップとスナップショット",
        open_media="メディアブラウザーを開く",
        account="アカウント",
        usage="サービスの利用状況",
        connections="過去 1 時間の接続状況",
        activity="アクティビティ",
    ),
}
