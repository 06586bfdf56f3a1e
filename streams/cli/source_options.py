"""What the commands about sources share: how one is named, and options for what may be configured of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from streams.cli.options import BAD_USAGE, config_of
from streams.errors import InputError
from streams.sections import SourceSettings
from streams.settings import NAME, NAMES_ARE, Secrets, Settings
from streams.source_file import beside

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="A source, as `list` names it, or its address.", show_default=False)
]
Private = Annotated[bool, typer.Option("--allow-private", help="Also ask addresses that are not public.")]
Tags = Annotated[list[str] | None, typer.Option("--tag", help="For rules to filter by; may be repeated.")]
Language = Annotated[str | None, typer.Option(help="`ar`, `en`, ...; default what it says.")]
Country = Annotated[str | None, typer.Option(help="For rules to filter by.")]
OfSection = Annotated[str | None, typer.Option("--section", help="Section of its articles, for rules to filter by.")]
Every = Annotated[str | None, typer.Option(metavar="SPAN", help="The shortest interval between two polls; 10m.")]
Slowest = Annotated[str | None, typer.Option(metavar="SPAN", help="The longest one; default six times --every.")]
Text = Annotated[
    str | None,
    typer.Option(metavar="page|feed", help="Fetch each entry's page (default), or take the feed's text."),
]
Links = Annotated[str | None, typer.Option(help="CSS selector of the links of a list page that lead to articles.")]
UserAgent = Annotated[str | None, typer.Option(help="What it is asked as; default our own name.")]
Credentials = Annotated[
    str | None,
    typer.Option(
        metavar="MARSAD_NAME",
        help="The environment variable that holds `user:password` or a token. The secret itself is never written down.",
    ),
]
Archive = Annotated[
    bool | None, typer.Option("--alert-archive/--no-alert-archive", help="Alert also what is there at the first poll.")
]


def said(context: typer.Context) -> dict[str, Any]:
    """What a command's options say of a source, by its keys in sources.yaml."""
    keys = SourceSettings.model_fields
    return {key: value for key, value in context.params.items() if key in keys and value not in (None, [], ())}


def note_missing_secret(credentials: str | None) -> None:
    """Say that the variable is not set: here it may be missing, where workers run it may not."""
    if credentials and Secrets().get(credentials) is None:
        without = "workers that poll do not start without it, and running ones refuse every change of settings"
        typer.echo(f"{credentials} is not set here; {without}", err=True)


def checked(entry: dict[str, Any]) -> SourceSettings:
    """The source of which these are the keys.

    Raises:
        InputError: a value is none.
    """
    name = str(entry["name"])
    if not NAME.fullmatch(name):
        raise InputError(NAMES_ARE, file=name)
    try:
        return SourceSettings.model_validate(entry)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, problem["loc"]))
        message = problem["msg"].removeprefix("Value error, ")
        raise InputError(f"{where}: {message}" if where else message, file=name) from None


def source_called(settings: Settings, name: str) -> SourceSettings:
    """The source of this name or address.

    Raises:
        InputError: there is none.
    """
    for source in settings.sources:
        if source.name == name:
            return source
    if found := source_at(settings, name):
        return found
    raise InputError("no source is called so; `marsad sources list` names them", file=name)


def source_at(settings: Settings, url: str) -> SourceSettings | None:
    """The source with this address, in its canonical form."""
    from streams.ingest.identity import canonical_url

    def key(address: str | None) -> str | None:
        try:
            return canonical_url(address or "")
        except ValueError:
            return None

    wanted = key(url)
    return next((source for source in settings.sources if wanted and key(source.address) == wanted), None)


def file_of(config: Path | None) -> Path:
    """The file that commands may change.

    Raises:
        ConfigurationError: there is no configuration beside which it would be.
    """
    return beside(config_of(config))


def done(name: str, what: str, *, as_json: bool, **more: Any) -> None:
    """Say what was done with a source; `more` is for programs alone."""
    data = {"name": name, "done": what, **more}
    typer.echo(json.dumps(data, ensure_ascii=False) if as_json else f"{name}: {what}")


def of_the_other_file(name: str, config: Path | None, do: str) -> typer.Exit:
    """Say that a source stands in marsad.yaml, which commands do not change."""
    typer.echo(f"{name}: stands in {config_of(config)}; {do} there", err=True)
    return typer.Exit(BAD_USAGE)
