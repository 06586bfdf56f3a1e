"""A lock that one process of this host holds while it lives: a worker's slot, or an embedded database.

flock(2) and not a pid file: the kernel lets go of it when the process dies, however it dies.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Self

from streams.errors import EngineError, SlotTakenError


class HostLock:
    """Holds `path` locked from `acquire` to `release`. `what` names in errors the thing that is locked."""

    def __init__(self, path: Path, what: str) -> None:
        self.path, self.what = path, what
        self._fd: int | None = None

    def acquire(self) -> Self:
        """Take the lock.

        Raises:
            SlotTakenError: another live process has it; the text names its pid.
            EngineError: the lock file cannot be written.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            fd = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise EngineError(f"the lock {self.path} cannot be opened: {error.strerror}") from error
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(fd, 20, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(fd)
            raise SlotTakenError(
                f"{self.what} is in use by process {holder}; stop that one, or give this one a place of its own"
            ) from error
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        self._fd = fd
        return self

    def release(self) -> None:
        """Let go. The file stays: removing it would let two processes lock two files of one name."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
