"""`marsad sources`: what is read, how it fares, and changes to it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from streams.cli.options import BAD_USAGE, FINDING, ConfigOption, JsonOption, settings_of
from streams.cli.terminal import say
from streams.errors import InputError
from streams.sections import SourceSettings
from streams.settings import Settings, find_config

app = typer.Typer(help="Sources: add, list, show, check, pause, remove; OPML in and out.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="A source, as `list` names it.", show_default=False)]
NameOption = Annotated[str | None, typer.Option("--name", help="What alerts call it; default what it calls itself.")]
TagOption = Annotated[list[str] | None, typer.Option("--tag", help="For rules to filter by; may be repeated.")]
Private = Annotated[bool, typer.Option("--allow-private", help="Also ask addresses that are not public.")]


def _file(config: Path | None) -> Path:
    """The file that commands may change."""
    from streams.source_file import beside

    path = find_config(config)
    assert path is not None  # noqa: S101  # settings_of has found one
    return beside(path)


def _source(settings: Settings, name: str) -> SourceSettings:
    """The source called so.

    Raises:
        InputError: none is.
    """
    for source in settings.sources:
        if source.name == name:
            return source
    raise InputError("no source is called so; `marsad sources list` names them", file=name)


@app.command()
def add(  # noqa: PLR0913  # the command's options
    url: Annotated[str, typer.Argument(metavar="URL", help="A feed, a site, or a page that lists articles.")],
    *,
    name: NameOption = None,
    language: Annotated[str | None, typer.Option(help="`ar`, `en`, ...; default what it says.")] = None,
    country: Annotated[str | None, typer.Option(help="For rules to filter by.")] = None,
    tags: TagOption = None,
    links: Annotated[
        str | None, typer.Option(help="CSS selector of the links of a page that lead to articles.")
    ] = None,
    dry: Annotated[bool, typer.Option("--dry-run", help="Show what is found, and add nothing.")] = False,
    allow_private: Private = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find how to follow URL, show three of its articles as they would be read, and add it to sources.yaml.

    That file lies beside marsad.yaml, has the same form, and may be edited by hand. Running workers take it up.

    Exit status 1 where nothing that can be followed was found.
    """
    from streams.cli.sources_found import find

    settings = settings_of(config)
    found = asyncio.run(find(settings, url, links=links, allow_private=allow_private))
    if not found.candidates:
        typer.echo(found.problem, err=True)
        raise typer.Exit(FINDING)
    best = found.candidates[0]
    known = next((source.name for source in settings.sources if _same(source, best.url)), None)
    from streams.ingest.opml import name_for

    taken = [source.name for source in settings.sources]
    entry: dict[str, Any] = {"name": name or name_for(best.feed.title, best.url, taken), best.kind: best.url}
    entry |= {"links": links} if links and best.kind == "page" else {}
    entry |= {"language": language} if language else {}
    entry |= {"country": country} if country else {}
    entry |= {"tags": list(tags)} if tags else {}
    added = not dry and known is None
    if added:
        _add(settings, config, [entry])
    if as_json:
        typer.echo(
            json.dumps({"added": added, "known_as": known, "source": entry, **found.as_data()}, ensure_ascii=False)
        )
    else:
        found.show()
        said = f"is known already, as {known}" if known else "would be added" if dry else "added"
        say((known or str(entry["name"]), "bold"), f": {best.url} {said}")


def _same(source: SourceSettings, url: str) -> bool:
    from streams.ingest.identity import canonical_url

    try:
        return bool(source.address) and canonical_url(str(source.address)) == canonical_url(url)
    except ValueError:
        return False


def _add(settings: Settings, config: Path | None, entries: list[dict[str, Any]]) -> None:
    """Validate and append.

    Raises:
        InputError: a name is taken, or a value is none.
    """
    from pydantic import ValidationError

    from streams.source_file import add_sources

    taken = {source.name for source in settings.sources}
    for entry in entries:
        if entry["name"] in taken:
            raise InputError("a source is called so already; say another --name", file=entry["name"])
        try:
            SourceSettings.model_validate(entry)
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            where = ".".join(map(str, problem["loc"])) or "it"
            raise InputError(f"{where}: {problem['msg'].removeprefix('Value error, ')}", file=entry["name"]) from error
        taken.add(entry["name"])
    add_sources(_file(config), entries)


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="OPML, as feed readers export it.")],
    *,
    tags: TagOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add every feed of an OPML file to sources.yaml; its folders and categories become tags. `check` asks them.

    Exit status 1 where an address was none, or only a site was named; the others are added all the same.
    """
    from streams.cli.match import bytes_of
    from streams.cli.sources_import import sort_out
    from streams.ingest.opml import read_opml

    settings = settings_of(config)
    found = sort_out(read_opml(bytes_of(str(path)), str(path)), settings.sources, tags or ())
    if found.entries:
        _add(settings, config, found.entries)
    if as_json:
        typer.echo(found.as_json())
    else:
        found.show()
    raise typer.Exit(FINDING if found.refused else 0)


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
def show_(name: Name, *, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Tell all about a source: health, interval, its last polls and what each yielded, and how its articles ended."""
    from streams.cli.sources_health import rows

    settings = settings_of(config)
    (row,) = asyncio.run(rows(settings, [_source(settings, name)]))
    if as_json:
        typer.echo(row.as_json(whole=True))
    else:
        row.show(whole=True)


@app.command()
def check(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Sources; default all.")] = None,
    *,
    allow_private: Private = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask sources now, and say what they answer; nothing is kept and nothing published.

    Exit status 1 where one does not answer as it should.
    """
    from streams.cli.sources_check import check_all

    settings = settings_of(config)
    sources = [_source(settings, name) for name in names] if names else settings.sources
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
def pause(name: Name, *, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Poll a source no more until `resume`; workers heed it at once."""
    asyncio.run(_set_pause(settings_of(config), name, pause=True))
    _done(name, "paused", as_json=as_json)


@app.command()
def resume(name: Name, *, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Poll a paused source again. Exit status 1 where it was not paused."""
    if not asyncio.run(_set_pause(settings_of(config), name, pause=False)):
        typer.echo(f"{name}: is not paused", err=True)
        raise typer.Exit(FINDING)
    _done(name, "resumed", as_json=as_json)


def _done(name: str, done: str, *, as_json: bool) -> None:
    typer.echo(json.dumps({"name": name, "done": done}, ensure_ascii=False) if as_json else f"{name}: {done}")


async def _set_pause(settings: Settings, name: str, *, pause: bool) -> bool:
    from datetime import UTC, datetime

    from streams.engines import open_engines
    from streams.settings import Secrets
    from streams.stores.source_books import SourceBooks

    _source(settings, name)
    async with open_engines(settings, Secrets()) as engines:
        store = SourceBooks(engines.redis, prefix=engines.prefix)
        if not pause:
            return await store.unpause(name)
        await store.pause(name, datetime.now(UTC))
        return True


@app.command()
def remove(name: Name, *, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Take a source out of sources.yaml, and forget what it brought. One of marsad.yaml is taken out there, by hand."""
    from streams.source_file import remove_source

    settings = settings_of(config)
    _source(settings, name)
    if not remove_source(_file(config), name):
        typer.echo(f"{name}: stands in {find_config(config)}; take it out there", err=True)
        raise typer.Exit(BAD_USAGE)
    asyncio.run(_forget(settings, name))
    _done(name, "removed", as_json=as_json)


async def _forget(settings: Settings, name: str) -> None:
    from streams.engines import open_engines
    from streams.settings import Secrets
    from streams.stores.source_books import SourceBooks

    async with open_engines(settings, Secrets()) as engines:
        await SourceBooks(engines.redis, prefix=engines.prefix).forget(name)
