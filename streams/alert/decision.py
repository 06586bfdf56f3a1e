"""Decides what becomes of a match: who is told, and if nobody, why. Pure; its clock is the match's `seen_at`.

For each rule that fired, in this order:
1. a rule on trial is recorded (`shadow`);
2. a story that the rule has told less than `repeat_after` ago is a `duplicate`;
3. an article of the archive, or published more than `max_age` before it was seen, is `backlog`;
4. a rule without receivers is `unrouted`;
5. otherwise it is told: `first`, or `repeat` when it was told before.

Only telling starts the time of `repeat_after`. A story that was merely recorded (backlog, shadow, unrouted) has not
reached anybody, so it never holds back a later, fresh copy: repeat rather than lose. An article without a date is
taken for fresh, for the same reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from streams.alerts import (
    AlertContent,
    AlertRecord,
    HistoryItem,
    Notification,
    Reason,
    alert_id,
    notification_id,
)
from streams.messages import Match, RuleMatch
from streams.ports import ArticleStatus

ReceiversOf = Callable[[str], tuple[str, ...]]
"""The receivers of a rule's alerts, by the rule's id."""

_STATUS = {
    Reason.FIRST: ArticleStatus.ALERTED,
    Reason.REPEAT: ArticleStatus.ALERTED,
    Reason.BACKLOG: ArticleStatus.BACKLOG,
    Reason.UNROUTED: ArticleStatus.UNROUTED,
    Reason.DUPLICATE: ArticleStatus.DUPLICATE,
    Reason.SHADOW: ArticleStatus.SHADOW,
}
"""The status each reason argues for, strongest first: an article whose rules differ takes the first that occurs."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the decision depends on besides the match: `max_age` as in the settings, and who is told of which rule."""

    max_age: timedelta
    receivers_of: ReceiversOf


@dataclass(frozen=True, slots=True)
class Ruling:
    """What was decided for one rule: the alert's record as it is now, the history's new line, and who is told."""

    reason: Reason
    record: AlertRecord
    item: HistoryItem
    notifications: tuple[Notification, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided for one article: a ruling for each rule that fired, and how the article ends."""

    article: str
    rulings: tuple[Ruling, ...]
    status: ArticleStatus


def alert_ids(match: Match) -> tuple[str, ...]:
    """The alerts that a match belongs to, in the order of its rules: what `decide` has to be given the records of."""
    return tuple(alert_id(fired.rule, match.story) for fired in match.rules)


def decide(match: Match, records: Mapping[str, AlertRecord], policy: Policy) -> Decision:
    """The decision on a match; `records` holds what is remembered of its alerts, by id, where there is something."""
    rulings = tuple(
        _rule_on(match, fired, records.get(known), policy)
        for fired, known in zip(match.rules, alert_ids(match), strict=True)
    )
    reasons = {ruling.reason for ruling in rulings}
    status = next((status for reason, status in _STATUS.items() if reason in reasons), ArticleStatus.NO_MATCH)
    return Decision(match.article.id, rulings, status)


def reason_for(match: Match, fired: RuleMatch, record: AlertRecord | None, policy: Policy) -> Reason:
    """Why one rule's match is told or not; see the module for the order."""
    told_at = record.told_at if record else None
    if fired.shadow:
        return Reason.SHADOW
    # Not later than told at all: the article that was told comes again, whatever `repeat_after` says.
    if told_at is not None and (match.seen_at <= told_at or match.seen_at - told_at < fired.repeat_after):
        return Reason.DUPLICATE
    if match.article.backlog or _is_old(match, policy.max_age):
        return Reason.BACKLOG
    if not policy.receivers_of(fired.rule):
        return Reason.UNROUTED
    return Reason.FIRST if told_at is None else Reason.REPEAT


def _is_old(match: Match, max_age: timedelta) -> bool:
    published = match.article.published
    return published is not None and match.seen_at - published > max_age


def _rule_on(match: Match, fired: RuleMatch, record: AlertRecord | None, policy: Policy) -> Ruling:
    reason = reason_for(match, fired, record, policy)
    after = _remember(match, fired, record, reason)
    item = HistoryItem(
        article=match.article, reason=reason, number=after.number, seen_at=match.seen_at, rulebook=match.rulebook
    )
    if not reason.told:
        return Ruling(reason, after, item, ())
    content = AlertContent(
        alert=after.id, number=after.number, reason=reason, seen_at=match.seen_at, article=match.article, match=fired
    )
    told = tuple(
        Notification(id=notification_id(after.id, name, after.number), receiver=name, content=content)
        for name in dict.fromkeys(policy.receivers_of(fired.rule))
    )
    return Ruling(reason, after, item, told)


def _remember(match: Match, fired: RuleMatch, record: AlertRecord | None, reason: Reason) -> AlertRecord:
    """The record with this article in it."""
    seen = match.seen_at
    return AlertRecord(
        id=alert_id(fired.rule, match.story),
        rule=fired.rule,
        title=fired.title,
        severity=fired.severity,
        story=match.story,
        headline=match.article.title if reason.told or record is None else record.headline,
        reason=reason if reason.told or record is None else record.reason,
        number=(record.number if record else 0) + reason.told,
        articles=(record.articles if record else 0) + 1,
        told_at=seen if reason.told else record.told_at if record else None,
        first_seen_at=min(record.first_seen_at, seen) if record else seen,
        last_seen_at=max(record.last_seen_at, seen) if record else seen,
    )
