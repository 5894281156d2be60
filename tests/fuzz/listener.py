"""A port that nobody may call."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def forbidden_port() -> Iterator[tuple[str, list[str]]]:
    """Listen on a port of this machine; gives its address, and fills a list with who calls."""
    callers: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"

        def wait() -> None:
            while True:
                try:
                    connection, caller = server.accept()
                except OSError:
                    return  # closed
                callers.append(str(caller))
                connection.close()

        threading.Thread(target=wait, name="forbidden port", daemon=True).start()
        yield address, callers
        server.shutdown(socket.SHUT_RDWR)
