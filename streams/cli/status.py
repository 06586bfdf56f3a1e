"""`marsad status`: what came in, how it ended, what is on its way."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import typer

from streams.cli.options import ConfigOption, JsonOption, settings_of
from streams.cli.receivers import circuit_line

if TYPE_CHECKING:
    from streams.settings import Secrets, Settings


def status(*, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Say how many articles came in and how each ended, what is undelivered, and how far each stage is behind.

    Works beside running workers and when none runs.
    """
    from streams.settings import Secrets

    answer = asyncio.run(_status(settings_of(config), Secrets()))
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
        return
    from rich.console import Console

    Console().print(_table(answer))


async def _status(settings: Settings, secrets: Secrets) -> dict[str, Any]:
    from streams.engines import open_engines, was_emptied
    from streams.errors import TopicError

    async with open_engines(settings, secrets) as engines:
        tally, counts = await engines.ledger.tally(), await engines.outbox.counts()
        circuits = await engines.outbox.circuits.open()
        emptied = await was_emptied(engines.redis, engines.broker, settings)
        behind: dict[str, int | None] = {}
        for stage, topic in (("match", settings.topics.articles), ("alert", settings.topics.matches)):
            try:
                lags = await engines.broker.reader.lag(stage, [topic.name])
                behind[stage] = sum(lag.behind for lag in lags.values())
            except TopicError:
                behind[stage] = None
    return {
        "articles": {
            "entered": tally.entered,
            "pending": tally.pending,
            "statuses": {name.value: count for name, count in tally.statuses.items()},
        },
        "outbox": {"pending": counts.pending, "leased": counts.leased, "delivered": counts.sent, "dead": counts.dead},
        "storms": {"held": counts.held, "summarised": counts.summarised},
        "circuits": {name: circuit_line(circuit) for name, circuit in circuits.items()},
        "behind": behind,
        "redis": "emptied" if emptied else "whole",
    }


def _table(answer: dict[str, Any]) -> Any:
    from rich.table import Table

    table = Table(show_header=False, box=None)
    if answer["redis"] == "emptied":
        table.add_row("Redis", "has lost what was kept in it; see `marsad rebuild`")
    articles = answer["articles"]
    table.add_row("articles entered", str(articles["entered"]))
    for name, count in sorted(articles["statuses"].items()):
        table.add_row(f"  {name}", str(count))
    table.add_row("  on their way", str(articles["pending"]))
    for name, count in answer["outbox"].items():
        table.add_row(f"notifications {name}", str(count))
    for name, count in answer["storms"].items():
        table.add_row(f"notifications {name}", str(count))
    for name, circuit in answer["circuits"].items():
        table.add_row(f"{name} left alone", f"since {circuit['opened_at'][:19]}: {circuit['error']}")
    for stage, count in answer["behind"].items():
        table.add_row(f"messages before {stage}", "no topic yet" if count is None else str(count))
    return table
