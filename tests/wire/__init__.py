"""A loopback Discord on this machine, and the bot as a process of its own talking to it."""
