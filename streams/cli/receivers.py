"""`marsad receivers`: who is told, whether they can be reached, and a message to try it."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from streams.cli.options import BAD_USAGE, FINDING, ConfigOption, JsonOption, settings_of
from streams.cli.terminal import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streams.settings import ReceiverSettings, Secrets, Settings

app = typer.Typer(help="Receivers: list, and try one out.", no_args_is_help=True)

Names = Annotated[list[str], typer.Argument(metavar="NAME...", help="Receivers, as marsad.yaml names them.")]


@app.command("list")
def list_(*, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the receivers: how each is told, in which language, what waits for it, and whether it can be reached.

    Sends nothing. What waits is unknown (`null`) while Redis does not answer.
    """
    settings = settings_of(config)
    state = asyncio.run(_state(settings))
    for receiver in settings.receivers:
        row = _row(receiver, state)
        if as_json:
            typer.echo(json.dumps(row, ensure_ascii=False))
            continue
        storm = f"at most {row['storm_limit']} alerts in 10 minutes" if row["storm_limit"] else "no storm limit"
        say((row["name"], "bold"), f"  {row['way']}: {row['to']}")
        say(f"  {', '.join([row['language'], row['timezone'], storm, *_holds(receiver)])}")
        say(*_reach(row))
    if not settings.receivers:
        typer.echo("no receiver is configured", err=True)


@app.command("test")
def try_out(names: Names, *, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Send a message that is marked as a test, in the way that alerts go, and show what was answered.

    It passes by what waits in the outbox, and needs neither broker nor Redis. Exit status 1 when one was not delivered.
    """
    from streams.settings import Secrets

    settings = settings_of(config)
    known = {receiver.name: receiver for receiver in settings.receivers}
    if unknown := [name for name in dict.fromkeys(names) if name not in known]:
        hint = f"receivers are: {', '.join(known)}" if known else "none is configured"
        typer.echo(f"no receiver is called {', '.join(unknown)} ({hint})", err=True)
        raise typer.Exit(BAD_USAGE)
    chosen = [known[name] for name in dict.fromkeys(names)]
    results = asyncio.run(_try(chosen, Secrets(), settings.notify.timeout.total_seconds()))
    for result in results:
        if as_json:
            typer.echo(json.dumps(result, ensure_ascii=False))
        else:
            _print(result)
    raise typer.Exit(0 if all(result["delivered"] for result in results) else FINDING)


def _print(result: dict[str, Any]) -> None:
    if result["answer"]:
        typer.echo(f"     {result['answer']}", err=True)
    if result["delivered"]:
        say(("ok  ", "green"), f" {result['receiver']}: delivered as {result['receipt']}")
        return
    say(("FAIL", "red"), f" {result['receiver']}: {result['outcome']}: {result['error']}")
    if result["hint"]:
        say(f"     {result['hint']}")


async def _try(receivers: list[ReceiverSettings], secrets: Secrets, timeout: float) -> list[dict[str, Any]]:  # noqa: ASYNC109  # for each of several calls
    from streams.notify.receivers import build

    notifiers = build(receivers, secrets)
    try:
        return [await _try_one(receiver, notifiers[receiver.name], timeout) for receiver in receivers]
    finally:
        for notifier in notifiers.values():
            await notifier.close()
        # Connections with TLS say goodbye to each other before the loop ends.
        await asyncio.sleep(0.1)


async def _try_one(receiver: ReceiverSettings, notifier: Any, timeout: float) -> dict[str, Any]:  # noqa: ASYNC109  # see above
    """Ask the sink who answers, then send; a check that fails sends nothing."""
    from streams.errors import DeliveryDeferredError, DeliveryError, DeliveryRefusedError
    from streams.notify.hints import hint_for

    result: dict[str, Any] = {"receiver": receiver.name, "delivered": False, "outcome": "sent", "answer": None}
    result |= {"receipt": None, "error": None, "hint": None}
    try:
        async with asyncio.timeout(timeout):
            result["answer"] = await notifier.check()
        async with asyncio.timeout(timeout):
            result["receipt"] = (await notifier.send(_message(receiver.name))).text
        result["delivered"] = True
    except (DeliveryError, TimeoutError) as error:
        kinds = {DeliveryDeferredError: "not now", DeliveryRefusedError: "refused"}
        result["outcome"] = kinds.get(type(error), "uncertain")
        result["error"] = str(error) or f"no answer within {timeout:.0f} s"
        result["hint"] = hint_for(result["error"], secret=next(iter(receiver.secret_names), "the password")) or None
    return result


def _message(receiver: str) -> Any:
    """A test of its own each time, so that a sink that collapses messages by id shows every one."""
    from datetime import UTC, datetime
    from uuid import uuid4

    from streams.alerts import Notice, Notification
    from streams.notify.render import RECEIVER_TEST

    content = Notice(cause=RECEIVER_TEST, title=receiver, text="", seen_at=datetime.now(UTC))
    return Notification(id=f"n1:{uuid4().hex}", receiver=receiver, content=content)


async def _state(settings: Settings) -> dict[str, dict[str, Any]] | None:
    """By receiver, what waits and its circuit where it is open; None where Redis does not answer."""
    from streams.errors import EngineError
    from streams.settings import Secrets
    from streams.stores.connection import connect, key_prefix
    from streams.stores.outbox import Outbox

    try:
        async with connect(settings.engines, Secrets()) as redis:
            outbox = Outbox(redis, prefix=key_prefix(settings.engines))
            names = [receiver.name for receiver in settings.receivers]
            waiting, circuits = await outbox.waiting(names), await outbox.circuits.open()
    except EngineError as error:
        typer.echo(str(error), err=True)
        return None
    return {
        name: {"waiting": waiting[name], "circuit": circuit_line(circuits[name]) if name in circuits else None}
        for name in names
    }


def circuit_line(circuit: Any) -> dict[str, Any]:
    """An open circuit as JSON has it."""
    return {
        "opened_at": circuit.opened_at.isoformat(),
        "tried_again_at": circuit.until.isoformat() if circuit.until else None,
        "error": circuit.error,
    }


def _row(receiver: ReceiverSettings, state: dict[str, dict[str, Any]] | None) -> dict[str, Any]:
    from streams.receiver_sections import (
        AppriseReceiver,
        AtomReceiver,
        FileReceiver,
        MailReceiver,
        SlackReceiver,
        WebhookReceiver,
    )

    match receiver.way:
        case SlackReceiver() as slack:
            way, to = "slack", slack.channel
        case MailReceiver() as mail:
            way, to = "mail", ", ".join(mail.to)
        case FileReceiver() as file:
            way, to = "file", str(file.path)
        case WebhookReceiver(url=name):
            way, to = "webhook", name
        case AtomReceiver() as atom:
            way, to = "atom", str(atom.path)
        case AppriseReceiver(url=name):
            way, to = "apprise", name
        case _:
            way, to = "slack_webhook", "an incoming webhook"
    head = {"name": receiver.name, "way": way, "to": to, "language": receiver.language, "timezone": receiver.timezone}
    known = state[receiver.name] if state else {"waiting": None, "circuit": None}
    return {**head, "storm_limit": receiver.storm_limit, **known}


def _holds(receiver: ReceiverSettings) -> Iterator[str]:
    """When it is told what is not critical, if not at once."""
    for quiet in receiver.quiet_hours:
        days = f" ({', '.join(quiet.days)})" if quiet.days else ""
        yield f"quiet {quiet.start:%H:%M} to {quiet.end:%H:%M}{days}"
    if digest := receiver.digest:
        at = {"hourly": "", "daily": f" at {digest.at:%H:%M}", "weekly": f" on {digest.on} at {digest.at:%H:%M}"}
        yield f"{digest.every} digest{at[digest.every]}"


def _reach(row: dict[str, Any]) -> list[str | tuple[str, str]]:
    if row["waiting"] is None:
        return ["  what waits is not known"]
    if row["circuit"]:
        since, error = row["circuit"]["opened_at"], row["circuit"]["error"]
        return ["  ", ("left alone", "red"), f" since {since[:19]}: {error}; {row['waiting']} wait"]
    return [f"  {row['waiting']} wait"]
