"""Decides what becomes of a match: who is told, and if nobody, why. Pure; its clock is the match's `seen_at`.

For each rule that fired, in this order:
1. a rule on trial is recorded (`shadow`);
2. of a happening that was told: what is new is told at once, in the order of `Reason`, unless 4 to 6 stand against it;
3. without anything new, less than `repeat_after` after it was told: a copy is a `duplicate`, another text `cooldown`;
4. an article of the archive, or published more than `max_age` before it was seen, is `backlog`;
5. what no route takes is `unrouted`;
6. what a silence asks for is `silenced`;
7. otherwise it is told: `first`, or `repeat` when it was told before.

Only telling starts the time of `repeat_after`, and only what was told is not new any more. What was merely recorded
(backlog, shadow, unrouted, silenced) has not reached anybody, so it never holds back a later, fresh report: repeat
rather than lose. An article without a date is taken for fresh, for the same reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from streams.alert.happenings import (
    ORIGIN_STEPS,
    PLACE,
    Report,
    agreement_with,
    has_grown,
    joined,
    new_values,
    news_in,
)
from streams.alerts import (
    AlertContent,
    AlertRecord,
    Happening,
    HistoryItem,
    Notification,
    Reason,
    alert_id,
    notification_id,
)
from streams.messages import Match, RuleMatch, Severity
from streams.ports import ArticleStatus
from streams.routes import Route, Subject, receivers_for
from streams.silences import Silence, silenced_by

_AN_INSTANT = timedelta(microseconds=1)

_STATUS = {
    **{reason: ArticleStatus.ALERTED for reason in Reason if reason.told},
    Reason.BACKLOG: ArticleStatus.BACKLOG,
    Reason.UNROUTED: ArticleStatus.UNROUTED,
    Reason.SILENCED: ArticleStatus.SILENCED,
    Reason.COOLDOWN: ArticleStatus.COOLDOWN,
    Reason.DUPLICATE: ArticleStatus.DUPLICATE,
    Reason.SHADOW: ArticleStatus.SHADOW,
}
"""The status each reason argues for, strongest first: an article whose rules differ takes the first that occurs."""
_SEVERITIES = list(Severity)


@dataclass(frozen=True, slots=True)
class Policy:
    """What the decision depends on besides the match: the routes, the silences, and `max_age` as in the settings.

    Without a `max_age` no article is too old.
    """

    max_age: timedelta | None
    routes: tuple[Route, ...]
    silences: tuple[Silence, ...] = ()


@dataclass(frozen=True, slots=True)
class Ruling:
    """What was decided for one rule: the alert's record as it is now, the history's new line, and who is told.

    `held_for` are those who would be told but for a silence.
    """

    reason: Reason
    record: AlertRecord
    item: HistoryItem
    notifications: tuple[Notification, ...] = ()
    held_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided for one article: its story, a ruling for each rule that fired, and how the article ends."""

    article: str
    story: str
    rulings: tuple[Ruling, ...]
    status: ArticleStatus


def alert_of(report: Report, records: Iterable[AlertRecord]) -> str:
    """The alert to which one rule's match belongs, its story being known.

    It is the rule's alert that has the story among its origins, or else that of the same happening, the one that agrees
    best where there are several, or else one of its own.
    """
    rule, story = report.fired.rule, report.match.story
    own = alert_id(rule, story)
    of_rule = [record for record in records if record.rule == rule]
    for record in of_rule:
        if record.id == own or story in record.happening.origins:
            return record.id
    points = ((agreement_with(record, report), record) for record in of_rule)
    same = ((agreed, record.last_seen_at, record.id) for agreed, record in points if agreed is not None)
    return max(same, default=(0.0, None, own))[2]


def decide(match: Match, records: Mapping[str, AlertRecord], policy: Policy) -> Decision:
    """The decision on a match.

    Args:
        match: what fired; its `story` is that of which it is a copy (see `streams.alert.copies`).
        records: what is remembered of the alerts to which it may belong, by id.
        policy: what else it depends on.
    """
    rulings = tuple(_rule_on(Report.of(match, fired), records, policy) for fired in match.rules)
    reasons = {ruling.reason for ruling in rulings}
    status = next((status for reason, status in _STATUS.items() if reason in reasons), ArticleStatus.NO_MATCH)
    return Decision(match.article.id, match.story, rulings, status)


def reason_for(report: Report, record: AlertRecord | None, policy: Policy) -> Reason:
    """Why one rule's match is told or not; see the module for the order."""
    match, fired = report.match, report.fired
    if fired.shadow:
        return Reason.SHADOW
    told_at = record.told_at if record else None
    wanted = Reason.FIRST
    if record is not None and told_at is not None:
        wanted = development_in(record, report) or Reason.REPEAT
        # Not later than told at all: the article that was told comes again, whatever `repeat_after` says.
        if wanted is Reason.REPEAT and match.seen_at - told_at < max(fired.repeat_after, _AN_INSTANT):
            return Reason.DUPLICATE if match.story in record.happening.origins else Reason.COOLDOWN
    if match.article.backlog or _is_old(match, policy.max_age):
        return Reason.BACKLOG
    return wanted if _receivers(report, policy) else Reason.UNROUTED


def development_in(record: AlertRecord, report: Report) -> Reason | None:
    """What the match adds to an alert that was told: the weightiest of what is new, None where nothing is."""
    happening, match, fired = record.happening, report.match, report.fired
    fresh = [slot for slot in fired.new_if if new_values(happening, report, slot)]
    independent = len({*happening.origins, match.story})
    news = {
        Reason.HIGHER_SEVERITY: _SEVERITIES.index(fired.severity) > _SEVERITIES.index(record.severity),
        Reason.NUMBER_GROWN: has_grown(happening, match),
        Reason.NEW_PLACE: PLACE in fresh,
        Reason.NEW_ACTOR: any(slot != PLACE for slot in fresh),
        Reason.NEW_ORIGIN: independent > len(happening.origins) and independent in ORIGIN_STEPS,
    }
    return next((reason for reason, there in news.items() if there), None)


def _is_old(match: Match, max_age: timedelta | None) -> bool:
    published = match.article.published
    return max_age is not None and published is not None and match.seen_at - published > max_age


def _rule_on(report: Report, records: Mapping[str, AlertRecord], policy: Policy) -> Ruling:
    match, fired = report.match, report.fired
    id_ = alert_of(report, records.values())
    record = records.get(id_)
    reason = reason_for(report, record, policy)
    silence = _silence_on(report, id_, record, policy) if reason.told else None
    if silence:
        reason = Reason.SILENCED
    after = _remember(report, id_, record, reason)
    item = HistoryItem(
        article=match.article,
        story=match.story,
        reason=reason,
        by=silence.id if silence else "",
        number=after.number,
        seen_at=match.seen_at,
        rulebook=match.rulebook,
    )
    if silence:
        return Ruling(reason, after, item, held_for=_receivers(report, policy))
    if not reason.told:
        return Ruling(reason, after, item)
    content = AlertContent(
        alert=after.id,
        number=after.number,
        reason=reason,
        seen_at=match.seen_at,
        article=match.article,
        match=fired,
        origins=len(after.happening.origins),
    )
    told = _receivers(report, policy)
    return Ruling(reason, after, item, tuple(_notification(after, name, content) for name in told))


def _silence_on(report: Report, alert: str, record: AlertRecord | None, policy: Policy) -> Silence | None:
    match = report.match
    stories = {match.story, *(record.happening.origins if record else ())}
    subject = Subject.of(match.article, report.fired)
    return silenced_by(policy.silences, subject, alert=alert, stories=stories, at=match.seen_at)


def _receivers(report: Report, policy: Policy) -> tuple[str, ...]:
    return receivers_for(policy.routes, Subject.of(report.match.article, report.fired))


def _notification(alert: AlertRecord, receiver: str, content: AlertContent) -> Notification:
    first = notification_id(alert.id, receiver, 1) if alert.number > 1 else ""
    id_ = notification_id(alert.id, receiver, alert.number)
    return Notification(id=id_, receiver=receiver, content=content, first=first)


def _remember(report: Report, id_: str, record: AlertRecord | None, reason: Reason) -> AlertRecord:
    """The record with this article in it."""
    match, fired = report.match, report.fired
    seen = match.seen_at
    begins = record is None or (reason.told and record.told_at is None)
    if record is None or begins:
        happening = news_in(Happening(), report)
    elif reason.told or record.told_at is None:
        happening = news_in(record.happening, report)
    else:
        happening = joined(record.happening, match)
    return AlertRecord(
        id=id_,
        rule=fired.rule,
        title=fired.title,
        severity=_severity(record, fired, reason) if record and not begins else fired.severity,
        story=record.story if record else match.story,
        headline=match.article.title if reason.told or record is None else record.headline,
        reason=reason if reason.told or record is None else record.reason,
        number=(record.number if record else 0) + reason.told,
        articles=(record.articles if record else 0) + 1,
        told_at=seen if reason.told else record.told_at if record else None,
        first_seen_at=min(record.first_seen_at, seen) if record else seen,
        last_seen_at=max(record.last_seen_at, seen) if record else seen,
        happening=happening,
    )


def _severity(record: AlertRecord, fired: RuleMatch, reason: Reason) -> Severity:
    """The highest that was told; of what nobody was told yet, the highest of all."""
    if record.told_at is not None and not reason.told:
        return record.severity
    return max(record.severity, fired.severity, key=_SEVERITIES.index)
