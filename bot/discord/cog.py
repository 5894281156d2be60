"""The base of every cog, and command texts in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from discord import Locale, app_commands
from discord.ext import commands

from bot.discord.requests import RequestGate
from bot.discord.shards import ShardedBot
from bot.discord.ui import PersistentButton, PersistentSelect
from bot.i18n import LOCALES, translator_for

Text = app_commands.locale_str


def localised(key: str, *, limit: str | None = None) -> Text:
    """Name something that Discord shows: in English here, translated when commands sync.

    Args:
        key: of the catalogues.
        limit: which file's largest size the text takes as `$limit`, `song` or `picture`. The host
            sets it, so it is known when commands sync; for readers of other languages it is 0.
    """
    facts = {} if limit is None else {"limit": 0}
    return Text(translator_for("en")(key, **facts), key=key, limit=limit)


class CatalogueTranslator(app_commands.Translator):
    """Answers Discord's question for a translation from the catalogues."""

    def __init__(self, limits: Mapping[str, int]) -> None:
        """Fill `limits`, the largest files in MB, into the texts that take one."""
        super().__init__()
        self._limits = limits

    async def translate(
        self, string: Text, locale: Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        """Translate `string`, or return None where its English stands for the locale."""
        key = string.extras.get("key")
        language = locale.value.split("-")[0]
        if key is None or language not in LOCALES:
            return None
        limit = string.extras.get("limit")
        if limit is not None:
            return translator_for(language)(key, limit=self._limits[limit])
        return None if language == "en" else translator_for(language)(key)


class Cog(commands.Cog):
    """A cog whose requests pass the gate.

    Attributes:
        gate: where its requests come in.
        menus: its context menus.
        persistent_items: its buttons and selects that work in messages from before a restart.
    """

    persistent_items: ClassVar[tuple[type[PersistentButton | PersistentSelect], ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for item in cls.persistent_items:
            item.check_owner(cls)

    def __init__(self, gate: RequestGate) -> None:
        """Start without context menus; discord.py cannot declare them inside a cog."""
        super().__init__()
        self.gate = gate
        self.menus: list[app_commands.ContextMenu] = []

    async def ready(self, bot: ShardedBot) -> None:
        """Begin what needs Discord.

        Called whenever a shard has a new session and knows its servers. Does nothing unless a
        cog says otherwise.
        """

    def add_menu(self, name: app_commands.locale_str, callback: Any) -> None:
        """Offer a context menu; `callback` takes the interaction and its target.

        Any: discord.py types it by a private union.
        """
        self.menus.append(app_commands.ContextMenu(name=name, callback=callback))

    def add_to(
        self,
        group: app_commands.Group,
        name: app_commands.locale_str,
        description: app_commands.locale_str,
        callback: Any,
    ) -> None:
        """Offer a command of a group that several cogs share.

        discord.py can declare a group inside one cog only. The callback's options are described
        as everywhere, by decorators. Any: discord.py types it by a private union.
        """
        group.add_command(
            app_commands.Command(name=name, description=description, callback=callback)
        )
