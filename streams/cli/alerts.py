"""`marsad alerts`: what was told, to whom, why, and what became of each notification."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from streams.cli.options import BAD_USAGE, FINDING, ConfigOption, JsonOption, settings_of
from streams.cli.terminal import say, screen, show

if TYPE_CHECKING:
    from streams.messages import ArticleHead
    from streams.settings import Settings
    from streams.stores.alerts import AlertView
    from streams.stores.views import NotificationView

app = typer.Typer(help="Alerts: list, tell the history of one, send again what was given up.", no_args_is_help=True)

Limit = Annotated[int, typer.Option(min=1, help="How many, newest first.")]
Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Notifications, as `list` names them.")]


@app.command("list")
def list_(*, config: ConfigOption = None, as_json: JsonOption = False, limit: Limit = 100) -> None:
    """List alerts, newest first: reason, articles, and for each notification its state, attempts and last error.

    Notices about Marsad itself that could not be delivered come last. Works beside running workers and when none runs.
    """
    alerts, notices = asyncio.run(_read(settings_of(config), limit))
    if as_json:
        for alert in alerts:
            typer.echo(json.dumps(_alert_line(alert), ensure_ascii=False))
        for notice in notices:
            typer.echo(json.dumps({"notice": _notification(notice)}, ensure_ascii=False))
        return
    from rich.text import Text

    console = screen()
    for alert in alerts:
        record = alert.record
        show(console, Text.assemble((record.headline or "(no title)", "bold"), f"  {record.severity.value}"))
        told = f"told {record.told_at:%Y-%m-%d %H:%M:%S}" if record.told_at else "recorded"
        show(console, Text(f"  {record.id}  {record.rule}  {record.reason.value}  {told}  {record.articles} articles"))
        for item in alert.articles:
            where = f"{item.article.source}: {item.article.url or item.article.id}{_update(item.article)}"
            show(console, Text(f"    {item.reason.value}: {where}"))
        for sent in alert.notifications:
            show(console, Text(f"    {_told(sent)}"))
    for notice in notices:
        show(console, Text(f"notice {notice.id}: {_told(notice)}"))
    if not alerts:
        typer.echo("no alerts yet", err=True)


@app.command("show")
def show_(
    id_: Annotated[str, typer.Argument(metavar="ID", help="An alert, as `list` names it.", show_default=False)],
    *,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell the whole history of an alert: its articles by origin, what was decided on each and why, every attempt.

    Articles that are copies of one text are one origin. Exit status 1 when no alert is called so.
    """
    alert = asyncio.run(_view(settings_of(config), id_))
    if alert is None:
        typer.echo(f"{id_}: no alert is called so, or it has been forgotten", err=True)
        raise typer.Exit(FINDING)
    if as_json:
        typer.echo(json.dumps(_alert_line(alert), ensure_ascii=False))
        return
    _print_history(alert)


def _print_history(alert: AlertView) -> None:
    record = alert.record
    origins = list(dict.fromkeys(item.story for item in alert.articles))
    say((record.headline or "(no title)", "bold"), f"  {record.severity.value}")
    say(f"  {record.id}  rule {record.rule}: {record.title}")
    times = " to ".join(f"{at:%Y-%m-%d %H:%M:%S}" for at in (record.first_seen_at, record.last_seen_at))
    say(f"  {record.articles} articles, {len(origins)} origins, told {record.number} times, seen {times}")
    for slot, values in record.happening.slots.items():
        say(f"  {slot}: {', '.join(value.removeprefix('~') for value in values) or '-'}")
    for item in alert.articles:
        style = "bold" if item.reason.told else "dim"
        told = f" -> number {item.number}" if item.reason.told else ""
        by = f"  by {item.by}" if item.by else ""
        origin = f"origin {origins.index(item.story) + 1}"
        say(f"  {item.seen_at:%m-%d %H:%M:%S}  ", (f"{item.reason.value:<16}", style), f"{origin}{told}{by}")
        say(f"      {item.article.source}: {item.article.title or '(no title)'}")
        say(f"      {item.article.url or item.article.id}{_update(item.article)}")
        say(f"      story {item.story or 'not known'}  rulebook {item.rulebook}")
    if record.articles > (kept := sum(item.article.update is None for item in alert.articles)):
        say(f"  {record.articles - kept} more articles, which told nothing, are counted and not kept")
    for sent in alert.notifications:
        say(f"  {_told(sent)}")
        for each in sent.ended:
            say(f"    {each.at:%m-%d %H:%M:%S}  attempt {each.number}: {each.ended}  {each.detail}")


@app.command()
def retry(
    ids: Ids = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Every notification that was given up.")] = False,
    config: ConfigOption = None,
) -> None:
    """Send notifications again that were given up; they are due at once, with new attempts.

    Exit status 1 when one of the IDs is not that of a notification that was given up.
    """
    if not ids and not everything:
        typer.echo("say which, by ID, or --all", err=True)
        raise typer.Exit(BAD_USAGE)
    settings = settings_of(config)
    done, left = asyncio.run(_retry(settings, None if everything else list(dict.fromkeys(ids or ()))))
    for id_ in left:
        typer.echo(f"{id_}: no notification that was given up is called so", err=True)
    typer.echo(f"{done} sent again", err=True)
    raise typer.Exit(FINDING if left else 0)


async def _read(settings: Settings, limit: int) -> tuple[tuple[AlertView, ...], list[NotificationView]]:
    from streams.engines import open_whole
    from streams.settings import Secrets

    async with open_whole(settings, Secrets()) as engines:
        dead = await engines.outbox.dead(limit)
        return await engines.alerts.recent(limit), [view for view in dead if view.alert is None]


async def _view(settings: Settings, id_: str) -> AlertView | None:
    from streams.engines import open_whole
    from streams.settings import Secrets

    async with open_whole(settings, Secrets()) as engines:
        return await engines.alerts.view(id_)


async def _retry(settings: Settings, ids: list[str] | None) -> tuple[int, list[str]]:
    """How many were put back, and which of `ids` were not given up."""
    from streams.alerts import NotificationState
    from streams.engines import open_whole
    from streams.settings import Secrets

    async with open_whole(settings, Secrets()) as engines:
        outbox = engines.outbox
        views = await (outbox.dead((await outbox.counts()).dead) if ids is None else outbox.views(ids))
        dead = [view.id for view in views if view.state is NotificationState.DEAD]
        done = await outbox.requeue(dead, now=datetime.now(UTC))
    return done, [id_ for id_ in ids or () if id_ not in dead]


def _update(article: ArticleHead) -> str:
    """That it is an update, and how much of it was changed."""
    if not (update := article.update):
        return ""
    parts = [f"{update.letters_before} to {update.letters} letters, {update.added:.0%} new, {update.removed:.0%} gone"]
    parts += ["title changed"] if update.title_changed else []
    return f"  update {update.revision - 1}: {', '.join(parts)}"


def _alert_line(alert: AlertView) -> dict[str, Any]:
    return {
        **alert.record.model_dump(mode="json"),
        "history": [item.model_dump(mode="json") for item in alert.articles],
        "notifications": [_notification(view) for view in alert.notifications],
    }


def _notification(view: NotificationView) -> dict[str, Any]:
    return {
        "id": view.id,
        "receiver": view.receiver,
        "state": view.state.value,
        "attempts": view.attempts,
        "due": view.due.isoformat() if view.due else None,
        "sent_at": view.sent_at.isoformat() if view.sent_at else None,
        "error": view.error,
        "receipt": view.receipt,
        "summary": view.summary,
        "history": [
            {"attempt": each.number, "at": each.at.isoformat(), "ended": each.ended, "detail": each.detail}
            for each in view.ended
        ],
    }


def _told(view: NotificationView) -> str:
    from streams.alerts import AlertContent

    parts = [view.id, view.receiver, view.state.value, f"{view.attempts} attempts"]
    if view.notification and isinstance(content := view.notification.content, AlertContent):
        parts.insert(2, f"number {content.number}")
    if view.summary:
        parts.append(f"in the summary {view.summary}")
    if view.error:
        parts.append(view.error)
    return "  ".join(parts)
