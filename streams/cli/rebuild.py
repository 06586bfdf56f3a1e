"""`marsad rebuild`: fills a Redis that lost its data from the log."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from streams.cli.options import ConfigOption, settings_of

if TYPE_CHECKING:
    from streams.rebuild import Rebuilt
    from streams.settings import Settings

Force = Annotated[
    bool,
    typer.Option("--force", help="Also where Redis is whole: add what a restored backup lacks, or change the log."),
]


def rebuild(*, config: ConfigOption = None, force: Force = False) -> None:
    """Restore alerts, stories and what was sent from the log, after Redis lost its data or was replaced.

    Workers may run: they wait, not ready, and go on by themselves when it is done. Interrupted, it is run again. What
    the topic `notifications` shows as sent is not sent again; README lists what cannot be restored.
    """
    typer.echo(str(asyncio.run(_rebuild(settings_of(config), force=force))), err=True)


async def _rebuild(settings: Settings, *, force: bool) -> Rebuilt:
    from streams.alert.policy import Policy
    from streams.engines import open_engines
    from streams.rebuild import Rebuild
    from streams.settings import Secrets
    from streams.stores.marker import REBUILDING

    policy = Policy(settings.alerts.max_age, settings.route_tree, inhibitions=settings.inhibitions)
    progress = _Progress()
    async with open_engines(settings, Secrets(), mark=REBUILDING) as engines:
        try:
            return await Rebuild(engines, policy, progress).run(force=force)
        finally:
            progress.end()


class _Progress:
    """Says what is being done: on a terminal in one line that changes, elsewhere in a line for each step."""

    def __init__(self) -> None:
        self._what, self._terminal = "", sys.stderr.isatty()

    def __call__(self, what: str, count: int) -> None:
        if self._terminal:
            typer.echo(f"\r\033[K{what}: {count}", err=True, nl=False)
        elif what != self._what:
            typer.echo(f"{what} ...", err=True)
        self._what = what

    def end(self) -> None:
        """What is said next begins a line."""
        if self._terminal and self._what:
            typer.echo(err=True)
