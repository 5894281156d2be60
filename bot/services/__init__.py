"""What the bot does, free of Discord."""
