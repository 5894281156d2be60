"""Listening: admit a song, decode it in a child, embed it."""
