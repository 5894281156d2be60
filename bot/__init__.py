"""The process: settings, wiring, the Discord client, words, errors and the local page."""
