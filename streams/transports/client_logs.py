"""Keeps the engine's own libraries from filling the log: an outage of Kafka makes tens of thousands of equal lines."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import timedelta

LIBRARIES = ("aiokafka", "faust", "mode")
EVERY = timedelta(seconds=60)


class RateLimited(logging.Handler):
    """Hands a library's records on to the root logger: warnings and worse, each message once in a while.

    Records are equal when logger, level and the text before its arguments are. The one that gets through says how many
    like it were held back since the last.
    """

    def __init__(self, every: timedelta = EVERY, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(logging.WARNING)
        self._every, self._clock = every.total_seconds(), clock
        self._last: dict[tuple[str, int, str], float] = {}
        self._held: dict[tuple[str, int, str], int] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Hand the record on, or count it."""
        kind, now = (record.name, record.levelno, str(record.msg)), self._clock()
        if kind in self._last and now - self._last[kind] < self._every:
            self._held[kind] = self._held.get(kind, 0) + 1
            return
        self._last[kind] = now
        if held := self._held.pop(kind, 0):
            record.msg, record.args = f"{record.getMessage()} (and {held} more like it)", None
        logging.getLogger().handle(record)


def limit_client_logs(every: timedelta = EVERY) -> Callable[[], None]:
    """Rate-limit the libraries' loggers; call what comes back to undo it. For the composition root."""
    handler = RateLimited(every)
    before = [(logging.getLogger(name), logging.getLogger(name).level) for name in LIBRARIES]
    for logger, _ in before:
        logger.addHandler(handler)
        logger.setLevel(logging.WARNING)
        logger.propagate = False

    def undo() -> None:
        for logger, level in before:
            logger.removeHandler(handler)
            logger.setLevel(level)
            logger.propagate = True

    return undo
