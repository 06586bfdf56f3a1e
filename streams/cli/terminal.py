"""What a command shows to readers: text of publishers and files, harmless to the terminal it is shown on."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from io import TextIOWrapper
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text


def screen() -> Console:
    """Standard output for readers; colour where it is a terminal, lines as long as they are."""
    from rich.console import Console

    return Console(soft_wrap=True, highlight=False)


def show(console: Console, *texts: Text) -> None:
    """Print one line, with line breaks, control characters and direction overrides replaced, one for one.

    A title could hold a line of its own, an escape sequence that rewrites the screen, or words that read backwards.
    """
    from streams.notify.render import clean

    for text in texts:
        text.plain = clean(text.plain).replace("\n", " ")
    console.print(*texts)


def say(*parts: str | tuple[str, str]) -> None:
    """Print one line of parts, some of them with a style, as `show` does."""
    from rich.text import Text

    show(screen(), Text.assemble(*parts))


def wrapped(parts: Iterable[str], *, indent: int) -> None:
    """Print parts beside each other, in lines as wide as the terminal; on one line where there is none."""
    import shutil

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize
    line = " " * indent
    for part in parts:
        if line.strip() and len(line) + len(part) + 2 > width:
            say(line)
            line = " " * (indent + 2)
        line += f"{'  ' if line.strip() else ''}{part}"
    say(line)


def replace_closed_output() -> None:
    """What is written to a standard output or error that is closed (`2>&-`) goes nowhere, and ends no command."""
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123  # for as long as the process lives


def tolerate_any_encoding() -> None:
    """What a terminal's encoding lacks is written as an escape, on standard output and error, and ends no command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def forget_output() -> None:
    """Let what still waits to be written to standard output and error go nowhere.

    Python writes it at its end, and ends with status 120 where that fails as it failed before.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
