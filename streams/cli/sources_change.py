"""`marsad sources add`, `import`, `set` and `remove`: changes to sources.yaml."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from streams.cli import source_options as options
from streams.cli.options import FINDING, ConfigOption, JsonOption, settings_of
from streams.cli.source_options import checked, file_of, of_the_other_file, source_at, source_called
from streams.cli.terminal import say
from streams.errors import InputError
from streams.sections import SourceSettings
from streams.settings import Settings

if TYPE_CHECKING:
    from streams.ingest.discovery import Candidate


def add(  # noqa: PLR0913  # the command's options
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="A feed, a site, or a page that lists articles.")],
    *,
    name: Annotated[str | None, typer.Option(help="What alerts call it; default what it calls itself.")] = None,
    language: options.Language = None,
    country: options.Country = None,
    tags: options.Tags = None,
    section: options.OfSection = None,
    every: options.Every = None,
    slowest: options.Slowest = None,
    text: options.Text = None,
    links: options.Links = None,
    user_agent: options.UserAgent = None,
    credentials: options.Credentials = None,
    alert_archive: options.Archive = None,
    dry: Annotated[bool, typer.Option("--dry-run", help="Show what is found, and add nothing.")] = False,
    allow_private: options.Private = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find how to follow URL, show three of its articles as they would be read, and add it to sources.yaml.

    That file lies beside marsad.yaml, has the same form, and may be edited by hand. Running workers take it up.

    Exit status 1 where nothing that can be followed was found.
    """
    del language, country, tags, section, every, slowest, text, user_agent, alert_archive  # they are in the context
    from streams.cli.sources_found import find
    from streams.source_file import alone

    settings, said = settings_of(config), options.said(context)
    wanted = checked({"name": name or "new", "page" if links else "feed": url, **said})
    options.note_missing_secret(credentials)
    found = asyncio.run(find(settings, wanted, allow_private=allow_private))
    if not found.candidates:
        typer.echo(found.problem, err=True)
        raise typer.Exit(FINDING)
    best = found.candidates[0]
    with alone(file_of(config)):
        settings = settings_of(config)  # other sources may have been added meanwhile
        entry, known = _entry(best, settings, said, asked=url)
        added = not dry and known is None
        if added:
            _add(settings, config, [entry])
    if as_json:
        data = {"added": added, "known_as": known.name if known else None, "source": entry, **found.as_data()}
        typer.echo(json.dumps(data, ensure_ascii=False))
    else:
        found.show()
        done = f"is known already, as {known.name}; `set` changes it" if known else "would be added" if dry else "added"
        say((known.name if known else entry["name"], "bold"), f": {best.url} {done}")


def _entry(
    best: Candidate, settings: Settings, said: Mapping[str, Any], *, asked: str
) -> tuple[dict[str, Any], SourceSettings | None]:
    """What is to stand in the file, and the source that has its address already.

    Raises:
        InputError: a log-in would be bound to another site than it was given for.
    """
    from streams.ingest.opml import name_for
    from streams.ingest.robots import origin_of

    if "credentials" in said and origin_of(best.url) != origin_of(asked):
        message = f"is another site than {asked}, whose log-in it would get; where it has that, add this address itself"
        raise InputError(message, file=best.url)
    name = name_for(best.feed.title, best.url, [source.name for source in settings.sources])
    kept = {key: value for key, value in said.items() if key != "links" or best.kind == "page"}
    return {"name": name, best.kind: best.url} | kept, source_at(settings, best.url)


def _add(settings: Settings, config: Path | None, entries: list[dict[str, Any]]) -> None:
    """Validate and append.

    Raises:
        InputError: a name is taken, or a value is none.
    """
    from streams.source_file import add_sources

    taken = {source.name for source in settings.sources}
    for entry in entries:
        if entry["name"] in taken:
            raise InputError("a source is called so already; say another --name", file=entry["name"])
        taken.add(checked(entry).name)
    add_sources(file_of(config), entries)


def import_(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="OPML, as feed readers export it.")],
    *,
    tags: options.Tags = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add every feed of an OPML file to sources.yaml; its folders and categories become tags. `check` asks them.

    Exit status 1 where an address was none, or only a site was named; the others are added all the same.
    """
    from streams.cli.match import bytes_of
    from streams.cli.sources_import import sort_out
    from streams.ingest.opml import read_opml
    from streams.source_file import alone

    outlines = read_opml(bytes_of(str(path)), str(path))
    with alone(file_of(config)):
        settings = settings_of(config)
        found = sort_out(outlines, settings.sources, tags or ())
        if found.entries:
            _add(settings, config, found.entries)
    if as_json:
        typer.echo(found.as_json())
    else:
        found.show()
    raise typer.Exit(FINDING if found.refused else 0)


def set_(  # noqa: PLR0913  # the command's options
    context: typer.Context,
    name: options.Name,
    *,
    address: Annotated[str | None, typer.Option(metavar="URL", help="Where its feed or list page is now.")] = None,
    language: options.Language = None,
    country: options.Country = None,
    tags: options.Tags = None,
    section: options.OfSection = None,
    every: options.Every = None,
    slowest: options.Slowest = None,
    text: options.Text = None,
    links: options.Links = None,
    user_agent: options.UserAgent = None,
    credentials: options.Credentials = None,
    alert_archive: options.Archive = None,
    unset: Annotated[
        list[str] | None, typer.Option(metavar="KEY", help="Back to the default; may be repeated.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change what is configured of a source of sources.yaml; --tag replaces all its tags. Running workers take it up.

    One of marsad.yaml is changed there, by hand.
    """
    del language, country, tags, section, every, slowest, text, links, user_agent, alert_archive  # as in `add`
    from streams.source_file import alone, change_source

    with alone(file_of(config)):
        settings = settings_of(config)
        source = source_called(settings, name)
        changes = _changes({key: value for key, value in options.said(context).items() if key != "name"}, unset or [])
        if address:
            changes["page" if source.page else "feed"] = _free(settings, source, address)
        if not changes:
            raise InputError("say what to change; see `marsad sources set --help`", file=source.name)
        if not change_source(file_of(config), source.name, changes):
            raise of_the_other_file(source.name, config, "change it")
    options.note_missing_secret(credentials)
    now = source_called(settings_of(config), source.name).model_dump(mode="json", exclude_defaults=True)
    options.done(source.name, "changed", as_json=as_json, settings=now)


def _changes(said: Mapping[str, Any], unset: Sequence[str]) -> dict[str, Any]:
    """What is said, and None for what is to be taken out.

    Raises:
        InputError: there is no such key, no source is without it, or it is given a value as well.
    """
    may = sorted(set(SourceSettings.model_fields) - {"name", "feed", "page", "files"})
    for key in unset:
        if key not in may:
            raise InputError(f"is none of {', '.join(may)}", file=f"--unset {key}")
        if key in said:
            raise InputError("is given a value as well", file=f"--unset {key}")
    return {**said, **dict.fromkeys(unset)}


def _free(settings: Settings, source: SourceSettings, address: str) -> str:
    """An address that no other source has.

    Raises:
        InputError: one has it, it is none, or this source has none.
    """
    if not source.address:
        raise InputError("reads files, and has no address", file=source.name)
    checked({"name": source.name, "feed": address})
    if (other := source_at(settings, address)) and other.name != source.name:
        raise InputError(f"is the address of {other.name} already", file=address)
    return address


def remove(name: options.Name, *, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Take a source out of sources.yaml, and forget what it brought. One of marsad.yaml is taken out there, by hand."""
    from streams.source_file import alone, remove_source

    with alone(file_of(config)):
        settings = settings_of(config)
        name = source_called(settings, name).name
        if not remove_source(file_of(config), name):
            raise of_the_other_file(name, config, "take it out")
    asyncio.run(_forget(settings, name))
    options.done(name, "removed", as_json=as_json)


async def _forget(settings: Settings, name: str) -> None:
    from streams.engines import open_engines
    from streams.settings import Secrets
    from streams.stores.source_books import SourceBooks

    async with open_engines(settings, Secrets()) as engines:
        await SourceBooks(engines.redis, prefix=engines.prefix).forget(name)
