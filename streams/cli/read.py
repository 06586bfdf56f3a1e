"""`marsad read`: what feeds and pages say, read as ingest would."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from streams.cli.match import bytes_of
from streams.cli.options import BAD_USAGE, ConfigOption, JsonOption, optional_settings_of
from streams.errors import FetchError, InputError
from streams.file_names import name_of
from streams.sections import FetchSettings

if TYPE_CHECKING:
    from streams.ingest.fetch import Fetcher
    from streams.ingest.reading import Reading
    from streams.ingest.readout import Document, Line


class As(StrEnum):
    """What to read an argument as."""

    FEED = "feed"
    PAGE = "page"


Arguments = Annotated[
    list[str],
    typer.Argument(metavar="FILE-OR-URL...", help="Feeds or pages: files, http(s) addresses, - for standard input."),
]
UrlOption = Annotated[
    str | None,
    typer.Option("--url", metavar="URL", help="Where a file's bytes came from; its links are relative to it."),
]
AsOption = Annotated[As | None, typer.Option("--as", help="Read so, whatever it looks like.")]
PrivateOption = Annotated[
    bool, typer.Option("--allow-private", help="Also fetch from addresses that are not public, such as 127.0.0.1.")
]


def read(  # noqa: PLR0913  # the command's options
    arguments: Arguments,
    *,
    url: UrlOption = None,
    read_as: AsOption = None,
    allow_private: PrivateOption = False,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Read feeds and pages as ingest would, and show the result; nothing is kept and nothing published.

    With --json one article line for each entry of a feed, with `summary` in place of `text`, or for the page; each
    has `argument` as given. What would be no article has a `status` and its `cause`; a feed without entries is one
    line with the status `empty`. What is absent is null.

    Exit status: 0, also for what cannot be read, which is an answer; 2 for a file that is not there.
    """
    addresses = [argument for argument in arguments if _is_url(argument)]
    # The configuration is asked for what limits fetches; files are read without one.
    settings = optional_settings_of(config) if addresses or config else None
    raise typer.Exit(
        asyncio.run(
            _read_all(
                arguments,
                url=url,
                read_as=read_as,
                limits=settings.fetch if settings else FetchSettings(),
                allow_private=allow_private,
                as_json=as_json,
            )
        )
    )


def _is_url(argument: str) -> bool:
    return re.match(r"https?://", argument, re.IGNORECASE) is not None


async def _read_all(  # noqa: PLR0913  # the command's own options
    arguments: Sequence[str],
    *,
    url: str | None,
    read_as: As | None,
    limits: FetchSettings,
    allow_private: bool,
    as_json: bool,
) -> int:
    """Read one argument after another, and show each as soon as it is read; the exit status."""
    from streams.ingest.fetch import Fetcher
    from streams.ingest.reading import Reading
    from streams.observe.logs import mute_libraries
    from streams.observe.metrics import Metrics

    mute_libraries()
    status = 0
    async with Fetcher(limits, Metrics(), any_address=allow_private) as fetcher:
        with contextlib.closing(Reading(limits)) as reading:
            for argument in arguments:
                try:
                    async for line in _lines_of(argument, fetcher, reading, url=url, read_as=read_as):
                        if as_json:
                            typer.echo(line.as_json())
                        else:
                            _show(line)
                except InputError as error:
                    typer.echo(str(error), err=True)
                    status = BAD_USAGE
    return status


async def _lines_of(
    argument: str, fetcher: Fetcher, reading: Reading, *, url: str | None, read_as: As | None
) -> AsyncIterator[Line]:
    """The lines of one argument.

    Raises:
        InputError: it is a file that cannot be read.
    """
    from streams.ingest.readout import Kind, read_out, unreadable

    kind = Kind(read_as) if read_as else None
    try:
        document = await (_fetched if _is_url(argument) else _opened)(argument, fetcher, url)
        for line in await read_out(document, reading, kind):
            yield line
    except FetchError as error:
        yield unreadable(error, name_of(argument), kind or Kind.PAGE, url or (argument if _is_url(argument) else None))


async def _fetched(argument: str, fetcher: Fetcher, url: str | None) -> Document:
    from streams.ingest.answers import Fetched, Kind
    from streams.ingest.readout import Document

    fetched = await fetcher.fetch(argument, Kind.PAGE)
    assert isinstance(fetched, Fetched)  # noqa: S101  # no condition was sent
    return Document(argument, fetched.body, url or fetched.final_url, fetched.content_type)


async def _opened(argument: str, fetcher: Fetcher, url: str | None) -> Document:
    """A file's content; one larger than a fetch may be is refused as that would be."""
    from streams.ingest.causes import FetchCause, failure
    from streams.ingest.readout import Document

    limit = fetcher.settings.max_bytes
    raw = await asyncio.to_thread(bytes_of, argument)
    if len(raw) > limit:
        raise failure(FetchCause.TOO_LARGE, f"has {len(raw)} bytes, more than {limit}", url=argument)
    return Document(name_of(argument), raw, url)


def _show(line: Line) -> None:
    """One article for readers."""
    from streams.cli.terminal import say

    say((line.title or "(no title)", "bold"))
    about = (line.url, line.date.isoformat() if line.date else None, line.language, ", ".join(line.authors or ()))
    if known := " · ".join(filter(None, about)):
        say(f"  {known}")
    if line.status:
        say((f"  {line.status}", "bold red"), f": {line.problem or line.cause or 'a feed without entries'}")
    for paragraph in (line.text or "").splitlines():
        say(f"  {paragraph}")
