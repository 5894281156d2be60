"""Fixtures for every test."""

import os
from collections import defaultdict
from collections.abc import Iterator, MutableMapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.testing import LogCapture

import storage.database

if "PYTEST_XDIST_WORKER" in os.environ:  # torch is not loaded yet, and workers share the cores
    os.environ.setdefault("OMP_NUM_THREADS", "1")


ROOT = Path(__file__).parents[1]
# Their tests wait for processes of their own: begun first, they leave no worker alone at the end.
LONG = ("tests/wire/", "tests/integration/demo/", "tests/fuzz/")


SLOW_SECONDS = 900  # that a slow test may take: CI's cores are at times five times slower than ours


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long files first (`--no-loadscope-reorder` leaves them there); give slow tests time."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))
    for item in items:
        if item.get_closest_marker("slow") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(SLOW_SECONDS))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give a worker a file at a time, and all that share one bot on the wire to one worker."""
    from xdist.scheduler import LoadFileScheduling

    class Scheduler(LoadFileScheduling):  # type: ignore[misc]  # xdist carries no annotations
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return "wire" if file.startswith("tests/wire/") and _shares_a_bot(file) else file

    return Scheduler(config, log)


@cache
def _shares_a_bot(file: str) -> bool:
    return "stage: Stage" in (ROOT / file).read_text(encoding="utf-8")


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
