"""Portraits: draw, vary, morph, explain and keep them."""
