"""The outcome of a simulation, for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from tests.month.habits import Habit
from tests.month.outcome import Outcome

_SHOWN = 12
"""Faults of a kind."""


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which a share of all is; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def summary(outcome: Outcome, *, days: int) -> Iterator[str]:
    """Lines of it."""
    every = [delay for delays in outcome.delays.values() for delay in delays]
    yield f"{outcome.sources} sources, {days} days, {outcome.killed} workers killed in between"
    yield (
        f"articles: {outcome.expected} to be had, {outcome.articles} came, {len(outcome.lost)} lost,"
        f" {outcome.between.total()} pushed out between two polls ({_counted(outcome.between)}),"
        f" {outcome.out_of_sight.total()} faster than the shortest interval ({_counted(outcome.out_of_sight)}),"
        f" {len(outcome.twice)} twice, {outcome.again} again after a kill, {len(outcome.updates)} updates"
    )
    yield (
        f"requests: {outcome.polls} polls ({outcome.polls / max(1, outcome.articles):.2f} an article,"
        f" {outcome.polls / outcome.sources / days:.1f} a source and day, at most {outcome.busiest}),"
        f" {outcome.pages} pages, {outcome.robots} robots.txt; {len(outcome.impolite)} impolite"
    )
    yield f"from appearance to publication, minutes: {_spread(every)}"
    for habit, delays in sorted(outcome.delays.items()):
        yield f"  {habit:<18} {len(delays):>6} articles  {_spread(delays)}"
    for what, hours in sorted(outcome.noticed.items()):
        yield f"{what:<22} {len(hours):>4} times, after hours: {_range(hours)}"
    yield (
        f"notices: {len(outcome.false_notices)} false, {len(outcome.missed_notices)} missed,"
        f" {len(outcome.repeated_notices)} repeated"
    )
    yield (
        f"state: {quantile(outcome.source_bytes, 0.5):,.0f} bytes a source, at most {max(outcome.source_bytes):,};"
        f" {outcome.seen_bytes / max(1, outcome.entered):.0f} bytes an article seen"
    )
    for kind, faults in outcome.faults.items():
        yield f"{kind}: {len(faults)}"
        yield from (f"  {fault}" for fault in faults[:_SHOWN])


def _spread(hours: Sequence[float]) -> str:
    parts = (f"p{share:g} {60 * quantile(hours, share / 100):.0f}" for share in (50, 95, 99))
    return ", ".join(parts)


def _range(hours: Sequence[float]) -> str:
    return f"p50 {quantile(hours, 0.5):.0f}, at most {max(hours):.0f}"


def _counted(counts: Counter[Habit]) -> str:
    return ", ".join(f"{habit} {count}" for habit, count in counts.most_common()) or "none"
