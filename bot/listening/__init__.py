"""Listening: admit songs, decode them in a child, infer in batches."""
