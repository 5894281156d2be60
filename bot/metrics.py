"""Count requests and gauge services, for Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 40.0, 80.0)
QUICK_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)


class Metrics:
    """The bot's metrics; none names a member or a server.

    Attributes:
        acknowledged: how long acknowledgements took, in seconds.
    """

    def __init__(self) -> None:
        """Create a registry of this bot's own."""
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "usamimi_requests",
            "Requests by command and by how they ended",
            ["command", "outcome"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "usamimi_request_seconds",
            "From a request's arrival to its last word",
            ["command"],
            buckets=SECONDS,
            registry=self._registry,
        )
        self.acknowledged = Histogram(
            "usamimi_acknowledge_seconds",
            "From a request's arrival until Discord knew that it was heard",
            buckets=QUICK_SECONDS,
            registry=self._registry,
        )

    def count(self, command: str, outcome: str, seconds: float) -> None:
        """Count a finished request: "answered", "declined", "failed" or "stopped"."""
        self._requests.labels(command, outcome).inc()
        self._seconds.labels(command).observe(seconds)

    def watch(self, name: str, meaning: str, read: Callable[[], float], **labels: str) -> None:
        """Register a gauge that is read at every scrape.

        Args:
            name: without the prefix; with its unit.
            meaning: one sentence for people.
            read: gives the value now; quick, for it runs on the event loop.
            labels: fixed ones, such as the version of a model.
        """
        gauge = Gauge(f"usamimi_{name}", meaning, list(labels), registry=self._registry)
        (gauge.labels(**labels) if labels else gauge).set_function(read)

    def watch_each(
        self, name: str, meaning: str, label: str, read: Callable[[], Mapping[int, float]]
    ) -> None:
        """Register a gauge with a value for each number of a label, read at every scrape."""
        self._registry.register(_GaugeOfEach(f"usamimi_{name}", meaning, label, read))

    def exposition(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self._registry)


class _GaugeOfEach(Collector):
    """A gauge whose labels are known only when it is read."""

    def __init__(
        self, name: str, meaning: str, label: str, read: Callable[[], Mapping[int, float]]
    ) -> None:
        self._name = name
        self._meaning = meaning
        self._label = label
        self._read = read

    def collect(self) -> Iterable[GaugeMetricFamily]:
        family = GaugeMetricFamily(self._name, self._meaning, labels=[self._label])
        for number, value in self._read().items():
            family.add_metric([str(number)], value)
        yield family
