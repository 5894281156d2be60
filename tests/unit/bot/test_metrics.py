"""Figures for Prometheus: what happened, and how things stand when asked."""

from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import Metrics


def value(metrics: Metrics, name: str, **labels: str) -> float:
    families = text_string_to_metric_families(metrics.exposition().decode())
    samples = [s for family in families for s in family.samples if s.name == name]
    return next(sample.value for sample in samples if labels.items() <= sample.labels.items())


def test_requests_are_counted_by_command_and_outcome() -> None:
    metrics = Metrics()
    metrics.count("genre", "answered", 0.4)
    metrics.count("genre", "answered", 4.0)
    metrics.count("genre", "declined", 0.1)
    assert value(metrics, "usamimi_requests_total", command="genre", outcome="answered") == 2
    assert value(metrics, "usamimi_request_seconds_bucket", command="genre", le="0.5") == 2
    assert value(metrics, "usamimi_request_seconds_count", command="genre") == 3


def test_a_watched_value_is_read_when_asked() -> None:
    metrics, songs = Metrics(), [1, 2]
    metrics.watch("songs", "Songs", lambda: len(songs))
    songs.append(3)
    assert value(metrics, "usamimi_songs") == 3


def test_a_figure_of_each_shard_is_read_when_asked() -> None:
    metrics, shards = Metrics(), {0: 1.0}
    metrics.watch_each("shard_up", "Whether it is up", "shard", lambda: shards)
    shards[1] = 0.0
    assert value(metrics, "usamimi_shard_up", shard="0") == 1
    assert value(metrics, "usamimi_shard_up", shard="1") == 0


def test_the_version_of_a_model_is_a_label() -> None:
    metrics = Metrics()
    metrics.watch("model", "The model", lambda: 1.0, version="music2vector 2")
    assert value(metrics, "usamimi_model", version="music2vector 2") == 1


def test_the_process_tells_of_its_memory_and_files() -> None:
    assert value(Metrics(), "process_resident_memory_bytes") > 0
    assert value(Metrics(), "process_open_fds") > 0
