"""`marsad check`: does everything that the configuration names answer, and is it fit?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from streams.cli.options import FINDING, ConfigOption, RulesOption, rules_folder, settings_of

if TYPE_CHECKING:
    from streams.settings import ReceiverSettings, Secrets, Settings, SourceSettings

Probe = Callable[[], Awaitable[list[str]]]
"""Looks at one thing: findings, none when all is well. Raises MarsadError when it does not answer."""


def check(*, config: ConfigOption = None, rules: RulesOption = None) -> None:
    """Say whether engines, rules, receivers and sources answer; nobody is sent anything. Exit status 1 for a finding.

    Run it after every change of the configuration and before the first start.
    """
    from streams.settings import Secrets

    settings = settings_of(config)
    findings = asyncio.run(_check(settings, Secrets(), rules_folder(rules, settings)))
    typer.echo(f"{findings} findings" if findings else "all is well", err=True)
    raise typer.Exit(FINDING if findings else 0)


async def _check(settings: Settings, secrets: Secrets, folder: Path) -> int:
    probes: dict[str, Probe] = {
        "secrets": lambda: _secrets(settings, secrets),
        "rules": lambda: _rules(settings, folder),
        "broker": lambda: _broker(settings, secrets),
        "redis": lambda: _redis(settings, secrets),
    }
    findings = 0
    for name, probe in probes.items():
        findings += await _report(name, probe)
    findings += await _receivers(settings, secrets)
    return findings + await _sources(settings)


async def _report(name: str, probe: Probe) -> int:
    from streams.errors import MarsadError

    try:
        found = await probe()
    except MarsadError as error:
        found = str(error).splitlines()
    for line in found:
        typer.echo(f"FAIL {name}: {line}")
    if not found:
        typer.echo(f"ok   {name}")
    return len(found)


async def _secrets(settings: Settings, secrets: Secrets) -> list[str]:
    from streams.settings import missing_secrets

    return [str(problem) for problem in missing_secrets(settings, secrets)]


async def _rules(settings: Settings, folder: Path) -> list[str]:
    from streams.match.reload import problems_of

    book, problems = problems_of(folder)
    if book is None:
        return [*problems, "running workers go on with the last good rules, and take up the folder when it is mended"]
    typer.echo(f"     {folder}: rulebook {book.version}, {len(book.rules)} rules", err=True)
    unknown = sorted(set(settings.routes) - set(book.rules) - {"*"})
    silent = sorted(
        rule for rule, file in book.rules.items() if file.status == "live" and not settings.receivers_of(rule)
    )
    return [f"the route {rule!r} names no rule in {folder}" for rule in unknown] + [
        f"nobody is told of rule {rule!r}: add it to routes, or a route '*'" for rule in silent
    ]


async def _broker(settings: Settings, secrets: Secrets) -> list[str]:
    from streams.engines import open_log

    path = Path(settings.broker_url.removeprefix("sqlite:///"))
    made = await asyncio.to_thread(path.exists)
    if settings.engines.broker == "embedded" and not made:
        typer.echo(f"     {path} is made by the first `marsad run`", err=True)
        return []
    async with open_log(settings, secrets) as broker:
        await broker.topics.verify(settings.topics.all())
    return []


async def _redis(settings: Settings, secrets: Secrets) -> list[str]:
    from streams.stores.connection import connect, examine

    async with connect(settings.engines, secrets) as redis:
        return await examine(redis)


async def _receivers(settings: Settings, secrets: Secrets) -> int:
    from streams.notify.receivers import build

    async def probe(receiver: ReceiverSettings) -> list[str]:
        for notifier in build([receiver], secrets).values():
            try:
                typer.echo(f"     {await notifier.check()}", err=True)
            finally:
                await notifier.close()
        return []

    return sum([await _report(f"receiver {each.name}", partial(probe, each)) for each in settings.receivers])


async def _sources(settings: Settings) -> int:
    from streams.ingest.fetch import Fetcher
    from streams.ingest.ingest import check_source
    from streams.observe.metrics import Metrics

    async with Fetcher(settings.fetch, metrics=Metrics()) as fetcher:

        async def probe(source: SourceSettings) -> list[str]:
            typer.echo(f"     {await check_source(source, fetcher)}", err=True)
            return []

        return sum([await _report(f"source {each.name}", partial(probe, each)) for each in settings.sources])
