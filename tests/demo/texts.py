"""What the dashboard says, in English and Japanese.

Only what belongs to the demo: the names of entities come from the integration.
"""

from dataclasses import dataclass
from typing import Final

from .onboarding import Language


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
    keep_clip_hint: str
    keep_minute: str
    results: str
    open_media: str
    account: str
    usage: str
    tokens: str
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
            "PoE ports feed the cameras. Resetting one switches it off and on again, "
            "which revives a camera that hangs."
        ),
        inputs="Inputs",
        equipment="External equipment",
        reset="Reset",
        reset_question="Switch the power off and on again?",
        footage="Footage",
        thumbnails="Newest thumbnails",
        keep_clip="Keep a clip",
        keep_clip_hint=(
            "Makes a clip of the last minute and downloads it. "
            "What became of it shows below, and the file is in the media browser."
        ),
        keep_minute="Last minute",
        results="Newest clips and snapshots",
        open_media="Open the media browser",
        account="Account",
        usage="Use of the service",
        tokens="Access tokens of 1,000",
        connections="Connections in the last hours",
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
            "PoE ポートはカメラに給電しています。リセットすると電源を切って入れ直し、"
            "固まったカメラを復旧できます。"
        ),
        inputs="入力",
        equipment="外部機器",
        reset="リセット",
        reset_question="電源を切って入れ直しますか?",
        footage="映像",
        thumbnails="最新のサムネイル",
        keep_clip="クリップを保存",
        keep_clip_hint=(
            "直近 1 分間のクリップを生成してダウンロードします。"
            "結果は下に表示され、ファイルはメディアブラウザーで見られます。"
        ),
        keep_minute="直近 1 分",
        results="最新のクリップとスナップショット",
        open_media="メディアブラウザーを開く",
        account="アカウント",
        usage="サービスの利用状況",
        tokens="アクセストークン(上限 1,000)",
        connections="過去数時間の接続状況",
        activity="アクティビティ",
    ),
}
