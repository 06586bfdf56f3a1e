"""What follows from a decision for one alert: its record, the history's new line, and who is told. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from streams.alert.happenings import MOST, joined, news_in
from streams.alert.policy import Policy
from streams.alert.report import Report
from streams.alerts import (
    AlertContent,
    AlertRecord,
    Happening,
    HistoryItem,
    Notification,
    Reason,
    notification_id,
)
from streams.messages import RuleMatch, Severity
from streams.routes import Subject
from streams.windows import Absence, WindowCount, WindowState

_SEVERITIES = list(Severity)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What was decided for one rule: the alert's record as it is now, the history's new line, and who is told.

    `held_for` are those who would be told but for a silence, `held_beside` other silences that ask for it, and
    `subject` what they look at. A rule that tells of absence `watches` its alerts: `absence` is what is told next
    unless an article comes, in place of what was to be told before.
    """

    reason: Reason
    record: AlertRecord
    item: HistoryItem
    notifications: tuple[Notification, ...] = ()
    held_for: tuple[str, ...] = ()
    held_beside: tuple[str, ...] = ()
    subject: Subject | None = None
    watches: bool = False
    absence: Absence | None = None


class Known(NamedTuple):
    """An alert by its id, what is remembered of it, if anything is, and the alert that keeps it quiet, if one does.

    It `holds` the article where that is an update of one which has joined it.
    """

    id: str
    record: AlertRecord | None
    inhibitor: str = ""
    holds: bool = False


def ruling_on(
    report: Report,
    known: Known,
    reason: Reason,
    policy: Policy,
    *,
    counting: tuple[WindowState, WindowCount] | None = None,
) -> Ruling:
    """What follows for an alert from one rule's match, the reason being known.

    What is told `first` of an alert that others know is for the rest: for the others it has joined, no more.
    A silence, or an alert that keeps it quiet, may still hold back what would be told.
    `counting` is the state after the match, and the count, of a rule with a condition over time.
    """
    match, fired, (id_, record, inhibitor, holds) = report.match, report.fired, known
    stories = _stories_of(record, counting[1] if counting else None)
    receivers, others_know = policy.receivers_of(match, fired), False
    if reason is Reason.FIRST and record and record.told_at is not None:
        receivers, others_know = record.newcomers(receivers), True
    silence, beside = policy.silence_on(match, fired, alert=id_, stories=stories) if reason.told else (None, ())
    by = ""
    if silence:
        reason, by = Reason.SILENCED, silence.id
    elif reason.told and inhibitor:
        reason, by = Reason.INHIBITED, inhibitor
    after = _remember(report, id_, record, Reason.COOLDOWN if others_know else reason)
    if record and holds:
        # It is no further article; and what it tells nobody makes the happening last no longer.
        last = after.last_seen_at if reason.told else record.last_seen_at
        after = after.model_copy(update={"articles": record.articles, "last_seen_at": last})
    if counting:
        after = _with_count(after, *counting, told=None if others_know else reason)
    if reason.told:
        after = _told(after, receivers)
    item = HistoryItem(
        article=match.article,
        story=match.story,
        reason=reason,
        by=by,
        number=after.number,
        seen_at=match.seen_at,
        rulebook=match.rulebook,
    )
    if silence:
        subject = Subject.of(match.article, fired)
        return Ruling(reason, after, item, held_for=receivers, held_beside=beside, subject=subject)
    if not reason.told:
        return Ruling(reason, after, item)
    content = AlertContent(
        alert=after.id,
        number=after.number,
        reason=reason,
        seen_at=match.seen_at,
        article=match.article,
        match=fired,
        origins=counting[1].origins if counting else len(after.happening.origins),
        window=counting[1] if counting else None,
    )
    return Ruling(reason, after, item, tuple(_notification(after, name, content) for name in receivers))


def _stories_of(record: AlertRecord | None, count: WindowCount | None) -> tuple[str, ...]:
    """The texts of an alert; of a count, whose alert lasts for as long as articles come, those that are counted now."""
    if count is not None:
        return tuple(dict.fromkeys(each.story for each in reversed(count.items)))[:MOST]
    return record.happening.origins if record else ()


def _with_count(record: AlertRecord, state: WindowState, count: WindowCount, *, told: Reason | None) -> AlertRecord:
    """The record with what is counted; `told` is why it is told, if it is told to all.

    Where it is told anew nobody has been told of it yet: what is told afterwards goes with that, not with what was told
    of other articles, and it has the texts that are counted now.
    """
    happening, told_to = record.happening, record.told_to
    if told in {Reason.FIRST, Reason.REPEAT}:
        happening, told_to = happening.model_copy(update={"origins": _stories_of(record, count)}), {}
    if told and told.told:
        state = state.model_copy(update={"told": count.count})
    return record.model_copy(update={"happening": happening, "told_to": told_to, "window": state})


def _told(record: AlertRecord, receivers: Iterable[str]) -> AlertRecord:
    """The record once these are told."""
    number = record.number + 1
    # Whom an earlier release told is not known: those who are told now, from the first number on.
    first = 1 if record.number and not record.told_to and not record.window else number
    return record.model_copy(
        update={"number": number, "told_to": dict.fromkeys(receivers, first) | dict(record.told_to)}
    )


def _notification(alert: AlertRecord, receiver: str, content: AlertContent) -> Notification:
    number = alert.told_to[receiver]
    first = notification_id(alert.id, receiver, number) if number < alert.number else ""
    id_ = notification_id(alert.id, receiver, alert.number)
    return Notification(id=id_, receiver=receiver, content=content, first=first)


def _remember(report: Report, id_: str, record: AlertRecord | None, reason: Reason) -> AlertRecord:
    """The record with this article in it."""
    match, fired = report.match, report.fired
    seen = match.seen_at
    begins = record is None or (reason.told and record.told_at is None)
    if record is None or begins or (fired.window and reason is Reason.REPEAT):
        # Where other articles have come together they say not what those of then said, which others go by.
        happening = news_in(Happening(), report)
    elif reason.told or record.told_at is None:
        happening = news_in(record.happening, report)
    else:
        happening = joined(record.happening, report)
    return AlertRecord(
        id=id_,
        rule=fired.rule,
        title=fired.title,
        severity=_severity(record, fired, reason) if record and not begins else fired.severity,
        story=record.story if record else match.story,
        headline=match.article.title if reason.told or record is None else record.headline,
        reason=reason if reason.told or record is None else record.reason,
        number=record.number if record else 0,
        articles=(record.articles if record else 0) + 1,
        told_at=seen if reason.told else record.told_at if record else None,
        told_to=record.told_to if record else {},
        first_seen_at=min(record.first_seen_at, seen) if record else seen,
        last_seen_at=max(record.last_seen_at, seen) if record else seen,
        happening=happening,
        window=record.window if record else None,
    )


def _severity(record: AlertRecord, fired: RuleMatch, reason: Reason) -> Severity:
    """The highest that was told; of what nobody was told yet, the highest of all."""
    if record.told_at is not None and not reason.told:
        return record.severity
    return max(record.severity, fired.severity, key=_SEVERITIES.index)
