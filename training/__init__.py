"""What makes the models that ship; serving imports nothing of it."""
