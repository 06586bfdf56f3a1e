"""What signals that end a command do: they unwind it first, so that no server, process or folder of its own stays."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from types import FrameType
from typing import NoReturn

_ENDING = (signal.SIGTERM, signal.SIGHUP)


class _Ended(SystemExit):  # asyncio and click let this kind through, and no other
    """A signal has ended the command."""

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.number = number


@contextlib.contextmanager
def ended_in_order() -> Iterator[None]:
    """SIGTERM and SIGHUP unwind what runs, and then end the process as ever; a second one does so at once.

    Ctrl-C unwinds at once, too: asyncio's own way asks a task to end the next time that it waits, and before Python
    3.12 `wait_for`, as in redis-py, forgets that where what it waits for is there. Signals that are ignored stay so.
    """
    for number in _ENDING:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)
    try:
        yield
    except _Ended as ended:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
        os.kill(os.getpid(), ended.number)
        raise


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    signal.signal(number, signal.SIG_DFL)
    raise _Ended(number)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
