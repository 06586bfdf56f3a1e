"""The process's own ends: signals that ask it to stop, and a deadline after which it goes whatever hangs."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import structlog

_log = structlog.get_logger()


@contextlib.contextmanager
def signals_set(stop: asyncio.Event) -> Iterator[None]:
    """SIGTERM, SIGINT and the end of the terminal set `stop`; a second signal ends the process at once.

    SIGHUP where there is no terminal is for `hangup_means`, and ends nothing.
    """
    loop = asyncio.get_running_loop()

    def handle(number: signal.Signals) -> None:
        # Of a terminal's end a process is told twice, by the shell and by the kernel.
        if stop.is_set() and number != signal.SIGHUP:
            os._exit(128 + number)
        _log.info("stopping", signal=number.name)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, handle, number)
    if not _at_terminal():
        loop.add_signal_handler(signal.SIGHUP, _do_nothing)
    elif signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        loop.add_signal_handler(signal.SIGHUP, handle, signal.SIGHUP)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.remove_signal_handler(number)


@contextlib.contextmanager
def hangup_means(action: Callable[[], None]) -> Iterator[None]:
    """SIGHUP does this meanwhile, as daemons take up their configuration, and nothing after it; not at a terminal."""
    if _at_terminal():
        yield
        return
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, action)
    try:
        yield
    finally:
        loop.add_signal_handler(signal.SIGHUP, _do_nothing)


def _at_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _do_nothing() -> None:
    pass


class Deadline:
    """Ends the process some time after `begin`, whatever hangs, unless `cancel` comes first.

    What was not recorded by then is done again at the next start.
    """

    def __init__(self, span: timedelta) -> None:
        self._timer = threading.Timer(span.total_seconds(), self._end)
        self._timer.daemon = True

    def begin(self) -> None:
        """Start the time, unless it runs already."""
        if self._timer.ident is None:
            self._timer.start()

    def cancel(self) -> None:
        """All has ended by itself."""
        self._timer.cancel()

    def _end(self) -> None:
        _log.error("stop_took_too_long", seconds=self._timer.interval)
        os._exit(1)
