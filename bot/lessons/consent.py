"""Consent: what members read before they hand something over, and that they agreed."""

from __future__ import annotations

from storage.lesson_values import Consent
from storage.members import Consents

WORDING = 1  # raised whenever the text changes in meaning, so that everybody is asked again


class ConsentService:
    """Knows who agreed to the present text."""

    def __init__(self, consents: Consents) -> None:
        """Work on `consents`."""
        self._consents = consents

    async def agreed(self, guild_id: int, member_id: int) -> bool:
        """Tell whether a member agreed, in this server, to the text as it reads now."""
        consent = await self._consents.find(guild_id, member_id)
        return consent is not None and consent.wording == WORDING

    async def agree(self, guild_id: int, member_id: int, wording: int) -> bool:
        """Record that a member agreed to the text of version `wording`.

        Returns:
            False when the text has changed since they read it; nothing is recorded then.
        """
        if wording != WORDING:
            return False
        await self._consents.agree(guild_id, member_id, wording)
        return True

    async def of_member(self, member_id: int) -> tuple[Consent, ...]:
        """List what a member agreed to, in all servers."""
        return await self._consents.of_member(member_id)
