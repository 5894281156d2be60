"""Store portraits in galleries, and find server icons that can be undone."""

from __future__ import annotations

from bot.errors import GalleryFullError, IconChangedSinceError, NoUndoLeftError, PortraitGoneError
from bot.portraits.service import Asker
from storage.portraits import GalleryPage, IconChange, Icons, KeptPortrait
from storage.portraits import Portraits as StoredPortraits

PAGE = 9  # portraits of a page


class GalleryService:
    """Stores portraits for members, a limited number each, and shows them."""

    def __init__(self, stored: StoredPortraits, limit: int) -> None:
        """Store at most `limit` portraits of one member in one server."""
        self._stored = stored
        self._limit = limit

    async def keep(self, asker: Asker, portrait_id: int, picture: bytes) -> None:
        """Put a portrait into the asker's gallery; one that is there already stays.

        Args:
            asker: whose gallery.
            portrait_id: the portrait, whoever it was drawn for.
            picture: WebP without losses, as large as the model drew it.

        Raises:
            PortraitGoneError: it is no longer known.
            GalleryFullError: there is no room.
        """
        if await self._stored.portrait(asker.guild_id, portrait_id) is None:
            raise PortraitGoneError
        kept = await self._stored.keep(
            asker.guild_id, asker.member_id, portrait_id, picture, most=self._limit
        )
        if kept is None:
            raise GalleryFullError(self._limit)

    async def page(self, asker: Asker, page: int) -> GalleryPage:
        """Return a page, the first being 0."""
        return await self._stored.gallery(
            asker.guild_id, asker.member_id, first=page * PAGE, count=PAGE
        )

    async def suggest(self, asker: Asker, typed: str, limit: int) -> tuple[KeptPortrait, ...]:
        """Return stored portraits by what was typed of their seed, at most `limit`."""
        everything = await self._stored.export_member(asker.guild_id, asker.member_id)
        wanted = typed.casefold().strip()
        return tuple(each for each in everything if wanted in each.seed.casefold())[:limit]

    async def open(self, asker: Asker, portrait_id: int) -> KeptPortrait:
        """Return one portrait of the asker's gallery.

        Raises:
            PortraitGoneError: it is not there.
        """
        kept = await self._stored.kept(asker.guild_id, asker.member_id, portrait_id)
        if kept is None:
            raise PortraitGoneError
        return kept

    async def take_out(self, asker: Asker, portrait_id: int) -> None:
        """Remove a portrait from the asker's gallery, for good.

        Raises:
            PortraitGoneError: it is not there.
        """
        if not await self._stored.take_out(asker.guild_id, asker.member_id, portrait_id):
            raise PortraitGoneError


async def undoable_icon(
    icons: Icons, guild_id: int, change_id: int, icon_now: str | None
) -> IconChange:
    """Return a change of a server's icon that can be undone.

    Args:
        icons: the stored changes.
        guild_id: the server.
        change_id: the change.
        icon_now: Discord's name of the icon that the server has.

    Raises:
        NoUndoLeftError: a day has passed, or it was undone.
        IconChangedSinceError: somebody has set another icon since.
    """
    change = await icons.change(guild_id, change_id)
    if change is None:
        raise NoUndoLeftError
    if icon_now != change.new_icon:
        raise IconChangedSinceError
    return change
