"""Fixtures for every test."""

import os
from collections import defaultdict
from collections.abc import Iterator, MutableMapping, Sequence
from typing import Any

import pytest
import structlog
from structlog.testing import LogCapture

if "PYTEST_XDIST_WORKER" in os.environ:  # torch is not loaded yet, and workers share the cores
    os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture
def logged() -> Iterator[Sequence[MutableMapping[str, Any]]]:
    """What was logged, one mapping an entry."""
    capture = LogCapture()
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, capture])
    yield capture.entries
    structlog.reset_defaults()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how long each part of the tests took, setup and teardown included."""
    seconds: defaultdict[str, float] = defaultdict(float)
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                folder = report.nodeid.partition("::")[0].rpartition("/")[0]
                seconds["/".join(folder.split("/")[:3])] += report.duration
    terminalreporter.section("seconds by part")
    for part, spent in sorted(seconds.items(), key=lambda item: -item[1]):
        terminalreporter.write_line(f"{spent:8.1f}  {part}")
