"""What people say: sentences that mean something to the integration, and sentences that don't.

Targets are names of things in the home of `home`: cameras by their names in the cloud.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SNAPSHOT: Final = "AmnimoTakeSnapshot"
RESET: Final = "AmnimoResetPort"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence, the intent that it means, and the camera or port that it is about."""

    text: str
    intent: str
    target: str


def _phrases(intent: str, targets: dict[str, str]) -> list[Phrase]:
    return [
        Phrase(text.strip(), intent, target)
        for target, texts in targets.items()
        for text in texts.strip().splitlines()
    ]


ENGLISH: Final = [
    *_phrases(
        SNAPSHOT,
        {
            "Front gate": """
                Take a snapshot of the front gate
                take a snapshot of front gate
                Take a picture of the front gate, please.
                Could you take a photo of the front gate?
                can you get me a snapshot from the front gate camera
                Please grab a still image from the front gate
                capture an image of the front gate
                snapshot of the front gate
                Snapshot front gate
                photograph the front gate
                get a new picture of the front gate camera right now
                take a front gate snapshot
                Take me a picture of the front gate camera
                I need a picture of the front gate
                I'd like a snapshot of the front gate
                use the front gate camera to take a picture
                let the front gate camera take a snapshot
                Take another shot of the front gate
                save an image from the front gate camera
                give me a current picture of the front gate
            """,
            "Cash register": """
                take a snapshot of the cash register
                Get me a photo of the till
                snap a picture of the cash register
                take a quick snapshot with the cash register camera
            """,
            "Back door": """
                Take a snapshot at the back door
                would you take a picture of the back door for me
                take one photo of my back door
            """,
            "正面ゲート": """
                take a snapshot of 正面ゲート
                get a picture from the 正面ゲート camera
            """,
            "Server room": """
                take a snapshot in the basement
                Take a picture of the basement camera
                snapshot of the basement
                grab me a photo from the basement
                take a snapshot of the server room in the basement
                take a picture of the server room on the lower floor
                Take a snapshot from the lower floor
            """,
        },
    ),
    *_phrases(
        RESET,
        {
            "Front gate": """
                Restart the front gate camera
                reboot the front gate
                Please power cycle the front gate camera
                reset the port of the front gate
                Reset the front gate camera.
                restart the power of the front gate camera
                turn the front gate camera off and back on again
            """,
            "siren": """
                reset port siren
                Restart the siren
                Could you power-cycle the siren port?
                reset the siren port
                switch the siren port off and on again
            """,
        },
    ),
]

JAPANESE: Final = [
    *_phrases(
        SNAPSHOT,
        {
            "正面ゲート": """
                正面ゲートのスナップショットを撮って
                正面ゲートのスナップショットを撮ってください
                正面ゲートのスナップショットを撮ってください。
                正面ゲート の スナップショット を 撮って
                正面ゲートの スナップショットを 撮って ください
                正面ゲートの写真を撮って
                正面ゲートの写真撮って
                正面ゲートの写真を撮ってくれる？
                正面ゲートの画像を取得して
                正面ゲートの静止画を保存してください
                正面ゲートのカメラで写真を撮って
                正面ゲートカメラのスナップショットを撮って
                正面ゲートの監視カメラで撮影して
                正面ゲートを撮影して
                正面ゲートを撮って
                正面ゲートを撮影してください
                正面ゲートでスナップショットを撮影
                正面ゲートのスナップショットお願いします
                正面ゲートのスナップショットをお願い
                正面ゲートのスナップショットをください
                正面ゲートの写真がほしい
                正面ゲートの写真が見たいです
                正面ゲートの様子を撮って
                正面ゲートの今の様子を撮影してもらえますか
                今の正面ゲートの写真を撮って
                今すぐ正面ゲートのスナップショットを撮って
                正面ゲートのスナップショットを撮っていただけますか
                正面ゲートのスナップショットを撮影していただけませんか
                正面ゲートのスナップショット撮っといて
                正面ゲート スナップショット撮って
            """,
            "エレベーターホール": """
                エレベーターホールのスナップショットを撮って
                エレベーターホールを撮影してください
                エレベーターホール の 写真 を 撮って ほしい
            """,
            "Front gate": """
                Front gateのスナップショットを撮って
                Front gate の スナップショット を 撮って ください
                front gateの写真を撮って
                Front gateを撮影して
            """,
            "Cash register": """
                レジのスナップショットを撮って
                レジの写真を撮ってください
                れじの写真を撮って
            """,
            "Server room": """
                地下室のスナップショットを撮って
                地下室 の スナップショット を 撮って
                地下室のカメラで写真を撮ってください
                地下一階のスナップショットを撮って
                地下室のServer roomの写真を撮って
            """,
        },
    ),
    *_phrases(
        RESET,
        {
            "正面ゲート": """
                正面ゲートのカメラを再起動して
                正面ゲートカメラを再起動してください
                正面ゲート の カメラ を 再起動 して
                正面ゲートのポートをリセットして
                正面ゲートの電源を入れ直して
                正面ゲートの電源を切って入れ直してください
                正面ゲートをリブートして
                正面ゲートのカメラの再起動をお願いします
            """,
            "siren": """
                サイレンをリセットして
                サイレンのポートをリセットしてください
                サイレン の ポート を リセット して
                サイレンの再起動お願いします
                ポートサイレンをリセットして
            """,
        },
    ),
]

PHRASES: Final = {"en": ENGLISH, "ja": JAPANESE}


ORDINARY: Final = {
    "en": """
        Turn on the kitchen lights
        turn off the lights
        Turn off the bedroom lamp
        dim the living room lights to 30 percent
        Set the thermostat to 21 degrees
        What's the temperature outside?
        What's the weather like today?
        will it rain tomorrow
        Set a timer for ten minutes
        cancel the timer
        restart the timer
        reset the timer
        How much time is left on the timer?
        Add milk to the shopping list
        what's on my shopping list
        Play some jazz
        pause the music
        next song please
        turn up the volume
        set the volume to 40 percent
        Open the garage door
        is the garage door open
        close the blinds in the bedroom
        Lock the front door
        Is the front door locked?
        open the front gate
        close the front gate
        is the front gate open
        who is at the front gate
        who is at the back door
        Is the back door closed?
        lock the back door
        go to the front gate
        meet me at the front gate
        the front gate is stuck
        I left my keys at the back door
        the back door camera is nice
        Is the front gate camera on?
        is the camera recording
        show me the front gate camera
        show the front gate on the TV
        play the front gate camera on the living room TV
        what does the camera see
        how many cameras do we have
        I bought a new camera
        I took a picture yesterday
        take a picture of the kids
        take a photo with my phone
        send me the picture you took
        show me my vacation photos
        picture this
        that is a nice picture
        he is in the picture
        I saw a snapshot of the past
        what is a snapshot
        delete all the snapshots
        count the cash in the cash register
        the cash register is empty
        open the cash register
        take the cash register to the shop
        Take out the trash
        take a break
        take a seat
        take a note
        take a deep breath
        take the dog for a walk
        give me a minute
        give me a hand
        get me a coffee
        get some sleep
        make a wish
        make me a sandwich
        save the date
        save energy
        have a nice day
        shoot me a message
        grab a coffee with me
        snap out of it
        Turn on the siren
        turn off the siren
        is the siren on
        sound the siren
        turn the siren on
        turn off the fan and turn on the heater
        turn the lights off and on
        restart Home Assistant
        reset my password
        restart my computer
        reboot the computer
        restart the movie
        reset the score
        start the vacuum
        vacuum the living room
        Good morning
        good night
        How are you?
        tell me a joke
        thank you very much
        never mind
        what time is it
    """,
    "ja": """
        キッチンの照明をつけて
        電気を消して
        寝室の明かりを消してください
        リビングの照明を30パーセントにして
        エアコンを21度に設定して
        外の気温は？
        今日の天気は？
        明日は雨が降りますか
        タイマーを10分にセットして
        タイマーをキャンセルして
        タイマーをリセットして
        タイマーの残り時間は？
        買い物リストに牛乳を追加して
        買い物リストを読んで
        ジャズをかけて
        音楽を止めて
        次の曲
        音量を上げて
        音量を40にして
        ガレージを開けて
        ガレージは開いていますか
        寝室のブラインドを閉めて
        玄関の鍵を閉めて
        玄関の鍵は閉まってる？
        正面ゲートを開けて
        正面ゲートを閉めてください
        正面ゲートは開いていますか
        正面ゲートに誰がいますか
        正面ゲートで待ち合わせしよう
        正面ゲートが動かない
        正面ゲートのカメラはついていますか
        正面ゲートのカメラを見せて
        正面ゲートをテレビに映して
        正面ゲートの写真はきれいですね
        正面ゲートまで行ってきます
        エレベーターホールの電気をつけて
        エレベーターホールで会いましょう
        エレベーターホールは寒い
        カメラは録画していますか
        カメラは何台ありますか
        新しいカメラを買いました
        カメラに何が映っていますか
        昨日写真を撮りました
        写真を撮って
        写真を見せて
        子供の写真がたくさんある
        スマホで写真を撮って
        その写真いいね
        旅行の写真を見せて
        写真展に行きたい
        スナップショットって何ですか
        スナップショットを全部消して
        スナップエンドウを買ってきて
        画像検索して
        画像を送って
        レジでお金を払って
        レジを開けて
        レジに並んでいます
        レジの現金を数えて
        レジは空です
        動画を撮りたいな
        お風呂を沸かして
        お湯を張って
        ゴミを出して
        休憩しよう
        メモを取って
        犬の散歩に行って
        ちょっと待って
        手伝って
        コーヒーをください
        水をください
        新聞を取ってきて
        連絡を取ってください
        予定を取り消して
        元気ですか
        おはよう
        おやすみなさい
        ありがとう
        冗談を言って
        今何時ですか
        今の気温を教えて
        今すぐ来て
        サイレンをつけて
        サイレンを消して
        サイレンは鳴っていますか
        サイレンを鳴らして
        サイレンの音がうるさい
        扇風機を止めて
        掃除機をかけて
        掃除を始めて
        テレビをつけて
        テレビの電源を切って
        電源を切って
        電源を入れて
        パスワードをリセットして
        パソコンを再起動して
        ゲームを再起動して
        気分をリセットしたい
        地下室の電気をつけて
        地下室は涼しいです
    """,
}
"""Household commands and small talk; also such with the names of cameras and ports in them."""


def ordinary(language: str) -> list[str]:
    """Return the sentences that mean nothing to the integration."""
    return [text.strip() for text in ORDINARY[language].strip().splitlines()]
