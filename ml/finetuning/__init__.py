"""Lessons: what a server handed over becomes a model of its own, in a process of its own."""
