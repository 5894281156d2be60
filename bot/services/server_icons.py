"""Server icons: what the bot replaced is kept for a day, to be put back."""

from __future__ import annotations

from bot.errors import IconChangedSince, NoUndoLeft
from storage.icons import UNDO_TIME, Icons
from storage.portrait_values import IconChange

__all__ = ["UNDO_TIME", "ServerIcons"]


class ServerIcons:
    """Knows the latest changes."""

    def __init__(self, icons: Icons) -> None:
        """Work on the stored changes."""
        self._icons = icons

    async def changed(
        self, guild_id: int, changed_by: int, *, new_icon: str, old_icon: bytes | None
    ) -> IconChange:
        """Note that an icon was replaced; see `storage.icons.Icons.changed`."""
        return await self._icons.changed(guild_id, changed_by, new_icon=new_icon, old_icon=old_icon)

    async def undoable(self, guild_id: int, change_id: int, icon_now: str | None) -> IconChange:
        """Find a change that can be undone.

        Args:
            guild_id: the server.
            change_id: the change.
            icon_now: Discord's name of the icon that the server has.

        Raises:
            NoUndoLeft: a day has passed, or it was undone.
            IconChangedSince: somebody has set another icon since.
        """
        change = await self._icons.change(guild_id, change_id)
        if change is None:
            raise NoUndoLeft
        if icon_now != change.new_icon:
            raise IconChangedSince
        return change

    async def undone(self, change: IconChange) -> None:
        """Note that the old icon is back."""
        await self._icons.forget_change(change.guild_id, change.change_id)

    async def tidy(self) -> None:
        """Forget old icons whose time is over."""
        await self._icons.forget_old()

    async def server_left(self, guild_id: int) -> None:
        """Forget the icons of a server that is gone or sent the bot away."""
        await self._icons.forget_server(guild_id)
