"""`/similar` and its context menu: which songs of the server sound like one."""

from cogs.similar._buttons import similar_button
from cogs.similar._cog import Similar

__all__ = ["Similar", "similar_button"]
