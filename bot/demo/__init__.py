"""Serve the same bot without Discord, on a demo server in the browser."""

from bot.demo.page import serve_page

__all__ = ["serve_page"]
