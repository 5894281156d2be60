"""Erase what Discord no longer has: messages, files in them, channels, servers."""

from cogs.erasure._cog import ErasureCog

__all__ = ["ErasureCog"]
