"""Store portraits in galleries; undo deleted answers and server icons."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.errors import GalleryFullError, IconChangedSinceError, NoUndoLeftError, PortraitGoneError
from bot.portraits.service import Asker
from storage.erasure import Erased, Scope, ScopeKind
from storage.portraits import GalleryPage, IconChange, Icons, KeptPortrait, Portrait
from storage.portraits import Portraits as StoredPortraits

PAGE = 9  # portraits of a page
UNDO_SECONDS = 60.0  # a deleted answer can be put back


class GalleryService:
    """Stores portraits for members, a limited number each, and shows them."""

    def __init__(self, stored: StoredPortraits, limit: int) -> None:
        """Store at most `limit` portraits of one member in one server."""
        self._stored = stored
        self._limit = limit
        self._deleted: dict[int, tuple[Portrait, ...]] = {}  # by message, for `UNDO_SECONDS`

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

    # Deleted answers: erased from the database at once, and held in memory to be put back

    async def delete_undoably(
        self, guild_id: int, message_id: int, erase: Callable[[], Awaitable[object]]
    ) -> bool:
        """Have an answer erased, and hold its portraits in memory until they are put back.

        Args:
            guild_id: the server, or `DIRECT_MESSAGES`.
            message_id: the answer.
            erase: erases it from the database.

        Returns:
            Whether there is anything to put back: what is in galleries is not erased.
        """
        portraits = await self._stored.of_message(guild_id, message_id)
        await erase()
        if portraits:
            self._deleted[message_id] = portraits
        return bool(portraits)

    def let_go(self, message_id: int) -> None:
        """End what `delete_undoably` began: the time to undo is over."""
        self._deleted.pop(message_id, None)

    async def put_back(self, message_id: int) -> tuple[Portrait, ...]:
        """Store the portraits of a deleted answer again.

        Raises:
            PortraitGoneError: it is too late, or they were erased otherwise meanwhile.
        """
        portraits = self._deleted.pop(message_id, ())
        if not portraits:
            raise PortraitGoneError
        await self._stored.put_back(message_id, portraits)
        return portraits

    # Observes `bot.privacy.erasure`

    def before_erasure(self, scope: Scope) -> None:
        """Nothing is under way here that an erasure must stop."""

    def after_erasure(self, scope: Scope, erased: Erased | None) -> None:
        """Let go of what a member's or a server's erasure must reach."""
        for message_id, portraits in list(self._deleted.items()):
            first = portraits[0]
            named = {
                ScopeKind.MEMBER: first.member_id,
                ScopeKind.GUILD: first.guild_id,
                ScopeKind.MESSAGE: message_id,
            }
            if named.get(scope.subject) in scope.ids:
                self.let_go(message_id)


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
