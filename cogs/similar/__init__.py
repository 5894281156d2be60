"""`/similar` and its context menu: which songs of the server sound like one."""

from cogs.similar._answer import pick_select, similar_button, title_choices, typed_song
from cogs.similar._cog import SimilarCog

__all__ = ["SimilarCog", "pick_select", "similar_button", "title_choices", "typed_song"]
