"""Where archives of articles lie: files and folders of article lines, packed or not, standard input, the broker."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import io
import json
import sys
import zlib
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from streams.article_lines import content_of
from streams.backtest import Line
from streams.cli.options import settings_of
from streams.errors import InputError, MalformedMessageError
from streams.file_names import name_of

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from zstandard import ZstdDecompressionObj

TOPIC = "topic:articles"
STANDARD_INPUT = "-"
_SUFFIXES = (".jsonl", ".ndjson")
_PACKED = ("", ".gz", ".zst", ".zstd")
_PACKED_BYTES = 4096
"""How much of a zstandard frame is unpacked at once: at worst, of one letter again and again, into 130 MB."""


def lines_of(archives: list[str], config: Path | None) -> Iterator[Line | InputError]:
    """The lines of every archive, one after the other, read as they are asked for; a bad message gives its error.

    Raises:
        InputError: an archive cannot be read.
    """
    for name in archives:
        if name == TOPIC:
            yield from _of_topic(config)
        elif Path(name).is_dir():
            for path in files_in(Path(name)):
                yield from _of_file(str(path))
        else:
            yield from _of_file(name)


def files_in(folder: Path) -> list[Path]:
    """The archives in a folder and below it, by name.

    Raises:
        InputError: there is none.
    """
    endings = tuple(suffix + packed for suffix in _SUFFIXES for packed in _PACKED)
    found = sorted(path for path in folder.rglob("*") if path.name.endswith(endings) and path.is_file())
    if not found:
        raise InputError(f"holds no file whose name ends in {', '.join(_SUFFIXES)}, packed or not", file=folder)
    return found


def _of_file(name: str) -> Iterator[Line]:
    number = 0
    with _opened(name) as archive:
        try:
            for number, raw in enumerate(archive, start=1):
                if content := content_of(raw, number):
                    yield Line(content, name_of(name), number)
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(f"cannot be read: {error}", file=name, line=number + 1) from error


@contextlib.contextmanager
def _opened(name: str) -> Iterator[Iterable[bytes]]:
    if name == STANDARD_INPUT:
        if sys.stdin is None:  # Python's way to say that it was closed
            raise InputError("cannot be read: it is closed", file=name)
        yield sys.stdin.buffer
        return
    try:
        with Path(name).open("rb") as file:
            if name.endswith(".gz"):
                with gzip.open(file) as archive:
                    yield archive
            elif name.endswith((".zst", ".zstd")):
                import zstandard

                try:
                    yield io.BufferedReader(_Frames(file))
                except zstandard.ZstdError as error:
                    raise InputError(f"is not zstandard: {error}", file=name) from error
            else:
                yield file
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", file=name) from error


class _Frames(io.RawIOBase):
    """What zstandard frames hold, one after another; the library's own reader takes one that is cut short for the end.

    Raises:
        EOFError: the last frame is cut short.
        zstandard.ZstdError: it is no frame.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._packed, self._ready = file, b"", memoryview(b"")
        self._frame: ZstdDecompressionObj | None = None

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """See io.RawIOBase."""
        while not self._ready and self._fill():
            pass
        room = memoryview(buffer)
        taken = min(len(room), len(self._ready))
        room[:taken], self._ready = self._ready[:taken], self._ready[taken:]
        return taken

    def _fill(self) -> bool:
        """Unpack some more; whether there was more."""
        import zstandard

        self._packed = self._packed or self._file.read(_PACKED_BYTES)
        if not self._packed:
            if self._frame is not None:
                raise EOFError("the last zstandard frame is cut short")
            return False
        frame = self._frame or zstandard.ZstdDecompressor().decompressobj()
        self._ready = memoryview(frame.decompress(self._packed))
        self._frame, self._packed = (None, frame.unused_data) if frame.eof else (frame, b"")
        return True


def _of_topic(config: Path | None) -> Iterator[Line | InputError]:
    """What the broker's topic of articles holds, as lines, read as it is asked for."""
    with asyncio.Runner() as runner:
        lines = _topic_lines(config)
        number = 0
        while True:
            try:
                raw = runner.run(_next(lines))
            except StopAsyncIteration:
                return
            number += 1
            yield raw if isinstance(raw, InputError) else Line(raw, TOPIC, number)


async def _next(lines: AsyncIterator[bytes | InputError]) -> bytes | InputError:
    return await anext(lines)


async def _topic_lines(config: Path | None) -> AsyncIterator[bytes | InputError]:
    from streams.engines import open_log
    from streams.messages import ARTICLES
    from streams.settings import Secrets

    settings = settings_of(config)
    async with open_log(settings, Secrets()) as broker:
        async for stamped in broker.reader.read(settings.topics.articles.name):
            try:
                article = ARTICLES.decode(stamped.record.value)
            except MalformedMessageError as error:
                place = f"{stamped.record.topic}/{stamped.record.partition}/{stamped.record.offset}"
                yield InputError(str(error), file=place)
                continue
            body = article.model_dump(mode="json")
            yield json.dumps(body | {"date": body["published"]}).encode()
