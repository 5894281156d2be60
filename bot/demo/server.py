"""Build the demo server: its people, channels and posted songs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO

import discord
from discord import ButtonStyle
from immich_memories_music import tracks_dir
from PIL import Image
from simcord import ChannelHandle, Env, GuildHandle, MemberActor
from simcord.backend.cdn import CDN_BASE

from bot.demo.simcord_patches import (
    forget_deleted_answers,
    let_servers_have_icons,
    offer_localised_commands,
    send_own_locales,
)
from bot.discord.client import Usamimi
from bot.discord.ui import buttons
from bot.i18n import translator_for
from bot.rendering.card import Pose, draw_ears
from bot.rendering.palette import NIGHT_HIGH
from cogs.help import ShowHelp
from cogs.listening import HearPosted

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
class DemoPost:
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
    DemoPost(
        "alice",
        "Recorded on the back porch. Is the guitar too quiet?",
        "Porch Light",
        "calm/calm_acoustic_s411.opus",
    ),
    DemoPost(
        "yuki",
        "夜の散歩のときに聴いてほしい曲です。",
        "雨あがりの改札",
        "calm/calm_electronic_s411.opus",
    ),
    DemoPost("ben", "124 bpm and no brakes.", "Redline", "happy/happy_electronic_2.opus"),
    DemoPost(
        "ren",
        "ライブの一曲目にしたいやつ、できました！",
        "月まで跳べ",
        "energetic/energetic_acoustic_s522.opus",
    ),
    DemoPost("alice", "A happy one for once.", "Saturday Bicycle", "happy/happy_electronic_1.opus"),
    DemoPost(
        "yuki",
        "母の誕生日に弾いた曲。ちょっと照れます。",
        "やさしい手紙",
        "tender/tender_acoustic_2.opus",
    ),
)

# The last message, right above where the reader types.
WELCOME = (
    "**Welcome!** Press a song below and I listen to it, or type **/genre** and choose one of "
    "yours. **/avatar** draws a portrait of Udonge for any word. A message's **⋯** has its menus.\n"
    "**ようこそ！** 下の曲を押すと、その曲を聴きます。"
    "手持ちの曲は **/ジャンル** で選べます。"
    "**/アバター** は、好きな言葉からうどんげの似顔絵を描きます。"
    "メッセージの **⋯** からメニューを開けます。"
)
# Electronic, soundtrack and folk: what the music model names surely, the surest first.
READY_SONGS = ("Redline", "雨あがりの改札", "Porch Light")


SIDE = 256  # px; the page shows it at 40


def draw_face() -> bytes:
    """Draw the bot's ears as a square PNG."""
    canvas = Image.new("RGB", (SIDE, SIDE), NIGHT_HIGH)
    draw_ears(canvas, base=(SIDE / 2, SIDE * 0.94), height=SIDE * 0.8, pose=Pose.LISTENING)
    file = BytesIO()
    canvas.save(file, "PNG", optimize=True)
    return file.getvalue()


SECONDS_BETWEEN_POSTS = 240.0
LAVENDER = discord.Colour.from_rgb(150, 130, 220)


SERVER_ID = 1_100_000_000_000_000_000  # the same at each start, so that what is stored is found


@dataclass(frozen=True, slots=True)
class DemoServer:
    """The demo server, ready to be shown.

    Attributes:
        channels: all of them.
        members: everyone, by username; the page can be seen through the eyes of each.
        pictures: what the page shows for a link, as name and bytes; nothing is fetched.
    """

    channels: tuple[ChannelHandle, ...]
    members: Mapping[str, MemberActor]
    pictures: Mapping[str, tuple[str, bytes]]

    @property
    def music(self) -> ChannelHandle:
        """The channel where songs are posted and commands are typed."""
        return self.channels[0]

    @property
    def locales(self) -> dict[int, str]:
        """Each member's Discord locale, by user id."""
        return {self.members[each.username].id: each.locale for each in PEOPLE}


def create_world(env: Env) -> DemoServer:
    """Create the server, its channels and its people.

    At the day at which simcord's clock begins: so they have the same ids at each start. Each
    member's interactions carry that member's own locale, as Discord sends it.
    """
    pictures = _show_face(env)
    let_servers_have_icons(env)
    guild = env.create_guild(SERVER, id=SERVER_ID)
    channels = tuple(guild.create_text_channel(name, topic=CHANNELS[name]) for name in CHANNELS)
    world = DemoServer(channels, _invite_people(env, guild), pictures)
    send_own_locales(env, world.locales)
    forget_deleted_answers(env)
    return world


async def build_demo_server(env: Env, world: DemoServer | None = None) -> DemoServer:
    """Let the members of the world post their songs, and the bot greet them."""
    world = world or create_world(env)
    await _bring_clock_to_today(env)
    await _have_songs_remembered(world.members["admin"], world.music, asked_in=world.channels[-1])
    ids = await _post_songs(env, world.music, world.members)
    await _welcome(env, world.music, ids)
    # Last, as everything above speaks English commands.
    offer_localised_commands(env, world.locales)
    return world


async def _bring_clock_to_today(env: Env) -> None:
    """Move simcord's clock, which starts at a fixed day, so that the last post is new.

    At once: `advance_time` would let the bot live through every night in between.
    """
    posting = SECONDS_BETWEEN_POSTS * len(POSTS)
    behind = (datetime.now(UTC) - env.now()).total_seconds() - posting
    if behind > 0:
        env.backend.advance_clock(behind)
        await env.settle()


def _show_face(env: Env) -> dict[str, tuple[str, bytes]]:
    """Give the bot its name and face, as a host does on Discord's website."""
    bot = env.backend.bot_user
    env.backend.edit_bot_profile(BOT_NAME)
    bot.avatar = "ears"
    return {f"{CDN_BASE}/avatars/{bot.id}/{bot.avatar}.png": ("ears.png", draw_face())}


def _invite_people(env: Env, guild: GuildHandle) -> dict[str, MemberActor]:
    administrators = guild.create_role(
        "admin", permissions=discord.Permissions(administrator=True), color=LAVENDER.value
    )
    return {
        each.username: guild.add_member(
            env.create_user(each.username, global_name=each.name),
            roles=[administrators] if each.administrator else [],
        )
        for each in PEOPLE
    }


async def _have_songs_remembered(
    admin: MemberActor, music: ChannelHandle, asked_in: ChannelHandle
) -> None:
    """Set the songbook up as an administrator would."""
    await admin.slash(asked_in, "setup allow", allowed=True)
    await admin.slash(asked_in, "setup watch", channel=music)


async def _post_songs(
    env: Env, music: ChannelHandle, members: Mapping[str, MemberActor]
) -> dict[str, int]:
    """Post the songs; return the id of each one's message, by title."""
    ids = {}
    for post in POSTS:
        recording = tracks_dir() / post.track
        song = (post.title + recording.suffix, recording.read_bytes())
        words = f"**{post.title}**\n{post.words}"
        message = await members[post.author].send(music, words, attachments=[song])
        ids[post.title] = message.id
        await env.advance_time(SECONDS_BETWEEN_POSTS)
    return ids


async def _welcome(env: Env, music: ChannelHandle, ids: Mapping[str, int]) -> None:
    """Greet whoever opens the page, with songs to be heard by one press."""
    assert isinstance(env.bot, Usamimi)
    channel = env.bot.get_channel(music.id)
    assert isinstance(channel, discord.TextChannel)
    songs = [
        HearPosted(f"▶ {title}", ButtonStyle.primary, message_id=ids[title])
        for title in READY_SONGS
    ]
    help_button = ShowHelp(translator_for("en")("help-open"))
    await channel.send(WELCOME, view=buttons(*songs, help_button))
    await env.settle()
