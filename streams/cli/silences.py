"""`marsad silences`: what nobody wants to hear of for a while."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from streams.cli.facts import facts_of
from streams.cli.options import (
    BAD_USAGE,
    FINDING,
    ConfigOption,
    JsonOption,
    RulesOption,
    rules_folder,
    settings_of,
)
from streams.cli.terminal import say

if TYPE_CHECKING:
    from streams.settings import Settings
    from streams.silences import Held, Silence

app = typer.Typer(help="Silences: keep alerts from being told for a while, list, end.", no_args_is_help=True)

Facts = Annotated[
    list[str],
    typer.Argument(
        metavar="KEY=VALUE...",
        help="What to silence: rule, tag, severity, source, language, country, alert, story, or a slot: where=Idlib.",
        show_default=False,
    ),
]
For = Annotated[str | None, typer.Option("--for", metavar="SPAN", help="How long: 90m, 12h, 7d.")]
Until = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="Until when: 2026-12-01 or 2026-12-01T08:00+01:00; UTC unless it says so."),
]
From = Annotated[str | None, typer.Option("--from", metavar="TIME", help="From when on; default now.")]
Comment = Annotated[str, typer.Option(metavar="TEXT", help="Why, for whoever finds it.", show_default=False)]
Author = Annotated[str, typer.Option(metavar="NAME", help="Who; default the user.", show_default=False)]
Ended = Annotated[bool, typer.Option("--all", help="Those that have ended as well.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="A silence, as `list` names it.", show_default=False)]


@app.command()
def add(  # noqa: PLR0913  # each is an option
    facts: Facts,
    *,
    comment: Comment,
    span: For = None,
    until: Until = None,
    start: From = None,
    author: Author = "",
    config: ConfigOption = None,
    rules: RulesOption = None,
) -> None:
    """Silence alerts that have everything that is said; of a key that is said several times, one.

    They are recorded as `silenced`, and told in one summary when the silence ends. Prints the silence's id, and warns
    of names that no rule has.
    """
    silence = _silence(facts, now=datetime.now(UTC), span=span, until=until, start=start)
    silence = silence.model_copy(update={"comment": comment, "author": author or _user()})
    settings = settings_of(config)
    strange = asyncio.run(_put(settings, silence))
    typer.echo(silence.id)
    for said in [*strange, *_unknown(silence, settings, rules)]:
        typer.echo(f"warning: {said}", err=True)
    typer.echo(f"silences {_asked(silence)} until {silence.ends_at:%Y-%m-%d %H:%M %Z}", err=True)


@app.command("list")
def list_(*, everything: Ended = False, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List silences, the one that ends last first, with the alerts that each has held back."""
    now = datetime.now(UTC)
    rows = asyncio.run(_rows(settings_of(config)))
    shown = [(silence, held) for silence, held in rows if everything or silence.ends_at > now]
    for silence, held in shown:
        if as_json:
            line = {**silence.model_dump(mode="json", exclude_defaults=True), "held": list(held)}
            typer.echo(json.dumps(line, ensure_ascii=False))
            continue
        state = "ended" if silence.ends_at <= now else "in force" if silence.lasts(now) else "to come"
        times = " to ".join(f"{at:%Y-%m-%d %H:%M}" for at in (silence.starts_at, silence.ends_at))
        say((silence.id, "bold"), f"  {state}  {times} UTC  {len(held)} alerts held back")
        say(f"  {_asked(silence)}")
        say(f"  {silence.author}: {silence.comment}")
    if not shown and not as_json:
        typer.echo("no silences", err=True)


@app.command()
def expire(id_: Id, *, config: ConfigOption = None) -> None:
    """End a silence now; what it held back is told. Exit status 1 when none in force, or to come, is called so."""
    if not asyncio.run(_expire(settings_of(config), id_, now=datetime.now(UTC))):
        typer.echo(f"{id_}: no silence in force is called so; see `marsad silences list`", err=True)
        raise typer.Exit(FINDING)
    typer.echo(f"{id_} has ended", err=True)


def _silence(facts: list[str], *, now: datetime, span: str | None, until: str | None, start: str | None) -> Silence:
    from pydantic import ValidationError

    from streams.errors import InputError
    from streams.silences import Silence, new_id

    if (span is None) == (until is None):
        typer.echo("say either --for SPAN or --until TIME", err=True)
        raise typer.Exit(BAD_USAGE)
    begins = _time("--from", start) if start else now
    ends = _time("--until", until) if until else _after(begins, span or "")
    if ends <= now:
        raise InputError("is in the past: nothing would be silenced", file="--until" if until else "--for")
    said, named = facts_of(facts, own=("alert", "story"))
    try:
        return Silence.model_validate(
            {
                "id": new_id(),
                "match": said or None,
                "alerts": named.get("alert", ()),
                "stories": named.get("story", ()),
                "starts_at": begins,
                "ends_at": ends,
                "author": "",
                "comment": "",
            }
        )
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "silence"
        raise InputError(first["msg"].removeprefix("Value error, "), file=where) from error


def _time(option: str, text: str) -> datetime:
    """A time as ISO 8601 writes it, in UTC, which it is in where it names no zone."""
    from streams.errors import InputError

    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise InputError(f"{text!r} is no time: write 2026-12-01 or 2026-12-01T08:00+01:00", file=option) from error


def _after(begins: datetime, text: str) -> datetime:
    from streams.errors import InputError
    from streams.units import parse_span

    try:
        span = parse_span(text)
    except ValueError as error:
        raise InputError(str(error), file="--for") from error
    assert isinstance(span, timedelta)  # noqa: S101  # of a text it makes nothing else
    try:
        return begins + span
    except OverflowError as error:
        raise InputError(f"{text!r} ends after the last day that there is", file="--for") from error


def _unknown(silence: Silence, settings: Settings, rules: Path | None) -> list[str]:
    """What to say of names that are none; nothing while the rules cannot be read, since a silence may be urgent."""
    from streams.cli.unknown_names import unknown_in, unknown_rules, unknown_sources
    from streams.match.rulebook import read_folder

    reading = read_folder(rules_folder(rules, settings))
    if reading.problems or silence.match is None:
        return []
    book = reading.rulebook()
    return [
        *unknown_rules(silence.match.rules or (), book),
        *unknown_in(silence.match, book),
        *unknown_sources(silence.match.sources or (), settings),
    ]


def _user() -> str:
    from getpass import getuser

    try:
        return getuser()
    except OSError:
        return "unknown"


def _asked(silence: Silence) -> str:
    said: dict[str, Any] = silence.match.model_dump(mode="json", exclude_defaults=True) if silence.match else {}
    said |= said.pop("slots", {})
    said |= {"alerts": list(silence.alerts), "stories": list(silence.stories)}
    words = [
        f"{key}: {' or '.join(value) if isinstance(value, list) else value}" for key, value in said.items() if value
    ]
    return "; ".join(words)


async def _put(settings: Settings, silence: Silence) -> list[str]:
    """Have it in force; what to say of alerts that are not known. A story may be one of which nothing was told yet."""
    from streams.engines import open_engines
    from streams.settings import Secrets

    async with open_engines(settings, Secrets()) as engines:
        await engines.silences.put(silence)
        known = await engines.alerts.records(silence.alerts)
    return [f"no alert is called {name!r}; see `marsad alerts list`" for name in silence.alerts if name not in known]


async def _rows(settings: Settings) -> list[tuple[Silence, dict[str, Held]]]:
    from streams.engines import open_engines
    from streams.settings import Secrets

    async with open_engines(settings, Secrets()) as engines:
        return [(each, await engines.silences.held_by(each.id)) for each in await engines.silences.all()]


async def _expire(settings: Settings, id_: str, *, now: datetime) -> bool:
    from streams.engines import open_engines
    from streams.settings import Secrets

    async with open_engines(settings, Secrets()) as engines:
        for silence in await engines.silences.all():
            if silence.id == id_ and silence.ends_at > now:
                await engines.silences.put(silence.ended(now))
                return True
    return False
