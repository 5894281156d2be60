"""sqlite-vec's exact search, asked line by line; run in an environment of its own.

Reads the vectors from the .npy file named first and finds as many songs as named second.
Prints a line of versions when it is ready; then, for each number on standard input, a JSON
line: the milliseconds it took to find that row's nearest, by the clock and of the processor,
and their row numbers.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np


def open_database() -> Any:
    """Open a database in memory, where reading from disk costs nothing, with the extension."""
    import pysqlite3  # type: ignore[import-not-found]  # of the rival's environment only
    import sqlite_vec  # type: ignore[import-not-found]

    connection = pysqlite3.connect(":memory:")
    connection.enable_load_extension(True)
    sqlite_vec.load(connection)
    return connection


def main() -> None:
    """Serve questions until standard input ends."""
    vectors, limit = np.load(sys.argv[1]), int(sys.argv[2])
    database = open_database()
    database.execute(
        f"CREATE VIRTUAL TABLE songs USING vec0(v float[{vectors.shape[1]}] distance_metric=cosine)"
    )
    rows = ((number, row.tobytes()) for number, row in enumerate(vectors))
    database.executemany("INSERT INTO songs (rowid, v) VALUES (?, ?)", rows)
    database.commit()
    versions = database.execute("SELECT vec_version(), sqlite_version()").fetchone()
    print("sqlite-vec {} on SQLite {}".format(*versions), flush=True)
    for line in sys.stdin:
        query = vectors[int(line)].tobytes()
        started, busy = time.perf_counter(), time.process_time()
        found = database.execute(
            "SELECT rowid FROM songs WHERE v MATCH ? AND k = ?", (query, limit)
        ).fetchall()
        clock = 1e3 * (time.perf_counter() - started)
        processor = 1e3 * (time.process_time() - busy)
        print(json.dumps([clock, processor, [rowid for (rowid,) in found]]), flush=True)


if __name__ == "__main__":
    main()
