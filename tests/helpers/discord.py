"""A server with two members, one English and one Japanese, and the real bot in it."""

from dataclasses import dataclass

import pytest
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.env import Env

from bot.app import Services, make_bot
from bot.demo.simcord_patches import send_own_locales
from bot.discord.client import Usamimi


@dataclass(frozen=True)
class Server:
    """Where the tests play."""

    env: Env
    bot: Usamimi
    channel: ChannelHandle
    alice: MemberActor  # reads English
    yuki: MemberActor  # reads Japanese


@pytest.fixture
def simcord_bot(services: Services) -> Usamimi:
    """The bot that simcord's own fixture starts."""
    return make_bot(services)


@pytest.fixture
def server(simcord_env: Env, simcord_bot: Usamimi) -> Server:
    simcord_env.settle_timeout = 60  # a busy machine decodes slowly
    guild = simcord_env.create_guild("うさ耳の部屋")
    alice = guild.add_member(simcord_env.create_user("alice"))
    yuki = guild.add_member(simcord_env.create_user("yuki"))
    send_own_locales(simcord_env, {yuki.id: "ja"})
    return Server(simcord_env, simcord_bot, guild.create_text_channel("music"), alice, yuki)
