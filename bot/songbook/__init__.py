"""A server's songbook: remember songs, search them, import and forget them."""
