"""`marsad check`: does everything that the configuration names answer, and is it fit?"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from streams.cli.options import FINDING, ConfigOption, RulesOption, rules_folder, settings_of

if TYPE_CHECKING:
    from streams.match.rulebook import Reading, Rulebook
    from streams.settings import ReceiverSettings, Secrets, Settings
    from streams.transports.broker import Broker

Probe = Callable[[], Awaitable[list[str]]]
"""Looks at one thing: findings, none when all is well. Raises MarsadError when it does not answer."""


def check(*, config: ConfigOption = None, rules: RulesOption = None) -> None:
    """Say whether engines, rules, receivers and sources answer; nobody is sent anything. Exit status 1 for a finding.

    Run it after every change of the configuration and before the first start.
    """
    from streams.match.rulebook import read_folder
    from streams.settings import Secrets

    settings = settings_of(config)
    reading = read_folder(rules_folder(rules, settings))
    # Here, since each timeline is played in a loop of its own.
    found = _found_in(reading)
    findings = asyncio.run(_check(settings, Secrets(), reading, found))
    typer.echo(f"{findings} findings" if findings else "all is well", err=True)
    raise typer.Exit(FINDING if findings else 0)


async def _check(settings: Settings, secrets: Secrets, reading: Reading, found: Iterable[str]) -> int:
    book = reading.rulebook()
    probes: dict[str, Probe] = {
        "secrets": lambda: _secrets(settings, secrets),
        "rules": lambda: _rules(reading, book, found),
        **({} if reading.problems else {"routes": lambda: _routes(settings, book)}),
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


def _found_in(reading: Reading) -> list[str]:
    """What is wrong with the rules, what becomes of it, and what could not be looked at."""
    from streams.match.fitness import problems_of
    from streams.timelines import played

    untold: list[str] = []
    play = partial(played, unplayable=lambda error: untold.append(f"timelines cannot be played: {error}"))
    found = list(problems_of(reading, play))
    if found:
        found.append("running workers go on with the last good rules, and take up the folder when it is mended")
    return found + untold


async def _rules(reading: Reading, book: Rulebook, found: Iterable[str]) -> list[str]:
    if not reading.problems:
        typer.echo(f"     {reading.folder}: rulebook {book.version}, {len(book.rules)} rules", err=True)
    return list(found)


async def _routes(settings: Settings, book: Rulebook) -> list[str]:
    """Routes that are for nothing, names of nothing, live rules that nobody is told of, examples that come out else."""
    from streams.cli.described import names_in
    from streams.cli.routes import spelled, subjects_of
    from streams.cli.unknown_names import unknown_in, unknown_in_example, unknown_in_inhibition, unknown_sources
    from streams.routes import can_be_told, paths_of, reaching, receivers_for

    tree, rules = settings.route_tree, subjects_of(book)
    found, along, names = list[str](), dict(paths_of(tree)), names_in(book)
    for path, route in along.items():
        asked = (route.match and route.match.rules) or ()
        unknown = sorted(set(asked) - set(book.rules))
        found += [f"{spelled(path)}: no rule is called {name!r}" for name in unknown]
        strange = list(unknown_in(route.match, book)) if route.match else []
        strange += unknown_sources((route.match and route.match.sources) or (), settings)
        found += [f"{spelled(path)}: {said}" for said in strange]
        if strange:
            continue
        if not reaching(tree, path, rules.values()) and len(unknown) < max(len(asked), 1):
            asking = [match for depth in range(len(path)) if (match := along[path[: depth + 1]].match)]
            fits = any(all(match.unmet_by_rule(rule) is None for match in asking) for rule in rules.values())
            why = "an earlier route takes them all" if fits else "none has the tag, severity and name that is asked for"
            found.append(f"{spelled(path)}: no alert of a live rule can come to it: {why}")
    found += [
        f"nobody is told of rule {rule!r}: add a route that takes it, or one that takes every alert"
        for rule, subject in rules.items()
        if not can_be_told(tree, subject)
    ]
    for index, inhibition in enumerate(settings.inhibitions):
        found += [f"inhibitions.{index}: {said}" for said in unknown_in_inhibition(inhibition, book)]
    for index, example in enumerate(settings.route_examples):
        strange = [
            *unknown_in_example(example.alert, book),
            *unknown_sources(filter(None, [example.alert.source]), settings),
        ]
        found += [f"route_examples.{index}: {said}" for said in strange]
        told = receivers_for(tree, example.alert.subject(rules, names))
        if set(told) != set(example.receivers):
            expected = ", ".join(example.receivers) or "nobody"
            found.append(f"route_examples.{index}: tells {', '.join(told) or 'nobody'}, not {expected}")
    return found


async def _broker(settings: Settings, secrets: Secrets) -> list[str]:
    from streams.engines import open_log
    from streams.errors import TopicError

    unmade = f"     {settings.broker_url.removeprefix('sqlite:///')} is made by the first `marsad run`"
    if not _log_is_made(settings):
        typer.echo(unmade, err=True)
        return []
    async with open_log(settings, secrets) as broker:
        try:
            await broker.topics.verify(settings.topics.all())
        except TopicError:
            # A command that looks at a log makes its file, and no topics.
            if settings.broker_url.startswith("kafka:") or await _has_articles(broker, settings):
                raise
            typer.echo(unmade, err=True)
    return []


async def _has_articles(broker: Broker, settings: Settings) -> bool:
    from streams.errors import TopicError

    try:
        await broker.reader.lag("match", [settings.topics.articles.name])
    except TopicError:
        return False
    return True


async def _redis(settings: Settings, secrets: Secrets) -> list[str]:
    from streams.engines import open_log, was_emptied
    from streams.errors import EmptiedError, EngineError
    from streams.stores.connection import connect, examine

    async with connect(settings.engines, secrets) as redis:
        findings = await examine(redis)
        if _log_is_made(settings):
            # What is wrong with the broker is told with the broker.
            with contextlib.suppress(EngineError):
                async with open_log(settings, secrets) as broker:
                    findings += [str(EmptiedError())] if await was_emptied(redis, broker, settings) else []
        return findings


def _log_is_made(settings: Settings) -> bool:
    return settings.engines.broker != "embedded" or Path(settings.broker_url.removeprefix("sqlite:///")).exists()


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
    from streams.cli.sources_check import check_all

    findings = 0

    def tell(name: str, answer: str, cause: str | None) -> None:
        nonlocal findings
        if cause is None:
            typer.echo(f"     {answer}", err=True)
            typer.echo(f"ok   source {name}")
            return
        for line in answer.splitlines():
            findings += 1
            typer.echo(f"FAIL source {name}: {line}")

    await check_all(settings, settings.sources, tell, allow_private=False)
    return findings
