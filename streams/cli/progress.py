"""How far a long command has come, told on standard error while that is a terminal."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import ProgressColumn


@contextlib.contextmanager
def share_done(what: str) -> Iterator[Callable[[int, int], None]]:
    """A function that is told how much of how much is done; silent without a terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn

    with _bar(TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()) as update:
        yield lambda done, total: update(completed=done, total=total)


@contextlib.contextmanager
def articles_read() -> Iterator[Callable[[int, int], None]]:
    """A function that is told how many more articles were read and how many matches there are; silent likewise."""
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    told = TextColumn("{task.completed:,.0f} articles, {task.fields[matches]:,} matches")
    with _bar(SpinnerColumn(), told, TimeElapsedColumn()) as update:
        yield lambda more, matches: update(advance=more, matches=matches)


@contextlib.contextmanager
def _bar(*columns: ProgressColumn) -> Iterator[Callable[..., None]]:
    from functools import partial

    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        yield partial(bar.update, bar.add_task("", total=None, matches=0))
