"""`marsad sources`: what is read, how it fares, and changes to it."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated

import typer

from streams.cli import source_options as options
from streams.cli import sources_change
from streams.cli.options import FINDING, ConfigOption, JsonOption, settings_of
from streams.cli.source_options import source_called
from streams.cli.terminal import say
from streams.settings import Settings

app = typer.Typer(help="Sources: add, set, list, show, check, pause, remove; OPML in and out.", no_args_is_help=True)

app.command()(sources_change.add)
app.command("import")(sources_change.import_)
app.command("set")(sources_change.set_)


@app.command()
def export(*, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Write the feeds as OPML to standard output; a source's first tag is its folder.

    With --json every source, with all that is configured of it; OPML knows neither list pages nor files.
    """
    from streams.ingest.opml import write_opml

    sources = settings_of(config).sources
    if as_json:
        for source in sources:
            typer.echo(json.dumps(source.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False))
        return
    typer.echo(write_opml(sources).decode(), nl=False)
    if left := sum(not source.feed for source in sources):
        typer.echo(f"{left} list pages and folders of files are left out; --json has them", err=True)


@app.command("list")
def list_(*, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the sources, with the health of each, when it is polled next, and how many articles it brought.

    Works beside running workers and when none runs.
    """
    from streams.cli.sources_health import rows

    for row in asyncio.run(rows(settings_of(config))):
        if as_json:
            typer.echo(row.as_json())
        else:
            row.show()


@app.command("health")
def health(*, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the sources worst first, with what is wrong. Exit status 1 where something is."""
    from streams.cli.sources_health import rows

    found = sorted(asyncio.run(rows(settings_of(config))), key=lambda row: (-row.badness, row.source.name))
    for row in found:
        if as_json:
            typer.echo(row.as_json())
        else:
            row.show()
    raise typer.Exit(FINDING if any(row.badness for row in found) else 0)


@app.command("show")
def show_(name: options.Name, *, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Tell all about a source: health, interval, its last polls and what each yielded, and how its articles ended."""
    from streams.cli.sources_health import rows

    settings = settings_of(config)
    (row,) = asyncio.run(rows(settings, [source_called(settings, name)]))
    if as_json:
        typer.echo(row.as_json(whole=True))
    else:
        row.show(whole=True)


@app.command()
def check(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Sources; default all.")] = None,
    *,
    allow_private: options.Private = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask sources now, and say what they answer; nothing is kept and nothing published.

    Exit status 1 where one does not answer as it should.
    """
    from streams.cli.sources_check import check_all

    settings = settings_of(config)
    sources = [source_called(settings, name) for name in names] if names else settings.sources
    sound = True

    def tell(name: str, answer: str, cause: str | None) -> None:
        nonlocal sound
        sound = sound and cause is None
        if as_json:
            said = {"name": name, "ok": cause is None, "cause": cause, "answer": answer}
            typer.echo(json.dumps(said, ensure_ascii=False))
        else:
            say((f"{name}: ", "bold"), (answer, "red" if cause else ""))

    asyncio.run(check_all(settings, sources, tell, allow_private=allow_private))
    raise typer.Exit(0 if sound else FINDING)


@app.command()
def pause(name: options.Name, *, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Poll a source no more until `resume`; workers heed it at once."""
    name = asyncio.run(_set_pause(settings_of(config), name, pause=True))[0]
    options.done(name, "paused", as_json=as_json)


@app.command()
def resume(name: options.Name, *, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Poll a paused source again. Exit status 1 where it was not paused."""
    name, was_paused = asyncio.run(_set_pause(settings_of(config), name, pause=False))
    if not was_paused:
        typer.echo(f"{name}: is not paused", err=True)
        raise typer.Exit(FINDING)
    options.done(name, "resumed", as_json=as_json)


async def _set_pause(settings: Settings, name: str, *, pause: bool) -> tuple[str, bool]:
    """The source's name, and whether anything changed."""
    from datetime import UTC, datetime

    from streams.engines import open_engines
    from streams.settings import Secrets
    from streams.stores.source_books import SourceBooks

    name = source_called(settings, name).name
    async with open_engines(settings, Secrets()) as engines:
        store = SourceBooks(engines.redis, prefix=engines.prefix)
        if not pause:
            return name, await store.unpause(name)
        await store.pause(name, datetime.now(UTC))
        return name, True


app.command()(sources_change.remove)
