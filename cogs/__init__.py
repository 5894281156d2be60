"""Commands: each parses, calls one service and renders the answer."""
