"""What rulings change of their alerts, as `lua/alert_commit.lua` reads it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from streams.alert.ruling import Ruling
from streams.alerts import AlertRecord, HistoryItem, Notification, Reason, notification_id
from streams.messages import RuleMatch
from streams.silences import Held
from streams.stores.outbox import encoded
from streams.stores.scripts import milliseconds
from streams.windows import Absence


@dataclass(slots=True)
class _Change:
    """What becomes of one alert in a batch. An article has `joined` that was not told to all who know of the alert.

    One of those of which too few have come has not: it tells nothing of the count that was told.
    """

    record: AlertRecord
    history: list[HistoryItem] = field(default_factory=list)
    notifications: list[Notification] = field(default_factory=list)
    held: dict[str, Held] = field(default_factory=dict)
    joined: bool = False
    watches: bool = False
    absence: Absence | None = None


def plans_of(rulings: Iterable[Ruling]) -> list[dict[str, Any]]:
    """One plan for each alert, in the order in which the rulings name them first."""
    return [_plan_of(change) for change in _changes_of(rulings).values()]


def _changes_of(rulings: Iterable[Ruling]) -> dict[str, _Change]:
    changes: dict[str, _Change] = {}
    for ruling in rulings:
        change = changes.setdefault(ruling.record.id, _Change(ruling.record))
        change.record = ruling.record
        change.history.append(ruling.item)
        change.notifications.extend(ruling.notifications)
        told = {each.receiver for each in ruling.notifications}
        to_all = ruling.item.reason.told and told.issuperset(ruling.record.told_to)
        counts = ruling.item.article.update is None and ruling.item.reason is not Reason.BELOW_THRESHOLD
        change.joined = change.joined or (counts and not to_all)
        if ruling.held_for:
            line = f"{ruling.record.title}: {ruling.item.article.title}"
            held = change.held.get(ruling.item.by, Held(receivers=(), line=line))
            change.held[ruling.item.by] = held.with_more(ruling.held_for, ruling.held_beside, ruling.subject)
        if ruling.watches:
            change.watches, change.absence = True, ruling.absence
    return changes


def _plan_of(change: _Change) -> dict[str, Any]:
    """One alert."""
    return {
        "id": change.record.id,
        "rule": change.record.rule,
        "seen": milliseconds(change.record.last_seen_at),
        "record": change.record.model_dump_json(),
        "history": [
            {"article": _line_of(item), "item": item.model_dump_json(), "told": item.reason.told}
            for item in change.history
        ],
        "joined": change.joined,
        "firsts": [
            notification_id(change.record.id, receiver, number) for receiver, number in change.record.told_to.items()
        ],
        "counts": change.record.window is not None,
        "notifications": [
            {"id": told.id, "receiver": told.receiver, "content": encoded(told), "first": told.first}
            for told in change.notifications
        ],
        "silences": [
            {"id": silence, "held": held.model_dump_json(exclude_defaults=True)}
            for silence, held in change.held.items()
        ],
        "watch": change.watches and _watch_plan(change.absence),
    }


def _line_of(item: HistoryItem) -> str:
    """The name of an article's line in an alert's history: an update has one of its own."""
    revision = item.article.revision
    return item.article.id if revision == 1 else f"{item.article.id}\n{revision}"


def time_asked_for(fired: RuleMatch) -> timedelta:
    """How long a rule needs its alerts remembered: what is rare has a usual too."""
    counted = fired.window.within + (fired.window.history or timedelta()) if fired.window else timedelta()
    return max(2 * fired.repeat_after, counted)


def _watch_plan(absence: Absence | None) -> dict[str, str]:
    if absence is None:
        return {"at": "", "absence": ""}
    return {"at": str(milliseconds(absence.at)), "absence": absence.model_dump_json()}
