"""Build the demo server inside simcord: its people, channels and posted songs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import discord
from immich_memories_music import tracks_dir
from simcord import ChannelHandle, Env, GuildHandle, MemberActor
from simcord.backend.cdn import CDN_BASE

from bot.local_page.as_discord import (
    forget_deleted_answers,
    let_servers_have_icons,
    send_own_locales,
)
from bot.local_page.cast import BOT_NAME, CHANNELS, MUSIC, PEOPLE, POSTS, SERVER, WELCOME
from bot.local_page.face import draw_face

SECONDS_BETWEEN_POSTS = 240.0
LAVENDER = discord.Colour.from_rgb(150, 130, 220)


@dataclass(frozen=True, slots=True)
class DemoServer:
    """The demo server, ready to be looked at.

    Attributes:
        music: the channel where songs are posted and commands are typed.
        members: everyone, by username; the page can be seen through the eyes of each.
        pictures: what the page shows for a link, as name and bytes; nothing is fetched.
    """

    music: ChannelHandle
    members: Mapping[str, MemberActor]
    pictures: Mapping[str, tuple[str, bytes]]


async def build_demo_server(env: Env) -> DemoServer:
    """Create the server and let its members post their songs.

    Each member's interactions carry that member's own locale, as Discord sends it.
    """
    await _bring_clock_to_today(env)
    pictures = _show_face(env)
    let_servers_have_icons(env)
    guild = env.create_guild(SERVER)
    channels = {name: guild.create_text_channel(name, topic=CHANNELS[name]) for name in CHANNELS}
    members = _invite_people(env, guild)
    send_own_locales(env, {members[each.username].id: each.locale for each in PEOPLE})
    forget_deleted_answers(env)
    await _have_songs_remembered(members["admin"], channels[MUSIC], asked_in=channels["bot-talk"])
    await _post_songs(env, channels[MUSIC], members)
    return DemoServer(channels[MUSIC], members, pictures)


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
    """Set the songbook up as an administrator would, so that there is something to ask about."""
    await admin.slash(asked_in, "songbook allow", allowed=True)
    await admin.slash(asked_in, "songbook watch", channel=music)


async def _post_songs(env: Env, music: ChannelHandle, members: Mapping[str, MemberActor]) -> None:
    for post in POSTS:
        recording = tracks_dir() / post.track
        song = (post.title + recording.suffix, recording.read_bytes())
        words = f"**{post.title}**\n{post.words}"
        await members[post.author].send(music, words, attachments=[song])
        await env.advance_time(SECONDS_BETWEEN_POSTS)
    author, words = WELCOME
    await members[author].send(music, words)
