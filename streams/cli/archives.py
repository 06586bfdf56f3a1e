"""Where archives of articles lie: files and folders of article lines, packed or not, standard input, the broker."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from streams.article_lines import content_of
from streams.backtest import Line
from streams.cli.options import settings_of
from streams.errors import InputError, MalformedMessageError

TOPIC = "topic:articles"
STANDARD_INPUT = "-"
_SUFFIXES = (".jsonl", ".ndjson")
_PACKED = ("", ".gz", ".zst", ".zstd")


def lines_of(archives: list[str], config: Path | None, since: datetime | None) -> Iterator[Line | InputError]:
    """The lines of every archive, one after the other, read as they are asked for; a bad message gives its error.

    Raises:
        InputError: an archive cannot be read.
    """
    for name in archives:
        if name == TOPIC:
            yield from _of_topic(config, since)
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
                    yield Line(content, name, number)
        except (OSError, EOFError) as error:
            raise InputError(f"cannot be read: {error}", file=name, line=number + 1) from error


@contextlib.contextmanager
def _opened(name: str) -> Iterator[Iterable[bytes]]:
    if name == STANDARD_INPUT:
        import sys

        yield sys.stdin.buffer
        return
    try:
        with Path(name).open("rb") as file:
            if name.endswith(".gz"):
                with gzip.open(file) as archive:
                    yield archive
            elif name.endswith((".zst", ".zstd")):
                import io

                import zstandard

                try:
                    with zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True) as stream:
                        yield io.BufferedReader(stream)
                except zstandard.ZstdError as error:
                    raise InputError(f"is not zstandard: {error}", file=name) from error
            else:
                yield file
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", file=name) from error


def _of_topic(config: Path | None, since: datetime | None) -> Iterator[Line | InputError]:
    """What the broker's topic of articles holds, as lines, read as it is asked for."""
    begin = since.replace(tzinfo=UTC) if since else None
    with asyncio.Runner() as runner:
        lines = _topic_lines(config, begin)
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


async def _topic_lines(config: Path | None, since: datetime | None) -> AsyncIterator[bytes | InputError]:
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
            if since is None or article.seen_at >= since:
                body = article.model_dump(mode="json")
                yield json.dumps(body | {"date": body["published"]}).encode()
