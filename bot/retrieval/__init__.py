"""Exact vector search over one server's songs, and the matrices it runs on."""
