"""`marsad run` and `marsad worker`: the always-on part."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from streams.cli.options import BAD_USAGE, ConfigOption, RulesOption, rules_folder, settings_of
from streams.topics import STAGES

Drain = Annotated[bool, typer.Option("--drain", help="One pass over every source, then end when all is delivered.")]
StageNames = Annotated[list[str], typer.Argument(metavar="STAGE...", help=f"Some of: {', '.join(STAGES)}.")]


def run(*, config: ConfigOption = None, rules: RulesOption = None, drain: Drain = False) -> None:
    """Run all stages in one process, on embedded or external engines; makes missing topics first.

    Stop it with Ctrl-C or SIGTERM: what is in hand is finished or handed back, nothing is lost. With --drain the exit
    status is 1 when anything was dead-lettered or is undelivered.
    """
    raise typer.Exit(_work(config, rules, STAGES, create_topics=True, drain=drain))


def worker(stages: StageNames, *, config: ConfigOption = None, rules: RulesOption = None) -> None:
    """Run some stages in this process, for production: one or many workers for each stage.

    Topics have to be there (`marsad topics create`). Workers of one stage on one host need slots of their own
    (MARSAD_ENGINES__SLOT) and health ports of their own (MARSAD_HEALTH__PORT).
    """
    unknown = sorted(set(stages) - set(STAGES))
    if unknown:
        typer.echo(f"no stage is called {', '.join(unknown)}; stages are {', '.join(STAGES)}", err=True)
        raise typer.Exit(BAD_USAGE)
    raise typer.Exit(_work(config, rules, stages, create_topics=False, drain=False))


def _work(
    config: Path | None, rules: Path | None, stages: list[str] | tuple[str, ...], *, create_topics: bool, drain: bool
) -> int:
    from streams.app import Worker
    from streams.configuration import Configuration
    from streams.observe import logs
    from streams.settings import Secrets, Settings, find_config
    from streams.transports.client_logs import limit_client_logs

    settings = settings_of(config)
    logs.set_up()
    limit_client_logs()

    # Finding the shipped rules loads the matching engine, which other stages do without.
    rules_of = partial(rules_folder, rules) if "match" in stages else None
    secrets, path = Secrets(), find_config(config)

    def check(changed: Settings) -> None:
        """What else can be known to be wrong before a stage begins with it."""
        if "notify" in stages:
            from streams.notify import receivers

            receivers.build(changed.receivers, secrets)

    async def main() -> int:
        worker = Worker(
            settings,
            secrets,
            stages=tuple(stages),
            rules=rules_of(settings) if rules_of else None,
            rules_of=rules_of,
            create_topics=create_topics,
            configuration=Configuration(path, settings, secrets, stages=stages, check=check) if path else None,
        )
        return await (worker.drain() if drain else worker.serve())

    return asyncio.run(main())
