"""`marsad dead-letters`: what was put aside, why, and sending it again."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from streams.cli.options import BAD_USAGE, FINDING, ConfigOption, JsonOption, settings_of

if TYPE_CHECKING:
    from streams.engines import Engines
    from streams.messages import DeadLetter
    from streams.settings import Settings

app = typer.Typer(help="Messages that could not be handled: list, show, send again.", no_args_is_help=True)

Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Dead letters, as `list` names them.")]


@app.command("list")
def list_(*, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the dead letters within their topic's retention, oldest first, with what became of each."""
    for letter, retried in asyncio.run(_read(settings_of(config))):
        if as_json:
            typer.echo(json.dumps({**letter.model_dump(mode="json"), "retried": retried}, ensure_ascii=False))
        else:
            mark = "retried " if retried else ""
            typer.echo(f"{letter.id}\t{letter.seen_at:%Y-%m-%d %H:%M:%S}\t{mark}{letter.cause}: {letter.detail}")


@app.command()
def show(
    id_: Annotated[str, typer.Argument(metavar="ID", help="The dead letter, as `list` names it.")],
    *,
    config: ConfigOption = None,
) -> None:
    """Show one dead letter whole, with the message that was put aside as text."""
    letters = {letter.id: letter for letter, _ in asyncio.run(_read(settings_of(config)))}
    if id_ not in letters:
        typer.echo(f"no dead letter is called {id_}; see `marsad dead-letters list`", err=True)
        raise typer.Exit(BAD_USAGE)
    letter = letters[id_]
    value = base64.b64decode(letter.value).decode("utf-8", "backslashreplace")
    typer.echo(json.dumps({**letter.model_dump(mode="json"), "value": value}, ensure_ascii=False, indent=2))


@app.command()
def retry(
    ids: Ids = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Every one that was not retried yet.")] = False,
    config: ConfigOption = None,
) -> None:
    """Put messages back on the topic they came from, to be handled again by the workers.

    A message that fails again comes back as a new dead letter. One that was cut, for being too large, cannot be sent
    again and is left. Exit status 1 when something was left.
    """
    if not ids and not everything:
        typer.echo("say which, by ID, or --all", err=True)
        raise typer.Exit(BAD_USAGE)
    settings = settings_of(config)
    done, left = asyncio.run(_retry(settings, None if everything else set(ids or ())))
    for line in left:
        typer.echo(line, err=True)
    typer.echo(f"{done} sent again", err=True)
    raise typer.Exit(FINDING if left else 0)


async def _read(settings: Settings) -> list[tuple[DeadLetter, bool]]:
    from streams.engines import open_engines
    from streams.settings import Secrets

    async with open_engines(settings, Secrets()) as engines:
        retried = await _retried(engines)
        return [(letter, letter.id in retried) for letter in await _letters(engines)]


async def _letters(engines: Engines) -> list[DeadLetter]:
    """The dead letters, oldest first; none where no worker has ever run and there is no topic."""
    from streams.errors import MessageError, TopicError
    from streams.messages import DEAD_LETTERS

    letters: dict[str, DeadLetter] = {}
    topic = engines.settings.topics.dead_letters.name
    try:
        kept = [stamped async for stamped in engines.broker.reader.read(topic)]
    except TopicError:
        return []
    for stamped in kept:
        try:
            letter = DEAD_LETTERS.decode(stamped.record.value)
        except MessageError as error:
            typer.echo(f"offset {stamped.record.offset} of the dead letters is left out: {error}", err=True)
        else:
            letters[letter.id] = letter
    return list(letters.values())


async def _retried(engines: Engines) -> set[str]:
    from streams.stores.connection import reaching_redis

    with reaching_redis():
        return {str(id_) for id_ in await engines.redis.smembers(_retried_key(engines))}


def _retried_key(engines: Engines) -> str:
    return f"{engines.prefix}dead-letters:retried"


async def _retry(settings: Settings, wanted: set[str] | None) -> tuple[int, list[str]]:
    """Send again, then note it: a crash between the two sends twice, which the stages see through."""
    from streams.engines import open_engines
    from streams.settings import Secrets
    from streams.stores.connection import reaching_redis

    done, left = 0, []
    async with open_engines(settings, Secrets()) as engines:
        letters = {letter.id: letter for letter in await _letters(engines)}
        retried = await _retried(engines)
        names: Any = [id_ for id_ in letters if id_ not in retried] if wanted is None else sorted(wanted)
        for name in names:
            letter = letters.get(name)
            if letter is None or letter.cut:
                reason = "no dead letter is called so" if letter is None else "was too large and is not kept whole"
                left.append(f"{name}: {reason}")
                continue
            await engines.broker.reader.append(letter.topic, letter.key or "", base64.b64decode(letter.value))
            with reaching_redis():
                await engines.redis.sadd(_retried_key(engines), name)
                await engines.redis.expire(_retried_key(engines), settings.engines.retention * 2)
            done += 1
    return done, left
