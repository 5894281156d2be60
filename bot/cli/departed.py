"""`python -m bot forget-departed`: erase the servers that the bot is no longer in.

The bot does so by itself at each start, but never for very many at once: those may be a mistake.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable

from bot.database import open_database
from bot.discord.client import fetch_guild_ids
from bot.errors import StartError
from bot.privacy.erasure import ErasureService
from bot.settings import Settings
from storage.erasure import Erasure
from storage.files import DataFolder


def run(settings: Settings, arguments: argparse.Namespace) -> int:
    """Erase what is stored of departed servers, once that is confirmed; return the exit status."""
    confirm: Callable[[int, int], bool] = (lambda *_: True) if arguments.yes else _confirmed
    return asyncio.run(_forget(settings, confirm))


async def _forget(settings: Settings, confirm: Callable[[int, int], bool]) -> int:
    """Compare what is stored with what Discord lists, and erase the difference.

    Raises:
        StartError: Discord cannot be asked, or the data is another bot's.
    """
    bot_id, present = await fetch_guild_ids(settings)
    async with open_database(settings) as database:
        stored = Erasure(database)
        if not await stored.claim_for_bot(bot_id):
            raise StartError("the data is another bot's: with this token nothing counts as gone")
        known = await stored.guilds()
        departed = sorted(known - present)
        if departed and not await asyncio.to_thread(confirm, len(departed), len(known)):
            print("nothing was erased", file=sys.stderr)  # noqa: T201
            return 1
        data = DataFolder(settings.data_dir)
        crops, models = database.files(data.art), database.files(data.models)
        erasure = ErasureService(stored, crops, models, ())
        for guild_id in departed:
            await erasure.erase_guild(guild_id)
    print(f"erased: {len(departed)} of {len(known)} servers")  # noqa: T201
    return 0


def _confirmed(departed: int, known: int) -> bool:
    """Ask on the terminal; without one the answer is no."""
    question = f"The bot is no longer in {departed} of {known} stored servers. Erase their data?"
    if not sys.stdin.isatty():
        print(f"{question} Add --yes to do so.", file=sys.stderr)  # noqa: T201
        return False
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
