"""Who is on the demo server, and what they posted. Plain values, nothing of simcord."""

from __future__ import annotations

from dataclasses import dataclass

BOT_NAME = "usamimi"
SERVER = "うさ耳 demo"
MUSIC = "music"
CHANNELS = {
    MUSIC: "Songs, and what we think of them. 曲と、その感想。",
    "general": "Everything else. そのほか何でも。",
    "bot-talk": "For trying commands. コマンドのお試し用。",
}


@dataclass(frozen=True, slots=True)
class Person:
    """A member of the demo server.

    Attributes:
        username: unique name, lower case.
        name: what the server shows.
        locale: the language their Discord is set to, which the bot answers in.
        administrator: may do everything on the server.
    """

    username: str
    name: str
    locale: str
    administrator: bool = False


@dataclass(frozen=True, slots=True)
class Post:
    """A message with a song.

    Attributes:
        author: username of who posted it.
        words: what they wrote with it.
        title: the song's name, as the file is called.
        track: path of the recording below `immich_memories_music.tracks_dir()`.
    """

    author: str
    words: str
    title: str
    track: str


PEOPLE = (
    Person("alice", "alice", "en-US"),
    Person("yuki", "ゆき", "ja"),
    Person("ben", "ben", "en-GB"),
    Person("ren", "蓮", "ja"),
    Person("admin", "admin", "en-US", administrator=True),
)

# Few: the page opens its players one after another, and pictures wait behind them.
POSTS = (
    Post(
        "alice",
        "Recorded on the back porch. Is the guitar too quiet?",
        "Porch Light",
        "calm/calm_acoustic_s411.opus",
    ),
    Post(
        "yuki",
        "夜の散歩のときに聴いてほしい曲です。",
        "雨あがりの改札",
        "nostalgic/nostalgic_electronic_s411.opus",
    ),
    Post("ben", "150 bpm and no brakes.", "Redline", "energetic/energetic_electronic_2.opus"),
    Post(
        "ren",
        "ライブの一曲目にしたいやつ、できました！",
        "月まで跳べ",
        "energetic/energetic_acoustic_s522.opus",
    ),
    Post("alice", "A happy one for once.", "Saturday Bicycle", "happy/happy_electronic_1.opus"),
    Post(
        "yuki",
        "母の誕生日に弾いた曲。ちょっと照れます。",
        "やさしい手紙",
        "tender/tender_acoustic_2.opus",
    ),
)

# The last message, right above where the reader types.
WELCOME = (
    "admin",
    "Welcome! Type **/genre** below, choose a song of yours or one downloaded from above "
    "(point at a player for its arrow), and send. The answer comes underneath: scroll down, "
    "or press “View response” at the top. **/avatar** draws a portrait of Udonge for any word.\n"
    "ようこそ！下に **/genre** と入力し、手持ちの曲か、上からダウンロードした曲"
    "（プレーヤーを指すと矢印が出ます）を選んで送信してください。"
    "答えはこの下に出ます。スクロールするか、上の「View response」を押してください。"
    "**/avatar** は、好きな言葉からうどんげの似顔絵を描きます。",
)
