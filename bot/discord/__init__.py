"""The adapter to discord.py: client, requests, messages, buttons."""
