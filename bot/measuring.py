"""What `/metrics` shows of the running bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.__main__ import Services
    from bot.discord.client import Usamimi
    from bot.metrics import Metrics


def watch_services(metrics: Metrics, services: Services, bot: Usamimi) -> None:
    """Have `/metrics` show how things stand, beside the requests that `metrics` counts."""
    listening, portrait_inference, watch = (
        services.listening,
        services.portrait_inference,
        metrics.watch,
    )
    watch("requests_under_way", "Requests being served", lambda: bot.gate.inside)
    watch("songs_in_house", "Songs fetched, waiting or being heard", lambda: listening.inside)
    watch("songs_waiting", "Songs that wait for their server's turn", lambda: listening.waiting)
    watch(
        "portraits_in_house", "Portraits waiting or being drawn", lambda: portrait_inference.inside
    )
    cache = "Memory that vectors take for searching"
    watch("songbook_memory_bytes", cache, lambda: services.songbook.memory_bytes)
    watch("servers", "Servers the bot is in", lambda: len(bot.guilds))
    watch("gateway_latency_seconds", "From heartbeat to its answer", lambda: bot.latency)
    watch("loop_lag_p50_seconds", "Lag of the last minute, median", lambda: bot.lag.quantile(0.5))
    p99 = "Lag of the last minute, slowest hundredth"
    watch("loop_lag_p99_seconds", p99, lambda: bot.lag.quantile(0.99))
    watch("loop_lag_worst_seconds", "Worst lag since start", lambda: bot.lag.worst_seconds)
    watch("model", "The model that hears; always 1", lambda: 1.0, version=listening.model)
    drawing = portrait_inference.version or "none"
    watch("portrait_model", "The model that draws; always 1", lambda: 1.0, version=drawing)
