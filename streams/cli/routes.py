"""`marsad routes`: who would be told of an alert, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from streams.cli.facts import pairs_of
from streams.cli.options import ConfigOption, JsonOption, RulesOption, rules_folder, settings_of
from streams.cli.terminal import say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streams.match.rulebook import Rulebook
    from streams.routes import AlertExample, Route, Step, Subject
    from streams.settings import Settings

app = typer.Typer(help="Routes: show the tree, try where an alert would go.", no_args_is_help=True)

Rule = Annotated[str, typer.Argument(metavar="RULE", help="The rule that fires.", show_default=False)]
Facts = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[KEY=VALUE]...",
        help="What is known of the alert: severity, tag, language, source, country, or a slot: where=Idlib.",
    ),
]
_OF_ALERT = ("severity", "language", "source", "country")


@app.command("show")
def show_(*, config: ConfigOption = None, rules: RulesOption = None) -> None:
    """Show the tree of routes, each with the rules whose alerts can come to it."""
    from streams.routes import paths_of, reaching

    settings = settings_of(config)
    known = subjects_of(_rulebook(settings, rules))
    if not settings.route_tree:
        typer.echo("no routes: what fires is recorded as unrouted; see `routes` in README", err=True)
    for path, route in paths_of(settings.route_tree):
        here = reaching(settings.route_tree, path, known.values())
        say("  " * (len(path) - 1), (spelled(path), "bold"), f"  {_asked(route)}  -> {_receivers(route)}")
        say("  " * len(path), (f"rules: {', '.join(here) or 'none'}", "dim"))


@app.command("test")
def try_(
    rule: Rule,
    facts: Facts = None,
    *,
    config: ConfigOption = None,
    rules: RulesOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say where an alert would go, and at each route that it came to why it was taken or not.

    Severity and tags are the rule's own unless said. Exit status 1 when nobody would be told.
    """
    from streams.cli.described import names_in
    from streams.cli.options import FINDING
    from streams.cli.unknown_names import slots_unknown_in
    from streams.routes import walk

    settings = settings_of(config)
    book = _rulebook(settings, rules)
    known, described = subjects_of(book), _described(rule, facts or ())
    if rule not in known:
        typer.echo(f"no live rule is called {rule!r}: its severity and tags are those that you say", err=True)
    for said in slots_unknown_in(described, book):
        typer.echo(f"warning: {said}", err=True)
    steps = walk(settings.route_tree, described.subject(known, names_in(book)))
    told = list(dict.fromkeys(name for step in steps for name in step.told))
    if as_json:
        typer.echo(json.dumps({"receivers": told, "steps": [_step(step) for step in steps]}, ensure_ascii=False))
    else:
        for step in steps:
            _say_step(step)
        say("told: ", (", ".join(told) or "nobody", "bold"))
    raise typer.Exit(0 if told else FINDING)


def subjects_of(book: Rulebook) -> dict[str, Subject]:
    """What routes see of each live rule before any article."""
    from streams.routes import Subject, folded

    return {
        rule: Subject(rule, file.severity, frozenset(map(folded, file.tags)))
        for rule, file in book.rules.items()
        if file.status == "live"
    }


def spelled(path: Iterable[int]) -> str:
    """Where a route is in the configuration: `routes.0.routes.2`."""
    return ".".join(f"routes.{index}" for index in path)


def _rulebook(settings: Settings, rules: Path | None) -> Rulebook:
    from streams.match.rulebook import load_rulebook

    return load_rulebook(rules_folder(rules, settings))


def _described(rule: str, facts: Iterable[str]) -> AlertExample:
    from pydantic import ValidationError

    from streams.errors import InputError
    from streams.routes import AlertExample

    said: dict[str, Any] = {"rule": rule}
    for key, value in pairs_of(facts):
        if key in _OF_ALERT:
            said[key] = value
        elif key == "tag":
            said.setdefault("tags", []).append(value)
        else:
            said.setdefault("slots", {}).setdefault(key, []).append(value)
    try:
        return AlertExample.model_validate(said)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise InputError(first["msg"], file=str(first["loc"][0])) from error


def _asked(route: Route) -> str:
    said = route.match.model_dump(mode="json", exclude_defaults=True) if route.match else {}
    words = [f"{key}: {_plain(value)}" for key, value in said.items()]
    return ("; ".join(words) or "every alert") + (" (continue)" if route.goes_on else "")


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}={_plain(inner)}" for key, inner in value.items())
    return " or ".join(value) if isinstance(value, list) else str(value)


def _receivers(route: Route) -> str:
    if route.receivers is None:
        return "the receivers above"
    return ", ".join(route.receivers) or "nobody"


def _step(step: Step) -> dict[str, Any]:
    return {"route": spelled(step.path), "taken": step.unmet is None, "why": _why(step), "told": list(step.told)}


def _say_step(step: Step) -> None:
    mark, style = ("+", "green") if step.unmet is None else ("-", "dim")
    say("  " * (len(step.path) - 1), (f"{mark} {spelled(step.path)}", style), f"  {_why(step)}")


def _why(step: Step) -> str:
    if step.unmet is not None:
        return step.unmet
    return f"taken: {_asked(step.route)}" + (f" -> {', '.join(step.told)}" if step.told else "")
