"""Configure structured logs: each line of a request carries its reference."""

from __future__ import annotations

import logging
import secrets
import sys

import structlog
from structlog.types import Processor

PACKAGES = ("bot", "cogs", "ml", "storage")
SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)
# No 0/O or 1/I: people read these aloud and type them back.
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def new_reference() -> str:
    """Return a short code that members quote and hosts find in the log."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(6))


def configure_logging(level: str, style: str) -> None:
    """Send all logs, discord.py's too, to standard error.

    Args:
        level: DEBUG, INFO, WARNING or ERROR.
        style: "text" for people, "json" for machines.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*SHARED, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_renderers(style),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # What libraries tell of their work holds what members wrote: events, statements, addresses.
    root.setLevel(max(logging.INFO, logging.getLevelNamesMapping()[level]))
    for package in PACKAGES:
        logging.getLogger(package).setLevel(level)
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def _renderers(style: str) -> list[Processor]:
    """Return what turns a log event into its line."""
    if style == "json":
        # Locals stay out of tracebacks: they may hold what members sent.
        tracebacks = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        return [
            structlog.processors.ExceptionRenderer(tracebacks),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    return [
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    ]
