"""`marsad topics`: the topics of an installation."""

from __future__ import annotations

import asyncio

import typer

from streams.cli.options import ConfigOption, settings_of

app = typer.Typer(help="Create the topics.", no_args_is_help=True)


@app.callback()
def topics() -> None:
    """Create the topics."""


@app.command()
def create(*, config: ConfigOption = None) -> None:
    """Make the topics that are missing, with their partitions, replication and retention; check the others.

    Run it once before the first `marsad worker`; `marsad run` does it by itself. Topics that exist are left as they
    are; one with another number of partitions is an error, for it cannot be changed in place.
    """
    from streams.engines import open_log
    from streams.settings import Secrets

    settings = settings_of(config)

    async def run() -> None:
        async with open_log(settings, Secrets()) as broker:
            specs = settings.topics.all()
            made = await broker.topics.create(specs)
            await broker.topics.verify(specs)
            for spec in specs:
                state = "created" if spec.name in made else "exists"
                typer.echo(f"{state} {spec.name}: {spec.partitions} partitions", err=True)

    asyncio.run(run())
