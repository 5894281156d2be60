"""Real SQLite in a temporary folder; songs made up here."""

from __future__ import annotations

from tests.factories import MODEL, NOW, OTHER_SERVER, SERVER, VECTOR_SIZE, post, traits
from tests.factories import heard_song as heard

__all__ = ["MODEL", "NOW", "OTHER_SERVER", "POST", "SERVER", "SIZE", "TRAITS", "heard", "post"]

SIZE = VECTOR_SIZE
POST = post(100, attachment_id=1000, title="Lunatic Eyes.mp3", posted_at=NOW, content_hash=None)
TRAITS = traits()
