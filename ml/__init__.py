"""Models, free of Discord and of storage."""
