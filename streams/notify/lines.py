"""Notifications as lines of JSON, in a file or on standard output: for an archive, a pipe, or to see what is told."""

from __future__ import annotations

import asyncio
import errno
import os
import sys
from pathlib import Path

from streams.alerts import Notification
from streams.errors import DeliveryDeferredError, DeliveryRefusedError
from streams.notify.notifier import NOTHING, Earlier, Receipt
from streams.notify.render import ENGLISH
from streams.notify.webhook import body_of
from streams.notify.wording import Wording
from streams.stores.outbox import Pace

STANDARD_OUTPUT = Path("-")
LOOK_BACK = 4_000_000
"""Bytes at a file's end in which an uncertain line is looked for; a line has a few thousand."""
NOT_NOW = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EAGAIN, errno.ENFILE, errno.EMFILE})


class Lines:
    """Appends to a file, each line synced to the disk before it counts as delivered; `-` is standard output."""

    pace: Pace | None = None
    edits = False

    def __init__(self, path: Path, *, wording: Wording = ENGLISH) -> None:
        self._path, self._wording = path, wording

    async def send(self, notification: Notification, earlier: Earlier = NOTHING) -> Receipt:
        """Append a line. The file is asked whether it has an uncertain one; standard output cannot be."""
        line = body_of(notification, self._wording) + b"\n"
        return Receipt(await self._write(line, known=notification.id if earlier.uncertain else ""))

    async def check(self) -> str:
        """Whether the file can be written to."""
        if self._path == STANDARD_OUTPUT:
            return "standard output"
        await self._write(b"")
        return f"{self._path} can be written to"

    async def close(self) -> None:
        """Nothing is kept open."""

    async def _write(self, line: bytes, *, known: str = "") -> str:
        try:
            return await asyncio.to_thread(self._append, line, known)
        except OSError as error:
            text = f"{self._path} cannot be written: {error.strerror or type(error).__name__}"
            later = error.errno in NOT_NOW
        raise DeliveryDeferredError(text) if later else DeliveryRefusedError(text, everything=True)

    def _append(self, line: bytes, id_: str) -> str:
        if self._path == STANDARD_OUTPUT:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
            return "standard output"
        with self._path.open("a+b") as file:
            end = file.seek(0, os.SEEK_END)
            if id_ and self._holds(end, id_):
                return f"{self._path}, written before"
            # A line that a crash cut off must not swallow the next one.
            if line and end and self._last_byte(end) != b"\n":
                line = b"\n" + line
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
            return f"{self._path}@{end}"

    def _holds(self, end: int, id_: str) -> bool:
        with self._path.open("rb") as file:
            file.seek(max(0, end - LOOK_BACK))
            return f'"id":"{id_}"'.encode() in file.read()

    def _last_byte(self, end: int) -> bytes:
        with self._path.open("rb") as file:
            file.seek(end - 1)
            return file.read(1)
