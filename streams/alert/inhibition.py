"""Decides whether one rule's alert keeps another rule quiet, as Alertmanager's inhibition does. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

from streams.alert.report import Report
from streams.alerts import AlertRecord
from streams.sections import Inhibition


def inhibitor_of(
    report: Report, records: Iterable[AlertRecord], inhibitions: Iterable[Inhibition]
) -> AlertRecord | None:
    """The alert, told within the time, that keeps the report's rule quiet; the one told last of several."""
    match, rule = report.match, report.fired.rule
    quieting = [each for each in inhibitions if rule in each.target]
    found = [
        record
        for record in (records if quieting else ())
        if record.told_at is not None
        and any(
            record.rule in each.source
            and abs(match.seen_at - record.told_at) <= each.within
            and _is_of_one(record, report, each.equal)
            for each in quieting
        )
    ]
    return max(found, key=lambda record: (record.told_at, record.id), default=None)


def _is_of_one(record: AlertRecord, report: Report, slots: Iterable[str]) -> bool:
    """Whether the two share a value of each slot, or where none is asked, the story; a place shares what it lies in."""
    slots = tuple(slots)
    if not slots:
        return report.match.story in record.happening.origins
    return all(_share(record.happening.slots.get(slot, ()), report.values.get(slot, ())) for slot in slots)


def _share(some: Iterable[str], others: Iterable[str]) -> bool:
    pairs = product([f"{one}/" for one in some], [f"{other}/" for other in others])
    return any(one.startswith(other) or other.startswith(one) for one, other in pairs)
