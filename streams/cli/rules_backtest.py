"""`marsad rules backtest`: what rules say to an archive, and what a change of theirs adds and removes."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from streams.cli.options import (
    BAD_USAGE,
    FINDING,
    ConfigOption,
    JsonOption,
    RulesOption,
    optional_settings_of,
    sources_of,
)
from streams.cli.progress import articles_read, share_done
from streams.cli.rule_folders import chosen, folder_of, print_json, read_whole
from streams.cli.terminal import say

if TYPE_CHECKING:
    from streams.backtest import Line, Matched, RuleSet
    from streams.errors import InputError
    from streams.messages import Match, RuleMatch

EXAMPLES = 5
RulesArgument = Annotated[list[str], typer.Argument(metavar="RULE...", help="Ids of rules.", show_default=False)]
OnOption = Annotated[
    list[str],
    typer.Option(
        "--on",
        metavar="ARCHIVE",
        help="Article lines, also .gz or .zst, or a folder of them; - is standard input, topic:articles the broker.",
        show_default=False,
    ),
]
AgainstOption = Annotated[
    str | None,
    typer.Option("--against", metavar="DIR-OR-REVISION", help="Compare with another folder, or a git revision of it."),
]
SinceOption = Annotated[
    datetime | None,
    typer.Option(
        "--since",
        formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"],
        help="UTC; only articles since then, by seen_at or else their date.",
    ),
]
ExamplesOption = Annotated[int, typer.Option("--examples", min=0, help="Matches that are shown, by rule and change.")]
ProcessesOption = Annotated[int | None, typer.Option("--processes", min=1, help="Default one for each core.")]


class Change(StrEnum):
    """What a change of the rules does to a match."""

    ADDED = "added"
    REMOVED = "removed"
    KEPT = "kept"


@dataclass(slots=True)
class Report:
    """What is told in the end, of one rule."""

    matches: int = 0
    days: Counter[str] = field(default_factory=Counter)
    changes: Counter[Change] = field(default_factory=Counter)
    alerts: Counter[str] = field(default_factory=Counter)
    alerts_before: int = 0
    shown: dict[Change, list[tuple[str, RuleMatch]]] = field(default_factory=dict)


def backtest(  # noqa: PLR0913  # a command's options
    names: RulesArgument,
    on: OnOption,
    *,
    against: AgainstOption = None,
    since: SinceOption = None,
    examples: ExamplesOption = EXAMPLES,
    processes: ProcessesOption = None,
    as_json: JsonOption = False,
    rules: RulesOption = None,
    config: ConfigOption = None,
) -> None:
    """Hold rules against an archive of articles: matches and alerts that they would have made by day, and examples.

    All is done by the code that matches and decides live, on all cores; rules that are off or on trial are taken for
    live. With --against: what the change adds and removes, compared with the same rules in another folder or at a git
    revision of this one.

    With --json, one line a match (kind, article, rule, seen_at, title, change) and in the end one a rule (kind summary,
    rule, articles, matches, alerts, days, alert_days; with --against also alerts_before, added, removed).

    Exit status: 0; with --against 1 when a match is added or removed; 2 when a line cannot be read, while the rest is
    still held against the rules, or when an archive cannot, which ends it there without a summary.
    """
    from streams.backtest import RuleSet, extract_revision
    from streams.cli.archives import lines_of

    folder = folder_of(rules, config)
    chosen(read_whole(folder), names)
    with contextlib.ExitStack() as stack:
        before = None
        if against is not None:
            before = Path(against)
            if not before.is_dir():
                scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="marsad-rules-")))
                before = extract_revision(folder, against, scratch)
            read_whole(before)
        sources = sources_of(optional_settings_of(config))
        start = since and since.replace(tzinfo=UTC)
        ruleset = RuleSet(folder, tuple(dict.fromkeys(names)), before, start, sources)
        run = _Run(ruleset, examples=examples, as_json=as_json)
        run.take(lines_of(on, config), processes)
    run.tell()
    if run.broken:
        typer.echo(f"{run.broken} line{'s' if run.broken > 1 else ''} not read", err=True)
        raise typer.Exit(BAD_USAGE)
    changed = any(report.changes[Change.ADDED] or report.changes[Change.REMOVED] for report in run.reports.values())
    raise typer.Exit(FINDING if changed else 0)


class _Run:
    """One backtest: takes lines in, and tells what came of them."""

    def __init__(self, rules: RuleSet, *, examples: int, as_json: bool) -> None:
        self._rules, self._examples, self._as_json = rules, examples, as_json
        self.reports = {name: Report() for name in rules.rules}
        self.articles, self.broken = 0, 0
        self._now: list[Match] = []
        self._before: list[Match] = []

    def take(self, lines: Iterable[Line | InputError], processes: int | None) -> None:
        """Match every line; matches are printed as they come with --json, with progress on standard error."""
        from streams.backtest import outcomes

        with articles_read() as advance:
            for outcome in outcomes(self._rules, lines, processes=processes):
                self.articles += outcome.articles
                for error in outcome.errors:
                    typer.echo(str(error), err=True)
                    self.broken += 1
                for matched in outcome.matched:
                    self._take_one(matched)
                advance(outcome.articles + len(outcome.errors), sum(report.matches for report in self.reports.values()))

    def tell(self) -> None:
        """Count the alerts, and print the reports."""
        with share_done("matches decided") as advance:
            now, before = (asyncio.run(_alerts(matches, advance)) for matches in (self._now, self._before))
        for rule, report in self.reports.items():
            report.alerts, report.alerts_before = now.get(rule, Counter()), before.get(rule, Counter()).total()
        for rule, report in self.reports.items():
            (self._print_json if self._as_json else self._print_text)(rule, report)

    def _take_one(self, matched: Matched) -> None:
        now, before = (_by_rule(one) for one in (matched.now, matched.before))
        if matched.now:
            self._now.append(matched.now)
        if matched.before:
            self._before.append(matched.before)
        for rule in sorted(now.keys() | before.keys()):
            change = Change.KEPT if rule in now and rule in before else Change.ADDED if rule in now else Change.REMOVED
            self._count(rule, change, matched, now.get(rule) or before[rule])

    def _count(self, rule: str, change: Change, matched: Matched, match: RuleMatch) -> None:
        report = self.reports[rule]
        if change is not Change.REMOVED:
            report.matches += 1
            report.days[_day(matched.clock)] += 1
        if self._rules.against:
            report.changes[change] += 1
        if self._as_json:
            article, clock = matched.article, matched.clock
            line: dict[str, Any] = {"kind": "match", "article": article.id, "rule": rule}
            line |= {"title": article.title, "seen_at": clock.isoformat() if clock else None}
            print_json(line | ({"change": change.value} if self._rules.against else {}))
        shown = report.shown.setdefault(change, [])
        if len(shown) < self._examples:
            shown.append((matched.article.title or matched.article.id, match))

    def _print_json(self, rule: str, report: Report) -> None:
        line: dict[str, Any] = {  # Any: JSON
            "kind": "summary",
            "rule": rule,
            "articles": self.articles,
            "matches": report.matches,
            "alerts": report.alerts.total(),
            "days": dict(sorted(report.days.items())),
            "alert_days": dict(sorted(report.alerts.items())),
        }
        if self._rules.against:
            line |= {"alerts_before": report.alerts_before}
            line |= {change.value: report.changes[change] for change in (Change.ADDED, Change.REMOVED)}
        print_json(line)

    def _print_text(self, rule: str, report: Report) -> None:
        say((rule, "bold"), f": {report.matches} of {self.articles} articles match, {_alerted(report.alerts.total())}")
        most = max(report.days.values(), default=1)
        for day, count in sorted(report.days.items()):
            alerts = _alerted(report.alerts[day])
            say(f"  {day}  {count:>6}  {alerts:>10}  {'#' * max(1, round(40 * count / most))}")
        if self._rules.against:
            added, removed = (report.changes[change] for change in (Change.ADDED, Change.REMOVED))
            say(f"  compared: {added} added, {removed} removed, {_alerted(report.alerts_before)} before")
        order = (Change.ADDED, Change.REMOVED) if self._rules.against else (Change.ADDED,)
        for change in order:
            style = ("green", "+") if change is Change.ADDED else ("red", "-")
            for title, match in report.shown.get(change, ()):
                say((f"  {style[1] if self._rules.against else '*'} {title}", style[0] if self._rules.against else ""))
                if match.excerpts:
                    _show_excerpt(match)


def _show_excerpt(match: RuleMatch) -> None:
    from streams.cli.match import highlighted
    from streams.cli.terminal import screen, show

    console = screen()
    show(console, highlighted(match.excerpts[0], colour=console.is_terminal))


def _by_rule(match: Match | None) -> dict[str, RuleMatch]:
    """The rules that fired; not those that only wait for what comes after it."""
    return {one.rule: one for one in match.rules if not one.is_step} if match else {}


async def _alerts(matches: list[Match], advance: Callable[[int, int], None]) -> dict[str, Counter[str]]:
    """How many alerts the matches make, by rule and the day on which each was told first, or a count told anew."""
    from streams.replay import decided

    days: dict[str, Counter[str]] = {}
    done = 0
    if matches:
        async for told in decided(sorted(matches, key=lambda match: match.seen_at)):
            done += told.rule is not None
            advance(min(done, len(matches)), len(matches))
            if told.rule and told.begins:
                days.setdefault(told.rule, Counter())[_day(told.seen_at)] += 1
    return days


def _alerted(count: int) -> str:
    return "1 alert" if count == 1 else f"{count} alerts"


def _day(clock: datetime | None) -> str:
    from streams.replay import NO_TIME

    return f"{clock:%Y-%m-%d}" if clock and clock != NO_TIME else "without a date"
