"""Runs the timelines of rules: their articles through match, stories and decision, on a clock of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog

from streams.alerts import Reason
from streams.article_lines import ArticleLine
from streams.errors import EngineError
from streams.match.engine import Engine
from streams.match.fitness import Failed
from streams.match.rule_files import RuleFile, Status
from streams.match.rulebook import Reading, Rulebook
from streams.match.timelines import Timeline, TimelineAlert
from streams.replay import Replayed, in_order, replay
from streams.units import spelled_span

BEGIN = datetime(2024, 1, 1, 12, tzinfo=UTC)
"""When a timeline begins: a Monday, at noon."""
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class TimelineResult:
    """What came of one timeline of a rule, its number in the list from 0; it holds without `failures`."""

    rule: str
    index: int
    timeline: Timeline
    failures: tuple[str, ...]


def timelines_of(rulebook: Rulebook, names: Iterable[str]) -> Iterator[TimelineResult]:
    """Every timeline of the rules that are named. Rules that are on trial, or off, are run as if they told people.

    Those after which a rule speaks are run with it, and tell nobody.

    Raises:
        EngineError: the embedded Redis, in which a timeline is played, cannot be started.
    """
    for rule in map(rulebook.rules.__getitem__, names):
        if rule.examples.timelines:
            live = rule.model_copy(update={"status": Status.LIVE})
            before = [rulebook.rules[name] for name in rule.alert.after.rules] if rule.alert.after else []
            steps = {step.id: step.model_copy(update={"status": Status.SHADOW}) for step in before}
            engine = Engine(replace(rulebook, rules={**steps, rule.id: live}))
            for index, timeline in enumerate(rule.examples.timelines):
                told = asyncio.run(_play(engine, rule, timeline))
                yield TimelineResult(rule.id, index, timeline, tuple(_failures(timeline.alerts, told)))


def _left_out(error: Exception) -> None:
    """A worker has nothing to play on where its Redis is elsewhere."""
    _log.warning("timelines_not_played", reason=str(error))


def played(reading: Reading, unplayable: Callable[[Exception], None] = _left_out) -> Iterator[Failed]:
    """What does not hold of each timeline of a folder, at its place; `unplayable` is told what keeps the rest away."""
    try:
        for one in timelines_of(reading.rulebook(), reading.rules):
            document, loc = reading.documents["RuleFile", one.rule], ("examples", "timelines", one.index)
            yield tuple(document.problem(loc, f"{one.rule}: {message}") for message in one.failures)
    except (EngineError, OSError) as error:
        unplayable(error)


async def _play(engine: Engine, rule: RuleFile, timeline: Timeline) -> list[Replayed]:
    lines = [
        ArticleLine(
            id=f"{rule.id}/{number}",
            title=article.title,
            text=article.text,
            language=article.lang,
            source=article.source or None,
            seen_at=BEGIN + article.at,
        )
        for number, article in enumerate(timeline.articles)
    ]
    # After the last article, too, one that does not come may be missed.
    played = replay(engine, in_order(lines), until=BEGIN + timeline.end)
    return [one async for one in played if one.reason is not None and one.reason.told]


def _failures(expected: Sequence[TimelineAlert], told: Sequence[Replayed]) -> Iterator[str]:
    """In what way what was told is not what was expected; of one time, in the order of the list."""
    left = [(one.seen_at - BEGIN, one.reason) for one in told]
    for alert in expected:
        found = next((one for one in left if one[0] == alert.at), None)
        if found is None:
            yield f"at +{spelled_span(alert.at)} an alert is expected, and none is told"
            continue
        left.remove(found)
        if alert.reason not in {None, found[1]}:
            yield f"at +{spelled_span(alert.at)} it is told as {_name(found[1])}, not {alert.reason}"
    for at, reason in left:
        yield f"at +{spelled_span(at)} it is told ({_name(reason)}), and no alert is expected"


def _name(reason: Reason | None) -> str:
    return reason.value if reason else ""
