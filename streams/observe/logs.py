"""Log lines: one for each unit of work worth one, on standard error, an event name plus key=value (logfmt)."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable

import structlog

_QUIET = (
    *("aiokafka", "faust", "mode", "asyncio", "aiohttp", "slack_sdk"),
    # Faust's services log under the module of their class, which for these is ours.
    *("streams.transports.faust_app", "streams.transports.kafka_transport", "streams.transports.sqlite_transport"),
)
"""Whose information messages are of no use in a healthy hour; their warnings are kept."""
_MUTE = ("trafilatura", "htmldate", "courlan", "charset_normalizer")
"""Libraries that log an error for every page without an article; ingest says that itself, with URL and cause."""


def set_up(*, level: int = logging.INFO) -> None:
    """Sends our lines and the libraries' to standard error in one form. Called once, by the command line."""
    shared: Iterable[structlog.typing.Processor] = (
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    )
    on_terminal = sys.stderr.isatty()
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer()
        if on_terminal
        else structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], bool_as_flag=False)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=list(shared),
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    mute_libraries()


def mute_libraries() -> None:
    """Silence the libraries that say what we say ourselves; for commands that write no log."""
    for name in _MUTE:
        logging.getLogger(name).setLevel(logging.CRITICAL)
