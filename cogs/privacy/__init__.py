"""`/privacy`: what is stored of a member, in every server they share with the bot."""

from cogs.privacy._cog import PrivacyCog

__all__ = ["PrivacyCog"]
