"""Erase what is stored and held in memory of a member, server, channel or message."""

from __future__ import annotations

from collections.abc import Awaitable, Collection, Sequence
from datetime import UTC, datetime
from typing import Protocol

import structlog

from storage.database import finish
from storage.erasure import Erased, Erasure, Scope, ScopeKind
from storage.errors import StorageError
from storage.files import Files

log = structlog.stdlib.get_logger(__name__)


class ErasureObserver(Protocol):
    """Holds something in memory that an erasure must reach.

    Neither method waits for anything: between the commit and the last observer nothing else runs
    on the event loop, so that nobody sees what was erased in one place and not in another.
    """

    def before_erasure(self, scope: Scope) -> None:
        """Stop storing what is under way of a scope; its rows are deleted next."""

    def after_erasure(self, scope: Scope, erased: Erased | None) -> None:
        """Drop what is held in memory of what was erased.

        Args:
            scope: what was to be erased.
            erased: what the commit removed; None where the database failed, or another process
                erased, so that everything read from it of this scope must be read again.
        """


class ErasureService:
    """The one way by which members, servers, channels and messages are erased.

    The database first, in one transaction; then the observers; then the files. A crash before the
    commit erases nothing; after it, only files are left that belong to nothing, and the next start
    removes those (`ContributionService.sweep`, `ServerModels.sweep`).
    """

    def __init__(
        self,
        stored: Erasure,
        crops: Files,
        models: Files,
        observers: Sequence[ErasureObserver],
    ) -> None:
        """Join the parts.

        Args:
            stored: erases rows.
            crops: the files of contributed art.
            models: the files of trained models.
            observers: told before and after each erasure, in their order.
        """
        self._stored = stored
        self._crops = crops
        self._models = models
        self._observers = tuple(observers)

    async def erase_member(self, member_id: int, *, opt_out: bool = False) -> Erased:
        """Erase a member in every server; with `opt_out`, remember nothing of theirs again.

        An opt-out that was there before stays.

        Raises:
            StorageError: the database could not do it; nothing was erased.
        """
        scope, now = Scope.member(member_id), datetime.now(UTC) if opt_out else None
        return await self._erase(scope, self._stored.erase(scope, opt_out_at=now))

    async def erase_guild(self, guild_id: int) -> Erased:
        """Erase everything of a server, its settings and its members' wishes too.

        Raises:
            StorageError: the database could not do it; nothing was erased.
        """
        scope = Scope.guild(guild_id)
        return await self._erase(scope, self._stored.erase(scope))

    async def erase_channel(self, guild_id: int, channel_id: int) -> Erased:
        """Erase a channel: songs, its threads' songs, imports, that it was watched.

        Raises:
            StorageError: the database could not do it; nothing was erased.
        """
        scope = Scope.channel(guild_id, channel_id)
        return await self._erase(scope, self._stored.erase(scope))

    async def erase_messages(self, guild_id: int, message_ids: Collection[int]) -> Erased:
        """Erase the songs and portraits of messages; portraits in galleries stay.

        Args:
            guild_id: the server; 0 for direct messages.
            message_ids: the messages.

        Raises:
            StorageError: the database could not do it; nothing was erased.
        """
        scope = Scope.messages(guild_id, message_ids)
        return await self._erase(scope, self._stored.erase(scope))

    async def erase_contributions(
        self, member_id: int, contribution_ids: Collection[int]
    ) -> Erased:
        """Erase some of a member's contributions, with their crops.

        Models that learned from them are marked; lessons that learn from them begin anew.

        Raises:
            StorageError: the database could not do it; nothing was erased.
        """
        scope = Scope.contributions(contribution_ids)
        return await self._erase(
            scope, self._stored.erase_contributions(member_id, contribution_ids)
        )

    def reread(self, member_id: int | None) -> None:
        """Have memory read anew what another process erased of a member; None: everything."""
        scope = Scope(ScopeKind.MEMBER, frozenset(() if member_id is None else (member_id,)))
        for observer in self._observers:
            observer.before_erasure(scope)
            observer.after_erasure(scope, None)

    async def _erase(self, scope: Scope, change: Awaitable[Erased]) -> Erased:
        """Erase to the end, even when the caller is cancelled meanwhile."""
        for observer in self._observers:
            observer.before_erasure(scope)
        return await finish(self._commit(scope, change))

    async def _commit(self, scope: Scope, change: Awaitable[Erased]) -> Erased:
        erased: Erased | None = None
        try:
            erased = await change
        finally:
            for observer in self._observers:
                observer.after_erasure(scope, erased)
        if erased.deleted or erased.cleared:
            log.info("erased", subject=scope.subject.value, rows=sum(erased.deleted.values()))
        await _remove(self._crops, erased.crops)
        await _remove(self._models, erased.model_files)
        return erased


async def _remove(files: Files, names: Sequence[str]) -> None:
    if not names:
        return
    try:
        await files.remove(names)
    except (OSError, StorageError):  # the rows are gone; the next start removes the files
        log.exception("file_not_removed")
