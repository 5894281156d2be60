"""Lessons: what members contribute, and the models a server trains from it."""
