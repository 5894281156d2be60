"""Trains the networks that draw the portraits that ship."""
