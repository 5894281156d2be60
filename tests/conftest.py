"""Fixtures for every test."""

import os
from collections import defaultdict
from collections.abc import Iterator, MutableMapping, Sequence
from typing import Any

import pytest
import structlog
from structlog.testing import LogCapture

import storage.database

if "PYTEST_XDIST_WORKER" in os.environ:  # torch is not loaded yet, and workers share the cores
    os.environ.setdefault("OMP_NUM_THREADS", "1")


# Their tests wait for processes of their own: begun first, they leave no worker alone at the end.
LONG = ("tests/wire/", "tests/integration/demo/", "tests/fuzz/")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give a worker a file at a time, and all that share one bot on the wire to one worker."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))
    if not config.pluginmanager.hasplugin("xdist"):
        return
    numbers: defaultdict[str, int] = defaultdict(lambda: len(numbers))
    for item in items:
        shares = "shared_bot" in getattr(item, "fixturenames", ())
        group = "wire" if shares else str(numbers[item.nodeid.partition("::")[0]])
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(autouse=True, scope="session")
def databases_that_need_not_survive_a_power_cut() -> Iterator[None]:
    """Wait for no disk: 12 ms at each commit, of which there are thousands."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(storage.database, "SYNCHRONOUS", "OFF")
        yield


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
