"""Fixtures for every test."""

from collections import defaultdict
from collections.abc import Iterator, MutableMapping, Sequence
from typing import Any

import pytest
import structlog
from structlog.testing import LogCapture


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
