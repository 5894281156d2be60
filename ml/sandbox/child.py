"""The life of a child: get ready, be confined, then do one job after another.

Imports nothing heavier than its jobs do, so that it starts in a fraction of a second.
"""

from __future__ import annotations

import json
import socket
import sys
from importlib import import_module

from ml.sandbox.channel import Channel, Closed
from ml.sandbox.confinement import OUT_OF_MEMORY, Confinement, die_with
from ml.sandbox.memory import taken_over


def main(words: str) -> None:
    """Serve the parent until it hangs up.

    Args:
        words: JSON of `parent` (process id), of the descriptors `socket`, `input` (memory in
            which the parent puts files) and `output` (where results go), of `memory_bytes`, and
            of `jobs`: module and options by name.
    """
    orders = json.loads(words)
    die_with(orders["parent"])
    channel = Channel(socket.socket(fileno=orders["socket"]), most_payload=0)
    given = taken_over(orders["input"], writable=False)
    output = taken_over(orders["output"], writable=True)
    work = {
        name: import_module(module).prepare(options)
        for name, (module, options) in orders["jobs"].items()
    }
    confinement = Confinement(orders["memory_bytes"])
    try:
        channel.send({"ready": True})
        while True:
            request, _ = channel.receive()
            confinement.allow(request["memory_bytes"], request["cpu_seconds"])
            channel.send(work[request["job"]](given[: request["size"]], output))
    except Closed:
        return
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)
