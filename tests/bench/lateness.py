"""How late this machine wakes a process that sleeps: what every hop of a latency has to bear, whoever's fault it is."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Self

_NAP = 0.01


class Lateness:
    """Naps in a thread of its own while it is open; `late` are the seconds by which each nap was too long."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._nap, name="lateness", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()

    def _nap(self) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            time.sleep(_NAP)
            self.late.append(time.monotonic() - began - _NAP)
