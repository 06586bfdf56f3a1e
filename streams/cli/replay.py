"""`marsad replay`: what would have been told of the articles of an archive, and why."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated

import typer

from streams.article_lines import ArticleLine, Format
from streams.cli.match import articles_in
from streams.cli.options import (
    BAD_USAGE,
    ConfigOption,
    JsonOption,
    RulesOption,
    optional_settings_of,
    rules_folder,
    sources_of,
)
from streams.cli.rule_folders import print_json
from streams.cli.terminal import say
from streams.errors import InputError

if TYPE_CHECKING:
    from streams.replay import Replayed

ArchiveArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="FILE.jsonl", help="Article lines; - is standard input, which is read without any."),
]


def replay(
    files: ArchiveArgument = None,
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Also tell the story of each article that matches nothing.")
    ] = False,
    as_json: JsonOption = False,
    rules: RulesOption = None,
    config: ConfigOption = None,
) -> None:
    """Put past articles through matching, stories and the decision, and say what would have been told, and why.

    The clock is each line's seen_at, else its date, else that of the line before; lines are sorted by it. Nothing is
    delivered, no state is touched, and no article is too old. With --json one line for each article and rule that
    matched, what was held back too: article, rule, story, alert (null where nobody has been told of it), reason, and
    at, the article's clock, or when it is that one that does not come is missed. The configuration's inhibitions hold,
    and what it says of sources; its routes and silences do not.

    Exit status: 0; 2 when a line or file cannot be read. The others are still replayed.
    """
    from streams.match.engine import Engine
    from streams.match.rulebook import load_rulebook
    from streams.replay import in_order
    from streams.replay import replay as replay_

    settings = optional_settings_of(config)
    engine = Engine(load_rulebook(rules or rules_folder(None, settings)))
    articles, broken = _read(files or ["-"])
    articles_told = replay_(
        engine,
        in_order(articles),
        sources=sources_of(settings),
        unmatched=everything,
        inhibitions=settings.inhibitions if settings else (),
    )
    asyncio.run(_tell(articles_told, len(articles), as_json=as_json))
    if broken:
        raise typer.Exit(BAD_USAGE)


def _read(files: list[str]) -> tuple[list[ArticleLine], bool]:
    """The articles of the files, and whether something could not be read; that is told at once."""
    articles, broken = [], False
    for name in files:
        for item in articles_in(name, Format.JSONL):
            if isinstance(item, InputError):
                typer.echo(str(item), err=True)
                broken = True
            else:
                articles.append(item[0])
    return articles, broken


async def _tell(replayed: AsyncIterator[Replayed], articles: int, *, as_json: bool) -> None:
    per_day: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    alerts = 0
    async for told in replayed:
        (_print_json if as_json else _print_text)(told)
        if told.reason is not None:
            reasons[told.reason.value] += 1
            if told.reason.told:
                per_day[f"{told.seen_at:%Y-%m-%d}"] += 1
            alerts += told.begins
    for day, count in sorted(per_day.items()):
        typer.echo(f"{day}  {count} told", err=True)
    counts = ", ".join(f"{reason} {count}" for reason, count in sorted(reasons.items()))
    typer.echo(f"{articles} articles, {alerts} alerts; by reason: {counts or 'nothing matched'}", err=True)


def _print_json(told: Replayed) -> None:
    from streams.replay import NO_TIME

    if told.reason is None:
        print_json({"article": told.article, "story": told.story})
        return
    at = told.seen_at.isoformat() if told.seen_at != NO_TIME else None
    line = {"article": told.article, "rule": told.rule, "story": told.story}
    print_json({**line, "alert": told.alert, "reason": told.reason.value, "at": at})


def _print_text(told: Replayed) -> None:
    if told.reason is None:
        say(f"{told.seen_at:%Y-%m-%d %H:%M}  {'-':<16}", f"{told.article}  story {told.story}")
        return
    style = "bold" if told.reason.told else "dim"
    say(f"{told.seen_at:%Y-%m-%d %H:%M}  ", (f"{told.reason.value:<16}", style), f"{told.rule}  {told.article}")
